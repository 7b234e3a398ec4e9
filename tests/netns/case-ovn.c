// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode ovs under OVN: northd, a controller, logical ports that are bound by iface-id. */
#include "ovs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVN_DIR "/run/ovn"

enum { LATE_MS = 30000 };

static struct proc procs[4];

static void start(struct world *w, size_t i, const char *const *argv)
{
	int fd = open(text(OVN_DIR "/%zu.log", i), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int err = proc_start(&procs[i], w->loop,
			     &(struct proc_cmd) {.argv = argv, .out = fd, .err = fd}, NULL, NULL);

	close(fd);
	if (err)
		die("start %s: %s", argv[0], strerror(-err));
}

static void start_db(struct world *w, size_t i, const char *name)
{
	char *db = strdup(text(OVN_DIR "/%s.db", name)), *sock = strdup(text(OVN_DIR "/%s_db.sock", name));
	const char *remote = strdup(text("--remote=punix:%s", sock));
	const char *ctl = strdup(text("--unixctl=" OVN_DIR "/%s.ctl", name));
	const char *argv[] = {"ovsdb-server", db, remote, ctl, "-vconsole:warn", NULL};

	assert_int_equal(RUN(w, "ovsdb-tool", "create", db,
			     text("/usr/share/ovn/%s.ovsschema", i ? "ovn-sb" : "ovn-nb"))->status, 0);
	start(w, i, argv);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, !access(sock, F_OK)));
}

static void ovn_start(struct world *w)
{
	static const char *const northd[] = {"ovn-northd", "--ovnnb-db=unix:" OVN_DIR "/ovnnb_db.sock",
					     "--ovnsb-db=unix:" OVN_DIR "/ovnsb_db.sock",
					     "--unixctl=" OVN_DIR "/northd.ctl", NULL};
	static const char *const controller[] = {"ovn-controller", "unix:" OVS_DIR "/db.sock", NULL};

	mkdir(OVN_DIR, 0755);
	start_db(w, 0, "ovnnb");
	start_db(w, 1, "ovnsb");
	VSCTL(w, "set", "open_vswitch", ".", "external_ids:system-id=dom0",
	      "external_ids:ovn-remote=unix:" OVN_DIR "/ovnsb_db.sock",
	      "external_ids:ovn-encap-type=geneve", "external_ids:ovn-encap-ip=127.0.0.1",
	      "external_ids:ovn-bridge-datapath-type=netdev");
	start(w, 2, northd);
	start(w, 3, controller);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, !strcmp(VSCTL(w, "br-exists", "br-int"), "")));
}

static void logical_port(struct world *w, const char *name, const struct nic *nic, const char *addr)
{
	const uint8_t *m = nic->mac;
	const char *addresses = text("%02x:%02x:%02x:%02x:%02x:%02x %s", m[0], m[1], m[2], m[3], m[4],
				     m[5], addr);
	struct run *r = RUN(w, "ovn-nbctl", "--db=unix:" OVN_DIR "/ovnnb_db.sock", "--", "--may-exist",
			    "ls-add", "lan", "--", "lsp-add", "lan", name, "--", "lsp-set-addresses", name,
			    addresses, "--", "lsp-set-port-security", name, addresses);

	if (r->status)
		fail_msg("ovn-nbctl: %s", r->err);
}

static bool is_up(struct world *w, const char *name)
{
	struct run *r = RUN(w, "ovn-nbctl", "--db=unix:" OVN_DIR "/ovnnb_db.sock", "lsp-get-up", name);

	return !r->status && !strncmp(r->out, "up", 2);
}

static struct nic *ovn_guest(struct world *w, unsigned domid, const char *name)
{
	struct nic *nic = ovs_guest(w, domid, name, "br-int");

	nic->conf.ip = strdup(text("10.0.0.%u", domid));
	return nic;
}

static void logical_port_is_bound_by_iface_id_and_carries_the_guest(struct world *w)
{
	struct nic *a, *b, *c;

	ovs_host(w, "network sdn { mode = ovs bridge = br-int iface-id = \"lsp-{name}\" }\n"
		    "network safe { mode = ovs bridge = br-int iface-id = \"lsp-{name}\" antispoof = true }\n"
		    "domain \"safe*\" { network = safe }\n"
		    "domain \"*\" { network = sdn }\n");
	ovn_start(w);
	a = ovn_guest(w, 5, "web");
	b = ovn_guest(w, 6, "db");
	c = ovn_guest(w, 7, "safe");
	assert_attach(a);
	assert_attach(b);
	assert_false(case_pings(a, b, NO_PING_MS)); /* no logical port yet */
	logical_port(w, "lsp-web", a, "10.0.0.5");
	logical_port(w, "lsp-db", b, "10.0.0.6");
	logical_port(w, "lsp-safe", c, "10.0.0.7");
	assert_true(case_pings(a, b, LATE_MS));
	assert_true(LOOP_WAIT(w->loop, LATE_MS, is_up(w, "lsp-web") && is_up(w, "lsp-db")));
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	/* What OVN writes beside our ids is no reason for anything. */
	assert_stays(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	/* A guard of ours lets OVN's pipeline be. */
	assert_attach(c);
	assert_true(case_pings(c, a, LATE_MS));
	assert_pings(a, c);
	assert_detach(a);
	assert_true(LOOP_WAIT(w->loop, LATE_MS, !is_up(w, "lsp-web")));
	assert_pings(b, c);
}

const struct netns_case cases_ovn[] = {
	{.name = "logical_port_is_bound_by_iface_id_and_carries_the_guest",
	 .fn = logical_port_is_bound_by_iface_id_and_carries_the_guest,
	 .limit_s = 180},
	CASES_END,
};
