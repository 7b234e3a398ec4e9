// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-overlap: does a subnet collide with where the host knows others to be? */
#include "rtnl-priv.h"

#include <string.h>

#include <linux/rtnetlink.h>

struct overlap {
	const struct addr *subnet;
	int except;
	bool found;
	struct addr *with;
};

static bool same_bits(const struct addr *a, const struct addr *b, unsigned bits)
{
	for (unsigned bit = 0; bit < bits; bit++)
		if ((a->bytes[bit / 8] ^ b->bytes[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

/* A default route leads everywhere, and collides with nothing. */
static int on_route(const struct nlmsghdr *h, void *arg)
{
	struct overlap *o = arg;
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct addr dst;
	if (o->found || h->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(h, sizeof(*rtm)) ||
	    rtm->rtm_family != o->subnet->family || !rtm->rtm_dst_len ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*rtm), tb, RTA_MAX, NULL) < 0)
		return 0;
	if ((tb[RTA_OIF] && (int)nla_get_u32(tb[RTA_OIF]) == o->except) || !tb[RTA_DST] ||
	    !rtnl_parse_ip(tb[RTA_DST], rtm->rtm_family, rtm->rtm_dst_len, &dst))
		return 0;
	unsigned bits = dst.prefix < o->subnet->prefix ? dst.prefix : o->subnet->prefix;
	if (same_bits(&dst, o->subnet, bits)) {
		o->found = true;
		*o->with = dst;
	}
	return 0;
}

int rtnl_find_overlap(struct rtnl *rt, const struct addr *subnet, int except, struct addr *with,
		      struct err *e)
{
	const struct rtmsg rtm = {.rtm_family = subnet->family};
	struct overlap o = {subnet, except, false, with};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
	if (m)
		m = rtnl_finish(m, nlmsg_append(m, (void *)&rtm, sizeof(rtm), NLMSG_ALIGNTO));
	int r = rtnl_request(rt, m, on_route, &o, e);
	return r < 0 ? r : o.found;
}

int rtnl_del_link(struct rtnl *rt, int ifindex, struct err *e)
{
	const struct ifinfomsg ifi = {.ifi_index = ifindex};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_DELLINK, NLM_F_REQUEST);
	if (m)
		m = rtnl_finish(m, nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO));
	return rtnl_request(rt, m, NULL, NULL, e);
}
