/* SPDX-License-Identifier: GPL-2.0-or-later */
/* die: the simulated host ends with a sentence when it cannot go on; memory that is always there.
 */
#ifndef NETNS_DIE_H
#define NETNS_DIE_H

#include <stddef.h>

/*
 * These are for the harness itself. What the product does wrong fails an assertion of a case; what
 * keeps the harness from simulating anything ends the process, and its pid namespace with it.
 */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
void die_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* @err: a negative code of libnl; 0 and above pass. */
void die_nl(int err, const char *what);

void *xzalloc(size_t size);
void *xrealloc(void *p, size_t size);
/* A path or a value in one of 1,024 buffers that are used in turn. */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void write_file(const char *path, const char *content);
/* The first line of a small file, as text(); NULL if there is none. */
const char *read_line(const char *path);

#endif
