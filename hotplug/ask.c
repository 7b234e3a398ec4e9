// SPDX-License-Identifier: GPL-2.0-or-later
/* ask: one request to the daemon, and its answer, through a restart of the daemon. */
#include "ask.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

enum {
	ANSWER_MAX = 16 * 1024, /* bytes; an error's sentence is below 1 KiB */
	PAUSE_MIN = 10,		/* ms between two looks for a daemon that went away */
	PAUSE_MAX = 200,
};

static int fail(struct reply *reply, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct reply *reply, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(reply->message, sizeof(reply->message), fmt, ap);
	va_end(ap);
	return code;
}

static bool is_absent(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED;
}

static bool is_lost(int r)
{
	return r == -ECONNRESET || r == -EPIPE;
}

static int fail_silent(struct reply *reply)
{
	return fail(reply, -ETIMEDOUT, "xen-netd does not answer; see \"journalctl -u xen-netd\"");
}

static int fail_connect(struct reply *reply, int r, const char *socket)
{
	if (r == -ETIMEDOUT)
		return fail_silent(reply);
	if (is_absent(r))
		return fail(reply, r,
			    "xen-netd is not running: connect to %s: %s; start it with "
			    "\"systemctl start xen-netd\"",
			    socket, strerror(-r));
	return fail(reply, r, "cannot reach xen-netd: connect to %s: %s", socket, strerror(-r));
}

/* Looks at every complete line in @buf and drops those it looked at. @return -EAGAIN: read on. */
static int take_lines(char *buf, size_t *len, struct reply *reply)
{
	char *from = buf, *nl;
	int r = REPLY_NOT_OURS;
	while (r == REPLY_NOT_OURS && (nl = memchr(from, '\n', buf + *len - from))) {
		r = reply_parse(from, nl - from, 1, reply);
		from = nl + 1;
	}
	*len -= from - buf;
	memmove(buf, from, *len);
	return r == REPLY_NOT_OURS ? -EAGAIN : r;
}

static int read_answer(int fd, int64_t deadline, struct reply *reply)
{
	char buf[ANSWER_MAX];
	size_t len = 0;
	int r;
	do {
		if (len == sizeof(buf))
			return -EBADMSG;
		ssize_t n = io_read(fd, buf + len, sizeof(buf) - len, deadline);
		if (n <= 0)
			return n ? (int)n : -ECONNRESET;
		len += n;
		r = take_lines(buf, &len, reply);
	} while (r == -EAGAIN);
	return r;
}

/* One connection's worth. @return as ask(); is_lost() where another try makes sense. */
static int converse(int fd, const char *line, size_t len, int64_t deadline, struct reply *reply)
{
	int r = io_write(fd, line, len, deadline);
	if (!r)
		r = read_answer(fd, deadline, reply);
	if (r >= 0 || is_lost(r))
		return r;
	if (r == -ETIMEDOUT)
		return fail_silent(reply);
	if (r == -EBADMSG)
		return fail(reply, r,
			    "xen-netd's answer is not understood: is it of the same version? "
			    "Try \"systemctl restart xen-netd\"");
	return fail(reply, r, "talking to xen-netd: %s", strerror(-r));
}

int ask(const char *socket, const char *line, size_t len, int64_t deadline, struct reply *reply)
{
	int64_t lost_at = 0, refused_at = 0;
	int losses = 0, pause = PAUSE_MIN;
	*reply = (struct reply){.code = 0};
	for (;; io_pause(pause, deadline), pause = pause * 2 > PAUSE_MAX ? PAUSE_MAX : pause * 2) {
		int fd = io_connect(socket, deadline);
		/* A socket file that nobody serves: the daemon died just now, and may be coming back. */
		if (fd == -ECONNREFUSED && !refused_at)
			refused_at = io_now();
		bool again = losses || (refused_at && io_now() - refused_at < ASK_RESTART);
		if (fd < 0 && !(again && is_absent(fd)))
			return fail_connect(reply, fd, socket);
		if (fd < 0 && losses && io_now() - lost_at >= ASK_ABSENCE)
			return fail(reply, fd,
				    "xen-netd died while it worked on this, and did not come back "
				    "within %d s; see \"journalctl -u xen-netd\"",
				    ASK_ABSENCE / 1000);
		if (fd < 0)
			continue;

		int r = converse(fd, line, len, deadline, reply);
		close(fd);
		if (!is_lost(r))
			return r;
		lost_at = io_now();
		if (++losses == ASK_LOSSES)
			return fail(reply, r,
				    "xen-netd closed %d connections without an answer; see "
				    "\"journalctl -u xen-netd\" (it serves root only)",
				    losses);
	}
}
