// SPDX-License-Identifier: GPL-2.0-or-later
/* The harness itself: the simulated toolstack, netback and guests work with Xen's own script. */
#include "case.h"

#include <string.h>
#include <unistd.h>

#define XEN_VIF_BRIDGE "/etc/xen/scripts/vif-bridge"

static struct nic *xen_guest(struct world *w, unsigned domid)
{
	struct nic *nic = case_guest(w, domid, "web", true);

	nic->conf.script = XEN_VIF_BRIDGE;
	return nic;
}

static void harness_attaches_pings_and_detaches_with_xens_own_vif_bridge(struct world *w)
{
	struct nic *a = xen_guest(w, 5), *b = xen_guest(w, 6);

	if (access(XEN_VIF_BRIDGE, X_OK))
		return; /* xen-utils-common is not there */
	net_add_bridge(&w->net, "xenbr0");
	assert_attach(a);
	assert_attach(b);
	assert_soon(w, nic_state_is(a, 4) && nic_state_is(b, 4));
	assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
	assert_pings(a, b);
	assert_detach(a);
	assert_false(case_pings(b, a, NO_PING_MS));
	assert_false(net_has(&w->net, "vif5.0"));
	assert_false(xsd_has(&w->xsd, "/local/domain/0/backend/vif/5"));
	assert_detach(b);
	assert_false(xsd_has(&w->xsd, "/local/domain/0/backend"));
}

static void harness_reports_a_missing_bridge_as_libxl_does(struct world *w)
{
	struct nic *a = xen_guest(w, 5);

	if (access(XEN_VIF_BRIDGE, X_OK))
		return;
	assert_false(nic_attach(a));
	assert_int_equal(a->exit_status, 1);
	assert_contains(a->error, "xenbr0");
}

/* Proves that the race of a hasty daemon is noticed: here the test is the hasty one. */
static void harness_notices_connected_published_before_the_helper_ran(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	a->conf.script = "/bin/true";
	a->quirk.toolstack_delay_ms = 50;
	toolstack_attach(a);
	assert_soon(w, nic_state_is(a, 2));
	xsd_put(&w->xsd, nic_be(a, "hotplug-status"), "connected");
	assert_soon(w, a->missed_initwait || a->early_connect);
	assert_true(a->missed_initwait);
}

const struct netns_case cases_harness[] = {
	CASE(harness_attaches_pings_and_detaches_with_xens_own_vif_bridge),
	CASE(harness_reports_a_missing_bridge_as_libxl_does),
	CASE(harness_notices_connected_published_before_the_helper_ran),
	CASES_END,
};
