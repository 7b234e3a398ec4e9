// SPDX-License-Identifier: GPL-2.0-or-later
/* Nat mode: a private network that just works. */
#include "nat.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static void guest_without_configuration_has_address_names_and_internet(struct world *w)
{
	struct dhcp_lease l;
	struct nic *a, *b;

	nat_host(w, NULL);
	a = nat_guest(w, 5, "web1", "virbr0");
	assert_attach(a);
	nat_configure(a, &l);
	assert_int_equal(l.prefix, 24);
	assert_string_equal(l.router, "192.168.122.1");
	assert_string_equal(l.dns, "192.168.122.1");
	assert_string_equal(l.domain, "internal");
	assert_string_equal(l.name, "web1");
	assert_int_equal(l.bad_checksums, 0);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_true(guest_pings(a->guest, SERVER4, PING_MS));

	b = nat_attached(w, 6, "db", "virbr0");
	assert_string_equal(nat_resolve(w, &a->guest->net, l.dns, "db.internal", false), case_addr(b));
	assert_string_equal(nat_resolve(w, &a->guest->net, l.dns, "db", false), case_addr(b));
	assert_pings(a, b);
	assert_pings(b, a);
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "mode", "nat"));
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "network", "virbr0"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "addresses", case_addr(a)));
	assert_string_equal(xsd_get(&w->xsd, nic_be(a, "netd-address")), case_addr(a));
}

/* Two networks with all that one can have. */
#define TWO                                                                                      \
	"network lab {\n mode = nat\n subnet = 10.66.0.0/24\n subnet6 = fd66::/64\n"            \
	" host web1 { address = 10.66.0.10 }\n"                                                  \
	" forward web1 { proto = udp port = 8080 to-port = 7007 }\n"                             \
	" forward web1 { proto = udp listen = 198.51.100.1 port = 8081 to-port = 7007 }\n"       \
	"}\n"                                                                                     \
	"network office { mode = nat subnet = 10.77.0.0/24 isolated = true reach = \"lab\" }\n"   \
	"network other { mode = nat subnet = 10.88.0.0/24 dhcp = false }\n"

static void networks_do_not_see_each_other_unless_told(struct world *w)
{
	struct nic *a, *b, *c;

	nat_host(w, TWO);
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "office");
	c = nat_guest(w, 7, "old", "other");
	assert_attach(c);
	IN(w, &c->guest->net, "ip", "addr", "add",
	   text("%s/24", xsd_get(&w->xsd, nic_be(c, "netd-address"))), "dev", c->eth);
	IN(w, &c->guest->net, "ip", "route", "add", "default", "via", "10.88.0.1");
	nat_echo(w, &a->guest->net, ECHO);
	nat_echo(w, &b->guest->net, ECHO);
	assert_string_equal(case_addr(a), "10.66.0.10");
	/* office may reach lab, and is seen there as itself */
	assert_echo(w, &b->guest->net, "10.66.0.10", ECHO, case_addr(b));
	assert_no_echo(w, &a->guest->net, case_addr(b), ECHO);
	assert_no_echo(w, &c->guest->net, "10.66.0.10", ECHO);
	assert_no_echo(w, &c->guest->net, case_addr(b), ECHO);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_echo(w, &b->guest->net, SERVER4, ECHO, OUT4);
	assert_echo(w, &c->guest->net, SERVER4, ECHO, OUT4);
}

static void guests_of_an_isolated_network_do_not_see_each_other(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, TWO);
	a = nat_attached(w, 5, "one", "office");
	b = nat_attached(w, 6, "two", "office");
	nat_echo(w, &b->guest->net, ECHO);
	assert_no_echo(w, &a->guest->net, case_addr(b), ECHO);
	IN(w, &a->guest->net, "ip", "route", "replace", case_addr(b), "via", "10.77.0.1");
	IN(w, &b->guest->net, "ip", "route", "replace", case_addr(a), "via", "10.77.0.1");
	assert_no_echo(w, &a->guest->net, case_addr(b), ECHO);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
}

static void forwards_work_from_outside_from_dom0_and_from_the_same_network(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, TWO);
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "lab");
	nat_echo(w, &a->guest->net, ECHO);
	assert_echo(w, &nat_internet, OUT4, 8080, NEXT4);
	assert_echo(w, &nat_internet, OUT4, 8081, NEXT4);
	assert_echo(w, &w->net, OUT4, 8080, OUT4);
	assert_echo(w, &w->net, "10.66.0.1", 8080, "10.66.0.1");
	assert_no_echo(w, &w->net, "10.66.0.1", 8081); /* listens on one address */
	/*
	 * Hairpin: a guest beside, and the guest itself. Where br_netfilter is on, the bridge itself sends
	 * what is for a guest beside to it, and its answer is understood without masquerading.
	 */
	if (*route_sysctl_get("bridge/bridge-nf-call-iptables")) {
		route_sysctl_put(w, &w->net, "bridge/bridge-nf-call-iptables", "1");
		assert_echo(w, &b->guest->net, OUT4, 8080, case_addr(b));
		route_sysctl_put(w, &w->net, "bridge/bridge-nf-call-iptables", "0");
	}
	assert_echo(w, &b->guest->net, OUT4, 8080, "10.66.0.1");
	assert_echo(w, &a->guest->net, OUT4, 8080, "10.66.0.1");
	/* what is not forwarded is not reached */
	IN(w, &nat_internet, "ip", "route", "add", "10.66.0.0/24", "via", OUT4);
	assert_no_echo(w, &nat_internet, "10.66.0.10", ECHO);
	assert_echo(w, &nat_internet, OUT4, 8080, NEXT4);
	assert_detach(a);
	assert_soon(w, !strstr(DOM0(w, "nft", "list", "table", "inet", "xen-netd"), "8080"));
	assert_no_echo(w, &nat_internet, OUT4, 8080);
}

static void ipv6_has_dhcp_names_nat_and_forwards(struct world *w)
{
	struct nic *a, *b;
	char addr[46], other[46];

	nat_host(w, TWO);
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "lab");
	assert_true(dhcp6_get(a, addr, DHCP_MS));
	assert_true(dhcp6_get(b, other, DHCP_MS));
	assert_string_equal(xsd_get(&w->xsd, nic_be(a, "netd-address")),
			    text("10.66.0.10 %s", addr));
	IN(w, &a->guest->net, "ip", "addr", "add", text("%s/64", addr), "dev", a->eth, "nodad");
	IN(w, &b->guest->net, "ip", "addr", "add", text("%s/64", other), "dev", b->eth, "nodad");
	/* the default route comes by router advertisement */
	assert_true(LOOP_WAIT(w->loop, DHCP_MS,
			      strstr(IN(w, &a->guest->net, "ip", "-6", "route"), "default via fe80:")));
	assert_echo(w, &a->guest->net, SERVER6, ECHO, OUT6);
	nat_echo(w, &a->guest->net, ECHO);
	assert_echo(w, &b->guest->net, addr, ECHO, other);
	assert_echo(w, &nat_internet, OUT6, 8080, NEXT6);
	assert_echo(w, &w->net, OUT6, 8080, OUT6);
	assert_string_equal(nat_resolve(w, &b->guest->net, "10.66.0.1", "web1.internal", true), addr);
	IN(w, &nat_internet, "ip", "-6", "route", "add", "fd66::/64", "via", OUT6);
	assert_no_echo(w, &nat_internet, addr, ECHO);
}

static void routed_ipv6_comes_and_goes_as_it_is(struct world *w)
{
	struct nic *a;
	char addr[46];

	nat_host(w, "network lab { mode = nat subnet = 10.66.0.0/24 subnet6 = 2001:db8:66::/64 }\n");
	IN(w, &nat_internet, "ip", "-6", "route", "add", "2001:db8:66::/64", "via", OUT6);
	a = nat_attached(w, 5, "web1", "lab");
	assert_true(dhcp6_get(a, addr, DHCP_MS));
	IN(w, &a->guest->net, "ip", "addr", "add", text("%s/64", addr), "dev", a->eth, "nodad");
	IN(w, &a->guest->net, "ip", "-6", "route", "replace", "default", "via", "2001:db8:66::1");
	nat_echo(w, &a->guest->net, ECHO);
	assert_echo(w, &a->guest->net, SERVER6, ECHO, addr);
	assert_echo(w, &nat_internet, addr, ECHO, NEXT6);
}

static void network_goes_with_its_last_guest_and_leaves_the_host_as_it_was(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, TWO);
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "lab");
	assert_string_equal(route_sysctl_get("ipv4/ip_forward"), "1");
	assert_detach(a);
	assert_echo(w, &b->guest->net, SERVER4, ECHO, OUT4);
	assert_true(net_has(&w->net, "lab"));
	toolstack_destroy(b);
	assert_soon(w, !net_has(&w->net, "lab"));
	assert_soon(w, !strcmp(route_sysctl_get("ipv4/ip_forward"), "0"));
	assert_soon(w, !strcmp(route_sysctl_get("ipv6/conf/all/forwarding"), "0"));
	assert_soon(w, !strstr(DOM0(w, "nft", "list", "tables"), "inet xen-netd\n"));
	assert_soon(w, access("/run/xen-netd/networks/lab", F_OK));
	assert_soon(w, !*DOM0(w, "sh", "-c", "pgrep -r RSD -x dnsmasq || true"));
	a = nat_attached(w, 7, "web1", "lab");
	assert_string_equal(case_addr(a), "10.66.0.10");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
}

static void forwarding_that_was_on_stays_on(struct world *w)
{
	struct nic *a;

	nat_host(w, NULL);
	route_sysctl_put(w, &w->net, "ipv4/ip_forward", "1");
	a = nat_attached(w, 5, "web1", "virbr0");
	assert_detach(a);
	assert_soon(w, !net_has(&w->net, "virbr0"));
	assert_string_equal(route_sysctl_get("ipv4/ip_forward"), "1");
}

static void bridge_that_others_made_stays(struct world *w)
{
	struct nic *a;

	nat_host(w, TWO);
	net_add_bridge(&w->net, "lab");
	a = nat_attached(w, 5, "web1", "lab");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_detach(a);
	assert_soon(w, !*DOM0(w, "sh", "-c", "pgrep -r RSD -x dnsmasq || true"));
	assert_true(net_has(&w->net, "lab"));
}

static void xens_own_addressing_of_vif_nat_keeps_working(struct world *w)
{
	struct nic *nic[2];
	const char *t;

	nat_host(w, NULL);
	for (unsigned i = 0; i < 2; i++) {
		nic[i] = nat_guest(w, 5 + i, i ? "two" : "one", NULL);
		nic[i]->conf.script = case_script(w, "vif-nat");
		nic[i]->conf.ip = i ? "10.0.6.1/16" : "10.0.5.1/16";
		nic[i]->conf.addr = nic[i]->conf.ip;
		assert_attach(nic[i]);
		IN(w, &nic[i]->guest->net, "ip", "route", "add", "default", "via",
		   i ? "10.0.6.128" : "10.0.5.128");
	}
	t = DOM0(w, "ip", "addr", "show", "dev", "vif5.0");
	assert_contains(t, "inet 10.0.5.128/32");
	assert_contains(DOM0(w, "ip", "route"), "10.0.5.1 dev vif5.0");
	assert_echo(w, &nic[0]->guest->net, SERVER4, ECHO, OUT4);
	nat_echo(w, &nic[1]->guest->net, ECHO);
	assert_echo(w, &nic[0]->guest->net, "10.0.6.1", ECHO, "10.0.5.1");
	assert_true(net_count_addrs(&w->net, "vif5.0") == 1);
	assert_detach(nic[0]);
	assert_detach(nic[1]);
	assert_soon(w, !strstr(DOM0(w, "nft", "list", "tables"), "inet xen-netd\n"));
	assert_soon(w, !strcmp(route_sysctl_get("ipv4/ip_forward"), "0"));
}

static void script_vif_nat_without_addresses_is_the_built_in_network(struct world *w)
{
	struct nic *a;
	struct dhcp_lease l;

	nat_host(w, NULL);
	DOM0(w, "ip", "route", "add", "192.168.122.0/23", "via", NEXT4);
	a = nat_guest(w, 5, "web1", NULL); /* libxl writes bridge=xenbr0 */
	a->conf.script = case_script(w, "vif-nat");
	assert_attach(a);
	nat_configure(a, &l);
	assert_string_equal(l.router, "192.168.124.1");
	assert_true(daemon_logged(&w->daemon, "network virbr0 takes the subnet of 192.168.124.1/24"));
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
}

static void server_is_unprivileged_and_listens_on_its_bridge_alone(struct world *w)
{
	struct nic *a;

	nat_host(w, NULL);
	a = nat_attached(w, 5, "web1", "virbr0");
	assert_contains(DOM0(w, "sh", "-c", "ps -o user= -p $(cat /run/xen-netd/networks/virbr0/pid)"),
			"dnsmasq");
	assert_string_equal(nat_resolve(w, &a->guest->net, "192.168.122.1", "web1", false),
			    case_addr(a));
	assert_string_equal(nat_resolve(w, &nat_internet, OUT4, "web1", false), "");
	assert_string_equal(nat_resolve(w, &a->guest->net, OUT4, "web1", false), "");
}

static void uplink_and_source_are_as_the_network_says(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, "network good { mode = nat subnet = 10.66.0.0/24 uplink = eth0\n"
		    "               snat-address = 198.51.100.9 }\n"
		    "network late { mode = nat subnet = 10.67.0.0/24 uplink = eth9 }\n");
	DOM0(w, "ip", "addr", "add", "198.51.100.9/24", "dev", "eth0");
	a = nat_attached(w, 5, "web1", "good");
	b = nat_attached(w, 6, "db", "late");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, "198.51.100.9");
	assert_no_echo(w, &b->guest->net, SERVER4, ECHO);
	net_set_up(&w->net, "eth0", false);
	net_set_name(&w->net, "eth0", "eth9"); /* an uplink that comes later */
	net_set_up(&w->net, "eth9", true);
	DOM0(w, "ip", "route", "replace", "default", "via", NEXT4);
	assert_echo(w, &b->guest->net, SERVER4, ECHO, OUT4);
	assert_no_echo(w, &a->guest->net, SERVER4, ECHO);
}

static void subnets_that_collide_are_an_error_that_names_the_device(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, "network one { mode = nat subnet = 10.66.0.0/24 }\n"
		    "network two { mode = nat subnet = 10.66.0.0/16 }\n"
		    "network out { mode = nat subnet = 198.51.100.0/25 }\n");
	a = nat_attached(w, 5, "web1", "one");
	b = nat_guest(w, 6, "db", "two");
	assert_false(nic_attach(b));
	assert_contains(b->error, "network two collides with 10.66.0.1/24 on one");
	b = nat_guest(w, 7, "old", "out");
	assert_false(nic_attach(b));
	assert_contains(b->error, "collides with " OUT4 "/24 on eth0");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
}

static void emulated_card_is_in_the_network_beside_its_vif(struct world *w)
{
	struct nic *a = nat_guest(w, 5, "win", "virbr0");

	nat_host(w, NULL);
	a->conf.hvm = true;
	assert_attach(a);
	a->conf.addr = strdup(text("%s/24", xsd_get(&w->xsd, nic_be(a, "netd-address"))));
	assert_true(net_on(&w->net, "vif5.0-emu", "virbr0"));
	assert_true(guest_tap_arps(a, "192.168.122.1", PING_MS));
	a->conf.addr = "192.168.122.250/24"; /* its filter is as strict */
	assert_false(guest_tap_arps(a, "192.168.122.1", NO_PING_MS));
}

static void running_guest_moves_between_private_networks(struct world *w)
{
	struct dhcp_lease l;
	struct nic *a;

	nat_host(w, TWO);
	a = nat_attached(w, 5, "web1", "lab");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	xsd_put(&w->xsd, nic_be(a, "network"), "office");
	assert_soon(w, net_on(&w->net, "vif5.0", "office") && !net_has(&w->net, "lab"));
	IN(w, &a->guest->net, "ip", "addr", "flush", "dev", a->eth);
	nat_configure(a, &l);
	assert_string_equal(l.router, "10.77.0.1");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_soon(w, !strcmp(xsd_get(&w->xsd, nic_be(a, "netd-address")), l.addr));
}

const struct netns_case cases_nat[] = {
	CASE(guest_without_configuration_has_address_names_and_internet),
	CASE(networks_do_not_see_each_other_unless_told),
	CASE(guests_of_an_isolated_network_do_not_see_each_other),
	CASE(forwards_work_from_outside_from_dom0_and_from_the_same_network),
	CASE(ipv6_has_dhcp_names_nat_and_forwards),
	CASE(routed_ipv6_comes_and_goes_as_it_is),
	CASE(network_goes_with_its_last_guest_and_leaves_the_host_as_it_was),
	CASE(forwarding_that_was_on_stays_on),
	CASE(server_is_unprivileged_and_listens_on_its_bridge_alone),
	CASE(uplink_and_source_are_as_the_network_says),
	CASE(subnets_that_collide_are_an_error_that_names_the_device),
	CASE(emulated_card_is_in_the_network_beside_its_vif),
	CASE(running_guest_moves_between_private_networks),
	CASE(bridge_that_others_made_stays),
	CASE(xens_own_addressing_of_vif_nat_keeps_working),
	CASE(script_vif_nat_without_addresses_is_the_built_in_network),
	CASES_END,
};
