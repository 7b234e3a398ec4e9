/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows: the guards of ports in their bridges, by OpenFlow. The thread's own. */
#ifndef OVS_FLOWS_H
#define OVS_FLOWS_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct flows;
struct port;

/*
 * To each bridge with ports of ours there is a connection by its management socket. ovs-vswitchd
 * monitors our tables for us, so what is known of guards is what it has, whoever put or removed it.
 * The connection's end is taken for the end of all guards: the next ovs-vswitchd has none.
 */
struct flows *flows_new(void); /* NULL: out of memory */
void flows_free(struct flows *fs);

/* Connections and what they tell; @return whether a guard has changed anywhere. */
bool flows_run(struct flows *fs, struct db *db);
void flows_wait(struct flows *fs);

/* The guard of port number @ofport; *@unknown: the bridge has not told yet. */
uint64_t flows_guard(const struct flows *fs, const char *bridge, int ofport, bool *unknown);

/* The number of the present connection to the bridge, 0: there is none. */
unsigned flows_session(const struct flows *fs, const char *bridge);
/* Has the flows of p->want made, or what there are removed; needs a connection. */
void flows_put(struct flows *fs, const struct port *p);
/* Why the bridge refused flows since it was last asked; NULL: it did not. */
const char *flows_error(struct flows *fs, const char *bridge);

#endif
