/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request: what libxl says by arguments and environment, as a request to the daemon. Pure. */
#ifndef HOTPLUG_REQUEST_H
#define HOTPLUG_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
	REQUEST_PATH_SIZE = 64, /* three numbers of 10 digits fit, the longest that are taken */
	REQUEST_LINE_SIZE = 256,
};

struct request {
	const char *action; /* "online", "offline", "add", "remove" */
	const char *type;   /* "vif", "tap" */
	bool forgiving;	    /* taking a vif away never fails: libxl only wants us out of the way */
	char path[REQUEST_PATH_SIZE]; /* backend directory, relative or absolute as given */
	char vif[32];		      /* "vif5.0", "vif5.0-emu": for messages */
};

/* Conditions of request_parse(). */
enum {
	REQUEST_SEND,	 /* @req is complete */
	REQUEST_NOTHING, /* online or offline of a tap, add or remove of a vif: not our business */
	REQUEST_HELP,
	REQUEST_VERSION,
};

/*
 * @argv is main()'s: an action and "name=value" words, which override the environment @envp as they
 * do in Xen's scripts. Used are type_if ("vif" if absent) and XENBUS_PATH; where that is missing,
 * as with a device model that runs the script itself, the name in `vif` or INTERFACE tells.
 *
 * @return one of the conditions above; -EINVAL with a sentence in @why, and then req->forgiving
 * still says whether that may be an error.
 */
int request_parse(char *const argv[], char *const envp[], struct request *req, char *why,
		  size_t why_size);

/* The JSON-RPC line, id 1, with its newline. @return its length: it always fits. */
size_t request_format(const struct request *req, char line[REQUEST_LINE_SIZE]);

#endif
