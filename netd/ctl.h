/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl: the control socket, as proto.h describes it. */
#ifndef NETD_CTL_H
#define NETD_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "buf.h"
#include "err.h"

struct ctl;

/*
 * One request that waits for its answer. It belongs to whoever was called with it, who must end it by
 * exactly one ctl_reply* call, at any later time; a client that has gone away meanwhile is no concern.
 */
struct ctl_req;

/* @params: an object, borrowed. */
typedef void ctl_method_fn(void *arg, struct ctl_req *req, json_t *params);

struct ctl_method {
	const char *name;
	ctl_method_fn *fn;
};

/*
 * Listens on @path (its directory is made, mode 0755; a dead socket there is replaced), or on the
 * socket that systemd passed. @methods ends with a NULL name and must outlive the server.
 */
int ctl_open(struct ctl **out, sd_event *event, const char *path, const struct ctl_method *methods,
	     void *arg, struct err *e);
/* Closes all connections; requests still open may be answered afterwards, to nobody. */
void ctl_close(struct ctl *c);

/* Is there still somebody to answer? */
bool ctl_is_waiting(const struct ctl_req *req);
/* Takes over @result's reference; NULL is the empty object. */
void ctl_reply(struct ctl_req *req, json_t *result);
/* @result: JSON text without newlines, copied. For results too large to be built as a tree. */
void ctl_reply_text(struct ctl_req *req, const struct buf *result);
void ctl_reply_error(struct ctl_req *req, int code, const char *message);

#endif
