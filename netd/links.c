// SPDX-License-Identifier: GPL-2.0-or-later
/* links: the host's network devices, in two open hash tables over one list of entries. */
#include "links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS_BUCKETS_MIN = 64 };

struct entry {
	struct link link;
	struct entry *next_index, *next_name; /* chains of the two tables */
	uint32_t round;			      /* last resync that saw it */
};

struct links {
	struct entry **by_index, **by_name; /* n_buckets each, a power of two */
	size_t n_buckets, count;
	uint32_t round;
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

struct links *links_new(void)
{
	struct links *ls = calloc(1, sizeof(*ls));
	if (!ls)
		return NULL;
	ls->n_buckets = LINKS_BUCKETS_MIN;
	ls->by_index = calloc(ls->n_buckets, sizeof(*ls->by_index));
	ls->by_name = calloc(ls->n_buckets, sizeof(*ls->by_name));
	if (!ls->by_index || !ls->by_name) {
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
			free(en);
		}
	free(ls->by_index);
	free(ls->by_name);
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

static int insert(struct links *ls, const struct link *l)
{
	struct entry *en = calloc(1, sizeof(*en));
	if (!en)
		return -ENOMEM;
	if (ls->count >= ls->n_buckets)
		grow(ls);
	en->link = *l;
	en->round = ls->round;
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
	tell(ls, &en->link, NULL);
	free(en);
}

void links_del(struct links *ls, int ifindex)
{
	struct entry *en = find(ls, ifindex);
	if (en)
		drop(ls, en);
}

void links_count_addr(struct links *ls, int ifindex, int delta)
{
	struct entry *en = find(ls, ifindex);
	if (!en || !delta || (delta < 0 && en->link.n_addrs < (uint32_t)-delta))
		return;
	struct link old = en->link;
	en->link.n_addrs += delta;
	tell(ls, &old, &en->link);
}

void links_no_addrs(struct links *ls, int ifindex)
{
	struct entry *en = find(ls, ifindex);
	if (en)
		links_count_addr(ls, ifindex, -(int)en->link.n_addrs);
}

void links_resync_begin(struct links *ls)
{
	ls->round++;
	for (size_t i = 0; i < ls->n_buckets; i++)
		for (struct entry *en = ls->by_index[i]; en; en = en->next_index)
			en->link.n_addrs = 0;
}

void links_resync_end(struct links *ls)
{
	for (size_t i = 0; i < ls->n_buckets; i++)
		for (struct entry *en = ls->by_index[i], *next; en; en = next) {
			next = en->next_index;
			if (en->round != ls->round)
				drop(ls, en);
		}
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
