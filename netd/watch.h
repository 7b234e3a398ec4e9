/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: xenstore → records: the watches, the scan, and reading what changed. */
#ifndef NETD_WATCH_H
#define NETD_WATCH_H

#include "netd.h"

/* store_ops of the daemon; their argument is struct netd. */
const struct store_ops *watch_ops(void);

/* Sets the watch on our backends, whose first event starts the scan. */
void watch_backends(struct netd *nd);
/* Lists all vifs; again in a while where xenstored refuses a list, which is not an empty one. */
void watch_scan(struct netd *nd);

/* Asks for the values in v->dirty; the record is queued when all have come. */
void watch_read(struct netd *nd, struct vif *v);

/* Drops the watch of a record that is about to be deleted. */
void watch_forget(struct netd *nd, struct vif *v);

/* "/local/domain/B/backend/vif/F/N", with "/<name>" behind it unless @name is NULL. @return @buf. */
const char *watch_backend_path(const struct netd *nd, struct vif_key key, const char *name,
			       char *buf, size_t size);
/* "/local/domain/F/device/vif/N/<name>". @return @buf. */
const char *watch_frontend_path(struct vif_key key, const char *name, char *buf, size_t size);

enum { WATCH_PATH_SIZE = 128 };

#endif
