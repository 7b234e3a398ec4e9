/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl: rtnetlink. The only place that knows libnl. */
#ifndef NETD_RTNL_H
#define NETD_RTNL_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "links.h"
#include "router.h"
#include "vlan.h"

/*
 * Two sockets: one for requests, one that monitors. The kernel queues a change's notification on the
 * monitor before it answers the request that made it, so rtnl_drain() after a request shows the result
 * without asking again.
 *
 * Every request is one send and one acknowledgement, and blocks no longer than the kernel works on
 * it. Errors read "Invalid argument: mtu greater than device maximum": strerror and the kernel's
 * extended-ack text; the caller puts operation and object before it.
 */
struct rtnl;

int rtnl_open(struct rtnl **out, struct err *e);
void rtnl_close(struct rtnl *rt);

/* Readable when rtnl_drain() has something to do. Non-blocking. */
int rtnl_fd(const struct rtnl *rt);

/* Dumps all links and addresses, and our routes and proxy entries, into @links. */
int rtnl_resync(struct rtnl *rt, struct links *links, struct err *e);

/*
 * Puts all waiting notifications into @links. @return 0; -ENOBUFS when the kernel had to drop some
 * (then a rtnl_resync() is due); another -errno.
 */
int rtnl_drain(struct rtnl *rt, struct links *links, struct err *e);

/* What to change of a link, in one message. Members are looked at when their flag is set. */
enum rtnl_set_flag {
	RTNL_SET_NAME = 1 << 0,
	RTNL_SET_ALIAS = 1 << 1,
	RTNL_SET_MAC = 1 << 2,
	RTNL_SET_V6_QUIET = 1 << 3,
	RTNL_SET_MTU = 1 << 4,
	RTNL_SET_MASTER = 1 << 5,
	RTNL_SET_UP = 1 << 6,
};

struct rtnl_set {
	unsigned flags;
	const char *name, *alias;
	const uint8_t *mac; /* HOSTIF_ALEN bytes */
	bool v6_quiet;	    /* true: addr_gen_mode none, false: eui64 (the kernel's default) */
	uint32_t mtu;
	int master; /* ifindex, 0: none */
	bool up;
};

/* -ENODEV: there is no such link (any more). */
int rtnl_set(struct rtnl *rt, int ifindex, const struct rtnl_set *set, struct err *e);

/* Sets the port flags in @mask (enum hostif_port_flag) of a bridge port. */
int rtnl_set_port_flags(struct rtnl *rt, int ifindex, uint32_t flags, uint32_t mask, struct err *e);

/* Makes a bridge with STP off, forward delay 0 and the given (thereby pinned) MAC; mtu 0: default. */
int rtnl_new_bridge(struct rtnl *rt, const char *name, const uint8_t mac[HOSTIF_ALEN], uint32_t mtu,
		    bool vlan_filtering, struct err *e);

/* -ENODEV: it is gone already. */
int rtnl_del_link(struct rtnl *rt, int ifindex, struct err *e);

/*
 * Is there a route, in whatever table and but for default routes and those by the link @except, that
 * shares an address with @subnet? @return 1 with *@with its destination; 0; -errno. Reads all routes.
 */
int rtnl_find_overlap(struct rtnl *rt, const struct addr *subnet, int except, struct addr *with,
		      struct err *e);

/* VLANs of a bridge port, or, get alone, of a bridge. set sends the difference: what to add, then what to remove. */
int rtnl_get_vlans(struct rtnl *rt, int ifindex, struct vlan_set *vlans, struct err *e);
int rtnl_set_vlans(struct rtnl *rt, int ifindex, const struct vlan_set *from,
		   const struct vlan_set *to, struct err *e);
/* Adds @vlans, tagged, to a bridge port; @self: to the bridge itself. */
int rtnl_add_vlans(struct rtnl *rt, int ifindex, const struct vlan_set *vlans, bool self,
		   struct err *e);

/* Deletes every IPv4 and IPv6 address of a link. */
int rtnl_flush_addrs(struct rtnl *rt, int ifindex, struct err *e);
/*
 * One address. IPv6: without duplicate address detection, so that it works at once, also without a
 * carrier. One that is there already, or is gone already, is no error. A new IPv6 address is told of
 * some time later (addrconf_dad_work()): reread puts those that a link has now into @links.
 */
int rtnl_reread_addrs(struct rtnl *rt, struct links *links, int ifindex, struct err *e);
int rtnl_add_addr(struct rtnl *rt, int ifindex, const struct addr *a, struct err *e);
int rtnl_del_addr(struct rtnl *rt, int ifindex, const struct addr *a, struct err *e);

/* Reads one link into @links again: what its sysctls are is not always told. */
int rtnl_reread_link(struct rtnl *rt, struct links *links, int ifindex, struct err *e);
/* Sets the IPv4 sysctls of a link, in one message. @conf->set is not looked at. */
int rtnl_set_conf(struct rtnl *rt, int ifindex, const struct router_conf *conf, struct err *e);

/*
 * Routes of ROUTER_PROTOCOL on the link. rtnl_add_route() never takes the place of another's route:
 * -EEXIST with a sentence that names it. @replace: it takes the place of ours with the same key,
 * without a moment between the two. Deleting one that is gone is no error.
 */
int rtnl_add_route(struct rtnl *rt, int ifindex, const struct router_route *r, bool replace,
		   struct err *e);
int rtnl_del_route(struct rtnl *rt, int ifindex, const struct router_route *r, struct err *e);
/* Puts our routes on @ifindex into @links: for when the table there may have missed some. */
int rtnl_reread_routes(struct rtnl *rt, struct links *links, int ifindex, struct err *e);

/*
 * Permanent neighbour entries of ROUTER_PROTOCOL. get: @return 1 with the MAC filled in, 0: there is
 * no such entry, or it is not permanent and ours. set takes the place of any other.
 */
int rtnl_get_neigh(struct rtnl *rt, int ifindex, struct router_neigh *n, struct err *e);
int rtnl_set_neigh(struct rtnl *rt, int ifindex, const struct router_neigh *n, struct err *e);
int rtnl_del_neigh(struct rtnl *rt, int ifindex, const struct router_neigh *n, struct err *e);

/*
 * Proxy entries of ROUTER_PROTOCOL. has: @return 1 ours, 0 none, 2 somebody else's, which is as good
 * and left alone.
 */
int rtnl_has_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e);
int rtnl_add_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e);
int rtnl_del_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e);

#endif
