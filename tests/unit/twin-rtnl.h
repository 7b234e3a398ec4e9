/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twin-rtnl: rtnl.h over a kernel in memory, chosen at link time; can fail call number N. */
#ifndef TESTS_TWIN_RTNL_H
#define TESTS_TWIN_RTNL_H

#include "rtnl.h"

enum { TWIN_LINKS_MAX = 32, TWIN_TABLE_MAX = 128 };

struct twin_link {
	struct link link; /* ifindex 0: a free place */
	struct vlan_set vlans;
	bool full; /* a bridge that takes no more ports */
};

/* What routing needs beside the links. A free place is all zeros. */
struct twin_tables {
	struct twin_addr {
		int ifindex;
		struct addr addr;
	} addrs[TWIN_TABLE_MAX]; /* link.n_addrs counts more: those it invents */
	struct twin_route {
		int ifindex;
		bool foreign; /* of another protocol */
		struct router_route route;
	} routes[TWIN_TABLE_MAX];
	struct twin_neigh {
		int ifindex;
		struct router_neigh neigh;
	} neighs[TWIN_TABLE_MAX];
	struct twin_proxy {
		bool used, foreign;
		struct router_proxy proxy;
	} proxies[TWIN_TABLE_MAX];
	bool forwarding4, forwarding6;
};

struct rtnl {
	struct twin_link at[TWIN_LINKS_MAX]; /* by ifindex - 1 */
	struct twin_tables tables;
	int calls;     /* changing calls so far */
	int fail_at;   /* this one fails (1 = the first), 0: none */
	int fail_code; /* with this -errno */
	bool lost;     /* the next drain reports lost notifications */
	int fd;	       /* rtnl_fd(): readable after a change; -1 when made by twin_init() alone */
	/* Called after each change: somebody else's hand in the kernel. May be NULL. */
	void (*meddle)(struct rtnl *rt);
	/* Was a link ever up while a member of a bridge with other flags or VLANs than at the end? */
	char trace[2048]; /* "vif1.0:up=1,master=br0,vlans=10p;…" of every change of a link */
};

void twin_init(struct rtnl *rt);
/* The next rtnl_open() gives @rt, which stays the caller's; rtnl_close() closes its descriptor. */
void twin_offer(struct rtnl *rt);
/* After a change by the test's own hand: the kernel has news. */
void twin_notify(struct rtnl *rt);
/* @return the new link, to be filled further. */
struct twin_link *twin_add(struct rtnl *rt, const char *name, const char *kind);
struct twin_link *twin_find(struct rtnl *rt, const char *name);
void twin_del(struct rtnl *rt, const char *name);
/* Between the two halves of the twin: each change begins, perhaps to fail, and ends. */
int twin_begin(struct rtnl *rt, struct err *e);
int twin_end(struct rtnl *rt, const struct twin_link *t);
struct twin_link *twin_index(struct rtnl *rt, int ifindex); /* NULL: no such link */
/* sysctl_set() changes this one from now on. */
void twin_sysctls_of(struct rtnl *rt);

#endif
