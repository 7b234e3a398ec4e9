// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-batch: transactions and questions to nf_tables. */
#include "nft-priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/common.h>

void nft_batch_begin(struct nft *nft, struct nft_batch *b)
{
	*b = (struct nft_batch) {
		.first = nft->seq + 1, .seq = nft->seq + 1, .family = NFPROTO_BRIDGE};
	struct nlmsghdr *h = nft_batch_put(b, NFNL_MSG_BATCH_BEGIN, 0);
	if (h)
		nft_batch_end(b, h);
	b->n = 0;
}

void nft_batch_fini(struct nft_batch *b)
{
	free(b->buf);
	b->buf = NULL;
}

static bool reserve(struct nft_batch *b, size_t more)
{
	if (b->room - b->len >= more)
		return true;
	size_t room = b->room * 2 > b->len + more ? b->room * 2 : b->len + more;
	char *p = realloc(b->buf, room);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->buf = p;
	b->room = room;
	return true;
}

struct nlmsghdr *nft_batch_put(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	bool edge = type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END;
	if (b->failed || !reserve(b, edge ? 64 : NFT_CHANGE_MAX))
		return NULL;
	if (!edge) {
		b->n++;
		b->last = b->len;
		return nftnl_nlmsg_build_hdr(b->buf + b->len, type, b->family, flags, b->seq++);
	}
	struct nlmsghdr *h = mnl_nlmsg_put_header(b->buf + b->len);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(h, sizeof(*nfg));
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = b->seq++;
	*nfg = (struct nfgenmsg) {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
	return h;
}

void nft_batch_end(struct nft_batch *b, const struct nlmsghdr *h)
{
	b->len += NLMSG_ALIGN(h->nlmsg_len);
}

void nft_put_set(struct nlmsghdr *h, enum nft_table table, enum nft_set_id set)
{
	const struct nft_def *def = nft_def(table);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, def->name);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, def->sets[set].name);
}

/* `limit rate over N/second burst N packets`, as an expression of the element. */
static void put_limit(struct nlmsghdr *h, uint32_t rate)
{
	struct nlattr *expr = mnl_attr_nest_start(h, NFTA_SET_ELEM_EXPR);
	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "limit");
	struct nlattr *data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put_u64(h, NFTA_LIMIT_RATE, htobe64(rate));
	mnl_attr_put_u64(h, NFTA_LIMIT_UNIT, htobe64(1));
	mnl_attr_put_u32(h, NFTA_LIMIT_BURST, htonl(rate));
	mnl_attr_put_u32(h, NFTA_LIMIT_TYPE, htonl(NFT_LIMIT_PKTS));
	mnl_attr_put_u32(h, NFTA_LIMIT_FLAGS, htonl(NFT_LIMIT_F_INV));
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, expr);
}

static void put_key(struct nlmsghdr *h, uint16_t type, const uint8_t *key, size_t len)
{
	struct nlattr *data = mnl_attr_nest_start(h, type);
	mnl_attr_put(h, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(h, data);
}

void nft_put_elem(struct nlmsghdr *h, int ifindex, const struct nft_elem *e, bool with_limit)
{
	const struct nft_set_def *set = &nft_def(e->table)->sets[e->set];
	uint8_t key[4 + NFT_KEY_MAX] = {0};
	uint32_t iif = ifindex;
	memcpy(key, &iif, sizeof(iif)); /* host order, as `meta iif` puts it into a register */
	memcpy(key + 4, e->key, nft_set_key_len(e->set));
	struct nlattr *elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	put_key(h, NFTA_SET_ELEM_KEY, key, set->len);
	if (set->prefixes) {
		for (size_t i = e->prefix; i < 8 * nft_set_key_len(e->set); i++)
			key[4 + i / 8] |= 0x80 >> i % 8;
		put_key(h, NFTA_SET_ELEM_KEY_END, key, set->len);
	}
	if (with_limit && e->rate)
		put_limit(h, e->rate);
	mnl_attr_nest_end(h, elem);
}

void nft_batch_elems(struct nft_batch *b, uint16_t type, int ifindex, const struct nft_elem *list,
		     size_t n)
{
	uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
	for (size_t i = 0; i < n;) {
		uint8_t table = list[i].table, set = list[i].set;
		b->family = nft_def(table)->family;
		struct nlmsghdr *h = nft_batch_put(b, type, flags);
		if (!h)
			return;
		nft_put_set(h, table, set);
		struct nlattr *nest = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
		for (; i < n && list[i].set == set && list[i].table == table; i++)
			nft_put_elem(h, ifindex, &list[i], type == NFT_MSG_NEWSETELEM);
		mnl_attr_nest_end(h, nest);
		nft_batch_end(b, h);
	}
}

static const char *what(uint16_t type)
{
	switch (NFNL_MSG_TYPE(type)) {
	case NFT_MSG_NEWTABLE:
		return "make the table";
	case NFT_MSG_NEWCHAIN:
		return "make chain";
	case NFT_MSG_NEWSET:
		return "make set";
	case NFT_MSG_NEWRULE:
		return "add a rule to chain";
	case NFT_MSG_DELRULE:
		return "remove the rules of chain";
	case NFT_MSG_DELCHAIN:
		return "remove chain";
	case NFT_MSG_DELSET:
		return "remove set";
	case NFT_MSG_NEWSETELEM:
		return "add elements to set";
	case NFT_MSG_DELSETELEM:
		return "remove elements of set";
	}
	return "commit";
}

static const char *family_name(const struct nlmsghdr *h)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(h);
	return nfg->nfgen_family == NFPROTO_BRIDGE ? "bridge"
	       : nfg->nfgen_family == NFPROTO_ARP  ? "arp"
						   : "inet";
}

/* Of the change that has the number @seq. Attribute 1 names the table, 2 of chains, sets and rules
 * these. */
static int blame(const struct nft_batch *b, uint32_t seq, int error, struct err *e)
{
	const char *name = "", *op = "commit", *family = "", *table = NFT_TABLE;
	int left = b->len;
	for (const struct nlmsghdr *h = (void *)b->buf; mnl_nlmsg_ok(h, left);
	     h = mnl_nlmsg_next(h, &left)) {
		const struct nlattr *attr;
		if (h->nlmsg_seq != seq || NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_NFTABLES)
			continue;
		op = what(h->nlmsg_type);
		family = family_name(h);
		mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg))
		{
			if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME)
				table = mnl_attr_get_str(attr);
			else if (mnl_attr_get_type(attr) == 2 && strcmp(op, "make the table"))
				name = mnl_attr_get_str(attr);
		}
	}
	return err_sysf(e, error, "nftables: %s%s%s of table %s%s%s", op, name[0] ? " " : "", name,
			family, family[0] ? " " : "", table);
}

/*
 * The kernel works on a transaction while it is being sent, so all of its answers are there when
 * sendmsg() returns: an error for each change that failed, and the acknowledgement of the last one.
 */
static int read_answers(struct nft *nft, const struct nft_batch *b, struct err *e)
{
	int r = 0;
	bool acknowledged = false;
	for (;;) {
		ssize_t len = recv(mnl_socket_get_fd(nft->request), nft->buf, sizeof(nft->buf),
				   MSG_DONTWAIT);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			break;
		int left = len;
		for (const struct nlmsghdr *h = (void *)nft->buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			const struct nlmsgerr *ne = mnl_nlmsg_get_payload(h);
			if (h->nlmsg_type != NLMSG_ERROR ||
			    h->nlmsg_seq - b->first > b->seq - b->first)
				continue;
			if (!ne->error)
				acknowledged = true;
			else if (!r)
				r = blame(b, h->nlmsg_seq, ne->error, e);
		}
	}
	if (r || acknowledged)
		return r;
	return err_sysf(e, errno == EAGAIN ? -EPROTO : -errno,
			"nftables: no answer to a transaction");
}

/* The kernel takes no message that is larger than the send buffer. */
static void make_room(const struct nft *nft, size_t len)
{
	int size = len + 4096, fd = mnl_socket_get_fd(nft->request);
	if (len > 64 * 1024 && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

int nft_run(struct nft *nft, struct nft_batch *b, struct err *e)
{
	if (!b->failed && !b->n)
		return 0;
	if (!b->failed)
		((struct nlmsghdr *)(b->buf + b->last))->nlmsg_flags |= NLM_F_ACK;
	struct nlmsghdr *end = nft_batch_put(b, NFNL_MSG_BATCH_END, 0);
	if (!end)
		return err_sysf(e, -ENOMEM, "nftables");
	nft_batch_end(b, end);
	nft->seq = b->seq;
	make_room(nft, b->len);
	if (mnl_socket_sendto(nft->request, b->buf, b->len) < 0)
		return err_sysf(e, -errno, "nftables: send a transaction");
	return read_answers(nft, b, e);
}

int nft_ask(struct nft *nft, struct nlmsghdr *h, mnl_cb_t fn, void *arg, struct err *e)
{
	uint32_t seq = ++nft->seq;
	h->nlmsg_seq = seq;
	if (mnl_socket_sendto(nft->request, h, h->nlmsg_len) < 0)
		return err_sysf(e, -errno, "nftables: send");
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(nft->request, nft->buf, sizeof(nft->buf));
		if (len < 0 && errno == EINTR)
			continue;
		int r = len < 0 ? -1
				: mnl_cb_run(nft->buf, len, seq,
					     mnl_socket_get_portid(nft->request), fn, arg);
		if (r < 0)
			return err_sysf(e, -errno, "nftables: read the tables " NFT_TABLE);
		if (r == MNL_CB_STOP)
			return 0;
	}
}

static const uint8_t *key_of(const struct nlattr *attr, size_t len)
{
	const struct nlattr *data;
	mnl_attr_for_each_nested(data, attr) if (mnl_attr_get_type(data) == NFTA_DATA_VALUE &&
						 mnl_attr_get_payload_len(data) >=
							 len) return mnl_attr_get_payload(data);
	return NULL;
}

/* How many leading bits @from and @to have in common, if the rest is all 0 and all 1. */
static uint8_t prefix_of(const uint8_t *from, const uint8_t *to, size_t len)
{
	size_t n = 0;
	while (n < 8 * len && !((from[n / 8] ^ to[n / 8]) & (0x80 >> n % 8)))
		n++;
	for (size_t i = n; i < 8 * len; i++)
		if (from[i / 8] & (0x80 >> i % 8) || !(to[i / 8] & (0x80 >> i % 8)))
			return NFT_PREFIX_ODD;
	return n;
}

bool nft_parse_elem_key(const struct nlattr *elem, enum nft_table table, enum nft_set_id set,
			int *ifindex, struct nft_elem *e)
{
	const struct nlattr *attr;
	const uint8_t *key = NULL, *end = NULL;
	size_t len = nft_set_key_len(set);
	uint32_t iif = 0;
	mnl_attr_for_each_nested(attr, elem)
	{
		if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_KEY)
			key = key_of(attr, 4 + len);
		else if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_KEY_END)
			end = key_of(attr, 4 + len);
	}
	if (!key)
		return false;
	memcpy(&iif, key, sizeof(iif));
	*e = (struct nft_elem) {.table = table, .set = set};
	memcpy(e->key, key + 4, len);
	if (nft_def(table)->sets[set].prefixes)
		e->prefix = end && !memcmp(key, end, 4) ? prefix_of(key + 4, end + 4, len)
							: NFT_PREFIX_ODD;
	*ifindex = iif;
	return iif;
}
