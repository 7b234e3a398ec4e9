// SPDX-License-Identifier: GPL-2.0-or-later
/* ovs: a real Open vSwitch with its userspace datapath. */
#include "ovs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA "/usr/share/openvswitch/vswitch.ovsschema"
#define DB     OVS_DIR "/conf.db"
#define SOCKET OVS_DIR "/db.sock"

enum { START_MS = 20000 };

static struct proc server, vswitch;

/* What happens in Open vSwitch is told to no loop of ours. */
static void tick(void *arg)
{
	loop_timer(arg, 20, tick, arg);
}

static int log_file(const char *name)
{
	int fd = open(text(OVS_DIR "/%s.log", name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0)
		die_errno("open the log of %s", name);
	return fd;
}

static void start(struct world *w, struct proc *p, const char *const *argv)
{
	int fd = log_file(argv[0]);
	int err = proc_start(p, w->loop, &(struct proc_cmd) {.argv = argv, .out = fd, .err = fd},
			     NULL, NULL);

	close(fd);
	if (err)
		die("start %s: %s", argv[0], strerror(-err));
}

/* The processes end with the sandbox; a text() is used up quickly, so these are kept. */
void ovs_start_db(struct world *w)
{
	static const char *const argv[] = {"ovsdb-server", DB, "--remote=punix:" SOCKET, "-vconsole:warn",
					   "--unixctl=" OVS_DIR "/ovsdb-server.ctl", NULL};

	world_trace(w, "ovsdb-server: started");
	tick(w->loop);
	mkdir(OVS_DIR, 0755);
	if (access(DB, F_OK) && RUN(w, "ovsdb-tool", "create", DB, SCHEMA)->status)
		die("ovsdb-tool create failed");
	unlink(SOCKET);
	start(w, &server, argv);
	if (!LOOP_WAIT(w->loop, START_MS, !access(SOCKET, F_OK)))
		die("ovsdb-server does not listen");
	if (*VSCTL(w, "init") == '!')
		die("ovs-vsctl init failed");
}

void ovs_start_switch(struct world *w)
{
	static const char *const argv[] = {"ovs-vswitchd", "unix:" SOCKET, "-vconsole:info",
					   "--unixctl=" OVS_DIR "/ovs-vswitchd.ctl", NULL};

	world_trace(w, "ovs-vswitchd: started");
	start(w, &vswitch, argv);
	if (!LOOP_WAIT(w->loop, START_MS, !access(OVS_DIR "/ovs-vswitchd.ctl", F_OK)))
		die("ovs-vswitchd does not start");
}

void ovs_stop_db(void)
{
	proc_kill(&server);
}

void ovs_stop_switch(void)
{
	proc_kill(&vswitch);
	unlink(OVS_DIR "/ovs-vswitchd.ctl");
}

pid_t ovs_switch_pid(void)
{
	return vswitch.pid;
}

void ovs_add_bridge(struct world *w, const char *name)
{
	struct run *r = RUN(w, "ovs-vsctl", "--timeout=20", "add-br", name, "--", "set", "bridge", name,
			    "datapath_type=netdev");

	world_trace(w, "ovs-vsctl: add-br %s", name);
	if (r->status)
		die("ovs-vsctl add-br %s: %s", name, r->err);
}

void ovs_host(struct world *w, const char *config)
{
	ovs_start_db(w);
	ovs_start_switch(w);
	ovs_add_bridge(w, "ovsbr0");
	daemon_config(config);
	daemon_start(&w->daemon);
}

struct nic *ovs_guest(struct world *w, unsigned domid, const char *name, const char *bridge)
{
	struct nic *nic = case_guest(w, domid, name, true);

	nic->conf.script = case_script(w, "vif-openvswitch");
	nic->conf.bridge = bridge;
	return nic;
}

struct nic *ovs_attached(struct world *w, unsigned domid, const char *name, const char *bridge)
{
	struct nic *nic = ovs_guest(w, domid, name, bridge);

	assert_attach(nic);
	return nic;
}

const char *ovs_vsctl(struct world *w, const char *const *words)
{
	const char *argv[32] = {"ovs-vsctl", "--timeout=10", "--no-wait"};
	size_t n = 3;
	struct run *r;

	for (; *words && n < 31; words++)
		argv[n++] = *words;
	r = run_program(w, argv);
	r->out[strcspn(r->out, "\n")] = '\0';
	if (r->status)
		world_trace(w, "ovs-vsctl: %s", r->err);
	return r->status ? "!" : text("%s", r->out);
}

const char *ovs_get(struct world *w, const char *table, const char *row, const char *column)
{
	char *s = strdup(VSCTL(w, "--if-exists", "get", table, row, column)), *out = s;
	size_t len = strlen(s);

	if (*s == '"' && len > 1) {
		s[len - 1] = '\0';
		out++;
	}
	out = strdup(out);
	free(s);
	return out;
}

bool ovs_is(struct world *w, const char *table, const char *row, const char *column,
	    const char *value)
{
	return !strcmp(ovs_get(w, table, row, column), value);
}

bool ovs_on(struct world *w, const char *port, const char *bridge)
{
	return !strcmp(VSCTL(w, "port-to-br", port), bridge);
}

bool ovs_has(struct world *w, const char *port)
{
	return *VSCTL(w, "port-to-br", port) != '!';
}
