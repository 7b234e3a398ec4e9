// SPDX-License-Identifier: GPL-2.0-or-later
/* A driver domain: no helper is run there, and the daemon removes the backend directory itself. */
#include "case.h"

#include <string.h>

enum { OWN_DOMID = 3 };

static struct nic *driver_domain_guest(struct world *w, unsigned domid)
{
	struct nic *a = case_guest(w, domid, "web", true);
	struct nic_conf conf = a->conf;

	conf.backend_domid = OWN_DOMID;
	conf.script = "/usr/lib/somewhere/vif-bridge"; /* a path of the toolstack's machine */
	return nic_new(a->guest, &conf);
}

static void driver_host(struct world *w)
{
	/* A client on the socket is dom0 to xenstored: so its relative `domid` is this key. */
	xsd_put(&w->xsd, "/local/domain/0/domid", text("%d", OWN_DOMID));
	case_host(w, NULL);
}

static void driver_domain_publishes_without_a_helper_and_guests_ping(struct world *w)
{
	struct nic *a, *b;

	driver_host(w);
	a = driver_domain_guest(w, 5);
	b = driver_domain_guest(w, 6);
	assert_attach(a);
	assert_attach(b);
	assert_soon(w, nic_state_is(a, 4) && nic_state_is(b, 4));
	assert_pings(a, b);
}

static void driver_domain_removes_the_backend_directory_after_state_6(struct world *w)
{
	struct nic *a, *b;

	driver_host(w);
	a = driver_domain_guest(w, 5);
	b = driver_domain_guest(w, 6);
	assert_attach(a);
	assert_attach(b);
	assert_soon(w, nic_state_is(a, 4));
	toolstack_detach(a);
	assert_soon(w, a->phase == NIC_DETACHED);
	assert_false(a->forced);
	assert_true(a->done_us - b->done_us < 5000000); /* libxl would wait ten seconds */
	assert_false(xsd_has(&w->xsd, "/local/domain/3/backend/vif/5/0"));
	assert_true(nic_status_is(b, "connected"));
	toolstack_detach(b);
	assert_soon(w, b->phase == NIC_DETACHED && !net_has(&w->net, "vif6.0"));
	assert_stays(w, !xsd_has(&w->xsd, "/local/domain/3/backend/vif/6/0"));
}

static void driver_domain_wires_what_was_there_before_the_daemon(struct world *w)
{
	struct nic *a;

	xsd_put(&w->xsd, "/local/domain/0/domid", text("%d", OWN_DOMID));
	a = driver_domain_guest(w, 5);
	toolstack_attach(a);
	assert_soon(w, a->phase == NIC_ATTACHED); /* state 2 is all that libxl asks for */
	case_host(w, NULL);
	assert_soon(w, nic_state_is(a, 4));
	assert_true(net_on(&w->net, "vif5.0", "xenbr0"));
}

const struct netns_case cases_domain[] = {
	CASE(driver_domain_publishes_without_a_helper_and_guests_ping),
	CASE(driver_domain_removes_the_backend_directory_after_state_6),
	CASE(driver_domain_wires_what_was_there_before_the_daemon),
	CASES_END,
};
