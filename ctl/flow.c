// SPDX-License-Identifier: GPL-2.0-or-later
/* flow: text that is laid out in lines of a given width, behind a prefix. */
#include "flow.h"

#include <string.h>

#include "text.h"

enum { GAP = 2 }; /* blanks between two items */

/* Only changes are written: a sentence is coloured once a line, not once a word. */
static void set_style(struct flow *o, enum flow_style style)
{
	static const char *const sgr[] = {
		[FLOW_BOLD] = "1",    [FLOW_DIM] = "2",	 [FLOW_GREEN] = "32",
		[FLOW_YELLOW] = "33", [FLOW_RED] = "31",
	};
	if (!o->colour || style == o->style)
		return;
	if (o->style != FLOW_PLAIN)
		fputs("\033[0m", o->f);
	if (style != FLOW_PLAIN)
		fprintf(o->f, "\033[%sm", sgr[style]);
	o->style = style;
}

static void put_bytes(struct flow *o, enum flow_style style, const char *text, size_t len)
{
	if (!len)
		return;
	set_style(o, style);
	fwrite(text, 1, len, o->f);
	o->col += text_width_of(text, len);
	o->fresh = false;
}

void flow_put(struct flow *o, enum flow_style style, const char *text)
{
	put_bytes(o, style, text, strlen(text));
}

void flow_pad(struct flow *o, unsigned col)
{
	if (col > o->col) {
		fprintf(o->f, "%*s", (int)(col - o->col), "");
		o->col = col;
	}
}

void flow_begin(struct flow *o, const char *head, const char *rest)
{
	snprintf(o->prefix, sizeof(o->prefix), "%s", rest);
	o->col = 0;
	flow_put(o, FLOW_DIM, head);
	o->fresh = true;
}

void flow_end(struct flow *o)
{
	set_style(o, FLOW_PLAIN);
	fputc('\n', o->f);
	o->col = 0;
}

static void new_line(struct flow *o)
{
	flow_end(o);
	flow_put(o, FLOW_DIM, o->prefix);
	o->fresh = true;
}

static unsigned left(const struct flow *o)
{
	return o->col < o->width ? o->width - o->col : 0;
}

/* A word may be longer than a line, and a line too short for a character: then it sticks out. */
static void put_word(struct flow *o, enum flow_style style, const char *word, size_t len)
{
	while (len) {
		size_t n = text_fit(word, left(o));
		if (!n && !o->fresh) {
			new_line(o);
			continue;
		}
		if (!n || n > len)
			n = len;
		put_bytes(o, style, word, n);
		word += n;
		len -= n;
	}
}

static void put_words(struct flow *o, enum flow_style style, const char *text)
{
	bool first = true;
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");
		if (!first && 1 + text_width_of(text, len) > left(o))
			new_line(o);
		else if (!first)
			flow_pad(o, o->col + 1);
		put_word(o, style, text, len);
		text += len;
		first = false;
	}
}

void flow_item(struct flow *o, enum flow_style style, const char *text)
{
	unsigned width = text_width(text);
	if (!width)
		return;
	if (!o->fresh && GAP + width > left(o))
		new_line(o);
	else if (!o->fresh)
		flow_pad(o, o->col + GAP);
	put_words(o, style, text);
}
