/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ovs: a port of an Open vSwitch bridge, as a value. Part of struct hostif. Pure. */
#ifndef NETD_OVS_H
#define NETD_OVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

#include "filter.h"
#include "vlan.h"

enum {
	OVS_ID_SIZE = 256,	   /* a name or id of external_ids, longer ones are cut */
	OVS_CONTROLLER_SIZE = 128, /* "tcp:127.0.0.1:6653" */
	OVS_OWNER_SIZE = 32,	   /* as HOSTIF_ALIAS_SIZE */
	OVS_TEXT_SIZE = 1024,
};

/* Port.vlan_mode; ovs-vswitchd.conf.db(5). Default: access with a tag, else trunk. */
enum ovs_vlan_mode {
	OVS_VLAN_DEFAULT,
	OVS_VLAN_ACCESS,
	OVS_VLAN_TRUNK,
	OVS_VLAN_NATIVE_TAGGED,
	OVS_VLAN_NATIVE_UNTAGGED,
};

enum ovs_fail_mode { OVS_FAIL_UNSET, OVS_FAIL_STANDALONE, OVS_FAIL_SECURE };

/* The bridge a port is in. All but the name matters only for a bridge that a network makes. */
struct ovs_bridge {
	char name[IFNAMSIZ]; /* "" = no port of any */
	bool create;	     /* want: make it when it is missing; have: it was made so */
	bool userspace;	     /* datapath_type "netdev" */
	enum ovs_fail_mode fail_mode;
	char controller[OVS_CONTROLLER_SIZE]; /* "" = none */
};

/* The columns of Port and Interface that are ours, named as there. Zeroed: no port. */
struct ovs_port {
	struct ovs_bridge bridge;
	uint16_t tag; /* 0 = none */
	enum ovs_vlan_mode vlan_mode;
	uint64_t trunks[VLAN_WORDS]; /* bit v: VLAN v; none: all, on a trunk */
	bool isolated;		     /* Port.protected: reaches no protected port */
	uint32_t rate_in, rate_out;  /* kbit/s that the guest sends, that it gets; 0 = no limit */
	uint32_t mtu_request;	     /* bytes, 0 = none */
	char mirror[IFNAMSIZ];	     /* port that gets a copy of all frames; "" = none */

	/*
	 * What the guest may send, and the cookie of the OpenFlow flows that see to it, which is made of
	 * it; 0: none. What is observed has the cookie alone.
	 */
	struct filter filter;
	uint64_t guard;

	char owner[OVS_OWNER_SIZE]; /* external_ids:xen-netd: the netdev's ownership tag */
	int ifindex; /* external_ids:xen-netd-ifindex: the netdev it was made for. A vif that comes again
			under the name is another device, which ovs-vswitchd does not look for. */
	char mac[18];		    /* attached-mac */
	char vm_name[OVS_ID_SIZE];  /* xen-vm-name; UTF-8 */
	char vm_uuid[40];	    /* xen-vm-uuid */
	char iface_id[OVS_ID_SIZE]; /* iface-id: by what OVN and other controllers know the port */

	/* have only */
	bool unknown; /* the database has not been seen yet */
	bool foreign; /* somebody else's port of this name */
	bool guard_unknown; /* the bridge's flows have not been seen yet */
	int ofport;   /* > 0: ovs-vswitchd has it; 0: not yet; < 0: it could not */
};

/* Are all columns alike? The guard, and what is "have only", do not count. */
bool ovs_port_equal(const struct ovs_port *a, const struct ovs_port *b);
/* Is the guard as wanted? One that cannot be seen is not, but that none is there is believed. */
bool ovs_guard_equal(const struct ovs_port *have, const struct ovs_port *want);
/* The same for a bridge of the same name that @want makes. */
bool ovs_bridge_equal(const struct ovs_bridge *have, const struct ovs_bridge *want);

/* "ovsbr0 tag=10 trunks=20-30 …" or "none". @return @buf. */
const char *ovs_print(const struct ovs_port *p, char *buf, size_t size);

#endif
