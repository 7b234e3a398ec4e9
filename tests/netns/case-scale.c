// SPDX-License-Identifier: GPL-2.0-or-later
/* Many vifs at once. */
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 500, PORTS_MAX = 1023 };

static bool all_in(struct nic *const *nics, int n, enum nic_phase phase)
{
	for (int i = 0; i < n; i++)
		if (nics[i]->phase != phase)
			return false;
	return true;
}

static unsigned resident_kib(const struct proc *p)
{
	FILE *f = fopen(text("/proc/%d/status", p->pid), "r");
	char line[256];
	unsigned kib = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "VmRSS: %u", &kib);
	fclose(f);
	return kib;
}

static void vifs_500_at_once_are_attached_and_detached(struct world *w)
{
	struct guest *home = guest_new(w, 1000, "home");
	static struct nic *nics[MANY];
	struct nic *a, *b;
	int64_t start;

	case_host(w, NULL);
	w->trace = false;
	w->patience = 10; /* one process plays 500 toolstacks and netbacks */
	for (int i = 0; i < MANY; i++) {
		struct guest *g = guest_new_in(w, 2000 + i, text("many%d", i), home);
		struct nic_conf conf = {.script = case_script(w, "vif-bridge")};

		g->running = true;
		nics[i] = nic_new(g, &conf);
	}
	start = now_us();
	for (int i = 0; i < MANY; i++)
		toolstack_attach(nics[i]);
	print_message("keys of %d vifs written in %.2f s\n", MANY, (now_us() - start) / 1e6);
	start = now_us();
	assert_true(LOOP_WAIT(w->loop, 240000, all_in(nics, MANY, NIC_ATTACHED)));
	print_message("attached in %.2f s more, daemon %u KiB resident\n", (now_us() - start) / 1e6,
		      resident_kib(&w->daemon.proc));
	for (int i = 0; i < MANY; i++) {
		assert_false(nics[i]->early_connect || nics[i]->missed_initwait);
		assert_true(net_on(&w->net, nics[i]->vif, "xenbr0"));
		assert_true(nic_status_is(nics[i], "connected"));
	}
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	assert_pings(a, b);
	start = now_us();
	for (int i = 0; i < MANY; i++)
		toolstack_detach(nics[i]);
	assert_true(LOOP_WAIT(w->loop, 240000, all_in(nics, MANY, NIC_DETACHED)));
	print_message("and detached in %.2f s\n", (now_us() - start) / 1e6);
	assert_pings(a, b);
	assert_soon(w, !daemon_vif(&w->daemon, nics[0]->vif, "state"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

/* net/bridge/br_private.h, BR_MAX_PORTS: 1,024 numbers, of which 0 is none. */
static void port_that_is_one_too_many_for_its_bridge_gets_a_clear_error(struct world *w)
{
	struct guest *home = guest_new(w, 1000, "home");
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	w->trace = false;
	for (int i = 0; i < PORTS_MAX; i++) {
		const char *port = text("port%d", i);

		assert_int_equal(net_add_veth(&w->net, port, NULL, &home->net, port, NULL), 0);
		net_set_master(&w->net, port, "xenbr0");
	}
	w->trace = true;
	assert_false(nic_attach(a));
	assert_contains(a->error, "vif5.0");
	assert_contains(a->error, "xenbr0");
	assert_contains(a->error, "1023");
	net_del(&w->net, "port0");
	assert_soon(w, nic_status_is(a, "connected")); /* a place is free */
}

const struct netns_case cases_scale[] = {
	{.name = "vifs_500_at_once_are_attached_and_detached",
	 .fn = vifs_500_at_once_are_attached_and_detached,
	 .limit_s = 240},
	{.name = "port_that_is_one_too_many_for_its_bridge_gets_a_clear_error",
	 .fn = port_that_is_one_too_many_for_its_bridge_gets_a_clear_error,
	 .limit_s = 240},
	CASES_END,
};
