/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links: the host's network devices as netlink last told, in memory. Pure: no I/O here. */
#ifndef NETD_LINKS_H
#define NETD_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hostif.h"

enum {
	LINK_KIND_SIZE = 12,	/* "bridge", "tun", "veth", "openvswitch" */
	LINK_PARENT_SIZE = 24, /* "vif-65535-4294967295" */
};

/* One network device. rtnl fills it from RTM_NEWLINK, but for the number of addresses. A value type. */
struct link {
	int ifindex;
	char name[IFNAMSIZ];
	char alias[HOSTIF_ALIAS_SIZE];
	char kind[LINK_KIND_SIZE]; /* IFLA_INFO_KIND, "" for a plain device */
	char parent[LINK_PARENT_SIZE]; /* IFLA_PARENT_DEV_NAME on bus xen-backend (Linux 5.14), or "" */
	uint8_t mac[HOSTIF_ALEN];
	uint32_t mtu, max_mtu;
	uint32_t flags;	 /* IFF_UP, IFF_LOWER_UP, … */
	int master;	 /* ifindex, 0 = none */
	bool v6_quiet;	 /* see struct hostif */
	bool br_vlan_filtering;
	uint16_t br_default_pvid; /* 0 = ports start without a VLAN */
	uint32_t port_flags; /* enum hostif_port_flag, when the master is a bridge */
	struct router_conf conf; /* its sysctls; v6_proxy_ndp too */
	uint32_t n_addrs;    /* IPv4 and IPv6 addresses on it */
};

/* One address of a link, from RTM_NEWADDR and RTM_DELADDR. */
struct link_addr {
	struct addr addr;
	bool global;  /* scope universe: known beyond this link and host */
	bool primary; /* IPv4: not a secondary; IPv6: not a temporary one (RFC 8981) */
	bool lasting; /* has no lifetime that ends */
	bool usable;  /* not tentative, duplicate or deprecated */
};

struct links;
struct routes; /* routes.h */

/*
 * Told of every change, after it was made. @old is NULL for a new link, @now NULL for one that is
 * gone, both are NULL when what changed is the whole host's: its forwarding. Two that are alike say
 * that something else about the link has changed: its addresses, VLANs, our routes or neighbours on it.
 * Both are valid during the call only. Not called when nothing we keep has changed.
 */
typedef void links_watch_fn(void *arg, const struct link *old, const struct link *now);

struct links *links_new(void);
void links_free(struct links *ls);
void links_watch(struct links *ls, links_watch_fn *fn, void *arg);

/* @return 0 or -ENOMEM. A link that changed its name is found under the new one only. */
int links_put(struct links *ls, const struct link *l);
void links_del(struct links *ls, int ifindex);
/*
 * An address came, or the same came again with other flags; it went. Unknown links are ignored. IPv4
 * and IPv6 routes whose source it was are dropped from links_routes(): see routes.h.
 */
int links_put_addr(struct links *ls, int ifindex, const struct link_addr *a); /* 0 or -ENOMEM */
void links_del_addr(struct links *ls, int ifindex, const struct addr *a);
/* In the order they came. @return NULL when *@n is 0; valid until the next change to @ls. */
const struct link_addr *links_addrs(const struct links *ls, int ifindex, size_t *n);

/* Our routes, by the links they lead to. A link that goes, or goes down, takes its own along. */
struct routes *links_routes(const struct links *ls);
int links_put_route(struct links *ls, int ifindex, const struct router_route *r); /* 0 or -ENOMEM */
void links_del_route(struct links *ls, int ifindex, const struct router_route *r);
/* Somebody else's route has taken the place of ours that has the same key, if there is one. */
void links_displace_route(struct links *ls, const struct router_route *r);
/* Something else was heard about this link: its watchers are told. */
void links_touch(struct links *ls, int ifindex);

/* The host's forwarding (net.ipv4.ip_forward, net.ipv6.conf.all.forwarding). */
bool links_forwarding(const struct links *ls, int family);
void links_set_forwarding(struct links *ls, int family, bool on);

/*
 * A full dump: begin forgets all addresses, the dumps put links, addresses, routes and proxy entries,
 * end deletes links and routes not put since begin, and watchers are told. Begin may be said again,
 * to start over.
 */
void links_resync_begin(struct links *ls);
void links_resync_end(struct links *ls);

/* All may return NULL; what they return is valid until the next change to @ls. */
const struct link *links_by_index(const struct links *ls, int ifindex);
const struct link *links_by_name(const struct links *ls, const char *name);
/* Visits all in no certain order: links_for_each(ls, l) { … } */
const struct link *links_next(const struct links *ls, const struct link *prev);
#define links_for_each(ls, l) \
	for (const struct link *l = links_next((ls), NULL); l; l = links_next((ls), l))

size_t links_count(const struct links *ls);

#endif
