// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of routed guests: what one forges, frame by frame, against a listener beyond dom0 that
 * sees its honest packets just before and just after.
 */
#include <string.h>
#include <sys/socket.h>

#include "forge.h"
#include "route.h"

#define DOM0MAC			   "feffffffffff" /* of every vif's dom0 side */
#define FAR4			   "c0a80702"	  /* 192.168.7.2, the listener */
#define FAR6			   "20010db8000700000000000000000002"
#define NET4			   "0a090007" /* 10.9.0.7, in the network behind the guest */
#define NET6			   "20010db8000900000000000000000007"
#define NOTNET4			   "0a0a0007"
#define ROUTER6			   "fe800000000000000000000000000001"
#define TO4(src)		   DOM0MAC OWN UDP4(src, FAR4, "00090009")
#define IP6TO(len, next, src, dst) "86dd 60000000" len next "40" src dst
#define TO6(src)                                              \
	DOM0MAC OWN IP6TO("0020", "11", src, FAR6) "00090009" \
						   "00200000"
#define ICMP6TO(len, src, dst, type) DOM0MAC OWN IP6TO(len, "3a", src, dst) type "000000"

static const struct forgery known[] = {
	/* What an honest guest sends. */
	{"IPv4 from its address", NULL, TO4(OWN4)},
	{"IPv6 from its address", NULL, TO6(OWN6)},
	{"TCP by IPv6 from its address", NULL,
	 DOM0MAC OWN IP6TO("0020", "06", OWN6, FAR6) "00090009 00000000 00000000 50020000"},
	{"IPv4 from the network behind it", NULL, TO4(NET4)},
	{"IPv6 from the network behind it", NULL, TO6(NET6)},
	{"IPv6 with an extension header", NULL,
	 DOM0MAC OWN IP6TO("0020", "3c", OWN6, FAR6) "1100010400000000 0009000900100000"},
	{"later fragment", NULL,
	 DOM0MAC OWN IP6TO("0018", "2c", OWN6, FAR6) FRAGMENT("11", "0019")},
	{"ping by IPv6", NULL, ICMP6TO("0018", OWN6, FAR6, "80") "00010001"},
	{"ping by IPv6 from behind it", NULL, ICMP6TO("0018", NET6, FAR6, "80") "00010001"},
	{"IPv6 from its link-local address", TAKEN, ALL6 OWN UDP6(LOCAL6, "14e914e9")},
	{"ARP request", TAKEN, ALL OWN ARP("0001", OWN, OWN4)},
	{"ARP probe", TAKEN, ALL OWN ARP_PROBE(OWN4)},
	{"ARP probe for a host behind it", TAKEN, ALL OWN ARP_PROBE(NET4)},
	{"ARP announcement", TAKEN, ALL OWN ARP("0002", OWN, OWN4)},
	{"ARP for a host behind it", TAKEN, ALL OWN ARP("0002", OWN, NET4)},
	{"DHCP discover", TAKEN, ALL OWN DHCP4("0000", NONE4, ALL4, OWN)},
	{"DAD for its address", TAKEN, ALL6 OWN NS(NONE6, OWN6, "0e01aabbccddeeff")},
	{"DAD for an address behind it", TAKEN, ALL6 OWN NS(NONE6, NET6, "0e01aabbccddeeff")},
	{"neighbour solicitation", TAKEN, ALL6 OWN NS(OWN6, ROUTER6, "0101" OWN)},
	{"neighbour advertisement", TAKEN, ALL6 OWN NA(OWN6, OWN6, "0201" OWN)},
	{"advertisement for a host behind it", TAKEN, ALL6 OWN NA(OWN6, NET6, "0201" OWN)},
	{"advertisement by a host behind it", TAKEN, ALL6 OWN NA(NET6, NET6, "0201" OWN)},
	{"router solicitation", TAKEN, ALL6 OWN ICMP6("0008", LOCAL6, "85") "00000000"},

	/* What a thief sends. */
	{"another's MAC", "mac", DOM0MAC OTHER UDP4(OWN4, FAR4, "00090009")},
	{"another's MAC by IPv6", "mac", DOM0MAC OTHER IP6TO("0020", "11", OWN6, FAR6) "00090009"},
	{"ARP with another's MAC", "mac", ALL OTHER ARP("0001", OWN, OWN4)},
	{"IPv4 from another's address", "ip", TO4(OTHER4)},
	{"IPv4 from beside the network behind it", "ip", TO4(NOTNET4)},
	{"IPv4 from the listener's address", "ip", TO4(FAR4)},
	{"IPv4 from dom0's address", "ip", TO4("c0a80701")},
	{"IPv4 from 127.0.0.1", "ip", TO4("7f000001")},
	{"IPv4 from 0.0.0.0", "ip", TO4(NONE4)},
	{"TCP from another's address", "ip", DOM0MAC OWN IP4("06", OTHER4, FAR4) "00500050"},
	{"IPv4 fragment from another's address", "ip",
	 DOM0MAC OWN "0800 45000030 00002005 40110000" OTHER4 FAR4},
	{"IPv4 with options from another's address", "ip",
	 DOM0MAC OWN "0800 46000030 00000000 40110000" OTHER4 FAR4 "01010101 00090009"},
	{"IPv4 in a priority tag from another's address", "ip",
	 DOM0MAC OWN "8100 e000" UDP4(OTHER4, FAR4, "00090009")},
	{"IPv6 from another's address", "ip6", TO6(OTHER6)},
	{"IPv6 from the listener's address", "ip6", TO6(FAR6)},
	{"IPv6 from ::", "ip6", TO6(NONE6)},
	{"IPv6 with an extension header from another's address", "ip6",
	 DOM0MAC OWN IP6TO("0020", "3c", OTHER6, FAR6) "1100010400000000 0009000900100000"},
	{"IPv6 fragment from another's address", "ip6",
	 DOM0MAC OWN IP6TO("0018", "2c", OTHER6, FAR6) FRAGMENT("11", "0019")},
	{"IPv6 with its ports in the next fragment", "ip6",
	 DOM0MAC OWN IP6TO("0010", "2c", OWN6, FAR6) FRAGMENT("3c", "0001") "1100010400000000"},
	{"ping from another's address", "nd", ICMP6TO("0018", OTHER6, FAR6, "80") "00010001"},

	{"ARP that claims another's address", "arp", ALL OWN ARP("0002", OWN, OTHER4)},
	{"ARP that claims the gateway's address", "arp", ALL OWN ARP("0002", OWN, "c0a80701")},
	{"ARP for a host beside the network", "arp", ALL OWN ARP("0002", OWN, NOTNET4)},
	{"ARP request in another's name", "arp", ALL OWN ARP("0001", OWN, OTHER4)},
	{"ARP that gives another's MAC", "arp", ALL OWN ARP("0002", OTHER, OWN4)},
	{"ARP probe with another's MAC", "arp", ALL OWN ARP("0001", OTHER, NONE4)},
	{"advertisement of another's address", "nd", ALL6 OWN NA(OWN6, OTHER6, "0201" OWN)},
	{"advertisement of the router's address", "nd", ALL6 OWN NA(OWN6, ROUTER6, "0201" OWN)},
	{"advertisement from another's address", "nd", ALL6 OWN NA(OTHER6, OTHER6, "0201" OWN)},
	{"advertisement of another's MAC", "nd", ALL6 OWN NA(OWN6, OWN6, "0201" OTHER)},
	{"advertisement behind an extension header", "nd",
	 ALL6 OWN IP6N("0028", "3c", OWN6, NODES6) "3a00010400000000 88000000 20000000" OTHER6
						   "0201" OWN},
	{"advertisement behind a hop-by-hop header", "nd",
	 ALL6 OWN IP6N("0028", "00", OWN6, NODES6) "3a00050200000000 88000000 20000000" OTHER6
						   "0201" OWN},
	{"solicitation from another's address", "nd", ALL6 OWN NS(OTHER6, ROUTER6, "0101" OWN)},
	{"solicitation with another's MAC", "nd", ALL6 OWN NS(OWN6, ROUTER6, "0101" OTHER)},
	{"DAD for another's address", "nd", ALL6 OWN NS(NONE6, OTHER6, "0e01aabbccddeeff")},

	{"router advertisement", "ra",
	 ALL6 OWN ICMP6("0010", LOCAL6, "86") "40000708 0000000000000000"},
	{"router advertisement to dom0 alone", "ra",
	 ICMP6TO("0010", LOCAL6, ROUTER6, "86") "40000708 0000000000000000"},
	{"redirect", "ra", ALL6 OWN ICMP6("0028", LOCAL6, "89") "00000000" OTHER6 OWN6},
	{"DHCP offer", "dhcp", DOM0MAC OWN UDP4(OWN4, FAR4, "00430044")},
	{"DHCPv6 advertise", "dhcp", ALL6 OWN UDP6(LOCAL6, "02230222")},
	{NULL},
};

#define GUEST_IP "10.0.0.5 10.9.0.0/24 2001:db8::5 2001:db8:9::/64"

static struct nic *guest(struct world *w)
{
	struct nic *nic = route_guest(w, 5, "guest5");

	nic->conf.ip = GUEST_IP;
	return nic;
}

/* A routed guest that is connected, and has introduced itself to the listener. */
static void wire_up(struct wire *x, struct world *w, const char *config)
{
	route_host(w, config, true);
	struct nic *nic = guest(w);
	assert_attach(nic);
	assert_soon(w, nic_state_is(nic, 4));
	assert_true(route_pings(w, &w->net, LAN4));
	assert_true(route_pings(w, &w->net, LAN6));
	forge_wire_routed(x, nic, &route_lan, "lan0", TO4(OWN4));
}

static void routed_guest_sends_as_itself_alone(struct world *w)
{
	struct wire x;

	wire_up(&x, w, NULL);
	forge_try(&x, known);
	/* Nor has it got an entry among dom0's neighbours. */
	const char *neigh = DOM0(w, "ip", "neigh", "show", "dev", "vif5.0");
	assert_lacks(neigh, "10.0.0.6");
	assert_lacks(neigh, "00:16:3e:00:06:00");
	assert_lacks(neigh, "2001:db8::6");
}

static void with_limits_it_is_the_same_of_a_routed_guest(struct world *w)
{
	struct wire x;

	wire_up(&x, w,
		"network lan { mode = route gateway-dev = eth0\n limit-pps = 1000000\n"
		" limit-broadcast = 1000000\n limit-connections = 1000000 }\n"
		"domain \"*\" { network = lan }\n");
	forge_try(&x, known);
}

static void antispoof_false_lifts_all_but_the_mac_of_a_routed_guest(struct world *w)
{
	static const struct forgery open[] = {
		{"IPv6 from any address", NULL, TO6(OTHER6)},
		{"ARP of any address", TAKEN, ALL OWN ARP("0002", OWN, OTHER4)},
		{"another's MAC", "mac", DOM0MAC OTHER UDP4(OWN4, FAR4, "00090009")},
		{"ARP that gives another's MAC", "arp", ALL OWN ARP("0002", OTHER, OWN4)},
		{"advertisement of another's MAC", "nd", ALL6 OWN NA(OWN6, OWN6, "0201" OTHER)},
		{NULL},
	};
	struct wire x;

	wire_up(&x, w,
		"network lan { mode = route gateway-dev = eth0\n antispoof = false }\n"
		"domain \"*\" { network = lan }\n");
	forge_try(&x, open);
}

static bool is_forged(const uint8_t *frame, ssize_t n)
{
	return n > 38 && frame[12] == 0x86 && !memcmp(frame + 22, "\x20\x01\x0d\xb8\0\0", 6) &&
	       frame[37] == 6;
}

static void routed_guest_that_forges_from_its_first_moment_gets_nothing_through(struct world *w)
{
	route_host(w, NULL, true);
	struct nic *from = guest(w);
	struct wire x;
	uint8_t frame[2048];
	ssize_t n;

	assert_true(route_pings(w, &w->net, LAN6));
	from->quirk.link_first = true;
	toolstack_attach(from);
	assert_soon(w, from->has_link);
	forge_wire_routed(&x, from, &route_lan, "lan0", TO4(OWN4));
	for (int64_t until = now_us() + 400000; now_us() < until;
	     loop_step(w->loop, now_us() + 200)) {
		forge_send(&x, TO6(OTHER6));
		while ((n = recv(x.in, frame, sizeof(frame), 0)) > 0)
			if (is_forged(frame, n))
				fail_msg("a forged packet arrived");
	}
	assert_int_equal(from->phase, NIC_ATTACHED);
	assert_true(forge_dropped(from, "ip6") > 0);
	/* The listener does see such packets, if they come. */
	forge_try(&x, (const struct forgery[]) {{"its own", NULL, TO6(OWN6)}, {NULL}});
}

static bool filtered(struct wire *x)
{
	return forge_is_dropped(x, TO4(OTHER4), x->honest);
}

static void what_somebody_does_to_the_tables_of_routed_guests_is_put_right(struct world *w)
{
	static const char *const hands[] = {
		"nft flush ruleset",
		"nft delete table inet xen-netd-filter",
		"nft delete table arp xen-netd-filter",
		"nft flush chain inet xen-netd-filter prerouting",
		"nft flush set inet xen-netd-filter guests \\; flush set inet xen-netd-filter pass-v4",
		"nft flush set inet xen-netd-filter nets6",
		"nft insert rule inet xen-netd-filter guest accept",
		"nft add element inet xen-netd-filter nets4 '{ vif5.0 . 10.0.0.0/24 }'",
		"nft add element inet xen-netd-filter nets4 '{ vif5.0 . 10.0.0.6-10.0.0.9 }'",
	};
	struct wire x;

	/* What the filter drops, nothing else shall. */
	wire_up(&x, w,
		"network lan { mode = route gateway-dev = eth0\n table = 254 }\n"
		"domain \"*\" { network = lan }\n");
	char *before = strdup(
		RUN(w, "/usr/sbin/nft", "list", "set", "inet", "xen-netd-filter", "nets4")->out);
	assert_contains(before, ". 10.9.0.0/24");
	for (size_t i = 0; i < sizeof(hands) / sizeof(*hands); i++) {
		unsigned seen = daemon_count(&w->daemon, FORGE_SEEN);
		assert_int_equal(forge_shell(w, hands[i]), 0);
		assert_soon(w, daemon_count(&w->daemon, FORGE_SEEN) > seen);
		assert_soon(w, !strcmp(before, RUN(w, "/usr/sbin/nft", "list", "set", "inet",
						   "xen-netd-filter", "nets4")
						       ->out));
		assert_soon(w, filtered(&x));
		assert_true(forge_dropped(x.from, "ip") > 0);
	}
	forge_try(&x, known);
	free(before);
}

static bool among_guests(struct world *w, const char *family_table, const char *vif)
{
	return forge_shell(w, text("nft list set %s guests | grep -q '\"%s\"'", family_table, vif)) == 0;
}

static void both_cards_of_a_routed_hvm_guest_are_filtered_and_nothing_is_left(struct world *w)
{
	struct nic *a = route_guest(w, 5, "win");

	route_host(w, NULL, true);
	a->conf.hvm = true;
	assert_attach(a);
	for (int i = 0; i < 2; i++) {
		const char *table = i ? "arp xen-netd-filter" : "inet xen-netd-filter";
		assert_true(among_guests(w, table, "vif5.0"));
		assert_true(among_guests(w, table, "vif5.0-emu"));
	}
	devmodel_stop(a);
	assert_soon(w, !among_guests(w, "inet xen-netd-filter", "vif5.0-emu"));
	assert_detach(a);
	assert_soon(w, forge_shell(w, "nft list ruleset | grep -q elements") == 1);
}

static void filter_moves_with_a_guest_from_a_bridge_to_a_router_and_back(struct world *w)
{
	struct wire x;

	wire_up(&x, w, NULL);
	net_add_bridge(&w->net, "xenbr0");
	assert_false(among_guests(w, "bridge xen-netd", "vif5.0"));
	daemon_config(
		"domain \"guest5\" { network = br }\nnetwork br { mode = bridge bridge = xenbr0\n"
		" antispoof = false }\n");
	daemon_reload(&w->daemon);
	assert_soon(w, among_guests(w, "bridge xen-netd", "vif5.0"));
	assert_false(among_guests(w, "inet xen-netd-filter", "vif5.0"));
	assert_false(among_guests(w, "arp xen-netd-filter", "vif5.0"));
	daemon_config(NULL);
	daemon_reload(&w->daemon);
	assert_soon(w, among_guests(w, "inet xen-netd-filter", "vif5.0"));
	assert_false(among_guests(w, "bridge xen-netd", "vif5.0"));
	forge_try(&x, (const struct forgery[]) {{"another's address", "ip6", TO6(OTHER6)}, {NULL}});
}

static void sites_own_chains_decide_on_input_and_on_what_is_forwarded(struct world *w)
{
	struct wire x;

	wire_up(&x, w, NULL);
	struct nic *a = x.from;
	IN(w, &a->guest->net, "ip", "addr", "replace", "10.0.0.5/32", "dev", a->eth);
	IN(w, &a->guest->net, "ip", "route", "replace", GW4, "dev", a->eth, "src", "10.0.0.5");
	IN(w, &a->guest->net, "ip", "route", "replace", "default", "via", GW4, "dev", a->eth, "src",
	   "10.0.0.5");
	IN(w, &route_lan, "ip", "route", "replace", "10.0.0.5", "via", GW4);
	assert_true(route_pings(w, &a->guest->net, GW4));
	assert_true(route_pings(w, &a->guest->net, LAN4));
	assert_int_equal(
		forge_shell(w, "nft add rule inet xen-netd-filter user-input icmp type echo-request drop"),
		0);
	assert_false(route_pings(w, &a->guest->net, GW4));
	assert_true(route_pings(w, &a->guest->net, LAN4));
	assert_int_equal(
		forge_shell(w, "nft flush chain inet xen-netd-filter user-input; nft add rule inet "
		       "xen-netd-filter user-forward oifname eth0 icmp type echo-request drop"),
		0);
	assert_true(route_pings(w, &a->guest->net, GW4));
	assert_false(route_pings(w, &a->guest->net, LAN4));
	daemon_kill(&w->daemon);
	daemon_start(&w->daemon);
	assert_int_equal(forge_shell(w, "nft list chain inet xen-netd-filter user-forward | grep -q eth0"),
			 0);
}

const struct netns_case cases_filter_route[] = {
	CASE(routed_guest_sends_as_itself_alone),
	CASE(with_limits_it_is_the_same_of_a_routed_guest),
	CASE(antispoof_false_lifts_all_but_the_mac_of_a_routed_guest),
	CASE(routed_guest_that_forges_from_its_first_moment_gets_nothing_through),
	CASE(what_somebody_does_to_the_tables_of_routed_guests_is_put_right),
	CASE(both_cards_of_a_routed_hvm_guest_are_filtered_and_nothing_is_left),
	CASE(filter_moves_with_a_guest_from_a_bridge_to_a_router_and_back),
	CASE(sites_own_chains_decide_on_input_and_on_what_is_forwarded),
	CASES_END,
};
