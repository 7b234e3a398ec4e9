/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render: a status as a tree for people. Pure but for writing to its stream. */
#ifndef CTL_RENDER_H
#define CTL_RENDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "status.h"

enum { RENDER_WIDTH_MIN = 40 }; /* narrower terminals get this */

struct render {
	unsigned width;	  /* columns */
	bool utf8;	  /* box drawing, else ASCII; the status is already clean for it */
	bool colour;	  /* ANSI sequences */
	bool only_vifs;	  /* leave out networks and bridges without: one guest was asked for */
	int64_t now;	  /* seconds since the epoch, to tell "3 min ago" */
	const char *host; /* its name, clean */
};

/*
 * One line for each network, uplink and vif. Columns are aligned over the whole output; those that
 * do not fit into @width go to a second line under their vif, least important first. Sentences are
 * wrapped, never cut; only a guest's name may be.
 */
void render_status(FILE *f, const struct render *r, const struct status *s);

#endif
