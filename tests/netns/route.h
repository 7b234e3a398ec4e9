/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route: a host for the cases of route mode: a LAN behind eth0, dom0 in the middle, guests. */
#ifndef NETNS_ROUTE_H
#define NETNS_ROUTE_H

#include "case.h"

#define GW4  "192.168.7.1" /* dom0 on eth0 */
#define LAN4 "192.168.7.2" /* the LAN's host */
#define GW6  "2001:db8:7::1"
#define LAN6 "2001:db8:7::2"

/* Every guest in a network that answers for it on eth0. */
#define ROUTE_PROXIED                                                    \
	"network lan { mode = route gateway-dev = eth0 proxy = true }\n" \
	"domain \"*\" { network = lan }\n"

extern struct net route_lan;

/* eth0 with both families, the LAN's host behind it, forwarding as @forwarding says. */
void route_host(struct world *w, const char *config, bool forwarding);
/* A guest with 192.168.7.<domid> and 2001:db8:7::<domid>: script vif-route, gatewaydev eth0. */
struct nic *route_guest(struct world *w, unsigned domid, const char *name);
/* Inside the guest: gateway and default routes, as the manual says. */
void route_guest_config(struct nic *nic);
/* Both, attached. */
struct nic *route_attached(struct world *w, unsigned domid, const char *name);
/* On the LAN's host: routes to that guest by dom0. */
void route_lan_config(struct world *w, unsigned domid);

/* A program in a namespace. @return its output, as text(), also when it fails. */
const char *route_in(struct world *w, const struct net *n, const char *const *argv, int *status);
#define IN(w, net_, ...)                                                                          \
	({                                                                                        \
		int status_;                                                                      \
		const char *out_ = route_in((w), (net_),                                          \
					    (const char *const[]) {__VA_ARGS__, NULL}, &status_); \
		if (status_)                                                                      \
			fail_msg("failed with status %d: %s", status_, #__VA_ARGS__);             \
		out_;                                                                             \
	})
#define DOM0(w, ...) IN((w), &(w)->net, __VA_ARGS__)

void route_sysctl_put(const struct world *w, const struct net *n, const char *path,
		      const char *value);
const char *route_sysctl_get(const char *path); /* dom0's, as text() */
bool route_pings(struct world *w, const struct net *from, const char *to);

const char *route_ours(struct world *w); /* routes of our protocol, both families, all tables */
/* Whatever carries our protocol: routes, neighbours, proxy entries. */
const char *route_traces(struct world *w);

#endif
