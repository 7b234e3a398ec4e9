// SPDX-License-Identifier: GPL-2.0-or-later
/* step-bridge: the bridge itself when a network makes it, the port, its VLANs. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "host.h"
#include "steps.h"

static bool is_bridge(const struct link *l)
{
	return l && !strcmp(l->kind, "bridge");
}

/* Takes from @vlans what the link, a port or a bridge, does not have. */
static int keep_carried(struct host *h, int ifindex, struct vlan_set *vlans, struct err *e)
{
	struct vlan_set now, both = {.pvid = 0};
	int r = vlan_is_empty(vlans) ? 0 : rtnl_get_vlans(h->rtnl, ifindex, &now, e);
	if (r < 0)
		return r;
	for (uint16_t v = VLAN_MIN; v <= VLAN_MAX; v++)
		if (vlan_has(vlans, v) && vlan_has(&now, v))
			vlan_add(&both, v, false);
	*vlans = both;
	return 0;
}

static int bridge_observe(struct host *h, struct hostif *have, struct err *e)
{
	/* Which bridge: the caller has put the wanted name there. */
	const struct link *br = links_by_name(h->links, have->bridge.name);
	const struct link *up = links_by_name(h->links, have->bridge.uplink);
	if (!is_bridge(br)) {
		have->bridge.create = false;
		return 0;
	}
	have->bridge.create = true;
	have->bridge.vlan_filtering = br->br_vlan_filtering;
	bool joined = up && up->master == br->ifindex;
	if (!joined)
		have->bridge.uplink[0] = '\0';
	int r = keep_carried(h, br->ifindex, &have->bridge.vlans, e);
	if (!r && joined)
		r = keep_carried(h, up->ifindex, &have->bridge.vlans, e);
	return r < 0 ? err_wrapf(e, "read the VLANs of bridge %s", have->bridge.name), r : 0;
}

/* Only a bridge that the network makes is our business; any other is the administrator's. */
static bool bridge_differs(const struct hostif *have, const struct hostif *want)
{
	return want->bridge.create &&
	       (!have->bridge.create || strcmp(have->bridge.uplink, want->bridge.uplink) ||
		!vlan_covers(&have->bridge.vlans, &want->bridge.vlans));
}

/*
 * A MAC of our own that does not change when ports come and go: locally administered, made from the
 * name, so the same after a reboot (the kernel would take the lowest of the ports').
 */
static void pinned_mac(const char *name, uint8_t mac[HOSTIF_ALEN])
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	for (int i = 0; i < HOSTIF_ALEN; i++)
		mac[i] = hash >> (8 * i);
	mac[0] = (mac[0] & 0xfc) | 0x02;
}

/* Each IPv6 device that is up has a link-local address, which nobody outside needs. */
static bool has_addrs(const struct host *h, const struct link *up)
{
	size_t n;
	const struct link_addr *a = links_addrs(h->links, up->ifindex, &n);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *b = a[i].addr.bytes;
		if (a[i].addr.family != AF_INET6 || b[0] != 0xfe || (b[1] & 0xc0) != 0x80)
			return true;
	}
	return false;
}

static int add_uplink(struct host *h, const struct hostif *to, struct err *e)
{
	const struct link *br = links_by_name(h->links, to->bridge.name);
	const struct link *up = links_by_name(h->links, to->bridge.uplink);
	if (!br || !up)
		return err_setf(e, -ENOENT, "uplink \"%s\" of bridge \"%s\" does not exist",
				to->bridge.uplink, to->bridge.name);
	if (up->master && up->master != br->ifindex)
		return err_setf(e, -EBUSY, "uplink %s of bridge %s belongs to another master",
				up->name, br->name);
	if (has_addrs(h, up))
		return err_setf(e, -EBUSY,
				"uplink %s has IP addresses, which would stop working inside bridge %s: "
				"move them to the bridge and add the port by the host's network "
				"configuration", up->name, br->name);
	int r = rtnl_set(h->rtnl, up->ifindex,
			 &(struct rtnl_set){.flags = RTNL_SET_MASTER | RTNL_SET_UP,
					    .master = br->ifindex, .up = true}, e);
	return r < 0 ? err_wrapf(e, "add uplink %s to bridge %s", to->bridge.uplink,
				 to->bridge.name), r : 0;
}

/*
 * Guests' VLANs that neither the uplink nor the bridge carries end at the bridge. They are only
 * added: others use them, too.
 */
static int carry_vlans(struct host *h, const struct hostif *to, const char *name, bool self,
		       struct err *e)
{
	const struct link *l = links_by_name(h->links, name);
	struct vlan_set has = to->bridge.vlans;
	if (!l || vlan_is_empty(&has))
		return 0;
	int r = keep_carried(h, l->ifindex, &has, e);
	if (!r && !vlan_covers(&has, &to->bridge.vlans))
		r = rtnl_add_vlans(h->rtnl, l->ifindex, &to->bridge.vlans, self, e);
	return r < 0 ? err_wrapf(e, "add the guest's VLANs to %s", name), r : 0;
}

/*
 * So that also another run of the daemon knows it for one that we made. The kernel takes no alias with
 * the request that makes a link; one that cannot be tagged is taken back, or it would be nobody's.
 */
static int tag_bridge(struct host *h, const char *name, struct err *e)
{
	const struct link *br = links_by_name(h->links, name);
	const struct rtnl_set set = {.flags = RTNL_SET_ALIAS, .alias = HOSTIF_PASSING};
	int r = br ? rtnl_set(h->rtnl, br->ifindex, &set, e) : 0;
	if (r >= 0)
		return host_refresh(h, e);
	rtnl_del_link(h->rtnl, br->ifindex, NULL);
	return err_wrapf(e, "tag bridge %s", name), r;
}

static int bridge_apply(struct host *h, const struct hostif *from, const struct hostif *to,
			struct err *e)
{
	/* A bridge stays when its last user goes: a rollback or teardown has nothing to do. */
	if (!to->bridge.create)
		return 0;
	if (!from->bridge.create) {
		uint8_t mac[HOSTIF_ALEN];
		pinned_mac(to->bridge.name, mac);
		int r = rtnl_new_bridge(h->rtnl, to->bridge.name, mac, to->bridge.mtu,
					to->bridge.vlan_filtering, e);
		if (r < 0)
			return err_wrapf(e, "create bridge %s", to->bridge.name), r;
		if ((r = host_refresh(h, e)) < 0)
			return r;
		if (to->bridge.passing && (r = tag_bridge(h, to->bridge.name, e)) < 0)
			return r;
	}
	bool joined = from->bridge.create && !strcmp(from->bridge.uplink, to->bridge.uplink);
	int r = to->bridge.uplink[0] && !joined ? add_uplink(h, to, e) : 0;
	r = r < 0 ? r : carry_vlans(h, to, to->bridge.name, true, e);
	return r < 0 || !to->bridge.uplink[0] ? r : carry_vlans(h, to, to->bridge.uplink, false, e);
}

static bool port_differs(const struct hostif *have, const struct hostif *want)
{
	return strcmp(have->master, want->master) ||
	       (want->master[0] && have->port_flags != want->port_flags);
}

/* Into another bridge: its flags and VLANs come in messages after the master. */
static bool port_moves(const struct hostif *have, const struct hostif *want)
{
	return strcmp(have->master, want->master);
}

static bool port_empty(const struct hostif *h)
{
	return !h->master[0];
}

static int set_master(struct host *h, const struct hostif *from, const char *name, struct err *e)
{
	const struct link *br = name[0] ? links_by_name(h->links, name) : NULL;
	if (name[0] && !br)
		return err_setf(e, -ENOENT, "bridge \"%s\" does not exist", name);
	int r = rtnl_set(h->rtnl, from->ifindex,
			 &(struct rtnl_set){.flags = RTNL_SET_MASTER,
					    .master = br ? br->ifindex : 0}, e);
	if (r == -EXFULL) /* br_if.c: find_portno(), BR_MAX_PORTS */
		return err_setf(e, r, "bridge %s is full: a Linux bridge takes 1023 ports; use a "
				"second bridge or Open vSwitch", name);
	if (r < 0 && br)
		return err_wrapf(e, "add %s to bridge %s", from->name, name), r;
	return r < 0 ? err_wrapf(e, "take %s off bridge %s", from->name, from->master), r : 0;
}

/*
 * The kernel takes port flags only for a netdev that is a port already (rtnl_changelink looks up the
 * master's ops first), so it is a second message, and none when they are the defaults. The netdev is
 * down meanwhile (quiesce).
 */
static int port_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	bool moved = strcmp(from->master, to->master);
	uint32_t now = moved ? HOSTIF_PORT_LEARNING : from->port_flags;
	int r = moved ? set_master(h, from, to->master, e) : 0;
	if (r < 0 || !to->master[0] || now == to->port_flags)
		return r;
	r = rtnl_set_port_flags(h->rtnl, from->ifindex, to->port_flags, now ^ to->port_flags, e);
	return r < 0 ? err_wrapf(e, "set port flags of %s on bridge %s", from->name, to->master), r
		     : 0;
}

static int vlan_observe(struct host *h, struct hostif *have, struct err *e)
{
	const struct link *br = links_by_name(h->links, have->master);
	if (!br || !br->br_vlan_filtering)
		return 0;
	have->filtered = true;
	int r = rtnl_get_vlans(h->rtnl, have->ifindex, &have->vlans, e);
	return r < 0 ? err_wrapf(e, "read the VLANs of %s", have->name), r : 0;
}

/* A set is replaced by removing first, so it never widens. */
static bool vlan_differs(const struct hostif *have, const struct hostif *want)
{
	if (!want->master[0] || !want->filtered)
		return false;
	return strcmp(have->master, want->master) || !vlan_equal(&have->vlans, &want->vlans);
}

static int vlan_apply(struct host *h, const struct hostif *from, const struct hostif *to,
		      struct err *e)
{
	/* On a new port the kernel has just set the bridge's default VLAN: look before comparing. */
	struct hostif now = *from;
	if (!to->filtered)
		return 0;
	memcpy(now.master, to->master, sizeof(now.master));
	int r = vlan_observe(h, &now, e);
	if (r < 0)
		return r;
	r = rtnl_set_vlans(h->rtnl, from->ifindex, &now.vlans, &to->vlans, e);
	return r < 0 ? err_wrapf(e, "set the VLANs of %s on bridge %s", from->name, to->master), r
		     : 0;
}

const struct step *const *steps_bridge(void)
{
	static const struct step bridge = {
		.name = "bridge",
		.stage = STEP_BRIDGE,
		.observe = bridge_observe,
		.differs = bridge_differs,
		.apply = bridge_apply,
	};
	static const struct step port = {
		.name = "port",
		.stage = STEP_PORT,
		.differs = port_differs,
		.empty = port_empty,
		.quiesce = port_moves,
		.apply = port_apply,
	};
	static const struct step vlan = {
		.name = "vlan",
		.stage = STEP_VLAN,
		.observe = vlan_observe,
		.differs = vlan_differs,
		.apply = vlan_apply,
	};
	static const struct step *const all[] = {&bridge, &port, &vlan, NULL};
	return all;
}
