// SPDX-License-Identifier: GPL-2.0-or-later
/* request: the toolstack's requests and their waiters. */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "proto.h"
#include "publish.h"

static const struct {
	const char *name, *type;
} actions[] = {
	[REQUEST_ONLINE] = {"online", "vif"},
	[REQUEST_OFFLINE] = {"offline", "vif"},
	[REQUEST_ADD] = {"add", "tap"},
	[REQUEST_REMOVE] = {"remove", "tap"},
};

static int parse_action(const char *name, const char *type)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(actions[i].name, name) && !strcmp(actions[i].type, type))
			return i;
	return -1;
}

/* XENBUS_PATH is relative to our home; the absolute form must name our own domain. */
static bool parse_path(const struct netd *nd, const char *path, struct vif_key *key)
{
	const char *end;
	size_t root = strlen(nd->backend);
	if (root && !strncmp(path, nd->backend, root) && path[root] == '/')
		path += root + 1;
	else if (!strncmp(path, "backend/vif/", 12))
		path += 12;
	else
		return false;
	return vif_key_parse(path, key, &end) && !*end;
}

/* Applies what the request says about the vif's life, before the next look at it. */
static void note_action(struct vif *v, enum request_action action)
{
	switch (action) {
	case REQUEST_ONLINE:
		v->released = true;
		v->offline = false;
		v->retry_at = v->tries = 0;
		break;
	case REQUEST_OFFLINE:
		v->offline = true;
		break;
	case REQUEST_ADD:
	case REQUEST_REMOVE:
		break;
	}
}

static void begin(struct netd *nd, struct ctl_req *req, struct vif_key key,
		  enum request_action action)
{
	bool known = vifs_find(&nd->vifs, key) != NULL;
	struct vif *v = vifs_add(&nd->vifs, key);
	struct waiter *w = v ? calloc(1, sizeof(*w)) : NULL;
	if (!w) {
		ctl_reply_error(req, PROTO_ERR_INTERNAL, "out of memory");
		return;
	}
	*w = (struct waiter){
		.next = v->waiters,
		.req = req,
		.action = action,
		.deadline = netd_now() + PROTO_NETDEV_DEADLINE * UINT64_C(1000000),
	};
	v->waiters = w;
	note_action(v, action);
	netd_wake_at(nd, w->deadline);
	/*
	 * A known record needs no reading: what changed before libxl ran the helper has been told by
	 * events that arrive, at the latest, before the answers in publish.c.
	 */
	netd_reread(nd, v, known ? 0 : VIF_VAL_ALL);
}

void request_hotplug(void *arg, struct ctl_req *req, json_t *params)
{
	struct netd *nd = arg;
	const char *name, *type, *path;
	json_error_t je;
	struct vif_key key;
	if (json_unpack_ex(params, &je, JSON_STRICT, "{s:s,s:s,s:s}", "action", &name, "type", &type,
			   "path", &path) < 0) {
		ctl_reply_error(req, PROTO_ERR_PARAMS, je.text);
		return;
	}
	int action = parse_action(name, type);
	if (action < 0)
		ctl_reply_error(req, PROTO_ERR_PARAMS,
				"action and type must be online or offline with vif, add or remove "
				"with tap");
	else if (!parse_path(nd, path, &key))
		ctl_reply_error(req, PROTO_ERR_PARAMS,
				"path must be backend/vif/DOMID/DEVID, of this domain's backends");
	else
		begin(nd, req, key, action);
}

bool request_wants(const struct vif *v, enum request_action action)
{
	for (const struct waiter *w = v->waiters; w; w = w->next)
		if (w->action == action && ctl_is_waiting(w->req))
			return true;
	return false;
}

static void answer(struct waiter *w, const char *error, int code)
{
	/* Taking offline never fails: libxl would only log it, and there is nothing to be done. */
	bool fails = error && (w->action == REQUEST_ONLINE || w->action == REQUEST_ADD);
	if (fails)
		ctl_reply_error(w->req, code, error);
	else
		ctl_reply(w->req, NULL);
	free(w);
}

static void done(struct vif *v, int action, const char *error, int code)
{
	struct waiter **p = &v->waiters;
	while (*p) {
		struct waiter *w = *p;
		if (action >= 0 && (int)w->action != action) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		answer(w, error, code);
	}
}

void request_done(struct vif *v, enum request_action action, const char *error)
{
	done(v, action, error, PROTO_ERR_UNTOLD);
}

void request_done_all(struct vif *v, const char *error)
{
	done(v, -1, error, PROTO_ERR_UNTOLD);
}

void request_failed(struct vif *v, const char *error)
{
	done(v, -1, error, PROTO_ERR_HOTPLUG);
}

uint64_t request_expire(struct netd *nd, struct vif *v, uint64_t now)
{
	uint64_t next = 0;
	bool expired = false;
	for (struct waiter *w = v->waiters; w; w = w->next) {
		if (w->deadline <= now)
			expired = true;
		else if (!next || w->deadline < next)
			next = w->deadline;
	}
	if (!expired)
		return next;
	if (v->publishing)
		return now + 100000; /* a result is just being written: it will answer */
	char text[ERR_TEXT_SIZE], title[96];
	snprintf(text, sizeof(text), "%s: gave up after %d s: %s",
		 netd_vif_title(v, title, sizeof(title)), PROTO_NETDEV_DEADLINE,
		 !store_is_up(nd->store)	    ? "no connection to xenstored"
		 : request_wants(v, REQUEST_ADD) ? "the emulated device does not exist"
						    : v->status.reason ?: "no progress");
	log_line(LOG_ERR, "%s", text);
	/* The toolstack prints hotplug-error after the helper's exit, so the answer comes after it. */
	const char *status = v->val[VIF_VAL_HOTPLUG_STATUS];
	bool live = status && !strcmp(status, "connected");
	if (store_is_up(nd->store) && v->val[VIF_VAL_STATE] && !live)
		publish_error(nd, v, text);
	else
		request_done_all(v, text);
	return 0;
}
