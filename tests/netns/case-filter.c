// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters: what a guest forges, frame by frame, against a listener that sees its honest frames just
 * before and just after.
 */
#include "case.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <arpa/inet.h>

/* The guest that forges has domid 5, the one that listens 6. */
#define OWN "00163e000500"
#define OTHER "00163e000600"
#define ALL "ffffffffffff"
#define ALL6 "333300000001"
#define OWN4 "0a000005"
#define OTHER4 "0a000006"
#define NONE4 "00000000"
#define ALL4 "ffffffff"
#define OWN6 "20010db8000000000000000000000005"
#define OTHER6 "20010db8000000000000000000000006"
#define LOCAL6 "fe8000000000000002163efffe000500"
#define FOREIGN6 "fe8000000000000002163efffe000600"
#define NONE6 "00000000000000000000000000000000"
#define NODES6 "ff020000000000000000000000000001"

/* Headers; lengths leave room for the mark at the frame's end, outside of the packet. */
#define IP4(proto, src, dst) "0800 45000030 00000000 40" proto "0000" src dst
#define UDP4(src, dst, ports) IP4("11", src, dst) ports "001c0000"
#define IP6N(len, next, src, dst) "86dd 60000000" len next "ff" src dst
#define UDP6(src, ports) IP6N("0010", "11", src, NODES6) ports "00100000"
#define ICMP6(len, src, type) IP6N(len, "3a", src, NODES6) type "000000"
#define ARP(op, mac, addr) "0806 0001 0800 06 04 " op mac addr "000000000000" OTHER4
#define NA(src, target, option) ICMP6("0020", src, "88") "20000000" target option
#define NS(src, target, option) ICMP6("0020", src, "87") "00000000" target option
#define FRAGMENT(next, offset) next "00" offset "12345678"

enum { MARK_LEN = 8, FRAME_LEN = 160 };

struct forgery {
	const char *name, *reason; /* NULL: it passes */
	const char *hex;
};

static const struct forgery known[] = {
	/* What an honest guest sends. */
	{"IPv4 from its address", NULL, ALL OWN UDP4(OWN4, OTHER4, "00090009")},
	{"IPv6 from its address", NULL, ALL6 OWN UDP6(OWN6, "00090009")},
	{"IPv6 from its link-local address", NULL, ALL6 OWN UDP6(LOCAL6, "00090009")},
	{"ARP request", NULL, ALL OWN ARP("0001", OWN, OWN4)},
	{"ARP announcement", NULL, ALL OWN ARP("0002", OWN, OWN4)},
	{"ARP probe", NULL, ALL OWN ARP("0001", OWN, NONE4)},
	{"RARP of QEMU after a migration", NULL,
	 ALL OWN "8035 0001 0800 06 04 0003" OWN NONE4 OWN NONE4},
	{"DHCP discover", NULL, ALL OWN UDP4(NONE4, ALL4, "00440043")},
	{"DHCPv6 solicit", NULL, ALL6 OWN UDP6(LOCAL6, "02220223")},
	{"DAD for its address", NULL, ALL6 OWN NS(NONE6, OWN6, "0e01aabbccddeeff")},
	{"DAD for its link-local address", NULL, ALL6 OWN ICMP6("0018", NONE6, "87") "00000000" LOCAL6},
	{"neighbour solicitation", NULL, ALL6 OWN NS(OWN6, OTHER6, "0101" OWN)},
	{"neighbour advertisement", NULL, ALL6 OWN NA(OWN6, OWN6, "0201" OWN)},
	{"neighbour advertisement without a MAC", NULL,
	 ALL6 OWN ICMP6("0018", LOCAL6, "88") "60000000" LOCAL6},
	{"router solicitation", NULL, ALL6 OWN ICMP6("0010", LOCAL6, "85") "00000000"},
	{"MLDv2 report before it has an address", NULL,
	 ALL6 OWN IP6N("0024", "00", NONE6, NODES6) "3a00050200000100 8f000000 00000001"},
	{"ping", NULL, ALL6 OWN ICMP6("0010", OWN6, "80") "00010001"},
	{"first fragment", NULL, ALL6 OWN IP6N("0018", "2c", OWN6, NODES6) FRAGMENT("3a", "0001") "8000000000010001"},
	{"later fragment", NULL, ALL6 OWN IP6N("0018", "2c", OWN6, NODES6) FRAGMENT("3a", "0019")},

	/* Another's MAC. */
	{"another's MAC", "mac", ALL OTHER UDP4(OWN4, OTHER4, "00090009")},
	{"another's MAC and address", "mac", ALL OTHER UDP4(OTHER4, OWN4, "00090009")},
	{"a MAC of nobody", "mac", ALL "021122334455" "88b5"},
	{"LLDP with another's MAC", "mac", "0180c200000e" OTHER "88cc 0207"},
	{"STP with another's MAC", "mac", "0180c2000000" OTHER "0026 424203"},
	{"slow protocols with another's MAC", "mac", "0180c2000002" OTHER "8809"},
	{"a tagged frame with another's MAC", "mac", ALL OTHER "8100 0005" UDP4(OWN4, OTHER4, "00090009")},

	/* Another's IPv4 address. */
	{"IPv4 from another's address", "ip", ALL OWN UDP4(OTHER4, OWN4, "00090009")},
	{"IPv4 from 0.0.0.0", "ip", ALL OWN UDP4(NONE4, ALL4, "00090009")},
	{"IPv4 from 0.0.0.0 like DHCP, to one host", "ip", ALL OWN UDP4(NONE4, OTHER4, "00440043")},
	{"IPv4 from another's address like DHCP", "ip", ALL OWN UDP4(OTHER4, ALL4, "00440043")},
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
	{"RARP that claims another's address", "arp", ALL OWN "8035 0001 0800 06 04 0004" OWN OTHER4},

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
	 ALL6 OWN IP6N("0028", "3c", OWN6, NODES6) "3a00010400000000 88000000 20000000" OTHER6 "0201" OWN},
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
	{"DHCPv6 with its ports in the next fragment", "ip6",
	 ALL6 OWN IP6N("0010", "2c", LOCAL6, NODES6) FRAGMENT("3c", "0001") "1100010400000000 00090009"},
	{"empty first fragment", "ip6", ALL6 OWN IP6N("0008", "2c", LOCAL6, NODES6) FRAGMENT("3a", "0001")},
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
static const struct forgery unknown[] = {
	{"IPv4 from any address", NULL, ALL OWN UDP4(OTHER4, OWN4, "00090009")},
	{"IPv6 from any address", NULL, ALL6 OWN UDP6(OTHER6, "00090009")},
	{"ARP of any address", NULL, ALL OWN ARP("0002", OWN, OTHER4)},
	{"advertisement of any address", NULL, ALL6 OWN NA(OTHER6, OTHER6, "0201" OWN)},
	{"router advertisement", NULL, ALL6 OWN ICMP6("0010", FOREIGN6, "86") "40000708 0000000000000000"},
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
static const struct forgery trunk[] = {
	{"802.1Q tag", NULL, ALL OWN "8100 0005" UDP4(OWN4, OTHER4, "00090009")},
	{"ARP in a tag", NULL, ALL OWN "8100 0005" ARP("0001", OWN, OWN4)},
	{"another's address in a tag", "ip", ALL OWN "8100 0005" UDP4(OTHER4, OWN4, "00090009")},
	{"another's IPv6 address in a tag", "ip6", ALL6 OWN "8100 0005" UDP6(OTHER6, "00090009")},
	{"ARP in a tag that claims another's address", "arp", ALL OWN "8100 0005" ARP("0002", OWN, OTHER4)},
	{"DHCP offer in a tag", "dhcp", ALL OWN "8100 0005" UDP4(OWN4, ALL4, "00430044")},
	{"router advertisement in a tag", "ra",
	 ALL6 OWN "8100 0005" ICMP6("0010", LOCAL6, "86") "40000708 0000000000000000"},
	{"a second tag", "protocol", ALL OWN "88a8 0005 8100 0006" UDP4(OWN4, OTHER4, "00090009")},
	{NULL},
};

struct wire {
	struct nic *from, *to;
	int out, in;
	uint32_t mark;
};

static int open_packet(struct nic *nic)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	net_enter(&nic->guest->net);
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	at.sll_ifindex = if_nametoindex(nic->eth);
	struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0)
		die_errno("packet socket on %s", nic->eth);
	net_leave(&nic->w->net);
	return fd;
}

static void wire_open(struct wire *x, struct nic *from, struct nic *to)
{
	*x = (struct wire){from, to, open_packet(from), open_packet(to), 0x4d000000};
}

static int nibble(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10;
}

/* @return the mark by which it is known again. */
static uint32_t send_frame(struct wire *x, const char *hex)
{
	uint8_t frame[FRAME_LEN] = {0};
	size_t n = 0;
	uint32_t mark = htonl(++x->mark);

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		frame[n++] = nibble(hex[0]) << 4 | nibble(hex[1]);
		hex++;
	}
	assert_true(n <= FRAME_LEN - MARK_LEN);
	memcpy(frame + FRAME_LEN - MARK_LEN, "MARK", 4);
	memcpy(frame + FRAME_LEN - 4, &mark, 4);
	if (send(x->out, frame, sizeof(frame), 0) != sizeof(frame))
		die_errno("send");
	return x->mark;
}

/* The next marked frame that comes, 0: none yet. A tag has been taken out of it by the kernel. */
static uint32_t receive(struct wire *x)
{
	uint8_t frame[2048];
	uint32_t mark;
	ssize_t n;

	while ((n = recv(x->in, frame, sizeof(frame), 0)) > 0) {
		if (n < MARK_LEN || memcmp(frame + n - MARK_LEN, "MARK", 4))
			continue;
		memcpy(&mark, frame + n - 4, 4);
		return ntohl(mark);
	}
	return 0;
}

static void wake(void *arg)
{
	(void)arg;
}

/* What arrives next, within the time that anything takes. */
static uint32_t next_mark(struct wire *x)
{
	uint32_t mark = 0;

	loop_fd(x->from->w->loop, x->in, wake, x);
	LOOP_WAIT(x->from->w->loop, SOON_MS, (mark = receive(x)));
	loop_fd_del(x->from->w->loop, x->in);
	return mark;
}

static json_int_t dropped(struct nic *nic, const char *reason)
{
	json_int_t frames = 0;
	json_t *r = daemon_ask(&nic->w->daemon,
			       text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"drops\","
				    "\"params\":{\"match\":\"%s\"}}\n", nic->vif));
	json_t *vif = json_array_get(json_object_get(json_object_get(r, "result"), "vifs"), 0);

	if (!vif)
		fail_msg("no drops of %s", nic->vif);
	frames = json_integer_value(
		json_object_get(json_object_get(json_object_get(vif, "drops"), reason), "frames"));
	json_decref(r);
	return frames;
}

/* Between two honest frames, which the listener sees. */
static void try_one(struct wire *x, const struct forgery *f)
{
	static const char honest[] = ALL OWN UDP4(OWN4, OTHER4, "00070007");
	json_int_t before = f->reason ? dropped(x->from, f->reason) : 0;
	uint32_t first = send_frame(x, honest), it = send_frame(x, f->hex), last = send_frame(x, honest);

	if (next_mark(x) != first)
		fail_msg("%s: the honest frame before it did not arrive", f->name);
	uint32_t got = next_mark(x);
	if (!f->reason && got != it)
		fail_msg("%s: did not arrive", f->name);
	if (!f->reason)
		got = next_mark(x);
	if (f->reason && got == it)
		fail_msg("%s: arrived", f->name);
	if (got != last)
		fail_msg("%s: the honest frame after it did not arrive", f->name);
	if (f->reason && dropped(x->from, f->reason) != before + 1)
		fail_msg("%s: not counted as \"%s\"", f->name, f->reason);
}

static void try_all(struct wire *x, const struct forgery *f)
{
	for (; f->name; f++)
		try_one(x, f);
}

static struct nic *guest(struct world *w, unsigned domid, const char *ip)
{
	struct nic *nic = case_guest(w, domid, text("guest%u", domid), true);

	nic->conf.ip = ip;
	return nic;
}

static struct nic *attached(struct world *w, unsigned domid, const char *ip)
{
	struct nic *nic = guest(w, domid, ip);

	assert_attach(nic);
	assert_soon(w, nic_state_is(nic, 4));
	return nic;
}

/* A kernel with br_netfilter built in drops packets without a checksum and cuts off our marks. */
static void bridge_plainly(void)
{
	static const char *const calls[] = {"iptables", "ip6tables", "arptables"};

	for (size_t i = 0; i < 3; i++) {
		const char *path = text("/proc/sys/net/bridge/bridge-nf-call-%s", calls[i]);
		if (!access(path, W_OK))
			write_file(path, "0");
	}
	/* Nor shall the bridge keep multicast reports from those who do not ask for them. */
	write_file("/sys/class/net/xenbr0/bridge/multicast_snooping", "0");
}

static void wire_between(struct wire *x, struct world *w, const char *ip)
{
	bridge_plainly();
	struct nic *from = attached(w, 5, ip), *to = attached(w, 6, NULL);

	assert_pings(to, from);
	wire_open(x, from, to);
}

static void a_guest_of_known_addresses_sends_as_itself_alone(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, "10.0.0.5 2001:db8::5");
	try_all(&x, known);
}

static void with_limits_and_guards_one_by_one_it_is_the_same(struct world *w)
{
	struct wire x;

	/* Limits that are not met take every frame the slow way round, with the same outcome. */
	case_host(w, "network xenbr0 { mode = bridge\n limit-pps = 1000000\n limit-broadcast = 1000000\n"
		     " limit-connections = 1000000 }\ndefault-network = xenbr0\n"
		     "domain \"*\" { network = xenbr0 }\n");
	wire_between(&x, w, "10.0.0.5 2001:db8::5");
	try_all(&x, known);
}

static void a_guest_of_unknown_addresses_sends_from_its_mac_alone(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, NULL);
	try_all(&x, unknown);
}

static void antispoof_false_lifts_all_but_the_mac(struct world *w)
{
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n antispoof = false }\n"
		     "domain \"*\" { network = xenbr0 }\n");
	wire_between(&x, w, "10.0.0.5 not-an-address");
	try_all(&x, unknown);
}

static void on_a_trunk_the_addresses_inside_of_tags_count(struct world *w)
{
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n guard-vlan = false }\n"
		     "domain \"*\" { network = xenbr0 }\n");
	wire_between(&x, w, "10.0.0.5 2001:db8::5");
	try_all(&x, trunk);
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
	wire_between(&x, w, "10.0.0.5 2001:db8::5");
	try_all(&x, off);
}

static void no_frame_makes_the_bridge_learn_anothers_mac(struct world *w)
{
	case_host(w, NULL);
	struct nic *thief = attached(w, 5, NULL), *victim = attached(w, 6, NULL),
		   *friend = attached(w, 7, NULL);
	struct wire x;

	bridge_plainly();
	wire_open(&x, thief, friend);
	assert_pings(friend, victim);
	for (unsigned last = 0; last < 16; last++) {
		send_frame(&x, text("0180c20000%02x" OTHER "88cc", last));
		/* The victim is silent: were its MAC learned at the thief's port, nothing reached it. */
		assert_true(case_pings(friend, victim, NO_PING_MS));
	}
	assert_int_equal(dropped(thief, "mac"), 15); /* pause frames never come so far */
}

static void a_guest_that_forges_from_its_first_moment_gets_nothing_through(struct world *w)
{
	case_host(w, NULL);
	struct nic *to = attached(w, 6, NULL), *from = guest(w, 5, "10.0.0.5");
	int in = open_packet(to);
	uint8_t frame[2048];
	ssize_t n;

	/* The card is there and sends before the daemon has seen it: until well after the attach. */
	from->quirk.link_first = true;
	toolstack_attach(from);
	assert_soon(w, from->has_link);
	struct wire x = {from, to, open_packet(from), in, 0};
	for (int64_t until = now_us() + 400000; now_us() < until; loop_step(w->loop, now_us() + 200)) {
		uint8_t forged[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x16, 0x3e, 0, 6, 0,
				      0x88, 0xb5, 'B', 'A', 'D'};
		send(x.out, forged, sizeof(forged), 0);
		while ((n = recv(in, frame, sizeof(frame), 0)) > 0)
			if (!memcmp(frame + 12, "\x88\xb5" "BAD", 5))
				fail_msg("a forged frame arrived");
	}
	assert_int_equal(from->phase, NIC_ATTACHED);
	assert_true(dropped(from, "mac") > 0);
	assert_pings(to, from);
}

static void limits_let_pass_what_they_say_and_count_the_rest(struct world *w)
{
	struct wire x;
	unsigned arrived = 0;

	case_host(w, "network xenbr0 { mode = bridge\n limit-broadcast = 20 }\n"
		     "domain \"guest5\" { network = xenbr0 }\n");
	wire_between(&x, w, NULL);
	for (int i = 0; i < 200; i++)
		send_frame(&x, ALL OWN "88b5");
	while (next_mark(&x) && ++arrived < 18)
		;
	loop_step(w->loop, now_us() + 100000);
	while (receive(&x))
		arrived++;
	assert_in_range(arrived, 18, 60);
	assert_true(dropped(x.from, "broadcast") >= 140);
}

static int nft(struct world *w, const char *command)
{
	struct run *r = RUN(w, "/bin/sh", "-c", command);
	if (r->status)
		print_error("%s: %s\n", command, r->err);
	return r->status;
}

static bool filtered(struct wire *x)
{
	uint32_t bad = send_frame(x, ALL OTHER "88b5"), good = send_frame(x, ALL OWN UDP4(OWN4, OTHER4, "00070007"));
	uint32_t got = next_mark(x);

	if (got == bad)
		return next_mark(x), false;
	assert_int_equal(got, good);
	return true;
}

static void what_somebody_does_to_the_table_is_put_right(struct world *w)
{
	static const char *const hands[] = {
		"nft flush ruleset",
		"nft delete table bridge xen-netd",
		"nft flush chain bridge xen-netd prerouting",
		"nft flush set bridge xen-netd macs",
		"nft flush set bridge xen-netd guests; nft flush set bridge xen-netd fast",
		"nft insert rule bridge xen-netd guest accept",
		"nft 'add chain bridge xen-netd other { type filter hook prerouting priority -600; }'",
		"nft add element bridge xen-netd macs '{ vif5.0 . 00:16:3e:00:06:00 }'",
	};
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, "10.0.0.5");
	assert_contains(RUN(w, "/usr/sbin/nft", "list", "ruleset")->out, "\"vif5.0\" . 00:16:3e:00:05:00");
	for (size_t i = 0; i < sizeof(hands) / sizeof(*hands); i++) {
		assert_int_equal(nft(w, hands[i]), 0);
		assert_soon(w, filtered(&x));
		assert_pings(x.to, x.from);
	}
	assert_int_equal(nft(w, "nft list ruleset | grep -q 'chain other'"), 1);
}

static void the_sites_own_chain_is_called_and_never_touched(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, "10.0.0.5");
	assert_int_equal(nft(w, "nft add rule bridge xen-netd user-forward ether type ip "
				"ip daddr 10.0.0.99 counter drop"), 0);
	uint32_t bad = send_frame(&x, ALL OWN UDP4(OWN4, "0a000063", "00070007"));
	uint32_t good = send_frame(&x, ALL OWN UDP4(OWN4, OTHER4, "00070007"));
	assert_int_equal(next_mark(&x), good);
	assert_int_not_equal(bad, good);
	assert_int_equal(nft(w, "nft flush chain bridge xen-netd fast"), 0);
	assert_soon(w, nft(w, "nft list chain bridge xen-netd fast | grep -q goto") == 0);
	daemon_kill(&w->daemon);
	daemon_start(&w->daemon);
	assert_int_equal(nft(w, "nft list chain bridge xen-netd user-forward | grep -q 10.0.0.99"), 0);
}

static void elements_go_with_the_vif_and_with_devices_that_went_meanwhile(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, "10.0.0.5");
	filtered(&x); /* makes a counter */
	struct nic *third = attached(w, 7, "10.0.0.7");
	daemon_kill(&w->daemon);
	netback_del_link(third);
	daemon_start(&w->daemon);
	assert_soon(w, nft(w, "nft list ruleset | grep -q 10.0.0.7") == 1);
	assert_detach(x.from);
	assert_detach(x.to);
	assert_soon(w, nft(w, "nft list ruleset | grep -q elements") == 1);
}

static void a_restarted_daemon_leaves_a_right_table_alone(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, "10.0.0.5");
	filtered(&x);
	/* With the rules' handles: a rewritten table has others. */
	char *before = strdup(RUN(w, "/usr/sbin/nft", "-a", "list", "ruleset")->out);
	assert_int_equal(daemon_stop(&w->daemon), 0);
	assert_true(filtered(&x));
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, x.from->vif, "state", "connected"));
	/* All but the counter that filtered() has raised. */
	const char *after = RUN(w, "/usr/sbin/nft", "-a", "list", "ruleset")->out;
	assert_string_equal(strstr(before, "chain prerouting"), strstr(after, "chain prerouting"));
	free(before);
}

static void a_changed_domain_block_changes_the_filter_of_a_running_guest(struct world *w)
{
	static const struct forgery open[] = {
		{"another's address", NULL, ALL OWN UDP4(OTHER4, OWN4, "00090009")}, {NULL}};
	static const struct forgery closed[] = {
		{"another's address", "ip", ALL OWN UDP4(OTHER4, OWN4, "00090009")}, {NULL}};
	struct wire x;

	case_host(w, NULL);
	wire_between(&x, w, "10.0.0.5");
	try_all(&x, closed);
	daemon_config("domain \"guest5\" { antispoof = false }\n");
	daemon_reload(&w->daemon);
	assert_soon(w, nft(w, "nft list set bridge xen-netd anyaddr | grep -q vif5.0") == 0);
	try_all(&x, open);
	daemon_config(NULL);
	daemon_reload(&w->daemon);
	assert_soon(w, nft(w, "nft list set bridge xen-netd anyaddr | grep -q vif5.0") == 1);
	try_all(&x, closed);
}

static void a_wrong_word_in_ip_is_told_and_nothing_is_half_done(struct world *w)
{
	case_host(w, NULL);
	struct nic *nic = guest(w, 5, "10.0.0.5 10.0.0.500");

	assert_false(nic_attach(nic));
	assert_contains(nic->error, "ip=: \"10.0.0.500\" is not an IPv4 or IPv6 address");
	assert_false(net_on(&w->net, nic->vif, "xenbr0"));
	assert_int_equal(nft(w, "nft list ruleset | grep -q elements"), 1);
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
	CASE(what_somebody_does_to_the_table_is_put_right),
	CASE(the_sites_own_chain_is_called_and_never_touched),
	CASE(elements_go_with_the_vif_and_with_devices_that_went_meanwhile),
	CASE(a_restarted_daemon_leaves_a_right_table_alone),
	CASE(a_changed_domain_block_changes_the_filter_of_a_running_guest),
	CASE(a_wrong_word_in_ip_is_told_and_nothing_is_half_done),
	CASES_END,
};
