/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow: text that is laid out in lines of a given width, behind a prefix. */
#ifndef CTL_FLOW_H
#define CTL_FLOW_H

#include <stdbool.h>
#include <stdio.h>

enum flow_style {
	FLOW_PLAIN,
	FLOW_BOLD,
	FLOW_DIM,
	FLOW_GREEN,
	FLOW_YELLOW,
	FLOW_RED,
};

enum { FLOW_PREFIX_SIZE = 64 }; /* bytes */

struct flow {
	FILE *f;
	unsigned width; /* columns of a line */
	bool colour;
	char prefix[FLOW_PREFIX_SIZE]; /* of the lines after the first one */
	unsigned col;		       /* where the next character goes */
	bool fresh;		       /* nothing but the prefix is in this line */
	enum flow_style style;	       /* that the terminal is in */
};

/* Starts a line with @head; those that follow until flow_end() start with @rest. */
void flow_begin(struct flow *o, const char *head, const char *rest);
void flow_end(struct flow *o);

/* Prints @text here, even beyond the width. */
void flow_put(struct flow *o, enum flow_style style, const char *text);
/* Blanks up to column @col; none if that is passed already. */
void flow_pad(struct flow *o, unsigned col);

/*
 * Prints @text, two blanks apart from what stands before it, on a new line if it does not fit here.
 * What fits no line is broken between words, and a word that fits no line between characters.
 */
void flow_item(struct flow *o, enum flow_style style, const char *text);

#endif
