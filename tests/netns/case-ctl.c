// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket and xnetctl: what they tell, and whom they serve. */
#include "case.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"status\",\"params\":{}}\n"

static void status_tells_every_member_of_every_vif(struct world *w)
{
	static const char *const members[] = {
		"name",	     "domid",	"devid",     "domain", "uuid",	  "mac",
		"mode",	     "network", "chosen-by", "bridge", "ifindex", "mtu",
		"addresses", "state",	"reason",    "since",
	};
	json_t *status, *vif;

	case_host(w,
		  "network lan { mode = bridge bridge = xenbr0 }\ndomain web { network = lan }\n");
	case_attached(w, 5, "web", NULL);
	status = daemon_status(&w->daemon);
	assert_int_equal(json_integer_value(json_object_get(status, "version")), 1);
	assert_true(json_is_array(json_object_get(status, "networks")));
	vif = json_array_get(json_object_get(status, "vifs"), 0);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		assert_non_null(json_object_get(vif, members[i]));
	assert_true(json_is_array(json_object_get(vif, "addresses")));
	json_decref(status);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "domid", "5"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "devid", "0"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "domain", "web"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "uuid",
				     "5f2a1c34-0000-4000-8000-000000000005"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "mac", "00:16:3e:00:05:00"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "network", "lan"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "bridge", "xenbr0"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "mtu", "1500"));
}

static void status_exits_0_when_all_is_well_1_on_an_error_2_without_a_daemon(struct world *w)
{
	const char *ctl = w->paths.xnetctl;
	struct nic *b = case_guest(w, 6, "db", true);

	case_host(w, NULL);
	case_attached(w, 5, "web", NULL);
	assert_int_equal(RUN(w, ctl, "status")->status, 0);
	assert_int_equal(RUN(w, ctl, "status", "--json")->status, 0);
	b->conf.bridge = "nowhere";
	assert_false(nic_attach(b));
	assert_int_equal(RUN(w, ctl, "status")->status, 1);
	assert_int_equal(RUN(w, ctl, "status", "--json")->status, 1);
	assert_int_equal(RUN(w, ctl, "status", "web")->status, 0);
	assert_int_equal(RUN(w, ctl, "status", "db")->status, 1);
	assert_int_equal(RUN(w, ctl, "status", "vif5.0")->status, 0);
	daemon_kill(&w->daemon);
	assert_int_equal(RUN(w, ctl, "status")->status, 2);
	assert_int_equal(RUN(w, ctl, "status", "--json")->status, 2);
}

static void status_shows_one_domain_or_one_vif_when_asked(struct world *w)
{
	const char *ctl = w->paths.xnetctl;
	struct run *r;

	case_host(w, NULL);
	case_attached(w, 5, "web", NULL);
	case_attached(w, 6, "db", NULL);
	r = RUN(w, ctl, "status");
	assert_contains(r->out, "web");
	assert_contains(r->out, "vif6.0");
	assert_contains(r->out, "xenbr0");
	assert_lacks(r->out, "\033"); /* no colours into a pipe */
	r = RUN(w, ctl, "status", "web");
	assert_contains(r->out, "vif5.0");
	assert_lacks(r->out, "vif6.0");
	r = RUN(w, ctl, "status", "vif6.0");
	assert_contains(r->out, "db");
	assert_lacks(r->out, "vif5.0");
	r = RUN(w, ctl, "status", "nobody");
	assert_int_not_equal(r->status, 0);
	assert_contains(r->err, "nobody");
}

static void assert_error(struct world *w, const char *line, int code)
{
	json_t *answer = daemon_ask(&w->daemon, line);
	json_t *error = json_object_get(answer, "error");

	if (json_integer_value(json_object_get(error, "code")) != code)
		fail_msg("%.60s: no error %d", line, code);
	assert_true(json_is_string(json_object_get(error, "message")));
	json_decref(answer);
}

static void assert_served(struct world *w)
{
	json_t *answer = daemon_ask(&w->daemon, STATUS);

	assert_non_null(json_object_get(answer, "result"));
	assert_int_equal(json_integer_value(json_object_get(answer, "id")), 7);
	json_decref(answer);
}

static void garbage_gets_a_json_rpc_error(struct world *w)
{
	static const struct {
		const char *line;
		int code;
	} lines[] = {
		{"garbage\n", -32700},
		{"\xff\xfe\x80\n", -32700},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"\n", -32700},
		{"[]\n", -32600},
		{"42\n", -32600},
		{"{}\n", -32600},
		{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"status\",\"params\":{}}\n", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7,\"params\":{}}\n", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"fly\",\"params\":{}}\n", -32601},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":{\"x\":1}}\n",
		 -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\",\"params\":{\"match\":5}}\n",
		 -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":{}}\n", -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":{\"action\":"
		 "\"online\","
		 "\"type\":\"vif\",\"path\":\"../../etc/passwd\"}}\n",
		 -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":{\"action\":"
		 "\"online\","
		 "\"type\":\"vif\",\"path\":\"backend/vif/99999999999/0\"}}\n",
		 -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":{\"action\":"
		 "\"dance\","
		 "\"type\":\"vif\",\"path\":\"backend/vif/5/0\"}}\n",
		 -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hotplug\",\"params\":{\"action\":"
		 "\"online\","
		 "\"type\":\"vif\",\"path\":\"backend/vif/77/0\"}}\n",
		 4},
	};

	case_host(w, NULL);
	case_attached(w, 5, "web", NULL);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_error(w, lines[i].line, lines[i].code);
		assert_served(w);
	}
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_null(daemon_vif(&w->daemon, "vif77.0", "state"));
}

static void request_that_is_too_long_is_refused(struct world *w)
{
	size_t size = 1024 * 1024;
	char *big = malloc(size + 1), *deep = malloc(size + 1);

	memset(big, 'x', size);
	memset(deep, '[', size);
	big[size] = deep[size] = '\0';
	case_host(w, NULL);
	assert_error(w, big, -32600);
	assert_error(w, deep, -32600);
	deep[8000] = '\n'; /* short enough, but nested deeply */
	deep[8001] = '\0';
	assert_error(w, deep, -32700);
	assert_served(w);
	free(big);
	free(deep);
}

/* Some say nothing, some half a line, some ask and never read: the next guest must not notice. */
static void clients_that_stall_hurt_nobody(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);
	int fds[200];

	case_host(w, NULL);
	for (int i = 0; i < 200; i++) {
		const char *line = i % 3 == 0 ? "" : i % 3 == 1 ? "{\"jsonrpc\":" : STATUS;

		fds[i] = daemon_connect(&w->daemon);
		assert_true(fds[i] >= 0);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		for (int k = 0; k < (i % 3 == 2 ? 5000 : 1); k++)
			if (send(fds[i], line, strlen(line), MSG_NOSIGNAL) < 0)
				break;
	}
	assert_attach(a);
	assert_true(a->script_us < 2000000);
	assert_served(w);
	for (int i = 0; i < 200; i++)
		close(fds[i]);
	assert_detach(a);
	assert_served(w);
}

/* @return 0 if the daemon served a client of another user. */
static int ask_as_nobody(void)
{
	struct timeval limit = {.tv_sec = 3};
	char buf[4096];
	ssize_t n;
	int fd;

	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return 3;
	fd = daemon_connect(NULL);
	if (fd < 0)
		return errno == EACCES ? 1 : 4;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (send(fd, STATUS, strlen(STATUS), MSG_NOSIGNAL) < 0)
		return 2;
	n = recv(fd, buf, sizeof(buf) - 1, 0);
	if (n <= 0)
		return 2;
	buf[n] = '\0';
	return strstr(buf, "\"result\"") ? 0 : 2;
}

static int nobody_result(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(ask_as_nobody());
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void only_root_is_served(struct world *w)
{
	struct stat st;

	case_host(w, NULL);
	assert_int_equal(stat(DAEMON_SOCKET, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(nobody_result(), 1);
	assert_int_equal(chmod(DAEMON_SOCKET, 0666), 0); /* even if somebody opens the way */
	assert_int_equal(nobody_result(), 2);
	assert_served(w);
}

static void second_daemon_does_not_take_the_firsts_socket(struct world *w)
{
	struct run *r;

	case_host(w, NULL);
	case_attached(w, 5, "web", NULL);
	r = RUN(w, w->paths.daemon, "--config", DAEMON_CONFIG, "--socket", DAEMON_SOCKET,
		"--plugin-dir", w->paths.plugin_dir, "--helper", w->paths.helper, "--foreground");
	assert_true(r->status > 0 && r->status < 128);
	assert_contains(r->err, DAEMON_SOCKET);
	assert_served(w);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

static void names_that_are_not_utf8_fail_neither_status_nor_drops(struct world *w)
{
	const char *ctl = w->paths.xnetctl;

	case_host(w, NULL);
	assert_int_equal(RUN(w, "ip", "link", "add", "br\xff", "type", "bridge")->status, 0);
	case_attached(w, 5, "we\xff", NULL);
	assert_int_equal(RUN(w, ctl, "status")->status, 0);
	assert_non_null(strstr(RUN(w, ctl, "status")->out, "br?"));
	assert_int_equal(RUN(w, ctl, "drops")->status, 0);
}

/* What the daemon tells it waits until it reads. */
static void service_manager_that_does_not_read_holds_up_no_guest(struct world *w)
{
	struct sockaddr_un sa;
	socklen_t size = sizeof(sa);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unsigned before;

	case_host(w, NULL);
	loop_fd_del(w->loop, w->daemon.notify);
	assert_int_equal(getsockname(w->daemon.notify, (void *)&sa, &size), 0);
	assert_int_equal(connect(fd, (void *)&sa, size), 0);
	while (send(fd, "STATUS=full", 11, 0) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	case_attached(w, 5, "web", NULL);
	before = w->daemon.ready;
	proc_signal(&w->daemon.proc, SIGHUP);
	assert_soon(w, daemon_logged(&w->daemon, "configuration read again"));
	case_attached(w, 6, "db", NULL);
	daemon_hear(&w->daemon);
	assert_soon(w, w->daemon.ready > before);
	close(fd);
}

const struct netns_case cases_ctl[] = {
	CASE(status_tells_every_member_of_every_vif),
	CASE(status_exits_0_when_all_is_well_1_on_an_error_2_without_a_daemon),
	CASE(status_shows_one_domain_or_one_vif_when_asked),
	CASE(garbage_gets_a_json_rpc_error),
	CASE(request_that_is_too_long_is_refused),
	CASE(clients_that_stall_hurt_nobody),
	CASE(only_root_is_served),
	CASE(second_daemon_does_not_take_the_firsts_socket),
	CASE(names_that_are_not_utf8_fail_neither_status_nor_drops),
	CASE(service_manager_that_does_not_read_holds_up_no_guest),
	CASES_END,
};
