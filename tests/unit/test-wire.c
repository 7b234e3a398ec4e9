// SPDX-License-Identifier: GPL-2.0-or-later
/* Wiring one netdev, against a kernel in memory that fails each call in turn. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"
#include "twin-rtnl.h"
#include "vif.h"
#include "wire.h"

static const uint8_t vif_mac[HOSTIF_ALEN] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};

struct world {
	struct rtnl kernel;
	struct host host;
	struct steps steps;
	struct hostif want, have;
	int ifindex;
	const struct step *failed;
	struct err e;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	twin_init(&w->kernel);
	twin_add(&w->kernel, "br0", "bridge");
	struct twin_link *filtering = twin_add(&w->kernel, "br1", "bridge");
	filtering->link.br_vlan_filtering = true;
	filtering->link.br_default_pvid = 1;
	struct twin_link *vif = twin_add(&w->kernel, "vif5.0", "");
	vif->link.n_addrs = 1;
	w->ifindex = vif->link.ifindex;
	w->host = (struct host){&w->kernel, links_new()};
	rtnl_resync(&w->kernel, w->host.links, NULL);
	steps_merge(NULL, &w->steps);

	w->want = (struct hostif){.v6_quiet = true, .no_addrs = true, .up = true, .mtu = 1400};
	strcpy(w->want.name, "web0");
	vif_tag((struct vif_key){5, 0}, VIF_DEV_PV, w->want.alias);
	memcpy(w->want.mac, vif_mac, sizeof(vif_mac));
	strcpy(w->want.bridge.name, "br1");
	strcpy(w->want.master, "br1");
	w->want.port_flags = HOSTIF_PORT_ISOLATED | HOSTIF_PORT_LEARNING;
	vlan_add(&w->want.vlans, 10, true);
	vlan_add(&w->want.vlans, 20, false);
	w->want.vlans.pvid = 10;
	w->want.filtered = true;
}

static void world_fini(struct world *w)
{
	links_free(w->host.links);
}

static int run(struct world *w, bool live)
{
	w->e = ERR_INIT;
	return wire(&w->host, &w->steps, w->ifindex, &w->want, live, &w->have, &w->failed, &w->e);
}

static void assert_wired(struct world *w)
{
	struct plan plan;
	char text[512];
	plan_make(&w->steps, &w->have, &w->want, &plan);
	if (plan.n)
		fail_msg("left to do: %s", plan_print(&plan, text, sizeof(text)));
}

static void a_new_netdev_is_wired_in_every_facet(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	assert_wired(&w);
	const struct twin_link *t = twin_find(&w.kernel, "web0");
	assert_non_null(t);
	assert_int_equal(t->link.mtu, 1400);
	assert_true(t->link.v6_quiet);
	assert_int_equal(t->link.n_addrs, 0);
	assert_memory_equal(t->link.mac, vif_mac, sizeof(vif_mac));
	assert_string_equal(t->link.alias, "xen-netd vif5.0");
	assert_int_equal(t->link.master, twin_find(&w.kernel, "br1")->link.ifindex);
	assert_int_equal(t->link.port_flags, w.want.port_flags);
	assert_true(vlan_equal(&t->vlans, &w.want.vlans));
	assert_true(t->link.flags & IFF_UP);
	world_fini(&w);
}

static bool slow_differs(const struct hostif *have, const struct hostif *want)
{
	return strcmp(have->ovs.bridge.name, want->ovs.bridge.name);
}

/* Asks somebody, who has not answered. */
static int slow_apply(struct host *h, const struct hostif *from, const struct hostif *to, struct err *e)
{
	(void)h;
	(void)from;
	err_setf(e, -EAGAIN, "waiting for %s", to->ovs.bridge.name);
	return STEP_PENDING;
}

static void what_must_be_waited_for_is_neither_up_nor_taken_back(void **state)
{
	static const struct step slow = {"slow", STEP_PORT, .differs = slow_differs, .apply = slow_apply};
	static const struct step *const group[] = {&slow, NULL};
	static const struct plugin mode = {.mode = "slow", .steps = group};
	struct world w;
	(void)state;
	world_init(&w);
	steps_add(&mode, &w.steps);
	strcpy(w.want.ovs.bridge.name, "ovsbr0");
	for (int i = 0; i < 2; i++) { /* looked at again, it waits still */
		assert_int_equal(run(&w, false), STEP_PENDING);
		assert_string_equal(w.failed->name, "slow");
		assert_string_equal(w.e.text, "waiting for ovsbr0");
		const struct twin_link *t = twin_find(&w.kernel, "web0");
		assert_non_null(t);
		assert_string_equal(t->link.alias, "xen-netd vif5.0");
		assert_false(t->link.flags & IFF_UP);
	}
	world_fini(&w);
}

static void wiring_again_sends_nothing(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	int calls = w.kernel.calls;
	assert_int_equal(run(&w, true), 0);
	assert_int_equal(w.kernel.calls, calls);
	world_fini(&w);
}

static void a_netdev_is_never_up_in_a_bridge_before_flags_and_vlans_are_set(void **state)
{
	struct world w;
	char *save = NULL;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	unsigned ups = 0;
	for (char *p = strtok_r(w.kernel.trace, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
		if (!strstr(p, "up=1"))
			continue;
		ups++;
		assert_non_null(strstr(p, "web0:up=1,master=br1,flags=5,vlans=10p/20"));
	}
	assert_int_equal(ups, 1);
	world_fini(&w);
}

static bool same_kernel(const struct rtnl *a, const struct rtnl *b)
{
	return !memcmp(a->at, b->at, sizeof(a->at));
}

static void whichever_call_fails_a_new_netdev_is_as_before(void **state)
{
	(void)state;
	int fails = 0;
	for (int n = 1;; n++) {
		struct world w;
		world_init(&w);
		struct rtnl before = w.kernel;
		before.at[w.ifindex - 1].link.n_addrs = 0; /* the one thing not brought back */
		w.kernel.fail_at = n;
		w.kernel.fail_code = -EPERM;
		int r = run(&w, false);
		w.kernel.at[w.ifindex - 1].link.n_addrs = 0;
		if (r == 0) {
			world_fini(&w);
			break;
		}
		fails++;
		assert_int_equal(r, -EPERM);
		assert_non_null(w.failed);
		assert_non_null(strstr(w.e.text, "injected"));
		if (!same_kernel(&w.kernel, &before))
			fail_msg("call %d (%s) failed and left traces: %s", n, w.failed->name,
				 w.kernel.trace);
		world_fini(&w);
	}
	assert_true(fails >= 7); /* name, quiet, flush, mtu, master, flags, vlan, up */
}

static void whichever_call_fails_a_moving_guest_is_back_where_it_was(void **state)
{
	(void)state;
	int fails = 0;
	for (int n = 1;; n++) {
		struct world w;
		world_init(&w);
		assert_int_equal(run(&w, false), 0);
		struct rtnl before = w.kernel;
		strcpy(w.want.bridge.name, "br0");
		strcpy(w.want.master, "br0");
		memset(&w.want.vlans, 0, sizeof(w.want.vlans));
		w.want.filtered = false;
		w.want.port_flags = HOSTIF_PORT_LEARNING | HOSTIF_PORT_GUARD;
		w.kernel.fail_at = w.kernel.calls + n;
		w.kernel.fail_code = -EIO;
		int r = run(&w, true);
		if (r == 0) {
			assert_wired(&w);
			world_fini(&w);
			break;
		}
		fails++;
		if (!same_kernel(&w.kernel, &before))
			fail_msg("call %d (%s) failed and the guest is elsewhere: %s", n,
				 w.failed->name, w.kernel.trace + strlen(before.trace));
		world_fini(&w);
	}
	assert_true(fails >= 4); /* down, master, flags, up */
}

static void a_moving_guest_is_down_while_it_moves(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	size_t skip = strlen(w.kernel.trace);
	strcpy(w.want.bridge.name, "br0");
	strcpy(w.want.master, "br0");
	memset(&w.want.vlans, 0, sizeof(w.want.vlans));
	w.want.filtered = false;
	assert_int_equal(run(&w, true), 0);
	const char *t = w.kernel.trace + skip;
	const char *down = strstr(t, "up=0,master=br1"), *there = strstr(t, "up=0,master=br0");
	const char *up = strstr(t, "up=1,master=br0,flags=5");
	assert_true(down && there && up && down < there && there < up);
	assert_null(strstr(t, "up=1,master=br1"));
	world_fini(&w);
}

static void a_guest_that_lost_its_port_keeps_the_rest_when_repair_fails(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	struct twin_link *t = twin_find(&w.kernel, "web0");
	t->link.mtu = 1500;
	t->link.port_flags = HOSTIF_PORT_LEARNING;
	w.kernel.fail_at = w.kernel.calls + 2; /* mtu works, the port's flags do not */
	w.kernel.fail_code = -EIO;
	assert_int_equal(run(&w, true), -EIO);
	assert_string_equal(w.failed->name, "port");
	assert_int_equal(t->link.mtu, 1400);
	assert_true(t->link.flags & IFF_UP);
	world_fini(&w);
}

static void set_back(struct rtnl *rt)
{
	struct twin_link *t = twin_find(rt, "web0");
	if (t)
		t->link.mtu = 1500;
}

static void a_facet_that_somebody_sets_back_is_an_error_and_not_a_loop(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.kernel.meddle = set_back;
	assert_int_equal(run(&w, false), -EBUSY);
	assert_non_null(strstr(w.e.text, "mtu"));
	assert_non_null(strstr(w.e.text, "another network manager"));
	world_fini(&w);
}

static void a_netdev_that_never_holds_is_taken_back(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.kernel.meddle = set_back;
	assert_int_equal(run(&w, false), -EBUSY);
	const struct twin_link *t = twin_find(&w.kernel, "vif5.0");
	assert_non_null(t);
	assert_false(t->link.flags & IFF_UP);
	assert_int_equal(t->link.master, 0);
	assert_string_equal(t->link.alias, "");
	world_fini(&w);
}

static void a_guest_that_runs_keeps_what_it_has_when_a_facet_never_holds(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	w.kernel.meddle = set_back;
	set_back(&w.kernel);
	assert_int_equal(run(&w, true), -EBUSY);
	const struct twin_link *t = twin_find(&w.kernel, "web0");
	assert_true(t->link.flags & IFF_UP);
	assert_int_equal(t->link.master, twin_find(&w.kernel, "br1")->link.ifindex);
	world_fini(&w);
}

static void vanish(struct rtnl *rt)
{
	twin_del(rt, "vif5.0");
	twin_del(rt, "web0");
}

static void a_netdev_that_goes_away_while_being_wired_is_enodev(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.kernel.meddle = vanish;
	assert_int_equal(run(&w, false), -ENODEV);
	world_fini(&w);
}

static void a_name_that_another_device_has_is_an_error_that_names_both(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_add(&w.kernel, "web0", "veth");
	assert_int_equal(run(&w, false), -EEXIST);
	assert_non_null(strstr(w.e.text, "vif5.0 to web0"));
	assert_non_null(twin_find(&w.kernel, "vif5.0"));
	world_fini(&w);
}

static void the_kernels_own_words_reach_the_error(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_find(&w.kernel, "vif5.0")->link.max_mtu = 1300;
	assert_int_equal(run(&w, false), -EINVAL);
	assert_string_equal(w.e.text,
			    "set mtu 1400 on vif5.0: Invalid argument: mtu greater than device maximum");
	world_fini(&w);
}

static void a_full_bridge_gets_a_sentence_of_its_own(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.kernel.fail_at = 6;
	w.kernel.fail_code = -EXFULL;
	assert_int_equal(run(&w, false), -EXFULL);
	assert_non_null(strstr(w.e.text, "bridge br1 is full"));
	assert_non_null(strstr(w.e.text, "1023 ports"));
	world_fini(&w);
}

static void a_bridge_that_the_network_creates_is_made_once_and_made_again(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	strcpy(w.want.bridge.name, "lab");
	strcpy(w.want.master, "lab");
	memset(&w.want.vlans, 0, sizeof(w.want.vlans));
	w.want.filtered = false;
	w.want.bridge.create = true;
	assert_int_equal(run(&w, false), 0);
	struct link lab = twin_find(&w.kernel, "lab")->link;
	assert_int_equal(lab.mac[0] & 3, 2); /* locally administered, unicast */
	twin_del(&w.kernel, "lab");
	assert_int_equal(run(&w, true), 0);
	assert_memory_equal(twin_find(&w.kernel, "lab")->link.mac, lab.mac, HOSTIF_ALEN);
	world_fini(&w);
}

static void an_uplink_with_addresses_is_not_taken(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_add(&w.kernel, "eth0", "")->link.n_addrs = 2;
	strcpy(w.want.bridge.name, "lab");
	strcpy(w.want.master, "lab");
	memset(&w.want.vlans, 0, sizeof(w.want.vlans));
	w.want.filtered = false;
	w.want.bridge.create = true;
	strcpy(w.want.bridge.uplink, "eth0");
	assert_int_equal(run(&w, false), -EBUSY);
	assert_non_null(strstr(w.e.text, "eth0 has IP addresses"));
	assert_int_equal(twin_find(&w.kernel, "eth0")->link.master, 0);
	world_fini(&w);
}

static void unwiring_leaves_no_port_no_tag_and_the_netdev_down(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	assert_int_equal(unwire(&w.host, &w.steps, w.ifindex, &w.e), 0);
	const struct twin_link *t = twin_find(&w.kernel, "web0");
	assert_int_equal(t->link.master, 0);
	assert_string_equal(t->link.alias, "");
	assert_false(t->link.flags & IFF_UP);
	world_fini(&w);
}

static void unwiring_what_is_gone_is_enodev(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_del(&w.kernel, "vif5.0");
	assert_int_equal(unwire(&w.host, &w.steps, w.ifindex, &w.e), -ENODEV);
	world_fini(&w);
}

static void lost_notifications_are_read_again(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_add(&w.kernel, "br9", "bridge");
	w.kernel.lost = true;
	assert_int_equal(host_refresh(&w.host, &w.e), 0);
	assert_non_null(links_by_name(w.host.links, "br9"));
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_netdev_is_wired_in_every_facet),
		cmocka_unit_test(what_must_be_waited_for_is_neither_up_nor_taken_back),
		cmocka_unit_test(wiring_again_sends_nothing),
		cmocka_unit_test(a_netdev_is_never_up_in_a_bridge_before_flags_and_vlans_are_set),
		cmocka_unit_test(whichever_call_fails_a_new_netdev_is_as_before),
		cmocka_unit_test(whichever_call_fails_a_moving_guest_is_back_where_it_was),
		cmocka_unit_test(a_moving_guest_is_down_while_it_moves),
		cmocka_unit_test(a_guest_that_lost_its_port_keeps_the_rest_when_repair_fails),
		cmocka_unit_test(a_facet_that_somebody_sets_back_is_an_error_and_not_a_loop),
		cmocka_unit_test(a_netdev_that_never_holds_is_taken_back),
		cmocka_unit_test(a_guest_that_runs_keeps_what_it_has_when_a_facet_never_holds),
		cmocka_unit_test(a_netdev_that_goes_away_while_being_wired_is_enodev),
		cmocka_unit_test(a_name_that_another_device_has_is_an_error_that_names_both),
		cmocka_unit_test(the_kernels_own_words_reach_the_error),
		cmocka_unit_test(a_full_bridge_gets_a_sentence_of_its_own),
		cmocka_unit_test(a_bridge_that_the_network_creates_is_made_once_and_made_again),
		cmocka_unit_test(an_uplink_with_addresses_is_not_taken),
		cmocka_unit_test(unwiring_leaves_no_port_no_tag_and_the_netdev_down),
		cmocka_unit_test(unwiring_what_is_gone_is_enodev),
		cmocka_unit_test(lost_notifications_are_read_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
