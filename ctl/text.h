/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text: strings from elsewhere, made fit for a terminal. Pure. */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A guest's name, a toolstack's words and an error's sentence are not ours: an escape sequence in
 * them would be obeyed, a bidirectional override or a zero-width character would make one guest
 * look like another.
 *
 * @return a copy of @s for free(), with every code point that is not plainly visible (controls, C1
 * included, format characters, private use) and every malformed byte replaced by '?'; with @ascii
 * also all that is not ASCII. NULL: no memory.
 */
char *text_clean(const char *s, bool ascii);

/*
 * Columns that clean UTF-8 takes on a terminal: 2 for East Asian wide characters and emoji, 0 for
 * combining marks. Own tables: wcwidth() depends on the locale, and knows only ASCII in "C".
 */
unsigned text_width(const char *s);
/* The same for the first @len bytes, which end with a whole character. */
unsigned text_width_of(const char *s, size_t len);

/* Bytes of the longest beginning of @s that takes at most @width columns: whole characters. */
size_t text_fit(const char *s, unsigned width);

#endif
