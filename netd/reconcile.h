/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reconcile: the one function that makes the world match a vif's record. */
#ifndef NETD_RECONCILE_H
#define NETD_RECONCILE_H

#include "choose.h"
#include "netd.h"

/*
 * Looks at @v: asks for what must be read again (and is called again when it has come), wires or
 * unwires its netdevs, and starts publishing the result. Frees the record when nothing of the vif is
 * left. Safe to call at any time and any number of times.
 */
void reconcile(struct netd *nd, struct vif *v);

#endif
