// SPDX-License-Identifier: GPL-2.0-or-later
/* log: one write per line, so lines of several threads or processes never mix. */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	int max_level;
	bool prefix; /* stderr is the journal: "<6>text" */
} log_state = {.max_level = LOG_INFO};

void log_setup(int max_level)
{
	log_state.max_level = max_level;
	log_state.prefix = getenv("JOURNAL_STREAM") != NULL;
}

bool log_enabled(int level)
{
	return level <= log_state.max_level;
}

void log_line(int level, const char *fmt, ...)
{
	char line[2048];
	int n = 0, saved = errno;
	va_list ap;
	if (!log_enabled(level))
		return;
	if (log_state.prefix)
		n = snprintf(line, sizeof(line), "<%d>", level);
	va_start(ap, fmt);
	int m = vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	n += m < 0 ? 0 : m;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	/* A full or closed stderr must not stop the daemon: the line is lost then. */
	struct pollfd pfd = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLOUT)) {
		ssize_t written = write(STDERR_FILENO, line, n);
		(void)written;
	}
	errno = saved;
}

int log_level_parse(const char *name)
{
	static const struct {
		const char *name;
		int level;
	} levels[] = {
		{"error", LOG_ERR}, {"warning", LOG_WARNING}, {"info", LOG_INFO}, {"debug", LOG_DEBUG},
	};
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (!strcmp(name, levels[i].name))
			return levels[i].level;
	return -1;
}
