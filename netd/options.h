/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options: typed options of a network, declared by the mode that understands them. */
#ifndef NETD_OPTIONS_H
#define NETD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum option_type {
	OPTION_BOOL,   /* true, yes, on | false, no, off */
	OPTION_INT,    /* decimal, min..max */
	OPTION_STRING, /* 1..255 printable bytes */
	OPTION_IFNAME, /* a netdev name the kernel accepts */
	OPTION_VLAN,   /* libxl's vlan= syntax, see vlan.h; kept as text */
	OPTION_WORD,   /* one of words[] */
};

/* One option that a mode (or the core) understands. Tables end with a NULL name. */
struct option_spec {
	const char *name;
	enum option_type type;
	int64_t min, max;	  /* OPTION_INT */
	const char *const *words; /* OPTION_WORD, NULL-terminated */
	const char *help;	  /* one line, for error messages */
};

/* A kind of block that a network of a mode may hold, many times: `forward TITLE { … }`. */
struct block_spec {
	const char *name; /* ends a table: NULL */
	const struct option_spec *options; /* ends with a NULL name */
	size_t n_options;
};

/* The value of one option; a value type but for @str, which the options own. */
struct option_value {
	bool set;
	int64_t num; /* OPTION_INT, OPTION_BOOL, OPTION_WORD (index) */
	char *str;   /* the others; NULL when unset */
};

/*
 * Parses @text as @spec says. @return 0; -ENOMEM; -EINVAL with "option: what was read; what is
 * allowed (help)". @v must be unset (zeroed) and stays so on error; on success the caller releases
 * it with option_clear().
 */
int option_parse(const struct option_spec *spec, const char *text, struct option_value *v,
		 struct err *e);
void option_clear(struct option_value *v);
bool option_equal(const struct option_value *a, const struct option_value *b);

/* The word of @words (NULL-terminated) nearest to @text by edit distance, NULL if none is near. */
const char *option_nearest(const char *text, const char *const *words);

/* For error texts: "a, b, c" or "none"; "; did you mean \"b\"?" or "". Both @return @buf. */
const char *option_list(const char *const *words, char *buf, size_t size);
const char *option_hint(const char *text, const char *const *words, char *buf, size_t size);

#endif
