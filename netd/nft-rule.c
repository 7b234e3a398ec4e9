// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-rule: rules of nftables as constants, and as libnftnl has them. */
#include "nft-rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft-priv.h"

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>

enum { TEXT_MAX = 1024 };

static struct nftnl_expr *expr(struct nftnl_rule *r, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);
	if (e)
		nftnl_rule_add_expr(r, e);
	return e;
}

/* As the kernel tells them: by the old numbers, of 16 bytes, wherever these say the same. */
static uint32_t reg(const struct nft_op *op)
{
	return op->at % 16 ? NFT_REG32_00 + op->at / 4u : NFT_REG_1 + op->at / 16u;
}

static void put_meta(struct nftnl_rule *r, const struct nft_op *op)
{
	struct nftnl_expr *e = expr(r, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg(op));
}

static void put_payload(struct nftnl_rule *r, const struct nft_op *op)
{
	struct nftnl_expr *e = expr(r, "payload");
	if (!e)
		return;
	uint32_t base = op->type == NFT_OP_ETHER     ? NFT_PAYLOAD_LL_HEADER
			: op->type == NFT_OP_NETWORK ? NFT_PAYLOAD_NETWORK_HEADER
						     : NFT_PAYLOAD_TRANSPORT_HEADER;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, op->arg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, op->len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg(op));
}

static void put_fragment(struct nftnl_rule *r, const struct nft_op *op)
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

static void put_mask(struct nftnl_rule *r, const struct nft_op *op)
{
	static const uint8_t zero[16];
	struct nftnl_expr *e = expr(r, "bitwise");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, reg(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, op->len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, op->data, op->len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zero, op->len);
}

static void put_cmp(struct nftnl_rule *r, const struct nft_op *op)
{
	struct nftnl_expr *e = expr(r, "cmp");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, reg(op));
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP,
			   op->type == NFT_OP_EQ    ? NFT_CMP_EQ
			   : op->type == NFT_OP_NEQ ? NFT_CMP_NEQ
						    : NFT_CMP_GTE);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, op->data, op->len);
}

static void put_lookup(struct nftnl_rule *r, const struct nft_def *def, const struct nft_op *op)
{
	struct nftnl_expr *e = expr(r, "lookup");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, def->sets[op->arg].name);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, nft_set_number(def, op->arg));
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS,
			   op->type == NFT_OP_IN ? 0 : NFT_LOOKUP_F_INV);
}

static void put_count(struct nftnl_rule *r, const struct nft_def *def, const struct nft_op *op)
{
	struct nftnl_expr *e = expr(r, "dynset"), *counter = nftnl_expr_alloc("counter");
	if (!e || !counter) {
		if (counter)
			nftnl_expr_free(counter);
		return;
	}
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_ADD);
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG_1);
	nftnl_expr_set_str(e, NFTNL_EXPR_DYNSET_SET_NAME, def->sets[op->arg].name);
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SET_ID, nft_set_number(def, op->arg));
	nftnl_expr_set(e, NFTNL_EXPR_DYNSET_EXPR, counter, 0);
}

static void put_verdict(struct nftnl_rule *r, const struct nft_def *def, const struct nft_op *op)
{
	struct nftnl_expr *e = expr(r, "immediate");
	uint32_t code = op->type == NFT_OP_GOTO	  ? (uint32_t)NFT_GOTO
			: op->type == NFT_OP_JUMP ? (uint32_t)NFT_JUMP
						  : op->arg;
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, code);
	if (op->type != NFT_OP_VERDICT)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, def->chains[op->arg].name);
}

static void put_op(struct nftnl_rule *r, const struct nft_def *def, const struct nft_op *op)
{
	switch (op->type) {
	case NFT_OP_END:
		break;
	case NFT_OP_META:
		put_meta(r, op);
		break;
	case NFT_OP_ETHER:
	case NFT_OP_NETWORK:
	case NFT_OP_TRANSPORT:
		put_payload(r, op);
		break;
	case NFT_OP_FRAGMENT:
		put_fragment(r, op);
		break;
	case NFT_OP_MASK:
		put_mask(r, op);
		break;
	case NFT_OP_EQ:
	case NFT_OP_NEQ:
	case NFT_OP_GTE:
		put_cmp(r, op);
		break;
	case NFT_OP_IN:
	case NFT_OP_NOT_IN:
		put_lookup(r, def, op);
		break;
	case NFT_OP_COUNT:
		put_count(r, def, op);
		break;
	case NFT_OP_GOTO:
	case NFT_OP_JUMP:
	case NFT_OP_VERDICT:
		put_verdict(r, def, op);
		break;
	}
}

void nft_rule_comment(struct nftnl_rule *r, const char *comment)
{
	struct nftnl_udata_buf *ud = comment ? nftnl_udata_buf_alloc(256) : NULL;
	if (ud && nftnl_udata_put_strz(ud, NFTNL_UDATA_RULE_COMMENT, comment))
		nftnl_rule_set_data(r, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(ud),
				    nftnl_udata_buf_len(ud));
	if (ud)
		nftnl_udata_buf_free(ud);
}

static int count(struct nftnl_expr *e, void *arg)
{
	(void)e;
	(*(size_t *)arg)++;
	return 0;
}

struct nftnl_rule *nft_rule_make(const struct nft_def *def, const struct nft_rule *rule)
{
	size_t n = 0, made = 0;
	struct nftnl_rule *r = nftnl_rule_alloc();
	if (!r)
		return NULL;
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, def->family);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, def->name);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, def->chains[rule->chain].name);
	for (; n < NFT_OPS_MAX && rule->op[n].type != NFT_OP_END; n++)
		put_op(r, def, &rule->op[n]);
	nft_rule_comment(r, rule->comment);
	nftnl_expr_foreach(r, count, &made);
	if (made == n)
		return r;
	nftnl_rule_free(r); /* no memory: a rule with less to hold would let pass more */
	return NULL;
}

char *nft_rule_text(struct nftnl_rule *r)
{
	static const char no_timeout[] = " timeout 0ms";
	char text[TEXT_MAX];
	size_t n = 0;
	struct nftnl_expr_iter *it = nftnl_expr_iter_create(r);
	text[0] = '\0';
	for (struct nftnl_expr *e = it ? nftnl_expr_iter_next(it) : NULL; e && n < sizeof(text);
	     e = nftnl_expr_iter_next(it)) {
		const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
		n += snprintf(text + n, sizeof(text) - n, "[%s ", name);
		if (n < sizeof(text))
			n += nftnl_expr_snprintf(text + n, sizeof(text) - n, e,
						 NFTNL_OUTPUT_DEFAULT, 0);
	}
	if (it)
		nftnl_expr_iter_destroy(it);
	char *none = strstr(text, no_timeout); /* the kernel tells it of every dynset */
	if (none)
		memmove(none, none + strlen(no_timeout), strlen(none + strlen(no_timeout)) + 1);
	return it ? strdup(text) : NULL;
}
