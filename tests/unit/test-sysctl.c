// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing sysctls, to a kernel whose handlers take a part of what is written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sysctl.h"

static char path[128], written[32];
static ssize_t takes; /* at most so many bytes; -errno: fails */

int __wrap_open64(const char *name, int flags, ...);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
ssize_t __real_write(int fd, const void *buf, size_t len);

int __wrap_open64(const char *name, int flags, ...)
{
	(void)flags;
	strncpy(path, name, sizeof(path) - 1);
	return dup(STDERR_FILENO);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	if (fd == STDOUT_FILENO || fd == STDERR_FILENO)
		return __real_write(fd, buf, len);
	assert_in_range(len, 1, sizeof(written) - 1);
	memcpy(written, buf, len);
	written[len] = '\0';
	if (takes < 0)
		return errno = -takes, -1;
	return (size_t)takes < len ? takes : (ssize_t)len;
}

static int set(ssize_t most, int value, struct err *e)
{
	memset(path, 0, sizeof(path));
	takes = most;
	errno = EAGAIN; /* of an earlier call */
	*e = ERR_INIT;
	return sysctl_set("ipv6", "vif5.0", "forwarding", value, e);
}

static void a_value_is_written_without_a_newline(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(set(100, 1, &e), 0);
	assert_string_equal(path, "/proc/sys/net/ipv6/conf/vif5.0/forwarding");
	assert_string_equal(written, "1");
}

static void a_write_that_was_taken_in_part_is_no_failure(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(set(1, 10, &e), 0);
	assert_string_equal(written, "10");
}

static void a_refused_write_is_told_with_its_own_error(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(set(-EINVAL, 1, &e), -EINVAL);
	assert_string_equal(e.text, "set sysctl net/ipv6/conf/vif5.0/forwarding to 1: Invalid argument");
}

static void a_write_of_nothing_is_not_told_with_an_earlier_error(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(set(0, 1, &e), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_written_without_a_newline),
		cmocka_unit_test(a_write_that_was_taken_in_part_is_no_failure),
		cmocka_unit_test(a_refused_write_is_told_with_its_own_error),
		cmocka_unit_test(a_write_of_nothing_is_not_told_with_an_earlier_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
