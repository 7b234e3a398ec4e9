/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twin-store: store.h over a xenstored in memory, chosen at link time; can fail call number N. */
#ifndef TESTS_TWIN_STORE_H
#define TESTS_TWIN_STORE_H

#include "store.h"
#include "twin-tree.h"

enum twin_request {
	TWIN_READ,
	TWIN_WRITE,
	TWIN_RM,
	TWIN_LIST,
	TWIN_WATCH,
	TWIN_UNWATCH,
	TWIN_TX_START,
	TWIN_TX_END,
};

/*
 * The xenstored: it outlives its client. It keeps what store.h promises: requests are handled one
 * by one, one a turn of the loop; a change's events come before the answer of whatever is handled
 * after it; a transaction is refused when a node that it read or wrote has changed meanwhile.
 */
struct twin_xs {
	struct twin_tree tree;
	uint32_t domid;	       /* of the client: relative paths are below its home */
	struct store *client; /* NULL: none */

	int calls;     /* requests handled so far */
	int fail_at;   /* this one is refused (1 = the first), 0: none */
	int fail_code; /* with this -errno */
	int lose_at;   /* at this one the connection ends instead, 0: none */
	int conflicts; /* so many commits to come are refused with -EAGAIN */
	int commits;   /* asked for so far */
	/* Called before each request is handled: somebody else's hand in the store. May be NULL. */
	void (*meddle)(struct twin_xs *xs, enum twin_request what, const char *path);
	void *arg; /* meddle's own */

	char log[16384]; /* "PATH=VALUE\n", "PATH-\n": what the client has changed */
};

void twin_xs_init(struct twin_xs *xs);
void twin_xs_fini(struct twin_xs *xs);
/* The next store_new() is a client of @xs, connected in its first turn of the loop. */
void twin_xs_offer(struct twin_xs *xs);

/* The toolstack's and netback's hand. twin_xs_rm() of what is missing is nothing. */
void twin_xs_put(struct twin_xs *xs, const char *path, const char *value);
void twin_xs_rm(struct twin_xs *xs, const char *path);
const char *twin_xs_get(const struct twin_xs *xs, const char *path); /* NULL: missing */
void twin_xs_clear(struct twin_xs *xs); /* all gone, without a word */

/* The connection ends now; twin_xs_return(): it is back. */
void twin_xs_lose(struct twin_xs *xs);
void twin_xs_return(struct twin_xs *xs);

/* How many lines of the log begin with @prefix. */
unsigned twin_xs_logged(const struct twin_xs *xs, const char *prefix);

#endif
