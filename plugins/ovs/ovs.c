// SPDX-License-Identifier: GPL-2.0-or-later
/* ovs: a vif is a port of an Open vSwitch bridge. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugin.h"
#include "spec.h"
#include "step.h"
#include "steps-ovs.h"

enum {
	OPT_BRIDGE,
	OPT_CREATE,
	OPT_DATAPATH,
	OPT_FAIL_MODE,
	OPT_CONTROLLER,
	OPT_VLAN,
	OPT_VLAN_MODE,
	OPT_MTU,
	OPT_ISOLATED,
	OPT_RATE_IN,
	OPT_RATE_OUT,
	OPT_MIRROR,
	OPT_IFACE_ID,
	OPT_COUNT,
};

static const char *const datapaths[] = {"system", "netdev", NULL};
/* In the order of enum ovs_fail_mode and ovs_vlan_mode, without the first. */
static const char *const fail_modes[] = {"standalone", "secure", NULL};
static const char *const vlan_modes[] = {"access", "trunk", "native-tagged", "native-untagged", NULL};

static const struct option_spec options[] = {
	[OPT_BRIDGE] = {"bridge", OPTION_IFNAME, .help = "the bridge, when not named like the network"},
	[OPT_CREATE] = {"create", OPTION_BOOL, .help = "make the bridge when it is missing"},
	[OPT_DATAPATH] = {"datapath", OPTION_WORD, .words = datapaths,
			  .help = "of a created bridge: the kernel's, or ovs-vswitchd's own"},
	[OPT_FAIL_MODE] = {"fail-mode", OPTION_WORD, .words = fail_modes,
			   .help = "of a created bridge: what it does without its controller"},
	[OPT_CONTROLLER] = {"controller", OPTION_STRING,
			    .help = "of a created bridge: its OpenFlow controller, tcp:ADDRESS:PORT"},
	[OPT_VLAN] = {"vlan", OPTION_VLAN, .help = "VLANs of a guest that has none of its own"},
	[OPT_VLAN_MODE] = {"vlan-mode", OPTION_WORD, .words = vlan_modes,
			   .help = "what the tag and the trunks mean"},
	[OPT_MTU] = {"mtu", OPTION_INT, .min = 68, .max = 65517,
		     .help = "MTU of guests that have no mtu= of their own"},
	[OPT_ISOLATED] = {"isolated", OPTION_BOOL, .help = "guests do not reach each other"},
	[OPT_RATE_IN] = {"rate-in", OPTION_INT, .min = 1, .max = 0x7fffffff,
			 .help = "kbit/s that a guest may send"},
	[OPT_RATE_OUT] = {"rate-out", OPTION_INT, .min = 1, .max = 0x7fffffff,
			  .help = "kbit/s that a guest is sent"},
	[OPT_MIRROR] = {"mirror", OPTION_IFNAME, .help = "port that gets a copy of guests' frames"},
	[OPT_IFACE_ID] = {"iface-id", OPTION_STRING,
			  .help = "by what a controller knows guests' ports, e.g. \"{uuid}-{devid}\""},
	[OPT_COUNT] = {NULL},
};

static const char *bridge_of(const struct network *net)
{
	return network_str(net, OPT_BRIDGE) ?: net->name;
}

/* `bridge=` counts for its VLANs if it names this network or bridge; it may name another, or none. */
static bool has_suffix(const struct want_in *in)
{
	const char *text = in->req->bridge;
	if (!text[strcspn(text, ".:")])
		return false;
	return in->net->implied || spec_names(text, in->net->name) ||
	       spec_names(text, bridge_of(in->net));
}

static int want_vlans(const struct want_in *in, struct ovs_port *p, struct err *e)
{
	struct vlan_set set = {.pvid = 0};
	const char *own = in->req->vlan[0] ? in->req->vlan : NULL;
	const char *text = own ?: network_str(in->net, OPT_VLAN);
	bool suffix = has_suffix(in);
	int r = 0;
	if (suffix && own)
		return err_setf(e, -EINVAL,
				"both bridge=%.64s and vlan=%.64s name VLANs: take one of them out",
				in->req->bridge, own);
	if (suffix)
		r = spec_parse_suffix(in->req->bridge, p, e);
	else if (text && (r = vlan_parse(text, &set, e)) >= 0)
		r = spec_vlans(&set, p, e);
	if (r < 0 && !suffix)
		return err_wrapf(e, "vlan=%.64s", text), r;
	if (r >= 0 && (p->tag || text || suffix))
		p->vlan_mode = network_num(in->net, OPT_VLAN_MODE, (int)p->vlan_mode - 1) + 1;
	return r;
}

static bool has_twin(const struct want_in *in)
{
	char name[IFNAMSIZ];
	vif_wanted_name(in->req, VIF_DEV_EMU, name);
	return in->req->hvm && links_by_name(in->links, name);
}

/*
 * Two ports with one iface-id would be one too many for OVN: of an HVM guest the card has it that is in
 * use. The emulated one is, until the guest's PV driver connects.
 */
static bool is_active(const struct want_in *in)
{
	bool pv = in->req->state == XENBUS_CONNECTED || !has_twin(in);
	return pv == (in->dev == VIF_DEV_PV);
}

static int want_iface_id(const struct want_in *in, struct ovs_port *p, struct err *e)
{
	const struct vif_req *req = in->req;
	const char *pattern = network_str(in->net, OPT_IFACE_ID);
	if (!is_active(in))
		return 0;
	if (req->iface_id[0]) {
		snprintf(p->iface_id, sizeof(p->iface_id), "%s", req->iface_id);
		return 0;
	}
	if (!pattern)
		pattern = req->uuid[0] ? "{uuid}-{devid}" : "{mac}";
	int r = spec_iface_id(pattern, req, p->iface_id, sizeof(p->iface_id), e);
	if (r == 1)
		return err_setf(e, -ENOENT,
				"iface-id \"%.64s\" of network %s needs what is not known of this guest: its "
				"name or UUID", pattern, in->net->name);
	return r;
}

static void want_ids(const struct want_in *in, struct ovs_port *p)
{
	vif_tag(in->req->key, in->dev, p->owner);
	memmove(p->owner, strchr(p->owner, ' ') + 1, strlen(strchr(p->owner, ' ')));
	p->ifindex = in->netdev ? in->netdev->ifindex : 0;
	spec_mac(in->req->mac, p->mac);
	spec_utf8(in->req->domain_raw, p->vm_name, sizeof(p->vm_name));
	snprintf(p->vm_uuid, sizeof(p->vm_uuid), "%s", in->req->uuid);
}

static void want_bridge(const struct network *net, struct ovs_bridge *br)
{
	snprintf(br->name, sizeof(br->name), "%.15s", bridge_of(net));
	br->create = network_num(net, OPT_CREATE, 0);
	if (!br->create)
		return;
	br->userspace = network_num(net, OPT_DATAPATH, 0);
	br->fail_mode = network_num(net, OPT_FAIL_MODE, -1) + 1;
	snprintf(br->controller, sizeof(br->controller), "%s", network_str(net, OPT_CONTROLLER) ?: "");
}

static int ovs_want(const struct want_in *in, struct hostif *want, struct err *e)
{
	const struct network *net = in->net;
	struct ovs_port *p = &want->ovs;
	if (!vif_ifname_ok(bridge_of(net)))
		return err_setf(e, -ENOENT,
				"\"%.64s\" cannot be a bridge of Open vSwitch (1 to 15 characters); write "
				"bridge=NAME[.TAG][:TRUNK[:TRUNK...]]", in->req->bridge);
	want_bridge(net, &p->bridge);
	int r = want_vlans(in, p, e);
	if (r >= 0)
		r = want_iface_id(in, p, e);
	if (r < 0)
		return r;
	want_ids(in, p);
	p->isolated = network_num(net, OPT_ISOLATED, 0);
	p->rate_in = network_num(net, OPT_RATE_IN, 0);
	p->rate_out = network_num(net, OPT_RATE_OUT, 0);
	snprintf(p->mirror, sizeof(p->mirror), "%s", network_str(net, OPT_MIRROR) ?: "");
	p->mtu_request = in->req->mtu ?: network_num(net, OPT_MTU, 0);
	p->ofport = 1;

	/* The bridge's own device has the least of its ports' MTUs. */
	const struct link *br = links_by_name(in->links, p->bridge.name);
	want->mtu = p->mtu_request ?: br ? br->mtu : 0;
	return 0;
}

static int ovs_check(const struct network *net, struct err *e)
{
	static const size_t created[] = {OPT_DATAPATH, OPT_FAIL_MODE, OPT_CONTROLLER};
	static const enum network_opt limits[] = {NETWORK_LIMIT_PPS, NETWORK_LIMIT_CONNECTIONS,
						  NETWORK_LIMIT_BROADCAST};
	char scratch[OVS_ID_SIZE];
	const char *pattern = network_str(net, OPT_IFACE_ID);
	if (!vif_ifname_ok(bridge_of(net)))
		return err_setf(e, -EINVAL,
				"\"%.64s\" cannot be the name of a bridge (1 to 15 characters, no '/', ':', "
				"'%%' or blank); say bridge = NAME", bridge_of(net));
	for (size_t i = 0; i < sizeof(created) / sizeof(*created); i++)
		if (net->values && net->values[created[i]].set && !network_num(net, OPT_CREATE, 0))
			return err_setf(e, -EINVAL,
					"%s is for a bridge that is made: say create = true, or set it by "
					"ovs-vsctl", options[created[i]].name);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (network_opt(net, limits[i], 0))
			return err_setf(e, -EINVAL,
					"%s cannot be had in mode ovs; rate-in limits what a guest sends",
					network_options()[limits[i]].name);
	return pattern ? spec_iface_id(pattern, NULL, scratch, sizeof(scratch), e) : 0;
}

/* The address of this object is how the core finds the mode: see plugin.h. */
extern const struct plugin xen_netd_plugin;

const struct plugin xen_netd_plugin = {
	.abi = PLUGIN_ABI,
	.mode = "ovs",
	.help = "ports of an Open vSwitch bridge",
	.options = options,
	.n_options = OPT_COUNT,
	.check = ovs_check,
	.want = ovs_want,
	.bridge = bridge_of,
	.steps = steps_ovs,
	.peer = &peer_ovs,
};
