// SPDX-License-Identifier: GPL-2.0-or-later
/* How a vif ends, by the toolstack's hand or not at all; and the life of it in a driver domain. */
#include "world.h"

/* xl network-detach, up to where libxl runs the helper. */
static void close_vif(struct world *w)
{
	world_put(w, BE "/online", "0");
	world_put(w, BE "/state", "5");
	world_settle(w);
	world_put(w, BE "/state", "6");
	world_del_link(w, "vif5.0");
	twin_xs_rm(&w->xs, BE "/hotplug-status");
	world_settle(w);
}

static void a_detached_vif_is_wired_until_its_frontend_has_closed(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_put(&w, BE "/online", "0");
	world_put(&w, BE "/state", "5");
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	assert_string_equal(world_status(&w, 0), "waiting: being removed by the toolstack");
	world_put(&w, BE "/state", "6");
	world_settle(&w);
	world_assert_unwired(&w, "vif5.0"); /* netback is late to unregister it */
	assert_string_equal(world_link(&w, "vif5.0")->link.alias, "");
	int fd = world_helper(&w, "offline");
	assert_string_equal(world_answer(&w, fd), "ok");
	twin_xs_rm(&w.xs, BE);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "gone");
	assert_int_equal(w.nd.vifs.count, 0);
	assert_string_equal(world_get(&w, BE), "-");
	world_fini(&w);
}

static void offline_is_answered_well_when_all_is_gone_already(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	close_vif(&w);
	int fd = world_helper(&w, "offline");
	assert_string_equal(world_answer(&w, fd), "ok");
	twin_xs_rm(&w.xs, BE);
	fd = world_helper(&w, "offline");
	assert_string_equal(world_answer(&w, fd), "ok");
	fd = world_ask(&w, "offline", "vif", "backend/vif/77/3"); /* never heard of */
	assert_string_equal(world_answer(&w, fd), "ok");
	fd = world_ask(&w, "remove", "tap", "backend/vif/77/3");
	assert_string_equal(world_answer(&w, fd), "ok");
	assert_int_equal(w.nd.vifs.count, 0);
	assert_string_equal(world_get(&w, "/local/domain/0/backend/vif/77"), "-");
	world_fini(&w);
}

static void offline_takes_any_vif_apart_and_online_brings_it_back(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w); /* online=1, state 4 */
	int fd = world_helper(&w, "offline");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_unwired(&w, "vif5.0");
	fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void offline_of_a_vif_that_failed_is_answered_well(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/bridge", "none");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	assert_non_null(strstr(world_answer(&w, fd), "none"));
	close_vif(&w);
	fd = world_helper(&w, "offline");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_fini(&w);
}

static void an_attach_that_is_taken_back_while_it_waits_is_told_so(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/state", "2");
	int fd = world_helper(&w, "online"); /* the netdev is not there yet */
	assert_string_equal(world_answer(&w, fd), "");
	world_put(&w, BE "/online", "0");
	assert_non_null(
		strstr(world_answer(&w, fd), "vif5.0 (web1): the toolstack is removing it"));
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	world_fini(&w);
}

static void check_gone(const char *removed)
{
	struct world w;
	world_init(&w);
	world_add_vif(&w, 0, "vif_ioemu");
	twin_add(&w.kernel, "vif5.0-emu", "tun");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	twin_xs_rm(&w.xs, removed);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "gone");
	world_assert_unwired(&w, "vif5.0");
	world_assert_unwired(&w, "vif5.0-emu");
	assert_string_equal(world_get(&w, removed), "-");
	world_fini(&w);
}

static void a_directory_that_is_gone_takes_vif_and_twin_with_it(void **state)
{
	(void)state;
	check_gone(BE);
	check_gone("/local/domain/0/backend/vif/5");
}

/* One event, for the top of what was removed. */
static void so_does_a_directory_of_all_vifs_that_is_gone(void **state)
{
	(void)state;
	check_gone("/local/domain/0/backend/vif");
	check_gone("/local/domain/0/backend");
}

static void what_does_not_carry_the_vifs_tag_is_not_taken_apart(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	strcpy(world_link(&w, "vif5.0")->link.alias, "mine now"); /* somebody took it over */
	twin_notify(&w.kernel);
	twin_xs_rm(&w.xs, BE);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "gone");
	assert_int_equal(world_link(&w, "vif5.0")->link.master,
			 world_link(&w, "br0")->link.ifindex);
	assert_true(world_link(&w, "vif5.0")->link.flags & IFF_UP);
	world_fini(&w);
}

/* ---- a number that is used again ---- */

static void be_reborn(struct world *w, const char *removed)
{
	twin_xs_rm(&w->xs, removed);
	twin_del(&w->kernel, "vif5.0");
	world_add_vif(w, 0, "vif");
	world_put(w, BE "/bridge", "br1");
	world_probe(w, 0);
}

static void a_domid_that_is_used_again_waits_for_its_own_helper(void **state)
{
	static const char *const removed[] = {
		BE, "/local/domain/0/backend/vif/5", "/local/domain/0/backend/vif",
		"/local/domain/0/backend",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(removed) / sizeof(*removed); i++) {
		struct world w;
		world_init(&w);
		world_attach(&w);
		be_reborn(&w, removed[i]); /* all of it between two looks */
		world_settle(&w);
		assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
		world_assert_wired(&w, "vif5.0", "br1");
		int fd = world_helper(&w, "online");
		assert_string_equal(world_answer(&w, fd), "ok");
		assert_string_equal(world_get(&w, BE "/hotplug-status"), "connected");
		world_fini(&w);
	}
}

static void a_domid_that_is_used_again_while_the_daemon_is_away_waits_for_its_helper(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_stop(&w);
	be_reborn(&w, BE);
	world_start(&w);
	world_settle(&w);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	world_assert_wired(&w, "vif5.0", "br1");
	world_fini(&w);
}

/* ---- xenstored goes away ---- */

static void a_lost_connection_disturbs_nobody(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	int calls = w.kernel.calls, commits = w.xs.commits;
	twin_xs_lose(&w.xs);
	world_advance(&w, 60 * SECOND);
	assert_string_equal(world_status(&w, 0), "connected");
	twin_xs_return(&w.xs);
	world_settle(&w);
	world_assert_connected(&w);
	assert_int_equal(w.kernel.calls, calls);
	assert_int_equal(w.xs.commits, commits);
	world_put(&w, BE "/mtu", "1400"); /* and it hears again */
	world_settle(&w);
	assert_int_equal(world_link(&w, "vif5.0")->link.mtu, 1400);
	world_fini(&w);
}

static void an_empty_xenstored_does_not_take_guests_off_their_network(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	int calls = w.kernel.calls;
	twin_xs_lose(&w.xs);
	twin_xs_clear(&w.xs);
	twin_xs_return(&w.xs);
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "connected: xenstored was restarted"));
	world_assert_wired(&w, "vif5.0", "br0");
	assert_int_equal(w.kernel.calls, calls);
	assert_string_equal(world_get(&w, BE), "-");
	/* Still looked after ... */
	world_link(&w, "vif5.0")->link.flags = 0;
	twin_notify(&w.kernel);
	world_settle(&w);
	assert_int_equal(w.kernel.calls >= calls, 1);
	/* ... until its device goes. */
	world_del_link(&w, "vif5.0");
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "gone");
	world_fini(&w);
}

static void what_changed_while_the_connection_was_lost_is_taken_in(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	twin_xs_lose(&w.xs);
	world_settle(&w);
	world_put(&w, BE "/mtu", "1400");
	world_add_vif(&w, 1, "vif");
	world_probe(&w, 1);
	world_settle(&w);
	assert_string_equal(world_status(&w, 1), "gone"); /* not known yet */
	twin_xs_return(&w.xs);
	world_settle(&w);
	assert_int_equal(world_link(&w, "vif5.0")->link.mtu, 1400);
	world_assert_wired(&w, "vif5.1", "br0");
	world_fini(&w);
}

static void without_xenstored_the_kernels_side_is_kept_in_order(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	twin_xs_lose(&w.xs);
	world_settle(&w);
	world_link(&w, "vif5.0")->link.master = 0;
	twin_notify(&w.kernel);
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	world_fini(&w);
}

static void a_helper_waits_for_xenstored_to_come_back(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	world_settle(&w);
	twin_xs_lose(&w.xs);
	int fd = world_helper(&w, "online"), other = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "");
	world_advance(&w, 5 * SECOND);
	assert_string_equal(world_answer(&w, fd), "");
	twin_xs_return(&w.xs);
	assert_string_equal(world_answer(&w, fd), "ok");
	assert_string_equal(world_answer(&w, other), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_helper_is_told_when_xenstored_stays_away(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	world_settle(&w);
	twin_xs_lose(&w.xs);
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "");
	world_advance(&w, 10 * SECOND + 1000);
	assert_string_equal(world_answer(&w, fd),
			    "vif5.0 (web1): gave up after 10 s: no connection to xenstored");
	world_fini(&w);
}

/* ---- a driver domain ---- */

#define DBE "/local/domain/7/backend/vif/5"

static void in_a_driver_domain_no_helper_is_waited_for(void **state)
{
	struct world w;
	(void)state;
	world_init_in(&w, 7);
	world_add_vif(&w, 0, "vif");
	world_put(&w, DBE "/0/script", "/usr/lib/xen/scripts/vif-bridge"); /* dom0's path */
	world_settle(&w);
	assert_string_equal(world_get(&w, DBE "/0/hotplug-status"), "");
	world_probe(&w, 0);
	world_settle(&w);
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_driver_domain_publishes_its_errors_by_itself(void **state)
{
	struct world w;
	(void)state;
	world_init_in(&w, 7);
	world_add_vif(&w, 0, "vif");
	world_put(&w, DBE "/0/bridge", "none");
	world_probe(&w, 0);
	world_settle(&w);
	assert_string_equal(world_get(&w, DBE "/0/hotplug-status"), "error");
	assert_non_null(strstr(world_get(&w, DBE "/0/hotplug-error"), "none"));
	world_fini(&w);
}

static void close_in_driver_domain(struct world *w, uint32_t devid)
{
	char path[96];
	snprintf(path, sizeof(path), DBE "/%u/online", devid);
	world_put(w, path, "0");
	snprintf(path, sizeof(path), DBE "/%u/state", devid);
	world_put(w, path, "5");
	world_settle(w);
	assert_string_not_equal(world_get(w, path), "-"); /* not before it has closed */
	world_put(w, path, "6");
	world_settle(w);
}

static void a_driver_domain_removes_a_closed_vif_and_nothing_else(void **state)
{
	struct world w;
	(void)state;
	world_init_in(&w, 7);
	world_add_vif(&w, 0, "vif");
	world_add_vif(&w, 1, "vif");
	world_probe(&w, 0);
	world_probe(&w, 1);
	world_put(&w, "/local/domain/7/backend/vif/6/0/state", "1");
	world_settle(&w);
	world_assert_connected(&w);
	close_in_driver_domain(&w, 0);
	assert_string_equal(world_get(&w, DBE "/0"), "-");
	assert_string_equal(world_get(&w, DBE "/1/hotplug-status"), "connected");
	close_in_driver_domain(&w, 1);
	assert_string_equal(world_get(&w, DBE "/1"), "-");
	assert_string_equal(world_get(&w, "/local/domain/7/backend/vif/6/0/state"), "1");
	/* What is left empty belongs to dom0: an attempt would spoil the transaction. */
	assert_int_equal(twin_xs_logged(&w.xs, DBE "-"), 0);
	world_fini(&w);
}

static void back_online(struct twin_xs *xs, enum twin_request what, const char *path)
{
	(void)path;
	if (what == TWIN_TX_START && xs->arg)
		twin_xs_put(xs, DBE "/0/online", "1");
	xs->arg = what == TWIN_TX_START ? NULL : xs->arg;
}

static void a_driver_domain_does_not_remove_what_is_wanted_again(void **state)
{
	struct world w;
	(void)state;
	world_init_in(&w, 7);
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	world_settle(&w);
	w.xs.meddle = back_online;
	w.xs.arg = &w;
	close_in_driver_domain(&w, 0);
	assert_null(w.xs.arg);
	assert_string_equal(world_get(&w, DBE "/0/state"), "6");
	assert_int_equal(twin_xs_logged(&w.xs, DBE "-"), 0);
	world_fini(&w);
}

static void a_renamed_tap_is_taken_off_after_a_restart(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif_ioemu");
	world_put(&w, BE "/vifname", "web");
	world_probe(&w, 0);
	twin_add(&w.kernel, "vif5.0-emu", "tun");
	twin_notify(&w.kernel);
	assert_string_equal(world_answer(&w, world_helper(&w, "online")), "ok");
	world_connect(&w);
	assert_string_equal(world_answer(&w, world_helper(&w, "add")), "ok");
	assert_true(world_link(&w, "web-emu")->link.master);
	world_stop(&w);
	world_put(&w, BE "/online", "0");
	world_put(&w, BE "/state", "6");
	world_start(&w);
	world_settle(&w);
	assert_string_equal(world_answer(&w, world_helper(&w, "offline")), "ok");
	assert_string_equal(world_answer(&w, world_helper(&w, "remove")), "ok");
	world_assert_unwired(&w, "web-emu");
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_detached_vif_is_wired_until_its_frontend_has_closed),
		cmocka_unit_test(offline_is_answered_well_when_all_is_gone_already),
		cmocka_unit_test(offline_takes_any_vif_apart_and_online_brings_it_back),
		cmocka_unit_test(offline_of_a_vif_that_failed_is_answered_well),
		cmocka_unit_test(an_attach_that_is_taken_back_while_it_waits_is_told_so),
		cmocka_unit_test(a_directory_that_is_gone_takes_vif_and_twin_with_it),
		cmocka_unit_test(so_does_a_directory_of_all_vifs_that_is_gone),
		cmocka_unit_test(what_does_not_carry_the_vifs_tag_is_not_taken_apart),
		cmocka_unit_test(a_domid_that_is_used_again_waits_for_its_own_helper),
		cmocka_unit_test(
			a_domid_that_is_used_again_while_the_daemon_is_away_waits_for_its_helper),
		cmocka_unit_test(a_lost_connection_disturbs_nobody),
		cmocka_unit_test(an_empty_xenstored_does_not_take_guests_off_their_network),
		cmocka_unit_test(what_changed_while_the_connection_was_lost_is_taken_in),
		cmocka_unit_test(without_xenstored_the_kernels_side_is_kept_in_order),
		cmocka_unit_test(a_helper_waits_for_xenstored_to_come_back),
		cmocka_unit_test(a_helper_is_told_when_xenstored_stays_away),
		cmocka_unit_test(in_a_driver_domain_no_helper_is_waited_for),
		cmocka_unit_test(a_driver_domain_publishes_its_errors_by_itself),
		cmocka_unit_test(a_driver_domain_does_not_remove_what_is_wanted_again),
		cmocka_unit_test(
			a_driver_domain_removes_a_closed_vif_and_nothing_else),
		cmocka_unit_test(a_renamed_tap_is_taken_off_after_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
