// SPDX-License-Identifier: GPL-2.0-or-later
/* store: the connection's life, requests out, answers and events in. */
#include "store-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#include "buf.h"
#include "log.h"

enum {
	STORE_READ_SIZE = 16 * 1024,
	STORE_RETRY_MIN = 100 * 1000, /* microseconds */
	STORE_RETRY_MAX = 5000 * 1000,
};

struct pending {
	uint32_t req_id;
	struct store_cb cb;
};

struct store {
	sd_event *event;
	const struct store_ops *ops;
	void *arg;
	int fd;	     /* -1: down */
	bool device; /* /dev/xen/xenbus: see on_pump() */
	bool awaiting; /* device: a request is with it */
	sd_event_source *io, *timer, *pump;
	uint64_t retry;	 /* pause before the next try, microseconds */
	uint32_t next_id;
	struct buf in, out;
	struct pending *pending; /* ring, in the order of the requests */
	size_t p_head, p_count, p_size;
	bool said_down;
};

static int on_timer(sd_event_source *s, uint64_t now, void *arg);
static int on_pump(sd_event_source *s, void *arg);
static void pump(struct store *st);
static void answer_head(struct store *st, int error);
static int on_io(sd_event_source *s, int fd, uint32_t revents, void *arg);

static int try_socket(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

/* @return a descriptor or -errno of the socket, the more telling one. */
static int try_path(const char *path, bool *device)
{
	struct stat sb;
	*device = stat(path, &sb) == 0 && S_ISCHR(sb.st_mode);
	if (!*device)
		return try_socket(path);
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int open_any(bool *device)
{
	const char *path = getenv("XENSTORED_PATH"), *dir = getenv("XENSTORED_RUNDIR");
	char buf[512];
	if (path)
		return try_path(path, device);
	snprintf(buf, sizeof(buf), "%s/socket", dir ?: "/run/xenstored");
	int fd = try_path(buf, device);
	if (fd >= 0 || dir)
		return fd;
	int dev = try_path("/dev/xen/xenbus", device);
	return dev >= 0 ? dev : fd;
}

static void schedule_retry(struct store *st)
{
	sd_event_source_set_time_relative(st->timer, st->retry);
	sd_event_source_set_enabled(st->timer, SD_EVENT_ONESHOT);
	st->retry = st->retry * 2 > STORE_RETRY_MAX ? STORE_RETRY_MAX : st->retry * 2;
}

/* Answers all that is open. What the callbacks send meanwhile is answered at once: we are down. */
static void fail_pending(struct store *st)
{
	while (st->p_count)
		answer_head(st, -ENOTCONN);
}

static void go_down(struct store *st, const struct err *why)
{
	if (st->fd >= 0) {
		st->io = sd_event_source_disable_unref(st->io);
		close(st->fd);
		st->fd = -1;
	}
	buf_clear(&st->in);
	buf_clear(&st->out);
	st->awaiting = false;
	fail_pending(st);
	if (!st->said_down) {
		st->said_down = true;
		st->ops->down(st->arg, why);
	}
	schedule_retry(st);
}

static void connect_now(struct store *st)
{
	struct err e = ERR_INIT;
	int fd = open_any(&st->device), r;
	if (fd < 0) {
		err_sysf(&e, fd, "connect to xenstored");
		go_down(st, &e);
		return;
	}
	st->fd = fd;
	r = sd_event_add_io(st->event, &st->io, fd, EPOLLIN, on_io, st);
	if (r < 0) {
		err_sysf(&e, r, "watch the connection to xenstored");
		go_down(st, &e);
		return;
	}
	st->retry = STORE_RETRY_MIN;
	st->said_down = false;
	st->ops->up(st->arg);
}

static int on_timer(sd_event_source *s, uint64_t now, void *arg)
{
	(void)s;
	(void)now;
	connect_now(arg);
	return 0;
}

int store_new(struct store **out, sd_event *event, const struct store_ops *ops, void *arg,
	      struct err *e)
{
	struct store *st = calloc(1, sizeof(*st));
	if (!st)
		return err_sysf(e, -ENOMEM, "xenstore");
	*st = (struct store){
		.event = event, .ops = ops, .arg = arg, .fd = -1, .retry = STORE_RETRY_MIN};
	/* The first try comes from the loop too: up() and down() are never called from in here. */
	int r = sd_event_add_time_relative(event, &st->timer, CLOCK_MONOTONIC, 0, 0, on_timer, st);
	if (r >= 0)
		r = sd_event_add_defer(event, &st->pump, on_pump, st);
	if (r >= 0)
		r = sd_event_source_set_enabled(st->pump, SD_EVENT_OFF);
	if (r < 0) {
		store_free(st);
		return err_sysf(e, r, "xenstore");
	}
	*out = st;
	return 0;
}

void store_free(struct store *st)
{
	if (!st)
		return;
	st->io = sd_event_source_disable_unref(st->io);
	st->timer = sd_event_source_disable_unref(st->timer);
	st->pump = sd_event_source_disable_unref(st->pump);
	if (st->fd >= 0)
		close(st->fd);
	st->fd = -1;
	fail_pending(st);
	buf_fini(&st->in);
	buf_fini(&st->out);
	free(st->pending);
	free(st);
}

bool store_is_up(const struct store *st)
{
	return st->fd >= 0;
}

/* Writes what the socket takes. @return -errno when the connection is broken. */
static int flush_out(struct store *st)
{
	while (st->out.len) {
		ssize_t n = write(st->fd, st->out.data, st->out.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return -errno;
		buf_consume(&st->out, n);
	}
	return sd_event_source_set_io_events(st->io, EPOLLIN | (st->out.len ? EPOLLOUT : 0));
}

static void answer_head(struct store *st, int error)
{
	struct pending p = st->pending[st->p_head];
	st->p_head = (st->p_head + 1) % st->p_size;
	st->p_count--;
	if (p.cb.fn)
		p.cb.fn(p.cb.arg, p.cb.tag, error, "", 0);
}

/*
 * The device (drivers/xen/xenbus/xenbus_dev_frontend.c) wants it otherwise: it never polls writable;
 * it takes one message a write, and keeps it in the file's only buffer until xenstored's thread has
 * copied it; and a watch that is written while an answer is awaited waits for that answer with a lock
 * held that the answer needs. So one request at a time. A write that fails is that request's answer.
 */
static int on_pump(sd_event_source *s, void *arg)
{
	struct store *st = arg;
	struct xsd_sockmsg h;
	(void)s;
	if (st->fd < 0 || st->awaiting || st->out.len < sizeof(h))
		return 0;
	memcpy(&h, st->out.data, sizeof(h));
	ssize_t n = write(st->fd, st->out.data, sizeof(h) + h.len);
	int error = n < 0 ? -errno : 0;
	buf_consume(&st->out, sizeof(h) + h.len);
	st->awaiting = !error;
	if (error)
		answer_head(st, error);
	pump(st);
	return 0;
}

static void pump(struct store *st)
{
	if (st->device && !st->awaiting && st->out.len)
		sd_event_source_set_enabled(st->pump, SD_EVENT_ONESHOT);
}

static bool push_pending(struct store *st, struct pending p)
{
	if (st->p_count == st->p_size) {
		size_t size = st->p_size ? st->p_size * 2 : 64;
		struct pending *ring = malloc(size * sizeof(*ring));
		if (!ring)
			return false;
		for (size_t i = 0; i < st->p_count; i++)
			ring[i] = st->pending[(st->p_head + i) % st->p_size];
		free(st->pending);
		st->pending = ring;
		st->p_head = 0;
		st->p_size = size;
	}
	st->pending[(st->p_head + st->p_count++) % st->p_size] = p;
	return true;
}

void store_request(struct store *st, uint32_t type, uint32_t tx, const char *a, const char *b,
		   bool b_nul, struct store_cb cb)
{
	size_t a_len = strlen(a) + 1, b_len = b ? strlen(b) + b_nul : 0;
	const struct xsd_sockmsg h = {
		.type = type, .req_id = ++st->next_id, .tx_id = tx, .len = a_len + b_len};
	int error = st->fd < 0 ? -ENOTCONN : h.len > XENSTORE_PAYLOAD_MAX ? -E2BIG : 0;
	if (!error && !push_pending(st, (struct pending){h.req_id, cb}))
		error = -ENOMEM;
	if (error) {
		if (cb.fn)
			cb.fn(cb.arg, cb.tag, error, "", 0);
		return;
	}
	bool idle = !st->out.len;
	if (buf_add(&st->out, &h, sizeof(h)) < 0 || buf_add(&st->out, a, a_len) < 0 ||
	    (b && buf_add(&st->out, b, b_len) < 0)) {
		/* Half a message must never go out: give this connection up, from the loop. */
		shutdown(st->fd, SHUT_RDWR);
		return;
	}
	/*
	 * Not written yet: the loop does it once, after the caller has pipelined what else it has to
	 * ask. An error shows there, too, never inside the caller.
	 */
	if (st->device)
		pump(st);
	else if (idle)
		sd_event_source_set_io_events(st->io, EPOLLIN | EPOLLOUT);
}

void store_read(struct store *st, uint32_t tx, const char *path, struct store_cb cb)
{
	store_request(st, XS_READ, tx, path, NULL, false, cb);
}

void store_write(struct store *st, uint32_t tx, const char *path, const char *value,
		 struct store_cb cb)
{
	store_request(st, XS_WRITE, tx, path, value, false, cb);
}

void store_rm(struct store *st, uint32_t tx, const char *path, struct store_cb cb)
{
	store_request(st, XS_RM, tx, path, NULL, false, cb);
}

void store_watch(struct store *st, const char *path, const char *token, struct store_cb cb)
{
	store_request(st, XS_WATCH, 0, path, token, true, cb);
}

void store_unwatch(struct store *st, const char *path, const char *token, struct store_cb cb)
{
	store_request(st, XS_UNWATCH, 0, path, token, true, cb);
}

void store_tx_start(struct store *st, struct store_cb cb)
{
	store_request(st, XS_TRANSACTION_START, 0, "", NULL, false, cb);
}

uint32_t store_tx_id(const char *data)
{
	return strtoul(data, NULL, 10);
}

void store_tx_end(struct store *st, uint32_t tx, bool commit, struct store_cb cb)
{
	store_request(st, XS_TRANSACTION_END, tx, commit ? "T" : "F", NULL, false, cb);
}

static int errno_of(const char *name)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(*xsd_errors); i++)
		if (!strcmp(xsd_errors[i].errstring, name))
			return -xsd_errors[i].errnum;
	return -EIO;
}

static void handle_watch(struct store *st, const char *body, size_t len)
{
	const char *token = memchr(body, '\0', len);
	if (token && memchr(token + 1, '\0', len - (token + 1 - body)))
		st->ops->watch(st->arg, body, token + 1);
}

static bool takes_names(uint32_t type)
{
	return type == XS_DIRECTORY || type == XS_DIRECTORY_PART;
}

/* @body has a NUL behind @h->len bytes. @return -EPROTO when the answer answers nothing we asked. */
static int handle_message(struct store *st, const struct xsd_sockmsg *h, char *body)
{
	if (h->type == XS_WATCH_EVENT) {
		handle_watch(st, body, h->len);
		return 0;
	}
	if (!st->p_count || st->pending[st->p_head].req_id != h->req_id)
		return -EPROTO;
	struct pending p = st->pending[st->p_head];
	st->p_head = (st->p_head + 1) % st->p_size;
	st->p_count--;
	st->awaiting = false;
	int error = h->type == XS_ERROR ? errno_of(body) : 0;
	size_t len = error ? 0 : h->len;
	if (!error && !takes_names(h->type))
		for (size_t i = 0; i + 1 < len; i++)
			if (!body[i])
				body[i] = '\1';
	if (p.cb.fn)
		p.cb.fn(p.cb.arg, p.cb.tag, error, error ? "" : body, len);
	return 0;
}

/* Handles the complete messages in the buffer. */
static int handle_input(struct store *st)
{
	size_t off = 0;
	int r = 0;
	struct xsd_sockmsg h;
	while (!r && st->in.len - off >= sizeof(h)) {
		memcpy(&h, st->in.data + off, sizeof(h));
		if (h.len > STORE_REPLY_MAX)
			return -EPROTO;
		if (st->in.len - off < sizeof(h) + h.len)
			break;
		/* The byte behind the body is the next header's, or spare: lent for a NUL. */
		char *body = st->in.data + off + sizeof(h), saved = body[h.len];
		body[h.len] = '\0';
		r = handle_message(st, &h, body);
		if (st->fd < 0)
			return 0; /* a callback closed us */
		body[h.len] = saved;
		off += sizeof(h) + h.len;
	}
	buf_consume(&st->in, off);
	return r;
}

static int read_input(struct store *st)
{
	for (;;) {
		char *p = buf_reserve(&st->in, STORE_READ_SIZE + 1); /* + the lent NUL */
		if (!p)
			return -ENOMEM;
		ssize_t n = read(st->fd, p, STORE_READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (n == 0)
			return -ECONNRESET;
		st->in.len += n;
		int r = handle_input(st);
		if (r < 0 || n < STORE_READ_SIZE)
			return r;
	}
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct store *st = arg;
	struct err e = ERR_INIT;
	int r = 0;
	(void)s;
	(void)fd;
	if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
		r = read_input(st);
	if (r >= 0 && st->fd >= 0 && st->device)
		pump(st);
	else if (r >= 0 && st->fd >= 0)
		r = flush_out(st); /* also what the answers' functions have just asked */
	if (r < 0) {
		err_sysf(&e, r, "connection to xenstored");
		go_down(st, &e);
	}
	return 0;
}
