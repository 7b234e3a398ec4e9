// SPDX-License-Identifier: GPL-2.0-or-later
/* hostif: printing the value; comparing is the steps' business. */
#include "hostif.h"

#include <stdio.h>

const char *hostif_print(const struct hostif *h, char *buf, size_t size)
{
	char vlans[128], filter[640], router[ROUTER_TEXT_SIZE], ovs[OVS_TEXT_SIZE], nat[NAT_TEXT_SIZE];
	const uint8_t *m = h->mac;
	snprintf(buf, size,
		 "name=%s ifindex=%d alias=\"%s\" mac=%02x:%02x:%02x:%02x:%02x:%02x v6-quiet=%d "
		 "no-addrs=%d mtu=%u up=%d bridge=%s create=%d master=%s flags=%s%s%s%s%s vlans=%s filter=%s%s "
		 "ovs=%s%s",
		 h->name, h->ifindex, h->alias, m[0], m[1], m[2], m[3], m[4], m[5], h->v6_quiet,
		 h->no_addrs, h->mtu, h->up, h->bridge.name, h->bridge.create, h->master,
		 h->port_flags & HOSTIF_PORT_ISOLATED ? "i" : "",
		 h->port_flags & HOSTIF_PORT_HAIRPIN ? "h" : "",
		 h->port_flags & HOSTIF_PORT_LEARNING ? "l" : "",
		 h->port_flags & HOSTIF_PORT_GUARD ? "g" : "",
		 h->port_flags & HOSTIF_PORT_LINKLOCAL ? "c" : "",
		 vlan_print(&h->vlans, vlans, sizeof(vlans)),
		 filter_print(&h->filter, filter, sizeof(filter)),
		 router_print(&h->router, router, sizeof(router)),
		 ovs_print(&h->ovs, ovs, sizeof(ovs)),
		 nat_print(&h->nat, nat, sizeof(nat)));
	return buf;
}
