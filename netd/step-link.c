// SPDX-License-Identifier: GPL-2.0-or-later
/* step-link: name, quiet, mtu, up: the facets of the netdev itself. */
#include <errno.h>
#include <string.h>

#include "host.h"
#include "steps.h"

static bool name_differs(const struct hostif *have, const struct hostif *want)
{
	return want->name[0] && strcmp(have->name, want->name);
}

/*
 * The kernel tells nobody of a new alias or IPv6 mode while the link is down (netdev_state_change).
 * What it has told before this, of the MAC in the same message also, has the old ones: it goes first.
 */
static int note_quiet(struct host *h, int ifindex, const struct rtnl_set *set, struct err *e)
{
	int r = host_refresh(h, e);
	const struct link *known = r < 0 ? NULL : links_by_index(h->links, ifindex);
	if (!known)
		return r;
	struct link l = *known;
	if (set->flags & RTNL_SET_ALIAS)
		strncpy(l.alias, set->alias, sizeof(l.alias) - 1);
	if (set->flags & RTNL_SET_ALIAS && !set->alias[0])
		memset(l.alias, 0, sizeof(l.alias));
	if (set->flags & RTNL_SET_V6_QUIET)
		l.v6_quiet = set->v6_quiet;
	return links_put(h->links, &l);
}

static int set_alias(struct host *h, int ifindex, const char *alias, struct err *e)
{
	const struct rtnl_set set = {.flags = RTNL_SET_ALIAS, .alias = alias};
	int r = rtnl_set(h->rtnl, ifindex, &set, e);
	return r < 0 ? r : note_quiet(h, ifindex, &set, e);
}

/*
 * The tag before the name: without either of them a tap, or netback's device before Linux 5.14, is
 * nobody's, also in the notification of its new name. A tag is taken away by "quiet", after the name.
 */
static int name_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	const struct link *other = links_by_name(h->links, to->name);
	if (other && other->ifindex != from->ifindex)
		return err_setf(e, -EEXIST,
				"rename %s to %s, its vifname: another network device has that name%s%s",
				from->name, to->name, other->alias[0] ? ", it is " : "", other->alias);
	bool tag = to->alias[0] && strcmp(from->alias, to->alias);
	int r = tag ? set_alias(h, from->ifindex, to->alias, e) : 0;
	if (r < 0)
		return err_wrapf(e, "set the alias of %s", from->name), r;
	r = rtnl_set(h->rtnl, from->ifindex,
		     &(struct rtnl_set){.flags = RTNL_SET_NAME, .name = to->name}, e);
	/* One that is tagged has the name that it shall keep: the next try would not rename it. */
	if (r < 0 && tag)
		set_alias(h, from->ifindex, from->alias, NULL);
	return r < 0 ? err_wrapf(e, "rename %s to %s", from->name, to->name), r : 0;
}

static bool has_mac(const struct hostif *h)
{
	static const uint8_t zero[HOSTIF_ALEN];
	return memcmp(h->mac, zero, sizeof(zero));
}

static unsigned quiet_flags(const struct hostif *have, const struct hostif *want)
{
	unsigned flags = 0;
	if (strcmp(have->alias, want->alias))
		flags |= RTNL_SET_ALIAS;
	if (has_mac(want) && memcmp(have->mac, want->mac, HOSTIF_ALEN))
		flags |= RTNL_SET_MAC;
	if (have->v6_quiet != want->v6_quiet)
		flags |= RTNL_SET_V6_QUIET;
	return flags;
}

static bool quiet_differs(const struct hostif *have, const struct hostif *want)
{
	return quiet_flags(have, want) || (want->no_addrs && !have->no_addrs);
}

/*
 * Ownership tag, MAC and silence in one message. The link is not up yet (that is a later step), so
 * with the address generation mode set here no link-local address is ever made.
 */
static int quiet_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		       struct err *e)
{
	const struct rtnl_set set = {
		.flags = quiet_flags(from, to),
		.alias = to->alias,
		.mac = to->mac,
		.v6_quiet = to->v6_quiet,
	};
	int r = set.flags ? rtnl_set(h->rtnl, from->ifindex, &set, e) : 0;
	if (r < 0)
		return err_wrapf(e, "set MAC, alias and IPv6 mode of %s", from->name), r;
	r = note_quiet(h, from->ifindex, &set, e);
	if (r < 0 || !to->no_addrs || from->no_addrs)
		return r;
	r = rtnl_flush_addrs(h->rtnl, from->ifindex, e);
	return r < 0 ? err_wrapf(e, "remove the addresses of %s", from->name), r : 0;
}

static bool mtu_differs(const struct hostif *have, const struct hostif *want)
{
	return want->mtu && have->mtu != want->mtu;
}

static int mtu_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		     struct err *e)
{
	int r = rtnl_set(h->rtnl, from->ifindex,
			 &(struct rtnl_set){.flags = RTNL_SET_MTU, .mtu = to->mtu}, e);
	return r < 0 ? err_wrapf(e, "set mtu %u on %s", to->mtu, from->name), r : 0;
}

static bool up_differs(const struct hostif *have, const struct hostif *want)
{
	return have->up != want->up;
}

static bool up_empty(const struct hostif *h)
{
	return !h->up;
}

static int up_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		    struct err *e)
{
	int r = rtnl_set(h->rtnl, from->ifindex,
			 &(struct rtnl_set){.flags = RTNL_SET_UP, .up = to->up}, e);
	return r < 0 ? err_wrapf(e, "set %s %s", from->name, to->up ? "up" : "down"), r : 0;
}

const struct step *const *steps_link(void)
{
	static const struct step name = {
		.name = "name",
		.stage = STEP_NAME,
		.differs = name_differs,
		.quiesce = name_differs, /* a netdev that is up cannot be renamed before Linux 6.2 */
		.apply = name_apply,
	};
	static const struct step quiet = {
		.name = "quiet",
		.stage = STEP_QUIET,
		.differs = quiet_differs,
		.apply = quiet_apply,
	};
	static const struct step mtu = {
		.name = "mtu",
		.stage = STEP_MTU,
		.differs = mtu_differs,
		.apply = mtu_apply,
	};
	static const struct step up = {
		.name = "up",
		.stage = STEP_UP,
		.differs = up_differs,
		.empty = up_empty,
		.apply = up_apply,
	};
	static const struct step *const all[] = {&name, &quiet, &mtu, &up, NULL};
	return all;
}
