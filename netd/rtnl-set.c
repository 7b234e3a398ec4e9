// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-set: requests that change links, ports, VLANs and addresses. */
#include "rtnl-priv.h"

#include <errno.h>
#include <string.h>

#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

enum { ADDR_GEN_MODE_EUI64 = 0, ADDR_GEN_MODE_NONE = 1 };

/*
 * nla_put() and friends fail only when the message is full, and each is called with room for all it
 * can be given (a page). So builders collect the results in one int and rtnl_rtnl_finish() looks once.
 */
struct nl_msg *rtnl_finish(struct nl_msg *m, int r)
{
	if (r >= 0)
		return m;
	nlmsg_free(m);
	return NULL;
}

static struct nl_msg *link_msg(int type, int flags, const struct ifinfomsg *ifi)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
	return m ? rtnl_finish(m, nlmsg_append(m, (void *)ifi, sizeof(*ifi), NLMSG_ALIGNTO)) : NULL;
}

static int put_v6_quiet(struct nl_msg *m, bool quiet)
{
	struct nlattr *spec = nla_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *v6 = spec ? nla_nest_start(m, AF_INET6) : NULL;
	if (!v6)
		return -ENOMEM;
	int r = nla_put_u8(m, IFLA_INET6_ADDR_GEN_MODE,
			   quiet ? ADDR_GEN_MODE_NONE : ADDR_GEN_MODE_EUI64);
	nla_nest_end(m, v6);
	nla_nest_end(m, spec);
	return r;
}

int rtnl_set(struct rtnl *rt, int ifindex, const struct rtnl_set *set, struct err *e)
{
	const struct ifinfomsg ifi = {
		.ifi_index = ifindex,
		.ifi_flags = (set->flags & RTNL_SET_UP) && set->up ? IFF_UP : 0,
		.ifi_change = set->flags & RTNL_SET_UP ? IFF_UP : 0,
	};
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, &ifi);
	int r = 0;
	if (m && (set->flags & RTNL_SET_NAME))
		r = r ?: nla_put_string(m, IFLA_IFNAME, set->name);
	if (m && (set->flags & RTNL_SET_ALIAS)) /* no terminating NUL: an empty one deletes it */
		r = r ?: nla_put(m, IFLA_IFALIAS, strlen(set->alias), set->alias);
	if (m && (set->flags & RTNL_SET_MAC))
		r = r ?: nla_put(m, IFLA_ADDRESS, HOSTIF_ALEN, set->mac);
	if (m && (set->flags & RTNL_SET_MTU))
		r = r ?: nla_put_u32(m, IFLA_MTU, set->mtu);
	if (m && (set->flags & RTNL_SET_MASTER))
		r = r ?: nla_put_u32(m, IFLA_MASTER, set->master);
	if (m && (set->flags & RTNL_SET_V6_QUIET))
		r = r ?: put_v6_quiet(m, set->v6_quiet);
	return rtnl_request(rt, m ? rtnl_finish(m, r) : NULL, NULL, NULL, e);
}

int rtnl_set_port_flags(struct rtnl *rt, int ifindex, uint32_t flags, uint32_t mask, struct err *e)
{
	static const struct {
		uint32_t flag;
		int attr;
	} map[] = {
		{HOSTIF_PORT_ISOLATED, IFLA_BRPORT_ISOLATED},
		{HOSTIF_PORT_HAIRPIN, IFLA_BRPORT_MODE},
		{HOSTIF_PORT_LEARNING, IFLA_BRPORT_LEARNING},
		{HOSTIF_PORT_GUARD, IFLA_BRPORT_GUARD},
	};
	/* As slave data of the link itself (not AF_BRIDGE), so that RTNLGRP_LINK tells the result. */
	const struct ifinfomsg ifi = {.ifi_index = ifindex};
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, &ifi);
	struct nlattr *info = m ? nla_nest_start(m, IFLA_LINKINFO) : NULL;
	if (!info || nla_put_string(m, IFLA_INFO_SLAVE_KIND, "bridge") < 0)
		return rtnl_request(rt, m ? rtnl_finish(m, -ENOMEM) : NULL, NULL, NULL, e);
	struct nlattr *data = nla_nest_start(m, IFLA_INFO_SLAVE_DATA);
	int r = data ? 0 : -ENOMEM;
	for (size_t i = 0; !r && i < sizeof(map) / sizeof(*map); i++)
		if (mask & map[i].flag)
			r = nla_put_u8(m, map[i].attr, !!(flags & map[i].flag));
	if (!r && (mask & HOSTIF_PORT_LINKLOCAL))
		r = nla_put_u16(m, IFLA_BRPORT_GROUP_FWD_MASK,
				flags & HOSTIF_PORT_LINKLOCAL ? RTNL_FORWARD_ALL : 0);
	if (data)
		nla_nest_end(m, data);
	nla_nest_end(m, info);
	return rtnl_request(rt, rtnl_finish(m, r), NULL, NULL, e);
}

int rtnl_new_bridge(struct rtnl *rt, const char *name, const uint8_t mac[HOSTIF_ALEN], uint32_t mtu,
		    bool vlan_filtering, struct err *e)
{
	const struct ifinfomsg ifi = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	struct nl_msg *m = link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi);
	if (!m)
		return rtnl_request(rt, NULL, NULL, NULL, e);
	int r = nla_put_string(m, IFLA_IFNAME, name) ?: nla_put(m, IFLA_ADDRESS, HOSTIF_ALEN, mac);
	if (mtu)
		r = r ?: nla_put_u32(m, IFLA_MTU, mtu);
	struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO), *data = NULL;
	if (info && !nla_put_string(m, IFLA_INFO_KIND, "bridge"))
		data = nla_nest_start(m, IFLA_INFO_DATA);
	if (data) {
		r = r ?: nla_put_u32(m, IFLA_BR_STP_STATE, 0);
		r = r ?: nla_put_u32(m, IFLA_BR_FORWARD_DELAY, 0);
		if (vlan_filtering)
			r = r ?: nla_put_u8(m, IFLA_BR_VLAN_FILTERING, 1);
		nla_nest_end(m, data);
		nla_nest_end(m, info);
	}
	return rtnl_request(rt, rtnl_finish(m, data ? r : -ENOMEM), NULL, NULL, e);
}

struct vlans_arg {
	int ifindex;
	struct vlan_set *set;
};

static int vlans_reply(const struct nlmsghdr *h, void *arg)
{
	const struct vlans_arg *va = arg;
	rtnl_parse_vlans(h, va->ifindex, va->set);
	return 0;
}

int rtnl_get_vlans(struct rtnl *rt, int ifindex, struct vlan_set *vlans, struct err *e)
{
	const struct br_vlan_msg bvm = {.family = AF_BRIDGE, .ifindex = ifindex};
	struct vlans_arg arg = {ifindex, vlans};
	*vlans = (struct vlan_set){.pvid = 0};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_GETVLAN, NLM_F_REQUEST | NLM_F_DUMP);
	if (m)
		m = rtnl_finish(m, nlmsg_append(m, (void *)&bvm, sizeof(bvm), NLMSG_ALIGNTO));
	return rtnl_request(rt, m, vlans_reply, &arg, e);
}

static int put_run(struct nl_msg *m, uint16_t first, uint16_t last, uint16_t flags)
{
	struct bridge_vlan_info vi = {.vid = first, .flags = flags};
	if (first == last)
		return nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(vi), &vi);
	vi.flags = flags | BRIDGE_VLAN_INFO_RANGE_BEGIN;
	int r = nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(vi), &vi);
	vi.vid = last;
	vi.flags = flags | BRIDGE_VLAN_INFO_RANGE_END;
	return r ?: nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(vi), &vi);
}

/* One RTM_SETLINK (add or change) or RTM_DELLINK with every run of @set. @to: BRIDGE_FLAGS_SELF or 0 */
static int send_vlans(struct rtnl *rt, int type, int ifindex, const struct vlan_set *set,
		      uint16_t to, struct err *e)
{
	const struct ifinfomsg ifi = {.ifi_family = AF_BRIDGE, .ifi_index = ifindex};
	/* 4,094 single VLANs are 8 bytes each: more than a page. */
	struct nl_msg *m = nlmsg_alloc_size(NLMSG_SPACE(64) + 4096 * 2 * 8);
	if (!m || !nlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, NLM_F_REQUEST))
		return rtnl_request(rt, m ? rtnl_finish(m, -ENOMEM) : NULL, NULL, NULL, e);
	int r = nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO);
	struct nlattr *spec = nla_nest_start(m, IFLA_AF_SPEC);
	if (!spec)
		r = -ENOMEM;
	if (to) /* without: to the master, of which the link is a port */
		r = r ?: nla_put_u16(m, IFLA_BRIDGE_FLAGS, to);
	uint16_t last, v = r ? 0 : vlan_next_run(set, VLAN_MIN, &last);
	for (; v && !r; v = vlan_next_run(set, last + 1, &last)) {
		uint16_t flags = vlan_is_untagged(set, v) ? BRIDGE_VLAN_INFO_UNTAGGED : 0;
		r = put_run(m, v, last, flags | (v == set->pvid ? BRIDGE_VLAN_INFO_PVID : 0));
	}
	if (spec)
		nla_nest_end(m, spec);
	return rtnl_request(rt, rtnl_finish(m, r), NULL, NULL, e);
}

int rtnl_set_vlans(struct rtnl *rt, int ifindex, const struct vlan_set *from,
		   const struct vlan_set *to, struct err *e)
{
	struct vlan_set add = *to, del = {.pvid = 0};
	for (uint16_t v = VLAN_MIN; v <= VLAN_MAX; v++) {
		if (vlan_has(from, v) && !vlan_has(to, v))
			vlan_add(&del, v, false);
	}
	int r = vlan_is_empty(&del) ? 0 : send_vlans(rt, RTM_DELLINK, ifindex, &del, 0, e);
	if (r < 0 || vlan_is_empty(&add))
		return r;
	return send_vlans(rt, RTM_SETLINK, ifindex, &add, 0, e);
}

int rtnl_add_vlans(struct rtnl *rt, int ifindex, const struct vlan_set *vlans, bool self,
		   struct err *e)
{
	struct vlan_set tagged = {.pvid = 0};
	for (uint16_t v = VLAN_MIN; v <= VLAN_MAX; v++)
		if (vlan_has(vlans, v))
			vlan_add(&tagged, v, false);
	return send_vlans(rt, RTM_SETLINK, ifindex, &tagged, self ? BRIDGE_FLAGS_SELF : 0, e);
}

/* Turns each RTM_NEWADDR of the dump into the RTM_DELADDR that undoes it. */
struct flush {
	int ifindex;
	struct nl_msg *del[64]; /* a batch: what is left is seen by the next dump */
	size_t n;
};

static int flush_reply(const struct nlmsghdr *h, void *arg)
{
	struct flush *f = arg;
	const struct ifaddrmsg *ifa = nlmsg_data(h);
	struct nlattr *tb[IFA_MAX + 1];
	if (h->nlmsg_type != RTM_NEWADDR || !nlmsg_valid_hdr(h, sizeof(*ifa)) ||
	    (int)ifa->ifa_index != f->ifindex || f->n == sizeof(f->del) / sizeof(*f->del) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ifa), tb, IFA_MAX, NULL) < 0)
		return 0;
	struct nlattr *a = tb[IFA_LOCAL] ?: tb[IFA_ADDRESS];
	struct nl_msg *m = nlmsg_alloc_simple(RTM_DELADDR, NLM_F_REQUEST);
	if (!a || !m || nlmsg_append(m, (void *)ifa, sizeof(*ifa), NLMSG_ALIGNTO) < 0 ||
	    nla_put(m, IFA_LOCAL, nla_len(a), nla_data(a)) < 0) {
		nlmsg_free(m);
		return -ENOMEM;
	}
	f->del[f->n++] = m;
	return 0;
}

/* @return how many addresses are gone, or -errno */
static int flush_batch(struct rtnl *rt, int ifindex, struct err *e)
{
	const struct ifaddrmsg ifa = {.ifa_family = AF_UNSPEC, .ifa_index = ifindex};
	struct flush f = {.ifindex = ifindex};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP);
	if (m)
		m = rtnl_finish(m, nlmsg_append(m, (void *)&ifa, sizeof(ifa), NLMSG_ALIGNTO));
	int r = rtnl_request(rt, m, flush_reply, &f, e);
	for (size_t i = 0; i < f.n; i++) {
		if (r < 0)
			nlmsg_free(f.del[i]);
		else if ((r = rtnl_request(rt, f.del[i], NULL, NULL, e)) == -EADDRNOTAVAIL)
			r = 0; /* gone already: a primary took its secondaries along */
	}
	return r < 0 ? r : (int)f.n;
}

int rtnl_flush_addrs(struct rtnl *rt, int ifindex, struct err *e)
{
	int r;
	while ((r = flush_batch(rt, ifindex, e)) > 0)
		;
	return r;
}
