/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl: network sysctls that netlink cannot set. */
#ifndef NETD_SYSCTL_H
#define NETD_SYSCTL_H

#include "err.h"

/*
 * Writes @value to net.<family>.conf.<dev>.<key>, of /proc/sys. @family is "ipv4" or "ipv6", @dev a
 * netdev's name, "all" or "default". @return 0; -ENOENT: no such device or key, or the family is not
 * in this kernel; -errno, with the sysctl's name in the sentence.
 */
int sysctl_set(const char *family, const char *dev, const char *key, int value, struct err *e);

#endif
