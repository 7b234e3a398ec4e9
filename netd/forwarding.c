// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding: was it us who switched the host's IP forwarding on? */
#include "forwarding.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>

#include "log.h"

static const char *path_of(const char *run_dir, int family, char *buf, size_t size)
{
	snprintf(buf, size, "%s/forwarding%d", run_dir, family == AF_INET ? 4 : 6);
	return buf;
}

void forwarding_note(const char *run_dir, int family)
{
	char path[256];
	int fd = open(path_of(run_dir, family, path, sizeof(path)), O_WRONLY | O_CREAT | O_CLOEXEC,
		      0644);
	if (fd < 0)
		log_line(LOG_WARNING,
			 "%s: %s; forwarding will stay on when the last network has gone", path,
			 strerror(errno));
	else
		close(fd);
}

bool forwarding_take_note(const char *run_dir, int family)
{
	char path[256];
	return !unlink(path_of(run_dir, family, path, sizeof(path)));
}
