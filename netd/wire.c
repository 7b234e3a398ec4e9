// SPDX-License-Identifier: GPL-2.0-or-later
/* wire: make one netdev be as wanted. */
#include "wire.h"

#include <errno.h>
#include <string.h>

#include "log.h"

enum {
	/*
	 * The first pass does the work, the second sees that it holds. A third one is needed when a
	 * facet brings about another: an MTU raised over 1280 gives a netdev an IPv6 life again.
	 */
	WIRE_PASSES = 4,
};

static void hint_router(const struct router *want, struct router *have)
{
	memcpy(have->uplink, want->uplink, sizeof(have->uplink));
	memcpy(have->neighs, want->neighs, sizeof(have->neighs));
	memcpy(have->proxies, want->proxies, sizeof(have->proxies));
	have->n_neighs = want->n_neighs;
	have->n_proxies = want->n_proxies;
}

static int observe(struct host *host, const struct steps *steps, int ifindex,
		   const struct hostif *want, struct hostif *have, struct err *e)
{
	int r = host_refresh(host, e);
	if (r < 0)
		return r;
	r = host_observe(host, ifindex, have);
	if (r < 0)
		return r;
	/* These name what to look at; the steps' observe tells what is there. */
	have->bridge = want->bridge;
	hint_router(&want->router, &have->router);
	have->nat = want->nat;
	for (size_t i = 0; i < steps->n; i++) {
		const struct step *s = steps->at[i];
		if (s->observe && (r = s->observe(host, have, e)) < 0)
			return r;
	}
	return 0;
}

static void log_plan(const struct plan *plan, const struct hostif *have)
{
	char ops[256], what[HOSTIF_TEXT_SIZE];
	if (!log_enabled(LOG_DEBUG))
		return;
	log_line(LOG_DEBUG, "%s: plan: %s; have %s", have->name, plan_print(plan, ops, sizeof(ops)),
		 hostif_print(have, what, sizeof(what)));
}

/*
 * Rollback: a plan from whatever is there now to what was there before. It sees what the kernel did
 * by itself, too: a port that was taken back has lost its flags and VLANs.
 */
static void take_back(struct host *host, const struct steps *steps, const struct hostif *before)
{
	struct plan plan;
	struct err e = ERR_INIT;
	struct hostif now, to = *before;
	const struct step *failed;
	memset(&to.nat, 0, sizeof(to.nat));
	memset(&to.bridge, 0, sizeof(to.bridge)); /* one that was made stays: others may be on it */
	to.no_addrs = false;
	if (observe(host, steps, before->ifindex, &to, &now, &e) < 0)
		return;
	plan_make(steps, &now, &to, &plan);
	log_plan(&plan, &now);
	if (plan_run(&plan, host, &now, &to, &failed, &e) < 0)
		log_line(LOG_WARNING, "%s: taking back what was done: %s", before->name, e.text);
}

int wire(struct host *host, const struct steps *steps, int ifindex, const struct hostif *want,
	 bool live, struct hostif *have, const struct step **failed, struct err *e)
{
	struct plan plan;
	struct hostif before;
	for (int pass = 0; pass < WIRE_PASSES; pass++) {
		int r = observe(host, steps, ifindex, want, have, e);
		if (r < 0)
			return r;
		plan_make(steps, have, want, &plan);
		if (!plan.n)
			return 0;
		if (!pass)
			before = *have;
		log_plan(&plan, have);
		r = plan_run(&plan, host, have, want, failed, e);
		if (r < 0 && (!live || plan.moves))
			take_back(host, steps, &before);
		if (r) {
			/* What was told of all this is no news, and no reason to try again at once. */
			host_refresh(host, NULL);
			return r;
		}
	}
	*failed = plan.op[plan.n - 1].step;
	if (!live || plan.moves)
		take_back(host, steps, &before);
	host_refresh(host, NULL);
	return err_setf(e, -EBUSY, "\"%s\" of %s does not stay as set; does another network manager "
				   "handle this device?", (*failed)->name, have->name);
}

bool wire_is_switched(struct host *host, const struct steps *steps, int ifindex)
{
	struct hostif have;
	const struct hostif none = {.ifindex = 0};
	return observe(host, steps, ifindex, &none, &have, NULL) >= 0 && have.ovs.bridge.name[0];
}

int unwire(struct host *host, const struct steps *steps, int ifindex, struct err *e)
{
	struct hostif have, want;
	const struct step *failed;
	int r = host_refresh(host, e);
	if (r < 0 || (r = host_observe(host, ifindex, &want)) < 0)
		return r;
	want.up = false;
	want.alias[0] = '\0';
	memset(&want.filter, 0, sizeof(want.filter));
	memset(&want.router, 0, sizeof(want.router));
	memset(&want.nat, 0, sizeof(want.nat));
	memset(&want.bridge, 0, sizeof(want.bridge));
	memset(want.master, 0, sizeof(want.master));
	want.port_flags = 0;
	want.filtered = false;
	memset(&want.vlans, 0, sizeof(want.vlans));
	memset(&want.ovs, 0, sizeof(want.ovs));
	return wire(host, steps, ifindex, &want, true, &have, &failed, e);
}

int wire_down(struct host *host, int ifindex, struct err *e)
{
	const struct rtnl_set down = {.flags = RTNL_SET_UP, .up = false};
	int r = rtnl_set(host->rtnl, ifindex, &down, e);
	return r < 0 ? r : host_refresh(host, e);
}
