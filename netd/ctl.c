// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl: JSON-RPC 2.0, one object a line, on a unix socket. */
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "log.h"
#include "proto.h"

enum {
	CTL_CLIENTS_MAX = 4096,	   /* a thousand guests may start at once */
	CTL_BACKLOG = 4096,	   /* cut to net.core.somaxconn */
	CTL_OUT_HIGH = 256 * 1024, /* bytes of unread answers at which a client's requests wait */
	CTL_ACCEPT_USEC = 100000,  /* as many clients ... */
	CTL_ACCEPT_BURST = 1000,   /* ... are taken in so long */
	CTL_STALL_LIMIT = 30,	   /* seconds that a client may leave its answers unread */
};

struct client {
	struct client *next, **prevp;
	struct ctl *ctl;
	int fd;
	sd_event_source *io;
	struct buf in, out;
	struct ctl_req *reqs; /* open ones */
	uint64_t stalled_at;  /* CLOCK_MONOTONIC of the last progress while out is not empty */
};

struct ctl_req {
	struct ctl_req *next, **prevp;
	struct client *client; /* NULL: it has gone */
	json_t *id;
};

struct ctl {
	sd_event *event;
	const struct ctl_method *methods;
	void *arg;
	int fd;
	char path[108]; /* "": systemd's socket, not ours to remove */
	sd_event_source *io, *sweep;
	struct client *clients;
	unsigned n_clients;
};

static int on_client(sd_event_source *s, int fd, uint32_t revents, void *arg);

static void drop(struct client *c)
{
	for (struct ctl_req *r = c->reqs; r; r = r->next)
		r->client = NULL;
	for (struct ctl_req *r = c->reqs, *next; r; r = next) {
		next = r->next;
		r->next = NULL;
		r->prevp = NULL;
	}
	*c->prevp = c->next;
	if (c->next)
		c->next->prevp = c->prevp;
	c->ctl->n_clients--;
	sd_event_source_disable_unref(c->io);
	close(c->fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
}

/* While answers wait to be read, no new requests are: a slow reader fills its own memory. */
static void update_events(struct client *c)
{
	sd_event_source_set_io_events(c->io, c->out.len ? EPOLLOUT : EPOLLIN);
}

/* @return false when the connection is broken. */
static bool flush(struct client *c)
{
	while (c->out.len) {
		ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return false;
		buf_consume(&c->out, n);
		sd_event_now(c->ctl->event, CLOCK_MONOTONIC, &c->stalled_at);
	}
	update_events(c);
	return true;
}

static void send_line(struct client *c, const char *id, const char *member, const char *body,
		      size_t len)
{
	static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":";
	struct buf *o = &c->out;
	if (!o->len)
		sd_event_now(c->ctl->event, CLOCK_MONOTONIC, &c->stalled_at);
	size_t before = o->len;
	if (buf_add(o, head, sizeof(head) - 1) < 0 || buf_add(o, id, strlen(id)) < 0 ||
	    buf_add(o, ",\"", 2) < 0 || buf_add(o, member, strlen(member)) < 0 ||
	    buf_add(o, "\":", 2) < 0 || buf_add(o, body, len) < 0 || buf_add(o, "}\n", 2) < 0)
		o->len = before; /* out of memory: the client sees no answer and gives up */
	/* A broken connection shows in the loop; the caller may still use the client. */
	if (!flush(c))
		shutdown(c->fd, SHUT_RDWR);
}

static char *id_text(const json_t *id)
{
	return json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void answer(struct client *c, const json_t *id, const char *member, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	char *idt = id_text(id);
	if (text && idt)
		send_line(c, idt, member, text, strlen(text));
	free(text);
	free(idt);
}

static json_t *error_object(int code, const char *message)
{
	json_t *o = json_pack("{s:i, s:s}", "code", code, "message", message);
	/* Not UTF-8: some library's text; the code still tells. */
	return o ?: json_pack("{s:i, s:s}", "code", code, "message", "error");
}

static void answer_error(struct client *c, const json_t *id, int code, const char *message)
{
	json_t *o = error_object(code, message);
	answer(c, id ?: json_null(), "error", o);
	json_decref(o);
}

static void req_free(struct ctl_req *r)
{
	if (r->prevp)
		*r->prevp = r->next;
	if (r->next)
		r->next->prevp = r->prevp;
	json_decref(r->id);
	free(r);
}

bool ctl_is_waiting(const struct ctl_req *req)
{
	return req->client;
}

void ctl_reply(struct ctl_req *r, json_t *result)
{
	if (!result)
		result = json_object();
	if (r->client)
		answer(r->client, r->id, "result", result);
	json_decref(result);
	req_free(r);
}

void ctl_reply_text(struct ctl_req *r, const struct buf *result)
{
	char *idt = r->client ? id_text(r->id) : NULL;
	if (idt)
		send_line(r->client, idt, "result", result->data, result->len);
	free(idt);
	req_free(r);
}

void ctl_reply_error(struct ctl_req *r, int code, const char *message)
{
	if (r->client)
		answer_error(r->client, r->id, code, message);
	req_free(r);
}

static const struct ctl_method *find_method(const struct ctl *ctl, const char *name)
{
	for (const struct ctl_method *m = ctl->methods; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

static void call(struct client *c, const struct ctl_method *m, json_t *id, json_t *params)
{
	struct ctl_req *r = calloc(1, sizeof(*r));
	json_t *none = params ? NULL : json_object();
	if (!r) {
		answer_error(c, id, PROTO_ERR_INTERNAL, "out of memory");
	} else {
		r->client = c;
		r->id = json_incref(id);
		r->next = c->reqs;
		r->prevp = &c->reqs;
		if (r->next)
			r->next->prevp = &r->next;
		c->reqs = r;
		m->fn(c->ctl->arg, r, params ?: none);
	}
	json_decref(none);
}

static void handle_object(struct client *c, json_t *o)
{
	json_t *id = json_object_get(o, "id"), *params = json_object_get(o, "params");
	const char *version = json_string_value(json_object_get(o, "jsonrpc"));
	const char *name = json_string_value(json_object_get(o, "method"));
	if (id && !json_is_string(id) && !json_is_integer(id) && !json_is_null(id))
		id = NULL;
	if (!version || strcmp(version, "2.0") || !name || !id) {
		answer_error(c, id, PROTO_ERR_REQUEST,
			     "not a JSON-RPC 2.0 request: an object with jsonrpc, method and id");
		return;
	}
	const struct ctl_method *m = find_method(c->ctl, name);
	if (!m)
		answer_error(c, id, PROTO_ERR_METHOD, "no such method");
	else if (params && !json_is_object(params))
		answer_error(c, id, PROTO_ERR_PARAMS, "params must be an object");
	else
		call(c, m, id, params);
}

static void handle_line(struct client *c, const char *line, size_t len)
{
	json_error_t je;
	json_t *o = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);
	if (!o)
		answer_error(c, NULL, PROTO_ERR_PARSE, je.text);
	else if (!json_is_object(o))
		answer_error(c, NULL, PROTO_ERR_REQUEST, "not an object");
	else
		handle_object(c, o);
	json_decref(o);
}

/* @return false: the client is to be dropped. */
static bool handle_input(struct client *c)
{
	char *end;
	size_t off = 0;
	/* Requests that come in a heap wait in turn, once their answers do. */
	while (off < c->in.len && c->out.len < CTL_OUT_HIGH &&
	       (end = memchr(c->in.data + off, '\n', c->in.len - off))) {
		handle_line(c, c->in.data + off, end - (c->in.data + off));
		off = end + 1 - c->in.data;
	}
	buf_consume(&c->in, off);
	if (c->in.len < PROTO_REQUEST_MAX || c->out.len >= CTL_OUT_HIGH)
		return true;
	answer_error(c, NULL, PROTO_ERR_REQUEST, "request too long");
	return false;
}

static bool read_some(struct client *c)
{
	char *p = buf_reserve(&c->in, PROTO_REQUEST_MAX - c->in.len);
	if (!p)
		return false;
	ssize_t n = recv(c->fd, p, PROTO_REQUEST_MAX - c->in.len, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	c->in.len += n;
	return handle_input(c);
}

static int on_client(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct client *c = arg;
	bool ok = true;
	(void)s;
	(void)fd;
	if (revents & EPOLLOUT)
		ok = flush(c) && (c->out.len || handle_input(c));
	if (ok && (revents & EPOLLIN))
		ok = read_some(c);
	else if (ok && (revents & (EPOLLHUP | EPOLLERR)))
		ok = false;
	if (!ok)
		drop(c);
	return 0;
}

static bool is_root(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 && cred.uid == 0;
}

static int on_accept(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct ctl *ctl = arg;
	(void)s;
	(void)revents;
	int cfd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (cfd < 0)
		return 0;
	struct client *c = NULL;
	if (is_root(cfd) && ctl->n_clients < CTL_CLIENTS_MAX)
		c = calloc(1, sizeof(*c));
	if (!c || sd_event_add_io(ctl->event, &c->io, cfd, EPOLLIN, on_client, c) < 0) {
		free(c);
		close(cfd);
		return 0;
	}
	/* As the wiring itself (netd.c): in turns with it, however much is asked. */
	sd_event_source_set_priority(c->io, SD_EVENT_PRIORITY_NORMAL + 10);
	c->ctl = ctl;
	c->fd = cfd;
	c->next = ctl->clients;
	c->prevp = &ctl->clients;
	if (c->next)
		c->next->prevp = &c->next;
	ctl->clients = c;
	ctl->n_clients++;
	return 0;
}

/* Now and then: who has not taken a byte of its answers for long is dropped. */
static int on_sweep(sd_event_source *s, uint64_t now, void *arg)
{
	struct ctl *ctl = arg;
	for (struct client *c = ctl->clients, *next; c; c = next) {
		next = c->next;
		if (c->out.len && now > c->stalled_at + CTL_STALL_LIMIT * UINT64_C(1000000)) {
			log_line(LOG_INFO, "control socket: dropped a client that does not read");
			drop(c);
		}
	}
	sd_event_source_set_time_relative(s, 10 * UINT64_C(1000000));
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int make_parent(const char *path)
{
	char dir[108];
	snprintf(dir, sizeof(dir), "%s", path);
	char *slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	return mkdir(dir, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* A socket file that nobody answers on is a crashed daemon's; one that answers is a running one's. */
static int clear_stale(const struct sockaddr_un *sa)
{
	struct stat sb;
	if (lstat(sa->sun_path, &sb) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(sb.st_mode))
		return -EEXIST;
	/* One that hangs accepts nobody, and its queue may be full: it is running all the same. */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (r == 0 || r == -EAGAIN)
		return -EADDRINUSE;
	return r == -ECONNREFUSED && unlink(sa->sun_path) == 0 ? 0 : r;
}

static int listen_on(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	int r = make_parent(path) ?: clear_stale(&sa);
	if (r < 0)
		return r;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old = umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, CTL_BACKLOG) < 0) {
		r = -errno;
		if (fd >= 0)
			close(fd);
	}
	umask(old);
	return r < 0 ? r : fd;
}

int ctl_open(struct ctl **out, sd_event *event, const char *path, const struct ctl_method *methods,
	     void *arg, struct err *e)
{
	int r = -ENOMEM;
	struct ctl *c = calloc(1, sizeof(*c));
	if (!c)
		return err_sysf(e, r, "control socket");
	*c = (struct ctl){.event = event, .methods = methods, .arg = arg, .fd = -1};
	if (sd_listen_fds(1) == 1 && sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) > 0)
		c->fd = SD_LISTEN_FDS_START;
	else if ((c->fd = r = listen_on(path)) >= 0)
		snprintf(c->path, sizeof(c->path), "%s", path);
	if (c->fd < 0)
		goto fail;
	if ((r = sd_event_add_io(event, &c->io, c->fd, EPOLLIN, on_accept, c)) < 0 ||
	    /* When files run out accept() fails and the socket stays readable: no busy loop then. */
	    (r = sd_event_source_set_ratelimit(c->io, CTL_ACCEPT_USEC, CTL_ACCEPT_BURST)) < 0 ||
	    (r = sd_event_add_time_relative(event, &c->sweep, CLOCK_MONOTONIC, 10000000, 0, on_sweep,
					    c)) < 0)
		goto fail;
	*out = c;
	return 0;
fail:
	ctl_close(c);
	if (r == -EADDRINUSE)
		return err_setf(e, r, "control socket %s: another xen-netd is running", path);
	return err_sysf(e, r, "control socket %s", path);
}

void ctl_close(struct ctl *c)
{
	if (!c)
		return;
	while (c->clients)
		drop(c->clients);
	sd_event_source_disable_unref(c->io);
	sd_event_source_disable_unref(c->sweep);
	if (c->path[0])
		unlink(c->path);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}
