/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lease: the addresses that a network gives to one guest. Value types; part of the plugin
 * interface. */
#ifndef NETD_LEASE_H
#define NETD_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

enum {
	LEASE_NETWORK_SIZE = 64, /* NETWORK_NAME_SIZE */
	LEASE_RESERVED_MAX = 64,
};

/* What a mode says of a network that gives addresses, and of the guest that asks for one. */
struct lease_pool {
	char network[LEASE_NETWORK_SIZE];
	/* dom0's address with the subnet's length. Family 0: the daemon chooses a private /24. */
	struct addr gw4;
	struct addr gw6; /* likewise, of /64; family 0: no IPv6 here */
	uint32_t first,
		last; /* IPv4, host order: from where guests get theirs; both 0: all of it */
	/* What this guest is to have; family 0: to be chosen. */
	struct addr fixed4, fixed6;
	const char *fixed_by; /* who says so, for errors: "ip=", "host web1" */
	/* IPv4 of other guests by the configuration; host order. */
	uint32_t reserved[LEASE_RESERVED_MAX];
	size_t n_reserved;
};

/* What a guest has. Family 0: none. */
struct lease {
	struct addr gw4, gw6;	  /* dom0's, with the subnets' lengths */
	struct addr addr4, addr6; /* the guest's; hosts */
};

/* IPv4 as a number, and back: a host. */
uint32_t lease_to_num(const struct addr *a);
struct addr lease_from_num(uint32_t num);
/* Is the host @a in the subnet of @gw? */
bool lease_in_subnet(const struct addr *gw, const struct addr *a);
/* The address that a guest makes of a /64 and its MAC (EUI-64). */
struct addr lease_eui64(const struct addr *gw6, const uint8_t mac[6]);
/* First and last address that hosts can have; dom0's own is among them. */
void lease_hosts(const struct addr *gw4, uint32_t *first, uint32_t *last);

#endif
