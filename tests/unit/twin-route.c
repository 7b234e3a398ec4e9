// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-route: the routing part of twin-rtnl. */
#include "twin-rtnl.h"

#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "sysctl.h"

int rtnl_reread_addrs(struct rtnl *rt, struct links *links, int ifindex, struct err *e)
{
	(void)ifindex;
	return rtnl_resync(rt, links, e);
}

/* With ifindex 0: a free place. So the finders below, with NULL. */
static struct twin_addr *find_addr(struct rtnl *rt, int ifindex, const struct addr *a)
{
	struct twin_addr *at = rt->tables.addrs;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		if (at[i].ifindex == ifindex && (!ifindex || addr_equal(&at[i].addr, a)))
			return &at[i];
	return NULL;
}

int rtnl_add_addr(struct rtnl *rt, int ifindex, const struct addr *a, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0 || !t)
		return r < 0 ? r : err_sysf(e, -ENODEV, "twin");
	if (a->family == AF_INET6 && !t->link.conf.v6)
		return err_sysf(e, -EACCES, "twin");
	if (find_addr(rt, ifindex, a))
		return 0;
	*find_addr(rt, 0, NULL) = (struct twin_addr){ifindex, *a};
	t->link.n_addrs++;
	return twin_end(rt, t);
}

/* fib_sync_down_addr(): the routes go whose source it was. */
int rtnl_del_addr(struct rtnl *rt, int ifindex, const struct addr *a, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	struct twin_addr *at = find_addr(rt, ifindex, a);
	int r = twin_begin(rt, e);
	if (r < 0 || !t)
		return r < 0 ? r : err_sysf(e, -ENODEV, "twin");
	if (!at && a->bytes[0] != 198) /* gone already; one that the twin invents stands in no table */
		return 0;
	if (at)
		memset(at, 0, sizeof(*at));
	t->link.n_addrs--;
	for (int i = 0; i < TWIN_TABLE_MAX; i++) {
		struct twin_route *route = &rt->tables.routes[i];
		if (route->ifindex == ifindex && addr_same_host(&route->route.src, a))
			memset(route, 0, sizeof(*route));
	}
	return twin_end(rt, t);
}

int rtnl_reread_link(struct rtnl *rt, struct links *links, int ifindex, struct err *e)
{
	(void)ifindex;
	return rtnl_resync(rt, links, e);
}

int rtnl_set_conf(struct rtnl *rt, int ifindex, const struct router_conf *conf, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0 || !t)
		return r < 0 ? r : err_sysf(e, -ENODEV, "twin");
	t->link.conf.forwarding = conf->forwarding;
	t->link.conf.proxy_arp = conf->proxy_arp;
	t->link.conf.accept_redirects = conf->accept_redirects;
	t->link.conf.rp_filter = conf->rp_filter;
	t->link.conf.arp_announce = conf->arp_announce;
	return twin_end(rt, t);
}

static int set_all(struct rtnl *rt, bool v6, int value)
{
	*(v6 ? &rt->tables.forwarding6 : &rt->tables.forwarding4) = value;
	for (int i = 0; i < TWIN_LINKS_MAX; i++) {
		struct router_conf *c = &rt->at[i].link.conf;
		if (rt->at[i].link.ifindex)
			*(v6 ? &c->v6_forwarding : &c->forwarding) = value;
	}
	return twin_end(rt, NULL);
}

/* The one kernel of this process: sysctls have no handle. */
static struct rtnl *the_kernel;

void twin_sysctls_of(struct rtnl *rt)
{
	the_kernel = rt;
}

int sysctl_set(const char *family, const char *dev, const char *key, int value, struct err *e)
{
	struct rtnl *rt = the_kernel;
	struct twin_link *t = twin_find(rt, dev);
	bool v6 = !strcmp(family, "ipv6");
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (!strcmp(dev, "all"))
		return set_all(rt, v6, value);
	if (!t)
		return err_sysf(e, -ENOENT, "twin");
	if (!strcmp(key, "forwarding"))
		*(v6 ? &t->link.conf.v6_forwarding : &t->link.conf.forwarding) = value;
	else if (!strcmp(key, "accept_ra"))
		t->link.conf.v6_accept_ra = value;
	else if (!strcmp(key, "proxy_ndp"))
		t->link.conf.v6_proxy_ndp = value;
	return twin_end(rt, t);
}

static struct twin_route *find_route(struct rtnl *rt, const struct router_route *r)
{
	struct twin_route *at = rt->tables.routes;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		if (r ? at[i].ifindex && router_route_same_key(&at[i].route, r) : !at[i].ifindex)
			return &at[i];
	return NULL;
}

int rtnl_add_route(struct rtnl *rt, int ifindex, const struct router_route *route, bool replace,
		   struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	struct twin_route *there = find_route(rt, route);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (!t || !(t->link.flags & IFF_UP))
		return err_sysf(e, t ? -ENETDOWN : -ENODEV, "twin");
	if (there && !replace)
		return err_setf(e, -EEXIST, "there is one already");
	if (!there)
		there = find_route(rt, NULL);
	*there = (struct twin_route){ifindex, false, *route};
	return twin_end(rt, t);
}

int rtnl_del_route(struct rtnl *rt, int ifindex, const struct router_route *route, struct err *e)
{
	struct twin_route *there = find_route(rt, route);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (there && there->ifindex == ifindex && !there->foreign)
		memset(there, 0, sizeof(*there));
	return twin_end(rt, twin_index(rt, ifindex));
}

int rtnl_reread_routes(struct rtnl *rt, struct links *links, int ifindex, struct err *e)
{
	(void)ifindex;
	return rtnl_resync(rt, links, e);
}

static struct twin_neigh *find_neigh(struct rtnl *rt, int ifindex, const struct addr *host)
{
	struct twin_neigh *at = rt->tables.neighs;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		if (at[i].ifindex == ifindex &&
		    (!ifindex || addr_same_host(&at[i].neigh.host, host)))
			return &at[i];
	return NULL;
}

int rtnl_get_neigh(struct rtnl *rt, int ifindex, struct router_neigh *n, struct err *e)
{
	const struct twin_neigh *at = find_neigh(rt, ifindex, &n->host);
	(void)e;
	if (at)
		*n = at->neigh;
	return at != NULL;
}

int rtnl_set_neigh(struct rtnl *rt, int ifindex, const struct router_neigh *n, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0 || !t)
		return r < 0 ? r : err_sysf(e, -ENODEV, "twin");
	*(find_neigh(rt, ifindex, &n->host) ?: find_neigh(rt, 0, NULL)) =
		(struct twin_neigh){ifindex, *n};
	return twin_end(rt, t);
}

int rtnl_del_neigh(struct rtnl *rt, int ifindex, const struct router_neigh *n, struct err *e)
{
	struct twin_neigh *at = find_neigh(rt, ifindex, &n->host);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (at)
		memset(at, 0, sizeof(*at));
	return twin_end(rt, twin_index(rt, ifindex));
}

static struct twin_proxy *find_proxy(struct rtnl *rt, const struct router_proxy *p)
{
	struct twin_proxy *at = rt->tables.proxies;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		if (p ? at[i].used && router_proxy_equal(&at[i].proxy, p) : !at[i].used)
			return &at[i];
	return NULL;
}

int rtnl_has_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e)
{
	const struct twin_proxy *at = find_proxy(rt, p);
	(void)e;
	return !at ? 0 : at->foreign ? 2 : 1;
}

int rtnl_add_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e)
{
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	*(find_proxy(rt, p) ?: find_proxy(rt, NULL)) = (struct twin_proxy){true, false, *p};
	return twin_end(rt, NULL);
}

int rtnl_del_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e)
{
	struct twin_proxy *at = find_proxy(rt, p);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (at)
		memset(at, 0, sizeof(*at));
	return twin_end(rt, NULL);
}
