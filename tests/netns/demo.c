// SPDX-License-Identifier: GPL-2.0-or-later
/* netns-demo: xen-netd at work on a simulated Xen host: three guests, plugged as libxl does it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "sandbox.h"
#include "world.h"

enum { GUESTS = 3, PING_MS = 3000 };

static const char config[] =
	"# The bridge of the demo: xen-netd makes it. Guests with bridge=xenbr0 are in it.\n"
	"network xenbr0 {\n\tmode = bridge\n\tcreate = true\n}\n"
	"\n"
	"# The same bridge, but its guests do not reach each other.\n"
	"network apart {\n\tmode = bridge\n\tbridge = xenbr0\n\tisolated = true\n}\n";

struct demo {
	struct world w;
	const char *build;
	enum xsd_kind kind;
	bool shell, colour;
	struct nic *nics[GUESTS];
};

static int in_sandbox(void *arg);
static void start(struct demo *d);
static void plug(struct demo *d);
static void ping_all(struct demo *d);
static void show_status(struct demo *d);
static int run_shell(struct demo *d);

/* The help is in scripts/demo, which starts this. */
static int usage(void)
{
	fprintf(stderr,
		"Usage: netns-demo [--shell] [--store c|ocaml] [--build DIR]; see scripts/demo\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"shell", no_argument, NULL, 'S'},
		{"store", required_argument, NULL, 's'},
		{"build", required_argument, NULL, 'b'},
		{NULL, 0, NULL, 0},
	};
	struct demo d = {.build = NETNS_BUILD_ROOT, .colour = isatty(STDOUT_FILENO)};
	const char *refused;
	int c, r;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'S')
			d.shell = true;
		else if (c == 's' && (!strcmp(optarg, "c") || !strcmp(optarg, "ocaml")))
			d.kind = strcmp(optarg, "c") ? XSD_OCAML : XSD_C;
		else if (c == 'b')
			d.build = optarg;
		else
			return usage();
	}
	refused = sandbox_refused();
	if (refused) {
		fprintf(stderr, "demo: %s\n", refused);
		return 1;
	}
	if (d.shell)
		signal(SIGINT, SIG_IGN); /* Ctrl-C is for the shell inside */
	r = sandbox_run(in_sandbox, &d, -1, 0);
	return r < 0 ? 1 : r;
}

static int in_sandbox(void *arg)
{
	struct demo *d = arg;
	int r;

	start(d);
	plug(d);
	ping_all(d);
	show_status(d);
	r = d->shell ? run_shell(d) : 0;
	if (daemon_stop(&d->w.daemon))
		die("xen-netd did not end well");
	world_fini(&d->w);
	return r;
}

static void headline(const struct demo *d, const char *what)
{
	printf("%s%s%s\n", d->colour ? "\n\033[1m" : "\n", what, d->colour ? "\033[0m" : "");
	fflush(stdout);
}

static void start(struct demo *d)
{
	struct world *w = &d->w;
	int64_t t = now_us();

	headline(d, "A host of its own");
	world_init(w, d->build, d->kind);
	printf("  %-10s  %s, unmodified: answers after %.1f ms\n", "xenstored",
	       d->kind == XSD_C ? "the C one of Xen" : "oxenstored of Xen",
	       (now_us() - t) / 1000.0);
	daemon_config(config);
	daemon_start(&w->daemon);
	printf("  %-10s  ready after %.1f ms\n", "xen-netd",
	       (w->daemon.ready_us - w->daemon.started_us) / 1000.0);
}

static bool all_done(struct demo *d)
{
	for (int i = 0; i < GUESTS; i++)
		if (d->nics[i]->phase != NIC_ATTACHED && d->nics[i]->phase != NIC_FAILED)
			return false;
	return true;
}

/* /run/netns/NAME, for `ip netns exec`. */
static void name_namespace(const struct guest *g)
{
	const char *path = text("/run/netns/%s", g->name);
	int fd;

	mkdir("/run/netns", 0755);
	fd = open(path, O_CREAT | O_CLOEXEC, 0444);
	if (fd < 0 || mount(text("/proc/self/fd/%d", g->net.ns), path, NULL, MS_BIND, NULL))
		die_errno("%s", path);
	close(fd);
}

static void plug(struct demo *d)
{
	static const char *const names[GUESTS] = {"web1", "web2", "db"};
	static const char *const addrs[GUESTS] = {"10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24"};
	struct world *w = &d->w;

	headline(d, "Three guests are plugged in as libxl does it: keys, state 2, script, state 4");
	for (int i = 0; i < GUESTS; i++) {
		struct nic_conf conf = {.script = w->paths.helper, .addr = addrs[i]};
		struct guest *g = guest_new(w, i + 1, names[i]);

		name_namespace(g);
		g->running = true;
		d->nics[i] = nic_new(g, &conf);
	}
	for (int i = 0; i < GUESTS; i++)
		toolstack_attach(d->nics[i]);
	LOOP_WAIT(w->loop, 40000, all_done(d));
	for (int i = 0; i < GUESTS; i++) {
		struct nic *n = d->nics[i];

		if (n->phase == NIC_FAILED)
			die("%s: %s", n->vif, n->error);
		printf("  %-5s %-7s keys written to attached %5.1f ms, of it the script %4.1f ms\n",
		       n->guest->name, n->vif, (n->done_us - n->added_us) / 1000.0,
		       n->script_us / 1000.0);
	}
}

static void ping_all(struct demo *d)
{
	headline(d, "Guests ping each other");
	for (int i = 0; i < GUESTS; i++) {
		for (int k = 0; k < GUESTS; k++) {
			const char *to = text("10.0.0.%d", k + 1);
			int64_t t = now_us();

			if (i == k)
				continue;
			if (!guest_pings(d->nics[i]->guest, to, PING_MS))
				die("%s does not reach %s", d->nics[i]->guest->name, to);
			printf("  %-5s -> %-5s %s answers after %.2f ms\n", d->nics[i]->guest->name,
			       d->nics[k]->guest->name, to, (now_us() - t) / 1000.0);
		}
	}
}

static void show_status(struct demo *d)
{
	const char *argv[] = {d->w.paths.xnetctl, "status", NULL};
	struct proc p;

	headline(d, "xnetctl status");
	if (proc_start(&p, d->w.loop, &(struct proc_cmd) {.argv = argv}, NULL, NULL))
		die("cannot run xnetctl");
	LOOP_WAIT(d->w.loop, 10000, !proc_running(&p));
	proc_kill(&p);
}

static void set_environment(struct demo *d)
{
	setenv("XENSTORED_PATH", "/run/xenstored/socket", 1);
	setenv("PATH",
	       text("%s/ctl:%s/netd:%s:/usr/sbin:/sbin", d->build, d->build,
		    getenv("PATH") ?: "/usr/bin:/bin"),
	       1);
	setenv("PS1", "[xen-netd demo] # ", 1);
}

static void hint(struct demo *d)
{
	headline(d, "A shell inside; leave it with \"exit\". Try:");
	printf("  xnetctl status\n"
	       "  ip netns exec web1 ping -c 1 10.0.0.2\n"
	       "  xenstore-ls /local/domain/0/backend/vif\n"
	       "  for i in 1 2; do xenstore-write /local/domain/0/backend/vif/$i/0/network apart; "
	       "done\n"
	       "                                   # web1 and web2 no longer reach each other\n"
	       "  ip link del xenbr0               # it comes back, and so do the guests\n"
	       "  vi " DAEMON_CONFIG "; xnetctl reload\n"
	       "  tail " DAEMON_LOG "\n\n");
	fflush(stdout);
}

static void shell_ended(void *arg)
{
	*(bool *)arg = true;
}

/* The simulated host goes on under it: a guest's driver and netback live in this process. */
static int run_shell(struct demo *d)
{
	bool ended = false;
	int status, pidfd;
	pid_t pid;

	hint(d);
	pid = fork(); /* same session and terminal: an interactive shell wants them */
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		set_environment(d);
		execlp("bash", "bash", "--norc", "-i", (char *)NULL);
		execlp("sh", "sh", "-i", (char *)NULL);
		_exit(127);
	}
	pidfd = pidfd_open(pid, 0);
	if (pid < 0 || pidfd < 0)
		die_errno("shell");
	loop_fd(d->w.loop, pidfd, shell_ended, &ended);
	while (!ended)
		loop_step(d->w.loop, INT64_MAX);
	loop_fd_del(d->w.loop, pidfd);
	waitpid(pid, &status, 0);
	return 0;
}
