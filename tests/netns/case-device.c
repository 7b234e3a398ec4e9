// SPDX-License-Identifier: GPL-2.0-or-later
/* The netdev itself: name, MTU, addresses, and an HVM guest's emulated twin. */
#include "case.h"

#include <linux/if_tun.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void vifname_names_the_netdev(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	a->conf.vifname = "web-lan";
	assert_attach(a);
	assert_true(net_on(&w->net, "web-lan", "xenbr0"));
	assert_false(net_has(&w->net, "vif5.0"));
	b = case_attached(w, 6, "db", NULL);
	assert_pings(a, b);
	assert_detach(a);
	assert_false(net_has(&w->net, "web-lan"));
	assert_attach(a);
	assert_true(net_on(&w->net, "web-lan", "xenbr0"));
	assert_pings(a, b);
}

/* xl and udev may run the script twice; Xen's own then fails on the name that it gave itself. */
static void vifname_survives_a_second_online(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b;

	case_host(w, NULL);
	a->conf.vifname = "web-lan";
	assert_attach(a);
	b = case_attached(w, 6, "db", NULL);
	assert_int_equal(toolstack_run_script(a, "online", "vif"), 0);
	assert_int_equal(toolstack_run_script(a, "online", "vif"), 0);
	assert_true(net_on(&w->net, "web-lan", "xenbr0"));
	assert_pings(a, b);
	daemon_kill(&w->daemon);
	daemon_start(&w->daemon);
	assert_int_equal(toolstack_run_script(a, "online", "vif"), 0);
	assert_true(net_on(&w->net, "web-lan", "xenbr0"));
	assert_pings(a, b);
}

static void vifname_that_another_device_has_is_refused_and_the_other_untouched(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b = case_guest(w, 6, "db", true), *c;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	a->conf.vifname = b->conf.vifname = "web-lan";
	a->conf.bridge = "xenbr1";
	assert_attach(a);
	assert_false(nic_attach(b));
	assert_contains(b->error, "vif6.0");
	assert_contains(b->error, "web-lan");
	assert_true(net_on(&w->net, "web-lan", "xenbr1"));
	assert_detach(b); /* must not take down the other guest's port */
	assert_true(net_on(&w->net, "web-lan", "xenbr1") && net_is_up(&w->net, "web-lan"));
	c = case_attached(w, 7, "mail", "xenbr1");
	assert_pings(a, c);
}

/* As the control protocol tells it: xnetctl's JSON leaves it out. */
static const char *twin_of(struct world *w, const char *name)
{
	json_t *answer =
		daemon_ask(&w->daemon, text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\","
					    "\"params\":{\"match\":\"%s\"}}\n",
					    name));
	json_t *vif = json_array_get(json_object_get(json_object_get(answer, "result"), "vifs"), 0);
	const char *twin;

	assert_non_null(vif);
	twin = text("%s", json_string_value(json_object_get(vif, "emulated")) ?: "none");
	json_decref(answer);
	return twin;
}

static void emulated_twin_is_on_the_same_bridge_and_gone_after(struct world *w)
{
	struct nic *a = case_guest(w, 5, "win", false), *b;

	case_host(w, NULL);
	net_add_bridge(&w->net, "xenbr1");
	a->conf.hvm = true;
	a->conf.bridge = "xenbr1";
	assert_attach(a);
	assert_true(net_on(&w->net, "vif5.0", "xenbr1") && net_is_up(&w->net, "vif5.0"));
	assert_true(net_on(&w->net, "vif5.0-emu", "xenbr1") && net_is_up(&w->net, "vif5.0-emu"));
	assert_string_equal(twin_of(w, "vif5.0"), "vif5.0-emu");
	b = case_attached(w, 6, "db", "xenbr1");
	assert_true(guest_tap_arps(a, "10.0.0.6", PING_MS)); /* the firmware's network boot */
	devmodel_stop(a);				     /* PV drivers unplug it */
	assert_soon(w, !net_has(&w->net, "vif5.0-emu"));
	guest_unpause(a->guest);
	assert_soon(w, nic_state_is(a, 4));
	assert_pings(a, b);
	assert_soon(w, !strcmp(twin_of(w, "vif5.0"), "none"));
	assert_detach(a);
}

static void emulated_twin_is_taken_off_on_remove(struct world *w)
{
	struct nic *a = case_guest(w, 5, "win", true);

	case_host(w, NULL);
	a->conf.hvm = true;
	assert_attach(a);
	assert_true(net_on(&w->net, "vif5.0-emu", "xenbr0"));
	assert_detach(a);
	assert_int_equal(a->script_no, 2);
	assert_soon(w, !net_has(&w->net, "vif5.0") && !net_has(&w->net, "vif5.0-emu"));
}

static void emulated_twin_follows_its_vif_to_another_network(struct world *w)
{
	struct nic *a = case_guest(w, 5, "win", false), *b, *c;

	case_host(w, "network one { mode = bridge bridge = xenbr1 }\n");
	net_add_bridge(&w->net, "xenbr1");
	a->conf.hvm = true;
	assert_attach(a);
	b = case_attached(w, 6, "db", "xenbr0");
	c = case_attached(w, 7, "mail", "xenbr1");
	assert_true(guest_tap_arps(a, case_addr(b), PING_MS));
	xsd_put(&w->xsd, nic_be(a, "network"), "one");
	assert_soon(w,
		    net_on(&w->net, "vif5.0-emu", "xenbr1") && net_on(&w->net, "vif5.0", "xenbr1"));
	assert_true(guest_tap_arps(a, case_addr(c), PING_MS));
	assert_false(guest_tap_arps(a, case_addr(b), NO_PING_MS));
}

static void emulated_twin_takes_vifname_with_its_suffix(struct world *w)
{
	struct nic *a = case_guest(w, 5, "win", false);

	case_host(w, NULL);
	a->conf.hvm = true;
	a->conf.vifname = "win-lan";
	assert_attach(a);
	assert_true(net_on(&w->net, "win-lan", "xenbr0"));
	assert_true(net_on(&w->net, "win-lan-emu", "xenbr0"));
	assert_int_equal(toolstack_run_script(a, "online", "vif"), 0);
	assert_int_equal(toolstack_run_script(a, "add", "tap"), 0);
	assert_true(net_on(&w->net, "win-lan-emu", "xenbr0"));
}

static unsigned mtu_of(struct world *w, const char *name)
{
	struct net_link l;

	assert_true(net_get(&w->net, name, &l));
	return l.mtu;
}

static void card_that_cannot_be_wired_keeps_no_other_guest_waiting(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", false), *b = case_guest(w, 6, "db", false);

	case_host(w, NULL);
	a->conf.hvm = true;
	a->conf.vifname = "web";
	a->tap = net_open_tun(a->emu, IFF_TUN); /* it is renamed, and refuses a MAC */
	assert_false(nic_attach(a));
	assert_contains(a->error, "MAC");
	assert_attach(b);
	assert_true(b->script_us < 5000000);
	devmodel_stop(a);
}

static void mtu_of_the_vif_is_set_and_told_to_the_frontend(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->conf.mtu = 9000;
	assert_attach(a);
	assert_int_equal(mtu_of(w, "vif5.0"), 9000);
	assert_string_equal(xsd_get(&w->xsd, nic_fe(a, "mtu")), "9000");
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "mtu", "9000"));
}

static void mtu_of_the_bridge_is_taken_and_told_to_the_frontend(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true), *b = case_guest(w, 6, "db", true);

	net_add_bridge(&w->net, "jumbo");
	net_set_mtu(&w->net, "jumbo", 4000);
	case_host(w, NULL);
	a->conf.bridge = b->conf.bridge = "jumbo";
	b->conf.vifname = "db-lan";
	assert_attach(a);
	assert_attach(b);
	assert_int_equal(mtu_of(w, "vif5.0"), 4000);
	assert_string_equal(xsd_get(&w->xsd, nic_fe(a, "mtu")), "4000");
	/* Xen's script looks for vifF.N and so misses a renamed one. */
	assert_int_equal(mtu_of(w, "db-lan"), 4000);
	assert_string_equal(xsd_get(&w->xsd, nic_fe(b, "mtu")), "4000");
	assert_int_equal(mtu_of(w, "jumbo"), 4000);
	assert_pings(a, b);
}

static void guest_keeps_its_right_to_its_frontend_and_none_to_mtu(struct world *w)
{
	struct nic *a;
	struct xs_permissions *p;
	unsigned int n;

	case_host(w, NULL);
	a = case_guest(w, 5, "web", true);
	a->conf.mtu = 2000;
	assert_attach(a);
	p = xs_get_permissions(w->xsd.xs, XBT_NULL, nic_fe(a, "mtu"), &n);
	assert_non_null(p);
	assert_int_equal(p[0].id, 0);
	assert_int_equal(n, 2);
	assert_int_equal(p[1].perms, XS_PERM_READ);
	free(p);
}

static void port_has_no_addresses_of_its_own(struct world *w)
{
	struct nic *a;

	case_host(w, NULL);
	a = case_attached(w, 5, "web", NULL);
	assert_soon(w, nic_state_is(a, 4));
	assert_stays(w, net_count_addrs(&w->net, "vif5.0") == 0);
	/* The control: the kernel does give link-local addresses to devices of this host. */
	assert_true(net_count_addrs(&w->net, "xenbr0") > 0);
}

static void addresses_put_on_the_netdev_before_are_taken_off(struct world *w)
{
	struct nic *a = case_guest(w, 5, "web", true);

	case_host(w, NULL);
	a->quirk.link_delay_ms = -1;
	toolstack_attach(a);
	assert_soon(w, a->phase == NIC_SCRIPT);
	proc_signal(&w->daemon.proc, SIGSTOP); /* another manager is faster */
	netback_add_link(a);
	net_set_up(&w->net, "vif5.0", true);
	net_add_addr(&w->net, "vif5.0", "192.0.2.1/24");
	assert_true(net_count_addrs(&w->net, "vif5.0") > 0);
	proc_signal(&w->daemon.proc, SIGCONT);
	assert_soon(w, a->phase == NIC_ATTACHED);
	assert_stays(w, net_count_addrs(&w->net, "vif5.0") == 0);
}

const struct netns_case cases_device[] = {
	CASE(vifname_names_the_netdev),
	CASE(vifname_survives_a_second_online),
	CASE(vifname_that_another_device_has_is_refused_and_the_other_untouched),
	CASE(emulated_twin_is_on_the_same_bridge_and_gone_after),
	CASE(emulated_twin_is_taken_off_on_remove),
	CASE(emulated_twin_follows_its_vif_to_another_network),
	CASE(emulated_twin_takes_vifname_with_its_suffix),
	CASE(card_that_cannot_be_wired_keeps_no_other_guest_waiting),
	CASE(mtu_of_the_vif_is_set_and_told_to_the_frontend),
	CASE(mtu_of_the_bridge_is_taken_and_told_to_the_frontend),
	CASE(guest_keeps_its_right_to_its_frontend_and_none_to_mtu),
	CASE(port_has_no_addresses_of_its_own),
	CASE(addresses_put_on_the_netdev_before_are_taken_off),
	CASES_END,
};
