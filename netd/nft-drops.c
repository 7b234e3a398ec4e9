// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-drops: the counters of dropped frames. Elements of sets, made by the rules when there is
 * need. */
#include "nft-priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/common.h>

struct reading {
	nft_drops_fn *fn;
	void *arg;
	enum nft_table table;
	enum filter_reason reason;
};

/* The counter in one element; false: there is none. */
static bool parse_counter(const struct nlattr *elem, uint64_t *frames, uint64_t *bytes)
{
	const struct nlattr *expr, *data, *attr;
	bool found = false;
	mnl_attr_for_each_nested(expr, elem)
	{
		if (mnl_attr_get_type(expr) != NFTA_SET_ELEM_EXPR)
			continue;
		mnl_attr_for_each_nested(data, expr)
		{
			if (mnl_attr_get_type(data) != NFTA_EXPR_DATA)
				continue;
			mnl_attr_for_each_nested(attr, data)
			{
				if (mnl_attr_get_type(attr) == NFTA_COUNTER_PACKETS)
					*frames = be64toh(mnl_attr_get_u64(attr)), found = true;
				if (mnl_attr_get_type(attr) == NFTA_COUNTER_BYTES)
					*bytes = be64toh(mnl_attr_get_u64(attr));
			}
		}
	}
	return found;
}

static int on_elems(const struct nlmsghdr *h, void *arg)
{
	const struct reading *rd = arg;
	const struct nlattr *attr, *elem;
	mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(elem, attr)
		{
			int ifindex;
			struct nft_elem e;
			uint64_t frames, bytes;
			if (nft_parse_elem_key(elem, rd->table, NFT_SET_DROPS + rd->reason,
					       &ifindex, &e) &&
			    parse_counter(elem, &frames, &bytes))
				rd->fn(rd->arg, ifindex, rd->reason, frames, bytes);
		}
	}
	return MNL_CB_OK;
}

/* The sets of counters, each of one of these @tables; starts with -1. @return -1: no more. */
static int next_set(uint8_t tables, int prev)
{
	for (int i = prev + 1; i < NFT_COUNTERS_MAX; i++) {
		const struct nft_def *def = nft_def(i / FILTER_DROP_COUNT);
		if (tables & def->table &&
		    def->sets[NFT_SET_DROPS + i % FILTER_DROP_COUNT].tables & def->table)
			return i;
	}
	return -1;
}

int nft_drops(struct nft *nft, nft_drops_fn *fn, void *arg, struct err *e)
{
	char buf[256];
	struct reading rd = {fn, arg, 0, 0};
	int r = nft_ready(nft, e);
	for (int i = next_set(nft->tables, -1); !r && i >= 0; i = next_set(nft->tables, i)) {
		rd.table = i / FILTER_DROP_COUNT;
		rd.reason = i % FILTER_DROP_COUNT;
		struct nlmsghdr *h = nftnl_nlmsg_build_hdr(
			buf, NFT_MSG_GETSETELEM, nft_def(rd.table)->family, NLM_F_DUMP, 0);
		nft_put_set(h, rd.table, NFT_SET_DROPS + rd.reason);
		r = nft_ask(nft, h, on_elems, &rd, e);
	}
	return r;
}

static struct nft_elem counter(int i)
{
	return (struct nft_elem) {.table = i / FILTER_DROP_COUNT,
				  .set = NFT_SET_DROPS + i % FILTER_DROP_COUNT};
}

/* One question for each set, in one datagram: the kernel has answered all when send() returns. */
static bool ask_all(struct nft *nft, int ifindex, uint8_t tables, uint32_t first)
{
	char *p = nft->buf;
	for (int i = next_set(tables, -1); i >= 0; i = next_set(tables, i)) {
		struct nft_elem e = counter(i);
		struct nlmsghdr *h = nftnl_nlmsg_build_hdr(p, NFT_MSG_GETSETELEM,
							   nft_def(e.table)->family, 0, first + i);
		nft_put_set(h, e.table, e.set);
		struct nlattr *nest = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
		nft_put_elem(h, ifindex, &e, false);
		mnl_attr_nest_end(h, nest);
		p += NLMSG_ALIGN(h->nlmsg_len);
	}
	nft->seq = first + NFT_COUNTERS_MAX;
	return mnl_socket_sendto(nft->request, nft->buf, p - nft->buf) > 0;
}

size_t nft_counters_of(struct nft *nft, const struct nft_entry *en,
		       struct nft_elem out[NFT_COUNTERS_MAX])
{
	uint8_t tables = 0;
	bool found[NFT_COUNTERS_MAX] = {false};
	size_t n = 0;
	uint32_t first = nft->seq + 1;
	for (size_t i = 0; i < en->n; i++)
		tables |= nft_def(en->elems[i].table)->table;
	bool asked = ask_all(nft, en->ifindex, tables, first);
	while (asked) {
		ssize_t len = recv(mnl_socket_get_fd(nft->request), nft->buf, sizeof(nft->buf),
				   MSG_DONTWAIT);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			break;
		int left = len;
		for (const struct nlmsghdr *h = (void *)nft->buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left))
			if (h->nlmsg_type != NLMSG_ERROR && h->nlmsg_seq - first < NFT_COUNTERS_MAX)
				found[h->nlmsg_seq - first] = true;
	}
	for (int i = 0; i < NFT_COUNTERS_MAX; i++)
		if (found[i])
			out[n++] = counter(i);
	return n;
}
