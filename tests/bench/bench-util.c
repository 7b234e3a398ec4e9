// SPDX-License-Identifier: GPL-2.0-or-later
/* bench-util: samples, CPU time, memory, and counting processes with strace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "die.h"

void samples_add(struct samples *s, int64_t us)
{
	if (s->n < sizeof(s->at) / sizeof(*s->at))
		s->at[s->n++] = us;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

int64_t samples_at(struct samples *s, unsigned percent)
{
	if (!s->n)
		return 0;
	qsort(s->at, s->n, sizeof(*s->at), compare);
	return s->at[(s->n - 1) * percent / 100];
}

int64_t cpu_us(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;
	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		die("no CPU clock of process %d", (int)pid);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

long proc_kib(pid_t pid, const char *name)
{
	char line[256];
	long kib = 0;
	FILE *f = fopen(text("/proc/%d/status", (int)pid), "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kib = strtol(line + strlen(name) + 1, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* One line a system call: "1234 execve(…) = 0", and unfinished ones that resume later. */
static void count_line(const char *line, struct figures *f)
{
	static const char *const forks[] = {"clone(", "clone3(", "fork(", "vfork("};
	if (strstr(line, "execve(") && !strstr(line, "= -1"))
		f->execs++;
	for (size_t i = 0; i < sizeof(forks) / sizeof(*forks); i++)
		if (strstr(line, forks[i]) && !strstr(line, "resumed"))
			f->forks++;
}

void count_processes(struct nic *nic, const char *script, struct figures *f)
{
	const char *env[] = {
		text("XENBUS_PATH=backend/vif/%u/%u", nic->guest->domid, nic->conf.devid),
		"XENBUS_TYPE=vif", "XENBUS_BASE_PATH=backend", text("vif=%s", nic->vif),
		text("script=%s", script), "netdev=", NULL,
	};
	const char *argv[] = {
		"strace", "-f", "-qq", "-e", "trace=execve,fork,vfork,clone,clone3", "-e",
		"signal=none", "-o", "/run/strace", script, "online", "type_if=vif", NULL,
	};
	struct proc p = {.pid = 0};
	struct proc_cmd cmd = {.argv = argv, .env = env};
	char line[4096];
	if (proc_start(&p, nic->w->loop, &cmd, NULL, NULL) ||
	    !LOOP_WAIT(nic->w->loop, 60000, !proc_running(&p)) || proc_result(&p))
		die("strace of %s failed", script);
	FILE *out = fopen("/run/strace", "r");
	f->forks = f->execs = 0;
	while (out && fgets(line, sizeof(line), out))
		count_line(line, f);
	if (out)
		fclose(out);
}
