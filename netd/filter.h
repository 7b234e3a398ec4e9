/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter: what a guest may send, as a value. Part of struct hostif. Pure. */
#ifndef NETD_FILTER_H
#define NETD_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

enum {
	FILTER_ADDRS_MAX = 33, /* the 32 of a vif, and the link-local one made of its MAC */
	FILTER_MAC_SIZE = 6,
};

/* What a guest is kept from sending although it sends as itself. */
enum filter_guard {
	FILTER_GUARD_RA = 1 << 0,      /* IPv6 router advertisements and redirects */
	FILTER_GUARD_DHCP = 1 << 1,    /* answers of a DHCP server, IPv4 and IPv6 */
	FILTER_GUARD_VLAN = 1 << 2,    /* tagged frames, 802.1Q and 802.1ad */
	FILTER_GUARD_CONTROL = 1 << 3, /* STP, LACP, LLDP, CDP: 01:80:c2:00:00:0x and their like */
	FILTER_GUARD_ALL = (1 << 4) - 1,
};

/* Counted in frames a second; each limit has a burst of a second's worth. */
enum filter_limit {
	FILTER_LIMIT_PACKETS,	  /* all */
	FILTER_LIMIT_CONNECTIONS, /* TCP's first packet (SYN without ACK) */
	FILTER_LIMIT_BROADCAST,	  /* to broadcast and multicast MACs */
	FILTER_LIMIT_COUNT,
};

/* Why a frame was dropped, as counted for each vif. */
enum filter_reason {
	FILTER_DROP_MAC, /* a source MAC that is not the guest's */
	FILTER_DROP_ARP, /* ARP or RARP that tells of another MAC or address; malformed ARP */
	FILTER_DROP_IP,	 /* an IPv4 source that is not the guest's */
	FILTER_DROP_IP6, /* an IPv6 source that is not the guest's; headers that cannot be read */
	FILTER_DROP_ND,	 /* IPv6 neighbour discovery about others, and ICMPv6 from others */
	FILTER_DROP_PROTOCOL, /* neither IP nor ARP, from a bridged guest of known addresses */
	FILTER_DROP_RA,
	FILTER_DROP_DHCP,
	FILTER_DROP_VLAN,
	FILTER_DROP_CONTROL,
	FILTER_DROP_PACKETS, /* the three limits */
	FILTER_DROP_CONNECTIONS,
	FILTER_DROP_BROADCAST,
	FILTER_DROP_COUNT,
};

/*
 * Zeroed: no filter at all. With @on the source MAC of every frame must be @mac, and ARP and
 * neighbour advertisements must tell of no other. Unless @any_addr, IPv4, IPv6, ARP and neighbour
 * discovery must come from and speak for @addrs alone (and what a guest needs to get at them: DHCP,
 * DAD), and other protocols do not pass.
 */
struct filter {
	bool on;
	bool any_addr;
	bool routed; /* dom0 routes to it; else it is a bridge's port */
	bool odd;    /* have only: the kernel holds something that no filter would have put there */
	uint8_t guards; /* enum filter_guard */
	uint8_t mac[FILTER_MAC_SIZE];
	uint32_t limit[FILTER_LIMIT_COUNT]; /* a second; 0 = no limit */
	size_t n_addrs;
	/* Hosts, and networks behind a routed guest, as their prefix says; sorted, none twice. */
	struct addr addrs[FILTER_ADDRS_MAX];
};

/*
 * Adds the host of @a, whatever its prefix. Keeps the order, so that equal sets are equal values.
 * @return false: no room.
 */
bool filter_add_addr(struct filter *f, const struct addr *a);
/* The same of the network that @a is with its prefix; the host's bits are 0. */
bool filter_add_net(struct filter *f, const struct addr *a);

bool filter_equal(const struct filter *a, const struct filter *b);

/* "mac", "arp", …: as counted, and in the names of sets and of the control protocol. */
const char *filter_reason_name(enum filter_reason r);

/* "10.0.0.5", or "10.0.8.0/24" for a network. @return @buf. */
const char *filter_addr_print(const struct addr *a, char *buf, size_t size);

/* "00:16:3e:00:00:01 10.0.0.5 fe80::… guards=rdvc pps=100" or "off". @return @buf. */
const char *filter_print(const struct filter *f, char *buf, size_t size);

/*
 * Fills @want->filter from what is known of a vif, after its mode's want(): a mode that knows the
 * guest's addresses has put them there, else what is routed to it is taken, else those of `ip=`.
 * @antispoof: a domain's word on it, which goes before the network's. Also asks for
 * HOSTIF_PORT_LINKLOCAL. For a port of Open vSwitch it is @want->ovs.filter instead, and only if
 * antispoof is said to be true. A netdev that is wired to none of these gets none.
 *
 * @return 0; 1 when a host without nf_tables may do without it, for the administrator has given up
 * antispoof; -EINVAL for a wrong word in `ip=`, if the addresses are needed. Pure.
 */
struct hostif;
struct network;
struct option_value;
struct vif_req;
int filter_want(const struct vif_req *req, const struct network *net,
		const struct option_value *antispoof, struct hostif *want, struct err *e);

#endif
