/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netd-nft: the daemon's side of filters: whose are left over, and who else was at them. */
#ifndef NETD_NETD_NFT_H
#define NETD_NETD_NFT_H

#include "choose.h"
#include "netd.h"

/* Opens nftables, with the links known, and removes filters that are nobody's any more. */
void netd_open_nft(struct netd *nd);

/* Of a device that has gone. */
void netd_forget_filter(struct netd *nd, int ifindex);

/*
 * filter_want(). Without nf_tables a vif is not connected, unless its administrator has given up
 * antispoof. 0 or -errno.
 */
int netd_want_filter(struct netd *nd, const struct vif_req *req, const struct choice *choice,
		     struct hostif *want, struct err *e);

/* nft_fd() is readable; @arg is struct netd. */
int netd_on_nft(sd_event_source *s, int fd, uint32_t revents, void *arg);

#endif
