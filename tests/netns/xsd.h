/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xsd: a real xenstored of Xen, C or OCaml, with an empty store; and reading and writing it. */
#ifndef NETNS_XSD_H
#define NETNS_XSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenstore.h>

#include "loop.h"
#include "proc.h"

enum xsd_kind { XSD_C, XSD_OCAML };

/* Told of every change below /local/domain. */
typedef void xsd_watch_fn(void *arg, const char *path);

struct xsd {
	enum xsd_kind kind;
	const char *shim; /* xenstored-shim.so */
	struct loop *loop;
	struct proc proc;
	struct xs_handle *xs; /* dom0's; NULL while xenstored is down */
	/* For watches alone: libxenstore then starts a thread, and each answer passes through it.
	 */
	struct xs_handle *events;
	xsd_watch_fn *watch;
	void *watch_arg;
};

/* Starts it and returns when it answers; dom0's own keys are written. */
void xsd_start(struct xsd *x);
/* SIGKILL: the store's content is lost. */
void xsd_kill(struct xsd *x);

/* Keys by absolute path. xsd_get: as text(), NULL if missing. */
const char *xsd_get(struct xsd *x, const char *path);
bool xsd_is(struct xsd *x, const char *path, const char *value);
bool xsd_has(struct xsd *x, const char *path);
/* In transaction @t, or XBT_NULL. False only if the transaction or the store is lost. */
bool xsd_put_in(struct xsd *x, xs_transaction_t t, const char *path, const char *value);
void xsd_put(struct xsd *x, const char *path, const char *value);
void xsd_put_bytes(struct xsd *x, const char *path, const void *value, size_t len);
void xsd_rm(struct xsd *x, const char *path);
/* Removes @path, then every parent that is left empty: libxl's way. */
void xsd_rm_clean(struct xsd *x, const char *path);

/*
 * Runs @fn in a transaction, again after each conflict. @fn returns false to abort.
 * @return false if it aborted.
 */
bool xsd_transact(struct xsd *x, bool (*fn)(xs_transaction_t t, void *arg), void *arg);

#endif
