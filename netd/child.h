/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child: a program that is kept running. */
#ifndef NETD_CHILD_H
#define NETD_CHILD_H

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "err.h"

/*
 * Started without a shell, as the daemon's own user, with no open files but standard error. It is
 * known by its process descriptor: no signal goes to another process that has got its number. It
 * may outlive the daemon; the number is kept in a file, and child_adopt() takes it over.
 *
 * A program that ends is started again after a pause: 0.1 s, doubled up to 30 s while it ends
 * within 5 s of its start.
 */
struct child;

typedef void child_fn(void *arg); /* it has begun, or ended */

/*
 * @argv: NULL-terminated, argv[0] absolute; copied, as is @pid_file. argv[1] is also how
 * child_adopt() tells the program from another one. @return NULL: out of memory.
 */
struct child *child_new(sd_event *event, const char *const *argv, const char *pid_file,
			child_fn *fn, void *arg);

/* Takes over the process that the pid file names, if it is still this program. @return whether. */
bool child_adopt(struct child *c);
/* Starts it, unless it runs or waits for its restart. 0 or -errno: it cannot be started; it is
 * tried again later. */
int child_start(struct child *c, struct err *e);
/* Ends it, and starts it at once again; nothing if it does not run. */
void child_restart(struct child *c);
/* Sends a signal; nothing if it does not run. */
void child_signal(const struct child *c, int sig);
/* Ends it (SIGTERM) and frees @c; NULL is fine. */
void child_stop(struct child *c);
/* Frees @c, and leaves the process alone. */
void child_leave(struct child *c);

/* Does it last? @return 0; -errno with how it ended, the last of several times in a row. */
int child_check(const struct child *c, struct err *e);
bool child_is_kept(const struct child *c); /* it runs, or will again */

#endif
