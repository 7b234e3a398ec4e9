// SPDX-License-Identifier: GPL-2.0-or-later
/* netd: the daemon's parts, held together: events in, looks out. */
#include "netd-priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "ctl.h"
#include "dnsmasq.h"
#include "drops.h"
#include "identity.h"
#include "lessor.h"
#include "log.h"
#include "netd-nft.h"
#include "notify.h"
#include "peers.h"
#include "proto.h"
#include "reconcile.h"
#include "request.h"
#include "script.h"
#include "status.h"
#include "sweep.h"
#include "watch.h"

enum {
	/* Vifs whose values are read at the same time: enough to keep xenstored busy, not to bury it. */
	READING_MAX = 32,
	/* Vifs looked at in one turn of the loop, so that sockets are served in between. */
	WORK_BATCH = 16,
	RESYNC_PAUSE = 1000000, /* microseconds until devices that could not be read are read again */
	STATUS_PAUSE = 1000000, /* microseconds between two STATUS messages to systemd */
};

uint64_t netd_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

const char *netd_vif_title(const struct vif *v, char *buf, size_t size)
{
	char name[IFNAMSIZ];
	vif_kernel_name(v->key, VIF_DEV_PV, name);
	if (v->val[VIF_VAL_NAME])
		snprintf(buf, size, "%s (%.64s)", name, v->val[VIF_VAL_NAME]);
	else
		snprintf(buf, size, "%s", name);
	err_sanitize(buf);
	return buf;
}

void netd_look(struct netd *nd, struct vif *v)
{
	vifs_queue(&nd->vifs, v);
	netd_work(nd);
}

void netd_work(struct netd *nd)
{
	if (!nd->work_due)
		nd->work_due = !eventfd_write(nd->work_fd, 1);
}

void netd_reread(struct netd *nd, struct vif *v, uint32_t mask)
{
	/*
	 * Also what is being read right now: C xenstored drops an event while an equal one waits to be
	 * sent, so this may be the only word of a change made after that read.
	 */
	v->dirty |= mask;
	netd_look(nd, v);
}

void netd_wake_at(struct netd *nd, uint64_t at)
{
	if (nd->clock_at && nd->clock_at <= at)
		return;
	nd->clock_at = at;
	sd_event_source_set_time(nd->clock, at);
	sd_event_source_set_enabled(nd->clock, SD_EVENT_ONESHOT);
}

/* Everything of somebody who is not there any more, in the kernel and with the modes' peers. */
static void sweep(struct netd *nd)
{
	host_sweep(&nd->host);
	peers_sweep(nd);
	sweep_networks(nd);
}

/* Not more than once a second: whoever reads the socket may be slower than guests come. */
static void tell_systemd(struct netd *nd)
{
	const size_t *n = nd->vifs.by_state;
	uint64_t now = netd_now();
	if (!memcmp(nd->told, n, sizeof(nd->told)))
		return;
	if (now < nd->told_at + STATUS_PAUSE) {
		netd_wake_at(nd, nd->told_at + STATUS_PAUSE);
		return;
	}
	nd->told_at = now;
	memcpy(nd->told, n, sizeof(nd->told));
	char text[160];
	snprintf(text, sizeof(text),
		 "STATUS=%zu vifs: %zu connected, %zu waiting, %zu in error, %zu not ours%s",
		 nd->vifs.count, n[VIF_CONNECTED], n[VIF_WAITING], n[VIF_ERROR], n[VIF_UNMANAGED],
		 store_is_up(nd->store) ? "" : "; no connection to xenstored");
	notify_status(nd->notify, text);
}

static int on_work(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct netd *nd = arg;
	struct vif *v;
	eventfd_t n;
	(void)s;
	(void)revents;
	nd->work_due = false;
	if (eventfd_read(fd, &n))
		return 0;
	for (int i = 0; i < WORK_BATCH && nd->reading < READING_MAX; i++) {
		v = vifs_pop(&nd->vifs);
		if (!v)
			break;
		reconcile(nd, v);
	}
	if (vifs_queue_empty(&nd->vifs)) {
		sweep(nd);
		tell_systemd(nd);
	} else if (nd->reading < READING_MAX)
		netd_work(nd);
	/* else: the end of a read queues its vif, and that enables us again */
	return 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* Retries and deadlines. There are few, so all records are looked through when one is due. */
static int on_clock(sd_event_source *s, uint64_t usec, void *arg)
{
	struct netd *nd = arg;
	uint64_t now = netd_now(), next = 0;
	struct err e = ERR_INIT;
	(void)s;
	(void)usec;
	nd->clock_at = 0;
	vifs_for_each(&nd->vifs, v) {
		const uint64_t at[] = {v->retry_at, v->publish_at, v->read_at};
		for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
			if (at[i] > now)
				next = earlier(next, at[i]);
			else if (at[i])
				netd_look(nd, v);
		}
		next = earlier(next, request_expire(nd, v, now));
	}
	if (nd->host.stale && host_refresh(&nd->host, &e) < 0)
		next = earlier(next, now + RESYNC_PAUSE);
	if (nd->watch_at > now)
		next = earlier(next, nd->watch_at);
	else if (nd->watch_at)
		watch_backends(nd);
	if (nd->scan_at > now)
		next = earlier(next, nd->scan_at);
	else if (nd->scan_at)
		watch_scan(nd);
	if (next)
		netd_wake_at(nd, next);
	tell_systemd(nd);
	return 0;
}

/* The vif of a link, if we have its record; a record is made by xenstore only. */
static struct vif *vif_of(const struct netd *nd, const struct link *l, enum vif_dev *dev)
{
	struct vif_key key;
	return l && identity_of(l, &key, dev) ? vifs_find(&nd->vifs, key) : NULL;
}

/* Of all that changes in a device that is no vif, what a vif's network could depend on. */
static bool matters(const struct link *old, const struct link *now)
{
	return !old || !now || strcmp(old->name, now->name) || strcmp(old->kind, now->kind) ||
	       old->br_vlan_filtering != now->br_vlan_filtering ||
	       old->br_default_pvid != now->br_default_pvid || old->master != now->master;
}

/* The same for those that are routed by it: its addresses, its sysctls, whether it is up. */
static bool matters_routed(const struct link *old, const struct link *now)
{
	return !old || !now || old == now || strcmp(old->name, now->name) ||
	       old->n_addrs != now->n_addrs || ((old->flags ^ now->flags) & IFF_UP) ||
	       memcmp(&old->conf, &now->conf, sizeof(now->conf));
}

static bool is_called(const char *name, const struct link *old, const struct link *now)
{
	return name && ((old && !strcmp(name, old->name)) || (now && !strcmp(name, now->name)));
}

static void on_host_link(struct netd *nd, const struct link *old, const struct link *now)
{
	bool any = matters(old, now), routed = matters_routed(old, now);
	vifs_for_each(&nd->vifs, v) {
		const struct vif_status *st = &v->status;
		if (!any && !routed)
			return;
		if (st->state == VIF_ERROR || (any && !st->bridge && !st->via) ||
		    (any && is_called(st->bridge, old, now)) ||
		    (routed && (is_called(st->via, old, now) ||
				(v->nat && is_called(st->bridge, old, now)))))
			netd_look(nd, v);
	}
}

/*
 * A carrier that comes and goes is the guest's business. It is told late, too: of a netdev that was
 * set up and down again in a try that failed, it would be a reason to try again for ever.
 */
static bool only_carrier(const struct link *old, const struct link *now)
{
	if (!old || !now || old == now || ((old->flags ^ now->flags) & IFF_UP))
		return false;
	struct link same = *now;
	same.flags = old->flags;
	return !memcmp(old, &same, sizeof(same));
}

static bool is_wiring(const struct netd *nd, const struct vif *v)
{
	return nd->wiring &&
	       (v->ifindex[VIF_DEV_PV] == nd->wiring || v->ifindex[VIF_DEV_EMU] == nd->wiring);
}

static void on_forwarding(struct netd *nd)
{
	vifs_for_each(&nd->vifs, v)
		if (!is_wiring(nd, v) && (!v->status.bridge || v->status.state == VIF_ERROR))
			netd_look(nd, v);
}

static void on_link(void *arg, const struct link *old, const struct link *now)
{
	struct netd *nd = arg;
	enum vif_dev dev = VIF_DEV_PV;
	struct vif_key key;
	if (!old && !now) {
		on_forwarding(nd);
		return;
	}
	struct vif *v = vif_of(nd, now ?: old, &dev);
	if (v && now)
		v->ifindex[dev] = now->ifindex;
	if (!now) {
		netd_forget_filter(nd, old->ifindex);
		nd->sweep = true;
	}
	if (v && (now ?: old)->ifindex != nd->wiring && !only_carrier(old, now))
		netd_look(nd, v);
	/*
	 * What we do to a netdev is no news of the host's, though it has no identity between its rename
	 * and its tag: the vif in error would be the one that is being wired, for ever.
	 */
	if ((now ?: old)->ifindex != nd->wiring && !identity_of(now ?: old, &key, &dev))
		on_host_link(nd, old, now);
}

static int on_netlink(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct netd *nd = arg;
	struct err e = ERR_INIT;
	(void)s;
	(void)fd;
	(void)revents;
	if (host_refresh(&nd->host, &e) < 0) {
		log_line(LOG_ERR, "%s", e.text);
		netd_wake_at(nd, netd_now() + RESYNC_PAUSE);
	}
	if (vifs_queue_empty(&nd->vifs)) /* else when what is due has been looked at */
		sweep(nd);
	return 0;
}

/* Is a guest with this MAC here? Its address is not for others to take. */
static bool is_here(void *arg, const char *network, const uint8_t mac[HOSTIF_ALEN])
{
	const struct netd *nd = arg;
	uint8_t own[HOSTIF_ALEN];
	(void)network; /* it may be on its way into that one */
	vifs_for_each(&nd->vifs, v)
		if (v->val[VIF_VAL_MAC] && vif_mac_parse(v->val[VIF_VAL_MAC], own) &&
		    !memcmp(own, mac, HOSTIF_ALEN))
			return true;
	return false;
}

/* A network's servers have ended or begun. */
static void on_dnsmasq(void *arg, const char *bridge)
{
	struct netd *nd = arg;
	vifs_for_each(&nd->vifs, v)
		if (v->nat && !strcmp(v->nat->dev, bridge))
			netd_look(nd, v);
}

static int open_networks(struct netd *nd, const struct netd_options *opt, struct err *e)
{
	char dir[192];
	nd->host.run_dir = opt->run_dir;
	nd->strays_due = true; /* the rules may have gone while no daemon was there */
	nd->sweep_due = true; /* what an earlier run left, and nobody needs */
	snprintf(dir, sizeof(dir), "%s/networks", opt->run_dir);
	int r = lessor_new(&nd->lessor, opt->state_dir, is_here, nd, e);
	return r ?: dnsmasq_new(&nd->host.dnsmasq, nd->event, dir, on_dnsmasq, nd, e);
}

static bool same_choice(const struct config *old, const struct netd *nd, const struct vif *v)
{
	struct vif_req req;
	struct choice a, b;
	const struct links *links = nd->host.links;
	if (vif_parse(v->key, v->val, &req, NULL) < 0)
		return true;
	const char *script = script_ours(req.script, nd->helper, nd->domid != 0);
	if (!script)
		return true;
	int ra = choose_network(old, nd->plugins, links, &req, script, &a, NULL);
	int rb = choose_network(nd->config, nd->plugins, links, &req, script, &b, NULL);
	if (ra < 0 || rb < 0)
		return false;
	return network_equal(a.net, b.net) && !strcmp(a.by, b.by) &&
	       option_equal(&a.antispoof, &b.antispoof);
}

int netd_reload(struct netd *nd, struct err *e)
{
	struct config *fresh, *old = nd->config;
	int r = config_load(nd->config_path, nd->plugins, &fresh, e), changed = 0;
	if (r < 0)
		return r;
	nd->config = fresh;
	vifs_for_each(&nd->vifs, v) {
		if (same_choice(old, nd, v))
			continue;
		changed++;
		netd_look(nd, v);
	}
	config_free(old);
	log_line(LOG_INFO, "configuration read again: %zu networks, %d vifs concerned",
		 fresh->n_networks, changed);
	return changed;
}

static void reload_method(void *arg, struct ctl_req *req, json_t *params)
{
	struct netd *nd = arg;
	struct err e = ERR_INIT;
	if (json_object_size(params)) {
		ctl_reply_error(req, PROTO_ERR_PARAMS, "reload takes no parameters");
		return;
	}
	int changed = netd_reload(nd, &e);
	if (changed < 0)
		log_line(LOG_ERR, "configuration refused, the old one stays: %s", e.text);
	if (changed < 0)
		ctl_reply_error(req, PROTO_ERR_CONFIG, e.text);
	else
		ctl_reply(req, json_pack("{s:i}", "changed", changed));
}

static int add_sources(struct netd *nd)
{
	nd->work_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = nd->work_fd < 0 ? -errno : 0;
	if (r >= 0)
		r = sd_event_add_io(nd->event, &nd->work, nd->work_fd, EPOLLIN, on_work, nd);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(nd->work, true);
	/*
	 * After the sockets: all that is known by now is taken in before work is done with it, and a
	 * burst of events about one vif becomes one look.
	 */
	if (r >= 0)
		r = sd_event_source_set_priority(nd->work, SD_EVENT_PRIORITY_NORMAL + 10);
	if (r >= 0)
		r = sd_event_add_time(nd->event, &nd->clock, CLOCK_MONOTONIC, 0, 1000, on_clock, nd);
	if (r >= 0)
		r = sd_event_source_set_enabled(nd->clock, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_io(nd->event, NULL, rtnl_fd(nd->host.rtnl), EPOLLIN, on_netlink, nd);
	if (r >= 0 && nd->host.nft)
		r = sd_event_add_io(nd->event, NULL, nft_fd(nd->host.nft), EPOLLIN, netd_on_nft, nd);
	return r;
}

static int open_host(struct netd *nd, struct err *e)
{
	nd->host.links = links_new();
	if (!nd->host.links || vifs_init(&nd->vifs) < 0)
		return err_sysf(e, -ENOMEM, "start");
	int r = rtnl_open(&nd->host.rtnl, e);
	if (r < 0)
		return r;
	links_watch(nd->host.links, on_link, nd);
	r = rtnl_resync(nd->host.rtnl, nd->host.links, e);
	if (r >= 0)
		netd_open_nft(nd);
	host_sweep(&nd->host);
	return r;
}

int netd_init(struct netd *nd, const struct netd_options *opt, struct err *e)
{
	static const struct ctl_method methods[] = {
		{"hotplug", request_hotplug},
		{"status", status_method},
		{"drops", drops_method},
		{"reload", reload_method},
		{NULL, NULL},
	};
	nd->work_fd = -1;
	nd->config_path = opt->config;
	nd->helper = opt->helper;
	nd->started = netd_now();
	int r = plugins_load(opt->plugin_dir, &nd->plugins, e);
	if (r >= 0)
		r = config_load(opt->config, nd->plugins, &nd->config, e);
	if (r >= 0)
		r = open_host(nd, e);
	if (r >= 0 && (r = sd_event_default(&nd->event)) < 0)
		err_sysf(e, r, "event loop");
	if (r >= 0)
		r = open_networks(nd, opt, e);
	if (r >= 0 && (r = add_sources(nd)) < 0)
		err_sysf(e, r, "event loop");
	if (r >= 0)
		r = peers_open(nd, e);
	if (r >= 0)
		r = store_new(&nd->store, nd->event, watch_ops(), nd, e);
	if (r >= 0)
		r = ctl_open(&nd->ctl, nd->event, opt->socket, methods, nd, e);
	return r;
}

void netd_fini(struct netd *nd)
{
	/* Helpers get no answer but the connection's end: they ask the daemon that comes next. */
	ctl_close(nd->ctl);
	for (struct vif *v = nd->vifs.bucket ? vifs_next(&nd->vifs, NULL) : NULL; v;
	     v = vifs_next(&nd->vifs, v))
		request_done_all(v, NULL);
	store_free(nd->store);
	vifs_fini(&nd->vifs);
	sd_event_source_disable_unref(nd->work);
	sd_event_source_disable_unref(nd->clock);
	rtnl_close(nd->host.rtnl);
	walls_fini(&nd->walls);
	nft_close(nd->host.nft);
	dnsmasq_free(nd->host.dnsmasq);
	lessor_free(nd->lessor);
	links_free(nd->host.links);
	config_free(nd->config);
	plugins_free(nd->plugins);
	sd_event_unref(nd->event);
}
