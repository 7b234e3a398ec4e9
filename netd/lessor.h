/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lessor: gives guests their addresses, and remembers them. */
#ifndef NETD_LESSOR_H
#define NETD_LESSOR_H

#include "host.h"
#include "leases.h"
#include "plugin.h"
#include "vif.h"

/*
 * Joins the address plan (leases.h), its file (lease-file.h), and what only the host knows: which
 * subnets are in use, and which guests are here. An address is on disk before it is told to
 * anybody.
 */
struct lessor;

/* @dir: where the plan is kept. A file that cannot be read is an error of those who need an
 * address. */
int lessor_new(struct lessor **out, const char *dir, leases_here_fn *here, void *arg,
	       struct err *e);
void lessor_free(struct lessor *ls);

/*
 * The guest's lease in @pool, the same as ever if it has been here. Where the pool leaves the
 * subnet open, a private /24 that no route of the host touches is taken, and kept while that is so,
 * and while the bridge that is named like the network has it.
 * @return 0; -errno with a sentence: see leases_take().
 */
int lessor_take(struct lessor *ls, const struct host *h, const struct lease_pool *pool,
		const struct vif_req *req, struct lease *out, struct err *e);
/* The same for the pool that a vif's mode tells. @return 0; 1: it gives none; -errno. */
int lessor_want(struct lessor *ls, const struct host *h, const struct want_in *in, struct lease *out,
		struct err *e);

#endif
