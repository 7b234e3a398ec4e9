// SPDX-License-Identifier: GPL-2.0-or-later
/* network: comparing networks, and a plugin's access to their options. */
#include "network.h"

#include <string.h>

#include "plugin.h"

static const struct option_value unset = {.set = false};

static const struct option_value *value(const struct network *n, size_t i)
{
	if (!n->values || i >= n->plugin->n_options)
		return &unset;
	return &n->values[i];
}

static bool same_block(const struct plugin *p, const struct network_block *a,
		       const struct network_block *b)
{
	if (a->spec != b->spec || strcmp(a->title, b->title))
		return false;
	for (size_t i = 0; i < p->blocks[a->spec].n_options; i++)
		if (!option_equal(&a->values[i], &b->values[i]))
			return false;
	return true;
}

bool network_equal(const struct network *a, const struct network *b)
{
	if (strcmp(a->name, b->name) || a->plugin != b->plugin || a->implied != b->implied)
		return false;
	for (size_t i = 0; i < a->plugin->n_options; i++)
		if (!option_equal(value(a, i), value(b, i)))
			return false;
	if (a->n_blocks != b->n_blocks)
		return false;
	for (size_t i = 0; i < a->n_blocks; i++)
		if (!same_block(a->plugin, &a->blocks[i], &b->blocks[i]))
			return false;
	for (int i = 0; i < NETWORK_OPT_COUNT; i++)
		if (!option_equal(&a->common[i], &b->common[i]))
			return false;
	return true;
}

const struct option_spec *network_options(void)
{
	static const struct option_spec options[] = {
		[NETWORK_ANTISPOOF] = {"antispoof", OPTION_BOOL,
				       .help = "guests send from their own addresses only"},
		[NETWORK_GUARD_RA] = {"guard-ra", OPTION_BOOL,
				      .help = "no IPv6 router advertisements from guests"},
		[NETWORK_GUARD_DHCP] = {"guard-dhcp", OPTION_BOOL,
					.help = "no answers of DHCP servers from guests"},
		[NETWORK_GUARD_VLAN] = {"guard-vlan", OPTION_BOOL,
					.help = "no VLAN-tagged frames from guests"},
		[NETWORK_GUARD_CONTROL] = {"guard-control", OPTION_BOOL,
					   .help = "no STP, LLDP and their like from guests"},
		[NETWORK_LIMIT_PPS] = {"limit-pps", OPTION_INT, .max = UINT32_MAX,
				       .help = "frames a second from a guest, 0 for no limit"},
		[NETWORK_LIMIT_CONNECTIONS] = {"limit-connections", OPTION_INT, .max = UINT32_MAX,
					       .help = "new TCP connections a second from a guest, "
						       "0 for no limit"},
		[NETWORK_LIMIT_BROADCAST] = {"limit-broadcast", OPTION_INT, .max = UINT32_MAX,
					     .help = "broadcast and multicast frames a second from a "
						     "guest, 0 for no limit"},
		[NETWORK_OPT_COUNT] = {NULL},
	};
	return options;
}

int64_t network_opt(const struct network *n, enum network_opt i, int64_t unset_num)
{
	return n->common[i].set ? n->common[i].num : unset_num;
}

const char *network_str(const struct network *n, size_t i)
{
	return value(n, i)->str;
}

int64_t network_num(const struct network *n, size_t i, int64_t unset_num)
{
	const struct option_value *v = value(n, i);

	return v->set ? v->num : unset_num;
}

const char *network_block_str(const struct network_block *b, size_t i)
{
	return b->values[i].str;
}

int64_t network_block_num(const struct network_block *b, size_t i, int64_t unset_num)
{
	return b->values[i].set ? b->values[i].num : unset_num;
}
