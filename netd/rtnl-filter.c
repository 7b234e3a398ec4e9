// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl-filter: what the monitor need not hear, dropped in the kernel. */
#include "rtnl-priv.h"

#include <stddef.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

/* Offsets from the start of the message; a notification is one message. */
enum {
	TYPE = offsetof(struct nlmsghdr, nlmsg_type),
	FLAGS = offsetof(struct nlmsghdr, nlmsg_flags),
	ROUTE_PROTOCOL = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol),
	NEIGH_ATTRS = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ndmsg)),
};

#define LOAD16(at)	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (at))
#define LOAD8(at)	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (at))
#define IF(what, yes, no)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (what), (yes), (no))
#define RETURN(bytes)	    BPF_STMT(BPF_RET | BPF_K, (bytes))

/*
 * Passed are: all but routes and neighbours; those that carry our protocol; and a route that has
 * replaced another, as that other can be ours. BPF loads are big-endian, netlink is the host's.
 * SKF_AD_NLATTR finds the attribute of type X from offset A on, or 0.
 */
void rtnl_filter_monitor(int fd)
{
	struct sock_filter code[] = {
		LOAD16(TYPE),
		IF(htons(RTM_NEWROUTE), 4, 0),
		IF(htons(RTM_DELROUTE), 3, 0),
		IF(htons(RTM_NEWNEIGH), 7, 0),
		IF(htons(RTM_DELNEIGH), 6, 0),
		RETURN(UINT32_MAX),
		/* 6: a route */
		LOAD8(ROUTE_PROTOCOL),
		IF(ROUTER_PROTOCOL, 11, 0),
		LOAD16(FLAGS),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_REPLACE), 9, 0),
		RETURN(0),
		/* 11: a neighbour */
		BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, NDA_PROTOCOL),
		BPF_STMT(BPF_LD | BPF_W | BPF_IMM, NEIGH_ATTRS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_NLATTR),
		IF(0, 3, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, NLA_HDRLEN),
		IF(ROUTER_PROTOCOL, 1, 0),
		/* 18, 19 */
		RETURN(0),
		RETURN(UINT32_MAX),
	};
	const struct sock_fprog prog = {sizeof(code) / sizeof(*code), code};
	/* Without it we hear more than we need, and understand it all the same. */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}
