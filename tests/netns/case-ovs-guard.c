// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode ovs: what a guest forges, frame by frame, against flows. */
#include "forge.h"
#include "ovs.h"

#include <string.h>

#define GUARDED                                                         \
	"network safe { mode = ovs bridge = ovsbr0 antispoof = true }\n" \
	"domain \"*\" { network = safe }\n"

static struct nic *guarded(struct world *w, unsigned domid, const char *ip)
{
	struct nic *nic = ovs_guest(w, domid, text("guest%u", domid), "ovsbr0");

	nic->conf.ip = ip;
	assert_attach(nic);
	assert_soon(w, nic_state_is(nic, 4));
	return nic;
}

static void wire_up(struct wire *x, struct world *w, const char *ip)
{
	struct nic *to = guarded(w, 6, NULL), *from = guarded(w, 5, ip);

	forge_wire_between(x, from, to);
	x->switched = true;
	assert_pings(to, from);
}

static unsigned flows_of(struct world *w, const char *match)
{
	struct run *r = RUN(w, "ovs-ofctl", "dump-flows", "ovsbr0", match);
	unsigned n = 0;

	assert_int_equal(r->status, 0);
	for (const char *p = r->out; (p = strstr(p, "cookie=0x78e5")); p++)
		n++;
	return n;
}

static void an_ovs_guest_of_known_addresses_sends_as_itself_alone(struct world *w)
{
	struct wire x;

	ovs_host(w, GUARDED);
	wire_up(&x, w, "10.0.0.5 2001:db8::5");
	for (const struct forgery *f = forge_known; f->name; f++) {
		struct forgery one[] = {*f, {NULL}};

		/* Of a ping, and could be of anything: flows do not see into fragments. */
		if (!strcmp(f->name, "first fragment"))
			one->reason = "ip6";
		/* Nor into DHCP. */
		if (!strncmp(f->name, "DHCP ", 5) && strstr(f->name, "in another's name"))
			one->reason = NULL;
		forge_try(&x, one);
	}
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

static void an_ovs_guest_of_unknown_addresses_sends_from_its_mac_alone(struct world *w)
{
	struct wire x;

	ovs_host(w, GUARDED);
	wire_up(&x, w, NULL);
	forge_try(&x, forge_unknown);
}

static void on_an_ovs_trunk_the_addresses_inside_of_tags_count(struct world *w)
{
	struct wire x;

	ovs_host(w, "network safe { mode = ovs bridge = ovsbr0 antispoof = true guard-vlan = false }\n"
		    "domain \"*\" { network = safe }\n");
	wire_up(&x, w, "10.0.0.5 2001:db8::5");
	forge_try(&x, forge_trunk);
}

static const struct forgery few[] = {
	{"ARP request", NULL, ALL OWN ARP("0001", OWN, OWN4)},
	{"another's MAC", "mac", ALL OTHER UDP4(OWN4, OTHER4, "00090009")},
	{"IPv4 from another's address", "ip", ALL OWN UDP4(OTHER4, OWN4, "00090009")},
	{NULL},
};

static void guards_follow_the_address_and_go_with_the_guest(struct world *w)
{
	struct wire x;
	struct nic *a;

	ovs_host(w, GUARDED);
	wire_up(&x, w, "10.0.0.5");
	forge_try(&x, few);
	assert_true(flows_of(w, "table=0") == 2 && flows_of(w, "table=241") > 2);
	a = x.from;
	xsd_put(&w->xsd, nic_be(a, "ip"), "10.0.0.99");
	assert_soon(w, strstr(RUN(w, "ovs-ofctl", "dump-flows", "ovsbr0", "table=241")->out,
			      "nw_src=10.0.0.99"));
	assert_soon(w, !case_pings(x.to, a, NO_PING_MS)); /* it is 10.0.0.5 */
	xsd_put(&w->xsd, nic_be(a, "ip"), "10.0.0.5");
	assert_pings(x.to, a);
	forge_try(&x, few);
	assert_detach(a);
	assert_soon(w, flows_of(w, "table=0") == 1);
	assert_detach(x.to);
	assert_soon(w, !flows_of(w, "table=0") && !flows_of(w, "table=240"));
}

/* The guest's netdev is down while its guard is not in place. */
static void guards_that_are_removed_come_back_and_nothing_passes_meanwhile(struct world *w)
{
	static const char *const removed[] = {"table=0", "table=240", "table=241,arp", ""};
	int64_t gone;
	struct wire x;

	ovs_host(w, GUARDED);
	wire_up(&x, w, "10.0.0.5");
	for (size_t i = 0; i < 4; i++) {
		unsigned before = flows_of(w, "table=241");
		struct run *r = *removed[i] ? RUN(w, "ovs-ofctl", "del-flows", "ovsbr0", removed[i])
					    : RUN(w, "ovs-ofctl", "del-flows", "ovsbr0");

		assert_int_equal(r->status, 0);
		assert_soon(w, flows_of(w, "table=0") == 2 && flows_of(w, "table=241") == before);
		/* What the administrator had there is not ours to make again. */
		RUN(w, "ovs-ofctl", "add-flow", "ovsbr0", "priority=0,actions=normal");
		assert_pings(x.to, x.from);
		forge_try(&x, few);
	}
	/* At once: a switch that comes back at once, too, has no flows at first. */
	ovs_stop_switch();
	gone = now_us();
	assert_soon(w, !net_is_up(&w->net, "vif5.0") && !net_is_up(&w->net, "vif6.0"));
	assert_in_range(now_us() - gone, 0, 700000);
	ovs_start_switch(w);
	assert_true(LOOP_WAIT(w->loop, 20000, net_is_up(&w->net, "vif5.0") && net_is_up(&w->net, "vif6.0")));
	assert_true(flows_of(w, "table=0") == 2);
	assert_pings(x.to, x.from);
	forge_try(&x, few);
}

static void restart_of_the_daemon_leaves_guards_and_guests_as_they_are(struct world *w)
{
	struct wire x;
	const char *before, *after;

	ovs_host(w, GUARDED);
	wire_up(&x, w, "10.0.0.5");
	before = strdup(RUN(w, "ovs-ofctl", "--no-stats", "dump-flows", "ovsbr0")->out);
	assert_int_equal(daemon_stop(&w->daemon), 0);
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_stays(w, net_is_up(&w->net, "vif5.0"));
	assert_false(daemon_logged(&w->daemon, "plan: -up"));
	after = RUN(w, "ovs-ofctl", "--no-stats", "dump-flows", "ovsbr0")->out;
	assert_string_equal(after, before);
	/* A guest that went while the daemon was away leaves no flow. */
	daemon_kill(&w->daemon);
	netback_del_link(x.from);
	daemon_start(&w->daemon);
	assert_soon(w, !ovs_has(w, "vif5.0") && flows_of(w, "table=0") == 1);
}

static void flows_of_the_administrator_count_behind_the_guard(struct world *w)
{
	struct wire x;

	ovs_host(w, GUARDED);
	wire_up(&x, w, "10.0.0.5");
	RUN(w, "ovs-ofctl", "add-flow", "ovsbr0", "priority=500,icmp,nw_dst=10.0.0.6,actions=drop");
	assert_soon(w, !case_pings(x.from, x.to, NO_PING_MS)); /* the datapath forgets its own flow first */
	RUN(w, "ovs-ofctl", "del-flows", "ovsbr0", "icmp,nw_dst=10.0.0.6");
	assert_pings(x.from, x.to);
}

static void without_antispoof_there_are_no_flows_and_limits_are_refused(struct world *w)
{
	struct wire x;

	ovs_host(w, NULL);
	wire_up(&x, w, "10.0.0.5");
	assert_int_equal(flows_of(w, "table=0"), 0);
	daemon_config("network lim { mode = ovs bridge = ovsbr0 limit-pps = 5 }\n");
	daemon_stop(&w->daemon);
	daemon_spawn(&w->daemon);
	assert_soon(w, !proc_running(&w->daemon.proc));
	assert_true(daemon_logged(&w->daemon, "limit-pps cannot be had in mode ovs"));
	daemon_config(NULL);
	daemon_start(&w->daemon);
}

const struct netns_case cases_ovs_guard[] = {
	CASE(an_ovs_guest_of_known_addresses_sends_as_itself_alone),
	CASE(an_ovs_guest_of_unknown_addresses_sends_from_its_mac_alone),
	CASE(on_an_ovs_trunk_the_addresses_inside_of_tags_count),
	CASE(guards_follow_the_address_and_go_with_the_guest),
	CASE(guards_that_are_removed_come_back_and_nothing_passes_meanwhile),
	CASE(restart_of_the_daemon_leaves_guards_and_guests_as_they_are),
	CASE(flows_of_the_administrator_count_behind_the_guard),
	CASE(without_antispoof_there_are_no_flows_and_limits_are_refused),
	CASES_END,
};
