/* SPDX-License-Identifier: GPL-2.0-or-later */
/* script: is a vif ours? Its `script` key says. */
#ifndef NETD_SCRIPT_H
#define NETD_SCRIPT_H

#include <stdbool.h>

/*
 * In dom0 a script is ours when it is the same file as @helper, under whatever name. In a driver
 * domain the path is another machine's: the names of the helper and of the scripts it stands in for
 * are ours. @return the basename when ours, else NULL.
 */
const char *script_ours(const char *script, const char *helper, bool driver_domain);

#endif
