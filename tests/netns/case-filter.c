// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters: what a guest forges, frame by frame, against a listener that sees its honest frames just
 * before and just after.
 */
#include "forge.h"

#include <string.h>
#include <sys/socket.h>

const struct forgery forge_known[] = {
	/* What an honest guest sends. */
	{"IPv4 from its address", NULL, ALL OWN UDP4(OWN4, OTHER4, "00090009")},
	{"IPv6 from its address", NULL, ALL6 OWN UDP6(OWN6, "00090009")},
	{"IPv6 from its link-local address", NULL, ALL6 OWN UDP6(LOCAL6, "00090009")},
	{"ARP request", NULL, ALL OWN ARP("0001", OWN, OWN4)},
	{"ARP announcement", NULL, ALL OWN ARP("0002", OWN, OWN4)},
	{"ARP probe", NULL, ALL OWN ARP_PROBE(OWN4)},
	{"RARP of QEMU after a migration", NULL,
	 ALL OWN "8035 0001 0800 06 04 0003" OWN NONE4 OWN NONE4},
	{"DHCP discover", NULL, ALL OWN DHCP4("0000", NONE4, ALL4, OWN)},
	{"DHCPv6 solicit", NULL, ALL6 OWN UDP6(LOCAL6, "02220223")},
	{"DAD for its address", NULL, ALL6 OWN NS(NONE6, OWN6, "0e01aabbccddeeff")},
	{"DAD for its link-local address", NULL,
	 ALL6 OWN ICMP6("0018", NONE6, "87") "00000000" LOCAL6},
	{"neighbour solicitation", NULL, ALL6 OWN NS(OWN6, OTHER6, "0101" OWN)},
	{"neighbour advertisement", NULL, ALL6 OWN NA(OWN6, OWN6, "0201" OWN)},
	{"neighbour advertisement without a MAC", NULL,
	 ALL6 OWN ICMP6("0018", LOCAL6, "88") "60000000" LOCAL6},
	{"router solicitation", NULL, ALL6 OWN ICMP6("0008", LOCAL6, "85") "00000000"},
	{"router solicitation with its MAC", NULL,
	 ALL6 OWN ICMP6("0010", LOCAL6, "85") "00000000 0101" OWN},
	{"MLDv2 report before it has an address", NULL,
	 ALL6 OWN IP6N("0024", "00", NONE6, NODES6) "3a00050200000100 8f000000 00000001"},
	{"ping", NULL, ALL6 OWN ICMP6("0010", OWN6, "80") "00010001"},
	{"first fragment", NULL,
	 ALL6 OWN IP6N("0018", "2c", OWN6, NODES6) FRAGMENT("3a", "0001") "8000000000010001"},
	{"later fragment", NULL, ALL6 OWN IP6N("0018", "2c", OWN6, NODES6) FRAGMENT("3a", "0019")},

	/* Another's MAC. */
	{"another's MAC", "mac", ALL OTHER UDP4(OWN4, OTHER4, "00090009")},
	{"another's MAC and address", "mac", ALL OTHER UDP4(OTHER4, OWN4, "00090009")},
	{"a MAC of nobody", "mac",
	 ALL "021122334455"
	     "88b5"},
	{"LLDP with another's MAC", "mac", "0180c200000e" OTHER "88cc 0207"},
	{"STP with another's MAC", "mac", "0180c2000000" OTHER "0026 424203"},
	{"slow protocols with another's MAC", "mac", "0180c2000002" OTHER "8809"},
	{"a tagged frame with another's MAC", "mac",
	 ALL OTHER "8100 0005" UDP4(OWN4, OTHER4, "00090009")},

	/* Another's IPv4 address. */
	{"IPv4 from another's address", "ip", ALL OWN UDP4(OTHER4, OWN4, "00090009")},
	{"IPv4 from 0.0.0.0", "ip", ALL OWN UDP4(NONE4, ALL4, "00090009")},
	{"IPv4 from 0.0.0.0 like DHCP, to one host", "ip",
	 ALL OWN DHCP4("0000", NONE4, OTHER4, OWN)},
	{"IPv4 from another's address like DHCP", "ip",
	 ALL OWN DHCP4("0000", OTHER4, ALL4, OWN)},
	{"IPv4 from broadcast", "ip", ALL OWN UDP4(ALL4, OTHER4, "00090009")},
	{"TCP from another's address", "ip", ALL OWN IP4("06", OTHER4, OWN4) "00500050"},
	{"ICMP from another's address", "ip", ALL OWN IP4("01", OTHER4, OWN4) "0800"},
	{"IPv4 fragment from another's address", "ip",
	 ALL OWN "0800 45000030 00002005 40110000" OTHER4 OWN4},
	{"IPv4 with options from another's address", "ip",
	 ALL OWN "0800 46000030 00000000 40110000" OTHER4 OWN4 "01010101 00090009"},
	{"IPv4 of a wrong version from another's address", "ip",
	 ALL OWN "0800 65000030 00000000 40110000" OTHER4 OWN4},

	/* ARP. */
	{"ARP that claims another's address", "arp", ALL OWN ARP("0002", OWN, OTHER4)},
	{"ARP request in another's name", "arp", ALL OWN ARP("0001", OWN, OTHER4)},
	{"ARP that gives another's MAC", "arp", ALL OWN ARP("0002", OTHER, OWN4)},
	{"ARP that gives another's MAC and address", "arp", ALL OWN ARP("0002", OTHER, OTHER4)},
	{"ARP probe with another's MAC", "arp", ALL OWN ARP("0001", OTHER, NONE4)},
	{"ARP of an odd hardware type", "arp",
	 ALL OWN "0806 0006 0800 06 04 0002" OWN OWN4 "000000000000" OTHER4},
	{"ARP of an odd protocol", "arp",
	 ALL OWN "0806 0001 86dd 06 04 0002" OWN OWN4 "000000000000" OTHER4},
	{"ARP of odd lengths", "arp", ALL OWN "0806 0001 0800 08 04 0002" OWN OWN4 "0000" OTHER4},
	{"RARP that claims another's address", "arp",
	 ALL OWN "8035 0001 0800 06 04 0004" OWN OTHER4},

	/* IPv6. */
	{"IPv6 from another's address", "ip6", ALL6 OWN UDP6(OTHER6, "00090009")},
	{"IPv6 from another's link-local address", "ip6", ALL6 OWN UDP6(FOREIGN6, "00090009")},
	{"IPv6 from ::", "ip6", ALL6 OWN UDP6(NONE6, "00090009")},
	{"IPv6 with an extension header from another's address", "ip6",
	 ALL6 OWN IP6N("0018", "3c", OTHER6, NODES6) "11000104000000000009000900100000"},
	{"IPv6 fragment from another's address", "ip6",
	 ALL6 OWN IP6N("0018", "2c", OTHER6, NODES6) FRAGMENT("11", "0019")},
	{"IPv6 with a chain of headers that is cut short", "ip6",
	 ALL6 OWN IP6N("0008", "3c", OWN6, NODES6) "3cff0104000000003aff01040000"},
	{"ping from another's address", "nd", ALL6 OWN ICMP6("0010", OTHER6, "80") "00010001"},

	/* Neighbour discovery. */
	{"advertisement of another's address", "nd", ALL6 OWN NA(OWN6, OTHER6, "0201" OWN)},
	{"advertisement from another's address", "nd", ALL6 OWN NA(OTHER6, OTHER6, "0201" OWN)},
	{"advertisement of another's MAC", "nd", ALL6 OWN NA(OWN6, OWN6, "0201" OTHER)},
	{"advertisement from ::", "nd", ALL6 OWN NA(NONE6, OTHER6, "0201" OWN)},
	{"advertisement behind an extension header", "nd",
	 ALL6 OWN IP6N("0028", "3c", OWN6, NODES6) "3a00010400000000 88000000 20000000" OTHER6
						   "0201" OWN},
	{"advertisement in a fragment header", "nd",
	 ALL6 OWN IP6N("0028", "2c", OWN6, NODES6) FRAGMENT("3a", "0000") "88000000 20000000" OTHER6
									  "0201" OWN},
	{"advertisement with its type in the next fragment", "ip6",
	 ALL6 OWN IP6N("0010", "2c", OWN6, NODES6) FRAGMENT("3c", "0001") "3a00010400000000"},
	{"solicitation from another's address", "nd", ALL6 OWN NS(OTHER6, OWN6, "0101" OWN)},
	{"solicitation with another's MAC", "nd", ALL6 OWN NS(OWN6, OTHER6, "0101" OTHER)},
	{"DAD for another's address", "nd", ALL6 OWN NS(NONE6, OTHER6, "0e01aabbccddeeff")},
	{"ping from ::", "nd", ALL6 OWN ICMP6("0010", NONE6, "80") "00010001"},

	/* Guards. */
	{"router advertisement", "ra",
	 ALL6 OWN ICMP6("0010", LOCAL6, "86") "40000708 0000000000000000"},
	{"router advertisement behind an extension header", "ra",
	 ALL6 OWN IP6N("0018", "3c", LOCAL6, NODES6) "3a00010400000000 86000000 40000708"},
	{"router advertisement in a first fragment", "ra",
	 ALL6 OWN IP6N("0018", "2c", LOCAL6, NODES6) FRAGMENT("3a", "0001") "86000000 40000708"},
	{"redirect", "ra", ALL6 OWN ICMP6("0028", LOCAL6, "89") "00000000" OTHER6 OWN6},
	{"DHCP offer", "dhcp", ALL OWN UDP4(OWN4, ALL4, "00430044")},
	{"DHCP offer from an odd port", "dhcp", ALL OWN UDP4(OWN4, ALL4, "04d20044")},
	{"DHCP offer with IPv4 options", "dhcp",
	 ALL OWN "0800 46000030 00000000 40110000" OWN4 ALL4 "01010101 00430044001c0000"},
	{"DHCP offer as a first fragment", "dhcp",
	 ALL OWN "0800 45000030 00002000 40110000" OWN4 ALL4 "00430044001c0000"},
	{"DHCP discover in another's name", "dhcp", ALL OWN DHCP4("0000", NONE4, ALL4, OTHER)},
	{"DHCP release in another's name", "dhcp", ALL OWN DHCP4("0000", OWN4, OTHER4, OTHER)},
	{"DHCP release as a first fragment", "dhcp", ALL OWN DHCP4("2000", OWN4, ALL4, OWN)},
	{"DHCPv6 with its ports in the next fragment", "ip6",
	 ALL6 OWN IP6N("0010", "2c", LOCAL6, NODES6)
		 FRAGMENT("3c", "0001") "1100010400000000 00090009"},
	{"empty first fragment", "ip6",
	 ALL6 OWN IP6N("0008", "2c", LOCAL6, NODES6) FRAGMENT("3a", "0001")},
	{"DHCPv6 advertise", "dhcp", ALL6 OWN UDP6(LOCAL6, "02230222")},
	{"802.1Q tag", "vlan", ALL OWN "8100 0005" UDP4(OWN4, OTHER4, "00090009")},
	{"802.1Q tag that hides another's address", "vlan",
	 ALL OWN "8100 0005" UDP4(OTHER4, OWN4, "00090009")},
	{"priority tag", "vlan", ALL OWN "8100 e000" UDP4(OWN4, OTHER4, "00090009")},
	{"802.1ad tag", "vlan", ALL OWN "88a8 0005" UDP4(OWN4, OTHER4, "00090009")},
	{"two tags", "vlan", ALL OWN "88a8 0005 8100 0006" UDP4(OWN4, OTHER4, "00090009")},
	{"STP", "control", "0180c2000000" OWN "0026 424203 0000000000"},
	{"LACP", "control", "0180c2000002" OWN "8809 01"},
	{"LLDP", "control", "0180c200000e" OWN "88cc 0207"},
	{"LLDP to another MAC", "control", ALL OWN "88cc 0207"},
	{"CDP", "control", "01000ccccccc" OWN "0026 aaaa03 00000c2000"},
	{"PVST", "control", "01000ccccccd" OWN "0026 aaaa03 00000c010b"},

	/* What could carry any of it. */
	{"a protocol that nobody knows", "protocol", ALL OWN "88b5"},
	{"PPPoE", "protocol", ALL OWN "8864 1100"},
	{"MPLS", "protocol", ALL OWN "8847 00001140"},
	{"a tag of another kind", "protocol", ALL OWN "9100 0005" UDP4(OTHER4, OWN4, "00090009")},
	{NULL},
};

/* Of a guest whose addresses nobody has told, or that may tag: no guard but the last. */
const struct forgery forge_unknown[] = {
	{"IPv4 from any address", NULL, ALL OWN UDP4(OTHER4, OWN4, "00090009")},
	{"IPv6 from any address", NULL, ALL6 OWN UDP6(OTHER6, "00090009")},
	{"ARP of any address", NULL, ALL OWN ARP("0002", OWN, OTHER4)},
	{"advertisement of any address", NULL, ALL6 OWN NA(OTHER6, OTHER6, "0201" OWN)},
	{"router advertisement", NULL,
	 ALL6 OWN ICMP6("0010", FOREIGN6, "86") "40000708 0000000000000000"},
	{"DHCP offer", NULL, ALL OWN UDP4(OWN4, ALL4, "00430044")},
	{"802.1Q tag", NULL, ALL OWN "8100 0005" UDP4(OWN4, OTHER4, "00090009")},
	{"a protocol that nobody knows", NULL, ALL OWN "88b5"},
	{"another's MAC", "mac", ALL OTHER UDP4(OWN4, OTHER4, "00090009")},
	{"ARP that gives another's MAC", "arp", ALL OWN ARP("0002", OTHER, OWN4)},
	{"advertisement of another's MAC", "nd", ALL6 OWN NA(OWN6, OWN6, "0201" OTHER)},
	{"STP", "control", "0180c2000000" OWN "0026 424203 0000000000"},
	{"LLDP with another's MAC", "mac", "0180c200000e" OTHER "88cc 0207"},
	{NULL},
};

/* Of a guest with known addresses on a trunk: addresses count inside the tag, too. */
const struct forgery forge_trunk[] = {
	{"802.1Q tag", NULL, ALL OWN "8100 0005" UDP4(OWN4, OTHER4, "00090009")},
	{"ARP in a tag", NULL, ALL OWN "8100 0005" ARP("0001", OWN, OWN4)},
	{"another's address in a tag", "ip", ALL OWN "8100 0005" UDP4(OTHER4, OWN4, "00090009")},
	{"another's IPv6 address in a tag", "ip6", ALL6 OWN "8100 0005" UDP6(OTHER6, "00090009")},
	{"ARP in a tag that claims another's address", "arp",
	 ALL OWN "8100 0005" ARP("0002", OWN, OTHER4)},
	{"DHCP offer in a tag", "dhcp", ALL OWN "8100 0005" UDP4(OWN4, ALL4, "00430044")},
	{"router advertisement in a tag", "ra",
	 ALL6 OWN "8100 0005" ICMP6("0010", LOCAL6, "86") "40000708 0000000000000000"},
	{"a second tag", "protocol", ALL OWN "88a8 0005 8100 0006" UDP4(OWN4, OTHER4, "00090009")},
	{NULL},
};

static void a_guest_of_known_addresses_sends_as_itself_alone(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5 2001:db8::5");
	forge_try(&x, forge_known);
}

static void with_limits_and_guards_one_by_one_it_is_the_same(struct world *w)
{
	struct wire x;

	/* Limits that are not met take every frame the slow way round, with the same outcome. */
	case_host(
		w,
		"network xenbr0 { mode = bridge\n limit-pps = 1000000\n limit-broadcast = 1000000\n"
		" limit-connections = 1000000 }\ndefault-network = xenbr0\n"
		"domain \"*\" { network = xenbr0 }\n");
	forge_wire(&x, w, "10.0.0.5 2001:db8::5");
	forge_try(&x, forge_known);
}

static void a_guest_of_unknown_addresses_sends_from_its_mac_alone(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, NULL);
	forge_try(&x, forge_unknown);
}

static void antispoof_false_lifts_all_but_the_mac(struct world *w)
{
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n antispoof = false }\n"
		     "domain \"*\" { network = xenbr0 }\n");
	forge_wire(&x, w, "10.0.0.5 not-an-address");
	forge_try(&x, forge_unknown);
}

static void on_a_trunk_the_addresses_inside_of_tags_count(struct world *w)
{
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n guard-vlan = false }\n"
		     "domain \"*\" { network = xenbr0 }\n");
	forge_wire(&x, w, "10.0.0.5 2001:db8::5");
	forge_try(&x, forge_trunk);
}

static void a_guard_that_is_off_lets_its_frames_pass(struct world *w)
{
	static const struct forgery off[] = {
		{"router advertisement", NULL,
		 ALL6 OWN ICMP6("0010", LOCAL6, "86") "40000708 0000000000000000"},
		{"DHCP offer", NULL, ALL OWN UDP4(OWN4, ALL4, "00430044")},
		{"advertisement of another's address", "nd", ALL6 OWN NA(OWN6, OTHER6, "0201" OWN)},
		{NULL},
	};
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n guard-ra = false\n guard-dhcp = false }\n"
		     "domain \"*\" { network = xenbr0 }\n");
	forge_wire(&x, w, "10.0.0.5 2001:db8::5");
	forge_try(&x, off);
}

static void no_frame_makes_the_bridge_learn_anothers_mac(struct world *w)
{
	case_host(w, NULL);
	struct nic *thief = forge_attached(w, 5, NULL), *victim = forge_attached(w, 6, NULL),
		   *friend = forge_attached(w, 7, NULL);
	struct wire x;

	forge_wire_between(&x, thief, friend);
	assert_pings(friend, victim);
	for (unsigned last = 0; last < 16; last++) {
		forge_send(&x, text("0180c20000%02x" OTHER "88cc", last));
		/* The victim is silent: were its MAC learned at the thief's port, nothing reached
		 * it. */
		assert_true(case_pings(friend, victim, NO_PING_MS));
	}
	assert_int_equal(forge_dropped(thief, "mac"), 15); /* pause frames never come so far */
	assert_contains(RUN(w, w->paths.xnetctl, "drops", thief->vif)->out, "mac");
	assert_contains(RUN(w, w->paths.xnetctl, "drops", victim->vif)->out, "nothing was dropped");
}

static void a_guest_that_forges_from_its_first_moment_gets_nothing_through(struct world *w)
{
	case_host(w, NULL);
	struct nic *to = forge_attached(w, 6, NULL), *from = forge_guest(w, 5, "10.0.0.5");
	struct wire x;
	uint8_t frame[2048];
	ssize_t n;

	/* The card is there and sends before the daemon has seen it: until well after the attach.
	 */
	from->quirk.link_first = true;
	toolstack_attach(from);
	assert_soon(w, from->has_link);
	forge_wire_between(&x, from, to);
	for (int64_t until = now_us() + 400000; now_us() < until;
	     loop_step(w->loop, now_us() + 200)) {
		uint8_t forged[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,   0x16, 0x3e,
				      0,    6,	  0,	0x88, 0xb5, 'B',  'A', 'D'};
		send(x.out, forged, sizeof(forged), 0);
		while ((n = recv(x.in, frame, sizeof(frame), 0)) > 0)
			if (!memcmp(frame + 12,
				    "\x88\xb5"
				    "BAD",
				    5))
				fail_msg("a forged frame arrived");
	}
	assert_int_equal(from->phase, NIC_ATTACHED);
	assert_true(forge_dropped(from, "mac") > 0);
	assert_pings(to, from);
}

static void limits_let_pass_what_they_say_and_count_the_rest(struct world *w)
{
	struct wire x;
	unsigned arrived = 0;

	case_host(w, "network xenbr0 { mode = bridge\n limit-broadcast = 20 }\n"
		     "domain \"guest5\" { network = xenbr0 }\n");
	forge_wire(&x, w, NULL);
	for (int i = 0; i < 200; i++)
		forge_send(&x, ALL OWN "88b5");
	while (forge_next(&x) && ++arrived < 18)
		;
	loop_step(w->loop, now_us() + 100000);
	while (forge_receive(&x))
		arrived++;
	assert_in_range(arrived, 18, 60);
	assert_true(forge_dropped(x.from, "broadcast") >= 140);
}

const struct netns_case cases_filter[] = {
	CASE(a_guest_of_known_addresses_sends_as_itself_alone),
	CASE(with_limits_and_guards_one_by_one_it_is_the_same),
	CASE(a_guest_of_unknown_addresses_sends_from_its_mac_alone),
	CASE(antispoof_false_lifts_all_but_the_mac),
	CASE(on_a_trunk_the_addresses_inside_of_tags_count),
	CASE(a_guard_that_is_off_lets_its_frames_pass),
	CASE(no_frame_makes_the_bridge_learn_anothers_mac),
	CASE(a_guest_that_forges_from_its_first_moment_gets_nothing_through),
	CASE(limits_let_pass_what_they_say_and_count_the_rest),
	CASES_END,
};
