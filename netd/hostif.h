/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostif: what dom0 should have, or has, for one netdev of a vif. A value type. */
#ifndef NETD_HOSTIF_H
#define NETD_HOSTIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

#include "filter.h"
#include "nat.h"
#include "ovs.h"
#include "router.h"
#include "vlan.h"

/* The ifalias of a bridge that we made and that goes with its last user. */
#define HOSTIF_PASSING "xen-netd network"

enum {
	HOSTIF_ALIAS_SIZE = 32, /* "xen-netd vif65535.4294967295-emu" at most, cut at 31 */
	HOSTIF_ALEN = 6, /* ETH_ALEN */
	HOSTIF_TEXT_SIZE = 1024 + ROUTER_TEXT_SIZE + OVS_TEXT_SIZE + NAT_TEXT_SIZE,
};

/* Flags of a bridge port; the kernel's defaults are HOSTIF_PORT_LEARNING alone. */
enum hostif_port_flag {
	HOSTIF_PORT_ISOLATED = 1 << 0, /* IFLA_BRPORT_ISOLATED: may not talk to isolated ports */
	HOSTIF_PORT_HAIRPIN = 1 << 1,  /* IFLA_BRPORT_MODE: frames may leave where they came in */
	HOSTIF_PORT_LEARNING = 1 << 2, /* IFLA_BRPORT_LEARNING */
	HOSTIF_PORT_GUARD = 1 << 3,    /* IFLA_BRPORT_GUARD: drop the guest's STP BPDUs */
	/*
	 * IFLA_BRPORT_GROUP_FWD_MASK, all of it: frames to 01:80:c2:00:00:0x are forwarded, and meet the
	 * filter on the way. Without it the bridge takes them past netfilter for itself, and learns
	 * their source MAC: one LLDP frame with a neighbour's MAC, and a guest has its traffic.
	 */
	HOSTIF_PORT_LINKLOCAL = 1 << 4,
};

/* The bridge a netdev is to be a port of. */
struct hostif_bridge {
	char name[IFNAMSIZ];   /* "" = no bridge */
	bool create;	       /* make it when it is missing, and keep it made */
	char uplink[IFNAMSIZ]; /* made a port of a bridge that we create; "" = none */
	uint32_t mtu;	       /* bytes, for a bridge that we create; 0 = the kernel's default */
	bool vlan_filtering;   /* have: its state; want: what a bridge that we create gets */
	/*
	 * want: those of the guest that shall lead out of a bridge that we create; have: which of them
	 * the uplink and the bridge itself carry. Which are untagged does not count.
	 */
	struct vlan_set vlans;
	bool passing;	       /* want: goes with its last user, when it is we who made it */
};

/*
 * One value answers "what should be" (plugin->want) and "what is" (observe): copy it with `=`,
 * compare it facet by facet with the steps' differs(). It holds no pointers and owns nothing.
 * A zeroed value means "not wired at all": the target of a teardown, and the state of a netdev that
 * does not exist.
 */
struct hostif {
	int ifindex;	     /* have only; 0 = there is no such netdev */
	char name[IFNAMSIZ]; /* netdev name */
	char alias[HOSTIF_ALIAS_SIZE]; /* ifalias: ownership tag, see vif_tag() */
	uint8_t mac[HOSTIF_ALEN];
	bool v6_quiet; /* no IPv6 link-local address of its own (addr_gen_mode none, or no IPv6) */
	bool no_addrs; /* no IPv4 or IPv6 address on it */
	uint32_t mtu;  /* bytes; want: 0 = leave as it is */
	bool up;
	struct filter filter; /* what the guest may send */

	struct hostif_bridge bridge; /* the bridge itself, not the membership */
	char master[IFNAMSIZ];	     /* Linux bridge this netdev is a port of; "" = none */
	uint32_t port_flags;	     /* enum hostif_port_flag; meaningful with a master */
	bool filtered;		     /* the master filters VLANs */
	struct vlan_set vlans;	     /* port membership, when filtered; else empty */

	struct router router; /* how dom0 routes to it */
	struct ovs_port ovs;  /* its port in an Open vSwitch bridge */
	struct nat nat;	      /* the private network it is in */
};

/*
 * Writes one line of "key=value" words that tell all of @h, for the debug log and for test failures.
 * @return @buf, always NUL-terminated.
 */
const char *hostif_print(const struct hostif *h, char *buf, size_t size);

#endif
