/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netd-priv: for main.c alone: making, running and ending the daemon. */
#ifndef NETD_NETD_PRIV_H
#define NETD_NETD_PRIV_H

#include "netd.h"

/* What the command line says. */
struct netd_options {
	const char *config, *socket, *plugin_dir, *helper;
	const char *state_dir; /* what outlives the host's boot: leases */
	const char *run_dir;   /* what does not */
};

/* @return 0 with @nd ready to be run by its event loop; -errno. Call netd_fini() either way. */
int netd_init(struct netd *nd, const struct netd_options *opt, struct err *e);
void netd_fini(struct netd *nd);

/* Reads netd.conf again: all or nothing. @return the number of vifs whose network changed, -errno. */
int netd_reload(struct netd *nd, struct err *e);

#endif
