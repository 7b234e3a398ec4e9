// SPDX-License-Identifier: GPL-2.0-or-later
/* routes: two hash tables of routes over one kind of entry, and one of proxy entries. */
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Chains stay short up to some ten thousand addresses, and right beyond. */
enum { ROUTES_BUCKETS = 4096 };

struct entry {
	struct router_route route;
	int ifindex;
	uint32_t round;
	struct entry *next_dst, *next_link;
};

struct proxy {
	struct router_proxy proxy;
	uint32_t round;
	bool suspect; /* on the list of suspects */
	struct proxy *next, *next_suspect;
};

struct routes {
	struct entry *by_dst[ROUTES_BUCKETS], *by_link[ROUTES_BUCKETS];
	struct proxy *proxies[ROUTES_BUCKETS];
	struct proxy *suspects; /* their address may have lost its last route */
	uint32_t round;
};

static size_t hash_addr(const struct addr *a)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < sizeof(a->bytes); i++)
		h = (h ^ a->bytes[i]) * 16777619u;
	return (h ^ h >> 16) % ROUTES_BUCKETS;
}

static size_t hash_link(int ifindex)
{
	return (size_t)ifindex % ROUTES_BUCKETS;
}

struct routes *routes_new(void)
{
	return calloc(1, sizeof(struct routes));
}

void routes_free(struct routes *rs)
{
	for (size_t i = 0; rs && i < ROUTES_BUCKETS; i++) {
		for (struct entry *en = rs->by_link[i], *next; en; en = next) {
			next = en->next_link;
			free(en);
		}
		for (struct proxy *p = rs->proxies[i], *next; p; p = next) {
			next = p->next;
			free(p);
		}
	}
	free(rs);
}

static bool is_host(const struct addr *a)
{
	return a->prefix == 8 * addr_len(a);
}

static struct entry *find(const struct routes *rs, int ifindex, const struct router_route *r)
{
	struct entry *en = rs->by_dst[hash_addr(&r->dst)];
	while (en &&
	       !((!ifindex || en->ifindex == ifindex) && router_route_same_key(&en->route, r)))
		en = en->next_dst;
	return en;
}

static void suspect(struct routes *rs, struct proxy *p)
{
	if (p->suspect)
		return;
	p->suspect = true;
	p->next_suspect = rs->suspects;
	rs->suspects = p;
}

static void suspect_host(struct routes *rs, const struct addr *host)
{
	for (struct proxy *p = rs->proxies[hash_addr(host)]; p; p = p->next)
		if (addr_same_host(&p->proxy.host, host))
			suspect(rs, p);
}

static void drop(struct routes *rs, struct entry *en)
{
	struct entry **p = &rs->by_dst[hash_addr(&en->route.dst)];
	while (*p != en)
		p = &(*p)->next_dst;
	*p = en->next_dst;
	for (p = &rs->by_link[hash_link(en->ifindex)]; *p != en;)
		p = &(*p)->next_link;
	*p = en->next_link;
	suspect_host(rs, &en->route.dst);
	free(en);
}

int routes_put(struct routes *rs, int ifindex, const struct router_route *r)
{
	struct entry *en = find(rs, ifindex, r);
	if (en) {
		bool same = router_route_equal(&en->route, r);
		en->route = *r;
		en->round = rs->round;
		return !same;
	}
	en = calloc(1, sizeof(*en));
	if (!en)
		return -ENOMEM;
	struct entry **dst = &rs->by_dst[hash_addr(&r->dst)];
	struct entry **link = &rs->by_link[hash_link(ifindex)];
	*en = (struct entry) {*r, ifindex, rs->round, *dst, *link};
	*dst = *link = en;
	return 1;
}

bool routes_del(struct routes *rs, int ifindex, const struct router_route *r)
{
	struct entry *en = find(rs, ifindex, r);
	if (en)
		drop(rs, en);
	return en;
}

int routes_displace(struct routes *rs, const struct router_route *r)
{
	struct entry *en = find(rs, 0, r);
	int ifindex = en ? en->ifindex : 0;
	if (en)
		drop(rs, en);
	return ifindex;
}

bool routes_drop(struct routes *rs, int ifindex, const struct addr *src)
{
	bool any = false;
	for (struct entry *en = rs->by_link[hash_link(ifindex)], *next; en; en = next) {
		next = en->next_link;
		if (en->ifindex != ifindex || (src && !addr_same_host(&en->route.src, src)))
			continue;
		drop(rs, en);
		any = true;
	}
	return any;
}

size_t routes_of(const struct routes *rs, int ifindex, struct router_route *list, size_t max)
{
	size_t n = 0;
	for (const struct entry *en = rs->by_link[hash_link(ifindex)]; en && n < max;
	     en = en->next_link)
		if (en->ifindex == ifindex)
			list[n++] = en->route;
	return n;
}

bool routes_has_host(const struct routes *rs, const struct addr *host, int except)
{
	const struct entry *en = rs->by_dst[hash_addr(host)];
	while (en && (en->ifindex == except || !is_host(&en->route.dst) ||
		      !addr_same_host(&en->route.dst, host)))
		en = en->next_dst;
	return en;
}

static struct proxy **find_proxy(struct routes *rs, const struct router_proxy *p)
{
	struct proxy **at = &rs->proxies[hash_addr(&p->host)];
	while (*at && !router_proxy_equal(&(*at)->proxy, p))
		at = &(*at)->next;
	return at;
}

int routes_put_proxy(struct routes *rs, const struct router_proxy *p)
{
	struct proxy **at = find_proxy(rs, p);
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return -ENOMEM;
		(*at)->proxy = *p;
	}
	(*at)->round = rs->round;
	return 0;
}

static void remove_proxy(struct routes *rs, struct proxy **at)
{
	struct proxy *p = *at, **s = &rs->suspects;
	*at = p->next;
	while (p->suspect && *s != p)
		s = &(*s)->next_suspect;
	if (p->suspect)
		*s = p->next_suspect;
	free(p);
}

void routes_del_proxy(struct routes *rs, const struct router_proxy *p)
{
	struct proxy **at = find_proxy(rs, p);
	if (*at)
		remove_proxy(rs, at);
}

void routes_proxies_of(const struct routes *rs, const struct addr *host, struct router *out)
{
	for (const struct proxy *p = rs->proxies[hash_addr(host)]; p; p = p->next)
		if (addr_same_host(&p->proxy.host, host))
			router_add_proxy(out, &p->proxy);
}

bool routes_pop_orphan(struct routes *rs, struct router_proxy *out)
{
	while (rs->suspects) {
		struct proxy *p = rs->suspects;
		rs->suspects = p->next_suspect;
		p->suspect = false;
		if (routes_has_host(rs, &p->proxy.host, 0))
			continue;
		*out = p->proxy;
		remove_proxy(rs, find_proxy(rs, out));
		return true;
	}
	return false;
}

void routes_resync_begin(struct routes *rs)
{
	rs->round++;
}

static void end_proxies(struct routes *rs, struct proxy **at)
{
	while (*at) {
		if ((*at)->round != rs->round) {
			remove_proxy(rs, at);
			continue;
		}
		suspect(rs, *at);
		at = &(*at)->next;
	}
}

void routes_resync_end(struct routes *rs, routes_changed_fn *fn, void *arg)
{
	for (size_t i = 0; i < ROUTES_BUCKETS; i++) {
		for (struct entry *en = rs->by_link[i], *next; en; en = next) {
			next = en->next_link;
			int ifindex = en->ifindex;
			if (en->round == rs->round)
				continue;
			drop(rs, en);
			fn(arg, ifindex);
		}
		end_proxies(rs, &rs->proxies[i]);
	}
}
