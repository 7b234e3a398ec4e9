/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steps: the steps every mode has, and their merge with a mode's own. */
#ifndef NETD_STEPS_H
#define NETD_STEPS_H

#include "plugin.h"
#include "step.h"

enum { STEPS_MAX = 24 };

/* In the order of their stages. */
struct steps {
	const struct step *at[STEPS_MAX];
	size_t n;
};

/* The core's steps and those of @plugin (NULL: none). */
void steps_merge(const struct plugin *plugin, struct steps *out);
/*
 * Those of a further mode. A vif is wired with the steps of all modes: who leaves a network, or the
 * host, leaves what its mode has made, too.
 */
void steps_add(const struct plugin *plugin, struct steps *out);

/* Groups of the core's steps, each defined in its file; NULL-terminated. */
const struct step *const *steps_link(void);   /* name, quiet, mtu, up */
const struct step *const *steps_filter(void); /* filter */
const struct step *const *steps_bridge(void); /* bridge, port, vlan */
const struct step *const *steps_nat(void);    /* gateway, nat, dhcp */
const struct step *const *steps_router(void); /* forward, conf, addr */
const struct step *const *steps_route(void);  /* route, neigh, proxy */

#endif
