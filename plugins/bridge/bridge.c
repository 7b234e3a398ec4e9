// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge: a vif is a port of a Linux bridge. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugin.h"

enum {
	OPT_BRIDGE,
	OPT_UPLINK,
	OPT_CREATE,
	OPT_VLAN,
	OPT_MTU,
	OPT_ISOLATED,
	OPT_HAIRPIN,
	OPT_LEARNING,
	OPT_GUARD,
	OPT_COUNT,
};

static const struct option_spec options[] = {
	[OPT_BRIDGE] = {"bridge", OPTION_IFNAME, .help = "the bridge, when not named like the network"},
	[OPT_UPLINK] = {"uplink", OPTION_IFNAME,
			.help = "device that leads out: a port of the bridge, made so with create"},
	[OPT_CREATE] = {"create", OPTION_BOOL, .help = "make the bridge when it is missing"},
	[OPT_VLAN] = {"vlan", OPTION_VLAN, .help = "VLANs of a guest that has no vlan= of its own"},
	[OPT_MTU] = {"mtu", OPTION_INT, .min = 68, .max = 65517,
		     .help = "MTU of guests that have no mtu= of their own, and of a created bridge"},
	[OPT_ISOLATED] = {"isolated", OPTION_BOOL, .help = "guests reach the uplink, not each other"},
	[OPT_HAIRPIN] = {"hairpin", OPTION_BOOL, .help = "frames may leave by the port they came in"},
	[OPT_LEARNING] = {"learning", OPTION_BOOL, .help = "learn MAC addresses on guests' ports"},
	[OPT_GUARD] = {"guard", OPTION_BOOL, .help = "drop spanning-tree frames from guests"},
	[OPT_COUNT] = {NULL},
};

/*
 * The bridge's name. An implied network is named like the vif's `bridge` key, free text of the
 * toolstack: it is looked up, and a name that no device can have simply does not exist.
 */
static const char *bridge_of(const struct network *net)
{
	return network_str(net, OPT_BRIDGE) ?: net->name;
}

static const struct link *find_bridge(const struct links *links, const char *name)
{
	const struct link *l = links_by_name(links, name);
	return l && !strcmp(l->kind, "bridge") ? l : NULL;
}

/*
 * vif-bridge's own rule from the days when network-bridge renamed eth0 away: xenbr0 that is missing
 * means a bridge called eth0. For implied networks only; netd.conf says what it means.
 */
static const struct link *legacy_bridge(const struct links *links, const struct network *net)
{
	char name[IFNAMSIZ];
	if (!net->implied || strncmp(net->name, "xenbr", 5))
		return NULL;
	snprintf(name, sizeof(name), "eth%.10s", net->name + 5);
	return find_bridge(links, name);
}

static int missing(const struct want_in *in, const char *name, struct err *e)
{
	char list[256];
	const struct link *other = links_by_name(in->links, name);
	plugin_list_bridges(in->links, list, sizeof(list));
	if (other)
		return err_setf(e, -ENOENT,
				"\"%s\" is not a Linux bridge%s%s; bridges here: %s; give the vif the right "
				"bridge= or network", name, other->kind[0] ? " but of kind " : "",
				other->kind, list);
	return err_setf(e, -ENOENT,
			"bridge \"%.32s\" does not exist; bridges here: %s; make it, say create = true "
			"for its network in netd.conf, or give the vif another bridge=", name, list);
}

/* Without `create` the uplink is somebody else's to add; a guest that cannot get out is told so. */
static int check_uplink(const struct links *links, const struct link *br, const char *uplink,
			struct err *e)
{
	const struct link *up = links_by_name(links, uplink);
	if (up && up->master == br->ifindex)
		return 0;
	return err_setf(e, -ENOENT,
			"uplink \"%s\" %s; add it to bridge %s by the host's network configuration, or "
			"take uplink out of the network", uplink,
			up ? "is not a port of the bridge" : "does not exist", br->name);
}

static uint32_t port_flags(const struct network *net)
{
	return (network_num(net, OPT_ISOLATED, 0) ? HOSTIF_PORT_ISOLATED : 0) |
	       (network_num(net, OPT_HAIRPIN, 0) ? HOSTIF_PORT_HAIRPIN : 0) |
	       (network_num(net, OPT_LEARNING, 1) ? HOSTIF_PORT_LEARNING : 0) |
	       (network_num(net, OPT_GUARD, 0) ? HOSTIF_PORT_GUARD : 0);
}

static int want_vlans(const struct want_in *in, uint16_t pvid, struct hostif *want, struct err *e)
{
	const char *bridge = want->bridge.name;
	const char *vlan = in->req->vlan[0] ? in->req->vlan : network_str(in->net, OPT_VLAN);
	if (vlan && !want->filtered)
		return err_setf(e, -EINVAL,
				"vlan=%.64s needs a bridge that filters VLANs, and %s does not; switch it on "
				"for the whole bridge (ip link set %s type bridge vlan_filtering 1) or take "
				"vlan= out", vlan, bridge, bridge);
	if (vlan) {
		int r = vlan_parse(vlan, &want->vlans, e);
		if (want->bridge.create)
			want->bridge.vlans = want->vlans;
		return r < 0 ? err_wrapf(e, "vlan=%.64s", vlan), r : 0;
	}
	/* No VLAN given: exactly the bridge's default, also for a guest that had others before. */
	if (want->filtered && pvid) {
		vlan_add(&want->vlans, pvid, true);
		want->vlans.pvid = pvid;
	}
	return 0;
}

/*
 * The MTU that frames meet on the way out: the uplinks', else the bridge's. The bridge's own is no
 * good measure when it has uplinks, as any port with a smaller MTU lowers it.
 */
static uint32_t bridge_mtu(const struct links *links, const struct link *br)
{
	uint32_t mtu = 0;
	struct vif_key key;
	enum vif_dev dev;
	links_for_each(links, l) {
		if (l->master != br->ifindex || l->parent[0] || (mtu && l->mtu >= mtu))
			continue;
		if (!vif_tag_parse(l->alias, &key, &dev) && !vif_name_parse(l->name, &key, &dev))
			mtu = l->mtu;
	}
	return mtu ?: br->mtu;
}

static int bridge_want(const struct want_in *in, struct hostif *want, struct err *e)
{
	const struct network *net = in->net;
	const char *name = bridge_of(net), *uplink = network_str(net, OPT_UPLINK);
	bool create = network_num(net, OPT_CREATE, 0);
	const struct link *br = find_bridge(in->links, name) ?: legacy_bridge(in->links, net);
	if (!br && (!create || links_by_name(in->links, name)))
		return missing(in, name, e);

	if (br && uplink && !create) {
		int r = check_uplink(in->links, br, uplink, e);
		if (r < 0)
			return r;
	}
	snprintf(want->bridge.name, sizeof(want->bridge.name), "%.15s", br ? br->name : name);
	memcpy(want->master, want->bridge.name, sizeof(want->master));
	want->port_flags = port_flags(net);
	want->bridge.create = create;
	want->bridge.mtu = network_num(net, OPT_MTU, 0);
	want->bridge.vlan_filtering = !br && network_str(net, OPT_VLAN);
	if (create && uplink)
		snprintf(want->bridge.uplink, sizeof(want->bridge.uplink), "%s", uplink);

	want->mtu = in->req->mtu ?: want->bridge.mtu;
	if (!want->mtu && br)
		want->mtu = bridge_mtu(in->links, br);
	want->filtered = br ? br->br_vlan_filtering : want->bridge.vlan_filtering;
	return want_vlans(in, br ? br->br_default_pvid : 1, want, e);
}

static int bridge_check(const struct network *net, struct err *e)
{
	if (vif_ifname_ok(bridge_of(net)))
		return 0;
	return err_setf(e, -EINVAL,
			"\"%.64s\" cannot be the name of a bridge (1 to 15 characters, no '/', ':', '%%' or "
			"blank); say bridge = NAME", bridge_of(net));
}

/* The address of this object is how the core finds the mode: see plugin.h. */
extern const struct plugin xen_netd_plugin;

const struct plugin xen_netd_plugin = {
	.abi = PLUGIN_ABI,
	.mode = "bridge",
	.help = "ports of a Linux bridge",
	.options = options,
	.n_options = OPT_COUNT,
	.check = bridge_check,
	.want = bridge_want,
	.bridge = bridge_of,
};
