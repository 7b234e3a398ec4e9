// SPDX-License-Identifier: GPL-2.0-or-later
/* host: from the link table to a hostif. */
#include "host.h"

#include <errno.h>
#include <string.h>

#include "log.h"

int host_refresh(struct host *h, struct err *e)
{
	int r = rtnl_drain(h->rtnl, h->links, e);
	if (r != -ENOBUFS)
		return r;
	log_line(LOG_WARNING, "the kernel dropped network notifications; reading all devices again");
	r = rtnl_resync(h->rtnl, h->links, e);
	/* What piled up meanwhile is older than the dump, or news: both are taken in harmlessly. */
	return r < 0 ? r : rtnl_drain(h->rtnl, h->links, e);
}

int host_observe(const struct host *h, int ifindex, struct hostif *have)
{
	const struct link *l = links_by_index(h->links, ifindex);
	memset(have, 0, sizeof(*have));
	if (!l)
		return -ENODEV;
	have->ifindex = l->ifindex;
	memcpy(have->name, l->name, sizeof(have->name));
	memcpy(have->alias, l->alias, sizeof(have->alias));
	memcpy(have->mac, l->mac, sizeof(have->mac));
	have->v6_quiet = l->v6_quiet;
	have->no_addrs = !l->n_addrs;
	have->mtu = l->mtu;
	have->up = l->flags & IFF_UP;

	const struct link *master = links_by_index(h->links, l->master);
	if (master) {
		memcpy(have->master, master->name, sizeof(have->master));
		have->port_flags = l->port_flags;
	}
	return 0;
}
