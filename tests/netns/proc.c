// SPDX-License-Identifier: GPL-2.0-or-later
/* proc: a child process: started without a shell, its end told by the loop. */
#include "proc.h"

#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"

static const char **merge_env(const char *const *more);
static void proc_ended(void *arg);
static void reap(struct proc *p);

int proc_start(struct proc *p, struct loop *l, const struct proc_cmd *cmd, loop_fn *done, void *arg)
{
	const char **env = merge_env(cmd->env);
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, dfl;
	int err;

	*p = (struct proc) {.loop = l, .done = done, .arg = arg, .started_us = now_us()};
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (cmd->err)
		posix_spawn_file_actions_adddup2(&fa, cmd->err, STDERR_FILENO);
	if (cmd->out)
		posix_spawn_file_actions_adddup2(&fa, cmd->out, STDOUT_FILENO);
	posix_spawnattr_init(&at);
	sigemptyset(&none);
	sigfillset(&dfl);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setsigdefault(&at, &dfl);
	posix_spawnattr_setpgroup(&at, 0);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
					      POSIX_SPAWN_SETSIGDEF);
	err = posix_spawnp(&p->pid, cmd->argv[0], &fa, &at, (char *const *)cmd->argv,
			   (char *const *)env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	free(env);
	if (err) {
		p->pid = 0;
		return -err;
	}
	p->pidfd = pidfd_open(p->pid, 0);
	if (p->pidfd < 0)
		die_errno("pidfd_open");
	loop_fd(l, p->pidfd, proc_ended, p);
	return 0;
}

void proc_signal(const struct proc *p, int sig)
{
	if (p->pid)
		kill(p->pid, sig);
}

void proc_kill(struct proc *p)
{
	if (!p->pid)
		return;
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL);
	reap(p);
}

bool proc_running(const struct proc *p)
{
	return p->pid != 0;
}

int proc_result(const struct proc *p)
{
	if (p->pid)
		return -1;
	return WIFSIGNALED(p->status) ? 128 + WTERMSIG(p->status) : WEXITSTATUS(p->status);
}

/* Ours, then @more: of two variables of one name the first wins, so @more goes first. */
static const char **merge_env(const char *const *more)
{
	size_t n = 0, m = 0;
	const char **env;

	while (environ[n])
		n++;
	while (more && more[m])
		m++;
	env = xzalloc((n + m + 1) * sizeof(*env));
	for (size_t i = 0; i < m; i++)
		env[i] = more[i];
	for (size_t i = 0; i < n; i++)
		env[m + i] = environ[i];
	return env;
}

static void proc_ended(void *arg)
{
	struct proc *p = arg;

	reap(p);
	if (p->done)
		p->done(p->arg);
}

static void reap(struct proc *p)
{
	loop_fd_del(p->loop, p->pidfd);
	while (waitpid(p->pid, &p->status, 0) < 0)
		if (errno != EINTR)
			die_errno("waitpid");
	close(p->pidfd);
	p->ended_us = now_us();
	p->pid = 0;
}
