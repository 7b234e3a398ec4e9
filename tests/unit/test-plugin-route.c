// SPDX-License-Identifier: GPL-2.0-or-later
/* Route mode's want(): what a host should have for a vif, and the sentences when it cannot. */
#include "cases.h"

#include <errno.h>
#include <netinet/in.h>

#include "plugin.h"

extern const struct plugin xen_netd_plugin;

/* An option of the network: name and value as in netd.conf. */
struct opt {
	const char *name, *value;
};

struct host {
	struct links *links;
	struct network net;
	struct option_value values[16];
	struct vif_req req;
	struct link netdev;
};

static void add_addr(struct host *h, int ifindex, const char *text, bool primary)
{
	struct link_addr a;
	memset(&a, 0, sizeof(a));
	assert_int_equal(addr_parse(text, &a.addr, NULL), 0);
	a.global = a.usable = a.lasting = true;
	a.primary = primary;
	assert_int_equal(links_put_addr(h->links, ifindex, &a), 0);
}

static void add_link(struct host *h, int ifindex, const char *name)
{
	struct link l;
	memset(&l, 0, sizeof(l));
	l.ifindex = ifindex;
	l.flags = IFF_UP;
	l.mtu = ifindex == 2 ? 9000 : 1500;
	l.conf = (struct router_conf){.set = true, .v6 = true, .forwarding = 1};
	snprintf(l.name, sizeof(l.name), "%s", name);
	assert_int_equal(links_put(h->links, &l), 0);
}

/* eth0 with both families, eth1 without an address, br9 with IPv4 alone. */
static void host_init(struct host *h, const char *ip, const struct opt *opts)
{
	memset(h, 0, sizeof(*h));
	h->links = links_new();
	add_link(h, 2, "eth0");
	add_addr(h, 2, "10.0.0.2/24", false);
	add_addr(h, 2, "10.0.0.1/24", true);
	add_addr(h, 2, "2001:db8::2/64", true);
	add_addr(h, 2, "2001:db8::1/64", true);
	add_link(h, 3, "eth1");
	add_link(h, 4, "br9");
	add_addr(h, 4, "172.16.0.1/16", true);
	links_set_forwarding(h->links, AF_INET, true);
	links_set_forwarding(h->links, AF_INET6, true);
	h->net = (struct network){.name = "lan", .plugin = &xen_netd_plugin, .values = h->values};
	for (; opts && opts->name; opts++)
		for (size_t i = 0; i < xen_netd_plugin.n_options; i++)
			if (!strcmp(xen_netd_plugin.options[i].name, opts->name))
				assert_int_equal(option_parse(&xen_netd_plugin.options[i],
							      opts->value, &h->values[i], NULL), 0);
	h->req.key = (struct vif_key){5, 0};
	h->netdev.conf.v6 = true;
	strcpy(h->netdev.name, "vif5.0");
	if (ip)
		strcpy(h->req.ip, ip);
}

static void host_fini(struct host *h)
{
	for (size_t i = 0; i < xen_netd_plugin.n_options; i++)
		option_clear(&h->values[i]);
	links_free(h->links);
}

static int want(struct host *h, enum vif_dev dev, struct hostif *out, struct err *e)
{
	const struct want_in in = {&h->req, &h->net, dev, h->links, &h->netdev};
	*e = ERR_INIT;
	*out = (struct hostif){.v6_quiet = true, .no_addrs = true, .up = true};
	return xen_netd_plugin.want(&in, out, e);
}

struct good_case {
	const char *name, *ip, *gatewaydev;
	struct opt opts[6];
	const char *says[6]; /* words of router_print() */
	const char *lacks;
};

static const struct good_case good[] = {
	{"an_ipv4_address_is_a_host_route_from_the_gateway_devices_first_address", "10.0.0.5", "eth0",
	 {{NULL}}, {"routes=10.0.0.5/32>10.0.0.1/32#65495@254", "addrs=10.0.0.1/32 ", "neighs=10.0.0.5/32"},
	 "fe80"},
	{"an_ipv6_address_brings_fe80_1_and_the_gateway_devices_lowest", "2001:db8::5", "eth0",
	 {{NULL}}, {"addrs=2001:db8::1/128,fe80::1/64", "routes=2001:db8::5/128>2001:db8::1/128#"}, "10.0.0.1"},
	{"a_network_address_is_a_route_to_the_network_without_a_neighbour", "10.0.8.0/24", "eth0",
	 {{NULL}}, {"routes=10.0.8.0/24>10.0.0.1/32"}, "neighs="},
	{"a_host_with_a_netmask_is_a_host_route", "10.0.0.5/24 2001:db8::5/64", "eth0",
	 {{NULL}}, {"routes=10.0.0.5/32>", "2001:db8::5/128>"}, "/24"},
	{"two_neighbouring_addresses_of_31_bits_are_a_network", "10.0.0.4/31", "eth0",
	 {{NULL}}, {"routes=10.0.0.4/31>"}, "neighs="},
	{"without_a_gateway_device_eth0_is_taken", "10.0.0.5", NULL,
	 {{NULL}}, {"uplink=eth0"}, NULL},
	{"the_networks_device_comes_before_the_vifs", "172.16.0.5", "eth0",
	 {{"gateway-dev", "br9"}, {NULL}}, {"uplink=br9", ">172.16.0.1/32"}, NULL},
	{"a_gateway_of_the_network_needs_no_device", "10.0.0.5", NULL,
	 {{"gateway", "169.254.1.1"}, {NULL}}, {"addrs=169.254.1.1/32", ">169.254.1.1/32"}, "uplink="},
	{"gateway6_is_an_address_beside_fe80_1", "2001:db8::5", NULL,
	 {{"gateway6", "2001:db8:f::1"}, {NULL}}, {"addrs=2001:db8:f::1/128,fe80::1/64", ">2001:db8:f::1/128"},
	 NULL},
	{"a_device_without_global_ipv6_leaves_the_source_to_the_kernel", "2001:db8::5", "br9",
	 {{NULL}}, {"addrs=fe80::1/64", "routes=2001:db8::5/128>#"}, NULL},
	{"proxy_makes_entries_for_hosts_on_the_gateway_device", "10.0.0.5 10.0.8.0/24", "eth0",
	 {{"proxy", "true"}, {NULL}}, {"proxies=10.0.0.5/32%2"}, "10.0.8.0/24%2"},
	{"addresses_of_the_network_serve_a_guest_without_its_own", NULL, "eth0",
	 {{"addresses", "10.0.0.7 2001:db8::7"}, {NULL}}, {"10.0.0.7/32>", "2001:db8::7/128>"}, NULL},
	{"addresses_of_the_vif_come_before_the_networks", "10.0.0.5", "eth0",
	 {{"addresses", "10.0.0.7"}, {NULL}}, {"10.0.0.5/32>"}, "10.0.0.7"},
	{"another_table_gets_the_routes_and_switches_the_strict_filter_off", "10.0.0.5", "eth0",
	 {{"table", "1042"}, {NULL}}, {"#65495@1042", "rpf0"}, NULL},
	{"the_main_table_keeps_the_strict_filter", "10.0.0.5", "eth0", {{NULL}}, {"rpf1", "@254"}, NULL},
};

static void good_test(void **state)
{
	const struct good_case *c = *state;
	struct host h;
	struct hostif out;
	struct err e;
	char text[ROUTER_TEXT_SIZE];
	host_init(&h, c->ip, c->opts);
	if (c->gatewaydev)
		strcpy(h.req.gatewaydev, c->gatewaydev);
	if (want(&h, VIF_DEV_PV, &out, &e) < 0)
		fail_msg("%s", e.text);
	router_print(&out.router, text, sizeof(text));
	for (const char *const *s = c->says; *s; s++)
		if (!strstr(text, *s))
			fail_msg("\"%s\" is not in \"%s\"", *s, text);
	if (c->lacks && strstr(text, c->lacks))
		fail_msg("\"%s\" is in \"%s\"", c->lacks, text);
	assert_false(out.no_addrs);
	assert_true(out.v6_quiet && out.up);
	assert_string_equal(out.master, "");
	host_fini(&h);
}

struct bad_case {
	const char *name, *ip, *gatewaydev;
	struct opt opts[4];
	const char *says[5];
};

static const struct bad_case bad[] = {
	{"no_address_at_all", "", "eth0", {{NULL}}, {"needs an address", "write ip=", "network lan"}},
	{"a_wrong_word_after_a_right_one", "10.0.0.5 nonsense", "eth0", {{NULL}},
	 {"ip=", "\"nonsense\" is not"}},
	{"a_gateway_device_that_is_not_there", "10.0.0.5", "eth7", {{NULL}},
	 {"gatewaydev eth7 does not exist", "eth0 (10.0.0.1/24)", "br9 (172.16.0.1/16)"}},
	{"a_networks_device_that_is_not_there", "10.0.0.5", NULL, {{"gateway-dev", "eth7"}, {NULL}},
	 {"gateway-dev eth7 does not exist"}},
	{"a_gateway_device_without_ipv4", "10.0.0.5", "eth1", {{NULL}},
	 {"eth1 has no IPv4 address", "gateway = ADDRESS"}},
	{"an_address_of_dom0_itself", "10.0.0.2", "eth0", {{NULL}}, {"10.0.0.2/32", "dom0's own"}},
	{"ipv6_in_an_mtu_that_has_no_room_for_it", "10.0.0.5 2001:db8::5", "eth0",
	 {{"mtu", "1279"}, {NULL}}, {"mtu 1279", "IPv6 needs 1280"}},
	{"the_gateway_itself", "169.254.1.1", NULL, {{"gateway", "169.254.1.1"}, {NULL}}, {"dom0's own"}},
};

static void bad_test(void **state)
{
	const struct bad_case *c = *state;
	struct host h;
	struct hostif out;
	struct err e;
	host_init(&h, c->ip, c->opts);
	if (c->gatewaydev)
		strcpy(h.req.gatewaydev, c->gatewaydev);
	assert_true(want(&h, VIF_DEV_PV, &out, &e) < 0);
	assert_says(&e, c->says);
	assert_int_equal(out.router.n_routes + out.router.n_addrs, 0);
	host_fini(&h);
}

static uint32_t metric_of(uint32_t domid, enum vif_dev dev)
{
	struct host h;
	struct hostif out;
	struct err e;
	host_init(&h, "10.0.0.5", NULL);
	h.req.key.domid = domid;
	assert_int_equal(want(&h, dev, &out, &e), 0);
	host_fini(&h);
	return out.router.routes[0].metric;
}

static void a_newer_domain_wins_and_the_tap_wins_in_a_domain(void **state)
{
	(void)state;
	assert_true(metric_of(6, VIF_DEV_PV) < metric_of(5, VIF_DEV_EMU));
	assert_true(metric_of(5, VIF_DEV_EMU) < metric_of(5, VIF_DEV_PV));
	assert_true(metric_of(VIF_DOMID_MAX, VIF_DEV_EMU) > 0);
	assert_true(metric_of(0, VIF_DEV_PV) < 0x80000000);
}

static void ipv6_that_is_off_leaves_only_ipv4_words(void **state)
{
	struct host h;
	struct hostif out;
	struct err e;
	(void)state;
	host_init(&h, "2001:db8::5 10.0.0.5", NULL);
	h.netdev.conf.v6 = false;
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	assert_true(out.router.v6_left_out);
	assert_int_equal(out.router.n_routes, 1);
	assert_false(out.router.forward6);
	strcpy(h.req.ip, "2001:db8::5");
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), -EAFNOSUPPORT);
	assert_says(&e, (const char *const[]){"IPv6 is off on vif5.0", "disable_ipv6=0", NULL});
	host_fini(&h);
}

static void forwarding_that_is_off_is_asked_for_only_when_the_network_says_so(void **state)
{
	static const struct opt forwarding[] = {{"forwarding", "true"}, {NULL}};
	struct host h;
	struct hostif out;
	struct err e;
	(void)state;
	host_init(&h, "10.0.0.5 2001:db8::5", NULL);
	links_set_forwarding(h.links, AF_INET6, false);
	assert_true(want(&h, VIF_DEV_PV, &out, &e) < 0);
	assert_says(&e, (const char *const[]){"IPv6 forwarding is off", "net.ipv6.conf.all.forwarding=1",
					      "forwarding = true", NULL});
	strcpy(h.req.ip, "10.0.0.5");
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	links_set_forwarding(h.links, AF_INET, false);
	assert_true(want(&h, VIF_DEV_PV, &out, &e) < 0);
	assert_says(&e, (const char *const[]){"IPv4 forwarding is off", "net.ipv4.ip_forward=1", NULL});
	host_fini(&h);
	host_init(&h, "10.0.0.5", forwarding);
	links_set_forwarding(h.links, AF_INET, false);
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	assert_true(out.router.forward4 && !out.router.forward6);
	host_fini(&h);
}

static void mtu_is_the_vifs_then_the_networks_then_the_gateway_devices(void **state)
{
	static const struct opt mtu[] = {{"mtu", "1400"}, {NULL}};
	struct host h;
	struct hostif out;
	struct err e;
	(void)state;
	host_init(&h, "10.0.0.5", NULL);
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	assert_int_equal(out.mtu, 9000);
	host_fini(&h);
	host_init(&h, "10.0.0.5", mtu);
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	assert_int_equal(out.mtu, 1400);
	h.req.mtu = 1300;
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	assert_int_equal(out.mtu, 1300);
	h.req.mtu = 1279; /* IPv4 alone */
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	assert_int_equal(out.mtu, 1279);
	strcpy(h.req.ip, "10.0.0.5 2001:db8::5");
	h.req.mtu = 1280;
	assert_int_equal(want(&h, VIF_DEV_PV, &out, &e), 0);
	host_fini(&h);
}

struct check_case {
	const char *name;
	struct opt opts[3];
	const char *says[4];
};

static const struct check_case checks[] = {
	{"a_gateway_that_is_no_address", {{"gateway", "router"}, {NULL}}, {"gateway: ", "\"router\""}},
	{"a_gateway_of_the_other_family", {{"gateway", "2001:db8::1"}, {NULL}},
	 {"gateway: ", "not an IPv4 address"}},
	{"a_gateway6_of_the_other_family", {{"gateway6", "10.0.0.1"}, {NULL}},
	 {"gateway6: ", "not an IPv6 address"}},
	{"a_gateway_with_a_prefix", {{"gateway", "10.0.0.1/24"}, {NULL}}, {"without a prefix length"}},
	{"addresses_with_a_wrong_word", {{"addresses", "10.0.0.5 10.0.0"}, {NULL}},
	 {"addresses: ", "\"10.0.0\""}},
};

static void check_test(void **state)
{
	const struct check_case *c = *state;
	struct host h;
	struct err e = ERR_INIT;
	host_init(&h, NULL, c->opts);
	assert_int_equal(xen_netd_plugin.check(&h.net, &e), -EINVAL);
	assert_says(&e, c->says);
	host_fini(&h);
}

int main(void)
{
	struct CMUnitTest tests[64] = {
		cmocka_unit_test(a_newer_domain_wins_and_the_tap_wins_in_a_domain),
		cmocka_unit_test(ipv6_that_is_off_leaves_only_ipv4_words),
		cmocka_unit_test(forwarding_that_is_off_is_asked_for_only_when_the_network_says_so),
		cmocka_unit_test(mtu_is_the_vifs_then_the_networks_then_the_gateway_devices),
	};
	size_t n = 4;
	CASES_ADD(tests, n, good, good_test);
	CASES_ADD(tests, n, bad, bad_test);
	CASES_ADD(tests, n, checks, check_test);
	return _cmocka_run_group_tests("plugin-route", tests, n, NULL, NULL);
}
