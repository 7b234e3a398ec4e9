// SPDX-License-Identifier: GPL-2.0-or-later
/* bench-ovs: Xen's vif-openvswitch and xen-netd beside each other, on one real Open vSwitch each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "ovs.h"
#include "sandbox.h"

#define XEN_SCRIPT "/etc/xen/scripts/vif-openvswitch"

enum {
	FEW = 10,
	NEAR = 20, /* ports whose cost is taken with 10 in place, and with 300 */
	BURST = 300,
};

struct result {
	int64_t near10, near300;     /* p50, exec to exit of the script; microseconds */
	int64_t switch10, switch300; /* CPU time of ovs-vswitchd per port */
	int64_t cpu10, cpu300;	     /* and of the daemon */
	int64_t burst;		     /* 300 at once: first key written to last script's exit */
	unsigned batches;	     /* transactions of that */
};

struct bench {
	const char *build;
	struct result xen, ours;
	struct bench_host h;
};

static void begin(struct bench *b)
{
	bench_host_init(&b->h, b->build, "ovsbr0.5");
	ovs_start_db(&b->h.w);
	ovs_start_switch(&b->h.w);
	ovs_add_bridge(&b->h.w, "ovsbr0");
	bench_host_home(&b->h);
}

/* The script's time, and the CPU time of ovs-vswitchd and of the daemon, with what is in place. */
static void near(struct bench *b, const char *script, int64_t *p50, int64_t *vswitch, int64_t *cpu)
{
	struct samples s = {.n = 0};
	pid_t daemon = b->h.w.daemon.proc.pid;
	int64_t v = cpu_us(ovs_switch_pid()), d = daemon ? cpu_us(daemon) : 0;
	bench_attach(&b->h, script, NEAR, &s);
	*p50 = samples_at(&s, 50);
	*vswitch = (cpu_us(ovs_switch_pid()) - v) / NEAR;
	*cpu = daemon ? (cpu_us(daemon) - d) / NEAR : 0;
}

static unsigned next_cfg(struct bench *b)
{
	return atoi(ovs_get(&b->h.w, "open_vswitch", ".", "next_cfg"));
}

static void measure(struct bench *b, const char *script, struct result *r)
{
	bench_attach(&b->h, script, FEW, NULL);
	near(b, script, &r->near10, &r->switch10, &r->cpu10);
	r->batches = next_cfg(b);
	r->burst = bench_burst(&b->h, script, BURST);
	r->batches = next_cfg(b) - r->batches;
	near(b, script, &r->near300, &r->switch300, &r->cpu300);
}

static int bench_xen(void *arg)
{
	struct bench *b = arg;
	begin(b);
	measure(b, XEN_SCRIPT, &b->xen);
	return 0;
}

static int bench_ours(void *arg)
{
	struct bench *b = arg;
	begin(b);
	daemon_start(&b->h.w.daemon);
	measure(b, strdup(case_script(&b->h.w, "vif-openvswitch")), &b->ours);
	return 0;
}

static void row(const char *what, const char *xen, const char *ours, double ratio)
{
	printf("| %-52s | %15s | %12s | %10s |\n", what, xen, ours,
	       ratio > 0 ? text("%.1f x", ratio) : "");
}

static const char *ms(int64_t us)
{
	return us ? text("%.1f ms", us / 1e3) : "-";
}

static void table(const struct result *x, const struct result *o)
{
	row("", "vif-openvswitch", "xen-netd", 0);
	row("hotplug script, exec to exit, p50, 10 ports in place", ms(x->near10), ms(o->near10),
	    (double)x->near10 / o->near10);
	row("the same with 330 ports in place", ms(x->near300), ms(o->near300),
	    (double)x->near300 / o->near300);
	row("300 ports at once, until the last is connected", ms(x->burst), ms(o->burst),
	    (double)x->burst / o->burst);
	row("OVSDB transactions of that", text("%u", x->batches), text("%u", o->batches), 0);
	row("CPU time of ovs-vswitchd per port, 10 in place", ms(x->switch10), ms(o->switch10), 0);
	row("the same with 330 in place", ms(x->switch300), ms(o->switch300), 0);
	row("CPU time of the daemon per port, 10 in place", "-", ms(o->cpu10), 0);
	row("the same with 330 in place", "-", ms(o->cpu300), 0);
}

int main(int argc, char **argv)
{
	const char *refused = sandbox_refused();
	struct bench *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (refused || argc > 2 || b == MAP_FAILED) {
		fprintf(stderr, "%s\nUsage: bench-ovs [BUILD-DIR]\n", refused ?: "too many arguments");
		return 2;
	}
	b->build = argc > 1 ? argv[1] : NETNS_BUILD_ROOT;
	int r = sandbox_run(bench_xen, b, -1, 900);
	if (!r)
		r = sandbox_run(bench_ours, b, -1, 900);
	if (!r)
		table(&b->xen, &b->ours);
	return r != 0;
}
