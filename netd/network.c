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
	return true;
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
