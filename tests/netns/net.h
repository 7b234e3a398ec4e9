/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net: the simulated host's kernel: devices, addresses, and what a test asks about them. */
#ifndef NETNS_NET_H
#define NETNS_NET_H

#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>
#include <netlink/netlink.h>

#include "loop.h"

enum { NET_ALEN = 6 };

/* One network namespace, seen through a netlink socket of its own. */
struct net {
	struct nl_sock *sk;
	int ns;	     /* descriptor of the namespace */
	int monitor; /* link changes wake the loop; -1 = not watched */
};

struct net_link {
	int ifindex;
	char name[IFNAMSIZ], master[IFNAMSIZ];
	char alias[256];
	uint8_t mac[NET_ALEN];
	unsigned mtu;
	bool up;
};

/* Of this process's namespace, its link changes watched by @l. */
void net_open(struct net *n, struct loop *l);
/* Of a new, empty namespace with its loopback up. */
void net_open_new(struct net *n);
void net_close(struct net *n);
/* This thread enters @n's namespace, and comes back to @home's. */
void net_enter(const struct net *n);
#define net_leave(home) net_enter(home)

/* @return whether there is a device named @name; @l may be NULL. */
bool net_get(const struct net *n, const char *name, struct net_link *l);
bool net_has(const struct net *n, const char *name);
bool net_on(const struct net *n, const char *name, const char *master); /* is a port of @master */
bool net_is_up(const struct net *n, const char *name);
int net_count_addrs(const struct net *n, const char *name); /* IPv4 and IPv6 */
/* A file of /sys/class/net/@name (home namespace only), as text(); NULL if it is not there. */
const char *net_sysfs(const char *name, const char *file);

void net_add_bridge(const struct net *n, const char *name);
/* veth @name here, @peer in @there; MACs may be NULL. @return 0 or a libnl error. */
int net_add_veth(const struct net *n, const char *name, const uint8_t *mac, const struct net *there,
		 const char *peer, const uint8_t *peer_mac);
void net_del(const struct net *n, const char *name); /* nothing if there is none */
void net_set_up(const struct net *n, const char *name, bool up);
void net_set_mtu(const struct net *n, const char *name, unsigned mtu);
void net_set_name(const struct net *n, const char *name, const char *to);
void net_set_master(const struct net *n, const char *name, const char *master); /* NULL: none */
void net_add_addr(const struct net *n, const char *name, const char *addr);	/* "10.0.0.1/24" */
/* A tap like qemu's: down, not enslaved. @return a descriptor that keeps it; non-blocking. */
int net_open_tap(const char *name);
/* @kind: IFF_TAP, or IFF_TUN, which has no MAC. */
int net_open_tun(const char *name, int kind);

#endif
