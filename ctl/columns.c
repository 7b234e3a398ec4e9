// SPDX-License-Identifier: GPL-2.0-or-later
/* columns: the cells of a vif's line, and which of them a width has room for. */
#include "columns.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

enum {
	DOMAIN_MIN = 12, /* columns of the domain's cell where room is scarce */
};

/* What one long value may ask of all the lines; its own goes to the line below. */
static const unsigned most[COLUMN_COUNT] = {
	[COLUMN_VIF] = 15, [COLUMN_DOMAIN] = 32,    [COLUMN_STATE] = 11, [COLUMN_SINCE] = 16,
	[COLUMN_MAC] = 17, [COLUMN_MTU] = 9,	    [COLUMN_VLAN] = 20,
	[COLUMN_ADDRESSES] = 40, [COLUMN_BY] = 40,
};

/* Below this a column is not worth its place; 0: it is shown whole or not at all. */
static const unsigned least[COLUMN_COUNT] = {
	[COLUMN_ADDRESSES] = 15, /* any IPv4 address */
	[COLUMN_BY] = 16,
};

static const enum column by_importance[] = {
	COLUMN_MAC, COLUMN_ADDRESSES, COLUMN_MTU, COLUMN_VLAN, COLUMN_BY,
};

static void print_since(char *buf, size_t size, int64_t now, int64_t since)
{
	int64_t s = now - since;
	if (!since)
		buf[0] = '\0';
	else if (s < 1) /* or the clock was set back */
		snprintf(buf, size, "just now");
	else if (s < 60)
		snprintf(buf, size, "%" PRId64 " s ago", s);
	else if (s < 60 * 60)
		snprintf(buf, size, "%" PRId64 " min ago", s / 60);
	else if (s < 48 * 60 * 60)
		snprintf(buf, size, "%" PRId64 " h ago", s / (60 * 60));
	else
		snprintf(buf, size, "%" PRId64 " d ago", s / (24 * 60 * 60));
}

static const char *state_text(const struct render *r, enum status_state state)
{
	static const char *const text[2][STATUS_STATE_COUNT] = {
		{
			[STATUS_CONNECTED] = "+ connected",
			[STATUS_WAITING] = ". waiting",
			[STATUS_ERROR] = "! error",
			[STATUS_UNMANAGED] = "- unmanaged",
		},
		{
			[STATUS_CONNECTED] = "● connected",
			[STATUS_WAITING] = "○ waiting",
			[STATUS_ERROR] = "✗ error",
			[STATUS_UNMANAGED] = "– unmanaged",
		},
	};
	return text[r->utf8][state];
}

const char *column_text(enum column col, const struct render *r, const struct status_vif *v,
			char buf[COLUMN_TEXT_SIZE])
{
	const size_t size = COLUMN_TEXT_SIZE;
	buf[0] = '\0';
	switch (col) {
	case COLUMN_VIF:
		return v->name;
	case COLUMN_DOMAIN:
		snprintf(buf, size, "%s (%" PRId64 ")", v->domain ? v->domain : "?", v->domid);
		break;
	case COLUMN_STATE:
		return state_text(r, v->state);
	case COLUMN_SINCE:
		print_since(buf, size, r->now, v->since);
		break;
	case COLUMN_MAC:
		return v->mac ? v->mac : "";
	case COLUMN_MTU:
		if (v->mtu)
			snprintf(buf, size, "mtu %" PRId64, v->mtu);
		break;
	case COLUMN_VLAN:
		if (v->vlan)
			snprintf(buf, size, "vlan %s", v->vlan);
		break;
	case COLUMN_ADDRESSES:
		return v->addresses;
	case COLUMN_BY:
		if (v->chosen_by && !v->alike)
			snprintf(buf, size, "by %s", v->chosen_by);
		break;
	case COLUMN_COUNT:
		break;
	}
	return buf;
}

static void measure(struct columns *c, const struct render *r, const struct status *s)
{
	char buf[COLUMN_TEXT_SIZE];
	for (size_t i = 0; i < s->n_vifs; i++)
		for (enum column col = 0; col < COLUMN_COUNT; col++) {
			unsigned width = text_width(column_text(col, r, &s->vifs[i], buf));
			if (width > most[col])
				width = most[col];
			if (width > c->width[col])
				c->width[col] = width;
		}
}

/* Takes @want columns and the gap from @left, if they are there. */
static bool take(unsigned *left, unsigned want)
{
	if (COLUMN_GAP + want > *left)
		return false;
	*left -= COLUMN_GAP + want;
	return true;
}

void columns_init(struct columns *c, const struct render *r, const struct status *s)
{
	struct columns want = {.width = {0}};
	measure(&want, r, s);
	*c = (struct columns){.width = {0}};

	/* These are in every line, at the cost of the domain's name. */
	unsigned left = r->width - COLUMN_INDENT;
	unsigned need = want.width[COLUMN_VIF] + COLUMN_GAP + want.width[COLUMN_STATE];
	c->width[COLUMN_VIF] = want.width[COLUMN_VIF];
	c->width[COLUMN_STATE] = want.width[COLUMN_STATE];
	left = need < left ? left - need : 0;

	unsigned since = want.width[COLUMN_SINCE], domain = want.width[COLUMN_DOMAIN];
	unsigned floor = domain < DOMAIN_MIN ? domain : DOMAIN_MIN;
	if (since && left >= 2 * COLUMN_GAP + floor + since && take(&left, since))
		c->width[COLUMN_SINCE] = since;
	if (COLUMN_GAP + domain > left)
		domain = left > COLUMN_GAP + floor ? left - COLUMN_GAP : floor;
	c->width[COLUMN_DOMAIN] = domain;
	left = COLUMN_GAP + domain < left ? left - COLUMN_GAP - domain : 0;

	for (size_t i = 0; i < sizeof(by_importance) / sizeof(by_importance[0]); i++) {
		enum column col = by_importance[i];
		unsigned width = want.width[col];
		if (least[col] && width > least[col] && COLUMN_GAP + width > left &&
		    left >= COLUMN_GAP + least[col])
			width = left - COLUMN_GAP;
		if (width && take(&left, width))
			c->width[col] = width;
	}
}
