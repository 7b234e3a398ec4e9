// SPDX-License-Identifier: GPL-2.0-or-later
/* reconcile: the one function that makes the world match a vif's record. */
/*
 * xenstore holds the wanted level, the kernel the actual one; hotplug-status publishes that they
 * agree. No event means "do X". Every event — a xenstore watch, a link that came or went, a helper's
 * request, a retry's time — only says "look at this vif again", and looking is always the same:
 *
 *   read     values that changed, from xenstore (watch.c), then parse them (vif.c)
 *   want     choose the network (choose.c), let its mode say what the netdev shall be (plugin.h)
 *   observe  what it is (host.c, the steps)
 *   plan     the difference, as steps in order (plan.c)
 *   apply    them, and look again until nothing is left to do (wire.c)
 *   publish  the result, in a transaction (publish.c), and answer whoever waits (request.c)
 *
 * So start, restart, retry, repair, a changed key, another network, removal, and an event that was
 * lost and came with a later one, are all this one path. What follows are the rules it keeps.
 *
 * When to write `connected`. libxl waits for the backend's state to be exactly 2 before it runs the
 * helper, and netback leaves 2 as soon as it reads `connected` while the frontend is ready. Written
 * too early, libxl never sees the 2. So a vif is wired as early as possible, but published only when
 * it is *released*: libxl has run the helper for it; or nobody can be waiting, because it was
 * connected or failed before, or its state is past 2, or this is a driver domain, whose toolstack
 * never runs a helper. Netback removes hotplug-status when a frontend disconnects (some kernels, XEN-
 * CONTRACT 1.5): a released vif without it is published again, and the guest reconnects. The key
 * netd-released, written with the first `connected`, tells a daemon that was away the difference
 * between a vif that lost hotplug-status and one that never had it (libxl before 4.17).
 *
 * Whose life it is. A domid can be used again. An event about the backend directory itself makes the
 * record fresh: whether the vif is released is then judged anew by what store and kernel say.
 *
 * When it is over. online=0 says that the toolstack wants it gone; until state 6 the guest still uses
 * it. Then, or when the helper ran with "offline", or the directory is gone, it is taken apart. The
 * kernel removes the netdev at the same time: a netdev that is no longer there is what we wanted.
 * A directory that is missing after xenstored was lost says nothing: a new xenstored is empty. Such
 * a vif stays as it is until its netdev goes.
 *
 * Errors. Before a guest is connected all is taken back; a connected guest keeps what works. Either
 * way a netdev that is in no network is down, so that no guest talks to dom0 by accident. The
 * sentence goes to the log once, to hotplug-error unless the guest is connected, and to status; the
 * next try comes when anything about the vif or the devices of the host changes, or after a pause.
 */
#include "reconcile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "identity.h"
#include "lessor.h"
#include "log.h"
#include "netd-nft.h"
#include "publish.h"
#include "request.h"
#include "routes.h"
#include "script.h"
#include "watch.h"
#include "wire.h"

enum {
	RETRY_FIRST = 1000 * 1000, /* microseconds */
	RETRY_LAST = 60 * 1000 * 1000,
	TRIES_WHILE_DOWN = 2, /* the pause stays short: a connected guest without its filter is down */
};

static const uint8_t vif_mac[HOSTIF_ALEN] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};

/* One look's working set: what was read, what was chosen. */
struct look {
	struct netd *nd;
	struct vif *v;
	struct vif_req req;
	struct choice choice;
	struct steps steps;
	uint32_t mtu; /* of the PV netdev, once wired */
	bool v6_left_out; /* see struct router */
};

static void set_state(struct netd *nd, struct vif *v, enum vif_state state, const char *reason)
{
	char title[96];
	if (!vifs_set_state(&nd->vifs, v, state, reason))
		return;
	int level = state == VIF_ERROR ? LOG_ERR : LOG_INFO;
	netd_vif_title(v, title, sizeof(title));
	/* An error's sentence names the vif already: it also goes to people who see no log. */
	if (state == VIF_ERROR && reason)
		log_line(level, "%s", reason);
	else if (state == VIF_CONNECTED)
		log_line(level, "%s: connected to network %s (%s)%s%s", title,
			 v->status.network ?: "-", v->status.mode ?: "-", reason ? ": " : "",
			 reason ?: "");
	else
		log_line(level, "%s: %s%s%s", title, vif_state_name(state), reason ? ": " : "",
			 reason ?: "");
}

static void retry_later(struct netd *nd, struct vif *v)
{
	uint64_t pause = RETRY_FIRST;
	if (v->retry_at > netd_now())
		return; /* looked at early, by an event: the pause stands */
	for (unsigned i = 0; i < v->tries && pause < RETRY_LAST; i++)
		pause *= 2;
	v->tries++;
	v->retry_at = netd_now() + (pause < RETRY_LAST ? pause : RETRY_LAST);
	netd_wake_at(nd, v->retry_at);
}

/* All modes': a vif may be in one network and shall be in another's, or in none. */
static void all_steps(const struct netd *nd, struct steps *steps)
{
	const struct plugin *p;
	steps_merge(NULL, steps);
	for (size_t i = 0; (p = plugins_at(nd->plugins, i)); i++)
		steps_add(p, steps);
}

static bool is_live(const struct vif *v)
{
	const char *status = v->val[VIF_VAL_HOTPLUG_STATUS];
	return status && !strcmp(status, "connected");
}

/* Takes apart what carries this vif's tag. A netdev that is gone, or another's, is none of it. */
static void unwire_all(struct netd *nd, struct vif *v)
{
	struct steps steps;
	struct vif_req req = {.key = v->key};
	all_steps(nd, &steps);
	for (int dev = 0; dev < VIF_DEV_COUNT; dev++) {
		struct err e = ERR_INIT;
		const struct link *l = identity_find(nd->host.links, &req, dev, v->ifindex[dev],
						     v->fresh);
		if (!l || !identity_is_tagged(l, v->key, dev))
			continue;
		nd->wiring = l->ifindex;
		int r = unwire(&nd->host, &steps, l->ifindex, &e);
		nd->wiring = 0;
		if (r < 0 && r != -ENODEV)
			log_line(LOG_WARNING, "vif%u.%u: %s", v->key.domid, v->key.devid, e.text);
	}
}

static bool has_netdev(const struct netd *nd, const struct vif *v)
{
	struct vif_req req = {.key = v->key};
	return identity_find(nd->host.links, &req, VIF_DEV_PV, v->ifindex[VIF_DEV_PV], v->fresh);
}

/* The directory is gone. */
static void look_gone(struct netd *nd, struct vif *v)
{
	char title[96], text[ERR_TEXT_SIZE];
	if (v->seen && v->seen != nd->connection && has_netdev(nd, v)) {
		set_state(nd, v, v->status.state,
			  "xenstored was restarted and does not know this vif; its network is kept "
			  "until its device goes");
		request_done_all(v, v->status.reason);
		return;
	}
	unwire_all(nd, v);
	netd_vif_title(v, title, sizeof(title));
	snprintf(text, sizeof(text), "%s: its backend directory is not in xenstore", title);
	request_done_all(v, text);
	nd->sweep_due = nd->sweep_due || v->nat;
	if (v->seen)
		log_line(LOG_INFO, "%s: removed", title);
	watch_forget(nd, v);
	vifs_del(&nd->vifs, v);
}

/* Judges by store and kernel whether `connected` may be written; see the top of this file. */
static void judge_fresh(struct look *lk)
{
	struct vif *v = lk->v;
	const char *status = v->val[VIF_VAL_HOTPLUG_STATUS];
	v->fresh = v->mtu_kept = false;
	for (int dev = 0; dev < VIF_DEV_COUNT; dev++) {
		const struct link *l = identity_find(lk->nd->host.links, &lk->req, dev, 0,
						     dev == VIF_DEV_PV || lk->req.hvm);
		v->ifindex[dev] = l ? l->ifindex : 0;
	}
	v->retry_at = v->publish_at = v->tries = 0;
	if (request_wants(v, REQUEST_ONLINE))
		return;
	v->offline = request_wants(v, REQUEST_OFFLINE);
	v->released = lk->nd->domid != 0 || lk->req.state == XENBUS_CONNECTED ||
		      v->val[VIF_VAL_RELEASED] ||
		      (status && (!strcmp(status, "connected") || !strcmp(status, "error")));
}

/* A failed vif: state, sentence, retry, hotplug-error unless the guest is connected. */
static void fail(struct look *lk, struct err *e)
{
	struct netd *nd = lk->nd;
	struct vif *v = lk->v;
	char title[96];
	const char *status = v->val[VIF_VAL_HOTPLUG_STATUS], *told = v->val[VIF_VAL_HOTPLUG_ERROR];
	err_wrapf(e, "%s", netd_vif_title(v, title, sizeof(title)));
	set_state(nd, v, VIF_ERROR, e->text);
	retry_later(nd, v);
	bool published = status && !strcmp(status, "error") && told && !strcmp(told, e->text);
	if (!v->released || is_live(v) || published || !store_is_up(nd->store))
		request_done_all(v, e->text);
	else if (v->publish_at <= netd_now())
		publish_error(nd, v, e->text);
}

static bool is_routed(const struct look *lk, enum vif_dev dev)
{
	struct router_route any;
	return routes_of(links_routes(lk->nd->host.links), lk->v->ifindex[dev], &any, 1);
}

/* A netdev that can be in no network now: it must not be up outside of one. */
static void isolate(struct look *lk, enum vif_dev dev)
{
	struct err e = ERR_INIT;
	struct host *h = &lk->nd->host;
	const struct link *l = links_by_index(h->links, lk->v->ifindex[dev]);
	if (!l || l->master || !(l->flags & IFF_UP) || !identity_is_tagged(l, lk->v->key, dev))
		return;
	/* A guest that is routed or switched keeps what works, like one whose netdev is a bridge's port. */
	if (is_live(lk->v) &&
	    (is_routed(lk, dev) || wire_is_switched(h, &lk->steps, l->ifindex)))
		return;
	/* That reads what the kernel has to tell: the netdev may have gone with it. */
	l = links_by_index(h->links, lk->v->ifindex[dev]);
	if (!l)
		return;
	log_line(LOG_INFO, "%s: set down, it is in no network", l->name);
	if (wire_down(h, l->ifindex, &e) < 0)
		log_line(LOG_WARNING, "set down a device in no network: %s", e.text);
}

static void base_want(const struct look *lk, enum vif_dev dev, struct hostif *want)
{
	*want = (struct hostif){.v6_quiet = true, .no_addrs = true, .up = true};
	vif_wanted_name(&lk->req, dev, want->name);
	vif_tag(lk->v->key, dev, want->alias);
	memcpy(want->mac, vif_mac, sizeof(vif_mac));
}

/*
 * A live netdev keeps its name, whatever vifname says by now; and it keeps its MTU in its bridge: that
 * is taken when a guest comes, not followed while it is there. For a bridge lowers its own MTU when a
 * port with a smaller one joins (br_mtu_auto_adjust), and all guests would follow. Nor does a routed
 * one follow its uplink's: a guest that runs cannot be told.
 */
static void keep_live(const struct look *lk, enum vif_dev dev, struct hostif *want)
{
	const struct links *links = lk->nd->host.links;
	const struct link *l = links_by_index(links, lk->v->ifindex[dev]);
	const struct link *br = links_by_name(links, want->master);
	if (!is_live(lk->v) || !l || !identity_is_tagged(l, lk->v->key, dev))
		return;
	memcpy(want->name, l->name, sizeof(want->name));
	if (!lk->req.mtu && (want->ovs.bridge.name[0] || (br && l->master == br->ifindex) ||
			     (want->router.n_routes && is_routed(lk, dev))))
		want->mtu = 0;
}

/* A connected guest that cannot be wanted now keeps what it has, and what its network needs. */
static void note_nat(struct look *lk, int r, const struct nat *nat)
{
	if (r >= 0 && vifs_set_nat(lk->v, nat))
		lk->nd->sweep_due = true;
}

static int want_of(struct look *lk, enum vif_dev dev, const struct link *netdev,
		   struct hostif *want, struct err *e)
{
	const struct network *net = lk->choice.net;
	struct want_in in = {&lk->req, net, dev, lk->nd->host.links, netdev, NULL};
	struct lease lease;
	base_want(lk, dev, want);
	int r = lessor_want(lk->nd->lessor, &lk->nd->host, &in, &lease, e);
	in.lease = r ? NULL : &lease;
	if (r >= 0)
		r = net->plugin->want(&in, want, e);
	if (r >= 0)
		r = netd_want_filter(lk->nd, &lk->req, &lk->choice, want, e);
	note_nat(lk, r, &want->nat);
	vifs_set_text(&lk->v->status.bridge, want->ovs.bridge.name[0] ? want->ovs.bridge.name
								      : want->bridge.name);
	vifs_set_text(&lk->v->status.via, want->router.uplink);
	if (dev == VIF_DEV_PV)
		lk->v6_left_out = want->router.v6_left_out;
	keep_live(lk, dev, want);
	/* netback set it back to 1500 for a frontend without scatter-gather, and refuses more. */
	if (r >= 0 && lk->v->mtu_kept && want->mtu > 1500 && dev == VIF_DEV_PV)
		want->mtu = want->ovs.mtu_request = 1500;
	return r;
}

enum { DEV_MISSING = STEP_PENDING + 1 };

/* @return 0 wired; DEV_MISSING; STEP_PENDING with the sentence of what is waited for; -errno. */
static int wire_dev(struct look *lk, enum vif_dev dev, struct err *e)
{
	struct netd *nd = lk->nd;
	struct vif *v = lk->v;
	struct hostif want, have;
	const struct step *failed = NULL;
	const struct link *l = identity_find(nd->host.links, &lk->req, dev, v->ifindex[dev], false);
	v->ifindex[dev] = l ? l->ifindex : 0;
	int r = want_of(lk, dev, l, &want, e);
	if (r < 0) {
		isolate(lk, dev);
		return r;
	}
	if (!l)
		return DEV_MISSING;
	nd->wiring = l->ifindex;
	r = wire(&nd->host, &lk->steps, l->ifindex, &want, is_live(v), &have, &failed, e);
	nd->wiring = 0;
	if (r == -ENODEV)
		return DEV_MISSING; /* unregistered under us */
	if (r == -EINVAL && failed && failed->stage == STEP_MTU && dev == VIF_DEV_PV && want.mtu > 1500 &&
	    !v->mtu_kept) {
		v->mtu_kept = true;
		return wire_dev(lk, dev, e);
	}
	if (r < 0 && failed && failed->stage == STEP_FILTER && v->tries > TRIES_WHILE_DOWN)
		v->tries = TRIES_WHILE_DOWN;
	if (!r && dev == VIF_DEV_PV)
		lk->mtu = v->status.mtu = have.mtu;
	return r;
}

static bool needs_publishing(const struct look *lk)
{
	const struct vif *v = lk->v;
	char mtu[16];
	snprintf(mtu, sizeof(mtu), "%u", lk->mtu);
	char address[PUBLISH_ADDRESS_SIZE];
	const char *told = v->val[VIF_VAL_ADDRESS];
	if (!is_live(v) || v->val[VIF_VAL_HOTPLUG_ERROR] ||
	    strcmp(publish_address(v, address, sizeof(address)), told ?: ""))
		return true;
	/* A frontend without the key: an old toolstack, or its directory is out of our sight. */
	return v->val[VIF_VAL_FRONTEND_MTU] && strcmp(v->val[VIF_VAL_FRONTEND_MTU], mtu);
}

/* What a connected guest does not have as it was asked for; NULL: nothing. */
static const char *remark(const struct look *lk)
{
	if (lk->v6_left_out)
		return "IPv6 is off in dom0: the guest's IPv6 addresses are not routed";
	return lk->v->mtu_kept ? "the frontend lacks scatter-gather: MTU stays 1500" : NULL;
}

/* The PV netdev is as wanted: say so to whom it may concern. */
static void wired(struct look *lk)
{
	struct netd *nd = lk->nd;
	struct vif *v = lk->v;
	bool closing = lk->req.state == XENBUS_CLOSING || lk->req.state == XENBUS_CLOSED;
	if (!v->released) {
		set_state(nd, v, VIF_WAITING, "wired; the toolstack has yet to run the hotplug script");
		return;
	}
	if (needs_publishing(lk)) {
		if (closing)
			set_state(nd, v, VIF_WAITING, "wired; the guest's frontend is closed");
		else if (v->publish_at <= netd_now() && store_is_up(nd->store))
			publish_connected(nd, v, lk->mtu);
		return;
	}
	v->tries = v->retry_at = v->publish_at = 0;
	set_state(nd, v, VIF_CONNECTED, remark(lk));
	request_done(v, REQUEST_ONLINE, NULL);
}

static void look_online(struct look *lk, const char *script)
{
	struct err e = ERR_INIT;
	struct netd *nd = lk->nd;
	struct vif *v = lk->v;
	char text[128], name[IFNAMSIZ];
	int r = choose_network(nd->config, nd->plugins, nd->host.links, &lk->req, script,
			       &lk->choice, &e);
	all_steps(nd, &lk->steps);
	if (r < 0) {
		isolate(lk, VIF_DEV_PV);
		isolate(lk, VIF_DEV_EMU);
		fail(lk, &e);
		return;
	}
	vifs_set_text(&v->status.network, lk->choice.net->name);
	vifs_set_text(&v->status.by, lk->choice.by);
	v->status.mode = lk->choice.net->plugin->mode;

	/* No twin is fine: a guest's PV drivers unplug the emulated card, and QEMU closes the tap. */
	struct err emu_e = ERR_INIT;
	int pv = wire_dev(lk, VIF_DEV_PV, &e), emu = DEV_MISSING;
	if (pv >= 0 && lk->req.hvm)
		emu = wire_dev(lk, VIF_DEV_EMU, &emu_e);
	if (pv < 0 || emu < 0) {
		fail(lk, emu < 0 ? &emu_e : &e);
		return;
	}
	if (!emu)
		request_done(v, REQUEST_ADD, NULL);
	if (!pv && emu != STEP_PENDING) {
		wired(lk);
		return;
	}
	if (pv != DEV_MISSING) {
		set_state(nd, v, VIF_WAITING, pv == STEP_PENDING ? e.text : emu_e.text);
		return;
	}
	vif_kernel_name(v->key, VIF_DEV_PV, name);
	snprintf(text, sizeof(text),
		 "netback has not made the network device %s yet; is xen-netback loaded?", name);
	set_state(nd, v, VIF_WAITING, text);
}

/* The toolstack wants it gone, or has said that it is. */
static void look_offline(struct look *lk)
{
	struct netd *nd = lk->nd;
	struct vif *v = lk->v;
	char text[160], title[96];
	bool closed = lk->req.state == XENBUS_CLOSED || v->offline || !has_netdev(nd, v);
	set_state(nd, v, VIF_WAITING, "being removed by the toolstack");
	netd_vif_title(v, title, sizeof(title));
	snprintf(text, sizeof(text), "%s: the toolstack is removing it (online is not 1)", title);
	request_done(v, REQUEST_ONLINE, text);
	request_done(v, REQUEST_ADD, text);
	if (!closed)
		return;
	unwire_all(nd, v);
	if (vifs_set_nat(v, NULL))
		nd->sweep_due = true;
	request_done_all(v, NULL);
	/* dom0's libxl waits for the directory to go, and only we are there to do it. */
	if (nd->domid != 0 && lk->req.state == XENBUS_CLOSED && store_is_up(nd->store) &&
	    v->publish_at <= netd_now())
		publish_removal(nd, v);
}

/* Somebody else's. If our helper asks for it nevertheless, it is a copy that we cannot tell is ours. */
static void look_unmanaged(struct look *lk)
{
	char text[ERR_TEXT_SIZE], title[96];
	struct vif *v = lk->v;
	snprintf(text, sizeof(text), "wired by %s, not by xen-netd", lk->req.script);
	set_state(lk->nd, v, VIF_UNMANAGED, text);
	snprintf(text, sizeof(text), "%s: script %s is not xen-netd's helper %s, nor a link to it",
		 netd_vif_title(v, title, sizeof(title)), lk->req.script, lk->nd->helper);
	if (request_wants(v, REQUEST_ONLINE) && store_is_up(lk->nd->store))
		publish_error(lk->nd, v, text);
	else
		request_done_all(v, text);
}

static void look(struct netd *nd, struct vif *v)
{
	struct look lk = {.nd = nd, .v = v};
	struct err e = ERR_INIT;
	int r = vif_parse(v->key, v->val, &lk.req, &e);
	if (r == -ENOENT) {
		look_gone(nd, v);
		return;
	}
	/* On what this connection told, whole: the values may else be a past life's. */
	if (v->fresh && v->read_in == nd->connection && store_is_up(nd->store))
		judge_fresh(&lk);
	if (lk.req.state != XENBUS_CONNECTED)
		v->mtu_kept = false; /* the next frontend may be a better one */
	const char *script = script_ours(lk.req.script, nd->helper, nd->domid != 0);
	if (!script && lk.req.script[0]) {
		look_unmanaged(&lk);
		return;
	}
	request_done(v, REQUEST_REMOVE, NULL);
	if (v->offline || (!lk.req.online && r >= 0)) {
		look_offline(&lk);
		return;
	}
	if (r < 0)
		fail(&lk, &e);
	else if (!script)
		fail(&lk, (err_setf(&e, -EINVAL, "xenstore key \"script\" is missing"), &e));
	else
		look_online(&lk, script);
}

void reconcile(struct netd *nd, struct vif *v)
{
	if (v->inflight || v->publishing)
		return; /* its end queues the vif again */
	if (!nd->backend[0])
		return; /* where to read is not known yet; the scan that follows looks at all */
	if (v->read_in != nd->connection)
		v->dirty = VIF_VAL_ALL; /* of another xenstored's life, or never read */
	bool up = store_is_up(nd->store);
	if (v->dirty && up && v->read_at > netd_now())
		return; /* xenstored has just refused to tell */
	if (v->dirty && up)
		watch_read(nd, v);
	else if (up || (v->read_in && !v->waiters))
		look(nd, v);
	/*
	 * Without a store the last values stand, and the kernel's side is kept in order by them. Who asks
	 * for something waits until the store is back.
	 */
}
