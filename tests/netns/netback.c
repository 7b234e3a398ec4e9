// SPDX-License-Identifier: GPL-2.0-or-later
/* netback: stand-in for the kernel's xen-netback, and for the frontend driver in the guest. */

/*
 * After drivers/net/xen-netback/xenbus.c of Linux 6.1. Order that a test relies on: state 2 before
 * the netdev is registered (since 5.6); state 4 only while hotplug-status says "connected"; state 6
 * before the netdev is unregistered; the netdev stays while a guest merely reconnects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netlink/errno.h>

#include "die.h"
#include "world.h"

enum xenbus { UNKNOWN, INITIALISING, INIT_WAIT, INITIALISED, CONNECTED, CLOSING, CLOSED };

static unsigned state_of(struct nic *nic, const char *dir);
static void set_state(struct nic *nic, const char *dir, unsigned state);
static void probe(struct nic *nic);
static void frontend_event(struct nic *nic, unsigned be, unsigned fe);
static void backend_event(struct nic *nic, unsigned be, unsigned fe);
static void connect_frontend(struct nic *nic);
static void add_link_late(void *arg);
static void remove_device(struct nic *nic);
static void unregister(void *arg);

void netback_event(struct nic *nic)
{
	unsigned be = state_of(nic, nic->be), fe = state_of(nic, nic->fe);

	if (be == UNKNOWN) {
		if (nic->probed) /* the directory is gone: xenbus drops the device */
			unregister(nic);
		return;
	}
	if (be == INITIALISING && fe != UNKNOWN && !nic->probed && !nic->quirk.stay_init)
		probe(nic);
	else if (nic->probed && nic->guest->running)
		frontend_event(nic, be, fe);
	if (nic->probed)
		backend_event(nic, state_of(nic, nic->be), state_of(nic, nic->fe));
}

void netback_add_link(struct nic *nic)
{
	static const uint8_t backend_mac[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
	int err;

	if (nic->has_link)
		return;
	err = net_add_veth(&nic->w->net, nic->vif, backend_mac, &nic->guest->net, nic->eth,
			   nic->mac);
	if (err)
		die("netback: register %s: %s", nic->vif, nl_geterror(err));
	nic->has_link = true;
	guest_plug(nic);
}

void netback_del_link(struct nic *nic)
{
	loop_timer_del(nic->w->loop, add_link_late, nic);
	if (!nic->has_link)
		return;
	nic->has_link = false;
	/* The peer's end is ours whatever the host's end is called now. */
	net_del(&nic->guest->net, nic->eth);
}

void netfront_disconnect(struct nic *nic)
{
	nic->guest->running = false; /* its driver does nothing by itself */
	set_state(nic, nic->fe, CLOSING);
	set_state(nic, nic->be, CLOSING);
	set_state(nic, nic->fe, CLOSED);
	nic->waits_status = false;
	if (nic->quirk.status_lost)
		xsd_rm(&nic->w->xsd, nic_be(nic, "hotplug-status"));
	set_state(nic, nic->be, CLOSED);
}

void netfront_reconnect(struct nic *nic)
{
	set_state(nic, nic->fe, INITIALISING);
	set_state(nic, nic->be, INIT_WAIT);
	nic->guest->running = true;
	netback_event(nic);
}

void devmodel_start(struct nic *nic)
{
	if (nic->tap < 0)
		nic->tap = net_open_tap(nic->emu);
}

void devmodel_stop(struct nic *nic)
{
	if (nic->tap >= 0)
		close(nic->tap);
	nic->tap = -1;
}

static unsigned state_of(struct nic *nic, const char *dir)
{
	const char *v = xsd_get(&nic->w->xsd, text("%s/state", dir));

	return v ? strtoul(v, NULL, 10) : UNKNOWN;
}

static bool set_state_tx(struct nic *nic, xs_transaction_t t, const char *path, const char *value)
{
	unsigned int len;
	char *now = xs_read(nic->w->xsd.xs, t, path, &len);

	free(now);
	return now && xsd_put_in(&nic->w->xsd, t, path, value);
}

struct state_arg {
	struct nic *nic;
	const char *path, *value;
};

static bool set_state_fn(xs_transaction_t t, void *arg)
{
	struct state_arg *a = arg;

	return set_state_tx(a->nic, t, a->path, a->value);
}

/* Like xenbus_switch_state(): in a transaction that gives up when the directory is gone. */
static void set_state(struct nic *nic, const char *dir, unsigned state)
{
	struct state_arg a = {nic, text("%s/state", dir), text("%u", state)};

	xsd_transact(&nic->w->xsd, set_state_fn, &a);
}

static void probe(struct nic *nic)
{
	static const char *const features[] = {
		"feature-sg",
		"feature-gso-tcpv4",
		"feature-gso-tcpv6",
		"feature-ipv6-csum-offload",
		"feature-rx-copy",
		"feature-multicast-control",
		"feature-dynamic-multicast-control",
		"feature-split-event-channels",
	};

	nic->probed = true;
	if (nic->quirk.link_first)
		netback_add_link(nic);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		xsd_put(&nic->w->xsd, nic_be(nic, features[i]), "1");
	xsd_put(&nic->w->xsd, nic_be(nic, "multi-queue-max-queues"), "2");
	world_trace(nic->w, "netback:   %s: state = 2", nic->vif);
	set_state(nic, nic->be, INIT_WAIT);
	if (nic->quirk.link_delay_ms > 0)
		loop_timer(nic->w->loop, nic->quirk.link_delay_ms, add_link_late, nic);
	else if (!nic->quirk.link_delay_ms)
		netback_add_link(nic);
}

/* The driver in the guest. */
static void frontend_event(struct nic *nic, unsigned be, unsigned fe)
{
	if (be == INIT_WAIT && fe == INITIALISING)
		connect_frontend(nic);
	else if ((be == CLOSING || be == CLOSED) && fe != CLOSED && fe != UNKNOWN)
		set_state(nic, nic->fe, CLOSED);
}

static void backend_event(struct nic *nic, unsigned be, unsigned fe)
{
	bool online = xsd_is(&nic->w->xsd, nic_be(nic, "online"), "1");

	if (be == INIT_WAIT && fe == CONNECTED)
		nic->waits_status = true;
	if (nic->waits_status && be == INIT_WAIT && nic_status_is(nic, "connected")) {
		nic->waits_status = false;
		world_trace(nic->w, "netback:   %s: state = 4", nic->vif);
		set_state(nic, nic->be, CONNECTED);
	}
	if (!online && (fe == CLOSED || fe == UNKNOWN))
		remove_device(nic);
}

static void connect_frontend(struct nic *nic)
{
	static const char *const keys[][2] = {
		{"tx-ring-ref", "8"},	    {"rx-ring-ref", "9"},     {"event-channel-tx", "11"},
		{"event-channel-rx", "12"}, {"request-rx-copy", "1"}, {"feature-rx-notify", "1"},
		{"feature-sg", "1"},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		xsd_put(&nic->w->xsd, nic_fe(nic, keys[i][0]), keys[i][1]);
	set_state(nic, nic->fe, CONNECTED);
}

static void add_link_late(void *arg)
{
	struct nic *nic = arg;

	netback_add_link(nic);
}

static void remove_device(struct nic *nic)
{
	nic->probed = nic->waits_status = false;
	world_trace(nic->w, "netback:   %s: state = 6", nic->vif);
	set_state(nic, nic->be, CLOSED);
	if (nic->quirk.unlink_delay_ms)
		loop_timer(nic->w->loop, nic->quirk.unlink_delay_ms, unregister, nic);
	else
		unregister(nic);
}

static void unregister(void *arg)
{
	struct nic *nic = arg;

	nic->probed = nic->waits_status = false;
	if (nic->w->xsd.xs && xsd_has(&nic->w->xsd, nic->be))
		xsd_rm(&nic->w->xsd, nic_be(nic, "hotplug-status"));
	netback_del_link(nic);
}
