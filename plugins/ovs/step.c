// SPDX-License-Identifier: GPL-2.0-or-later
/* step: the port, as a step of a plan; the mode's peer. */
#include <errno.h>
#include <string.h>

#include "db.h"
#include "guard.h"
#include "steps-ovs.h"

/* One for the process, as the steps are; the peer's open() and close() are its life. */
static struct db *db;

static int port_observe(struct host *h, struct hostif *have, struct err *e)
{
	(void)h;
	(void)e;
	memset(&have->ovs, 0, sizeof(have->ovs));
	have->ovs.unknown = true;
	if (db)
		db_get(db, have->name, &have->ovs);
	return 0;
}

static bool is_there(const struct ovs_port *p)
{
	return p->bridge.name[0];
}

/*
 * Somebody else's port of the netdev's name is in the way of ours, and else none of our business. A
 * value that was seen before, which a rollback wants, may be one without a number.
 */
static bool port_differs(const struct hostif *have, const struct hostif *want)
{
	const struct ovs_port *h = &have->ovs, *w = &want->ovs;
	if (!is_there(w) || w->foreign)
		return is_there(h) && !h->foreign && !w->foreign;
	struct ovs_port guarded = *w;
	if (!w->guard)
		guarded.guard = guard_cookie(&w->filter);
	return !ovs_port_equal(h, w) || !ovs_bridge_equal(&h->bridge, &w->bridge) ||
	       !ovs_guard_equal(h, &guarded) || (w->ofport > 0 && h->ofport <= 0);
}

/*
 * A port is open as soon as Open vSwitch has it, and flows can only be made for its number. So it is
 * down until they are there; also when somebody has removed them, or ovs-vswitchd died with them.
 */
static bool port_quiesce(const struct hostif *have, const struct hostif *want)
{
	const struct ovs_port *h = &have->ovs;
	return want->ovs.filter.on && !h->unknown && !h->guard_unknown && !h->guard;
}

static bool port_empty(const struct hostif *h)
{
	return !is_there(&h->ovs);
}

static int port_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	struct ovs_port want = to->ovs;
	(void)h;
	want.guard = want.guard ?: guard_cookie(&want.filter);
	if (!db)
		return err_setf(e, -ENOTCONN, "mode ovs has not been started");
	if (is_there(&want) && from->ovs.foreign)
		return err_setf(e, -EEXIST,
				"port %s of Open vSwitch bridge %s is not ours (it has no "
				"external-ids:xen-netd); if nobody needs it: ovs-vsctl del-port %s",
				from->name, from->ovs.bridge.name, from->name);
	/* The "name" step comes before: it has its new name by now. */
	return db_put(db, is_there(&want) ? to->name : from->name, &want, e);
}

static const struct step port = {
	.name = "ovs",
	.stage = STEP_PORT,
	.observe = port_observe,
	.differs = port_differs,
	.empty = port_empty,
	.quiesce = port_quiesce,
	.apply = port_apply,
};

const struct step *const steps_ovs[] = {&port, NULL};

static int peer_open(struct err *e)
{
	int r = db_open(&db, e);
	return r < 0 ? r : db_fd(db);
}

static void peer_news(plugin_look_fn *look, void *arg)
{
	db_news(db, look, arg);
}

static void peer_sweep(const struct links *links)
{
	db_sweep(db, links);
}

static void peer_close(void)
{
	db_close(db);
	db = NULL;
}

const struct plugin_peer peer_ovs = {peer_open, peer_news, peer_sweep, peer_close};
