// SPDX-License-Identifier: GPL-2.0-or-later
/* config-nested: blocks inside of a network's block, as its mode declares them. */
#include "config-priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct block_spec *find_block(const struct plugin *p, const char *name)
{
	const struct block_spec *b = p->blocks;
	while (b && b->name && strcmp(b->name, name))
		b++;
	return b && b->name ? b : NULL;
}

static const char **words_of(const struct block_spec *b)
{
	const char **words = calloc(b->n_options + 1, sizeof(*words));
	for (size_t i = 0; words && i < b->n_options; i++)
		words[i] = b->options[i].name;
	return words;
}

/* Of two modes with a block of one name the first one's words are read: they would have to agree.
 */
static int add_nest(struct conf_nest *nests, const struct block_spec *b)
{
	size_t n = 0;
	for (; nests[n].name; n++)
		if (!strcmp(nests[n].name, b->name))
			return 0;
	nests[n] = (struct conf_nest) {b->name, words_of(b)};
	return nests[n].words ? 0 : -ENOMEM;
}

struct conf_nest *conf_nests(const struct plugins *ps)
{
	const struct plugin *p;
	size_t max = 1;
	int r = 0;
	for (size_t i = 0; (p = plugins_at(ps, i)); i++)
		for (const struct block_spec *b = p->blocks; b && b->name; b++)
			max++;
	struct conf_nest *nests = calloc(max, sizeof(*nests));
	for (size_t i = 0; nests && (p = plugins_at(ps, i)); i++)
		for (const struct block_spec *b = p->blocks; !r && b && b->name; b++)
			r = add_nest(nests, b);
	if (r < 0) {
		conf_nests_free(nests);
		nests = NULL;
	}
	return nests;
}

void conf_nests_free(struct conf_nest *nests)
{
	for (size_t i = 0; nests && nests[i].name; i++)
		free(nests[i].words);
	free(nests);
}

int conf_no_nested_option(struct conf_build *bd, const struct conf_block *b, const char *word)
{
	char list[CONF_LIST_SIZE], hint[CONF_HINT_SIZE];
	const struct conf_nest *n = bd->nests;
	while (n->name && strcmp(n->name, b->kind))
		n++;
	if (!n->name)
		return err_setf(bd->e, -EINVAL, "unknown word \"%.63s\"", word);
	return err_setf(bd->e, -EINVAL, "unknown option \"%.63s\"; options of a %s block are %s%s",
			word, b->kind, option_list(n->words, list, sizeof(list)),
			option_hint(word, n->words, hint, sizeof(hint)));
}

static int set_options(struct conf_build *bd, const struct conf_file *f, const struct conf_block *b,
		       const struct block_spec *spec, struct network_block *out)
{
	for (size_t i = 0; i < b->n_opts; i++) {
		const struct conf_opt *o = &b->opts[i];
		size_t k = 0;
		while (k < spec->n_options && strcmp(spec->options[k].name, o->name))
			k++;
		int r = k < spec->n_options
				? option_parse(&spec->options[k], o->value, &out->values[k], bd->e)
				: conf_no_nested_option(bd, b, o->name);
		if (r) {
			err_wrapf(bd->e, "%s %.63s", b->kind, b->title);
			return conf_blame(bd, f, o->line);
		}
	}
	return 0;
}

static int add_one(struct conf_build *bd, const struct conf_file *f, const struct conf_block *b,
		   struct network *n)
{
	const struct block_spec *spec = find_block(n->plugin, b->kind);
	if (!spec) {
		err_setf(bd->e, -EINVAL, "network %s: mode %s has no %s blocks", n->name,
			 n->plugin->mode, b->kind);
		return conf_blame(bd, f, b->line);
	}
	struct network_block *blocks = reallocarray(n->blocks, n->n_blocks + 1, sizeof(*blocks));
	if (!blocks)
		return conf_no_memory(bd);
	n->blocks = blocks;
	struct network_block *out = &blocks[n->n_blocks++];
	*out = (struct network_block) {
		.spec = spec - n->plugin->blocks,
		.title = strdup(b->title),
		.values = calloc(spec->n_options + 1, sizeof(*out->values)),
	};
	if (!out->title || !out->values)
		return conf_no_memory(bd);
	return set_options(bd, f, b, spec, out);
}

int conf_add_nested(struct conf_build *bd, const struct conf_file *f, size_t at, struct network *n)
{
	int r = 0;
	for (size_t i = at + 1; !r && i < f->n_blocks; i++)
		if (f->blocks[i].in == at)
			r = add_one(bd, f, &f->blocks[i], n);
	return r;
}

void conf_nested_fini(struct network *n)
{
	for (size_t i = 0; i < n->n_blocks; i++) {
		struct network_block *b = &n->blocks[i];
		for (size_t k = 0; b->values && k < n->plugin->blocks[b->spec].n_options; k++)
			option_clear(&b->values[k]);
		free(b->values);
		free(b->title);
	}
	free(n->blocks);
	n->blocks = NULL;
	n->n_blocks = 0;
}
