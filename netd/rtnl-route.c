// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-route: requests about routes, neighbours and proxy entries. */
#include "rtnl-priv.h"

#include <errno.h>
#include <string.h>

#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>

static struct nl_msg *new_msg(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
	return m ? rtnl_finish(m, nlmsg_append(m, (void *)header, len, NLMSG_ALIGNTO)) : NULL;
}

static struct nl_msg *route_msg(int type, int flags, int ifindex, const struct router_route *r)
{
	const struct rtmsg rtm = {
		.rtm_family = r->dst.family,
		.rtm_dst_len = r->dst.prefix,
		.rtm_table = r->table < 256 ? r->table : RT_TABLE_UNSPEC,
		.rtm_protocol = ROUTER_PROTOCOL,
		.rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *m = new_msg(type, flags, &rtm, sizeof(rtm));
	if (!m)
		return NULL;
	int n = nla_put(m, RTA_DST, addr_len(&r->dst), r->dst.bytes);
	n = n ?: nla_put_u32(m, RTA_OIF, ifindex);
	n = n ?: nla_put_u32(m, RTA_PRIORITY, r->metric);
	n = n ?: nla_put_u32(m, RTA_TABLE, r->table);
	if (r->src.family)
		n = n ?: nla_put(m, RTA_PREFSRC, addr_len(&r->src), r->src.bytes);
	return rtnl_finish(m, n);
}

struct owner {
	const struct router_route *route;
	int oif;
	unsigned protocol;
};

static int owner_reply(const struct nlmsghdr *h, void *arg)
{
	struct owner *o = arg;
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	if (!nlmsg_valid_hdr(h, sizeof(*rtm)) || rtm->rtm_dst_len != o->route->dst.prefix ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*rtm), tb, RTA_MAX, NULL) < 0 ||
	    !tb[RTA_OIF] || !tb[RTA_PRIORITY] || nla_get_u32(tb[RTA_PRIORITY]) != o->route->metric)
		return 0;
	o->oif = nla_get_u32(tb[RTA_OIF]);
	o->protocol = rtm->rtm_protocol;
	return 0;
}

/* Whose route is it that stands in the way? Found if a lookup of its address leads to it. */
static int conflict(struct rtnl *rt, const struct router_route *r, struct err *e)
{
	char name[IFNAMSIZ] = "?";
	struct owner o = {.route = r};
	const struct rtmsg rtm = {
		.rtm_family = r->dst.family,
		.rtm_dst_len = 8 * addr_len(&r->dst),
		.rtm_flags = RTM_F_FIB_MATCH, /* the entry, not what is made of it (4.13) */
	};
	struct nl_msg *m = new_msg(RTM_GETROUTE, 0, &rtm, sizeof(rtm));
	if (m)
		m = rtnl_finish(m, nla_put(m, RTA_DST, addr_len(&r->dst), r->dst.bytes));
	if (rtnl_request(rt, m, owner_reply, &o, NULL) < 0 || !o.oif ||
	    !if_indextoname(o.oif, name))
		return err_setf(e, -EEXIST,
				"there is one already with the same metric, made by "
				"somebody else");
	if (o.protocol == ROUTER_PROTOCOL)
		return err_setf(e, -EEXIST, "there is one already with the same metric, to %s, which "
					    "has the same address", name);
	return err_setf(e, -EEXIST, "there is one already with the same metric, to %s, made by "
				    "somebody else (protocol %u)", name, o.protocol);
}

int rtnl_add_route(struct rtnl *rt, int ifindex, const struct router_route *r, bool replace,
		   struct err *e)
{
	int flags = replace ? NLM_F_REPLACE : NLM_F_CREATE | NLM_F_EXCL;
	int n = rtnl_request(rt, route_msg(RTM_NEWROUTE, flags, ifindex, r), NULL, NULL, e);
	if (n == -ENOENT && replace) /* it went meanwhile */
		return rtnl_add_route(rt, ifindex, r, false, e);
	return n == -EEXIST ? conflict(rt, r, e) : n;
}

int rtnl_del_route(struct rtnl *rt, int ifindex, const struct router_route *r, struct err *e)
{
	int n = rtnl_request(rt, route_msg(RTM_DELROUTE, 0, ifindex, r), NULL, NULL, e);
	return n == -ESRCH ? 0 : n;
}

static int into_links(const struct nlmsghdr *h, void *arg)
{
	return rtnl_parse_into(h, arg);
}

/* Ours of one family, on one link or (0) on all. A family that is not in the kernel has none. */
static int dump_routes(struct rtnl *rt, struct links *links, int family, int ifindex, struct err *e)
{
	const struct rtmsg rtm = {.rtm_family = family, .rtm_protocol = ROUTER_PROTOCOL};
	struct nl_msg *m = new_msg(RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));
	if (m && ifindex)
		m = rtnl_finish(m, nla_put_u32(m, RTA_OIF, ifindex));
	int r = rtnl_request(rt, m, into_links, links, e);
	return r == -EOPNOTSUPP || r == -EAFNOSUPPORT ? 0 : r;
}

int rtnl_reread_routes(struct rtnl *rt, struct links *links, int ifindex, struct err *e)
{
	int r = dump_routes(rt, links, AF_INET, ifindex, e);
	return r < 0 ? r : dump_routes(rt, links, AF_INET6, ifindex, e);
}

static int dump_proxies(struct rtnl *rt, struct links *links, int family, struct err *e)
{
	const struct ndmsg ndm = {.ndm_family = family, .ndm_flags = NTF_PROXY};
	struct nl_msg *m = new_msg(RTM_GETNEIGH, NLM_F_DUMP, &ndm, sizeof(ndm));
	int r = rtnl_request(rt, m, into_links, links, e);
	return r == -EOPNOTSUPP || r == -EAFNOSUPPORT ? 0 : r;
}

static int get_forwarding(struct rtnl *rt, struct links *links, int family)
{
	const struct netconfmsg ncm = {.ncm_family = family};
	struct nl_msg *m = new_msg(RTM_GETNETCONF, 0, &ncm, sizeof(ncm));
	if (m)
		m = rtnl_finish(m, nla_put_u32(m, NETCONFA_IFINDEX, NETCONFA_IFINDEX_ALL));
	return rtnl_request(rt, m, into_links, links, NULL);
}

int rtnl_dump_routes(struct rtnl *rt, struct links *links, struct err *e)
{
	int r = rtnl_reread_routes(rt, links, 0, e);
	r = r ?: dump_proxies(rt, links, AF_INET, e) ?: dump_proxies(rt, links, AF_INET6, e);
	/* A family that is not there does not forward. */
	if (get_forwarding(rt, links, AF_INET) < 0)
		links_set_forwarding(links, AF_INET, false);
	if (get_forwarding(rt, links, AF_INET6) < 0)
		links_set_forwarding(links, AF_INET6, false);
	return r;
}

static struct nl_msg *neigh_msg(int type, int flags, int ifindex, const struct addr *host,
				uint8_t ndm_flags)
{
	const struct ndmsg ndm = {
		.ndm_family = host->family,
		.ndm_ifindex = ifindex,
		.ndm_state = type == RTM_NEWNEIGH && !ndm_flags ? NUD_PERMANENT : 0,
		.ndm_flags = ndm_flags,
	};
	struct nl_msg *m = new_msg(type, flags, &ndm, sizeof(ndm));
	int r = m ? nla_put(m, NDA_DST, addr_len(host), host->bytes) : 0;
	if (m && type == RTM_NEWNEIGH)
		r = r ?: nla_put_u8(m, NDA_PROTOCOL, ROUTER_PROTOCOL);
	return m ? rtnl_finish(m, r) : NULL;
}

struct got {
	bool found, ours, permanent;
	uint8_t mac[6];
};

static int got_reply(const struct nlmsghdr *h, void *arg)
{
	struct got *g = arg;
	const struct ndmsg *ndm = nlmsg_data(h);
	struct nlattr *tb[NDA_MAX + 1];
	if (h->nlmsg_type != RTM_NEWNEIGH || !nlmsg_valid_hdr(h, sizeof(*ndm)) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ndm), tb, NDA_MAX, NULL) < 0)
		return 0;
	g->found = true;
	g->permanent = ndm->ndm_state & NUD_PERMANENT;
	g->ours = tb[NDA_PROTOCOL] && nla_get_u8(tb[NDA_PROTOCOL]) == ROUTER_PROTOCOL;
	if (tb[NDA_LLADDR] && nla_len(tb[NDA_LLADDR]) == sizeof(g->mac))
		memcpy(g->mac, nla_data(tb[NDA_LLADDR]), sizeof(g->mac));
	return 0;
}

static int get(struct rtnl *rt, int ifindex, const struct addr *host, uint8_t flags, struct got *g,
	       struct err *e)
{
	*g = (struct got) {.found = false};
	int r = rtnl_request(rt, neigh_msg(RTM_GETNEIGH, 0, ifindex, host, flags), got_reply, g, e);
	/* Also the answers for a device that has gone, and for a family that is not there. */
	return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP || r == -EAFNOSUPPORT ? 0 : r;
}

int rtnl_get_neigh(struct rtnl *rt, int ifindex, struct router_neigh *n, struct err *e)
{
	struct got g;
	int r = get(rt, ifindex, &n->host, 0, &g, e);
	memcpy(n->mac, g.mac, sizeof(n->mac));
	return r < 0 ? r : g.found && g.ours && g.permanent;
}

int rtnl_set_neigh(struct rtnl *rt, int ifindex, const struct router_neigh *n, struct err *e)
{
	struct nl_msg *m =
		neigh_msg(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, &n->host, 0);
	if (m)
		m = rtnl_finish(m, nla_put(m, NDA_LLADDR, sizeof(n->mac), n->mac));
	return rtnl_request(rt, m, NULL, NULL, e);
}

int rtnl_del_neigh(struct rtnl *rt, int ifindex, const struct router_neigh *n, struct err *e)
{
	int r = rtnl_request(rt, neigh_msg(RTM_DELNEIGH, 0, ifindex, &n->host, 0), NULL, NULL, e);
	return r == -ENOENT ? 0 : r;
}

int rtnl_has_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e)
{
	struct got g;
	int r = get(rt, p->ifindex, &p->host, NTF_PROXY, &g, e);
	return r < 0 ? r : !g.found ? 0 : g.ours ? 1 : 2;
}

int rtnl_add_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e)
{
	struct nl_msg *m = neigh_msg(RTM_NEWNEIGH, NLM_F_CREATE, p->ifindex, &p->host, NTF_PROXY);
	return rtnl_request(rt, m, NULL, NULL, e);
}

int rtnl_del_proxy(struct rtnl *rt, const struct router_proxy *p, struct err *e)
{
	int r = rtnl_request(rt, neigh_msg(RTM_DELNEIGH, 0, p->ifindex, &p->host, NTF_PROXY), NULL,
			     NULL, e);
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}
