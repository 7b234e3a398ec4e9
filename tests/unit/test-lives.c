// SPDX-License-Identifier: GPL-2.0-or-later
/* Lives: a number given to another device, a netdev that goes, notifications that were lost. */
#include "links.h"
#include "twin-nat.h"
#include "world.h"

int __real_rtnl_drain(struct rtnl *rt, struct links *links, struct err *e);
int __wrap_rtnl_drain(struct rtnl *rt, struct links *links, struct err *e);

int __real_rtnl_resync(struct rtnl *rt, struct links *links, struct err *e);
int __wrap_rtnl_resync(struct rtnl *rt, struct links *links, struct err *e);

static int drain_at;	      /* at this drain (1: the next) ... */
static const char *drain_del; /* ... this link is deleted first */
static int resync_fails;      /* so many resyncs */
static int resyncs;
static bool lost_again; /* what happens right behind the next resync is lost, too */

int __wrap_rtnl_resync(struct rtnl *rt, struct links *links, struct err *e)
{
	resyncs++;
	if (resync_fails > 0) {
		resync_fails--;
		links_resync_begin(links);
		return err_setf(e, -EAGAIN, "the network devices do not stand still to be listed");
	}
	int r = __real_rtnl_resync(rt, links, e);
	if (lost_again) {
		lost_again = false;
		twin_find(rt, "vif5.0")->link.master = 0;
		rt->lost = true;
	}
	return r;
}

int __wrap_rtnl_drain(struct rtnl *rt, struct links *links, struct err *e)
{
	if (drain_at && !--drain_at) {
		twin_del(rt, drain_del);
		twin_notify(rt);
	}
	return __real_rtnl_drain(rt, links, e);
}

static void a_netdev_that_goes_while_it_is_looked_at_is_not_used(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	drain_del = "vif5.0";
	drain_at = 2; /* 1: on_netlink; 2: wire_is_switched() in isolate() */
	world_del_link(&w, "br0");
	world_settle(&w);
	assert_int_equal(drain_at, 0);
	world_fini(&w);
}

static void a_vif_that_was_replaced_while_the_connection_was_away_waits_for_its_helper(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	twin_xs_lose(&w.xs);
	world_settle(&w);
	/* xl network-detach, xl network-attach: same number */
	world_del_link(&w, "vif5.0");
	world_settle(&w);
	twin_xs_rm(&w.xs, BE);
	world_add_vif(&w, 0, "vif");
	world_probe(&w, 0);
	world_settle(&w);
	twin_xs_return(&w.xs);
	world_settle(&w);
	print_message("%s; hotplug-status %s\n", world_status(&w, 0), world_get(&w, BE "/hotplug-status"));
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	world_fini(&w);
}

static void what_was_read_of_the_last_life_does_not_release_the_next(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	world_del_link(&w, "vif5.0");
	world_settle(&w);
	twin_xs_rm(&w.xs, BE);
	world_add_vif(&w, 0, "vif");
	w.xs.lose_at = w.xs.calls + 1; /* at the first read of the new directory */
	world_settle(&w);
	world_probe(&w, 0);
	world_settle(&w);
	twin_xs_return(&w.xs);
	world_settle(&w);
	print_message("%s; hotplug-status %s\n", world_status(&w, 0), world_get(&w, BE "/hotplug-status"));
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	world_fini(&w);
}

static void a_domains_directory_that_was_removed_begins_new_lives(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	twin_xs_rm(&w.xs, "/local/domain/0/backend/vif/5");
	/* a toolstack that makes no directory by itself: as world_add_vif without BE="" */
	world_put(&w, FE "/state", "1");
	world_put(&w, BE "/frontend-id", "5");
	world_put(&w, BE "/online", "1");
	world_put(&w, BE "/state", "2");
	world_put(&w, BE "/script", WORLD_HELPER);
	world_put(&w, BE "/mac", "00:16:3e:00:00:01");
	world_put(&w, BE "/bridge", "br0");
	world_put(&w, BE "/handle", "0");
	world_put(&w, BE "/type", "vif");
	world_put(&w, BE "/hotplug-status", "");
	world_settle(&w);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	world_fini(&w);
}

static void a_resync_that_failed_is_done_again(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	/* notifications are lost; among them that the port was taken off its bridge */
	world_link(&w, "vif5.0")->link.master = 0;
	w.kernel.lost = true;
	resync_fails = 1;
	twin_notify(&w.kernel);
	world_settle(&w);
	resyncs = 0;
	for (int i = 0; i < 300; i++)
		world_advance(&w, SECOND);
	/* even something that makes the daemon look */
	world_put(&w, BE "/online", "1");
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	world_fini(&w);
}

static void what_is_lost_behind_a_resync_is_read_again(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_attach(&w);
	w.kernel.lost = true;
	lost_again = true;
	twin_notify(&w.kernel);
	world_settle(&w);
	assert_false(lost_again);
	world_advance(&w, 2 * SECOND);
	world_assert_wired(&w, "vif5.0", "br0");
	world_fini(&w);
}

static void a_killed_helpers_wait_does_not_release_the_next_life(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/state", "2");
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "");
	close(fd); /* killed: no netdev yet */
	world_settle(&w);
	twin_xs_rm(&w.xs, BE);
	world_add_vif(&w, 0, "vif"); /* at once */
	world_settle(&w);
	world_probe(&w, 0);
	world_settle(&w);
	assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
	world_fini(&w);
}

static void refuse_list(struct twin_xs *xs, enum twin_request what, const char *path)
{
	(void)path;
	if (what == TWIN_LIST) {
		xs->fail_at = xs->calls + 1;
		xs->fail_code = -ENOMEM;
	}
}

static void a_refused_list_sweeps_nothing(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_add_vif(&w, 0, "vif");
	world_put(&w, BE "/bridge", "virbr0");
	world_settle(&w);
	world_probe(&w, 0);
	world_settle(&w);
	assert_string_equal(world_answer(&w, world_helper(&w, "online")), "ok");
	world_connect(&w);
	assert_true(twin_nat()->n_elems > 0);
	world_stop(&w);
	w.xs.meddle = refuse_list;
	world_start(&w);
	world_settle(&w);
	assert_true(twin_nat()->n_elems > 0);
	w.xs.meddle = NULL;
	for (int i = 0; i < 120; i++)
		world_advance(&w, SECOND);
	assert_true(twin_nat()->n_elems > 0);
	assert_int_equal(w.nd.vifs.count, 1);
	world_fini(&w);
}

/* The connection ends with list @nth_list of the scan. */
static int nth_list;

static void lose_on_list(struct twin_xs *xs, enum twin_request what, const char *path)
{
	(void)path;
	if (what == TWIN_LIST && nth_list && !--nth_list)
		xs->lose_at = xs->calls + 1;
}

static void a_scan_that_is_cut_short_is_no_whole_one(void **state)
{
	(void)state;
	for (int n = 1; n <= 2; n++) {
		struct world w;
		world_init(&w);
		world_attach(&w);
		world_stop(&w);
		nth_list = n;
		w.xs.meddle = lose_on_list;
		world_start(&w);
		world_settle(&w);
		assert_int_equal(nth_list, 0);
		assert_int_equal(w.nd.scanned_in, 0);
		w.xs.meddle = NULL;
		w.xs.lose_at = 0;
		twin_xs_return(&w.xs);
		world_settle(&w);
		assert_int_equal(w.nd.scanned_in, w.nd.connection);
		assert_int_equal(w.nd.vifs.count, 1);
		world_fini(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_netdev_that_goes_while_it_is_looked_at_is_not_used),
		cmocka_unit_test(a_vif_that_was_replaced_while_the_connection_was_away_waits_for_its_helper),
		cmocka_unit_test(what_was_read_of_the_last_life_does_not_release_the_next),
		cmocka_unit_test(a_domains_directory_that_was_removed_begins_new_lives),
		cmocka_unit_test(a_resync_that_failed_is_done_again),
		cmocka_unit_test(what_is_lost_behind_a_resync_is_read_again),
		cmocka_unit_test(a_killed_helpers_wait_does_not_release_the_next_life),
		cmocka_unit_test(a_refused_list_sweeps_nothing),
		cmocka_unit_test(a_scan_that_is_cut_short_is_no_whole_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
