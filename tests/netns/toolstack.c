// SPDX-License-Identifier: GPL-2.0-or-later
/* toolstack: plugs and unplugs vifs as libxl does: the same keys, order, waits and programs. */

/*
 * After libxl_nic.c and libxl_device.c of Xen 4.17. What a test relies on: one transaction per
 * device; the script runs only after `state` was read as exactly 2; its exit status is all that
 * counts; on removal the script runs after `state` is 6, and its failure is ignored.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "world.h"

enum {
	INIT_TIMEOUT_MS = 10000,    /* LIBXL_INIT_TIMEOUT */
	DESTROY_TIMEOUT_MS = 10000, /* LIBXL_DESTROY_TIMEOUT */
	HOTPLUG_TIMEOUT_MS = 40000, /* LIBXL_HOTPLUG_TIMEOUT */
};

static bool add_tx(xs_transaction_t t, void *arg);
static bool remove_tx(xs_transaction_t t, void *arg);
static void start_remove(struct nic *nic, bool force);
static void wait_late(void *arg);
static void run_script(struct nic *nic, enum nic_phase phase);
static void exec_script(struct nic *nic, const char *action, const char *type_if, loop_fn *done);
static void script_late(void *arg);
static void script_done(void *arg);
static void fail(struct nic *nic, const char *why);
static void done(struct nic *nic, enum nic_phase phase);
static void look(void *arg);
static void check_initwait(struct nic *nic);
static int64_t within(const struct nic *nic, int64_t ms);

void toolstack_attach(struct nic *nic)
{
	nic->phase = NIC_WAIT_INITWAIT;
	nic->script_no = 0;
	nic->exit_status = -1;
	nic->early_connect = nic->missed_initwait = nic->forced = false;
	nic->error[0] = '\0';
	nic->probed = nic->waits_status = false;
	if (nic->conf.hvm)
		devmodel_start(nic);
	nic->added_us = now_us();
	if (!xsd_transact(&nic->w->xsd, add_tx, nic))
		die_errno("xenstore: add %s", nic->vif);
	world_trace(nic->w, "toolstack: %s: keys written", nic->vif);
	loop_timer(nic->w->loop, within(nic, INIT_TIMEOUT_MS), wait_late, nic);
}

static int64_t within(const struct nic *nic, int64_t ms)
{
	return ms * (nic->w->patience ?: 1);
}

void toolstack_detach(struct nic *nic)
{
	start_remove(nic, false);
}

void toolstack_destroy(struct nic *nic)
{
	nic->guest->running = false;
	if (nic->conf.hvm)
		devmodel_stop(nic); /* qemu is killed first */
	start_remove(nic, true);
}

bool nic_attach(struct nic *nic)
{
	toolstack_attach(nic);
	LOOP_WAIT(nic->w->loop, INIT_TIMEOUT_MS + HOTPLUG_TIMEOUT_MS,
		  nic->phase == NIC_ATTACHED || nic->phase == NIC_FAILED);
	return nic->phase == NIC_ATTACHED;
}

bool nic_detach(struct nic *nic)
{
	toolstack_detach(nic);
	return LOOP_WAIT(nic->w->loop, 2 * DESTROY_TIMEOUT_MS + HOTPLUG_TIMEOUT_MS,
			 nic->phase == NIC_DETACHED) &&
	       !nic->forced && nic->exit_status <= 0;
}

int toolstack_run_script(struct nic *nic, const char *action, const char *type_if)
{
	exec_script(nic, action, type_if, NULL);
	LOOP_WAIT(nic->w->loop, HOTPLUG_TIMEOUT_MS, !proc_running(&nic->script));
	proc_kill(&nic->script);
	nic->exit_status = proc_result(&nic->script);
	nic->script_us = nic->script.ended_us - nic->script.started_us;
	return nic->exit_status;
}

void toolstack_event(struct nic *nic)
{
	if (nic->quirk.toolstack_delay_ms)
		loop_timer(nic->w->loop, nic->quirk.toolstack_delay_ms, look, nic);
	else
		look(nic);
}

static void look(void *arg)
{
	struct nic *nic = arg;

	if (nic->phase == NIC_WAIT_INITWAIT)
		check_initwait(nic);
	if (nic->phase != NIC_WAIT_CLOSED)
		return;
	/* A driver domain: its own daemon removes the directory. */
	if (nic->conf.backend_domid
		    ? !xsd_has(&nic->w->xsd, nic->be)
		    : (nic_state_is(nic, 6) || !xsd_has(&nic->w->xsd, nic_be(nic, "state")))) {
		loop_timer_del(nic->w->loop, wait_late, nic);
		nic->script_no = 0;
		run_script(nic, NIC_UNSCRIPT);
	}
}

struct writer {
	struct nic *nic;
	xs_transaction_t t;
	const char *dir;
	bool ok;
};

static void put(struct writer *wr, const char *key, const char *value)
{
	if (value)
		wr->ok &= xsd_put_in(&wr->nic->w->xsd, wr->t, text("%s/%s", wr->dir, key), value);
}

static void put_num(struct writer *wr, const char *key, unsigned value)
{
	put(wr, key, text("%u", value));
}

static void make_dir(struct writer *wr, const char *dir, unsigned owner, unsigned reader)
{
	struct xs_permissions perms[] = {{.id = owner}, {.id = reader, .perms = XS_PERM_READ}};
	struct xs_handle *xs = wr->nic->w->xsd.xs;

	wr->dir = dir;
	if (!xs_rm(xs, wr->t, dir) && errno != ENOENT)
		wr->ok = false;
	wr->ok &= xs_mkdir(xs, wr->t, dir) && xs_set_permissions(xs, wr->t, dir, perms, 2);
}

static const char *mac_text(const struct nic *nic)
{
	const uint8_t *m = nic->mac;

	return text("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

/* The backend's keys, in libxl's order; written twice: once for netback, once below /libxl. */
static void put_backend_keys(struct writer *wr)
{
	const struct nic *nic = wr->nic;
	const struct nic_conf *c = &nic->conf;

	put_num(wr, "frontend-id", nic->guest->domid);
	put(wr, "online", "1");
	put(wr, "state", "1");
	put(wr, "script", c->script);
	put(wr, "vifname", c->vifname);
	put(wr, "mac", mac_text(nic));
	put(wr, "ip", c->ip);
	put(wr, "gatewaydev", c->gatewaydev);
	put(wr, "rate", c->rate);
	if (c->mtu && c->mtu != 1500)
		put_num(wr, "mtu", c->mtu);
	put(wr, "vlan", c->vlan);
	put(wr, "bridge", c->bridge ?: "xenbr0");
	put_num(wr, "handle", c->devid);
	put(wr, "type", c->hvm ? "vif_ioemu" : "vif");
	if (!nic->quirk.old_libxl)
		put(wr, "hotplug-status", "");
}

static void put_frontend_keys(struct writer *wr)
{
	const struct nic *nic = wr->nic;
	struct xs_permissions ro[] = {{.id = nic->conf.backend_domid},
				      {.id = nic->guest->domid, .perms = XS_PERM_READ}};

	put(wr, "backend", nic->be);
	put_num(wr, "backend-id", nic->conf.backend_domid);
	put(wr, "state", "1");
	put_num(wr, "handle", nic->conf.devid);
	put(wr, "mac", mac_text(nic));
	put(wr, "trusted", "1");
	put_num(wr, "mtu", nic->conf.mtu ?: 1500); /* the one key that the guest cannot write */
	wr->ok &= xs_set_permissions(nic->w->xsd.xs, wr->t, nic_fe(nic, "mtu"), ro, 2);
}

static bool add_tx(xs_transaction_t t, void *arg)
{
	struct nic *nic = arg;
	struct writer wr = {.nic = nic, .t = t, .ok = true};
	unsigned f = nic->guest->domid, b = nic->conf.backend_domid;

	make_dir(&wr, nic->libxl, 0, 0);
	put(&wr, "frontend", nic->fe);
	put(&wr, "backend", nic->be);
	make_dir(&wr, nic->fe, f, b);
	put_frontend_keys(&wr);
	make_dir(&wr, nic->be, b, f);
	put(&wr, "frontend", nic->fe);
	put_backend_keys(&wr);
	wr.dir = nic->libxl;
	put_backend_keys(&wr);
	if (nic->quirk.edit)
		nic->quirk.edit(nic, t);
	return wr.ok;
}

static bool remove_tx(xs_transaction_t t, void *arg)
{
	struct nic *nic = arg;
	struct xsd *x = &nic->w->xsd;
	unsigned int len;
	char *state = xs_read(x->xs, t, nic_be(nic, "state"), &len);
	bool ok = true;

	if (!state)
		return false;
	if (nic->forced)
		ok = xs_rm(x->xs, t, nic->fe) || errno == ENOENT;
	ok = ok && xsd_put_in(x, t, nic_be(nic, "online"), "0");
	if (strcmp(state, "6") != 0)
		ok = ok && xsd_put_in(x, t, nic_be(nic, "state"), "5");
	free(state);
	return ok;
}

static void start_remove(struct nic *nic, bool force)
{
	nic->phase = NIC_WAIT_CLOSED;
	nic->exit_status = -1;
	nic->forced = force;
	if (!xsd_transact(&nic->w->xsd, remove_tx, nic)) {
		done(nic, NIC_DETACHED); /* no backend: nothing is run */
		return;
	}
	world_trace(nic->w, "toolstack: %s: online = 0, state = 5", nic->vif);
	loop_timer(nic->w->loop, within(nic, DESTROY_TIMEOUT_MS), wait_late, nic);
}

/* 10 s without the state that libxl waits for. */
static void wait_late(void *arg)
{
	struct nic *nic = arg;

	if (nic->phase == NIC_WAIT_INITWAIT)
		fail(nic, "timed out waiting for state 2");
	else if (nic->phase == NIC_WAIT_CLOSED && !nic->forced)
		start_remove(nic, true);
	else if (nic->phase == NIC_WAIT_CLOSED)
		done(nic, NIC_DETACHED);
}

/*
 * libxl reads `state` after each event and goes on at exactly 2. A daemon that publishes success
 * early lets netback go on to 4 before that read: the case that must never be.
 */
static void check_initwait(struct nic *nic)
{
	const char *state = xsd_get(&nic->w->xsd, nic_be(nic, "state"));

	if (state && strcmp(state, "2") > 0)
		nic->missed_initwait = true;
	if (!state || strcmp(state, "2") != 0)
		return;
	loop_timer_del(nic->w->loop, wait_late, nic);
	nic->initwait_us = now_us();
	if (nic->conf.backend_domid || nic->quirk.no_helper) {
		done(nic, NIC_ATTACHED);
		return;
	}
	nic->early_connect = nic_status_is(nic, "connected");
	run_script(nic, NIC_SCRIPT);
}

/* Run number script_no of @phase: the vif first, then, for an emulated card, its tap. */
static void run_script(struct nic *nic, enum nic_phase phase)
{
	bool tap = nic->script_no == 1, add = phase == NIC_SCRIPT;

	nic->phase = phase;
	if (nic->conf.backend_domid || nic->quirk.no_helper) {
		done(nic, NIC_DETACHED);
		return;
	}
	loop_timer(nic->w->loop, within(nic, HOTPLUG_TIMEOUT_MS), script_late, nic);
	exec_script(nic, tap ? (add ? "add" : "remove") : (add ? "online" : "offline"),
		    tap ? "tap" : "vif", script_done);
}

static void exec_script(struct nic *nic, const char *action, const char *type_if, loop_fn *on_done)
{
	const char *argv[] = {nic->conf.script, action, text("type_if=%s", type_if), NULL};
	const char *env[] = {
		text("script=%s", nic->conf.script),
		"XENBUS_TYPE=vif",
		text("XENBUS_PATH=backend/vif/%u/%u", nic->guest->domid, nic->conf.devid),
		"XENBUS_BASE_PATH=backend",
		text("netdev=%s", nic->conf.gatewaydev ?: ""),
		text("vif=%s", nic->vif),
		nic->conf.hvm ? text("INTERFACE=%s", nic->emu) : NULL,
		NULL,
	};
	struct proc_cmd cmd = {.argv = argv, .env = env, .out = 2};
	int err = proc_start(&nic->script, nic->w->loop, &cmd, on_done, nic);

	world_trace(nic->w, "toolstack: %s: %s %s", nic->vif, action, argv[2]);
	if (!err)
		return;
	nic->script.status = 127 << 8; /* what a shell's child, or libxl's, ends with */
	if (on_done)
		on_done(nic);
}

static void script_late(void *arg)
{
	struct nic *nic = arg;

	kill(nic->script.pid, SIGKILL); /* the child only, as libxl does */
}

static void script_done(void *arg)
{
	struct nic *nic = arg;
	bool add = nic->phase == NIC_SCRIPT;

	loop_timer_del(nic->w->loop, script_late, nic);
	nic->exit_status = proc_result(&nic->script);
	nic->script_us = nic->script.ended_us - nic->script.started_us;
	world_trace(nic->w, "toolstack: %s: script ended with %d after %.1f ms", nic->vif,
		    nic->exit_status, nic->script_us / 1000.0);
	if (add && nic->exit_status) {
		fail(nic, xsd_get(&nic->w->xsd, nic_be(nic, "hotplug-error")) ?: "");
		return;
	}
	if (nic->conf.hvm && nic->script_no++ == 0)
		run_script(nic, nic->phase);
	else
		done(nic, add ? NIC_ATTACHED : NIC_DETACHED);
}

static void fail(struct nic *nic, const char *why)
{
	snprintf(nic->error, sizeof(nic->error), "%s", why);
	world_trace(nic->w, "toolstack: %s: failed: %s", nic->vif, why);
	done(nic, NIC_FAILED);
}

static void done(struct nic *nic, enum nic_phase phase)
{
	nic->phase = phase;
	nic->done_us = now_us();
	if (phase != NIC_DETACHED)
		return;
	xsd_rm_clean(&nic->w->xsd, nic->fe);
	xsd_rm_clean(&nic->w->xsd, nic->libxl);
	xsd_rm_clean(&nic->w->xsd, nic->be);
	if (nic->conf.hvm)
		devmodel_stop(nic);
}
