// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode ovs: ports, their VLANs, ids and settings. */
#include "ovs.h"

#include <stdlib.h>
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

static void tags_decide_who_reaches_whom_and_a_retag_keeps_the_port(struct world *w)
{
	struct nic *a, *b, *c, *d;
	const char *uuid, *ofport;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0.10");
	b = ovs_attached(w, 6, "db", "ovsbr0.10");
	c = ovs_attached(w, 7, "mail", "ovsbr0.20");
	d = ovs_guest(w, 8, "mx", "ovsbr0");
	d->conf.vlan = "20";
	assert_attach(d);
	assert_true(ovs_is(w, "port", "vif5.0", "tag", "10"));
	assert_true(ovs_is(w, "port", "vif8.0", "tag", "20"));
	assert_no_ping(a, c, b);
	assert_no_ping(c, a, d);
	uuid = strdup(ovs_get(w, "port", "vif5.0", "_uuid"));
	ofport = strdup(ovs_get(w, "interface", "vif5.0", "ofport"));
	xsd_put(&w->xsd, nic_be(a, "bridge"), "ovsbr0.20"); /* live */
	assert_soon(w, ovs_is(w, "port", "vif5.0", "tag", "20"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_no_ping(a, b, c);
	assert_true(ovs_is(w, "port", "vif5.0", "_uuid", uuid));
	assert_true(ovs_is(w, "interface", "vif5.0", "ofport", ofport));
	assert_true(net_is_up(&w->net, "vif5.0") && nic_state_is(a, 4));
}

static void trunks_carry_their_vlans_and_no_others(struct world *w)
{
	struct nic *a, *b, *t, *n;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "web", "ovsbr0.10");
	b = ovs_attached(w, 6, "db", "ovsbr0.20");
	t = ovs_attached(w, 7, "router", "ovsbr0:10:30");
	n = ovs_attached(w, 8, "native", "ovsbr0.20:10");
	assert_true(ovs_is(w, "port", "vif7.0", "trunks", "[10, 30]"));
	assert_true(ovs_tagged_arps(t, 10, case_addr(a), PING_MS));
	assert_false(ovs_tagged_arps(t, 20, case_addr(b), NO_PING_MS));
	assert_false(ovs_tagged_arps(t, 10, case_addr(b), NO_PING_MS));
	/* Tag and trunks together: the tag's frames leave without it. */
	assert_pings(n, b);
	assert_true(ovs_tagged_arps(n, 10, case_addr(a), PING_MS));
	assert_false(ovs_tagged_arps(n, 30, case_addr(t), NO_PING_MS));
	assert_true(ovs_is(w, "port", "vif8.0", "vlan_mode", "native-untagged"));
}

static void vlan_key_says_the_same_as_tag_and_trunks(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr0"), *b = ovs_guest(w, 6, "db", "ovsbr0.10"),
		   *c = ovs_guest(w, 7, "odd", "ovsbr0");

	ovs_host(w, NULL);
	a->conf.vlan = "10p/20-22";
	assert_attach(a);
	assert_true(ovs_is(w, "port", "vif5.0", "tag", "10"));
	assert_true(ovs_is(w, "port", "vif5.0", "trunks", "[20, 21, 22]"));
	b->conf.vlan = "20";
	assert_false(nic_attach(b));
	assert_contains(b->error, "both bridge=ovsbr0.10 and vlan=20");
	c->conf.vlan = "10p/20u";
	assert_false(nic_attach(c));
	assert_contains(c->error, "VLAN 20 is untagged beside the PVID 10");
}

static void ids_tell_the_guest_whatever_its_name_is(struct world *w)
{
	struct nic *a, *b, *c;

	ovs_host(w, NULL);
	a = ovs_attached(w, 5, "we\"b 1'; {x}\\ =", "ovsbr0");
	b = ovs_attached(w, 6, "", "ovsbr0");
	c = ovs_attached(w, 7, "gr\xc3\xbc\xc3\x9f \xff", "ovsbr0");
	assert_true(ovs_is(w, "interface", "vif5.0", "external_ids:xen-vm-name",
			   "we\\\"b 1'; {x}\\\\ ="));
	assert_true(ovs_is(w, "interface", "vif5.0", "external_ids:xen-vm-uuid", a->guest->uuid));
	assert_true(ovs_is(w, "interface", "vif5.0", "external_ids:attached-mac",
			   "00:16:3e:00:05:00"));
	assert_true(ovs_is(w, "interface", "vif5.0", "external_ids:xen-netd", "vif5.0"));
	assert_true(ovs_is(w, "interface", "vif6.0", "external_ids:xen-vm-name", ""));
	assert_true(ovs_is(w, "interface", "vif6.0", "external_ids:xen-vm-uuid", b->guest->uuid));
	assert_true(ovs_is(w, "interface", "vif7.0", "external_ids:xen-vm-name", "gr\xc3\xbc\xc3\x9f ?"));
	xsd_put(&w->xsd, "/local/domain/5/name", "web"); /* as after a migration */
	assert_soon(w, ovs_is(w, "interface", "vif5.0", "external_ids:xen-vm-name", "web"));
	assert_pings(a, c);
}

static void iface_id_is_the_key_or_the_pattern_or_the_stable_identity(struct world *w)
{
	struct nic *a, *b;

	ovs_host(w, "network sdn { mode = ovs bridge = ovsbr0 iface-id = \"lsp-{name}-{devid}-{mac}\" }\n"
		    "domain \"web*\" { network = sdn }\n");
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	assert_true(ovs_is(w, "interface", "vif5.0", "external_ids:iface-id",
			   "lsp-web-0-00:16:3e:00:05:00"));
	assert_true(ovs_is(w, "interface", "vif6.0", "external_ids:iface-id",
			   text("%s-0", b->guest->uuid)));
	xsd_put(&w->xsd, nic_be(a, "iface-id"), "port-one");
	assert_soon(w, ovs_is(w, "interface", "vif5.0", "external_ids:iface-id", "port-one"));
	VSCTL(w, "set", "interface", "vif5.0", "external_ids:ovn-installed=true");
	xsd_rm(&w->xsd, nic_be(a, "iface-id"));
	assert_soon(w, ovs_is(w, "interface", "vif5.0", "external_ids:iface-id",
			      "lsp-web-0-00:16:3e:00:05:00"));
	assert_true(ovs_is(w, "interface", "vif5.0", "external_ids:ovn-installed", "true"));
}

static void settings_of_the_network_reach_their_columns_and_go_again(struct world *w)
{
	struct nic *a;

	ovs_host(w, "network slow { mode = ovs bridge = ovsbr0 rate-in = 10000 rate-out = 20000\n"
		    "\tmtu = 1400 isolated = true vlan = \"10p/20\" vlan-mode = native-tagged }\n"
		    "network plain { mode = ovs bridge = ovsbr0 }\n"
		    "domain \"web\" { network = slow }\n");
	a = ovs_attached(w, 5, "web", "ovsbr0");
	assert_true(ovs_is(w, "interface", "vif5.0", "ingress_policing_rate", "10000"));
	assert_true(ovs_is(w, "interface", "vif5.0", "ingress_policing_burst", "1000"));
	assert_true(ovs_is(w, "interface", "vif5.0", "mtu_request", "1400"));
	assert_true(ovs_is(w, "port", "vif5.0", "protected", "true"));
	assert_true(ovs_is(w, "port", "vif5.0", "vlan_mode", "native-tagged"));
	assert_string_equal(VSCTL(w, "--columns=other_config", "--bare", "list", "qos"),
			    "max-rate=20000000");
	assert_contains(RUN(w, "tc", "class", "show", "dev", "vif5.0")->out, "ceil 20Mbit");
	assert_string_equal(xsd_get(&w->xsd, "/local/domain/5/device/vif/0/mtu"), "1400");
	xsd_put(&w->xsd, nic_be(a, "network"), "plain");
	assert_soon(w, ovs_is(w, "interface", "vif5.0", "ingress_policing_rate", "0"));
	assert_true(ovs_is(w, "interface", "vif5.0", "mtu_request", "[]"));
	assert_true(ovs_is(w, "port", "vif5.0", "protected", "false"));
	assert_true(ovs_is(w, "port", "vif5.0", "vlan_mode", "[]"));
	assert_true(ovs_is(w, "port", "vif5.0", "qos", "[]"));
	assert_string_equal(VSCTL(w, "--columns=_uuid", "list", "qos"), ""); /* ours is no orphan */
	xsd_put(&w->xsd, nic_be(a, "network"), "slow");
	assert_soon(w, !ovs_is(w, "port", "vif5.0", "qos", "[]"));
	assert_detach(a);
	assert_soon(w, !*VSCTL(w, "--columns=_uuid", "list", "qos"));
}

static void isolated_ovs_guests_reach_the_router_and_not_each_other(struct world *w)
{
	struct nic *a, *b, *router;

	ovs_host(w, "network cell { mode = ovs bridge = ovsbr0 isolated = true }\n"
		    "domain \"web*\" { network = cell }\n");
	a = ovs_attached(w, 5, "web1", "ovsbr0");
	b = ovs_attached(w, 6, "web2", "ovsbr0");
	router = ovs_attached(w, 7, "router", "ovsbr0");
	assert_no_ping(a, b, router);
	assert_no_ping(b, a, router);
	xsd_put(&w->xsd, "/local/domain/5/name", "mail");
	assert_soon(w, ovs_is(w, "port", "vif5.0", "protected", "false"));
	assert_pings(a, b);
}

static unsigned sent(const char *dev)
{
	return strtoul(net_sysfs(dev, "statistics/tx_packets"), NULL, 10);
}

static void mirror_gets_what_the_guest_sends_and_is_sent(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr0"), *b;
	struct net mon;
	unsigned before;

	net_open_new(&mon);
	assert_int_equal(net_add_veth(&w->net, "mon0", NULL, &mon, "mon1", NULL), 0);
	net_set_up(&w->net, "mon0", true);
	net_set_up(&mon, "mon1", true);
	ovs_host(w, "network tap { mode = ovs bridge = ovsbr0 mirror = mon0 }\n"
		    "domain \"web\" { network = tap }\n");
	assert_false(nic_attach(a));
	assert_contains(a->error, "mirror = mon0: it is not a port of bridge ovsbr0");
	VSCTL(w, "add-port", "ovsbr0", "mon0");
	assert_soon(w, nic_status_is(a, "connected") && nic_state_is(a, 4));
	b = ovs_attached(w, 6, "db", "ovsbr0");
	before = sent("mon0");
	for (int i = 0; i < 5; i++)
		assert_pings(a, b);
	assert_true(sent("mon0") >= before + 10); /* requests and answers */
	assert_string_equal(VSCTL(w, "--columns=name", "--bare", "list", "mirror"), "xen-netd mon0");
	assert_detach(a);
	assert_soon(w, !*VSCTL(w, "--columns=_uuid", "list", "mirror"));
}

static void network_with_create_makes_its_ovs_bridge_and_keeps_it(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "lan"), *b = ovs_guest(w, 6, "db", "lan");

	ovs_host(w, "network lan { mode = ovs bridge = ovslan create = true datapath = netdev\n"
		    "\tfail-mode = secure controller = \"tcp:127.0.0.1:6653\" }\n"
		    "domain \"*\" { network = lan }\n");
	assert_attach(a);
	assert_true(ovs_is(w, "bridge", "ovslan", "datapath_type", "netdev"));
	assert_true(ovs_is(w, "bridge", "ovslan", "fail_mode", "secure"));
	assert_string_equal(VSCTL(w, "get-controller", "ovslan"), "tcp:127.0.0.1:6653");
	daemon_config("network lan { mode = ovs bridge = ovslan create = true datapath = netdev }\n"
		      "domain \"*\" { network = lan }\n");
	daemon_reload(&w->daemon);
	assert_soon(w, ovs_is(w, "bridge", "ovslan", "fail_mode", "[]"));
	assert_string_equal(VSCTL(w, "get-controller", "ovslan"), "");
	assert_attach(b);
	assert_pings(a, b);
	VSCTL(w, "del-br", "ovslan");
	assert_soon(w, ovs_on(w, "vif5.0", "ovslan") && ovs_on(w, "vif6.0", "ovslan"));
	assert_pings(a, b);
}

static bool is_connected(struct world *w, const struct nic *nic)
{
	return daemon_vif_is(&w->daemon, nic->vif, "state", "connected");
}

static void guest_moves_between_ovs_bridges_and_linux_bridges_while_it_runs(struct world *w)
{
	struct nic *a, *b, *c, *l;
	const char *uuid;

	net_add_bridge(&w->net, "xenbr0");
	ovs_host(w, "network one { mode = ovs bridge = ovsbr0 }\n"
		    "network two { mode = ovs bridge = ovsbr1 }\n"
		    "network lin { mode = bridge bridge = xenbr0 }\n");
	ovs_add_bridge(w, "ovsbr1");
	a = ovs_attached(w, 5, "web", "ovsbr0");
	b = ovs_attached(w, 6, "db", "ovsbr0");
	c = ovs_attached(w, 7, "mail", "ovsbr1");
	l = case_attached(w, 8, "old", "xenbr0");
	uuid = strdup(ovs_get(w, "port", "vif5.0", "_uuid"));
	for (int i = 0; i < 2; i++) {
		xsd_put(&w->xsd, nic_be(a, "network"), "two");
		assert_soon(w, ovs_on(w, "vif5.0", "ovsbr1") && is_connected(w, a));
		assert_no_ping(a, b, c);
		assert_true(i || ovs_is(w, "port", "vif5.0", "_uuid", uuid)); /* moved, not made anew */
		xsd_put(&w->xsd, nic_be(a, "network"), "lin");
		assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0") && is_connected(w, a));
		assert_false(ovs_has(w, "vif5.0"));
		assert_no_ping(a, c, l);
		xsd_put(&w->xsd, nic_be(a, "network"), "one");
		assert_soon(w, ovs_on(w, "vif5.0", "ovsbr0") && is_connected(w, a));
		assert_no_ping(a, l, b);
	}
	assert_true(nic_state_is(a, 4) && nic_status_is(a, "connected"));
}

static bool has_iface_id(struct world *w, const char *port)
{
	return *ovs_get(w, "interface", port, "external_ids:iface-id");
}

static void emulated_twin_is_a_port_too_and_has_the_iface_id_until_pv_takes_over(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "win", "ovsbr0.10"), *b;

	a->guest->running = false;
	ovs_host(w, NULL);
	a->conf.hvm = true;
	assert_attach(a);
	b = ovs_attached(w, 6, "db", "ovsbr0.10");
	assert_true(ovs_is(w, "port", "vif5.0", "tag", "10"));
	assert_true(ovs_is(w, "port", "vif5.0-emu", "tag", "10"));
	assert_true(has_iface_id(w, "vif5.0-emu") && !has_iface_id(w, "vif5.0"));
	assert_true(guest_tap_arps(a, case_addr(b), PING_MS));
	guest_unpause(a->guest);
	assert_soon(w, nic_state_is(a, 4));
	assert_soon(w, has_iface_id(w, "vif5.0") && !has_iface_id(w, "vif5.0-emu"));
	assert_pings(a, b);
	devmodel_stop(a); /* PV drivers unplug it */
	assert_soon(w, !ovs_has(w, "vif5.0-emu"));
	assert_pings(a, b);
	assert_detach(a);
	assert_soon(w, !ovs_has(w, "vif5.0"));
}

static void missing_ovs_bridge_is_an_error_that_heals_when_it_comes(struct world *w)
{
	struct nic *a = ovs_guest(w, 5, "web", "ovsbr7"), *b = ovs_guest(w, 6, "db", "ovs br"),
		   *c = ovs_guest(w, 7, "fake", "fake5");

	ovs_host(w, NULL);
	assert_false(nic_attach(a));
	assert_contains(a->error, "vif5.0");
	assert_contains(a->error, "bridge \"ovsbr7\" does not exist in Open vSwitch; bridges there: ovsbr0");
	assert_false(net_is_up(&w->net, "vif5.0"));
	assert_false(ovs_has(w, "vif5.0"));
	assert_false(nic_attach(b));
	VSCTL(w, "add-br", "fake5", "ovsbr0", "5");
	assert_false(nic_attach(c));
	assert_contains(c->error, "fake bridge");
	ovs_add_bridge(w, "ovsbr7");
	assert_soon(w, nic_status_is(a, "connected") && nic_state_is(a, 4));
}

const struct netns_case cases_ovs[] = {
	CASE(guests_on_an_ovs_bridge_reach_each_other),
	CASE(tags_decide_who_reaches_whom_and_a_retag_keeps_the_port),
	CASE(trunks_carry_their_vlans_and_no_others),
	CASE(vlan_key_says_the_same_as_tag_and_trunks),
	CASE(ids_tell_the_guest_whatever_its_name_is),
	CASE(iface_id_is_the_key_or_the_pattern_or_the_stable_identity),
	CASE(settings_of_the_network_reach_their_columns_and_go_again),
	CASE(isolated_ovs_guests_reach_the_router_and_not_each_other),
	CASE(mirror_gets_what_the_guest_sends_and_is_sent),
	CASE(network_with_create_makes_its_ovs_bridge_and_keeps_it),
	CASE(guest_moves_between_ovs_bridges_and_linux_bridges_while_it_runs),
	CASE(emulated_twin_is_a_port_too_and_has_the_iface_id_until_pv_takes_over),
	CASE(missing_ovs_bridge_is_an_error_that_heals_when_it_comes),
	CASES_END,
};
