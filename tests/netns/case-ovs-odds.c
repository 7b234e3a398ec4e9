// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode ovs: databases and switches that come, go and change under running guests. */
#include "ovs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 300, RETAGS = 200, LATE_MS = 20000 };

static bool connected(struct world *w, const struct nic *nic)
{
	return daemon_vif_is(&w->daemon, nic->vif, "state", "connected");
}

static void port_that_is_deleted_or_changed_by_hand_is_put_right(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0.10");
	b = ovs_attached(w, 6, "db", "ovsbr0.10");
	for (int i = 0; i < 3; i++) {
		assert_true(*VSCTL(w, "del-port", "vif5.0") != '!');
		assert_soon(w, ovs_has(w, "vif5.0") && connected(w, a));
		assert_true(ovs_is(w, "port", "vif5.0", "tag", "10"));
		assert_pings(a, b);
	}
	VSCTL(w, "set", "port", "vif5.0", "tag=20");
	assert_soon(w, ovs_is(w, "port", "vif5.0", "tag", "10"));
	VSCTL(w, "remove", "interface", "vif5.0", "external_ids", "iface-id");
	assert_soon(w, !ovs_is(w, "interface", "vif5.0", "external_ids:iface-id", ""));
	assert_pings(a, b);
	assert_true(nic_state_is(a, 4) && nic_status_is(a, "connected"));
}

static void database_that_restarts_is_found_again_and_guests_do_not_notice(struct world *w)
{
	struct nic *a, *b, *c = ovs_guest(w, 7, "new", "ovsbr0");

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	ovs_stop_db();
	assert_soon(w, daemon_logged(&w->daemon, "no connection to Open vSwitch's database"));
	/* ovs-vswitchd's own datapath stands still without its database; that is not for us to mend. */
	assert_stays(w, connected(w, a) && connected(w, b) && net_is_up(&w->net, "vif5.0"));
	toolstack_attach(c); /* waits for it */
	assert_soon(w, daemon_vif_is(&w->daemon, "vif7.0", "state", "waiting"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif7.0", "reason", "waiting for Open vSwitch's database"));
	ovs_start_db(w);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, c->phase == NIC_ATTACHED));
	assert_pings(a, c);
	assert_int_equal(daemon_count(&w->daemon, "no connection to Open vSwitch's database"), 1);
}

static void guest_that_goes_while_the_database_is_away_leaves_nothing(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	ovs_stop_db();
	assert_soon(w, daemon_logged(&w->daemon, "no connection to Open vSwitch's database"));
	assert_detach(a);
	ovs_start_db(w);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, !ovs_has(w, "vif5.0")));
	assert_true(ovs_has(w, "vif6.0") && connected(w, b));
}

static void database_that_is_missing_is_an_error_in_time_and_heals(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr0");
	int64_t start;

	daemon_config(NULL);
	daemon_start(&w->daemon);
	start = now_us();
	assert_false(nic_attach(a));
	assert_in_range(now_us() - start, 5000000, 10000000); /* libxl would wait 40 s */
	assert_contains(a->error, "no answer from Open vSwitch's database at unix:/run/openvswitch/db.sock");
	assert_contains(a->error, "is ovsdb-server running?");
	assert_false(net_is_up(&w->net, "vif5.0"));
	ovs_start_db(w);
	ovs_start_switch(w);
	ovs_add_bridge(w, "ovsbr0");
	assert_true(LOOP_WAIT(w->loop, LATE_MS, nic_status_is(a, "connected") && nic_state_is(a, 4)));
	assert_true(ovs_on(w, "vif5.0", "ovsbr0"));
}

static void database_at_a_new_socket_with_a_new_content_is_filled_again(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, "network lan { mode = ovs bridge = ovsbr0 create = true datapath = netdev vlan = 10 }\n"
		    "domain \"*\" { network = lan }\n");
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	ovs_stop_db();
	ovs_stop_switch();
	rename(OVS_DIR "/conf.db", OVS_DIR "/old.db");
	ovs_start_db(w); /* an empty one */
	ovs_start_switch(w);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, ovs_on(w, "vif5.0", "ovsbr0") && ovs_on(w, "vif6.0", "ovsbr0")));
	assert_true(LOOP_WAIT(w->loop, LATE_MS, connected(w, a) && connected(w, b)));
	assert_pings(a, b);
	assert_true(ovs_is(w, "port", "vif6.0", "tag", "10"));
	assert_true(nic_state_is(a, 4) && nic_status_is(b, "connected"));
}

static void emptied_database_is_filled_again_once_the_bridge_is_back(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	assert_true(*VSCTL(w, "--", "--all", "destroy", "bridge", "--", "clear", "open_vswitch", ".",
			   "bridges") != '!');
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "reason", "bridges there: none"));
	assert_true(nic_status_is(a, "connected")); /* a running guest is not told off */
	ovs_add_bridge(w, "ovsbr0");
	assert_soon(w, connected(w, a) && connected(w, b));
	assert_pings(a, b);
}

static void switch_that_does_not_run_is_an_error_in_time_and_heals_when_it_comes(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr0"), *b;
	int64_t start;

	ovs_host(w, NULL);
	ovs_stop_switch();
	start = now_us();
	assert_false(nic_attach(a));
	assert_in_range(now_us() - start, 5000000, 10000000);
	assert_contains(a->error, "ovs-vswitchd has not answered in 8 s; is it running?");
	assert_false(net_is_up(&w->net, "vif5.0"));
	assert_soon(w, !ovs_has(w, "vif5.0")); /* taken back */
	ovs_start_switch(w);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, nic_status_is(a, "connected") && nic_state_is(a, 4)));
	b = ovs_attached(w, 6, "db", "ovsbr0");
	assert_pings(a, b);
}

static void switch_that_restarts_has_its_guests_again(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	ovs_stop_switch();
	assert_false(case_pings(a, b, NO_PING_MS)); /* its datapath was its own */
	ovs_start_switch(w);
	assert_pings(a, b);
	assert_true(connected(w, a) && connected(w, b));
}

static void reason_of_open_vswitch_itself_reaches_the_toolstack(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr9"), *b = ovs_guest(w, 6, "db", "ovsbr0");

	ovs_host(w, NULL);
	VSCTL(w, "add-br", "ovsbr9", "--", "set", "bridge", "ovsbr9", "datapath_type=nonsense");
	assert_false(nic_attach(a));
	assert_contains(a->error, "Open vSwitch cannot make vif5.0 a port of ovsbr9");
	assert_soon(w, !ovs_has(w, "vif5.0"));
	/* Two interfaces of one device: the database refuses the second. */
	VSCTL(w, "add-br", "ovsbr1", "--", "set", "bridge", "ovsbr1", "datapath_type=netdev", "--",
	      "add-bond", "ovsbr1", "bond0", "vif6.0", "lo");
	assert_false(nic_attach(b));
	assert_contains(b->error, "Open vSwitch's database refuses port vif6.0");
	assert_contains(b->error, "identical values (vif6.0)");
}

static void ports_of_others_are_left_alone_and_named_when_in_the_way(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr0"), *b = ovs_guest(w, 6, "db", "ovsbr0");

	ovs_host(w, NULL);
	VSCTL(w, "add-port", "ovsbr0", "vif5.0");
	VSCTL(w, "add-port", "ovsbr0", "gone0", "--", "set", "interface", "gone0",
	      "external_ids:owner=me");
	assert_false(nic_attach(a));
	assert_contains(a->error, "port vif5.0 of Open vSwitch bridge ovsbr0 is not ours");
	assert_contains(a->error, "ovs-vsctl del-port vif5.0");
	assert_true(ovs_has(w, "vif5.0") && ovs_has(w, "gone0"));
	VSCTL(w, "del-port", "vif5.0");
	assert_soon(w, nic_status_is(a, "connected") && ovs_has(w, "vif5.0"));
	/* What Xen's script has left behind is taken over. */
	VSCTL(w, "add-port", "ovsbr0", "vif6.0", "tag=7", "--", "set", "interface", "vif6.0",
	      "external_ids:attached-mac=00:16:3e:00:00:01", "external_ids:xen-vm-uuid=old",
	      "external_ids:xen-vm-name=old");
	assert_attach(b);
	assert_pings(a, b);
	assert_true(ovs_is(w, "port", "vif6.0", "tag", "[]"));
	assert_true(ovs_has(w, "gone0"));
}

/* The daemon is asked before it has seen the database. */
static void port_of_others_that_is_seen_late_is_left_alone_too(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr0");
	const char *uuid;

	ovs_host(w, NULL);
	VSCTL(w, "add-port", "ovsbr0", "vif5.0", "tag=9");
	uuid = strdup(ovs_get(w, "port", "vif5.0", "_uuid"));
	assert_int_equal(daemon_stop(&w->daemon), 0);
	ovs_stop_db();
	daemon_start(&w->daemon);
	toolstack_attach(a);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "waiting") &&
			       strstr(daemon_vif(&w->daemon, "vif5.0", "reason"), "database"));
	ovs_start_db(w);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, a->phase == NIC_FAILED));
	assert_contains(a->error, "port vif5.0 of Open vSwitch bridge ovsbr0 is not ours");
	assert_true(ovs_is(w, "port", "vif5.0", "_uuid", uuid));
	assert_true(ovs_is(w, "port", "vif5.0", "tag", "9"));
}

static void ports_that_a_crashed_host_left_are_swept_and_no_others(struct world *w)
{
	struct nic *a;

	ovs_start_db(w);
	ovs_start_switch(w);
	ovs_add_bridge(w, "ovsbr0");
	VSCTL(w, "add-port", "ovsbr0", "vif9.0", "--", "set", "interface", "vif9.0",
	      "external_ids:xen-netd=vif9.0", "external_ids:xen-netd-ifindex=77");
	VSCTL(w, "add-port", "ovsbr0", "vif5.0", "tag=3", "--", "set", "interface", "vif5.0",
	      "external_ids:xen-netd=vif5.0", "external_ids:xen-netd-ifindex=3");
	VSCTL(w, "add-port", "ovsbr0", "vif8.0");
	daemon_config(NULL);
	daemon_start(&w->daemon);
	assert_soon(w, !ovs_has(w, "vif9.0") && !ovs_has(w, "vif5.0"));
	assert_true(ovs_has(w, "vif8.0"));
	a = ovs_attached(w, 5, "web", "ovsbr0");
	assert_pings(ovs_attached(w, 6, "db", "ovsbr0"), a);
}

static void vif_that_comes_again_under_its_name_is_a_port_again(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, NULL);
	b = ovs_attached(w, 6, "db", "ovsbr0");
	for (int i = 0; i < 4; i++) {
		a = ovs_attached(w, 20 + i, "web", "ovsbr0.10:20");
		daemon_kill(&w->daemon); /* nobody sees it go */
		netback_del_link(a);
		assert_true(ovs_has(w, a->vif));
		netback_add_link(a);
		daemon_start(&w->daemon);
		assert_soon(w, connected(w, a));
		xsd_put(&w->xsd, nic_be(a, "bridge"), "ovsbr0");
		assert_soon(w, ovs_is(w, "port", a->vif, "tag", "[]") && connected(w, a));
		assert_pings(a, b);
	}
}

static void restart_of_the_daemon_changes_nothing_in_the_database(struct world *w)
{
	struct nic *a, *b;
	const char *cfg;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0.10");
	b = ovs_attached(w, 6, "db", "ovsbr0.10");
	cfg = strdup(ovs_get(w, "open_vswitch", ".", "next_cfg"));
	assert_int_equal(daemon_stop(&w->daemon), 0);
	daemon_start(&w->daemon);
	assert_soon(w, connected(w, a) && connected(w, b));
	assert_stays(w, connected(w, a) && net_is_up(&w->net, "vif5.0"));
	assert_pings(a, b);
	assert_string_equal(ovs_get(w, "open_vswitch", ".", "next_cfg"), cfg);
	/* A guest that is connected stays so when the daemon starts while the database is away. */
	daemon_kill(&w->daemon);
	ovs_stop_db();
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "waiting"));
	assert_stays(w, net_is_up(&w->net, "vif5.0"));
	assert_true(LOOP_WAIT(w->loop, LATE_MS, daemon_vif_is(&w->daemon, "vif5.0", "state", "error")));
	assert_true(net_is_up(&w->net, "vif5.0") && nic_status_is(a, "connected"));
	ovs_start_db(w);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, connected(w, a) && connected(w, b)));
	assert_true(case_pings(a, b, LATE_MS)); /* ovs-vswitchd takes its time to reconnect */
}

/* An answer that comes together with another must not be overlooked: the next event may be far. */
static void retags_in_a_row_are_each_done_at_once(struct world *w)
{
	struct nic *a;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0.1");
	for (int i = 2; i <= RETAGS; i++) {
		unsigned before = daemon_count(&w->daemon, "connected to network");

		xsd_put(&w->xsd, nic_be(a, "bridge"), text("ovsbr0.%d", i));
		assert_soon(w, daemon_count(&w->daemon, "connected to network") > before);
	}
	assert_true(ovs_is(w, "port", "vif5.0", "tag", text("%d", RETAGS)));
}

static bool all_in(struct nic *const *nics, int n, enum nic_phase phase)
{
	for (int i = 0; i < n; i++)
		if (nics[i]->phase != phase)
			return false;
	return true;
}

static void ports_300_at_once_take_few_transactions(struct world *w)
{
	struct guest *home = guest_new(w, 1000, "home");
	static struct nic *nics[MANY];
	struct nic *a, *b;
	int64_t start;
	unsigned cfg;

	ovs_host(w, NULL);
	w->trace = false;
	a = ovs_attached(w, 5, "web", "ovsbr0");
	cfg = atoi(ovs_get(w, "open_vswitch", ".", "next_cfg"));
	for (int i = 0; i < MANY; i++) {
		struct guest *g = guest_new_in(w, 2000 + i, text("many%d", i), home);
		struct nic_conf conf = {.script = case_script(w, "vif-openvswitch"),
					.bridge = strdup(text("ovsbr0.%d", 1 + i))};

		g->running = true;
		nics[i] = nic_new(g, &conf);
	}
	start = now_us();
	for (int i = 0; i < MANY; i++)
		toolstack_attach(nics[i]);
	assert_true(LOOP_WAIT(w->loop, 120000, all_in(nics, MANY, NIC_ATTACHED)));
	cfg = atoi(ovs_get(w, "open_vswitch", ".", "next_cfg")) - cfg;
	print_message("%d ports attached in %.2f s by %u transactions\n", MANY, (now_us() - start) / 1e6,
		      cfg);
	assert_in_range(cfg, 1, MANY * 3 / 4); /* fewer, the slower the database */
	for (int i = 0; i < MANY; i += 50)
		assert_true(ovs_is(w, "port", nics[i]->vif, "tag", text("%d", 1 + i)));
	b = ovs_attached(w, 6, "db", "ovsbr0");
	assert_pings(a, b);
	for (int i = 0; i < MANY; i++)
		toolstack_detach(nics[i]);
	assert_true(LOOP_WAIT(w->loop, 120000, all_in(nics, MANY, NIC_DETACHED)));
	assert_true(LOOP_WAIT(w->loop, LATE_MS,
			      !strcmp(VSCTL(w, "--columns=name", "find", "interface", "name=vif2100.0"), "") &&
				      !ovs_has(w, nics[MANY - 1]->vif)));
	assert_pings(a, b);
}

const struct netns_case cases_ovs_odds[] = {
	CASE(port_that_is_deleted_or_changed_by_hand_is_put_right),
	CASE(database_that_restarts_is_found_again_and_guests_do_not_notice),
	CASE(guest_that_goes_while_the_database_is_away_leaves_nothing),
	CASE(database_that_is_missing_is_an_error_in_time_and_heals),
	CASE(database_at_a_new_socket_with_a_new_content_is_filled_again),
	CASE(emptied_database_is_filled_again_once_the_bridge_is_back),
	CASE(switch_that_does_not_run_is_an_error_in_time_and_heals_when_it_comes),
	CASE(switch_that_restarts_has_its_guests_again),
	CASE(reason_of_open_vswitch_itself_reaches_the_toolstack),
	CASE(ports_of_others_are_left_alone_and_named_when_in_the_way),
	CASE(port_of_others_that_is_seen_late_is_left_alone_too),
	CASE(ports_that_a_crashed_host_left_are_swept_and_no_others),
	CASE(vif_that_comes_again_under_its_name_is_a_port_again),
	CASE(restart_of_the_daemon_changes_nothing_in_the_database),
	CASE(retags_in_a_row_are_each_done_at_once),
	CASE(ports_300_at_once_take_few_transactions),
	CASES_END,
};
