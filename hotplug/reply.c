// SPDX-License-Identifier: GPL-2.0-or-later
/* reply: one line from the daemon, as an outcome. */
#include "reply.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every scan_ function moves behind what it read, and returns false where the grammar is broken. */
struct scan {
	const char *p;
	const char *end;
	int depth;
};

/* Reads one member's value; @name is its decoded name. */
typedef bool member_fn(struct scan *s, const char *name, void *data);

static bool scan_value(struct scan *s);

static bool next_is(const struct scan *s, char c)
{
	return s->p < s->end && *s->p == c;
}

static void scan_space(struct scan *s)
{
	while (s->p < s->end && *s->p && strchr(" \t\r\n", *s->p))
		s->p++;
}

static bool scan_char(struct scan *s, char c)
{
	scan_space(s);
	if (!next_is(s, c))
		return false;
	s->p++;
	return true;
}

static bool scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len))
		return false;
	s->p += len;
	return true;
}

/* What an escape stands for; beyond printable ASCII: a blank or '?'. 0 where there is no escape. */
static char scan_escape(struct scan *s)
{
	if (s->p == s->end)
		return 0;
	char c = *s->p++;
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
	case 'f':
		return '?';
	case 'n':
	case 'r':
	case 't':
		return ' ';
	case 'u':
		for (int i = 0; i < 4; i++, s->p++)
			if (s->p == s->end || !isxdigit((unsigned char)*s->p))
				return 0;
		return '?';
	}
	return 0;
}

/* @out may be NULL; else it gets what fits, NUL-terminated. */
static bool scan_string(struct scan *s, char *out, size_t size)
{
	size_t n = 0;
	if (!scan_char(s, '"'))
		return false;
	while (s->p < s->end && *s->p != '"') {
		unsigned char c = *s->p++;
		if (c < 0x20)
			return false;
		if (c == '\\' && !(c = scan_escape(s)))
			return false;
		if (out && n + 1 < size)
			out[n++] = c > 0x7e ? '?' : (char)c;
	}
	if (out)
		out[n] = '\0';
	return scan_char(s, '"');
}

static bool scan_digits(struct scan *s)
{
	const char *from = s->p;
	while (s->p < s->end && isdigit((unsigned char)*s->p))
		s->p++;
	return s->p > from;
}

static bool scan_number(struct scan *s)
{
	if (next_is(s, '-'))
		s->p++;
	if (next_is(s, '0'))
		s->p++;
	else if (!scan_digits(s))
		return false;
	if (next_is(s, '.')) {
		s->p++;
		if (!scan_digits(s))
			return false;
	}
	if (next_is(s, 'e') || next_is(s, 'E')) {
		s->p++;
		if (next_is(s, '+') || next_is(s, '-'))
			s->p++;
		return scan_digits(s);
	}
	return true;
}

/* An integer that fits; false for any other number, and for what is no number. */
static bool scan_int(struct scan *s, int *out)
{
	char text[12] = "";
	scan_space(s);
	const char *from = s->p;
	if (!scan_number(s) || (size_t)(s->p - from) >= sizeof(text))
		return false;
	memcpy(text, from, s->p - from);
	char *end;
	long n = strtol(text, &end, 10);
	if (*end || n < INT_MIN || n > INT_MAX)
		return false;
	*out = (int)n;
	return true;
}

static bool scan_object(struct scan *s, member_fn *member, void *data)
{
	char name[16]; /* longer than any that we look for, so a cut one matches none */
	if (!scan_char(s, '{'))
		return false;
	if (scan_char(s, '}'))
		return true;
	do {
		if (!scan_string(s, name, sizeof(name)) || !scan_char(s, ':') ||
		    !member(s, name, data))
			return false;
	} while (scan_char(s, ','));
	return scan_char(s, '}');
}

static bool scan_array(struct scan *s)
{
	if (!scan_char(s, '['))
		return false;
	if (scan_char(s, ']'))
		return true;
	do {
		if (!scan_value(s))
			return false;
	} while (scan_char(s, ','));
	return scan_char(s, ']');
}

static bool skip_member(struct scan *s, const char *name, void *data)
{
	(void)name;
	(void)data;
	return scan_value(s);
}

static bool scan_nested(struct scan *s)
{
	if (s->depth == REPLY_DEPTH_MAX)
		return false;
	s->depth++;
	bool ok = *s->p == '{' ? scan_object(s, skip_member, NULL) : scan_array(s);
	s->depth--;
	return ok;
}

static bool scan_value(struct scan *s)
{
	scan_space(s);
	if (s->p == s->end)
		return false;
	switch (*s->p) {
	case '{':
	case '[':
		return scan_nested(s);
	case '"':
		return scan_string(s, NULL, 0);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	}
	return scan_number(s);
}

struct answer {
	struct reply *reply;
	bool has_id, has_result, has_error;
	bool id_null;
	int id; /* -1: some other id than a small integer */
};

static bool error_member(struct scan *s, const char *name, void *data)
{
	struct reply *reply = data;
	if (!strcmp(name, "code"))
		return scan_int(s, &reply->code);
	if (!strcmp(name, "message"))
		return scan_string(s, reply->message, sizeof(reply->message));
	return scan_value(s);
}

static bool scan_id(struct scan *s, struct answer *a)
{
	a->has_id = true;
	struct scan try = *s;
	if (scan_int(&try, &a->id)) {
		*s = try;
		return true;
	}
	a->id = -1;
	scan_space(s);
	a->id_null = next_is(s, 'n');
	return scan_value(s);
}

static bool answer_member(struct scan *s, const char *name, void *data)
{
	struct answer *a = data;
	if (!strcmp(name, "id"))
		return !a->has_id && scan_id(s, a);
	if (!strcmp(name, "error")) {
		if (a->has_error)
			return false;
		a->has_error = true;
		return scan_object(s, error_member, a->reply);
	}
	if (!strcmp(name, "result"))
		a->has_result = true;
	return scan_value(s);
}

int reply_parse(const char *line, size_t len, int id, struct reply *reply)
{
	struct scan s = {.p = line, .end = line + len};
	struct answer a = {.reply = reply};
	*reply = (struct reply){.code = 0};
	if (!scan_object(&s, answer_member, &a))
		return -EBADMSG;
	scan_space(&s);
	if (s.p != s.end || (a.has_result && a.has_error))
		return -EBADMSG;
	/* JSON-RPC 2.0, section 5: the id is null when the request could not be read. */
	bool ours = a.has_id && (a.id == id || (a.id_null && a.has_error));
	if (!ours || (!a.has_result && !a.has_error))
		return ours ? -EBADMSG : REPLY_NOT_OURS;
	return a.has_error ? REPLY_REFUSED : REPLY_DONE;
}
