/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xs: a small synchronous xenstore client that can do one thing: report a failure. */
#ifndef HOTPLUG_XS_H
#define HOTPLUG_XS_H

#include <stdint.h>

/*
 * libxl prints the key hotplug-error when a hotplug script fails. It is the daemon that writes it;
 * only when there is no daemon the helper must. This speaks the wire protocol of xen/io/xs_wire.h:
 * libxenstore has no deadline, brings a thread, and would be most of the helper's start time.
 */

/* Condition of the functions below: the backend directory is gone, nothing was written. */
enum { XS_GONE = 1 };

enum { XS_TRIES = 10 }; /* of a transaction that others disturb */

/*
 * Opens xenstored's socket ($XENSTORED_PATH, else $XENSTORED_RUNDIR/socket, else the usual places)
 * or, where xenstored runs in another domain, the kernel's device. @return the fd, or -errno.
 */
int xs_open(int64_t deadline);

/*
 * Writes hotplug-error=@text and, unless the vif is connected already, hotplug-status=error into
 * the backend directory @dir, in one transaction. @fd is a stream to a xenstored; the caller closes
 * it, which also ends an unfinished transaction.
 *
 * @return 0, XS_GONE, or -errno (-ETIMEDOUT at @deadline, -EPROTO for bytes that are no xenstore,
 * -EAGAIN after XS_TRIES).
 */
int xs_report(int fd, const char *dir, const char *text, int64_t deadline);

#endif
