// SPDX-License-Identifier: GPL-2.0-or-later
/* Bridges: missing, coming and going; what a port allows and what it does not. */
#include "case.h"

#include <string.h>

static void missing_bridge_is_an_error_that_names_the_bridges_there_are(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	net_add_bridge(&w->net, "brother");
	a->conf.bridge = "xenbr7";
	assert_false(nic_attach(a));
	assert_int_equal(a->exit_status, 1);
	assert_true(a->script_us < 1000000);
	assert_contains(a->error, "vif5.0");
	assert_contains(a->error, "xenbr7");
	assert_contains(a->error, "brother");
	assert_contains(a->error, "xenbr0");
	assert_true(nic_status_is(a, "error"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "reason", "xenbr7"));
	b = case_attached(w, 6, "db", NULL); /* the others are well */
	assert_true(net_on(&w->net, b->vif, "xenbr0"));
}

static void guest_is_wired_by_itself_when_its_bridge_appears(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	a->conf.bridge = "xenbr7";
	assert_false(nic_attach(a));
	net_add_bridge(&w->net, "xenbr7");
	assert_soon(w, nic_status_is(a, "connected") && nic_state_is(a, 4));
	assert_soon(w, !xsd_has(&w->xsd, nic_be(a, "hotplug-error")));
	b = case_attached(w, 6, "db", "xenbr7");
	assert_pings(b, a);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

static void name_of_a_device_that_is_no_bridge_is_a_clear_error(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->conf.bridge = "lo";
	assert_false(nic_attach(a));
	assert_contains(a->error, "lo");
	assert_contains(a->error, "not a Linux bridge");
	assert_contains(a->error, "xenbr0");
}

static void old_name_xenbr_n_finds_the_bridge_eth_n(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	net_add_bridge(&w->net, "eth3");
	a = case_attached(w, 5, "web", "xenbr3");
	b = case_attached(w, 6, "db", "eth3");
	assert_true(net_on(&w->net, "vif5.0", "eth3"));
	assert_pings(a, b);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "bridge", "eth3"));
}

static void guests_return_to_a_bridge_that_was_deleted_and_made_again(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", "xenbr0");
	b = case_attached(w, 6, "db", "xenbr0");
	for (int i = 0; i < 3; i++) {
		assert_pings(a, b);
		net_del(&w->net, "xenbr0");
		assert_false(case_pings(a, b, NO_PING_MS));
		assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
		/* A connected guest's key stays: the kernel would not let it reconnect otherwise.
		 */
		assert_true(nic_status_is(a, "connected"));
		net_add_bridge(&w->net, "xenbr0");
		assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
		assert_pings(a, b);
		assert_pings(b, a);
	}
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

static void port_taken_off_its_bridge_is_put_back(struct world *w)
{
	struct nic *a, *b;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	b = case_attached(w, 6, "db", NULL);
	net_set_master(&w->net, "vif5.0", NULL);
	assert_soon(w, net_on(&w->net, "vif5.0", "xenbr0"));
	assert_pings(a, b);
	net_set_up(&w->net, "vif5.0", false);
	assert_soon(w, net_is_up(&w->net, "vif5.0"));
	assert_pings(a, b);
}

static void network_with_create_makes_its_bridge_and_keeps_it(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b = case_guest(w, 6, "db", true);
	struct net_link br;
	uint8_t mac[NET_ALEN];

	case_host(w, "network lan { mode = bridge bridge = brlan create = true }\n"
		     "default-network = lan\n");
	a->conf.script = b->conf.script = case_script(w, "vif-netd");
	a->conf.bridge = b->conf.bridge = "lan";
	assert_attach(a);
	assert_true(net_get(&w->net, "brlan", &br));
	memcpy(mac, br.mac, sizeof(mac));
	assert_true(br.up);
	assert_string_equal(net_sysfs("brlan", "bridge/stp_state"), "0");
	assert_string_equal(net_sysfs("brlan", "bridge/forward_delay"), "0");
	assert_attach(b);
	assert_pings(a, b);
	assert_true(net_get(&w->net, "brlan", &br));
	assert_memory_equal(br.mac, mac, NET_ALEN); /* pinned: a port does not change it */
	assert_int_not_equal(br.mac[0], 0xfe);
	net_del(&w->net, "brlan");
	assert_soon(w, net_on(&w->net, "vif5.0", "brlan") && net_on(&w->net, "vif6.0", "brlan"));
	assert_pings(a, b);
}

static void isolated_guests_reach_the_uplink_and_not_each_other(struct world *w)
{
	struct nic *a, *b, *router;

	case_host(w, "network dmz { mode = bridge bridge = xenbr0 isolated = true }\n"
		     "domain \"web*\" { network = dmz }\n");
	a = case_attached(w, 5, "web1", NULL);
	b = case_attached(w, 6, "web2", NULL);
	router = case_attached(w, 7, "router", NULL);
	assert_string_equal(net_sysfs("vif5.0", "brport/isolated"), "1");
	assert_string_equal(net_sysfs("vif7.0", "brport/isolated"), "0");
	assert_no_ping(a, b, router);
	assert_no_ping(b, a, router);
	xsd_put(&w->xsd, "/local/domain/5/name", "mail"); /* out of the rule: open again */
	assert_soon(w, !strcmp(net_sysfs("vif5.0", "brport/isolated"), "0"));
	assert_pings(a, b);
}

static void port_flags_are_set_and_taken_back_as_the_network_says(struct world *w)
{
	static const char *const files[] = {"brport/isolated", "brport/hairpin_mode",
					    "brport/learning", "brport/bpdu_guard"};
	static const char *const odd[] = {"1", "1", "0", "1"}, *const usual[] = {"0", "0", "1",
										 "0"};
	struct nic *a;

	case_host(w, "network odd { mode = bridge bridge = xenbr0 isolated = true hairpin = true\n"
		     "\tlearning = false guard = true }\n"
		     "network usual { mode = bridge bridge = xenbr0 }\n");
	a = case_attached(w, 5, "web", NULL);
	for (int i = 0; i < 4; i++)
		assert_string_equal(net_sysfs("vif5.0", files[i]), usual[i]);
	xsd_put(&w->xsd, nic_be(a, "network"), "odd");
	for (int i = 0; i < 4; i++)
		assert_soon(w, !strcmp(net_sysfs("vif5.0", files[i]), odd[i]));
	xsd_put(&w->xsd, nic_be(a, "network"), "usual");
	for (int i = 0; i < 4; i++)
		assert_soon(w, !strcmp(net_sysfs("vif5.0", files[i]), usual[i]));
	assert_true(nic_status_is(a, "connected"));
}

static void each_port_flag_sets_its_own_alone(struct world *w)
{
	static const char *const files[] = {"brport/isolated", "brport/hairpin_mode",
					    "brport/learning", "brport/bpdu_guard"};
	static const char *const networks[] = {"isolated", "hairpin", "unlearned", "guarded"};
	struct nic *a;

	case_host(w, "network usual { mode = bridge bridge = xenbr0 }\n"
		     "network isolated { mode = bridge bridge = xenbr0 isolated = true }\n"
		     "network hairpin { mode = bridge bridge = xenbr0 hairpin = true }\n"
		     "network unlearned { mode = bridge bridge = xenbr0 learning = false }\n"
		     "network guarded { mode = bridge bridge = xenbr0 guard = true }\n");
	a = case_attached(w, 5, "web", NULL);
	for (int n = 0; n < 4; n++) {
		xsd_put(&w->xsd, nic_be(a, "network"), networks[n]);
		for (int i = 0; i < 4; i++) {
			const char *value = (i == n) != (i == 2) ? "1" : "0"; /* learning is usual */
			assert_soon(w, !strcmp(net_sysfs("vif5.0", files[i]), value));
		}
	}
}

static void vlan_on_a_bridge_that_filters_none_is_refused(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->conf.vlan = "10p/20-29";
	assert_false(nic_attach(a));
	assert_contains(a->error, "vlan");
	assert_contains(a->error, "xenbr0");
	assert_contains(a->error, "vlan_filtering");
	/* Refused, and not silently without its VLAN on the bridge, nor the bridge changed. */
	assert_true(net_on(&w->net, "vif5.0", "") && !net_is_up(&w->net, "vif5.0"));
	if (net_sysfs("xenbr0", "bridge/vlan_filtering"))
		assert_string_equal(net_sysfs("xenbr0", "bridge/vlan_filtering"), "0");
	xsd_rm(&w->xsd, nic_be(a, "vlan"));
	assert_soon(w, nic_status_is(a, "connected"));
}

static void vlan_that_cannot_be_read_is_refused(struct world *w)
{
	static const char *const bad[] = {"4095", "0", "10-", "x", "10/10p/20p", "10+0x5", "-1"};

	case_host(w, NULL);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nic *a = case_guest(w, 5 + i, "web", true);

		a->conf.vlan = bad[i];
		assert_false(nic_attach(a));
		assert_contains(a->error, "vlan");
		assert_true(net_on(&w->net, a->vif, ""));
	}
}

const struct netns_case cases_bridge[] = {
	CASE(missing_bridge_is_an_error_that_names_the_bridges_there_are),
	CASE(guest_is_wired_by_itself_when_its_bridge_appears),
	CASE(name_of_a_device_that_is_no_bridge_is_a_clear_error),
	CASE(old_name_xenbr_n_finds_the_bridge_eth_n),
	CASE(guests_return_to_a_bridge_that_was_deleted_and_made_again),
	CASE(port_taken_off_its_bridge_is_put_back),
	CASE(network_with_create_makes_its_bridge_and_keeps_it),
	CASE(isolated_guests_reach_the_uplink_and_not_each_other),
	CASE(port_flags_are_set_and_taken_back_as_the_network_says),
	CASE(each_port_flag_sets_its_own_alone),
	CASE(vlan_on_a_bridge_that_filters_none_is_refused),
	CASE(vlan_that_cannot_be_read_is_refused),
	CASES_END,
};
