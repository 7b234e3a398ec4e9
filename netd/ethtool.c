// SPDX-License-Identifier: GPL-2.0-or-later
/* ethtool: the ioctl; its netlink family does no more here, and needs a lookup. */
#include "ethtool.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <net/if.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

int ethtool_set_tx_checksum(const char *dev, bool on, struct err *e)
{
	struct ethtool_value value = {.cmd = ETHTOOL_STXCSUM, .data = on};
	struct ifreq ifr = {.ifr_data = (void *)&value};
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 || ioctl(fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return r < 0 ? err_sysf(e, r, "switch checksum offload of %s %s", dev, on ? "on" : "off")
		     : 0;
}
