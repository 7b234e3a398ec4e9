/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire: make one netdev be as wanted: observe, plan, apply, and look again. */
#ifndef NETD_WIRE_H
#define NETD_WIRE_H

#include "host.h"
#include "plan.h"

/*
 * Makes the netdev @ifindex be as @want. Repeats until a look at the kernel shows an empty plan, so 0
 * means that it was seen to be so, not that requests were accepted.
 *
 * @live: a guest is connected over it. What works is kept when something else fails; but a move to
 * another place holds as a whole or is taken back. Without @live everything this call changed is
 * taken back.
 *
 * @return 0 with *@have the last look; -ENODEV without a sentence: it is gone (any more), which the
 * caller knows how to take; -errno with the step's own sentence, *@failed its step; -EBUSY when the
 * facet never holds, because something else sets it back; STEP_PENDING with the sentence of what is
 * waited for: nothing is taken back, call again when told.
 */
int wire(struct host *host, const struct steps *steps, int ifindex, const struct hostif *want,
	 bool live, struct hostif *have, const struct step **failed, struct err *e);

/* Is the netdev a port of a virtual switch, as far as is known? The kernel's bridges are seen by its link. */
bool wire_is_switched(struct host *host, const struct steps *steps, int ifindex);

/* Disconnects a netdev that carries our tag: down, off its bridge, without filter and tag. As wire(). */
int unwire(struct host *host, const struct steps *steps, int ifindex, struct err *e);

/* Sets a netdev down and leaves the rest, its tag above all, as it is. As wire(). */
int wire_down(struct host *host, int ifindex, struct err *e);

#endif
