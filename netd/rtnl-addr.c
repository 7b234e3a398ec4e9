// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-addr: addresses of a link, and its IPv4 sysctls. */
#include "rtnl-priv.h"

#include <errno.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>

static bool is_link_local(const struct addr *a)
{
	return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

static struct nl_msg *addr_msg(int type, int flags, int ifindex, const struct addr *a)
{
	const struct ifaddrmsg ifa = {
		.ifa_family = a->family,
		.ifa_prefixlen = a->prefix,
		.ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_scope = is_link_local(a) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
		.ifa_index = ifindex,
	};
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
	if (!m)
		return NULL;
	int r = nlmsg_append(m, (void *)&ifa, sizeof(ifa), NLMSG_ALIGNTO);
	r = r ?: nla_put(m, IFA_LOCAL, addr_len(a), a->bytes);
	return rtnl_finish(m, r ?: nla_put(m, IFA_ADDRESS, addr_len(a), a->bytes));
}

int rtnl_add_addr(struct rtnl *rt, int ifindex, const struct addr *a, struct err *e)
{
	struct nl_msg *m = addr_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, a);
	int r = rtnl_request(rt, m, NULL, NULL, e);
	return r == -EEXIST ? 0 : r;
}

int rtnl_del_addr(struct rtnl *rt, int ifindex, const struct addr *a, struct err *e)
{
	int r = rtnl_request(rt, addr_msg(RTM_DELADDR, 0, ifindex, a), NULL, NULL, e);
	return r == -EADDRNOTAVAIL ? 0 : r;
}

/* inet_set_link_af(): each attribute's type is the sysctl's number. */
static int put_conf(struct nl_msg *m, const struct router_conf *c)
{
	struct nlattr *spec = nla_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *inet = spec ? nla_nest_start(m, AF_INET) : NULL;
	struct nlattr *conf = inet ? nla_nest_start(m, IFLA_INET_CONF) : NULL;
	if (!conf)
		return -ENOMEM;
	int r = nla_put_u32(m, IPV4_DEVCONF_FORWARDING, c->forwarding);
	r = r ?: nla_put_u32(m, IPV4_DEVCONF_PROXY_ARP, c->proxy_arp);
	r = r ?: nla_put_u32(m, IPV4_DEVCONF_ACCEPT_REDIRECTS, c->accept_redirects);
	r = r ?: nla_put_u32(m, IPV4_DEVCONF_RP_FILTER, c->rp_filter);
	r = r ?: nla_put_u32(m, IPV4_DEVCONF_ARP_ANNOUNCE, c->arp_announce);
	nla_nest_end(m, conf);
	nla_nest_end(m, inet);
	nla_nest_end(m, spec);
	return r;
}

int rtnl_set_conf(struct rtnl *rt, int ifindex, const struct router_conf *conf, struct err *e)
{
	const struct ifinfomsg ifi = {.ifi_index = ifindex};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST);
	if (!m)
		return rtnl_request(rt, NULL, NULL, NULL, e);
	int r = nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO);
	return rtnl_request(rt, rtnl_finish(m, r ?: put_conf(m, conf)), NULL, NULL, e);
}

static int into_links(const struct nlmsghdr *h, void *arg)
{
	return rtnl_parse_into(h, arg);
}

int rtnl_reread_link(struct rtnl *rt, struct links *links, int ifindex, struct err *e)
{
	const struct ifinfomsg ifi = {.ifi_index = ifindex};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST);
	int r = m ? nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO) : 0;
	return rtnl_request(rt, m ? rtnl_finish(m, r) : NULL, into_links, links, e);
}

int rtnl_reread_addrs(struct rtnl *rt, struct links *links, int ifindex, struct err *e)
{
	const struct ifaddrmsg ifa = {.ifa_family = AF_UNSPEC, .ifa_index = ifindex};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP);
	int r = m ? nlmsg_append(m, (void *)&ifa, sizeof(ifa), NLMSG_ALIGNTO) : 0;
	return rtnl_request(rt, m ? rtnl_finish(m, r) : NULL, into_links, links, e);
}
