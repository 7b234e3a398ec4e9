// SPDX-License-Identifier: GPL-2.0-or-later
/* net: the simulated host's kernel: devices, addresses, and what a test asks about them. */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>

#include "die.h"

static void open_socket(struct net *n);
static void monitor_drain(void *arg);
static struct rtnl_link *get(const struct net *n, const char *name);
static void change(const struct net *n, const char *name, struct rtnl_link *diff);
static void set_mac(struct rtnl_link *l, const uint8_t *mac);

void net_open(struct net *n, struct loop *l)
{
	struct sockaddr_nl sa = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

	open_socket(n);
	n->monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (n->monitor < 0 || bind(n->monitor, (void *)&sa, sizeof(sa)))
		die_errno("netlink monitor");
	loop_fd(l, n->monitor, monitor_drain, n);
}

void net_open_new(struct net *n)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0 || unshare(CLONE_NEWNET))
		die_errno("new network namespace");
	open_socket(n);
	net_set_up(n, "lo", true);
	if (setns(home, CLONE_NEWNET))
		die_errno("return to the home namespace");
	close(home);
}

void net_close(struct net *n)
{
	if (!n->sk)
		return;
	nl_socket_free(n->sk);
	close(n->ns);
	*n = (struct net) {.monitor = -1};
}

void net_enter(const struct net *n)
{
	if (setns(n->ns, CLONE_NEWNET))
		die_errno("setns");
}

bool net_get(const struct net *n, const char *name, struct net_link *out)
{
	struct rtnl_link *l = get(n, name);
	struct net_link info = {0};
	struct nl_addr *mac;

	if (!l)
		return false;
	info.ifindex = rtnl_link_get_ifindex(l);
	info.mtu = rtnl_link_get_mtu(l);
	info.up = rtnl_link_get_flags(l) & IFF_UP;
	snprintf(info.name, sizeof(info.name), "%s", rtnl_link_get_name(l));
	if (rtnl_link_get_ifalias(l))
		snprintf(info.alias, sizeof(info.alias), "%s", rtnl_link_get_ifalias(l));
	mac = rtnl_link_get_addr(l);
	if (mac && nl_addr_get_len(mac) == NET_ALEN)
		memcpy(info.mac, nl_addr_get_binary_addr(mac), NET_ALEN);
	if (rtnl_link_get_master(l))
		if_indextoname(rtnl_link_get_master(l), info.master);
	rtnl_link_put(l);
	if (out)
		*out = info;
	return true;
}

bool net_has(const struct net *n, const char *name)
{
	return net_get(n, name, NULL);
}

bool net_on(const struct net *n, const char *name, const char *master)
{
	struct net_link l;

	return net_get(n, name, &l) && !strcmp(l.master, master);
}

bool net_is_up(const struct net *n, const char *name)
{
	struct net_link l;

	return net_get(n, name, &l) && l.up;
}

int net_count_addrs(const struct net *n, const char *name)
{
	struct nl_cache *addrs;
	struct net_link l;
	int count = 0;

	if (!net_get(n, name, &l))
		return 0;
	die_nl(rtnl_addr_alloc_cache(n->sk, &addrs), "list addresses");
	for (struct nl_object *o = nl_cache_get_first(addrs); o; o = nl_cache_get_next(o))
		count += rtnl_addr_get_ifindex((struct rtnl_addr *)o) == l.ifindex;
	nl_cache_free(addrs);
	return count;
}

const char *net_sysfs(const char *name, const char *file)
{
	return read_line(text("/sys/class/net/%s/%s", name, file));
}

void net_add_bridge(const struct net *n, const char *name)
{
	die_nl(rtnl_link_bridge_add(n->sk, name), text("add bridge %s", name));
	net_set_up(n, name, true);
}

int net_add_veth(const struct net *n, const char *name, const uint8_t *mac, const struct net *there,
		 const char *peer, const uint8_t *peer_mac)
{
	/*
	 * Linux sees a change of carrier at once only if a device's own index is not that of its
	 * lower device, and up to a second later else (linkwatch_urgent_event). Both ends of a veth
	 * may have one index when they are in two namespaces: so this end gets one that no guest
	 * has.
	 */
	static int index = 10000;
	struct rtnl_link *l = rtnl_link_veth_alloc();
	struct rtnl_link *p;
	int err;

	if (!l)
		die("out of memory");
	rtnl_link_set_name(l, name);
	rtnl_link_set_ifindex(l, index++);
	set_mac(l, mac);
	p = rtnl_link_veth_get_peer(l);
	rtnl_link_set_name(p, peer);
	rtnl_link_set_ns_fd(p, there->ns);
	set_mac(p, peer_mac);
	err = rtnl_link_add(n->sk, l, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_link_put(p);
	rtnl_link_put(l);
	return err;
}

void net_del(const struct net *n, const char *name)
{
	struct rtnl_link *l = get(n, name);
	int err;

	if (!l)
		return;
	err = rtnl_link_delete(n->sk, l);
	rtnl_link_put(l);
	if (err != -NLE_OBJ_NOTFOUND && err != -NLE_NODEV)
		die_nl(err, text("delete %s", name));
}

void net_set_up(const struct net *n, const char *name, bool up)
{
	struct rtnl_link *diff = rtnl_link_alloc();

	if (up)
		rtnl_link_set_flags(diff, IFF_UP);
	else
		rtnl_link_unset_flags(diff, IFF_UP);
	change(n, name, diff);
}

void net_set_mtu(const struct net *n, const char *name, unsigned mtu)
{
	struct rtnl_link *diff = rtnl_link_alloc();

	rtnl_link_set_mtu(diff, mtu);
	change(n, name, diff);
}

void net_set_name(const struct net *n, const char *name, const char *to)
{
	struct rtnl_link *diff = rtnl_link_alloc();

	rtnl_link_set_name(diff, to);
	change(n, name, diff);
}

void net_set_master(const struct net *n, const char *name, const char *master)
{
	struct rtnl_link *diff = rtnl_link_alloc();
	struct net_link br = {0};

	if (master && !net_get(n, master, &br))
		die("no bridge %s", master);
	rtnl_link_set_master(diff, br.ifindex);
	change(n, name, diff);
}

void net_add_addr(const struct net *n, const char *name, const char *addr)
{
	struct rtnl_addr *ra = rtnl_addr_alloc();
	struct nl_addr *local;
	struct net_link l;

	if (!net_get(n, name, &l))
		die("no device %s for address %s", name, addr);
	die_nl(nl_addr_parse(addr, AF_UNSPEC, &local), addr);
	rtnl_addr_set_ifindex(ra, l.ifindex);
	rtnl_addr_set_local(ra, local);
	die_nl(rtnl_addr_add(n->sk, ra, 0), text("add address %s to %s", addr, name));
	nl_addr_put(local);
	rtnl_addr_put(ra);
}

int net_open_tap(const char *name)
{
	return net_open_tun(name, IFF_TAP);
}

int net_open_tun(const char *name, int kind)
{
	struct ifreq ifr = {.ifr_flags = kind | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		die_errno("tap %s", name);
	return fd;
}

static void open_socket(struct net *n)
{
	*n = (struct net) {.sk = nl_socket_alloc(), .monitor = -1};
	n->ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (!n->sk || n->ns < 0)
		die_errno("network namespace");
	die_nl(nl_connect(n->sk, NETLINK_ROUTE), "netlink socket");
}

/* What happened is looked up by whoever waits: that also covers messages lost to ENOBUFS. */
static void monitor_drain(void *arg)
{
	struct net *n = arg;
	char buf[16384];

	while (recv(n->monitor, buf, sizeof(buf), 0) > 0 || errno == ENOBUFS)
		errno = 0;
}

static struct rtnl_link *get(const struct net *n, const char *name)
{
	struct rtnl_link *l;

	return rtnl_link_get_kernel(n->sk, 0, name, &l) ? NULL : l;
}

/* Consumes @diff. */
static void change(const struct net *n, const char *name, struct rtnl_link *diff)
{
	struct rtnl_link *l = get(n, name);

	if (!l)
		die("change %s: no such device", name);
	die_nl(rtnl_link_change(n->sk, l, diff, 0), text("change %s", name));
	rtnl_link_put(l);
	rtnl_link_put(diff);
}

static void set_mac(struct rtnl_link *l, const uint8_t *mac)
{
	struct nl_addr *a;

	if (!mac)
		return;
	a = nl_addr_build(AF_LLC, mac, NET_ALEN);
	rtnl_link_set_addr(l, a);
	nl_addr_put(a);
}
