/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loop: file descriptors and timers of the simulated host; every wait of a test goes through it. */
#ifndef NETNS_LOOP_H
#define NETNS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
typedef void loop_fn(void *arg);

struct loop *loop_new(void);
void loop_free(struct loop *l);

/* Calls @fn while @fd is readable. The caller keeps @fd and calls loop_fd_del() before closing it.
 */
void loop_fd(struct loop *l, int fd, loop_fn *fn, void *arg);
void loop_fd_del(struct loop *l, int fd);

/* Calls @fn(@arg) once after @ms. A timer with the same fn and arg is set anew. */
void loop_timer(struct loop *l, int64_t ms, loop_fn *fn, void *arg);
void loop_timer_del(struct loop *l, loop_fn *fn, void *arg);

/* Handles what is ready, or waits for it until @until_us. @return false once that time has come. */
bool loop_step(struct loop *l, int64_t until_us);

int64_t now_us(void); /* CLOCK_MONOTONIC */

/*
 * Waits until @cond holds, looking again after every event of the loop; false after @ms. An event
 * is all that the host can see: xenstore, netlink, a process's end, a line of the daemon's log, a
 * guest's packet, a timer.
 */
#define LOOP_WAIT(l, ms, cond)                                  \
	({                                                      \
		int64_t until_ = now_us() + (int64_t)(ms)*1000; \
		bool met_, more_ = true;                        \
		while (!(met_ = (cond)) && more_)               \
			more_ = loop_step((l), until_);         \
		met_;                                           \
	})

#endif
