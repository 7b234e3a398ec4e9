// SPDX-License-Identifier: GPL-2.0-or-later
/* die: the simulated host ends with a sentence when it cannot go on; memory that is always there.
 */
#include "die.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netlink/errno.h>

enum { TEXTS = 1024, TEXT_SIZE = 4608 };

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "harness: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	fflush(NULL);
	_exit(99);
}

void die_errno(const char *fmt, ...)
{
	int err = errno;
	char msg[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	die("%s: %s", msg, strerror(err));
}

void die_nl(int err, const char *what)
{
	if (err < 0)
		die("%s: %s", what, nl_geterror(err));
}

void *xzalloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		die("out of memory");
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		die("out of memory");
	return p;
}

const char *text(const char *fmt, ...)
{
	static char bufs[TEXTS][TEXT_SIZE];
	static unsigned next;
	char *buf = bufs[next++ % TEXTS];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, TEXT_SIZE, fmt, ap);
	va_end(ap);
	return buf;
}

void write_file(const char *path, const char *content)
{
	size_t len = strlen(content);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, content, len) != (ssize_t)len)
		die_errno("write %s", path);
	close(fd);
}

const char *read_line(const char *path)
{
	char buf[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return text("%s", buf);
}
