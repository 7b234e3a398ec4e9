// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-route-parse: messages about routes, neighbours and sysctls. */
#include "rtnl-priv.h"
#include "routes.h"

#include <string.h>

#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>

static uint32_t get_u32(const struct nlattr *a, uint32_t unset)
{
	return a && nla_len(a) >= 4 ? nla_get_u32(a) : unset;
}

/* The address of a destination may be missing: all zeros, for a default route. */
static bool parse_dst(const struct rtmsg *rtm, struct nlattr *const *tb, struct addr *dst)
{
	memset(dst, 0, sizeof(*dst));
	dst->family = rtm->rtm_family;
	dst->prefix = rtm->rtm_dst_len;
	return !tb[RTA_DST] || rtnl_parse_ip(tb[RTA_DST], rtm->rtm_family, rtm->rtm_dst_len, dst);
}

int rtnl_parse_route(const struct nlmsghdr *h, struct links *links)
{
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct router_route r;
	bool is_new = h->nlmsg_type == RTM_NEWROUTE;
	if (!nlmsg_valid_hdr(h, sizeof(*rtm)) || (rtm->rtm_flags & RTM_F_CLONED) ||
	    (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*rtm), tb, RTA_MAX, NULL) < 0)
		return 0;
	memset(&r, 0, sizeof(r));
	r.metric = get_u32(tb[RTA_PRIORITY], 0);
	r.table = get_u32(tb[RTA_TABLE], rtm->rtm_table);
	if (!parse_dst(rtm, tb, &r.dst))
		return 0;
	if (tb[RTA_PREFSRC])
		rtnl_parse_ip(tb[RTA_PREFSRC], rtm->rtm_family, 8 * addr_len(&r.dst), &r.src);
	int oif = get_u32(tb[RTA_OIF], 0);
	if (is_new && (h->nlmsg_flags & NLM_F_REPLACE))
		links_displace_route(links, &r);
	if (rtm->rtm_protocol != ROUTER_PROTOCOL || !oif)
		return 0;
	if (is_new)
		return links_put_route(links, oif, &r);
	links_del_route(links, oif, &r);
	return 0;
}

/*
 * Proxy entries come by dumps only. Of neighbours only that something has happened to one of ours:
 * what, the vif's look asks for itself.
 */
int rtnl_parse_neigh(const struct nlmsghdr *h, struct links *links)
{
	const struct ndmsg *ndm = nlmsg_data(h);
	struct nlattr *tb[NDA_MAX + 1];
	struct router_proxy p;
	if (!nlmsg_valid_hdr(h, sizeof(*ndm)) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ndm), tb, NDA_MAX, NULL) < 0 ||
	    !tb[NDA_PROTOCOL] || nla_get_u8(tb[NDA_PROTOCOL]) != ROUTER_PROTOCOL)
		return 0;
	if (!(ndm->ndm_flags & NTF_PROXY)) {
		links_touch(links, ndm->ndm_ifindex);
		return 0;
	}
	memset(&p, 0, sizeof(p));
	p.ifindex = ndm->ndm_ifindex;
	if (h->nlmsg_type != RTM_NEWNEIGH ||
	    !rtnl_parse_ip(tb[NDA_DST], ndm->ndm_family, ndm->ndm_family == AF_INET6 ? 128 : 32,
			   &p.host))
		return 0;
	return routes_put_proxy(links_routes(links), &p);
}

static void update_conf(struct router_conf *c, int family, struct nlattr *const *tb)
{
	bool v6 = family == AF_INET6;
	if (tb[NETCONFA_FORWARDING])
		*(v6 ? &c->v6_forwarding : &c->forwarding) = get_u32(tb[NETCONFA_FORWARDING], 0);
	if (tb[NETCONFA_PROXY_NEIGH])
		*(v6 ? &c->v6_proxy_ndp : &c->proxy_arp) = get_u32(tb[NETCONFA_PROXY_NEIGH], 0);
	if (tb[NETCONFA_RP_FILTER] && !v6)
		c->rp_filter = get_u32(tb[NETCONFA_RP_FILTER], 0);
}

int rtnl_parse_netconf(const struct nlmsghdr *h, struct links *links)
{
	const struct netconfmsg *ncm = nlmsg_data(h);
	struct nlattr *tb[NETCONFA_MAX + 1];
	if (!nlmsg_valid_hdr(h, sizeof(*ncm)) ||
	    (ncm->ncm_family != AF_INET && ncm->ncm_family != AF_INET6) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ncm), tb, NETCONFA_MAX, NULL) < 0)
		return 0;
	int ifindex = get_u32(tb[NETCONFA_IFINDEX], 0);
	if (ifindex == NETCONFA_IFINDEX_ALL && tb[NETCONFA_FORWARDING])
		links_set_forwarding(links, ncm->ncm_family, get_u32(tb[NETCONFA_FORWARDING], 0));
	const struct link *l = links_by_index(links, ifindex);
	if (!l)
		return 0;
	struct link now = *l;
	update_conf(&now.conf, ncm->ncm_family, tb);
	return links_put(links, &now);
}

/* One value of the array that the kernel gives; short arrays come from old kernels. */
static int32_t conf_at(const struct nlattr *a, unsigned i)
{
	int32_t v = 0;
	if (a && nla_len(a) >= (int)((i + 1) * sizeof(v)))
		memcpy(&v, (const char *)nla_data(a) + i * sizeof(v), sizeof(v));
	return v;
}

static void parse_conf4(struct nlattr *inet, struct router_conf *c)
{
	struct nlattr *tb[IFLA_INET_MAX + 1];
	if (!inet || nla_parse_nested(tb, IFLA_INET_MAX, inet, NULL) < 0)
		return;
	const struct nlattr *a = tb[IFLA_INET_CONF]; /* without a place for number 0 */
	c->forwarding = conf_at(a, IPV4_DEVCONF_FORWARDING - 1);
	c->proxy_arp = conf_at(a, IPV4_DEVCONF_PROXY_ARP - 1);
	c->accept_redirects = conf_at(a, IPV4_DEVCONF_ACCEPT_REDIRECTS - 1);
	c->rp_filter = conf_at(a, IPV4_DEVCONF_RP_FILTER - 1);
	c->arp_announce = conf_at(a, IPV4_DEVCONF_ARP_ANNOUNCE - 1);
}

static void parse_conf6(struct nlattr *inet6, struct router_conf *c)
{
	struct nlattr *tb[IFLA_INET6_MAX + 1];
	if (!inet6 || nla_parse_nested(tb, IFLA_INET6_MAX, inet6, NULL) < 0)
		return;
	const struct nlattr *a = tb[IFLA_INET6_CONF];
	c->v6 = a && !conf_at(a, DEVCONF_DISABLE_IPV6);
	c->v6_forwarding = conf_at(a, DEVCONF_FORWARDING);
	c->v6_accept_ra = conf_at(a, DEVCONF_ACCEPT_RA);
	c->v6_proxy_ndp = conf_at(a, DEVCONF_PROXY_NDP);
}

void rtnl_parse_conf(struct nlattr *spec, struct router_conf *conf)
{
	struct nlattr *af[AF_INET6 + 1];
	if (!spec || nla_parse_nested(af, AF_INET6, spec, NULL) < 0)
		return;
	conf->set = true;
	parse_conf4(af[AF_INET], conf);
	parse_conf6(af[AF_INET6], conf);
}
