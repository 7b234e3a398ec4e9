/* SPDX-License-Identifier: GPL-2.0-or-later */
/* io: blocking i/o that ends at a deadline. */
#ifndef HOTPLUG_IO_H
#define HOTPLUG_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A deadline is a point of io_now(), in milliseconds of CLOCK_MONOTONIC. What has not happened by
 * then is -ETIMEDOUT. The caller ignores SIGPIPE; a peer that went away is -EPIPE or -ECONNRESET.
 */
int64_t io_now(void);

/* Sleeps @ms, or until @deadline if that is earlier. */
void io_pause(int ms, int64_t deadline);

/* Connects to a unix stream socket; waits when its backlog is full. @return the fd, or -errno. */
int io_connect(const char *path, int64_t deadline);

/* Writes all of it. @return 0 or -errno. */
int io_write(int fd, const void *buf, size_t len, int64_t deadline);

/* Reads what is there, at least one byte. @return the count, 0 at the end, or -errno. */
ssize_t io_read(int fd, void *buf, size_t size, int64_t deadline);

/* Reads exactly @len bytes. @return 0, or -errno; -ECONNRESET when the end comes before. */
int io_read_full(int fd, void *buf, size_t len, int64_t deadline);

#endif
