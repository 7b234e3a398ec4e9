/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twin-nat: nft-nat.h, dnsmasq.h, ethtool.h, forwarding.h over memory, chosen at link time. */
#ifndef TESTS_TWIN_NAT_H
#define TESTS_TWIN_NAT_H

#include <sys/socket.h>

#include "nat-elems.h"
#include "twin-rtnl.h"

enum { TWIN_ELEMS_MAX = 256, TWIN_SERVED_MAX = 16 };

struct twin_nat {
	struct nat_elem elems[TWIN_ELEMS_MAX]; /* sorted */
	size_t n_elems;
	struct nat served[TWIN_SERVED_MAX], kept[TWIN_SERVED_MAX];
	size_t n_served, n_kept;
	bool fail_rules, fail_server; /* there is no nf_tables, no dnsmasq */
	bool checksums_filled;
	bool noted[2]; /* of IPv4, IPv6 */
	struct addr busy; /* subnets up to this one's third byte are in use */
};

struct twin_nat *twin_nat(void);
void twin_nat_init(void);

#endif
