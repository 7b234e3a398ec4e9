/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhcp: a guest's DHCP client, as raw as a boot loader's: it checks the checksums it is sent. */
#ifndef NETNS_DHCP_H
#define NETNS_DHCP_H

#include "case.h"

struct dhcp_lease {
	char addr[16], router[16], dns[16], domain[64], name[64];
	unsigned prefix;
	unsigned bad_checksums; /* answers that a careful client would have thrown away */
};

/* As a client of another MAC, or with another's identifier; zeroed: the card's own, and none. */
struct dhcp_as {
	const uint8_t *mac;	/* in the DHCP message; the frame has the card's */
	const char *client_id;
};

/* Asks until it has a lease. @return false after @ms. */
bool dhcp_get(struct nic *nic, const struct dhcp_as *as, struct dhcp_lease *out, int ms);
/* Sends one message and waits for no answer: 1 DISCOVER, 4 DECLINE, 7 RELEASE of @addr. */
void dhcp_send(struct nic *nic, const struct dhcp_as *as, int type, const char *addr,
	       const char *server);
/* Many at once: sends DISCOVER for each of @n MACs, and counts the different addresses offered in @ms. */
unsigned dhcp_flood(struct nic *nic, unsigned n, int ms);

/* All at once. @return how many had a lease, each another, within @ms. */
unsigned dhcp_all(struct nic **nics, unsigned n, int ms);

/* DHCPv6, one exchange with rapid commit. @return whether an address came. */
bool dhcp6_get(struct nic *nic, char addr[46], int ms);

#endif
