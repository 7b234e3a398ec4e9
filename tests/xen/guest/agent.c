// SPDX-License-Identifier: GPL-2.0-or-later
// guest-agent: the subcommands send and watch, and main()

#define _GNU_SOURCE
#include "agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "guest-agent: %s: %s\n", what, strerror(errno));
	return 1;
}

static int packet_open(const char *iface)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(iface),
	};
	struct packet_mreq promisc = {
		.mr_ifindex = addr.sll_ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};
	int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	if (fd < 0 || !addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)))
		return -1;
	return fd;
}

static int own_mac(int fd, const char *iface, uint8_t mac[6])
{
	struct ifreq req = {0};

	strncpy(req.ifr_name, iface, sizeof(req.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &req))
		return -1;
	memcpy(mac, req.ifr_hwaddr.sa_data, 6);
	return 0;
}

static int parse_mac(const char *text, uint8_t mac[6])
{
	char end;

	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx%c", &mac[0], &mac[1], &mac[2], &mac[3],
		      &mac[4], &mac[5], &end) == 6 ? 0 : -1;
}

// One word "key=value" of send. *hw_given tells whether hw= was among them.
static int parse_word(struct forge *what, const char *word, int *hw_given)
{
	if (!strncmp(word, "mark=", 5))
		what->mark = word + 5;
	else if (!strncmp(word, "from=", 5))
		what->from = word + 5;
	else if (!strncmp(word, "to=", 3))
		what->to = word + 3;
	else if (!strncmp(word, "vlan=", 5))
		what->vlan = atoi(word + 5);
	else if (!strncmp(word, "inner=", 6))
		what->inner = atoi(word + 6);
	else if (!strncmp(word, "src=", 4))
		return parse_mac(word + 4, what->src);
	else if (!strncmp(word, "dst=", 4))
		return parse_mac(word + 4, what->dst);
	else if (!strncmp(word, "hw=", 3) && (*hw_given = 1))
		return parse_mac(word + 3, what->hw);
	else
		return -1;
	return 0;
}

// send IFACE KIND mark=MARK [src=MAC] [dst=MAC] [hw=MAC] [from=IP] [to=IP] [vlan=ID [inner=ID]]
int agent_send(int argc, char **argv)
{
	struct forge what = {.vlan = -1, .inner = -1};
	struct frame frame;
	int fd, i, hw_given = 0;

	if (argc < 3)
		return errno = EINVAL, fail("send IFACE KIND mark=MARK");
	fd = packet_open(argv[1]);
	if (fd < 0 || own_mac(fd, argv[1], what.src))
		return fail(argv[1]);
	what.kind = argv[2];
	for (i = 3; i < argc; i++) {
		if (parse_word(&what, argv[i], &hw_given))
			return errno = EINVAL, fail(argv[i]);
	}
	if (!hw_given)
		memcpy(what.hw, what.src, 6);
	if (frame_forge(&frame, &what))
		return 1;
	if (send(fd, frame.data, frame.len, 0) != (ssize_t)frame.len)
		return fail("send");
	return 0;
}

// The VLAN tag that the kernel took out of the frame, or -1.
static int aux_vlan(struct msghdr *msg)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			return aux.tp_vlan_tci & 0xfff;
	}
	return -1;
}

// One line per marked frame: "MARK SRC DST VLAN", VLAN being "-" for an untagged one.
static void record(FILE *out, const uint8_t *data, size_t len, int vlan)
{
	const char *mark = memmem(data, len, AGENT_MARK, strlen(AGENT_MARK));
	const char *end;
	int i;

	if (!mark || len < 14)
		return;
	mark += strlen(AGENT_MARK);
	end = memchr(mark, AGENT_MARK_END, len - (size_t)((const uint8_t *)mark - data));
	if (!end)
		return;
	fprintf(out, "%.*s ", (int)(end - mark), mark);
	for (i = 0; i < 6; i++)
		fprintf(out, "%s%02x", i ? ":" : "", data[6 + i]);
	for (i = 0; i < 6; i++)
		fprintf(out, "%s%02x", i ? ":" : " ", data[i]);
	if (vlan < 0)
		fprintf(out, " -\n");
	else
		fprintf(out, " %d\n", vlan);
	fflush(out);
}

static void watch_forever(int fd, FILE *out)
{
	uint8_t data[2048];
	char control[256];
	struct sockaddr_ll from;

	for (;;) {
		struct iovec iov = {data, sizeof(data)};
		struct msghdr msg = {
			.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t len = recvmsg(fd, &msg, 0);

		if (len > 0 && from.sll_pkttype != PACKET_OUTGOING)
			record(out, data, (size_t)len, aux_vlan(&msg));
	}
}

// watch IFACE FILE: records in the background; on return it is already listening.
int agent_watch(int argc, char **argv)
{
	FILE *out;
	int fd;

	if (argc != 3)
		return errno = EINVAL, fail("watch IFACE FILE");
	fd = packet_open(argv[1]);
	if (fd < 0)
		return fail(argv[1]);
	out = fopen(argv[2], "w");
	if (!out)
		return fail(argv[2]);
	if (daemon(0, 0))
		return fail("daemon");
	watch_forever(fd, out);
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	if (argc > 1 && !strcmp(argv[1], "send"))
		return agent_send(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "watch"))
		return agent_watch(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "xs"))
		return agent_xs(argc - 1, argv + 1);
	fprintf(stderr, "usage: guest-agent send IFACE KIND mark=MARK [src=MAC] [dst=MAC] [hw=MAC]\n"
			"                        [from=IP] [to=IP] [vlan=ID [inner=ID]]\n"
			"       guest-agent watch IFACE FILE\n"
			"       guest-agent xs read PATH | write PATH VALUE | rm PATH\n"
			"kinds:");
	for (i = 0; frame_kinds[i]; i++)
		fprintf(stderr, " %s", frame_kinds[i]);
	fprintf(stderr, "\n");
	return 2;
}
