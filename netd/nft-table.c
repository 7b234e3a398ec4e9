// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-table: our table, its sets and chains: what is there, and what makes it whole. */
#include "nft-priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

enum {
	/* Before all that a site may have of its own, br_netfilter (0), and DNAT (-300). */
	PRIORITY = -500,
	DROPS_MAX = 65535, /* interfaces in a set of counters */

	/* nft(8)'s numbers of types, so that it prints keys as what they are; 6 bits for each part. */
	TYPE_IPV4 = 7,
	TYPE_IPV6 = 8,
	TYPE_ETHER = 9,
	TYPE_IFINDEX = 20,
	TYPE_BITS = 6,
	RULE_TEXT_MAX = 1024,
};

static const char comment[] = "kept by xen-netd; chains and sets named user-* are yours";

const char *nft_set_name(enum nft_set_id set, char buf[NFT_NAME_SIZE])
{
	static const char *const names[NFT_SET_FILTERS] = {
		[NFT_SET_GUESTS] = "guests",
		[NFT_SET_FAST] = "fast",
		[NFT_SET_MACS] = "macs",
		[NFT_SET_V4] = "v4",
		[NFT_SET_V6] = "v6",
		[NFT_SET_ANYADDR] = "anyaddr",
		[NFT_SET_GUARD_RA] = "guard-ra",
		[NFT_SET_GUARD_DHCP] = "guard-dhcp",
		[NFT_SET_GUARD_VLAN] = "guard-vlan",
		[NFT_SET_GUARD_CONTROL] = "guard-control",
		[NFT_SET_LIMIT_PACKETS] = "limit-packets",
		[NFT_SET_LIMIT_CONNECTIONS] = "limit-connections",
		[NFT_SET_LIMIT_BROADCAST] = "limit-broadcast",
	};
	if (set < NFT_SET_FILTERS)
		return names[set];
	snprintf(buf, NFT_NAME_SIZE, "drops-%s", filter_reason_name(set - NFT_SET_DROPS));
	return buf;
}

static uint32_t key_type(enum nft_set_id set)
{
	switch (nft_set_key_len(set)) {
	case 4:
		return TYPE_IFINDEX << TYPE_BITS | TYPE_IPV4;
	case 6:
		return TYPE_IFINDEX << TYPE_BITS | TYPE_ETHER;
	case 16:
		return TYPE_IFINDEX << TYPE_BITS | TYPE_IPV6;
	}
	return TYPE_IFINDEX;
}

/* In registers of 4 bytes. */
static uint32_t key_len(enum nft_set_id set)
{
	return 4 + (nft_set_key_len(set) + 3) / 4 * 4;
}

/* Counters are made by rules; without a size such sets are refused. */
static uint32_t set_flags(enum nft_set_id set)
{
	return set >= NFT_SET_DROPS ? NFT_SET_EVAL : 0;
}

static int set_by_name(const char *name)
{
	char buf[NFT_NAME_SIZE];
	for (int i = 0; i < NFT_SET_COUNT; i++)
		if (!strcmp(name, nft_set_name(i, buf)))
			return i;
	return -1;
}

static int chain_by_name(const char *name)
{
	char buf[NFT_NAME_SIZE];
	const char *ours;
	for (int i = 0; (ours = nft_chain_name(i, buf)); i++)
		if (!strcmp(name, ours))
			return i;
	return -1;
}

static bool is_users(const char *name)
{
	return !strncmp(name, NFT_USER, sizeof(NFT_USER) - 1);
}

/* The expressions, as libnftnl prints them: the same for ours and for the kernel's. */
static char *rule_text(struct nftnl_rule *r)
{
	static const char no_timeout[] = " timeout 0ms";
	char text[RULE_TEXT_MAX];
	size_t n = 0;
	struct nftnl_expr_iter *it = nftnl_expr_iter_create(r);
	text[0] = '\0';
	for (struct nftnl_expr *e = it ? nftnl_expr_iter_next(it) : NULL; e && n < sizeof(text);
	     e = nftnl_expr_iter_next(it)) {
		const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
		n += snprintf(text + n, sizeof(text) - n, "[%s ", name);
		if (n < sizeof(text))
			n += nftnl_expr_snprintf(text + n, sizeof(text) - n, e, NFTNL_OUTPUT_DEFAULT, 0);
	}
	if (it)
		nftnl_expr_iter_destroy(it);
	char *none = strstr(text, no_timeout); /* the kernel tells it of every dynset */
	if (none)
		memmove(none, none + strlen(no_timeout), strlen(none + strlen(no_timeout)) + 1);
	return it ? strdup(text) : NULL;
}

int nft_found_init(struct nft_found *f)
{
	struct nftnl_rule *r;
	*f = (struct nft_found){.table = false};
	while (f->n_wanted < NFT_RULES_MAX && (r = nft_rule_make(f->n_wanted))) {
		struct nft_wanted_rule *w = &f->wanted[f->n_wanted++];
		w->chain = chain_by_name(nftnl_rule_get_str(r, NFTNL_RULE_CHAIN));
		w->text = rule_text(r);
		nftnl_rule_free(r);
		if (!w->text)
			return -ENOMEM;
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
	if (strcmp(table, NFT_TABLE) || (flags & NFT_SET_ANONYMOUS))
		goto out;
	int id = set_by_name(name);
	if (id < 0)
		stray(f, name, true);
	else if ((flags & ~NFT_SET_EXPR) == set_flags(id) &&
		 nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE) == key_type(id) &&
		 nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN) == key_len(id))
		f->sets[id] = NFT_RIGHT;
	else
		f->sets[id] = NFT_WRONG;
out:
	if (s)
		nftnl_set_free(s);
}

static bool chain_is_right(int id, const struct nftnl_chain *c)
{
	bool base = nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM);
	if (id > 0)
		return !base;
	return base && nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM) == NF_BR_PRE_ROUTING &&
	       nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO) == PRIORITY &&
	       nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_ACCEPT;
}

void nft_found_chain(struct nft_found *f, const struct nlmsghdr *h)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	if (!c || nftnl_chain_nlmsg_parse(h, c) < 0)
		goto out;
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	if (strcmp(nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE), NFT_TABLE) || !name)
		goto out;
	int id = chain_by_name(name);
	if (id < 0)
		stray(f, name, false);
	else
		f->chains[id] = chain_is_right(id, c) ? NFT_RIGHT : NFT_WRONG;
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
	if (strcmp(nftnl_rule_get_str(r, NFTNL_RULE_TABLE), NFT_TABLE) || !name || is_users(name))
		goto out;
	int id = chain_by_name(name);
	const char *want = id < 0 ? NULL : wanted_text(f, id, f->next[id]++);
	char *text = rule_text(r);
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
	char name[NFT_NAME_SIZE];
	if (!f->table || f->other_rules || f->n_strays || f->n_rules != f->n_wanted)
		return false;
	for (int i = 0; i < NFT_SET_COUNT; i++)
		if (f->sets[i] != NFT_RIGHT)
			return false;
	for (int i = 0; nft_chain_name(i, name); i++)
		if (f->chains[i] != NFT_RIGHT)
			return false;
	return true;
}

static void put_table(struct nft_batch *b)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(256);
	if (h) {
		mnl_attr_put_strz(h, NFTA_TABLE_NAME, NFT_TABLE);
		if (ud && nftnl_udata_put_strz(ud, NFTNL_UDATA_TABLE_COMMENT, comment))
			mnl_attr_put(h, NFTA_TABLE_USERDATA, nftnl_udata_buf_len(ud),
				     nftnl_udata_buf_data(ud));
		nft_batch_end(b, h);
	}
	if (ud)
		nftnl_udata_buf_free(ud);
}

static void put_name(struct nft_batch *b, uint16_t type, uint16_t flags, const char *name)
{
	struct nlmsghdr *h = nft_batch_put(b, type, flags);
	if (!h)
		return;
	/* Table and name have the same numbers for chains, sets and the chain of rules. */
	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(h, type == NFT_MSG_NEWCHAIN || type == NFT_MSG_DELCHAIN ? NFTA_CHAIN_NAME : 2,
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

static void put_set(struct nft_batch *b, enum nft_set_id set)
{
	char name[NFT_NAME_SIZE];
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	struct nftnl_set *s = nftnl_set_alloc();
	if (h && s) {
		nftnl_set_set_str(s, NFTNL_SET_TABLE, NFT_TABLE);
		nftnl_set_set_str(s, NFTNL_SET_NAME, nft_set_name(set, name));
		nftnl_set_set_u32(s, NFTNL_SET_ID, set + 1);
		nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, key_type(set));
		nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, key_len(set));
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, set_flags(set));
		if (set >= NFT_SET_DROPS)
			nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, DROPS_MAX);
		if (!nft_set_key_len(set))
			put_byte_order(s);
		nftnl_set_nlmsg_build_payload(h, s);
		nft_batch_end(b, h);
	} else {
		b->failed = true;
	}
	if (s)
		nftnl_set_free(s);
}

static void put_base_chain(struct nft_batch *b, const char *name)
{
	struct nlmsghdr *h = nft_batch_put(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nftnl_chain *c = nftnl_chain_alloc();
	if (h && c) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, NFT_TABLE);
		nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, NF_BR_PRE_ROUTING);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, PRIORITY);
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
	char buf[NFT_NAME_SIZE];
	const char *name;
	for (int i = 0; (name = nft_chain_name(i, buf)); i++)
		if (f->chains[i] != NFT_MISSING && !is_users(name))
			put_name(b, NFT_MSG_DELRULE, 0, name);
	for (size_t i = 0; i < f->n_strays; i++)
		if (!f->stray[i].is_set)
			put_name(b, NFT_MSG_DELRULE, 0, f->stray[i].name);
	for (int i = 0; (name = nft_chain_name(i, buf)); i++)
		if (f->chains[i] == NFT_WRONG)
			put_name(b, NFT_MSG_DELCHAIN, 0, name);
	for (size_t i = 0; i < f->n_strays; i++)
		put_name(b, f->stray[i].is_set ? NFT_MSG_DELSET : NFT_MSG_DELCHAIN, 0,
			 f->stray[i].name);
	for (int i = 0; i < NFT_SET_COUNT; i++)
		if (f->sets[i] == NFT_WRONG)
			put_name(b, NFT_MSG_DELSET, 0, nft_set_name(i, buf));
}

static void put_rules(struct nft_batch *b)
{
	struct nftnl_rule *r;
	for (size_t i = 0; (r = nft_rule_make(i)); i++) {
		struct nlmsghdr *h =
			nft_batch_put(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
		if (h) {
			nftnl_rule_nlmsg_build_payload(h, r);
			nft_batch_end(b, h);
		}
		nftnl_rule_free(r);
	}
}

void nft_write_table(struct nft_batch *b, const struct nft_found *f)
{
	char buf[NFT_NAME_SIZE];
	const char *name;
	if (f->table)
		remove_wrong(b, f);
	else
		put_table(b);
	for (int i = 0; i < NFT_SET_COUNT; i++)
		if (f->sets[i] != NFT_RIGHT)
			put_set(b, i);
	for (int i = 0; (name = nft_chain_name(i, buf)); i++)
		if (f->chains[i] != NFT_RIGHT && i == 0)
			put_base_chain(b, name);
		else if (f->chains[i] != NFT_RIGHT)
			put_name(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE, name);
	put_rules(b);
}
