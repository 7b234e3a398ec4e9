// SPDX-License-Identifier: GPL-2.0-or-later
/* host: from the link table to a hostif. */
#include "host.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "routes.h"

static bool is_loss(int r)
{
	return r == -ENOBUFS || r == -ENOMEM;
}

int host_refresh(struct host *h, struct err *e)
{
	int r = h->stale ? -ENOBUFS : rtnl_drain(h->rtnl, h->links, e);
	if (!is_loss(r))
		return r;
	if (!h->stale)
		log_line(LOG_WARNING, "the kernel dropped network notifications; reading all devices again");
	h->stale = true;
	r = rtnl_resync(h->rtnl, h->links, e);
	if (r < 0)
		return r;
	/* What has come meanwhile, without a gap, ends with what is so now. */
	r = rtnl_drain(h->rtnl, h->links, e);
	h->stale = is_loss(r);
	return r;
}

static void observe_router(const struct host *h, const struct link *l, struct router *r)
{
	size_t n;
	const struct link_addr *a = links_addrs(h->links, l->ifindex, &n);
	r->conf = l->conf;
	for (size_t i = 0; i < n; i++)
		router_add_addr(r, &a[i].addr);
	r->n_routes = routes_of(links_routes(h->links), l->ifindex, r->routes, ROUTER_LIST_MAX);
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
	observe_router(h, l, &have->router);

	const struct link *master = links_by_index(h->links, l->master);
	/* A port of Open vSwitch's kernel datapath has its ovs-system as master: see struct ovs_port. */
	if (master && strcmp(master->kind, "openvswitch")) {
		memcpy(have->master, master->name, sizeof(have->master));
		have->port_flags = l->port_flags;
	}
	return 0;
}

void host_sweep(struct host *h)
{
	struct router_proxy p;
	char text[ADDR_TEXT_SIZE];
	while (routes_pop_orphan(links_routes(h->links), &p)) {
		struct err e = ERR_INIT;
		int r = rtnl_has_proxy(h->rtnl, &p, &e);
		if (r == 1)
			r = rtnl_del_proxy(h->rtnl, &p, &e);
		if (r < 0)
			log_line(LOG_WARNING, "remove the proxy entry of %s, which is no guest's: %s",
				 addr_print(&p.host, text, sizeof(text)), e.text);
	}
}
