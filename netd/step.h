/* SPDX-License-Identifier: GPL-2.0-or-later */
/* step: one facet of a hostif that can be compared, and moved from one value to another. */
#ifndef NETD_STEP_H
#define NETD_STEP_H

#include <stdbool.h>

#include "err.h"
#include "hostif.h"

/*
 * The kernel and its companions, as a step sees them; see host.h. Opaque here, because a plugin's
 * steps must not reach for netlink themselves.
 */
struct host;

/*
 * Order of a plan: applies run downwards, removals and rollback upwards. The filter stands before
 * the port, so a guest is never connected and unfiltered.
 */
enum step_stage {
	STEP_NAME,
	STEP_QUIET,
	STEP_MTU,
	STEP_FILTER,
	STEP_BRIDGE,
	STEP_PORT,
	STEP_VLAN,
	STEP_ADDR,
	STEP_UP,
	STEP_ROUTE,
	STEP_NAT,
	STEP_RATE,
};

/*
 * Life of a step in one reconcile of one netdev:
 *   observe  fills its facet of @have. Most facets come with the link and need no observe.
 *   differs  pure: does @have's facet need work to become @want's?
 *   empty    pure: is the facet "not there"? A facet that is there and shall not be is removed
 *            before anything else is applied. NULL: the facet has no "not there".
 *   apply    moves the facet from @from to @to in one transaction; repeating it does no harm.
 *            Rollback is a plan back to the value observed before, and teardown one to a value that
 *            is wired to nothing: there is no separate undo to forget a case in. -ENODEV (the netdev went
 *            away under us) is not an error of the step; the reconciler looks again. Where somebody
 *            else has to do it, who may take his time, it has him told and returns STEP_PENDING
 *            with a sentence of what is waited for; the mode's peer (plugin.h) has the vif looked
 *            at when he has, and then observe finds it done, or apply tells why not.
 *
 *   quiesce  pure, asked when the facet differs: may this change only happen while the netdev is
 *            down, because a guest could otherwise use the moment between two messages? The plan
 *            then takes the netdev down first, and up last. NULL: never.
 */
/* apply() has asked for it; what comes later in the plan waits. */
enum { STEP_PENDING = 1 };

struct step {
	const char *name;
	enum step_stage stage;
	int (*observe)(struct host *host, struct hostif *have, struct err *e);
	bool (*differs)(const struct hostif *have, const struct hostif *want);
	bool (*empty)(const struct hostif *h);
	bool (*quiesce)(const struct hostif *have, const struct hostif *want);
	int (*apply)(struct host *host, const struct hostif *from, const struct hostif *to,
		     struct err *e);
};

#endif
