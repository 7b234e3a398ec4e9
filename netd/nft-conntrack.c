// SPDX-License-Identifier: GPL-2.0-or-later
/* nft-conntrack: connections that passed while the rules of private networks were not there. */
#include "nft-nat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nft-priv.h"

#include <linux/netfilter/nfnetlink_conntrack.h>

enum { TUPLE_MAX = 128 };

/* One direction of a connection. */
struct tuple {
	struct addr src, dst;
	uint8_t proto;
	uint16_t sport, dport; /* in the network's order */
};

struct stray {
	uint8_t family;
	uint16_t len;
	uint8_t tuple[TUPLE_MAX]; /* the attribute that names it */
};

struct search {
	const struct nft_nat *nat;
	const struct nft_inside *inside;
	size_t n_inside;
	struct stray *found;
	size_t n;
	bool no_memory;
};

static void parse_ip(const struct nlattr *nest, struct tuple *t)
{
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, nest)
	{
		uint16_t type = mnl_attr_get_type(attr);
		bool v6 = type == CTA_IP_V6_SRC || type == CTA_IP_V6_DST;
		bool src = type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC;
		struct addr *a = src ? &t->src : &t->dst;
		size_t len = v6 ? 16 : 4;
		if (type > CTA_IP_V6_DST || mnl_attr_get_payload_len(attr) != len)
			continue;
		*a = (struct addr) {.family = v6 ? AF_INET6 : AF_INET, .prefix = 8 * len};
		memcpy(a->bytes, mnl_attr_get_payload(attr), len);
	}
}

static void parse_proto(const struct nlattr *nest, struct tuple *t)
{
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, nest)
	{
		switch (mnl_attr_get_type(attr)) {
		case CTA_PROTO_NUM:
			t->proto = mnl_attr_get_u8(attr);
			break;
		case CTA_PROTO_SRC_PORT:
			t->sport = mnl_attr_get_u16(attr);
			break;
		case CTA_PROTO_DST_PORT:
			t->dport = mnl_attr_get_u16(attr);
			break;
		}
	}
}

static void parse_tuple(const struct nlattr *nest, struct tuple *t)
{
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, nest)
	{
		if (mnl_attr_get_type(attr) == CTA_TUPLE_IP)
			parse_ip(attr, t);
		else if (mnl_attr_get_type(attr) == CTA_TUPLE_PROTO)
			parse_proto(attr, t);
	}
}

static const struct nft_inside *inside_of(const struct search *s, const struct addr *a)
{
	for (size_t i = 0; i < s->n_inside; i++)
		if (lease_in_subnet(&s->inside[i].subnet, a))
			return &s->inside[i];
	return NULL;
}

/* From one network into another. What goes to dom0's address there is not forwarded. */
static bool lacks_way(const struct search *s, const struct nft_inside *from,
		      const struct nft_inside *to, const struct addr *dst)
{
	struct nat_elem e = {.set = NAT_SET_WAYS};
	if (!from->ifindex || !to->ifindex || from->ifindex == to->ifindex ||
	    addr_same_host(&to->subnet, dst))
		return false;
	memcpy(e.key, &from->ifindex, sizeof(from->ifindex));
	memcpy(e.key + 4, to->dev, strnlen(to->dev, sizeof(to->dev)));
	return !nat_elems_find(s->nat->list, s->nat->n, &e);
}

static bool has_forward(const struct search *s, const struct tuple *t, bool any)
{
	struct nat_elem e = {.set = t->dst.family == AF_INET6 ? NAT_MAP_LISTEN6 : NAT_MAP_LISTEN4};
	size_t at = any ? 0 : addr_len(&t->dst);
	if (any)
		e.set = t->dst.family == AF_INET6 ? NAT_MAP_PORT6 : NAT_MAP_PORT4;
	memcpy(e.key, t->dst.bytes, at);
	e.key[at] = t->proto;
	memcpy(e.key + at + 4, &t->dport, sizeof(t->dport));
	return nat_elems_find(s->nat->list, s->nat->n, &e);
}

/* It goes where it may not, as it is, or came to a forwarded port and stayed in dom0. */
static bool is_stray(const struct search *s, const struct tuple *orig, const struct tuple *reply)
{
	const struct nft_inside *from = inside_of(s, &orig->src), *to = inside_of(s, &orig->dst);
	bool guests = from && !addr_same_host(&from->subnet, &orig->src); /* not dom0's own */
	bool as_it_is = addr_same_host(&orig->src, &reply->dst);
	if (guests && !to)
		return as_it_is;
	if (guests && to && as_it_is && addr_same_host(&orig->dst, &reply->src) &&
	    lacks_way(s, from, to, &orig->dst))
		return true;
	if (!from && to && to->ifindex && !addr_same_host(&to->subnet, &orig->dst))
		return addr_same_host(&orig->dst, &reply->src);
	return addr_same_host(&orig->dst, &reply->src) &&
	       (has_forward(s, orig, true) || has_forward(s, orig, false));
}

static void keep(struct search *s, uint8_t family, const struct nlattr *orig)
{
	void *p = reallocarray(s->found, s->n + 1, sizeof(*s->found));
	size_t len = mnl_attr_get_payload_len(orig);
	if (!p || len > TUPLE_MAX) {
		s->no_memory = s->no_memory || !p;
		return;
	}
	s->found = p;
	s->found[s->n] = (struct stray) {.family = family, .len = len};
	memcpy(s->found[s->n++].tuple, mnl_attr_get_payload(orig), len);
}

static int on_connection(const struct nlmsghdr *h, void *arg)
{
	struct search *s = arg;
	const struct nlattr *attr, *name = NULL;
	struct tuple orig = {.proto = 0}, reply = {.proto = 0};
	mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == CTA_TUPLE_ORIG) {
			parse_tuple(attr, &orig);
			name = attr;
		} else if (mnl_attr_get_type(attr) == CTA_TUPLE_REPLY) {
			parse_tuple(attr, &reply);
		}
	}
	if (name && orig.src.family && reply.src.family && is_stray(s, &orig, &reply))
		keep(s, ((struct nfgenmsg *)mnl_nlmsg_get_payload(h))->nfgen_family, name);
	return MNL_CB_OK;
}

static struct nlmsghdr *message(char *buf, uint8_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(h, sizeof(*nfg));
	h->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	*nfg = (struct nfgenmsg) {.nfgen_family = family, .version = NFNETLINK_V0};
	return h;
}

int nft_nat_forget_strays(struct nft *nft, const struct nft_inside *inside, size_t n,
			  struct err *e)
{
	char buf[512];
	struct search s = {.nat = &nft->nat, .inside = inside, .n_inside = n};
	int r = nft_ask(nft, message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC), on_connection,
			&s, e);
	if (!r && s.no_memory)
		r = err_sysf(e, -ENOMEM, "connection tracking");
	for (size_t i = 0; !r && i < s.n; i++) {
		struct nlmsghdr *h =
			message(buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, s.found[i].family);
		mnl_attr_put(h, NLA_F_NESTED | CTA_TUPLE_ORIG, s.found[i].len, s.found[i].tuple);
		r = nft_ask(nft, h, NULL, NULL, e);
		if (r == -ENOENT) /* it has just ended */
			r = 0;
	}
	free(s.found);
	return r < 0 ? r : (int)s.n;
}
