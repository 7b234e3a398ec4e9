// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-cache: which elements each interface has, in memory. */
#include "nft-priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct nft_entry **slot(const struct nft_cache *c, int ifindex)
{
	struct nft_entry *const *p = &c->bucket[(unsigned)ifindex % NFT_BUCKETS];
	return (struct nft_entry **)p;
}

struct nft_entry *nft_cache_find(const struct nft_cache *c, int ifindex)
{
	struct nft_entry *en = *slot(c, ifindex);
	while (en && en->ifindex != ifindex)
		en = en->next;
	return en;
}

static struct nft_entry *find_or_make(struct nft_cache *c, int ifindex)
{
	struct nft_entry *en = nft_cache_find(c, ifindex);
	if (en)
		return en;
	en = calloc(1, sizeof(*en));
	if (!en)
		return NULL;
	en->ifindex = ifindex;
	en->next = *slot(c, ifindex);
	*slot(c, ifindex) = en;
	return en;
}

static void drop(struct nft_cache *c, int ifindex)
{
	struct nft_entry **p = slot(c, ifindex);
	while (*p && (*p)->ifindex != ifindex)
		p = &(*p)->next;
	struct nft_entry *en = *p;
	if (!en)
		return;
	*p = en->next;
	free(en->elems);
	free(en);
}

static int reserve(struct nft_entry *en, size_t n)
{
	if (n <= en->room)
		return 0;
	void *p = reallocarray(en->elems, n + 4, sizeof(*en->elems));
	if (!p)
		return -ENOMEM;
	en->elems = p;
	en->room = n + 4;
	return 0;
}

int nft_cache_add(struct nft_cache *c, int ifindex, const struct nft_elem *e)
{
	struct nft_entry *en = find_or_make(c, ifindex);
	size_t i = 0;
	if (!en || reserve(en, en->n + 1) < 0)
		return -ENOMEM;
	while (i < en->n && nft_elem_compare(&en->elems[i], e) < 0)
		i++;
	if (i < en->n && !nft_elem_compare(&en->elems[i], e))
		return 0;
	memmove(&en->elems[i + 1], &en->elems[i], (en->n - i) * sizeof(*e));
	en->elems[i] = *e;
	en->n++;
	return 0;
}

int nft_cache_set(struct nft_cache *c, int ifindex, const struct nft_elem *list, size_t n)
{
	if (!n) {
		drop(c, ifindex);
		return 0;
	}
	struct nft_entry *en = find_or_make(c, ifindex);
	if (!en || reserve(en, n) < 0)
		return -ENOMEM;
	memcpy(en->elems, list, n * sizeof(*list));
	en->n = n;
	return 0;
}

/* Another rate of the same limit is no further element: what the kernel has goes first. */
static bool has_limit(const struct nft_cache *c, int ifindex, const struct nft_elem *e)
{
	const struct nft_entry *en = nft_cache_find(c, ifindex);
	for (size_t i = 0; en && i < en->n; i++)
		if (en->elems[i].set == e->set && en->elems[i].table == e->table)
			return true;
	return false;
}

int nft_cache_merge(struct nft_cache *c, const struct nft_cache *from)
{
	int r = 0;
	for (int i = nft_cache_next(from, 0); i && !r; i = nft_cache_next(from, i)) {
		const struct nft_entry *en = nft_cache_find(from, i);
		for (size_t k = 0; k < en->n && !r; k++)
			if (!en->elems[k].rate || !has_limit(c, i, &en->elems[k]))
				r = nft_cache_add(c, i, &en->elems[k]);
	}
	return r;
}

int nft_cache_next(const struct nft_cache *c, int prev)
{
	size_t i = 0;
	if (prev) {
		const struct nft_entry *en = nft_cache_find(c, prev);
		if (en && en->next)
			return en->next->ifindex;
		i = (unsigned)prev % NFT_BUCKETS + 1;
	}
	for (; i < NFT_BUCKETS; i++)
		if (c->bucket[i])
			return c->bucket[i]->ifindex;
	return 0;
}

void nft_cache_clear(struct nft_cache *c)
{
	for (size_t i = 0; i < NFT_BUCKETS; i++)
		while (c->bucket[i])
			drop(c, c->bucket[i]->ifindex);
}
