/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: from what is to what should be, as a list of steps; and carrying it out. */
#ifndef NETD_PLAN_H
#define NETD_PLAN_H

#include <stdbool.h>

#include "err.h"
#include "hostif.h"
#include "steps.h"

struct plan_op {
	const struct step *step;
	bool removal; /* its facet becomes empty, to be applied again later or not at all */
};

/* Removals in upward order, then applies in downward order. A value type. */
struct plan {
	struct plan_op op[2 * STEPS_MAX];
	size_t n;
	bool moves; /* a live netdev is taken down for it: all of it holds, or none */
};

/* Pure. An empty plan (n == 0) says that @have is as @want, in every facet. */
void plan_make(const struct steps *steps, const struct hostif *have, const struct hostif *want,
	       struct plan *plan);

/*
 * Carries out @plan up to its end, the first failure, or the first step that must be waited for.
 * @return 0; the failed operation's -errno; STEP_PENDING; with *@failed its step.
 */
int plan_run(const struct plan *plan, struct host *host, const struct hostif *have,
	     const struct hostif *want, const struct step **failed, struct err *e);

/* "down port vlan up": for the debug log. @return @buf. */
const char *plan_print(const struct plan *plan, char *buf, size_t size);

#endif
