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
	if (!access("/sys/class/net/xenbr0", F_OK))
		write_file("/sys/class/net/xenbr0/bridge/multicast_snooping", "0");
}

static int open_packet(struct world *w, struct net *net, const char *eth)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	net_enter(net);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	at.sll_ifindex = if_nametoindex(eth);
	struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0)
		die_errno("packet socket on %s", eth);
	net_leave(&w->net);
	return fd;
}

static struct wire wire_to(struct nic *from, struct net *to, const char *eth)
{
	struct world *w = from->w;

	return (struct wire) {.from = from,
			      .out = open_packet(w, &from->guest->net, from->eth),
			      .in = open_packet(w, to, eth),
			      .mark = 0x4d000000,
			      .honest = ALL OWN UDP4(OWN4, OTHER4, "00070007")};
}

void forge_wire_between(struct wire *x, struct nic *from, struct nic *to)
{
	bridge_plainly();
	*x = wire_to(from, &to->guest->net, to->eth);
	x->to = to;
}

void forge_wire_routed(struct wire *x, struct nic *from, struct net *to, const char *eth,
		       const char *honest)
{
	*x = wire_to(from, to, eth);
	x->routed = true;
	x->honest = honest;
}

/* A router looks at IPv4's checksum. */
static void put_checksum(uint8_t *ip)
{
	uint32_t sum = 0;

	ip[10] = ip[11] = 0;
	for (int i = 0; i < 4 * (ip[0] & 15); i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	ip[10] = sum >> 8;
	ip[11] = sum;
}

/* Where the mark goes: a router cuts off what is behind the packet. */
static size_t packet_end(uint8_t *frame)
{
	uint8_t *ip = frame + 14;
	size_t end = FRAME_LEN;

	if (frame[12] == 0x81)
		put_checksum(ip + 4);
	if (frame[12] == 0x08 && !frame[13]) {
		put_checksum(ip);
		end = 14 + (ip[2] << 8 | ip[3]);
	} else if (frame[12] == 0x86 && !(frame[0] & 1)) { /* else it is not forwarded */
		end = 14 + 40 + (ip[4] << 8 | ip[5]);
	}
	return end <= FRAME_LEN && end > 14 + 20 + MARK_LEN ? end : FRAME_LEN;
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
	size_t end = x->routed ? packet_end(frame) : FRAME_LEN;
	memcpy(frame + end - MARK_LEN, "MARK", 4);
	memcpy(frame + end - 4, &mark, 4);
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

bool forge_is_dropped(struct wire *x, const char *bad, const char *good)
{
	uint32_t first = forge_send(x, bad), second = forge_send(x, good);
	uint32_t got = forge_next(x);

	if (got == first)
		return forge_next(x), false;
	assert_int_equal(got, second);
	return true;
}

int forge_shell(struct world *w, const char *command)
{
	struct run *r = RUN(w, "/bin/sh", "-c", command);

	if (r->status)
		print_error("%s: %s\n", command, r->err);
	return r->status;
}

json_int_t forge_dropped(struct nic *nic, const char *reason)
{
	json_int_t frames = 0;
	json_t *r = daemon_ask(&nic->w->daemon,
			       text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"drops\","
				    "\"params\":{\"match\":\"%s\"}}\n",
				    nic->vif));
	json_t *vif = json_array_get(json_object_get(json_object_get(r, "result"), "vifs"), 0);

	if (!vif)
		fail_msg("no drops of %s", nic->vif);
	const char *name;
	json_t *it;
	json_object_foreach(json_object_get(vif, "drops"), name,
			    it) if (!reason || !strcmp(name, reason)) frames +=
		json_integer_value(json_object_get(it, "frames"));
	json_decref(r);
	return frames;
}

/*
 * Open vSwitch sends frames that it gets together in the order of their flows, and counts none for us: so
 * each is waited for, and two honest ones come after it.
 */
static void try_switched(struct wire *x, const struct forgery *f)
{
	static const char honest[] = ALL OWN UDP4(OWN4, OTHER4, "00070007");
	uint32_t it = forge_send(x, honest);

	if (forge_next(x) != it)
		fail_msg("%s: the honest frame before it did not arrive", f->name);
	it = forge_send(x, f->hex);
	if (!f->reason && forge_next(x) != it)
		fail_msg("%s: did not arrive", f->name);
	for (int i = 0; i < 2; i++) {
		uint32_t last = forge_send(x, honest), got = forge_next(x);

		if (got == it)
			fail_msg("%s: arrived", f->name);
		if (got != last)
			fail_msg("%s: the honest frame after it did not arrive", f->name);
	}
}

/* Between two honest frames, which the listener sees. */
static void try_one(struct wire *x, const struct forgery *f)
{
	bool taken = f->reason && !strcmp(f->reason, TAKEN);
	json_int_t before = f->reason ? forge_dropped(x->from, taken ? NULL : f->reason) : 0;
	uint32_t first = forge_send(x, x->honest), it = forge_send(x, f->hex),
		 last = forge_send(x, x->honest);

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
	if (taken && forge_dropped(x->from, NULL) != before)
		fail_msg("%s: was dropped", f->name);
	if (f->reason && !taken && forge_dropped(x->from, f->reason) != before + 1)
		fail_msg("%s: not counted as \"%s\"", f->name, f->reason);
}

void forge_try(struct wire *x, const struct forgery *f)
{
	for (; f->name; f++)
		(x->switched ? try_switched : try_one)(x, f);
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
