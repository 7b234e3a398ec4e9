// SPDX-License-Identifier: GPL-2.0-or-later
/* thread: the life of the connection to ovsdb-server. */
#include "db-priv.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "timeval.h"

#include "flows.h"
#include "log.h"

enum {
	RENEW = 1000,	/* milliseconds between two attempts to connect */
	TRY_AGAIN = 50, /* after a transaction that met another one's change */
};

/* A request's answer by ovs-vswitchd, in its own words where it gives some. */
static void judge_ack(struct db *db, struct port *p)
{
	const struct ovs_port *have = &p->have;
	if (db->acked < p->cfg)
		return;
	if (p->again) {
		p->again = false;
		p->ask = ASK_QUEUED;
	} else if (!p->want.bridge.name[0]) {
		db_done(db, p, 0, "%s", "");
	} else if (p->row_error[0] || have->ofport <= 0) {
		db_done(db, p, -EIO, "Open vSwitch cannot make %s a port of %s: %s", p->name,
			p->want.bridge.name,
			p->row_error[0] ? p->row_error
					: "it does not say why, but ovs-vswitchd's log may (a bridge "
					  "whose datapath it could not make takes no port)");
	} else if (!ovs_port_equal(have, &p->want)) {
		db_done(db, p, -EBUSY,
			"port %s of %s does not stay as set in Open vSwitch's database; does another "
			"program handle it?", p->name, p->want.bridge.name);
	} else {
		p->ask = ASK_GUARD;
		p->guarded_in = 0;
	}
}

/* Flows are made for the port's number, so it had to be a port before. */
static void judge_guard(struct db *db, struct port *p)
{
	const char *bridge = p->want.bridge.name;
	if (ovs_guard_equal(&p->have, &p->want)) {
		db_done(db, p, 0, "%s", "");
		return;
	}
	const char *why = p->guarded_in ? flows_error(db->flows, bridge) : NULL;
	if (why) {
		db_done(db, p, -EIO, "bridge %s of Open vSwitch refuses the flows that guard %s: %s",
			bridge, p->name, why);
		return;
	}
	unsigned session = flows_session(db->flows, bridge);
	if (!session || p->guarded_in == session)
		return;
	flows_error(db->flows, bridge); /* of older ones */
	flows_put(db->flows, p);
	p->guarded_in = session;
}

static void judge_deadline(struct db *db, struct port *p, int64_t now)
{
	if (p->deadline > now)
		return;
	if (p->ask == ASK_ACK && !p->want.bridge.name[0])
		db_done(db, p, 0, "%s", ""); /* nobody holds it who is not there */
	else if (p->ask == ASK_GUARD)
		db_done(db, p, -ETIMEDOUT,
			"the flows that guard %s in bridge %s could not be made in %d s; does ovs-vswitchd "
			"run, and does the bridge speak OpenFlow 1.3?", p->name, p->want.bridge.name,
			DB_DEADLINE);
	else if (p->ask == ASK_ACK) {
		db->timed_out = true;
		db_done(db, p, -ETIMEDOUT,
			"Open vSwitch's database has port %s of %s, and ovs-vswitchd has not answered in "
			"%d s; is it running?", p->name, p->want.bridge.name, DB_DEADLINE);
	} else
		db_done(db, p, -ETIMEDOUT,
			"no answer from Open vSwitch's database at %s in %d s; is ovsdb-server running?",
			db->remote, DB_DEADLINE);
}

static void judge(struct db *db, int64_t now)
{
	db_for_each(db, p) {
		if (p->ask == ASK_ACK)
			judge_ack(db, p);
		if (p->ask == ASK_GUARD)
			judge_guard(db, p);
		if (p->ask != ASK_NONE)
			judge_deadline(db, p, now);
	}
}

/* What was not answered is asked again: by then another database may be there. */
static void lost(struct db *db)
{
	log_line(LOG_WARNING, "no connection to Open vSwitch's database at %s; its ports stay as they "
			      "are, trying again", db->remote);
	db_for_each(db, p) {
		p->stuck = false;
		if (p->ask == ASK_ACK || p->ask == ASK_SENT)
			p->ask = ASK_QUEUED;
	}
}

static void note_connection(struct db *db, int64_t now)
{
	bool is = ovsdb_idl_is_connected(db->idl) && ovsdb_idl_has_ever_connected(db->idl);
	if (is && !db->connected)
		log_line(LOG_INFO, "connected to Open vSwitch's database at %s", db->remote);
	if (!is && db->connected)
		lost(db);
	if (is != db->connected)
		db_tell(db, NULL);
	db->connected = is;
	if (is)
		db->renewed = now;
	/* Its own pauses grow up to 8 s, and a socket that has come is known to nobody. */
	if (!is && !ovsdb_idl_is_connected(db->idl) && now - db->renewed >= RENEW) {
		ovsdb_idl_set_remote(db->idl, NULL, false);
		ovsdb_idl_set_remote(db->idl, db->remote, true);
		db->renewed = now;
	}
}

static int64_t next_deadline(const struct db *db)
{
	int64_t next = db->connected ? INT64_MAX : db->renewed + RENEW;
	db_for_each(db, p)
		if (p->ask != ASK_NONE && p->deadline < next)
			next = p->deadline;
	return next;
}

static bool turn(struct db *db)
{
	int64_t now = time_msec(), next;
	pthread_mutex_lock(&db->lock);
	ovsdb_idl_run(db->idl);
	note_connection(db, now);
	replica_refresh(db);
	if (flows_run(db->flows, db))
		replica_refresh_guards(db);
	judge(db, now);
	bool open = db->acked >= db->gate_cfg || now >= db->gate_until;
	if (!db->txn && db->connected && db->known && open)
		txn_begin(db);
	if (db->txn)
		txn_step(db);
	next = next_deadline(db);
	if (!open && db->gate_until < next)
		next = db->gate_until;
	if (db->retry && now + TRY_AGAIN < next)
		next = now + TRY_AGAIN;
	db_tell_main(db);
	bool stop = db->stop;
	pthread_mutex_unlock(&db->lock);
	if (next != INT64_MAX)
		poll_timer_wait_until(next);
	return !stop;
}

void *db_thread(void *arg)
{
	struct db *db = arg;
	uint64_t count;
	vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF); /* what matters, we say ourselves */
	db->idl = replica_new(db->remote);
	db->flows = flows_new();
	db->renewed = time_msec();
	while (turn(db)) {
		ovsdb_idl_wait(db->idl);
		flows_wait(db->flows);
		if (db->txn)
			ovsdb_idl_txn_wait(db->txn);
		poll_fd_wait(db->wake_fd, POLLIN);
		poll_block();
		if (read(db->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
			break;
	}
	if (db->txn)
		ovsdb_idl_txn_destroy(db->txn);
	flows_free(db->flows);
	ovsdb_idl_destroy(db->idl);
	return NULL;
}
