// SPDX-License-Identifier: GPL-2.0-or-later
/* An attach in which each single call fails in turn: it heals, or the toolstack is told why not. */
#include "world.h"

enum { CALLS_MAX = 500 };

/* A vif that netback has made and the daemon, just started, has not seen. */
static void begin(struct world *w)
{
	world_init(w);
	world_stop(w);
	world_add_vif(w, 0, "vif");
	world_put(w, BE "/mtu", "1400");
	world_probe(w, 0);
	w->xs.calls = w->kernel.calls = 0;
	world_start(w);
}

static int ask_and_wait(struct world *w, char answer[ERR_TEXT_SIZE])
{
	int fd = world_helper(w, "online");
	for (int i = 0; i < 24; i++) {
		snprintf(answer, ERR_TEXT_SIZE, "%s", world_answer(w, fd));
		if (answer[0])
			return 0;
		world_advance(w, SECOND / 2);
	}
	return -1;
}

/* What the answer says is so; and a second helper finds all well. */
static void assert_heals(struct world *w, int n, const char *answer)
{
	char again[ERR_TEXT_SIZE] = "";
	if (!strcmp(answer, "ok")) {
		world_assert_connected(w);
	} else if (!strstr(answer, "vif5.0") || strlen(answer) < 20) {
		fail_msg("call %d: the helper was told \"%s\"", n, answer);
	}
	world_advance(w, 3 * SECOND);
	if (ask_and_wait(w, again) < 0 || strcmp(again, "ok"))
		fail_msg("call %d: once more, and the helper was told \"%s\"", n, again);
	world_assert_connected(w);
}

/* The request of a kind that is refused. */
struct refusal {
	enum twin_request what;
	int left, code;
};

static void refuse_one(struct twin_xs *xs, enum twin_request what, const char *path)
{
	struct refusal *r = xs->arg;
	(void)path;
	if (what == r->what && !--r->left) {
		xs->fail_at = xs->calls + 1;
		xs->fail_code = r->code;
	}
}

/* Refuses the first, second, … request of a kind. @return how many there are. */
static int refuse_each(enum twin_request what, int code)
{
	for (int n = 1;; n++) {
		struct world w;
		struct refusal r = {what, n, code};
		char answer[ERR_TEXT_SIZE];
		assert_true(n < CALLS_MAX);
		begin(&w);
		w.xs.meddle = refuse_one;
		w.xs.arg = &r;
		if (ask_and_wait(&w, answer) < 0)
			fail_msg("request %d of kind %d: the helper is never answered", n, what);
		w.xs.meddle = NULL;
		assert_heals(&w, n, answer);
		/* And is not deaf. */
		world_put(&w, BE "/mtu", "1300");
		world_settle(&w);
		if (world_link(&w, "vif5.0")->link.mtu != 1300)
			fail_msg("request %d of kind %d: the daemon is deaf", n, what);
		world_fini(&w);
		if (r.left > 0)
			return n - 1;
	}
}

static void a_refused_read_is_not_taken_for_a_missing_key(void **state)
{
	(void)state;
	assert_true(refuse_each(TWIN_READ, -EIO) > 20);
}

static void a_read_that_xenstored_has_no_memory_for_is_done_again(void **state)
{
	(void)state;
	assert_true(refuse_each(TWIN_READ, -ENOMEM) > 20);
}

static void a_refused_watch_does_not_leave_the_daemon_deaf(void **state)
{
	(void)state;
	assert_int_equal(refuse_each(TWIN_WATCH, -ENOMEM), 2);
}

static void a_refused_list_hides_no_vif_from_its_helper(void **state)
{
	(void)state;
	assert_int_equal(refuse_each(TWIN_LIST, -E2BIG), 2);
}

static void a_transaction_that_cannot_start_is_started_again(void **state)
{
	(void)state;
	assert_int_equal(refuse_each(TWIN_TX_START, -ENOSPC), 1);
}

static void a_refused_write_is_never_taken_for_published(void **state)
{
	(void)state;
	assert_int_equal(refuse_each(TWIN_WRITE, -ENOSPC), 3);
}

static void a_refused_commit_is_done_again(void **state)
{
	static const int codes[] = {-EAGAIN, -EIO, -ENOSPC, -ENOENT};
	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		assert_int_equal(refuse_each(TWIN_TX_END, codes[i]), 1);
}

static void whenever_the_connection_is_lost_the_attach_goes_on_after_it(void **state)
{
	int n = 1;
	(void)state;
	for (bool reached = true; reached; n++) {
		struct world w;
		char answer[ERR_TEXT_SIZE];
		assert_true(n < CALLS_MAX);
		begin(&w);
		w.xs.lose_at = n;
		int fd = world_helper(&w, "online");
		snprintf(answer, sizeof(answer), "%s", world_answer(&w, fd));
		reached = !w.xs.lose_at;
		if (reached && answer[0])
			fail_msg("lost at call %d, the helper was told \"%s\"", n, answer);
		if (reached)
			twin_xs_return(&w.xs);
		for (int i = 0; i < 4 && !answer[0]; i++) {
			snprintf(answer, sizeof(answer), "%s", world_answer(&w, fd));
			world_advance(&w, SECOND);
		}
		if (strcmp(answer, "ok"))
			fail_msg("lost at call %d, the helper was told \"%s\"", n, answer);
		world_assert_connected(&w);
		world_fini(&w);
	}
	assert_true(n > 25);
}

static void whenever_the_connection_is_lost_no_guest_is_wired_by_half_of_its_keys(void **state)
{
	int n = 1;
	(void)state;
	for (bool reached = true; reached; n++) {
		struct world w;
		assert_true(n < CALLS_MAX);
		world_init(&w);
		world_configure(&w, "network here { mode = bridge\n bridge = br1 }\n");
		world_attach(&w);
		world_put(&w, BE "/network", "here");
		world_settle(&w);
		world_assert_wired(&w, "vif5.0", "br1");
		world_stop(&w);
		int calls = w.kernel.calls;
		w.xs.calls = 0;
		w.xs.lose_at = n;
		world_start(&w);
		world_settle(&w);
		reached = !w.xs.lose_at;
		world_advance(&w, 5 * SECOND);
		if (w.kernel.calls != calls)
			fail_msg("lost at call %d: the guest was touched: %s", n, w.kernel.trace);
		if (reached)
			twin_xs_return(&w.xs);
		world_settle(&w);
		assert_string_equal(world_status(&w, 0), "connected");
		assert_int_equal(w.kernel.calls, calls);
		world_fini(&w);
	}
	assert_true(n > 20);
}

static void whichever_call_the_kernel_refuses_the_helper_is_told_and_the_vif_heals(void **state)
{
	int n = 1;
	(void)state;
	for (bool reached = true; reached; n++) {
		struct world w;
		char answer[ERR_TEXT_SIZE];
		begin(&w);
		w.kernel.fail_at = n;
		w.kernel.fail_code = -EPERM;
		if (ask_and_wait(&w, answer) < 0)
			fail_msg("call %d: the helper is never answered", n);
		reached = w.kernel.calls >= n;
		/* "ok": it was the wiring ahead of the helper that failed, and it has healed since. */
		bool failed = strcmp(answer, "ok");
		if (failed && !strstr(answer, "vif5.0 (web1): "))
			fail_msg("call %d: \"%s\"", n, answer);
		char written[ERR_TEXT_SIZE + 64];
		snprintf(written, sizeof(written), BE "/hotplug-error=%s\n", answer);
		if (failed && !twin_xs_logged(&w.xs, written))
			fail_msg("call %d: \"%s\" was not in hotplug-error", n, answer);
		/* Nobody asks again: the pause is enough. */
		world_advance(&w, SECOND + 1000);
		world_assert_connected(&w);
		world_fini(&w);
	}
	assert_true(n > 4);
}

/* ---- the directory goes away in the middle ---- */

struct scissors {
	int left; /* requests to go */
};

static void cut(struct twin_xs *xs, enum twin_request what, const char *path)
{
	struct scissors *s = xs->arg;
	(void)what;
	(void)path;
	if (--s->left)
		return;
	twin_xs_rm(xs, "/local/domain/5");
	twin_xs_rm(xs, "/local/domain/0/backend/vif/5");
}

static void remove_at_each_request(const char *bridge, const char *expected)
{
	int n = 1;
	for (bool reached = true; reached; n++) {
		struct world w;
		struct scissors s = {n};
		char answer[ERR_TEXT_SIZE];
		assert_true(n < CALLS_MAX);
		begin(&w);
		world_put(&w, BE "/bridge", bridge);
		w.xs.meddle = cut;
		w.xs.arg = &s;
		if (ask_and_wait(&w, answer) < 0)
			fail_msg("removed at request %d: the helper is never answered", n);
		reached = s.left <= 0;
		if (!reached) { /* removed after all was done */
			assert_non_null(strstr(answer, expected));
			s.left = 1;
			world_put(&w, BE "/rate", "1,1");
			world_put(&w, BE "/mtu", "1300");
			world_settle(&w);
		}
		world_advance(&w, 61 * SECOND);
		const char *left = twin_xs_get(&w.xs, "/local/domain/0/backend/vif/5");
		const char *front = twin_xs_get(&w.xs, "/local/domain/5");
		if (left || front)
			fail_msg("removed at request %d, and made again:\n%s", n, w.xs.log);
		assert_string_equal(world_status(&w, 0), "gone");
		world_assert_unwired(&w, "vif5.0");
		world_fini(&w);
	}
	assert_true(n > 25);
}

static void whenever_the_directory_is_removed_it_stays_removed(void **state)
{
	(void)state;
	remove_at_each_request("br0", "ok");
}

static void whenever_the_directory_of_a_failing_vif_is_removed_it_stays_removed(void **state)
{
	(void)state;
	remove_at_each_request("none", "bridge \"none\"");
}

/* ---- conflicts ---- */

static void a_few_conflicts_cost_no_time(void **state)
{
	struct world w;
	(void)state;
	begin(&w);
	w.xs.conflicts = 20;
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	assert_int_equal(w.xs.commits, 21);
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_storm_of_conflicts_is_sat_out_with_pauses(void **state)
{
	struct world w;
	(void)state;
	begin(&w);
	w.xs.conflicts = 100000;
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "");
	int commits = w.xs.commits;
	assert_in_range(commits, 2, 100);
	world_advance(&w, SECOND / 2);
	assert_int_equal(w.xs.commits, commits); /* a pause is a pause */
	world_advance(&w, 2 * SECOND);
	assert_in_range(w.xs.commits, commits + 1, commits + 200);
	w.xs.conflicts = 0;
	world_advance(&w, SECOND + 1000);
	assert_string_equal(world_answer(&w, fd), "ok");
	world_assert_connected(&w);
	world_fini(&w);
}

static void a_storm_that_does_not_end_is_told_to_the_helper_in_time(void **state)
{
	struct world w;
	char answer[ERR_TEXT_SIZE];
	(void)state;
	begin(&w);
	w.xs.conflicts = 100000;
	assert_int_equal(ask_and_wait(&w, answer), 0);
	assert_non_null(strstr(answer, "vif5.0 (web1): gave up after 10 s"));
	world_fini(&w);
}

/* Each look at the transaction finds that netback has been there. */
static void bump(struct twin_xs *xs, enum twin_request what, const char *path)
{
	int *left = xs->arg;
	(void)path;
	if (what != TWIN_TX_END || !*left)
		return;
	--*left;
	twin_xs_put(xs, BE "/state", *left % 2 ? "3" : "2");
}

static void a_change_between_look_and_commit_is_never_written_over(void **state)
{
	struct world w;
	int left = 7;
	(void)state;
	begin(&w);
	w.xs.meddle = bump;
	w.xs.arg = &left;
	int fd = world_helper(&w, "online");
	assert_string_equal(world_answer(&w, fd), "ok");
	assert_int_equal(left, 0);
	assert_true(w.xs.commits > 1);
	assert_int_equal(twin_xs_logged(&w.xs, BE "/hotplug-status=connected"), 1);
	world_assert_connected(&w);
	world_fini(&w);
}

/* No conflict for xenstored: nobody read or wrote that key in the transaction. */
static void rewire(struct twin_xs *xs, enum twin_request what, const char *path)
{
	(void)path;
	if (what == TWIN_TX_START && xs->arg) {
		xs->arg = NULL;
		twin_xs_put(xs, BE "/bridge", "br1");
	}
}

static void connected_is_not_written_for_a_wiring_that_is_out_of_date(void **state)
{
	struct world w;
	(void)state;
	begin(&w);
	w.xs.meddle = rewire;
	w.xs.arg = &w;
	int fd = world_helper(&w, "online");
	while (strcmp(world_get(&w, BE "/hotplug-status"), "connected"))
		assert_true(sd_event_run(w.nd.event, 0) > 0);
	world_assert_wired(&w, "vif5.0", "br1");
	assert_string_equal(world_answer(&w, fd), "ok");
	world_fini(&w);
}

/* ---- the netdev goes away in the middle ---- */

static int vanish_at;

static void vanish(struct rtnl *rt)
{
	if (rt->calls == vanish_at)
		twin_del(rt, "vif5.0");
}

static void a_netdev_that_goes_while_it_is_wired_is_waited_for_again(void **state)
{
	int n = 1;
	(void)state;
	for (bool reached = true; reached; n++) {
		struct world w;
		begin(&w);
		vanish_at = n;
		w.kernel.meddle = vanish;
		int fd = world_helper(&w, "online");
		const char *answer = world_answer(&w, fd);
		reached = !twin_find(&w.kernel, "vif5.0");
		if (reached && answer[0])
			fail_msg("gone at call %d, and the helper was told \"%s\"", n, answer);
		if (reached) {
			assert_string_equal(world_get(&w, BE "/hotplug-status"), "");
			world_probe(&w, 0);
			assert_string_equal(world_answer(&w, fd), "ok");
		}
		world_assert_connected(&w);
		world_fini(&w);
	}
	assert_true(n > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_read_is_not_taken_for_a_missing_key),
		cmocka_unit_test(a_read_that_xenstored_has_no_memory_for_is_done_again),
		cmocka_unit_test(a_refused_watch_does_not_leave_the_daemon_deaf),
		cmocka_unit_test(a_refused_list_hides_no_vif_from_its_helper),
		cmocka_unit_test(a_transaction_that_cannot_start_is_started_again),
		cmocka_unit_test(a_refused_write_is_never_taken_for_published),
		cmocka_unit_test(a_refused_commit_is_done_again),
		cmocka_unit_test(whenever_the_connection_is_lost_the_attach_goes_on_after_it),
		cmocka_unit_test(
			whenever_the_connection_is_lost_no_guest_is_wired_by_half_of_its_keys),
		cmocka_unit_test(
			whichever_call_the_kernel_refuses_the_helper_is_told_and_the_vif_heals),
		cmocka_unit_test(whenever_the_directory_is_removed_it_stays_removed),
		cmocka_unit_test(
			whenever_the_directory_of_a_failing_vif_is_removed_it_stays_removed),
		cmocka_unit_test(connected_is_not_written_for_a_wiring_that_is_out_of_date),
		cmocka_unit_test(a_few_conflicts_cost_no_time),
		cmocka_unit_test(a_storm_of_conflicts_is_sat_out_with_pauses),
		cmocka_unit_test(a_storm_that_does_not_end_is_told_to_the_helper_in_time),
		cmocka_unit_test(a_change_between_look_and_commit_is_never_written_over),
		cmocka_unit_test(a_netdev_that_goes_while_it_is_wired_is_waited_for_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
