/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-elems: a filter as elements of sets, and back. Pure: nothing of nftables' libraries here. */
#ifndef NETD_NFT_ELEMS_H
#define NETD_NFT_ELEMS_H

#include "filter.h"

/* Where a filter's elements are: a bridged guest's in the first, a routed one's in the other two.
 */
enum nft_table {
	NFT_TABLE_BRIDGE,
	NFT_TABLE_INET, /* IPv4 and IPv6 on their way into dom0 */
	NFT_TABLE_ARP,
	NFT_TABLE_COUNT,
};

/*
 * The sets of our tables. Keys begin with the interface's index, not its name: an index is never
 * used again while the host runs, so a renamed device stays filtered, and elements whose device is
 * gone match nothing and can be told from all others without asking xenstore. "type" is the
 * Ethernet type.
 */
enum nft_set_id {
	NFT_SET_GUESTS,	  /* iif: all that is filtered */
	NFT_SET_PASS_V4,  /* iif . MAC and type . IPv4 address: may pass at once, if untagged */
	NFT_SET_PASS_V6,  /* the same of TCP and UDP by IPv6 */
	NFT_SET_PASS_ANY, /* iif . MAC and type: of guests whose addresses are not known */
	NFT_SET_MACS,	  /* iif . MAC */
	NFT_SET_V4,	  /* iif . IPv4 address */
	NFT_SET_V6,	  /* iif . IPv6 address */
	NFT_SET_NETS4,	  /* iif . IPv4 network, which is behind the guest */
	NFT_SET_NETS6,	  /* iif . IPv6 network */
	NFT_SET_ANYADDR,  /* iif */
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
	NFT_KEY_MAX = 24,			   /* bytes behind the interface's index */
	NFT_ELEMS_MAX = 4 * FILTER_ADDRS_MAX + 32, /* of one filter */
};

/* One element of an interface. A value type, compared as memory: unused bytes are zero. */
struct nft_elem {
	uint8_t table;	/* enum nft_table */
	uint8_t set;	/* enum nft_set_id */
	uint8_t prefix; /* of a network: bits; NFT_PREFIX_ODD: another range, which is none of ours
			 */
	uint32_t rate;	/* of a limit, a second */
	uint8_t key[NFT_KEY_MAX];
};

enum { NFT_PREFIX_ODD = 255 };

/* Has this table this set, of those that describe filters? */
bool nft_table_has(enum nft_table table, enum nft_set_id set);
/* Bytes of a set's key behind the interface's index: 0, 4, 6, 8, 12, 16 or 24. */
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
