/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-nat: private networks in nftables: the table `inet xen-netd`. */
#ifndef NETD_NFT_NAT_H
#define NETD_NFT_NAT_H

#include "lease.h"
#include "nat-elems.h"
#include "nft.h"

/*
 * A table of its own, made with the first element and removed with the last, so that a host without
 * private networks tracks no connections on our account. Its rules are constant; networks and
 * forwards are elements. Whenever another program was at it (nft_refresh() tells) all of it is
 * written again in one transaction, as it is known here; so the guests' connections live through
 * `nft flush ruleset`.
 */

/* Reads what an earlier run left; at the daemon's start, else before the first change. 0 or -errno.
 */
int nft_nat_load(struct nft *nft, struct err *e);
/* Are all of these there? */
bool nft_nat_has(const struct nft *nft, const struct nat_elem *list, size_t n);
/* Adds those that are missing, in one transaction; one with a known key and other data replaces it.
 */
int nft_nat_put(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e);
/* Removes all but these (sorted). */
int nft_nat_keep(struct nft *nft, const struct nat_elem *list, size_t n, struct err *e);
/*
 * Forgets connections that began while the rules were not there: connection tracking would let them
 * go on for as long as they last. Those out of @inside that have no NAT, or go into another network
 * without a way there; those into it from outside; and those that came to forwarded ports. @return
 * how many; -errno.
 */
struct nft_inside {
	struct addr subnet; /* dom0's address in it, with length */
	uint32_t ifindex;   /* of its bridge; 0: each guest's netdev is a network of its own */
	char dev[IFNAMSIZ];
};
int nft_nat_forget_strays(struct nft *nft, const struct nft_inside *inside, size_t n,
			  struct err *e);
size_t nft_nat_count(const struct nft *nft);

#endif
