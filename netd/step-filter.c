// SPDX-License-Identifier: GPL-2.0-or-later
/* step-filter: what the guest may send. In place before the netdev has a port and is up. */
#include <errno.h>
#include <string.h>

#include "host.h"
#include "log.h"
#include "steps.h"

/* A kernel that cannot tell has no filter of ours: whoever wants one hears why from apply(). */
static int filter_observe(struct host *h, struct hostif *have, struct err *e)
{
	(void)e;
	memset(&have->filter, 0, sizeof(have->filter));
	if (h->nft)
		nft_get(h->nft, have->ifindex, &have->filter, NULL);
	return 0;
}

static bool filter_differs(const struct hostif *have, const struct hostif *want)
{
	return !filter_equal(&have->filter, &want->filter);
}

static bool filter_empty(const struct hostif *h)
{
	return !h->filter.on && !h->filter.odd;
}

/* A guest that has none in the kernel must not send: not the one that is connected, either. */
static void shut(struct host *h, const struct hostif *from)
{
	const struct rtnl_set down = {.flags = RTNL_SET_UP, .up = false};
	struct err e = ERR_INIT;
	if (!from->up || (from->filter.on && !from->filter.odd))
		return;
	log_line(LOG_WARNING, "%s: set down, its filter cannot be set", from->name);
	if (rtnl_set(h->rtnl, from->ifindex, &down, &e) < 0)
		log_line(LOG_ERR, "set down a device without its filter: %s", e.text);
}

static int filter_apply(struct host *h, const struct hostif *from, const struct hostif *to,
			struct err *e)
{
	int r = h->nft ? nft_set(h->nft, from->ifindex, &to->filter, e)
		       : err_sysf(e, -EPROTONOSUPPORT, "netfilter's netlink socket");
	if (r < 0 && to->filter.on && (!h->nft || nft_ready(h->nft, NULL) < 0) && e)
		err_setf(e, r,
			 "%s; is nf_tables in this kernel, with the bridge family? A network "
			 "with antispoof = false does without",
			 e->text);
	if (r < 0 && to->filter.on)
		shut(h, from);
	if (r < 0)
		err_wrapf(e, "%s the filter of %s", to->filter.on ? "set" : "remove", from->name);
	return r;
}

const struct step *const *steps_filter(void)
{
	static const struct step filter = {
		.name = "filter",
		.stage = STEP_FILTER,
		.observe = filter_observe,
		.differs = filter_differs,
		.empty = filter_empty,
		.apply = filter_apply,
	};
	static const struct step *const all[] = {&filter, NULL};
	return all;
}
