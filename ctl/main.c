// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetctl: the administrator's view of xen-netd. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build-config.h"
#include "client.h"
#include "command.h"
#include "proto.h"

static const struct command {
	const char *name;
	const char *args; /* for --help */
	const char *help;
	int max_args;
	command_fn *run;
} commands[] = {
	{"status", "[DOMAIN|VIF]",
	 "show networks, vifs and their state; DOMAIN: name or domid", 1, cmd_status},
	{"drops", "[DOMAIN|VIF]", "show what the filters have kept guests from sending, and why", 1,
	 cmd_drops},
	{"reload", "", "read netd.conf again: all of it, or nothing if it has an error", 0,
	 cmd_reload},
};

static const char help_tail[] =
	"\n"
	"Options:\n"
	"      --json         print JSON for programs\n"
	"      --socket PATH  talk to the daemon there (default: $XEN_NETD_SOCKET, else\n"
	"                     " PROTO_SOCKET ")\n"
	"  -h, --help         print this\n"
	"      --version      print the version\n"
	"\n"
	"Exit status: 0 all is well; 1 a vif is in error, or the request failed; 2 no daemon.\n"
	"\n"
	"Examples:\n"
	"  xnetctl status            everything\n"
	"  xnetctl status web1       the vifs of one guest\n"
	"  xnetctl status vif5.0     one vif: why is it not connected?\n"
	"  xnetctl status --json | jq '.vifs[] | select(.state == \"error\")'\n"
	"\n"
	"xnetctl(8) tells more.\n";

static void print_help(FILE *f)
{
	fputs("Usage: xnetctl [OPTION]... COMMAND [ARGUMENT]...\n"
	      "\n"
	      "Shows and steers the networks of Xen guests, which xen-netd takes care of.\n"
	      "\n"
	      "Commands:\n",
	      f);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(f, "  %-6s %-13s %s\n", commands[i].name, commands[i].args,
			commands[i].help);
	fputs(help_tail, f);
}

static int fail_usage(const char *what, const char *word)
{
	fprintf(stderr, "xnetctl: %s%s; see \"xnetctl --help\"\n", what, word);
	return EXIT_TROUBLE;
}

int command_fail(const struct err *e)
{
	fprintf(stderr, "xnetctl: %s\n", e->text);
	return EXIT_TROUBLE;
}

int command_call(const struct options *o, const char *method, json_t *params, json_t **result)
{
	struct err e = ERR_INIT;
	int r = client_call(o->socket, method, params, result, &e);
	if (!r)
		return EXIT_WELL;
	command_fail(&e);
	return r == CLIENT_ABSENT ? EXIT_ABSENT : EXIT_TROUBLE;
}

int command_print_json(json_t *json)
{
	/* Escaped beyond ASCII: a terminal obeys C1 controls that come as UTF-8, too. */
	if (!json || json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) < 0) {
		json_decref(json);
		return command_fail(&(struct err){.text = "out of memory"});
	}
	putchar('\n');
	json_decref(json);
	return EXIT_WELL;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int run_command(const struct options *o, int argc, char *argv[])
{
	if (!argc)
		return fail_usage("a command is missing: status, drops, reload", "");
	const struct command *c = find_command(argv[0]);
	if (!c)
		return fail_usage("no such command: ", argv[0]);
	if (argc - 1 > c->max_args)
		return fail_usage("one word too many: ", argv[1 + c->max_args]);
	int status = c->run(o, argv + 1);
	if (fflush(stdout) || ferror(stdout)) {
		perror("xnetctl: write to standard output");
		return EXIT_TROUBLE;
	}
	return status;
}

int main(int argc, char *argv[])
{
	enum { OPT_JSON = 256, OPT_SOCKET, OPT_VERSION };
	static const struct option known[] = {
		{"json", no_argument, NULL, OPT_JSON},
		{"socket", required_argument, NULL, OPT_SOCKET},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, OPT_VERSION},
		{NULL, 0, NULL, 0},
	};
	const char *env = getenv(PROTO_SOCKET_ENV);
	struct options o = {.socket = env && *env ? env : PROTO_SOCKET};
	int opt;
	setlocale(LC_CTYPE, "");
	while ((opt = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		switch (opt) {
		case OPT_JSON:
			o.json = true;
			break;
		case OPT_SOCKET:
			o.socket = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_WELL;
		case OPT_VERSION:
			puts("xnetctl (xen-netd) " NETD_VERSION);
			return EXIT_WELL;
		default:
			/* getopt has told what is wrong. */
			fputs("See \"xnetctl --help\".\n", stderr);
			return EXIT_TROUBLE;
		}
	}
	return run_command(&o, argc - optind, argv + optind);
}
