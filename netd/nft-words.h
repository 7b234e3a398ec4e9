/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-words: what the rules of the filter are written in: its tables, chains, and what they ask. */
#ifndef NETD_NFT_WORDS_H
#define NETD_NFT_WORDS_H

#include <linux/if_ether.h>

#include "nft-priv.h"
#include "nft-rule.h"

enum {
	/* Before all that a site may have of its own, br_netfilter (0), DNAT (-300),
	   defragmentation (-400). */
	PRIORITY = -500,
	PRIORITY_USER = 0, /* where a site's own filters are, too */
	DROPS_MAX = 65535, /* interfaces in a set of counters */
};

/* The bits of tables. */
enum {
	B = 1 << NFT_TABLE_BRIDGE,
	I = 1 << NFT_TABLE_INET,
	A = 1 << NFT_TABLE_ARP,
};

enum chain {
	CHAIN_PREROUTING,
	CHAIN_INPUT,
	CHAIN_FORWARD,
	CHAIN_DHCP,   /* to port 68 */
	CHAIN_GUEST,  /* frames of guests that the first rules have not passed */
	CHAIN_LIMITS, /* own MAC; limits, then guards */
	CHAIN_SOURCE, /* guards passed: by protocol to one of: */
	CHAIN_IP,
	CHAIN_IP6,
	CHAIN_IP6_FIRST, /* first fragments */
	CHAIN_IP6_SOURCE,
	CHAIN_ARP,
	CHAIN_ARP_SOURCE,
	CHAIN_ND, /* all ICMPv6 */
	CHAIN_ND_SOLICIT,
	CHAIN_ND_ROUTER,
	CHAIN_ND_SOURCE,
	CHAIN_ND_ADVERT,
	CHAIN_ND_TARGET,
	CHAIN_ND_DAD, /* from :: */
	CHAIN_PASS,
	CHAIN_USER_INPUT,
	CHAIN_USER_FORWARD,
	CHAIN_DROP, /* and one for each reason */
	CHAIN_COUNT = CHAIN_DROP + FILTER_DROP_COUNT,
};

/* clang-format off: tables */
#define IIF		    NFT_IIF
#define PROTOCOL	    NFT_PROTOCOL
#define L4PROTO		    NFT_L4PROTO
#define ETHER(off, len)	    NFT_ETHER(off, len)
#define NETWORK(off, len)   NFT_NETWORK(off, len)
#define TRANSPORT(off, len) NFT_TRANSPORT(off, len)
#define EQ		    NFT_EQ
#define NEQ		    NFT_NEQ
#define GTE		    NFT_GTE
#define MASK		    NFT_MASK
#define GOTO		    NFT_GOTO_CHAIN
#define DROP(reason)	    GOTO(CHAIN_DROP + FILTER_DROP_##reason)
#define PASS		    GOTO(CHAIN_PASS)
/* Puts what is read behind the interface's index, and more behind that. */
#define KEY(type, off, len)                 \
	{                                   \
		NFT_OP_##type, 4, len, off, \
		{                           \
			0                   \
		}                           \
	}
#define KEY_AT(at, type, off, len)           \
	{                                    \
		NFT_OP_##type, at, len, off, \
		{                            \
			0                    \
		}                            \
	}
/* The frame's interface, and a part of it, are in the set. */
#define GUEST_IN(set)		     IIF, NFT_IN(NFT_SET_##set)
#define WITH(type, off, len, set)    IIF, KEY(type, off, len), NFT_IN(NFT_SET_##set)
#define WITHOUT(type, off, len, set) IIF, KEY(type, off, len), NFT_NOT_IN(NFT_SET_##set)

#define ETHER_TYPE(hi, lo) ETHER(12, 2), EQ(2, hi, lo)
#define OWN_MAC		   WITH(ETHER, 6, 6, MACS)
#define OWN_IP(set)	   WITH(NETWORK, 12, 4, set)
#define OWN_IP6(set)	   WITH(NETWORK, 8, 16, set)
#define UDP_TO(hi, lo)	   L4PROTO, EQ(1, IPPROTO_UDP), TRANSPORT(2, 2), EQ(2, hi, lo)
#define FRAGMENT_OFFSET	   {NFT_OP_FRAGMENT, 0, 2, 2, {0}}, MASK(2, 0xff, 0xf8)
/* An IP header that is whole. Nothing is of protocol 255; nft(8) lists no read without a
   comparison. */
#define READABLE	   L4PROTO, NEQ(1, IPPROTO_RAW)
#define FRAGMENT_NEXT	   {NFT_OP_FRAGMENT, 0, 1, 0, {0}}
#define ICMP6(type)	   TRANSPORT(0, 1), EQ(1, type)
/* A message of neighbour discovery, right behind the IPv6 header; an option at @off. */
#define ND_LENGTH(len)	   NETWORK(4, 3), EQ(3, 0, len, IPPROTO_ICMPV6)
#define ND_NONCE(off)	   TRANSPORT(off, 2), EQ(2, 14, 1)
#define ND_OWN_MAC(off)	   TRANSPORT(off, 2), EQ(2, 1, 1), WITH(TRANSPORT, (off) + 2, 6, MACS)
#define FRAGMENTED	   NETWORK(6, 2), MASK(2, 0x3f, 0xff), NEQ(2, 0, 0)
#define NOT_OWN_CHADDR	   WITHOUT(TRANSPORT, 8 + 28, 6, MACS)

/* A single look. The first half of the first byte sorts: what the type is, is part of the key. */
#define VERSION(n)   NETWORK(0, 1), MASK(1, 0xf0), EQ(1, n << 4)
#define MAC_AND_TYPE KEY(ETHER, 6, 8)
#define PASS_V4	     MAC_AND_TYPE, KEY_AT(12, NETWORK, 12, 4), NFT_IN(NFT_SET_PASS_V4), PASS
#define PASS_V6                                                                                  \
	MAC_AND_TYPE, KEY_AT(12, NETWORK, 8, 4), KEY_AT(16, NETWORK, 12, 4),                     \
		KEY_AT(20, NETWORK, 16, 4), KEY_AT(24, NETWORK, 20, 4), NFT_IN(NFT_SET_PASS_V6), \
		PASS
#define PASS_ANY MAC_AND_TYPE, NFT_IN(NFT_SET_PASS_ANY), PASS
/* TCP, and UDP but to DHCPv6's ports, with no extension header before it. */
#define TCP6 VERSION(6), NETWORK(6, 1), EQ(1, IPPROTO_TCP)
#define UDP6                                                                               \
	VERSION(6), NETWORK(6, 1), EQ(1, IPPROTO_UDP), TRANSPORT(2, 2), MASK(2, 0xff, 0xfe), \
		NEQ(2, 2, 34)
/*
 * The host's own devices are there first, and most of what they bring is for guests: they shall not
 * pay for looks in vain. A guest's device with such a number goes by the next chain instead.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LATE                                                    \
	IIF, {NFT_OP_MASK, 32, 4, 0, {0xf0, 0xff, 0xff, 0xff}}, \
	{                                                       \
		NFT_OP_NEQ, 32, 4, 0,                           \
		{                                               \
			0                                       \
		}                                               \
	}
#else
#define LATE                                                    \
	IIF, {NFT_OP_MASK, 32, 4, 0, {0xff, 0xff, 0xff, 0xf0}}, \
	{                                                       \
		NFT_OP_NEQ, 32, 4, 0,                           \
		{                                               \
			0                                       \
		}                                               \
	}
#endif

/* Two rules: a set of counters that is full must not let the frame pass. */
#define COUNT_AND_DROP(tables, reason)                                            \
	{tables,                                                                  \
	 CHAIN_DROP + FILTER_DROP_##reason,                                       \
	 {IIF, {NFT_OP_COUNT, 0, 0, NFT_SET_DROPS + FILTER_DROP_##reason, {0}}}}, \
	{                                                                         \
		tables, CHAIN_DROP + FILTER_DROP_##reason,                        \
		{                                                                 \
			{                                                         \
				NFT_OP_VERDICT, 0, 0, NF_DROP,                    \
				{                                                 \
					0                                         \
				}                                                 \
			}                                                         \
		}                                                                 \
	}

/* Two rules: either guard is enough. */
#define GUARDED(...)                                                                  \
	{B, CHAIN_SOURCE, {__VA_ARGS__, GUEST_IN(GUARD_RA), DROP(PROTOCOL)}},         \
	{                                                                             \
		B, CHAIN_SOURCE, {__VA_ARGS__, GUEST_IN(GUARD_DHCP), DROP(PROTOCOL)}, \
	}
/*
 * OUI 00:00:00, 00:00:f8; but not 00:00:0c, which has protocols of its own. Behind what knows IP and
 * ARP: of what is left, no protocol begins so. (With `meta protocol 802_2` before it, nft(8) aborts.)
 */
#define SNAP_OF_ETHERNET NETWORK(0, 6), MASK(6, 0xff, 0xff, 0, 0xff, 0xff, 7), EQ(6, 0xaa, 0xaa)

/* clang-format on */

#endif
