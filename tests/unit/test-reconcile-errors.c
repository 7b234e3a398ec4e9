// SPDX-License-Identifier: GPL-2.0-or-later
/* A vif that cannot be wired: who is told what, and how it recovers. */
#include "world.h"

static void an_error_is_in_xenstore_before_the_helper_is_answered(void **state)
{
	struct world w;
	char byte;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/bridge", "xenbr9");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	while (recv(fd, &byte, 1, MSG_PEEK) != 1)
		assert_true(sd_event_run(w.nd.event, 0) > 0);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "error");
	char error[ERR_TEXT_SIZE];
	snprintf(error, sizeof(error), "%s", world_get(&w, BE "/hotplug-error"));
	assert_non_null(strstr(error, "vif5.0 (web1): bridge \"xenbr9\" "));
	assert_non_null(strstr(error, "br0, br1"));
	assert_string_equal(world_answer(&w, fd), error);
	world_assert_unwired(&w, "vif5.0");
	assert_memory_equal(world_status(&w, 0), "error: vif5.0", 13);
	world_fini(&w);
}

/* As the error is about to be written, the guest is gone and another has its number. */
static void take_over(struct twin_xs *xs, enum twin_request what, const char *path)
{
	struct world *w = xs->arg;
	(void)path;
	if (what != TWIN_TX_START || !w)
		return;
	xs->arg = NULL;
	twin_xs_rm(xs, BE);
	world_add_vif(w, 0, "vif");
}

static void the_error_of_a_vif_that_has_gone_is_not_told_to_its_successor(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/bridge", "xenbr9");
	world_probe(&w, 0);
	w.xs.meddle = take_over;
	w.xs.arg = &w;
	int fd = world_helper(&w, "online");
	world_settle(&w);
	assert_null(w.xs.arg);
	assert_int_equal(twin_xs_logged(&w.xs, BE "/hotplug-error="), 0);
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_wired(&w, "vif5.0", "br0");
	world_fini(&w);
}

static void without_a_helper_an_error_is_shown_but_not_published(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/bridge", "xenbr9");
	world_probe(&w, 0);
	world_settle(&w);
	assert_memory_equal(world_status(&w, 0), "error: ", 7);
	assert_string_equal(w.xs.log, "");
	world_fini(&w);
}

static void a_failed_vif_recovers_by_itself_when_its_bridge_appears(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/script", "/none");
	world_put(&w, BE "/script", WORLD_HELPER);
	world_put(&w, BE "/bridge", "br9");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	assert_non_null(strstr(world_answer(&w, fd), "br9"));
	twin_add(&w.kernel, "br9", "bridge")->link.flags = IFF_UP;
	twin_notify(&w.kernel);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "connected");
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "connected");
	assert_string_equal(world_get(&w, BE "/hotplug-error"), "-");
	world_assert_wired(&w, "vif5.0", "br9");
	world_fini(&w);
}

static void a_failed_vif_is_tried_again_with_pauses_that_grow(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	int calls = w.kernel.calls;
	/* The kernel refuses for a while, and says nothing when it no longer does. */
	w.kernel.fail_at = calls + 1;
	w.kernel.fail_code = -EPERM;
	world_link(&w, "vif5.0")->link.flags = 0;
	twin_notify(&w.kernel);
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "error: vif5.0 (web1): set vif5.0 up: "));
	assert_int_equal(w.kernel.calls, calls + 1);
	world_advance(&w, SECOND / 2);
	assert_int_equal(w.kernel.calls, calls + 1);
	w.kernel.fail_at = calls + 2;
	world_advance(&w, SECOND / 2 + 1000);
	assert_int_equal(w.kernel.calls, calls + 2);
	world_advance(&w, SECOND + 1000);
	assert_int_equal(w.kernel.calls, calls + 2); /* two seconds now */
	world_advance(&w, SECOND);
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_connected_guests_hotplug_status_is_never_turned_into_error(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_put(&w, BE "/mtu", "much");
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "error: vif5.0 (web1): xenstore key \"mtu\""));
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "connected");
	world_assert_wired(&w, "vif5.0", "br0"); /* what works is kept */
	world_put(&w, BE "/mtu", "1400");
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "connected");
	assert_int_equal(world_link(&w, "vif5.0")->link.mtu, 1400);
	world_fini(&w);
}

static void events_do_not_make_the_pause_longer(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	w.kernel.fail_code = -EPERM;
	for (int i = 0; i < 6; i++) {
		w.kernel.fail_at = w.kernel.calls + 1;
		world_link(&w, "vif5.0")->link.flags = 0;
		world_link(&w, "vif5.0")->link.max_mtu = 2000 + i; /* news */
		twin_notify(&w.kernel);
		world_settle(&w);
		assert_memory_equal(world_status(&w, 0), "error: ", 7);
	}
	world_advance(&w, SECOND + 1000);
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_guest_whose_bridge_is_deleted_is_down_until_it_is_back(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_del_link(&w, "br0");
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "bridge \"br0\" does not exist"));
	world_assert_unwired(&w, "vif5.0"); /* no guest talks to dom0 by accident */
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "connected");
	twin_add(&w.kernel, "br0", "bridge")->link.flags = IFF_UP;
	twin_notify(&w.kernel);
	world_settle(&w);
	world_assert_connected(&w);
	world_fini(&w);
}

/* Rolled back, and not tried again by the news of its own rollback. */
static void a_vif_that_fails_half_way_waits_for_its_pause(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_link(&w, "br0")->full = true;
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "bridge br0 is full"));
	assert_in_range(w.kernel.calls, 1, 20);
	world_assert_unwired(&w, "vif5.0");
	world_link(&w, "br0")->full = false;
	world_advance(&w, SECOND + 1000);
	world_assert_wired(&w, "vif5.0", "br0");
	world_fini(&w);
}

static void an_uplink_that_appears_lets_its_bridges_guests_recover_at_once(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_configure(&w, "network lab { mode = bridge\n create = true\n uplink = eth9 }\n");
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/network", "lab");
	world_probe(&w, 0);
	int fd = world_helper(&w, "online");
	assert_non_null(strstr(world_answer(&w, fd), "eth9"));
	twin_add(&w.kernel, "eth9", "");
	twin_notify(&w.kernel);
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "connected");
	world_assert_wired(&w, "vif5.0", "lab");
	assert_int_equal(world_link(&w, "eth9")->link.master, world_link(&w, "lab")->link.ifindex);
	world_fini(&w);
}

static void a_helpers_deadline_stands_when_other_timers_come_before_it(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 1, "vif");
	w.kernel.fail_at = w.kernel.calls + 1;
	w.kernel.fail_code = -EPERM;
	world_probe(&w, 1);
	world_settle(&w);
	assert_memory_equal(world_status(&w, 1), "error: ", 7); /* tried again in a second */
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/state", "2");
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "");
	world_advance(&w, SECOND + 1000);
	assert_memory_equal(world_status(&w, 1), "waiting: wired", 14);
	assert_string_equal(world_answer(&w, fd), "");
	world_advance(&w, 9 * SECOND);
	assert_non_null(strstr(world_answer(&w, fd), "gave up after 10 s"));
	world_fini(&w);
}

static void an_uplink_with_a_link_local_address_alone_is_taken(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	struct twin_link *up = twin_add(&w.kernel, "eth0", "");
	struct twin_addr *a = w.kernel.tables.addrs;
	while (a->ifindex)
		a++;
	*a = (struct twin_addr){up->link.ifindex, {AF_INET6, 64, false, {0xfe, 0x80, [15] = 9}}};
	up->link.n_addrs = 1;
	up->link.flags = IFF_UP;
	twin_notify(&w.kernel);
	world_configure(&w, "network lan { mode = bridge create = true uplink = eth0 }\n"
			    "domain \"web1\" { network = lan }\n");
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	assert_string_equal(world_answer(&w, world_helper(&w, "online")), "ok");
	assert_int_equal(world_link(&w, "eth0")->link.master, world_link(&w, "lan")->link.ifindex);
	world_fini(&w);
}

static void a_tap_is_found_again_whichever_call_fails_as_it_is_renamed(void **state)
{
	(void)state;
	for (int n = 1; n <= 4; n++) {
		struct world w;
		world_init(&w);
		world_add_vif(&w, 0, "vif_ioemu");
		world_put(&w, BE "/vifname", "web");
		world_probe(&w, 0);
		assert_string_equal(world_answer(&w, world_helper(&w, "online")), "ok");
		world_connect(&w);
		w.kernel.fail_at = w.kernel.calls + n;
		w.kernel.fail_code = -ENOMEM;
		twin_add(&w.kernel, "vif5.0-emu", "tun");
		twin_notify(&w.kernel);
		world_settle(&w);
		for (int i = 0; i < 3; i++)
			world_advance(&w, 60 * SECOND);
		world_assert_wired(&w, "web-emu", "br0");
		world_fini(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_in_xenstore_before_the_helper_is_answered),
		cmocka_unit_test(the_error_of_a_vif_that_has_gone_is_not_told_to_its_successor),
		cmocka_unit_test(without_a_helper_an_error_is_shown_but_not_published),
		cmocka_unit_test(a_failed_vif_recovers_by_itself_when_its_bridge_appears),
		cmocka_unit_test(a_failed_vif_is_tried_again_with_pauses_that_grow),
		cmocka_unit_test(a_connected_guests_hotplug_status_is_never_turned_into_error),
		cmocka_unit_test(events_do_not_make_the_pause_longer),
		cmocka_unit_test(a_guest_whose_bridge_is_deleted_is_down_until_it_is_back),
		cmocka_unit_test(a_vif_that_fails_half_way_waits_for_its_pause),
		cmocka_unit_test(an_uplink_that_appears_lets_its_bridges_guests_recover_at_once),
		cmocka_unit_test(a_helpers_deadline_stands_when_other_timers_come_before_it),
		cmocka_unit_test(an_uplink_with_a_link_local_address_alone_is_taken),
		cmocka_unit_test(a_tap_is_found_again_whichever_call_fails_as_it_is_renamed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
