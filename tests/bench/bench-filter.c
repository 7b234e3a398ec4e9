// SPDX-License-Identifier: GPL-2.0-or-later
/* bench-filter: what filters cost: adding one among few and among many, and a frame's way past
 * them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <arpa/inet.h>

#include "bench.h"
#include "die.h"
#include "nft.h"
#include "sandbox.h"

enum {
	FEW = 10,
	MANY = 1000,
	FIRST_INDEX = 100000, /* of devices that are not there: elements need none */
	ROUNDS = 200,
	BATCH = 64, /* frames of one sendmmsg() */
	RUNS = 15,  /* of each kind, in turns: their medians are compared */
	RUN_US = 100000,
	FRAME = 74, /* bytes: IPv6 and TCP without options */
};

static struct filter filter_of(int i, bool routed)
{
	struct err e = ERR_INIT;
	struct filter f = {.on = true,
			   .guards = FILTER_GUARD_ALL,
			   .routed = routed,
			   .mac = {0, 0x16, 0x3e, i >> 16, i >> 8, i}};
	struct addr a = addr_link_local(f.mac);
	filter_add_addr(&f, &a);
	if (addr_parse("10.0.0.1", &a, &e) < 0)
		die("%s", e.text);
	a.bytes[1] = i >> 16;
	a.bytes[2] = i >> 8;
	a.bytes[3] = i;
	filter_add_addr(&f, &a);
	return f;
}

static void put(struct nft *nft, int ifindex, const struct filter *f)
{
	struct err e = ERR_INIT;
	if (nft_set(nft, ifindex, f, &e) < 0)
		die("%s", e.text);
}

static void set(struct nft *nft, int i, bool on, bool routed)
{
	struct filter f = on ? filter_of(i, routed) : (struct filter) {.on = false};
	put(nft, FIRST_INDEX + i + (routed ? 10 * MANY : 0), &f);
}

/* Adds one more filter, removes it, over and over. */
static void measure(struct nft *nft, int have, bool routed, int64_t *add, int64_t *del)
{
	struct samples a = {.n = 0}, d = {.n = 0};
	for (int i = 0; i < ROUNDS; i++) {
		int64_t t0 = now_us();
		set(nft, have + 1 + i, true, routed);
		int64_t t1 = now_us();
		set(nft, have + 1 + i, false, routed);
		samples_add(&a, t1 - t0);
		samples_add(&d, now_us() - t1);
	}
	*add = samples_at(&a, 50);
	*del = samples_at(&d, 50);
}

static void among_few_and_many(struct nft *nft, bool routed)
{
	int64_t add[2], del[2];
	for (int i = 0; i < FEW; i++)
		set(nft, i, true, routed);
	measure(nft, FEW, routed, &add[0], &del[0]);
	for (int i = FEW; i < MANY; i++)
		set(nft, i, true, routed);
	measure(nft, MANY, routed, &add[1], &del[1]);
	const char *what = routed ? "routed " : "bridged";
	printf("| add one, %s                    | %7lld us | %7lld us |\n", what,
	       (long long)add[0], (long long)add[1]);
	printf("| remove it, with its counters        | %7lld us | %7lld us |\n", (long long)del[0],
	       (long long)del[1]);
}

/*
 * The guests: their cards are a1 to a4 and end here as vif1.0 to vif4.0; eth0 leads to lan0 on the
 * LAN. The far ends are in a namespace of their own, which takes in what comes, and answers
 * nothing.
 */
enum { KNOWN = 1, UNKNOWN, TARGET, ROUTED, LAN };

static const uint8_t macs[][6] = {[KNOWN] = {0, 0x16, 0x3e, 0, 0, 1},
				  [UNKNOWN] = {0, 0x16, 0x3e, 0, 0, 2},
				  [TARGET] = {0, 0x16, 0x3e, 0, 0, 3},
				  [ROUTED] = {0, 0x16, 0x3e, 0, 0, 4},
				  [LAN] = {2, 0, 0, 0, 0, 5}};

/* What is compared with a host that has no table at all. */
enum with { OURS, EMPTY_CHAIN, ONE_LOOK };

static const struct flow {
	const char *name;
	enum with with;
	const char *out, *in; /* sent by, there; counted at, here */
	int from, to;
	bool v6;
} flows[] = {
	{"IPv4, from a guest of known address", OURS, "a1", "vif3.0", KNOWN, TARGET, false},
	{"TCP by IPv6, from the same", OURS, "a1", "vif3.0", KNOWN, TARGET, true},
	{"IPv4, from a guest of unknown address", OURS, "a2", "vif3.0", UNKNOWN, TARGET, false},
	{"IPv4, from the LAN to a guest", OURS, "lan0", "vif3.0", LAN, TARGET, false},
	{"IPv4, from a routed guest", OURS, "a4", "eth0", ROUTED, LAN, false},
	{"the same as the first, an empty chain", EMPTY_CHAIN, "a1", "vif3.0", KNOWN, TARGET,
	 false},
	{"the same by IPv6, an empty chain", EMPTY_CHAIN, "a1", "vif3.0", KNOWN, TARGET, true},
	{"the first, and one look into a set", ONE_LOOK, "a1", "vif3.0", KNOWN, TARGET, false},
};

static void checksum(uint8_t *ip)
{
	uint32_t sum = 0;
	for (int i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	ip[10] = sum >> 8;
	ip[11] = sum;
}

static void make_frame(const struct flow *fl, uint8_t frame[FRAME])
{
	static const uint8_t vif[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t v4[20] = {0x45,	      [3] = FRAME - 14,
			  [8] = 64,   [9] = IPPROTO_UDP,
			  [12] = 10,  [15] = fl->from,
			  [16] = 192, 0,
			  2,	      fl->to};
	uint8_t v6[40] = {0x60, [5] = FRAME - 54, [6] = IPPROTO_TCP, [7] = 64};
	struct addr own = addr_link_local(macs[fl->from]);
	memset(frame, 0, FRAME);
	memcpy(frame, fl->from == ROUTED ? vif : macs[fl->to], 6);
	memcpy(frame + 6, macs[fl->from], 6);
	memcpy(frame + 12, fl->v6 ? "\x86\xdd" : "\x08\x00", 2);
	checksum(v4);
	memcpy(v6 + 8, own.bytes, 16);
	memcpy(v6 + 24, own.bytes, 16);
	memcpy(frame + 14, fl->v6 ? v6 : v4, fl->v6 ? sizeof(v6) : sizeof(v4));
}

static int open_packet(struct net *here, struct net *far, const char *name)
{
	net_enter(far);
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const int on = 1;
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0)
		die_errno("packet socket on %s", name);
	net_leave(here);
	return fd;
}

static long long sent(const char *name)
{
	return atoll(net_sysfs(name, "statistics/tx_packets") ?: "0");
}

/*
 * CPU time of one frame, in picoseconds: veth, bridge and router do their work in the sender's, and
 * other programs on the machine have no part in it.
 */
static int64_t cost(const struct flow *fl, int fd)
{
	uint8_t frame[FRAME];
	struct iovec iov = {frame, sizeof(frame)};
	struct mmsghdr m[BATCH];
	make_frame(fl, frame);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < BATCH; i++)
		m[i].msg_hdr = (struct msghdr) {.msg_iov = &iov, .msg_iovlen = 1};
	long long before = sent(fl->in);
	int64_t t0 = cpu_us(getpid());
	while (cpu_us(getpid()) - t0 < RUN_US)
		if (sendmmsg(fd, m, BATCH, 0) < 0 && errno != ENOBUFS)
			die_errno("send");
	int64_t took = cpu_us(getpid()) - t0;
	long long n = sent(fl->in) - before;
	if (n < BATCH)
		die("%s: the frames do not arrive", fl->name);
	return took * 1000000 / n;
}

static void sh(const char *command)
{
	if (system(command))
		die("%s", command);
}

/* In turns, for the machine has other things to do: without any table, and with what is compared.
 */
static void compare(struct net *here, struct net *far, struct nft *nft, const struct flow *fl)
{
	static const char *const floors[] = {
		[EMPTY_CHAIN] = "nft 'add table bridge floor; add chain bridge floor c "
				"{ type filter hook prerouting priority 0; }'",
		[ONE_LOOK] = "nft 'add table bridge floor; add set bridge floor s { type "
			     "iface_index; }; "
			     "add element bridge floor s { vif1.0 }; add chain bridge floor c "
			     "{ type filter hook prerouting priority 0; }; "
			     "add rule bridge floor c iif @s accept'",
	};
	struct err e = ERR_INIT;
	struct samples with = {.n = 0}, without = {.n = 0};
	int fd = open_packet(here, far, fl->out);
	for (int i = 0; i < RUNS; i++) {
		sh("nft flush ruleset");
		if (fl->with != OURS)
			sh(floors[fl->with]);
		else if (nft_refresh(nft, &e) != 1) /* and all is back */
			die("the tables are not back: %s", e.text);
		samples_add(&with, cost(fl, fd));
		sh("nft flush ruleset");
		samples_add(&without, cost(fl, fd));
		nft_refresh(nft, NULL);
	}
	int64_t w = samples_at(&with, 50), o = samples_at(&without, 50);
	printf("| %-37s | %5.2f us | %5.2f us | %5.1f %% |\n", fl->name, o / 1e6, w / 1e6,
	       100.0 * o / w);
	close(fd);
}

static void make_guest(struct net *net, struct net *far, struct nft *nft, int i)
{
	const char *vif = text("vif%d.0", i), *end = text("a%d", i);
	struct filter f = filter_of(i, i == ROUTED);
	f.any_addr = i == UNKNOWN;
	if (f.any_addr) {
		f.n_addrs = 0;
		f.guards = FILTER_GUARD_CONTROL;
	}
	net_add_veth(net, vif, (const uint8_t[]) {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}, far, end,
		     macs[i]);
	put(nft, if_nametoindex(vif), &f);
	if (i != ROUTED)
		net_set_master(net, vif, "br0");
	net_set_up(net, vif, true);
	net_set_up(far, end, true);
}

static void make_host(struct net *net, struct net *far, struct nft *nft)
{
	/* First, as on a real host, with a small index; its other end is the LAN. */
	sh("ip link add eth0 type veth peer name lan0 address 02:00:00:00:00:05");
	sh(text("ip link set lan0 netns /proc/%d/fd/%d", getpid(), far->ns));
	net_add_bridge(net, "br0");
	net_set_master(net, "eth0", "br0");
	net_set_up(net, "eth0", true);
	net_set_up(far, "lan0", true);
	if (!access("/proc/sys/net/bridge/bridge-nf-call-iptables",
		    W_OK)) { /* it is not what we measure */
		write_file("/proc/sys/net/bridge/bridge-nf-call-iptables", "0");
		write_file("/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0");
	}
	for (int i = KNOWN; i <= ROUTED; i++)
		make_guest(net, far, nft, i);
	write_file("/proc/sys/net/ipv4/ip_forward", "1");
	write_file("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
	write_file("/proc/sys/net/ipv4/conf/vif4.0/rp_filter", "0");
	sh("ip route add 10.0.0.0/24 dev vif4.0");
	sh("ip addr add 192.0.2.1/24 dev br0");
	sh("ip neigh add 192.0.2.5 lladdr 02:00:00:00:00:05 dev br0");
	sh("bridge fdb replace 02:00:00:00:00:05 dev eth0 master static");
	sh("bridge fdb replace 00:16:3e:00:00:03 dev vif3.0 master static");
}

static int run(void *arg)
{
	struct nft *nft;
	struct net net, far;
	struct err e = ERR_INIT;
	(void)arg;
	net_open(&net, loop_new());
	if (nft_open(&nft, &e) < 0 || nft_ready(nft, &e) < 0)
		die("%s", e.text);
	net_open_new(&far);
	make_host(&net, &far, nft);
	printf("| a filter, p50                       | %5d vifs | %5d vifs |\n", FEW, MANY);
	among_few_and_many(nft, false);
	among_few_and_many(nft, true);
	printf("\n| CPU time of a forwarded frame, %d vifs | without  | filtered | rate    |\n",
	       MANY);
	for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++)
		compare(&net, &far, nft, &flows[i]);
	nft_close(nft);
	return 0;
}

int main(void)
{
	const char *refused = sandbox_refused();
	if (refused) {
		fprintf(stderr, "bench-filter: %s\n", refused);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	return sandbox_run(run, NULL, -1, 300);
}
