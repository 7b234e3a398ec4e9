/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twin-clock: the process's clocks, chosen at link time; a test moves them on. */
#ifndef TESTS_TWIN_CLOCK_H
#define TESTS_TWIN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

/*
 * Replaces clock_gettime() for the program and its libraries, sd-event's among them. Timers that
 * have become due fire in the next sd_event_run(); a loop that sleeps is not woken.
 */
void twin_clock_advance(uint64_t usec);

/* Runs the loop without sleeping until nothing is left to do. Fails the test if that never ends. */
void twin_clock_settle(sd_event *event);

#endif
