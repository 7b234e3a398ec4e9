// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon ends and comes back, in every phase of a vif's life; and loses messages. */
#include "case.h"

#include <signal.h>
#include <string.h>

static void restart(struct world *w)
{
	daemon_kill(&w->daemon);
	daemon_start(&w->daemon);
}

/* Attached in the end, never published early, and reachable. */
static void assert_well(struct nic *a)
{
	struct world *w = a->w;
	struct nic *b;

	assert_soon(w, a->phase == NIC_ATTACHED || a->phase == NIC_FAILED);
	assert_string_equal(a->error, "");
	assert_int_equal(a->phase, NIC_ATTACHED);
	assert_false(a->early_connect || a->missed_initwait);
	assert_soon(w, nic_state_is(a, 4));
	b = case_attached(w, 200, "peer", NULL);
	assert_pings(a, b);
	assert_soon(w, daemon_vif_is(&w->daemon, a->vif, "state", "connected"));
}

static void daemon_restarts_before_the_backend_directory_is_there(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	restart(w);
	toolstack_attach(a);
	assert_well(a);
}

static void daemon_that_was_killed_finds_a_vif_in_state_1(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.stay_init = true;
	toolstack_attach(a);
	assert_soon(w, daemon_logged(&w->daemon, "vif5.0"));
	restart(w);
	a->quirk.stay_init = false;
	netback_event(a);
	assert_well(a);
}

static void daemon_that_was_killed_finds_a_vif_in_state_2_without_a_netdev(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.link_delay_ms = -1;
	a->quirk.toolstack_delay_ms = 200;
	toolstack_attach(a);
	assert_soon(w, nic_state_is(a, 2) && daemon_logged(&w->daemon, "vif5.0"));
	restart(w);
	netback_add_link(a);
	assert_well(a);
}

static void restart_of_a_prewired_vif(struct world *w, bool old_libxl)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.old_libxl = old_libxl;
	a->quirk.toolstack_delay_ms = 10 * SILENCE_MS;
	toolstack_attach(a);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0") && net_is_up(&w->net, "vif5.0"));
	restart(w);
	assert_stays(w, !nic_status_is(a, "connected"));
	assert_well(a);
}

static void daemon_that_was_killed_finds_a_wired_vif_and_waits_for_its_helper(struct world *w)
{
	restart_of_a_prewired_vif(w, false);
}

static void daemon_that_was_killed_waits_for_the_helper_of_an_old_libxl_too(struct world *w)
{
	restart_of_a_prewired_vif(w, true);
}

/* The helper cannot know that the daemon will be back: it fails, with a sentence; libxl tells it.
 */
static void daemon_killed_under_a_waiting_helper_makes_it_fail_with_a_sentence(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.link_delay_ms = -1;
	toolstack_attach(a);
	assert_soon(w, a->phase == NIC_SCRIPT);
	assert_soon(w, daemon_logged(&w->daemon, "vif5.0"));
	daemon_kill(&w->daemon);
	assert_soon(w, a->phase == NIC_FAILED);
	assert_contains(a->error, "xen-netd");
	netback_add_link(a);
	daemon_start(&w->daemon); /* and then it is wired all the same */
	assert_soon(w, nic_status_is(a, "connected") && nic_state_is(a, 4));
	assert_soon(w, !xsd_has(&w->xsd, nic_be(a, "hotplug-error")));
	assert_detach(a);
}

static void daemon_that_was_killed_finds_connected_guests(struct world *w)
{
	struct nic *a, *b;
	struct net_link before, after;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	assert_true(net_get(&w->net, "vif5.0", &before));
	daemon_kill(&w->daemon);
	assert_pings(a, b);
	daemon_start(&w->daemon);
	assert_pings(a, b);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_true(net_get(&w->net, "vif5.0", &after));
	assert_int_equal(after.ifindex, before.ifindex);
	assert_well(a);
}

static void daemon_that_was_killed_repairs_what_changed_meanwhile(struct world *w)
{
	struct nic *a, *b;

	case_host(w, "network one { mode = bridge bridge = xenbr1 }\n");
	net_add_bridge(&w->net, "xenbr1");
	a = case_attached(w, 5, "web", NULL);
	b = case_guest(w, 6, "db", true);
	b->conf.bridge = "xenbr1";
	assert_attach(b);
	daemon_kill(&w->daemon);
	xsd_put(&w->xsd, nic_be(a, "network"), "one");
	net_set_master(&w->net, "vif6.0", NULL);
	net_set_up(&w->net, "vif6.0", false);
	assert_false(case_pings(a, b, NO_PING_MS));
	daemon_start(&w->daemon);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr1") && net_on(&w->net, "vif6.0", "xenbr1"));
	assert_pings(a, b);
}

static void daemon_that_was_killed_finds_a_vif_being_detached(struct world *w)
{
	struct nic *a;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	assert_soon(w, nic_state_is(a, 4));
	a->quirk.unlink_delay_ms = 2 * SILENCE_MS;
	a->quirk.toolstack_delay_ms = SILENCE_MS / 2;
	toolstack_detach(a);
	assert_soon(w, nic_state_is(a, 6));
	restart(w);
	assert_soon(w, a->phase == NIC_DETACHED);
	assert_int_equal(a->exit_status, 0);
	assert_soon(w, !net_has(&w->net, "vif5.0"));
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend"));
	a->quirk = (struct nic_quirk) {0};
	toolstack_attach(a);
	assert_well(a);
}

static void guest_detached_while_the_daemon_was_away_leaves_nothing(struct world *w)
{
	struct nic *a, *again;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	a = case_attached(w, 5, "web", NULL);
	daemon_kill(&w->daemon);
	assert_detach(a);
	guest_destroy(a->guest);
	again = case_guest(w, 5, "other", true); /* the domid is used again */
	again->conf.bridge = "xenbr1";
	again->quirk.toolstack_delay_ms = 3 * SILENCE_MS;
	toolstack_attach(again);
	daemon_start(&w->daemon);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr1"));
	assert_stays(w, nic_status_is(again, ""));
	assert_soon(w, again->phase == NIC_ATTACHED);
	assert_false(again->missed_initwait || again->early_connect);
}

/* The control socket is there a moment before all of xenstore has been read. */
static void helper_that_comes_right_after_the_daemons_start_is_served(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	for (int i = 0; i < 30; i++) {
		a->quirk.link_delay_ms = 50;
		daemon_kill(&w->daemon);
		a->quirk.toolstack_delay_ms = 8000; /* held back */
		toolstack_attach(a);
		assert_soon(w, nic_state_is(a, 2));
		daemon_start(&w->daemon);
		a->quirk.toolstack_delay_ms = 0;
		toolstack_event(a);
		assert_soon(w, a->phase == NIC_ATTACHED || a->phase == NIC_FAILED);
		assert_string_equal(a->error, "");
		assert_int_equal(a->phase, NIC_ATTACHED);
		assert_detach(a);
		assert_soon(w, !net_has(&w->net, "vif5.0"));
	}
}

static void daemon_killed_at_any_moment_of_an_attach_ends_in_order(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	b = case_attached(w, 6, "db", NULL);
	for (int events = 0; events < 40; events++) {
		toolstack_attach(a);
		for (int i = 0; i < events && a->phase < NIC_ATTACHED; i++)
			loop_step(w->loop, now_us() + 100000);
		restart(w);
		assert_soon(w, a->phase == NIC_ATTACHED || a->phase == NIC_FAILED);
		assert_false(a->early_connect || a->missed_initwait);
		assert_soon(w, nic_state_is(a, 4)); /* failed or not: nobody has to do it by hand */
		assert_pings(a, b);
		assert_detach(a);
		assert_soon(w, !net_has(&w->net, "vif5.0"));
	}
}

static void sigterm_leaves_every_guests_network_as_it_is(struct world *w)
{
	struct nic *a, *b;

	case_host(w, "network lan { mode = bridge bridge = brlan create = true }\n"
		     "domain \"*\" { network = lan }\n");
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	assert_pings(a, b);
	assert_int_equal(daemon_stop(&w->daemon), 0);
	assert_true(net_on(&w->net, "vif5.0", "brlan") && net_is_up(&w->net, "vif5.0"));
	assert_pings(a, b);
	assert_true(nic_status_is(a, "connected"));
	daemon_start(&w->daemon);
	assert_well(a);
}

/* More messages than its socket holds, while it is stopped: the kernel drops them (ENOBUFS). */
static void lost_netlink_messages_are_made_up_for(struct world *w)
{
	struct nic *a, *b, *c = case_guest(w, 7, "mail", true);
	struct guest *sink;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	sink = guest_new(w, 300, "sink");
	proc_signal(&w->daemon.proc, SIGSTOP);
	net_add_veth(&w->net, "noise", NULL, &sink->net, "noise", NULL);
	for (int i = 0; i < 40000; i++)
		net_set_up(&w->net, "noise", i % 2);
	net_set_master(&w->net, "vif5.0", NULL); /* what nobody can tell it any more */
	net_set_up(&w->net, "vif6.0", false);
	net_del(&w->net, "xenbr1");
	proc_signal(&w->daemon.proc, SIGCONT);
	/* Eighty thousand notifications are waiting, for us as well. */
	assert_true(LOOP_WAIT(w->loop, 200000,
			      net_on(&w->net, "vif5.0", "xenbr0") && net_is_up(&w->net, "vif6.0")));
	assert_soon(w, daemon_logged(&w->daemon, "dropped network notifications"));
	assert_pings(a, b);
	c->conf.bridge = "xenbr1";
	assert_false(nic_attach(c));
}

const struct netns_case cases_restart[] = {
	CASE(daemon_restarts_before_the_backend_directory_is_there),
	CASE(daemon_that_was_killed_finds_a_vif_in_state_1),
	CASE(daemon_that_was_killed_finds_a_vif_in_state_2_without_a_netdev),
	CASE(daemon_that_was_killed_finds_a_wired_vif_and_waits_for_its_helper),
	CASE(daemon_that_was_killed_waits_for_the_helper_of_an_old_libxl_too),
	CASE(daemon_killed_under_a_waiting_helper_makes_it_fail_with_a_sentence),
	CASE(daemon_that_was_killed_finds_connected_guests),
	CASE(daemon_that_was_killed_repairs_what_changed_meanwhile),
	CASE(daemon_that_was_killed_finds_a_vif_being_detached),
	CASE(guest_detached_while_the_daemon_was_away_leaves_nothing),
	CASE(helper_that_comes_right_after_the_daemons_start_is_served),
	CASE(daemon_killed_at_any_moment_of_an_attach_ends_in_order),
	CASE(sigterm_leaves_every_guests_network_as_it_is),
	CASE(lost_netlink_messages_are_made_up_for),
	CASES_END,
};
