/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin: the interface of a network mode. This header is its manual. */
#ifndef NETD_PLUGIN_H
#define NETD_PLUGIN_H

#include "hostif.h"
#include "lease.h"
#include "links.h"
#include "network.h"
#include "step.h"
#include "vif.h"

/*
 * A mode ("bridge", "route", …) is a shared module <plugin-dir>/<mode>.so that exports one object:
 *
 *	const struct plugin xen_netd_plugin = { .abi = PLUGIN_ABI, .mode = "bridge", … };
 *
 * The core loads every module of the plugin directory once, at start, and never unloads it. A module
 * that cannot be loaded, or whose abi differs, disables its mode alone; networks of that mode are
 * then configuration errors that tell the loader's reason.
 *
 * The object and all it points to are constant and live as long as the process. Plugins keep no
 * state between calls to want(): whatever must be known comes in by struct want_in, whatever shall
 * be done goes out by struct hostif. What a mode knows of its peer is seen by its steps alone.
 */
enum {
	PLUGIN_ABI = 4, /* raised with every change to the structs that a plugin sees */
};

/* What want() may look at. All pointers are valid during the call only. */
struct want_in {
	const struct vif_req *req;
	const struct network *net;
	enum vif_dev dev;	   /* which of the vif's netdevs is asked for */
	const struct links *links; /* the host's network devices */
	const struct link *netdev; /* that netdev; NULL: it is not there yet */
	const struct lease *lease; /* what pool() asked for; NULL: nothing */
};

/* Says that a netdev shall be looked at, NULL: all vifs of the mode and all that are in error. */
typedef void plugin_look_fn(void *arg, const char *netdev);

/*
 * Somebody outside of the kernel whom a mode's steps have do things, and who is never waited for: a
 * database, a daemon. All calls come from the main thread and return at once.
 */
struct plugin_peer {
	/* Before anything else, once. @return a descriptor that is readable when there is news. */
	int (*open)(struct err *e);
	/* Takes the news. */
	void (*news)(plugin_look_fn *look, void *arg);
	/*
	 * After news, and after netdevs have gone: has what carries our ownership tag removed, if it was
	 * made for a netdev that is not in @links any more.
	 */
	void (*sweep)(const struct links *links);
	/* What has been made stays. Nothing else is called after it. */
	void (*close)(void);
};

struct plugin {
	uint32_t abi;	  /* PLUGIN_ABI */
	const char *mode; /* also the module's file name; [a-z][a-z0-9]* */
	const char *help; /* one line: what the mode does */

	const struct option_spec *options; /* ends with a NULL name */
	size_t n_options;		   /* without the end */

	const struct block_spec *blocks; /* kinds of blocks in a network's; ends with a NULL name; or NULL */

	/* Checks that concern several options of one network; NULL: none. Pure. */
	int (*check)(const struct network *net, struct err *e);

	/*
	 * What the network has to give this guest an address from; NULL: the mode gives none. The core
	 * remembers who has which, and hands want() the guest's lease. Pure; in->lease is NULL.
	 * @return 0; 1: this guest needs none; -errno with a sentence, as want().
	 */
	int (*pool)(const struct want_in *in, struct lease_pool *pool, struct err *e);

	/*
	 * Pure: the same input gives the same @want. The core has zeroed @want and filled name, alias, mac,
	 * v6_quiet, no_addrs and up with what every mode needs; the plugin adds its facets and may
	 * overwrite those.
	 *
	 * @return 0; -errno with a sentence for the administrator: what is missing, what exists
	 * instead, what to do. The core has yet to say which vif it is, and will look again when a link
	 * comes, goes or changes, so a missing bridge is a plain error.
	 */
	int (*want)(const struct want_in *in, struct hostif *want, struct err *e);

	/* The bridge a network stands for, for status and for marking vifs; NULL if it has none. */
	const char *(*bridge)(const struct network *net);

	const struct step *const *steps; /* steps of this mode's own, NULL-terminated; may be NULL */
	const struct plugin_peer *peer;	 /* whom they have do it; NULL: they do all by themselves */
};

/* For a plugin's error text: the bridges of this host, "br0, br1" or "none". @return @buf. */
const char *plugin_list_bridges(const struct links *links, char *buf, size_t size);

#endif
