// SPDX-License-Identifier: GPL-2.0-or-later
/* options: reading of typed option values, and the sentences for wrong ones. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vif.h"
#include "vlan.h"

enum {
	STRING_MAX = 255,
	NEAREST_MAX = 63, /* bytes of a word that could be a misspelt one */
};

static const char *const bool_words[] = {"true", "yes", "on", "false", "no", "off", NULL};
enum { BOOL_TRUE_WORDS = 3 };

static int parse_value(const struct option_spec *spec, const char *text, struct option_value *v,
		       struct err *e);

int option_parse(const struct option_spec *spec, const char *text, struct option_value *v,
		 struct err *e)
{
	struct option_value new = {.set = true};
	int r = parse_value(spec, text, &new, e);

	if (!r) {
		*v = new;
		return 0;
	}
	if (e && spec->help)
		return err_setf(e, r, "%s: %s (%s)", spec->name, e->text, spec->help);
	err_wrapf(e, "%s", spec->name);
	return r;
}

void option_clear(struct option_value *v)
{
	if (!v)
		return;
	free(v->str);
	*v = (struct option_value){.set = false};
}

bool option_equal(const struct option_value *a, const struct option_value *b)
{
	if (a->set != b->set || !a->set)
		return a->set == b->set;
	if (!a->str || !b->str)
		return a->str == b->str && a->num == b->num;
	return a->num == b->num && !strcmp(a->str, b->str);
}

const char *option_list(const char *const *words, char *buf, size_t size)
{
	size_t used = 0;

	snprintf(buf, size, "none");
	for (size_t i = 0; words[i] && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "", words[i]);
	if (used >= size && size > sizeof("..."))
		strcpy(buf + size - sizeof("..."), "...");
	return buf;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Edits from @a to @b: one for each byte put in, left out or replaced, and for two neighbours in
 * the wrong order (optimal string alignment), which is the commonest slip. Case does not count.
 */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(b), rows[3][NEAREST_MAX + 1];
	size_t *before = rows[0], *prev = rows[1], *cur = rows[2];

	for (size_t j = 0; j <= n; j++)
		cur[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *oldest = before;
		before = prev, prev = cur, cur = oldest;
		cur[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t change = prev[j - 1] + !same(a[i - 1], b[j - 1]);
			cur[j] = min3(prev[j] + 1, cur[j - 1] + 1, change);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				cur[j] = min3(cur[j], cur[j], before[j - 2] + 1);
		}
	}
	return cur[n];
}

static size_t common_prefix(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && same(a[n], b[n]))
		n++;
	return n;
}

/* Of two words equally far the one that begins alike is meant: "of" is "off" rather than "on". */
const char *option_nearest(const char *text, const char *const *words)
{
	size_t len = strlen(text), limit = (len + 1) / 3, near = 0;
	const char *best = NULL;

	if (len > NEAREST_MAX)
		return NULL;
	for (; *words; words++) {
		if (strlen(*words) > NEAREST_MAX)
			continue;
		size_t d = distance(text, *words), prefix = common_prefix(text, *words);
		if (d > limit || (best && d == limit && prefix <= near))
			continue;
		best = *words;
		limit = d;
		near = prefix;
	}
	return best;
}

const char *option_hint(const char *text, const char *const *words, char *buf, size_t size)
{
	const char *near = option_nearest(text, words);

	buf[0] = '\0';
	if (near)
		snprintf(buf, size, "; did you mean \"%s\"?", near);
	return buf;
}

/* The index of @text in @words, or -EINVAL with what is allowed. */
static int find_word(const char *text, const char *const *words, struct err *e)
{
	char list[256], hint[96];

	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return err_setf(e, -EINVAL, "\"%.64s\"; allowed are %s%s", text,
			option_list(words, list, sizeof(list)),
			option_hint(text, words, hint, sizeof(hint)));
}

static int parse_bool(const char *text, struct option_value *v, struct err *e)
{
	int i = find_word(text, bool_words, e);

	if (i < 0)
		return i;
	v->num = i < BOOL_TRUE_WORDS;
	return 0;
}

static int parse_word(const struct option_spec *spec, const char *text, struct option_value *v,
		      struct err *e)
{
	int i = find_word(text, spec->words, e);

	if (i < 0)
		return i;
	v->num = i;
	return 0;
}

static int parse_int(const struct option_spec *spec, const char *text, struct option_value *v,
		     struct err *e)
{
	const char *digits = text + (*text == '-');
	size_t n = strspn(digits, "0123456789");
	/* strtoll would take blanks, "+5", and people take 010 for 8 or for 10. */
	bool number = n && !digits[n] && (*digits != '0' || (n == 1 && digits == text));

	errno = 0;
	v->num = number ? strtoll(text, NULL, 10) : 0;
	if (!number || errno || v->num < spec->min || v->num > spec->max)
		return err_setf(e, -EINVAL,
				"\"%.64s\"; allowed are whole numbers from %lld to %lld", text,
				(long long)spec->min, (long long)spec->max);
	return 0;
}

static bool printable(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

static int check_text(enum option_type type, const char *text, struct err *e)
{
	struct vlan_set set;

	if (type == OPTION_VLAN)
		return vlan_parse(text, &set, e);
	if (type == OPTION_IFNAME && !vif_ifname_ok(text))
		return err_setf(e, -EINVAL,
				"\"%.64s\"; allowed are netdev names: 1 to %d bytes without \"/\", "
				"\":\" and blanks",
				text, IFNAMSIZ - 1);
	if (!*text || strlen(text) > STRING_MAX || !printable(text))
		return err_setf(e, -EINVAL, "\"%.64s\"; allowed are 1 to %d printable ASCII bytes",
				text, STRING_MAX);
	return 0;
}

static int parse_text(enum option_type type, const char *text, struct option_value *v,
		      struct err *e)
{
	int r = check_text(type, text, e);

	if (r)
		return r;
	v->str = strdup(text);
	return v->str ? 0 : err_sysf(e, -ENOMEM, "keep \"%.64s\"", text);
}

static int parse_value(const struct option_spec *spec, const char *text, struct option_value *v,
		       struct err *e)
{
	switch (spec->type) {
	case OPTION_BOOL:
		return parse_bool(text, v, e);
	case OPTION_INT:
		return parse_int(spec, text, v, e);
	case OPTION_WORD:
		return parse_word(spec, text, v, e);
	case OPTION_STRING:
	case OPTION_IFNAME:
	case OPTION_VLAN:
		return parse_text(spec->type, text, v, e);
	}
	return err_setf(e, -EINVAL, "type %d, which this xen-netd does not know", (int)spec->type);
}
