/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host: the kernel as the steps see it: the link table and the way to change it. */
#ifndef NETD_HOST_H
#define NETD_HOST_H

#include "hostif.h"
#include "links.h"
#include "nft.h"
#include "nft-nat.h"
#include "rtnl.h"

/* Borrowed pointers; the daemon owns them. */
struct dnsmasq; /* dnsmasq.h */

struct host {
	struct rtnl *rtnl;
	struct links *links;
	bool stale; /* notifications were lost, and the devices are not read again yet */
	struct nft *nft; /* NULL: the kernel gives no netfilter socket */
	struct dnsmasq *dnsmasq;
	const char *run_dir; /* what holds until the host is booted again */
};

/*
 * Takes in what the kernel has told since the last call. @return 0, or -errno after which the link
 * table was built anew (a lost notification, -ENOBUFS, heals here) but failed.
 */
int host_refresh(struct host *h, struct err *e);

/*
 * Fills @have from the link table: all facets but those of steps that observe for themselves.
 * @return 0, or -ENODEV: there is no such link (any more), and @have is zeroed.
 */
int host_observe(const struct host *h, int ifindex, struct hostif *have);

/* Removes proxy entries of ours whose address is routed to no vif any more: see routes.h. */
void host_sweep(struct host *h);

#endif
