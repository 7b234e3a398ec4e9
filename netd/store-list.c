// SPDX-License-Identifier: GPL-2.0-or-later
/* store-list: the names below a node, however many. */
#include "store-priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "buf.h"

/*
 * Listing a large directory: C xenstored answers E2BIG and wants XS_DIRECTORY_PART (4.9), a piece
 * at a time with a generation count in front that tells whether the directory changed in between.
 */
struct list {
	struct store *st;
	uint32_t tx;
	struct store_cb cb;
	struct buf names;
	char gen[24];
	char path[];
};

static void list_part(void *arg, unsigned tag, int error, const char *data, size_t len);

static void list_end(struct list *li, int error)
{
	struct store_cb cb = li->cb;
	if (!error && buf_add(&li->names, "", 1) < 0)
		error = -ENOMEM;
	if (cb.fn)
		cb.fn(cb.arg, cb.tag, error, error ? "" : li->names.data,
		      error ? 0 : li->names.len - 1);
	buf_fini(&li->names);
	free(li);
}

static void list_ask(struct list *li)
{
	char off[16];
	snprintf(off, sizeof(off), "%zu", li->names.len);
	store_request(li->st, XS_DIRECTORY_PART, li->tx, li->path, off, true,
		(struct store_cb){list_part, li, 0});
}

static void list_part(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct list *li = arg;
	size_t g = error ? 0 : strnlen(data, len) + 1;
	(void)tag;
	if (!error && (g > sizeof(li->gen) || g > len))
		error = -EBADMSG;
	if (error) {
		list_end(li, error);
		return;
	}
	if (li->names.len && strcmp(li->gen, data)) {
		buf_clear(&li->names); /* changed under us: from the start */
		list_ask(li);
		return;
	}
	strcpy(li->gen, data);
	/* An empty name at the end says that this was the last piece. */
	bool last = len == g || (len >= g + 1 && !data[len - 1] && (len == g + 1 || !data[len - 2]));
	if (buf_add(&li->names, data + g, len - g - (last && len > g)) < 0)
		list_end(li, -ENOMEM);
	else if (last || li->names.len > STORE_REPLY_MAX)
		list_end(li, 0);
	else
		list_ask(li);
}

static void list_whole(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct list *li = arg;
	(void)tag;
	if (error == -E2BIG) {
		list_ask(li);
		return;
	}
	if (!error && buf_add(&li->names, data, len) < 0)
		error = -ENOMEM;
	list_end(li, error);
}

void store_list(struct store *st, uint32_t tx, const char *path, struct store_cb cb)
{
	struct list *li = calloc(1, sizeof(*li) + strlen(path) + 1);
	if (!li) {
		cb.fn(cb.arg, cb.tag, -ENOMEM, "", 0);
		return;
	}
	li->st = st;
	li->tx = tx;
	li->cb = cb;
	strcpy(li->path, path);
	store_request(st, XS_DIRECTORY, tx, path, NULL, false, (struct store_cb){list_whole, li, 0});
}
