// SPDX-License-Identifier: GPL-2.0-or-later
/* router: the lists of a routed netdev, compared as sets, and printed. */
#include "router.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool router_route_same_key(const struct router_route *a, const struct router_route *b)
{
	return addr_equal(&a->dst, &b->dst) && a->metric == b->metric && a->table == b->table;
}

bool router_route_equal(const struct router_route *a, const struct router_route *b)
{
	return router_route_same_key(a, b) && addr_same_host(&a->src, &b->src);
}

bool router_neigh_equal(const struct router_neigh *a, const struct router_neigh *b)
{
	return addr_same_host(&a->host, &b->host) && !memcmp(a->mac, b->mac, sizeof(a->mac));
}

bool router_proxy_equal(const struct router_proxy *a, const struct router_proxy *b)
{
	return a->ifindex == b->ifindex && addr_same_host(&a->host, &b->host);
}

/* Each list has the same four functions: has, add, all of @a in @b, and the same set. */
#define ROUTER_LIST(one, type, member, max, equal)                                   \
	bool router_has_##one(const struct router *r, const type *x)                 \
	{                                                                            \
		for (size_t i = 0; i < r->n_##member; i++)                           \
			if (equal(&r->member[i], x))                                 \
				return true;                                         \
		return false;                                                        \
	}                                                                            \
	bool router_add_##one(struct router *r, const type *x)                       \
	{                                                                            \
		if (router_has_##one(r, x))                                          \
			return true;                                                 \
		if (r->n_##member == (max))                                          \
			return false;                                                \
		r->member[r->n_##member++] = *x;                                     \
		return true;                                                         \
	}                                                                            \
	bool router_same_##member(const struct router *a, const struct router *b)    \
	{                                                                            \
		for (size_t i = 0; i < a->n_##member; i++)                           \
			if (!router_has_##one(b, &a->member[i]))                     \
				return false;                                        \
		return a->n_##member == b->n_##member; /* no entry is there twice */ \
	}

ROUTER_LIST(addr, struct addr, addrs, ROUTER_ADDRS_MAX, addr_equal)
ROUTER_LIST(route, struct router_route, routes, ROUTER_LIST_MAX, router_route_equal)
ROUTER_LIST(neigh, struct router_neigh, neighs, ROUTER_LIST_MAX, router_neigh_equal)
ROUTER_LIST(proxy, struct router_proxy, proxies, ROUTER_LIST_MAX, router_proxy_equal)

bool router_has_route_key(const struct router *r, const struct router_route *route)
{
	for (size_t i = 0; i < r->n_routes; i++)
		if (router_route_same_key(&r->routes[i], route))
			return true;
	return false;
}

bool router_conf_differs(const struct router_conf *have, const struct router_conf *want)
{
	if (!want->set)
		return false;
	if (have->forwarding != want->forwarding || have->proxy_arp != want->proxy_arp ||
	    have->accept_redirects != want->accept_redirects ||
	    have->rp_filter != want->rp_filter || have->arp_announce != want->arp_announce)
		return true;
	/* Where IPv6 is off there is nothing to set. */
	return want->v6 && have->v6 &&
	       (have->v6_forwarding != want->v6_forwarding ||
		have->v6_accept_ra != want->v6_accept_ra);
}

struct out {
	char *buf;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3))) put(struct out *o, const char *fmt, ...)
{
	va_list ap;
	if (o->used >= o->size)
		return;
	va_start(ap, fmt);
	int n = vsnprintf(o->buf + o->used, o->size - o->used, fmt, ap);
	va_end(ap);
	o->used += n > 0 ? n : 0;
}

static void put_conf(struct out *o, const struct router_conf *c)
{
	if (!c->set)
		return;
	put(o, " conf=fwd%u,parp%u,redir%u,rpf%u,ann%u", c->forwarding, c->proxy_arp,
	    c->accept_redirects, c->rp_filter, c->arp_announce);
	if (c->v6)
		put(o, ",fwd6-%u,ra%u", c->v6_forwarding, c->v6_accept_ra);
}

const char *router_print(const struct router *r, char *buf, size_t size)
{
	char text[ADDR_TEXT_SIZE], src[ADDR_TEXT_SIZE];
	struct out o = {buf, size, 0};
	buf[0] = '\0';
	put_conf(&o, &r->conf);
	for (size_t i = 0; i < r->n_addrs; i++)
		put(&o, "%s%s", i ? "," : " addrs=", addr_print(&r->addrs[i], text, sizeof(text)));
	for (size_t i = 0; i < r->n_routes; i++)
		put(&o, "%s%s>%s#%u@%u",
		    i ? "," : " routes=", addr_print(&r->routes[i].dst, text, sizeof(text)),
		    addr_print(&r->routes[i].src, src, sizeof(src)), r->routes[i].metric,
		    r->routes[i].table);
	for (size_t i = 0; i < r->n_neighs; i++)
		put(&o, "%s%s",
		    i ? "," : " neighs=", addr_print(&r->neighs[i].host, text, sizeof(text)));
	for (size_t i = 0; i < r->n_proxies; i++)
		put(&o, "%s%s%%%d",
		    i ? "," : " proxies=", addr_print(&r->proxies[i].host, text, sizeof(text)),
		    r->proxies[i].ifindex);
	if (r->uplink[0])
		put(&o, " uplink=%s fwd=%d%d ndp=%d", r->uplink, r->forward4, r->forward6,
		    r->proxy_ndp);
	return buf;
}
