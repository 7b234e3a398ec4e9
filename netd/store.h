/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: xenstore, asynchronously. The only place that speaks its wire protocol. */
#ifndef NETD_STORE_H
#define NETD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "err.h"

/*
 * The protocol of xen/io/xs_wire.h over xenstored's socket or /dev/xen/xenbus. Requests go out at
 * once and may be pipelined; each is answered by exactly one call of its function from the event
 * loop, in the order of the requests. Nothing here blocks.
 *
 * Order that callers rely on, on a socket: an answer is a fence, as the events of all changes before it
 * have been sent. Not that every change has an event of its own: C xenstored drops one while an equal
 * one waits to be sent. On the device, events may come later than answers (xenwatch thread).
 *
 * When the connection ends, every request still open is answered with -ENOTCONN, then down() is
 * called; reconnecting starts by itself, with pauses from 0.1 to 5 s. Watches must be set again in
 * up(). Transactions do not survive.
 *
 * Where the connection is looked for, as libxenstore does: $XENSTORED_PATH; else
 * $XENSTORED_RUNDIR/socket, /run/xenstored/socket, /dev/xen/xenbus, the first that opens.
 */
struct store;

struct store_ops {
	void (*up)(void *arg);
	void (*down)(void *arg, const struct err *why);
	/* @path: absolute, of the node that changed or of a removed ancestor of the watched path. */
	void (*watch)(void *arg, const char *path, const char *token);
};

/*
 * @error: 0, or -errno as xenstored said (-ENOENT, -EAGAIN, …), or -ENOTCONN. @data is NUL-terminated
 * behind @len bytes; a NUL inside a value is replaced by '\1', so the string never ends early. In an
 * answer to store_list the names follow each other, each ending with a NUL.
 */
typedef void store_reply_fn(void *arg, unsigned tag, int error, const char *data, size_t len);

/* Who gets the answer. A zeroed one ignores it. */
struct store_cb {
	store_reply_fn *fn;
	void *arg;
	unsigned tag;
};

int store_new(struct store **out, sd_event *event, const struct store_ops *ops, void *arg,
	      struct err *e);
/* Closes the connection; what is open is answered -ENOTCONN, down() is not called. */
void store_free(struct store *st);
bool store_is_up(const struct store *st);

/* @tx: 0, or a transaction's id. A request on a connection that is down is answered -ENOTCONN. */
void store_read(struct store *st, uint32_t tx, const char *path, struct store_cb cb);
void store_write(struct store *st, uint32_t tx, const char *path, const char *value,
		 struct store_cb cb);
void store_rm(struct store *st, uint32_t tx, const char *path, struct store_cb cb);
void store_list(struct store *st, uint32_t tx, const char *path, struct store_cb cb);
void store_watch(struct store *st, const char *path, const char *token, struct store_cb cb);
void store_unwatch(struct store *st, const char *path, const char *token, struct store_cb cb);
/* The answer's data is the id in decimal: store_tx_id(). */
void store_tx_start(struct store *st, struct store_cb cb);
uint32_t store_tx_id(const char *data);
void store_tx_end(struct store *st, uint32_t tx, bool commit, struct store_cb cb);

#endif
