/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drops: what the filters have dropped, vif by vif, as the JSON of proto.h. */
#ifndef NETD_DROPS_H
#define NETD_DROPS_H

#include "ctl.h"
#include "netd.h"

/* All counters at one moment. */
struct drops {
	struct drop {
		int ifindex;
		enum filter_reason reason;
		uint64_t frames, bytes;
	} * list; /* by ifindex */
	size_t n, room;
	bool failed; /* out of memory */
};

/* Reads them; what cannot be read is not there. drops_fini() in every case. */
void drops_read(const struct netd *nd, struct drops *d);
void drops_fini(struct drops *d);

/* {"mac": {"frames": 3, "bytes": 126}, …} of both of a vif's netdevs; reasons without drops are
 * left out. */
json_t *drops_json(const struct drops *d, const struct vif *v);

/* The method "drops"; its argument is struct netd. */
void drops_method(void *arg, struct ctl_req *req, json_t *params);

#endif
