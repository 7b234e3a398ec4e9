// SPDX-License-Identifier: GPL-2.0-or-later
/* step-route: routes to the guest, its neighbour entries, its proxy entries on the uplink. */
#include <errno.h>
#include <string.h>

#include "host.h"
#include "routes.h"
#include "steps.h"
#include "sysctl.h"

static bool route_differs(const struct hostif *have, const struct hostif *want)
{
	return !router_same_routes(&have->router, &want->router);
}

static bool route_empty(const struct hostif *h)
{
	return !h->router.n_routes;
}

/* There is one already. Ours, which our table has missed? Then the next pass goes by what it is. */
static int is_known_after_all(struct host *h, int ifindex, const struct router_route *r)
{
	struct router now = {.n_routes = 0};
	if (rtnl_reread_routes(h->rtnl, h->links, ifindex, NULL) < 0)
		return false;
	now.n_routes = routes_of(links_routes(h->links), ifindex, now.routes, ROUTER_LIST_MAX);
	return router_has_route_key(&now, r);
}

static int add_route(struct host *h, const struct hostif *from, const struct router_route *route,
		     struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	bool replace = router_has_route_key(&from->router, route);
	int r = rtnl_add_route(h->rtnl, from->ifindex, route, replace, e);
	if (r == -EEXIST && is_known_after_all(h, from->ifindex, route))
		return 0;
	return r < 0 ? err_wrapf(e, "add route %s to %s",
				 addr_print(&route->dst, text, sizeof(text)), from->name),
	       r     : 0;
}

static int route_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		       struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	int r = 0;
	for (size_t i = 0; r >= 0 && i < to->router.n_routes; i++)
		if (!router_has_route(&from->router, &to->router.routes[i]))
			r = add_route(h, from, &to->router.routes[i], e);
	for (size_t i = 0; r >= 0 && i < from->router.n_routes; i++) {
		const struct router_route *route = &from->router.routes[i];
		if (router_has_route_key(&to->router, route))
			continue;
		r = rtnl_del_route(h->rtnl, from->ifindex, route, e);
		if (r < 0)
			err_wrapf(e, "remove route %s to %s",
				  addr_print(&route->dst, text, sizeof(text)), from->name);
	}
	return r;
}

static bool is_host(const struct addr *a)
{
	return a->prefix == 8 * addr_len(a);
}

/* Those of the wanted hosts, and of hosts that are routed here now. */
static int neigh_observe(struct host *h, struct hostif *have, struct err *e)
{
	struct router *r = &have->router, ask = {.n_neighs = 0};
	memcpy(ask.neighs, r->neighs, sizeof(ask.neighs));
	ask.n_neighs = r->n_neighs;
	for (size_t i = 0; i < r->n_routes; i++) {
		struct router_neigh n = {.host = r->routes[i].dst};
		bool asked = !is_host(&n.host);
		for (size_t k = 0; k < ask.n_neighs && !asked; k++)
			asked = addr_same_host(&ask.neighs[k].host, &n.host);
		if (!asked)
			router_add_neigh(&ask, &n);
	}
	r->n_neighs = 0;
	for (size_t i = 0; i < ask.n_neighs; i++) {
		int found = rtnl_get_neigh(h->rtnl, have->ifindex, &ask.neighs[i], e);
		if (found < 0)
			return err_wrapf(e, "read the neighbours of %s", have->name), found;
		if (found)
			router_add_neigh(r, &ask.neighs[i]);
	}
	return 0;
}

static bool neigh_differs(const struct hostif *have, const struct hostif *want)
{
	return !router_same_neighs(&have->router, &want->router);
}

static bool neigh_empty(const struct hostif *h)
{
	return !h->router.n_neighs;
}

static bool has_neigh_host(const struct router *r, const struct addr *host)
{
	for (size_t i = 0; i < r->n_neighs; i++)
		if (addr_same_host(&r->neighs[i].host, host))
			return true;
	return false;
}

static int neigh_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		       struct err *e)
{
	const struct router *have = &from->router, *want = &to->router;
	int r = 0;
	for (size_t i = 0; r >= 0 && i < want->n_neighs; i++)
		if (!router_has_neigh(have, &want->neighs[i]))
			r = rtnl_set_neigh(h->rtnl, from->ifindex, &want->neighs[i], e);
	for (size_t i = 0; r >= 0 && i < have->n_neighs; i++)
		if (!has_neigh_host(want, &have->neighs[i].host))
			r = rtnl_del_neigh(h->rtnl, from->ifindex, &have->neighs[i], e);
	return r < 0 ? err_wrapf(e, "set the neighbour entries of %s", from->name), r : 0;
}

/* Those of this netdev's hosts, elsewhere than wanted: unless another vif has the address too. */
static int observe_others(struct host *h, const struct hostif *have, const struct router *ask,
			  struct router *found, struct err *e)
{
	struct routes *rs = links_routes(h->links);
	struct router others = {.n_proxies = 0};
	for (size_t i = 0; i < have->router.n_routes; i++)
		if (!routes_has_host(rs, &have->router.routes[i].dst, have->ifindex))
			routes_proxies_of(rs, &have->router.routes[i].dst, &others);
	for (size_t i = 0; i < others.n_proxies; i++) {
		const struct router_proxy *p = &others.proxies[i];
		if (router_has_proxy(ask, p))
			continue;
		int r = rtnl_has_proxy(h->rtnl, p, e);
		if (r < 0)
			return r;
		if (r == 1)
			router_add_proxy(found, p);
		else
			routes_del_proxy(rs, p);
	}
	return 0;
}

static int proxy_observe(struct host *h, struct hostif *have, struct err *e)
{
	struct router ask = have->router, found = {.n_proxies = 0};
	const struct link *up = links_by_name(h->links, have->router.uplink);
	int r = 0;
	have->router.proxy_ndp = up && up->conf.v6_proxy_ndp;
	for (size_t i = 0; r >= 0 && i < ask.n_proxies; i++) {
		r = rtnl_has_proxy(h->rtnl, &ask.proxies[i], e);
		if (r > 0)
			router_add_proxy(&found, &ask.proxies[i]);
	}
	if (r >= 0)
		r = observe_others(h, have, &ask, &found, e);
	if (r < 0)
		return err_wrapf(e, "read the proxy entries of %s", have->name), r;
	memcpy(have->router.proxies, found.proxies, sizeof(found.proxies));
	have->router.n_proxies = found.n_proxies;
	return 0;
}

static bool proxy_differs(const struct hostif *have, const struct hostif *want)
{
	return (want->router.proxy_ndp && !have->router.proxy_ndp) ||
	       !router_same_proxies(&have->router, &want->router);
}

static bool proxy_empty(const struct hostif *h)
{
	return !h->router.n_proxies;
}

static int set_proxy_ndp(struct host *h, const char *uplink, struct err *e)
{
	const struct link *up = links_by_name(h->links, uplink);
	int r = up ? sysctl_set("ipv6", uplink, "proxy_ndp", 1, e) : 0;
	return r < 0 || !up ? r : rtnl_reread_link(h->rtnl, h->links, up->ifindex, e);
}

/* Into our table first: an entry in the kernel that we do not know of would stay for ever. */
static int add_proxy(struct host *h, const struct router_proxy *p, struct err *e)
{
	int r = routes_put_proxy(links_routes(h->links), p);
	return r < 0 ? err_sysf(e, r, "proxy entry") : rtnl_add_proxy(h->rtnl, p, e);
}

static int del_proxy(struct host *h, const struct router_proxy *p, struct err *e)
{
	int r = rtnl_del_proxy(h->rtnl, p, e);
	if (r >= 0)
		routes_del_proxy(links_routes(h->links), p);
	return r;
}

static int proxy_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		       struct err *e)
{
	const struct router *have = &from->router, *want = &to->router;
	int r = 0;
	if (want->proxy_ndp && !have->proxy_ndp)
		r = set_proxy_ndp(h, want->uplink, e);
	for (size_t i = 0; r >= 0 && i < want->n_proxies; i++)
		if (!router_has_proxy(have, &want->proxies[i]))
			r = add_proxy(h, &want->proxies[i], e);
	for (size_t i = 0; r >= 0 && i < have->n_proxies; i++)
		if (!router_has_proxy(want, &have->proxies[i]))
			r = del_proxy(h, &have->proxies[i], e);
	return r < 0 ? err_wrapf(e, "set the proxy entries for %s%s%s", from->name,
				 want->uplink[0] ? " on " : "", want->uplink),
	       r     : 0;
}

const struct step *const *steps_route(void)
{
	/* Routes first: what is there besides is found by them, also by a rollback. */
	static const struct step route = {
		.name = "route",
		.stage = STEP_ROUTE,
		.differs = route_differs,
		.empty = route_empty,
		.apply = route_apply,
	};
	static const struct step neigh = {
		.name = "neigh",
		.stage = STEP_ROUTE,
		.observe = neigh_observe,
		.differs = neigh_differs,
		.empty = neigh_empty,
		.apply = neigh_apply,
	};
	static const struct step proxy = {
		.name = "proxy",
		.stage = STEP_ROUTE,
		.observe = proxy_observe,
		.differs = proxy_differs,
		.empty = proxy_empty,
		.apply = proxy_apply,
	};
	static const struct step *const all[] = {&route, &neigh, &proxy, NULL};
	return all;
}
