// SPDX-License-Identifier: GPL-2.0-or-later
/* vif-netd: the hotplug helper, which libxl executes for every vif. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "build-config.h"
#include "io.h"
#include "proto.h"
#include "reply.h"
#include "request.h"
#include "xs.h"

enum {
	FORGIVING_DEADLINE = 5,	    /* s; libxl ignores the outcome, the user is waiting */
	REPORT_DEADLINE = 2 * 1000, /* ms; with the 30 s before it still below libxl's 40 s */
};

static const char usage[] =
	"Usage: vif-netd online|offline [type_if=vif]\n"
	"       vif-netd add|remove type_if=tap\n"
	"       vif-netd --help | --version\n"
	"\n"
	"libxl runs this program for a guest's network device, with\n"
	"XENBUS_PATH=backend/vif/DOMID/DEVID in its environment; it asks xen-netd to do the work.\n"
	"Use it as script=vif-netd in a vif specification, or as vif.default.script in xl.conf.\n"
	"See xen-netd(8) and xnetctl(8).\n";

/* For libxl to print; the administrator reads it in xl's output instead of the journal. */
static void report(const struct request *req, const char *text)
{
	int64_t deadline = io_now() + REPORT_DEADLINE;
	int fd = xs_open(deadline);
	int r = fd < 0 ? fd : xs_report(fd, req->path, text, deadline);
	if (r < 0)
		fprintf(stderr, "vif-netd: %s: cannot write hotplug-error to xenstore: %s\n",
			req->vif, strerror(-r));
	if (fd >= 0)
		close(fd);
}

static int run(const struct request *req)
{
	char line[REQUEST_LINE_SIZE], text[REPLY_TEXT_SIZE + sizeof(req->vif) + 2];
	struct reply reply;
	const char *socket = getenv(PROTO_SOCKET_ENV);
	int seconds = req->forgiving ? FORGIVING_DEADLINE : PROTO_HOTPLUG_DEADLINE;
	size_t len = request_format(req, line);
	int r = ask(socket && *socket ? socket : PROTO_SOCKET, line, len, io_now() + seconds * 1000,
		    &reply);
	if (!r)
		return EXIT_SUCCESS;

	/* The daemon wrote hotplug-error if it came as far as that; its sentence names the vif. */
	bool told = r == REPLY_REFUSED && reply.code == PROTO_ERR_HOTPLUG;
	if (told || (r == REPLY_REFUSED && reply.code == PROTO_ERR_UNTOLD))
		snprintf(text, sizeof(text), "%s", reply.message);
	else
		snprintf(text, sizeof(text), "%s: %s", req->vif, reply.message);
	fprintf(stderr, "vif-netd: %s\n", text);
	if (req->forgiving)
		return EXIT_SUCCESS;
	if (!told)
		report(req, text);
	return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
	struct request req;
	char why[256];
	(void)argc;
	signal(SIGPIPE, SIG_IGN);
	int r = request_parse(argv, environ, &req, why, sizeof(why));
	switch (r) {
	case REQUEST_SEND:
		return run(&req);
	case REQUEST_NOTHING:
		return EXIT_SUCCESS;
	case REQUEST_HELP:
		fputs(usage, stderr); /* libxl made stdout a copy of stderr anyway */
		return EXIT_FAILURE;
	case REQUEST_VERSION:
		puts("vif-netd (xen-netd) " NETD_VERSION);
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "vif-netd: %s\n", why);
	if (!req.action)
		fprintf(stderr, "\n%s", usage);
	return req.forgiving ? EXIT_SUCCESS : EXIT_FAILURE;
}
