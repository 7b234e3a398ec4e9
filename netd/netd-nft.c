// SPDX-License-Identifier: GPL-2.0-or-later
/* netd-nft: the daemon's side of filters: whose are left over, and who else was at them. */
#include "netd-nft.h"

#include <string.h>

#include "identity.h"
#include "log.h"
#include "sweep.h"

/* The kernel has removed with the device what it knew by it; elements of sets it does not. */
void netd_forget_filter(struct netd *nd, int ifindex)
{
	struct err e = ERR_INIT;
	if (nd->host.nft && nft_forget(nd->host.nft, ifindex, &e) < 0)
		log_line(LOG_WARNING, "remove the filter of a device that is gone: %s", e.text);
}

/* Filters of what is no vif: of one that went while we were away, or of somebody's making. */
static void forget_strangers(struct netd *nd)
{
	struct vif_key key;
	enum vif_dev dev;
	struct nft *nft = nd->host.nft;
	for (int i = nft ? nft_next(nft, 0) : 0, next; i; i = next) {
		const struct link *l = links_by_index(nd->host.links, i);
		next = nft_next(nft, i);
		if (!l || !identity_of(l, &key, &dev))
			netd_forget_filter(nd, i);
	}
}

/* Somebody's hand in our tables of nftables: they are right again, their elements may not be. */
int netd_on_nft(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct netd *nd = arg;
	struct err e = ERR_INIT;
	(void)s;
	(void)fd;
	(void)revents;
	int r = nft_refresh(nd->host.nft, &e);
	if (r < 0)
		log_line(LOG_ERR, "%s", e.text);
	if (!r)
		return 0;
	log_line(LOG_WARNING,
		 "tables xen-netd of nftables were changed by another program; looking at all vifs");
	forget_strangers(nd);
	sweep_connections(nd);
	vifs_for_each (&nd->vifs, v)
		netd_look(nd, v);
	return 0;
}

/* Not there is no error yet: it is one of the vifs that need it. */
void netd_open_nft(struct netd *nd)
{
	struct err e = ERR_INIT;
	struct nft *nft = NULL;
	if (nft_open(&nft, &e) < 0 || nft_ready(nft, &e) < 0 || nft_nat_load(nft, &e) < 0)
		log_line(LOG_WARNING, "guests cannot be filtered: %s", e.text);
	nd->host.nft = nft;
	forget_strangers(nd);
}

int netd_want_filter(struct netd *nd, const struct vif_req *req, const struct choice *choice,
		     struct hostif *want, struct err *e)
{
	struct nft *nft = nd->host.nft;
	int r = filter_want(req, choice->net, &choice->antispoof, want, e);
	if (r != 1 || (nft && nft_ready(nft, NULL) >= 0))
		return r < 0 ? r : 0;
	memset(&want->filter, 0, sizeof(want->filter));
	want->port_flags &= ~HOSTIF_PORT_LINKLOCAL;
	return 0;
}
