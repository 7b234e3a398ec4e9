// SPDX-License-Identifier: GPL-2.0-or-later
/* Plugging and unplugging vifs as libxl does. */
#include "case.h"

#include <signal.h>
#include <string.h>

static void attach_wires_the_vif_and_guests_ping(struct world *w)
{
	struct nic *a, *b;
	struct net_link l;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", "xenbr0");
	b = case_attached(w, 6, "db", "xenbr0");
	assert_soon(w, nic_state_is(a, 4) && nic_state_is(b, 4));
	assert_true(nic_status_is(a, "connected"));
	assert_false(xsd_has(&w->xsd, nic_be(a, "hotplug-error")));
	assert_true(net_get(&w->net, "vif5.0", &l));
	assert_true(l.up);
	assert_string_equal(l.master, "xenbr0");
	assert_string_equal(l.alias, "xen-netd vif5.0");
	assert_memory_equal(l.mac, "\xfe\xff\xff\xff\xff\xff", NET_ALEN);
	assert_pings(a, b);
	assert_pings(b, a);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

static void attach_works_with_a_libxl_that_makes_no_hotplug_status(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	a->quirk.old_libxl = true;
	a->quirk.toolstack_delay_ms = 50;
	assert_attach(a);
	assert_false(a->early_connect || a->missed_initwait);
	b = case_attached(w, 6, "db", NULL);
	assert_pings(a, b);
}

static void attach_waits_for_a_netdev_that_comes_after_state_2(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	a->quirk.link_delay_ms = 300;
	assert_attach(a);
	assert_true(a->script_us > 200000);
	assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
	b = case_attached(w, 6, "db", NULL);
	assert_pings(a, b);
}

static void attach_copes_with_a_netdev_that_comes_before_state_2(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b = case_guest(w, 6, "db", false);

	case_host(w, NULL);
	a->quirk.link_first = b->quirk.link_first = true;
	assert_attach(a);
	assert_attach(b);
	guest_unpause(b->guest);
	assert_soon(w, nic_state_is(b, 4));
	assert_pings(a, b);
}

static void attach_without_a_netdev_fails_with_a_sentence_before_libxls_deadline(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.link_delay_ms = -1;
	assert_false(nic_attach(a));
	assert_true(a->script_us < 30 * 1000000);
	assert_contains(a->error, "vif5.0");
	assert_string_equal(a->error, xsd_get(&w->xsd, nic_be(a, "hotplug-error")));
	netback_add_link(a); /* late, but it came: nothing has to be done by hand */
	assert_soon(w, nic_status_is(a, "connected"));
}

/* The guest's frontend is ready: netback goes on to state 4 as soon as it reads "connected". */
static void attach_to_a_running_guest_is_wired_early_but_published_only_by_the_helper(
	struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.toolstack_delay_ms = 2 * SILENCE_MS;
	toolstack_attach(a);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0") && net_is_up(&w->net, "vif5.0"));
	assert_int_equal(a->phase, NIC_WAIT_INITWAIT);
	assert_stays(w, nic_status_is(a, "") && nic_state_is(a, 2));
	assert_int_equal(a->phase, NIC_WAIT_INITWAIT);
	assert_soon(w, a->phase == NIC_ATTACHED);
	assert_false(a->early_connect || a->missed_initwait);
	assert_soon(w, nic_state_is(a, 4));
}

static void detach_leaves_nothing_behind(struct world *w)
{
	struct nic *a, *b, *c;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	c = case_attached(w, 7, "mail", NULL);
	assert_pings(b, a);
	assert_detach(a);
	assert_int_equal(a->exit_status, 0);
	assert_false(net_has(&w->net, "vif5.0"));
	assert_false(xsd_has(&w->xsd, "/local/domain/0/backend/vif/5"));
	assert_no_ping(b, a, c);
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend/vif/5"));
	assert_soon(w, !daemon_vif(&w->daemon, "vif5.0", "state"));
	assert_detach(b);
	assert_detach(c);
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend"));
}

/* netback writes state 6 first and unregisters after: libxl's offline runs in between. */
static void detach_succeeds_while_the_netdev_is_still_there(struct world *w)
{
	struct nic *a;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	a->quirk.unlink_delay_ms = 2 * SILENCE_MS;
	assert_detach(a);
	assert_true(net_has(&w->net, "vif5.0"));
	assert_soon(w, !net_on(&w->net, "vif5.0", "xenbr0"));
	assert_soon(w, !net_has(&w->net, "vif5.0"));
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend"));
}

static void destroy_of_a_guest_leaves_nothing_behind(struct world *w)
{
	struct nic *a;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	toolstack_destroy(a);
	assert_soon(w, a->phase == NIC_DETACHED);
	assert_int_equal(a->exit_status, 0);
	guest_destroy(a->guest);
	assert_soon(w, !net_has(&w->net, "vif5.0"));
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend"));
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/5"));
}

static void attach_without_the_daemon_fails_at_once_with_a_sentence(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	net_add_bridge(&w->net, "xenbr0");
	assert_false(nic_attach(a));
	assert_int_equal(a->exit_status, 1);
	assert_true(a->script_us < 1000000);
	assert_contains(a->error, "xen-netd");
	assert_true(nic_status_is(a, "error"));
	assert_detach(a);
	assert_int_equal(a->exit_status, 0); /* offline never fails */
}

static void helper_does_nothing_for_the_other_devices_pair(struct world *w)
{
	struct nic *a;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	daemon_kill(&w->daemon); /* whatever it did, it would have to ask */
	assert_int_equal(toolstack_run_script(a, "add", "vif"), 0);
	assert_int_equal(toolstack_run_script(a, "remove", "vif"), 0);
	assert_int_equal(toolstack_run_script(a, "online", "tap"), 0);
	assert_int_equal(toolstack_run_script(a, "offline", "tap"), 0);
	assert_int_equal(toolstack_run_script(a, "offline", "vif"), 0);
	assert_int_equal(toolstack_run_script(a, "online", "vif"), 1);
	assert_int_not_equal(toolstack_run_script(a, "dance", "vif"), 0);
}

static void guest_reconnects(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	assert_soon(w, nic_state_is(a, 4));
	for (int i = 0; i < 3; i++) {
		netfront_disconnect(a);
		assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
		netfront_reconnect(a);
		assert_soon(w, nic_state_is(a, 4));
		assert_pings(a, b);
	}
}

/* Linux 5.4 to 6.x delete the key at one time or another; no toolstack is there to write it. */
static void guest_reconnects_though_hotplug_status_is_missing(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	a->quirk.status_lost = true;
	assert_soon(w, nic_state_is(a, 4));
	for (int i = 0; i < 3; i++) {
		netfront_disconnect(a);
		netfront_reconnect(a);
		assert_soon(w, nic_state_is(a, 4));
		assert_pings(a, b);
	}
}

static void guest_reconnects_though_the_daemon_restarted_meanwhile(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	a->quirk.status_lost = true;
	assert_soon(w, nic_state_is(a, 4));
	netfront_disconnect(a);
	daemon_kill(&w->daemon);
	netfront_reconnect(a);
	daemon_start(&w->daemon);
	assert_soon(w, nic_state_is(a, 4));
	assert_pings(a, b);
}

static void backend_directory_removed_while_the_helper_waits_is_not_made_again(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	b = case_attached(w, 6, "db", NULL);
	a->quirk.link_delay_ms = -1;
	toolstack_attach(a);
	assert_soon(w, a->phase == NIC_SCRIPT);
	assert_soon(w, daemon_logged(&w->daemon, "vif5.0"));
	xsd_rm_clean(&w->xsd, a->be);
	assert_soon(w, a->phase == NIC_FAILED); /* it does not wait for its deadline */
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend/vif/5"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif6.0", "state", "connected"));
	assert_true(nic_status_is(b, "connected"));
}

/* The removal falls into every part of the daemon's work: after each of its steps in turn. */
static void backend_directory_removed_at_any_moment_is_not_made_again(struct world *w)
{
	struct nic *a;

	case_host(w, NULL);
	a = case_guest(w, 5, "web", true);
	for (int events = 0; events < 60; events++) {
		toolstack_attach(a);
		for (int i = 0; i < events && a->phase < NIC_ATTACHED; i++)
			loop_step(w->loop, now_us() + 100000);
		xsd_rm_clean(&w->xsd, a->be);
		assert_soon(w, !proc_running(&a->script) && !net_has(&w->net, "vif5.0"));
		a->phase = NIC_NEW;
		/* What it wrote before it saw the removal is in the store by then. */
		assert_soon(w, !daemon_vif(&w->daemon, "vif5.0", "state"));
		assert_false(xsd_has(&w->xsd, a->be));
	}
	assert_attach(a);
}

/* Both wait in the daemon's sockets when it looks: the netdev to be published, and the removal. */
static void backend_directory_removed_as_the_netdev_comes_is_not_made_again(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.link_delay_ms = -1;
	for (int i = 0; i < 20; i++) {
		unsigned waits = daemon_count(&w->daemon, "has not made the network device vif5.0");

		toolstack_attach(a);
		assert_soon(w, a->phase == NIC_SCRIPT);
		assert_soon(w, daemon_count(&w->daemon, "has not made the network device vif5.0") >
				       waits);
		assert_non_null(daemon_vif(&w->daemon, "vif5.0", "state"));
		proc_signal(&w->daemon.proc, SIGSTOP);
		netback_add_link(a);
		xsd_rm(&w->xsd, a->be);
		proc_signal(&w->daemon.proc, SIGCONT);
		assert_soon(w, !proc_running(&a->script) && !net_has(&w->net, "vif5.0"));
		a->phase = NIC_NEW;
		assert_soon(w, !daemon_vif(&w->daemon, "vif5.0", "state"));
		assert_false(xsd_has(&w->xsd, a->be));
		xsd_rm(&w->xsd, a->fe);
	}
}

static void reused_domid_gets_the_new_guests_network(struct world *w)
{
	struct nic *a, *b, *again;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	b = case_attached(w, 6, "db", "xenbr1");
	for (int i = 0; i < 5; i++) {
		a = case_attached(w, 5, "web", "xenbr0");
		toolstack_destroy(a);
		assert_soon(w, a->phase == NIC_DETACHED && !net_has(&w->net, "vif5.0"));
		guest_destroy(a->guest);
		again = case_attached(w, 5, "other", "xenbr1");
		assert_false(again->early_connect || again->missed_initwait);
		assert_true(net_on(&w->net, "vif5.0", "xenbr1"));
		assert_pings(again, b);
		assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "domain", "other"));
		toolstack_destroy(again);
		assert_soon(w, again->phase == NIC_DETACHED && !net_has(&w->net, "vif5.0"));
		guest_destroy(again->guest);
	}
}

/* The old guest's success must not be taken for the new one's: nobody has run the helper yet. */
static void reused_domid_is_published_only_by_its_own_helper(struct world *w)
{
	struct nic *a, *again;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	toolstack_destroy(a);
	assert_soon(w, a->phase == NIC_DETACHED && !net_has(&w->net, "vif5.0"));
	guest_destroy(a->guest);
	again = case_guest(w, 5, "other", true);
	again->quirk.toolstack_delay_ms = 2 * SILENCE_MS;
	toolstack_attach(again);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
	assert_stays(w, nic_status_is(again, ""));
	assert_soon(w, again->phase == NIC_ATTACHED);
	assert_false(again->early_connect || again->missed_initwait);
}

static void two_vifs_of_one_guest_are_two(struct world *w)
{
	struct nic *a0, *a1, *b, *c;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	a0 = case_guest(w, 5, "web", true);
	a1 = case_second(a0, 1);
	a1->conf.bridge = "xenbr1";
	toolstack_attach(a0);
	toolstack_attach(a1);
	assert_soon(w, a0->phase == NIC_ATTACHED && a1->phase == NIC_ATTACHED);
	b = case_attached(w, 6, "db", "xenbr0");
	c = case_guest(w, 7, "mail", true);
	c->conf.bridge = "xenbr1";
	c->conf.addr = "10.1.0.7/24";
	assert_attach(c);
	assert_pings(a0, b);
	assert_pings(a1, c);
	assert_detach(a0);
	assert_false(net_has(&w->net, "vif5.0"));
	assert_true(net_on(&w->net, "vif5.1", "xenbr1"));
	assert_pings(a1, c);
	assert_attach(a0);
	assert_pings(a0, b);
}

static void vif_whose_script_is_not_ours_is_left_alone(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->conf.script = "/bin/true";
	assert_attach(a);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "unmanaged"));
	assert_stays(w, nic_status_is(a, "") && net_on(&w->net, "vif5.0", "") &&
				!net_is_up(&w->net, "vif5.0"));
	net_set_master(&w->net, "vif5.0", "xenbr0"); /* its own script's doing */
	net_set_up(&w->net, "vif5.0", true);
	assert_stays(w, net_on(&w->net, "vif5.0", "xenbr0") && net_is_up(&w->net, "vif5.0"));
	assert_detach(a);
}

const struct netns_case cases_attach[] = {
	CASE(attach_wires_the_vif_and_guests_ping),
	CASE(attach_works_with_a_libxl_that_makes_no_hotplug_status),
	CASE(attach_waits_for_a_netdev_that_comes_after_state_2),
	CASE(attach_copes_with_a_netdev_that_comes_before_state_2),
	CASE(attach_without_a_netdev_fails_with_a_sentence_before_libxls_deadline),
	CASE(attach_to_a_running_guest_is_wired_early_but_published_only_by_the_helper),
	CASE(attach_without_the_daemon_fails_at_once_with_a_sentence),
	CASE(helper_does_nothing_for_the_other_devices_pair),
	CASE(detach_leaves_nothing_behind),
	CASE(detach_succeeds_while_the_netdev_is_still_there),
	CASE(destroy_of_a_guest_leaves_nothing_behind),
	CASE(guest_reconnects),
	CASE(guest_reconnects_though_hotplug_status_is_missing),
	CASE(guest_reconnects_though_the_daemon_restarted_meanwhile),
	CASE(backend_directory_removed_while_the_helper_waits_is_not_made_again),
	CASE(backend_directory_removed_at_any_moment_is_not_made_again),
	CASE(backend_directory_removed_as_the_netdev_comes_is_not_made_again),
	CASE(reused_domid_gets_the_new_guests_network),
	CASE(reused_domid_is_published_only_by_its_own_helper),
	CASE(two_vifs_of_one_guest_are_two),
	CASE(vif_whose_script_is_not_ours_is_left_alone),
	CASES_END,
};
