// SPDX-License-Identifier: GPL-2.0-or-later
/* links: the host's network devices, in two open hash tables over one list of entries. */
#include "links.h"
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

enum { LINKS_BUCKETS_MIN = 64 };

struct entry {
	struct link link;
	struct entry *next_index, *next_name; /* chains of the two tables */
	uint32_t round;			      /* last resync that saw it */
	struct link_addr *addrs;	      /* link.n_addrs of them */
	size_t room;			      /* for that many */
	uint32_t addrs_before;		      /* their hash before a resync */
};

struct links {
	struct entry **by_index, **by_name; /* n_buckets each, a power of two */
	size_t n_buckets, count;
	uint32_t round;
	bool resyncing; /* addresses come again: whether they are others is seen at the end */
	struct routes *routes;
	bool forwarding4, forwarding6;
	links_watch_fn *watch;
	void *watch_arg;
};

static size_t hash_name(const char *name)
{
	size_t h = 5381; /* djb2: names are short and alike in their prefix */
	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

static struct entry **index_slot(const struct links *ls, int ifindex)
{
	return &ls->by_index[(size_t)ifindex & (ls->n_buckets - 1)];
}

static struct entry **name_slot(const struct links *ls, const char *name)
{
	return &ls->by_name[hash_name(name) & (ls->n_buckets - 1)];
}

static void free_entry(struct entry *en)
{
	free(en->addrs);
	free(en);
}

struct links *links_new(void)
{
	struct links *ls = calloc(1, sizeof(*ls));
	if (!ls)
		return NULL;
	ls->n_buckets = LINKS_BUCKETS_MIN;
	ls->by_index = calloc(ls->n_buckets, sizeof(*ls->by_index));
	ls->by_name = calloc(ls->n_buckets, sizeof(*ls->by_name));
	ls->routes = routes_new();
	if (!ls->by_index || !ls->by_name || !ls->routes) {
		links_free(ls);
		return NULL;
	}
	return ls;
}

void links_free(struct links *ls)
{
	if (!ls)
		return;
	for (size_t i = 0; ls->by_index && i < ls->n_buckets; i++)
		for (struct entry *en = ls->by_index[i], *next; en; en = next) {
			next = en->next_index;
			free_entry(en);
		}
	free(ls->by_index);
	free(ls->by_name);
	routes_free(ls->routes);
	free(ls);
}

void links_watch(struct links *ls, links_watch_fn *fn, void *arg)
{
	ls->watch = fn;
	ls->watch_arg = arg;
}

static void tell(struct links *ls, const struct link *old, const struct link *now)
{
	if (ls->watch)
		ls->watch(ls->watch_arg, old, now);
}

static void name_insert(struct links *ls, struct entry *en)
{
	struct entry **slot = name_slot(ls, en->link.name);
	en->next_name = *slot;
	*slot = en;
}

static void name_remove(struct links *ls, struct entry *en)
{
	struct entry **p = name_slot(ls, en->link.name);
	while (*p != en)
		p = &(*p)->next_name;
	*p = en->next_name;
}

/* Doubles the tables; failing to is no error, the chains only get longer. */
static void grow(struct links *ls)
{
	size_t old_n = ls->n_buckets, n = old_n * 2;
	struct entry **old = ls->by_index;
	struct entry **bi = calloc(n, sizeof(*bi)), **bn = calloc(n, sizeof(*bn));
	if (!bi || !bn) {
		free(bi);
		free(bn);
		return;
	}
	free(ls->by_name);
	ls->by_index = bi;
	ls->by_name = bn;
	ls->n_buckets = n;
	for (size_t i = 0; i < old_n; i++)
		for (struct entry *en = old[i], *next; en; en = next) {
			next = en->next_index;
			struct entry **slot = index_slot(ls, en->link.ifindex);
			en->next_index = *slot;
			*slot = en;
			name_insert(ls, en);
		}
	free(old);
}

static struct entry *find(const struct links *ls, int ifindex)
{
	struct entry *en = *index_slot(ls, ifindex);
	while (en && en->link.ifindex != ifindex)
		en = en->next_index;
	return en;
}

/* FNV-1a. Addresses that come back in another order are told as a change: harmless. */
static uint32_t hash_addrs(const struct entry *en)
{
	uint32_t h = 2166136261u;
	const uint8_t *p = (const void *)en->addrs;
	for (size_t i = 0; i < en->link.n_addrs * sizeof(*en->addrs); i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static int insert(struct links *ls, const struct link *l)
{
	struct entry *en = calloc(1, sizeof(*en));
	if (!en)
		return -ENOMEM;
	if (ls->count >= ls->n_buckets)
		grow(ls);
	en->link = *l;
	en->link.n_addrs = 0;
	en->round = ls->round;
	en->addrs_before = hash_addrs(en);
	struct entry **slot = index_slot(ls, l->ifindex);
	en->next_index = *slot;
	*slot = en;
	name_insert(ls, en);
	ls->count++;
	tell(ls, NULL, &en->link);
	return 0;
}

int links_put(struct links *ls, const struct link *l)
{
	struct entry *en = find(ls, l->ifindex);
	if (!en)
		return insert(ls, l);
	en->round = ls->round;
	struct link old = en->link, now = *l;
	now.n_addrs = old.n_addrs; /* RTM_NEWLINK does not know */
	if (!memcmp(&old, &now, sizeof(now)))
		return 0;
	name_remove(ls, en);
	en->link = now;
	name_insert(ls, en);
	/* The kernel says nothing of IPv4 routes that went with this. */
	if (!(now.flags & IFF_UP))
		routes_drop(ls->routes, now.ifindex, NULL);
	tell(ls, &old, &en->link);
	return 0;
}

static void drop(struct links *ls, struct entry *en)
{
	struct entry **p = index_slot(ls, en->link.ifindex);
	while (*p != en)
		p = &(*p)->next_index;
	*p = en->next_index;
	name_remove(ls, en);
	ls->count--;
	routes_drop(ls->routes, en->link.ifindex, NULL);
	tell(ls, &en->link, NULL);
	free_entry(en);
}

void links_del(struct links *ls, int ifindex)
{
	struct entry *en = find(ls, ifindex);
	if (en)
		drop(ls, en);
}

static void touch(struct links *ls, struct entry *en)
{
	tell(ls, &en->link, &en->link);
}

void links_touch(struct links *ls, int ifindex)
{
	struct entry *en = find(ls, ifindex);
	if (en)
		touch(ls, en);
}

static struct link_addr *find_addr(struct entry *en, const struct addr *a)
{
	for (size_t i = 0; i < en->link.n_addrs; i++)
		if (addr_equal(&en->addrs[i].addr, a))
			return &en->addrs[i];
	return NULL;
}

static struct link_addr *new_addr(struct entry *en)
{
	if (en->link.n_addrs == en->room) {
		size_t room = en->room ? 2 * en->room : 2;
		struct link_addr *addrs = realloc(en->addrs, room * sizeof(*addrs));
		if (!addrs)
			return NULL;
		en->addrs = addrs;
		en->room = room;
	}
	return &en->addrs[en->link.n_addrs];
}

int links_put_addr(struct links *ls, int ifindex, const struct link_addr *a)
{
	struct entry *en = find(ls, ifindex);
	struct link_addr *at = en ? find_addr(en, &a->addr) : NULL;
	if (!en || (at && !memcmp(at, a, sizeof(*a))))
		return 0;
	struct link old = en->link;
	if (!at) {
		at = new_addr(en);
		if (!at)
			return -ENOMEM;
		en->link.n_addrs++;
	}
	*at = *a;
	if (!ls->resyncing)
		tell(ls, &old, &en->link);
	return 0;
}

void links_del_addr(struct links *ls, int ifindex, const struct addr *a)
{
	struct entry *en = find(ls, ifindex);
	struct link_addr *at = en ? find_addr(en, a) : NULL;
	if (!at)
		return;
	struct link old = en->link;
	size_t left = --en->link.n_addrs - (at - en->addrs);
	memmove(at, at + 1, left * sizeof(*at));
	routes_drop(ls->routes, ifindex, a);
	tell(ls, &old, &en->link);
}

const struct link_addr *links_addrs(const struct links *ls, int ifindex, size_t *n)
{
	const struct entry *en = find(ls, ifindex);
	*n = en ? en->link.n_addrs : 0;
	return *n ? en->addrs : NULL;
}

struct routes *links_routes(const struct links *ls)
{
	return ls->routes;
}

int links_put_route(struct links *ls, int ifindex, const struct router_route *r)
{
	int news = routes_put(ls->routes, ifindex, r);
	if (news > 0)
		links_touch(ls, ifindex);
	return news < 0 ? news : 0;
}

void links_del_route(struct links *ls, int ifindex, const struct router_route *r)
{
	if (routes_del(ls->routes, ifindex, r))
		links_touch(ls, ifindex);
}

void links_displace_route(struct links *ls, const struct router_route *r)
{
	links_touch(ls, routes_displace(ls->routes, r));
}

bool links_forwarding(const struct links *ls, int family)
{
	return family == AF_INET6 ? ls->forwarding6 : ls->forwarding4;
}

void links_set_forwarding(struct links *ls, int family, bool on)
{
	bool *at = family == AF_INET6 ? &ls->forwarding6 : &ls->forwarding4;
	if (*at == on)
		return;
	*at = on;
	tell(ls, NULL, NULL);
}

void links_resync_begin(struct links *ls)
{
	bool again = ls->resyncing;
	ls->resyncing = true;
	ls->round++;
	routes_resync_begin(ls->routes);
	for (size_t i = 0; i < ls->n_buckets; i++)
		for (struct entry *en = ls->by_index[i]; en; en = en->next_index) {
			if (!again)
				en->addrs_before = hash_addrs(en);
			en->link.n_addrs = 0;
		}
}

static void on_route_gone(void *arg, int ifindex)
{
	links_touch(arg, ifindex);
}

void links_resync_end(struct links *ls)
{
	for (size_t i = 0; i < ls->n_buckets; i++)
		for (struct entry *en = ls->by_index[i], *next; en; en = next) {
			next = en->next_index;
			if (en->round != ls->round)
				drop(ls, en);
			else if (en->addrs_before != hash_addrs(en))
				touch(ls, en);
		}
	routes_resync_end(ls->routes, on_route_gone, ls);
	ls->resyncing = false;
}

const struct link *links_by_index(const struct links *ls, int ifindex)
{
	struct entry *en = ifindex > 0 ? find(ls, ifindex) : NULL;
	return en ? &en->link : NULL;
}

const struct link *links_by_name(const struct links *ls, const char *name)
{
	struct entry *en = *name_slot(ls, name);
	while (en && strcmp(en->link.name, name))
		en = en->next_name;
	return en ? &en->link : NULL;
}

const struct link *links_next(const struct links *ls, const struct link *prev)
{
	size_t i = 0;
	if (prev) {
		const struct entry *en = (const struct entry *)prev; /* its first member */
		if (en->next_index)
			return &en->next_index->link;
		i = ((size_t)prev->ifindex & (ls->n_buckets - 1)) + 1;
	}
	for (; i < ls->n_buckets; i++)
		if (ls->by_index[i])
			return &ls->by_index[i]->link;
	return NULL;
}

size_t links_count(const struct links *ls)
{
	return ls->count;
}
