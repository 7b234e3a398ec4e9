// SPDX-License-Identifier: GPL-2.0-or-later
/* sysctl: network sysctls that netlink cannot set. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int sysctl_set(const char *family, const char *dev, const char *key, int value, struct err *e)
{
	char path[128], text[16];
	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, dev, key);
	int len = snprintf(text, sizeof(text), "%d", value);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;
	/*
	 * The value was taken when anything was: the handler of IPv6's "forwarding" tells of the digits
	 * alone, whatever follows them (Linux 6.1), and errno is then that of another call.
	 */
	ssize_t n = r ? 0 : write(fd, text, len);
	if (!r && n <= 0)
		r = n < 0 ? -errno : -EIO;
	if (fd >= 0)
		close(fd);
	/* With slashes, as sysctl(8) also takes it: a device's name may have dots. */
	return r ? err_sysf(e, r, "set sysctl net/%s/conf/%s/%s to %d", family, dev, key, value) : 0;
}
