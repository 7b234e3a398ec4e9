// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-nat-rules: what the table of private networks is made of. */
/*
 *	prerouting, output	what comes to a forwarded port of dom0 goes to its guest (chain ports)
 *	postrouting		what leaves a private network takes dom0's address
 *	forward			guests out, answers in, forwards in; nothing else, not between networks
 *
 * A connection that another firewall of the host drops stays dropped: an accept here ends these chains
 * alone. Guests' sources are true already: `table bridge xen-netd` has looked at them.
 *
 * Where br_netfilter is on (net.bridge.bridge-nf-call-iptables), frames between two guests of a bridge
 * come by here too, with the bridge as both interfaces: set "same" lets them pass.
 */
#include "nft-priv.h"
#include "nft-rule.h"

#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>

enum chain {
	CHAIN_PREROUTING,
	CHAIN_OUTPUT,
	CHAIN_PORTS,
	CHAIN_POSTROUTING,
	CHAIN_FORWARD,
	CHAIN_FROM, /* a private network */
	CHAIN_TO,   /* one, and from elsewhere */
	CHAIN_COUNT,
};

static const struct {
	const char *name, *type; /* type NULL: no base chain */
	uint32_t hook;
	int32_t priority;
} chains[CHAIN_COUNT] = {
	[CHAIN_PREROUTING] = {"prerouting", "nat", NF_INET_PRE_ROUTING, -100},
	[CHAIN_OUTPUT] = {"output", "nat", NF_INET_LOCAL_OUT, -100},
	[CHAIN_PORTS] = {.name = "ports"},
	[CHAIN_POSTROUTING] = {"postrouting", "nat", NF_INET_POST_ROUTING, 100},
	[CHAIN_FORWARD] = {"forward", "filter", NF_INET_FORWARD, 0},
	[CHAIN_FROM] = {.name = "from-network"},
	[CHAIN_TO] = {.name = "to-network"},
};

enum op_type {
	OP_END,
	OP_META,      /* arg: key */
	OP_NETWORK,   /* arg: offset, of `len` bytes */
	OP_TRANSPORT,
	OP_CT,	      /* arg: key */
	OP_LOCAL,     /* the destination's kind of address, RTN_* */
	OP_MASK,      /* keep these bits, in the host's byte order */
	OP_EQ,	      /* num, of `len` bytes, in the host's byte order */
	OP_NEQ,
	OP_IN,	      /* arg: set */
	OP_MAP,	      /* arg: map; the data goes to the first register */
	OP_DNAT,      /* arg: family */
	OP_SNAT,
	OP_MASQUERADE,
	OP_JUMP,      /* arg: chain */
	OP_GOTO,
	OP_VERDICT,   /* arg */
};

struct op {
	enum op_type type;
	uint8_t reg; /* number of a register of 4 bytes */
	uint8_t len;
	uint16_t arg;
	uint32_t num;
};

enum { OPS_MAX = 12 };

struct rule {
	enum chain chain;
	struct op op[OPS_MAX];
	const char *comment;
};

#define META(reg, key) {OP_META, reg, 0, NFT_META_##key, 0}
#define FAMILY(n) META(0, NFPROTO), {OP_EQ, 0, 1, 0, n}
#define V4 FAMILY(NFPROTO_IPV4)
#define V6 FAMILY(NFPROTO_IPV6)
#define IN(set) {OP_IN, 0, 0, NAT_SET_##set, 0}
#define MAP(map) {OP_MAP, 0, 0, NAT_MAP_##map, 0}
#define FROM_IN(set) META(0, IIF), IN(set)
#define TO_IN(set) META(0, OIF), IN(set)
#define PAIR_IN(set) META(0, IIF), META(1, OIF), IN(set)
#define WAY_IN(set) META(0, IIF), META(1, OIFNAME), IN(set)
#define STATE(bits) {OP_CT, 0, 0, NFT_CT_STATE, 0}, {OP_MASK, 0, 4, 0, bits}, {OP_NEQ, 0, 4, 0, 0}
#define FORWARDED \
	{OP_CT, 0, 0, NFT_CT_STATUS, 0}, {OP_MASK, 0, 4, 0, IPS_DST_NAT}, {OP_NEQ, 0, 4, 0, 0}
#define KNOWN STATE(NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED))
#define PORT(reg) META(reg, L4PROTO), {OP_TRANSPORT, (reg) + 1, 2, 2, 0}
#define OWN_ADDRESS {OP_LOCAL, 0, 0, 0, 0}, {OP_EQ, 0, 4, 0, RTN_LOCAL}
#define ACCEPT {OP_VERDICT, 0, 0, NF_ACCEPT, 0}
#define DROP {OP_VERDICT, 0, 0, NF_DROP, 0}
#define JUMP(chain) {OP_JUMP, 0, 0, CHAIN_##chain, 0}
#define GOTO(chain) {OP_GOTO, 0, 0, CHAIN_##chain, 0}
#define DNAT(family) {OP_DNAT, 0, 0, NFPROTO_##family, 0}
#define SNAT(family) {OP_SNAT, 0, 0, NFPROTO_##family, 0}
#define MASQUERADE {OP_MASQUERADE, 0, 0, 0, 0}

static const struct rule rules[] = {
	{CHAIN_PREROUTING, {JUMP(PORTS)}, NULL},
	{CHAIN_OUTPUT, {JUMP(PORTS)}, NULL},

	{CHAIN_PORTS, {V4, {OP_NETWORK, 0, 4, 16, 0}, PORT(1), MAP(LISTEN4), DNAT(IPV4)}, NULL},
	{CHAIN_PORTS, {V6, {OP_NETWORK, 0, 16, 24, 0}, PORT(4), MAP(LISTEN6), DNAT(IPV6)}, NULL},
	/* Not what dom0 sends to itself by 127.0.0.1, ::1: the guest could not answer it. */
	{CHAIN_PORTS, {V4, {OP_NETWORK, 0, 1, 16, 0}, {OP_NEQ, 0, 1, 0, 127}, OWN_ADDRESS, PORT(0),
		       MAP(PORT4), DNAT(IPV4)}, NULL},
	{CHAIN_PORTS, {V6, {OP_NETWORK, 0, 4, 24, 0}, {OP_NEQ, 0, 4, 0, 0}, OWN_ADDRESS, PORT(0),
		       MAP(PORT6), DNAT(IPV6)}, NULL},

	/* The guest beside would answer directly, and not be understood. */
	{CHAIN_POSTROUTING, {PAIR_IN(HAIRPIN), FORWARDED, MASQUERADE}, "forward to a guest beside"},
	{CHAIN_POSTROUTING, {TO_IN(NETS), ACCEPT}, "no NAT between networks"},
	{CHAIN_POSTROUTING, {V6, FROM_IN(ROUTED6), ACCEPT}, NULL},
	{CHAIN_POSTROUTING, {V4, META(0, IIF), MAP(SNAT4), SNAT(IPV4)}, NULL},
	{CHAIN_POSTROUTING, {V6, META(0, IIF), MAP(SNAT6), SNAT(IPV6)}, NULL},
	{CHAIN_POSTROUTING, {FROM_IN(NETS), MASQUERADE}, NULL},

	{CHAIN_FORWARD, {FROM_IN(NETS), GOTO(FROM)}, NULL},
	{CHAIN_FORWARD, {TO_IN(NETS), GOTO(TO)}, NULL},

	{CHAIN_FROM, {KNOWN, ACCEPT}, NULL},
	{CHAIN_FROM, {PAIR_IN(SAME), ACCEPT}, NULL},
	{CHAIN_FROM, {STATE(NF_CT_STATE_INVALID_BIT | NF_CT_STATE_UNTRACKED_BIT), DROP}, "would leave without NAT"},
	{CHAIN_FROM, {FORWARDED, ACCEPT}, NULL},
	{CHAIN_FROM, {WAY_IN(WAYS), ACCEPT}, NULL},
	{CHAIN_FROM, {FROM_IN(OPEN), TO_IN(OPEN), ACCEPT}, NULL},
	{CHAIN_FROM, {TO_IN(NETS), DROP}, NULL},
	{CHAIN_FROM, {FROM_IN(ANYOUT), ACCEPT}, NULL},
	{CHAIN_FROM, {DROP}, NULL},

	{CHAIN_TO, {KNOWN, ACCEPT}, NULL},
	{CHAIN_TO, {FORWARDED, ACCEPT}, NULL},
	{CHAIN_TO, {V6, TO_IN(ROUTED6), ACCEPT}, NULL},
	{CHAIN_TO, {DROP}, NULL},
};

static uint32_t reg_of(const struct op *op)
{
	return NFT_REG32_00 + op->reg;
}

static void set_payload(struct nftnl_expr *e, const struct op *op)
{
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE,
			   op->type == OP_NETWORK ? NFT_PAYLOAD_NETWORK_HEADER
						  : NFT_PAYLOAD_TRANSPORT_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, op->len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg_of(op));
}

static void set_mask(struct nftnl_expr *e, const struct op *op)
{
	static const uint32_t zero;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, reg_of(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, reg_of(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof(op->num));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &op->num, sizeof(op->num));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero));
}

static void set_cmp(struct nftnl_expr *e, const struct op *op)
{
	uint8_t byte = op->num;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, reg_of(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op->type == OP_EQ ? NFT_CMP_EQ : NFT_CMP_NEQ);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, op->len == 1 ? (void *)&byte : (void *)&op->num,
		       op->len);
}

static void set_lookup(struct nftnl_expr *e, const struct op *op)
{
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, reg_of(op));
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, nat_set_name(op->arg));
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, op->arg + 1);
	if (op->type == OP_MAP)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG32_00);
}

static void set_nat(struct nftnl_expr *e, const struct op *op)
{
	uint32_t behind = NFT_REG32_00 + (op->arg == NFPROTO_IPV6 ? 4 : 1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, op->type == OP_DNAT ? NFT_NAT_DNAT : NFT_NAT_SNAT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG32_00);
	if (op->type == OP_DNAT)
		nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, behind);
}

static void set_verdict(struct nftnl_expr *e, const struct op *op)
{
	bool chain = op->type != OP_VERDICT;
	uint32_t verdict = !chain ? op->arg : (uint32_t)(op->type == OP_JUMP ? NFT_JUMP : NFT_GOTO);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, verdict);
	if (chain)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chains[op->arg].name);
}

static void set_read(struct nftnl_expr *e, const struct op *op)
{
	if (op->type == OP_META) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, op->arg);
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg_of(op));
	} else if (op->type == OP_CT) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, op->arg);
		nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, reg_of(op));
	} else {
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, reg_of(op));
	}
}

static void set_none(struct nftnl_expr *e, const struct op *op)
{
	(void)e;
	(void)op;
}

static bool put_op(struct nftnl_rule *r, const struct op *op)
{
	static const struct {
		const char *name;
		void (*set)(struct nftnl_expr *e, const struct op *op);
	} exprs[] = {
		[OP_META] = {"meta", set_read},
		[OP_NETWORK] = {"payload", set_payload},
		[OP_TRANSPORT] = {"payload", set_payload},
		[OP_CT] = {"ct", set_read},
		[OP_LOCAL] = {"fib", set_read},
		[OP_MASK] = {"bitwise", set_mask},
		[OP_EQ] = {"cmp", set_cmp},
		[OP_NEQ] = {"cmp", set_cmp},
		[OP_IN] = {"lookup", set_lookup},
		[OP_MAP] = {"lookup", set_lookup},
		[OP_DNAT] = {"nat", set_nat},
		[OP_SNAT] = {"nat", set_nat},
		[OP_MASQUERADE] = {"masq", set_none},
		[OP_JUMP] = {"immediate", set_verdict},
		[OP_GOTO] = {"immediate", set_verdict},
		[OP_VERDICT] = {"immediate", set_verdict},
	};
	struct nftnl_expr *e = nftnl_expr_alloc(exprs[op->type].name);
	if (!e)
		return false;
	exprs[op->type].set(e, op);
	nftnl_rule_add_expr(r, e);
	return true;
}

static void put_rule(struct nft_batch *b, const struct rule *def)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	struct nftnl_rule *r = h ? nftnl_rule_alloc() : NULL;
	bool ok = r;
	if (!r) {
		b->failed = true;
		return;
	}
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, NFPROTO_INET);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, NFT_TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chains[def->chain].name);
	for (const struct op *op = def->op; op < def->op + OPS_MAX && op->type != OP_END; op++)
		ok = ok && put_op(r, op);
	nft_rule_comment(r, def->comment);
	nftnl_rule_nlmsg_build_payload(h, r);
	nftnl_rule_free(r);
	nft_batch_end(b, h);
	b->failed = b->failed || !ok;
}

static void put_chain(struct nft_batch *b, enum chain i)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nftnl_chain *c = h ? nftnl_chain_alloc() : NULL;
	if (!c) {
		b->failed = true;
		return;
	}
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, NFT_TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chains[i].name);
	if (chains[i].type) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, chains[i].type);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chains[i].hook);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chains[i].priority);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	}
	nftnl_chain_nlmsg_build_payload(h, c);
	nftnl_chain_free(c);
	nft_batch_end(b, h);
}

/* nft(8)'s numbers of types, so that it prints elements as what they are; 6 bits for each part. */
enum { T_IPV4 = 7, T_IPV6 = 8, T_PROTO = 12, T_PORT = 13, T_IFINDEX = 20, T_IFNAME = 41 };
#define PAIR(a, b) ((a) << 6 | (b))

static const struct {
	uint32_t key, data;
} types[NAT_SET_COUNT] = {
	[NAT_SET_NETS] = {T_IFINDEX, 0},
	[NAT_SET_ANYOUT] = {T_IFINDEX, 0},
	[NAT_SET_WAYS] = {PAIR(T_IFINDEX, T_IFNAME), 0},
	[NAT_SET_SAME] = {PAIR(T_IFINDEX, T_IFINDEX), 0},
	[NAT_SET_HAIRPIN] = {PAIR(T_IFINDEX, T_IFINDEX), 0},
	[NAT_SET_ROUTED6] = {T_IFINDEX, 0},
	[NAT_SET_OPEN] = {T_IFINDEX, 0},
	[NAT_MAP_SNAT4] = {T_IFINDEX, T_IPV4},
	[NAT_MAP_SNAT6] = {T_IFINDEX, T_IPV6},
	[NAT_MAP_PORT4] = {PAIR(T_PROTO, T_PORT), PAIR(T_IPV4, T_PORT)},
	[NAT_MAP_PORT6] = {PAIR(T_PROTO, T_PORT), PAIR(T_IPV6, T_PORT)},
	[NAT_MAP_LISTEN4] = {PAIR(PAIR(T_IPV4, T_PROTO), T_PORT), PAIR(T_IPV4, T_PORT)},
	[NAT_MAP_LISTEN6] = {PAIR(PAIR(T_IPV6, T_PROTO), T_PORT), PAIR(T_IPV6, T_PORT)},
};

/* nft(8) takes numbers for big-endian unless told. */
static void put_byte_order(struct nftnl_set *s)
{
	enum { HOST_ORDER = 1 };
	struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(64);
	if (ud && nftnl_udata_put_u32(ud, NFTNL_UDATA_SET_KEYBYTEORDER, HOST_ORDER))
		nftnl_set_set_data(s, NFTNL_SET_USERDATA, nftnl_udata_buf_data(ud),
				   nftnl_udata_buf_len(ud));
	if (ud)
		nftnl_udata_buf_free(ud);
}

static void put_set(struct nft_batch *b, enum nat_set set)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	struct nftnl_set *s = h ? nftnl_set_alloc() : NULL;
	if (!s) {
		b->failed = true;
		return;
	}
	nftnl_set_set_str(s, NFTNL_SET_TABLE, NFT_TABLE);
	nftnl_set_set_str(s, NFTNL_SET_NAME, nat_set_name(set));
	nftnl_set_set_u32(s, NFTNL_SET_ID, set + 1);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, types[set].key);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, nat_set_key_len(set));
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS, types[set].data ? NFT_SET_MAP : 0);
	if (types[set].data) {
		nftnl_set_set_u32(s, NFTNL_SET_DATA_TYPE, types[set].data);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_LEN, nat_set_data_len(set));
	}
	if (types[set].key == T_IFINDEX)
		put_byte_order(s);
	nftnl_set_nlmsg_build_payload(h, s);
	nftnl_set_free(s);
	nft_batch_end(b, h);
}

void nft_nat_write_table(struct nft_batch *b)
{
	for (int i = 0; i < NAT_SET_COUNT; i++)
		put_set(b, i);
	for (int i = 0; i < CHAIN_COUNT; i++)
		put_chain(b, i);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		put_rule(b, &rules[i]);
}
