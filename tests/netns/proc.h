/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proc: a child process: started without a shell, its end told by the loop. */
#ifndef NETNS_PROC_H
#define NETNS_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"

/* The caller's storage; must outlive the process. A zeroed one has never been started. */
struct proc {
	pid_t pid; /* 0 = not running */
	int pidfd;
	int status; /* as of waitpid(), once it has ended */
	int64_t started_us, ended_us;
	struct loop *loop;
	loop_fn *done; /* may be NULL */
	void *arg;
};

struct proc_cmd {
	const char *const *argv; /* argv[0] is looked up in PATH */
	const char *const *env;	 /* "NAME=value" on top of ours; may be NULL */
	int out, err;		 /* descriptors for stdout and stderr; 0 = inherit */
};

/* Starts a process in a group of its own, standard input /dev/null. @return 0 or -errno. */
int proc_start(struct proc *p, struct loop *l, const struct proc_cmd *cmd, loop_fn *done,
	       void *arg);
void proc_signal(const struct proc *p, int sig);
/* SIGKILL, and reaped when it returns. Nothing if it is not running; done() is not called. */
void proc_kill(struct proc *p);
bool proc_running(const struct proc *p);
/* Exit status 0…255, or 128 + signal, or -1 while it runs. */
int proc_result(const struct proc *p);

#endif
