/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-def: a table of nftables as it should be, written down. */
#ifndef NETD_NFT_DEF_H
#define NETD_NFT_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NFT_NAME_SIZE = 32, /* of our sets and chains */
	NFT_PARTS_MAX = 3,
	NFT_NOT_BASE = -1,
};

/* What a part of a key is, with nft(8)'s numbers, so that it prints keys as what they are. */
enum nft_part {
	NFT_PART_IPV4 = 7,
	NFT_PART_IPV6 = 8,
	NFT_PART_ETHER = 9,    /* also 8 bytes: with the Ethernet type behind it */
	NFT_PART_IFINDEX = 20, /* host byte order */
};

struct nft_set_def {
	uint8_t tables; /* that have it: bits */
	const char *name;
	uint8_t parts[NFT_PARTS_MAX]; /* enum nft_part; 0: no more */
	uint8_t len;		      /* bytes of a key, each part filled up to 4 */
	bool prefixes;		      /* the last part is an address with a prefix */
	uint32_t counters; /* elements are counters that rules make, this many at most; 0: they are
			      not */
};

struct nft_chain_def {
	uint8_t tables;
	const char *name;
	int hook; /* NF_BR_PRE_ROUTING, …, or NFT_NOT_BASE. A base chain's policy is accept */
	int priority;
};

/*
 * Tables of several families can be written down as one: each is a bit of @table, and has the sets,
 * chains and rules that have this bit. Numbers of sets and chains are those of the arrays,
 * whichever table has them; names that begin with "user-" are the site's, whose chains are made and
 * then left alone.
 */
struct nft_def {
	uint8_t family; /* NFPROTO_* */
	uint8_t table;	/* one bit */
	const char *name;
	const struct nft_set_def *sets;
	size_t n_sets;
	const struct nft_chain_def *chains;
	size_t n_chains;
	const struct nft_rule *rules; /* in each chain's order */
	size_t n_rules;
};

#endif
