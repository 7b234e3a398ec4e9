// SPDX-License-Identifier: GPL-2.0-or-later
/* bench-filter: what filters cost: adding one among few and among many, and a frame's way past them. */
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
	RUN_US = 200000,
};

static struct filter filter_of(int i)
{
	struct err e = ERR_INIT;
	struct filter f = {.on = true, .guards = FILTER_GUARD_ALL,
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

static void set(struct nft *nft, int i, bool on)
{
	struct err e = ERR_INIT;
	struct filter f = on ? filter_of(i) : (struct filter){.on = false};
	if (nft_set(nft, FIRST_INDEX + i, &f, &e) < 0)
		die("%s", e.text);
}

/* Adds one more filter, removes it, over and over. */
static void measure(struct nft *nft, int have, int64_t *add, int64_t *del)
{
	struct samples a = {.n = 0}, d = {.n = 0};
	for (int i = 0; i < ROUNDS; i++) {
		int64_t t0 = now_us();
		set(nft, have + 1 + i, true);
		int64_t t1 = now_us();
		set(nft, have + 1 + i, false);
		samples_add(&a, t1 - t0);
		samples_add(&d, now_us() - t1);
	}
	*add = samples_at(&a, 50);
	*del = samples_at(&d, 50);
}

static int open_packet(const char *name)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const int on = 1;
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0)
		die_errno("packet socket on %s", name);
	return fd;
}

static long long received(const char *name)
{
	return atoll(net_sysfs(name, "statistics/rx_packets") ?: "0");
}

/*
 * Frames through the bridge, from one vif to another, in a second of CPU time: veth and bridge do
 * their work in the sender's, and other programs on the machine have no part in it.
 */
static int64_t rate(int fd, const uint8_t mac[6], uint32_t from)
{
	uint8_t frame[60] = {0x02, 0, 0, 0, 0, 2, [12] = 8, [14] = 0x45, [17] = 46, [22] = 64, [23] = 17};
	struct iovec iov = {frame, sizeof(frame)};
	struct mmsghdr m[BATCH];
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 26, &from, 4);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < BATCH; i++)
		m[i].msg_hdr = (struct msghdr){.msg_iov = &iov, .msg_iovlen = 1};
	long long before = received("b1");
	int64_t t0 = cpu_us(getpid());
	while (cpu_us(getpid()) - t0 < RUN_US)
		if (sendmmsg(fd, m, BATCH, 0) < 0 && errno != ENOBUFS)
			die_errno("send");
	int64_t took = cpu_us(getpid()) - t0;
	return (received("b1") - before) * 1000000 / took;
}

static void make_bridge(struct net *net, const uint8_t *mac)
{
	net_add_bridge(net, "br0");
	if (!access("/proc/sys/net/bridge/bridge-nf-call-iptables", W_OK)) /* it drops what we send */
		write_file("/proc/sys/net/bridge/bridge-nf-call-iptables", "0");
	for (int i = 0; i < 2; i++) {
		const char *vif = i ? "vif2.0" : "vif1.0", *end = i ? "b1" : "a1";
		net_add_veth(net, vif, NULL, net, end, i ? (uint8_t[]){2, 0, 0, 0, 0, 2} : mac);
		net_set_master(net, vif, "br0");
		net_set_up(net, vif, true);
		net_set_up(net, end, true);
	}
}

/* In turns, for the machine has other things to do: without our table at all, and filtered by it. */
static void rates(struct net *net, struct nft *nft, int64_t *without, int64_t *with)
{
	struct err e = ERR_INIT;
	struct samples w = {.n = 0}, o = {.n = 0};
	struct filter f = filter_of(1);
	make_bridge(net, f.mac);
	int fd = open_packet("a1");
	if (nft_set(nft, if_nametoindex("vif1.0"), &f, &e) < 0)
		die("%s", e.text);
	for (int i = 0; i < RUNS; i++) {
		samples_add(&w, rate(fd, f.mac, htonl(0x0a000001)));
		if (system("nft delete table bridge xen-netd"))
			die("nft delete table");
		samples_add(&o, rate(fd, f.mac, htonl(0x0a000001)));
		if (nft_refresh(nft, &e) != 1) /* and all is back */
			die("the table is not back: %s", e.text);
	}
	*without = samples_at(&o, 50);
	*with = samples_at(&w, 50);
}

static int run(void *arg)
{
	int64_t add[2], del[2], with, without;
	struct nft *nft;
	struct net net;
	struct err e = ERR_INIT;
	(void)arg;
	net_open(&net, loop_new());
	if (nft_open(&nft, &e) < 0 || nft_ready(nft, &e) < 0)
		die("%s", e.text);
	for (int i = 0; i < FEW; i++)
		set(nft, i, true);
	measure(nft, FEW, &add[0], &del[0]);
	for (int i = FEW; i < MANY; i++)
		set(nft, i, true);
	measure(nft, MANY, &add[1], &del[1]);
	rates(&net, nft, &without, &with);
	nft_close(nft);
	printf("| one filter, p50                     | %5d vifs | %5d vifs |\n", FEW, MANY);
	printf("| add it                              | %7lld us | %7lld us |\n", (long long)add[0],
	       (long long)add[1]);
	printf("| remove it, with its counters        | %7lld us | %7lld us |\n", (long long)del[0],
	       (long long)del[1]);
	printf("\nforwarded frames of 60 bytes a second of CPU time: %lld filtered, among %d filters; %lld without the "
	       "table; %.1f %%\n",
	       (long long)with, MANY, (long long)without, 100.0 * with / without);
	return 0;
}

int main(void)
{
	const char *refused = sandbox_refused();
	if (refused) {
		fprintf(stderr, "bench-filter: %s\n", refused);
		return 2;
	}
	return sandbox_run(run, NULL, -1, 120);
}
