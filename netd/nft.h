/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft: filters in the kernel. nft*.c are the only place that knows libnftnl and libmnl. */
#ifndef NETD_NFT_H
#define NETD_NFT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "filter.h"

/*
 * Tables of our own: `bridge xen-netd`, and when a guest is routed, inet and arp xen-netd-filter.
 * Their rules are written once: a vif is elements of their sets, so that the thousandth costs what
 * the tenth did. What a filter is made of is dumped once, at the first use, and kept in memory; our
 * own transactions keep it up to date. Other people's hands in the tables are told by the kernel:
 * see nft_refresh().
 *
 * Every change is one transaction of nftables: it holds as a whole or not at all, and no frame
 * meets something half done. Chains and sets whose names begin with "user-" are the site's: they
 * are never changed or removed. Some are made, empty: bridge's user-forward, by which every frame
 * of a guest goes that the filter lets pass; inet's user-input and user-forward, by which goes what
 * routed guests send to dom0, and what is forwarded from them and to them. `nft flush ruleset`
 * removes them with all the rest.
 *
 * An interface is known by its index.
 *
 * A table for another purpose: write it down as a struct nft_def (nft-def.h: sets, chains) with
 * rules of nft-rule.h, in an nft-*.c of its own, under a family and name that no other table of
 * ours has: what it does not have itself it takes for somebody's stray. nft_found_init() and what
 * follows it in nft-priv.h find out what is there of it, nft_write_table() makes it whole, in the
 * same batch as the elements. An operation that rules lack is one more nft_op_type and its put_*()
 * in nft-rule.c.
 */
struct nft;

/* Opens the sockets; the table is made when it is needed. */
int nft_open(struct nft **out, struct err *e);
void nft_close(struct nft *nft);

/* Readable when nft_refresh() has something to do. Non-blocking. */
int nft_fd(const struct nft *nft);

/*
 * Takes in what the kernel has told. Was it somebody else's change of our table, the table is read
 * again, and when its chains, sets or rules are not what we would have written it is put right,
 * with every filter that we knew, in one transaction.
 * @return 0: nothing happened; 1: filters may have changed, all vifs should be looked at; -errno.
 */
int nft_refresh(struct nft *nft, struct err *e);

/* Is nf_tables there, our table in it, and known to us? Tries to make it so. 0 or -errno. */
int nft_ready(struct nft *nft, struct err *e);

/* The filter of @ifindex; zeroed when there is none. As nft_ready(). */
int nft_get(struct nft *nft, int ifindex, struct filter *f, struct err *e);

/*
 * Makes the filter of @ifindex be @f in one transaction; one that is off is removed with its
 * counters. Elements that are right already are not touched, so limits go on counting.
 */
int nft_set(struct nft *nft, int ifindex, const struct filter *f, struct err *e);

/*
 * The interface is gone, and its index will not come again: removes what is left of its filter. 0
 * as well when there is nothing, or nf_tables is not there.
 */
int nft_forget(struct nft *nft, int ifindex, struct err *e);

/* The next interface after @prev that has a filter, in no certain order; begin with 0; 0: no more.
 */
int nft_next(const struct nft *nft, int prev);

/* Calls @fn for every counter of dropped frames there is: interfaces and reasons that had any. */
typedef void nft_drops_fn(void *arg, int ifindex, enum filter_reason reason, uint64_t frames,
			  uint64_t bytes);
int nft_drops(struct nft *nft, nft_drops_fn *fn, void *arg, struct err *e);

/* What is kept out: IPv4 and IPv6 packets that are routed, frames that are bridged. */
enum nft_wall {
	NFT_WALL_IP = 1 << 0,
	NFT_WALL_IP6 = 1 << 1,
	NFT_WALL_BRIDGE = 1 << 2,
};

/*
 * Calls @fn for every base chain on the host that drops by policy what is forwarded: others' accept
 * does not help against it. @kinds: enum nft_wall; @family as nft(8) writes it. Asks the kernel
 * each time.
 */
typedef void nft_wall_fn(void *arg, unsigned kinds, const char *family, const char *table,
			 const char *chain);
int nft_walls(struct nft *nft, nft_wall_fn *fn, void *arg, struct err *e);

/* Another number whenever anybody has changed anything in nftables; 0: not known. */
uint32_t nft_generation(struct nft *nft);

#endif
