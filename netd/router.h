/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router: how dom0 routes to one netdev of a vif. Part of struct hostif; a value type. Pure. */
#ifndef NETD_ROUTER_H
#define NETD_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

#include "addr.h"

enum {
	/*
	 * The rtm_protocol of our routes, and the protocol of our neighbour and proxy entries: how
	 * others tell them, and how we tell ours. Unused in iproute2's rt_protos, the kernel's
	 * rtnetlink.h and FRR; dist/rt_protos.d/xen-netd.conf names it "xen-netd".
	 */
	ROUTER_PROTOCOL = 88,
	ROUTER_TABLE_MAIN = 254, /* RT_TABLE_MAIN */
	ROUTER_ADDRS_MAX = 16,
	/* Twice what a vif may have (VIF_ADDRS_MAX): before and after a change of all of them. */
	ROUTER_LIST_MAX = 64,
	ROUTER_TEXT_SIZE = 1024,
};

/* A route to a guest: on the link, no gateway. One dst, table and metric is one route. */
struct router_route {
	struct addr dst; /* a host, or the network behind a guest */
	struct addr src; /* address dom0 uses towards it; family 0: the kernel chooses */
	uint32_t metric; /* the lowest wins; never 0 */
	uint32_t table;
};

/* A permanent neighbour entry: the guest need not be asked. */
struct router_neigh {
	struct addr host;
	uint8_t mac[6];
};

/* @ifindex answers ARP or neighbour solicitations for @host, which is elsewhere. */
struct router_proxy {
	int ifindex;
	struct addr host;
};

/*
 * The netdev's sysctls that routing to a guest depends on, by their names in
 * /proc/sys/net/ipv{4,6}/conf/NAME.
 */
struct router_conf {
	bool set; /* want: false = leave them all as they are */
	uint8_t forwarding, proxy_arp, accept_redirects, rp_filter, arp_announce; /* IPv4 */
	/* have: IPv6 is not off on it (disable_ipv6, ipv6.disable); want: it is needed */
	bool v6;
	uint8_t v6_forwarding, v6_accept_ra, v6_proxy_ndp;
};

/*
 * A zeroed value means "not routed at all". What the fields say of a netdev (have) or for it (want):
 * the lists are compared as sets and hold all there is, the rest says only what is needed.
 */
struct router {
	struct router_conf conf; /* v6_proxy_ndp is the uplink's business, see below */
	struct addr addrs[ROUTER_ADDRS_MAX]; /* of dom0 on the netdev, all of them */
	size_t n_addrs;
	struct router_route routes[ROUTER_LIST_MAX]; /* of ROUTER_PROTOCOL */
	size_t n_routes;
	struct router_neigh neighs[ROUTER_LIST_MAX]; /* of ROUTER_PROTOCOL */
	size_t n_neighs;
	struct router_proxy proxies[ROUTER_LIST_MAX]; /* of ROUTER_PROTOCOL, on any device */
	size_t n_proxies;

	/* The host's side. want: true = switch it on if it is off; false = not our business. */
	char uplink[IFNAMSIZ];	 /* the device that leads out; "" = none in particular */
	bool forward4, forward6; /* packets that come in by the uplink are forwarded */
	bool proxy_ndp;		 /* the uplink's proxy_ndp */

	/* want only, for status: IPv6 addresses are left out because IPv6 is off on the netdev. */
	bool v6_left_out;
};

/* Appending; false: the list is full. An entry that is there already is not put twice. */
bool router_add_addr(struct router *r, const struct addr *a);
bool router_add_route(struct router *r, const struct router_route *route);
bool router_add_neigh(struct router *r, const struct router_neigh *n);
bool router_add_proxy(struct router *r, const struct router_proxy *p);

bool router_route_equal(const struct router_route *a, const struct router_route *b);
/* The same place in the kernel's tables: one can replace the other. */
bool router_route_same_key(const struct router_route *a, const struct router_route *b);
bool router_neigh_equal(const struct router_neigh *a, const struct router_neigh *b);
bool router_proxy_equal(const struct router_proxy *a, const struct router_proxy *b);

bool router_has_addr(const struct router *r, const struct addr *a);
bool router_has_route(const struct router *r, const struct router_route *route);
bool router_has_route_key(const struct router *r, const struct router_route *route);
bool router_has_neigh(const struct router *r, const struct router_neigh *n);
bool router_has_proxy(const struct router *r, const struct router_proxy *p);

/* The four lists, as sets. */
bool router_same_addrs(const struct router *a, const struct router *b);
bool router_same_routes(const struct router *a, const struct router *b);
bool router_same_neighs(const struct router *a, const struct router *b);
bool router_same_proxies(const struct router *a, const struct router *b);
/* Does @have lack what @want says? */
bool router_conf_differs(const struct router_conf *have, const struct router_conf *want);

/* "addrs=10.0.0.1/32 routes=10.0.0.5/32>10.0.0.1#64001 …", or "" when there is nothing. @return @buf. */
const char *router_print(const struct router *r, char *buf, size_t size);

#endif
