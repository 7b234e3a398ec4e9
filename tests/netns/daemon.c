// SPDX-License-Identifier: GPL-2.0-or-later
/* daemon: xen-netd under test, its readiness, its log, and xnetctl. */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "die.h"
#include "world.h"

#define NOTIFY_PATH "/run/notify"

enum { READY_MS = 10000, STOP_MS = 10000, ANSWER_MS = 10000 };

static void open_log(struct daemon *d);
static void notify_readable(void *arg);
static void log_readable(void *arg);
static void read_pipe(struct loop *l, int fd, char *buf, size_t size);

void daemon_init(struct daemon *d, struct world *w)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = NOTIFY_PATH};

	*d = (struct daemon) {.w = w, .copy = w->trace ? STDERR_FILENO : -1};
	d->text = xzalloc(1);
	d->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->notify < 0 || bind(d->notify, (void *)&sa, sizeof(sa)))
		die_errno("notify socket");
	loop_fd(w->loop, d->notify, notify_readable, d);
	mkdir("/run/xen-netd", 0755);
	open_log(d);
}

void daemon_spawn(struct daemon *d)
{
	const struct world_paths *p = &d->w->paths;
	const char *argv[] = {p->daemon,     "--config",     DAEMON_CONFIG, "--socket",
			      DAEMON_SOCKET, "--plugin-dir", p->plugin_dir, "--helper",
			      p->helper,     "--state-dir",  DAEMON_STATE,  "--foreground", "--log-level", d->log_level ?: "debug",
			      NULL};
	const char *env[] = {"NOTIFY_SOCKET=" NOTIFY_PATH, "UBSAN_OPTIONS=halt_on_error=1", NULL};
	int err;

	d->ready = 0;
	d->run_start = d->len;
	err = proc_start(
		&d->proc, d->w->loop,
		&(struct proc_cmd) {.argv = argv, .env = env, .out = d->log, .err = d->log}, NULL,
		NULL);
	if (err)
		die("start %s: %s", p->daemon, strerror(-err));
	d->started_us = d->proc.started_us;
}

void daemon_start(struct daemon *d)
{
	daemon_spawn(d);
	if (!LOOP_WAIT(d->w->loop, READY_MS, d->ready || !proc_running(&d->proc)) || !d->ready)
		die("xen-netd is not ready: status %d", proc_result(&d->proc));
	world_trace(d->w, "xen-netd:  ready after %.1f ms", (d->ready_us - d->started_us) / 1000.0);
}

void daemon_hear(struct daemon *d)
{
	loop_fd(d->w->loop, d->notify, notify_readable, d);
}

void daemon_kill(struct daemon *d)
{
	proc_kill(&d->proc);
	log_readable(d);
}

int daemon_stop(struct daemon *d)
{
	if (!proc_running(&d->proc))
		return proc_result(&d->proc);
	proc_signal(&d->proc, SIGCONT);
	proc_signal(&d->proc, SIGTERM);
	if (!LOOP_WAIT(d->w->loop, STOP_MS, !proc_running(&d->proc)))
		return -1;
	log_readable(d);
	return proc_result(&d->proc);
}

void daemon_config(const char *content)
{
	if (content)
		write_file(DAEMON_CONFIG, content);
	else
		unlink(DAEMON_CONFIG);
}

void daemon_reload(struct daemon *d)
{
	unsigned before = d->ready;

	proc_signal(&d->proc, SIGHUP);
	if (!LOOP_WAIT(d->w->loop, READY_MS, d->ready > before))
		die("xen-netd does not answer SIGHUP by RELOADING=1, READY=1");
}

bool daemon_logged(const struct daemon *d, const char *needle)
{
	return strstr(d->text + d->run_start, needle);
}

unsigned daemon_count(const struct daemon *d, const char *needle)
{
	unsigned n = 0;

	for (const char *p = d->text + d->run_start; (p = strstr(p, needle)); p += strcspn(p, "\n"))
		n++;
	return n;
}

struct run *run_program(struct world *w, const char *const *argv)
{
	static struct run run;
	const char *env[] = {"XEN_NETD_SOCKET=" DAEMON_SOCKET, NULL};
	int out[2], err[2];
	struct proc p;
	int r;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		die_errno("pipe");
	r = proc_start(&p, w->loop,
		       &(struct proc_cmd) {.argv = argv, .env = env, .out = out[1], .err = err[1]},
		       NULL, NULL);
	close(out[1]);
	close(err[1]);
	if (r)
		die("start %s: %s", argv[0], strerror(-r));
	read_pipe(w->loop, out[0], run.out, sizeof(run.out));
	read_pipe(w->loop, err[0], run.err, sizeof(run.err));
	LOOP_WAIT(w->loop, ANSWER_MS, !proc_running(&p));
	proc_kill(&p);
	run.status = proc_result(&p);
	fprintf(stderr, "%s %s %s: status %d\n%.2000s%s", argv[0], argv[1] ?: "",
		argv[1] && argv[2] ? argv[2] : "", run.status, run.out, run.err);
	return &run;
}

json_t *daemon_status(struct daemon *d)
{
	struct run *r = RUN(d->w, d->w->paths.xnetctl, "status", "--json");
	json_error_t e;
	json_t *j = json_loads(r->out, 0, &e);

	if (!j)
		die("xnetctl status --json: %s", e.text);
	return j;
}

const char *daemon_vif(struct daemon *d, const char *name, const char *key)
{
	json_t *status = daemon_status(d), *vif, *v;
	const char *value = NULL;
	size_t i;

	json_array_foreach(json_object_get(status, "vifs"), i, vif)
	{
		const char *n = json_string_value(json_object_get(vif, "name"));
		char *dump;

		if (!n || strcmp(n, name) != 0)
			continue;
		v = json_object_get(vif, key);
		if (json_is_string(v)) {
			value = text("%s", json_string_value(v));
			continue;
		}
		dump = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		value = text("%s", dump ?: "missing");
		free(dump);
	}
	json_decref(status);
	return value;
}

bool daemon_vif_is(struct daemon *d, const char *name, const char *key, const char *value)
{
	const char *is = daemon_vif(d, name, key);

	return is && !strcmp(is, value);
}

bool daemon_vif_tells(struct daemon *d, const char *name, const char *key, const char *part)
{
	const char *is = daemon_vif(d, name, key);

	return is && strstr(is, part);
}

int daemon_connect(struct daemon *d)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = DAEMON_SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)d;
	if (fd < 0)
		die_errno("socket");
	if (connect(fd, (void *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void wake(void *arg)
{
	(void)arg;
}

json_t *daemon_ask(struct daemon *d, const char *line)
{
	int fd = daemon_connect(d);
	char buf[65536];
	size_t n = 0;
	ssize_t r;
	bool closed = false;

	if (fd < 0)
		return NULL;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		fprintf(stderr, "send: %s\n", strerror(errno));
	loop_fd(d->w->loop, fd, wake, d);
	LOOP_WAIT(d->w->loop, ANSWER_MS, ({
			  while (n < sizeof(buf) - 1 &&
				 (r = read(fd, buf + n, sizeof(buf) - 1 - n)) > 0)
				  n += r;
			  closed = r == 0 || (r < 0 && errno != EAGAIN);
			  buf[n] = '\0';
			  closed || strchr(buf, '\n');
		  }));
	loop_fd_del(d->w->loop, fd);
	close(fd);
	fprintf(stderr, "control socket: %.200s\n", buf);
	return json_loads(buf, JSON_DISABLE_EOF_CHECK, NULL);
}

static void notify_readable(void *arg)
{
	struct daemon *d = arg;
	char buf[4096];
	ssize_t n;

	while ((n = recv(d->notify, buf, sizeof(buf) - 1, 0)) > 0) {
		buf[n] = '\0';
		if (strncmp(buf, "READY=1", 7) != 0 && !strstr(buf, "\nREADY=1"))
			continue;
		d->ready++;
		d->ready_us = now_us();
	}
}

/*
 * A file and not a pipe: this process is at times in a call to xenstored, and xenstored may wait
 * for the daemon to read; the daemon must not wait for this process to empty a pipe.
 */
static void open_log(struct daemon *d)
{
	d->log = open(DAEMON_LOG, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	d->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (d->log < 0 || d->inotify < 0 ||
	    inotify_add_watch(d->inotify, DAEMON_LOG, IN_MODIFY) < 0)
		die_errno(DAEMON_LOG);
	loop_fd(d->w->loop, d->inotify, log_readable, d);
}

/* Keeps the log for assertions, and tells it on for whoever reads the failure. */
static void log_readable(void *arg)
{
	struct daemon *d = arg;
	char buf[16384];
	ssize_t n;

	while (read(d->inotify, buf, sizeof(buf)) > 0)
		;
	while ((n = pread(d->log, buf, sizeof(buf), d->len)) > 0) {
		d->text = xrealloc(d->text, d->len + n + 1);
		memcpy(d->text + d->len, buf, n);
		d->len += n;
		d->text[d->len] = '\0';
		if (d->copy >= 0 && write(d->copy, buf, n) < 0)
			die_errno("write");
	}
}

/* Until its end; the world goes on meanwhile. */
static void read_pipe(struct loop *l, int fd, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t r = 1;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	loop_fd(l, fd, wake, buf);
	LOOP_WAIT(l, ANSWER_MS, ({
			  while (n < size - 1 && (r = read(fd, buf + n, size - 1 - n)) > 0)
				  n += r;
			  r == 0 || n == size - 1;
		  }));
	buf[n] = '\0';
	loop_fd_del(l, fd);
	close(fd);
}
