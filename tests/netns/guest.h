/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest: a domain: its xenstore entries, its network namespace, its pings. */
#ifndef NETNS_GUEST_H
#define NETNS_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "net.h"

struct world;
struct nic;

struct guest {
	struct world *w;
	struct guest *next;
	unsigned domid;
	char name[64], uuid[40];
	struct net net;
	bool running; /* its frontends connect by themselves; false: still paused by the toolstack
		       */
	int icmp;
	uint16_t seq, got_seq; /* of echo requests; of the last answer */
	uint32_t got_from;     /* network order */
};

/* Creates the domain, paused, with an empty namespace. @name "" leaves /local/domain/F/name out. */
struct guest *guest_new(struct world *w, unsigned domid, const char *name);
/* Without a namespace of its own: its cards live in @home's. For many guests at once. */
struct guest *guest_new_in(struct world *w, unsigned domid, const char *name, struct guest *home);
void guest_unpause(struct guest *g);
/* xl destroy of the domain itself, after its vifs. */
void guest_destroy(struct guest *g);
/* Writes the domain's keys again, after the store was lost. */
void guest_write_keys(struct guest *g);

/* Gives the card @nic its address, up. Called by netback when the card appears. */
void guest_plug(struct nic *nic);

/* Pings an IPv4 address until an answer comes. @return false after @ms. */
bool guest_pings(struct guest *g, const char *addr, int ms);
/* The same from the guest's emulated card: an ARP request on the tap @nic->tap. */
bool guest_tap_arps(struct nic *nic, const char *addr, int ms);

#endif
