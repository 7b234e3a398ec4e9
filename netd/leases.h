/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leases: the address plan: which guest has which address, in memory and as text. Pure. */
#ifndef NETD_LEASES_H
#define NETD_LEASES_H

#include "buf.h"
#include "lease.h"

/*
 * A guest is known by its MAC. Its first choice is computed from that, so that even a lost plan
 * would give nearly all their old addresses; what differs from it, because two first choices met or
 * because `ip=` said so, is what must be remembered.
 *
 * An address stays its guest's while there is another one to give. When there is none, the guest
 * that is not here and was seen last the longest ago loses its own.
 */
struct leases;

/* Is a guest with this MAC here now, in this network? */
typedef bool leases_here_fn(void *arg, const char *network, const uint8_t mac[6]);

struct leases *leases_new(void);
void leases_free(struct leases *ls);

/* Who asks, and when. */
struct leases_guest {
	const uint8_t *mac;
	const char *name; /* for who reads the file, and errors; may be "" */
	uint32_t day;	  /* since the epoch */
	leases_here_fn *here;
	void *arg;
};

/*
 * Finds or makes the guest's lease in @pool, whose gw4 must be known. @return 0; 1: done, and the
 * plan has changed: save it before anybody is told; 2: only the day has; -ENOSPC, -EADDRINUSE,
 * -EINVAL with a sentence; -ENOMEM.
 */
int leases_take(struct leases *ls, const struct lease_pool *pool, const struct leases_guest *g,
		struct lease *out, struct err *e);
/* Takes back what the last leases_take() that returned 1 has changed: it could not be saved. */
void leases_undo(struct leases *ls);

/* dom0's address in a network whose subnet the daemon chose. @return false: none is remembered. */
bool leases_network(const struct leases *ls, const char *network, struct addr *gw4);
int leases_set_network(struct leases *ls, const char *network,
		       const struct addr *gw4); /* 0, -ENOMEM */

size_t leases_count(const struct leases *ls);

/*
 * The text of the file:
 *	version 1
 *	network NAME ADDRESS/LENGTH
 *	lease NETWORK MAC IPV4 IPV6|- DAY NAME|-
 *	end LINES CRC32
 * @return 0 or -ENOMEM.
 */
int leases_print(const struct leases *ls, struct buf *out);
/*
 * Adds what @text says. @return 0; 1: something in it is wrong, and all that is right was taken;
 * -ENOMEM.
 */
int leases_parse(struct leases *ls, const char *text, struct err *e);

#endif
