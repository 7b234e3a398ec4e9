// SPDX-License-Identifier: GPL-2.0-or-later
/* vifs: a hash table of records and a doubly linked queue through them. */
#include "vifs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VIFS_BUCKETS = 1024 };

int vifs_init(struct vifs *vs)
{
	*vs = (struct vifs){.n_buckets = VIFS_BUCKETS};
	vs->bucket = calloc(vs->n_buckets, sizeof(*vs->bucket));
	return vs->bucket ? 0 : -ENOMEM;
}

static void vif_free(struct vif *v)
{
	for (int i = 0; i < VIF_VAL_COUNT; i++)
		free(v->val[i]);
	free(v->status.reason);
	free(v->status.network);
	free(v->status.by);
	free(v->status.bridge);
	free(v->status.via);
	free(v->nat);
	free(v);
}

void vifs_fini(struct vifs *vs)
{
	for (size_t i = 0; vs->bucket && i < vs->n_buckets; i++)
		for (struct vif *v = vs->bucket[i], *next; v; v = next) {
			next = v->next_hash;
			vif_free(v);
		}
	free(vs->bucket);
	*vs = (struct vifs){.bucket = NULL};
}

static size_t slot(const struct vifs *vs, struct vif_key key)
{
	return (key.domid * 31 + key.devid) & (vs->n_buckets - 1);
}

static bool same(struct vif_key a, struct vif_key b)
{
	return a.domid == b.domid && a.devid == b.devid;
}

struct vif *vifs_find(const struct vifs *vs, struct vif_key key)
{
	struct vif *v = vs->bucket[slot(vs, key)];
	while (v && !same(v->key, key))
		v = v->next_hash;
	return v;
}

static uint64_t now_realtime(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct vif *vifs_add(struct vifs *vs, struct vif_key key)
{
	struct vif *v = vifs_find(vs, key);
	if (v)
		return v;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->key = key;
	v->dirty = VIF_VAL_ALL;
	v->fresh = true;
	v->status.since = now_realtime();
	size_t i = slot(vs, key);
	v->next_hash = vs->bucket[i];
	vs->bucket[i] = v;
	vs->count++;
	vs->by_state[v->status.state]++;
	return v;
}

static void unqueue(struct vifs *vs, struct vif *v)
{
	if (!v->queued)
		return;
	*(v->prev_queue ? &v->prev_queue->next_queue : &vs->head[v->urgent]) = v->next_queue;
	*(v->next_queue ? &v->next_queue->prev_queue : &vs->tail[v->urgent]) = v->prev_queue;
	v->next_queue = v->prev_queue = NULL;
	v->queued = false;
}

void vifs_del(struct vifs *vs, struct vif *v)
{
	struct vif **p = &vs->bucket[slot(vs, v->key)];
	while (*p != v)
		p = &(*p)->next_hash;
	*p = v->next_hash;
	unqueue(vs, v);
	vs->count--;
	vs->by_state[v->status.state]--;
	vif_free(v);
}

struct vif *vifs_next(const struct vifs *vs, const struct vif *prev)
{
	if (prev && prev->next_hash)
		return prev->next_hash;
	for (size_t i = prev ? slot(vs, prev->key) + 1 : 0; i < vs->n_buckets; i++)
		if (vs->bucket[i])
			return vs->bucket[i];
	return NULL;
}

void vifs_queue(struct vifs *vs, struct vif *v)
{
	bool urgent = v->waiters;
	if (v->queued && v->urgent == urgent)
		return;
	unqueue(vs, v);
	v->queued = true;
	v->urgent = urgent;
	v->prev_queue = vs->tail[urgent];
	*(vs->tail[urgent] ? &vs->tail[urgent]->next_queue : &vs->head[urgent]) = v;
	vs->tail[urgent] = v;
}

struct vif *vifs_pop(struct vifs *vs)
{
	struct vif *v = vs->head[1] ?: vs->head[0];
	if (v)
		unqueue(vs, v);
	return v;
}

bool vifs_queue_empty(const struct vifs *vs)
{
	return !vs->head[0] && !vs->head[1];
}

void vifs_set_text(char **p, const char *s)
{
	if (*p && s && !strcmp(*p, s))
		return;
	free(*p);
	*p = s && s[0] ? strdup(s) : NULL;
}

bool vifs_set_state(struct vifs *vs, struct vif *v, enum vif_state state, const char *reason)
{
	struct vif_status *st = &v->status;
	bool same_state = st->state == state;
	bool same_reason = !strcmp(st->reason ?: "", reason ?: "");
	if (!same_state) {
		vs->by_state[st->state]--;
		vs->by_state[state]++;
		st->state = state;
		st->since = now_realtime();
	}
	vifs_set_text(&st->reason, reason);
	return !same_state || !same_reason;
}

const char *vif_state_name(enum vif_state s)
{
	switch (s) {
	case VIF_WAITING:
		return "waiting";
	case VIF_CONNECTED:
		return "connected";
	case VIF_ERROR:
		return "error";
	case VIF_UNMANAGED:
		return "unmanaged";
	}
	return "";
}

bool vifs_set_nat(struct vif *v, const struct nat *nat)
{
	bool had = v->nat;
	if (!nat || !nat->on) {
		free(v->nat);
		v->nat = NULL;
		return had;
	}
	if (!v->nat)
		v->nat = malloc(sizeof(*v->nat));
	bool changed = had && !nat_equal(v->nat, nat);
	if (v->nat)
		*v->nat = *nat;
	return changed;
}
