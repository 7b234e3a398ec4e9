// SPDX-License-Identifier: GPL-2.0-or-later
/* Route mode against the odds: conflicts, wrong words, what the host lacks, what changes under it.
 */
#include "route.h"

#include <string.h>

static void route_that_another_takes_over_is_an_error_that_names_it_and_no_fight(struct world *w)
{
	struct nic *a;
	const char *t, *metric;

	route_host(w, NULL, true);
	a = route_attached(w, 5, "web");
	metric =
		strstr(DOM0(w, "ip", "route", "show", "dev", a->vif, "proto", "88"), "metric ") + 7;
	metric = text("%.*s", (int)strspn(metric, "0123456789"), metric);
	DOM0(w, "ip", "route", "replace", "192.168.7.5", "dev", "eth0", "metric", metric);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
	t = daemon_vif(&w->daemon, "vif5.0", "reason");
	assert_contains(t, "192.168.7.5/32");
	assert_contains(t, "eth0");
	assert_true(nic_status_is(a, "connected"));
	assert_contains(DOM0(w, "ip", "route", "show", "192.168.7.5"), "dev eth0");
	DOM0(w, "ip", "route", "del", "192.168.7.5", "dev", "eth0");
	assert_soon(w, strstr(route_ours(w), "192.168.7.5 dev vif5.0"));
}

static void newer_domain_with_the_same_address_wins_and_the_older_takes_over_again(struct world *w)
{
	struct nic *old, *new;
	const char *get;

	route_host(w, ROUTE_PROXIED, true);
	old = route_attached(w, 5, "web");
	new = route_guest(w, 6, "web--incoming");
	new->conf.ip = old->conf.ip;
	new->conf.addr = old->conf.addr;
	assert_attach(new);
	get = DOM0(w, "ip", "route", "get", "192.168.7.5");
	assert_contains(get, "dev vif6.0");
	assert_contains(DOM0(w, "ip", "route", "get", "2001:db8:7::5"), "dev vif6.0");
	assert_detach(new);
	assert_soon(w, strstr(DOM0(w, "ip", "route", "get", "192.168.7.5"), "dev vif5.0"));
	assert_true(route_pings(w, &route_lan, "192.168.7.5"));
	assert_contains(route_traces(w), "192.168.7.5 dev eth0");
}

static void two_vifs_of_one_domain_cannot_have_the_same_address(struct world *w)
{
	struct nic *a, *b;

	route_host(w, NULL, true);
	a = route_attached(w, 5, "web");
	b = case_second(a, 1);
	assert_false(nic_attach(b));
	assert_contains(b->error, "vif5.1");
	assert_contains(b->error, "vif5.0");
	assert_contains(b->error, "192.168.7.5/32");
	assert_true(route_pings(w, &a->guest->net, GW4));
	assert_lacks(route_traces(w), "vif5.1");
	assert_int_equal(net_count_addrs(&w->net, "vif5.1"), 0);
	assert_false(net_is_up(&w->net, "vif5.1"));
	/* Nor is it tried again and again. */
	assert_true(daemon_count(&w->daemon, "vif5.1: plan: quiet") < 4);
}

static void wrong_words_are_clear_errors_and_nothing_is_half_configured(struct world *w)
{
	static const struct {
		const char *ip, *dev, *says;
	} bad[] = {
		{"192.168.7.5 192.168.7.300", "eth0",
		 "\"192.168.7.300\" is not an IPv4 or IPv6 address"},
		{"192.168.7.5 2001:db8::zz", "eth0", "2001:db8::zz"},
		{"192.168.7.5/33", "eth0", "prefix length of 0 to 32"},
		{"web.example.org", "eth0", "web.example.org"},
		{"192.168.7.5,192.168.7.6", "eth0", "192.168.7.5,192.168.7.6"},
		{NULL, "eth0", "has none: write ip=ADDRESS"},
		{"192.168.7.5", "eth9",
		 "gatewaydev eth9 does not exist; devices with addresses here: eth0"},
		{"192.168.7.5", "lo", "lo has no IPv4 address"},
		{"192.168.7.5 " GW4, "eth0", GW4 "/32 is dom0's own address"},
	};

	route_host(w, NULL, true);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nic *a = route_guest(w, 5 + i, "web");
		a->conf.ip = bad[i].ip;
		a->conf.gatewaydev = bad[i].dev;
		assert_false(nic_attach(a));
		assert_contains(a->error, text("vif%u.0", 5 + i));
		assert_contains(a->error, bad[i].says);
		assert_true(a->script_us < 1000000);
		assert_string_equal(route_traces(w), "");
		assert_int_equal(net_count_addrs(&w->net, a->vif), 0);
		assert_false(net_is_up(&w->net, a->vif));
	}
}

static void without_a_gateway_device_eth0_is_taken_as_vif_route_did(struct world *w)
{
	struct nic *a = route_guest(w, 5, "web"), *b = route_guest(w, 6, "db");

	route_host(w, NULL, true);
	a->conf.gatewaydev = NULL;
	assert_attach(a);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "network", "route"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "via", "eth0"));
	assert_detach(a);
	DOM0(w, "ip", "link", "set", "eth0", "down");
	DOM0(w, "ip", "link", "set", "eth0", "name", "enp1s0");
	DOM0(w, "ip", "link", "set", "enp1s0", "up");
	b->conf.gatewaydev = NULL;
	assert_false(nic_attach(b));
	assert_contains(b->error, "there is no eth0");
	assert_contains(b->error, "enp1s0 (" GW4 "/24)");
}

static void forwarding_that_is_off_is_an_error_that_says_what_to_set(struct world *w)
{
	struct nic *a = route_guest(w, 5, "web");

	route_host(w, NULL, false);
	assert_false(nic_attach(a));
	assert_contains(a->error, "IPv4 forwarding is off");
	assert_contains(a->error, "net.ipv4.ip_forward=1");
	assert_contains(a->error, "forwarding = true");
	assert_string_equal(route_traces(w), "");
	route_sysctl_put(w, &w->net, "ipv4/ip_forward", "1");
	assert_soon(w,
		    strstr(daemon_vif(&w->daemon, "vif5.0", "reason"), "IPv6 forwarding is off"));
	route_sysctl_put(w, &w->net, "ipv6/conf/all/forwarding", "1");
	assert_soon(w, nic_status_is(a, "connected"));
	route_guest_config(a);
	route_lan_config(w, 5);
	assert_true(route_pings(w, &a->guest->net, LAN4));
	assert_true(route_pings(w, &a->guest->net, LAN6));
}

static void network_with_forwarding_switches_it_on_and_keeps_router_advertisements(struct world *w)
{
	struct nic *a = route_guest(w, 5, "web");

	route_host(w,
		   "network lan { mode = route gateway-dev = eth0 forwarding = true }\n"
		   "domain \"*\" { network = lan }\n",
		   false);
	assert_string_equal(route_sysctl_get("ipv6/conf/eth0/accept_ra"), "1");
	assert_attach(a);
	route_guest_config(a);
	assert_string_equal(route_sysctl_get("ipv4/ip_forward"), "1");
	assert_string_equal(route_sysctl_get("ipv6/conf/all/forwarding"), "1");
	assert_string_equal(route_sysctl_get("ipv6/conf/eth0/accept_ra"), "2");
	assert_string_equal(route_sysctl_get("ipv6/conf/vif5.0/accept_ra"), "0");
	route_lan_config(w, 5);
	assert_true(route_pings(w, &a->guest->net, LAN4));
	assert_true(route_pings(w, &a->guest->net, LAN6));
}

static void ipv6_that_is_off_leaves_ipv4_working_and_says_so(struct world *w)
{
	struct nic *a = route_guest(w, 5, "web"), *b = route_guest(w, 6, "db");

	route_host(w, NULL, true);
	route_sysctl_put(w, &w->net, "ipv6/conf/all/disable_ipv6", "1");
	route_sysctl_put(w, &w->net, "ipv6/conf/default/disable_ipv6", "1");
	assert_attach(a);
	IN(w, &a->guest->net, "ip", "route", "replace", GW4, "dev", a->eth);
	IN(w, &a->guest->net, "ip", "route", "replace", "default", "via", GW4, "dev", a->eth);
	route_lan_config(w, 5);
	assert_true(route_pings(w, &a->guest->net, LAN4));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "reason", "IPv6 is off"));
	b->conf.ip = "2001:db8:7::6";
	assert_false(nic_attach(b));
	assert_contains(b->error, "IPv6 is off on vif6.0");
	assert_lacks(route_traces(w), "vif6.0");
}

static void new_address_of_the_gateway_device_is_taken_up_while_guests_run(struct world *w)
{
	struct nic *a;

	route_host(w, ROUTE_PROXIED, true);
	a = route_attached(w, 5, "web");
	DOM0(w, "ip", "addr", "add", "192.168.8.1/24", "dev", "eth0");
	DOM0(w, "ip", "addr", "del", GW4 "/24", "dev", "eth0");
	assert_soon(w, strstr(route_ours(w), "src 192.168.8.1"));
	assert_contains(DOM0(w, "ip", "addr", "show", "dev", a->vif), "192.168.8.1/32");
	assert_soon(w, !strstr(DOM0(w, "ip", "addr", "show", "dev", a->vif), GW4 "/32"));
	DOM0(w, "ip", "addr", "del", "192.168.8.1/24", "dev", "eth0");
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "reason", "has no IPv4 address"));
	assert_true(net_is_up(&w->net, "vif5.0")); /* a running guest keeps what works */
	assert_contains(route_ours(w), "192.168.7.5 dev vif5.0");
	DOM0(w, "ip", "addr", "add", GW4 "/24", "dev", "eth0");
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_contains(route_ours(w), "src " GW4);
}

static void guest_moves_between_a_bridge_and_a_router_and_back(struct world *w)
{
	struct nic *a;

	net_add_bridge(&w->net, "xenbr0");
	route_host(w,
		   "network lan { mode = route gateway-dev = eth0 proxy = true }\n"
		   "network xenbr0 { mode = bridge }\n",
		   true);
	a = route_attached(w, 5, "web");
	for (int i = 0; i < 2; i++) {
		xsd_put(&w->xsd, nic_be(a, "network"), "xenbr0");
		assert_soon(w, net_on(&w->net, a->vif, "xenbr0"));
		assert_soon(w, net_is_up(&w->net, a->vif) && !*route_traces(w));
		assert_int_equal(net_count_addrs(&w->net, a->vif), 0);
		xsd_put(&w->xsd, nic_be(a, "network"), "lan");
		assert_soon(w, strstr(route_traces(w), "192.168.7.5 dev eth0"));
		assert_false(net_on(&w->net, a->vif, "xenbr0"));
		route_guest_config(a);
		assert_true(route_pings(w, &route_lan, "192.168.7.5"));
		assert_true(route_pings(w, &a->guest->net, LAN6));
	}
}

static void routes_go_into_the_table_that_the_network_names(struct world *w)
{
	struct nic *a;

	route_host(w,
		   "network lan { mode = route gateway-dev = eth0 table = 1042 }\n"
		   "domain \"*\" { network = lan }\n",
		   true);
	DOM0(w, "ip", "rule", "add", "to", "192.168.7.5", "lookup", "1042");
	a = route_attached(w, 5, "web");
	assert_contains(DOM0(w, "ip", "route", "show", "table", "1042"), "192.168.7.5 dev vif5.0");
	assert_contains(DOM0(w, "ip", "-6", "route", "show", "table", "1042"), "2001:db8:7::5");
	assert_string_equal(DOM0(w, "ip", "route", "show", "proto", "88"), "");
	assert_true(route_pings(w, &a->guest->net, GW4));
	assert_detach(a);
	assert_soon(w, !*route_traces(w));
}

static void changed_addresses_of_a_network_are_taken_up_by_a_reload(struct world *w)
{
	struct nic *a = route_guest(w, 5, "web");
	static const char before[] = "network one { mode = route gateway-dev = eth0 proxy = true "
				     "addresses = \"192.168.7.5 2001:db8:7::5\" }\n"
				     "domain \"web\" { network = one }\n";
	static const char after[] = "network one { mode = route gateway-dev = eth0 proxy = true "
				    "addresses = \"192.168.7.77 2001:db8:7::77\" }\n"
				    "domain \"web\" { network = one }\n";

	route_host(w, before, true);
	a->conf.ip = NULL;
	assert_attach(a);
	route_guest_config(a);
	assert_true(route_pings(w, &route_lan, "192.168.7.5"));
	daemon_config(after);
	daemon_reload(&w->daemon);
	assert_soon(w, strstr(route_traces(w), "192.168.7.77 dev eth0"));
	assert_lacks(route_traces(w), "192.168.7.5 ");
	assert_lacks(route_traces(w), "2001:db8:7::5 ");
}

static void emulated_card_is_routed_to_before_the_paravirtual_one(struct world *w)
{
	struct nic *a = route_guest(w, 5, "win");

	route_host(w, NULL, true);
	a->conf.hvm = true;
	assert_attach(a);
	assert_contains(DOM0(w, "ip", "route", "get", "192.168.7.5"), "dev vif5.0-emu");
	assert_contains(DOM0(w, "ip", "route", "get", "2001:db8:7::5"), "dev vif5.0-emu");
	devmodel_stop(a);
	assert_soon(w, strstr(DOM0(w, "ip", "route", "get", "192.168.7.5"), "dev vif5.0 "));
	route_guest_config(a);
	assert_true(route_pings(w, &a->guest->net, GW4));
}

const struct netns_case cases_route_odds[] = {
	CASE(route_that_another_takes_over_is_an_error_that_names_it_and_no_fight),
	CASE(newer_domain_with_the_same_address_wins_and_the_older_takes_over_again),
	CASE(two_vifs_of_one_domain_cannot_have_the_same_address),
	CASE(wrong_words_are_clear_errors_and_nothing_is_half_configured),
	CASE(without_a_gateway_device_eth0_is_taken_as_vif_route_did),
	CASE(forwarding_that_is_off_is_an_error_that_says_what_to_set),
	CASE(network_with_forwarding_switches_it_on_and_keeps_router_advertisements),
	CASE(ipv6_that_is_off_leaves_ipv4_working_and_says_so),
	CASE(new_address_of_the_gateway_device_is_taken_up_while_guests_run),
	CASE(guest_moves_between_a_bridge_and_a_router_and_back),
	CASE(routes_go_into_the_table_that_the_network_names),
	CASE(changed_addresses_of_a_network_are_taken_up_by_a_reload),
	CASE(emulated_card_is_routed_to_before_the_paravirtual_one),
	CASES_END,
};
