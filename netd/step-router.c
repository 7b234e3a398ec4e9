// SPDX-License-Identifier: GPL-2.0-or-later
/* step-router: the host's forwarding, a routed netdev's sysctls, dom0's addresses on it. */
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "forwarding.h"
#include "host.h"
#include "identity.h"
#include "log.h"
#include "steps.h"
#include "sysctl.h"

/* IPv4 asks the device a packet comes in by; IPv6 asks the whole host (ip6_forward()). */
static int forward_observe(struct host *h, struct hostif *have, struct err *e)
{
	const struct link *up = links_by_name(h->links, have->router.uplink);
	(void)e;
	have->router.forward4 = links_forwarding(h->links, AF_INET) && (!up || up->conf.forwarding);
	have->router.forward6 = links_forwarding(h->links, AF_INET6);
	return 0;
}

static bool forward_differs(const struct hostif *have, const struct hostif *want)
{
	return (want->router.forward4 && !have->router.forward4) ||
	       (want->router.forward6 && !have->router.forward6);
}

static int forward4(struct host *h, const char *uplink, struct err *e)
{
	int r = links_forwarding(h->links, AF_INET) ? 0
						    : sysctl_set("ipv4", "all", "forwarding", 1, e);
	if (r < 0 || (r = host_refresh(h, e)) < 0)
		return r;
	const struct link *up = links_by_name(h->links, uplink);
	return up && !up->conf.forwarding ? sysctl_set("ipv4", up->name, "forwarding", 1, e) : 0;
}

/*
 * A host that forwards is a router, and a router does not listen to routers: dom0 would lose its
 * own default route, unless accept_ra says 2 before. So each device that listens now goes on
 * listening.
 */
static int keep_listening(struct host *h, struct err *e)
{
	struct vif_key key;
	enum vif_dev dev;
	links_for_each (h->links, l) {
		if (!l->conf.v6 || l->conf.v6_accept_ra != 1 || l->conf.v6_forwarding ||
		    (l->flags & IFF_LOOPBACK) || identity_of(l, &key, &dev))
			continue;
		int r = sysctl_set("ipv6", l->name, "accept_ra", 2, e);
		if (r < 0 && r != -ENOENT) /* it has just gone */
			return r;
	}
	return 0;
}

static int forward6(struct host *h, struct err *e)
{
	int r = keep_listening(h, e);
	return r < 0 ? r : sysctl_set("ipv6", "all", "forwarding", 1, e);
}

static const char *why(const struct hostif *to)
{
	return to->nat.on ? "a private network needs it" : "netd.conf says";
}

/* For routed guests it is not switched off again: others may have come to rely on it. */
static int forward_apply(struct host *h, const struct hostif *from, const struct hostif *to,
			 struct err *e)
{
	int r = 0;
	if (to->router.forward4 && !from->router.forward4) {
		log_line(LOG_INFO, "IPv4 forwarding switched on, as %s", why(to));
		if (to->nat.on && !links_forwarding(h->links, AF_INET))
			forwarding_note(h->run_dir, AF_INET);
		r = forward4(h, to->router.uplink, e);
	}
	if (r >= 0 && to->router.forward6 && !from->router.forward6) {
		log_line(LOG_INFO, "IPv6 forwarding switched on, as %s", why(to));
		if (to->nat.on)
			forwarding_note(h->run_dir, AF_INET6);
		r = forward6(h, e);
	}
	return r;
}

static bool conf_differs(const struct hostif *have, const struct hostif *want)
{
	return router_conf_differs(&have->router.conf, &want->router.conf);
}

static bool conf4_differs(const struct router_conf *have, const struct router_conf *want)
{
	struct router_conf w = *want;
	w.v6 = false;
	return router_conf_differs(have, &w);
}

/* Netlink sets those of IPv4 alone. What is written to /proc is told by nobody: so read again. */
static int conf6_apply(struct host *h, int ifindex, const char *name,
		       const struct router_conf *from, const struct router_conf *to, struct err *e)
{
	int r = 0;
	if (from->v6_forwarding != to->v6_forwarding)
		r = sysctl_set("ipv6", name, "forwarding", to->v6_forwarding, e);
	if (r >= 0 && from->v6_accept_ra != to->v6_accept_ra)
		r = sysctl_set("ipv6", name, "accept_ra", to->v6_accept_ra, e);
	return r < 0 ? r : rtnl_reread_link(h->rtnl, h->links, ifindex, e);
}

static int conf_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	const struct router_conf *have = &from->router.conf, *want = &to->router.conf;
	int r = 0;
	if (conf4_differs(have, want) && (r = rtnl_set_conf(h->rtnl, from->ifindex, want, e)) < 0)
		err_wrapf(e, "set the IPv4 sysctls of %s", to->name);
	if (r < 0 || !want->v6 || !have->v6)
		return r;
	/* The "name" step comes before: it has its new name by now. */
	return conf6_apply(h, from->ifindex, to->name, have, want, e);
}

/* With no_addrs the "quiet" step sees to it. */
static bool addr_differs(const struct hostif *have, const struct hostif *want)
{
	return !want->no_addrs && !router_same_addrs(&have->router, &want->router);
}

static bool addr_empty(const struct hostif *h)
{
	return !h->router.n_addrs;
}

static int add_addrs(struct host *h, const struct hostif *from, const struct hostif *to,
		     size_t *added, struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	*added = 0;
	for (size_t i = 0; i < to->router.n_addrs; i++) {
		const struct addr *a = &to->router.addrs[i];
		if (router_has_addr(&from->router, a))
			continue;
		int r = rtnl_add_addr(h->rtnl, from->ifindex, a, e);
		if (r < 0)
			return err_wrapf(e, "add address %s to %s",
					 addr_print(a, text, sizeof(text)), to->name),
			       r;
		(*added)++;
	}
	return *added ? rtnl_reread_addrs(h->rtnl, h->links, from->ifindex, e) : 0;
}

/*
 * The routes still point to the old addresses as their source, and would go with them: what is too
 * many is removed when nothing is missing, which is in the next pass.
 */
static int addr_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	size_t added;
	int r = add_addrs(h, from, to, &added, e);
	for (size_t i = 0; r >= 0 && !added && i < from->router.n_addrs; i++) {
		const struct addr *a = &from->router.addrs[i];
		if (router_has_addr(&to->router, a))
			continue;
		r = rtnl_del_addr(h->rtnl, from->ifindex, a, e);
		if (r < 0)
			err_wrapf(e, "remove address %s from %s", addr_print(a, text, sizeof(text)),
				  from->name);
	}
	return r;
}

const struct step *const *steps_router(void)
{
	static const struct step forward = {
		.name = "forward",
		.stage = STEP_ADDR,
		.observe = forward_observe,
		.differs = forward_differs,
		.apply = forward_apply,
	};
	static const struct step conf = {
		.name = "conf",
		.stage = STEP_ADDR,
		.differs = conf_differs,
		.apply = conf_apply,
	};
	static const struct step addr = {
		.name = "addr",
		.stage = STEP_ADDR,
		.differs = addr_differs,
		.empty = addr_empty,
		.apply = addr_apply,
	};
	static const struct step *const all[] = {&forward, &conf, &addr, NULL};
	return all;
}
