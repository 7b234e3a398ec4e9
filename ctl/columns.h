/* SPDX-License-Identifier: GPL-2.0-or-later */
/* columns: the cells of a vif's line, and which of them a width has room for. Pure. */
#ifndef CTL_COLUMNS_H
#define CTL_COLUMNS_H

#include "render.h"
#include "status.h"

/* In the order they are shown. */
enum column {
	COLUMN_VIF,
	COLUMN_DOMAIN,
	COLUMN_STATE,
	COLUMN_SINCE,
	COLUMN_MAC,
	COLUMN_MTU,
	COLUMN_VLAN,
	COLUMN_ADDRESSES,
	COLUMN_BY,
	COLUMN_COUNT,
};

enum {
	COLUMN_GAP = 2,
	COLUMN_INDENT = 6, /* what the tree takes before the first column */
	COLUMN_TEXT_SIZE = 2048,
};

struct columns {
	unsigned width[COLUMN_COUNT]; /* 0: not in the line */
};

void columns_init(struct columns *c, const struct render *r, const struct status *s);

/*
 * The text of a cell, "" if there is nothing to tell. It may be wider than its column: then it is
 * not in the line (but for a domain's name, which is cut). @return @buf or a string of @v.
 */
const char *column_text(enum column col, const struct render *r, const struct status_vif *v,
			char buf[COLUMN_TEXT_SIZE]);

#endif
