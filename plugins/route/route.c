// SPDX-License-Identifier: GPL-2.0-or-later
/* route: dom0 is the router between its uplink and the guest. */
/*
 * What each word of `ip=` gives, after vif-route's `ip route add WORD dev VIF src GATEWAY`:
 *
 *   10.0.0.5, 10.0.0.5/32, 2001:db8::5   a route to this host, and a neighbour entry with the guest's MAC
 *   10.0.8.0/24, 2001:db8:8::/64	  all bits after the prefix are 0: a route to this network, which
 *					  is behind the guest; each of its hosts answers for itself
 *   10.0.0.5/24			  some are not: the guest's own address with its netmask, as in
 *					  bridge mode; a route to the host 10.0.0.5 (ip-route refused it)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

#include "plugin.h"

enum {
	OPT_GATEWAY_DEV,
	OPT_GATEWAY,
	OPT_GATEWAY6,
	OPT_ADDRESSES,
	OPT_PROXY,
	OPT_FORWARDING,
	OPT_TABLE,
	OPT_MTU,
	OPT_COUNT,
};

enum { MTU_V6_MIN = 1280 };

static const struct option_spec options[] = {
	[OPT_GATEWAY_DEV] = {"gateway-dev", OPTION_IFNAME,
			     .help = "device that leads out; its addresses are the guests' gateway"},
	[OPT_GATEWAY] = {"gateway", OPTION_STRING,
			 .help = "IPv4 address of dom0 that guests use as gateway, instead of that "
				 "device's"},
	[OPT_GATEWAY6] = {"gateway6", OPTION_STRING,
			  .help = "IPv6 address of dom0 that guests can use beside fe80::1"},
	[OPT_ADDRESSES] = {"addresses", OPTION_STRING,
			   .help = "addresses of a guest that has no ip= of its own"},
	[OPT_PROXY] = {"proxy", OPTION_BOOL,
		       .help = "answer ARP and neighbour solicitations for guests on the gateway device"},
	[OPT_FORWARDING] = {"forwarding", OPTION_BOOL,
			    .help = "switch the host's IP forwarding on when it is off"},
	[OPT_TABLE] = {"table", OPTION_INT, .min = 1, .max = 0xffffffff,
		       .help = "routing table that gets the guests' routes; 254 is main"},
	[OPT_MTU] = {"mtu", OPTION_INT, .min = 68, .max = 65517,
		     .help = "MTU of guests that have no mtu= of their own"},
	[OPT_COUNT] = {NULL},
};

/* What one want() works on. */
struct plan_in {
	const struct want_in *in;
	const struct link *uplink; /* NULL: none */
	struct addr guest[VIF_ADDRS_MAX];
	size_t n;
	struct addr gw4, gw6; /* family 0: none */
};

static bool is_host(const struct addr *a)
{
	return a->prefix == 8 * addr_len(a);
}

static struct addr host_of(const struct addr *a)
{
	struct addr host = *a;
	host.prefix = 8 * addr_len(a);
	host.has_prefix = false;
	return host;
}

/* Are all bits after the prefix 0? */
static bool is_network(const struct addr *a)
{
	for (unsigned bit = a->prefix; bit < 8 * addr_len(a); bit++)
		if (a->bytes[bit / 8] & (0x80 >> bit % 8))
			return false;
	return !is_host(a);
}

static bool has_family(const struct plan_in *p, int family)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->guest[i].family == family)
			return true;
	return false;
}

static void leave_out_v6(struct plan_in *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		if (p->guest[i].family != AF_INET6)
			p->guest[n++] = p->guest[i];
	p->n = n;
}

static int read_addresses(struct plan_in *p, struct hostif *want, struct err *e)
{
	const struct want_in *in = p->in;
	const char *own = in->req->ip[0] ? in->req->ip : NULL;
	const char *text = own ?: network_str(in->net, OPT_ADDRESSES);
	int n = text ? addr_parse_list(text, p->guest, VIF_ADDRS_MAX, e) : 0;
	if (n < 0)
		return err_wrapf(e, "%s", own ? "ip=" : "addresses"), n;
	p->n = n;
	if (!n)
		return err_setf(e, -EINVAL,
				"a routed guest needs an address, and has none: write ip=ADDRESS in its "
				"vif (several are separated by blanks), or addresses = \"ADDRESS\" for "
				"network %s in netd.conf", in->net->name);
	if (!in->netdev || in->netdev->conf.v6 || !has_family(p, AF_INET6))
		return 0;
	leave_out_v6(p);
	want->router.v6_left_out = true;
	if (!p->n)
		return err_setf(e, -EAFNOSUPPORT,
				"the guest has IPv6 addresses only, and IPv6 is off on %s: switch it on "
				"(sysctl net.ipv6.conf.default.disable_ipv6=0, or the kernel's command "
				"line), or give it an IPv4 address too", in->netdev->name);
	return 0;
}

/* "eth0 (10.0.0.1), br1 (…)": devices of the host that could be a gateway device. @return @buf. */
static const char *list_gateways(const struct links *links, char *buf, size_t size)
{
	size_t used = 0;
	struct vif_key key;
	enum vif_dev dev;
	snprintf(buf, size, "none");
	links_for_each(links, l) {
		size_t n, i = 0;
		char text[ADDR_TEXT_SIZE];
		const struct link_addr *a = links_addrs(links, l->ifindex, &n);
		while (i < n && (!a[i].global || !a[i].primary))
			i++;
		if (i == n || (l->flags & IFF_LOOPBACK) || l->parent[0] || used >= size ||
		    vif_tag_parse(l->alias, &key, &dev))
			continue;
		used += snprintf(buf + used, size - used, "%s%s (%s)", used ? ", " : "", l->name,
				 addr_print(&a[i].addr, text, sizeof(text)));
	}
	return buf;
}

/* vif-route's default, for a vif that names no device where one is needed. */
static const char default_dev[] = "eth0";

static int find_uplink(struct plan_in *p, struct err *e)
{
	char list[256];
	const struct want_in *in = p->in;
	const struct network *net = in->net;
	const char *opt = network_str(net, OPT_GATEWAY_DEV);
	const char *key = in->req->gatewaydev[0] ? in->req->gatewaydev : NULL;
	const char *name = opt ?: key;
	bool needed = network_num(net, OPT_PROXY, 0) ||
		      (has_family(p, AF_INET) && !network_str(net, OPT_GATEWAY));
	if (!name && !needed)
		return 0;
	p->uplink = links_by_name(in->links, name ?: default_dev);
	if (p->uplink)
		return 0;
	list_gateways(in->links, list, sizeof(list));
	if (!name)
		return err_setf(e, -ENODEV,
				"no gateway device is named and there is no %s; devices with addresses "
				"here: %s; write gatewaydev=DEVICE in the guest's vif, or gateway-dev = "
				"DEVICE for network %s in netd.conf", default_dev, list, net->name);
	return err_setf(e, -ENODEV, "%s %s does not exist; devices with addresses here: %s",
			opt ? "gateway-dev" : "gatewaydev", name, list);
}

/* Of two, the one to be preferred as a gateway: the same again after the daemon was restarted. */
static bool better(const struct link_addr *a, const struct link_addr *than)
{
	if (!than || a->addr.family == AF_INET)
		return !than; /* the kernel keeps IPv4's in the order they were set */
	if (a->lasting != than->lasting)
		return a->lasting;
	return memcmp(a->addr.bytes, than->addr.bytes, sizeof(a->addr.bytes)) < 0;
}

static bool first_address(const struct links *links, const struct link *l, int family,
			  struct addr *out)
{
	size_t n;
	const struct link_addr *a = l ? links_addrs(links, l->ifindex, &n) : NULL, *best = NULL;
	for (size_t i = 0; a && i < n; i++)
		if (a[i].addr.family == family && a[i].global && a[i].primary && a[i].usable &&
		    better(&a[i], best))
			best = &a[i];
	if (best)
		*out = host_of(&best->addr);
	return best;
}

static int find_gateways(struct plan_in *p, struct err *e)
{
	const struct want_in *in = p->in;
	const char *gw4 = network_str(in->net, OPT_GATEWAY), *gw6 = network_str(in->net, OPT_GATEWAY6);
	int r = 0;
	if (has_family(p, AF_INET) && gw4)
		r = addr_parse(gw4, &p->gw4, e); /* checked with the configuration */
	else if (has_family(p, AF_INET) &&
		 !first_address(in->links, p->uplink, AF_INET, &p->gw4))
		return err_setf(e, -EADDRNOTAVAIL,
				"gateway device %s has no IPv4 address that could be the guest's gateway; "
				"give it one, or say gateway = ADDRESS for network %s in netd.conf",
				p->uplink->name, in->net->name);
	if (r >= 0 && has_family(p, AF_INET6) && gw6)
		r = addr_parse(gw6, &p->gw6, e);
	else if (has_family(p, AF_INET6))
		first_address(in->links, p->uplink, AF_INET6, &p->gw6);
	return r < 0 ? r : 0;
}

/* A route to one of dom0's own addresses would be in vain: the local table comes first. */
static int check_foreign(const struct plan_in *p, struct err *e)
{
	size_t n = 0;
	char text[ADDR_TEXT_SIZE];
	const struct link_addr *own =
		p->uplink ? links_addrs(p->in->links, p->uplink->ifindex, &n) : NULL;
	for (size_t i = 0; i < p->n; i++) {
		const struct addr *a = &p->guest[i];
		bool ours = addr_same_host(a, &p->gw4) || addr_same_host(a, &p->gw6);
		for (size_t k = 0; k < n; k++)
			ours = ours || addr_same_host(a, &own[k].addr);
		if (ours && !is_network(a))
			return err_setf(e, -EADDRINUSE, "ip=: %s is dom0's own address",
					addr_print(a, text, sizeof(text)));
	}
	return 0;
}

/*
 * The lowest wins. A domain that came later wins over one with the same address: so a guest that is
 * migrated within the host has its traffic at once (libxl counts domids up, and begins again after
 * 32751). In a domain the device model's card wins while it exists, as in vif-route (tap 1, vif 2).
 */
static uint32_t metric(struct vif_key key, enum vif_dev dev)
{
	return 2 * (VIF_DOMID_MAX + 1 - key.domid) + (dev == VIF_DEV_PV ? 1 : 0);
}

static void want_routes(const struct plan_in *p, struct hostif *want)
{
	const struct want_in *in = p->in;
	struct router *r = &want->router;
	for (size_t i = 0; i < p->n; i++) {
		const struct addr *a = &p->guest[i];
		struct router_route route = {
			.dst = is_network(a) ? *a : host_of(a),
			.src = a->family == AF_INET6 ? p->gw6 : p->gw4,
			.metric = metric(in->req->key, in->dev),
			.table = network_num(in->net, OPT_TABLE, ROUTER_TABLE_MAIN),
		};
		struct router_neigh n = {.host = route.dst};
		struct router_proxy proxy = {.host = route.dst};
		memcpy(n.mac, in->req->mac, sizeof(n.mac));
		router_add_route(r, &route);
		if (is_network(a))
			continue;
		router_add_neigh(r, &n);
		proxy.ifindex = p->uplink ? p->uplink->ifindex : 0;
		if (network_num(in->net, OPT_PROXY, 0))
			router_add_proxy(r, &proxy);
	}
	r->proxy_ndp = network_num(in->net, OPT_PROXY, 0) && has_family(p, AF_INET6);
}

static void want_addrs(const struct plan_in *p, struct router *r)
{
	static const struct addr ll = {.family = AF_INET6, .prefix = 64, .bytes = {0xfe, 0x80, [15] = 1}};
	if (p->gw4.family)
		router_add_addr(r, &p->gw4);
	if (p->gw6.family)
		router_add_addr(r, &p->gw6);
	if (has_family(p, AF_INET6))
		router_add_addr(r, &ll);
}

static void want_conf(const struct plan_in *p, struct router_conf *c)
{
	c->set = true;
	c->forwarding = 1;
	/* The guest's netmask may say that others, who are elsewhere, are beside it. */
	c->proxy_arp = 1;
	/* Towards the guest dom0 speaks as its gateway, whatever the packet's source. */
	c->arp_announce = 2;
	/* Strict: the guest's addresses lead back to it. In a table of their own that is not seen. */
	c->rp_filter = network_num(p->in->net, OPT_TABLE, ROUTER_TABLE_MAIN) == ROUTER_TABLE_MAIN;
	c->v6 = has_family(p, AF_INET6);
	c->v6_forwarding = 1;
	c->v6_accept_ra = 0; /* a guest is no router of dom0's */
}

static int forwarding_is_off(const struct plan_in *p, int family, struct err *e)
{
	const char *dev = p->uplink ? p->uplink->name : "all";
	bool host = links_forwarding(p->in->links, family);
	const char *all = family == AF_INET ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
	return err_setf(e, -EHOSTUNREACH,
			"IPv%d forwarding is off%s%s, so nobody but dom0 could reach the guest: set "
			"sysctl %s%s%s=1, or say forwarding = true for network %s in netd.conf",
			family == AF_INET ? 4 : 6, host ? " on " : "", host ? dev : "",
			host ? "net/ipv4/conf/" : all, host ? dev : "", host ? "/forwarding" : "",
			p->in->net->name);
}

static int want_forwarding(const struct plan_in *p, struct router *r, struct err *e)
{
	const struct links *links = p->in->links;
	bool on4 = links_forwarding(links, AF_INET) && (!p->uplink || p->uplink->conf.forwarding);
	r->forward4 = has_family(p, AF_INET);
	r->forward6 = has_family(p, AF_INET6);
	if (network_num(p->in->net, OPT_FORWARDING, 0))
		return 0;
	if (r->forward4 && !on4)
		return forwarding_is_off(p, AF_INET, e);
	if (r->forward6 && !links_forwarding(links, AF_INET6))
		return forwarding_is_off(p, AF_INET6, e);
	return 0;
}

/* The kernel ends a device's IPv6 below the least MTU that RFC 8200 allows. */
static int want_mtu(const struct plan_in *p, struct hostif *want, struct err *e)
{
	const struct want_in *in = p->in;
	want->mtu = in->req->mtu ?: network_num(in->net, OPT_MTU, 0);
	if (!want->mtu && p->uplink)
		want->mtu = p->uplink->mtu;
	if (!want->mtu || want->mtu >= MTU_V6_MIN || !has_family(p, AF_INET6))
		return 0;
	return err_setf(e, -EINVAL,
			"the guest has IPv6 addresses, and mtu %u: IPv6 needs %d at least; give the guest a "
			"larger mtu=, or IPv4 addresses alone", want->mtu, MTU_V6_MIN);
}

static int route_want(const struct want_in *in, struct hostif *want, struct err *e)
{
	struct plan_in p = {.in = in};
	int r = read_addresses(&p, want, e);
	if (r >= 0)
		r = find_uplink(&p, e);
	if (r >= 0 && p.uplink)
		snprintf(want->router.uplink, sizeof(want->router.uplink), "%s", p.uplink->name);
	if (r >= 0)
		r = find_gateways(&p, e);
	if (r >= 0)
		r = check_foreign(&p, e);
	if (r >= 0)
		r = want_forwarding(&p, &want->router, e);
	if (r >= 0)
		r = want_mtu(&p, want, e);
	if (r < 0)
		return r;
	want->no_addrs = false;
	want_addrs(&p, &want->router);
	want_routes(&p, want);
	want_conf(&p, &want->router.conf);
	return 0;
}

static int check_gateway(const struct network *net, size_t opt, int family, struct err *e)
{
	struct addr a;
	const char *text = network_str(net, opt);
	int r = text ? addr_parse(text, &a, e) : 0;
	if (text && r >= 0 && (a.family != family || a.has_prefix))
		r = err_setf(e, -EINVAL, "\"%.60s\" is not an IPv%d address without a prefix length",
			     text, family == AF_INET ? 4 : 6);
	return r < 0 ? err_wrapf(e, "%s", options[opt].name), r : 0;
}

static int route_check(const struct network *net, struct err *e)
{
	struct addr list[VIF_ADDRS_MAX];
	const char *text = network_str(net, OPT_ADDRESSES);
	int r = check_gateway(net, OPT_GATEWAY, AF_INET, e);
	if (r >= 0)
		r = check_gateway(net, OPT_GATEWAY6, AF_INET6, e);
	if (r < 0)
		return r;
	r = text ? addr_parse_list(text, list, VIF_ADDRS_MAX, e) : 0;
	return r < 0 ? err_wrapf(e, "%s", options[OPT_ADDRESSES].name), r : 0;
}

/* The address of this object is how the core finds the mode: see plugin.h. */
extern const struct plugin xen_netd_plugin;

const struct plugin xen_netd_plugin = {
	.abi = PLUGIN_ABI,
	.mode = "route",
	.help = "dom0 routes between its uplink and the guests",
	.options = options,
	.n_options = OPT_COUNT,
	.check = route_check,
	.want = route_want,
};
