// SPDX-License-Identifier: GPL-2.0-or-later
/* twin-clock: the kernel's clocks and an offset. */
#include "twin-clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { TURNS_MAX = 200000 };

static uint64_t offset; /* microseconds */

int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (syscall(SYS_clock_gettime, id, ts) < 0)
		return -1;
	uint64_t nsec = (uint64_t)ts->tv_nsec + offset % 1000000 * 1000;
	ts->tv_sec += offset / 1000000 + nsec / 1000000000;
	ts->tv_nsec = nsec % 1000000000;
	return 0;
}

void twin_clock_advance(uint64_t usec)
{
	offset += usec;
}

void twin_clock_settle(sd_event *event)
{
	int turns = 0, r;
	while ((r = sd_event_run(event, 0)) > 0)
		if (++turns == TURNS_MAX)
			fail_msg("the event loop does not come to rest");
	assert_int_equal(r, 0);
}
