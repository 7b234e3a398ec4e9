// SPDX-License-Identifier: GPL-2.0-or-later
/* forge: a guest that sends frames byte by byte, and another that listens. */
#include "forge.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>

enum { MARK_LEN = 8, FRAME_LEN = 160 };

/* A kernel with br_netfilter built in drops packets without a checksum and cuts off our marks. */
static void bridge_plainly(void)
{
	static const char *const calls[] = {"iptables", "ip6tables", "arptables"};

	for (size_t i = 0; i < 3; i++) {
		const char *path = text("/proc/sys/net/bridge/bridge-nf-call-%s", calls[i]);
		if (!access(path, W_OK))
			write_file(path, "0");
	}
	/* Nor shall the bridge keep multicast reports from those who do not ask for them. */
	write_file("/sys/class/net/xenbr0/bridge/multicast_snooping", "0");
}

static int open_packet(struct nic *nic)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	net_enter(&nic->guest->net);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	at.sll_ifindex = if_nametoindex(nic->eth);
	struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0)
		die_errno("packet socket on %s", nic->eth);
	net_leave(&nic->w->net);
	return fd;
}

void forge_wire_between(struct wire *x, struct nic *from, struct nic *to)
{
	bridge_plainly();
	*x = (struct wire){from, to, open_packet(from), open_packet(to), 0x4d000000};
}

static int nibble(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10;
}

/* @return the mark by which it is known again. */
uint32_t forge_send(struct wire *x, const char *hex)
{
	uint8_t frame[FRAME_LEN] = {0};
	size_t n = 0;
	uint32_t mark = htonl(++x->mark);

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		frame[n++] = nibble(hex[0]) << 4 | nibble(hex[1]);
		hex++;
	}
	assert_true(n <= FRAME_LEN - MARK_LEN);
	memcpy(frame + FRAME_LEN - MARK_LEN, "MARK", 4);
	memcpy(frame + FRAME_LEN - 4, &mark, 4);
	if (send(x->out, frame, sizeof(frame), 0) != sizeof(frame))
		die_errno("send");
	return x->mark;
}

/* The next marked frame that comes, 0: none yet. A tag has been taken out of it by the kernel. */
uint32_t forge_receive(struct wire *x)
{
	uint8_t frame[2048];
	uint32_t mark;
	ssize_t n;

	while ((n = recv(x->in, frame, sizeof(frame), 0)) > 0) {
		if (n < MARK_LEN || memcmp(frame + n - MARK_LEN, "MARK", 4))
			continue;
		memcpy(&mark, frame + n - 4, 4);
		return ntohl(mark);
	}
	return 0;
}

static void wake(void *arg)
{
	(void)arg;
}

/* What arrives next, within the time that anything takes. */
uint32_t forge_next(struct wire *x)
{
	uint32_t mark = 0;

	loop_fd(x->from->w->loop, x->in, wake, x);
	LOOP_WAIT(x->from->w->loop, SOON_MS, (mark = forge_receive(x)));
	loop_fd_del(x->from->w->loop, x->in);
	return mark;
}

json_int_t forge_dropped(struct nic *nic, const char *reason)
{
	json_int_t frames = 0;
	json_t *r = daemon_ask(&nic->w->daemon,
			       text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"drops\","
				    "\"params\":{\"match\":\"%s\"}}\n", nic->vif));
	json_t *vif = json_array_get(json_object_get(json_object_get(r, "result"), "vifs"), 0);

	if (!vif)
		fail_msg("no drops of %s", nic->vif);
	frames = json_integer_value(
		json_object_get(json_object_get(json_object_get(vif, "drops"), reason), "frames"));
	json_decref(r);
	return frames;
}

/* Between two honest frames, which the listener sees. */
static void try_one(struct wire *x, const struct forgery *f)
{
	static const char honest[] = ALL OWN UDP4(OWN4, OTHER4, "00070007");
	json_int_t before = f->reason ? forge_dropped(x->from, f->reason) : 0;
	uint32_t first = forge_send(x, honest), it = forge_send(x, f->hex), last = forge_send(x, honest);

	if (forge_next(x) != first)
		fail_msg("%s: the honest frame before it did not arrive", f->name);
	uint32_t got = forge_next(x);
	if (!f->reason && got != it)
		fail_msg("%s: did not arrive", f->name);
	if (!f->reason)
		got = forge_next(x);
	if (f->reason && got == it)
		fail_msg("%s: arrived", f->name);
	if (got != last)
		fail_msg("%s: the honest frame after it did not arrive", f->name);
	if (f->reason && forge_dropped(x->from, f->reason) != before + 1)
		fail_msg("%s: not counted as \"%s\"", f->name, f->reason);
}

void forge_try(struct wire *x, const struct forgery *f)
{
	for (; f->name; f++)
		try_one(x, f);
}

struct nic *forge_guest(struct world *w, unsigned domid, const char *ip)
{
	struct nic *nic = case_guest(w, domid, text("guest%u", domid), true);

	nic->conf.ip = ip;
	return nic;
}

struct nic *forge_attached(struct world *w, unsigned domid, const char *ip)
{
	struct nic *nic = forge_guest(w, domid, ip);

	assert_attach(nic);
	assert_soon(w, nic_state_is(nic, 4));
	return nic;
}

void forge_wire(struct wire *x, struct world *w, const char *ip)
{
	struct nic *from = forge_attached(w, 5, ip), *to = forge_attached(w, 6, NULL);

	assert_pings(to, from);
	forge_wire_between(x, from, to);
}

