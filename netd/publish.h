/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publish: write a vif's result into xenstore, in a transaction that looks before it writes. */
#ifndef NETD_PUBLISH_H
#define NETD_PUBLISH_H

#include "netd.h"

/*
 * A write below a backend directory that has been removed would make it again, with one stray key
 * (XEN-CONTRACT 1.5). So each of these runs a transaction that first reads `state` and `online`; it
 * gives up, and the vif is looked at again, when the directory is gone, is going, or when an event
 * about the vif has come meanwhile. Conflicts are retried.
 *
 * v->publishing is set until it ends; then the vif is queued. Call none while it is set.
 */

/* hotplug-status = connected, no hotplug-error, and the frontend's mtu (0: leave it). */
void publish_connected(struct netd *nd, struct vif *v, uint32_t mtu);
/* hotplug-status = error with the sentence; then answers the waiters with it. */
void publish_error(struct netd *nd, struct vif *v, const char *text);
enum { PUBLISH_ADDRESS_SIZE = 128 };
/* The key netd-address: what its network has given @v, "IPV4 IPV6", or "". @return @buf. */
const char *publish_address(const struct vif *v, char *buf, size_t size);

/* Removes the backend directory: a driver domain's duty after state 6. */
void publish_removal(struct netd *nd, struct vif *v);

#endif
