// SPDX-License-Identifier: GPL-2.0-or-later
/* text: strings from elsewhere, made fit for a terminal. */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BAD UINT32_MAX

struct range {
	uint32_t first, last;
};

static const struct range invisible[] = {
	{0x00, 0x1f},	  {0x7f, 0x9f},	    {0xad, 0xad},     {0x61c, 0x61c},	{0x180e, 0x180e},
	{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xd800, 0xf8ff}, {0xfeff, 0xfeff},
	{0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, BAD},
};

static const struct range combining[] = {
	{0x300, 0x36f},	  {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},	{0x64b, 0x65f},
	{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static const struct range wide[] = {
	{0x1100, 0x115f},   {0x2e80, 0x303e},	{0x3041, 0xa4cf},   {0xac00, 0xd7a3},
	{0xf900, 0xfaff},   {0xfe30, 0xfe6f},	{0xff00, 0xff60},   {0xffe0, 0xffe6},
	{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static bool in(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= r[i].first && cp <= r[i].last)
			return true;
	return false;
}

#define IN(table, cp) in(table, sizeof(table) / sizeof((table)[0]), cp)

/* Bytes of a sequence by its first one; 0: none begins so. */
static size_t sequence(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	return c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

/* The code point at @s and its bytes; a malformed byte is BAD, alone. */
static size_t decode(const char *s, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = sequence((unsigned char)*s);
	uint32_t c = (unsigned char)*s;
	if (n > 1)
		c &= 0x7f >> n;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) { /* the terminating NUL also ends up here */
			n = 0;
			break;
		}
		c = c << 6 | (s[i] & 0x3f);
	}
	bool ok = n && c >= least[n];
	*cp = ok ? c : BAD;
	return ok ? n : 1;
}

char *text_clean(const char *s, bool ascii)
{
	char *clean = malloc(strlen(s) + 1), *out = clean;
	if (!clean)
		return NULL;
	for (size_t n; *s; s += n) {
		uint32_t cp;
		n = decode(s, &cp);
		if (IN(invisible, cp) || (ascii && cp > 0x7e)) {
			*out++ = '?';
		} else {
			memcpy(out, s, n);
			out += n;
		}
	}
	*out = '\0';
	return clean;
}

static unsigned columns(uint32_t cp)
{
	if (cp < 0x300) /* nearly all: no table needed */
		return 1;
	if (IN(combining, cp))
		return 0;
	return IN(wide, cp) ? 2 : 1;
}

unsigned text_width(const char *s)
{
	return text_width_of(s, strlen(s));
}

unsigned text_width_of(const char *s, size_t len)
{
	unsigned width = 0;
	for (const char *end = s + len; s < end;) {
		uint32_t cp;
		s += decode(s, &cp);
		width += columns(cp);
	}
	return width;
}

size_t text_fit(const char *s, unsigned width)
{
	const char *p = s;
	while (*p) {
		uint32_t cp;
		size_t n = decode(p, &cp);
		if (columns(cp) > width)
			break;
		width -= columns(cp);
		p += n;
	}
	return p - s;
}
