/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench: what the parts of bench-attach share. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "world.h"

#define BENCH_XEN_SCRIPT "/etc/xen/scripts/vif-bridge"

/* Figures of one contestant; microseconds unless said otherwise, 0: not measured. */
struct figures {
	int64_t p50, p99;	/* exec to exit of the script, one after the other */
	int64_t near10, near1000; /* p50 with 10 vifs in place, and with 1,000 */
	unsigned forks, execs;	/* processes of one run of the script, itself not counted as a fork */
	int64_t burst;		/* 500 vifs at once: first key written to last script's exit */
	int64_t wire10, wire1000; /* CPU time of the daemon, from the netdev to the port that is up */
	int64_t cpu10, cpu1000; /* CPU time of a whole attach; of the floor: of its requests */
	long rss_kib, peak_kib; /* of the daemon with 1,000 vifs, after a status */
};

struct samples {
	int64_t at[1024];
	size_t n;
};

void samples_add(struct samples *s, int64_t us);
/* @percent 0…100; sorts. 0 when there are none. */
int64_t samples_at(struct samples *s, unsigned percent);

/* CPU time that process @pid has used so far. */
int64_t cpu_us(pid_t pid);
/* "VmRSS" and the like of /proc/PID/status, KiB. */
long proc_kib(pid_t pid, const char *name);
/* Forks and execs of one `online` run of @script for a vif that is attached, counted by strace. */
void count_processes(struct nic *nic, const char *script, struct figures *f);

/* bench-host.c: where guests are attached. */
struct bench_host {
	struct world w;
	const char *bridge; /* what a guest's `bridge=` says */
	struct guest *home; /* in whose namespace all guests' cards are */
	unsigned next;	    /* domid */
};

/* In a sandbox. The bridge is the caller's to make, between the two. */
void bench_host_init(struct bench_host *h, const char *build, const char *bridge);
void bench_host_home(struct bench_host *h);
struct nic *bench_nic(struct bench_host *h, const char *script);
/* Guests one after the other; @s (may be NULL) gets the script's times, exec to exit. */
void bench_attach(struct bench_host *h, const char *script, unsigned n, struct samples *s);
/* All keys written, then all events handled until the last script has ended. @return microseconds. */
int64_t bench_burst(struct bench_host *h, const char *script, unsigned n);

#endif
