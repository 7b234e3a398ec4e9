// SPDX-License-Identifier: GPL-2.0-or-later
/* flows: the guards of ports in their bridges, by OpenFlow. */
#include "flows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/rconn.h"
#include "byte-order.h"

#include "db-priv.h"
#include "guard.h"

enum {
	BACKOFF = 1, /* seconds at most between two attempts to connect */
	TABLES = 1 + GUARD_TABLE_END - GUARD_TABLE,
};

/* What is in the bridge's tables for one port. */
struct guard {
	struct guard *next;
	int ofport;
	uint64_t marker; /* cookie of the flow in table 0; 0: there is none */
	uint64_t cookie; /* of those in our tables, */
	unsigned count;	 /* and how many there are */
	bool cleared;	 /* we have asked for their removal */
};

struct sw {
	struct sw *next;
	char bridge[IFNAMSIZ];
	/*
	 * Two connections: what a connection changes itself, its own monitor tells without saying what,
	 * and the flag that would have it told all the same has had two meanings.
	 */
	struct rconn *rc, *tx;
	unsigned session; /* of rc, in which the monitor was asked for */
	bool known;	  /* the monitor has told all there was; or nobody is there to have anything */
	ovs_be32 asked[TABLES]; /* xids of the monitor's requests that have not been answered; else 0 */
	bool needed;
	struct guard *guards;
	char error[128];
};

struct flows {
	struct sw *list;
};

struct flows *flows_new(void)
{
	return calloc(1, sizeof(struct flows));
}

static void forget_guards(struct sw *s)
{
	while (s->guards) {
		struct guard *g = s->guards;
		s->guards = g->next;
		free(g);
	}
}

static void sw_free(struct sw *s)
{
	rconn_destroy(s->rc);
	rconn_destroy(s->tx);
	forget_guards(s);
	free(s);
}

void flows_free(struct flows *fs)
{
	while (fs && fs->list) {
		struct sw *s = fs->list;
		fs->list = s->next;
		sw_free(s);
	}
	free(fs);
}

static struct sw *find(const struct flows *fs, const char *bridge)
{
	struct sw *s = fs->list;
	while (s && strcmp(s->bridge, bridge))
		s = s->next;
	return s;
}

/* OpenFlow 1.3 is the first whose messages hold all that we say without extensions. */
static struct rconn *connect_to(const char *target)
{
	struct rconn *rc = rconn_create(
		0, BACKOFF, 0, 1u << OFP13_VERSION | 1u << OFP14_VERSION | 1u << OFP15_VERSION);
	rconn_connect(rc, target, target);
	return rc;
}

static struct sw *sw_new(struct flows *fs, const char *dir, const char *bridge)
{
	char target[160];
	struct sw *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	snprintf(s->bridge, sizeof(s->bridge), "%s", bridge);
	snprintf(target, sizeof(target), "unix:%s/%s.mgmt", dir, bridge);
	s->rc = connect_to(target);
	s->tx = connect_to(target);
	s->session = rconn_get_connection_seqno(s->rc);
	s->next = fs->list;
	fs->list = s;
	return s;
}

static struct guard *guard_of(struct sw *s, int ofport, bool make)
{
	struct guard *g = s->guards;
	while (g && g->ofport != ofport)
		g = g->next;
	if (g || !make || !(g = calloc(1, sizeof(*g))))
		return g;
	g->ofport = ofport;
	g->next = s->guards;
	s->guards = g;
	return g;
}

uint64_t flows_guard(const struct flows *fs, const char *bridge, int ofport, bool *unknown)
{
	struct sw *s = find(fs, bridge);
	const struct guard *g = s ? guard_of(s, ofport, false) : NULL;
	*unknown = !s || !s->known;
	if (!g || !g->marker || g->marker != g->cookie || g->count != guard_count(g->cookie))
		return 0;
	return g->cookie;
}

const char *flows_error(struct flows *fs, const char *bridge)
{
	static _Thread_local char text[128];
	struct sw *s = find(fs, bridge);
	if (!s || !s->error[0])
		return NULL;
	memcpy(text, s->error, sizeof(text));
	s->error[0] = '\0';
	return text;
}

/* One request a table. */
static void monitor(struct sw *s)
{
	enum ofputil_protocol protocol = ofputil_protocol_from_ofp_version(rconn_get_version(s->rc));
	struct ofputil_flow_monitor_request r = {
		.command = OFPFMC_ADD,
		.flags = OFPFMF_INITIAL | OFPFMF_ADD | OFPFMF_REMOVED | OFPFMF_MODIFY |
			 OFPFMF_INSTRUCTIONS,
		.out_port = OFPP_NONE,
		.out_group = OFPG_ANY,
	};
	match_init_catchall(&r.match);
	for (size_t i = 0; i < TABLES; i++) {
		struct ofpbuf *msg = ofpbuf_new(0);
		r.id = 1 + i;
		r.table_id = i ? GUARD_TABLE + i - 1 : 0;
		ofputil_append_flow_monitor_request(&r, msg, protocol);
		ofpmsg_update_length(msg);
		s->asked[i] = ((struct ofp_header *)msg->data)->xid;
		rconn_send(s->rc, msg, NULL);
	}
}

static bool take_update(struct sw *s, const struct ofputil_flow_update *u)
{
	uint64_t cookie = ntohll(u->cookie);
	bool gone = u->event == OFPFME_REMOVED;
	int ofport = (uint16_t)u->match.flow.in_port.ofp_port;
	if (!guard_is_ours(cookie) || u->event == OFPFME_ABBREV)
		return false;
	struct guard *g = guard_of(s, ofport, true);
	if (!g)
		return false;
	if (!u->table_id) {
		g->marker = gone ? (g->marker == cookie ? 0 : g->marker) : cookie;
		return true;
	}
	if (g->cookie != cookie && !gone) {
		g->cookie = cookie;
		g->count = 0;
	}
	if (g->cookie == cookie && u->event != OFPFME_MODIFIED)
		g->count += gone ? -1 : 1;
	return true;
}

/* The last part of what there was at the beginning. @return whether all of it is known now. */
static bool answered(struct sw *s, ovs_be32 xid)
{
	bool open = false;
	for (size_t i = 0; i < TABLES; i++) {
		if (s->asked[i] == xid)
			s->asked[i] = 0;
		open = open || s->asked[i];
	}
	if (open || s->known)
		return false;
	s->known = true;
	return true;
}

static bool take_updates(struct sw *s, struct ofpbuf *msg)
{
	const struct ofp_header *oh = msg->data;
	bool changed = false, more = ofpmp_more(oh);
	struct ofpbuf ofpacts;
	ofpbuf_init(&ofpacts, 256);
	for (;;) {
		struct ofputil_flow_update u;
		int r = ofputil_decode_flow_update(&u, msg, &ofpacts);
		if (r)
			break; /* EOF, or what we cannot read: then the guard is not as wanted */
		changed = take_update(s, &u) || changed;
	}
	ofpbuf_uninit(&ofpacts);
	return (!more && answered(s, oh->xid)) || changed;
}

static bool take_message(struct sw *s, struct ofpbuf *msg)
{
	enum ofptype type;
	enum ofperr why = ofptype_decode(&type, msg->data);
	if (why)
		return false;
	if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY)
		return take_updates(s, msg);
	if (type == OFPTYPE_FLOW_MONITOR_PAUSED)
		rconn_reconnect(s->rc); /* and ask anew */
	if (type == OFPTYPE_ERROR) {
		why = ofperr_decode_msg(msg->data, NULL);
		snprintf(s->error, sizeof(s->error), "%s", why ? ofperr_get_name(why) : "an error");
		return true;
	}
	return false;
}

/* Nobody there at the first attempt: nobody has flows of ours. */
static bool note_session(struct sw *s)
{
	bool is = rconn_is_connected(s->rc), was = s->session != rconn_get_connection_seqno(s->rc);
	if (was) {
		s->session = rconn_get_connection_seqno(s->rc);
		forget_guards(s);
		s->known = !is;
		if (is)
			monitor(s);
		return true;
	}
	if (!is && !s->known && rconn_get_last_error(s->rc)) {
		s->known = true;
		return true;
	}
	return false;
}

static bool sw_run(struct sw *s)
{
	bool changed = false;
	struct ofpbuf *msg;
	rconn_run(s->rc);
	rconn_run(s->tx);
	changed = note_session(s);
	for (int i = 0; i < 256 && (msg = rconn_recv(s->rc) ?: rconn_recv(s->tx)); i++) {
		changed = take_message(s, msg) || changed;
		ofpbuf_delete(msg);
	}
	/* That the switch has gone is seen in receiving, and must not wait for the next attempt. */
	return note_session(s) || changed;
}

static bool has_guards(const struct sw *s)
{
	for (const struct guard *g = s->guards; g; g = g->next)
		if (g->marker || g->count)
			return rconn_is_connected(s->rc);
	return false;
}

/* Bridges where ports are ours, and those where ports were that have left something. */
static void pick_bridges(struct flows *fs, struct db *db)
{
	for (struct sw *s = fs->list; s; s = s->next)
		s->needed = has_guards(s);
	db_for_each(db, p) {
		const char *name = p->bridge_row && p->have.owner[0] ? p->have.bridge.name : "";
		struct sw *s = name[0] ? find(fs, name) : NULL;
		if (name[0] && !s)
			s = sw_new(fs, db->dir, name);
		if (s)
			s->needed = true;
	}
	for (struct sw **at = &fs->list; *at;) {
		struct sw *s = *at;
		if (s->needed) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		sw_free(s);
	}
}

static void send_flow(struct sw *s, int command, const char *text)
{
	struct ofputil_flow_mod fm;
	enum ofputil_protocol usable;
	char *wrong = parse_ofp_flow_mod_str(&fm, text, NULL, NULL, command, &usable);
	if (wrong) {
		snprintf(s->error, sizeof(s->error), "%s: %s", text, wrong);
		free(wrong);
		return;
	}
	rconn_send(s->tx,
		   ofputil_encode_flow_mod(&fm, ofputil_protocol_from_ofp_version(
							rconn_get_version(s->tx))),
		   NULL);
	free(fm.ofpacts);
	minimatch_destroy(&fm.match);
}

/* What is ours in this table, 255: in all, for this port. */
static void clear(struct sw *s, int table, int ofport)
{
	char text[128];
	snprintf(text, sizeof(text), "table=%d,cookie=0x%llx/0x%llx,in_port=%d", table,
		 (unsigned long long)GUARD_SIGN, (unsigned long long)GUARD_SIGN_MASK, ofport);
	send_flow(s, OFPFC_DELETE, text);
}

unsigned flows_session(const struct flows *fs, const char *bridge)
{
	const struct sw *s = find(fs, bridge);
	if (!s || !s->known || !rconn_is_connected(s->rc) || !rconn_is_connected(s->tx))
		return 0;
	return s->session + rconn_get_connection_seqno(s->tx);
}

/*
 * While the flow of table 0 stands and those behind it are made anew, frames are dropped: a guard that
 * changes is shut for a moment, never open.
 */
void flows_put(struct flows *fs, const struct port *p)
{
	char text[GUARD_TEXT_SIZE];
	struct sw *s = find(fs, p->want.bridge.name);
	int ofport = p->have.ofport;
	if (!p->want.guard) {
		clear(s, 255, ofport);
		return;
	}
	for (int table = GUARD_TABLE; table < GUARD_TABLE_END; table++)
		clear(s, table, ofport);
	for (unsigned i = 0; guard_flow(&p->want.filter, p->want.guard, ofport, i, text); i++)
		send_flow(s, OFPFC_ADD, text);
}

/* Rests of ports that are gone: the number may be another port's one day. */
static void sweep(struct sw *s, const struct db *db)
{
	for (struct guard *g = s->guards; g && s->known && rconn_is_connected(s->tx); g = g->next) {
		bool used = !g->marker && !g->count;
		db_for_each(db, p)
			used = used || (p->port_row && p->have.owner[0] && p->have.ofport == g->ofport &&
					!strcmp(p->have.bridge.name, s->bridge));
		if (!used && !g->cleared)
			clear(s, 255, g->ofport);
		g->cleared = !used;
	}
}

bool flows_run(struct flows *fs, struct db *db)
{
	bool changed = false;
	pick_bridges(fs, db);
	for (struct sw *s = fs->list; s; s = s->next) {
		changed = sw_run(s) || changed;
		sweep(s, db);
	}
	return changed;
}

void flows_wait(struct flows *fs)
{
	for (struct sw *s = fs->list; s; s = s->next) {
		rconn_run_wait(s->rc);
		rconn_recv_wait(s->rc);
		rconn_run_wait(s->tx);
		rconn_recv_wait(s->tx);
	}
}
