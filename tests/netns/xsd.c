// SPDX-License-Identifier: GPL-2.0-or-later
/* xsd: a real xenstored of Xen, C or OCaml, with an empty store; and reading and writing it. */
#include "xsd.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

#define XSD_DIR	   "/run/xenstored" /* where both listen unless told otherwise */
#define XSD_SOCKET XSD_DIR "/socket"
#define XSD_CONF   "/run/oxenstored.conf"

static const char *binary(enum xsd_kind kind);
static void spawn(struct xsd *x);
static void connect_handle(struct xsd *x);
static void retry(void *arg);
static void watch_readable(void *arg);
static void ended(void *arg);

void xsd_start(struct xsd *x)
{
	mkdir(XSD_DIR, 0755);
	unlink(XSD_SOCKET);
	spawn(x);
	connect_handle(x);
	xsd_put(x, "/local/domain/0/domid", "0");
	xsd_put(x, "/local/domain/0/name", "Domain-0");
	x->events = xs_open(0);
	if (!x->events || !xs_watch(x->events, "/local/domain", "harness"))
		die_errno("xs_watch");
	loop_fd(x->loop, xs_fileno(x->events), watch_readable, x);
}

void xsd_kill(struct xsd *x)
{
	if (x->xs) {
		loop_fd_del(x->loop, xs_fileno(x->events));
		xs_close(x->events);
		xs_close(x->xs);
		x->xs = x->events = NULL;
	}
	proc_kill(&x->proc);
}

const char *xsd_get(struct xsd *x, const char *path)
{
	unsigned int len;
	char *v = x->xs ? xs_read(x->xs, XBT_NULL, path, &len) : NULL;
	const char *t = v ? text("%s", v) : NULL;

	free(v);
	return t;
}

bool xsd_is(struct xsd *x, const char *path, const char *value)
{
	const char *v = xsd_get(x, path);

	return v && !strcmp(v, value);
}

bool xsd_has(struct xsd *x, const char *path)
{
	return xsd_get(x, path) != NULL;
}

bool xsd_put_in(struct xsd *x, xs_transaction_t t, const char *path, const char *value)
{
	return xs_write(x->xs, t, path, value, strlen(value));
}

void xsd_put(struct xsd *x, const char *path, const char *value)
{
	xsd_put_bytes(x, path, value, strlen(value));
}

void xsd_put_bytes(struct xsd *x, const char *path, const void *value, size_t len)
{
	if (!xs_write(x->xs, XBT_NULL, path, value, len))
		die_errno("xenstore write %s", path);
}

void xsd_rm(struct xsd *x, const char *path)
{
	if (!xs_rm(x->xs, XBT_NULL, path) && errno != ENOENT)
		die_errno("xenstore rm %s", path);
}

static bool rm_clean(struct xsd *x, xs_transaction_t t, const char *path)
{
	char dir[512];

	if (!xs_rm(x->xs, t, path))
		return errno == ENOENT;
	snprintf(dir, sizeof(dir), "%s", path);
	for (;;) {
		char *slash = strrchr(dir, '/');
		unsigned int n;
		char **names;

		if (!slash || slash == dir)
			return true;
		*slash = '\0';
		names = xs_directory(x->xs, t, dir, &n);
		if (!names)
			return errno == ENOENT;
		free(names);
		if (n)
			return true;
		if (!xs_rm(x->xs, t, dir))
			return false;
	}
}

struct rm_arg {
	struct xsd *x;
	const char *path;
};

static bool rm_clean_tx(xs_transaction_t t, void *arg)
{
	struct rm_arg *a = arg;

	return rm_clean(a->x, t, a->path);
}

void xsd_rm_clean(struct xsd *x, const char *path)
{
	struct rm_arg a = {x, path};

	xsd_transact(x, rm_clean_tx, &a);
}

bool xsd_transact(struct xsd *x, bool (*fn)(xs_transaction_t t, void *arg), void *arg)
{
	for (;;) {
		xs_transaction_t t = xs_transaction_start(x->xs);
		bool ok;

		if (t == XBT_NULL)
			die_errno("xenstore transaction");
		ok = fn(t, arg);
		if (xs_transaction_end(x->xs, t, !ok))
			return ok;
		if (errno != EAGAIN)
			die_errno("xenstore commit");
	}
}

/* Of the newest Xen that is installed. */
static const char *binary(enum xsd_kind kind)
{
	const char *name = kind == XSD_C ? "xenstored" : "oxenstored";
	const char *path = NULL;
	glob_t g;

	if (!glob(text("/usr/lib/xen*/bin/%s", name), 0, NULL, &g))
		path = text("%s", g.gl_pathv[g.gl_pathc - 1]);
	globfree(&g);
	if (!path && !access(text("/usr/sbin/%s", name), X_OK))
		path = text("/usr/sbin/%s", name);
	if (!path)
		die("no %s: install Debian's xen-utils", name);
	return path;
}

static void spawn(struct xsd *x)
{
	const char *exe = binary(x->kind);
	const char *c[] = {exe, "-N", NULL};
	const char *ocaml[] = {
		exe,	  "--no-fork", "--no-domain-init", "--no-access-log", "--config-file",
		XSD_CONF, NULL};
	const char *env[] = {text("LD_PRELOAD=%s", x->shim), NULL};
	struct proc_cmd cmd = {.argv = x->kind == XSD_C ? c : ocaml, .env = env};
	int err;

	write_file(XSD_CONF, "pid-file = " XSD_DIR "/pid\nxenstored-log-file = " XSD_DIR "/log\n");
	err = proc_start(&x->proc, x->loop, &cmd, ended, x);
	if (err)
		die("start %s: %s", exe, strerror(-err));
}

/*
 * Neither xenstored says when it listens: its socket exists (bind) a moment before it answers
 * (listen). So this one start asks again each millisecond.
 */
static void connect_handle(struct xsd *x)
{
	loop_timer(x->loop, 1, retry, x);
	if (!LOOP_WAIT(x->loop, 10000, x->xs || !proc_running(&x->proc)) || !x->xs)
		die("xenstored does not answer");
}

static void retry(void *arg)
{
	struct xsd *x = arg;

	if (!access(XSD_SOCKET, F_OK))
		x->xs = xs_open(0);
	if (!x->xs)
		loop_timer(x->loop, 1, retry, x);
}

static void watch_readable(void *arg)
{
	struct xsd *x = arg;
	char **ev;

	while (x->events && (ev = xs_check_watch(x->events))) {
		if (x->watch)
			x->watch(x->watch_arg, ev[XS_WATCH_PATH]);
		free(ev);
	}
}

static void ended(void *arg)
{
	struct xsd *x = arg;

	die("xenstored ended by itself, status %d", proc_result(&x->proc));
}
