/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client: one request to the daemon. */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <jansson.h>

#include "err.h"

enum { CLIENT_DEADLINE = 10 }; /* seconds, for all of a call */

/* Conditions of client_call(). */
enum {
	CLIENT_ABSENT = 1, /* the daemon does not run, or does not answer */
	CLIENT_REFUSED,	   /* it answered with an error; the text is the daemon's */
};

/*
 * Takes @params over. @return 0, and then *@result is the caller's; a condition above or -errno,
 * with a sentence in @e.
 */
int client_call(const char *socket, const char *method, json_t *params, json_t **result,
		struct err *e);

#endif
