// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode ovs: ports, their VLANs and ids, and what the database's end does to them. */
#include "ovs.h"

#include <string.h>

static void guests_on_an_ovs_bridge_reach_each_other(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	assert_true(ovs_on(w, "vif5.0", "ovsbr0"));
	assert_pings(a, b);
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "mode", "ovs"));
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "bridge", "ovsbr0"));
	assert_detach(a);
	assert_soon(w, !ovs_has(w, "vif5.0"));
	assert_true(ovs_has(w, "vif6.0"));
}

const struct netns_case cases_ovs[] = {
	CASE(guests_on_an_ovs_bridge_reach_each_other),
	CASES_END,
};
