/* SPDX-License-Identifier: GPL-2.0-or-later */
/* world: one simulated Xen host: store, kernel, toolstack, netback, guests and the daemon. */
#ifndef NETNS_WORLD_H
#define NETNS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon.h"
#include "guest.h"
#include "loop.h"
#include "net.h"
#include "nic.h"
#include "proc.h"
#include "xsd.h"

/* Where the programs under test are. */
struct world_paths {
	const char *daemon, *helper, *xnetctl; /* executables */
	const char *plugin_dir;
	const char *shim; /* xenstored-shim.so */
};

/* Lives as long as the sandbox; nothing is freed before the process ends, but by world_fini(). */
struct world {
	struct world_paths paths;
	struct loop *loop;
	struct net net; /* dom0's */
	struct xsd xsd;
	struct daemon daemon;
	struct guest *guests;
	struct nic *nics;
	unsigned patience; /* factor of the toolstack's time limits; 0 is 1 */
	bool trace;	   /* tell what toolstack and netback do, on standard error */
};

/*
 * Makes the host: kernel side and xenstored. The daemon is not started: see daemon_start().
 * @build: the meson build directory; programs, plugins and shim are taken from there.
 */
void world_init(struct world *w, const char *build, enum xsd_kind kind);
void world_fini(struct world *w);

/* "xenstored killed": the store comes back empty but for dom0's own keys. */
void world_restart_store(struct world *w);

void world_trace(const struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
