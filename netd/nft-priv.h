/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-priv: between the nft*.c files alone. */
#ifndef NETD_NFT_PRIV_H
#define NETD_NFT_PRIV_H

#include <stddef.h>

#include <net/if.h> /* before linux/if.h and linux/in.h, which the headers below pull in */
#include <netinet/in.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge.h>

#include "nat-elems.h"
#include "nft-def.h"
#include "nft-elems.h"
#include "nft.h"

#define NFT_TABLE	 "xen-netd"
#define NFT_TABLE_ROUTED "xen-netd-filter" /* inet xen-netd is that of private networks */
#define NFT_USER	 "user-"	   /* how the names of what is the site's begin */

enum {
	NFT_BUCKETS = 1024,
	NFT_BUF_SIZE = 64 * 1024,
	NFT_CHANGE_MAX = 64 * 1024, /* no message of ours is longer */
};

/* What one interface has in the kernel, sorted. */
struct nft_entry {
	struct nft_entry *next;
	int ifindex;
	size_t n, room;
	struct nft_elem *elems;
};

struct nft_cache {
	struct nft_entry *bucket[NFT_BUCKETS];
};

struct nft {
	struct mnl_socket *request, *monitor;
	uint32_t seq;
	uint8_t tables; /* that are kept: 1 << enum nft_table. The bridge's always, others when
			   needed */
	bool loaded;	/* they are there, right, and the cache tells what is in them */
	struct nft_cache cache;
	/* The table of private networks: what is in it, or was before another program came by. */
	struct nft_nat {
		struct nat_elem *list; /* sorted */
		size_t n;
		bool loaded;  /* the kernel was asked what is there */
		bool written; /* the table is there, and holds the list */
	} nat;
	char buf[NFT_BUF_SIZE];
};

/* nft-cache.c */
struct nft_entry *nft_cache_find(const struct nft_cache *c, int ifindex);
/* Adds one element, in order; one that is there stays alone. 0 or -ENOMEM. */
int nft_cache_add(struct nft_cache *c, int ifindex, const struct nft_elem *e);
/* Replaces all of @ifindex; n == 0 removes it. 0 or -ENOMEM, with the entry as it was. */
int nft_cache_set(struct nft_cache *c, int ifindex, const struct nft_elem *list, size_t n);
/* Adds what is in @from and not in @c. */
int nft_cache_merge(struct nft_cache *c, const struct nft_cache *from);
int nft_cache_next(const struct nft_cache *c, int prev);
void nft_cache_clear(struct nft_cache *c);

/* nft-batch.c: a transaction in the making. */
struct nft_batch {
	char *buf;
	size_t len, room;
	uint32_t first, seq; /* of its messages */
	size_t n;	     /* changes in it */
	size_t last;	     /* where the last one begins */
	bool failed;	     /* out of memory; told by nft_run() */
	uint8_t family;	     /* of the table that the next change is to: NFPROTO_BRIDGE at first */
};

void nft_batch_begin(struct nft *nft, struct nft_batch *b);
void nft_batch_fini(struct nft_batch *b);
/* Room for one change, to be filled and then ended; NULL: out of memory. */
struct nlmsghdr *nft_batch_put(struct nft_batch *b, uint16_t type, uint16_t flags);
void nft_batch_end(struct nft_batch *b, const struct nlmsghdr *h);
/* Adds or deletes (NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM) sorted elements of @ifindex. */
void nft_batch_elems(struct nft_batch *b, uint16_t type, int ifindex, const struct nft_elem *list,
		     size_t n);
/* Sends it. 0 or -errno with what failed; then nothing of it holds. An empty one is fine. */
int nft_run(struct nft *nft, struct nft_batch *b, struct err *e);

/* One request for things, not a change. @fn is called for each answer: libmnl's callback. */
int nft_ask(struct nft *nft, struct nlmsghdr *h, mnl_cb_t fn, void *arg, struct err *e);
/* Put "table, name" and the key of one element: what get and delete need, too. */
void nft_put_elem(struct nlmsghdr *h, int ifindex, const struct nft_elem *e, bool with_limit);
void nft_put_set(struct nlmsghdr *h, enum nft_table table, enum nft_set_id set);
/* @elem: one NFTA_LIST_ELEM. @return false: no key of a set of ours. */
bool nft_parse_elem_key(const struct nlattr *elem, enum nft_table table, enum nft_set_id set,
			int *ifindex, struct nft_elem *e);

/* nft-drops.c: @return how many counters an interface has, as elements to be removed. */
enum { NFT_COUNTERS_MAX = NFT_TABLE_COUNT * FILTER_DROP_COUNT };
size_t nft_counters_of(struct nft *nft, const struct nft_entry *en,
		       struct nft_elem out[NFT_COUNTERS_MAX]);

/*
 * nft-load.c: reads the tables, makes those of nft->tables that are not there, and puts all right,
 * with all that the cache knew. Sets nft->loaded.
 */
int nft_load(struct nft *nft, struct err *e);

/* nft-rules.c: what the tables of the filter are made of. */
const struct nft_def *nft_def(enum nft_table table);

/* nft-nat.c: another program was at it: writes it again. */
int nft_nat_rewrite(struct nft *nft, struct err *e);
void nft_nat_fini(struct nft *nft);
/* nft-nat-rules.c: adds sets, chains and rules of the table. */
void nft_nat_write_table(struct nft_batch *b);


/* nft-table.c: a table, its sets, chains and rules: what is there, and what makes it whole. */
enum {
	NFT_SETS_MAX = 48,
	NFT_CHAINS_MAX = 48,
	NFT_RULES_MAX = 160,
	NFT_STRAYS_MAX = 16,
	NFT_STRAY_SIZE = 64,
};

/* By which a transaction that makes a set refers to it: no other set of ours has it. */
uint32_t nft_set_number(const struct nft_def *def, unsigned set);

enum nft_state { NFT_MISSING, NFT_WRONG, NFT_RIGHT };

/* What is found of a table, and what was looked for. */
struct nft_found {
	const struct nft_def *def;
	bool table;
	enum nft_state sets[NFT_SETS_MAX], chains[NFT_CHAINS_MAX];
	size_t n_rules;	  /* in our chains, and right */
	bool other_rules; /* wrong ones, or more, or in another order */
	struct nft_wanted_rule {
		int chain;
		char *text; /* owned */
	} wanted[NFT_RULES_MAX];
	size_t n_wanted, next[NFT_CHAINS_MAX];
	/* Sets and chains that are neither ours nor the site's. */
	struct {
		bool is_set;
		char name[NFT_STRAY_SIZE];
	} stray[NFT_STRAYS_MAX];
	size_t n_strays;
};

int nft_found_init(struct nft_found *f, const struct nft_def *def); /* 0 or -ENOMEM */
void nft_found_fini(struct nft_found *f);
/* Take in one answer of a dump each. */
void nft_found_set(struct nft_found *f, const struct nlmsghdr *h);
void nft_found_chain(struct nft_found *f, const struct nlmsghdr *h);
void nft_found_rule(struct nft_found *f, const struct nlmsghdr *h);
/* Is all there, and nothing else? */
bool nft_found_all(const struct nft_found *f);
/* Adds what makes the table whole: chains, sets and rules, not the elements. */
void nft_write_table(struct nft_batch *b, const struct nft_found *f);

#endif
