// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters as values, what makes them, and wiring with them against kernels in memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "network.h"
#include "nft-elems.h"
#include "plugin.h"
#include "twin-nft.h"
#include "twin-rtnl.h"
#include "vif.h"
#include "wire.h"

static struct addr addr(const char *text)
{
	struct addr a;
	struct err e = ERR_INIT;
	if (addr_parse(text, &a, &e) < 0)
		fail_msg("%s", e.text);
	return a;
}

static void add(struct filter *f, const char *text)
{
	struct addr a = addr(text);
	assert_true(filter_add_addr(f, &a));
}

static void addresses_in_any_order_are_the_same_filter(void **state)
{
	struct filter a = {.on = true}, b = {.on = true};
	(void)state;
	add(&a, "10.0.0.5/24");
	add(&a, "2001:db8::5");
	add(&a, "10.0.0.4");
	add(&b, "2001:db8::5/64");
	add(&b, "10.0.0.4");
	add(&b, "10.0.0.5");
	add(&b, "10.0.0.5/8");
	assert_int_equal(b.n_addrs, 3);
	assert_true(filter_equal(&a, &b));
	add(&b, "10.0.0.6");
	assert_false(filter_equal(&a, &b));
}

static void a_filter_has_room_for_32_addresses_and_the_link_local_one(void **state)
{
	struct filter f = {.on = true};
	struct nft_elem list[NFT_ELEMS_MAX];
	(void)state;
	for (int i = 1; i <= FILTER_ADDRS_MAX; i++) {
		char text[32];
		snprintf(text, sizeof(text), "10.0.0.%d", i);
		add(&f, text);
	}
	struct addr one_more = addr("10.0.1.1");
	assert_false(filter_add_addr(&f, &one_more));
	f.any_addr = true;
	f.guards = FILTER_GUARD_ALL;
	f.limit[0] = f.limit[1] = f.limit[2] = 1;
	assert_true(nft_elems_of(&f, list) <= NFT_ELEMS_MAX);
}

static struct filter some(unsigned seed)
{
	struct filter f = {.on = true, .mac = {0, 0x16, 0x3e, 0, 0, seed}};
	f.any_addr = seed & 1;
	f.guards = (seed >> 1) & FILTER_GUARD_ALL;
	f.routed = seed & 0x100;
	if (f.routed) /* these are as good as set */
		f.guards |= FILTER_GUARD_VLAN | FILTER_GUARD_CONTROL;
	if (f.routed && (seed & 4)) {
		struct addr net4 = addr("10.9.0.0/16"), net6 = addr("2001:db8:9::/48");
		filter_add_net(&f, &net4);
		filter_add_net(&f, &net6);
	}
	for (int i = 0; i < FILTER_LIMIT_COUNT; i++)
		f.limit[i] = (seed >> (5 + i)) & 1 ? 10 * i + seed : 0;
	for (unsigned i = 0; i < seed % 5; i++) {
		struct addr a = addr(i % 2 ? "10.0.0.1" : "2001:db8::1");
		a.bytes[i % 2 ? 3 : 15] += seed + i;
		filter_add_addr(&f, &a);
	}
	return f;
}

static void what_is_written_as_elements_reads_back_as_the_same_filter(void **state)
{
	struct nft_elem list[NFT_ELEMS_MAX];
	(void)state;
	for (unsigned seed = 0; seed < 512; seed++) {
		struct filter f = some(seed), back;
		nft_elems_read(list, nft_elems_of(&f, list), &back);
		if (!filter_equal(&f, &back))
			fail_msg("seed %u", seed);
	}
}

static void a_filter_with_any_element_missing_or_too_many_differs(void **state)
{
	struct nft_elem list[NFT_ELEMS_MAX], less[NFT_ELEMS_MAX];
	(void)state;
	for (unsigned seed = 0; seed < 512; seed++) {
		struct filter f = some(seed), back;
		size_t n = nft_elems_of(&f, list);
		for (size_t gone = 0; gone < n; gone++) {
			memcpy(less, list, gone * sizeof(*list));
			memcpy(less + gone, list + gone + 1, (n - gone - 1) * sizeof(*list));
			nft_elems_read(less, n - 1, &back);
			if (filter_equal(&f, &back))
				fail_msg("seed %u without element %zu", seed, gone);
		}
		for (size_t twice = 0; twice < n; twice++) {
			memcpy(less, list, n * sizeof(*list));
			memmove(less + twice + 1, less + twice, (n - twice) * sizeof(*list));
			less[twice + 1].key[0] ^= 0x40;
			nft_elems_read(less, n + 1, &back);
			if (filter_equal(&f, &back))
				fail_msg("seed %u with element %zu twice", seed, twice);
		}
	}
}

/* What a network says, what a vif says, and the filter that comes of it. */
static const struct {
	const char *name, *ip, *domain;
	const char *opt[3]; /* pairs "name=value" */
	bool trunk, access;
	const char *want, *error;
	bool given_up;
} wants[] = {
	{"without addresses: the MAC, and no switch", "", NULL, {NULL}, .want = "any guards=c"},
	{"addresses: all guards, and the link-local one",
	 "10.0.0.5",
	 NULL,
	 {NULL},
	 .want = "10.0.0.5 fe80::216:3eff:fe00:5 guards=rdvc"},
	{"a prefix is not part of it",
	 "10.0.0.5/24 2001:db8::5/64",
	 NULL,
	 {NULL},
	 .want = "10.0.0.5 2001:db8::5 fe80::216:3eff:fe00:5 guards=rdvc"},
	{"the network gives it up",
	 "10.0.0.5",
	 NULL,
	 {"antispoof=false"},
	 .want = "any guards=c",
	 .given_up = true},
	{"the domain gives it up",
	 "10.0.0.5",
	 "false",
	 {"antispoof=true"},
	 .want = "any guards=c",
	 .given_up = true},
	{"the domain insists",
	 "10.0.0.5",
	 "true",
	 {"antispoof=false"},
	 .want = "10.0.0.5 fe80::216:3eff:fe00:5 guards=rdvc"},
	{"a wrong word",
	 "10.0.0.5 10.0.0.500",
	 NULL,
	 {NULL},
	 .error = "ip=: \"10.0.0.500\" is not an IPv4 or IPv6 address"},
	{"a wrong word that nobody needs",
	 "10.0.0.500",
	 NULL,
	 {"antispoof=false"},
	 .want = "any guards=c",
	 .given_up = true},
	{"a network's address", "10.0.0.0/24", NULL, {NULL}, .error = "10.0.0.0/24 is a network"},
	{"both of a /31 are hosts",
	 "10.0.0.4/31",
	 NULL,
	 {NULL},
	 .want = "10.0.0.4 fe80::216:3eff:fe00:5 guards=rdvc"},
	{"a trunk may tag",
	 "10.0.0.5",
	 NULL,
	 {NULL},
	 .trunk = true,
	 .want = "10.0.0.5 fe80::216:3eff:fe00:5 guards=rdc"},
	{"an access port may not", "", NULL, {NULL}, .access = true, .want = "any guards=vc"},
	{"unless it is told to",
	 "",
	 NULL,
	 {"guard-vlan=false"},
	 .access = true,
	 .want = "any guards=c"},
	{"guards one by one",
	 "",
	 NULL,
	 {"guard-ra=true", "guard-dhcp=yes", "guard-control=off"},
	 .want = "any guards=rd"},
	{"limits",
	 "",
	 NULL,
	 {"limit-pps=1000", "limit-connections=20", "limit-broadcast=5"},
	 .want = "any guards=c p<1000/s c<20/s b<5/s"},
};

static void set_option(struct network *net, const char *pair)
{
	char name[32];
	struct err e = ERR_INIT;
	const char *value = strchr(pair, '=') + 1;
	snprintf(name, sizeof(name), "%.*s", (int)(value - pair - 1), pair);
	for (int i = 0; i < NETWORK_OPT_COUNT; i++)
		if (!strcmp(network_options()[i].name, name) &&
		    option_parse(&network_options()[i], value, &net->common[i], &e) == 0)
			return;
	fail_msg("%s: %s", pair, e.text);
}

static void each_network_and_vif_makes_the_filter_that_is_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
		char text[512], expected[512];
		struct err e = ERR_INIT;
		struct network net = {.name = "net"};
		struct hostif want = {.up = true};
		struct vif_req req = {.mac = {0, 0x16, 0x3e, 0, 0, 5}};
		struct option_value domain = {.set = wants[i].domain};
		domain.num = domain.set && !strcmp(wants[i].domain, "true");
		strcpy(req.ip, wants[i].ip);
		strcpy(want.master, "br0");
		if (wants[i].trunk || wants[i].access)
			vlan_add(&want.vlans, 10, true);
		if (wants[i].trunk)
			vlan_add(&want.vlans, 20, false);
		for (int k = 0; k < 3 && wants[i].opt[k]; k++)
			set_option(&net, wants[i].opt[k]);
		int r = filter_want(&req, &net, &domain, &want, &e);
		if (wants[i].error) {
			if (r != -EINVAL || !strstr(e.text, wants[i].error))
				fail_msg("%s: %d %s", wants[i].name, r, e.text);
			continue;
		}
		snprintf(expected, sizeof(expected), "00:16:3e:00:00:05 %s", wants[i].want);
		filter_print(&want.filter, text, sizeof(text));
		if (r != wants[i].given_up || strcmp(text, expected))
			fail_msg("%s: %d, \"%s\"", wants[i].name, r, text);
		assert_true(want.port_flags & HOSTIF_PORT_LINKLOCAL);
	}
}

static void addresses_that_the_mode_knows_go_before_ip(void **state)
{
	char text[512];
	struct network net = {.name = "net"};
	struct hostif want = {.up = true};
	struct vif_req req = {.mac = {0, 0x16, 0x3e, 0, 0, 5}, .ip = "10.0.0.500"};
	const struct option_value unset = {.set = false};
	(void)state;
	strcpy(want.master, "virbr0");
	add(&want.filter, "192.168.122.9");
	assert_int_equal(filter_want(&req, &net, &unset, &want, NULL), 0);
	assert_string_equal(filter_print(&want.filter, text, sizeof(text)),
			    "00:16:3e:00:00:05 192.168.122.9 fe80::216:3eff:fe00:5 guards=rdvc");
}

static void a_routed_guest_sends_from_what_is_routed_to_it(void **state)
{
	char text[512];
	struct network net = {.name = "net"};
	struct hostif want = {.up = true};
	struct vif_req req = {.mac = {0, 0x16, 0x3e, 0, 0, 5}, .ip = "10.0.0.5/24 10.9.0.0/16"};
	struct option_value antispoof = {.set = false};
	const struct router_route routes[] = {{.dst = addr("10.9.0.0/16")},
					      {.dst = addr("10.0.0.5")}};
	(void)state;
	assert_int_equal(filter_want(&req, &net, &antispoof, &want, NULL), 0);
	assert_false(want.filter.on); /* wired to nothing */
	for (size_t i = 0; i < 2; i++)
		assert_true(router_add_route(&want.router, &routes[i]));
	assert_int_equal(filter_want(&req, &net, &antispoof, &want, NULL), 0);
	assert_string_equal(
		filter_print(&want.filter, text, sizeof(text)),
		"00:16:3e:00:00:05 routed 10.0.0.5 10.9.0.0/16 fe80::216:3eff:fe00:5 guards=rdvc");
	assert_false(want.port_flags & HOSTIF_PORT_LINKLOCAL);
	antispoof = (struct option_value) {.set = true, .num = false};
	memset(&want.filter, 0, sizeof(want.filter));
	assert_int_equal(filter_want(&req, &net, &antispoof, &want, NULL), 1);
	assert_string_equal(filter_print(&want.filter, text, sizeof(text)),
			    "00:16:3e:00:00:05 routed any guards=vc");
}

static void a_network_and_its_first_host_are_two_elements(void **state)
{
	struct filter f = {.on = true, .routed = true, .guards = FILTER_GUARD_ALL}, back;
	struct nft_elem list[NFT_ELEMS_MAX];
	struct addr net = addr("10.9.0.0/16"), wider = addr("10.0.0.0/8");
	(void)state;
	add(&f, "10.9.0.0");
	assert_true(filter_add_net(&f, &net) && filter_add_net(&f, &wider));
	assert_int_equal(f.n_addrs, 3);
	size_t n = nft_elems_of(&f, list);
	nft_elems_read(list, n, &back);
	assert_true(filter_equal(&f, &back));
	for (size_t i = 0; i < n; i++)
		if (list[i].set == NFT_SET_NETS4)
			list[i].prefix = NFT_PREFIX_ODD;
	nft_elems_read(list, n, &back);
	assert_true(back.odd);
}

struct world {
	struct rtnl kernel;
	struct nft nft;
	struct host host;
	struct steps steps;
	struct hostif want, have;
	int ifindex;
	const struct step *failed;
	struct err e;
};

/* The filter is never touched while the netdev is up and in a bridge without one. */
static void check_closed(void *arg, int ifindex, const struct filter *to)
{
	struct world *w = arg;
	const struct link *l = &w->kernel.at[ifindex - 1].link;
	if (l->ifindex && (!twin_filter(&w->nft, ifindex) || !to->on))
		assert_false((l->flags & IFF_UP) || l->master);
}

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	twin_init(&w->kernel);
	twin_add(&w->kernel, "br0", "bridge");
	twin_add(&w->kernel, "br1", "bridge");
	w->ifindex = twin_add(&w->kernel, "vif5.0", "")->link.ifindex;
	w->nft.before = check_closed;
	w->nft.arg = w;
	w->host = (struct host) {.rtnl = &w->kernel, .links = links_new(), .nft = &w->nft};
	rtnl_resync(&w->kernel, w->host.links, NULL);
	steps_merge(NULL, &w->steps);
	w->want =
		(struct hostif) {.name = "vif5.0", .v6_quiet = true, .up = true, .filter = some(3)};
	vif_tag((struct vif_key) {5, 0}, VIF_DEV_PV, w->want.alias);
	strcpy(w->want.bridge.name, "br0");
	strcpy(w->want.master, "br0");
	w->want.port_flags = HOSTIF_PORT_LEARNING | HOSTIF_PORT_LINKLOCAL;
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

static void a_netdev_is_filtered_before_it_has_a_port_or_is_up(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	assert_int_equal(w.nft.calls, 1);
	assert_true(filter_equal(twin_filter(&w.nft, w.ifindex), &w.want.filter));
	assert_int_equal(run(&w, true), 0);
	assert_int_equal(w.nft.calls, 1);
	world_fini(&w);
}

static void whichever_call_fails_a_new_netdev_has_no_filter_and_no_port(void **state)
{
	int fails = 0;
	(void)state;
	for (int n = 1;; n++) {
		struct world w;
		world_init(&w);
		struct rtnl before = w.kernel;
		w.kernel.fail_at = n;
		w.kernel.fail_code = -EIO;
		int r = run(&w, false);
		if (!r) {
			world_fini(&w);
			break;
		}
		fails++;
		assert_int_equal(r, -EIO);
		assert_memory_equal(w.kernel.at, before.at, sizeof(before.at));
		assert_null(twin_filter(&w.nft, w.ifindex));
		world_fini(&w);
	}
	assert_true(fails >= 4); /* quiet, master, flags, up */
}

static void a_filter_that_is_refused_leaves_the_netdev_as_it_was(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	struct rtnl before = w.kernel;
	w.nft.fail_at = 1;
	w.nft.fail_code = -ENOMEM;
	assert_int_equal(run(&w, false), -ENOMEM);
	assert_string_equal(w.failed->name, "filter");
	assert_string_equal(w.e.text, "set the filter of vif5.0: injected: Cannot allocate memory");
	assert_memory_equal(w.kernel.at, before.at, sizeof(before.at));
	world_fini(&w);
}

static void without_nf_tables_a_vif_is_not_connected_and_told_why(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.nft.missing = true;
	assert_int_equal(run(&w, false), -EOPNOTSUPP);
	assert_non_null(strstr(w.e.text, "is nf_tables in this kernel"));
	assert_non_null(strstr(w.e.text, "antispoof = false"));
	assert_int_equal(w.kernel.at[w.ifindex - 1].link.master, 0);
	w.host.nft = NULL;
	assert_int_equal(run(&w, false), -EPROTONOSUPPORT);
	world_fini(&w);
}

static void without_nf_tables_a_vif_that_wants_no_filter_is_connected(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.nft.missing = true;
	memset(&w.want.filter, 0, sizeof(w.want.filter));
	assert_int_equal(run(&w, false), 0);
	assert_int_not_equal(w.kernel.at[w.ifindex - 1].link.master, 0);
	world_fini(&w);
}

static void another_filter_for_a_live_guest_is_one_change_and_nothing_else(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	int calls = w.kernel.calls;
	w.want.filter = some(9);
	assert_int_equal(run(&w, true), 0);
	assert_int_equal(w.nft.calls, 2);
	assert_int_equal(w.kernel.calls, calls);
	assert_true(filter_equal(twin_filter(&w.nft, w.ifindex), &w.want.filter));
	world_fini(&w);
}

static void a_moving_guest_whose_new_bridge_refuses_has_its_old_filter(void **state)
{
	int fails = 0;
	(void)state;
	for (int n = 1;; n++) {
		struct world w;
		world_init(&w);
		assert_int_equal(run(&w, false), 0);
		struct filter old = w.want.filter;
		strcpy(w.want.bridge.name, "br1");
		strcpy(w.want.master, "br1");
		w.want.filter = some(9);
		w.kernel.fail_at = w.kernel.calls + n;
		w.kernel.fail_code = -EIO;
		int r = run(&w, true);
		if (!r) {
			world_fini(&w);
			break;
		}
		fails++;
		assert_true(filter_equal(twin_filter(&w.nft, w.ifindex), &old));
		world_fini(&w);
	}
	assert_true(fails >= 3); /* down, master, up */
}

static void a_filter_that_somebody_took_a_piece_of_is_set_again(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	twin_filter(&w.nft, w.ifindex)->odd = true;
	assert_int_equal(run(&w, true), 0);
	assert_int_equal(w.nft.calls, 2);
	world_fini(&w);
}

static void unwiring_removes_the_filter_after_the_port(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	assert_int_equal(unwire(&w.host, &w.steps, w.ifindex, &w.e), 0); /* check_closed() looks */
	assert_null(twin_filter(&w.nft, w.ifindex));
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_in_any_order_are_the_same_filter),
		cmocka_unit_test(a_filter_has_room_for_32_addresses_and_the_link_local_one),
		cmocka_unit_test(what_is_written_as_elements_reads_back_as_the_same_filter),
		cmocka_unit_test(a_filter_with_any_element_missing_or_too_many_differs),
		cmocka_unit_test(each_network_and_vif_makes_the_filter_that_is_expected),
		cmocka_unit_test(addresses_that_the_mode_knows_go_before_ip),
		cmocka_unit_test(a_routed_guest_sends_from_what_is_routed_to_it),
		cmocka_unit_test(a_network_and_its_first_host_are_two_elements),
		cmocka_unit_test(a_netdev_is_filtered_before_it_has_a_port_or_is_up),
		cmocka_unit_test(whichever_call_fails_a_new_netdev_has_no_filter_and_no_port),
		cmocka_unit_test(a_filter_that_is_refused_leaves_the_netdev_as_it_was),
		cmocka_unit_test(without_nf_tables_a_vif_is_not_connected_and_told_why),
		cmocka_unit_test(without_nf_tables_a_vif_that_wants_no_filter_is_connected),
		cmocka_unit_test(another_filter_for_a_live_guest_is_one_change_and_nothing_else),
		cmocka_unit_test(a_moving_guest_whose_new_bridge_refuses_has_its_old_filter),
		cmocka_unit_test(a_filter_that_somebody_took_a_piece_of_is_set_again),
		cmocka_unit_test(unwiring_removes_the_filter_after_the_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
