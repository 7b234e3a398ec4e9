// SPDX-License-Identifier: GPL-2.0-or-later
/* Bad input: every key of the backend directory, and what a guest writes below its frontend. */
#include "case.h"

#include <stdlib.h>
#include <string.h>

#define LONG64	 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LONG512	 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64
#define LONG2048 LONG512 LONG512 LONG512 LONG512

enum outcome {
	REFUSED,  /* the helper fails, and the sentence names the key */
	ACCEPTED, /* the guest is attached all the same */
	EITHER,	  /* one or the other; but in order */
};

static const struct {
	const char *key;
	const char *value; /* NULL: the key is missing */
	enum outcome outcome;
} inputs[] = {
	{"bridge", NULL, REFUSED},
	{"bridge", "", REFUSED},
	{"bridge", ".", REFUSED},
	{"bridge", "..", REFUSED},
	{"bridge", "../xenbr0", REFUSED},
	{"bridge", "/", REFUSED},
	{"bridge", "xenbr0 ", REFUSED},
	{"bridge", "\xff\xfe\x80", REFUSED},
	{"bridge", "xen\nbr0", REFUSED},
	{"bridge", "%s%n%s", REFUSED},
	{"bridge", "0123456789abcdef", REFUSED}, /* 16 bytes: more than IFNAMSIZ holds */
	{"bridge", LONG2048, REFUSED},
	{"vifname", "", EITHER},
	{"vifname", ".", REFUSED},
	{"vifname", "..", REFUSED},
	{"vifname", "a/b", REFUSED},
	{"vifname", "a b", REFUSED},
	{"vifname", "a:b", REFUSED},
	{"vifname", "lo", REFUSED},
	{"vifname", "xenbr0", REFUSED},
	{"vifname", "vif6.0", REFUSED}, /* the other guest's */
	{"vifname", "0123456789abcdef", REFUSED},
	{"vifname", "\xc3\x28", REFUSED},
	{"vifname", "web%d", EITHER}, /* the kernel would number it */
	{"vifname", LONG2048, REFUSED},
	{"mtu", "", EITHER},
	{"mtu", "-1", REFUSED},
	{"mtu", "0", REFUSED},
	{"mtu", "67", REFUSED},
	{"mtu", "65536", REFUSED},
	{"mtu", "4294968796", REFUSED}, /* 1500 after 32 bits */
	{"mtu", "99999999999999999999999", REFUSED},
	{"mtu", "1500x", REFUSED},
	{"mtu", " 1500", REFUSED},
	{"mtu", "0x5dc", REFUSED},
	{"mtu", LONG2048, REFUSED},
	{"mac", NULL, EITHER},
	{"mac", "", REFUSED},
	{"mac", "00:16:3e:00:05", REFUSED},
	{"mac", "00:16:3e:00:05:00:00", REFUSED},
	{"mac", "00:16:3e:00:05:zz", REFUSED},
	{"mac", "ff:ff:ff:ff:ff:ff", REFUSED},
	{"mac", LONG2048, REFUSED},
	{"vlan", "9999", REFUSED},
	{"vlan", LONG2048, REFUSED},
	{"network", "nowhere", REFUSED},
	{"network", "..", REFUSED},
	{"network", "\xff", REFUSED},
	{"network", LONG2048, REFUSED},
	{"type", NULL, ACCEPTED},
	{"type", "", EITHER},
	{"type", "\xff\xff", EITHER},
	{"type", LONG2048, EITHER},
	{"handle", NULL, EITHER},
	{"handle", "1", REFUSED}, /* netback would call its device otherwise */
	{"handle", "-1", REFUSED},
	{"handle", "x", REFUSED},
	{"handle", "99999999999999999999", REFUSED},
	{"frontend-id", NULL, EITHER},
	{"frontend-id", "6", REFUSED},
	{"frontend-id", "-1", REFUSED},
	{"frontend-id", "x", REFUSED},
	{"ip", "", ACCEPTED},
	{"ip", "\xff\xfe", EITHER},
	{"ip", "999.1.1.1", EITHER},
	{"ip", LONG2048, EITHER},
	{"gatewaydev", "..", EITHER},
	{"gatewaydev", LONG512, EITHER},
	{"rate", "-1,0", EITHER},
	{"rate", LONG512, EITHER},
	{"script", LONG2048, EITHER},
	{"online", NULL, EITHER},
	{"online", "", EITHER},
	{"online", "yes", EITHER},
	{"online", "0", REFUSED},
	{"hotplug-error", LONG2048, ACCEPTED},
	{"hotplug-status", LONG2048, EITHER},
	{"unknown", LONG2048, ACCEPTED},
};

static size_t at; /* of the input under test: the toolstack's transaction has no other argument */

static void put_input(struct nic *nic, xs_transaction_t t)
{
	const char *path = nic_be(nic, inputs[at].key);

	if (inputs[at].value)
		xsd_put_in(&nic->w->xsd, t, path, inputs[at].value);
	else
		xs_rm(nic->w->xsd.xs, t, path);
}

static void check_outcome(struct nic *a)
{
	struct world *w = a->w;

	assert_true(a->exit_status == 0 || a->exit_status == 1);
	if (inputs[at].outcome != EITHER)
		assert_int_equal(a->phase,
				 inputs[at].outcome == ACCEPTED ? NIC_ATTACHED : NIC_FAILED);
	if (a->phase == NIC_ATTACHED) {
		assert_true(nic_status_is(a, "connected"));
		assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
		return;
	}
	assert_true(nic_status_is(a, "error"));
	assert_true(a->error[0]);
	if (strcmp(inputs[at].key, "online") != 0) { /* that one means: it is being removed */
		assert_contains(a->error, "vif5.0");
		if (!strstr(a->error, inputs[at].key)) /* the key or what it says is named */
			assert_contains(a->error, inputs[at].value);
	}
	assert_true(strlen(a->error) < 2048);
	for (const char *p = a->error; *p; p++)
		assert_in_range((unsigned char)*p, ' ', '~'); /* fit for a log and a terminal */
	assert_true(net_on(&w->net, "vif5.0", ""));	      /* in no network, and silent */
	assert_false(net_is_up(&w->net, "vif5.0"));
}

static void every_bad_backend_key_hurts_its_own_vif_only(struct world *w)
{
	struct nic *a, *b, *c;
	pid_t pid;

	case_host(w, NULL);
	pid = w->daemon.proc.pid;
	b = case_attached(w, 6, "db", NULL);
	c = case_attached(w, 7, "mail", NULL);
	a = case_guest(w, 5, "web", true);
	a->quirk.edit = put_input;
	for (at = 0; at < sizeof(inputs) / sizeof(inputs[0]); at++) {
		print_message("--- %s = %.40s\n", inputs[at].key, inputs[at].value ?: "(missing)");
		nic_attach(a);
		check_outcome(a);
		assert_non_null(daemon_vif(&w->daemon, "vif5.0", "state"));
		xsd_rm_clean(&w->xsd, a->fe);
		xsd_rm_clean(&w->xsd, a->be);
		assert_soon(w, !net_has(&w->net, "vif5.0"));
		assert_pings(b, c);
	}
	assert_int_equal(w->daemon.proc.pid, pid);
	a->quirk.edit = NULL;
	assert_attach(a);
	assert_pings(a, b);
}

/* The same while the guest runs: what works is kept, and the key put right heals. */
static void every_key_that_turns_bad_under_a_running_guest_keeps_it_connected(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	for (at = 0; at < sizeof(inputs) / sizeof(inputs[0]); at++) {
		const char *path = nic_be(a, inputs[at].key);
		char *old = strdup(xsd_get(&w->xsd, path) ?: "");
		bool had = xsd_has(&w->xsd, path);

		if (!strncmp(inputs[at].key, "hotplug", 7) || !strcmp(inputs[at].key, "online") ||
		    !strcmp(inputs[at].key, "script"))
			continue; /* those mean something else on a running guest */
		print_message("--- %s = %.40s\n", inputs[at].key, inputs[at].value ?: "(missing)");
		if (inputs[at].value)
			xsd_put(&w->xsd, path, inputs[at].value);
		else
			xsd_rm(&w->xsd, path);
		assert_non_null(daemon_vif(&w->daemon, "vif5.0", "state"));
		assert_true(case_pings(a, b, PING_MS));
		assert_true(nic_status_is(a, "connected"));
		if (had)
			xsd_put(&w->xsd, nic_be(a, inputs[at].key), old);
		else
			xsd_rm(&w->xsd, nic_be(a, inputs[at].key));
		free(old);
		assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	}
	assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
	assert_pings(a, b);
}

static void keys_that_change_all_the_time_end_in_what_they_say_last(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b, *c;

	case_host(w, "network one { mode = bridge bridge = xenbr0 }\n"
		     "network two { mode = bridge bridge = xenbr1 }\n");
	net_add_bridge(&w->net, "xenbr1");
	b = case_attached(w, 6, "db", "xenbr0");
	c = case_attached(w, 7, "mail", "xenbr1");
	toolstack_attach(a);
	for (int i = 0; i < 400; i++) {
		static const char *const values[] = {"one", "two", "", "..", "nowhere"};

		xsd_put(&w->xsd, nic_be(a, "network"), values[i % 5]);
		xsd_put(&w->xsd, nic_be(a, "mtu"), i % 3 ? "1400" : "-7");
		if (i % 8 == 0)
			loop_step(w->loop, now_us());
	}
	xsd_put(&w->xsd, nic_be(a, "network"), "two");
	xsd_put(&w->xsd, nic_be(a, "mtu"), "1400");
	assert_soon(w, a->phase == NIC_ATTACHED || a->phase == NIC_FAILED);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr1") && nic_status_is(a, "connected"));
	assert_no_ping(a, b, c);
	xsd_put(&w->xsd, nic_be(a, "network"), "one");
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
	assert_pings(a, b);
}

static void odd_directories_below_backend_vif_are_passed_over(struct world *w)
{
	static const char *const dirs[] = {
		"x/0",	"5x/0",		 "-1/0", "05/0",    "99999999999/0", "9/y",
		"9/-1", "9/99999999999", "9",	 "32752/0", "8/00",
	};
	struct nic *a;
	json_t *status;

	case_host(w, NULL);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		xsd_put(&w->xsd, text("/local/domain/0/backend/vif/%s/state", dirs[i]), "1");
		xsd_put(&w->xsd, text("/local/domain/0/backend/vif/%s/online", dirs[i]), "1");
	}
	a = case_attached(w, 5, "web", NULL);
	daemon_kill(&w->daemon); /* and when they are found at the start */
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_true(net_on(&w->net, a->vif, "xenbr0"));
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/0/backend/vif/x/0/hotplug-status"));
	status = daemon_status(&w->daemon);
	assert_int_equal(json_array_size(json_object_get(status, "vifs")), 1);
	json_decref(status);
}

static void frontend_garbage_changes_nothing(struct world *w)
{
	static const char *const keys[] = {"mac", "backend",	"backend-id", "handle", "state",
					   "mtu", "feature-sg", "network",    "bridge"};
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	a->guest->running = false; /* it writes by hand */
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i], "state") != 0)
			xsd_put(&w->xsd, nic_fe(a, keys[i]), LONG2048);
		assert_non_null(daemon_vif(&w->daemon, "vif5.0", "state"));
		xsd_put(&w->xsd, nic_fe(a, keys[i]), "\xff\xfe%n");
		if (strcmp(keys[i], "mtu") != 0)
			xsd_rm(&w->xsd, nic_fe(a, keys[i]));
		assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "mac", "00:16:3e:00:05:00"));
	}
	xsd_put(&w->xsd, "/local/domain/5/name", "\033[31m\xff" LONG512);
	assert_non_null(daemon_vif(&w->daemon, "vif5.0", "domain"));
	assert_lacks(daemon_vif(&w->daemon, "vif5.0", "domain"), "\033");
	xsd_put(&w->xsd, "/local/domain/5/vm", "/../..");
	assert_soon(w, daemon_vif_is(&w->daemon, "vif6.0", "state", "connected"));
	assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
	assert_pings(a, b);
}

static void guest_without_a_name_is_wired(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "", NULL);
	b = case_attached(w, 6, "db", NULL);
	assert_pings(a, b);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "domain", "null"));
}

const struct netns_case cases_hostile[] = {
	CASE(every_bad_backend_key_hurts_its_own_vif_only),
	CASE(every_key_that_turns_bad_under_a_running_guest_keeps_it_connected),
	CASE(keys_that_change_all_the_time_end_in_what_they_say_last),
	CASE(odd_directories_below_backend_vif_are_passed_over),
	CASE(frontend_garbage_changes_nothing),
	CASE(guest_without_a_name_is_wired),
	CASES_END,
};
