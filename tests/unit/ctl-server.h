/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-server: the control socket in an event loop, and its clients, for tests of both. */
#ifndef TESTS_CTL_SERVER_H
#define TESTS_CTL_SERVER_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctl.h"
#include "proto.h"
#include "twin-clock.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum {
	HELD_MAX = 16,
};

struct server {
	sd_event *event;
	struct ctl *ctl;
	char dir[32], path[64];
	struct ctl_req *held[HELD_MAX]; /* of the method "hold": answered when the test says so */
	unsigned n_held, calls;
};

/*
 * Methods: echo (params as result), nothing ({}), big (a large string), hold, refuse and
 * refuse-oddly (errors).
 */
const struct ctl_method *server_methods(void);

void server_init(struct server *s);
void server_fini(struct server *s);

/* @return a client's non-blocking socket, or -1. */
int server_dial(const struct server *s);
void say_bytes(int fd, const char *bytes, size_t len);
void say(int fd, const char *text);
/* What has arrived after the server did all it could. Valid until the next call. */
const char *server_hear(struct server *s, int fd);
bool server_is_closed(struct server *s, int fd);
/* Connects, says @bytes, and expects @answer. */
void server_assert(struct server *s, const char *bytes, size_t len, const char *answer);

#define OK(id)	       "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}\n"
#define REQ(id, m)     "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" m "\"}\n"
#define ERR(id, n, t) \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" n ",\"message\":\"" t "\"}}\n"
#define NOT_A_REQUEST \
	ERR("null", "-32600", "not a JSON-RPC 2.0 request: an object with jsonrpc, method and id")

#endif
