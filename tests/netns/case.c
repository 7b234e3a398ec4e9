// SPDX-License-Identifier: GPL-2.0-or-later
/* case: what the cases share: their table, assertions that wait, and short ways to a usual host. */
#include "case.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void assert_attach_(struct nic *nic, const char *file, int line)
{
	if (nic_attach(nic))
		return;
	print_error("%s: attach failed: exit status %d, \"%s\"\n", nic->vif, nic->exit_status,
		    nic->error);
	_fail(file, line);
}

const char *case_addr(const struct nic *nic)
{
	return text("%.*s", (int)strcspn(nic->conf.addr, "/"), nic->conf.addr);
}

bool case_pings(const struct nic *from, const struct nic *to, int ms)
{
	return guest_pings(from->guest, case_addr(to), ms);
}

void case_host(struct world *w, const char *config)
{
	net_add_bridge(&w->net, "xenbr0");
	daemon_config(config);
	daemon_start(&w->daemon);
}

const char *case_script(struct world *w, const char *name)
{
	char *path = strdup(text("/run/scripts/%s", name));

	mkdir("/run/scripts", 0755);
	if (symlink(w->paths.helper, path) && errno != EEXIST)
		die_errno("link %s", path);
	return path;
}

struct nic *case_guest(struct world *w, unsigned domid, const char *name, bool running)
{
	struct guest *g = guest_new(w, domid, name);
	struct nic_conf conf = {
		.script = case_script(w, "vif-bridge"),
		.addr = strdup(text("10.0.0.%u/24", domid)),
	};

	g->running = running;
	return nic_new(g, &conf);
}

struct nic *case_second(const struct nic *first, unsigned devid)
{
	struct nic_conf conf = first->conf;

	conf.devid = devid;
	conf.addr = strdup(text("10.%u.0.%u/24", devid, first->guest->domid));
	return nic_new(first->guest, &conf);
}

struct nic *case_attached(struct world *w, unsigned domid, const char *name, const char *bridge)
{
	struct nic *nic = case_guest(w, domid, name, true);

	nic->conf.bridge = bridge;
	assert_attach(nic);
	return nic;
}
