/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vifs: the records of all vifs, and the queue of those to look at again. */
#ifndef NETD_VIFS_H
#define NETD_VIFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vif.h"

enum vif_state { VIF_WAITING, VIF_CONNECTED, VIF_ERROR, VIF_UNMANAGED };

/* What status shows of the last look; strings are owned by the record. */
struct vif_status {
	enum vif_state state;
	char *reason;	 /* why it is so; NULL: nothing to say */
	uint64_t since;	 /* CLOCK_REALTIME microseconds of the last change of state */
	char *network, *by, *bridge, *via; /* NULL: not known; via: a routed guest's gateway device */
	const char *mode;	     /* the plugin's constant; NULL: none */
	uint32_t mtu;		     /* of the PV netdev; 0 = unknown */
};

struct waiter; /* request.h */

/* One vif's record. All that must not be lost is in xenstore and in the kernel; this is memory. */
struct vif {
	struct vif_key key;
	struct vif *next_hash, *next_queue, *prev_queue;
	bool queued, urgent; /* urgent: in the first of the two queues */

	char *val[VIF_VAL_COUNT]; /* last read; NULL: the key is missing */
	uint32_t dirty;		  /* bit v: val[v] must be read again */
	uint32_t inflight;	  /* bit v: it is being read */
	bool publishing;	  /* a transaction is under way */
	bool watched;		  /* the domain's name */
	uint32_t seen;		  /* number of the store connection that last showed it */
	uint32_t listed;	  /* number of the last scan that found it */
	uint32_t read_in;	  /* that of the connection all values were last read in; 0: none */

	bool fresh;    /* what we knew of its life is void: judge by the store and the kernel */
	bool released; /* the toolstack has run the helper: `connected` may be written */
	bool offline;  /* the toolstack has taken it offline */
	bool mtu_kept; /* the frontend cannot take a larger MTU than it has (no scatter-gather) */
	int ifindex[VIF_DEV_COUNT]; /* a hint where the netdevs were last found */
	struct nat *nat; /* the private network it was last to be in, owned; NULL: none */

	/* Both CLOCK_MONOTONIC microseconds, 0: none due. */
	uint64_t retry_at;   /* a failed vif is looked at again */
	uint64_t publish_at; /* xenstore refused a transaction: not before then */
	uint64_t read_at;    /* xenstore refused a read: not before then */
	unsigned tries;
	struct waiter *waiters;
	struct vif_status status;
};

struct vifs {
	struct vif **bucket;
	size_t n_buckets, count;
	/* Two queues, each first come first served: [1] is for those whom a toolstack waits for. */
	struct vif *head[2], *tail[2];
	size_t by_state[VIF_UNMANAGED + 1];
};

int vifs_init(struct vifs *vs); /* 0 or -ENOMEM */
void vifs_fini(struct vifs *vs);
struct vif *vifs_find(const struct vifs *vs, struct vif_key key);
/* Finds or makes; a new one is fresh, with all values to be read. NULL: out of memory. */
struct vif *vifs_add(struct vifs *vs, struct vif_key key);
/* Frees a record that has no reads, no transaction and no waiters. */
void vifs_del(struct vifs *vs, struct vif *v);
struct vif *vifs_next(const struct vifs *vs, const struct vif *prev);
#define vifs_for_each(vs, v) for (struct vif *v = vifs_next((vs), NULL); v; v = vifs_next((vs), v))

/* Puts @v at the end of its queue unless it is there. */
void vifs_queue(struct vifs *vs, struct vif *v);
struct vif *vifs_pop(struct vifs *vs); /* NULL: empty */
bool vifs_queue_empty(const struct vifs *vs);

/*
 * Sets state and reason (NULL: none). @return true when the state or the reason changed, for the one
 * log line per transition.
 */
bool vifs_set_state(struct vifs *vs, struct vif *v, enum vif_state state, const char *reason);
/* Frees *@p and makes it a copy of @s; NULL or "" give NULL. */
void vifs_set_text(char **p, const char *s);
/*
 * Makes v->nat a copy of @nat; NULL, or one that is not on: there is none any more.
 * @return true when something that it asked for before is not asked for any more.
 */
bool vifs_set_nat(struct vif *v, const struct nat *nat);
const char *vif_state_name(enum vif_state s);

#endif
