/* SPDX-License-Identifier: GPL-2.0-or-later */
/* db-priv: the table of ports, and the thread's side of it. */
#ifndef OVS_DB_PRIV_H
#define OVS_DB_PRIV_H

#include <pthread.h>

#include "db.h"

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct ovsrec_open_vswitch;
struct ovsrec_port;

enum {
	DB_BUCKETS = 1024,
	DB_TEXT_SIZE = 384,
};

enum ask {
	ASK_NONE,
	ASK_QUEUED, /* for the next transaction */
	ASK_SENT,   /* in the one that is under way */
	ASK_ACK,    /* it is in the database; ovs-vswitchd has yet to see it */
	ASK_GUARD,  /* it is a port; its flows are being made */
};

/* One port by its name, whoever's: as it is in the replica, and what is asked for. */
struct port {
	struct port *next; /* of its bucket */
	char name[IFNAMSIZ];
	struct ovs_port have; /* no bridge: there is none */
	char row_error[DB_TEXT_SIZE]; /* Interface.error */

	enum ask ask;
	struct ovs_port want;
	bool undo;	  /* nobody waits for it: a failed request's port is removed, or a stale one */
	bool stuck;	  /* that was refused */
	bool made;	  /* by this request: to be removed if it fails */
	bool again;	  /* only removed so far, because it was made for another netdev */
	int64_t cfg;	  /* next_cfg of its transaction */
	unsigned guarded_in; /* the connection to the bridge in which its flows were sent; 0: not yet */
	int64_t deadline; /* CLOCK_MONOTONIC milliseconds */

	struct ovs_port asked; /* the main thread's last request */
	int failed; /* -errno of that, until it is told; 0: nothing to tell */
	char error[DB_TEXT_SIZE];
	bool news;
	bool seen; /* by the present look through the replica */

	/* the replica's rows, for the thread */
	const struct ovsrec_bridge *bridge_row;
	const struct ovsrec_port *port_row;
};

struct db {
	pthread_t thread;
	int news_fd, wake_fd; /* eventfds: to the main thread, to ours */
	char dir[108];	      /* "/run/openvswitch" */
	char remote[128];     /* "unix:/run/openvswitch/db.sock" */

	pthread_mutex_t lock; /* of what follows */
	bool stop;
	struct port *bucket[DB_BUCKETS];
	bool known;	 /* the replica has been whole once */
	bool connected;
	bool news, news_all;
	char bridges[256]; /* "ovsbr0, ovsbr1" or "none" */

	/* the thread's own */
	struct ovsdb_idl *idl;
	struct flows *flows;
	unsigned seqno; /* of the replica that was last looked at */
	int64_t renewed; /* when the session was last begun anew; milliseconds */
	int64_t acked;	 /* Open_vSwitch.cur_cfg */
	bool timed_out;	 /* it did not move for a request */
	struct ovsdb_idl_txn *txn;
	unsigned txn_seqno; /* the replica's when txn began */
	int64_t gate_cfg, gate_until; /* the next one waits until this is acked, or that time */
	bool alone;	    /* the last transaction failed: find out whose fault it is */
	bool retry;	    /* the last one met a change: when the replica has it */
};

#define db_for_each(db, p)                            \
	for (size_t b_ = 0; b_ < DB_BUCKETS; b_++)    \
		for (struct port *p = (db)->bucket[b_]; p; p = p->next)

/* All under the lock. */
struct port *db_find(const struct db *db, const char *name);
struct port *db_add(struct db *db, const char *name); /* NULL: out of memory */
void db_tell(struct db *db, struct port *p);	      /* NULL: all of the mode */
void db_tell_main(struct db *db);		      /* after the lock is given back: wakes it */
void db_prune(struct db *db);			      /* forgets ports that are no more */
void db_undo(struct port *p);			      /* asks for its removal on our own account */
/* The end of a request; @code 0 or -errno with the sentence. */
void db_done(struct db *db, struct port *p, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* thread.c: runs until ->stop. */
void *db_thread(void *arg);

/* replica.c: from rows to ports. */
struct ovsdb_idl *replica_new(const char *remote);
void replica_refresh(struct db *db);
void replica_refresh_guards(struct db *db);
const struct ovsrec_bridge *replica_bridge(const struct db *db, const char *name);

/* txn.c: from requests to one transaction. */
void txn_begin(struct db *db);
void txn_step(struct db *db);

#define DB_KEY_OWNER   "xen-netd"
#define DB_KEY_IFINDEX "xen-netd-ifindex"

#endif
