/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-plugins: modes with options of every type, for tests of what the core does with them. */
#ifndef TESTS_FAKE_PLUGINS_H
#define TESTS_FAKE_PLUGINS_H

#include "plugin.h"

enum {
	FAKE_BRIDGE,
	FAKE_UPLINK,
	FAKE_CREATE,
	FAKE_VLAN,
	FAKE_MTU,
	FAKE_ISOLATED,
	FAKE_BRIDGE_COUNT,
};
enum { FAKE_SUBNET, FAKE_DHCP, FAKE_FAMILY, FAKE_OFFSET, FAKE_NAT_COUNT };

/* Its check() refuses an uplink without create = true. */
extern const struct plugin fake_bridge;
/* subnet (a string), dhcp, family (ipv4, ipv6 or dual), offset (-5 to 5). */
extern const struct plugin fake_nat;
/* No options at all. */
extern const struct plugin fake_route;
/* One option, `bridge`, that fake_bridge has as well. */
extern const struct plugin fake_ovs;
/* All of them, for plugins_from(). */
extern const struct plugin *const fake_plugins[];

#endif
