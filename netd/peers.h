/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peers: the modes' peers (plugin.h) in the daemon's loop. */
#ifndef NETD_PEERS_H
#define NETD_PEERS_H

#include "netd.h"

/* Opens each mode's, and has the vifs looked at that it has news of. They end with the loop. */
int peers_open(struct netd *nd, struct err *e);

/* Has them remove what is of netdevs that are gone, if any have gone or there was news. */
void peers_sweep(struct netd *nd);

#endif
