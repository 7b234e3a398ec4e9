/* SPDX-License-Identifier: GPL-2.0-or-later */
/* world: the daemon in one process with a kernel and a xenstored in memory, and a toolstack's hand.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "netd-priv.h"
#include "twin-clock.h"
#include "twin-rtnl.h"
#include "twin-store.h"

#define WORLD_HELPER "/etc/xen/scripts/vif-netd"
#define SECOND	     UINT64_C(1000000)

/*
 * The bridges br0 and br1, and the vif 5/0 of the guest "web1" with bridge=br0. Its paths, in dom0:
 */
#define BE "/local/domain/0/backend/vif/5/0"
#define FE "/local/domain/5/device/vif/0"

struct world {
	struct netd nd;
	struct rtnl kernel;
	struct twin_xs xs;
	char dir[32], socket[64], config[64];
};

/* A store that knows the domain @domid as ours; no guests; the daemon runs and has nothing to do.
 */
void world_init(struct world *w);
void world_init_in(struct world *w, uint32_t domid);
void world_fini(struct world *w);

/* The daemon's end, its beginning, and both. */
void world_stop(struct world *w);
void world_start(struct world *w);
void world_restart(struct world *w);
/* Writes netd.conf and reads it. */
void world_configure(struct world *w, const char *text);

void world_settle(struct world *w);
/* Time passes. */
void world_advance(struct world *w, uint64_t usec);

/* What libxl writes for a new vif of domain 5; @type "vif" or "vif_ioemu". State 1. */
void world_add_vif(struct world *w, uint32_t devid, const char *type);
/* netback answers: state 2, then its netdev. */
void world_probe(struct world *w, uint32_t devid);
/* Both, and the helper, which is answered well. */
void world_attach(struct world *w);
/* The guest's frontend connects: netback takes state 4 if hotplug-status lets it. */
void world_connect(struct world *w);

void world_put(struct world *w, const char *path, const char *value);
const char *world_get(const struct world *w, const char *path); /* "-": missing */
struct twin_link *world_link(struct world *w, const char *name); /* fails the test if missing */
void world_del_link(struct world *w, const char *name);

/* libxl runs the helper: "online", "offline" for vif 5/0, "add", "remove" for its tap. */
int world_helper(struct world *w, const char *action);
int world_ask(struct world *w, const char *action, const char *type, const char *path);
/* What it was answered: "" not yet, "ok", or the error's sentence. Closes @fd when there was one.
 */
const char *world_answer(struct world *w, int fd);

/* The vif's state and reason, "gone" without a record: "connected", "waiting: …". */
const char *world_status(struct world *w, uint32_t devid);

/* Each fails the test with what is wrong. */
void world_assert_wired(struct world *w, const char *name, const char *bridge);
void world_assert_unwired(struct world *w, const char *name);
void world_assert_connected(struct world *w); /* vif 5/0, in br0, in all of its places */

#endif
