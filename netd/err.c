// SPDX-License-Identifier: GPL-2.0-or-later
/* err: an error's code and its sentence. */
#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void err_sanitize(char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
}

__attribute__((format(printf, 3, 0))) static int
set(struct err *e, int code, const char *fmt, va_list ap, const char *tail)
{
	if (!code)
		code = -EINVAL;
	if (!e)
		return code;
	/* Built aside: the arguments may point into e->text. */
	char text[ERR_TEXT_SIZE];
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	if (tail && n >= 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - n, ": %s", tail);
	err_sanitize(text);
	memcpy(e->text, text, sizeof(text));
	e->code = code;
	return code;
}

int err_setf(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	code = set(e, code, fmt, ap, NULL);
	va_end(ap);
	return code;
}

int err_sysf(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	code = set(e, code, fmt, ap, strerror(code < 0 ? -code : EINVAL));
	va_end(ap);
	return code;
}

int err_wrapf(struct err *e, const char *fmt, ...)
{
	if (!e)
		return -EINVAL;
	char tail[ERR_TEXT_SIZE];
	memcpy(tail, e->text, sizeof(tail));
	va_list ap;
	va_start(ap, fmt);
	int code = set(e, e->code, fmt, ap, tail);
	va_end(ap);
	return code;
}
