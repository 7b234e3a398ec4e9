// SPDX-License-Identifier: GPL-2.0-or-later
/* nat: a private network behind dom0, with addresses, names and a way out. */
/*
 * The network is a bridge that is named like it, made with its first guest and removed with its
 * last. dom0 is the router on it, and by dnsmasq its DHCP and DNS server. A guest has one IPv4
 * address, given to its MAC for good (leases.h), and one IPv6 address where the network has a
 * subnet6: prefix and EUI-64 of the MAC, so SLAAC without privacy comes to the same. Its filter
 * lets it use these alone.
 *
 * What a vif's `ip=` may say here: addresses of the network's subnets, one of each family.
 *
 * Which part is where: netd/nat.h is what want() says, netd/step-nat.c makes it so, netd/lessor.h
 * keeps addresses, netd/nft-nat-rules.c has the rules, netd/dnsmasq.h the servers. A mode has no
 * state and sees no netlink, so all of these are the core's.
 */
#include "nat-priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

static const struct option_spec options[] = {
	[OPT_SUBNET] = {"subnet", OPTION_STRING,
			.help = "IPv4 network of guests, as 192.168.122.0/24; without, a free one "
				"is taken"},
	[OPT_SUBNET6] = {"subnet6", OPTION_STRING,
			 .help = "IPv6 network of guests, 64 bits long, as fd12:3456:789a:1::/64"},
	[OPT_GATEWAY] = {"gateway", OPTION_STRING,
			 .help = "dom0's IPv4 address in the subnet, instead of the first"},
	[OPT_RANGE] =
		{"range", OPTION_STRING,
		 .help = "FIRST-LAST: IPv4 addresses that are given, instead of all of the subnet"},
	[OPT_UPLINK] = {"uplink", OPTION_IFNAME,
			.help = "the only device that leads out; without, any does"},
	[OPT_SNAT] =
		{"snat-address", OPTION_STRING,
		 .help = "IPv4 source of what goes out, instead of the outgoing device's address"},
	[OPT_SNAT6] =
		{"snat-address6", OPTION_STRING,
		 .help = "IPv6 source of what goes out, instead of the outgoing device's address"},
	[OPT_NAT6] =
		{"nat6", OPTION_BOOL,
		 .help = "IPv6 takes dom0's address on the way out too, instead of being routed; "
			 "the default for unique local addresses (fc00::/7)"},
	[OPT_ISOLATED] = {"isolated", OPTION_BOOL, .help = "guests do not reach each other"},
	[OPT_REACH] = {"reach", OPTION_STRING,
		       .help = "other networks of this mode that guests may open connections to"},
	[OPT_DHCP] = {"dhcp", OPTION_BOOL,
		      .help = "serve DHCP, DNS and router advertisements by dnsmasq"},
	[OPT_DNS] =
		{"dns", OPTION_STRING,
		 .help = "servers that names are asked of, instead of those in dom0's resolv.conf"},
	[OPT_DOMAIN] = {"domain", OPTION_STRING,
			.help = "DNS domain of the guests' names; internal, if not given"},
	[OPT_MTU] = {"mtu", OPTION_INT, .min = 68, .max = 65517,
		     .help = "MTU of the bridge and of guests that have no mtu= of their own"},
	[OPT_COUNT] = {NULL},
};

static const struct option_spec host_options[] = {
	[HOST_ADDRESS] = {"address", OPTION_STRING, .help = "the guest's IPv4 address"},
	[HOST_ADDRESS6] = {"address6", OPTION_STRING, .help = "the guest's IPv6 address"},
	[HOST_COUNT] = {NULL},
};

static const char *const protos[] = {"tcp", "udp", NULL};

static const struct option_spec forward_options[] = {
	[FORWARD_PROTO] = {"proto", OPTION_WORD, .words = protos,
			   .help = "tcp, the default, or udp"},
	[FORWARD_LISTEN] = {"listen", OPTION_STRING,
			    .help = "the one address of dom0 that is forwarded, instead of all"},
	[FORWARD_PORT] = {"port", OPTION_INT, .min = 1, .max = 65535, .help = "dom0's port"},
	[FORWARD_TO_PORT] = {"to-port", OPTION_INT, .min = 1, .max = 65535,
			     .help = "the guest's port, when it is another"},
	[FORWARD_COUNT] = {NULL},
};

static const struct block_spec blocks[] = {
	[BLOCK_HOST] = {"host", host_options, HOST_COUNT},
	[BLOCK_FORWARD] = {"forward", forward_options, FORWARD_COUNT},
	{NULL},
};

/* A block is headed by a MAC or by a domain's name. */
static bool is_for(const struct network_block *b, const struct vif_req *req)
{
	uint8_t mac[HOSTIF_ALEN];
	if (vif_mac_parse(b->title, mac))
		return !memcmp(mac, req->mac, sizeof(mac));
	return !strcmp(b->title, req->domain);
}

static int pool_hosts(const struct want_in *in, struct lease_pool *p, struct err *e)
{
	struct addr a;
	int r = 0;
	for (size_t i = 0; !r && i < in->net->n_blocks; i++) {
		const struct network_block *b = &in->net->blocks[i];
		const char *v4 = network_block_str(b, HOST_ADDRESS);
		const char *v6 = network_block_str(b, HOST_ADDRESS6);
		if (b->spec != BLOCK_HOST)
			continue;
		if (is_for(b, in->req)) {
			p->fixed_by = "host block";
			r = v4 ? nat_host(v4, AF_INET, &p->fixed4, e) : 0;
			r = r ?: v6 ? nat_host(v6, AF_INET6, &p->fixed6, e) : 0;
		} else if (v4) {
			r = nat_host(v4, AF_INET, &a, e);
			p->reserved[p->n_reserved++] = lease_to_num(&a);
		}
	}
	return r;
}

static int pool_ip(const struct want_in *in, struct lease_pool *p, struct err *e)
{
	struct addr list[VIF_ADDRS_MAX], v4 = {.family = 0}, v6 = {.family = 0};
	int n = addr_parse_list(in->req->ip, list, VIF_ADDRS_MAX, e);
	if (n < 0)
		return err_wrapf(e, "ip="), n;
	for (int i = 0; i < n; i++) {
		struct addr *a = list[i].family == AF_INET ? &v4 : &v6;
		if (a->family)
			return err_setf(e, -EINVAL,
					"ip=%.64s: network %s gives a guest one address of each "
					"family; take the others out, or give it a second vif",
					in->req->ip, in->net->name);
		*a = list[i];
		a->prefix = 8 * addr_len(a);
	}
	if (v4.family)
		p->fixed4 = v4;
	if (v6.family)
		p->fixed6 = v6;
	if (n)
		p->fixed_by = "ip=";
	return 0;
}

static int nat_pool(const struct want_in *in, struct lease_pool *p, struct err *e)
{
	static const uint8_t none[HOSTIF_ALEN];
	if (nat_is_old(in))
		return 1;
	if (!memcmp(in->req->mac, none, sizeof(none)))
		return err_setf(e, -EINVAL,
				"the xenstore key mac is missing; without it the guest gets no "
				"address");
	*p = (struct lease_pool) {.n_reserved = 0};
	snprintf(p->network, sizeof(p->network), "%s", in->net->name);
	int r = nat_gateways(in->net, &p->gw4, &p->gw6, e);
	r = r ?: nat_range(in->net, &p->first, &p->last, e);
	r = r ?: pool_hosts(in, p, e);
	return r ?: pool_ip(in, p, e);
}

/* fc00::/7 leads nowhere outside, so it needs NAT; everything else is routed unless it is told. */
static bool is_routed6(const struct network *net, const struct addr *gw6)
{
	bool local = (gw6->bytes[0] & 0xfe) == 0xfc;
	return gw6->family && !network_num(net, OPT_NAT6, local);
}

static int want_snat(const struct network *net, struct nat *n, struct err *e)
{
	const char *v4 = network_str(net, OPT_SNAT), *v6 = network_str(net, OPT_SNAT6);
	int r = v4 ? nat_host(v4, AF_INET, &n->snat4, e) : 0;
	return r ?: v6 ? nat_host(v6, AF_INET6, &n->snat6, e) : 0;
}

static int want_forwards(const struct want_in *in, struct nat *n, struct err *e)
{
	for (size_t i = 0; i < in->net->n_blocks; i++) {
		const struct network_block *b = &in->net->blocks[i];
		if (b->spec != BLOCK_FORWARD || !is_for(b, in->req))
			continue;
		uint16_t port = network_block_num(b, FORWARD_PORT, 0);
		const char *listen = network_block_str(b, FORWARD_LISTEN);
		struct nat_forward f = {
			.proto = network_block_num(b, FORWARD_PROTO, 0) ? IPPROTO_UDP : IPPROTO_TCP,
			.port = port,
			.to_port = network_block_num(b, FORWARD_TO_PORT, port),
		};
		int r = listen ? nat_host(listen, strchr(listen, ':') ? AF_INET6 : AF_INET,
					  &f.listen, e)
			       : 0;
		if (r < 0)
			return r;
		if (!nat_add_forward(n, &f))
			return err_setf(e, -E2BIG, "more than %d forward blocks for %s",
					NAT_FORWARDS_MAX, in->req->domain);
	}
	return 0;
}

static void want_reach(const struct network *net, struct nat *n)
{
	const char *at = network_str(net, OPT_REACH);
	while (at && n->n_reach < NAT_REACH_MAX &&
	       nat_word(&at, n->reach[n->n_reach], sizeof(n->reach[0])))
		n->n_reach++;
}

static void want_dhcp(const struct want_in *in, struct nat *n)
{
	struct nat_dhcp *d = &n->dhcp;
	d->on = network_num(in->net, OPT_DHCP, 1);
	if (!d->on)
		return;
	n->parts |= NAT_DHCP;
	snprintf(d->dns, sizeof(d->dns), "%s", network_str(in->net, OPT_DNS) ?: "");
	snprintf(d->domain, sizeof(d->domain), "%s",
		 network_str(in->net, OPT_DOMAIN) ?: "internal");
	memcpy(d->mac, in->req->mac, sizeof(d->mac));
	nat_label(in->req->domain, d->name);
}

static void want_bridge(const struct want_in *in, struct hostif *want)
{
	const struct network *net = in->net;
	snprintf(want->bridge.name, sizeof(want->bridge.name), "%.15s", net->name);
	memcpy(want->master, want->bridge.name, sizeof(want->master));
	memcpy(want->nat.dev, want->bridge.name, sizeof(want->nat.dev));
	want->bridge.create = want->bridge.passing = true;
	want->bridge.mtu = network_num(net, OPT_MTU, 0);
	want->port_flags = HOSTIF_PORT_LEARNING |
			   (network_num(net, OPT_ISOLATED, 0) ? HOSTIF_PORT_ISOLATED : 0);
	want->mtu = in->req->mtu ?: want->bridge.mtu;
}

static void want_address(const struct lease *l, struct hostif *want)
{
	struct nat *n = &want->nat;
	n->gw4 = l->gw4;
	n->gw6 = l->gw6;
	n->addr4 = l->addr4;
	n->addr6 = l->addr6;
	filter_add_addr(&want->filter, &l->addr4);
	if (l->addr6.family)
		filter_add_addr(&want->filter, &l->addr6);
	want->router.forward4 = true;
	want->router.forward6 = l->gw6.family;
}

static int nat_want(const struct want_in *in, struct hostif *want, struct err *e)
{
	const struct link *other = links_by_name(in->links, in->net->name);
	struct nat *n = &want->nat;
	if (!in->lease)
		return nat_old_want(in, want, e);
	if (other && strcmp(other->kind, "bridge"))
		return err_setf(e, -EEXIST,
				"network %s needs a bridge of its name, and %s is another kind "
				"of device; give the network another name",
				in->net->name, other->name);
	n->on = true;
	n->parts = NAT_GATEWAY | NAT_RULES;
	want_bridge(in, want);
	want_address(in->lease, want);
	snprintf(n->uplink, sizeof(n->uplink), "%s", network_str(in->net, OPT_UPLINK) ?: "");
	n->routed6 = is_routed6(in->net, &n->gw6);
	n->isolated = network_num(in->net, OPT_ISOLATED, 0);
	want_reach(in->net, n);
	want_dhcp(in, n);
	int r = want_snat(in->net, n, e);
	return r ?: want_forwards(in, n, e);
}

static const char *nat_bridge(const struct network *net)
{
	return net->name;
}

/* The address of this object is how the core finds the mode: see plugin.h. */
extern const struct plugin xen_netd_plugin;

const struct plugin xen_netd_plugin = {
	.abi = PLUGIN_ABI,
	.mode = "nat",
	.help = "a private network behind dom0",
	.options = options,
	.n_options = OPT_COUNT,
	.blocks = blocks,
	.check = nat_check,
	.pool = nat_pool,
	.want = nat_want,
	.bridge = nat_bridge,
};
