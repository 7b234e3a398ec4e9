// SPDX-License-Identifier: GPL-2.0-or-later
/* Private networks in the daemon: made with the first guest, seen to, removed with the last. */
#include "twin-nat.h"
#include "twin-nft.h"
#include "world.h"

#include <stdlib.h>

#include <netinet/in.h>

enum { CALLS_MAX = 60 };

static void add(struct world *w)
{
	world_add_vif(w, 0, "vif");
	world_put(w, BE "/bridge", "virbr0");
	world_settle(w);
	world_probe(w, 0);
	world_settle(w);
}

static void attach(struct world *w)
{
	add(w);
	assert_string_equal(world_answer(w, world_helper(w, "online")), "ok");
	world_connect(w);
}

static void assert_in_network(struct world *w)
{
	const struct twin_nat *n = twin_nat();
	assert_string_equal(world_status(w, 0), "connected");
	world_assert_wired(w, "vif5.0", "virbr0");
	assert_string_equal(world_link(w, "virbr0")->link.alias, HOSTIF_PASSING);
	assert_true(w->kernel.tables.forwarding4);
	assert_true(n->checksums_filled);
	assert_int_equal(n->elems[0].set, NAT_SET_NETS);
	assert_int_equal(n->n_served, 1);
	assert_string_equal(n->served[0].dhcp.name, "web1");
	assert_memory_equal(world_get(w, BE "/netd-address"), "192.168.122.", 12);
	const struct filter *f = twin_filter(w->nd.host.nft, world_link(w, "vif5.0")->link.ifindex);
	assert_non_null(f);
	assert_false(f->any_addr);
	assert_int_equal(f->n_addrs, 2); /* and the link-local one */
}

static void assert_no_network(struct world *w)
{
	const struct twin_nat *n = twin_nat();
	assert_null(twin_find(&w->kernel, "virbr0"));
	assert_int_equal(n->n_elems, 0);
	assert_int_equal(n->n_served, 0);
	assert_false(w->kernel.tables.forwarding4);
}

static void remove_vif(struct world *w)
{
	world_put(w, BE "/online", "0");
	world_put(w, BE "/state", "6");
	world_settle(w);
	assert_string_equal(world_answer(w, world_helper(w, "offline")), "ok");
	world_del_link(w, "vif5.0");
	twin_xs_rm(&w->xs, "/local/domain/0/backend/vif/5");
	world_settle(w);
	assert_string_equal(world_status(w, 0), "gone");
}

static void a_network_comes_with_its_first_guest_and_goes_with_its_last(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	attach(&w);
	assert_in_network(&w);
	remove_vif(&w);
	assert_no_network(&w);
	world_fini(&w);
}

static bool was_up;

/* The filter comes first of all; what else must be there before the netdev is up, is looked at then. */
static void look_when_up(struct rtnl *rt)
{
	const struct twin_link *t = twin_find(rt, "vif5.0");
	if (!t || !(t->link.flags & IFF_UP) || was_up)
		return;
	was_up = true;
	assert_true(twin_nat()->n_elems > 0);
	assert_int_equal(twin_nat()->n_served, 1);
	assert_true(t->link.master != 0);
}

static void rules_and_server_are_there_before_the_guest_is_up(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	was_up = false;
	w.kernel.meddle = look_when_up;
	attach(&w);
	assert_true(was_up);
	w.kernel.meddle = NULL;
	world_fini(&w);
}

static void without_rules_or_server_a_guest_is_not_connected_and_told_why(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world w;
		world_init(&w);
		*(i ? &twin_nat()->fail_server : &twin_nat()->fail_rules) = true;
		add(&w);
		const char *answer = world_answer(&w, world_helper(&w, "online"));
		assert_non_null(strstr(answer, "vif5.0 (web1): "));
		assert_non_null(strstr(answer, i ? "dnsmasq: twin" : "nftables: twin"));
		world_assert_unwired(&w, "vif5.0");
		assert_string_equal(world_get(&w, BE "/hotplug-status"), "error");
		*(i ? &twin_nat()->fail_server : &twin_nat()->fail_rules) = false;
		world_advance(&w, 3 * SECOND);
		assert_string_equal(world_answer(&w, world_helper(&w, "online")), "ok");
		assert_in_network(&w);
		world_fini(&w);
	}
}

static void a_restarted_daemon_keeps_what_its_guests_need(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	attach(&w);
	char *address = strdup(world_get(&w, BE "/netd-address"));
	int calls = w.kernel.calls;
	world_restart(&w);
	assert_in_network(&w);
	assert_int_equal(w.kernel.calls, calls);
	assert_string_equal(world_get(&w, BE "/netd-address"), address);
	free(address);
	world_fini(&w);
}

static void without_a_store_nothing_is_swept(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	attach(&w);
	world_stop(&w);
	world_start(&w);
	twin_xs_lose(&w.xs);
	world_advance(&w, 5 * SECOND);
	world_assert_wired(&w, "vif5.0", "virbr0");
	assert_true(twin_nat()->n_elems > 0);
	assert_int_equal(twin_nat()->n_served, 1);
	twin_xs_return(&w.xs);
	world_advance(&w, 10 * SECOND);
	assert_in_network(&w);
	world_fini(&w);
}

static void a_guest_that_moves_away_leaves_nothing_and_no_address(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	world_configure(&w, "network plain { mode = bridge bridge = br0 }\n");
	attach(&w);
	world_put(&w, BE "/network", "plain");
	world_settle(&w);
	assert_string_equal(world_status(&w, 0), "connected");
	world_assert_wired(&w, "vif5.0", "br0");
	assert_string_equal(world_get(&w, BE "/netd-address"), "-");
	assert_no_network(&w);
	world_put(&w, BE "/network", "nowhere"); /* an error: it keeps what works */
	world_settle(&w);
	world_assert_wired(&w, "vif5.0", "br0");
	world_fini(&w);
}

static void a_live_guest_whose_network_is_an_error_now_keeps_it(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	attach(&w);
	world_put(&w, BE "/network", "nowhere");
	world_settle(&w);
	assert_non_null(strstr(world_status(&w, 0), "error: "));
	world_assert_wired(&w, "vif5.0", "virbr0");
	assert_true(twin_nat()->n_elems > 0);
	world_restart(&w);
	assert_non_null(strstr(world_status(&w, 0), "error: "));
	world_assert_wired(&w, "vif5.0", "virbr0");
	assert_true(twin_nat()->n_elems > 0);
	assert_int_equal(twin_nat()->n_served, 1);
	world_fini(&w);
}

static void a_subnet_that_is_in_use_is_not_taken(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_nat()->busy = (struct addr){.family = AF_INET, .prefix = 24, .bytes = {192, 168, 130}};
	attach(&w);
	assert_memory_equal(world_get(&w, BE "/netd-address"), "192.168.131.", 12);
	remove_vif(&w);
	/* the one that it had collides by now: another, and the guest another address */
	twin_nat()->busy.bytes[2] = 140;
	attach(&w);
	assert_memory_equal(world_get(&w, BE "/netd-address"), "192.168.141.", 12);
	world_fini(&w);
}

static void a_bridge_by_that_name_that_others_made_is_just_a_bridge(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	twin_add(&w.kernel, "virbr0", "bridge")->link.flags = IFF_UP;
	twin_notify(&w.kernel);
	attach(&w);
	world_assert_wired(&w, "vif5.0", "virbr0");
	assert_int_equal(twin_nat()->n_elems, 0);
	assert_string_equal(world_get(&w, BE "/netd-address"), "-");
	world_fini(&w);
}

/* Whatever fails, a netdev is never up outside of its network, and in the end all is well. */
static void any_call_that_fails_heals_and_leaves_no_open_netdev(void **state)
{
	int n = 1, last;
	(void)state;
	do {
		struct world w;
		world_init(&w);
		w.kernel.calls = 0;
		w.kernel.fail_at = n;
		w.kernel.fail_code = -EIO;
		add(&w);
		int fd = world_helper(&w, "online");
		char answer[ERR_TEXT_SIZE];
		snprintf(answer, sizeof(answer), "%s", world_answer(&w, fd));
		const struct twin_link *t = world_link(&w, "vif5.0");
		if (strcmp(answer, "ok")) {
			if ((t->link.flags & IFF_UP) && !t->link.master)
				fail_msg("call %d: up outside of a network", n);
			world_advance(&w, 3 * SECOND);
			assert_string_equal(world_answer(&w, world_helper(&w, "online")), "ok");
		}
		assert_in_network(&w);
		last = w.kernel.calls;
		world_fini(&w);
	} while (++n <= last && n < CALLS_MAX);
	assert_true(n > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_comes_with_its_first_guest_and_goes_with_its_last),
		cmocka_unit_test(rules_and_server_are_there_before_the_guest_is_up),
		cmocka_unit_test(without_rules_or_server_a_guest_is_not_connected_and_told_why),
		cmocka_unit_test(a_restarted_daemon_keeps_what_its_guests_need),
		cmocka_unit_test(without_a_store_nothing_is_swept),
		cmocka_unit_test(a_guest_that_moves_away_leaves_nothing_and_no_address),
		cmocka_unit_test(a_live_guest_whose_network_is_an_error_now_keeps_it),
		cmocka_unit_test(a_subnet_that_is_in_use_is_not_taken),
		cmocka_unit_test(a_bridge_by_that_name_that_others_made_is_just_a_bridge),
		cmocka_unit_test(any_call_that_fails_heals_and_leaves_no_open_netdev),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
