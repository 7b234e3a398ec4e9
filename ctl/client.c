// SPDX-License-Identifier: GPL-2.0-or-later
/* client: one request to the daemon. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "proto.h"

enum { CHUNK = 64 * 1024 };

struct client {
	int fd;
	int64_t deadline; /* ms of CLOCK_MONOTONIC */
	char *reply;
	size_t len, size;
};

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int fail_silent(struct err *e)
{
	err_setf(e, -ETIMEDOUT,
		 "xen-netd does not answer within %d s; see \"journalctl -u xen-netd\"",
		 CLIENT_DEADLINE);
	return CLIENT_ABSENT;
}

static int fail_connect(const char *path, int code, struct err *e)
{
	if (code == -ENOENT || code == -ECONNREFUSED) {
		err_setf(e, code,
			 "xen-netd is not running: connect to %s: %s; start it with "
			 "\"systemctl start xen-netd\"",
			 path, strerror(-code));
		return CLIENT_ABSENT;
	}
	if (code == -EAGAIN) /* its backlog stayed full */
		return fail_silent(e);
	err_sysf(e, code, "connect to %s", path);
	return err_wrapf(e, code == -EACCES ? "xnetctl must be run as root" :
					      "cannot reach xen-netd");
}

/* Timeouts of the socket bound connect() and send(); what is received is polled for. */
static int dial(struct client *c, const char *path, struct err *e)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct timeval tv = {.tv_sec = CLIENT_DEADLINE};
	if (strlen(path) >= sizeof(addr.sun_path))
		return err_setf(e, -ENAMETOOLONG, "socket path %s: longer than %zu bytes", path,
				sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return err_sysf(e, -errno, "create a socket");
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return fail_connect(path, -errno, e);
	return 0;
}

static int fail_closed(struct err *e)
{
	err_setf(e, -ECONNRESET, "xen-netd closed the connection without an answer%s",
		 geteuid() ? "; it serves root only" : "; see \"journalctl -u xen-netd\"");
	return CLIENT_ABSENT;
}

static int send_line(struct client *c, const char *line, struct err *e)
{
	size_t len = strlen(line);
	while (len) {
		ssize_t n = send(c->fd, line, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return fail_silent(e);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return fail_closed(e);
		if (n < 0 && errno != EINTR)
			return err_sysf(e, -errno, "send to xen-netd");
		if (n > 0) {
			line += n;
			len -= n;
		}
	}
	return 0;
}

static int send_request(struct client *c, const char *method, json_t *params, struct err *e)
{
	int r = -ENOMEM;
	json_t *request = json_pack("{s:s, s:i, s:s, s:O}", "jsonrpc", "2.0", "id", 1, "method",
				    method, "params", params);
	char *line = request ? json_dumps(request, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	if (!line)
		err_setf(e, r, "cannot form the request: out of memory, or not UTF-8");
	else if (!(r = send_line(c, line, e)))
		r = send_line(c, "\n", e);
	free(line);
	json_decref(request);
	return r;
}

static int grow(struct client *c, struct err *e)
{
	if (c->size - c->len >= CHUNK)
		return 0;
	if (c->len >= PROTO_REPLY_MAX)
		return err_setf(e, -EMSGSIZE, "xen-netd's answer is longer than %d MiB",
				PROTO_REPLY_MAX >> 20);
	size_t size = c->size ? 2 * c->size : 2 * CHUNK;
	char *reply = realloc(c->reply, size);
	if (!reply)
		return err_setf(e, -ENOMEM, "out of memory");
	c->reply = reply;
	c->size = size;
	return 0;
}

/* Reads some more. */
static int receive(struct client *c, struct err *e)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int64_t left = c->deadline - now_ms();
	int r = grow(c, e);
	if (r < 0)
		return r;
	int n = poll(&p, 1, left > 0 ? (int)left : 0);
	if (!n)
		return fail_silent(e);
	ssize_t got = n < 0 ? -1 : read(c->fd, c->reply + c->len, c->size - c->len);
	if (got < 0 && errno == EINTR)
		return 0;
	if (!got || (got < 0 && errno == ECONNRESET))
		return fail_closed(e);
	if (got < 0)
		return err_sysf(e, -errno, "receive from xen-netd");
	c->len += got;
	return 0;
}

/* Only the answer to our one request comes here, so the first line is it. */
static int read_line(struct client *c, size_t *len, struct err *e)
{
	for (size_t seen = 0;;) {
		int r = receive(c, e);
		if (r)
			return r;
		char *nl = memchr(c->reply + seen, '\n', c->len - seen);
		seen = c->len;
		if (nl) {
			*len = nl - c->reply;
			return 0;
		}
	}
}

static int take_answer(const char *line, size_t len, json_t **result, struct err *e)
{
	json_t *answer = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *error = json_object_get(answer, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	int r = 0;
	*result = json_incref(json_object_get(answer, "result"));
	if (error) {
		err_setf(e, -EREMOTEIO, "%s", message ? message : "xen-netd does not say why not");
		r = CLIENT_REFUSED;
	} else if (!*result) {
		r = err_setf(e, -EBADMSG,
			     "xen-netd's answer is not understood: is it of the same version? Try "
			     "\"systemctl restart xen-netd\"");
	}
	if (r) {
		json_decref(*result);
		*result = NULL;
	}
	json_decref(answer);
	return r;
}

int client_call(const char *socket, const char *method, json_t *params, json_t **result,
		struct err *e)
{
	struct client c = {.fd = -1, .deadline = now_ms() + CLIENT_DEADLINE * 1000};
	size_t len;
	*result = NULL;
	int r = dial(&c, socket, e);
	if (!r)
		r = send_request(&c, method, params, e);
	if (!r)
		r = read_line(&c, &len, e);
	if (!r)
		r = take_answer(c.reply, len, result, e);
	if (c.fd >= 0)
		close(c.fd);
	free(c.reply);
	json_decref(params);
	return r;
}
