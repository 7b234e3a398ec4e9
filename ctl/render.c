// SPDX-License-Identifier: GPL-2.0-or-later
/* render: a status as a tree for people. */
#include "render.h"

#include <inttypes.h>
#include <string.h>

#include "columns.h"
#include "flow.h"
#include "text.h"

/* The pieces of a tree, three columns each. */
struct glyphs {
	const char *branch, *last, *bar, *none;
	const char *cut; /* ends a name that was cut; one column */
};

static const struct glyphs ascii = {"|- ", "`- ", "|  ", "   ", "~"};
static const struct glyphs utf8 = {"├─ ", "└─ ", "│  ", "   ", "…"};

struct view {
	const struct render *r;
	const struct status *s;
	const struct glyphs *g;
	struct columns columns;
	struct flow flow;
	size_t branches_left; /* below the host, to know the last one */
};

static const enum flow_style state_styles[] = {
	[STATUS_CONNECTED] = FLOW_GREEN,
	[STATUS_WAITING] = FLOW_YELLOW,
	[STATUS_ERROR] = FLOW_RED,
	[STATUS_UNMANAGED] = FLOW_DIM,
};

/* A node of the tree under @prefix; what it needs further lines for stands under its text. */
static void begin_node(struct view *v, const char *prefix, bool last)
{
	char head[FLOW_PREFIX_SIZE], rest[FLOW_PREFIX_SIZE];
	snprintf(head, sizeof(head), "%s%s", prefix, last ? v->g->last : v->g->branch);
	snprintf(rest, sizeof(rest), "%s%s", prefix, last ? v->g->none : v->g->bar);
	flow_begin(&v->flow, head, rest);
}

static void item_number(struct view *v, enum flow_style style, const char *before, int64_t n,
			const char *after)
{
	char text[128];
	snprintf(text, sizeof(text), "%s%" PRId64 "%s", before, n, after);
	flow_item(&v->flow, style, text);
}

static void item_two(struct view *v, enum flow_style style, const char *a, const char *b)
{
	char text[256];
	snprintf(text, sizeof(text), "%s%s", a, b);
	flow_item(&v->flow, style, text);
}

static void render_bridge(struct view *v, const struct status_bridge *b)
{
	if (b->mtu)
		item_number(v, FLOW_PLAIN, "mtu ", b->mtu, "");
	if (b->vlan_filtering)
		flow_item(&v->flow, FLOW_PLAIN, "vlan filtering");
	if (!b->up)
		flow_item(&v->flow, FLOW_RED, "down");
}

/* A domain's name gives way to its number, which alone is sure to tell it from others. */
static void render_domain(struct view *v, const struct status_vif *vif)
{
	char text[COLUMN_TEXT_SIZE], number[32];
	unsigned width = v->columns.width[COLUMN_DOMAIN];
	column_text(COLUMN_DOMAIN, v->r, vif, text);
	if (text_width(text) > width) {
		int n = snprintf(number, sizeof(number), "%s (%" PRId64 ")", v->g->cut, vif->domid);
		unsigned tail = text_width(number);
		text[text_fit(text, width > tail ? width - tail : 1)] = '\0';
		strncat(text, number, n);
	}
	flow_put(&v->flow, FLOW_PLAIN, text);
}

static void render_cells(struct view *v, const struct status_vif *vif)
{
	char text[COLUMN_TEXT_SIZE];
	unsigned at = v->flow.col;
	for (enum column c = 0; c < COLUMN_COUNT; c++) {
		unsigned width = v->columns.width[c];
		const char *cell = column_text(c, v->r, vif, text);
		if (!width)
			continue;
		if (*cell && (c == COLUMN_DOMAIN || text_width(cell) <= width)) {
			enum flow_style style = c == COLUMN_STATE ? state_styles[vif->state] :
						c == COLUMN_BY || c == COLUMN_SINCE ? FLOW_DIM :
										      FLOW_PLAIN;
			flow_pad(&v->flow, at);
			if (c == COLUMN_DOMAIN)
				render_domain(v, vif);
			else
				flow_put(&v->flow, style, cell);
		}
		at += width + COLUMN_GAP;
	}
	flow_end(&v->flow);
}

/* What the line had no room for. */
static void render_details(struct view *v, const struct status_vif *vif, const char *prefix)
{
	char text[COLUMN_TEXT_SIZE];
	bool begun = false;
	for (enum column c = COLUMN_SINCE; c < COLUMN_COUNT; c++) {
		const char *cell = column_text(c, v->r, vif, text);
		if (!*cell || text_width(cell) <= v->columns.width[c])
			continue;
		if (!begun)
			flow_begin(&v->flow, prefix, prefix);
		begun = true;
		flow_item(&v->flow, FLOW_DIM, cell);
	}
	if (begun)
		flow_end(&v->flow);
}

/* What the filter has dropped, where it was asked for. */
static void render_drops(struct view *v, const struct status_vif *vif, const char *prefix)
{
	const char *reason;
	json_t *d;
	if (!json_object_size(vif->drops))
		return;
	flow_begin(&v->flow, prefix, prefix);
	flow_put(&v->flow, FLOW_PLAIN, "dropped by the filter:");
	json_object_foreach(vif->drops, reason, d) {
		char text[64];
		snprintf(text, sizeof(text), "%.20s %lld", reason,
			 (long long)json_integer_value(json_object_get(d, "frames")));
		flow_item(&v->flow, FLOW_PLAIN, text);
	}
	flow_end(&v->flow);
}

static void render_vif(struct view *v, const struct status_vif *vif, const char *prefix, bool last)
{
	char below[FLOW_PREFIX_SIZE], lines[FLOW_PREFIX_SIZE];
	begin_node(v, prefix, last);
	render_cells(v, vif);
	snprintf(below, sizeof(below), "%s%s", prefix, last ? v->g->none : v->g->bar);
	snprintf(lines, sizeof(lines), "%s%s", below, vif->emulated ? v->g->bar : v->g->none);
	if (vif->reason) {
		flow_begin(&v->flow, lines, lines);
		flow_item(&v->flow, state_styles[vif->state], vif->reason);
		flow_end(&v->flow);
	}
	render_details(v, vif, lines);
	render_drops(v, vif, lines);
	if (vif->emulated) {
		begin_node(v, below, true);
		flow_put(&v->flow, FLOW_PLAIN, vif->emulated);
		flow_item(&v->flow, FLOW_DIM, "emulated device of the same guest");
		flow_end(&v->flow);
	}
}

static void render_vifs(struct view *v, const struct status_vif *vifs, size_t n, const char *prefix)
{
	for (size_t i = 0; i < n; i++)
		render_vif(v, &vifs[i], prefix, i == n - 1);
}

static void render_uplinks(struct view *v, const struct status_bridge *b, const char *prefix,
			   bool last)
{
	json_t *port;
	size_t i, n = json_array_size(b->uplinks);
	json_array_foreach(b->uplinks, i, port) {
		const char *name = json_string_value(json_object_get(port, "name"));
		bool up = json_is_true(json_object_get(port, "up"));
		begin_node(v, prefix, last && i == n - 1);
		flow_put(&v->flow, FLOW_PLAIN, name ? name : "?");
		flow_item(&v->flow, FLOW_DIM, "uplink");
		flow_item(&v->flow, up ? FLOW_PLAIN : FLOW_RED, up ? "up" : "down");
		flow_end(&v->flow);
	}
}

/* A branch below the host. @return the prefix of what hangs on it. */
static const char *begin_branch(struct view *v, const char *name)
{
	bool last = !--v->branches_left;
	begin_node(v, "", last);
	flow_put(&v->flow, FLOW_BOLD, name);
	return last ? v->g->none : v->g->bar;
}

static void render_mode(struct view *v, const struct status_network *n)
{
	bool linux_bridge = n->mode && !strcmp(n->mode, "bridge");
	if (n->mode)
		flow_item(&v->flow, FLOW_PLAIN, n->mode);
	/* An OVS bridge is not in the daemon's list of bridges: it is not missed there. */
	if (n->bridge_name && linux_bridge && !n->bridge)
		item_two(v, FLOW_RED, "no such bridge: ", n->bridge_name);
	else if (n->bridge_name && strcmp(n->bridge_name, n->name))
		item_two(v, FLOW_PLAIN, "on ", n->bridge_name);
	if (n->bridge)
		render_bridge(v, n->bridge);
}

static void render_hints(struct view *v, const struct status_network *n, const char *prefix)
{
	char below[FLOW_PREFIX_SIZE];
	json_t *hint;
	size_t i;
	bool more = n->n_vifs || (n->bridge && json_array_size(n->bridge->uplinks));
	snprintf(below, sizeof(below), "%s%s", prefix, more ? v->g->bar : v->g->none);
	json_array_foreach(n->hints, i, hint) {
		flow_begin(&v->flow, below, below);
		flow_item(&v->flow, FLOW_PLAIN, json_string_value(hint) ?: "?");
		flow_end(&v->flow);
	}
}

static void render_network(struct view *v, const struct status_network *n)
{
	const char *prefix = begin_branch(v, n->name);
	render_mode(v, n);
	if (n->source)
		flow_item(&v->flow, FLOW_DIM,
			  strcmp(n->source, "implied") ? n->source : "not in netd.conf");
	if (n->chosen_by)
		item_two(v, FLOW_DIM, "chosen by ", n->chosen_by);
	if (!n->n_vifs)
		flow_item(&v->flow, FLOW_DIM, "no vifs");
	flow_end(&v->flow);
	render_hints(v, n, prefix);
	if (n->bridge)
		render_uplinks(v, n->bridge, prefix, !n->n_vifs);
	render_vifs(v, v->s->vifs + n->first, n->n_vifs, prefix);
}

static void render_unused_bridge(struct view *v, const struct status_bridge *b)
{
	const char *prefix = begin_branch(v, b->name);
	flow_item(&v->flow, FLOW_PLAIN, "bridge");
	render_bridge(v, b);
	flow_item(&v->flow, FLOW_DIM, "no vifs");
	flow_end(&v->flow);
	render_uplinks(v, b, prefix, true);
}

static void render_rest(struct view *v, const char *name, const char *what,
			const struct status_vif *vifs, size_t n)
{
	if (!n)
		return;
	const char *prefix = begin_branch(v, name);
	flow_item(&v->flow, FLOW_DIM, what);
	flow_end(&v->flow);
	render_vifs(v, vifs, n, prefix);
}

static void render_uptime(struct view *v)
{
	int64_t s = v->s->uptime;
	if (s < 60)
		item_number(v, FLOW_DIM, "xen-netd up ", s, " s");
	else if (s < 60 * 60)
		item_number(v, FLOW_DIM, "xen-netd up ", s / 60, " min");
	else if (s < 48 * 60 * 60)
		item_number(v, FLOW_DIM, "xen-netd up ", s / (60 * 60), " h");
	else
		item_number(v, FLOW_DIM, "xen-netd up ", s / (24 * 60 * 60), " d");
}

static void render_host(struct view *v)
{
	static const char *const names[] = {
		[STATUS_CONNECTED] = " connected",
		[STATUS_WAITING] = " waiting",
		[STATUS_ERROR] = " in error",
		[STATUS_UNMANAGED] = " unmanaged",
	};
	const struct status *s = v->s;
	flow_begin(&v->flow, "", "   ");
	flow_put(&v->flow, FLOW_BOLD, v->r->host);
	render_uptime(v);
	item_number(v, FLOW_PLAIN, "", s->n_vifs, s->n_vifs == 1 ? " vif" : " vifs");
	for (int state = 0; state < STATUS_STATE_COUNT; state++)
		if (s->count[state])
			item_number(v, state_styles[state], "", s->count[state], names[state]);
	flow_end(&v->flow);
	if (!s->store_lost)
		return;
	flow_begin(&v->flow, "   ", "   ");
	flow_item(&v->flow, FLOW_RED,
		  "xen-netd has lost its connection to xenstore and tries to reconnect; this is "
		  "what it knew before");
	flow_end(&v->flow);
}

static bool is_shown(const struct view *v, const struct status_network *n)
{
	return n->n_vifs || !v->r->only_vifs;
}

static bool is_extra(const struct view *v, const struct status_bridge *b)
{
	return !b->used && !v->r->only_vifs;
}

static size_t count_branches(const struct view *v)
{
	const struct status *s = v->s;
	size_t n = !!s->n_stray + !!s->n_unmanaged;
	for (size_t i = 0; i < s->n_networks; i++)
		n += is_shown(v, &s->networks[i]);
	for (size_t i = 0; i < s->n_bridges; i++)
		n += is_extra(v, &s->bridges[i]);
	return n;
}

void render_status(FILE *f, const struct render *style, const struct status *s)
{
	struct render r = *style;
	if (r.width < RENDER_WIDTH_MIN)
		r.width = RENDER_WIDTH_MIN;
	struct view v = {
		.r = &r,
		.s = s,
		.g = r.utf8 ? &utf8 : &ascii,
		.flow = {.f = f, .width = r.width, .colour = r.colour},
	};
	const struct status_vif *rest = s->vifs + s->n_vifs - s->n_unmanaged - s->n_stray;
	columns_init(&v.columns, &r, s);
	v.branches_left = count_branches(&v);
	render_host(&v);
	for (size_t i = 0; i < s->n_networks; i++)
		if (is_shown(&v, &s->networks[i]))
			render_network(&v, &s->networks[i]);
	for (size_t i = 0; i < s->n_bridges; i++)
		if (is_extra(&v, &s->bridges[i]))
			render_unused_bridge(&v, &s->bridges[i]);
	render_rest(&v, "no network", "none could be chosen for these", rest, s->n_stray);
	render_rest(&v, "unmanaged", "left to scripts that are not xen-netd's", rest + s->n_stray,
		    s->n_unmanaged);
}
