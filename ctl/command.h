/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command: what main() and the commands share. A new command is a function and a row in main.c. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdbool.h>

#include <jansson.h>

#include "err.h"

/* xnetctl's exit status, see xnetctl(8). */
enum {
	EXIT_WELL = 0,
	EXIT_TROUBLE = 1, /* a vif is in error, the request failed, or the words were wrong */
	EXIT_ABSENT = 2,  /* no daemon */
};

struct options {
	const char *socket;
	bool json;
};

/* Each takes its own words (without its name), prints, and returns an exit status. */
typedef int command_fn(const struct options *o, char *const args[]);

command_fn cmd_status;
command_fn cmd_drops;
command_fn cmd_reload;

/* client_call(), with the error printed. @return EXIT_WELL, and then *@result is the caller's. */
int command_call(const struct options *o, const char *method, json_t *params, json_t **result);

/* Prints an error. @return EXIT_TROUBLE. */
int command_fail(const struct err *e);

/* Prints @json for programs and takes it over; NULL: out of memory. @return exit status. */
int command_print_json(json_t *json);

#endif
