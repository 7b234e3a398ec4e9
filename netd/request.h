/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request: what the toolstack asks by the hotplug helper, and who waits for the answer. */
#ifndef NETD_REQUEST_H
#define NETD_REQUEST_H

#include "ctl.h"
#include "netd.h"

enum request_action { REQUEST_ONLINE, REQUEST_OFFLINE, REQUEST_ADD, REQUEST_REMOVE };

/* One helper that waits; a list hangs on the vif's record. */
struct waiter {
	struct waiter *next;
	struct ctl_req *req;
	enum request_action action;
	uint64_t deadline; /* CLOCK_MONOTONIC microseconds */
};

/* The method "hotplug" of proto.h; its argument is struct netd. */
void request_hotplug(void *arg, struct ctl_req *req, json_t *params);

/* Is somebody waiting who must be told when @v cannot be wired? */
bool request_wants(const struct vif *v, enum request_action action);

/*
 * Answers the waiters of this kind, or all: success when @error is NULL, else that sentence, which the
 * helper then writes to hotplug-error. request_failed() is for a sentence that stands there already.
 */
void request_done(struct vif *v, enum request_action action, const char *error);
void request_done_all(struct vif *v, const char *error);
void request_failed(struct vif *v, const char *error);

/* Answers those whose deadline has passed; @return the earliest one left, 0: none. */
uint64_t request_expire(struct netd *nd, struct vif *v, uint64_t now);

#endif
