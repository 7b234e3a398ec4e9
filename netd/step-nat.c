// SPDX-License-Identifier: GPL-2.0-or-later
/* step-nat: the private network that a vif is in, made with its first guest, seen to with each. */
/*
 * These make what is missing and take nothing away: what a guest that goes leaves behind may be
 * another's, too. Whatever no guest needs any more is removed when all have been looked at:
 * sweep.c.
 */
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "dnsmasq.h"
#include "ethtool.h"
#include "host.h"
#include "lease.h"
#include "log.h"
#include "steps.h"

static bool needs(const struct hostif *have, const struct hostif *want, enum nat_part part)
{
	return want->nat.on && (want->nat.parts & part) && !(have->nat.parts & part);
}

static void note(struct hostif *have, enum nat_part part, bool there)
{
	have->nat.parts = (have->nat.parts & ~part) | (there ? part : 0);
}

static bool has_addr(const struct host *h, const struct link *l, const struct addr *a)
{
	size_t n;
	const struct link_addr *list = links_addrs(h->links, l->ifindex, &n);
	for (size_t i = 0; i < n; i++)
		if (addr_equal(&list[i].addr, a))
			return true;
	return !a->family;
}

/* Of a subnet that the network had before: no guest may use it as its gateway any longer. */
static bool is_stray(const struct link *br, const struct link_addr *a, const struct nat *n)
{
	return !strcmp(br->alias, HOSTIF_PASSING) && a->global && !addr_equal(&a->addr, &n->gw4) &&
	       !addr_equal(&a->addr, &n->gw6);
}

static bool has_stray(const struct host *h, const struct link *br, const struct nat *nat)
{
	size_t n;
	const struct link_addr *list = links_addrs(h->links, br->ifindex, &n);
	for (size_t i = 0; i < n; i++)
		if (is_stray(br, &list[i], nat))
			return true;
	return false;
}

static int gateway_observe(struct host *h, struct hostif *have, struct err *e)
{
	const struct nat *n = &have->nat;
	const struct link *br = links_by_name(h->links, n->dev);
	(void)e;
	note(have, NAT_GATEWAY,
	     br && (br->flags & IFF_UP) && has_addr(h, br, &n->gw4) && has_addr(h, br, &n->gw6) &&
		     !has_stray(h, br, n));
	return 0;
}

static bool gateway_differs(const struct hostif *have, const struct hostif *want)
{
	return needs(have, want, NAT_GATEWAY);
}

/* Two devices with one subnet: answers would go to either. */
static int check_subnet(const struct host *h, const struct link *br, const struct addr *gw,
			struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	size_t n;
	links_for_each (h->links, l) {
		const struct link_addr *a = links_addrs(h->links, l->ifindex, &n);
		for (size_t i = 0; l->ifindex != br->ifindex && i < n; i++) {
			struct addr own = a[i].addr;
			if (!lease_in_subnet(gw, &own) &&
			    (own.prefix >= gw->prefix || !lease_in_subnet(&own, gw)))
				continue;
			return err_setf(
				e, -EADDRINUSE,
				"the subnet of network %s collides with %s on %s; write another "
				"subnet for it in netd.conf",
				br->name, addr_print(&own, text, sizeof(text)), l->name);
		}
	}
	return 0;
}

static int add_gateway(struct host *h, const struct link *br, const struct addr *gw, struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	if (has_addr(h, br, gw))
		return 0;
	int r = check_subnet(h, br, gw, e);
	if (r < 0)
		return r;
	r = rtnl_add_addr(h->rtnl, br->ifindex, gw, e);
	return r < 0 ? err_wrapf(e, "add address %s to bridge %s",
				 addr_print(gw, text, sizeof(text)), br->name),
	       r     : 0;
}

static int remove_strays(struct host *h, const struct link *br, const struct nat *nat,
			 struct err *e)
{
	struct addr gone[8];
	size_t n, k = 0;
	int r = 0;
	const struct link_addr *list = links_addrs(h->links, br->ifindex, &n);
	for (size_t i = 0; i < n && k < sizeof(gone) / sizeof(*gone); i++)
		if (is_stray(br, &list[i], nat))
			gone[k++] = list[i].addr;
	while (!r && k--)
		r = rtnl_del_addr(h->rtnl, br->ifindex, &gone[k], e);
	return r < 0 ? err_wrapf(e, "remove old addresses from bridge %s", br->name), r : 0;
}

/*
 * Checksums: clients that listen to the raw wire (dhclient, many boot loaders) throw away a UDP
 * answer whose checksum is left to hardware that a virtual network has not got. So what dom0 sends
 * by the bridge is complete before it leaves the bridge's device. nftables cannot fill in a
 * checksum, and tc's action csum is not in every kernel.
 */
static int gateway_apply(struct host *h, const struct hostif *from, const struct hostif *to,
			 struct err *e)
{
	const struct rtnl_set up = {.flags = RTNL_SET_UP, .up = true};
	const struct nat *n = &to->nat;
	const struct link *br = links_by_name(h->links, n->dev);
	(void)from;
	if (!br)
		return err_setf(e, -ENOENT, "bridge \"%s\" does not exist", n->dev);
	int r = br->flags & IFF_UP ? 0 : rtnl_set(h->rtnl, br->ifindex, &up, e);
	if (!r && n->dhcp.on)
		r = ethtool_set_tx_checksum(br->name, false, e);
	if (!r && n->gw4.family)
		r = add_gateway(h, br, &n->gw4, e);
	if (!r && n->gw6.family)
		r = add_gateway(h, br, &n->gw6, e);
	r = r ?: remove_strays(h, br, n, e);
	return r ?: rtnl_reread_addrs(h->rtnl, h->links, br->ifindex, e);
}

static size_t elems_of(const struct host *h, const struct hostif *hif, int ifindex,
		       struct nat_elem out[NAT_ELEMS_MAX])
{
	const struct link *br = links_by_name(h->links, hif->nat.dev);
	return nat_elems_of(&hif->nat, hif->nat.dev[0] ? (br ? br->ifindex : 0) : ifindex, out);
}

static int rules_observe(struct host *h, struct hostif *have, struct err *e)
{
	struct nat_elem elems[NAT_ELEMS_MAX];
	size_t n = elems_of(h, have, have->ifindex, elems);
	(void)e;
	note(have, NAT_RULES, n && h->nft && nft_nat_has(h->nft, elems, n));
	return 0;
}

static bool rules_differs(const struct hostif *have, const struct hostif *want)
{
	return needs(have, want, NAT_RULES);
}

/* Who was asking a port in vain, and goes on, would be told no for as long as connection tracking
 * knows. */
static void begin_forwards(struct host *h, const struct nat *n)
{
	struct err e = ERR_INIT;
	if (n->n_forwards && nft_nat_forget_strays(h->nft, NULL, 0, &e) < 0)
		log_line(LOG_WARNING, "connections to ports that are forwarded now may fail: %s",
			 e.text);
}

static int rules_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		       struct err *e)
{
	struct nat_elem elems[NAT_ELEMS_MAX];
	size_t n = elems_of(h, to, from->ifindex, elems);
	int r = h->nft ? nft_nat_put(h->nft, elems, n, e)
		       : err_sysf(e, -EPROTONOSUPPORT, "netfilter's netlink socket");
	if (r < 0 && e)
		err_setf(e, r, "%s; is nf_tables in this kernel, with NAT for the inet family?",
			 e->text);
	if (!r)
		begin_forwards(h, &to->nat);
	return r;
}

static int dhcp_observe(struct host *h, struct hostif *have, struct err *e)
{
	(void)e;
	const struct link *br = links_by_name(h->links, have->nat.dev);
	note(have, NAT_DHCP,
	     have->nat.dhcp.on && br && dnsmasq_has(h->dnsmasq, &have->nat, br->ifindex));
	return 0;
}

static bool dhcp_differs(const struct hostif *have, const struct hostif *want)
{
	return needs(have, want, NAT_DHCP);
}

static int dhcp_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	(void)from;
	const struct link *br = links_by_name(h->links, to->nat.dev);
	return br ? dnsmasq_put(h->dnsmasq, &to->nat, br->ifindex, e)
		  : err_setf(e, -ENOENT, "bridge \"%s\" does not exist", to->nat.dev);
}

/* Before the port: nothing of a guest passes before the rules that keep networks apart. */
const struct step *const *steps_nat(void)
{
	static const struct step gateway = {
		.name = "gateway",
		.stage = STEP_BRIDGE,
		.observe = gateway_observe,
		.differs = gateway_differs,
		.apply = gateway_apply,
	};
	static const struct step rules = {
		.name = "nat",
		.stage = STEP_BRIDGE,
		.observe = rules_observe,
		.differs = rules_differs,
		.apply = rules_apply,
	};
	static const struct step dhcp = {
		.name = "dhcp",
		.stage = STEP_BRIDGE,
		.observe = dhcp_observe,
		.differs = dhcp_differs,
		.apply = dhcp_apply,
	};
	static const struct step *const all[] = {&gateway, &rules, &dhcp, NULL};
	return all;
}
