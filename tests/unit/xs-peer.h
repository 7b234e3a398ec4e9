/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xs-peer: a xenstored of which the test writes every byte, and a store.h client that talks to it.
 */
#ifndef TESTS_XS_PEER_H
#define TESTS_XS_PEER_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <xen/io/xs_wire.h>

#include "store.h"
#include "twin-clock.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* A string literal and its length without the final NUL. */
#define BYTES(s) s, sizeof(s) - 1

enum { PEER_RETRY = 100 * 1000 }; /* microseconds until the client connects again */

struct peer {
	sd_event *event;
	struct store *store;
	char dir[32], path[64];
	int listener, fd; /* -1: none */
	/*
	 * What the client was told, in order: "up ", "down ", "watch PATH TOKEN ",
	 * "TAG=DATA " or "TAG!ERRNO " for answers; a NUL inside is shown as '|'.
	 */
	char log[8192];
	unsigned answers;
	struct err why; /* of the last down() */
};

/* The client is connected, and its log empty. */
void peer_init(struct peer *p);
void peer_fini(struct peer *p);

void peer_listen(struct peer *p);
void peer_unlisten(struct peer *p);
/* The loop runs, the client connects; its "up" is in the log. */
void peer_accept(struct peer *p);
void peer_hang_up(struct peer *p);
void peer_settle(struct peer *p);

/* Fails unless the log is @text; then empties it. */
void peer_assert_log(struct peer *p, const char *text);

/* An answer's function that writes the log; its argument is the peer. */
void peer_note(void *arg, unsigned tag, int error, const char *data, size_t len);
struct store_cb peer_cb(struct peer *p, unsigned tag);

/* Takes one request off the wire and compares it. @return its req_id. */
uint32_t peer_expect(struct peer *p, uint32_t type, uint32_t tx, const char *body, size_t len);
/* Fails when there is any request. */
void peer_expect_nothing(struct peer *p);

void peer_send(struct peer *p, const void *bytes, size_t len);
void peer_message(struct peer *p, uint32_t type, uint32_t req_id, const char *body, size_t len);
void peer_error(struct peer *p, uint32_t req_id, const char *name);
void peer_event(struct peer *p, const char *path, const char *token);

#endif
