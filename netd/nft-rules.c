// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-rules: what our table is made of. */
/*
 * Where. Bridge family, prerouting: all that a port receives comes by, before the bridge learns from
 * it. All but frames to 01:80:c2:00:00:0x, which the bridge would take for itself, and learn from, on
 * the way past netfilter; the flag HOSTIF_PORT_LINKLOCAL makes it send them here, too.
 *
 * How it reads: a frame is accepted by a rule that could read all it judges by, or dropped at the end
 * of a chain. An expression that cannot read (a header cut short, a fragment without its transport
 * header) ends its rule as a mismatch; so no rule that drops may be the only thing between a frame
 * and its acceptance unless what it reads is sure to be there.
 *
 * What is sure to be there: the Ethernet header; and where `meta l4proto` can be read, an IP header
 * that is whole, a chain of extension headers that is whole, and the first fragment or a later one,
 * told apart by the fragment header. Receivers drop what has no first fragment, so later ones may pass
 * by their source address alone.
 *
 * VLAN tags: the kernel takes the outer tag out of the frame before we see it. `ether type` still
 * reads it (8021q, 8021ad), `meta protocol` reads what is inside, and the network header is that of
 * what is inside. A second tag is just another protocol.
 */
#include "nft-priv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>

enum chain {
	CHAIN_PREROUTING,
	CHAIN_GUEST,   /* frames of guests that the first rule has not sent on */
	CHAIN_CHOOSY,  /* own MAC; limits, and guards one by one */
	CHAIN_FAST,    /* own MAC; all guards */
	CHAIN_FAST_IP,
	CHAIN_FAST_IP6,
	CHAIN_SOURCE,  /* guards passed: by protocol to one of: */
	CHAIN_IP,
	CHAIN_IP6,
	CHAIN_IP6_FIRST, /* first fragments */
	CHAIN_IP6_SOURCE,
	CHAIN_ARP,
	CHAIN_ARP_SOURCE,
	CHAIN_ND,      /* all ICMPv6 */
	CHAIN_ND_ADVERT,
	CHAIN_ND_TARGET,
	CHAIN_ND_DAD,  /* from :: */
	CHAIN_USER,    /* passed */
	CHAIN_DROP,    /* and one for each reason */
	CHAIN_COUNT = CHAIN_DROP + FILTER_DROP_COUNT,
};

enum op_type {
	OP_END,
	OP_META,     /* arg: key */
	OP_ETHER,    /* arg: offset, of `len` bytes */
	OP_NETWORK,
	OP_TRANSPORT,
	OP_FRAGMENT, /* IPv6: of a fragment header, wherever it is */
	OP_MASK,     /* keep the bits of data */
	OP_EQ,
	OP_NEQ,
	OP_GTE,
	OP_IN,	     /* arg: set */
	OP_NOT_IN,
	OP_COUNT,    /* arg: set of counters, in which an element is made when there is none */
	OP_GOTO,     /* arg: chain */
	OP_VERDICT,  /* arg */
};

struct op {
	enum op_type type;
	uint8_t second; /* puts it behind the interface's index, as the second part of a key */
	uint8_t len;
	uint16_t arg;
	uint8_t data[16];
};

enum { OPS_MAX = 18 };

struct rule {
	enum chain chain;
	struct op op[OPS_MAX];
	const char *comment; /* for who lists the rules, where nft(8) prints offsets */
};

#define IIF {OP_META, 0, 4, NFT_META_IIF, {0}}
#define PROTOCOL(hi, lo) {OP_META, 0, 2, NFT_META_PROTOCOL, {0}}, EQ(2, hi, lo)
#define L4PROTO {OP_META, 0, 1, NFT_META_L4PROTO, {0}}
#define ETHER(off, len) {OP_ETHER, 0, len, off, {0}}
#define NETWORK(off, len) {OP_NETWORK, 0, len, off, {0}}
#define TRANSPORT(off, len) {OP_TRANSPORT, 0, len, off, {0}}
#define EQ(len, ...) {OP_EQ, 0, len, 0, {__VA_ARGS__}}
#define NEQ(len, ...) {OP_NEQ, 0, len, 0, {__VA_ARGS__}}
#define GTE(len, ...) {OP_GTE, 0, len, 0, {__VA_ARGS__}}
#define MASK(len, ...) {OP_MASK, 0, len, 0, {__VA_ARGS__}}
#define GOTO(chain) {OP_GOTO, 0, 0, chain, {0}}
#define DROP(reason) GOTO(CHAIN_DROP + FILTER_DROP_##reason)
#define PASS GOTO(CHAIN_USER)
/* The frame's interface, and a part of it, are in the set. */
#define GUEST_IN(set) IIF, {OP_IN, 0, 0, NFT_SET_##set, {0}}
#define WITH(type, off, len, set) IIF, {type, 1, len, off, {0}}, {OP_IN, 0, 0, NFT_SET_##set, {0}}
#define WITHOUT(type, off, len, set) \
	IIF, {type, 1, len, off, {0}}, {OP_NOT_IN, 0, 0, NFT_SET_##set, {0}}

#define ETHER_TYPE(hi, lo) ETHER(12, 2), EQ(2, hi, lo)
#define OWN_MAC(set) WITH(OP_ETHER, 6, 6, set)
#define OWN_IP WITH(OP_NETWORK, 12, 4, V4)
#define OWN_IP6 WITH(OP_NETWORK, 8, 16, V6)
#define UDP_TO(hi, lo) L4PROTO, EQ(1, IPPROTO_UDP), TRANSPORT(2, 2), EQ(2, hi, lo)
#define FRAGMENTED NETWORK(6, 2), MASK(2, 0x3f, 0xff), NEQ(2, 0, 0)
#define NOT_OWN_CHADDR WITHOUT(OP_TRANSPORT, 8 + 28, 6, MACS)
#define FRAGMENT_OFFSET {OP_FRAGMENT, 0, 2, 2, {0}}, MASK(2, 0xff, 0xf8)
#define ICMP6(type) TRANSPORT(0, 1), EQ(1, type)

static const struct rule rules[] = {
	{CHAIN_PREROUTING, {OWN_MAC(FAST), GOTO(CHAIN_FAST)}},
	{CHAIN_PREROUTING, {GUEST_IN(GUESTS), GOTO(CHAIN_GUEST)}},

	{CHAIN_GUEST, {OWN_MAC(MACS), GOTO(CHAIN_CHOOSY)}},
	{CHAIN_GUEST, {DROP(MAC)}},

	{CHAIN_CHOOSY, {GUEST_IN(LIMIT_PACKETS), DROP(PACKETS)}},
	{CHAIN_CHOOSY, {ETHER(0, 1), MASK(1, 1), EQ(1, 1), GUEST_IN(LIMIT_BROADCAST), DROP(BROADCAST)},
	 "broadcast, multicast"},
	{CHAIN_CHOOSY, {L4PROTO, EQ(1, IPPROTO_TCP), TRANSPORT(13, 1), MASK(1, 0x12), EQ(1, 0x02),
			GUEST_IN(LIMIT_CONNECTIONS), DROP(CONNECTIONS)}},
	{CHAIN_CHOOSY, {ETHER_TYPE(0x81, 0x00), GUEST_IN(GUARD_VLAN), DROP(VLAN)}},
	{CHAIN_CHOOSY, {ETHER_TYPE(0x88, 0xa8), GUEST_IN(GUARD_VLAN), DROP(VLAN)}},
	{CHAIN_CHOOSY, {ETHER(0, 6), MASK(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0),
			EQ(6, 0x01, 0x80, 0xc2), GUEST_IN(GUARD_CONTROL), DROP(CONTROL)}},
	{CHAIN_CHOOSY, {ETHER(0, 6), MASK(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe),
			EQ(6, 0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc), GUEST_IN(GUARD_CONTROL),
			DROP(CONTROL)}},
	{CHAIN_CHOOSY, {ETHER_TYPE(0x88, 0xcc), GUEST_IN(GUARD_CONTROL), DROP(CONTROL)}},
	{CHAIN_CHOOSY, {PROTOCOL(0x08, 0x00), UDP_TO(0, 68), GUEST_IN(GUARD_DHCP), DROP(DHCP)}},
	{CHAIN_CHOOSY, {PROTOCOL(0x86, 0xdd), UDP_TO(2, 34), GUEST_IN(GUARD_DHCP), DROP(DHCP)}},
	{CHAIN_CHOOSY, {PROTOCOL(0x08, 0x00), UDP_TO(0, 67), FRAGMENTED, GUEST_IN(GUARD_DHCP),
			DROP(DHCP)}},
	{CHAIN_CHOOSY, {PROTOCOL(0x08, 0x00), UDP_TO(0, 67), GUEST_IN(GUARD_DHCP), NOT_OWN_CHADDR,
			DROP(DHCP)}, "in another client's name"},
	{CHAIN_CHOOSY, {PROTOCOL(0x86, 0xdd), L4PROTO, EQ(1, IPPROTO_ICMPV6), ICMP6(134),
			GUEST_IN(GUARD_RA), DROP(RA)}},
	{CHAIN_CHOOSY, {PROTOCOL(0x86, 0xdd), L4PROTO, EQ(1, IPPROTO_ICMPV6), ICMP6(137),
			GUEST_IN(GUARD_RA), DROP(RA)}},
	{CHAIN_CHOOSY, {GOTO(CHAIN_SOURCE)}},

	/* Untagged IP first: that is nearly all. */
	{CHAIN_FAST, {ETHER_TYPE(0x08, 0x00), GOTO(CHAIN_FAST_IP)}},
	{CHAIN_FAST, {ETHER_TYPE(0x86, 0xdd), GOTO(CHAIN_FAST_IP6)}},
	{CHAIN_FAST, {ETHER_TYPE(0x81, 0x00), DROP(VLAN)}},
	{CHAIN_FAST, {ETHER_TYPE(0x88, 0xa8), DROP(VLAN)}},
	{CHAIN_FAST, {ETHER(0, 6), MASK(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0),
		      EQ(6, 0x01, 0x80, 0xc2), DROP(CONTROL)}},
	{CHAIN_FAST, {ETHER(0, 6), MASK(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe),
		      EQ(6, 0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc), DROP(CONTROL)}},
	{CHAIN_FAST, {ETHER_TYPE(0x88, 0xcc), DROP(CONTROL)}},
	{CHAIN_FAST, {GOTO(CHAIN_SOURCE)}},

	/* Whatever port a server answers from: clients listen to what comes to 68, and 546. */
	{CHAIN_FAST_IP, {UDP_TO(0, 68), DROP(DHCP)}},
	/*
	 * A server knows its clients by the MAC that the message tells: who told a neighbour's could give
	 * its address back, or refuse it. In fragments that could not be seen.
	 */
	{CHAIN_FAST_IP, {UDP_TO(0, 67), FRAGMENTED, DROP(DHCP)}},
	{CHAIN_FAST_IP, {UDP_TO(0, 67), NOT_OWN_CHADDR, DROP(DHCP)}, "in another client's name"},
	{CHAIN_FAST_IP, {GOTO(CHAIN_IP)}},
	{CHAIN_FAST_IP6, {UDP_TO(2, 34), DROP(DHCP)}},
	{CHAIN_FAST_IP6, {L4PROTO, EQ(1, IPPROTO_ICMPV6), ICMP6(134), DROP(RA)}},
	{CHAIN_FAST_IP6, {L4PROTO, EQ(1, IPPROTO_ICMPV6), ICMP6(137), DROP(RA)}},
	{CHAIN_FAST_IP6, {GOTO(CHAIN_IP6)}},

	/* RARP has ARP's form; QEMU announces a guest that has come from another host by it. */
	{CHAIN_SOURCE, {PROTOCOL(0x08, 0x00), GOTO(CHAIN_IP)}},
	{CHAIN_SOURCE, {PROTOCOL(0x86, 0xdd), GOTO(CHAIN_IP6)}},
	{CHAIN_SOURCE, {PROTOCOL(0x08, 0x06), GOTO(CHAIN_ARP)}},
	{CHAIN_SOURCE, {PROTOCOL(0x80, 0x35), GOTO(CHAIN_ARP)}},
	{CHAIN_SOURCE, {GUEST_IN(ANYADDR), PASS}},
	{CHAIN_SOURCE, {DROP(PROTOCOL)}},

	{CHAIN_IP, {OWN_IP, PASS}, "source"},
	{CHAIN_IP, {GUEST_IN(ANYADDR), PASS}},
	/* DHCP's client, which has no address yet: 0.0.0.0 to 255.255.255.255, port 68 to 67. */
	{CHAIN_IP, {NETWORK(12, 8), EQ(8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), L4PROTO,
		    EQ(1, IPPROTO_UDP), TRANSPORT(0, 4), EQ(4, 0, 68, 0, 67), PASS},
	 "DHCP client"},
	{CHAIN_IP, {DROP(IP)}},

	/*
	 * A first fragment may end before its transport header, and bytes that are in the frame but
	 * not in the packet be read instead of it. So what it carries must be no further extension
	 * header, and be there: fragments are cut at 8 bytes, enough for all that the guards read.
	 */
	{CHAIN_IP6, {FRAGMENT_OFFSET, EQ(2, 0), GOTO(CHAIN_IP6_FIRST)}},
	{CHAIN_IP6, {GOTO(CHAIN_IP6_SOURCE)}},
	{CHAIN_IP6_FIRST, {NETWORK(4, 2), GTE(2, 0, 16), NETWORK(6, 1), EQ(1, IPPROTO_FRAGMENT),
			   NETWORK(40, 1), NEQ(1, IPPROTO_HOPOPTS), NEQ(1, IPPROTO_ROUTING),
			   NEQ(1, IPPROTO_FRAGMENT), NEQ(1, IPPROTO_AH), NEQ(1, IPPROTO_DSTOPTS),
			   NEQ(1, IPPROTO_MH), NEQ(1, 139), NEQ(1, 140), GOTO(CHAIN_IP6_SOURCE)},
	 "transport header behind it"},
	{CHAIN_IP6_FIRST, {DROP(IP6)}},
	{CHAIN_IP6_SOURCE, {L4PROTO, EQ(1, IPPROTO_ICMPV6), GOTO(CHAIN_ND)}},
	{CHAIN_IP6_SOURCE, {L4PROTO, NEQ(1, IPPROTO_ICMPV6), OWN_IP6, PASS}, "source"},
	{CHAIN_IP6_SOURCE, {L4PROTO, NEQ(1, IPPROTO_ICMPV6), GUEST_IN(ANYADDR), PASS}},
	{CHAIN_IP6_SOURCE, {DROP(IP6)}},

	/* Ethernet, IPv4, their lengths; then sender's MAC, sender's address. */
	{CHAIN_ARP, {NETWORK(0, 6), EQ(6, 0, 1, 8, 0, 6, 4), WITH(OP_NETWORK, 8, 6, MACS),
		     GOTO(CHAIN_ARP_SOURCE)}, "sender's MAC"},
	{CHAIN_ARP, {DROP(ARP)}},
	{CHAIN_ARP_SOURCE, {WITH(OP_NETWORK, 14, 4, V4), PASS}, "sender's address"},
	{CHAIN_ARP_SOURCE, {GUEST_IN(ANYADDR), PASS}},
	{CHAIN_ARP_SOURCE, {NETWORK(14, 4), EQ(4, 0), PASS}, "probe, RFC 5227"},
	{CHAIN_ARP_SOURCE, {DROP(ARP)}},

	{CHAIN_ND, {ICMP6(136), GOTO(CHAIN_ND_ADVERT)}, "neighbour advertisement"},
	/* A solicitation also tells its sender's MAC, in an option that comes first if at all. */
	{CHAIN_ND, {ICMP6(135), TRANSPORT(24, 2), EQ(2, 1, 1), WITHOUT(OP_TRANSPORT, 26, 6, MACS),
		    DROP(ND)}, "solicitation with another MAC"},
	{CHAIN_ND, {NETWORK(8, 16), EQ(16, 0), GOTO(CHAIN_ND_DAD)}, "source ::"},
	{CHAIN_ND, {TRANSPORT(0, 1), NEQ(1, 136), OWN_IP6, PASS}, "source"},
	{CHAIN_ND, {TRANSPORT(0, 1), NEQ(1, 136), GUEST_IN(ANYADDR), PASS}},
	{CHAIN_ND, {FRAGMENT_OFFSET, NEQ(2, 0), OWN_IP6, PASS},
	 "source"},
	{CHAIN_ND, {FRAGMENT_OFFSET, NEQ(2, 0), GUEST_IN(ANYADDR), PASS}},
	{CHAIN_ND, {DROP(ND)}},

	/*
	 * An advertisement right behind the IPv6 header, with nothing but the option that tells the
	 * MAC, or without: nothing else is in use, and nothing can hide in it.
	 */
	{CHAIN_ND_ADVERT, {NETWORK(4, 3), EQ(3, 0, 32, IPPROTO_ICMPV6), TRANSPORT(24, 2), EQ(2, 2, 1),
			   WITH(OP_TRANSPORT, 26, 6, MACS), GOTO(CHAIN_ND_TARGET)},
	 "with own MAC"},
	{CHAIN_ND_ADVERT, {NETWORK(4, 3), EQ(3, 0, 24, IPPROTO_ICMPV6), GOTO(CHAIN_ND_TARGET)},
	 "without a MAC"},
	{CHAIN_ND_ADVERT, {DROP(ND)}},
	{CHAIN_ND_TARGET, {WITH(OP_TRANSPORT, 8, 16, V6), OWN_IP6, PASS}, "target, source"},
	{CHAIN_ND_TARGET, {GUEST_IN(ANYADDR), PASS}},
	{CHAIN_ND_TARGET, {DROP(ND)}},

	/* Without an address yet: is mine free, what router is there, multicast reports. */
	{CHAIN_ND_DAD, {ICMP6(135), WITH(OP_TRANSPORT, 8, 16, V6), PASS}, "target"},
	{CHAIN_ND_DAD, {ICMP6(133), PASS}, "router solicitation"},
	{CHAIN_ND_DAD, {ICMP6(131), PASS}, "MLD report"},
	{CHAIN_ND_DAD, {ICMP6(132), PASS}, "MLD done"},
	{CHAIN_ND_DAD, {ICMP6(143), PASS}, "MLDv2 report"},
	{CHAIN_ND_DAD, {TRANSPORT(0, 1), NEQ(1, 136), GUEST_IN(ANYADDR), PASS}},
	{CHAIN_ND_DAD, {DROP(ND)}},
};

enum { RULE_COUNT = sizeof(rules) / sizeof(*rules) };

const char *nft_chain_name(unsigned c, char buf[NFT_NAME_SIZE])
{
	static const char *const names[CHAIN_DROP] = {
		[CHAIN_PREROUTING] = "prerouting",
		[CHAIN_GUEST] = "guest",
		[CHAIN_CHOOSY] = "choosy",
		[CHAIN_FAST] = "fast",
		[CHAIN_FAST_IP] = "fast-ip",
		[CHAIN_FAST_IP6] = "fast-ip6",
		[CHAIN_SOURCE] = "source",
		[CHAIN_IP] = "source-ip",
		[CHAIN_IP6] = "whole-ip6",
		[CHAIN_IP6_FIRST] = "first-fragment-ip6",
		[CHAIN_IP6_SOURCE] = "source-ip6",
		[CHAIN_ARP] = "source-arp",
		[CHAIN_ARP_SOURCE] = "source-arp-address",
		[CHAIN_ND] = "source-icmp6",
		[CHAIN_ND_ADVERT] = "nd-advert",
		[CHAIN_ND_TARGET] = "nd-advert-target",
		[CHAIN_ND_DAD] = "nd-unspecified",
		[CHAIN_USER] = "user-forward",
	};
	if (c >= CHAIN_COUNT)
		return NULL;
	if (c < CHAIN_DROP)
		return names[c];
	snprintf(buf, NFT_NAME_SIZE, "drop-%s", filter_reason_name(c - CHAIN_DROP));
	return buf;
}

static void put_op(struct nftnl_rule *r, const struct op *op);
static void put_comment(struct nftnl_rule *r, const char *comment);

/* The rule number @i of our table, with chain and expressions; NULL: no more, or out of memory. */
struct nftnl_rule *nft_rule_make(size_t i)
{
	char name[NFT_NAME_SIZE];
	const struct rule *def = i < RULE_COUNT ? &rules[i] : NULL;
	size_t drop = i - RULE_COUNT;
	struct rule counted;
	if (!def && drop >= 2 * FILTER_DROP_COUNT)
		return NULL;
	if (!def) {
		/* Two rules: a set of counters that is full must not let the frame pass. */
		counted = (struct rule){CHAIN_DROP + drop / 2,
					{{OP_VERDICT, .arg = NF_DROP}}};
		if (drop % 2 == 0)
			counted = (struct rule){CHAIN_DROP + drop / 2,
						{IIF, {OP_COUNT, .arg = NFT_SET_DROPS + drop / 2}}};
		def = &counted;
	}
	struct nftnl_rule *r = nftnl_rule_alloc();
	if (!r)
		return NULL;
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, NFPROTO_BRIDGE);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, NFT_TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, nft_chain_name(def->chain, name));
	for (const struct op *op = def->op; op < def->op + OPS_MAX && op->type != OP_END; op++)
		put_op(r, op);
	put_comment(r, def->comment);
	return r;
}

static void put_comment(struct nftnl_rule *r, const char *comment)
{
	struct nftnl_udata_buf *ud = comment ? nftnl_udata_buf_alloc(256) : NULL;
	if (ud && nftnl_udata_put_strz(ud, NFTNL_UDATA_RULE_COMMENT, comment))
		nftnl_rule_set_data(r, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(ud),
				    nftnl_udata_buf_len(ud));
	if (ud)
		nftnl_udata_buf_free(ud);
}

static struct nftnl_expr *expr(struct nftnl_rule *r, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);
	if (e)
		nftnl_rule_add_expr(r, e);
	return e;
}

/* Registers: what is read alone, and a key's first part, in the first 4 bytes, its second behind. */
static uint32_t reg(const struct op *op)
{
	return op->second ? NFT_REG32_01 : NFT_REG_1;
}

static void put_meta(struct nftnl_rule *r, const struct op *op)
{
	struct nftnl_expr *e = expr(r, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg(op));
}

static void put_payload(struct nftnl_rule *r, const struct op *op)
{
	struct nftnl_expr *e = expr(r, "payload");
	if (!e)
		return;
	uint32_t base = op->type == OP_ETHER	 ? NFT_PAYLOAD_LL_HEADER
			: op->type == OP_NETWORK ? NFT_PAYLOAD_NETWORK_HEADER
						 : NFT_PAYLOAD_TRANSPORT_HEADER;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, op->len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg(op));
}

static void put_fragment(struct nftnl_rule *r, const struct op *op)
{
	struct nftnl_expr *e = expr(r, "exthdr");
	if (!e)
		return;
	nftnl_expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, IPPROTO_FRAGMENT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, op->len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_DREG, reg(op));
}

static void put_mask(struct nftnl_rule *r, const struct op *op)
{
	static const uint8_t zero[16];
	struct nftnl_expr *e = expr(r, "bitwise");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, reg(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, reg(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, op->len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, op->data, op->len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zero, op->len);
}

static void put_cmp(struct nftnl_rule *r, const struct op *op)
{
	struct nftnl_expr *e = expr(r, "cmp");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, reg(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op->type == OP_EQ    ? NFT_CMP_EQ
						 : op->type == OP_NEQ ? NFT_CMP_NEQ
								      : NFT_CMP_GTE);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, op->data, op->len);
}

static void put_lookup(struct nftnl_rule *r, const struct op *op)
{
	char name[NFT_NAME_SIZE];
	struct nftnl_expr *e = expr(r, "lookup");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, nft_set_name(op->arg, name));
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, op->arg + 1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, op->type == OP_IN ? 0 : NFT_LOOKUP_F_INV);
}

static void put_count(struct nftnl_rule *r, const struct op *op)
{
	char name[NFT_NAME_SIZE];
	struct nftnl_expr *e = expr(r, "dynset"), *counter = nftnl_expr_alloc("counter");
	if (!e || !counter) {
		if (counter)
			nftnl_expr_free(counter);
		return;
	}
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_ADD);
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_DYNSET_SET_NAME, nft_set_name(op->arg, name));
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SET_ID, op->arg + 1);
	nftnl_expr_set(e, NFTNL_EXPR_DYNSET_EXPR, counter, 0);
}

static void put_verdict(struct nftnl_rule *r, const struct op *op)
{
	char name[NFT_NAME_SIZE];
	struct nftnl_expr *e = expr(r, "immediate");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT,
			   op->type == OP_GOTO ? (uint32_t)NFT_GOTO : op->arg);
	if (op->type == OP_GOTO)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, nft_chain_name(op->arg, name));
}

static void put_op(struct nftnl_rule *r, const struct op *op)
{
	switch (op->type) {
	case OP_END:
		break;
	case OP_META:
		put_meta(r, op);
		break;
	case OP_ETHER:
	case OP_NETWORK:
	case OP_TRANSPORT:
		put_payload(r, op);
		break;
	case OP_FRAGMENT:
		put_fragment(r, op);
		break;
	case OP_MASK:
		put_mask(r, op);
		break;
	case OP_EQ:
	case OP_NEQ:
	case OP_GTE:
		put_cmp(r, op);
		break;
	case OP_IN:
	case OP_NOT_IN:
		put_lookup(r, op);
		break;
	case OP_COUNT:
		put_count(r, op);
		break;
	case OP_GOTO:
	case OP_VERDICT:
		put_verdict(r, op);
		break;
	}
}
