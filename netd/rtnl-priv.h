/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl-priv: shared by the rtnl*.c files alone. */
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

/* Frees @m and returns NULL when @r, the sum of what was put into it, is an error. */
struct nl_msg *rtnl_finish(struct nl_msg *m, int r);

/* @return 1 with *@l filled, 0: a message about something else. */
int rtnl_parse_link(const struct nlmsghdr *h, struct link *l);
/* Puts one RTM_*LINK, RTM_*ADDR, RTM_*ROUTE, RTM_*NEIGH, RTM_*NETCONF or RTM_*VLAN into @links. */
int rtnl_parse_into(const struct nlmsghdr *h, struct links *links);
/* Adds the VLANs of one RTM_NEWVLAN about @ifindex to @set. */
void rtnl_parse_vlans(const struct nlmsghdr *h, int ifindex, struct vlan_set *set);

/* rtnl-route-parse.c: the same of routes, neighbours and netconf. */
int rtnl_parse_route(const struct nlmsghdr *h, struct links *links);
int rtnl_parse_neigh(const struct nlmsghdr *h, struct links *links);
int rtnl_parse_netconf(const struct nlmsghdr *h, struct links *links);
/* An address of a message; @prefix in bits. @return false: not of @family's length. */
bool rtnl_parse_ip(const struct nlattr *a, int family, unsigned prefix, struct addr *out);
/* The sysctls in a link's IFLA_AF_SPEC. */
void rtnl_parse_conf(struct nlattr *spec, struct router_conf *conf);

/* Dumps our routes and proxy entries, and reads the host's forwarding, into @links. */
int rtnl_dump_routes(struct rtnl *rt, struct links *links, struct err *e);
/*
 * Makes the kernel keep from the monitor what is none of ours: a BGP router changes its routes
 * thousands of times a second, and a LAN its neighbours.
 */
void rtnl_filter_monitor(int fd);

#endif
