// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetctl status: who is on which network, and why not. */
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "render.h"
#include "status.h"
#include "text.h"

enum {
	WIDTH_TERMINAL = 80, /* of one that does not tell */
	WIDTH_PIPE = 120,
};

static unsigned width_of_output(bool terminal)
{
	struct winsize ws;
	const char *columns = getenv("COLUMNS");
	if (terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_col)
		return ws.ws_col;
	int n = columns ? atoi(columns) : 0;
	if (n > 0)
		return n;
	return terminal ? WIDTH_TERMINAL : WIDTH_PIPE;
}

static bool wants_colour(bool terminal)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM"); /* https://no-color.org */
	return terminal && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

static char *host_name(bool ascii)
{
	char name[256] = "";
	gethostname(name, sizeof(name) - 1);
	return text_clean(*name ? name : "this host", ascii);
}

static void print_tree(const struct status *s, bool utf8, bool only_vifs)
{
	bool terminal = isatty(STDOUT_FILENO);
	char *host = host_name(!utf8);
	render_status(stdout,
		      &(struct render){
			      .width = width_of_output(terminal),
			      .utf8 = utf8,
			      .colour = wants_colour(terminal),
			      .only_vifs = only_vifs,
			      .now = time(NULL),
			      .host = host ? host : "",
		      },
		      s);
	free(host);
}

int cmd_status(const struct options *o, char *const args[])
{
	struct status s;
	struct err e = ERR_INIT;
	json_t *result;
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	json_t *params = args[0] ? json_pack("{s:s}", "match", args[0]) : json_object();
	int status = command_call(o, "status", params, &result);
	if (status)
		return status;
	if (!o->json && status_clean(result, !utf8, &e) < 0) {
		json_decref(result);
		return command_fail(&e);
	}
	if (status_init(&s, result, &e) < 0) {
		status = command_fail(&e);
	} else {
		if (o->json)
			status = command_print_json(status_json(&s));
		else
			print_tree(&s, utf8, args[0]);
		if (!status_is_well(&s))
			status = EXIT_TROUBLE;
	}
	status_fini(&s);
	return status;
}
