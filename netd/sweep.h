/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sweep: removes what no guest's private network needs any more. */
#ifndef NETD_SWEEP_H
#define NETD_SWEEP_H

#include "netd.h"

/*
 * Bridges that we made, rules, servers, forwarding: what the records' v->nat do not ask for. Does
 * nothing while anything is not known yet: before the first scan's end, without a store, while vifs
 * wait to be looked at, or when a guest that is connected cannot tell what it needs.
 */
void sweep_networks(struct netd *nd);

/* After the rules were gone for a while: forgets the connections that began then. */
void sweep_connections(struct netd *nd);

#endif
