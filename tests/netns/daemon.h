/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon: xen-netd under test, its readiness, its log, and xnetctl. */
#ifndef NETNS_DAEMON_H
#define NETNS_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "proc.h"

struct world;

#define DAEMON_CONFIG "/run/netd.conf"
#define DAEMON_STATE  "/run/xen-netd-state"
#define DAEMON_LOG    "/run/xen-netd.log" /* standard output and error of all its runs */
#define DAEMON_SOCKET "/run/xen-netd/control"

struct daemon {
	struct world *w;
	struct proc proc;
	const char *log_level; /* NULL: debug */
	int notify;	       /* NOTIFY_SOCKET */
	unsigned ready;	       /* READY=1 messages of this run */
	int64_t started_us, ready_us;
	int log, inotify; /* DAEMON_LOG, and what tells that it grew */
	int copy;	  /* where the log is told on to; -1 = nowhere */
	char *text;	  /* what it logged in all its runs */
	size_t len;
	size_t run_start; /* where in text the present run begins */
};

void daemon_init(struct daemon *d, struct world *w);
/* Starts it and waits until it is ready; with the configuration that daemon_config() wrote. */
void daemon_start(struct daemon *d);
/* Starts it and returns at once. */
void daemon_spawn(struct daemon *d);
/* Reads NOTIFY_SOCKET again, after loop_fd_del(). */
void daemon_hear(struct daemon *d);
void daemon_kill(struct daemon *d); /* SIGKILL */
/* SIGTERM. @return its exit status, or -1 if it did not end in 10 s. */
int daemon_stop(struct daemon *d);
/* Writes netd.conf; NULL removes it. */
void daemon_config(const char *content);
/* SIGHUP, and waits until it has read the configuration. */
void daemon_reload(struct daemon *d);
/* Whether the present run has logged @needle. */
bool daemon_logged(const struct daemon *d, const char *needle);
/* How many lines of the present run contain @needle. */
unsigned daemon_count(const struct daemon *d, const char *needle);

/* Runs a program to its end. @out and @err get up to @size bytes of what it wrote; may be NULL. */
struct run {
	int status;
	char out[262144], err[8192];
};
struct run *run_program(struct world *w, const char *const *argv);
#define RUN(w, ...) run_program((w), (const char *const[]) {__VA_ARGS__, NULL})

/* `xnetctl status --json`: a new reference. Dies if it is no JSON. */
json_t *daemon_status(struct daemon *d);
/* Member @key of vif @name in it, as text(); "null" for null; NULL if there is no such vif. */
const char *daemon_vif(struct daemon *d, const char *name, const char *key);
bool daemon_vif_is(struct daemon *d, const char *name, const char *key, const char *value);
bool daemon_vif_tells(struct daemon *d, const char *name, const char *key, const char *part);

/* One request line on the control socket. @return the answer as a new reference, or NULL. */
json_t *daemon_ask(struct daemon *d, const char *line);
/* A connection to the control socket; -1 with errno. */
int daemon_connect(struct daemon *d);

#endif
