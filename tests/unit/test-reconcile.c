// SPDX-License-Identifier: GPL-2.0-or-later
/* The life of a vif, from the toolstack's first key to the last. */
#include "world.h"

/* ---- coming ---- */

static void a_vif_is_wired_at_once_and_published_only_after_the_helper(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_settle(&w);
	assert_non_null(
		strstr(world_status(&w, 0), "netback has not made the network device vif5.0"));
	world_probe(&w, 0);
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	assert_string_equal(w.xs.log, "");
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	assert_int_equal(w.xs.commits, 1);
	world_fini(&w);
}

static void a_helper_that_comes_before_any_event_is_answered_all_the_same(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online"); /* all of it waits in the sockets */
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_helper_that_comes_before_the_store_is_reached_waits_for_it(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	world_stop(&w);
	world_start(&w);
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

/* netback writes state 2 first and registers its netdev after that. */
static void the_helper_waits_for_a_netdev_that_comes_late(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/state", "2");
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "");
	world_advance(&w, 9 * SECOND);
	assert_string_equal(world_answer(&w, fd), "");
	world_probe(&w, 0);
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_netdev_that_never_comes_fails_the_helper_after_ten_seconds(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/state", "2");
	int fd = world_helper(&w, "online");
	world_settle(&w);
	world_advance(&w, 10 * SECOND + 1000);
	static const char says[] =
		"vif5.0 (web1): gave up after 10 s: netback has not made the network "
		"device vif5.0 yet; is xen-netback loaded?";
	assert_string_equal(world_answer(&w, fd), says);
	assert_string_equal(world_get(&w, BE "/hotplug-error"), says);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "error");
	/* It comes after all, and xl network-attach is done again. */
	world_probe(&w, 0);
	fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_helper_for_what_xenstore_does_not_know_is_told_so(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	int fd = world_helper(&w, "online");
	assert_non_null(strstr(world_answer(&w, fd), "its backend directory is not in xenstore"));
	assert_string_equal(world_status(&w, 0), "gone");
	assert_string_equal(w.xs.log, "");
	world_fini(&w);
}

static void a_helper_that_asks_nonsense_is_told_what_is_allowed(void **state)
{
	static const struct {
		const char *action, *type, *path, *says;
	} cases[] = {
		{"online", "tap", "backend/vif/5/0", "action and type must be"},
		{"", "vif", "backend/vif/5/0", "action and type must be"},
		{"online", "vif", "backend/vbd/5/0", "path must be"},
		{"online", "vif", "/local/domain/3/backend/vif/5/0", "of this domain's backends"},
		{"online", "vif", "backend/vif/5/0/state", "path must be"},
		{"online", "vif", "backend/vif/../0", "path must be"},
		{"online", "vif", "", "path must be"},
		{"online", "vif", "/local/domain/0/backend/vif-5/0", "path must be"},
	};
	struct world w;
	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int fd = world_ask(&w, cases[i].action, cases[i].type, cases[i].path);
		assert_non_null(strstr(world_answer(&w, fd), cases[i].says));
	}
	int fd = world_ask(&w, "online", "vif", BE); /* the absolute form */
	assert_non_null(strstr(world_answer(&w, fd), "not in xenstore"));
	world_fini(&w);
}

static void the_frontends_mtu_is_written_only_when_it_differs(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w); /* 1500 and 1500 */
	assert_int_equal(twin_xs_logged(&w.xs, FE "/mtu"), 0);
	world_put(&w, BE "/mtu", "9000");
	world_settle(&w);
	assert_int_equal(twin_xs_logged(&w.xs, FE "/mtu"), 1);
	world_fini(&w);
}

static void the_frontend_is_told_the_mtu_of_its_vif_once(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	unsigned before = twin_xs_logged(&w.xs, FE "/mtu");
	world_put(&w, BE "/mtu", "9000");
	world_settle(&w);
	assert_int_equal(world_link(&w, "vif5.0")->link.mtu, 9000);
	assert_string_equal(world_get(&w, FE "/mtu"), "9000");
	world_put(&w, BE "/mtu", "9000");
	world_settle(&w);
	assert_int_equal(twin_xs_logged(&w.xs, FE "/mtu"), before + 1);
	world_fini(&w);
}

/* netback set it back, and refuses more from then on. */
static void a_frontend_without_scatter_gather_stays_at_1500_and_is_told_so(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_link(&w, "vif5.0")->link.max_mtu = 1500;
	world_put(&w, BE "/mtu", "9000");
	world_settle(&w);
	assert_string_equal(world_status(&w, 0),
			    "connected: the frontend lacks scatter-gather: MTU stays 1500");
	assert_int_equal(world_link(&w, "vif5.0")->link.mtu, 1500);
	assert_string_equal(world_get(&w, FE "/mtu"), "1500");
	world_fini(&w);
}

/* ---- living ---- */

static void a_connected_guest_is_left_in_peace_by_a_restarted_daemon(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	int calls = w.kernel.calls, commits = w.xs.commits;
	world_restart(&w);
	world_assert_connected(&w);
	assert_int_equal(w.kernel.calls, calls);
	assert_int_equal(w.xs.commits, commits);
	world_fini(&w);
}

static void what_somebody_changes_on_a_guests_netdev_is_set_right(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	struct twin_link *t = world_link(&w, "vif5.0");
	t->link.master = 0;
	twin_notify(&w.kernel);
	world_settle(&w);
	world_assert_connected(&w);
	t->link.flags = 0;
	twin_notify(&w.kernel);
	world_settle(&w);
	world_assert_connected(&w);
	world_fini(&w);
}

/* iPXE, kexec, a reloaded driver: netback removes the key and waits for it anew. */
static void a_frontend_that_reconnects_finds_connected_again(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_put(&w, BE "/state", "5");
	twin_xs_rm(&w.xs, BE "/hotplug-status");
	world_settle(&w);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "-");
	assert_string_equal(world_status(&w, 0), "waiting: wired; the guest's frontend is closed");
	world_put(&w, BE "/state", "6");
	world_settle(&w);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "-");
	world_put(&w, BE "/state", "2");
	world_settle(&w);
	world_assert_connected(&w);
	world_fini(&w);
}

/* ... also when the daemon was away meanwhile. */
static void a_missing_hotplug_status_of_a_wired_vif_is_published_after_a_restart(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_stop(&w);
	twin_xs_rm(&w.xs, BE "/hotplug-status");
	world_put(&w, BE "/state", "2");
	world_start(&w);
	world_settle(&w);
	world_assert_connected(&w);
	world_fini(&w);
}

/* libxl before 4.17 makes no hotplug-status: missing is not lost. */
static void a_vif_that_never_had_a_hotplug_status_waits_for_its_helper_over_a_restart(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	twin_xs_rm(&w.xs, BE "/hotplug-status");
	world_probe(&w, 0);
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	world_restart(&w);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "-");
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_live_netdev_keeps_its_name_whatever_vifname_says_by_now(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_put(&w, BE "/vifname", "web0");
	world_settle(&w);
	world_restart(&w);
	world_assert_connected(&w); /* vif5.0 */
	world_fini(&w);
}

static void a_vifname_is_the_netdevs_from_the_start_and_found_after_a_restart(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/vifname", "web0");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_wired(&w, "web0", "br0");
	int calls = w.kernel.calls;
	world_restart(&w);
	assert_string_equal(world_status(&w, 0), "connected");
	assert_int_equal(w.kernel.calls, calls);
	world_fini(&w);
}

static void a_running_guest_moves_when_its_network_key_does(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_configure(&w, "network here { mode = bridge\n bridge = br0 }\n"
			    "network there { mode = bridge\n bridge = br1\n isolated = true }\n");
	world_attach(&w);
	world_put(&w, BE "/network", "there");
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br1");
	assert_int_equal(world_link(&w, "vif5.0")->link.port_flags,
			 HOSTIF_PORT_ISOLATED | HOSTIF_PORT_LEARNING |
			 HOSTIF_PORT_LINKLOCAL);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "connected");
	world_put(&w, BE "/network", "nowhere");
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "nowhere"));
	world_assert_wired(&w, "vif5.0", "br1"); /* stays where it works */
	world_put(&w, BE "/network", "here");
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	twin_xs_rm(&w.xs, BE "/network");
	world_settle(&w);
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_reloaded_configuration_moves_the_guests_it_concerns(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	int calls = w.kernel.calls;
	world_configure(&w, "network other { mode = bridge\n bridge = br1 }\n"
			    "domain \"mail*\" { network = other }\n");
	world_settle(&w);
	assert_int_equal(w.kernel.calls, calls);
	assert_int_equal(netd_reload(&w.nd, NULL), 0); /* nothing new for anybody */
	world_configure(&w, "network other { mode = bridge\n bridge = br1 }\n"
			    "domain \"web*\" { network = other }\n");
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br1");
	world_fini(&w);
}

static void a_guest_that_is_renamed_moves_when_its_name_chooses_its_network(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_configure(&w, "network other { mode = bridge\n bridge = br1 }\n"
			    "domain \"db*\" { network = other }\n");
	world_attach(&w);
	world_put(&w, "/local/domain/5/name", "db1");
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br1");
	world_fini(&w);
}

static void the_emulated_twin_is_wired_beside_its_vif_and_may_go(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif_ioemu");
	twin_add(&w.kernel, "vif5.0-emu", "tun"); /* QEMU is first */
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	fd = world_helper(&w, "add");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_assert_wired(&w, "vif5.0-emu", "br0");
	world_del_link(&w, "vif5.0-emu"); /* the guest's drivers unplugged it */
	world_settle(&w);
	world_assert_connected(&w);
	fd = world_helper(&w, "remove");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_fini(&w);
}

static void a_tap_that_comes_late_is_waited_for_by_its_helper(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif_ioemu");
	world_probe(&w, 0);
	int online = world_helper(&w, "online"), add = world_helper(&w, "add");
	assert_string_equal(world_answer(&w, online), "ok");
	assert_string_equal(world_answer(&w, add), "");
	twin_add(&w.kernel, "vif5.0-emu", "tun");
	twin_notify(&w.kernel);
	assert_string_equal(world_answer(&w, add), "ok");
	world_assert_wired(&w, "vif5.0-emu", "br0");
	world_fini(&w);
}

static void another_scripts_vif_is_shown_and_never_touched(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/script", "/etc/xen/scripts/vif-bridge");
	world_probe(&w, 0);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0),
			    "unmanaged: wired by /etc/xen/scripts/vif-bridge, not by xen-netd");
	world_put(&w, BE "/state", "6");
	world_put(&w, BE "/online", "0");
	world_settle(&w);
	twin_xs_rm(&w.xs, BE);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "gone");
	assert_int_equal(w.kernel.calls, 0);
	assert_string_equal(w.xs.log, "");
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vif_is_wired_at_once_and_published_only_after_the_helper),
		cmocka_unit_test(a_helper_that_comes_before_any_event_is_answered_all_the_same),
		cmocka_unit_test(a_helper_that_comes_before_the_store_is_reached_waits_for_it),
		cmocka_unit_test(the_helper_waits_for_a_netdev_that_comes_late),
		cmocka_unit_test(a_netdev_that_never_comes_fails_the_helper_after_ten_seconds),
		cmocka_unit_test(a_helper_for_what_xenstore_does_not_know_is_told_so),
		cmocka_unit_test(a_helper_that_asks_nonsense_is_told_what_is_allowed),
		cmocka_unit_test(the_frontends_mtu_is_written_only_when_it_differs),
		cmocka_unit_test(the_frontend_is_told_the_mtu_of_its_vif_once),
		cmocka_unit_test(a_frontend_without_scatter_gather_stays_at_1500_and_is_told_so),
		cmocka_unit_test(a_connected_guest_is_left_in_peace_by_a_restarted_daemon),
		cmocka_unit_test(what_somebody_changes_on_a_guests_netdev_is_set_right),
		cmocka_unit_test(a_frontend_that_reconnects_finds_connected_again),
		cmocka_unit_test(
			a_missing_hotplug_status_of_a_wired_vif_is_published_after_a_restart),
		cmocka_unit_test(
			a_vif_that_never_had_a_hotplug_status_waits_for_its_helper_over_a_restart),
		cmocka_unit_test(a_live_netdev_keeps_its_name_whatever_vifname_says_by_now),
		cmocka_unit_test(a_vifname_is_the_netdevs_from_the_start_and_found_after_a_restart),
		cmocka_unit_test(a_running_guest_moves_when_its_network_key_does),
		cmocka_unit_test(a_reloaded_configuration_moves_the_guests_it_concerns),
		cmocka_unit_test(a_guest_that_is_renamed_moves_when_its_name_chooses_its_network),
		cmocka_unit_test(the_emulated_twin_is_wired_beside_its_vif_and_may_go),
		cmocka_unit_test(a_tap_that_comes_late_is_waited_for_by_its_helper),
		cmocka_unit_test(another_scripts_vif_is_shown_and_never_touched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
