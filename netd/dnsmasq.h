/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq: the servers of DHCP, DNS and router advertisements, one for each private network. */
#ifndef NETD_DNSMASQ_H
#define NETD_DNSMASQ_H

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "nat.h"

/*
 * dnsmasq reads two directories of a file for each guest, and is told of changes by inotify: guests
 * come and go without a signal, let alone a restart; but when an address goes from one guest to
 * another it is restarted, as it would not believe it. It keeps no leases on disk: ours are. It
 * gives addresses to MACs that it was told of, and to no others. Its configuration is a file; a
 * server runs until that changes or its network ends.
 *
 * A server outlives the daemon: the next one finds it by <dir>/<bridge>/pid and takes it over when
 * its configuration is still the same. One that ends is started again, after a pause that doubles
 * from 0.1 s to 30 s while it does not last.
 */
struct dnsmasq;

/* Told when a server has ended, or begun: its network's guests should be looked at. */
typedef void dnsmasq_changed_fn(void *arg, const char *bridge);

/* @dir: absolute; made when it is needed, as its parents but the last are not. @return 0 or
 * -ENOMEM. */
int dnsmasq_new(struct dnsmasq **out, sd_event *event, const char *dir, dnsmasq_changed_fn *fn,
		void *arg, struct err *e);
/* Leaves the servers running. */
void dnsmasq_free(struct dnsmasq *d);

/* Is @n's network served as it says, on its bridge @ifindex, and its guest known to the server? */
bool dnsmasq_has(const struct dnsmasq *d, const struct nat *n, int ifindex);
/*
 * Makes it so. -errno with what is wrong: no dnsmasq, or one that does not last. The guest is made
 * known in any case: it is served when there is a server.
 */
int dnsmasq_put(struct dnsmasq *d, const struct nat *n, int ifindex, struct err *e);

/* Between begin and end, everything that is needed is named; end stops and removes all else. */
void dnsmasq_keep_begin(struct dnsmasq *d);
void dnsmasq_keep(struct dnsmasq *d, const struct nat *n);
void dnsmasq_keep_end(struct dnsmasq *d);

#endif
