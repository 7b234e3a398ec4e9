// SPDX-License-Identifier: GPL-2.0-or-later
/* txn: what is asked for, as one transaction. */
#include "db-priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "vswitch-idl.h"

#include "log.h"
#include "rows.h"

enum { GATE = 250 /* milliseconds */ };

static void no_bridge(struct db *db, struct port *p)
{
	const char *name = p->want.bridge.name;
	const struct ovsrec_port *row;
	OVSREC_PORT_FOR_EACH (row, db->idl)
		if (row->fake_bridge && !strcmp(row->name, name) && row->n_tag) {
			db_done(db, p, -ENOENT,
				"\"%s\" of Open vSwitch is a fake bridge, which stands for a VLAN of "
				"another; write that bridge's name and .%" PRId64, name, row->tag[0]);
			return;
		}
	db_done(db, p, -ENOENT,
		"bridge \"%s\" does not exist in Open vSwitch; bridges there: %s; make it (ovs-vsctl "
		"add-br %s), say create = true for its network in netd.conf, or give the vif another "
		"bridge=", name, db->bridges, name);
}

/* @return the bridge, perhaps a new one; NULL: none, and the request is answered. */
static const struct ovsrec_bridge *get_bridge(struct db *db, struct port *p)
{
	const struct ovs_bridge *want = &p->want.bridge;
	const struct ovsrec_bridge *br = replica_bridge(db, want->name);
	/* Made by this very transaction for another port? Rows of the transaction are seen, too. */
	if (!br && want->create)
		br = rows_new_bridge(db->txn, db->idl, want);
	else if (!br)
		no_bridge(db, p);
	else if (want->create && smap_get(&br->external_ids, DB_KEY_OWNER))
		rows_set_bridge(db->txn, br, want);
	return br;
}

/* A port of the mirror's output. NULL: there is none, and the request is answered. */
static const struct ovsrec_port *get_mirror(struct db *db, struct port *p,
					    const struct ovsrec_bridge *br)
{
	const struct port *out = db_find(db, p->want.mirror);
	if (out && out->port_row && out->bridge_row == br)
		return out->port_row;
	db_done(db, p, -ENOENT,
		"mirror = %s: it is not a port of bridge %s; add it (ovs-vsctl add-port %s %s)",
		p->want.mirror, br->name, br->name, p->want.mirror);
	return NULL;
}

/* Was it made for a netdev that is no more? What Xen's script has left behind does not say. */
static bool is_stale(const struct port *p)
{
	return p->have.ifindex ? p->have.ifindex != p->want.ifindex : p->have.ofport <= 0;
}

static void put_port(struct db *db, struct port *p)
{
	const struct ovsrec_port *row = p->port_row, *mirror = NULL;
	if (row && is_stale(p)) {
		rows_del_port(p->bridge_row, row);
		p->again = true;
		return;
	}
	const struct ovsrec_bridge *br = get_bridge(db, p);
	if (!br || (p->want.mirror[0] && !(mirror = get_mirror(db, p, br))))
		return;
	if (!row) {
		row = rows_new_port(db->txn, p->name);
		p->made = true;
	}
	if (p->bridge_row != br) {
		if (p->bridge_row)
			rows_leave_bridge(p->bridge_row, row);
		ovsrec_bridge_update_ports_addvalue(br, row);
	}
	rows_set_port(db->txn, row, &p->want);
	rows_set_mirror(db->txn, br, row, mirror);
}

static void add_request(struct db *db, struct port *p)
{
	p->ask = ASK_SENT;
	if (p->want.bridge.name[0])
		put_port(db, p);
	else
		rows_del_port(p->bridge_row, p->port_row);
}

/* Asked for before the database was known, or somebody else was faster. */
static bool is_done(struct db *db, struct port *p)
{
	const struct ovs_port *have = &p->have, *want = &p->want;
	bool there = want->bridge.name[0];
	bool done = there ? ovs_port_equal(have, want) && have->ofport > 0 &&
				    ovs_bridge_equal(&have->bridge, &want->bridge)
			  : !p->port_row || have->foreign;
	if (done && there && !ovs_guard_equal(have, want)) {
		p->ask = ASK_GUARD; /* the thread's next turn sees to it */
		p->guarded_in = 0;
		poll_immediate_wake();
	} else if (done) {
		db_done(db, p, 0, "%s", "");
	}
	return done;
}

/*
 * next_cfg is counted up with every transaction, so that cur_cfg tells that ovs-vswitchd has seen it.
 * If the last transaction was refused, each request goes by itself, to find the one it was refused
 * for.
 */
void txn_begin(struct db *db)
{
	struct port *first = NULL;
	size_t n = 0;
	db_for_each(db, p) {
		if (p->ask != ASK_QUEUED || (db->alone && first) || is_done(db, p))
			continue;
		first = first ?: p;
		if (!n++) {
			db->txn = ovsdb_idl_txn_create(db->idl);
			db->txn_seqno = ovsdb_idl_get_seqno(db->idl);
		}
		add_request(db, p);
	}
	db->retry = false;
	if (!n) {
		db->alone = false;
		return;
	}
	const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(db->idl);
	ovsdb_idl_txn_add_comment(db->txn, "xen-netd: %s%s", first->name, n > 1 ? " and others" : "");
	if (root)
		ovsdb_idl_txn_increment(db->txn, &root->header_, &ovsrec_open_vswitch_col_next_cfg, true);
	log_line(LOG_DEBUG, "ovs: a transaction for %zu ports, the first is %s", n, first->name);
}

/*
 * ovs-vswitchd goes through all its ports for each change that it sees. While it is at it, more is asked
 * for, and will be one change. If it does not answer, that is no reason to wait for long.
 */
static void shut_gate(struct db *db, int64_t cfg)
{
	db->gate_cfg = cfg;
	db->gate_until = time_msec() + GATE;
}

static void sent_to(struct db *db, enum ask ask, int64_t cfg)
{
	db_for_each(db, p)
		if (p->ask == ASK_SENT) {
			p->ask = ask;
			p->cfg = cfg;
		}
}

static void refused(struct db *db)
{
	const char *text = ovsdb_idl_txn_get_error(db->txn);
	size_t n = 0;
	db_for_each(db, p)
		n += p->ask == ASK_SENT;
	if (n > 1)
		db->alone = true;
	db_for_each(db, p) {
		if (p->ask != ASK_SENT)
			continue;
		if (n > 1)
			p->ask = ASK_QUEUED;
		else
			db_done(db, p, -EIO, "Open vSwitch's database refuses port %s: %s", p->name,
				text ?: "it does not say why");
	}
}

void txn_step(struct db *db)
{
	enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(db->txn);
	int64_t cfg;
	switch (status) {
	case TXN_INCOMPLETE:
		return;
	case TXN_SUCCESS:
		cfg = ovsdb_idl_txn_get_increment_new_value(db->txn);
		sent_to(db, ASK_ACK, cfg);
		shut_gate(db, cfg);
		break;
	case TXN_UNCHANGED:
		sent_to(db, ASK_ACK, 0); /* there is nothing to be seen by anybody */
		break;
	case TXN_ERROR:
		refused(db);
		break;
	case TXN_UNCOMMITTED:
	case TXN_ABORTED:
	case TXN_TRY_AGAIN:
	case TXN_NOT_LOCKED:
		sent_to(db, ASK_QUEUED, 0);
		db->retry = true;
		break;
	}
	ovsdb_idl_txn_destroy(db->txn);
	db->txn = NULL;
}
