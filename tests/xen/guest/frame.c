// SPDX-License-Identifier: GPL-2.0-or-later
// guest-agent: builds the frames that a hostile or broken guest might send

#include "agent.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *const frame_kinds[] = {
	"raw", "ipv4", "ipv6", "arp", "na", "ra", "dhcp-server", "stp", "lldp", NULL,
};

static const uint8_t mac_broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t mac_all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t mac_stp[6] = {0x01, 0x80, 0xc2, 0, 0, 0};
static const uint8_t mac_lldp[6] = {0x01, 0x80, 0xc2, 0, 0, 0x0e};

static void put(struct frame *f, const void *data, size_t len)
{
	if (f->len + len > sizeof(f->data))
		return;
	memcpy(f->data + f->len, data, len);
	f->len += len;
}

static void put8(struct frame *f, unsigned int v)
{
	put(f, &(uint8_t){(uint8_t)v}, 1);
}

static void put16(struct frame *f, unsigned int v)
{
	put8(f, v >> 8);
	put8(f, v);
}

static void put_zeros(struct frame *f, size_t n)
{
	while (n--)
		put8(f, 0);
}

static void set16(struct frame *f, size_t at, unsigned int v)
{
	f->data[at] = (uint8_t)(v >> 8);
	f->data[at + 1] = (uint8_t)v;
}

static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static unsigned int sum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

// The parsed ends of an IP packet. Where the command line is silent: documentation addresses.
struct ends {
	uint8_t from[16];
	uint8_t to[16];
};

static int ends_parse(struct ends *e, int family, const struct forge *what)
{
	const char *from = what->from ? what->from : family == AF_INET ? "192.0.2.1" : "fe80::bad";
	const char *to = what->to ? what->to : family == AF_INET ? "192.0.2.2" : "ff02::1";

	if (inet_pton(family, from, e->from) == 1 && inet_pton(family, to, e->to) == 1)
		return 0;
	fprintf(stderr, "guest-agent: %s or %s is no address for %s\n", from, to, what->kind);
	return -1;
}

static void put_ethernet(struct frame *f, const struct forge *what, const uint8_t *usual_dst,
			 unsigned int type)
{
	static const uint8_t none[6];

	put(f, memcmp(what->dst, none, 6) ? what->dst : usual_dst, 6);
	put(f, what->src, 6);
	if (what->vlan >= 0) {
		// Double tags as providers use them: the outer one has its own type.
		put16(f, what->inner >= 0 ? 0x88a8 : 0x8100);
		put16(f, (unsigned int)what->vlan);
	}
	if (what->vlan >= 0 && what->inner >= 0) {
		put16(f, 0x8100);
		put16(f, (unsigned int)what->inner);
	}
	if (type)
		put16(f, type);
}

static void put_ipv4(struct frame *f, const struct ends *e, unsigned int payload)
{
	size_t start = f->len;

	put16(f, 0x4500);
	put16(f, 20 + payload);
	put_zeros(f, 4);
	put8(f, 64);
	put8(f, IPPROTO_UDP);
	put16(f, 0);
	put(f, e->from, 4);
	put(f, e->to, 4);
	set16(f, start + 10, sum_end(sum_add(0, f->data + start, 20)));
}

static void put_ipv6(struct frame *f, const struct ends *e, unsigned int payload, unsigned int next)
{
	put16(f, 0x6000);
	put16(f, 0);
	put16(f, payload);
	put8(f, next);
	put8(f, 255);
	put(f, e->from, 16);
	put(f, e->to, 16);
}

// A UDP header; in IPv4 the checksum may be left out.
static void put_udp(struct frame *f, unsigned int sport, unsigned int dport, unsigned int payload)
{
	put16(f, sport);
	put16(f, dport);
	put16(f, 8 + payload);
	put16(f, 0);
}

// Fills in the checksum at @at of the upper-layer packet that starts at @start.
static void finish_sum6(struct frame *f, const struct ends *e, size_t start, size_t at, int proto)
{
	size_t len = f->len - start;
	uint32_t sum = sum_add(0, e->from, 16);

	sum = sum_add(sum, e->to, 16) + (uint32_t)len + (uint32_t)proto;
	set16(f, at, sum_end(sum_add(sum, f->data + start, len)));
}

static int forge_ipv4(struct frame *f, const struct forge *what)
{
	struct ends e;

	if (ends_parse(&e, AF_INET, what))
		return -1;
	put_ethernet(f, what, mac_broadcast, 0x0800);
	put_ipv4(f, &e, 8);
	put_udp(f, 9, 9, 0);
	return 0;
}

static int forge_ipv6(struct frame *f, const struct forge *what)
{
	struct ends e;
	size_t start;

	if (ends_parse(&e, AF_INET6, what))
		return -1;
	put_ethernet(f, what, mac_all_nodes, 0x86dd);
	put_ipv6(f, &e, 8, IPPROTO_UDP);
	start = f->len;
	put_udp(f, 9, 9, 0);
	finish_sum6(f, &e, start, start + 6, IPPROTO_UDP);
	return 0;
}

// An ARP announcement: "from" is at hardware address hw.
static int forge_arp(struct frame *f, const struct forge *what)
{
	struct ends e;

	if (ends_parse(&e, AF_INET, what))
		return -1;
	put_ethernet(f, what, mac_broadcast, 0x0806);
	put16(f, 1);
	put16(f, 0x0800);
	put16(f, 0x0604);
	put16(f, 2);
	put(f, what->hw, 6);
	put(f, e.from, 4);
	put(f, mac_broadcast, 6);
	put(f, what->to ? e.to : e.from, 4);
	return 0;
}

// An unsolicited neighbour advertisement: "from" is at hardware address hw.
static int forge_na(struct frame *f, const struct forge *what)
{
	struct ends e;
	size_t start;

	if (ends_parse(&e, AF_INET6, what))
		return -1;
	put_ethernet(f, what, mac_all_nodes, 0x86dd);
	put_ipv6(f, &e, 32, IPPROTO_ICMPV6);
	start = f->len;
	put16(f, 136 << 8);
	put16(f, 0);
	put16(f, 0x2000); // override
	put16(f, 0);
	put(f, e.from, 16);
	put16(f, 0x0201); // target link-layer address
	put(f, what->hw, 6);
	finish_sum6(f, &e, start, start + 2, IPPROTO_ICMPV6);
	return 0;
}

static int forge_ra(struct frame *f, const struct forge *what)
{
	struct ends e;
	size_t start;

	if (ends_parse(&e, AF_INET6, what))
		return -1;
	put_ethernet(f, what, mac_all_nodes, 0x86dd);
	put_ipv6(f, &e, 24, IPPROTO_ICMPV6);
	start = f->len;
	put16(f, 134 << 8);
	put16(f, 0);
	put16(f, 64 << 8);
	put16(f, 1800);
	put_zeros(f, 8);
	put16(f, 0x0101); // source link-layer address
	put(f, what->hw, 6);
	finish_sum6(f, &e, start, start + 2, IPPROTO_ICMPV6);
	return 0;
}

// A DHCP offer from the server "from", offering "to" to hw.
static int forge_dhcp_server(struct frame *f, const struct forge *what)
{
	static const uint8_t options[] = {0x63, 0x82, 0x53, 0x63, 53, 1, 2, 54, 4};
	struct ends offer, packet;

	if (ends_parse(&offer, AF_INET, what))
		return -1;
	packet = offer;
	memset(packet.to, 0xff, 4);
	put_ethernet(f, what, mac_broadcast, 0x0800);
	put_ipv4(f, &packet, 8 + 236 + sizeof(options) + 5);
	put_udp(f, 67, 68, 236 + sizeof(options) + 5);
	put16(f, 0x0201);
	put16(f, 0x0600);
	put_zeros(f, 12);
	put(f, offer.to, 4);
	put_zeros(f, 8);
	put(f, what->hw, 6);
	put_zeros(f, 202);
	put(f, options, sizeof(options));
	put(f, offer.from, 4);
	put8(f, 255);
	return 0;
}

// A configuration BPDU that claims to be the root, in 802.2 framing: length, not type.
static int forge_stp(struct frame *f, const struct forge *what)
{
	static const uint8_t llc[] = {0x42, 0x42, 0x03};

	put_ethernet(f, what, mac_stp, 0);
	put16(f, 38);
	put(f, llc, sizeof(llc));
	put_zeros(f, 5);
	put16(f, 0); // root priority 0
	put(f, what->hw, 6);
	put_zeros(f, 4);
	put16(f, 0);
	put(f, what->hw, 6);
	put16(f, 0x8001);
	put16(f, 0);
	put16(f, 20 << 8);
	put16(f, 2 << 8);
	put16(f, 15 << 8);
	return 0;
}

static int forge_lldp(struct frame *f, const struct forge *what)
{
	put_ethernet(f, what, mac_lldp, 0x88cc);
	put16(f, 0x0207); // chassis: MAC address
	put8(f, 4);
	put(f, what->hw, 6);
	put16(f, 0x0407); // port: MAC address
	put8(f, 3);
	put(f, what->hw, 6);
	put16(f, 0x0602); // time to live
	put16(f, 120);
	put16(f, 0);
	return 0;
}

// An experimental Ethernet type: nothing but addresses to judge.
static int forge_raw(struct frame *f, const struct forge *what)
{
	put_ethernet(f, what, mac_broadcast, 0x88b5);
	return 0;
}

static int (*const forgers[])(struct frame *, const struct forge *) = {
	forge_raw, forge_ipv4, forge_ipv6, forge_arp, forge_na, forge_ra, forge_dhcp_server, forge_stp,
	forge_lldp,
};

int frame_forge(struct frame *frame, const struct forge *what)
{
	const char end = AGENT_MARK_END;
	size_t i;

	if (!what->mark) {
		fprintf(stderr, "guest-agent: mark= is missing\n");
		return -1;
	}
	for (i = 0; frame_kinds[i] && strcmp(frame_kinds[i], what->kind); i++)
		;
	if (!frame_kinds[i]) {
		fprintf(stderr, "guest-agent: no kind \"%s\"\n", what->kind);
		return -1;
	}
	frame->len = 0;
	if (forgers[i](frame, what))
		return -1;
	put(frame, AGENT_MARK, strlen(AGENT_MARK));
	put(frame, what->mark, strlen(what->mark));
	put(frame, &end, 1);
	if (frame->len < 60)
		put_zeros(frame, 60 - frame->len);
	return 0;
}
