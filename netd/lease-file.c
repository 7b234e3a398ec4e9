// SPDX-License-Identifier: GPL-2.0-or-later
/* lease-file: the address plan on disk. */
#include "lease-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16 * 1024 * 1024 };

#define NEW_FILE     LEASE_FILE ".new"
#define DAMAGED_FILE LEASE_FILE ".damaged"

static int open_dir(const char *dir, struct err *e)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return err_sysf(e, -errno, "make %s", dir);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sysf(e, -errno, "open %s", dir) : fd;
}

static int read_all(int fd, struct buf *out)
{
	ssize_t n = 1;
	while (n > 0 && out->len < FILE_MAX) {
		char *p = buf_reserve(out, 64 * 1024);
		n = p ? read(fd, p, 64 * 1024 - 1) : -1;
		if (n < 0)
			return p ? -errno : -ENOMEM;
		p[n] = '\0';
		out->len += n;
	}
	return n ? -EFBIG : 0;
}

int lease_file_load(const char *dir, struct leases *ls, struct err *e)
{
	struct buf text = {.data = NULL};
	int at = open_dir(dir, e);
	if (at < 0)
		return at;
	int fd = openat(at, LEASE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r = fd >= 0 ? read_all(fd, &text) : errno == ENOENT ? 0 : -errno;
	if (fd >= 0)
		close(fd);
	if (r < 0)
		err_sysf(e, r, "read %s/" LEASE_FILE, dir);
	else if (fd >= 0)
		r = leases_parse(ls, text.data ?: "", e);
	if (r == 1) {
		err_wrapf(e, "%s/" LEASE_FILE, dir);
		unlinkat(at, DAMAGED_FILE, 0);
		linkat(at, LEASE_FILE, at, DAMAGED_FILE,
		       0); /* the next save replaces the other name */
	}
	close(at);
	buf_fini(&text);
	return r;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		len -= n;
	}
	return 0;
}

static int write_new(int at, const struct buf *text)
{
	int fd = openat(at, NEW_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	int r = write_all(fd, text->data, text->len);
	if (!r && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && !r)
		r = -errno;
	return r;
}

int lease_file_save(const char *dir, const struct leases *ls, struct err *e)
{
	struct buf text = {.data = NULL};
	int r = leases_print(ls, &text);
	if (r < 0) {
		buf_fini(&text);
		return err_sysf(e, r, "write %s/" LEASE_FILE, dir);
	}
	int at = open_dir(dir, e);
	if (at < 0) {
		buf_fini(&text);
		return at;
	}
	r = write_new(at, &text);
	if (!r && renameat(at, NEW_FILE, at, LEASE_FILE) < 0)
		r = -errno;
	if (!r && fsync(at) < 0)
		r = -errno;
	close(at);
	buf_fini(&text);
	return r < 0 ? err_sysf(e, r, "write %s/" LEASE_FILE, dir) : 0;
}
