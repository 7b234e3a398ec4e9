/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat-priv: between the files of this mode. */
#ifndef PLUGINS_NAT_PRIV_H
#define PLUGINS_NAT_PRIV_H

#include "plugin.h"

enum {
	OPT_SUBNET,
	OPT_SUBNET6,
	OPT_GATEWAY,
	OPT_RANGE,
	OPT_UPLINK,
	OPT_SNAT,
	OPT_SNAT6,
	OPT_NAT6,
	OPT_ISOLATED,
	OPT_REACH,
	OPT_DHCP,
	OPT_DNS,
	OPT_DOMAIN,
	OPT_MTU,
	OPT_COUNT,
};

enum { BLOCK_HOST, BLOCK_FORWARD };
enum { HOST_ADDRESS, HOST_ADDRESS6, HOST_COUNT };
enum { FORWARD_PROTO, FORWARD_LISTEN, FORWARD_PORT, FORWARD_TO_PORT, FORWARD_COUNT };

/* nat-check.c: plugin->check, and the same texts as values. Those return 0 or -errno as
 * addr_parse(). */
int nat_check(const struct network *net, struct err *e);
/* dom0's addresses in the network, with the subnets' lengths; family 0: not given. */
int nat_gateways(const struct network *net, struct addr *gw4, struct addr *gw6, struct err *e);
int nat_range(const struct network *net, uint32_t *first, uint32_t *last, struct err *e);
/* The next word of a list after @*at, which is moved behind it. @return false: no more. */
bool nat_word(const char **at, char *word, size_t size);
/* One address without a length, of @family. */
int nat_host(const char *text, int family, struct addr *a, struct err *e);

/* nat-old.c: Xen's own addressing of vif-nat, a routed network for each vif. */
bool nat_is_old(const struct want_in *in);
int nat_old_want(const struct want_in *in, struct hostif *want, struct err *e);

#endif
