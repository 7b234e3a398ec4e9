// SPDX-License-Identifier: GPL-2.0-or-later
/* fake-plugins: modes without any deed. */
#include "fake-plugins.h"

#include <errno.h>

static const char *const families[] = {"ipv4", "ipv6", "dual", NULL};

static const struct option_spec bridge_options[] = {
	[FAKE_BRIDGE] = {.name = "bridge", .type = OPTION_IFNAME},
	[FAKE_UPLINK] = {.name = "uplink", .type = OPTION_IFNAME},
	[FAKE_CREATE] = {.name = "create", .type = OPTION_BOOL},
	[FAKE_VLAN] = {.name = "vlan", .type = OPTION_VLAN},
	[FAKE_MTU] = {.name = "mtu", .type = OPTION_INT, .min = 68, .max = 65517, .help = "bytes"},
	[FAKE_ISOLATED] = {.name = "isolated", .type = OPTION_BOOL},
	[FAKE_BRIDGE_COUNT] = {.name = NULL},
};

static const struct option_spec nat_options[] = {
	[FAKE_SUBNET] = {.name = "subnet", .type = OPTION_STRING},
	[FAKE_DHCP] = {.name = "dhcp", .type = OPTION_BOOL},
	[FAKE_FAMILY] = {.name = "family", .type = OPTION_WORD, .words = families},
	[FAKE_OFFSET] = {.name = "offset", .type = OPTION_INT, .min = -5, .max = 5},
	[FAKE_NAT_COUNT] = {.name = NULL},
};

static const struct option_spec ovs_options[] = {
	{.name = "bridge", .type = OPTION_STRING},
	{.name = NULL},
};

static int check_bridge(const struct network *net, struct err *e)
{
	if (network_str(net, FAKE_UPLINK) && !network_num(net, FAKE_CREATE, 0))
		return err_setf(e, -EINVAL, "an uplink needs create = true");
	return 0;
}

const struct plugin fake_bridge = {
	.abi = PLUGIN_ABI,
	.mode = "bridge",
	.options = bridge_options,
	.n_options = FAKE_BRIDGE_COUNT,
	.check = check_bridge,
};

const struct plugin fake_nat = {
	.abi = PLUGIN_ABI,
	.mode = "nat",
	.options = nat_options,
	.n_options = FAKE_NAT_COUNT,
};

static const struct option_spec no_options[] = {{.name = NULL}};

const struct plugin fake_route = {.abi = PLUGIN_ABI, .mode = "route", .options = no_options};

const struct plugin fake_ovs = {
	.abi = PLUGIN_ABI,
	.mode = "ovs",
	.options = ovs_options,
	.n_options = 1,
};

const struct plugin *const fake_plugins[] = {
	&fake_bridge, &fake_nat, &fake_route, &fake_ovs, NULL,
};
