// SPDX-License-Identifier: GPL-2.0-or-later
/* xenstored ends, and comes back with an empty store. */
#include "case.h"

#include <signal.h>
#include <string.h>

static void guests_keep_their_network_when_xenstored_dies(struct world *w)
{
	struct nic *a, *b;
	json_t *status;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	xsd_kill(&w->xsd);
	assert_soon(w, ({
			    status = daemon_status(&w->daemon);
			    bool lost = strcmp(json_string_value(json_object_get(status, "store"))
						       ?: "lost",
					       "lost") == 0;
			    json_decref(status);
			    lost;
		    }));
	assert_stays(w, net_on(&w->net, "vif5.0", "xenbr0") && net_is_up(&w->net, "vif5.0"));
	assert_pings(a, b);
	/* The kernel's side is still kept in order. */
	net_set_master(&w->net, "vif5.0", NULL);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
	assert_pings(a, b);
}

static void empty_store_after_a_restart_unwires_nobody(struct world *w)
{
	struct nic *a, *b, *c;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	for (int i = 0; i < 3; i++) {
		unsigned before = daemon_count(&w->daemon, "connected to xenstored");

		world_restart_store(w);
		assert_soon(w, daemon_count(&w->daemon, "connected to xenstored") > before);
		assert_stays(w,
			     net_on(&w->net, "vif5.0", "xenbr0") && net_is_up(&w->net, "vif5.0"));
		assert_pings(a, b);
		assert_false(xsd_has(&w->xsd, a->be)); /* nor is anything written for them */
		c = case_attached(w, 20 + i, "new", NULL);
		assert_pings(c, a);
		assert_detach(c);
		assert_false(xsd_has(&w->xsd, c->be));
	}
	net_del(&w->net, "vif5.0");
	assert_soon(w, !daemon_vif(&w->daemon, "vif5.0", "state"));
}

static void vif_that_is_written_again_after_a_store_restart_is_taken_up(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", "xenbr1");
	world_restart_store(w);
	netback_del_link(a); /* a new guest under the old number */
	assert_soon(w, !net_has(&w->net, "vif5.0"));
	guest_write_keys(a->guest);
	a->conf.bridge = "xenbr1";
	assert_attach(a);
	assert_true(net_on(&w->net, "vif5.0", "xenbr1"));
	assert_pings(a, b);
}

static void daemon_that_starts_before_xenstored_waits_for_it(struct world *w)
{
	struct nic *a;

	xsd_kill(&w->xsd);
	net_add_bridge(&w->net, "xenbr0");
	daemon_spawn(&w->daemon);
	assert_soon(w, daemon_logged(&w->daemon, "xenstore"));
	assert_true(proc_running(&w->daemon.proc));
	xsd_start(&w->xsd);
	assert_soon(w, w->daemon.ready && daemon_logged(&w->daemon, "connected to xenstored"));
	a = case_attached(w, 5, "web", NULL);
	assert_true(nic_status_is(a, "connected"));
}

/* It answers nobody, and comes back: SIGSTOP stands for a live update. */
static void hung_xenstored_hangs_neither_daemon_nor_guests(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	proc_signal(&w->xsd.proc, SIGSTOP);
	net_set_master(&w->net, "vif5.0", NULL);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
	assert_non_null(daemon_vif(&w->daemon, "vif5.0", "state"));
	assert_pings(a, b);
	proc_signal(&w->xsd.proc, SIGCONT);
	assert_attach(case_guest(w, 7, "mail", true));
}

static void connection_loss_is_noticed_without_traffic(struct world *w)
{
	case_host(w, NULL);
	case_attached(w, 5, "web", NULL);
	xsd_kill(&w->xsd);
	assert_soon(w, daemon_logged(&w->daemon, "xenstored") &&
			       daemon_count(&w->daemon, "lost") + daemon_count(&w->daemon, "clos") +
					       daemon_count(&w->daemon, "end") >
				       0);
}

const struct netns_case cases_store[] = {
	CASE(guests_keep_their_network_when_xenstored_dies),
	CASE(empty_store_after_a_restart_unwires_nobody),
	CASE(vif_that_is_written_again_after_a_store_restart_is_taken_up),
	CASE(daemon_that_starts_before_xenstored_waits_for_it),
	CASE(hung_xenstored_hangs_neither_daemon_nor_guests),
	CASE(connection_loss_is_noticed_without_traffic),
	CASES_END,
};
