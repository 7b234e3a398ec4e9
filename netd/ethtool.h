/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ethtool: what a netdev leaves to its hardware. */
#ifndef NETD_ETHTOOL_H
#define NETD_ETHTOOL_H

#include <stdbool.h>

#include "err.h"

/* Does @dev leave the checksums of what it sends to others? Off: the kernel fills them in before.
 */
int ethtool_set_tx_checksum(const char *dev, bool on, struct err *e);

#endif
