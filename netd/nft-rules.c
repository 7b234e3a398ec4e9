// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-rules: what the tables of the filter are made of. */
/*
 * Where a bridged guest's frames are met. Bridge family, prerouting: all that a port receives comes
 * by, before the bridge learns from it. All but frames to 01:80:c2:00:00:0x, which the bridge would
 * take for itself, and learn from, on the way past netfilter; the flag HOSTIF_PORT_LINKLOCAL makes
 * it send them here, too.
 *
 * Where a routed guest's are. Dom0 takes from a device without a bridge IP, IPv6 and ARP, and
 * nothing else: so inet prerouting, before connections are tracked or addresses translated, and arp
 * input. The netdev family sees all frames in one place, but its chains are bound to devices: one
 * more chain for each vif, and with each that the kernel adds it checks the whole table again.
 *
 * The tables have the same sets, chains and rules, as far as these have a meaning there.
 *
 * How it reads: a frame is accepted by a rule that could read all it judges by, or dropped at the
 * end of a chain. An expression that cannot read (a header cut short, a fragment without its
 * transport header) ends its rule as a mismatch; so no rule that drops may be the only thing
 * between a frame and its acceptance unless what it reads is sure to be there.
 *
 * What is sure to be there: the Ethernet header; and where `meta l4proto` can be read, an IP header
 * that is whole, a chain of extension headers that is whole, and the first fragment or a later one,
 * told apart by the fragment header. Receivers drop what has no first fragment, so later ones may
 * pass by their source address alone.
 *
 * VLAN tags: the kernel takes the outer tag out of the frame before we see it. `ether type` still
 * reads it (8021q, 8021ad), `meta protocol` reads what is inside, and the network header is that of
 * what is inside. A second tag is just another protocol.
 *
 * What it costs, nearly all is calls of the kernel from expression to expression; a set's size
 * means nothing. Comparisons, and reads of up to 4 bytes behind the Ethernet header, need none. So
 * the first rules sort by what can be read so, and then take an honest frame by a single look into
 * a set whose key is all that it must be. What these do not pass goes the long way: it is never
 * dropped here.
 */
#include "nft-priv.h"
#include "nft-rule.h"
#include "nft-words.h"

/* clang-format off: tables */
static const struct nft_rule rules[] = {
	/* Whatever port a server answers from: clients listen to what comes to 68, and 546. */
	{B | I,
	 CHAIN_PREROUTING,
	 {NETWORK(9, 1), EQ(1, IPPROTO_UDP), TRANSPORT(2, 2), MASK(2, 0xff, 0xf8), EQ(2, 0, 64),
	  NFT_JUMP_CHAIN(CHAIN_DHCP)},
	 "ports 64 to 71"},
	{B | I, CHAIN_PREROUTING, {VERSION(4), READABLE, LATE, PASS_V4}},
	{B | I, CHAIN_PREROUTING, {TCP6, LATE, PASS_V6}},
	{B | I, CHAIN_PREROUTING, {UDP6, LATE, PASS_V6}},
	{B | I, CHAIN_PREROUTING, {VERSION(4), READABLE, LATE, PASS_ANY}},
	{B | I, CHAIN_PREROUTING, {TCP6, LATE, PASS_ANY}},
	{B | I, CHAIN_PREROUTING, {UDP6, LATE, PASS_ANY}},
	{B | I, CHAIN_PREROUTING, {GUEST_IN(GUESTS), GOTO(CHAIN_GUEST)}},
	{A, CHAIN_INPUT, {GUEST_IN(GUESTS), GOTO(CHAIN_GUEST)}},

	{B | I,
	 CHAIN_DHCP,
	 {PROTOCOL(0x08, 0x00), UDP_TO(0, 68), GUEST_IN(GUARD_DHCP), DROP(DHCP)}},
	/*
	 * A server knows its clients by the MAC that the message tells: who told a neighbour's could
	 * give its address back, or refuse it. In fragments that could not be seen.
	 */
	{B | I,
	 CHAIN_DHCP,
	 {PROTOCOL(0x08, 0x00), UDP_TO(0, 67), FRAGMENTED, GUEST_IN(GUARD_DHCP), DROP(DHCP)}},
	{B | I,
	 CHAIN_DHCP,
	 {PROTOCOL(0x08, 0x00), UDP_TO(0, 67), GUEST_IN(GUARD_DHCP), NOT_OWN_CHADDR, DROP(DHCP)},
	 "in another client's name"},

	{B | I, CHAIN_GUEST, {VERSION(4), READABLE, IIF, PASS_V4}},
	{B | I, CHAIN_GUEST, {TCP6, IIF, PASS_V6}},
	{B | I, CHAIN_GUEST, {UDP6, IIF, PASS_V6}},
	{B | I, CHAIN_GUEST, {VERSION(4), READABLE, IIF, PASS_ANY}},
	{B | I, CHAIN_GUEST, {TCP6, IIF, PASS_ANY}},
	{B | I, CHAIN_GUEST, {UDP6, IIF, PASS_ANY}},
	{B | I | A, CHAIN_GUEST, {OWN_MAC, GOTO(CHAIN_LIMITS)}},
	{B | I | A, CHAIN_GUEST, {DROP(MAC)}},

	{B | I | A, CHAIN_LIMITS, {GUEST_IN(LIMIT_PACKETS), DROP(PACKETS)}},
	{B | I | A,
	 CHAIN_LIMITS,
	 {ETHER(0, 1), MASK(1, 1), EQ(1, 1), GUEST_IN(LIMIT_BROADCAST), DROP(BROADCAST)},
	 "broadcast, multicast"},
	{B | I,
	 CHAIN_LIMITS,
	 {L4PROTO, EQ(1, IPPROTO_TCP), TRANSPORT(13, 1), MASK(1, 0x12), EQ(1, 0x02),
	  GUEST_IN(LIMIT_CONNECTIONS), DROP(CONNECTIONS)}},
	/* A first fragment that may end before the flags counts as if it began a connection. */
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x08, 0x00), L4PROTO, EQ(1, IPPROTO_TCP), NETWORK(6, 2), MASK(2, 0x3f, 0xff),
	  EQ(2, 0x20, 0), NETWORK(2, 2), MASK(2, 0xff, 0x80), EQ(2, 0), GUEST_IN(LIMIT_CONNECTIONS),
	  DROP(CONNECTIONS)},
	 "first fragment of less than 128 bytes"},
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x86, 0xdd), L4PROTO, EQ(1, IPPROTO_TCP), FRAGMENT_OFFSET, EQ(2, 0),
	  GUEST_IN(LIMIT_CONNECTIONS), DROP(CONNECTIONS)},
	 "first fragment"},
	{B, CHAIN_LIMITS, {ETHER_TYPE(0x81, 0x00), GUEST_IN(GUARD_VLAN), DROP(VLAN)}},
	{B, CHAIN_LIMITS, {ETHER_TYPE(0x88, 0xa8), GUEST_IN(GUARD_VLAN), DROP(VLAN)}},
	{B,
	 CHAIN_LIMITS,
	 {ETHER(0, 6), MASK(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0), EQ(6, 0x01, 0x80, 0xc2),
	  GUEST_IN(GUARD_CONTROL), DROP(CONTROL)}},
	{B,
	 CHAIN_LIMITS,
	 {ETHER(0, 6), MASK(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe),
	  EQ(6, 0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc), GUEST_IN(GUARD_CONTROL), DROP(CONTROL)}},
	{B, CHAIN_LIMITS, {ETHER_TYPE(0x88, 0xcc), GUEST_IN(GUARD_CONTROL), DROP(CONTROL)}},
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x86, 0xdd), UDP_TO(2, 34), GUEST_IN(GUARD_DHCP), DROP(DHCP)}},
	/* A server believes a relay who the client is. In fragments it could not be told. */
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x86, 0xdd), UDP_TO(2, 35), TRANSPORT(8, 1), MASK(1, 0xfe), EQ(1, 12),
	  GUEST_IN(GUARD_DHCP), DROP(DHCP)},
	 "DHCPv6 relay"},
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x86, 0xdd), UDP_TO(2, 35), FRAGMENT_NEXT, EQ(1, IPPROTO_UDP),
	  GUEST_IN(GUARD_DHCP), DROP(DHCP)}},
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x86, 0xdd), L4PROTO, EQ(1, IPPROTO_ICMPV6), ICMP6(134), GUEST_IN(GUARD_RA),
	  DROP(RA)}},
	{B | I,
	 CHAIN_LIMITS,
	 {PROTOCOL(0x86, 0xdd), L4PROTO, EQ(1, IPPROTO_ICMPV6), ICMP6(137), GUEST_IN(GUARD_RA),
	  DROP(RA)}},
	{B | I | A, CHAIN_LIMITS, {GOTO(CHAIN_SOURCE)}},

	/* RARP has ARP's form; QEMU announces a guest that has come from another host by it. */
	{B | I, CHAIN_SOURCE, {PROTOCOL(0x08, 0x00), GOTO(CHAIN_IP)}},
	{B | I, CHAIN_SOURCE, {PROTOCOL(0x86, 0xdd), GOTO(CHAIN_IP6)}},
	{B | A, CHAIN_SOURCE, {PROTOCOL(0x08, 0x06), GOTO(CHAIN_ARP)}},
	{B | A, CHAIN_SOURCE, {PROTOCOL(0x80, 0x35), GOTO(CHAIN_ARP)}},
	/* What a receiver may look for IP in, where these guards cannot. */
	GUARDED(PROTOCOL(0x81, 0x00)),
	GUARDED(PROTOCOL(0x88, 0xa8)),
	GUARDED(PROTOCOL(0x91, 0x00)),
	GUARDED(SNAP_OF_ETHERNET),
	{B | I | A, CHAIN_SOURCE, {GUEST_IN(ANYADDR), PASS}},
	{B | I | A, CHAIN_SOURCE, {DROP(PROTOCOL)}},

	/*
	 * A header that the kernel would not take has no transport header for the guards to see; but
	 * DHCP's programs read the wire themselves, and take what their peers' kernels would not.
	 */
	{B | I, CHAIN_IP, {READABLE, OWN_IP(V4), PASS}, "source"},
	{B | I, CHAIN_IP, {READABLE, GUEST_IN(ANYADDR), PASS}},
	{I, CHAIN_IP, {READABLE, OWN_IP(NETS4), PASS}, "source is behind it"},
	/* DHCP's client, which has no address yet: 0.0.0.0 to 255.255.255.255, port 68 to 67. */
	{B | I,
	 CHAIN_IP,
	 {NETWORK(12, 8), EQ(8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), L4PROTO, EQ(1, IPPROTO_UDP),
	  TRANSPORT(0, 4), EQ(4, 0, 68, 0, 67), PASS},
	 "DHCP client"},
	{B | I, CHAIN_IP, {DROP(IP)}},

	/*
	 * A first fragment may end before its transport header, and bytes that are in the frame but
	 * not in the packet be read instead of it. So what it carries must be no further extension
	 * header, and be there: fragments are cut at 8 bytes, enough for all that the guards read.
	 */
	{B | I, CHAIN_IP6, {FRAGMENT_OFFSET, EQ(2, 0), GOTO(CHAIN_IP6_FIRST)}},
	{B | I, CHAIN_IP6, {GOTO(CHAIN_IP6_SOURCE)}},
	{B | I,
	 CHAIN_IP6_FIRST,
	 {NETWORK(4, 2), GTE(2, 0, 16), NETWORK(6, 1), EQ(1, IPPROTO_FRAGMENT), NETWORK(40, 1),
	  NEQ(1, IPPROTO_HOPOPTS), NEQ(1, IPPROTO_ROUTING), NEQ(1, IPPROTO_FRAGMENT),
	  NEQ(1, IPPROTO_AH), NEQ(1, IPPROTO_DSTOPTS), NEQ(1, IPPROTO_MH), NEQ(1, 139), NEQ(1, 140),
	  GOTO(CHAIN_IP6_SOURCE)},
	 "transport header behind it"},
	{B | I, CHAIN_IP6_FIRST, {DROP(IP6)}},
	{B | I, CHAIN_IP6_SOURCE, {L4PROTO, EQ(1, IPPROTO_ICMPV6), GOTO(CHAIN_ND)}},
	{B | I, CHAIN_IP6_SOURCE, {L4PROTO, NEQ(1, IPPROTO_ICMPV6), OWN_IP6(V6), PASS}, "source"},
	{B | I, CHAIN_IP6_SOURCE, {L4PROTO, NEQ(1, IPPROTO_ICMPV6), GUEST_IN(ANYADDR), PASS}},
	{I,
	 CHAIN_IP6_SOURCE,
	 {L4PROTO, NEQ(1, IPPROTO_ICMPV6), OWN_IP6(NETS6), PASS},
	 "source is behind it"},
	{B | I, CHAIN_IP6_SOURCE, {DROP(IP6)}},

	/* Ethernet, IPv4, their lengths; then sender's MAC, sender's address. */
	{B | A,
	 CHAIN_ARP,
	 {NETWORK(0, 6), EQ(6, 0, 1, 8, 0, 6, 4), WITH(NETWORK, 8, 6, MACS),
	  GOTO(CHAIN_ARP_SOURCE)},
	 "sender's MAC"},
	{B | A, CHAIN_ARP, {DROP(ARP)}},
	{B | A, CHAIN_ARP_SOURCE, {WITH(NETWORK, 14, 4, V4), PASS}, "sender's address"},
	{B | A, CHAIN_ARP_SOURCE, {GUEST_IN(ANYADDR), PASS}},
	{A, CHAIN_ARP_SOURCE, {WITH(NETWORK, 14, 4, NETS4), PASS}, "sender is behind it"},
	/* Who uses an address gives it up when another seems to probe for it. */
	{B | A,
	 CHAIN_ARP_SOURCE,
	 {NETWORK(14, 4), EQ(4, 0), WITH(NETWORK, 24, 4, V4), PASS},
	 "probe, RFC 5227"},
	{A, CHAIN_ARP_SOURCE, {NETWORK(14, 4), EQ(4, 0), WITH(NETWORK, 24, 4, NETS4), PASS}},
	{B, CHAIN_ARP_SOURCE, {PROTOCOL(0x80, 0x35), NETWORK(14, 4), EQ(4, 0), PASS}, "RARP"},
	{B | A, CHAIN_ARP_SOURCE, {DROP(ARP)}},

	{B | I, CHAIN_ND, {ICMP6(136), GOTO(CHAIN_ND_ADVERT)}, "neighbour advertisement"},
	{B | I, CHAIN_ND, {ICMP6(135), GOTO(CHAIN_ND_SOLICIT)}, "neighbour solicitation"},
	{B | I, CHAIN_ND, {ICMP6(133), GOTO(CHAIN_ND_ROUTER)}, "router solicitation"},
	{B | I, CHAIN_ND, {GOTO(CHAIN_ND_SOURCE)}},
	{B | I, CHAIN_ND_SOURCE, {NETWORK(8, 16), EQ(16, 0), GOTO(CHAIN_ND_DAD)}, "source ::"},
	{B | I, CHAIN_ND_SOURCE, {TRANSPORT(0, 1), NEQ(1, 136), OWN_IP6(V6), PASS}, "source"},
	{B | I, CHAIN_ND_SOURCE, {TRANSPORT(0, 1), NEQ(1, 136), GUEST_IN(ANYADDR), PASS}},
	{I, CHAIN_ND_SOURCE, {TRANSPORT(0, 1), NEQ(1, 136), OWN_IP6(NETS6), PASS}, "source is behind it"},
	{B | I, CHAIN_ND_SOURCE, {FRAGMENT_OFFSET, NEQ(2, 0), OWN_IP6(V6), PASS}, "source"},
	{B | I, CHAIN_ND_SOURCE, {FRAGMENT_OFFSET, NEQ(2, 0), GUEST_IN(ANYADDR), PASS}},
	{I, CHAIN_ND_SOURCE, {FRAGMENT_OFFSET, NEQ(2, 0), OWN_IP6(NETS6), PASS}, "source is behind it"},
	{B | I, CHAIN_ND_SOURCE, {DROP(ND)}},

	/*
	 * A solicitation tells its sender's MAC, too: in an option, beside the nonce of RFC 7527 or
	 * without it. All lengths are told, so that no other option can hide behind.
	 */
	{B | I, CHAIN_ND_SOLICIT, {ND_LENGTH(24), GOTO(CHAIN_ND_SOURCE)}},
	{B | I,
	 CHAIN_ND_SOLICIT,
	 {ND_LENGTH(32), ND_OWN_MAC(24), GOTO(CHAIN_ND_SOURCE)},
	 "with own MAC"},
	{B | I, CHAIN_ND_SOLICIT, {ND_LENGTH(32), ND_NONCE(24), GOTO(CHAIN_ND_SOURCE)}, "nonce"},
	{B | I,
	 CHAIN_ND_SOLICIT,
	 {ND_LENGTH(40), ND_OWN_MAC(24), ND_NONCE(32), GOTO(CHAIN_ND_SOURCE)},
	 "with own MAC, nonce"},
	{B | I,
	 CHAIN_ND_SOLICIT,
	 {ND_LENGTH(40), ND_NONCE(24), ND_OWN_MAC(32), GOTO(CHAIN_ND_SOURCE)},
	 "nonce, with own MAC"},
	{B | I, CHAIN_ND_SOLICIT, {DROP(ND)}},
	{B | I, CHAIN_ND_ROUTER, {ND_LENGTH(8), GOTO(CHAIN_ND_SOURCE)}},
	{B | I,
	 CHAIN_ND_ROUTER,
	 {ND_LENGTH(16), ND_OWN_MAC(8), GOTO(CHAIN_ND_SOURCE)},
	 "with own MAC"},
	{B | I, CHAIN_ND_ROUTER, {DROP(ND)}},

	/*
	 * An advertisement right behind the IPv6 header, with nothing but the option that tells the
	 * MAC, or without: nothing else is in use, and nothing can hide in it.
	 */
	{B | I,
	 CHAIN_ND_ADVERT,
	 {NETWORK(4, 3), EQ(3, 0, 32, IPPROTO_ICMPV6), TRANSPORT(24, 2), EQ(2, 2, 1),
	  WITH(TRANSPORT, 26, 6, MACS), GOTO(CHAIN_ND_TARGET)},
	 "with own MAC"},
	{B | I,
	 CHAIN_ND_ADVERT,
	 {NETWORK(4, 3), EQ(3, 0, 24, IPPROTO_ICMPV6), GOTO(CHAIN_ND_TARGET)},
	 "without a MAC"},
	{B | I, CHAIN_ND_ADVERT, {DROP(ND)}},
	{B | I, CHAIN_ND_TARGET, {WITH(TRANSPORT, 8, 16, V6), OWN_IP6(V6), PASS}, "target, source"},
	{B | I, CHAIN_ND_TARGET, {GUEST_IN(ANYADDR), PASS}},
	{I,
	 CHAIN_ND_TARGET,
	 {WITH(TRANSPORT, 8, 16, NETS6), OWN_IP6(V6), PASS},
	 "target is behind it"},
	{I,
	 CHAIN_ND_TARGET,
	 {WITH(TRANSPORT, 8, 16, NETS6), OWN_IP6(NETS6), PASS},
	 "target and source are behind it"},
	{B | I, CHAIN_ND_TARGET, {DROP(ND)}},

	/* Without an address yet: is mine free, what router is there, multicast reports. */
	{B | I, CHAIN_ND_DAD, {ICMP6(135), WITH(TRANSPORT, 8, 16, V6), PASS}, "target"},
	{I, CHAIN_ND_DAD, {ICMP6(135), WITH(TRANSPORT, 8, 16, NETS6), PASS}, "target is behind it"},
	{B | I, CHAIN_ND_DAD, {ICMP6(133), PASS}, "router solicitation"},
	{B | I, CHAIN_ND_DAD, {ICMP6(131), PASS}, "MLD report"},
	{B | I, CHAIN_ND_DAD, {ICMP6(132), PASS}, "MLD done"},
	{B | I, CHAIN_ND_DAD, {ICMP6(143), PASS}, "MLDv2 report"},
	{B | I, CHAIN_ND_DAD, {TRANSPORT(0, 1), NEQ(1, 136), GUEST_IN(ANYADDR), PASS}},
	{B | I, CHAIN_ND_DAD, {DROP(ND)}},

	/* What a routed guest sends to dom0 itself; what is forwarded from guests and to them. */
	{I, CHAIN_INPUT, {GUEST_IN(GUESTS), GOTO(CHAIN_USER_INPUT)}},
	{I, CHAIN_FORWARD, {GUEST_IN(GUESTS), GOTO(CHAIN_USER_FORWARD)}},
	{I,
	 CHAIN_FORWARD,
	 {NFT_META(NFT_META_OIF, 4), NFT_IN(NFT_SET_GUESTS), GOTO(CHAIN_USER_FORWARD)}},

	COUNT_AND_DROP(B | I | A, MAC),
	COUNT_AND_DROP(B | A, ARP),
	COUNT_AND_DROP(B | I, IP),
	COUNT_AND_DROP(B | I, IP6),
	COUNT_AND_DROP(B | I, ND),
	COUNT_AND_DROP(B | I | A, PROTOCOL),
	COUNT_AND_DROP(B | I, RA),
	COUNT_AND_DROP(B | I, DHCP),
	COUNT_AND_DROP(B, VLAN),
	COUNT_AND_DROP(B, CONTROL),
	COUNT_AND_DROP(B | I | A, PACKETS),
	COUNT_AND_DROP(B | I, CONNECTIONS),
	COUNT_AND_DROP(B | I | A, BROADCAST),
};

enum { RULE_COUNT = sizeof(rules) / sizeof(*rules) };

#define NOT_BASE NFT_NOT_BASE, 0
#define DROP_CHAIN(tables, reason, name) \
	[CHAIN_DROP + FILTER_DROP_##reason] = {tables, name, NOT_BASE}
/* @passed: the chain that all goes to that the filter lets pass. */
#define CHAINS(hook, passed)                                                                       \
	[CHAIN_PREROUTING] = {B | I, "prerouting", hook, PRIORITY},                                \
	[CHAIN_DHCP] = {B | I, "dhcp", NOT_BASE}, [CHAIN_GUEST] = {B | I | A, "guest", NOT_BASE},  \
	[CHAIN_LIMITS] = {B | I | A, "limits-and-guards", NOT_BASE},                               \
	[CHAIN_SOURCE] = {B | I | A, "source", NOT_BASE},                                          \
	[CHAIN_IP] = {B | I, "source-ip", NOT_BASE}, [CHAIN_IP6] = {B | I, "whole-ip6", NOT_BASE}, \
	[CHAIN_IP6_FIRST] = {B | I, "first-fragment-ip6", NOT_BASE},                               \
	[CHAIN_IP6_SOURCE] = {B | I, "source-ip6", NOT_BASE},                                      \
	[CHAIN_ARP] = {B | A, "source-arp", NOT_BASE},                                             \
	[CHAIN_ARP_SOURCE] = {B | A, "source-arp-address", NOT_BASE},                              \
	[CHAIN_ND] = {B | I, "source-icmp6", NOT_BASE},                                            \
	[CHAIN_ND_SOLICIT] = {B | I, "nd-solicit", NOT_BASE},                                      \
	[CHAIN_ND_ROUTER] = {B | I, "nd-router", NOT_BASE},                                        \
	[CHAIN_ND_SOURCE] = {B | I, "nd-source", NOT_BASE},                                        \
	[CHAIN_ND_ADVERT] = {B | I, "nd-advert", NOT_BASE},                                        \
	[CHAIN_ND_TARGET] = {B | I, "nd-advert-target", NOT_BASE},                                 \
	[CHAIN_ND_DAD] = {B | I, "nd-unspecified", NOT_BASE},                                      \
	[CHAIN_PASS] = {B | I | A, passed, NOT_BASE}, DROP_CHAIN(B | I | A, MAC, "drop-mac"),      \
	DROP_CHAIN(B | A, ARP, "drop-arp"), DROP_CHAIN(B | I, IP, "drop-ip"),                      \
	DROP_CHAIN(B | I, IP6, "drop-ip6"), DROP_CHAIN(B | I, ND, "drop-nd"),                      \
	DROP_CHAIN(B | I | A, PROTOCOL, "drop-protocol"), DROP_CHAIN(B | I, RA, "drop-ra"),        \
	DROP_CHAIN(B | I, DHCP, "drop-dhcp"), DROP_CHAIN(B, VLAN, "drop-vlan"),                    \
	DROP_CHAIN(B, CONTROL, "drop-control"), DROP_CHAIN(B | I | A, PACKETS, "drop-packets"),    \
	DROP_CHAIN(B | I, CONNECTIONS, "drop-connections"),                                        \
	DROP_CHAIN(B | I | A, BROADCAST, "drop-broadcast")

static const struct nft_chain_def bridge_chains[CHAIN_COUNT] = {
	CHAINS(NF_BR_PRE_ROUTING, NFT_USER "forward"),
};

static const struct nft_chain_def inet_chains[CHAIN_COUNT] = {
	CHAINS(NF_INET_PRE_ROUTING, "passed"),
	[CHAIN_INPUT] = {I, "input", NF_INET_LOCAL_IN, PRIORITY_USER},
	[CHAIN_FORWARD] = {I, "forward", NF_INET_FORWARD, PRIORITY_USER},
	[CHAIN_USER_INPUT] = {I, NFT_USER "input", NOT_BASE},
	[CHAIN_USER_FORWARD] = {I, NFT_USER "forward", NOT_BASE},
};

static const struct nft_chain_def arp_chains[CHAIN_COUNT] = {
	CHAINS(NFT_NOT_BASE, "passed"),
	[CHAIN_INPUT] = {A, "input", NF_ARP_IN, PRIORITY},
};

#define IFINDEX	   NFT_PART_IFINDEX
#define ETHER_ADDR NFT_PART_ETHER
#define IPV4	   NFT_PART_IPV4
#define IPV6	   NFT_PART_IPV6
#define DROPS_SET(tables, reason, name) \
	[NFT_SET_DROPS + FILTER_DROP_##reason] = {tables, name, {IFINDEX}, 4, .counters = DROPS_MAX}

/* Where each set is, nft_table_has() tells too, which knows nothing of nftables. */
static const struct nft_set_def sets[NFT_SET_COUNT] = {
	[NFT_SET_GUESTS] = {B | I | A, "guests", {IFINDEX}, 4},
	[NFT_SET_PASS_V4] = {B | I, "pass-v4", {IFINDEX, ETHER_ADDR, IPV4}, 16},
	[NFT_SET_PASS_V6] = {B | I, "pass-v6", {IFINDEX, ETHER_ADDR, IPV6}, 28},
	[NFT_SET_PASS_ANY] = {B | I, "pass-any", {IFINDEX, ETHER_ADDR}, 12},
	[NFT_SET_MACS] = {B | I | A, "macs", {IFINDEX, ETHER_ADDR}, 12},
	[NFT_SET_V4] = {B | I | A, "v4", {IFINDEX, IPV4}, 8},
	[NFT_SET_V6] = {B | I, "v6", {IFINDEX, IPV6}, 20},
	[NFT_SET_NETS4] = {I | A, "nets4", {IFINDEX, IPV4}, 8, .prefixes = true},
	[NFT_SET_NETS6] = {I, "nets6", {IFINDEX, IPV6}, 20, .prefixes = true},
	[NFT_SET_ANYADDR] = {B | I | A, "anyaddr", {IFINDEX}, 4},
	[NFT_SET_GUARD_RA] = {B | I, "guard-ra", {IFINDEX}, 4},
	[NFT_SET_GUARD_DHCP] = {B | I, "guard-dhcp", {IFINDEX}, 4},
	[NFT_SET_GUARD_VLAN] = {B, "guard-vlan", {IFINDEX}, 4},
	[NFT_SET_GUARD_CONTROL] = {B, "guard-control", {IFINDEX}, 4},
	[NFT_SET_LIMIT_PACKETS] = {B | I | A, "limit-packets", {IFINDEX}, 4},
	[NFT_SET_LIMIT_CONNECTIONS] = {B | I, "limit-connections", {IFINDEX}, 4},
	[NFT_SET_LIMIT_BROADCAST] = {B | I | A, "limit-broadcast", {IFINDEX}, 4},
	DROPS_SET(B | I | A, MAC, "drops-mac"),
	DROPS_SET(B | A, ARP, "drops-arp"),
	DROPS_SET(B | I, IP, "drops-ip"),
	DROPS_SET(B | I, IP6, "drops-ip6"),
	DROPS_SET(B | I, ND, "drops-nd"),
	DROPS_SET(B | I | A, PROTOCOL, "drops-protocol"),
	DROPS_SET(B | I, RA, "drops-ra"),
	DROPS_SET(B | I, DHCP, "drops-dhcp"),
	DROPS_SET(B, VLAN, "drops-vlan"),
	DROPS_SET(B, CONTROL, "drops-control"),
	DROPS_SET(B | I | A, PACKETS, "drops-packets"),
	DROPS_SET(B | I, CONNECTIONS, "drops-connections"),
	DROPS_SET(B | I | A, BROADCAST, "drops-broadcast"),
};

#define DEF(family, bit, name, chains_)                                                         \
	{                                                                                       \
		family, bit, name, sets, NFT_SET_COUNT, chains_, CHAIN_COUNT, rules, RULE_COUNT \
	}

/* clang-format on */

const struct nft_def *nft_def(enum nft_table table)
{
	static const struct nft_def defs[NFT_TABLE_COUNT] = {
		[NFT_TABLE_BRIDGE] = DEF(NFPROTO_BRIDGE, B, NFT_TABLE, bridge_chains),
		[NFT_TABLE_INET] = DEF(NFPROTO_INET, I, NFT_TABLE_ROUTED, inet_chains),
		[NFT_TABLE_ARP] = DEF(NFPROTO_ARP, A, NFT_TABLE_ROUTED, arp_chains),
	};
	return &defs[table];
}
