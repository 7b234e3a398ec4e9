/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routes: our routes and our proxy entries as the kernel last told, in memory. Pure. */
#ifndef NETD_ROUTES_H
#define NETD_ROUTES_H

#include "router.h"

/*
 * Routes: the kernel tells of each change, so a look at a vif asks nothing and costs the same beside
 * a thousand others or a full BGP table. It does not tell, of IPv4, that routes went with a device
 * that was set down, or with their source address; links.c draws that conclusion. A route dropped
 * here by mistake is only asked for again (rtnl_add_route), one kept by mistake would never be
 * repaired: in doubt it is dropped.
 *
 * Proxy entries outlive the netdev they are for, and the kernel tells nothing about them. So this
 * table holds all of ours, and an entry whose address has lost its last route is an orphan to be
 * removed: also one that an earlier run of the daemon left.
 */
struct routes;

/* A link whose routes have changed without an event of its own. */
typedef void routes_changed_fn(void *arg, int ifindex);

struct routes *routes_new(void);
void routes_free(struct routes *rs);

/* Takes the place of one with the same key on that link. @return 1: news, 0: known, -ENOMEM. */
int routes_put(struct routes *rs, int ifindex, const struct router_route *r);
/* Removes the route with @r's key on @ifindex. @return was it there? */
bool routes_del(struct routes *rs, int ifindex, const struct router_route *r);
/* Removes the one with @r's key on whichever link. @return that link, 0: there was none. */
int routes_displace(struct routes *rs, const struct router_route *r);
/* Removes those of a link: all (@src NULL), or those with that source. @return was any there? */
bool routes_drop(struct routes *rs, int ifindex, const struct addr *src);

/* Copies up to @max of the link's routes. @return how many. */
size_t routes_of(const struct routes *rs, int ifindex, struct router_route *list, size_t max);
/* Is there a route of ours to exactly this host, on another link than @except (0: on any)? */
bool routes_has_host(const struct routes *rs, const struct addr *host, int except);

int routes_put_proxy(struct routes *rs, const struct router_proxy *p); /* 0 or -ENOMEM */
void routes_del_proxy(struct routes *rs, const struct router_proxy *p);
/* Appends the entries for @host, on whichever device, to @out's proxies. */
void routes_proxies_of(const struct routes *rs, const struct addr *host, struct router *out);
/*
 * Takes out one proxy entry that has no route (any more), for the caller to remove from the kernel
 * too. Constant in the number of entries. @return false: there is none.
 */
bool routes_pop_orphan(struct routes *rs, struct router_proxy *out);

/*
 * Around a full dump: what is not put between the two is removed, and @fn told of the links
 * concerned. Proxy entries without a route become orphans.
 */
void routes_resync_begin(struct routes *rs);
void routes_resync_end(struct routes *rs, routes_changed_fn *fn, void *arg);

#endif
