// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-elems: a filter as elements of sets, and back. */
#include "nft-elems.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	enum nft_set_id set;
	enum filter_guard guard;
} guards[] = {
	{NFT_SET_GUARD_RA, FILTER_GUARD_RA},
	{NFT_SET_GUARD_DHCP, FILTER_GUARD_DHCP},
	{NFT_SET_GUARD_VLAN, FILTER_GUARD_VLAN},
	{NFT_SET_GUARD_CONTROL, FILTER_GUARD_CONTROL},
};

size_t nft_set_key_len(enum nft_set_id set)
{
	switch (set) {
	case NFT_SET_FAST:
	case NFT_SET_MACS:
		return FILTER_MAC_SIZE;
	case NFT_SET_V4:
		return 4;
	case NFT_SET_V6:
		return 16;
	default: /* many, and all alike */
		return 0;
	}
}

bool nft_set_is_limit(enum nft_set_id set)
{
	return set >= NFT_SET_LIMIT_PACKETS && set < NFT_SET_LIMIT_PACKETS + FILTER_LIMIT_COUNT;
}

int nft_elem_compare(const struct nft_elem *a, const struct nft_elem *b)
{
	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	int r = memcmp(a->key, b->key, sizeof(a->key));
	return r ?: (a->rate > b->rate) - (a->rate < b->rate);
}

static int compare(const void *a, const void *b)
{
	return nft_elem_compare(a, b);
}

static bool has_limits(const struct filter *f)
{
	for (int i = 0; i < FILTER_LIMIT_COUNT; i++)
		if (f->limit[i])
			return true;
	return false;
}

static struct nft_elem with_mac(enum nft_set_id set, const struct filter *f)
{
	struct nft_elem e = {.set = set};
	memcpy(e.key, f->mac, sizeof(f->mac));
	return e;
}

size_t nft_elems_of(const struct filter *f, struct nft_elem out[NFT_ELEMS_MAX])
{
	size_t n = 0;
	if (!f->on)
		return 0;
	out[n++] = (struct nft_elem){.set = NFT_SET_GUESTS};
	if (f->guards == FILTER_GUARD_ALL && !has_limits(f))
		out[n++] = with_mac(NFT_SET_FAST, f);
	out[n++] = with_mac(NFT_SET_MACS, f);
	for (size_t i = 0; i < f->n_addrs; i++) {
		const struct addr *a = &f->addrs[i];
		out[n] = (struct nft_elem){.set = a->family == AF_INET ? NFT_SET_V4 : NFT_SET_V6};
		memcpy(out[n++].key, a->bytes, addr_len(a));
	}
	if (f->any_addr)
		out[n++] = (struct nft_elem){.set = NFT_SET_ANYADDR};
	for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++)
		if (f->guards & guards[i].guard)
			out[n++] = (struct nft_elem){.set = guards[i].set};
	for (int i = 0; i < FILTER_LIMIT_COUNT; i++)
		if (f->limit[i])
			out[n++] = (struct nft_elem){.set = NFT_SET_LIMIT_PACKETS + i,
						     .rate = f->limit[i]};
	qsort(out, n, sizeof(*out), compare);
	return n;
}

static void read_one(const struct nft_elem *e, struct filter *f)
{
	struct addr a = {.family = e->set == NFT_SET_V4 ? AF_INET : AF_INET6};
	switch (e->set) {
	case NFT_SET_GUESTS:
		f->on = true;
		break;
	case NFT_SET_MACS:
		memcpy(f->mac, e->key, sizeof(f->mac));
		break;
	case NFT_SET_V4:
	case NFT_SET_V6:
		memcpy(a.bytes, e->key, sizeof(a.bytes));
		f->odd |= !filter_add_addr(f, &a);
		break;
	case NFT_SET_ANYADDR:
		f->any_addr = true;
		break;
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++)
		if (guards[i].set == e->set)
			f->guards |= guards[i].guard;
	if (nft_set_is_limit(e->set))
		f->limit[e->set - NFT_SET_LIMIT_PACKETS] = e->rate;
}

void nft_elems_read(const struct nft_elem *list, size_t n, struct filter *f)
{
	struct nft_elem back[NFT_ELEMS_MAX];
	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < n; i++)
		read_one(&list[i], f);
	f->odd |= nft_elems_of(f, back) != n;
	for (size_t i = 0; i < n && !f->odd; i++)
		f->odd = nft_elem_compare(&list[i], &back[i]);
}
