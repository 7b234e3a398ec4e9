/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netd: the daemon's parts, held together. For the core alone; plugins see plugin.h. */
#ifndef NETD_NETD_H
#define NETD_NETD_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "config.h"
#include "host.h"
#include "store.h"
#include "vifs.h"
#include "walls.h"

struct ctl;
struct lessor; /* lessor.h */
struct notify; /* notify.h */

struct netd {
	sd_event *event;
	struct store *store;
	struct host host;
	struct vifs vifs;
	struct walls walls; /* for the status */
	struct plugins *plugins;
	struct config *config;
	struct ctl *ctl;
	struct lessor *lessor;
	struct notify *notify; /* NULL: there is no service manager */
	const char *config_path;
	const char *helper; /* path of the hotplug helper: a vif whose script is that file is ours */

	/*
	 * Runs while the queue holds vifs: an eventfd, for a deferred source that enables itself again
	 * goes before any socket of its priority for as long as there is work.
	 */
	sd_event_source *work;
	int work_fd;
	bool work_due; /* written to and not read yet */
	sd_event_source *clock; /* the next retry or deadline */
	uint64_t clock_at;	/* 0: not set */

	uint32_t domid;	     /* our own; another than 0 makes this a driver domain */
	char backend[64];    /* "/local/domain/<domid>/backend/vif"; "" until known */
	uint32_t connection; /* number of the present connection to xenstored; counts from 1 */
	unsigned scans;	     /* directory listings of a scan under way */
	uint32_t scan;	     /* number of the last whole scan */
	unsigned scanned_in; /* connection in which the last whole scan ended well */
	bool scan_whole;     /* the scan under way is of all domains, and nothing was refused yet */
	uint64_t scan_at;    /* a list was refused: scanned again then; CLOCK_MONOTONIC, 0: none was */
	uint64_t watch_at;   /* xenstore refused our watch: again then; CLOCK_MONOTONIC, 0: it lies */
	unsigned reading;    /* vifs whose values are being read */
	bool sweep;	     /* netdevs have gone: peers may have something of theirs left */
	int wiring; /* ifindex being wired: its own events are no news; 0: none */
	bool strays_due; /* connections may be there that began without the rules */
	bool sweep_due; /* something of a private network may be there that nobody needs any more */
	uint64_t started;    /* CLOCK_MONOTONIC microseconds */
	uint64_t told_at;    /* when systemd was last told the STATUS; the same clock */
	size_t told[VIF_UNMANAGED + 1]; /* and what */
};

/* Marks a vif to be looked at again, by the loop. */
void netd_look(struct netd *nd, struct vif *v);
/* Runs the queue, and the sweep behind it, in its turn among the sockets. */
void netd_work(struct netd *nd);
/* As netd_look(), after the values in @mask have been read again. */
void netd_reread(struct netd *nd, struct vif *v, uint32_t mask);
/* Looks at @v again at @at (CLOCK_MONOTONIC microseconds) at the latest. */
void netd_wake_at(struct netd *nd, uint64_t at);
uint64_t netd_now(void);

/* "vif5.0 (web1)": how every line about a vif starts. @return @buf. */
const char *netd_vif_title(const struct vif *v, char *buf, size_t size);

#endif
