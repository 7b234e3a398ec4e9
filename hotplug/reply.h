/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply: one line from the daemon, as an outcome. Pure. */
#ifndef HOTPLUG_REPLY_H
#define HOTPLUG_REPLY_H

#include <stddef.h>

enum {
	REPLY_TEXT_SIZE = 1024, /* hotplug-error may hold 2048 bytes under oxenstored */
	REPLY_DEPTH_MAX = 16,
};

struct reply {
	int code;		       /* error.code; 0 if missing */
	char message[REPLY_TEXT_SIZE]; /* error.message, printable ASCII, cut if longer */
};

/* Conditions of reply_parse(). */
enum {
	REPLY_DONE,    /* a result for request @id */
	REPLY_REFUSED, /* an error for it, or for a request that could not be read; @reply is set */
	REPLY_NOT_OURS, /* well-formed, but about something else: to be skipped */
};

/*
 * Scans one JSON-RPC answer, without its newline. Strict about JSON's grammar, so that a cut or
 * mixed-up line is never taken for success; members it does not know are skipped, that is how the
 * protocol grows. The line may hold any byte.
 *
 * @return one of the conditions above, or -EBADMSG.
 */
int reply_parse(const char *line, size_t len, int id, struct reply *reply);

#endif
