// SPDX-License-Identifier: GPL-2.0-or-later
/* plan: compare facet by facet, order the work, do it. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "host.h"

static void push(struct plan *plan, const struct step *step, bool removal)
{
	plan->op[plan->n++] = (struct plan_op){step, removal};
}

static bool to_remove(const struct step *s, const struct hostif *have, const struct hostif *want)
{
	return s->empty && s->empty(want) && !s->empty(have) && s->differs(have, want);
}

static bool needs_quiet(const struct steps *steps, const struct hostif *have,
			const struct hostif *want)
{
	for (size_t i = 0; i < steps->n; i++) {
		const struct step *s = steps->at[i];
		if (s->quiesce && s->differs(have, want) && s->quiesce(have, want))
			return true;
	}
	return false;
}

void plan_make(const struct steps *steps, const struct hostif *have, const struct hostif *want,
	       struct plan *plan)
{
	plan->n = 0;
	plan->moves = have->up && needs_quiet(steps, have, want);
	for (size_t i = steps->n; i-- > 0;) {
		const struct step *s = steps->at[i];
		if (to_remove(s, have, want) || (s->stage == STEP_UP && plan->moves))
			push(plan, s, true);
	}
	for (size_t i = 0; i < steps->n; i++) {
		const struct step *s = steps->at[i];
		bool again = s->stage == STEP_UP && plan->moves && want->up;
		if (again || (s->differs(have, want) && !to_remove(s, have, want)))
			push(plan, s, false);
	}
}

/* What a removal aims at. Only "up" is taken down while the rest stays as it is. */
static struct hostif removed(const struct step *s, const struct hostif *from,
			     const struct hostif *want)
{
	struct hostif to = *want;
	if (s->stage == STEP_UP) {
		to = *from;
		to.up = false;
	}
	return to;
}

static int run_op(const struct plan_op *op, struct host *host, const struct hostif *have,
		  const struct hostif *want, struct err *e)
{
	struct hostif to = op->removal ? removed(op->step, have, want) : *want;
	return op->step->apply(host, have, &to, e);
}

int plan_run(const struct plan *plan, struct host *host, const struct hostif *have,
	     const struct hostif *want, const struct step **failed, struct err *e)
{
	for (size_t i = 0; i < plan->n; i++) {
		*failed = plan->op[i].step;
		int r = run_op(&plan->op[i], host, have, want, e);
		if (r)
			return r;
	}
	return 0;
}

const char *plan_print(const struct plan *plan, char *buf, size_t size)
{
	size_t off = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < plan->n && off < size; i++)
		off += snprintf(buf + off, size - off, "%s%s%s", i ? " " : "",
				plan->op[i].removal ? "-" : "", plan->op[i].step->name);
	return buf;
}
