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

/*
 * One network device. rtnl fills it from RTM_NEWLINK; the address counts come from RTM_NEWADDR and
 * RTM_DELADDR. A value type.
 */
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
	uint32_t n_addrs;    /* IPv4 and IPv6 addresses on it */
};

struct links;

/*
 * Told of every change, after it was made. @old is NULL for a new link, @now NULL for one that is
 * gone. Both are valid during the call only. Not called when nothing we keep has changed.
 */
typedef void links_watch_fn(void *arg, const struct link *old, const struct link *now);

struct links *links_new(void);
void links_free(struct links *ls);
void links_watch(struct links *ls, links_watch_fn *fn, void *arg);

/* @return 0 or -ENOMEM. A link that changed its name is found under the new one only. */
int links_put(struct links *ls, const struct link *l);
void links_del(struct links *ls, int ifindex);
/*
 * Adds @delta to the address count of @ifindex; an unknown ifindex is ignored. The kernel repeats
 * RTM_NEWADDR when a lifetime changes, so the count may be too high, never too low; links_no_addrs()
 * sets it right after a flush.
 */
void links_count_addr(struct links *ls, int ifindex, int delta);
void links_no_addrs(struct links *ls, int ifindex);

/*
 * A full dump: begin forgets all address counts, the dumps put links and count addresses, end deletes
 * links not put since begin, and watchers are told.
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
