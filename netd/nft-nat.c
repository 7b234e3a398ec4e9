// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-nat: private networks in nftables: the elements. */
#include "nft-nat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/common.h>

#include "nft-priv.h"

void nft_nat_fini(struct nft *nft)
{
	free(nft->nat.list);
	nft->nat.list = NULL;
	nft->nat.n = 0;
}

size_t nft_nat_count(const struct nft *nft)
{
	return nft->nat.n;
}

static void put_value(struct nlmsghdr *h, uint16_t type, const uint8_t *value, size_t len)
{
	struct nlattr *data = mnl_attr_nest_start(h, type);
	mnl_attr_put(h, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(h, data);
}

static void put_elem(struct nft_batch *b, uint16_t type, const struct nat_elem *e)
{
	bool add = type == NFT_MSG_NEWSETELEM;
	struct nlmsghdr *h = nft_batch_put(b, type, add ? NLM_F_CREATE : 0);
	size_t data = nat_set_data_len(e->set);
	if (!h)
		return;
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, nat_set_name(e->set));
	struct nlattr *nest = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct nlattr *elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	put_value(h, NFTA_SET_ELEM_KEY, e->key, nat_set_key_len(e->set));
	if (add && data)
		put_value(h, NFTA_SET_ELEM_DATA, e->data, data);
	mnl_attr_nest_end(h, elem);
	mnl_attr_nest_end(h, nest);
	nft_batch_end(b, h);
}

static void put_table(struct nft_batch *b, uint16_t type)
{
	struct nlmsghdr *h = nft_batch_put(b, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
	if (!h)
		return;
	mnl_attr_put_strz(h, NFTA_TABLE_NAME, NFT_TABLE);
	nft_batch_end(b, h);
}

/* The whole table with these, in place of whatever is there. None: no table. */
static int write_all(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e)
{
	struct nft_batch b;
	nft_batch_begin(nft, &b);
	b.family = NFPROTO_INET;
	put_table(&b, NFT_MSG_NEWTABLE); /* so that there is one to be deleted */
	put_table(&b, NFT_MSG_DELTABLE);
	if (n) {
		put_table(&b, NFT_MSG_NEWTABLE);
		nft_nat_write_table(&b);
	}
	for (size_t i = 0; i < n; i++)
		put_elem(&b, NFT_MSG_NEWSETELEM, &list[i]);
	int r = nft_run(nft, &b, e);
	nft_batch_fini(&b);
	nft->nat.written = !r && n;
	return r;
}

int nft_nat_rewrite(struct nft *nft, struct err *e)
{
	return write_all(nft, nft->nat.list, nft->nat.n, e);
}

/* One element as the kernel tells it. */
static bool parse_elem(const struct nlattr *elem, enum nat_set set, struct nat_elem *out)
{
	const struct nlattr *attr, *value;
	bool key = false, data = false;
	*out = (struct nat_elem) {.set = set};
	mnl_attr_for_each_nested(attr, elem)
	{
		uint16_t type = mnl_attr_get_type(attr);
		if (type != NFTA_SET_ELEM_KEY && type != NFTA_SET_ELEM_DATA)
			continue;
		size_t len =
			type == NFTA_SET_ELEM_KEY ? nat_set_key_len(set) : nat_set_data_len(set);
		mnl_attr_for_each_nested(value, attr)
		{
			if (mnl_attr_get_type(value) != NFTA_DATA_VALUE ||
			    mnl_attr_get_payload_len(value) != len)
				continue;
			memcpy(type == NFTA_SET_ELEM_KEY ? out->key : out->data,
			       mnl_attr_get_payload(value), len);
			*(type == NFTA_SET_ELEM_KEY ? &key : &data) = true;
		}
	}
	return key && (data || !nat_set_data_len(set));
}

struct load {
	struct nft_nat *nat;
	enum nat_set set;
	bool no_memory;
};

static int on_elems(const struct nlmsghdr *h, void *arg)
{
	struct load *ld = arg;
	const struct nlattr *attr, *elem;
	struct nat_elem e;
	mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(elem, attr)
		{
			if (!parse_elem(elem, ld->set, &e))
				continue;
			void *p = reallocarray(ld->nat->list, ld->nat->n + 1, sizeof(e));
			if (!p) {
				ld->no_memory = true;
				return MNL_CB_OK;
			}
			ld->nat->list = p;
			ld->nat->list[ld->nat->n++] = e;
		}
	}
	return MNL_CB_OK;
}

/* What an earlier run of the daemon left: its networks are at work. Others' elements are not read.
 */
int nft_nat_load(struct nft *nft, struct err *e)
{
	char buf[256];
	struct load ld = {.nat = &nft->nat};
	for (int set = 0; set < NAT_SET_COUNT; set++) {
		struct nlmsghdr *h =
			nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETSETELEM, NFPROTO_INET, NLM_F_DUMP, 0);
		mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
		mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, nat_set_name(set));
		ld.set = set;
		int r = nft_ask(nft, h, on_elems, &ld, e);
		if (r < 0 && r != -ENOENT)
			return r;
		if (ld.no_memory)
			return err_sysf(e, -ENOMEM, "nftables");
	}
	nft->nat.n = nat_elems_sort(nft->nat.list, nft->nat.n);
	nft->nat.loaded = true;
	/* The rules may be an older version's. */
	return nft->nat.n ? nft_nat_rewrite(nft, e) : 0;
}

static int ready(struct nft *nft, struct err *e)
{
	if (nft->nat.loaded)
		return 0;
	nft_nat_fini(nft);
	return nft_nat_load(nft, e);
}

bool nft_nat_has(const struct nft *nft, const struct nat_elem *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct nat_elem *have = nat_elems_find(nft->nat.list, nft->nat.n, &list[i]);
		if (!have || memcmp(have->data, list[i].data, sizeof(have->data)))
			return false;
	}
	return !n || nft->nat.written;
}

/* @whole, for free(): what is there, with @list put over it. */
static size_t join(const struct nft *nft, const struct nat_elem *list, size_t n,
		   struct nat_elem **whole)
{
	const struct nft_nat *nat = &nft->nat;
	size_t k = n;
	*whole = malloc((nat->n + n + 1) * sizeof(**whole));
	if (!*whole)
		return 0;
	if (n)
		memcpy(*whole, list, n * sizeof(*list));
	for (size_t i = 0; i < nat->n; i++)
		if (!nat_elems_find(list, n, &nat->list[i]))
			(*whole)[k++] = nat->list[i];
	return nat_elems_sort(*whole, k);
}

static void take(struct nft *nft, struct nat_elem *list, size_t n)
{
	free(nft->nat.list);
	nft->nat.list = list;
	nft->nat.n = n;
}

/* From what is there to @to, by as little as it takes. */
static int change(struct nft *nft, const struct nat_elem *to, size_t n, struct err *e)
{
	const struct nft_nat *nat = &nft->nat;
	struct nft_batch b;
	if (!nat->written || !n)
		return write_all(nft, to, n, e);
	nft_batch_begin(nft, &b);
	b.family = NFPROTO_INET;
	for (size_t i = 0; i < nat->n; i++) {
		const struct nat_elem *stays = nat_elems_find(to, n, &nat->list[i]);
		if (!stays || memcmp(stays->data, nat->list[i].data, sizeof(stays->data)))
			put_elem(&b, NFT_MSG_DELSETELEM, &nat->list[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (!nft_nat_has(nft, &to[i], 1))
			put_elem(&b, NFT_MSG_NEWSETELEM, &to[i]);
	int r = nft_run(nft, &b, e);
	nft_batch_fini(&b);
	/* Another program's hand, of which we are yet to hear. */
	return r == -ENOENT || r == -EEXIST ? write_all(nft, to, n, e) : r;
}

int nft_nat_put(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e)
{
	struct nat_elem *whole;
	int r = ready(nft, e);
	if (r < 0)
		return r;
	size_t k = join(nft, list, n, &whole);
	if (!whole)
		return err_sysf(e, -ENOMEM, "nftables");
	r = change(nft, whole, k, e);
	if (r < 0)
		free(whole);
	else
		take(nft, whole, k);
	return r;
}

int nft_nat_keep(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e)
{
	int r = ready(nft, e);
	size_t k = 0;
	struct nat_elem *left = r < 0 ? NULL : malloc((nft->nat.n + 1) * sizeof(*left));
	if (!left)
		return r < 0 ? r : err_sysf(e, -ENOMEM, "nftables");
	for (size_t i = 0; i < nft->nat.n; i++)
		if (nat_elems_find(list, n, &nft->nat.list[i]))
			left[k++] = nft->nat.list[i];
	if (k != nft->nat.n)
		r = change(nft, left, k, e);
	if (r < 0 || k == nft->nat.n)
		free(left);
	else
		take(nft, left, k);
	return r;
}
