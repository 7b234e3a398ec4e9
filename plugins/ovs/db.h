/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db: Open vSwitch's database as the main thread sees it: what is known, and what is asked for. */
#ifndef OVS_DB_H
#define OVS_DB_H

#include "ovs.h"
#include "plugin.h"

/*
 * A thread of ours holds a connection to ovsdb-server and a replica of the tables that matter
 * (libopenvswitch's IDL, whose event loop belongs to one thread). Between it and the main thread is
 * one table of ports under a lock that is held for memory work alone: what each port is, and what it
 * shall be. All that is asked for by the time the thread comes around is one transaction.
 *
 * A request is done when ovs-vswitchd says that it has seen the transaction (cur_cfg has reached the
 * next_cfg that was written with it) and given the port a number. It fails with Open vSwitch's own
 * words (Interface.error), by the transaction's error, or when DB_DEADLINE has passed; a port that
 * the request had made is then removed.
 */
struct db;

/* Of the port's name, its bridge's, and its name again. */
#define DB_FOREIGN                                                                          \
	"port %s of Open vSwitch bridge %s is not ours (it has no external-ids:xen-netd); if " \
	"nobody needs it: ovs-vsctl del-port %s"

enum { DB_DEADLINE = 8 }; /* seconds: below PROTO_NETDEV_DEADLINE, so that the better sentence wins */

/* @return 0, also without a database: it may come later; -errno. */
int db_open(struct db **out, struct err *e);
void db_close(struct db *db);
int db_fd(const struct db *db); /* readable: news */
void db_news(struct db *db, plugin_look_fn *look, void *arg);

/* What is known of the port @name; zeroed but for ->unknown without any database yet. */
void db_get(struct db *db, const char *name, struct ovs_port *have);

/*
 * Asks for the port @name to be as @want; no bridge: not to be. Repeating it asks for nothing new.
 * @return STEP_PENDING with a sentence of what is waited for; 0: it is so; -errno with why not, once
 * for each failed request: the next call asks again.
 */
int db_put(struct db *db, const char *name, const struct ovs_port *want, struct err *e);

/* Has the ports removed that are ours and were made for netdevs that are not in @links. */
void db_sweep(struct db *db, const struct links *links);

#endif
