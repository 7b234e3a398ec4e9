// SPDX-License-Identifier: GPL-2.0-or-later
/* loop: file descriptors and timers of the simulated host; every wait of a test goes through it. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "die.h"

struct source {
	loop_fn *fn;
	void *arg;
};

struct timer {
	int64_t at_us;
	struct source src;
};

struct loop {
	struct pollfd *fds;
	struct source *srcs; /* parallel to fds */
	size_t n, cap;
	struct timer *timers;
	size_t n_timers, cap_timers;
};

static int64_t next_timer(const struct loop *l, int64_t until_us);
static bool run_fds(struct loop *l);
static bool run_timers(struct loop *l);

struct loop *loop_new(void)
{
	return xzalloc(sizeof(struct loop));
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	free(l->fds);
	free(l->srcs);
	free(l->timers);
	free(l);
}

void loop_fd(struct loop *l, int fd, loop_fn *fn, void *arg)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->fds = xrealloc(l->fds, l->cap * sizeof(*l->fds));
		l->srcs = xrealloc(l->srcs, l->cap * sizeof(*l->srcs));
	}
	l->fds[l->n] = (struct pollfd) {.fd = fd, .events = POLLIN};
	l->srcs[l->n++] = (struct source) {fn, arg};
}

void loop_fd_del(struct loop *l, int fd)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->fds[i].fd != fd)
			continue;
		l->fds[i] = l->fds[--l->n];
		l->srcs[i] = l->srcs[l->n];
		return;
	}
}

void loop_timer(struct loop *l, int64_t ms, loop_fn *fn, void *arg)
{
	loop_timer_del(l, fn, arg);
	if (l->n_timers == l->cap_timers) {
		l->cap_timers = l->cap_timers ? 2 * l->cap_timers : 16;
		l->timers = xrealloc(l->timers, l->cap_timers * sizeof(*l->timers));
	}
	l->timers[l->n_timers++] = (struct timer) {now_us() + ms * 1000, {fn, arg}};
}

void loop_timer_del(struct loop *l, loop_fn *fn, void *arg)
{
	for (size_t i = 0; i < l->n_timers; i++) {
		if (l->timers[i].src.fn != fn || l->timers[i].src.arg != arg)
			continue;
		l->timers[i] = l->timers[--l->n_timers];
		return;
	}
}

bool loop_step(struct loop *l, int64_t until_us)
{
	int64_t wait_us = next_timer(l, until_us) - now_us();
	struct timespec ts = {0};
	bool busy;

	if (wait_us > 0) {
		ts.tv_sec = wait_us / 1000000;
		ts.tv_nsec = wait_us % 1000000 * 1000;
	}
	if (ppoll(l->fds, l->n, &ts, NULL) < 0 && errno != EINTR)
		die_errno("ppoll");
	busy = run_fds(l);
	busy |= run_timers(l);
	return busy || now_us() < until_us;
}

int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t next_timer(const struct loop *l, int64_t until_us)
{
	for (size_t i = 0; i < l->n_timers; i++)
		if (l->timers[i].at_us < until_us)
			until_us = l->timers[i].at_us;
	return until_us;
}

/* A function may add and delete descriptors: look each ready one up again before its call. */
static bool run_fds(struct loop *l)
{
	size_t n_ready = 0;
	int *ready = xzalloc((l->n + 1) * sizeof(int));

	for (size_t i = 0; i < l->n; i++)
		if (l->fds[i].revents)
			ready[n_ready++] = l->fds[i].fd;
	for (size_t r = 0; r < n_ready; r++) {
		for (size_t i = 0; i < l->n; i++) {
			if (l->fds[i].fd != ready[r])
				continue;
			l->fds[i].revents = 0;
			l->srcs[i].fn(l->srcs[i].arg);
			break;
		}
	}
	free(ready);
	return n_ready > 0;
}

static bool run_timers(struct loop *l)
{
	int64_t now = now_us();
	bool busy = false;

	for (size_t i = 0; i < l->n_timers;) {
		struct source src = l->timers[i].src;

		if (l->timers[i].at_us > now) {
			i++;
			continue;
		}
		l->timers[i] = l->timers[--l->n_timers];
		src.fn(src.arg);
		busy = true;
		i = 0; /* the table may be another now; timers set meanwhile are later than now */
	}
	return busy;
}
