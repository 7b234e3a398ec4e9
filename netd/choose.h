/* SPDX-License-Identifier: GPL-2.0-or-later */
/* choose: which network a vif belongs to, and why. Pure. */
#ifndef NETD_CHOOSE_H
#define NETD_CHOOSE_H

#include "config.h"
#include "links.h"

struct choice {
	/*
	 * Points into the configuration, or to @implied. Copying a choice must fix this pointer:
	 * use it at once, keep the names only.
	 */
	const struct network *net;
	struct network implied;
	/* From a `domain` block, whoever chose the network; unset: as the network says. */
	struct option_value antispoof;
	/* For status: "xenstore key network", "netd.conf:12 domain \"web*\"", "script vif-nat" */
	char by[128];
};

/*
 * Whether a vif is ours at all is decided before (its script, see script.h); @script_name is the
 * basename of its script key. The first that answers wins:
 *  1. the xenstore key `network`: must name a network of the configuration, or it is an error;
 *  2. a `domain` block that matches the domain's name, UUID or the vif's MAC;
 *  3. the script's name: vif-bridge, vif-route, vif-openvswitch imply a network named like the `bridge`
 *     key (vif-route: like `gatewaydev`) of mode bridge, route, ovs. Without that key a network "route",
 *     or an error: the other two need a bridge. vif-nat means the private network (mode nat) that
 *     `bridge` names, else the first one of the configuration, else the built-in one, virbr0;
 *  4. script vif-netd: `bridge` names a network of the configuration; else an existing Linux bridge
 *     (kind "bridge") or OVS bridge (kind "openvswitch") of that name implies one; else virbr0 is the
 *     built-in private network, if the configuration has none; else the default network. (In 3.
 *     vif-bridge means it too, when there is no such bridge.)
 *
 * @return 0; -ENOENT (an unknown network, no bridge and no default: the text says what exists), or
 * the error of a mode whose plugin is not there.
 */
int choose_network(const struct config *c, const struct plugins *plugins, const struct links *links,
		   const struct vif_req *req, const char *script_name, struct choice *out,
		   struct err *e);

#endif
