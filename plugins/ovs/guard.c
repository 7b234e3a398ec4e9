// SPDX-License-Identifier: GPL-2.0-or-later
/* guard: a filter as OpenFlow flows. */
/*
 * What the fields say where a header is cut short or odd (lib/flow.c, miniflow_extract()): ARP that is
 * not of Ethernet and IPv4 has zeros in arp_sha and arp_spa; so have neighbour messages with options
 * that are malformed or there twice in nd_target, nd_sll and nd_tll; a chain of IPv6 headers that
 * cannot be followed leaves nw_proto 0, which is hop-by-hop options and never the end of a chain.
 */
#include "guard.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum when {
	ALWAYS = 0,
	KNOWN = 1 << 0, /* the guest's addresses are */
	ANY = 1 << 1,	/* they are not */
	RA = 1 << 2,	/* the guards */
	DHCP = 1 << 3,
	VLAN = 1 << 4,
	CONTROL = 1 << 5,
};

enum verdict { DROP, PASS, SOURCE, TARGET, COME };

struct rule {
	uint8_t table;
	uint16_t priority;
	uint8_t when; /* enum when, all of them */
	enum verdict verdict;
	/* {mac}; {v4} and {v6} make it one flow for each address of that family */
	const char *match;
};

#define MAC_ GUARD_TABLE
#define SRC  GUARD_TABLE_SOURCE
#define TGT  GUARD_TABLE_TARGET
#define NONE6 "ipv6_src=::"

static const struct rule rules[] = {
	{MAC_, 100, VLAN, DROP, "vlan_tci=0x1000/0x1000"},
	{MAC_, 100, CONTROL, DROP, "dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0"},
	{MAC_, 100, CONTROL, DROP, "dl_dst=01:00:0c:cc:cc:cc/ff:ff:ff:ff:ff:fe"},
	{MAC_, 100, CONTROL, DROP, "dl_type=0x88cc"},
	{MAC_, 100, DHCP, DROP, "udp,tp_dst=68"},
	{MAC_, 100, DHCP, DROP, "udp6,tp_dst=546"},
	{MAC_, 100, RA, DROP, "icmp6,icmp_type=134"},
	{MAC_, 100, RA, DROP, "icmp6,icmp_type=137"},
	{MAC_, 100, ALWAYS, DROP, "ipv6,nw_proto=0"},
	/*
	 * Of first fragments, too, the transport header is hidden unless the whole bridge is told
	 * otherwise (OFPC_FRAG_NORMAL). Neighbour discovery has none (RFC 6980), so no ICMPv6 has; of UDP
	 * only those that could be a DHCP server's to anybody.
	 */
	{MAC_, 100, ALWAYS, DROP, "icmp6,nw_frag=first"},
	{MAC_, 100, DHCP, DROP, "udp,nw_frag=first,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"},
	{MAC_, 100, DHCP, DROP, "udp6,nw_frag=first,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"},
	{MAC_, 50, ALWAYS, SOURCE, "dl_src={mac}"},
	{MAC_, 0, ALWAYS, DROP, ""},

	{SRC, 100, KNOWN, PASS, "ip,nw_src={v4}"},
	{SRC, 100, KNOWN, PASS, "udp,nw_src=0.0.0.0,nw_dst=255.255.255.255,tp_src=68,tp_dst=67"},
	{SRC, 100, KNOWN, PASS, "arp,arp_sha={mac},arp_spa={v4}"},
	{SRC, 100, KNOWN, PASS, "arp,arp_sha={mac},arp_spa=0.0.0.0"}, /* a probe, RFC 5227 */
	{SRC, 100, KNOWN, PASS, "rarp,arp_sha={mac},arp_spa={v4}"},
	{SRC, 100, KNOWN, PASS, "rarp,arp_sha={mac},arp_spa=0.0.0.0"}, /* QEMU's, of a guest that came */
	{SRC, 100, ANY, PASS, "arp,arp_sha={mac}"},
	{SRC, 100, ANY, PASS, "rarp,arp_sha={mac}"},
	{SRC, 90, ANY, DROP, "arp"},
	{SRC, 90, ANY, DROP, "rarp"},

	/* Solicitations tell their sender's MAC, if at all, in an option. */
	{SRC, 100, ALWAYS, DROP, "icmp6,icmp_type=135,nd_target=::"},
	{SRC, 90, KNOWN, PASS, "icmp6,icmp_type=135,ipv6_src={v6},nd_sll={mac}"},
	{SRC, 90, KNOWN, PASS, "icmp6,icmp_type=135,ipv6_src={v6},nd_sll=00:00:00:00:00:00"},
	{SRC, 90, KNOWN, PASS, "icmp6,icmp_type=135," NONE6 ",nd_target={v6},nd_sll=00:00:00:00:00:00"},
	{SRC, 90, ANY, PASS, "icmp6,icmp_type=135,nd_sll={mac}"},
	{SRC, 90, ANY, PASS, "icmp6,icmp_type=135,nd_sll=00:00:00:00:00:00"},
	{SRC, 90, KNOWN, TARGET, "icmp6,icmp_type=136,ipv6_src={v6}"},
	{SRC, 90, ANY, TARGET, "icmp6,icmp_type=136"},
	{SRC, 80, ALWAYS, DROP, "icmp6,icmp_type=135"},
	{SRC, 80, KNOWN, DROP, "icmp6,icmp_type=136"},
	/* Without an address yet: router solicitations, multicast reports. */
	{SRC, 90, KNOWN, PASS, "icmp6," NONE6 ",icmp_type=133"},
	{SRC, 90, KNOWN, PASS, "icmp6," NONE6 ",icmp_type=131"},
	{SRC, 90, KNOWN, PASS, "icmp6," NONE6 ",icmp_type=132"},
	{SRC, 90, KNOWN, PASS, "icmp6," NONE6 ",icmp_type=143"},
	{SRC, 50, KNOWN, PASS, "ipv6,ipv6_src={v6}"},
	{SRC, 0, KNOWN, DROP, ""},
	{SRC, 0, ANY, PASS, ""},

	{TGT, 100, KNOWN, PASS, "icmp6,icmp_type=136,nd_target={v6},nd_tll={mac}"},
	{TGT, 100, KNOWN, PASS, "icmp6,icmp_type=136,nd_target={v6},nd_tll=00:00:00:00:00:00"},
	{TGT, 110, ANY, DROP, "icmp6,icmp_type=136,nd_target=::"},
	{TGT, 100, ANY, PASS, "icmp6,icmp_type=136,nd_tll={mac}"},
	{TGT, 100, ANY, PASS, "icmp6,icmp_type=136,nd_tll=00:00:00:00:00:00"},
	{TGT, 0, ALWAYS, DROP, ""},

	{0, GUARD_PRIORITY, ALWAYS, COME, "reg12=0/0x80000000"}, /* last: all else is in place */
};

enum { RULES = sizeof(rules) / sizeof(*rules), COOKIE_VERSION = 1 };

static bool applies(const struct rule *r, const struct filter *f)
{
	unsigned now = f->any_addr ? ANY : KNOWN;
	now |= f->guards & FILTER_GUARD_RA ? RA : 0;
	now |= f->guards & FILTER_GUARD_DHCP ? DHCP : 0;
	now |= f->guards & FILTER_GUARD_VLAN ? VLAN : 0;
	now |= f->guards & FILTER_GUARD_CONTROL ? CONTROL : 0;
	return (r->when & now) == r->when;
}

static int family_of(const struct rule *r)
{
	if (strstr(r->match, "{v4}"))
		return AF_INET;
	return strstr(r->match, "{v6}") ? AF_INET6 : 0;
}

/* How many flows the rule is. */
static unsigned times(const struct rule *r, const struct filter *f)
{
	unsigned n = 0;
	int family = family_of(r);
	if (!applies(r, f))
		return 0;
	for (size_t i = 0; family && i < f->n_addrs; i++)
		n += f->addrs[i].family == family;
	return family ? n : 1;
}

static const struct addr *address(const struct filter *f, int family, unsigned k)
{
	for (size_t i = 0; i < f->n_addrs; i++)
		if (f->addrs[i].family == family && !k--)
			return &f->addrs[i];
	return NULL;
}

static void put_match(const struct rule *r, const struct filter *f, const struct addr *a, char *out,
		      size_t size)
{
	size_t n = 0;
	char text[ADDR_TEXT_SIZE];
	const uint8_t *m = f->mac;
	for (const char *p = r->match; *p && n < size; p++) {
		if (!strncmp(p, "{mac}", 5)) {
			n += snprintf(out + n, size - n, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
				      m[2], m[3], m[4], m[5]);
			p += 4;
		} else if (*p == '{') {
			n += snprintf(out + n, size - n, "%s", addr_print(a, text, sizeof(text)));
			p += 3;
		} else {
			out[n++] = *p;
		}
	}
	out[n < size ? n : size - 1] = '\0';
}

static const char *actions(enum verdict v, char *buf, size_t size)
{
	switch (v) {
	case DROP:
		return "drop";
	case PASS:
		return "load:1->NXM_NX_REG12[31],resubmit(,0)";
	case SOURCE:
	case TARGET:
	case COME:
		snprintf(buf, size, "resubmit(,%d)",
			 v == SOURCE ? GUARD_TABLE_SOURCE : v == TARGET ? GUARD_TABLE_TARGET : GUARD_TABLE);
		return buf;
	}
	return "drop";
}

bool guard_flow(const struct filter *f, uint64_t cookie, int ofport, unsigned i,
		char text[GUARD_TEXT_SIZE])
{
	char match[GUARD_TEXT_SIZE / 2], to[32];
	for (const struct rule *r = rules; f->on && r < rules + RULES; r++) {
		unsigned n = times(r, f);
		if (i >= n) {
			i -= n;
			continue;
		}
		put_match(r, f, address(f, family_of(r), i), match, sizeof(match));
		snprintf(text, GUARD_TEXT_SIZE,
			 "table=%u,priority=%u,cookie=0x%llx,in_port=%d%s%s,actions=%s", r->table,
			 r->priority, (unsigned long long)cookie, ofport, match[0] ? "," : "", match,
			 actions(r->verdict, to, sizeof(to)));
		return true;
	}
	return false;
}

uint64_t guard_cookie(const struct filter *f)
{
	char text[2048];
	uint64_t count = 0, hash = 0xcbf29ce484222325u + COOKIE_VERSION; /* FNV-1a */
	if (!f->on)
		return 0;
	for (const struct rule *r = rules; r < rules + RULES; r++)
		count += r->table ? times(r, f) : 0;
	for (const char *p = filter_print(f, text, sizeof(text)); *p; p++)
		hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
	return GUARD_SIGN | count << 32 | ((hash ^ hash >> 32) & 0xffffffff);
}

bool guard_is_ours(uint64_t cookie)
{
	return (cookie & GUARD_SIGN_MASK) == GUARD_SIGN;
}

unsigned guard_count(uint64_t cookie)
{
	return cookie >> 32 & 0xffff;
}
