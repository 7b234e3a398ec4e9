/* SPDX-License-Identifier: GPL-2.0-or-later */
/* walls: what others' firewalls keep from a network's guests, as hints for who reads the status. */
#ifndef NETD_WALLS_H
#define NETD_WALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "nft.h"

/* Base chains that drop by policy what is forwarded (Docker, firewalld): ours are none of them. */
struct walls {
	struct wall {
		unsigned kinds; /* enum nft_wall */
		char *chain;	/* "table ip filter, chain FORWARD"; owned */
	} * list;
	size_t n;
	uint32_t generation;	 /* of nftables, when they were read */
	bool bridged4, bridged6; /* br_netfilter sends bridged packets by those of IP, too */
};

/*
 * Reads them, into a value that was zeroed at first, if nftables have changed since: the status is
 * asked for more often. What cannot be read is not there. @nft may be NULL. walls_fini() in the
 * end.
 */
void walls_read(struct nft *nft, struct walls *w);
void walls_fini(struct walls *w);

/* An array of sentences about what may stand in the way of a network of this mode; null: nothing
 * does. */
json_t *walls_hints(const struct walls *w, const char *mode);

#endif
