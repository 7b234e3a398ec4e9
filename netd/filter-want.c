// SPDX-License-Identifier: GPL-2.0-or-later
/* filter-want: from a vif and its network to its filter. */
#include <errno.h>
#include <string.h>

#include "hostif.h"
#include "network.h"
#include "vif.h"

/* 10.0.0.0/24 is no guest's address but a network's: no host bit is set. */
static bool is_network(const struct addr *a)
{
	size_t bits = 8 * addr_len(a);
	if (a->prefix + 1u >= bits) /* /31, /127: both are hosts (RFC 3021, RFC 6164) */
		return false;
	for (size_t i = a->prefix; i < bits; i++)
		if (a->bytes[i / 8] & (0x80 >> i % 8))
			return false;
	return true;
}

static int add_addresses(const struct vif_req *req, struct filter *f, struct err *e)
{
	char text[ADDR_TEXT_SIZE];
	struct addr list[VIF_ADDRS_MAX];
	int n = addr_parse_list(req->ip, list, VIF_ADDRS_MAX, e);
	if (n < 0)
		return err_wrapf(e, "ip="), -EINVAL;
	for (int i = 0; i < n; i++) {
		if (is_network(&list[i]))
			return err_setf(
				e, -EINVAL,
				"ip=%s is a network; allowed with antispoof are addresses of "
				"the guest",
				addr_print(&list[i], text, sizeof(text)));
		filter_add_addr(f, &list[i]);
	}
	return 0;
}

/* In untagged VLANs alone. A bridge that does not filter has no such ports: it passes every tag. */
static bool is_access_port(const struct vlan_set *vlans)
{
	uint16_t last, v = vlan_next_run(vlans, VLAN_MIN, &last);
	for (; v; v = vlan_next_run(vlans, last + 1, &last))
		if (!vlan_is_untagged(vlans, v))
			return false;
	return !vlan_is_empty(vlans);
}

static bool is_trunk(const struct vlan_set *vlans)
{
	return !vlan_is_empty(vlans) && !is_access_port(vlans);
}

/*
 * What guards default to. A guest of known addresses is no router, and its network no trunk. One of
 * unknown addresses may be either, as it was before there was a filter; but no guest is a switch.
 */
static uint8_t guards(const struct network *net, const struct vlan_set *vlans, bool known)
{
	bool vlan = (known && !is_trunk(vlans)) || is_access_port(vlans);
	return (network_opt(net, NETWORK_GUARD_RA, known) ? FILTER_GUARD_RA : 0) |
	       (network_opt(net, NETWORK_GUARD_DHCP, known) ? FILTER_GUARD_DHCP : 0) |
	       (network_opt(net, NETWORK_GUARD_VLAN, vlan) ? FILTER_GUARD_VLAN : 0) |
	       (network_opt(net, NETWORK_GUARD_CONTROL, true) ? FILTER_GUARD_CONTROL : 0);
}

static void add_routed(const struct router *r, struct filter *f)
{
	for (size_t i = 0; i < r->n_routes; i++)
		filter_add_net(f, &r->routes[i].dst);
}

static void fill(struct filter *f, const struct vif_req *req, const struct network *net,
		 const struct vlan_set *vlans, bool check)
{
	const struct addr own = addr_link_local(req->mac);
	f->on = true;
	f->any_addr = !check || !f->n_addrs;
	if (f->any_addr)
		f->n_addrs = 0;
	else
		filter_add_addr(f, &own);
	memcpy(f->mac, req->mac, sizeof(f->mac));
	f->guards = guards(net, vlans, !f->any_addr);
	f->limit[FILTER_LIMIT_PACKETS] = network_opt(net, NETWORK_LIMIT_PPS, 0);
	f->limit[FILTER_LIMIT_CONNECTIONS] = network_opt(net, NETWORK_LIMIT_CONNECTIONS, 0);
	f->limit[FILTER_LIMIT_BROADCAST] = network_opt(net, NETWORK_LIMIT_BROADCAST, 0);
}

/* What its port's VLANs are, where they are Open vSwitch's. */
static void switched_vlans(const struct ovs_port *p, struct vlan_set *out)
{
	memcpy(out->member, p->trunks, sizeof(out->member));
	if (p->tag)
		vlan_add(out, p->tag, p->vlan_mode != OVS_VLAN_NATIVE_TAGGED);
	out->pvid = p->tag;
}

/* The flows of Open vSwitch's bridges are their controller's: ours come when they are asked for. */
static int want_switched(const struct vif_req *req, const struct network *net,
			 const struct option_value *antispoof, struct ovs_port *p, struct err *e)
{
	struct vlan_set vlans = {.pvid = 0};
	bool check = antispoof->set ? antispoof->num : network_opt(net, NETWORK_ANTISPOOF, false);
	int r = check ? add_addresses(req, &p->filter, e) : 0;
	if (r < 0 || !check)
		return r;
	switched_vlans(p, &vlans);
	fill(&p->filter, req, net, &vlans, true);
	return 0;
}

int filter_want(const struct vif_req *req, const struct network *net,
		const struct option_value *antispoof, struct hostif *want, struct err *e)
{
	struct filter *f = &want->filter;
	bool check = antispoof->set ? antispoof->num : network_opt(net, NETWORK_ANTISPOOF, true);
	int r = 0;
	if (want->ovs.bridge.name[0])
		return want_switched(req, net, antispoof, &want->ovs, e);
	f->routed = !want->master[0] && want->router.n_routes;
	if (!want->master[0] && !f->routed)
		return 0;
	if (check && !f->n_addrs && f->routed)
		add_routed(&want->router, f);
	else if (check && !f->n_addrs && (r = add_addresses(req, f, e)) < 0)
		return r;
	fill(f, req, net, &want->vlans, check);
	if (f->routed) /* neither is taken in by dom0 from a device without a bridge */
		f->guards |= FILTER_GUARD_VLAN | FILTER_GUARD_CONTROL;
	else
		want->port_flags |= HOSTIF_PORT_LINKLOCAL;
	return !check;
}
