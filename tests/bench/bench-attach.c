// SPDX-License-Identifier: GPL-2.0-or-later
/* bench-attach: Xen's vif-bridge, xen-netd and the floor, on one xenstored, kernel and machine. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "die.h"
#include "sandbox.h"

#ifndef NETNS_BUILD_ROOT
#define NETNS_BUILD_ROOT "."
#endif

enum {
	SERIAL = 60,  /* vifs attached one after the other, for the percentiles */
	BURST = 500,
	FULL = 1000,  /* below the 1,023 ports of a bridge */
	NEAR = 20,    /* vifs whose cost is taken at 10 and at 1,000 */
	FEW = 10,
};

/* What a sandbox measures; the memory is shared with it. */
struct bench {
	const char *build;
	struct figures ours, xen, floor;
	struct bench_host h;
};

static void begin(struct bench *b)
{
	bench_host_init(&b->h, b->build, "br0");
	net_add_bridge(&b->h.w.net, "br0");
	bench_host_home(&b->h);
}

static int bench_xen(void *arg)
{
	struct bench *b = arg;
	struct samples s = {.n = 0};
	begin(b);
	bench_attach(&b->h, BENCH_XEN_SCRIPT, SERIAL, &s);
	b->xen.p50 = samples_at(&s, 50);
	b->xen.p99 = samples_at(&s, 99);
	count_processes(b->h.w.nics, BENCH_XEN_SCRIPT, &b->xen);
	b->xen.burst = bench_burst(&b->h, BENCH_XEN_SCRIPT, BURST);
	return 0;
}

static int bench_ours(void *arg)
{
	struct bench *b = arg;
	struct samples s = {.n = 0};
	begin(b);
	daemon_start(&b->h.w.daemon);
	const char *helper = b->h.w.paths.helper;
	bench_attach(&b->h, helper, SERIAL, &s);
	b->ours.p50 = samples_at(&s, 50);
	b->ours.p99 = samples_at(&s, 99);
	count_processes(b->h.w.nics, helper, &b->ours);
	b->ours.burst = bench_burst(&b->h, helper, BURST);
	return 0;
}

/* The CPU that the daemon takes per vif, with the toolstack's whole attach around it. */
static int64_t cpu_per_vif(struct bench *b, unsigned n, struct samples *s)
{
	int64_t before = cpu_us(b->h.w.daemon.proc.pid);
	bench_attach(&b->h, b->h.w.paths.helper, n, s);
	return (cpu_us(b->h.w.daemon.proc.pid) - before) / n;
}

/*
 * Only the wiring: xenstore is known, the netdev comes, the daemon wires it. From the event to the port
 * that is up, which is what the floor does, too.
 */
static int64_t cpu_per_wiring(struct bench *b, unsigned n)
{
	struct nic *nics[NEAR];
	for (unsigned i = 0; i < n; i++) {
		nics[i] = bench_nic(&b->h, b->h.w.paths.helper);
		nics[i]->quirk.no_helper = true;
		nics[i]->quirk.link_delay_ms = -1;
		toolstack_attach(nics[i]);
	}
	LOOP_WAIT(b->h.w.loop, 500, false); /* the reading is not to be counted */
	int64_t before = cpu_us(b->h.w.daemon.proc.pid);
	for (unsigned i = 0; i < n; i++) {
		netback_add_link(nics[i]);
		if (!LOOP_WAIT(b->h.w.loop, 10000,
			       net_on(&b->h.w.net, nics[i]->vif, "br0") &&
				       net_is_up(&b->h.w.net, nics[i]->vif)))
			die("xen-netd did not wire %s", nics[i]->vif);
	}
	return (cpu_us(b->h.w.daemon.proc.pid) - before) / n;
}

/* The largest thing that the daemon is asked for: all vifs. */
static void ask_status(struct bench *b)
{
	struct proc p = {.pid = 0};
	const char *argv[] = {b->h.w.paths.xnetctl, "status", "--json", NULL};
	struct proc_cmd cmd = {.argv = argv, .out = open("/dev/null", O_WRONLY | O_CLOEXEC)};
	if (proc_start(&p, b->h.w.loop, &cmd, NULL, NULL) ||
	    !LOOP_WAIT(b->h.w.loop, 10000, !proc_running(&p)) || proc_result(&p))
		die("xnetctl status failed");
	close(cmd.out);
}

static int bench_scale(void *arg)
{
	struct bench *b = arg;
	struct samples few = {.n = 0}, many = {.n = 0};
	begin(b);
	daemon_start(&b->h.w.daemon);
	bench_attach(&b->h, b->h.w.paths.helper, FEW, NULL);
	b->ours.wire10 = cpu_per_wiring(b, NEAR);
	b->ours.cpu10 = cpu_per_vif(b, NEAR, &few);
	bench_burst(&b->h, b->h.w.paths.helper, FULL - FEW - 4 * NEAR);
	b->ours.wire1000 = cpu_per_wiring(b, NEAR);
	b->ours.cpu1000 = cpu_per_vif(b, NEAR, &many);
	b->ours.near10 = samples_at(&few, 50);
	b->ours.near1000 = samples_at(&many, 50);
	ask_status(b);
	b->ours.rss_kib = proc_kib(b->h.w.daemon.proc.pid, "VmRSS:");
	b->ours.peak_kib = proc_kib(b->h.w.daemon.proc.pid, "VmHWM:");
	return 0;
}

/* As nic_attach() leaves the kernel: the link made, and wired by whoever waits for links. */
static void floor_links(struct bench *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *name = text("vif%u.0", b->h.next++);
		if (net_add_veth(&b->h.w.net, name, NULL, &b->h.home->net, text("e%u", b->h.next), NULL))
			die("cannot make %s", name);
		if (!LOOP_WAIT(b->h.w.loop, 10000,
			       net_on(&b->h.w.net, name, "br0") && net_is_up(&b->h.w.net, name)))
			die("bench-floor did not wire %s", name);
	}
}

static int64_t floor_cpu(struct bench *b, pid_t pid, unsigned n)
{
	int64_t before = cpu_us(pid);
	floor_links(b, n);
	return (cpu_us(pid) - before) / n;
}

static int bench_floor(void *arg)
{
	struct bench *b = arg;
	int ready[2];
	char line[16];
	struct proc p = {.pid = 0};
	char path[512];
	const char *argv[] = {path, "br0", NULL};
	snprintf(path, sizeof(path), "%s/tests/bench/bench-floor", b->build);
	begin(b);
	if (pipe(ready))
		die_errno("pipe");
	struct proc_cmd cmd = {.argv = argv, .out = ready[1]};
	if (proc_start(&p, b->h.w.loop, &cmd, NULL, NULL) || read(ready[0], line, sizeof(line)) <= 0)
		die("bench-floor does not start");
	floor_links(b, FEW);
	b->floor.cpu10 = floor_cpu(b, p.pid, NEAR);
	floor_links(b, FULL - FEW - 2 * NEAR);
	b->floor.cpu1000 = floor_cpu(b, p.pid, NEAR);
	return 0;
}

static void row(const char *what, const char *xen, const char *ours, const char *note)
{
	printf("| %-44s | %12s | %12s | %-22s |\n", what, xen, ours, note);
}

static const char *us(int64_t v)
{
	return v >= 10000 ? text("%.1f ms", v / 1e3) : text("%lld us", (long long)v);
}

static const char *ratio(double a, double b)
{
	return b > 0 ? text("%.1f x", a / b) : "-";
}

static void table(const struct bench *b)
{
	const struct figures *o = &b->ours, *x = &b->xen, *f = &b->floor;
	row("", "vif-bridge", "xen-netd", "");
	printf("|%s|%s|%s|%s|\n", "----------------------------------------------", "-------------:",
	       "-------------:", "------------------------");
	row("hotplug script, exec to exit, p50", us(x->p50), us(o->p50),
	    text("%s faster", ratio(x->p50, o->p50)));
	row("the same, p99", us(x->p99), us(o->p99), text("%s faster", ratio(x->p99, o->p99)));
	row("forks / execs of one run", text("%u / %u", x->forks, x->execs),
	    text("%u / %u", o->forks, o->execs), "strace -f");
	row(text("%d vifs at once, until the last is connected", BURST), us(x->burst), us(o->burst),
	    text("%s faster", ratio(x->burst, o->burst)));
	row("script p50 with 10 vifs in place", "", us(o->near10), "");
	row("script p50 with 1,000 vifs in place", "", us(o->near1000),
	    text("%s of that at 10", ratio(o->near1000, o->near10)));
	row("daemon's memory with 1,000 vifs", "", text("%.1f MiB", o->rss_kib / 1024.0),
	    text("peak %.1f MiB", o->peak_kib / 1024.0));
	printf("\n");
	row("CPU time per vif", "the floor", "xen-netd", "");
	printf("|%s|%s|%s|%s|\n", "----------------------------------------------", "-------------:",
	       "-------------:", "------------------------");
	row("netdev to wired port, 10 vifs on the bridge", us(f->cpu10), us(o->wire10),
	    text("%s the floor", ratio(o->wire10, f->cpu10)));
	row("netdev to wired port, 1,000 vifs", us(f->cpu1000), us(o->wire1000),
	    text("%s the floor", ratio(o->wire1000, f->cpu1000)));
	row("a whole attach, 10 vifs", "", us(o->cpu10), "with xenstore and helper");
	row("a whole attach, 1,000 vifs", "", us(o->cpu1000), "");
	printf("\nThe floor is a C program that sends the same three netlink requests for each netdev, and "
	       "no more:\nwhat it pays is the kernel's own work, which grows with the ports of a bridge.\n");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *what;
		int (*fn)(void *arg);
	} parts[] = {
		{"Xen's vif-bridge", bench_xen},
		{"xen-netd", bench_ours},
		{"xen-netd with 1,000 vifs", bench_scale},
		{"the floor", bench_floor},
	};
	const char *refused = sandbox_refused();
	struct bench *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (refused || argc > 2 || b == MAP_FAILED) {
		fprintf(stderr, "%s\nUsage: bench-attach [BUILD-DIR]\n", refused ?: "too many arguments");
		return 2;
	}
	b->build = argc == 2 ? argv[1] : NETNS_BUILD_ROOT;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		fprintf(stderr, "%s ...\n", parts[i].what);
		int r = sandbox_run(parts[i].fn, b, -1, 900);
		if (r) {
			fprintf(stderr, "%s failed: %d\n", parts[i].what, r);
			return 1;
		}
	}
	table(b);
	return 0;
}
