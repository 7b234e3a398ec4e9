/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store-priv: shared by store.c and store-list.c alone. */
#ifndef NETD_STORE_PRIV_H
#define NETD_STORE_PRIV_H

#include "store.h"

enum {
	/* oxenstored 4.17 answers a large directory in one piece, over XENSTORE_PAYLOAD_MAX. */
	STORE_REPLY_MAX = 1 << 20,
};

/*
 * Queues a request of @type (enum xsd_sockmsg_type) with one or two strings: @a with its NUL, then
 * @b (NULL: none) without (a value) or with (a token) its NUL.
 */
void store_request(struct store *st, uint32_t type, uint32_t tx, const char *a, const char *b,
		   bool b_nul, struct store_cb cb);

#endif
