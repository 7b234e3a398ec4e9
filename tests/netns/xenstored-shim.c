// SPDX-License-Identifier: GPL-2.0-or-later
/* xenstored-shim: LD_PRELOAD stand-in for the hypervisor, so that an unmodified xenstored runs. */

/*
 * Both xenstoreds of Xen 4.17 want a hypervisor at start: a privileged handle, dom0's ring page,
 * its event channel. They serve their unix socket without using any of them again. This library
 * answers those few calls: every domain that is asked for exists and runs, rings are anonymous
 * memory, and no event channel ever fires.
 */
#undef _FILE_OFFSET_BITS /* open() and open64() are both defined here, as two functions */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

enum { SHIM_PAGE = 4096 };

int open64(const char *path, int flags, ...);

static bool ends_with(const char *path, const char *tail)
{
	size_t n = strlen(path), m = strlen(tail);

	return n >= m && !strcmp(path + n - m, tail);
}

/* dom0's ring page and the number of its event channel, as files of the kernel. */
static int open_memory(const char *text, size_t size)
{
	int fd = memfd_create("xsd", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, size) || pwrite(fd, text, strlen(text), 0) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int shim_open(const char *path, int flags, mode_t mode)
{
	if (ends_with(path, "/xsd_port"))
		return open_memory("1", 1);
	if (ends_with(path, "/xsd_kva"))
		return open_memory("", SHIM_PAGE);
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return shim_open(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return shim_open(path, flags, mode);
}

/* oxenstored raises RLIMIT_NOFILE to fs.nr_open and dies if it may not. */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}

/* Handles are never dereferenced by the callers: any address will do. */
static char handle[1];

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild,
				unsigned flags)
{
	(void)logger;
	(void)dombuild;
	(void)flags;
	return (void *)handle;
}

int xc_interface_close(xc_interface *xch)
{
	(void)xch;
	return 0;
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max, xc_dominfo_t *info)
{
	(void)xch;
	memset(info, 0, max * sizeof(*info));
	for (unsigned int i = 0; i < max; i++) {
		info[i].domid = first + i;
		info[i].running = 1;
	}
	return max;
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max,
			  xc_domaininfo_t *info)
{
	(void)xch;
	memset(info, 0, max * sizeof(*info));
	for (unsigned int i = 0; i < max; i++) {
		info[i].domain = first + i;
		info[i].flags = XEN_DOMINF_running;
	}
	return max;
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned flags)
{
	(void)logger;
	(void)flags;
	return (void *)handle;
}

int xengnttab_close(xengnttab_handle *xgt)
{
	(void)xgt;
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr)
{
	(void)xgt;
	(void)nr;
	return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
	(void)xgt;
	(void)domid;
	(void)ref;
	return mmap(NULL, SHIM_PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start, uint32_t count)
{
	(void)xgt;
	return munmap(start, (size_t)count * SHIM_PAGE);
}

/* The read end of a pipe into which nobody writes. */
static int idle_fd = -1;

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	int p[2];

	(void)logger;
	(void)flags;
	if (idle_fd < 0) {
		if (pipe2(p, O_CLOEXEC))
			return NULL;
		idle_fd = p[0];
	}
	return (void *)handle;
}

xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned flags)
{
	(void)fd;
	return xenevtchn_open(logger, flags);
}

int xenevtchn_close(xenevtchn_handle *xce)
{
	(void)xce;
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	(void)xce;
	return idle_fd;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t port)
{
	static int next = 16;

	(void)xce;
	(void)domid;
	(void)port;
	return next++;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
	(void)xce;
	return 2 + virq;
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce;
	(void)port;
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce;
	(void)port;
	return 0;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce;
	(void)port;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	(void)xce;
	errno = EAGAIN;
	return -1;
}
