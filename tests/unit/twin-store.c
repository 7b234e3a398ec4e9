// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-store: a xenstored in memory: nodes, watches, transactions, and one client. */
#include "twin-store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch {
	struct watch *next;
	char path[TWIN_PATH_SIZE], token[64];
};

/* A request that waits, or an answer or event that does. */
struct item {
	struct item *next;
	enum twin_request what;
	bool event;
	uint32_t tx;
	bool commit;
	struct store_cb cb;
	int error;
	char path[TWIN_PATH_SIZE];
	char *data; /* value or token; the answer's data */
	size_t len;
};

struct queue {
	struct item *first, **last;
};

struct store {
	struct twin_xs *xs;
	sd_event_source *work;
	const struct store_ops *ops;
	void *arg;
	bool up;
	uint32_t next_tx;
	struct watch *watches;
	struct twin_tx *txs;
	struct queue in, out;
};

static struct twin_xs *offered;

static void push(struct store *st, struct queue *q, struct item *it)
{
	it->next = NULL;
	*q->last = it;
	q->last = &it->next;
	sd_event_source_set_enabled(st->work, SD_EVENT_ONESHOT);
}

static struct item *pop(struct queue *q)
{
	struct item *it = q->first;
	q->first = it->next;
	if (!q->first)
		q->last = &q->first;
	return it;
}

static void item_free(struct item *it)
{
	free(it->data);
	free(it);
}

static void fire_one(struct store *st, const struct watch *w, const char *path)
{
	struct item *it = calloc(1, sizeof(*it));
	it->event = true;
	snprintf(it->path, sizeof(it->path), "%s", path);
	it->data = strdup(w->token);
	push(st, &st->out, it);
}

/* @gone: a whole tree was removed, which those who watch inside of it learn by their own path. */
static void fire(struct twin_xs *xs, const char *path, bool gone)
{
	struct store *st = xs->client;
	for (struct watch *w = st && st->up ? st->watches : NULL; w; w = w->next)
		if (twin_path_below(path, w->path))
			fire_one(st, w, path);
		else if (gone && twin_path_below(w->path, path))
			fire_one(st, w, w->path);
}

void twin_xs_put(struct twin_xs *xs, const char *path, const char *value)
{
	twin_tree_put(&xs->tree, path, value);
	fire(xs, path, false);
}

void twin_xs_rm(struct twin_xs *xs, const char *path)
{
	if (twin_tree_rm(&xs->tree, path))
		fire(xs, path, true);
}

const char *twin_xs_get(const struct twin_xs *xs, const char *path)
{
	const struct twin_node *n = twin_tree_find(&xs->tree, path);
	return n ? n->value : NULL;
}

void twin_xs_clear(struct twin_xs *xs)
{
	twin_tree_rm(&xs->tree, "");
}

void twin_xs_init(struct twin_xs *xs)
{
	memset(xs, 0, sizeof(*xs));
}

void twin_xs_fini(struct twin_xs *xs)
{
	twin_xs_clear(xs);
}

void twin_xs_offer(struct twin_xs *xs)
{
	offered = xs;
}

unsigned twin_xs_logged(const struct twin_xs *xs, const char *prefix)
{
	unsigned n = 0;
	for (const char *line = xs->log; *line; line = strchr(line, '\n') + 1)
		n += !strncmp(line, prefix, strlen(prefix));
	return n;
}

/* ---- transactions ---- */

static struct twin_tx *find_tx(struct store *st, uint32_t id)
{
	struct twin_tx *tx = st->txs;
	while (tx && tx->id != id)
		tx = tx->next;
	return tx;
}

static void log_change(struct twin_xs *xs, const char *path, const char *value)
{
	size_t n = strlen(xs->log);
	if (n + strlen(path) + strlen(value ?: "") + 3 < sizeof(xs->log))
		sprintf(xs->log + n, "%s%s%s\n", path, value ? "=" : "-", value ?: "");
}

static void change(struct twin_xs *xs, const char *path, const char *value)
{
	log_change(xs, path, value);
	if (value)
		twin_xs_put(xs, path, value);
	else
		twin_xs_rm(xs, path);
}

static void tx_free(struct store *st, struct twin_tx *tx)
{
	struct twin_tx **p = &st->txs;
	while (*p != tx)
		p = &(*p)->next;
	*p = tx->next;
	twin_tx_free(tx);
}

static int tx_end(struct store *st, struct twin_tx *tx, bool commit)
{
	struct twin_xs *xs = st->xs;
	int r = 0;
	if (commit) {
		xs->commits++;
		if (xs->conflicts > 0 || twin_tx_conflicts(tx, &xs->tree))
			r = -EAGAIN;
		xs->conflicts -= xs->conflicts > 0;
	}
	for (struct twin_access *a = tx->first; commit && !r && a; a = a->next)
		if (a->write)
			change(xs, a->path, a->value);
	tx_free(st, tx);
	return r;
}

static uint32_t tx_start(struct store *st)
{
	struct twin_tx *tx = twin_tx_new(++st->next_tx);
	tx->next = st->txs;
	st->txs = tx;
	return tx->id;
}

/* ---- requests ---- */

static void set_data(struct item *it, const void *data, size_t len)
{
	free(it->data);
	it->data = malloc(len + 1);
	memcpy(it->data, data, len);
	it->data[len] = '\0';
	it->len = len;
}

static int do_read(struct store *st, struct item *it, struct twin_tx *tx)
{
	const struct twin_node *n = twin_tree_find(&st->xs->tree, it->path);
	if (tx)
		twin_tx_note(tx, &st->xs->tree, it->path, false, NULL);
	if (n)
		set_data(it, n->value, strlen(n->value));
	return n ? 0 : -ENOENT;
}

static int do_list(struct store *st, struct item *it, struct twin_tx *tx)
{
	char names[8192];
	size_t len = 0, top = strlen(it->path);
	if (tx)
		twin_tx_note(tx, &st->xs->tree, it->path, false, NULL);
	if (!twin_tree_find(&st->xs->tree, it->path))
		return -ENOENT;
	for (const struct twin_node *n = st->xs->tree.nodes; n; n = n->next) {
		const char *name = n->path + top + 1;
		if (!twin_path_below(n->path, it->path) || !n->path[top] || strchr(name, '/'))
			continue;
		len += snprintf(names + len, sizeof(names) - len, "%s", name) + 1;
	}
	set_data(it, names, len);
	return 0;
}

static int do_change(struct store *st, struct item *it, struct twin_tx *tx, const char *value)
{
	if (!value && !twin_tree_find(&st->xs->tree, it->path))
		return -ENOENT;
	if (tx)
		twin_tx_note(tx, &st->xs->tree, it->path, true, value);
	else
		change(st->xs, it->path, value);
	return 0;
}

static int do_watch(struct store *st, const struct item *it)
{
	struct watch *w = calloc(1, sizeof(*w));
	snprintf(w->path, sizeof(w->path), "%s", it->path);
	snprintf(w->token, sizeof(w->token), "%s", it->data);
	w->next = st->watches;
	st->watches = w;
	return 0;
}

static int do_unwatch(struct store *st, const struct item *it)
{
	for (struct watch **p = &st->watches; *p; p = &(*p)->next) {
		struct watch *w = *p;
		if (strcmp(w->path, it->path) || strcmp(w->token, it->data))
			continue;
		*p = w->next;
		free(w);
		return 0;
	}
	return -ENOENT;
}

static int handle(struct store *st, struct item *it)
{
	char id[16];
	struct twin_tx *tx = it->tx ? find_tx(st, it->tx) : NULL;
	if (it->tx && !tx)
		return -ENOENT; /* no such transaction */
	switch (it->what) {
	case TWIN_READ:
		return do_read(st, it, tx);
	case TWIN_LIST:
		return do_list(st, it, tx);
	case TWIN_WRITE:
		return do_change(st, it, tx, it->data);
	case TWIN_RM:
		return do_change(st, it, tx, NULL);
	case TWIN_WATCH:
		return do_watch(st, it);
	case TWIN_UNWATCH:
		return do_unwatch(st, it);
	case TWIN_TX_START:
		snprintf(id, sizeof(id), "%u", tx_start(st));
		set_data(it, id, strlen(id));
		return 0;
	case TWIN_TX_END:
		return tx_end(st, tx, it->commit);
	}
	return -EINVAL;
}

/* A refused end of a transaction ends it nevertheless. */
static int refuse(struct store *st, const struct item *it, int error)
{
	struct twin_tx *tx = find_tx(st, it->tx);
	if (it->what == TWIN_TX_END && tx)
		tx_free(st, tx);
	return error;
}

static void serve(struct store *st, struct item *it)
{
	struct twin_xs *xs = st->xs;
	bool refused = ++xs->calls == xs->fail_at;
	it->error = refused ? refuse(st, it, xs->fail_code) : handle(st, it);
	if (it->error ||
	    (it->what != TWIN_READ && it->what != TWIN_LIST && it->what != TWIN_TX_START))
		it->len = 0;
	push(st, &st->out, it);
	if (it->what == TWIN_WATCH && !it->error)
		fire_one(st, st->watches, it->path); /* the first event, behind the answer */
}

static void deliver(struct store *st, struct item *it)
{
	if (it->event)
		st->ops->watch(st->arg, it->path, it->data);
	else if (it->cb.fn)
		it->cb.fn(it->cb.arg, it->cb.tag, it->error, it->len ? it->data : "", it->len);
	item_free(it);
}

static int on_work(sd_event_source *s, void *arg)
{
	struct store *st = arg;
	struct twin_xs *xs = st->xs;
	if (!st->up) {
		st->up = true;
		st->ops->up(st->arg);
	} else if (st->out.first) {
		deliver(st, pop(&st->out));
	} else if (st->in.first) {
		if (xs->meddle)
			xs->meddle(xs, st->in.first->what, st->in.first->path);
		if (xs->lose_at && xs->calls + 1 >= xs->lose_at)
			twin_xs_lose(xs);
		else if (!st->out.first && st->in.first)
			serve(st, pop(&st->in));
		/* else: the meddling's events go first; it is called again for this request */
	}
	if (st->up && (st->out.first || st->in.first))
		sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
	return 0;
}

/* ---- the client's side ---- */

void twin_xs_lose(struct twin_xs *xs)
{
	static const struct err why = {-ECONNRESET,
				       "connection to xenstored: Connection reset by peer"};
	struct store *st = xs->client;
	struct queue open = st->in;
	if (open.first == NULL)
		open.last = &open.first;
	xs->lose_at = 0;
	st->up = false;
	st->in = (struct queue){NULL, &st->in.first};
	/* Answers that were on their way are lost, too; events are no answers. */
	struct item *late = st->out.first;
	st->out = (struct queue){NULL, &st->out.first};
	for (struct item *it; (it = late);) {
		late = it->next;
		if (!it->event && it->cb.fn)
			it->cb.fn(it->cb.arg, it->cb.tag, -ENOTCONN, "", 0);
		item_free(it);
	}
	while (open.first) {
		struct item *it = pop(&open);
		if (it->cb.fn)
			it->cb.fn(it->cb.arg, it->cb.tag, -ENOTCONN, "", 0);
		item_free(it);
	}
	for (struct watch *w; (w = st->watches);) {
		st->watches = w->next;
		free(w);
	}
	while (st->txs)
		tx_free(st, st->txs);
	sd_event_source_set_enabled(st->work, SD_EVENT_OFF);
	st->ops->down(st->arg, &why);
}

void twin_xs_return(struct twin_xs *xs)
{
	sd_event_source_set_enabled(xs->client->work, SD_EVENT_ONESHOT);
}

int store_new(struct store **out, sd_event *event, const struct store_ops *ops, void *arg,
	      struct err *e)
{
	struct store *st = calloc(1, sizeof(*st));
	*st = (struct store){.xs = offered, .ops = ops, .arg = arg};
	st->in.last = &st->in.first;
	st->out.last = &st->out.first;
	int r = sd_event_add_defer(event, &st->work, on_work, st);
	if (r < 0)
		return err_sysf(e, r, "twin");
	offered->client = st;
	offered = NULL;
	*out = st;
	return 0;
}

void store_free(struct store *st)
{
	if (!st)
		return;
	while (st->in.first)
		item_free(pop(&st->in));
	while (st->out.first)
		item_free(pop(&st->out));
	for (struct watch *w; (w = st->watches);) {
		st->watches = w->next;
		free(w);
	}
	while (st->txs)
		tx_free(st, st->txs);
	sd_event_source_disable_unref(st->work);
	st->xs->client = NULL;
	free(st);
}

bool store_is_up(const struct store *st)
{
	return st->up;
}

static void request(struct store *st, const struct item *what, const char *path, const char *data,
		    struct store_cb cb)
{
	if (!st->up) {
		if (cb.fn)
			cb.fn(cb.arg, cb.tag, -ENOTCONN, "", 0);
		return;
	}
	struct item *it = malloc(sizeof(*it));
	*it = *what;
	it->cb = cb;
	if (path[0] && path[0] != '/')
		snprintf(it->path, sizeof(it->path), "/local/domain/%u/%s", st->xs->domid, path);
	else
		snprintf(it->path, sizeof(it->path), "%s", path);
	it->data = data ? strdup(data) : NULL;
	push(st, &st->in, it);
}

void store_read(struct store *st, uint32_t tx, const char *path, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_READ, .tx = tx}, path, NULL, cb);
}

void store_write(struct store *st, uint32_t tx, const char *path, const char *value,
		 struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_WRITE, .tx = tx}, path, value, cb);
}

void store_rm(struct store *st, uint32_t tx, const char *path, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_RM, .tx = tx}, path, NULL, cb);
}

void store_list(struct store *st, uint32_t tx, const char *path, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_LIST, .tx = tx}, path, NULL, cb);
}

void store_watch(struct store *st, const char *path, const char *token, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_WATCH}, path, token, cb);
}

void store_unwatch(struct store *st, const char *path, const char *token, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_UNWATCH}, path, token, cb);
}

void store_tx_start(struct store *st, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_TX_START}, "", NULL, cb);
}

uint32_t store_tx_id(const char *data)
{
	return strtoul(data, NULL, 10);
}

void store_tx_end(struct store *st, uint32_t tx, bool commit, struct store_cb cb)
{
	request(st, &(struct item){.what = TWIN_TX_END, .tx = tx, .commit = commit}, "", NULL, cb);
}
