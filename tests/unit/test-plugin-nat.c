// SPDX-License-Identifier: GPL-2.0-or-later
/* Nat mode's pool() and want(), and what netd.conf may say of a private network. */
#include "cases.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <netinet/in.h>

#include "config.h"
#include "plugin.h"

extern const struct plugin xen_netd_plugin;

struct host {
	struct links *links;
	struct plugins *plugins;
	struct config *config;
	struct vif_req req;
	struct network implied;
	const struct network *net;
};

/* @block: what stands in the block of network lab; NULL: an implied network virbr0. */
static int host_init(struct host *h, const char *block, struct err *e)
{
	static const struct plugin *const modes[] = {&xen_netd_plugin, NULL};
	char path[] = "/tmp/plugin-nat-XXXXXX";
	memset(h, 0, sizeof(*h));
	h->links = links_new();
	h->plugins = plugins_from(modes);
	int fd = mkstemp(path), r = 0;
	assert_true(fd >= 0);
	if (block) {
		assert_true(dprintf(fd, "network lab {\nmode = nat\n%s\n}\n", block) > 0);
		r = config_load(path, h->plugins, &h->config, e);
	}
	close(fd);
	unlink(path);
	h->implied = (struct network){.name = "virbr0", .plugin = &xen_netd_plugin, .implied = true};
	h->net = h->config ? &h->config->networks[0] : &h->implied;
	h->req = (struct vif_req){.key = {5, 0}, .mac = {0, 0x16, 0x3e, 0, 5, 0},
				  .domain = "web1", .script = "/etc/xen/scripts/vif-netd"};
	return r;
}

static void host_fini(struct host *h)
{
	config_free(h->config);
	plugins_free(h->plugins);
	links_free(h->links);
}

static int pool(struct host *h, struct lease_pool *p, struct err *e)
{
	const struct want_in in = {&h->req, h->net, VIF_DEV_PV, h->links, NULL, NULL};
	return h->net->plugin->pool(&in, p, e);
}

static int want(struct host *h, const struct lease *lease, struct hostif *out, struct err *e)
{
	const struct want_in in = {&h->req, h->net, VIF_DEV_PV, h->links, NULL, lease};
	*out = (struct hostif){.v6_quiet = true, .no_addrs = true, .up = true};
	return h->net->plugin->want(&in, out, e);
}

static struct addr addr(const char *text)
{
	struct addr a;
	assert_int_equal(addr_parse(text, &a, NULL), 0);
	return a;
}

static struct lease lab(void)
{
	return (struct lease){.gw4 = addr("10.66.0.1/24"), .addr4 = addr("10.66.0.5"),
			      .gw6 = addr("fd66::1/64"), .addr6 = addr("fd66::5")};
}

struct want_case {
	const char *name, *block;
	const char *says[8]; /* words of nat_print() */
	const char *lacks;
};

#define SUBNET "subnet = 10.66.0.0/24\n"

static const struct want_case wants[] = {
	{"without_options_it_serves_dhcp_and_goes_out_anywhere", "",
	 {"nat=lab parts=grd gw4=10.66.0.1/24 gw6=fd66::1/64", "addr4=10.66.0.5/32", "addr6=fd66::5/128",
	  "dhcp=on name=web1 domain=internal"}, "out="},
	{"dhcp_can_be_off", "dhcp = false", {"parts=gr "}, "dhcp"},
	{"an_uplink_a_source_and_servers", "uplink = eth0\nsnat-address = 198.51.100.9\ndns = \"9.9.9.9 1.1.1.1\"",
	 {"out=eth0", "snat4=198.51.100.9/32", "dns=9.9.9.9 1.1.1.1"}, NULL},
	{"local_ipv6_is_not_routed_unless_it_is_told", "nat6 = no", {"v6=routed"}, NULL},
	{"networks_to_reach", "reach = \"office, dmz\"", {"reach=office reach=dmz"}, NULL},
	{"forwards_of_the_guest_by_name_and_by_mac",
	 "forward web1 { port = 80 }\nforward web1 { proto = udp port = 53 to-port = 5353 listen = 198.51.100.1 }\n"
	 "forward 00:16:3e:00:05:00 { port = 22 }\nforward db { port = 5432 }",
	 {"forward=tcp::80:80 forward=udp:198.51.100.1/32:53:5353 forward=tcp::22:22"}, "5432"},
	{"another_domain", "domain = lab.example.org", {"domain=lab.example.org"}, NULL},
};

static void want_test(void **state)
{
	const struct want_case *c = *state;
	const struct lease l = lab();
	struct host h;
	struct hostif out;
	struct err e = ERR_INIT;
	char text[NAT_TEXT_SIZE];
	if (host_init(&h, c->block, &e) < 0 || want(&h, &l, &out, &e) < 0)
		fail_msg("%s", e.text);
	nat_print(&out.nat, text, sizeof(text));
	for (const char *const *s = c->says; *s; s++)
		if (!strstr(text, *s))
			fail_msg("\"%s\" is not in \"%s\"", *s, text);
	if (c->lacks && strstr(text, c->lacks))
		fail_msg("\"%s\" is in \"%s\"", c->lacks, text);
	assert_string_equal(out.master, "lab");
	assert_true(out.bridge.create && out.bridge.passing && out.no_addrs);
	assert_true(out.router.forward4 && out.router.forward6);
	assert_int_equal(out.filter.n_addrs, 2);
	host_fini(&h);
}

static void global_ipv6_is_routed_unless_it_is_told(void **state)
{
	struct lease l = lab();
	struct host h;
	struct hostif out;
	struct err e = ERR_INIT;
	(void)state;
	l.gw6 = addr("2001:db8::1/64");
	assert_int_equal(host_init(&h, "", &e), 0);
	assert_int_equal(want(&h, &l, &out, &e), 0);
	assert_true(out.nat.routed6);
	host_fini(&h);
	assert_int_equal(host_init(&h, "nat6 = yes", &e), 0);
	assert_int_equal(want(&h, &l, &out, &e), 0);
	assert_false(out.nat.routed6);
	host_fini(&h);
}

static void isolated_is_a_flag_of_the_port_and_of_the_rules(void **state)
{
	const struct lease l = lab();
	struct host h;
	struct hostif out;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(host_init(&h, "isolated = true", &e), 0);
	assert_int_equal(want(&h, &l, &out, &e), 0);
	assert_true(out.nat.isolated);
	assert_int_equal(out.port_flags, HOSTIF_PORT_LEARNING | HOSTIF_PORT_ISOLATED);
	host_fini(&h);
}

static void a_device_of_the_networks_name_that_is_no_bridge_is_in_the_way(void **state)
{
	const struct lease l = lab();
	struct link link = {.ifindex = 3, .name = "lab", .kind = "dummy"};
	struct host h;
	struct hostif out;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(host_init(&h, "", &e), 0);
	links_put(h.links, &link);
	assert_int_equal(want(&h, &l, &out, &e), -EEXIST);
	assert_says(&e, (const char *const[]){"network lab needs a bridge", NULL});
	host_fini(&h);
}

static void a_pool_has_what_the_configuration_and_the_vif_say(void **state)
{
	struct host h;
	struct lease_pool p;
	struct err e = ERR_INIT;
	char text[ADDR_TEXT_SIZE];
	(void)state;
	if (host_init(&h, SUBNET "subnet6 = fd66::/64\ngateway = 10.66.0.254\n"
			  "range = 10.66.0.10-10.66.0.99\nhost db { address = 10.66.0.20 }\n"
			  "host web1 { address = 10.66.0.30 address6 = fd66::30 }", &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(pool(&h, &p, &e), 0);
	assert_string_equal(p.network, "lab");
	assert_string_equal(addr_print(&p.gw4, text, sizeof(text)), "10.66.0.254/24");
	assert_string_equal(addr_print(&p.gw6, text, sizeof(text)), "fd66::1/64");
	assert_int_equal(p.first & 255, 10);
	assert_int_equal(p.last & 255, 99);
	assert_int_equal(p.n_reserved, 1);
	assert_int_equal(p.reserved[0] & 255, 20);
	assert_string_equal(addr_print(&p.fixed4, text, sizeof(text)), "10.66.0.30/32");
	assert_string_equal(addr_print(&p.fixed6, text, sizeof(text)), "fd66::30/128");
	strcpy(h.req.ip, "10.66.0.40/24 fd66::40"); /* before the host block */
	assert_int_equal(pool(&h, &p, &e), 0);
	assert_string_equal(addr_print(&p.fixed4, text, sizeof(text)), "10.66.0.40/32");
	assert_string_equal(p.fixed_by, "ip=");
	strcpy(h.req.ip, "10.66.0.40 10.66.0.41");
	assert_int_equal(pool(&h, &p, &e), -EINVAL);
	assert_says(&e, (const char *const[]){"one address of each family", NULL});
	memset(h.req.mac, 0, sizeof(h.req.mac));
	assert_int_equal(pool(&h, &p, &e), -EINVAL);
	assert_says(&e, (const char *const[]){"key mac is missing", NULL});
	host_fini(&h);
}

static void xens_own_addresses_of_vif_nat_are_a_network_each(void **state)
{
	struct host h;
	struct lease_pool p;
	struct hostif out;
	struct err e = ERR_INIT;
	char text[ROUTER_TEXT_SIZE];
	(void)state;
	assert_int_equal(host_init(&h, NULL, &e), 0);
	strcpy(h.req.ip, "10.0.5.1/16");
	assert_int_equal(pool(&h, &p, &e), 0); /* not by this script */
	strcpy(h.req.script, "/etc/xen/scripts/vif-nat");
	assert_int_equal(pool(&h, &p, &e), 1);
	assert_int_equal(want(&h, NULL, &out, &e), 0);
	router_print(&out.router, text, sizeof(text));
	assert_non_null(strstr(text, "addrs=10.0.5.128/32 routes=10.0.5.1/32>10.0.5.128/32#"));
	assert_true(out.router.conf.proxy_arp && out.router.forward4 && !out.no_addrs);
	assert_true(out.nat.on && out.nat.open && !out.nat.dev[0]);
	assert_int_equal(out.nat.parts, NAT_RULES);
	assert_string_equal(out.master, "");
	strcpy(h.req.ip, "10.0.5.129/16");
	assert_int_equal(want(&h, NULL, &out, &e), -EINVAL);
	assert_says(&e, (const char *const[]){"last byte + 127", NULL});
	strcpy(h.req.ip, "192.168.122.5"); /* of the network's own */
	assert_int_equal(pool(&h, &p, &e), 0);
	assert_int_equal(p.fixed4.family, AF_INET);
	host_fini(&h);
}

struct bad_case {
	const char *name, *block;
	const char *says[4];
};

static const struct bad_case bad[] = {
	{"a_subnet_that_is_no_address", "subnet = private", {"subnet: ", "\"private\""}},
	{"a_subnet_without_a_length", "subnet = 10.66.0.0", {"is not an IPv4 network of 8 to 30"}},
	{"a_subnet_that_is_too_small", "subnet = 10.66.0.0/31", {"8 to 30"}},
	{"a_subnet_with_host_bits", "subnet = 10.66.0.7/24", {"bits are set behind its first 24"}},
	{"a_subnet6_of_48_bits", "subnet6 = fd66::/48", {"subnet6: ", "IPv6 network of 64"}},
	{"a_gateway_outside", SUBNET "gateway = 10.67.0.1", {"gateway: ", "is not in subnet"}},
	{"a_gateway_without_a_subnet", "gateway = 10.67.0.1", {"gateway: needs a subnet"}},
	{"a_range_of_one_word", SUBNET "range = 10.66.0.10", {"range: ", "FIRST-LAST"}},
	{"a_range_backwards", SUBNET "range = 10.66.0.20-10.66.0.10", {"not a range of hosts"}},
	{"a_range_beyond_the_subnet", SUBNET "range = 10.66.0.20-10.66.1.10", {"not a range of hosts"}},
	{"a_range_without_a_subnet", "range = 10.66.0.20-10.66.0.30", {"range: needs a subnet"}},
	{"a_source_that_is_no_address", "snat-address = eth0", {"snat-address: "}},
	{"a_source_of_the_other_family", "snat-address = 2001:db8::1", {"not an IPv4 address"}},
	{"a_server_that_is_a_name", "dns = dns.example.org", {"dns: ", "is not an address"}},
	{"a_domain_with_a_space", "domain = \"a b\"", {"domain: ", "no DNS name"}},
	{"a_domain_that_would_end_the_line", "domain = \"a..b\"", {"no DNS name"}},
	{"names_to_reach_that_no_bridge_has", "reach = \"a/b\"", {"reach: "}},
	{"a_host_without_an_address", SUBNET "host web1 { }", {"host web1: has no address"}},
	{"a_host_outside", SUBNET "host web1 { address = 10.67.0.5 }", {"not in the network's subnet"}},
	{"a_host_without_a_subnet", "host web1 { address = 10.67.0.5 }", {"not in the network's subnet"}},
	{"a_host_that_is_dom0", SUBNET "host web1 { address = 10.66.0.1 }", {"dom0's own"}},
	{"one_address_for_two_hosts", SUBNET "host a { address = 10.66.0.5 }\nhost b { address = 10.66.0.5 }",
	 {"host b: the address is that of host a"}},
	{"a_forward_without_a_port", "forward web1 { proto = udp }", {"forward web1: has no port"}},
	{"one_port_for_two_guests", "forward a { port = 80 }\nforward b { port = 80 to-port = 8080 }",
	 {"forward b: the port is that of forward a"}},
	{"a_port_beyond", "forward a { port = 65536 }", {"forward a: port: "}},
	{"another_protocol", "forward a { proto = sctp port = 80 }", {"proto: ", "tcp"}},
	{"a_listen_that_is_a_device", "forward a { port = 80 listen = eth0 }", {"forward a: "}},
	{"an_option_that_a_forward_has_not", "forward a { prot = tcp }",
	 {"unknown option \"prot\"", "did you mean \"proto\""}},
};

static void bad_test(void **state)
{
	const struct bad_case *c = *state;
	struct host h;
	struct err e = ERR_INIT;
	assert_int_equal(host_init(&h, c->block, &e), -EINVAL);
	assert_says(&e, c->says);
	host_fini(&h);
}

static void networks_with_other_blocks_are_other_networks(void **state)
{
	struct host a, b, c;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(host_init(&a, "forward web1 { port = 80 }\nmtu = 1400", &e), 0);
	assert_int_equal(host_init(&b, "mtu = 1400\nforward web1 { port = 80 }", &e), 0);
	assert_int_equal(host_init(&c, "forward web1 { port = 81 }\nmtu = 1400", &e), 0);
	assert_true(network_equal(a.net, b.net));
	assert_false(network_equal(a.net, c.net));
	assert_int_equal(c.net->n_blocks, 1);
	host_fini(&a);
	host_fini(&b);
	host_fini(&c);
}

int main(void)
{
	struct CMUnitTest tests[64] = {
		cmocka_unit_test(global_ipv6_is_routed_unless_it_is_told),
		cmocka_unit_test(isolated_is_a_flag_of_the_port_and_of_the_rules),
		cmocka_unit_test(a_device_of_the_networks_name_that_is_no_bridge_is_in_the_way),
		cmocka_unit_test(a_pool_has_what_the_configuration_and_the_vif_say),
		cmocka_unit_test(xens_own_addresses_of_vif_nat_are_a_network_each),
		cmocka_unit_test(networks_with_other_blocks_are_other_networks),
	};
	size_t n = 6;
	CASES_ADD(tests, n, wants, want_test);
	CASES_ADD(tests, n, bad, bad_test);
	return _cmocka_run_group_tests("plugin-nat", tests, n, NULL, NULL);
}
