// SPDX-License-Identifier: GPL-2.0-or-later
/* sweep: removes what no guest's private network needs any more. */
#include "sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "dnsmasq.h"
#include "forwarding.h"
#include "identity.h"
#include "log.h"
#include "routes.h"
#include "sysctl.h"

static bool is_passing(const struct link *l)
{
	return l && !strcmp(l->kind, "bridge") && !strcmp(l->alias, HOSTIF_PASSING);
}

/* After a restart, with a configuration that is wrong by now: its network stays as it is. */
static bool is_riddle(const struct netd *nd, const struct vif *v)
{
	const struct link *l = links_by_index(nd->host.links, v->ifindex[VIF_DEV_PV]);
	return !v->read_in || (!v->nat && v->status.state != VIF_UNMANAGED && l && l->master &&
			       is_passing(links_by_index(nd->host.links, l->master)));
}

static bool is_known(const struct netd *nd)
{
	if (nd->scanned_in != nd->connection || nd->scans || nd->reading || !vifs_queue_empty(&nd->vifs) ||
	    !store_is_up(nd->store))
		return false;
	vifs_for_each (&nd->vifs, v)
		if (is_riddle(nd, v))
			return false;
	return true;
}

static size_t elems_of(const struct netd *nd, const struct vif *v, struct nat_elem *out)
{
	const struct link *br = links_by_name(nd->host.links, v->nat->dev);
	if (v->nat->dev[0])
		return nat_elems_of(v->nat, br ? br->ifindex : 0, out);
	size_t n = nat_elems_of(v->nat, v->ifindex[VIF_DEV_PV], out);
	return n + nat_elems_of(v->nat, v->ifindex[VIF_DEV_EMU], out + n);
}

static int keep_rules(struct netd *nd, struct err *e)
{
	size_t n = 0;
	struct nat_elem *list = calloc(nd->vifs.count + 1, 2 * NAT_ELEMS_MAX * sizeof(*list));
	if (!list)
		return err_sysf(e, -ENOMEM, "nftables");
	vifs_for_each (&nd->vifs, v)
		if (v->nat)
			n += elems_of(nd, v, list + n);
	int r = nft_nat_keep(nd->host.nft, list, nat_elems_sort(list, n), e);
	free(list);
	return r;
}

static void keep_servers(struct netd *nd)
{
	dnsmasq_keep_begin(nd->host.dnsmasq);
	vifs_for_each (&nd->vifs, v)
		if (v->nat)
			dnsmasq_keep(nd->host.dnsmasq, v->nat);
	dnsmasq_keep_end(nd->host.dnsmasq);
}

static bool is_used(const struct netd *nd, const struct link *br)
{
	vifs_for_each (&nd->vifs, v)
		if (v->nat && !strcmp(v->nat->dev, br->name))
			return true;
	links_for_each (nd->host.links, l)
		if (l->master == br->ifindex)
			return true; /* whoever put it there has a use for it */
	return false;
}

static const struct link *find_unused(const struct netd *nd)
{
	links_for_each (nd->host.links, l)
		if (is_passing(l) && !is_used(nd, l))
			return l;
	return NULL;
}

static int remove_bridges(struct netd *nd, struct err *e)
{
	const struct link *br;
	while ((br = find_unused(nd))) {
		log_line(LOG_INFO, "network %s has no guest any more; removing its bridge",
			 br->name);
		int r = rtnl_del_link(nd->host.rtnl, br->ifindex, e);
		if (r < 0 && r != -ENODEV)
			return err_wrapf(e, "remove bridge %s", br->name), r;
		if ((r = host_refresh(&nd->host, e)) < 0)
			return r;
	}
	return 0;
}

/* Routed guests may have come to rely on what we switched on. */
static bool needs_forwarding(const struct netd *nd, int family)
{
	struct router_route any;
	vifs_for_each (&nd->vifs, v) {
		if (v->nat && (family == AF_INET ? v->nat->gw4.family || !v->nat->dev[0]
						 : v->nat->gw6.family))
			return true;
		if (!v->nat &&
		    routes_of(links_routes(nd->host.links), v->ifindex[VIF_DEV_PV], &any, 1))
			return true;
	}
	return false;
}

static int restore_forwarding(struct netd *nd, int family, struct err *e)
{
	if (needs_forwarding(nd, family) || !forwarding_take_note(nd->host.run_dir, family))
		return 0;
	log_line(LOG_INFO, "IPv%d forwarding switched off again: no network needs it",
		 family == AF_INET ? 4 : 6);
	return sysctl_set(family == AF_INET ? "ipv4" : "ipv6", "all", "forwarding", 0, e);
}

void sweep_networks(struct netd *nd)
{
	struct err e = ERR_INIT;
	if (!nd->sweep_due || !is_known(nd))
		return;
	nd->sweep_due = false;
	keep_servers(nd);
	int r = nd->host.nft ? keep_rules(nd, &e) : 0;
	r = r ?: remove_bridges(nd, &e);
	r = r ?: restore_forwarding(nd, AF_INET, &e);
	r = r ?: restore_forwarding(nd, AF_INET6, &e);
	if (r < 0)
		log_line(LOG_WARNING, "%s", e.text);
	if (nd->strays_due)
		sweep_connections(nd);
}

static size_t add_subnet(const struct netd *nd, struct nft_inside *list, size_t n,
			 const struct vif *v, const struct addr *a)
{
	const struct link *br = links_by_name(nd->host.links, v->nat->dev);
	for (size_t i = 0; i < n; i++)
		if (addr_equal(&list[i].subnet, a))
			return n;
	if (!a->family)
		return n;
	list[n] = (struct nft_inside){.subnet = *a, .ifindex = br ? br->ifindex : 0};
	memcpy(list[n].dev, v->nat->dev, sizeof(list[n].dev));
	return n + 1;
}

void sweep_connections(struct netd *nd)
{
	struct err e = ERR_INIT;
	size_t n = 0;
	struct nft_inside *list = calloc(nd->vifs.count + 1, 2 * sizeof(*list));
	if (!list)
		return;
	nd->strays_due = false;
	vifs_for_each (&nd->vifs, v) {
		if (!v->nat)
			continue;
		n = add_subnet(nd, list, n, v, v->nat->gw4.family ? &v->nat->gw4 : &v->nat->addr4);
		if (!v->nat->routed6)
			n = add_subnet(nd, list, n, v, &v->nat->gw6);
	}
	int r = n && nd->host.nft ? nft_nat_forget_strays(nd->host.nft, list, n, &e) : 0;
	if (r < 0)
		log_line(LOG_WARNING, "connections that began without the rules may stay: %s", e.text);
	else if (r)
		log_line(LOG_INFO, "%d connections that began without the rules begin again", r);
	free(list);
}
