// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-parse: rtnetlink messages into struct link and VLAN sets. */
#include "rtnl-priv.h"

#include <errno.h>
#include <string.h>

#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#ifndef IFLA_PARENT_DEV_NAME /* Linux 5.14; older headers stop before it */
#define IFLA_PARENT_DEV_NAME	 56
#define IFLA_PARENT_DEV_BUS_NAME 57
#endif

enum { ATTR_MAX = 63, ADDR_GEN_MODE_NONE = 1 /* IN6_ADDR_GEN_MODE_NONE */ };

/* Copies as much as fits; strings of the kernel end with NUL, but are not trusted to. */
static void copy_str(char *dst, size_t size, const struct nlattr *a)
{
	size_t len = a ? strnlen(nla_data(a), nla_len(a)) : 0;
	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(dst, nla_data(a), len);
	memset(dst + len, 0, size - len);
}

static uint32_t get_u32(const struct nlattr *a)
{
	return a && nla_len(a) >= 4 ? nla_get_u32(a) : 0;
}

static bool get_bool(const struct nlattr *a, bool unset)
{
	return a && nla_len(a) >= 1 ? nla_get_u8(a) : unset;
}

static uint32_t parse_port(struct nlattr *data)
{
	struct nlattr *tb[IFLA_BRPORT_MAX + 1];
	if (nla_parse_nested(tb, IFLA_BRPORT_MAX, data, NULL) < 0)
		return 0;
	const struct nlattr *mask = tb[IFLA_BRPORT_GROUP_FWD_MASK];
	return (mask && nla_get_u16(mask) == RTNL_FORWARD_ALL ? HOSTIF_PORT_LINKLOCAL : 0) |
	       (get_bool(tb[IFLA_BRPORT_ISOLATED], false) ? HOSTIF_PORT_ISOLATED : 0) |
	       (get_bool(tb[IFLA_BRPORT_MODE], false) ? HOSTIF_PORT_HAIRPIN : 0) |
	       (get_bool(tb[IFLA_BRPORT_LEARNING], true) ? HOSTIF_PORT_LEARNING : 0) |
	       (get_bool(tb[IFLA_BRPORT_GUARD], false) ? HOSTIF_PORT_GUARD : 0);
}

static void parse_linkinfo(struct nlattr *info, struct link *l)
{
	struct nlattr *tb[ATTR_MAX + 1], *br[ATTR_MAX + 1];
	if (!info || nla_parse_nested(tb, ATTR_MAX, info, NULL) < 0)
		return;
	copy_str(l->kind, sizeof(l->kind), tb[IFLA_INFO_KIND]);
	if (tb[IFLA_INFO_DATA] && !strcmp(l->kind, "bridge") &&
	    nla_parse_nested(br, ATTR_MAX, tb[IFLA_INFO_DATA], NULL) == 0) {
		l->br_vlan_filtering = get_bool(br[IFLA_BR_VLAN_FILTERING], false);
		if (br[IFLA_BR_VLAN_DEFAULT_PVID] && nla_len(br[IFLA_BR_VLAN_DEFAULT_PVID]) >= 2)
			l->br_default_pvid = nla_get_u16(br[IFLA_BR_VLAN_DEFAULT_PVID]);
	}

	char slave[LINK_KIND_SIZE];
	copy_str(slave, sizeof(slave), tb[IFLA_INFO_SLAVE_KIND]);
	if (tb[IFLA_INFO_SLAVE_DATA] && !strcmp(slave, "bridge"))
		l->port_flags = parse_port(tb[IFLA_INFO_SLAVE_DATA]);
}

/* No AF_INET6 part: IPv6 is off for this link, so it is quiet. */
static bool parse_v6_quiet(struct nlattr *spec)
{
	struct nlattr *af[AF_INET6 + 1], *tb[ATTR_MAX + 1];
	if (!spec || nla_parse_nested(af, AF_INET6, spec, NULL) < 0 || !af[AF_INET6])
		return true;
	if (nla_parse_nested(tb, ATTR_MAX, af[AF_INET6], NULL) < 0)
		return false;
	const struct nlattr *mode = tb[IFLA_INET6_ADDR_GEN_MODE];
	return mode && nla_len(mode) >= 1 && nla_get_u8(mode) == ADDR_GEN_MODE_NONE;
}

int rtnl_parse_link(const struct nlmsghdr *h, struct link *l)
{
	struct nlattr *tb[ATTR_MAX + 1];
	const struct ifinfomsg *ifi = nlmsg_data(h);
	char bus[16];
	/* AF_BRIDGE notifications are about ports and carry a different set; AF_UNSPEC follows. */
	if (!nlmsg_valid_hdr(h, sizeof(*ifi)) || ifi->ifi_family != AF_UNSPEC ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ifi), tb, ATTR_MAX, NULL) < 0)
		return 0;
	memset(l, 0, sizeof(*l)); /* padding too: links are compared as memory */
	l->ifindex = ifi->ifi_index;
	l->flags = ifi->ifi_flags;
	copy_str(l->name, sizeof(l->name), tb[IFLA_IFNAME]);
	copy_str(l->alias, sizeof(l->alias), tb[IFLA_IFALIAS]);
	copy_str(bus, sizeof(bus), tb[IFLA_PARENT_DEV_BUS_NAME]);
	if (!strcmp(bus, "xen-backend"))
		copy_str(l->parent, sizeof(l->parent), tb[IFLA_PARENT_DEV_NAME]);
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) == HOSTIF_ALEN)
		memcpy(l->mac, nla_data(tb[IFLA_ADDRESS]), HOSTIF_ALEN);
	l->mtu = get_u32(tb[IFLA_MTU]);
	l->max_mtu = get_u32(tb[IFLA_MAX_MTU]);
	l->master = get_u32(tb[IFLA_MASTER]);
	l->v6_quiet = parse_v6_quiet(tb[IFLA_AF_SPEC]);
	rtnl_parse_conf(tb[IFLA_AF_SPEC], &l->conf);
	parse_linkinfo(tb[IFLA_LINKINFO], l);
	return l->ifindex > 0 && l->name[0];
}

bool rtnl_parse_ip(const struct nlattr *a, int family, unsigned prefix, struct addr *out)
{
	memset(out, 0, sizeof(*out));
	out->family = family;
	out->prefix = prefix;
	if (!a || nla_len(a) != (int)addr_len(out) || prefix > 8 * addr_len(out))
		return false;
	memcpy(out->bytes, nla_data(a), addr_len(out));
	return true;
}

static uint32_t addr_flags(const struct ifaddrmsg *ifa, const struct nlattr *flags)
{
	return flags ? get_u32(flags) : ifa->ifa_flags; /* the header has room for the first 8 */
}

static int parse_addr(const struct nlmsghdr *h, struct links *links)
{
	const uint32_t unusable = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED;
	const struct ifaddrmsg *ifa = nlmsg_data(h);
	struct nlattr *tb[IFA_MAX + 1];
	struct link_addr a;
	if (!nlmsg_valid_hdr(h, sizeof(*ifa)) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ifa), tb, IFA_MAX, NULL) < 0)
		return 0;
	memset(&a, 0, sizeof(a));
	if (!rtnl_parse_ip(tb[IFA_LOCAL] ?: tb[IFA_ADDRESS], ifa->ifa_family, ifa->ifa_prefixlen,
			   &a.addr))
		return 0;
	uint32_t flags = addr_flags(ifa, tb[IFA_FLAGS]);
	a.global = ifa->ifa_scope == RT_SCOPE_UNIVERSE;
	a.primary = !(flags & IFA_F_SECONDARY); /* of IPv6 the same bit says temporary */
	a.lasting = flags & IFA_F_PERMANENT;
	a.usable = !(flags & unusable);
	if (h->nlmsg_type == RTM_NEWADDR)
		return links_put_addr(links, ifa->ifa_index, &a);
	links_del_addr(links, ifa->ifa_index, &a.addr);
	return 0;
}

/* Which VLANs a port has is read when it is looked at: that there are others now is what counts. */
static int parse_vlan_news(const struct nlmsghdr *h, struct links *links)
{
	const struct br_vlan_msg *bvm = nlmsg_data(h);
	if (nlmsg_valid_hdr(h, sizeof(*bvm)))
		links_touch(links, bvm->ifindex);
	return 0;
}

int rtnl_parse_into(const struct nlmsghdr *h, struct links *links)
{
	struct link l;
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
		return rtnl_parse_link(h, &l) ? links_put(links, &l) : 0;
	case RTM_DELLINK:
		if (rtnl_parse_link(h, &l))
			links_del(links, l.ifindex);
		return 0;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return parse_addr(h, links);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return rtnl_parse_route(h, links);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		return rtnl_parse_neigh(h, links);
	case RTM_NEWNETCONF:
		return rtnl_parse_netconf(h, links);
	case RTM_NEWVLAN:
	case RTM_DELVLAN:
		return parse_vlan_news(h, links);
	}
	return 0;
}

void rtnl_parse_vlans(const struct nlmsghdr *h, int ifindex, struct vlan_set *set)
{
	const struct br_vlan_msg *bvm = nlmsg_data(h);
	if (h->nlmsg_type != RTM_NEWVLAN || !nlmsg_valid_hdr(h, sizeof(*bvm)) ||
	    (int)bvm->ifindex != ifindex)
		return;
	struct nlattr *a;
	int rem;
	nlmsg_for_each_attr(a, (struct nlmsghdr *)h, sizeof(*bvm), rem)
	{
		struct nlattr *tb[BRIDGE_VLANDB_ENTRY_MAX + 1];
		if (nla_type(a) != BRIDGE_VLANDB_ENTRY ||
		    nla_parse_nested(tb, BRIDGE_VLANDB_ENTRY_MAX, a, NULL) < 0 ||
		    !tb[BRIDGE_VLANDB_ENTRY_INFO] ||
		    nla_len(tb[BRIDGE_VLANDB_ENTRY_INFO]) < (int)sizeof(struct bridge_vlan_info))
			continue;
		const struct bridge_vlan_info *vi = nla_data(tb[BRIDGE_VLANDB_ENTRY_INFO]);
		uint16_t last = vi->vid;
		if (tb[BRIDGE_VLANDB_ENTRY_RANGE] && nla_len(tb[BRIDGE_VLANDB_ENTRY_RANGE]) >= 2)
			last = nla_get_u16(tb[BRIDGE_VLANDB_ENTRY_RANGE]);
		for (uint32_t v = vi->vid; v <= last && v <= VLAN_MAX; v++)
			vlan_add(set, v, vi->flags & BRIDGE_VLAN_INFO_UNTAGGED);
		if (vi->flags & BRIDGE_VLAN_INFO_PVID)
			set->pvid = vi->vid;
	}
}
