// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-server: the control socket in an event loop, and its clients. */
#include "ctl-server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	BIG = 200 * 1000, /* bytes of one large answer */
	ANSWER_MAX = 1 << 20,
};

static void echo(void *arg, struct ctl_req *req, json_t *params)
{
	struct server *s = arg;
	s->calls++;
	ctl_reply(req, json_incref(params));
}

static void nothing(void *arg, struct ctl_req *req, json_t *params)
{
	(void)arg;
	(void)params;
	ctl_reply(req, NULL);
}

static void refuse(void *arg, struct ctl_req *req, json_t *params)
{
	(void)arg;
	(void)params;
	ctl_reply_error(req, PROTO_ERR_HOTPLUG, "no \"bridge\" here");
}

/* A library's text that is not UTF-8. */
static void refuse_oddly(void *arg, struct ctl_req *req, json_t *params)
{
	(void)arg;
	(void)params;
	ctl_reply_error(req, PROTO_ERR_HOTPLUG, "\xff\xfe");
}

static void big(void *arg, struct ctl_req *req, json_t *params)
{
	struct server *s = arg;
	struct buf text = {.data = NULL};
	(void)params;
	s->calls++;
	char *p = buf_reserve(&text, BIG);
	memset(p, 'x', BIG);
	p[0] = p[BIG - 1] = '"';
	text.len = BIG;
	ctl_reply_text(req, &text);
	buf_fini(&text);
}

static void hold(void *arg, struct ctl_req *req, json_t *params)
{
	struct server *s = arg;
	(void)params;
	assert_true(s->n_held < HELD_MAX);
	s->held[s->n_held++] = req;
}

const struct ctl_method *server_methods(void)
{
	static const struct ctl_method methods[] = {
		{"echo", echo},	    {"nothing", nothing},
		{"refuse", refuse}, {"refuse-oddly", refuse_oddly},
		{"big", big},	    {"hold", hold},
		{NULL, NULL},
	};
	return methods;
}

void server_init(struct server *s)
{
	struct err e = ERR_INIT;
	memset(s, 0, sizeof(*s));
	strcpy(s->dir, "/tmp/xen-netd-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/run/control", s->dir);
	assert_int_equal(sd_event_new(&s->event), 0);
	if (ctl_open(&s->ctl, s->event, s->path, server_methods(), s, &e) < 0)
		fail_msg("%s", e.text);
}

void server_fini(struct server *s)
{
	char run[64];
	ctl_close(s->ctl);
	sd_event_unref(s->event);
	snprintf(run, sizeof(run), "%s/run", s->dir);
	unlink(s->path);
	rmdir(run);
	assert_int_equal(rmdir(s->dir), 0);
}

int server_dial(const struct server *s)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", s->path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void say_bytes(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

void say(int fd, const char *text)
{
	say_bytes(fd, text, strlen(text));
}

const char *server_hear(struct server *s, int fd)
{
	static char text[ANSWER_MAX];
	size_t len = 0;
	ssize_t n;
	do {
		twin_clock_settle(s->event);
		n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		if (n > 0)
			len += n;
	} while (n > 0);
	text[len] = '\0';
	return text;
}

bool server_is_closed(struct server *s, int fd)
{
	char byte;
	twin_clock_settle(s->event);
	ssize_t n = recv(fd, &byte, 1, 0);
	return n == 0 || (n < 0 && errno != EAGAIN);
}

void server_assert(struct server *s, const char *bytes, size_t len, const char *answer)
{
	int fd = server_dial(s);
	say_bytes(fd, bytes, len);
	const char *got = server_hear(s, fd);
	if (strcmp(got, answer))
		fail_msg("%.*s\n answered:  %s\n expected: %s", (int)len, bytes, got, answer);
	close(fd);
	twin_clock_settle(s->event);
}
