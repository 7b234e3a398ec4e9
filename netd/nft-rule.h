/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft-rule: rules of nftables as constants. */
#ifndef NETD_NFT_RULE_H
#define NETD_NFT_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "nft-def.h"

/*
 * A rule is a list of operations on registers, which ends with the first that does not hold. What
 * is read alone, and the first part of a set's key, goes to the first register; further parts of a
 * key are put behind it, each at a multiple of 4 bytes from the key's beginning: `at`.
 */
enum nft_op_type {
	NFT_OP_END,
	NFT_OP_META,  /* arg: enum nft_meta_keys */
	NFT_OP_ETHER, /* arg: offset, of `len` bytes; it and the next two fail where a frame ends */
	NFT_OP_NETWORK,
	NFT_OP_TRANSPORT,
	NFT_OP_FRAGMENT, /* of an IPv6 fragment header, wherever it is */
	NFT_OP_MASK,	 /* keep the bits of data; to `at`, from the first register */
	NFT_OP_EQ,	 /* with data, of `len` bytes, at `at` */
	NFT_OP_NEQ,
	NFT_OP_GTE,
	NFT_OP_IN, /* arg: set */
	NFT_OP_NOT_IN,
	NFT_OP_COUNT, /* arg: set of counters, in which an element is made when there is none */
	NFT_OP_GOTO,  /* arg: chain; this and the next two are last */
	NFT_OP_JUMP,
	NFT_OP_VERDICT, /* arg: NF_DROP, NF_ACCEPT */
};

struct nft_op {
	enum nft_op_type type;
	uint8_t at; /* bytes behind the first register's beginning */
	uint8_t len;
	uint16_t arg;
	uint8_t data[16];
};

enum { NFT_OPS_MAX = 18 };

struct nft_rule {
	uint8_t tables; /* those of a family of tables that have it: bits, see struct nft_def */
	uint8_t chain;
	struct nft_op op[NFT_OPS_MAX];
	const char *comment; /* for who lists the rules, where nft(8) prints offsets */
};

/* @return a rule of @def, owned by the caller; NULL: out of memory. */
struct nftnl_rule;
struct nftnl_rule *nft_rule_make(const struct nft_def *def, const struct nft_rule *rule);

/* For who lists the rules; NULL: none. */
void nft_rule_comment(struct nftnl_rule *r, const char *comment);

/* A rule's expressions as text: the same for ours and for the kernel's. Owned by the caller. */
char *nft_rule_text(struct nftnl_rule *r);

/* Each is one initializer. */
/* clang-format off */
#define NFT_META(key, len) {NFT_OP_META, 0, len, key, {0}}
#define NFT_IIF NFT_META(NFT_META_IIF, 4)
#define NFT_PROTOCOL(hi, lo) NFT_META(NFT_META_PROTOCOL, 2), NFT_EQ(2, hi, lo)
#define NFT_L4PROTO NFT_META(NFT_META_L4PROTO, 1)
#define NFT_ETHER(off, len) {NFT_OP_ETHER, 0, len, off, {0}}
#define NFT_NETWORK(off, len) {NFT_OP_NETWORK, 0, len, off, {0}}
#define NFT_TRANSPORT(off, len) {NFT_OP_TRANSPORT, 0, len, off, {0}}
#define NFT_EQ(len, ...) {NFT_OP_EQ, 0, len, 0, {__VA_ARGS__}}
#define NFT_NEQ(len, ...) {NFT_OP_NEQ, 0, len, 0, {__VA_ARGS__}}
#define NFT_GTE(len, ...) {NFT_OP_GTE, 0, len, 0, {__VA_ARGS__}}
#define NFT_MASK(len, ...) {NFT_OP_MASK, 0, len, 0, {__VA_ARGS__}}
#define NFT_IN(set) {NFT_OP_IN, 0, 0, set, {0}}
#define NFT_NOT_IN(set) {NFT_OP_NOT_IN, 0, 0, set, {0}}
#define NFT_GOTO_CHAIN(chain) {NFT_OP_GOTO, 0, 0, chain, {0}}
#define NFT_JUMP_CHAIN(chain) {NFT_OP_JUMP, 0, 0, chain, {0}}
/* clang-format on */

#endif
