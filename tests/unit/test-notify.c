// SPDX-License-Identifier: GPL-2.0-or-later
/* What the service manager is told while it does not read. */
#include "cases.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

enum { MANY = 100000 };

static int manager(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char name[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int n = snprintf(name, sizeof(name), "@notify-test-%d", getpid());
	memcpy(sa.sun_path, name, n);
	sa.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (void *)&sa, offsetof(struct sockaddr_un, sun_path) + n), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* Until nothing is left of what was sent. @return whether @what was told. */
static bool was_told(int fd, const char *what)
{
	char buf[512];
	bool told = false;
	ssize_t n;
	while ((n = recv(fd, buf, sizeof(buf) - 1, 0)) > 0) {
		buf[n] = '\0';
		told = told || strstr(buf, what);
	}
	return told;
}

static void fill(struct notify *n)
{
	for (int i = 0; i < MANY; i++) /* more than any queue holds */
		notify_status(n, i == MANY - 1 ? "STATUS=last" : "STATUS=early");
}

static void a_service_manager_that_does_not_read_holds_nothing_up_and_is_told_later(void **state)
{
	sd_event *event;
	struct notify *n;
	int fd = manager();
	(void)state;
	alarm(60);
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(notify_new(&n, event), 0);
	fill(n);
	notify_state(n, "RELOADING=1");
	notify_state(n, "READY=1");
	assert_false(was_told(fd, "READY=1"));
	assert_true(sd_event_run(event, 10000000) > 0);
	assert_true(was_told(fd, "READY=1\nSTATUS=last\n"));
	assert_int_equal(sd_event_run(event, 0), 0); /* and rests */
	notify_free(n);
	sd_event_unref(event);
	close(fd);
}

static void a_sign_of_life_that_found_no_room_follows(void **state)
{
	sd_event *event;
	struct notify *n;
	int fd = manager();
	(void)state;
	alarm(60);
	setenv("WATCHDOG_USEC", "2000", 1);
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(notify_new(&n, event), 0);
	fill(n);
	assert_true(sd_event_run(event, 10000000) > 0);
	assert_false(was_told(fd, "WATCHDOG=1"));
	assert_true(sd_event_run(event, 10000000) > 0);
	assert_true(was_told(fd, "WATCHDOG=1"));
	unsetenv("WATCHDOG_USEC");
	notify_free(n);
	sd_event_unref(event);
	close(fd);
}

static void a_service_manager_that_began_anew_is_told(void **state)
{
	sd_event *event;
	struct notify *n;
	int fd = manager();
	(void)state;
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(notify_new(&n, event), 0);
	notify_state(n, "READY=1");
	assert_true(was_told(fd, "READY=1"));
	close(fd);
	notify_status(n, "STATUS=nobody is there");
	fd = manager();
	notify_status(n, "STATUS=again");
	assert_true(was_told(fd, "STATUS=again"));
	notify_free(n);
	sd_event_unref(event);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_service_manager_that_does_not_read_holds_nothing_up_and_is_told_later),
		cmocka_unit_test(a_sign_of_life_that_found_no_room_follows),
		cmocka_unit_test(a_service_manager_that_began_anew_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
