/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leases-priv: between leases.c and leases-text.c. */
#ifndef NETD_LEASES_PRIV_H
#define NETD_LEASES_PRIV_H

#include "leases.h"

struct leases_entry {
	char network[LEASE_NETWORK_SIZE];
	char name[64];
	uint8_t mac[6];
	uint32_t addr4;	   /* host order */
	struct addr addr6; /* family 0: none */
	uint32_t day;	   /* since the epoch: last seen */
};

struct leases_net {
	char network[LEASE_NETWORK_SIZE];
	struct addr gw4;
};

struct leases {
	struct leases_entry *at, *before; /* before: for leases_undo(); NULL: nothing to undo */
	size_t n, n_before;
	struct leases_net *nets;
	size_t n_nets;
};

struct leases_entry *leases_by_mac(const struct leases *ls, const char *network,
				   const uint8_t mac[6]);
struct leases_entry *leases_by_addr4(const struct leases *ls, const char *network, uint32_t addr4);
int leases_add(struct leases *ls, const struct leases_entry *e); /* 0 or -ENOMEM */

#endif
