// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames that are odd rather than plainly forged, one a row, and what becomes of each where guests are
 * filtered: what a receiver may read otherwise than the kernel does.
 */
#include <string.h>

#include "forge.h"
#include "nat.h"

enum mode {
	KNOWN,	/* bridge, nat: addresses are known */
	GUARDS, /* bridge: they are not, but guard-ra and guard-dhcp are on */
	ROUTE,
	MODES,
};

#define PASS   NULL
#define ABSENT "" /* says nothing there */

struct frame {
	const char *name, *hex;
	const char *expected[MODES]; /* reasons of drops */
};

#define OFFER		 "0043004400180000 0201060000000001"
#define IP4ODD(head, len) "0800" head "00" len "00000000 40110000" OWN4 ALL4 OFFER
#define IP4TAGGED(tags)	 tags IP4("11", OWN4, ALL4) OFFER
#define RA6		 ICMP6("0010", LOCAL6, "86") "40000708 0000000000000000"
#define RELAY(type)	 IP6N("0018", "11", LOCAL6, NODES6) "0223022300180000" type "00000000000000"
#define NONCE		 "0e01aabbccddeeff"
#define SLL(mac)	 "0101" mac
#define NS6(len, options) ICMP6(len, OWN6, "87") "00000000" OTHER6 options
#define RS6(len, options) ICMP6(len, LOCAL6, "85") "00000000" options

static const struct frame frames[] = {
	/* An IPv4 header that the kernel would not take; DHCP's programs read the wire. */
	{"DHCP offer of version 5", ALL OWN IP4ODD("55", "30"), {"ip", "ip", ABSENT}},
	{"DHCP offer of version 0", ALL OWN IP4ODD("05", "30"), {"ip", "ip", ABSENT}},
	{"DHCP offer of length 0", ALL OWN "0800 45000000 00000000 40110000" OWN4 ALL4 OFFER,
	 {"ip", "ip", ABSENT}},
	{"DHCP offer with a header of 4 words", ALL OWN IP4ODD("44", "30"), {"ip", "ip", ABSENT}},
	{"DHCP offer that ends in its header", ALL OWN IP4ODD("45", "10"), {"ip", "ip", ABSENT}},
	{"DHCP offer longer than its frame", ALL OWN "0800 45000800 00000000 40110000" OWN4 ALL4 OFFER,
	 {"ip", "ip", ABSENT}},
	{"DHCP offer", ALL OWN "0800 45000030 00000000 40110000" OWN4 ALL4 OFFER,
	 {"dhcp", "dhcp", "dhcp"}},
	{"later IPv4 fragment", ALL OWN "0800 45000030 00000005 40110000" OWN4 OTHER4,
	 {PASS, PASS, ABSENT}},

	/* Who uses an address gives it up when another probes for it. */
	{"ARP probe for its address", ALL OWN ARP_PROBE(OWN4), {PASS, PASS, TAKEN}},
	{"ARP probe for another's address", ALL OWN ARP_PROBE(OTHER4), {"arp", PASS, "arp"}},
	{"ARP probe that is a reply", ALL OWN "0806 0001 0800 06 04 0002" OWN NONE4 OTHER OTHER4,
	 {"arp", PASS, "arp"}},

	/* DHCPv6 in another's name. */
	{"DHCPv6 relay-forward", ALL6 OWN RELAY("0c"), {"dhcp", "dhcp", "dhcp"}},
	{"DHCPv6 relay-reply", ALL6 OWN RELAY("0d"), {"dhcp", "dhcp", "dhcp"}},
	{"DHCPv6 relay-forward from its own port", ALL6 OWN
	 IP6N("0018", "11", LOCAL6, NODES6) "0222022300180000 0c00000000000000",
	 {"dhcp", "dhcp", "dhcp"}},
	{"DHCPv6 relay-forward from its address", ALL6 OWN
	 IP6N("0018", "11", OWN6, NODES6) "0223022300180000 0c00000000000000",
	 {"dhcp", "dhcp", "dhcp"}},
	{"DHCPv6 first fragment", ALL6 OWN IP6N("0018", "2c", LOCAL6, NODES6)
	 FRAGMENT("11", "0001") "0223022300180000 0100000000000000", {"dhcp", "dhcp", "dhcp"}},
	{"DHCPv6 solicit", ALL6 OWN IP6N("0018", "11", LOCAL6, NODES6) "0222022300180000 01000000",
	 {PASS, PASS, TAKEN}},

	/* What is within what. */
	{"RA in two priority tags", ALL6 OWN "8100 0000 8100 0000" RA6, {"vlan", "protocol", ABSENT}},
	{"RA in tags of both kinds", ALL6 OWN "88a8 0000 8100 0000" RA6,
	 {"vlan", "protocol", ABSENT}},
	{"RA in three priority tags", ALL6 OWN "8100 0000 8100 0000 8100 0000" RA6,
	 {"vlan", "protocol", ABSENT}},
	{"RA in an old tag", ALL6 OWN "9100 0000" RA6, {"protocol", "protocol", ABSENT}},
	{"DHCP offer in two priority tags", ALL OWN IP4TAGGED("8100 0000 8100 0000"),
	 {"vlan", "protocol", ABSENT}},
	{"ARP of another's MAC in two priority tags",
	 ALL OWN "8100 0000 8100 0000" ARP("0002", OTHER, OWN4), {"vlan", "protocol", ABSENT}},
	{"RA in SNAP", ALL6 OWN "0040 aaaa03 000000" RA6, {"protocol", "protocol", ABSENT}},
	{"RA in SNAP of a bridge tunnel", ALL6 OWN "0040 aaaa03 0000f8" RA6,
	 {"protocol", "protocol", ABSENT}},
	{"DHCP offer in SNAP", ALL OWN "0038 aaaa03 000000" IP4TAGGED(""),
	 {"protocol", "protocol", ABSENT}},
	{"AppleTalk in SNAP", ALL OWN "0038 aaaa03 080007 809b", {"protocol", PASS, ABSENT}},
	{"LLC", ALL OWN "0026 f0f003", {"protocol", PASS, ABSENT}},
	{"a protocol that nobody knows", ALL OWN "88b5", {"protocol", PASS, ABSENT}},

	/* A solicitation tells its sender's MAC, too. */
	{"solicitation", ALL6 OWN NS6("0020", SLL(OWN)), {PASS, PASS, TAKEN}},
	{"solicitation without a MAC", ALL6 OWN NS6("0018", ""), {PASS, PASS, TAKEN}},
	{"solicitation with a nonce", ALL6 OWN NS6("0020", NONCE), {PASS, PASS, TAKEN}},
	{"solicitation, nonce before MAC", ALL6 OWN NS6("0028", NONCE SLL(OWN)), {PASS, PASS, TAKEN}},
	{"solicitation, nonce behind MAC", ALL6 OWN NS6("0028", SLL(OWN) NONCE), {PASS, PASS, TAKEN}},
	{"another's MAC behind a nonce", ALL6 OWN NS6("0028", NONCE SLL(OTHER)), {"nd", "nd", "nd"}},
	{"another's MAC before a nonce", ALL6 OWN NS6("0028", SLL(OTHER) NONCE), {"nd", "nd", "nd"}},
	{"another's MAC, of two", ALL6 OWN NS6("0028", SLL(OWN) SLL(OTHER)), {"nd", "nd", "nd"}},
	{"another's MAC in a long option", ALL6 OWN NS6("0028", "0102" OTHER "0000000000000000"),
	 {"nd", "nd", "nd"}},
	{"another's MAC behind a header", ALL6 OWN IP6N("0028", "3c", OWN6, NODES6)
	 "3a00010400000000 87000000 00000000" OTHER6 SLL(OTHER), {"nd", "nd", "nd"}},
	{"router solicitation", ALL6 OWN RS6("0008", ""), {PASS, PASS, TAKEN}},
	{"router solicitation with MAC", ALL6 OWN RS6("0010", SLL(OWN)), {PASS, PASS, TAKEN}},
	{"router solicitation with another's MAC", ALL6 OWN RS6("0010", SLL(OTHER)),
	 {"nd", "nd", "nd"}},
	{"router solicitation with two MACs", ALL6 OWN RS6("0018", SLL(OWN) SLL(OTHER)),
	 {"nd", "nd", "nd"}},

	/* What could carry any of it. */
	{"PPPoE", ALL OWN "8864 1100", {"protocol", PASS, ABSENT}},
	{"MPLS", ALL OWN "8847 00001140", {"protocol", PASS, ABSENT}},
	{"MACsec", ALL OWN "88e5 00000000", {"protocol", PASS, ABSENT}},
	{"EAPOL", ALL OWN "888e 0101", {"protocol", PASS, ABSENT}},
	{"TRILL", ALL OWN "22f3 0000", {"protocol", PASS, ABSENT}},
	{"NSH", ALL OWN "894f 0000", {"protocol", PASS, ABSENT}},
	{"IPX", ALL OWN "8137 ffff", {"protocol", PASS, ABSENT}},
	{"RARP in another's name", ALL OWN "8035 0001 0800 06 04 0003" OTHER OTHER4 OTHER OTHER4,
	 {"arp", "arp", ABSENT}},
	{"IPv4 from 0.0.0.0", ALL OWN UDP4(NONE4, OTHER4, "00090009"), {"ip", PASS, "ip"}},
	{"DAD for another's address", ALL6 OWN NS(NONE6, OTHER6, NONCE), {"nd", PASS, "nd"}},
	{"RA behind hop-by-hop options", ALL6 OWN IP6N("0018", "00", LOCAL6, NODES6)
	 "3a00010400000000 86000000 40000708", {"ra", "ra", "ra"}},
	{NULL},
};

static void try_all(struct wire *x, enum mode mode)
{
	for (const struct frame *f = frames; f->name; f++) {
		const struct forgery one[] = {{f->name, f->expected[mode], f->hex}, {NULL}};

		if (!f->expected[mode] || *f->expected[mode])
			forge_try(x, one);
	}
}

static void odd_frames_of_a_bridged_guest_pass_where_they_are_its_own(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5 2001:db8::5");
	try_all(&x, KNOWN);
}

static void odd_frames_of_a_guest_with_leases_pass_where_they_are_its_own(struct world *w)
{
	struct wire x;

	nat_host(w, "network lab { mode = nat subnet = 10.0.0.0/24 subnet6 = 2001:db8::/64\n"
		    " host guest5 { address = 10.0.0.5 address6 = 2001:db8::5 } }\n");
	struct nic *from = nat_attached(w, 5, "guest5", "lab"),
		   *to = nat_attached(w, 6, "guest6", "lab");
	forge_wire_between(&x, from, to);
	write_file("/sys/class/net/lab/bridge/multicast_snooping", "0");
	assert_pings(to, from);
	try_all(&x, KNOWN);
}

static void guards_hold_inside_of_what_a_guest_of_unknown_addresses_sends(struct world *w)
{
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n guard-ra = true\n guard-dhcp = true }\n"
		     "domain \"*\" { network = xenbr0 }\n");
	forge_wire(&x, w, NULL);
	try_all(&x, GUARDS);
}

static void odd_frames_of_a_routed_guest_pass_where_they_are_its_own(struct world *w)
{
	struct wire x;

	route_host(w, NULL, true);
	struct nic *nic = route_guest(w, 5, "guest5");
	nic->conf.ip = "10.0.0.5 2001:db8::5";
	assert_attach(nic);
	assert_soon(w, nic_state_is(nic, 4));
	assert_true(route_pings(w, &w->net, LAN4));
	forge_wire_routed(&x, nic, &route_lan, "lan0",
			  "feffffffffff" OWN UDP4(OWN4, "c0a80702", "00090009"));
	try_all(&x, ROUTE);
}

static void connections_that_begin_in_tiny_fragments_count(struct world *w)
{
	struct wire x;
	unsigned arrived = 0;

	case_host(w, "network xenbr0 { mode = bridge\n limit-connections = 20 }\n"
		     "domain \"guest5\" { network = xenbr0 }\n");
	forge_wire(&x, w, NULL);
	for (int i = 0; i < 100; i++)
		forge_send(&x, ALL OWN "0800 4500001c 00012000 40060000" OWN4 OTHER4 "04000016 00000001");
	for (int i = 0; i < 100; i++)
		forge_send(&x, ALL6 OWN IP6N("0010", "2c", OWN6, NODES6)
			   FRAGMENT("06", "0001") "04000016 00000001");
	/* Fragments of what is no TCP do not. */
	uint32_t last = forge_send(&x, ALL OWN "0800 4500001c 00012000 40110000" OWN4 OTHER4);
	while (forge_next(&x) != last)
		arrived++;
	assert_in_range(arrived, 1, 60);
	assert_true(forge_dropped(x.from, "connections") >= 140);
}

const struct netns_case cases_frames[] = {
	CASE(odd_frames_of_a_bridged_guest_pass_where_they_are_its_own),
	CASE(odd_frames_of_a_guest_with_leases_pass_where_they_are_its_own),
	CASE(guards_hold_inside_of_what_a_guest_of_unknown_addresses_sends),
	CASE(odd_frames_of_a_routed_guest_pass_where_they_are_its_own),
	CASE(connections_that_begin_in_tiny_fragments_count),
	CASES_END,
};
