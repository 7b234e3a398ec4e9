/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err: an error's code and its sentence, in the caller's storage. */
#ifndef NETD_ERR_H
#define NETD_ERR_H

#include <stdarg.h>

/*
 * Every function that can fail takes a `struct err *` as its last parameter and returns 0, a
 * negative errno (fatal to this operation), or a positive value that its own comment documents.
 *
 * Whoever finds the failure writes the operation and the object ("set mtu 9000 on vif5.0: Invalid
 * argument"); each caller that knows more wraps it. The one who ends the operation logs it, once.
 * The text is for an administrator: never a guest's bytes (err_setf replaces what is not printable).
 */
enum {
	ERR_TEXT_SIZE = 512, /* below xenstore's smallest value limit (oxenstored: 2048 bytes) */
};

struct err {
	int code;		  /* negative errno, 0 when unset */
	char text[ERR_TEXT_SIZE]; /* NUL-terminated, printable; empty when unset */
};

#define ERR_INIT ((struct err){.code = 0})

/* Sets code and text; a code of 0 is taken as -EINVAL. @return the code. @e may be NULL. */
int err_setf(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As err_setf, and appends ": " and strerror(-code). */
int err_sysf(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "<text>: " before the present text; the code stays. @return the code. */
int err_wrapf(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Replaces every byte of @s outside printable ASCII by '?', for text that came from elsewhere. */
void err_sanitize(char *s);

#endif
