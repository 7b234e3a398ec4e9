/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config-priv: a configuration file as it was read, between config-*.c. */
#ifndef NETD_CONFIG_PRIV_H
#define NETD_CONFIG_PRIV_H

#include <stddef.h>

#include "config.h"

enum {
	CONF_LIST_SIZE = 256, /* of a list of words in an error: leaves room for the rest */
	CONF_HINT_SIZE = 96,
};

/*
 * Layers, each ignorant of the next: config-text.c makes a file's bytes safe, config-parse.c finds
 * the blocks and `name = value` pairs in them (only it knows libconfuse), config-build.c gives them
 * meaning, config.c joins the files. Whatever a later version nests into a block or writes as a
 * list is added to these structs.
 */

/* One `name = value` as it was written. */
struct conf_opt {
	char *name, *value;
	unsigned int line; /* from 1; of the value */
};

/* A block, or what stands outside of all blocks. */
struct conf_block {
	char *kind;	       /* "network", "domain"; "" for the outside */
	char *title;	       /* "" for the outside */
	unsigned int line;     /* of its brace */
	size_t in;	       /* index of the block that it stands in; 0: the outside */
	const void *cfg;       /* libconfuse's, while it reads */
	struct conf_opt *opts; /* in the order of the file; no name twice */
	size_t n_opts;
};

struct conf_file {
	const char *path;	   /* to open it; the caller's */
	const char *shown;	   /* in texts: "netd.conf.d/web.conf"; the caller's */
	struct conf_block *blocks; /* [0] is the outside */
	size_t n_blocks;

	/* The word that conf_parse() did not know, its line, and the block that it is in. */
	char *unknown;
	unsigned int unknown_line;
	size_t unknown_block;
};

/*
 * Reads the whole file and blanks out its comments. What libconfuse would misread, drop in silence
 * or die of is an error here. @return 0 with *@text for free(), which ends in a newline; -errno.
 */
int conf_text_load(const struct conf_file *f, char **text, struct err *e);

/* A kind of block that a network's block may hold, and the words in it. */
struct conf_nest {
	const char *name; /* NULL ends a table */
	const char **words; /* NULL-terminated; owned */
};

/*
 * Fills f->blocks from @text, which it leaves as it is. @network_words are the names that a network
 * block may hold, NULL-terminated; the caller knows best how to explain any other, so such a word
 * is no error yet.
 *
 * @return 0; 1 when f->unknown says at which word reading ended; -errno. conf_file_fini() in every
 * case.
 */
int conf_parse(struct conf_file *f, char *text, const char *const *network_words,
	       const struct conf_nest *nests, struct err *e);
void conf_file_fini(struct conf_file *f);

/* The option @name of @b, or NULL. */
const struct conf_opt *conf_opt(const struct conf_block *b, const char *name);

/* What is needed while the files are read, and not later. */
struct conf_build {
	const struct plugins *plugins;
	struct config *c;
	const char **words; /* "mode" and the options of all modes, NULL-terminated */
	struct conf_nest *nests; /* the blocks of all modes */
	char **network_at;  /* "netd.conf:3"; runs parallel to c->networks */
	char *default_at;
	struct err *e; /* never NULL */
};

/*
 * Adds what @f holds to bd->c. Names of networks are not looked up yet: they may be defined further
 * on. @return 0 or -errno.
 */
int conf_add_blocks(struct conf_build *bd, const struct conf_file *f);
/* The error for conf_parse()'s 1. @return -errno. */
int conf_explain_unknown(struct conf_build *bd, const struct conf_file *f);
/* "mode" and the names of @p's options; all modes' when @p is NULL. @return for free(), or NULL. */
const char **conf_option_words(const struct plugins *ps, const struct plugin *p);
int conf_no_memory(struct conf_build *bd);
/* Puts "file:line: " before the text. @return -EINVAL or -ENOMEM. */
int conf_blame(struct conf_build *bd, const struct conf_file *f, unsigned int line);

/* config-nested.c: blocks in a network's block. */
struct conf_nest *conf_nests(const struct plugins *ps); /* NULL: out of memory */
void conf_nests_free(struct conf_nest *nests);
/* Gives the blocks of @f that stand in block @at to @n. @return 0 or -errno. */
int conf_add_nested(struct conf_build *bd, const struct conf_file *f, size_t at, struct network *n);
/* Says that @word is unknown in the block @b. @return -EINVAL. */
int conf_no_nested_option(struct conf_build *bd, const struct conf_block *b, const char *word);
/* Frees what conf_add_nested() gave. */
void conf_nested_fini(struct network *n);

#endif
