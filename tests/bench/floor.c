// SPDX-License-Identifier: GPL-2.0-or-later
/* floor: the least that wiring a vif into a bridge costs: the same netlink requests, no logic. */
/*
 * Usage: bench-floor BRIDGE. Waits for links called vif*, and sends for each what the daemon's plan for
 * a bridge port comes down to, one acknowledged request each: MAC, alias and IPv6 mode; the master;
 * up. It checks nothing, repairs nothing and looks at nothing afterwards.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct request {
	struct nlmsghdr h;
	struct ifinfomsg ifi;
	char attrs[256];
};

static void put(struct request *rq, int type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)rq + NLMSG_ALIGN(rq->h.nlmsg_len));
	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	rq->h.nlmsg_len = NLMSG_ALIGN(rq->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void begin(struct request *rq, int ifindex)
{
	memset(rq, 0, sizeof(*rq));
	rq->h.nlmsg_len = NLMSG_LENGTH(sizeof(rq->ifi));
	rq->h.nlmsg_type = RTM_NEWLINK;
	rq->h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	rq->ifi.ifi_index = ifindex;
}

static void talk(int fd, struct request *rq)
{
	char answer[4096];
	if (send(fd, rq, rq->h.nlmsg_len, 0) < 0 || recv(fd, answer, sizeof(answer), 0) < 0)
		perror("netlink");
	const struct nlmsghdr *h = (void *)answer;
	const struct nlmsgerr *e = NLMSG_DATA(h);
	if (h->nlmsg_type == NLMSG_ERROR && e->error)
		fprintf(stderr, "bench-floor: %s\n", strerror(-e->error));
}

static void wire(int fd, int ifindex, const char *name, int bridge)
{
	static const unsigned char mac[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
	/* IFLA_AF_SPEC { AF_INET6 { IFLA_INET6_ADDR_GEN_MODE = none } } */
	struct {
		struct rtattr v6, mode;
		unsigned char none, pad[3];
	} spec = {{12, AF_INET6}, {5, IFLA_INET6_ADDR_GEN_MODE}, 1, {0}};
	char alias[32];
	struct request rq;
	begin(&rq, ifindex);
	put(&rq, IFLA_ADDRESS, mac, sizeof(mac));
	put(&rq, IFLA_IFALIAS, alias, snprintf(alias, sizeof(alias), "floor %s", name));
	put(&rq, IFLA_AF_SPEC, &spec, sizeof(spec));
	talk(fd, &rq);
	begin(&rq, ifindex);
	put(&rq, IFLA_MASTER, &bridge, sizeof(bridge));
	talk(fd, &rq);
	begin(&rq, ifindex);
	rq.ifi.ifi_flags = rq.ifi.ifi_change = IFF_UP;
	talk(fd, &rq);
}

static int netlink(unsigned groups)
{
	struct sockaddr_nl sa = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int size = 8 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		perror("netlink");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static char seen[1 << 20]; /* by ifindex */
	char buf[65536];
	int bridge = argc == 2 ? if_nametoindex(argv[1]) : 0;
	if (!bridge) {
		fprintf(stderr, "Usage: bench-floor BRIDGE\n");
		return 2;
	}
	int requests = netlink(0), events = netlink(RTMGRP_LINK);
	if (write(STDOUT_FILENO, "ready\n", 6) < 0)
		return 1;
	for (;;) {
		ssize_t n = recv(events, buf, sizeof(buf), 0);
		unsigned left = n > 0 ? n : 0;
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			const struct ifinfomsg *ifi = NLMSG_DATA(h);
			char name[IFNAMSIZ];
			if (h->nlmsg_type != RTM_NEWLINK || ifi->ifi_index >= (int)sizeof(seen) ||
			    seen[ifi->ifi_index] || !if_indextoname(ifi->ifi_index, name) ||
			    strncmp(name, "vif", 3))
				continue;
			seen[ifi->ifi_index] = 1;
			wire(requests, ifi->ifi_index, name, bridge);
		}
	}
}
