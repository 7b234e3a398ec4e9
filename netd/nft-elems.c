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
	case NFT_SET_MACS:
		return FILTER_MAC_SIZE;
	case NFT_SET_PASS_ANY:
		return 8;
	case NFT_SET_PASS_V4:
		return 8 + 4;
	case NFT_SET_PASS_V6:
		return 8 + 16;
	case NFT_SET_V4:
	case NFT_SET_NETS4:
		return 4;
	case NFT_SET_V6:
	case NFT_SET_NETS6:
		return 16;
	default: /* many, and all alike */
		return 0;
	}
}

bool nft_table_has(enum nft_table table, enum nft_set_id set)
{
	static const uint32_t without[NFT_TABLE_COUNT] = {
		/* Nothing is routed to a bridge's port. */
		[NFT_TABLE_BRIDGE] = 1u << NFT_SET_NETS4 | 1u << NFT_SET_NETS6,
		/* Without a bridge neither tags nor its protocols come so far. */
		[NFT_TABLE_INET] = 1u << NFT_SET_GUARD_VLAN | 1u << NFT_SET_GUARD_CONTROL,
		[NFT_TABLE_ARP] = 1u << NFT_SET_GUARD_VLAN | 1u << NFT_SET_GUARD_CONTROL |
				  1u << NFT_SET_GUARD_RA | 1u << NFT_SET_GUARD_DHCP |
				  1u << NFT_SET_PASS_V4 | 1u << NFT_SET_PASS_V6 |
				  1u << NFT_SET_PASS_ANY | 1u << NFT_SET_V6 | 1u << NFT_SET_NETS6 |
				  1u << NFT_SET_LIMIT_CONNECTIONS,
	};
	return set < NFT_SET_FILTERS && !(without[table] >> set & 1);
}

bool nft_set_is_limit(enum nft_set_id set)
{
	return set >= NFT_SET_LIMIT_PACKETS && set < NFT_SET_LIMIT_PACKETS + FILTER_LIMIT_COUNT;
}

int nft_elem_compare(const struct nft_elem *a, const struct nft_elem *b)
{
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	int r = memcmp(a->key, b->key, sizeof(a->key)) ?: a->prefix - b->prefix;
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

struct list {
	struct nft_elem *at;
	size_t n;
	enum nft_table table;
};

/* @return the element, zeroed but for where it is; a place that is not used when it is not there.
 */
static struct nft_elem *put(struct list *l, enum nft_set_id set)
{
	struct nft_elem *e = &l->at[l->n];
	*e = (struct nft_elem) {.table = l->table, .set = set};
	if (nft_table_has(l->table, set))
		l->n++;
	return e;
}

static void put_mac(struct list *l, const struct filter *f)
{
	memcpy(put(l, NFT_SET_MACS)->key, f->mac, sizeof(f->mac));
}

/* What may pass by one look: the MAC and the Ethernet type, and an address behind them. */
static void put_pass(struct list *l, const struct filter *f, enum nft_set_id set, bool v4,
		     const struct addr *a)
{
	const uint8_t type[2][2] = {{0x86, 0xdd}, {0x08, 0x00}};
	struct nft_elem *e = put(l, set);
	memcpy(e->key, f->mac, sizeof(f->mac));
	memcpy(e->key + sizeof(f->mac), type[v4], 2);
	if (a)
		memcpy(e->key + 8, a->bytes, addr_len(a));
}

static void put_addr(struct list *l, const struct filter *f, const struct addr *a)
{
	bool v4 = a->family == AF_INET, net = a->prefix < 8 * addr_len(a);
	enum nft_set_id set = v4    ? net ? NFT_SET_NETS4 : NFT_SET_V4
			      : net ? NFT_SET_NETS6
				    : NFT_SET_V6;
	struct nft_elem *e = put(l, set);
	memcpy(e->key, a->bytes, addr_len(a));
	e->prefix = net ? a->prefix : 0;
	if (!net && !has_limits(f))
		put_pass(l, f, v4 ? NFT_SET_PASS_V4 : NFT_SET_PASS_V6, v4, a);
}

static void put_all(struct list *l, const struct filter *f)
{
	put(l, NFT_SET_GUESTS);
	put_mac(l, f);
	for (size_t i = 0; i < f->n_addrs; i++)
		put_addr(l, f, &f->addrs[i]);
	if (f->any_addr)
		put(l, NFT_SET_ANYADDR);
	for (int v4 = 0; f->any_addr && !has_limits(f) && v4 < 2; v4++)
		put_pass(l, f, NFT_SET_PASS_ANY, v4, NULL);
	for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++)
		if (f->guards & guards[i].guard)
			put(l, guards[i].set);
	for (int i = 0; i < FILTER_LIMIT_COUNT; i++)
		if (f->limit[i])
			put(l, NFT_SET_LIMIT_PACKETS + i)->rate = f->limit[i];
}

size_t nft_elems_of(const struct filter *f, struct nft_elem out[NFT_ELEMS_MAX])
{
	struct list l = {.at = out};
	for (l.table = 0; f->on && l.table < NFT_TABLE_COUNT; l.table++)
		if (f->routed == (l.table != NFT_TABLE_BRIDGE))
			put_all(&l, f);
	qsort(out, l.n, sizeof(*out), compare);
	return l.n;
}

static void read_addr(const struct nft_elem *e, struct filter *f)
{
	bool v4 = e->set == NFT_SET_V4 || e->set == NFT_SET_NETS4;
	struct addr a = {.family = v4 ? AF_INET : AF_INET6, .prefix = e->prefix};
	memcpy(a.bytes, e->key, v4 ? 4 : 16);
	if (e->set == NFT_SET_V4 || e->set == NFT_SET_V6)
		a.prefix = 8 * addr_len(&a);
	f->odd |= a.prefix > 8 * addr_len(&a) || !filter_add_net(f, &a);
}

static void read_one(const struct nft_elem *e, struct filter *f)
{
	switch (e->set) {
	case NFT_SET_GUESTS:
		f->on = true;
		f->routed |= e->table != NFT_TABLE_BRIDGE;
		break;
	case NFT_SET_MACS:
		memcpy(f->mac, e->key, sizeof(f->mac));
		break;
	case NFT_SET_V4:
	case NFT_SET_V6:
	case NFT_SET_NETS4:
	case NFT_SET_NETS6:
		read_addr(e, f);
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

/* The guards of what cannot be routed are nowhere written down: they are as good as set. */
static void add_bridge_guards(struct filter *f)
{
	if (f->routed)
		f->guards |= FILTER_GUARD_VLAN | FILTER_GUARD_CONTROL;
}

void nft_elems_read(const struct nft_elem *list, size_t n, struct filter *f)
{
	struct nft_elem back[NFT_ELEMS_MAX];
	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < n; i++)
		read_one(&list[i], f);
	add_bridge_guards(f);
	f->odd |= nft_elems_of(f, back) != n;
	for (size_t i = 0; i < n && !f->odd; i++)
		f->odd = nft_elem_compare(&list[i], &back[i]);
}
