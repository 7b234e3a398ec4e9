/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify: what the service manager is told, without ever waiting for it. */
#ifndef NETD_NOTIFY_H
#define NETD_NOTIFY_H

#include <systemd/sd-event.h>

struct notify;

/*
 * To the socket that NOTIFY_SOCKET names, and with WATCHDOG_USEC a sign of life at half that time.
 * @return 0, *@out is NULL without such a socket; -errno. All functions take NULL.
 */
int notify_new(struct notify **out, sd_event *event);
void notify_free(struct notify *n);

/*
 * "READY=1", "RELOADING=1", "STOPPING=1". What the socket has no room for is sent when it has: of each
 * function the last text.
 */
void notify_state(struct notify *n, const char *state);
/* "STATUS=…". */
void notify_status(struct notify *n, const char *status);

#endif
