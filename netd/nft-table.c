// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-table: a table, its sets, chains and rules: what is there, and what makes it whole. */
#include "nft-priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "nft-rule.h"

enum { PART_BITS = 6 }; /* of a type in a concatenation, as nft(8) has it */

static const char comment[] = "kept by xen-netd; chains and sets named user-* are yours";

uint32_t nft_set_number(const struct nft_def *def, unsigned set)
{
	return (uint32_t)def->family << 16 | (uint32_t)def->table << 8 | (set + 1);
}

static uint32_t key_type(const struct nft_set_def *s)
{
	uint32_t type = 0;
	for (size_t i = 0; i < NFT_PARTS_MAX && s->parts[i]; i++)
		type = type << PART_BITS | s->parts[i];
	return type;
}

static uint32_t set_flags(const struct nft_set_def *s)
{
	return (s->counters ? NFT_SET_EVAL : 0) |
	       (s->prefixes ? NFT_SET_INTERVAL | NFT_SET_CONCAT : 0);
}

static bool has_set(const struct nft_def *def, size_t i)
{
	return def->sets[i].tables & def->table;
}

static bool has_chain(const struct nft_def *def, size_t i)
{
	return def->chains[i].tables & def->table;
}

static bool is_base(const struct nft_chain_def *c)
{
	return c->hook != NFT_NOT_BASE;
}

static int set_by_name(const struct nft_def *def, const char *name)
{
	for (size_t i = 0; i < def->n_sets; i++)
		if (has_set(def, i) && !strcmp(name, def->sets[i].name))
			return i;
	return -1;
}

static int chain_by_name(const struct nft_def *def, const char *name)
{
	for (size_t i = 0; i < def->n_chains; i++)
		if (has_chain(def, i) && !strcmp(name, def->chains[i].name))
			return i;
	return -1;
}

static bool is_users(const char *name)
{
	return !strncmp(name, NFT_USER, sizeof(NFT_USER) - 1);
}

int nft_found_init(struct nft_found *f, const struct nft_def *def)
{
	*f = (struct nft_found) {.def = def};
	for (size_t i = 0; i < def->n_rules; i++) {
		if (!(def->rules[i].tables & def->table))
			continue;
		struct nft_wanted_rule *w = &f->wanted[f->n_wanted];
		struct nftnl_rule *r =
			f->n_wanted < NFT_RULES_MAX ? nft_rule_make(def, &def->rules[i]) : NULL;
		char *text = r ? nft_rule_text(r) : NULL;
		if (r)
			nftnl_rule_free(r);
		if (!text)
			return -ENOMEM;
		*w = (struct nft_wanted_rule) {def->rules[i].chain, text};
		f->n_wanted++;
	}
	return 0;
}

void nft_found_fini(struct nft_found *f)
{
	for (size_t i = 0; i < f->n_wanted; i++)
		free(f->wanted[i].text);
	f->n_wanted = 0;
}

static void stray(struct nft_found *f, const char *name, bool is_set)
{
	if (is_users(name) || f->n_strays == NFT_STRAYS_MAX || strlen(name) >= NFT_STRAY_SIZE)
		return;
	f->stray[f->n_strays].is_set = is_set;
	strcpy(f->stray[f->n_strays++].name, name);
}

void nft_found_set(struct nft_found *f, const struct nlmsghdr *h)
{
	struct nftnl_set *s = nftnl_set_alloc();
	if (!s || nftnl_set_nlmsg_parse(h, s) < 0)
		goto out;
	const char *table = nftnl_set_get_str(s, NFTNL_SET_TABLE);
	const char *name = nftnl_set_get_str(s, NFTNL_SET_NAME);
	uint32_t flags = nftnl_set_get_u32(s, NFTNL_SET_FLAGS);
	if (strcmp(table, f->def->name) || (flags & NFT_SET_ANONYMOUS))
		goto out;
	int id = set_by_name(f->def, name);
	const struct nft_set_def *want = id < 0 ? NULL : &f->def->sets[id];
	if (!want)
		stray(f, name, true);
	else if ((flags & ~NFT_SET_EXPR) == set_flags(want) &&
		 nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE) == key_type(want) &&
		 nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN) == want->len)
		f->sets[id] = NFT_RIGHT;
	else
		f->sets[id] = NFT_WRONG;
out:
	if (s)
		nftnl_set_free(s);
}

static bool chain_is_right(const struct nft_chain_def *want, const struct nftnl_chain *c)
{
	bool base = nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM);
	if (!is_base(want))
		return !base;
	return base && nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == (uint32_t)want->hook &&
	       nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO) == want->priority &&
	       nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_ACCEPT;
}

void nft_found_chain(struct nft_found *f, const struct nlmsghdr *h)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	if (!c || nftnl_chain_nlmsg_parse(h, c) < 0)
		goto out;
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	if (strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE), f->def->name) || !name)
		goto out;
	int id = chain_by_name(f->def, name);
	if (id < 0)
		stray(f, name, false);
	else
		f->chains[id] = chain_is_right(&f->def->chains[id], c) ? NFT_RIGHT : NFT_WRONG;
out:
	if (c)
		nftnl_chain_free(c);
}

/* The rule that our chain should have at this place; NULL: none. */
static const char *wanted_text(const struct nft_found *f, int chain, size_t place)
{
	for (size_t i = 0; i < f->n_wanted; i++)
		if (f->wanted[i].chain == chain && !place--)
			return f->wanted[i].text;
	return NULL;
}

void nft_found_rule(struct nft_found *f, const struct nlmsghdr *h)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	if (!r || nftnl_rule_nlmsg_parse(h, r) < 0)
		goto out;
	const char *name = nftnl_rule_get_str(r, NFTNL_RULE_CHAIN);
	if (strcmp(nftnl_rule_get_str(r, NFTNL_RULE_TABLE), f->def->name) || !name ||
	    is_users(name))
		goto out;
	int id = chain_by_name(f->def, name);
	const char *want = id < 0 ? NULL : wanted_text(f, id, f->next[id]++);
	char *text = nft_rule_text(r);
	if (want && text && !strcmp(want, text))
		f->n_rules++;
	else
		f->other_rules = true;
	free(text);
out:
	if (r)
		nftnl_rule_free(r);
}

bool nft_found_all(const struct nft_found *f)
{
	if (!f->table || f->other_rules || f->n_strays || f->n_rules != f->n_wanted)
		return false;
	for (size_t i = 0; i < f->def->n_sets; i++)
		if (has_set(f->def, i) && f->sets[i] != NFT_RIGHT)
			return false;
	for (size_t i = 0; i < f->def->n_chains; i++)
		if (has_chain(f->def, i) && f->chains[i] != NFT_RIGHT)
			return false;
	return true;
}

static void put_table(struct nft_batch *b, const struct nft_def *def)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(256);
	if (h) {
		mnl_attr_put_strz(h, NFTA_TABLE_NAME, def->name);
		if (ud && nftnl_udata_put_strz(ud, NFTNL_UDATA_TABLE_COMMENT, comment))
			mnl_attr_put(h, NFTA_TABLE_USERDATA, nftnl_udata_buf_len(ud),
				     nftnl_udata_buf_data(ud));
		nft_batch_end(b, h);
	}
	if (ud)
		nftnl_udata_buf_free(ud);
}

static void put_name(struct nft_batch *b, const struct nft_def *def, uint16_t type, uint16_t flags,
		     const char *name)
{
	struct nlmsghdr *h = nft_batch_put(b, type, flags);
	if (!h)
		return;
	/* Table and name have the same numbers for chains, sets and the chain of rules. */
	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, def->name);
	mnl_attr_put_strz(
		h, type == NFT_MSG_NEWCHAIN || type == NFT_MSG_DELCHAIN ? NFTA_CHAIN_NAME : 2,
		name);
	nft_batch_end(b, h);
}

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

/* The parts of a key, which the kernel must know where one is a range; NULL: out of memory. */
static const void *put_lengths(struct nftnl_set *s, const struct nft_set_def *def)
{
	uint8_t lens[2] = {4, def->len - 4};
	nftnl_set_set_data(s, NFTNL_SET_DESC_CONCAT, lens, sizeof(lens));
	return nftnl_set_get(s, NFTNL_SET_DESC_CONCAT);
}

static void put_set(struct nft_batch *b, const struct nft_def *def, size_t i)
{
	const struct nft_set_def *set = &def->sets[i];
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	struct nftnl_set *s = nftnl_set_alloc();
	if (h && s && (!set->prefixes || put_lengths(s, set))) {
		nftnl_set_set_str(s, NFTNL_SET_TABLE, def->name);
		nftnl_set_set_str(s, NFTNL_SET_NAME, set->name);
		nftnl_set_set_u32(s, NFTNL_SET_ID, nft_set_number(def, i));
		nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, key_type(set));
		nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, set->len);
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, set_flags(set));
		if (set->counters)
			nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, set->counters);
		if (!set->parts[1] && set->parts[0] == NFT_PART_IFINDEX)
			put_byte_order(s);
		nftnl_set_nlmsg_build_payload(h, s);
		nft_batch_end(b, h);
	} else {
		b->failed = true;
	}
	if (s)
		nftnl_set_free(s);
}

static void put_base_chain(struct nft_batch *b, const struct nft_def *def,
			   const struct nft_chain_def *chain)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nftnl_chain *c = nftnl_chain_alloc();
	if (h && c) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, def->name);
		nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain->name);
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chain->hook);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chain->priority);
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
		nftnl_chain_nlmsg_build_payload(h, c);
		nft_batch_end(b, h);
	} else {
		b->failed = true;
	}
	if (c)
		nftnl_chain_free(c);
}

/* Rules first, for they use the rest. The site's chains stay, and what of ours is right. */
static void remove_wrong(struct nft_batch *b, const struct nft_found *f)
{
	const struct nft_def *def = f->def;
	for (size_t i = 0; i < def->n_chains; i++)
		if (f->chains[i] != NFT_MISSING && !is_users(def->chains[i].name))
			put_name(b, def, NFT_MSG_DELRULE, 0, def->chains[i].name);
	for (size_t i = 0; i < f->n_strays; i++)
		if (!f->stray[i].is_set)
			put_name(b, def, NFT_MSG_DELRULE, 0, f->stray[i].name);
	for (size_t i = 0; i < def->n_chains; i++)
		if (f->chains[i] == NFT_WRONG)
			put_name(b, def, NFT_MSG_DELCHAIN, 0, def->chains[i].name);
	for (size_t i = 0; i < f->n_strays; i++)
		put_name(b, def, f->stray[i].is_set ? NFT_MSG_DELSET : NFT_MSG_DELCHAIN, 0,
			 f->stray[i].name);
	for (size_t i = 0; i < def->n_sets; i++)
		if (f->sets[i] == NFT_WRONG)
			put_name(b, def, NFT_MSG_DELSET, 0, def->sets[i].name);
}

static void put_rules(struct nft_batch *b, const struct nft_def *def)
{
	for (size_t i = 0; i < def->n_rules; i++) {
		if (!(def->rules[i].tables & def->table))
			continue;
		struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
		struct nftnl_rule *r = nft_rule_make(def, &def->rules[i]);
		if (h && r) {
			nftnl_rule_nlmsg_build_payload(h, r);
			nft_batch_end(b, h);
		} else {
			b->failed = true;
		}
		if (r)
			nftnl_rule_free(r);
	}
}

void nft_write_table(struct nft_batch *b, const struct nft_found *f)
{
	const struct nft_def *def = f->def;
	b->family = def->family;
	if (f->table)
		remove_wrong(b, f);
	else
		put_table(b, def);
	for (size_t i = 0; i < def->n_sets; i++)
		if (has_set(def, i) && f->sets[i] != NFT_RIGHT)
			put_set(b, def, i);
	for (size_t i = 0; i < def->n_chains; i++)
		if (has_chain(def, i) && f->chains[i] != NFT_RIGHT && is_base(&def->chains[i]))
			put_base_chain(b, def, &def->chains[i]);
		else if (has_chain(def, i) && f->chains[i] != NFT_RIGHT)
			put_name(b, def, NFT_MSG_NEWCHAIN, NLM_F_CREATE, def->chains[i].name);
	put_rules(b, def);
}
