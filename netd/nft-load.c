// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-load: reads the tables and puts them right. */
#include "nft-priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/common.h>

enum { LOAD_TRIES = 8 }; /* others change the ruleset while we read it */

struct load {
	struct nft_found found[NFT_TABLE_COUNT];
	struct nft_cache cache;
	/* What is being read. */
	enum nft_table table;
	enum nft_set_id set;
	bool no_memory;
};

static int on_table(const struct nlmsghdr *h, void *arg)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr;
	struct load *ld = arg;
	mnl_attr_for_each(attr, h, sizeof(*nfg))
	{
		for (int t = 0; t < NFT_TABLE_COUNT; t++)
			if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
			    nfg->nfgen_family == nft_def(t)->family &&
			    !strcmp(mnl_attr_get_str(attr), nft_def(t)->name))
				ld->found[t].table = true;
	}
	return MNL_CB_OK;
}

static int on_set(const struct nlmsghdr *h, void *arg)
{
	struct load *ld = arg;
	nft_found_set(&ld->found[ld->table], h);
	return MNL_CB_OK;
}

static int on_chain(const struct nlmsghdr *h, void *arg)
{
	struct load *ld = arg;
	nft_found_chain(&ld->found[ld->table], h);
	return MNL_CB_OK;
}

static int on_rule(const struct nlmsghdr *h, void *arg)
{
	struct load *ld = arg;
	nft_found_rule(&ld->found[ld->table], h);
	return MNL_CB_OK;
}

/* The rate of an element's own limit. One that limits in another way comes out as what we never
 * set. */
static uint32_t parse_rate(const struct nlattr *elem)
{
	const struct nlattr *expr, *data, *attr;
	uint64_t rate = 0, unit = 0;
	mnl_attr_for_each_nested(expr, elem)
	{
		if (mnl_attr_get_type(expr) != NFTA_SET_ELEM_EXPR)
			continue;
		mnl_attr_for_each_nested(data, expr)
		{
			if (mnl_attr_get_type(data) != NFTA_EXPR_DATA)
				continue;
			mnl_attr_for_each_nested(attr, data)
			{
				if (mnl_attr_get_type(attr) == NFTA_LIMIT_RATE)
					rate = be64toh(mnl_attr_get_u64(attr));
				if (mnl_attr_get_type(attr) == NFTA_LIMIT_UNIT)
					unit = be64toh(mnl_attr_get_u64(attr));
			}
		}
	}
	return unit == 1 && rate <= UINT32_MAX ? rate : 0;
}

static int on_elems(const struct nlmsghdr *h, void *arg)
{
	struct load *ld = arg;
	const struct nlattr *attr, *elem;
	mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(elem, attr)
		{
			int ifindex;
			struct nft_elem e;
			if (!nft_parse_elem_key(elem, ld->table, ld->set, &ifindex, &e))
				continue;
			if (nft_set_is_limit(ld->set))
				e.rate = parse_rate(elem);
			if (nft_cache_add(&ld->cache, ifindex, &e) < 0)
				ld->no_memory = true;
		}
	}
	return MNL_CB_OK;
}

static int dump(struct nft *nft, uint16_t type, mnl_cb_t fn, struct load *ld, struct err *e)
{
	char buf[256];
	uint8_t family = type == NFT_MSG_GETTABLE ? NFPROTO_UNSPEC : nft_def(ld->table)->family;
	struct nlmsghdr *h = nftnl_nlmsg_build_hdr(buf, type, family, NLM_F_DUMP, 0);
	if (type == NFT_MSG_GETSETELEM)
		nft_put_set(h, ld->table, ld->set);
	else if (type == NFT_MSG_GETRULE)
		mnl_attr_put_strz(h, NFTA_RULE_TABLE, nft_def(ld->table)->name);
	return nft_ask(nft, h, fn, ld, e);
}

static int read_table(struct nft *nft, struct load *ld, struct err *e)
{
	const struct nft_found *f = &ld->found[ld->table];
	int r = dump(nft, NFT_MSG_GETSET, on_set, ld, e);
	r = r ?: dump(nft, NFT_MSG_GETCHAIN, on_chain, ld, e);
	r = r ?: dump(nft, NFT_MSG_GETRULE, on_rule, ld, e);
	for (int i = 0; !r && i < NFT_SET_FILTERS; i++) {
		ld->set = i;
		if (f->sets[i] == NFT_RIGHT)
			r = dump(nft, NFT_MSG_GETSETELEM, on_elems, ld, e);
	}
	return r;
}

static int read_all(struct nft *nft, struct load *ld, struct err *e)
{
	int r = 0;
	for (int t = 0; !r && t < NFT_TABLE_COUNT; t++)
		if (nft_found_init(&ld->found[t], nft_def(t)) < 0)
			r = err_sysf(e, -ENOMEM, "nftables");
	r = r ?: dump(nft, NFT_MSG_GETTABLE, on_table, ld, e);
	for (int t = 0; !r && t < NFT_TABLE_COUNT; t++) {
		ld->table = t;
		if (ld->found[t].table)
			r = read_table(nft, ld, e);
	}
	return r || !ld->no_memory ? r : err_sysf(e, -ENOMEM, "nftables");
}

/* Adds what of @want is not in @have, and all of it where the set is made anew. */
static void put_missing(struct nft_batch *b, const struct nft_cache *have,
			const struct nft_cache *want)
{
	for (int i = nft_cache_next(want, 0); i; i = nft_cache_next(want, i)) {
		const struct nft_entry *w = nft_cache_find(want, i), *h = nft_cache_find(have, i);
		for (size_t k = 0, at = 0; k < w->n; k++) {
			while (h && at < h->n && nft_elem_compare(&h->elems[at], &w->elems[k]) < 0)
				at++;
			if (!h || at == h->n || nft_elem_compare(&h->elems[at], &w->elems[k]))
				nft_batch_elems(b, NFT_MSG_NEWSETELEM, i, &w->elems[k], 1);
		}
	}
}

/* @whole: what is there and what we knew: the memory of a table that was just flushed. */
static int put_right(struct nft *nft, struct load *ld, struct nft_cache *whole, struct err *e)
{
	struct nft_batch b;
	int r = nft_cache_merge(whole, &ld->cache) ?: nft_cache_merge(whole, &nft->cache);
	if (r < 0)
		return err_sysf(e, r, "nftables");
	nft_batch_begin(nft, &b);
	for (int t = 0; t < NFT_TABLE_COUNT; t++)
		if (nft->tables & nft_def(t)->table && !nft_found_all(&ld->found[t]))
			nft_write_table(&b, &ld->found[t]);
	put_missing(&b, &ld->cache, whole);
	r = nft_run(nft, &b, e);
	nft_batch_fini(&b);
	return r;
}

static int load_once(struct nft *nft, struct err *e)
{
	struct load ld = {.no_memory = false};
	struct nft_cache whole = {.bucket = {NULL}};
	int r = read_all(nft, &ld, e);
	for (int t = 0; !r && t < NFT_TABLE_COUNT; t++)
		if (ld.found[t].table)
			nft->tables |= nft_def(t)->table;
	if (!r)
		r = put_right(nft, &ld, &whole, e);
	for (int t = 0; t < NFT_TABLE_COUNT; t++)
		nft_found_fini(&ld.found[t]);
	nft_cache_clear(&ld.cache);
	if (r < 0) {
		nft_cache_clear(&whole);
		return r;
	}
	nft_cache_clear(&nft->cache);
	nft->cache = whole;
	nft->loaded = true;
	return 0;
}

int nft_load(struct nft *nft, struct err *e)
{
	int r = -EINTR;
	/* EINTR: the ruleset changed under a dump; ENOENT, EEXIST: between the dump and our change.
	 */
	for (int i = 0; i < LOAD_TRIES && (r == -EINTR || r == -ENOENT || r == -EEXIST); i++)
		r = load_once(nft, e);
	return r;
}
