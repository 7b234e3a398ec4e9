/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows: writing the rows of a port, inside a transaction. */
#ifndef OVS_ROWS_H
#define OVS_ROWS_H

#include "ovs.h"

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct ovsrec_port;

/* A bridge with its own device, tagged as ours; in a database that may be empty. */
const struct ovsrec_bridge *rows_new_bridge(struct ovsdb_idl_txn *txn, struct ovsdb_idl *idl,
					    const struct ovs_bridge *want);
void rows_set_bridge(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *br,
		     const struct ovs_bridge *want);

/* A port and its interface, in no bridge yet. */
const struct ovsrec_port *rows_new_port(struct ovsdb_idl_txn *txn, const char *name);
/* All columns that are ours; what others have put into external_ids stays. */
void rows_set_port(struct ovsdb_idl_txn *txn, const struct ovsrec_port *row,
		   const struct ovs_port *want);

/* @out gets a copy of what the port @row of @br sends and is sent; NULL: nobody does. */
void rows_set_mirror(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *br,
		     const struct ovsrec_port *row, const struct ovsrec_port *out);

/* Out of the bridge, with its mirrors there; the port itself stays. */
void rows_leave_bridge(const struct ovsrec_bridge *br, const struct ovsrec_port *row);
/* The database removes a port that is in no bridge, with its interface. */
void rows_del_port(const struct ovsrec_bridge *br, const struct ovsrec_port *row);

#endif
