/* SPDX-License-Identifier: GPL-2.0-or-later */
/* network: a name, a mode and its parameters; what a vif is wired into. */
#ifndef NETD_NETWORK_H
#define NETD_NETWORK_H

#include "options.h"

enum {
	NETWORK_NAME_SIZE = 64,
	NETWORK_MODE_SIZE = 16,
};

struct plugin;

/* A block inside of a network's: `forward web1 { … }`. */
struct network_block {
	size_t spec;  /* index of plugin->blocks */
	char *title;  /* owned, like @values */
	struct option_value *values; /* runs parallel to the spec's options */
};

/* Options that every network has, whatever its mode: filters. */
enum network_opt {
	NETWORK_ANTISPOOF,
	NETWORK_GUARD_RA,
	NETWORK_GUARD_DHCP,
	NETWORK_GUARD_VLAN,
	NETWORK_GUARD_CONTROL,
	NETWORK_LIMIT_PPS,
	NETWORK_LIMIT_CONNECTIONS,
	NETWORK_LIMIT_BROADCAST,
	NETWORK_OPT_COUNT,
};

/*
 * From a `network` block of netd.conf, or implied by a vif's `script` and `bridge` keys (then no
 * option is set and @implied is true). @values runs parallel to plugin->options.
 */
struct network {
	char name[NETWORK_NAME_SIZE];
	const struct plugin *plugin; /* never NULL in a loaded configuration */
	bool implied;
	struct option_value *values; /* plugin->n_options of them; may be NULL: none set */
	struct network_block *blocks;
	size_t n_blocks;
	struct option_value common[NETWORK_OPT_COUNT];
};

bool network_equal(const struct network *a, const struct network *b);
/* The table of enum network_opt. */
const struct option_spec *network_options(void);
/* The value of a common option, or @unset. */
int64_t network_opt(const struct network *n, enum network_opt i, int64_t unset);

/* Accessors for a plugin; @i indexes its option table. */
const char *network_str(const struct network *n, size_t i);	   /* NULL if unset */
int64_t network_num(const struct network *n, size_t i, int64_t unset); /* @unset if unset */
/* The same of one of its blocks; @i indexes the block's option table. */
const char *network_block_str(const struct network_block *b, size_t i);
int64_t network_block_num(const struct network_block *b, size_t i, int64_t unset);

#endif
