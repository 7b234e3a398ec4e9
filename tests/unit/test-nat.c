// SPDX-License-Identifier: GPL-2.0-or-later
/* Private networks as elements of nftables, and as what dnsmasq reads. */
#include "cases.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "dnsmasq-conf.h"
#include "nat-elems.h"

static struct addr addr(const char *text)
{
	struct addr a;
	assert_int_equal(addr_parse(text, &a, NULL), 0);
	return a;
}

static struct nat network(void)
{
	struct nat n = {.on = true, .dev = "lab", .gw4 = addr("10.66.0.1/20"), .addr4 = addr("10.66.0.5"),
			.addr6 = addr("fd66::5"), .dhcp = {.on = true, .mac = {0, 0x16, 0x3e, 0, 5, 0},
							   .name = "web1", .domain = "internal"}};
	return n;
}

static bool has(const struct nat_elem *list, size_t n, enum nat_set set)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].set == set)
			return true;
	return false;
}

static void an_uplink_is_the_only_way_out(void **state)
{
	struct nat_elem list[NAT_ELEMS_MAX];
	struct nat n = network();
	(void)state;
	size_t k = nat_elems_of(&n, 7, list);
	assert_true(has(list, k, NAT_SET_ANYOUT));
	assert_false(has(list, k, NAT_SET_WAYS));
	strcpy(n.uplink, "eth0");
	k = nat_elems_of(&n, 7, list);
	assert_false(has(list, k, NAT_SET_ANYOUT));
	assert_true(has(list, k, NAT_SET_WAYS));
	assert_int_equal(nat_elems_of(&n, 0, list), 0); /* no bridge yet */
}

static void isolated_guests_are_not_the_same_networks(void **state)
{
	struct nat_elem list[NAT_ELEMS_MAX];
	struct nat n = network();
	(void)state;
	assert_true(has(list, nat_elems_of(&n, 7, list), NAT_SET_SAME));
	n.isolated = true;
	assert_false(has(list, nat_elems_of(&n, 7, list), NAT_SET_SAME));
	assert_true(has(list, nat_elems_of(&n, 7, list), NAT_SET_HAIRPIN));
}

static void a_forward_leads_to_both_families_unless_it_listens_on_one_address(void **state)
{
	static const uint8_t key[] = {IPPROTO_UDP, 0, 0, 0, 0, 53, 0, 0};
	static const uint8_t data[] = {10, 66, 0, 5, 0x14, 0xe9};
	struct nat_elem list[NAT_ELEMS_MAX];
	struct nat n = network();
	struct nat_forward f = {.proto = IPPROTO_UDP, .port = 53, .to_port = 5353};
	(void)state;
	assert_true(nat_add_forward(&n, &f));
	size_t k = nat_elems_of(&n, 7, list);
	assert_true(has(list, k, NAT_MAP_PORT4) && has(list, k, NAT_MAP_PORT6));
	for (size_t i = 0; i < k; i++)
		if (list[i].set == NAT_MAP_PORT4) {
			assert_memory_equal(list[i].key, key, sizeof(key));
			assert_memory_equal(list[i].data, data, sizeof(data));
		}
	n.forwards[0].listen = addr("198.51.100.1");
	k = nat_elems_of(&n, 7, list);
	assert_true(has(list, k, NAT_MAP_LISTEN4));
	assert_false(has(list, k, NAT_MAP_LISTEN6) || has(list, k, NAT_MAP_PORT4));
}

static void all_that_a_network_can_have_fits_and_comes_sorted(void **state)
{
	struct nat_elem list[NAT_ELEMS_MAX];
	struct nat n = network();
	(void)state;
	n.snat4 = addr("198.51.100.1");
	n.snat6 = addr("2001:db8::1");
	n.routed6 = n.open = true;
	strcpy(n.uplink, "eth0");
	for (n.n_reach = 0; n.n_reach < NAT_REACH_MAX; n.n_reach++)
		snprintf(n.reach[n.n_reach], IFNAMSIZ, "net%zu", n.n_reach);
	for (unsigned i = 0; i < NAT_FORWARDS_MAX; i++)
		assert_true(nat_add_forward(&n, &(struct nat_forward){IPPROTO_TCP, 1000 - i, 80, {0}}));
	assert_false(nat_add_forward(&n, &(struct nat_forward){IPPROTO_TCP, 1, 80, {0}}));
	size_t k = nat_elems_of(&n, 7, list);
	assert_int_equal(k, 8 + NAT_REACH_MAX + 2 * NAT_FORWARDS_MAX);
	for (size_t i = 1; i < k; i++)
		assert_true(nat_elem_compare(&list[i - 1], &list[i]) < 0);
	for (size_t i = 0; i < k; i++)
		assert_ptr_equal(nat_elems_find(list, k, &list[i]), &list[i]);
}

static void values_differ_in_every_field(void **state)
{
	struct nat a = network(), b = a;
	(void)state;
	assert_true(nat_equal(&a, &b));
	b.parts = NAT_RULES;
	assert_false(nat_equal(&a, &b));
	b = a;
	b.isolated = true;
	assert_false(nat_equal(&a, &b));
	b = a;
	strcpy(b.dhcp.dns, "9.9.9.9");
	assert_false(nat_equal(&a, &b));
	b = a;
	nat_add_forward(&b, &(struct nat_forward){IPPROTO_TCP, 1, 80, {0}});
	assert_false(nat_equal(&a, &b));
	b = a;
	b.gw4.prefix = 24;
	assert_false(nat_equal(&a, &b));
}

static const struct label_case {
	const char *name, *domain, *label;
} labels[] = {
	{"a plain name", "web1", "web1"},
	{"digits first", "1st", "1st"},
	{"a hyphen and an underscore inside", "web-1_a", "web-1_a"},
	{"a hyphen at the end", "web-", ""},
	{"a hyphen at the beginning", "-web", ""},
	{"a dot", "web.example", ""},
	{"a blank", "web 1", ""},
	{"a comma, which dnsmasq would take for more", "web,10.0.0.1", ""},
	{"a line's end", "web\n10.0.0.1 db", ""},
	{"no name", "", ""},
	{"too long a name", "0123456789012345678901234567890123456789012345678901234567890123", ""},
	{"the longest", "012345678901234567890123456789012345678901234567890123456789012",
	 "012345678901234567890123456789012345678901234567890123456789012"},
};

static void label_test(void **state)
{
	const struct label_case *c = *state;
	char out[NAT_NAME_SIZE];
	nat_label(c->domain, out);
	assert_string_equal(out, c->label);
}

static void a_guests_lines_have_its_mac_addresses_and_name(void **state)
{
	struct nat n = network();
	char line[DNSMASQ_LINE_SIZE];
	(void)state;
	dnsmasq_dhcp_line(&n, line);
	assert_string_equal(line, "00:16:3e:00:05:00,10.66.0.5,[fd66::5],web1\n");
	dnsmasq_hosts_line(&n, line);
	assert_string_equal(line, "10.66.0.5 web1\nfd66::5 web1\n");
	n.dhcp.name[0] = '\0';
	n.addr6.family = 0;
	dnsmasq_dhcp_line(&n, line);
	assert_string_equal(line, "00:16:3e:00:05:00,10.66.0.5\n");
	dnsmasq_hosts_line(&n, line);
	assert_string_equal(line, "");
}

static const char *conf_of(const struct nat *n)
{
	static char text[4096];
	struct buf b = {.data = NULL};
	assert_int_equal(dnsmasq_conf(n, "/run/d/lab", "dnsmasq", "dip", &b), 0);
	snprintf(text, sizeof(text), "%.*s", (int)b.len, b.data);
	buf_fini(&b);
	return text;
}

static void assert_line(const char *conf, const char *line, bool there)
{
	char whole[256];
	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(conf, whole) == there)
		fail_msg("\"%s\" is %sin:\n%s", line, there ? "not " : "", conf);
}

static void a_server_is_bound_to_its_bridge_unprivileged_and_gives_to_known_guests(void **state)
{
	struct nat n = network();
	const char *c = conf_of(&n);
	(void)state;
	static const char *const lines[] = {
		"user=dnsmasq", "group=dip", "interface=lab", "except-interface=lo", "bind-dynamic",
		"dhcp-ignore=tag:!known", "dhcp-ignore-clid", "dhcp-ignore-names", "leasefile-ro", "no-hosts",
		"dhcp-range=10.66.0.0,static,255.255.240.0,1h", "dhcp-option=option:router,10.66.0.1",
		"hostsdir=/run/d/lab/hosts", "dhcp-hostsdir=/run/d/lab/dhcp", "domain=internal",
		"local=/internal/",
	};
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_line(c, lines[i], true);
	assert_line(c, "enable-ra", false);
	assert_line(c, "no-resolv", false);
	n.gw6 = addr("fd66::1/64");
	strcpy(n.dhcp.dns, "9.9.9.9 2620:fe::fe");
	c = conf_of(&n);
	assert_line(c, "enable-ra", true);
	assert_line(c, "dhcp-range=fd66::,static,64,1h", true);
	assert_line(c, "dhcp-option=option6:dns-server,[fd66::1]", true);
	assert_line(c, "no-resolv", true);
	assert_line(c, "server=9.9.9.9", true);
	assert_line(c, "server=2620:fe::fe", true);
}

int main(void)
{
	struct CMUnitTest tests[32] = {
		cmocka_unit_test(an_uplink_is_the_only_way_out),
		cmocka_unit_test(isolated_guests_are_not_the_same_networks),
		cmocka_unit_test(a_forward_leads_to_both_families_unless_it_listens_on_one_address),
		cmocka_unit_test(all_that_a_network_can_have_fits_and_comes_sorted),
		cmocka_unit_test(values_differ_in_every_field),
		cmocka_unit_test(a_guests_lines_have_its_mac_addresses_and_name),
		cmocka_unit_test(a_server_is_bound_to_its_bridge_unprivileged_and_gives_to_known_guests),
	};
	size_t n = 7;
	CASES_ADD(tests, n, labels, label_test);
	return _cmocka_run_group_tests("nat", tests, n, NULL, NULL);
}
