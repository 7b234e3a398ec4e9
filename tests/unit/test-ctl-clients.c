// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket and its clients: slow, many, gone, and not root; and its life as a file. */
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "ctl-server.h"

enum { MANY = 1000 };

static void a_client_that_left_before_its_answer_is_no_concern(void **state)
{
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s), other = server_dial(&s);
	say(fd, REQ("1", "hold") REQ("2", "hold") REQ("3", "hold"));
	say(other, REQ("4", "hold"));
	twin_clock_settle(s.event);
	assert_int_equal(s.n_held, 4);
	close(fd);
	twin_clock_settle(s.event);
	struct buf text = {.data = (char[]){"{}"}, .len = 2};
	ctl_reply(s.held[1], json_object());
	ctl_reply_error(s.held[0], PROTO_ERR_HOTPLUG, "to nobody");
	ctl_reply_text(s.held[2], &text);
	ctl_reply(s.held[3], NULL);
	assert_string_equal(server_hear(&s, other), OK("4"));
	close(other);
	server_fini(&s);
}

static void requests_still_open_when_the_server_closes_are_answered_to_nobody(void **state)
{
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s);
	say(fd, REQ("1", "hold"));
	twin_clock_settle(s.event);
	ctl_close(s.ctl);
	s.ctl = NULL;
	ctl_reply(s.held[0], NULL);
	assert_string_equal(server_hear(&s, fd), "");
	close(fd);
	server_fini(&s);
}

static void a_client_that_never_reads_makes_its_own_requests_wait(void **state)
{
	enum { ASKED = 200 };
	struct server s;
	char line[64];
	(void)state;
	server_init(&s);
	int fd = server_dial(&s), other = server_dial(&s);
	for (int i = 0; i < ASKED; i++) {
		snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"big\"}\n",
			 i);
		say(fd, line);
	}
	twin_clock_settle(s.event);
	/* What the socket takes, one high-water mark, and the answer that went over it. */
	assert_in_range(s.calls, 1, 8);
	say(other, REQ("1", "nothing"));
	assert_string_equal(server_hear(&s, other), OK("1"));

	/* It reads after all: nothing was lost. */
	unsigned answers = 0;
	for (const char *got; *(got = server_hear(&s, fd));)
		for (; *got; got++)
			answers += *got == '\n';
	assert_int_equal(answers, ASKED);
	assert_int_equal(s.calls, ASKED);
	close(fd);
	close(other);
	server_fini(&s);
}

static void a_client_that_reads_nothing_for_half_a_minute_is_dropped(void **state)
{
	struct server s;
	(void)state;
	server_init(&s);
	int fd = server_dial(&s), idle = server_dial(&s);
	for (int i = 0; i < 20; i++)
		say(fd, REQ("1", "big"));
	twin_clock_settle(s.event);
	for (int i = 0; i < 2; i++) {
		twin_clock_advance(UINT64_C(14) * 1000000);
		twin_clock_settle(s.event);
	}
	struct pollfd p = {fd, POLLOUT, 0};
	assert_int_equal(poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP), 1);
	for (int i = 0; i < 2; i++) {
		twin_clock_advance(UINT64_C(14) * 1000000);
		twin_clock_settle(s.event);
	}
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_true(p.revents & POLLHUP);
	/* Who only has nothing to say is not stalled. */
	say(idle, REQ("1", "nothing"));
	assert_string_equal(server_hear(&s, idle), OK("1"));
	close(fd);
	close(idle);
	server_fini(&s);
}

static void a_client_that_left_in_the_middle_of_its_answers_is_forgotten(void **state)
{
	struct server s;
	(void)state;
	server_init(&s);
	for (int i = 0; i < 10; i++) {
		int fd = server_dial(&s);
		say(fd, REQ("1", "big") REQ("2", "big") REQ("3", "big") REQ("4", "hold"));
		twin_clock_settle(s.event);
		close(fd);
		twin_clock_settle(s.event);
	}
	server_assert(&s, REQ("1", "nothing"), strlen(REQ("1", "nothing")), OK("1"));
	server_fini(&s);
}

static void the_socket_is_roots_alone(void **state)
{
	struct server s;
	struct stat sb;
	(void)state;
	server_init(&s);
	assert_int_equal(stat(s.path, &sb), 0);
	assert_true(S_ISSOCK(sb.st_mode));
	assert_int_equal(sb.st_mode & 0777, 0600);
	server_fini(&s);
}

/* The child's part. @return 0 when it was let in and got nothing but an end. */
static int ask_as_nobody(const struct server *s)
{
	char byte;
	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 2;
	int fd = server_dial(s);
	if (fd < 0)
		return 3;
	struct pollfd p = {fd, POLLIN, 0};
	ssize_t sent = send(fd, REQ("1", "echo"), strlen(REQ("1", "echo")), MSG_NOSIGNAL);
	if (sent < 0 && errno != EPIPE)
		return 4;
	if (poll(&p, 1, 10000) != 1)
		return 5;
	return recv(fd, &byte, 1, 0) > 0 ? 6 : 0;
}

static void who_is_not_root_is_not_served_even_if_the_file_lets_him(void **state)
{
	struct server s;
	int status;
	(void)state;
	if (getuid() != 0)
		skip();
	server_init(&s);
	assert_int_equal(chmod(s.path, 0666), 0);
	assert_int_equal(chmod(s.dir, 0755), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(ask_as_nobody(&s));
	pid_t r;
	while ((r = waitpid(pid, &status, WNOHANG)) == 0)
		assert_true(sd_event_run(s.event, 10000) >= 0);
	assert_int_equal(r, pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(s.calls, 0);
	server_fini(&s);
}

static void a_dead_daemons_socket_is_replaced(void **state)
{
	struct server s;
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	(void)state;
	server_init(&s);
	ctl_close(s.ctl);
	s.ctl = NULL;
	assert_int_equal(access(s.path, F_OK), -1); /* a clean end leaves nothing */
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", s.path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(fd); /* crashed */
	struct err e = ERR_INIT;
	assert_int_equal(ctl_open(&s.ctl, s.event, s.path, server_methods(), &s, &e), 0);
	server_assert(&s, REQ("1", "nothing"), strlen(REQ("1", "nothing")), OK("1"));
	server_fini(&s);
}

static void a_second_daemon_is_refused_and_the_first_goes_on(void **state)
{
	struct server s;
	struct ctl *second = NULL;
	struct err e = ERR_INIT;
	(void)state;
	server_init(&s);
	assert_int_equal(ctl_open(&second, s.event, s.path, server_methods(), &s, &e), -EADDRINUSE);
	assert_null(second);
	assert_non_null(strstr(e.text, "another xen-netd is running"));
	assert_non_null(strstr(e.text, s.path));
	server_assert(&s, REQ("1", "nothing"), strlen(REQ("1", "nothing")), OK("1"));
	server_fini(&s);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct server s;
	struct err e = ERR_INIT;
	struct stat sb;
	(void)state;
	server_init(&s);
	ctl_close(s.ctl);
	s.ctl = NULL;
	FILE *f = fopen(s.path, "w");
	fputs("precious", f);
	fclose(f);
	assert_int_equal(ctl_open(&s.ctl, s.event, s.path, server_methods(), &s, &e), -EEXIST);
	assert_int_equal(stat(s.path, &sb), 0);
	assert_int_equal(sb.st_size, 8);
	server_fini(&s);
}

static void a_path_that_cannot_be_is_an_error_that_names_it(void **state)
{
	static const struct {
		const char *path;
		int r;
	} cases[] = {
		{"/proc/none/control", -ENOENT},
		{"/dev/null/control", -ENOTDIR},
		{"/tmp/"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 -ENAMETOOLONG},
	};
	sd_event *event;
	(void)state;
	assert_int_equal(sd_event_new(&event), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ctl *ctl = NULL;
		struct err e = ERR_INIT;
		assert_int_equal(ctl_open(&ctl, event, cases[i].path, server_methods(), NULL, &e),
				 cases[i].r);
		assert_null(ctl);
		assert_non_null(strstr(e.text, cases[i].path));
	}
	sd_event_unref(event);
}

static void a_thousand_clients_are_served_at_the_same_time(void **state)
{
	static int fd[MANY];
	struct rlimit rl;
	struct server s;
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_max < 2 * MANY + 100)
		skip();
	server_init(&s);
	for (int i = 0; i < MANY; i++) {
		fd[i] = server_dial(&s);
		assert_true(fd[i] >= 0);
		say(fd[i], REQ("1", "echo"));
	}
	twin_clock_settle(s.event);
	assert_int_equal(s.calls, MANY);
	for (int i = 0; i < MANY; i++) {
		char text[128];
		ssize_t n = recv(fd[i], text, sizeof(text) - 1, 0);
		assert_int_equal(n, strlen(OK("1")));
		close(fd[i]);
	}
	twin_clock_settle(s.event);
	server_assert(&s, REQ("1", "nothing"), strlen(REQ("1", "nothing")), OK("1"));
	server_fini(&s);
}

static void a_daemon_that_hangs_does_not_make_the_next_one_hang(void **state)
{
	static const struct ctl_method none[] = {{NULL, NULL}};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), c[8];
	sd_event *event;
	struct ctl *ctl;
	(void)state;
	alarm(30);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "/tmp/ctl-hangs-%d", getpid());
	assert_int_equal(bind(fd, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < 8; i++) {
		c[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(c[i], (void *)&sa, sizeof(sa));
	}
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(ctl_open(&ctl, event, sa.sun_path, none, NULL, NULL), -EADDRINUSE);
	for (int i = 0; i < 8; i++)
		close(c[i]);
	close(fd);
	unlink(sa.sun_path);
	sd_event_unref(event);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_daemon_that_hangs_does_not_make_the_next_one_hang),
		cmocka_unit_test(a_client_that_left_before_its_answer_is_no_concern),
		cmocka_unit_test(requests_still_open_when_the_server_closes_are_answered_to_nobody),
		cmocka_unit_test(a_client_that_never_reads_makes_its_own_requests_wait),
		cmocka_unit_test(a_client_that_reads_nothing_for_half_a_minute_is_dropped),
		cmocka_unit_test(a_client_that_left_in_the_middle_of_its_answers_is_forgotten),
		cmocka_unit_test(the_socket_is_roots_alone),
		cmocka_unit_test(who_is_not_root_is_not_served_even_if_the_file_lets_him),
		cmocka_unit_test(a_dead_daemons_socket_is_replaced),
		cmocka_unit_test(a_second_daemon_is_refused_and_the_first_goes_on),
		cmocka_unit_test(a_file_that_is_no_socket_is_left_alone),
		cmocka_unit_test(a_path_that_cannot_be_is_an_error_that_names_it),
		cmocka_unit_test(a_thousand_clients_are_served_at_the_same_time),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
