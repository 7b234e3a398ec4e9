// SPDX-License-Identifier: GPL-2.0-or-later
/* io: blocking i/o that ends at a deadline. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t io_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Milliseconds that are left, 0 when none. */
static int left(int64_t deadline)
{
	int64_t ms = deadline - io_now();
	return ms > 0 ? (int)ms : 0;
}

void io_pause(int ms, int64_t deadline)
{
	int most = left(deadline);
	poll(NULL, 0, ms < most ? ms : most);
}

static int wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int n = poll(&p, 1, left(deadline));
		if (n > 0)
			return 0;
		if (!n)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/*
 * A unix socket whose backlog is full answers a non-blocking connect with EAGAIN and offers nothing
 * to poll for; a blocking one waits for its turn, as long as SO_SNDTIMEO says (unix(7), af_unix.c).
 */
static int connect_until(int fd, const struct sockaddr_un *addr, int64_t deadline)
{
	int ms = left(deadline);
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	if (!ms) /* a timeout of 0 means for ever */
		return -ETIMEDOUT;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0)
		return -errno;
	while (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0)
		if (errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
	/* From here on poll() does the waiting. */
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int io_connect(const char *path, int64_t deadline)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int r = connect_until(fd, &addr, deadline);
	if (!r)
		return fd;
	close(fd);
	return r;
}

int io_write(int fd, const void *buf, size_t len, int64_t deadline)
{
	const char *p = buf;
	while (len) {
		/* Tried before polled: /dev/xen/xenbus never reports POLLOUT. */
		ssize_t n = write(fd, p, len);
		if (n >= 0) {
			p += n;
			len -= n;
		} else if (errno == EAGAIN) {
			int r = wait_for(fd, POLLOUT, deadline);
			if (r < 0)
				return r;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

ssize_t io_read(int fd, void *buf, size_t size, int64_t deadline)
{
	for (;;) {
		int r = wait_for(fd, POLLIN, deadline);
		if (r < 0)
			return r;
		ssize_t n = read(fd, buf, size);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

int io_read_full(int fd, void *buf, size_t len, int64_t deadline)
{
	char *p = buf;
	while (len) {
		ssize_t n = io_read(fd, p, len, deadline);
		if (n <= 0)
			return n ? (int)n : -ECONNRESET;
		p += n;
		len -= n;
	}
	return 0;
}
