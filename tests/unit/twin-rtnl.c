// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-rtnl: what of rtnetlink the steps use, with the kernel's own quirks. */
#include "twin-rtnl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct rtnl *offered;

#include <netinet/in.h>

#include "routes.h"

void twin_init(struct rtnl *rt)
{
	memset(rt, 0, sizeof(*rt));
	rt->fd = -1;
}

void twin_offer(struct rtnl *rt)
{
	offered = rt;
}

void twin_notify(struct rtnl *rt)
{
	if (rt->fd >= 0)
		eventfd_write(rt->fd, 1);
}

struct twin_link *twin_add(struct rtnl *rt, const char *name, const char *kind)
{
	for (int i = 0; i < TWIN_LINKS_MAX; i++) {
		struct twin_link *t = &rt->at[i];
		if (t->link.ifindex)
			continue;
		memset(t, 0, sizeof(*t));
		t->link.ifindex = i + 1;
		snprintf(t->link.name, sizeof(t->link.name), "%s", name);
		snprintf(t->link.kind, sizeof(t->link.kind), "%s", kind);
		t->link.mtu = 1500;
		t->link.mac[0] = 0x02;
		t->link.mac[5] = i + 1;
		return t;
	}
	return NULL;
}

struct twin_link *twin_find(struct rtnl *rt, const char *name)
{
	for (int i = 0; i < TWIN_LINKS_MAX; i++)
		if (rt->at[i].link.ifindex && !strcmp(rt->at[i].link.name, name))
			return &rt->at[i];
	return NULL;
}

/* fib_sync_down_dev(), rt6_disable_ip(), neigh_ifdown(), addrconf_ifdown(): what goes with "up". */
static void went_down(struct rtnl *rt, int ifindex)
{
	struct twin_tables *tt = &rt->tables;
	for (int i = 0; i < TWIN_TABLE_MAX; i++) {
		if (tt->routes[i].ifindex == ifindex)
			memset(&tt->routes[i], 0, sizeof(tt->routes[i]));
		if (tt->neighs[i].ifindex == ifindex)
			memset(&tt->neighs[i], 0, sizeof(tt->neighs[i]));
		if (tt->proxies[i].used && tt->proxies[i].proxy.ifindex == ifindex)
			memset(&tt->proxies[i], 0, sizeof(tt->proxies[i]));
		if (tt->addrs[i].ifindex == ifindex && tt->addrs[i].addr.family == AF_INET6) {
			memset(&tt->addrs[i], 0, sizeof(tt->addrs[i]));
			rt->at[ifindex - 1].link.n_addrs--;
		}
	}
}

static void forget_addrs(struct rtnl *rt, int ifindex)
{
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		if (rt->tables.addrs[i].ifindex == ifindex)
			memset(&rt->tables.addrs[i], 0, sizeof(rt->tables.addrs[i]));
}

void twin_del(struct rtnl *rt, const char *name)
{
	struct twin_link *t = twin_find(rt, name);
	int gone = t ? t->link.ifindex : 0;
	if (!t)
		return;
	went_down(rt, gone);
	forget_addrs(rt, gone);
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < TWIN_LINKS_MAX; i++)
		if (rt->at[i].link.master == gone)
			rt->at[i].link.master = 0;
}

struct twin_link *twin_index(struct rtnl *rt, int ifindex)
{
	if (ifindex < 1 || ifindex > TWIN_LINKS_MAX || !rt->at[ifindex - 1].link.ifindex)
		return NULL;
	return &rt->at[ifindex - 1];
}

/* Every changing call begins here. @return 0, or the injected failure. */
int twin_begin(struct rtnl *rt, struct err *e)
{
	if (++rt->calls != rt->fail_at)
		return 0;
	return err_sysf(e, rt->fail_code, "injected");
}

int twin_end(struct rtnl *rt, const struct twin_link *t)
{
	char vlans[64];
	size_t n = strlen(rt->trace);
	const struct twin_link *br = t ? twin_index(rt, t->link.master) : NULL;
	if (t)
		snprintf(rt->trace + n, sizeof(rt->trace) - n, "%s:up=%d,master=%s,flags=%u,vlans=%s;",
			 t->link.name, !!(t->link.flags & IFF_UP), br ? br->link.name : "",
			 t->link.port_flags, vlan_print(&t->vlans, vlans, sizeof(vlans)));
	if (rt->meddle)
		rt->meddle(rt);
	twin_notify(rt);
	return 0;
}

int rtnl_open(struct rtnl **out, struct err *e)
{
	if (!offered)
		return err_setf(e, -ENOSYS, "no twin was offered");
	*out = offered;
	offered = NULL;
	(*out)->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (*out)->fd < 0 ? err_sysf(e, -errno, "eventfd") : 0;
}

void rtnl_close(struct rtnl *rt)
{
	if (rt && rt->fd >= 0)
		close(rt->fd);
	if (rt)
		rt->fd = -1;
}

int rtnl_fd(const struct rtnl *rt)
{
	return rt->fd;
}

static void put_addrs(struct rtnl *rt, struct links *links, const struct link *l)
{
	struct link_addr a;
	unsigned known = 0;
	memset(&a, 0, sizeof(a));
	a.global = a.primary = a.lasting = a.usable = true;
	for (int i = 0; i < TWIN_TABLE_MAX; i++) {
		if (rt->tables.addrs[i].ifindex != l->ifindex)
			continue;
		a.addr = rt->tables.addrs[i].addr;
		links_put_addr(links, l->ifindex, &a);
		known++;
	}
	for (; known < l->n_addrs; known++) { /* of TEST-NET-2 */
		a.addr = (struct addr){AF_INET, 24, false, {198, 51, 100, known + 1}};
		links_put_addr(links, l->ifindex, &a);
	}
}

int rtnl_resync(struct rtnl *rt, struct links *links, struct err *e)
{
	struct twin_tables *tt = &rt->tables;
	(void)e;
	links_resync_begin(links);
	for (int i = 0; i < TWIN_LINKS_MAX; i++) {
		struct link l = rt->at[i].link;
		if (!l.ifindex)
			continue;
		links_put(links, &l);
		put_addrs(rt, links, &l);
	}
	for (int i = 0; i < TWIN_TABLE_MAX; i++) {
		if (tt->routes[i].ifindex && !tt->routes[i].foreign)
			links_put_route(links, tt->routes[i].ifindex, &tt->routes[i].route);
		if (tt->proxies[i].used && !tt->proxies[i].foreign)
			routes_put_proxy(links_routes(links), &tt->proxies[i].proxy);
	}
	links_set_forwarding(links, AF_INET, tt->forwarding4);
	links_set_forwarding(links, AF_INET6, tt->forwarding6);
	links_resync_end(links);
	return 0;
}

int rtnl_drain(struct rtnl *rt, struct links *links, struct err *e)
{
	eventfd_t n;
	bool news = rt->fd < 0 || eventfd_read(rt->fd, &n) == 0;
	if (!news && !rt->lost)
		return 0;
	if (rt->lost) {
		rt->lost = false;
		return err_sysf(e, -ENOBUFS, "twin");
	}
	return rtnl_resync(rt, links, e);
}

/* br_add_if(): a new port has the default flags and the bridge's default VLAN. */
static int set_master(struct rtnl *rt, struct twin_link *t, int master, struct err *e)
{
	struct twin_link *br = twin_index(rt, master);
	if (master && (!br || strcmp(br->link.kind, "bridge")))
		return err_sysf(e, -EINVAL, "master");
	if (t->link.master == master)
		return 0;
	if (br && br->full)
		return err_sysf(e, -EXFULL, "twin");
	t->link.master = master;
	t->link.port_flags = br ? HOSTIF_PORT_LEARNING : 0;
	memset(&t->vlans, 0, sizeof(t->vlans));
	if (br && br->link.br_vlan_filtering && br->link.br_default_pvid) {
		vlan_add(&t->vlans, br->link.br_default_pvid, true);
		t->vlans.pvid = br->link.br_default_pvid;
	}
	return 0;
}

int rtnl_set(struct rtnl *rt, int ifindex, const struct rtnl_set *set, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	if ((set->flags & RTNL_SET_NAME) && (t->link.flags & IFF_UP))
		return err_sysf(e, -EBUSY, "twin"); /* before Linux 6.2 */
	if ((set->flags & RTNL_SET_MTU) && t->link.max_mtu && set->mtu > t->link.max_mtu)
		return err_setf(e, -EINVAL, "Invalid argument: mtu greater than device maximum");
	/* Filled with zeros, as the kernel's side is compared as memory. */
	if (set->flags & RTNL_SET_NAME)
		strncpy(t->link.name, set->name, sizeof(t->link.name) - 1);
	if (set->flags & RTNL_SET_ALIAS)
		strncpy(t->link.alias, set->alias, sizeof(t->link.alias) - 1);
	if (set->flags & RTNL_SET_MAC)
		memcpy(t->link.mac, set->mac, HOSTIF_ALEN);
	if (set->flags & RTNL_SET_V6_QUIET)
		t->link.v6_quiet = set->v6_quiet;
	if (set->flags & RTNL_SET_MTU)
		t->link.mtu = set->mtu;
	if ((set->flags & RTNL_SET_MASTER) && (r = set_master(rt, t, set->master, e)) < 0)
		return r;
	if ((set->flags & RTNL_SET_UP) && !set->up)
		went_down(rt, ifindex);
	if (set->flags & RTNL_SET_UP)
		t->link.flags = set->up ? t->link.flags | IFF_UP : t->link.flags & ~IFF_UP;
	return twin_end(rt, t);
}

int rtnl_set_port_flags(struct rtnl *rt, int ifindex, uint32_t flags, uint32_t mask, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	if (!t->link.master)
		return err_sysf(e, -EOPNOTSUPP, "twin: not a port");
	t->link.port_flags = (t->link.port_flags & ~mask) | (flags & mask);
	return twin_end(rt, t);
}

int rtnl_new_bridge(struct rtnl *rt, const char *name, const uint8_t mac[HOSTIF_ALEN], uint32_t mtu,
		    bool vlan_filtering, struct err *e)
{
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (twin_find(rt, name))
		return err_sysf(e, -EEXIST, "twin");
	struct twin_link *t = twin_add(rt, name, "bridge");
	memcpy(t->link.mac, mac, HOSTIF_ALEN);
	t->link.mtu = mtu ?: 1500;
	t->link.br_vlan_filtering = vlan_filtering;
	t->link.br_default_pvid = 1;
	t->link.flags = IFF_UP;
	vlan_add(&t->vlans, 1, true);
	t->vlans.pvid = 1;
	return twin_end(rt, t);
}

int rtnl_get_vlans(struct rtnl *rt, int ifindex, struct vlan_set *vlans, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	*vlans = t->vlans;
	return 0;
}

int rtnl_set_vlans(struct rtnl *rt, int ifindex, const struct vlan_set *from,
		   const struct vlan_set *to, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	(void)from;
	if (r < 0)
		return r;
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	t->vlans = *to;
	return twin_end(rt, t);
}

int rtnl_add_vlans(struct rtnl *rt, int ifindex, const struct vlan_set *vlans, bool self,
		   struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	if (self != !strcmp(t->link.kind, "bridge") || (!self && !t->link.master))
		return err_sysf(e, -EOPNOTSUPP, "twin");
	for (uint16_t v = VLAN_MIN; v <= VLAN_MAX; v++)
		if (vlan_has(vlans, v))
			vlan_add(&t->vlans, v, false);
	return twin_end(rt, t);
}

int rtnl_flush_addrs(struct rtnl *rt, int ifindex, struct err *e)
{
	struct twin_link *t = twin_index(rt, ifindex);
	int r = twin_begin(rt, e);
	if (r < 0)
		return r;
	if (!t)
		return err_sysf(e, -ENODEV, "twin");
	forget_addrs(rt, ifindex);
	t->link.n_addrs = 0;
	return twin_end(rt, t);
}
