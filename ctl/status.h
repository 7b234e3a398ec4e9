/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: the daemon's answer to "status", sorted and linked. Pure. */
#ifndef CTL_STATUS_H
#define CTL_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "err.h"

enum status_state {
	STATUS_CONNECTED,
	STATUS_WAITING,
	STATUS_ERROR, /* also what a newer daemon may call a state that we do not know */
	STATUS_UNMANAGED,
	STATUS_STATE_COUNT,
};

/* Strings are NULL where the daemon says null, and point into status->result. */
struct status_vif {
	json_t *json;
	const char *name, *domain, *mac, *mode, *network, *chosen_by, *bridge, *reason, *vlan;
	const char *emulated; /* name of the HVM twin's device */
	json_t *drops;	      /* {REASON: {"frames"}}; NULL: not told */
	char *addresses;      /* separated by blanks, "" if none; owned */
	int64_t domid, devid;
	int64_t mtu;   /* bytes; 0: unknown */
	int64_t since; /* seconds since the epoch; 0: unknown */
	bool alike;    /* the whole network was chosen by the same, see status_network */
	enum status_state state;
};

struct status_bridge {
	json_t *json;
	const char *name;
	json_t *uplinks; /* array of {"name", "up"}; may be NULL */
	int64_t mtu;	 /* 0: unknown */
	bool up, vlan_filtering;
	bool used; /* some network stands for it */
};

struct status_network {
	json_t *json; /* NULL: only vifs speak of it */
	const char *name, *mode, *bridge_name, *source;
	const struct status_bridge *bridge; /* NULL: it has none, or that does not exist */
	const char *chosen_by;		    /* by all of its vifs; NULL: by different things */
	json_t *hints;			    /* array of strings; may be NULL */
	size_t first, n_vifs;		    /* its vifs are vifs[first] onwards */
};

/*
 * networks and bridges are sorted by name, vifs by network, domid, devid. Behind the networks' vifs
 * come the managed ones without a network (none could be chosen; n_stray of them), then the
 * unmanaged (n_unmanaged).
 */
struct status {
	json_t *result;
	struct status_network *networks;
	struct status_bridge *bridges;
	struct status_vif *vifs;
	size_t n_networks, n_bridges, n_vifs, n_stray, n_unmanaged;
	size_t count[STATUS_STATE_COUNT];
	int64_t uptime; /* seconds */
	bool store_lost;
};

/*
 * Replaces what does not belong on a terminal in every string of @json, see text_clean(). Done once
 * before status_init(), so that nothing that is printed can have been forgotten; not done for
 * --json, where JSON's own escapes do it and the truth is wanted.
 */
int status_clean(json_t *json, bool ascii, struct err *e);

/*
 * Takes @result over, also on error. Missing or mistyped members count as null: only an answer that
 * is none is refused. @return 0, -EPROTO, -ENOMEM.
 */
int status_init(struct status *s, json_t *result, struct err *e);
void status_fini(struct status *s);

/* Whether xnetctl shall exit with 0: no vif is in error and the daemon sees xenstore. */
bool status_is_well(const struct status *s);

/* The public form: version, networks, vifs, with their documented members only. NULL: no memory. */
json_t *status_json(const struct status *s);

#endif
