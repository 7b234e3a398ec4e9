/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ask: one request to the daemon, and its answer, through a restart of the daemon. */
#ifndef HOTPLUG_ASK_H
#define HOTPLUG_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "reply.h"

enum {
	ASK_ABSENCE = 3000, /* ms that the daemon may be away once it was there: a restart */
	ASK_RESTART = 1000, /* ms that it may be away when it left its socket behind: it died just now */
	ASK_LOSSES = 8,	    /* connections it may close without an answer */
};

/*
 * Sends @line (its id is 1) and waits for the answer. A daemon that is not there at first is an
 * error at once, unless it has just died; one that goes away meanwhile is waited for and asked again: a request is
 * repeatable, and carries no state of the connection.
 *
 * @return 0: done; REPLY_REFUSED: the daemon said no, see @reply; -errno: no answer, and
 * reply->message says why and what to do.
 */
int ask(const char *socket, const char *line, size_t len, int64_t deadline, struct reply *reply);

#endif
