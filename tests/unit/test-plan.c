// SPDX-License-Identifier: GPL-2.0-or-later
/* What is, what shall be, and the steps between: their choice, their order, their end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Facets of a mode's own, kept in a member that no step of the core compares. */
enum { FILTER_OLD = 1, FILTER_NEW = 2, FILTER = 3, ROUTE = 4, RATE = 8 };

#define FAKE_FACET(name, bits)                                                                  \
	static bool name##_differs(const struct hostif *have, const struct hostif *want)        \
	{                                                                                       \
		return (have->bridge.mtu ^ want->bridge.mtu) & (bits);                          \
	}                                                                                       \
	static bool name##_empty(const struct hostif *h)                                        \
	{                                                                                       \
		return !(h->bridge.mtu & (bits));                                               \
	}                                                                                       \
	static int name##_apply(struct host *host, const struct hostif *from,                   \
				const struct hostif *to, struct err *e)                         \
	{                                                                                       \
		(void)host;                                                                     \
		(void)from;                                                                     \
		(void)to;                                                                       \
		return err_setf(e, -ENOSYS, "never run here");                                  \
	}
FAKE_FACET(filter, FILTER)
FAKE_FACET(route, ROUTE)
FAKE_FACET(rate, RATE)

static const struct step fake_filter = {"filter", STEP_FILTER, .differs = filter_differs,
				       .empty = filter_empty, .apply = filter_apply};
static const struct step fake_route = {"route", STEP_ROUTE, .differs = route_differs,
				       .empty = route_empty, .apply = route_apply};
static const struct step fake_rate = {"rate", STEP_RATE, .differs = rate_differs,
				       .empty = rate_empty, .apply = rate_apply};
/* In another order than they belong. */
static const struct step *const fake_steps[] = {&fake_rate, &fake_filter, &fake_route, NULL};
static const struct plugin fake_mode = {.abi = PLUGIN_ABI, .mode = "fake", .steps = fake_steps};

/* The few words that a case needs: what differs from a netdev that netback has just made. */
struct facets {
	const char *name, *alias, *master;
	uint16_t vid; /* 0: no VLANs */
	bool filtered; /* even so */
	uint32_t mtu, flags, fakes;
	bool noisy, addrs, up;
	const char *create, *uplink; /* of the bridge */
};

static struct hostif value(const struct facets *f, bool want)
{
	struct hostif h = {.v6_quiet = !f->noisy, .no_addrs = !f->addrs, .up = f->up};
	h.mtu = f->mtu;
	memset(h.mac, 0xfe, sizeof(h.mac));
	snprintf(h.name, sizeof(h.name), "%s", f->name ?: "vif5.0");
	snprintf(h.alias, sizeof(h.alias), "%s", f->alias ?: "");
	snprintf(h.master, sizeof(h.master), "%s", f->master ?: "");
	h.port_flags = f->flags;
	if (f->vid) {
		vlan_add(&h.vlans, f->vid, true);
		h.vlans.pvid = f->vid;
	}
	h.filtered = f->vid || f->filtered;
	h.bridge.mtu = f->fakes;
	h.bridge.create = f->create && (want || !strcmp(f->create, "there"));
	snprintf(h.bridge.uplink, sizeof(h.bridge.uplink), "%s", f->uplink ?: "");
	return h;
}

struct plan_case {
	const char *what;
	struct facets have, want;
	const char *plan;
};

static void check(const struct plan_case *cases, size_t n, const struct plugin *mode)
{
	struct steps steps;
	steps_merge(mode, &steps);
	for (size_t i = 0; i < n; i++) {
		char text[256];
		struct plan plan;
		struct hostif have = value(&cases[i].have, false);
		struct hostif want = value(&cases[i].want, true);
		plan_make(&steps, &have, &want, &plan);
		if (strcmp(plan_print(&plan, text, sizeof(text)), cases[i].plan))
			fail_msg("%s: \"%s\", expected \"%s\"", cases[i].what, text, cases[i].plan);
		assert_int_equal(!plan.n, !cases[i].plan[0]);
		/* Taken down for what comes after it. */
		if (plan.moves != !!strstr(cases[i].plan, "-up "))
			fail_msg("%s: moves is %d", cases[i].what, plan.moves);
		/* Both at their goal: nothing to do. */
		plan_make(&steps, &want, &want, &plan);
		assert_int_equal(plan.n, cases[i].want.create && !want.bridge.create);
	}
}

static void a_plan_holds_what_differs_and_nothing_else(void **state)
{
	static const struct plan_case cases[] = {
		{"all as wanted", {.master = "br0", .up = true}, {.master = "br0", .up = true}, ""},
		{"no opinion on mtu", {.mtu = 1500}, {.mtu = 0}, ""},
		{"another mtu", {.mtu = 1500}, {.mtu = 1400}, "mtu"},
		{"another tag", {.alias = "x"}, {.alias = "y"}, "quiet"},
		{"an IPv6 life of its own", {.noisy = true}, {.noisy = false}, "quiet"},
		{"addresses", {.addrs = true}, {.addrs = false}, "quiet"},
		{"addresses allowed", {.addrs = false}, {.addrs = true}, ""},
		{"down", {.up = false}, {.up = true}, "up"},
		{"up", {.up = true}, {.up = false}, "-up"},
		{"port flags", {.master = "br0", .flags = 4},
		 {.master = "br0", .flags = 5}, "port"},
		{"flags of no port", {.flags = 4}, {.flags = 5}, ""},
		{"vlans", {.master = "br0", .vid = 1}, {.master = "br0", .vid = 10}, "vlan"},
		{"vlans taken away", {.master = "br0", .vid = 1}, {.master = "br0", .filtered = true},
		 "vlan"},
		{"vlans of no port", {.vid = 1}, {.vid = 10}, ""},
		{"vlans of a bridge that does not filter", {.master = "br0", .vid = 1},
		 {.master = "br0"}, ""},
		{"a bridge to be made", {.master = "br0"},
		 {.master = "br0", .create = "wanted"}, "bridge"},
		{"its uplink fell off", {.master = "br0", .create = "there"},
		 {.master = "br0", .create = "wanted", .uplink = "eth0"}, "bridge"},
		{"an administrator's bridge",
		 {.master = "br0", .create = "there", .uplink = "eth0"},
		 {.master = "br0"}, ""},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases), NULL);
}

static void steps_run_from_name_to_up_with_the_filter_before_the_port(void **state)
{
	static const struct plan_case cases[] = {
		{"a new netdev", {.mtu = 1500},
		 {.name = "web0", .alias = "t", .mtu = 1400, .fakes = FILTER_NEW | ROUTE | RATE,
		  .master = "br0", .vid = 10, .up = true, .create = "wanted"},
		 "name quiet mtu filter bridge port vlan up route rate"},
		{"one without extras", {.mtu = 1500}, {.alias = "t", .master = "br0", .up = true},
		 "quiet port up"},
		{"filtered, then a port", {.up = false},
		 {.fakes = FILTER_NEW, .master = "br0", .up = true}, "filter port up"},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases), &fake_mode);
}

static void what_goes_goes_upwards_before_anything_comes(void **state)
{
	static const struct plan_case cases[] = {
		{"teardown", {.alias = "t", .master = "br0", .vid = 10, .up = true,
			      .fakes = FILTER_OLD | ROUTE | RATE},
		 {.alias = ""}, "-rate -route -up -port -filter quiet"},
		{"teardown of one that is down",
		 {.alias = "t", .master = "br0", .fakes = FILTER_OLD},
		 {.alias = ""}, "-port -filter quiet"},
		{"off its bridge, still up", {.master = "br0", .up = true}, {.up = true},
		 "-up -port up"},
		{"no filter any more", {.master = "br0", .up = true, .fakes = FILTER_OLD},
		 {.master = "br0", .up = true}, "-filter"},
		{"another rate and no route", {.up = true, .fakes = ROUTE, .mtu = 1500},
		 {.up = true, .fakes = RATE, .mtu = 1400}, "-route mtu rate"},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases), &fake_mode);
}

static void a_live_netdev_goes_down_only_for_what_cannot_be_done_while_it_is_up(void **state)
{
	static const struct plan_case cases[] = {
		{"to another bridge", {.master = "br0", .up = true}, {.master = "br1", .up = true},
		 "-up port up"},
		{"with other VLANs", {.master = "br0", .vid = 1, .up = true},
		 {.master = "br1", .vid = 10, .up = true}, "-up port vlan up"},
		{"the same VLANs are the new port's too", {.master = "br0", .vid = 1, .up = true},
		 {.master = "br1", .vid = 1, .up = true}, "-up port vlan up"},
		{"into a first bridge", {.up = true}, {.master = "br0", .up = true}, "-up port up"},
		{"another name", {.name = "vif5.0", .up = true}, {.name = "web0", .up = true},
		 "-up name up"},
		{"moved and taken down", {.master = "br0", .up = true}, {.master = "br1"},
		 "-up port"},
		{"moved while down", {.master = "br0"}, {.master = "br1", .up = true}, "port up"},
		{"another mtu", {.mtu = 1500, .up = true}, {.mtu = 1400, .up = true}, "mtu"},
		{"another filter", {.master = "br0", .fakes = FILTER_OLD, .up = true},
		 {.master = "br0", .fakes = FILTER_NEW, .up = true}, "filter"},
		{"other port flags", {.master = "br0", .flags = 4, .up = true},
		 {.master = "br0", .flags = 12, .up = true}, "port"},
		{"other VLANs", {.master = "br0", .vid = 1, .up = true},
		 {.master = "br0", .vid = 10, .up = true}, "vlan"},
		{"its bridge came back", {.up = true},
		 {.master = "br0", .create = "wanted", .up = true}, "-up bridge port up"},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases), &fake_mode);
}

static void a_mode_s_steps_are_merged_by_their_stages(void **state)
{
	static const char *const order[] = {
		"name", "quiet", "mtu",	 "filter", "filter", "bridge", "gateway", "nat", "dhcp",
		"port",	"vlan", "forward",
		"conf", "addr",	 "up",	 "route",  "neigh",  "proxy",  "route", "rate",
	};
	struct steps steps;
	(void)state;
	steps_merge(&fake_mode, &steps);
	assert_int_equal(steps.n, ARRAY_SIZE(order));
	for (size_t i = 0; i < steps.n; i++)
		assert_string_equal(steps.at[i]->name, order[i]);
	steps_merge(NULL, &steps);
	assert_int_equal(steps.n, ARRAY_SIZE(order) - 3);
}

static void more_steps_than_a_plan_can_hold_do_no_harm(void **state)
{
	static const struct step *const many[] = {
		&fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate,
		&fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate,
		&fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate, &fake_rate, NULL,
	};
	static const struct plugin mode = {.mode = "many", .steps = many};
	const struct hostif have = {.up = true, .bridge.mtu = RATE}, want = {.up = false};
	struct steps steps;
	struct plan plan;
	(void)state;
	steps_merge(&mode, &steps);
	assert_int_equal(steps.n, STEPS_MAX);
	plan_make(&steps, &have, &want, &plan);
	assert_in_range(plan.n, 1, ARRAY_SIZE(plan.op));
}

/* Steps that note what they were asked to move. */
struct log {
	char text[256];
	const char *fails; /* name of the step that does */
};

static int note(struct host *host, const char *name, const struct hostif *from,
		const struct hostif *to, struct err *e)
{
	struct log *log = (struct log *)host;
	size_t n = strlen(log->text);
	snprintf(log->text + n, sizeof(log->text) - n, "%s:%s%d>%s%d ", name, from->master,
		 from->up, to->master, to->up);
	return log->fails && !strcmp(log->fails, name) ? err_setf(e, -EPERM, "%s failed", name) : 0;
}

static int port_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	return note(h, "port", from, to, e);
}

static int waiting_apply(struct host *h, const struct hostif *from, const struct hostif *to,
			 struct err *e)
{
	note(h, "waiting", from, to, e);
	return STEP_PENDING;
}

static int up_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		    struct err *e)
{
	return note(h, "up", from, to, e);
}

static bool master_differs(const struct hostif *have, const struct hostif *want)
{
	return strcmp(have->master, want->master);
}

static bool up_differs(const struct hostif *have, const struct hostif *want)
{
	return have->up != want->up;
}

static const struct step noting_port = {"port", STEP_PORT, .differs = master_differs,
					.quiesce = master_differs, .apply = port_apply};
static const struct step noting_up = {"up", STEP_UP, .differs = up_differs, .apply = up_apply};

static int run_noting(struct log *log, const struct step **failed, struct err *e)
{
	const struct steps steps = {{&noting_port, &noting_up}, 2};
	const struct hostif have = {.master = "br0", .up = true};
	const struct hostif want = {.master = "br1", .up = true};
	struct plan plan;
	plan_make(&steps, &have, &want, &plan);
	return plan_run(&plan, (struct host *)log, &have, &want, failed, e);
}

static void a_step_that_must_be_waited_for_ends_the_plan(void **state)
{
	static const struct step waiting = {"waiting", STEP_PORT, .differs = master_differs,
					    .quiesce = master_differs, .apply = waiting_apply};
	const struct steps steps = {{&waiting, &noting_up}, 2};
	const struct hostif have = {.master = "br0", .up = true}, want = {.master = "br1", .up = true};
	struct log log = {.text = ""};
	const struct step *last = NULL;
	struct err e = ERR_INIT;
	struct plan plan;
	(void)state;
	plan_make(&steps, &have, &want, &plan);
	assert_int_equal(plan_run(&plan, (struct host *)&log, &have, &want, &last, &e), STEP_PENDING);
	assert_string_equal(log.text, "up:br01>br00 waiting:br01>br11 "); /* and not up again */
	assert_ptr_equal(last, &waiting);
}

static void taking_a_netdev_down_changes_nothing_else(void **state)
{
	struct log log = {.text = ""};
	const struct step *failed = NULL;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(run_noting(&log, &failed, &e), 0);
	assert_string_equal(log.text, "up:br01>br00 port:br01>br11 up:br01>br11 ");
}

static void a_plan_ends_at_its_first_failure_and_names_the_step(void **state)
{
	struct log log = {.fails = "port"};
	const struct step *failed = NULL;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(run_noting(&log, &failed, &e), -EPERM);
	assert_ptr_equal(failed, &noting_port);
	assert_string_equal(e.text, "port failed");
	assert_string_equal(log.text, "up:br01>br00 port:br01>br11 ");
}

static void a_plan_is_printed_into_any_buffer(void **state)
{
	struct plan plan = {.op = {{&noting_up, true}, {&noting_port, false}, {&noting_up, false}},
			    .n = 3};
	(void)state;
	for (size_t size = 1; size < 16; size++) {
		char buf[17];
		memset(buf, '#', sizeof(buf));
		plan_print(&plan, buf, size);
		assert_int_equal(strlen(buf), size - 1 < 11 ? size - 1 : 11);
		assert_int_equal(strncmp(buf, "-up port up", size - 1), 0);
		assert_int_equal(buf[size], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_holds_what_differs_and_nothing_else),
		cmocka_unit_test(steps_run_from_name_to_up_with_the_filter_before_the_port),
		cmocka_unit_test(what_goes_goes_upwards_before_anything_comes),
		cmocka_unit_test(
			a_live_netdev_goes_down_only_for_what_cannot_be_done_while_it_is_up),
		cmocka_unit_test(a_mode_s_steps_are_merged_by_their_stages),
		cmocka_unit_test(more_steps_than_a_plan_can_hold_do_no_harm),
		cmocka_unit_test(a_step_that_must_be_waited_for_ends_the_plan),
		cmocka_unit_test(taking_a_netdev_down_changes_nothing_else),
		cmocka_unit_test(a_plan_ends_at_its_first_failure_and_names_the_step),
		cmocka_unit_test(a_plan_is_printed_into_any_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
