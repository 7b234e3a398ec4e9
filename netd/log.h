/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log: lines to stderr, with the journal's level prefixes when systemd reads it. */
#ifndef NETD_LOG_H
#define NETD_LOG_H

#include <stdbool.h>

#include <syslog.h>

/*
 * LOG_ERR: the administrator must act. LOG_WARNING: degraded, retrying. LOG_INFO: one line per vif
 * transition. LOG_DEBUG: every step. The only process-wide state of the daemon, set once by main.
 */
void log_setup(int max_level);
bool log_enabled(int level);
void log_line(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "error", "warning", "info", "debug" → level; -1 for anything else. */
int log_level_parse(const char *name);

#endif
