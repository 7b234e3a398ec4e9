// SPDX-License-Identifier: GPL-2.0-or-later
/* buf: a growing run of bytes. */
#include "buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_KEEP = 64 * 1024 };

char *buf_reserve(struct buf *b, size_t n)
{
	if (!b->data || b->size - b->len < n) {
		size_t size = b->size ?: 256;
		while (size - b->len < n)
			size *= 2;
		char *data = realloc(b->data, size);
		if (!data)
			return NULL;
		b->data = data;
		b->size = size;
	}
	return b->data + b->len;
}

int buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);
	if (!to)
		return -ENOMEM;
	memcpy(to, p, n);
	b->len += n;
	return 0;
}

void buf_consume(struct buf *b, size_t n)
{
	b->len -= n;
	if (!b->len)
		buf_clear(b);
	else if (n)
		memmove(b->data, b->data + n, b->len);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->size > BUF_KEEP)
		buf_fini(b);
}

void buf_fini(struct buf *b)
{
	free(b->data);
	*b = (struct buf){.data = NULL};
}
