// SPDX-License-Identifier: GPL-2.0-or-later
/* xs-peer: the far end of the wire. */
#include "xs-peer.h"

#include <sys/un.h>

static void note(struct peer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct peer *p, const char *fmt, ...)
{
	size_t n = strlen(p->log);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(p->log + n, sizeof(p->log) - n, fmt, ap);
	va_end(ap);
}

static void on_up(void *arg)
{
	note(arg, "up ");
}

static void on_down(void *arg, const struct err *why)
{
	struct peer *p = arg;
	p->why = *why;
	note(p, "down ");
}

static void on_watch(void *arg, const char *path, const char *token)
{
	note(arg, "watch %s %s ", path, token);
}

void peer_note(void *arg, unsigned tag, int error, const char *data, size_t len)
{
	struct peer *p = arg;
	p->answers++;
	if (error) {
		note(p, "%u!%d ", tag, -error);
		return;
	}
	assert_int_equal(data[len], '\0');
	note(p, "%u=", tag);
	for (size_t i = 0; i < len; i++)
		note(p, "%c", data[i] ?: '|');
	note(p, " ");
}

struct store_cb peer_cb(struct peer *p, unsigned tag)
{
	return (struct store_cb){peer_note, p, tag};
}

void peer_settle(struct peer *p)
{
	twin_clock_settle(p->event);
}

void peer_listen(struct peer *p)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", p->path);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(p->listener, 4), 0);
}

void peer_unlisten(struct peer *p)
{
	if (p->listener >= 0)
		close(p->listener);
	p->listener = -1;
	unlink(p->path);
}

void peer_accept(struct peer *p)
{
	peer_settle(p);
	p->fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(p->fd >= 0);
	assert_true(store_is_up(p->store));
}

void peer_hang_up(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void peer_init(struct peer *p)
{
	static const struct store_ops ops = {on_up, on_down, on_watch};
	struct err e = ERR_INIT;
	memset(p, 0, sizeof(*p));
	p->fd = -1;
	strcpy(p->dir, "/tmp/xen-netd-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/socket", p->dir);
	setenv("XENSTORED_PATH", p->path, 1);
	unsetenv("XENSTORED_RUNDIR");
	peer_listen(p);
	assert_int_equal(sd_event_new(&p->event), 0);
	assert_int_equal(store_new(&p->store, p->event, &ops, p, &e), 0);
	assert_false(store_is_up(p->store));
	assert_string_equal(p->log, "");
	peer_accept(p);
	peer_assert_log(p, "up ");
}

void peer_fini(struct peer *p)
{
	store_free(p->store);
	sd_event_unref(p->event);
	peer_hang_up(p);
	peer_unlisten(p);
	assert_int_equal(rmdir(p->dir), 0);
	unsetenv("XENSTORED_PATH");
}

void peer_assert_log(struct peer *p, const char *text)
{
	peer_settle(p);
	assert_string_equal(p->log, text);
	p->log[0] = '\0';
}

static void take(struct peer *p, void *to, size_t len)
{
	for (size_t off = 0; off < len;) {
		ssize_t n = recv(p->fd, (char *)to + off, len - off, 0);
		if (n < 0 && errno == EAGAIN)
			peer_settle(p); /* the client has more to write, now that there is room */
		n = n < 0 ? recv(p->fd, (char *)to + off, len - off, 0) : n;
		assert_true(n > 0);
		off += n;
	}
}

uint32_t peer_expect(struct peer *p, uint32_t type, uint32_t tx, const char *body, size_t len)
{
	struct xsd_sockmsg h;
	char got[XENSTORE_PAYLOAD_MAX];
	take(p, &h, sizeof(h));
	assert_int_equal(h.type, type);
	assert_int_equal(h.tx_id, tx);
	assert_int_equal(h.len, len);
	assert_true(h.len <= sizeof(got));
	take(p, got, h.len);
	assert_memory_equal(got, body, len);
	return h.req_id;
}

void peer_expect_nothing(struct peer *p)
{
	char byte;
	peer_settle(p);
	assert_int_equal(recv(p->fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

void peer_send(struct peer *p, const void *bytes, size_t len)
{
	for (size_t off = 0; off < len;) {
		ssize_t n = send(p->fd, (const char *)bytes + off, len - off, MSG_NOSIGNAL);
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			peer_settle(p);
			continue;
		}
		off += n;
	}
}

void peer_message(struct peer *p, uint32_t type, uint32_t req_id, const char *body, size_t len)
{
	const struct xsd_sockmsg h = {.type = type, .req_id = req_id, .len = len};
	peer_send(p, &h, sizeof(h));
	peer_send(p, body, len);
}

void peer_error(struct peer *p, uint32_t req_id, const char *name)
{
	peer_message(p, XS_ERROR, req_id, name, strlen(name) + 1);
}

void peer_event(struct peer *p, const char *path, const char *token)
{
	char body[256];
	size_t a = strlen(path) + 1, b = strlen(token) + 1;
	memcpy(body, path, a);
	memcpy(body + a, token, b);
	peer_message(p, XS_WATCH_EVENT, 0, body, a + b);
}
