// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox: namespaces of our own around a simulated host. Nothing outside is touched or left. */
#include "sandbox.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <net/if.h>

#include "die.h"

static pid_t fork_into_namespaces(void);
static void enter(int log);
static void mount_own_dirs(void);
static void loopback_up(void);
static int wait_end(pid_t pid, int limit_s);

int sandbox_run(int (*fn)(void *arg), void *arg, int log, int limit_s)
{
	pid_t pid;

	fflush(NULL); /* or the child would print it again */
	pid = fork_into_namespaces();
	if (pid < 0)
		return -errno;
	if (!pid) {
		int result;

		enter(log);
		result = fn(arg);
		fflush(NULL);
		_exit(result);
	}
	return wait_end(pid, limit_s);
}

const char *sandbox_refused(void)
{
	if (geteuid())
		return "needs root: it makes network, mount and pid namespaces";
	if (access("/dev/net/tun", R_OK | W_OK))
		return "needs /dev/net/tun: it simulates the device model's tap";
	return NULL;
}

/* A fork whose child starts in new namespaces; unshare() could not put the caller into a pid one.
 */
static pid_t fork_into_namespaces(void)
{
	return syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | SIGCHLD, NULL, NULL,
		       NULL, 0);
}

static void enter(int log)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (log >= 0 && (dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0))
		die_errno("dup2");
	mount_own_dirs();
	loopback_up();
}

static void mount_own_dirs(void)
{
	static const struct {
		const char *dir, *type;
	} mounts[] = {
		{"/proc", "proc"},
		{"/sys", "sysfs"},
		{"/run", "tmpfs"},
		{"/var/log/xen", "tmpfs"},
	};

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die_errno("make mounts private");
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (access(mounts[i].dir, F_OK))
			continue;
		if (mount("xen-netd-tests", mounts[i].dir, mounts[i].type, 0, NULL))
			die_errno("mount %s", mounts[i].dir);
	}
	mkdir("/run/lock", 0755); /* /var/lock of Xen's scripts */
}

static void loopback_up(void)
{
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die_errno("set lo up");
	close(fd);
}

static int wait_end(pid_t pid, int limit_s)
{
	struct pollfd pfd = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	bool late = false;
	int status;

	if (pfd.fd < 0)
		die_errno("pidfd_open");
	while (poll(&pfd, 1, limit_s ? limit_s * 1000 : -1) < 0 && errno == EINTR)
		;
	close(pfd.fd);
	if (waitpid(pid, &status, WNOHANG) == 0) {
		late = true;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	if (late)
		return -ETIME;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
