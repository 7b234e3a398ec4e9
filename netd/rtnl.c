// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnl: the two sockets, requests and their answers, the monitor. */
#include "rtnl-priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

enum {
	/* The kernel fills a dump's datagrams up to 32 KiB when the reader offers as much. */
	RTNL_BUF_SIZE = 32 * 1024,
	/* Room for the notifications of some thousand links; counted by the kernel, not resident. */
	RTNL_MONITOR_RCVBUF = 8 * 1024 * 1024,
	/* More than ever fit into the monitor's buffer. */
	RTNL_DISCARD_MAX = 100000,
	/* While a thousand guests start the lists hardly stand still; then the caller tries later. */
	RTNL_DUMP_TRIES = 100,
};

struct rtnl {
	struct nl_sock *request, *monitor;
	bool torn; /* a list changed while the kernel wrote it out: entries may be missing */
	char buf[RTNL_BUF_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	char event[RTNL_BUF_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static int set_options(int fd)
{
	const int on = 1;
	/* Strict checking (4.20) makes the kernel honour filters in dump requests. */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return -errno;
	/* The kernel answers at once; this only turns a bug into an error instead of a hang. */
	const struct timeval limit = {.tv_sec = 10};
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	return 0;
}

static int open_monitor(struct rtnl *rt)
{
	static const int groups[] = {
		RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR,  RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,	  RTNLGRP_NEIGH,
		RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
	};
	rtnl_filter_monitor(nl_socket_get_fd(rt->monitor));
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (nl_socket_add_membership(rt->monitor, groups[i]) < 0)
			return -EIO;
	/* A kernel without bridge VLAN support has no such group; then there is nothing to hear. */
	nl_socket_add_membership(rt->monitor, RTNLGRP_BRVLAN);

	const int size = RTNL_MONITOR_RCVBUF;
	int fd = nl_socket_get_fd(rt->monitor);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

int rtnl_open(struct rtnl **out, struct err *e)
{
	int r;
	struct rtnl *rt = calloc(1, sizeof(*rt));
	if (!rt)
		return err_sysf(e, -ENOMEM, "rtnetlink");
	rt->request = nl_socket_alloc();
	rt->monitor = nl_socket_alloc();
	if (!rt->request || !rt->monitor) {
		r = -ENOMEM;
		goto fail;
	}
	if (nl_connect(rt->request, NETLINK_ROUTE) < 0 || nl_connect(rt->monitor, NETLINK_ROUTE) < 0) {
		r = -errno ?: -EIO;
		goto fail;
	}
	if ((r = set_options(nl_socket_get_fd(rt->request))) < 0 || (r = open_monitor(rt)) < 0)
		goto fail;
	*out = rt;
	return 0;
fail:
	rtnl_close(rt);
	return err_sysf(e, r, "open rtnetlink sockets");
}

void rtnl_close(struct rtnl *rt)
{
	if (!rt)
		return;
	nl_socket_free(rt->request);
	nl_socket_free(rt->monitor);
	free(rt);
}

int rtnl_fd(const struct rtnl *rt)
{
	return nl_socket_get_fd(rt->monitor);
}

/* strerror and the kernel's own words, which come as attributes behind the error message. */
static int request_error(const struct nlmsghdr *h, struct err *e)
{
	const struct nlmsgerr *ne = nlmsg_data(h);
	const char *words = NULL;
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = {NULL};
	if ((h->nlmsg_flags & NLM_F_ACK_TLVS) && (h->nlmsg_flags & NLM_F_CAPPED)) {
		int off = NLMSG_LENGTH(sizeof(*ne));
		if ((int)h->nlmsg_len > off)
			nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)((char *)h + off),
				  h->nlmsg_len - off, NULL);
	}
	if (tb[NLMSGERR_ATTR_MSG] && nla_len(tb[NLMSGERR_ATTR_MSG]) > 0)
		words = nla_get_string(tb[NLMSGERR_ATTR_MSG]);
	return err_setf(e, ne->error, "%s%s%.200s", strerror(-ne->error), words ? ": " : "",
			words ?: "");
}

/* @return 1: answer complete, 0: more to come, -errno: the request failed. */
static int handle_reply(const struct nlmsghdr *h, rtnl_reply_fn *fn, void *arg, struct err *e)
{
	int r;
	switch (h->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_DONE:
		if (nlmsg_datalen(h) < (int)sizeof(int) || !*(const int *)nlmsg_data(h))
			return 1;
		return err_sysf(e, *(const int *)nlmsg_data(h), "rtnetlink dump");
	case NLMSG_OVERRUN:
		return err_sysf(e, -ENOBUFS, "rtnetlink");
	case NLMSG_ERROR:
		if (nlmsg_datalen(h) < (int)sizeof(struct nlmsgerr))
			return err_setf(e, -EBADMSG, "rtnetlink: error message cut short");
		if (((const struct nlmsgerr *)nlmsg_data(h))->error)
			return request_error(h, e);
		return 1;
	}
	r = fn ? fn(h, arg) : 0;
	return r < 0 ? err_sysf(e, r, "rtnetlink answer") : 0;
}

static int read_reply(struct rtnl *rt, uint32_t seq, rtnl_reply_fn *fn, void *arg, struct err *e)
{
	for (;;) {
		ssize_t n = recv(nl_socket_get_fd(rt->request), rt->buf, sizeof(rt->buf), MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sysf(e, -errno, "rtnetlink receive");
		if ((size_t)n > sizeof(rt->buf))
			return err_setf(e, -EMSGSIZE, "rtnetlink: answer of %zd bytes", n);
		int left = n;
		for (struct nlmsghdr *h = (void *)rt->buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			if (h->nlmsg_seq != seq)
				continue; /* the rest of an answer that was given up */
			rt->torn |= h->nlmsg_flags & NLM_F_DUMP_INTR;
			int r = handle_reply(h, fn, arg, e);
			if (r)
				return r < 0 ? r : 0;
		}
	}
}

int rtnl_request(struct rtnl *rt, struct nl_msg *msg, rtnl_reply_fn *fn, void *arg, struct err *e)
{
	if (!msg)
		return err_sysf(e, -ENOMEM, "rtnetlink");
	nl_complete_msg(rt->request, msg);
	struct nlmsghdr *h = nlmsg_hdr(msg);
	if (!(h->nlmsg_flags & NLM_F_DUMP))
		h->nlmsg_flags |= NLM_F_ACK;
	uint32_t seq = h->nlmsg_seq;
	ssize_t n = send(nl_socket_get_fd(rt->request), h, h->nlmsg_len, 0);
	int r = n < 0 ? err_sysf(e, -errno, "rtnetlink send") : 0;
	nlmsg_free(msg);
	return r < 0 ? r : read_reply(rt, seq, fn, arg, e);
}

static int dump_into(const struct nlmsghdr *h, void *arg)
{
	return rtnl_parse_into(h, arg);
}

static int dump(struct rtnl *rt, int type, struct links *links, struct err *e)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_DUMP);
	const struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC};
	const struct ifaddrmsg ifa = {.ifa_family = AF_UNSPEC};
	int r = -NLE_NOMEM;
	if (m && type == RTM_GETLINK)
		r = nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO) ?:
		    nla_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	else if (m)
		r = nlmsg_append(m, (void *)&ifa, sizeof(ifa), NLMSG_ALIGNTO);
	if (r < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	return rtnl_request(rt, m, dump_into, links, e);
}

int rtnl_resync(struct rtnl *rt, struct links *links, struct err *e)
{
	int r = 0, tries = 0;
	do {
		if (tries++ == RTNL_DUMP_TRIES)
			return err_setf(e, -EAGAIN, "the network devices do not stand still to be listed");
		rt->torn = false;
		links_resync_begin(links);
		r = dump(rt, RTM_GETLINK, links, e) ?: dump(rt, RTM_GETADDR, links, e);
		r = r ?: rtnl_dump_routes(rt, links, e);
	} while (r == 0 && rt->torn);
	if (r < 0)
		return err_wrapf(e, "list network devices and routes"), r;
	links_resync_end(links);
	return 0;
}

/*
 * Something was lost, and what is still to be read is older: after a dump it would put back what has
 * changed since, and the news of the change may be what was lost.
 */
static void discard(struct rtnl *rt)
{
	for (int i = 0; i < RTNL_DISCARD_MAX; i++)
		if (recv(rtnl_fd(rt), rt->event, sizeof(rt->event), MSG_DONTWAIT) < 0 && errno == EAGAIN)
			return;
}

int rtnl_drain(struct rtnl *rt, struct links *links, struct err *e)
{
	for (;;) {
		ssize_t n = recv(rtnl_fd(rt), rt->event, sizeof(rt->event), MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != ENOBUFS)
			return err_sysf(e, -errno, "rtnetlink monitor");
		if (n < 0 || (size_t)n > sizeof(rt->event)) {
			discard(rt);
			return err_sysf(e, -ENOBUFS, "rtnetlink monitor");
		}
		int left = n;
		for (struct nlmsghdr *h = (void *)rt->event; nlmsg_ok(h, left);
		     h = nlmsg_next(h, &left)) {
			int r = rtnl_parse_into(h, links);
			if (r < 0)
				return err_sysf(e, r, "rtnetlink monitor");
		}
	}
}
