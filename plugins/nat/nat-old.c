// SPDX-License-Identifier: GPL-2.0-or-later
/* nat-old: the addressing of Xen's vif-nat: each vif is a network of one guest. */
/*
 * `script=vif-nat` with `ip=10.0.5.1/16`: the guest is configured by hand, as ever, with its router
 * at its own address + 127, here 10.0.5.128. dom0 has that address on the vif and routes to the
 * guest; guests of this kind reach each other by dom0, which answers ARP for them. What was left to
 * network-nat, forwarding and masquerading, is done as for any private network.
 */
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "nat-priv.h"

enum { OLD_PREFIX = 16, ROUTER_OFFSET = 127 };

static bool first_word(const struct want_in *in, struct addr *a)
{
	struct addr list[VIF_ADDRS_MAX];
	if (addr_parse_list(in->req->ip, list, VIF_ADDRS_MAX, NULL) <= 0)
		return false;
	*a = list[0];
	return true;
}

bool nat_is_old(const struct want_in *in)
{
	const char *slash = strrchr(in->req->script, '/');
	struct addr a;
	struct addr gw4, gw6;
	return nat_gateways(in->net, &gw4, &gw6, NULL) >= 0 &&
	       !strcmp(slash ? slash + 1 : in->req->script, "vif-nat") && first_word(in, &a) &&
	       a.family == AF_INET && a.has_prefix && a.prefix == OLD_PREFIX &&
	       !lease_in_subnet(&gw4, &a);
}

/* As vif-route: who came last wins, and in a domain the device model's card (plugins/route). */
static uint32_t metric(const struct want_in *in)
{
	return 2 * (VIF_DOMID_MAX + 1 - in->req->key.domid) + (in->dev == VIF_DEV_PV ? 1 : 0);
}

int nat_old_want(const struct want_in *in, struct hostif *want, struct err *e)
{
	struct addr guest = {.family = 0};
	char text[ADDR_TEXT_SIZE];
	first_word(in, &guest);
	guest.prefix = 32;
	guest.has_prefix = false;
	struct addr gw = guest;
	if (guest.bytes[3] + ROUTER_OFFSET > 255)
		return err_setf(e, -EINVAL,
				"ip=: the router of %s would be at the last byte + %d, which is "
				"more than 255; give the guest an address that ends in 1 to 128",
				addr_print(&guest, text, sizeof(text)), ROUTER_OFFSET);
	gw.bytes[3] += ROUTER_OFFSET;
	struct router *r = &want->router;
	struct router_route route = {
		.dst = guest, .src = gw, .metric = metric(in), .table = ROUTER_TABLE_MAIN};
	struct router_neigh n = {.host = guest};
	memcpy(n.mac, in->req->mac, sizeof(n.mac));
	want->no_addrs = false;
	router_add_addr(r, &gw);
	router_add_route(r, &route);
	router_add_neigh(r, &n);
	r->conf = (struct router_conf) {
		.set = true, .forwarding = 1, .proxy_arp = 1, .rp_filter = 1, .arp_announce = 2};
	r->forward4 = true;
	want->nat = (struct nat) {.on = true, .parts = NAT_RULES, .open = true, .addr4 = guest};
	filter_add_addr(&want->filter, &guest);
	want->mtu = in->req->mtu;
	return 0;
}
