// SPDX-License-Identifier: GPL-2.0-or-later
/* netd.conf: a broken one is refused, with file and line, and the old one stays in force. */
#include "case.h"

#include <string.h>
#include <sys/stat.h>

#define GOOD                                             \
	"network red { mode = bridge bridge = brred }\n" \
	"domain web { network = red }\n"

static const struct {
	const char *text;
	int line;
	const char *says; /* something that must be in the message */
} broken[] = {
	{"network red { mode = bridge\n", 1, ""},
	{"network red { mode = bridge }\nnetwork red { mode = bridge }\n", 2, "red"},
	{"network red {\n\tmode = bidge\n}\n", 2, "bridge"},
	{"network red {\n\tmode = bridge\n\tisolatd = true\n}\n", 3, "isolated"},
	{"network red {\n\tmode = bridge\n\tisolated = maybe\n}\n", 3, "maybe"},
	{"network red {\n\tmode = bridge\n\tmtu = 7\n}\n", 3, "68"},
	{"network red {\n\tmode = bridge\n\tmtu = 99999999999999999999\n}\n", 3, "mtu"},
	{"network red {\n\tmode = bridge\n\tbridge = \"a/b\"\n}\n", 3, "a/b"},
	{"network red {\n\tmode = bridge\n\tbridge = averyveryverylongname\n}\n", 3, "bridge"},
	{"network red {\n\tmode = bridge\n\tvlan = 5000\n}\n", 3, "vlan"},
	{"network red { mode = bridge }\n\ndomain web { network = rad }\n", 3, "red"},
	{"network red { mode = bridge }\ndefault-network = rde\n", 2, "red"},
	{"netwrk red { mode = bridge }\n", 1, "network"},
	{"network \"../x\" { mode = bridge }\n", 1, "../x"},
	{"network red { bridge = xenbr0 }\n", 1, "mode"},
	{"domain web { netwok = red }\n", 1, "network"},
};

static void check_refuses_a_broken_file_with_its_line(struct world *w)
{
	static const char path[] = "/run/broken.conf";

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct run *r;

		write_file(path, broken[i].text);
		r = RUN(w, w->paths.daemon, "--plugin-dir", w->paths.plugin_dir, "--check", path);
		assert_int_not_equal(r->status, 0);
		assert_true(r->status < 128);
		assert_contains(r->err, text("broken.conf:%d", broken[i].line));
		assert_contains(r->err, broken[i].says);
	}
	write_file(path, GOOD);
	assert_int_equal(
		RUN(w, w->paths.daemon, "--plugin-dir", w->paths.plugin_dir, "--check", path)
			->status,
		0);
	assert_int_not_equal(RUN(w, w->paths.daemon, "--plugin-dir", w->paths.plugin_dir, "--check",
				 "/run/missing.conf")
				     ->status,
			     0);
}

static struct nic *red_guest(struct world *w)
{
	struct nic *a;

	net_add_bridge(&w->net, "brred");
	case_host(w, GOOD);
	a = case_attached(w, 5, "web", "xenbr0");
	assert_true(net_on(&w->net, "vif5.0", "brred"));
	return a;
}

static void reload_of_a_broken_file_keeps_the_old_one(struct world *w)
{
	struct nic *a = red_guest(w);
	struct run *r;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		daemon_config(broken[i].text);
		r = RUN(w, w->paths.xnetctl, "reload");
		assert_int_not_equal(r->status, 0);
		assert_contains(r->err, text("netd.conf:%d", broken[i].line));
	}
	assert_stays(w, net_on(&w->net, "vif5.0", "brred") && nic_status_is(a, "connected"));
	/* The rule is still in force for the next guest too. */
	assert_detach(a);
	assert_attach(a);
	assert_true(net_on(&w->net, "vif5.0", "brred"));
	daemon_config("");
	r = RUN(w, w->paths.xnetctl, "reload");
	assert_int_equal(r->status, 0);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
}

static void sighup_with_a_broken_file_keeps_the_old_one(struct world *w)
{
	red_guest(w);
	daemon_config(broken[2].text);
	daemon_reload(&w->daemon);
	assert_soon(w, daemon_logged(&w->daemon, "netd.conf:2"));
	assert_stays(w, net_on(&w->net, "vif5.0", "brred"));
	daemon_config(NULL);
	daemon_reload(&w->daemon);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
}

static void daemon_does_not_start_with_a_broken_file(struct world *w)
{
	daemon_config(broken[2].text);
	daemon_spawn(&w->daemon);
	assert_soon(w, !proc_running(&w->daemon.proc));
	assert_int_not_equal(proc_result(&w->daemon.proc), 0);
	assert_soon(w, daemon_logged(&w->daemon, "netd.conf:2"));
	w->daemon.started_us = 0; /* its status is as it should be */
}

static void files_of_the_include_directory_are_read_in_order(struct world *w)
{
	mkdir(DAEMON_CONFIG ".d", 0755);
	write_file(DAEMON_CONFIG ".d/20.conf", "domain \"wi*\" { network = red }\n");
	write_file(DAEMON_CONFIG ".d/10.conf", "domain \"w*\" { network = blue }\n"
					       "network blue { mode = bridge bridge = brblue }\n");
	write_file(DAEMON_CONFIG ".d/README", "not read\n");
	net_add_bridge(&w->net, "brblue");
	red_guest(w);
	case_attached(w, 6, "wiki", "xenbr0");
	assert_true(net_on(&w->net, "vif6.0", "brblue"));
	write_file(DAEMON_CONFIG ".d/30.conf", "nonsense\n");
	assert_int_not_equal(RUN(w, w->paths.xnetctl, "reload")->status, 0);
	assert_stays(w, net_on(&w->net, "vif5.0", "brred"));
}

static void reload_without_a_change_touches_nobody(struct world *w)
{
	struct nic *a = red_guest(w);
	const char *since = daemon_vif(&w->daemon, "vif5.0", "since");
	struct run *r = RUN(w, w->paths.xnetctl, "reload");

	assert_int_equal(r->status, 0);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "since", since));
	assert_true(nic_status_is(a, "connected"));
}

const struct netns_case cases_config[] = {
	CASE(check_refuses_a_broken_file_with_its_line),
	CASE(reload_of_a_broken_file_keeps_the_old_one),
	CASE(sighup_with_a_broken_file_keeps_the_old_one),
	CASE(daemon_does_not_start_with_a_broken_file),
	CASE(files_of_the_include_directory_are_read_in_order),
	CASE(reload_without_a_change_touches_nobody),
	CASES_END,
};
