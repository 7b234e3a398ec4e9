/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buf: a growing run of bytes, filled at its end and eaten from its front. */
#ifndef NETD_BUF_H
#define NETD_BUF_H

#include <stddef.h>

/* Zeroed is empty. @data is NULL while nothing was ever put in. */
struct buf {
	char *data;
	size_t len, size;
};

/* Room for @n more bytes behind len; the caller raises len. NULL: out of memory, unchanged. */
char *buf_reserve(struct buf *b, size_t n);
int buf_add(struct buf *b, const void *p, size_t n); /* 0 or -ENOMEM */
void buf_consume(struct buf *b, size_t n);
void buf_clear(struct buf *b); /* empties; gives memory back when it had grown large */
void buf_fini(struct buf *b);

#endif
