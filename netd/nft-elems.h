/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-elems: a filter as elements of sets, and back. Pure: nothing of nftables' libraries here. */
#ifndef NETD_NFT_ELEMS_H
#define NETD_NFT_ELEMS_H

#include "filter.h"

/*
 * The sets of our table. Keys begin with the interface's index, not its name: an index is never used
 * again while the host runs, so a renamed device stays filtered, and elements whose device is gone
 * match nothing and can be told from all others without asking xenstore.
 */
enum nft_set_id {
	NFT_SET_GUESTS,	 /* iif: all that is filtered */
	NFT_SET_FAST,	 /* iif . MAC: with every guard and without limits, the common case */
	NFT_SET_MACS,	 /* iif . MAC */
	NFT_SET_V4,	 /* iif . IPv4 address */
	NFT_SET_V6,	 /* iif . IPv6 address */
	NFT_SET_ANYADDR, /* iif */
	NFT_SET_GUARD_RA,
	NFT_SET_GUARD_DHCP,
	NFT_SET_GUARD_VLAN,
	NFT_SET_GUARD_CONTROL,
	NFT_SET_LIMIT_PACKETS, /* iif, with a limit in each element */
	NFT_SET_LIMIT_CONNECTIONS,
	NFT_SET_LIMIT_BROADCAST,
	NFT_SET_FILTERS, /* how many sets describe filters */
	/* Then the counters, iif: elements that the rules themselves make at the first drop. */
	NFT_SET_DROPS = NFT_SET_FILTERS,
	NFT_SET_COUNT = NFT_SET_DROPS + FILTER_DROP_COUNT,
};

enum {
	NFT_KEY_MAX = 16,	   /* bytes behind the interface's index */
	NFT_ELEMS_MAX = 11 + FILTER_ADDRS_MAX, /* of one filter */
};

/* One element of an interface. A value type, compared as memory: unused bytes are zero. */
struct nft_elem {
	uint32_t set; /* enum nft_set_id */
	uint32_t rate; /* of a limit, a second */
	uint8_t key[NFT_KEY_MAX];
};

/* Bytes of a set's key behind the interface's index: 0, 4, 6 or 16. */
size_t nft_set_key_len(enum nft_set_id set);
bool nft_set_is_limit(enum nft_set_id set);

/* For sorting and for merging two sorted lists. */
int nft_elem_compare(const struct nft_elem *a, const struct nft_elem *b);

/* @return how many elements @f is, sorted; 0 for a filter that is off. */
size_t nft_elems_of(const struct filter *f, struct nft_elem out[NFT_ELEMS_MAX]);

/*
 * The filter that the sorted @list describes. What is not as nft_elems_of() would have it, sets
 * f->odd: the filter must be set again.
 */
void nft_elems_read(const struct nft_elem *list, size_t n, struct filter *f);

#endif
