// SPDX-License-Identifier: GPL-2.0-or-later
/* child: a program that is kept running. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

enum {
	PAUSE_FIRST = 100 * 1000, /* microseconds */
	PAUSE_LAST = 30 * 1000 * 1000,
	LASTS = 5 * 1000 * 1000, /* who runs so long has started well */
	ARGS_MAX = 8,
	ENDS_MAX = 3, /* so many short lives in a row are no accident */
};

struct child {
	sd_event *event;
	char *argv[ARGS_MAX];
	char *pid_file;
	child_fn *fn;
	void *arg;
	int pidfd; /* -1: it does not run */
	pid_t pid;
	sd_event_source *exit, *timer;
	uint64_t started; /* CLOCK_MONOTONIC microseconds */
	unsigned ends;	  /* short lives in a row */
	bool stopping;	  /* freed when it has ended */
	bool again;	  /* it ends because we said so, to begin again */
	int error;	  /* -errno: it could not be started the last time */
	char why[128];	  /* how it ended */
};

static uint64_t now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct child *child_new(sd_event *event, const char *const *argv, const char *pid_file,
			child_fn *fn, void *arg)
{
	struct child *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->event = event;
	c->fn = fn;
	c->arg = arg;
	c->pidfd = -1;
	c->pid_file = strdup(pid_file);
	bool ok = c->pid_file;
	for (size_t i = 0; argv[i] && i < ARGS_MAX - 1; i++)
		ok = (c->argv[i] = strdup(argv[i])) && ok;
	if (ok)
		return c;
	child_leave(c);
	return NULL;
}

static void close_process(struct child *c)
{
	c->exit = sd_event_source_disable_unref(c->exit);
	if (c->pidfd >= 0)
		close(c->pidfd);
	c->pidfd = -1;
}

void child_leave(struct child *c)
{
	if (!c)
		return;
	close_process(c);
	sd_event_source_disable_unref(c->timer);
	for (size_t i = 0; i < ARGS_MAX; i++)
		free(c->argv[i]);
	free(c->pid_file);
	free(c);
}

void child_signal(const struct child *c, int sig)
{
	if (c->pidfd >= 0)
		pidfd_send_signal(c->pidfd, sig, NULL, 0);
}

void child_restart(struct child *c)
{
	c->again = c->pidfd >= 0;
	child_signal(c, SIGTERM);
}

void child_stop(struct child *c)
{
	if (!c)
		return;
	unlink(c->pid_file);
	if (c->pidfd < 0) {
		child_leave(c);
		return;
	}
	c->stopping = true;
	c->timer = sd_event_source_disable_unref(c->timer);
	child_signal(c, SIGTERM);
}

bool child_is_kept(const struct child *c)
{
	return c->pidfd >= 0 || c->timer;
}

int child_check(const struct child *c, struct err *e)
{
	if (c->error)
		return err_sysf(e, c->error, "start %s", c->argv[0]);
	if (c->ends < ENDS_MAX)
		return 0;
	return err_setf(e, -ECHILD, "%s %s, %u times in a row; see the log", c->argv[0], c->why,
			c->ends);
}

/* As it was told by waitid(); an adopted process is another's child, and tells nothing. */
static void note_end(struct child *c)
{
	siginfo_t si = {.si_pid = 0};
	if (waitid(P_PIDFD, c->pidfd, &si, WEXITED | WNOHANG) < 0 || !si.si_pid)
		snprintf(c->why, sizeof(c->why), "ended");
	else if (si.si_code == CLD_EXITED)
		snprintf(c->why, sizeof(c->why), "ended with status %d", si.si_status);
	else
		snprintf(c->why, sizeof(c->why), "was ended by signal %d (%s)", si.si_status,
			 strsignal(si.si_status));
}

static int start(struct child *c, struct err *e);

/* Its pause is over; or it has lasted, after many short lives. */
static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct child *c = arg;
	struct err e = ERR_INIT;
	(void)s;
	(void)usec;
	c->timer = sd_event_source_disable_unref(c->timer);
	if (c->pidfd >= 0)
		c->ends = 0;
	else if (start(c, &e) < 0)
		log_line(LOG_ERR, "%s", e.text);
	c->fn(c->arg);
	return 0;
}

static int set_timer(struct child *c, uint64_t pause)
{
	c->timer = sd_event_source_disable_unref(c->timer);
	return sd_event_add_time(c->event, &c->timer, CLOCK_MONOTONIC, now() + pause, 0, on_timer,
				 c);
}

static void start_later(struct child *c)
{
	uint64_t pause = PAUSE_FIRST;
	for (unsigned i = 1; i < c->ends && pause < PAUSE_LAST; i++)
		pause *= 2;
	if (pause > PAUSE_LAST)
		pause = PAUSE_LAST;
	if (set_timer(c, pause) < 0)
		log_line(LOG_ERR, "%s cannot be started again: no timer", c->argv[0]);
	else
		log_line(LOG_WARNING, "%s %s %s; starting it again in %.1f s", c->argv[0],
			 c->argv[1], c->why, pause / 1e6);
}

static int start_again(struct child *c)
{
	struct err e = ERR_INIT;
	c->again = false;
	if (start(c, &e) < 0)
		log_line(LOG_ERR, "%s", e.text);
	c->fn(c->arg);
	return 0;
}

static int on_end(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct child *c = arg;
	(void)s;
	(void)fd;
	(void)revents;
	note_end(c);
	close_process(c);
	if (c->stopping) {
		child_leave(c);
		return 0;
	}
	if (c->again)
		return start_again(c);
	c->ends = now() - c->started < LASTS ? c->ends + 1 : 1;
	start_later(c);
	c->fn(c->arg);
	return 0;
}

static int watch(struct child *c, pid_t pid, struct err *e)
{
	c->pid = pid;
	c->pidfd = c->pidfd >= 0 ? c->pidfd : pidfd_open(pid, 0);
	int r = c->pidfd < 0 ? -errno
			     : sd_event_add_io(c->event, &c->exit, c->pidfd, EPOLLIN, on_end, c);
	if (r >= 0)
		return 0;
	close_process(c);
	return err_sysf(e, r, "watch %s", c->argv[0]);
}

/* Is process @pid the program with the same first argument? */
static bool is_ours(const struct child *c, pid_t pid)
{
	char path[32], line[512] = "";
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	size_t first = strlen(line) + 1;
	return !strcmp(line, c->argv[0]) && first < (size_t)n && !strcmp(line + first, c->argv[1]);
}

bool child_adopt(struct child *c)
{
	int pid = 0;
	FILE *f = fopen(c->pid_file, "re");
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	if (pid <= 1 || c->pidfd >= 0)
		return c->pidfd >= 0;
	/* First the descriptor: from then on the number cannot be another's. */
	c->pidfd = pidfd_open(pid, 0);
	if (c->pidfd < 0)
		return false;
	if (!is_ours(c, pid) || watch(c, pid, NULL) < 0) {
		close_process(c);
		return false;
	}
	c->started = now();
	return true;
}

static void write_pid(const struct child *c)
{
	FILE *f = fopen(c->pid_file, "we");
	bool ok = f && fprintf(f, "%d\n", (int)c->pid) > 0;
	if ((f && fclose(f)) || !ok)
		log_line(LOG_WARNING, "write %s: %s", c->pid_file, strerror(errno));
}

static int spawn(const struct child *c, pid_t *pid)
{
	static char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t files;
	sigset_t none, pipe;
	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&files);
	/* The daemon blocks signals for its event loop: that would be inherited. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSID);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe);
	int r = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	r = r ?: posix_spawn_file_actions_adddup2(&files, 2, 1);
	r = r ?: posix_spawn(pid, c->argv[0], &files, &attr, c->argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -r;
}

int child_start(struct child *c, struct err *e)
{
	return c->pidfd >= 0 || c->timer ? 0 : start(c, e);
}

static int start(struct child *c, struct err *e)
{
	pid_t pid;
	int r = spawn(c, &pid);
	if (r < 0)
		err_sysf(e, r, "start %s", c->argv[0]);
	else
		r = watch(c, pid, e);
	c->started = now();
	c->error = r < 0 ? r : 0;
	if (r < 0) {
		snprintf(c->why, sizeof(c->why), "cannot be started: %s", strerror(-r));
		c->ends += c->ends < 16;
		start_later(c);
		return r;
	}
	if (c->ends >= ENDS_MAX)
		set_timer(c, LASTS);
	write_pid(c);
	log_line(LOG_DEBUG, "%s %s is running, process %d", c->argv[0], c->argv[1], (int)pid);
	return 0;
}
