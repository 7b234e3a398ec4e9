// SPDX-License-Identifier: GPL-2.0-or-later
// guest-agent xs: one xenstore request over the kernel's device
//
// The wire format is that of xen/io/xs_wire.h, which is not at hand on every build machine.

#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define XS_DEVICE "/dev/xen/xenbus"

enum xs_type {
	XS_TYPE_READ = 2,
	XS_TYPE_WRITE = 11,
	XS_TYPE_RM = 13,
	XS_TYPE_ERROR = 16,
};

struct xs_message {
	uint32_t type;
	uint32_t req_id;
	uint32_t tx_id;
	uint32_t len;
	char body[4096];
};

#define XS_HEADER offsetof(struct xs_message, body)

static int read_all(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

// Sends @msg and puts the answer in its place.
static int xs_ask(struct xs_message *msg)
{
	int fd = open(XS_DEVICE, O_RDWR);
	size_t len = XS_HEADER + msg->len;
	int r = -1;

	if (fd < 0)
		return -1;
	// The kernel wants header and body in one or more writes; one it is.
	if (write(fd, msg, len) == (ssize_t)len && !read_all(fd, msg, XS_HEADER) &&
	    msg->len < sizeof(msg->body) && !read_all(fd, msg->body, msg->len))
		r = 0;
	close(fd);
	return r;
}

int agent_xs(int argc, char **argv)
{
	struct xs_message msg = {0};
	size_t path;

	if (argc == 3 && !strcmp(argv[1], "read"))
		msg.type = XS_TYPE_READ;
	else if (argc == 4 && !strcmp(argv[1], "write"))
		msg.type = XS_TYPE_WRITE;
	else if (argc == 3 && !strcmp(argv[1], "rm"))
		msg.type = XS_TYPE_RM;
	else
		return 2;
	path = strlen(argv[2]) + 1;
	if (path + (argc == 4 ? strlen(argv[3]) : 0) >= sizeof(msg.body))
		return 2;
	memcpy(msg.body, argv[2], path);
	msg.len = (uint32_t)path;
	if (argc == 4) {
		memcpy(msg.body + path, argv[3], strlen(argv[3]));
		msg.len += (uint32_t)strlen(argv[3]);
	}
	if (xs_ask(&msg)) {
		fprintf(stderr, "guest-agent: " XS_DEVICE ": %s\n", strerror(errno));
		return 1;
	}
	if (msg.type == XS_TYPE_ERROR) {
		fprintf(stderr, "guest-agent: %s: %.*s\n", argv[2], (int)msg.len, msg.body);
		return 1;
	}
	if (!strcmp(argv[1], "read"))
		printf("%.*s\n", (int)msg.len, msg.body);
	return 0;
}
