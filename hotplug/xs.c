// SPDX-License-Identifier: GPL-2.0-or-later
/* xs: a small synchronous xenstore client that can do one thing: report a failure. */
#include "xs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <xen/io/xs_wire.h>

#include "io.h"

struct xs {
	int fd;
	int64_t deadline;
	uint32_t req_id;
	uint32_t tx_id;
	char body[XENSTORE_PAYLOAD_MAX + 1]; /* of the last reply, NUL-terminated */
};

static int open_path(const char *path, int64_t deadline)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISSOCK(st.st_mode))
		return io_connect(path, deadline);
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int xs_open(int64_t deadline)
{
	static const char *const places[] = {
		"/run/xenstored/socket",
		"/var/run/xenstored/socket",
		"/dev/xen/xenbus",
	};
	const char *path = getenv("XENSTORED_PATH"), *rundir = getenv("XENSTORED_RUNDIR");
	char in_rundir[128];
	if (path && *path)
		return open_path(path, deadline);
	if (rundir && *rundir) {
		int n = snprintf(in_rundir, sizeof(in_rundir), "%s/socket", rundir);
		if ((size_t)n >= sizeof(in_rundir))
			return -ENAMETOOLONG;
		return open_path(in_rundir, deadline);
	}
	int r = -ENOENT;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int fd = open_path(places[i], deadline);
		if (fd >= 0)
			return fd;
		if (r == -ENOENT) /* a socket that refuses tells more than a missing device */
			r = fd;
	}
	return r;
}

/* xenstored tells errors by name; see xsd_errors[]. */
static int error_code(const char *name)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (!strcmp(name, xsd_errors[i].errstring))
			return -xsd_errors[i].errnum;
	return -EIO;
}

static int read_message(struct xs *xs, struct xsd_sockmsg *msg)
{
	int r = io_read_full(xs->fd, msg, sizeof(*msg), xs->deadline);
	if (r < 0)
		return r;
	/* oxenstored 4.17 can send more than the protocol allows, but not for what we ask. */
	if (msg->len > XENSTORE_PAYLOAD_MAX)
		return -EPROTO;
	r = io_read_full(xs->fd, xs->body, msg->len, xs->deadline);
	xs->body[msg->len] = '\0';
	return r;
}

static int read_reply(struct xs *xs, uint32_t type)
{
	struct xsd_sockmsg msg;
	do {
		int r = read_message(xs, &msg);
		if (r < 0)
			return r;
	} while (msg.type == XS_WATCH_EVENT); /* none of ours: we watch nothing */
	if (msg.req_id != xs->req_id)
		return -EPROTO;
	if (msg.type == XS_ERROR)
		return error_code(xs->body);
	return msg.type == type ? 0 : -EPROTO;
}

/* One request, one reply: xs->body. @return 0 or -errno, xenstored's or the connection's. */
static int call(struct xs *xs, uint32_t type, const void *body, size_t len)
{
	struct {
		struct xsd_sockmsg msg;
		char body[XENSTORE_PAYLOAD_MAX];
	} out;
	if (len > sizeof(out.body))
		return -E2BIG;
	out.msg = (struct xsd_sockmsg){
		.type = type,
		.req_id = ++xs->req_id,
		.tx_id = xs->tx_id,
		.len = (uint32_t)len,
	};
	memcpy(out.body, body, len);
	/* In one write, as libxenstore does: what every kernel's /dev/xen/xenbus is used to. */
	int r = io_write(xs->fd, &out, sizeof(out.msg) + len, xs->deadline);
	return r < 0 ? r : read_reply(xs, type);
}

static int read_key(struct xs *xs, const char *dir, const char *key)
{
	char path[256];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, key);
	if ((size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return call(xs, XS_READ, path, n + 1);
}

static int write_key(struct xs *xs, const char *dir, const char *key, const char *value)
{
	char body[XENSTORE_PAYLOAD_MAX];
	int n = snprintf(body, sizeof(body), "%s/%s%c%s", dir, key, '\0', value);
	if ((size_t)n >= sizeof(body))
		return -E2BIG;
	return call(xs, XS_WRITE, body, n); /* path, NUL, value without one */
}

static int begin(struct xs *xs)
{
	char *end;
	xs->tx_id = 0;
	int r = call(xs, XS_TRANSACTION_START, "", 1);
	if (r < 0)
		return r;
	unsigned long id = strtoul(xs->body, &end, 10);
	if (end == xs->body || *end || !id || id > UINT32_MAX)
		return -EPROTO;
	xs->tx_id = (uint32_t)id;
	return 0;
}

/*
 * A write would re-create a directory that libxl has just removed, and leave it behind for ever. So
 * `state` is read in the same transaction: both xenstoreds refuse the commit if it changed
 * meanwhile. A vif that says "connected" works, whatever befell this request: netback and the
 * daemon go by that key, so only the sentence is left for libxl.
 */
static int report_once(struct xs *xs, const char *dir, const char *text)
{
	int r = begin(xs);
	if (r < 0)
		return r;
	if ((r = read_key(xs, dir, "state")) < 0)
		return r == -ENOENT ? XS_GONE : r;
	r = read_key(xs, dir, "hotplug-status");
	if (r < 0 && r != -ENOENT)
		return r;
	bool connected = !r && !strcmp(xs->body, "connected");
	if ((r = write_key(xs, dir, "hotplug-error", text)) < 0)
		return r;
	if (!connected && (r = write_key(xs, dir, "hotplug-status", "error")) < 0)
		return r;
	return call(xs, XS_TRANSACTION_END, "T", 2);
}

int xs_report(int fd, const char *dir, const char *text, int64_t deadline)
{
	struct xs xs = {.fd = fd, .deadline = deadline};
	int r = -EAGAIN;
	for (int try = 0; try < XS_TRIES && r == -EAGAIN; try++) {
		if (try)
			io_pause(1 << try, deadline);
		r = report_once(&xs, dir, text);
	}
	return r;
}
