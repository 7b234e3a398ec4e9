// SPDX-License-Identifier: GPL-2.0-or-later
// gate: preloaded into xl, holds it just before it executes a vif's hotplug script
//
// Until whoever has opened the FIFO that $GATE names closes it again. What a daemon does between the
// moment libxl decides to run the script and the moment the script speaks can then be seen at leisure.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int execvp(const char *file, char *const argv[])
{
	int (*next)(const char *, char *const[]) =
		(int (*)(const char *, char *const[]))dlsym(RTLD_NEXT, "execvp");
	const char *path = getenv("GATE");
	char byte;
	int fd;

	if (path && strstr(file, "/vif-")) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		while (fd >= 0 && read(fd, &byte, 1) > 0)
			;
		close(fd);
	}
	return next(file, argv);
}
