/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twin-nft: nft.h over filters in memory, chosen at link time; can fail call number N. */
#ifndef TESTS_TWIN_NFT_H
#define TESTS_TWIN_NFT_H

#include "nft.h"

enum { TWIN_FILTERS_MAX = 32 };

struct nft {
	int fd; /* of one that nft_open() made */
	struct {
		int ifindex; /* 0: a free place */
		struct filter filter;
	} at[TWIN_FILTERS_MAX];
	bool missing;  /* the kernel has no nf_tables */
	int calls;     /* changes so far */
	int fail_at;   /* this one fails (1 = the first), 0: none */
	int fail_code; /* with this -errno */
	/* Called before each change, to look at the rest of the host. May be NULL. */
	void (*before)(void *arg, int ifindex, const struct filter *to);
	void *arg;
};

/* The filter of @ifindex, or NULL. */
struct filter *twin_filter(struct nft *nft, int ifindex);

#endif
