/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl-priv: shared by rtnl.c, rtnl-parse.c and rtnl-set.c alone. */
#ifndef NETD_RTNL_PRIV_H
#define NETD_RTNL_PRIV_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "rtnl.h"

/* A port's group_fwd_mask with every bit but that of pause frames, which are never forwarded. */
enum { RTNL_FORWARD_ALL = 0xfffd };

/* Called for each answer of a dump or a get. */
typedef int rtnl_reply_fn(const struct nlmsghdr *h, void *arg);

/*
 * Sends @msg (freed here; NULL is taken for out of memory) with an acknowledgement asked for, and
 * hands every data message of the answer to @fn (may be NULL).
 */
int rtnl_request(struct rtnl *rt, struct nl_msg *msg, rtnl_reply_fn *fn, void *arg, struct err *e);

/* @return 1 with *@l filled, 0: a message about something else. */
int rtnl_parse_link(const struct nlmsghdr *h, struct link *l);
/* Puts one RTM_*LINK or RTM_*ADDR into @links. */
int rtnl_parse_into(const struct nlmsghdr *h, struct links *links);
/* Adds the VLANs of one RTM_NEWVLAN about @ifindex to @set. */
void rtnl_parse_vlans(const struct nlmsghdr *h, int ifindex, struct vlan_set *set);

#endif
