// SPDX-License-Identifier: GPL-2.0-or-later
/* Nat mode: what goes wrong, and who means harm. */
#include "forge.h"
#include "nat.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define LAB "network lab { mode = nat subnet = 10.66.0.0/24 }\n"

static unsigned dnsmasq_pid(struct world *w)
{
	return strtoul(DOM0(w, "sh", "-c", "pgrep -r RSD -x dnsmasq || true"), NULL, 10);
}

/* What libxl does for a reboot: another domid, the same MAC. */
static struct nic *reboot(struct nic *old, unsigned domid)
{
	struct world *w = old->w;
	struct nic *nic = nat_guest(w, domid, old->guest->name, old->conf.bridge);
	struct dhcp_lease l;

	nic->conf.mac = strdup(text("00:16:3e:%02x:%02x:00", old->mac[3], old->mac[4]));
	nic = nic_new(nic->guest, &nic->conf);
	toolstack_destroy(old);
	assert_soon(w, old->phase == NIC_DETACHED);
	assert_attach(nic);
	nat_configure(nic, &l);
	return nic;
}

static void rebooted_guest_keeps_its_address(struct world *w)
{
	struct nic *a, *b, *c;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "lab");
	const char *addr = strdup(case_addr(a));
	unsigned pid = dnsmasq_pid(w);
	c = reboot(a, 7);
	assert_string_equal(case_addr(c), addr);
	assert_int_equal(dnsmasq_pid(w), pid);
	assert_echo(w, &c->guest->net, SERVER4, ECHO, OUT4);
	assert_string_equal(nat_resolve(w, &b->guest->net, "10.66.0.1", "web1", false), addr);
}

/* Neighbour discovery is not tracked: it would leave from its own address. */
static void what_is_not_tracked_does_not_leave_a_private_network(struct world *w)
{
	struct wire x;
	struct nic *a;
	char mac[13];
	unsigned m[6];

	nat_host(w, "network lab { mode = nat subnet = 10.66.0.0/24 subnet6 = fd66::/64\n"
		    " host web1 { address = 10.66.0.5 address6 = fd66::5 } }\n");
	a = nat_attached(w, 5, "web1", "lab");
	assert_true(route_pings(w, &w->net, NEXT4));
	assert_true(route_pings(w, &w->net, NEXT6));
	/* Frames that are made by hand have no checksum. */
	write_file("/proc/sys/net/netfilter/nf_conntrack_checksum", "0");
	const char *link = DOM0(w, "cat", "/sys/class/net/lab/address");
	assert_int_equal(sscanf(link, "%x:%x:%x:%x:%x:%x", m, m + 1, m + 2, m + 3, m + 4, m + 5), 6);
	snprintf(mac, sizeof(mac), "%02x%02x%02x%02x%02x%02x", m[0] & 255, m[1] & 255, m[2] & 255,
		 m[3] & 255, m[4] & 255, m[5] & 255);
	const char *honest = strdup(text("%s" OWN UDP4("0a420005", "c6336402", "00090009"), mac));
	const char *solicit = strdup(text("%s" OWN "86dd 60000000 0018 3aff"
					  "fd660000000000000000000000000005"
					  "20010db8000700000000000000000002 87000000 00000000",
					  mac));
	forge_wire_routed(&x, a, &nat_internet, "inet0", honest);
	assert_true(forge_is_dropped(&x, solicit, honest));
	assert_int_equal(forge_dropped(a, NULL), 0); /* by its filter: it may ask its neighbours */
}

static void connections_that_began_while_the_rules_were_open_are_forgotten(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, "network lab { mode = nat subnet = 10.66.0.0/24 }\n"
		    "network office { mode = nat subnet = 10.77.0.0/24 reach = \"lab\" }\n");
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "office");
	nat_echo(w, &a->guest->net, ECHO);
	nat_echo(w, &b->guest->net, ECHO);
	IN(w, &nat_internet, "ip", "route", "add", "10.66.0.0/24", "via", OUT4);
	assert_echo(w, &b->guest->net, case_addr(a), ECHO, case_addr(b));
	assert_no_echo(w, &a->guest->net, case_addr(b), ECHO);
	/* Another program opens the rules, and the daemon is late. */
	proc_signal(&w->daemon.proc, SIGSTOP);
	assert_int_equal(forge_shell(w, "nft insert rule inet xen-netd forward accept"), 0);
	assert_echo(w, &a->guest->net, case_addr(b), ECHO, case_addr(a));
	assert_echo(w, &nat_internet, case_addr(a), ECHO, NEXT4);
	proc_signal(&w->daemon.proc, SIGCONT);
	/* Not the one that has a way. */
	assert_soon(w, daemon_count(&w->daemon, "2 connections that began without the rules") == 1);
	assert_no_echo(w, &a->guest->net, case_addr(b), ECHO);
	assert_echo(w, &b->guest->net, case_addr(a), ECHO, case_addr(b));
}

static void restarted_daemon_finds_all_in_order_and_the_servers_running(struct world *w)
{
	struct nic *a;

	nat_host(w, LAB " network six { mode = nat subnet = 10.67.0.0/24 subnet6 = fd67::/64 }\n");
	a = nat_attached(w, 5, "web1", "lab");
	nat_attached(w, 6, "db", "six");
	const char *rules = strdup(DOM0(w, "nft", "list", "table", "inet", "xen-netd"));
	const char *pids = strdup(DOM0(w, "pgrep", "-r", "RSD", "-x", "dnsmasq"));
	daemon_kill(&w->daemon);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected") &&
			       daemon_vif_is(&w->daemon, "vif6.0", "state", "connected"));
	assert_int_equal(daemon_count(&w->daemon, "plan:"), 0);
	assert_string_equal(DOM0(w, "pgrep", "-r", "RSD", "-x", "dnsmasq"), pids);
	assert_string_equal(DOM0(w, "nft", "list", "table", "inet", "xen-netd"), rules);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_detach(a);
	assert_soon(w, !net_has(&w->net, "lab"));
}

static void network_that_lost_its_guests_while_the_daemon_was_away_goes(struct world *w)
{
	struct nic *a;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	daemon_kill(&w->daemon);
	netback_del_link(a);
	xsd_rm(&w->xsd, "/local/domain/0/backend/vif/5");
	daemon_start(&w->daemon);
	assert_soon(w, !net_has(&w->net, "lab") && !dnsmasq_pid(w));
	assert_lacks(DOM0(w, "nft", "list", "tables"), "inet xen-netd\n");
	assert_soon(w, !strcmp(route_sysctl_get("ipv4/ip_forward"), "0"));
}

/* The host is booted again: but for the leases everything is gone. */
static void addresses_outlive_the_hosts_boot_and_a_collision_is_remembered(struct world *w)
{
	enum { N = 12 }; /* of a /28 with 13 addresses: some first choices must meet */
	struct nic *nic[N];
	const char *addr[N];

	nat_host(w, "network lab { mode = nat subnet = 10.66.0.0/28 }\n");
	for (unsigned i = 0; i < N; i++) {
		nic[i] = nat_guest(w, 5 + i, text("g%u", i), "lab");
		assert_attach(nic[i]);
		addr[i] = strdup(xsd_get(&w->xsd, nic_be(nic[i], "netd-address")));
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(addr[i], addr[k]);
	}
	for (unsigned i = 0; i < N; i++)
		assert_detach(nic[i]);
	assert_soon(w, !net_has(&w->net, "lab"));
	daemon_kill(&w->daemon);
	DOM0(w, "rm", "-r", "/run/xen-netd/networks");
	daemon_start(&w->daemon);
	for (unsigned i = N; i-- > 0;) { /* in another order */
		struct nic *again = nat_guest(w, 40 + i, text("g%u", i), "lab");
		again->conf.mac = strdup(text("00:16:3e:00:%02x:00", 5 + i));
		again = nic_new(again->guest, &again->conf);
		assert_attach(again);
		assert_string_equal(xsd_get(&w->xsd, nic_be(again, "netd-address")), addr[i]);
	}
}

static void pool_that_is_exhausted_is_an_error_that_harms_nobody_else(struct world *w)
{
	struct nic *nic[3];
	struct dhcp_lease l;

	nat_host(w, "network lab { mode = nat subnet = 10.66.0.0/24 range = 10.66.0.20-10.66.0.21 }\n");
	nic[0] = nat_attached(w, 5, "a", "lab");
	nic[1] = nat_attached(w, 6, "b", "lab");
	nic[2] = nat_guest(w, 7, "c", "lab");
	assert_false(nic_attach(nic[2]));
	assert_contains(nic[2]->error, "vif7.0 (c): network lab has no free address");
	assert_contains(nic[2]->error, "10.66.0.20");
	assert_contains(nic[2]->error, "larger subnet or range");
	assert_echo(w, &nic[0]->guest->net, SERVER4, ECHO, OUT4);
	assert_pings(nic[0], nic[1]);
	toolstack_destroy(nic[2]);
	assert_soon(w, nic[2]->phase == NIC_DETACHED);
	/* a guest that is not here gives its address up */
	assert_detach(nic[0]);
	nic[2] = nat_guest(w, 8, "c", "lab");
	assert_attach(nic[2]);
	nat_configure(nic[2], &l);
	assert_echo(w, &nic[2]->guest->net, SERVER4, ECHO, OUT4);
}

static void address_of_ip_is_given_or_an_error_names_its_holder(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, LAB);
	a = nat_guest(w, 5, "web1", "lab");
	a->conf.ip = "10.66.0.50";
	assert_attach(a);
	struct dhcp_lease l;
	nat_configure(a, &l);
	assert_string_equal(l.addr, "10.66.0.50");
	b = nat_guest(w, 6, "thief", "lab");
	b->conf.ip = "10.66.0.50";
	assert_false(nic_attach(b));
	assert_contains(b->error, "10.66.0.50/32 of network lab belongs to web1");
	b = nat_guest(w, 7, "lost", "lab");
	b->conf.ip = "10.67.0.50";
	assert_false(nic_attach(b));
	assert_contains(b->error, "10.67.0.50/32 is not in network lab");
	b = nat_guest(w, 8, "dom0", "lab");
	b->conf.ip = "10.66.0.1";
	assert_false(nic_attach(b));
	assert_contains(b->error, "dom0's own address");
}

static void guest_cannot_use_another_address_than_its_own(struct world *w)
{
	struct nic *a;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	IN(w, &a->guest->net, "ip", "addr", "add", "10.66.0.99/24", "dev", a->eth);
	IN(w, &a->guest->net, "ip", "route", "replace", "203.0.113.1", "via", "10.66.0.1", "src",
	   "10.66.0.99");
	assert_no_echo(w, &a->guest->net, SERVER4, ECHO);
	IN(w, &a->guest->net, "ip", "route", "del", "203.0.113.1");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
}

/* Echo by echo, so that one that is lost is noticed. */
static bool answers_on(struct nic *nic, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		if (!guest_pings(nic->guest, SERVER4, 1000))
			return false;
	return true;
}

static void flushed_ruleset_heals_while_pings_run(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	b = nat_attached(w, 6, "db", "lab");
	for (int i = 0; i < 5; i++) {
		DOM0(w, "nft", "flush", "ruleset");
		assert_true(answers_on(a, 3));
	}
	assert_soon(w, strstr(DOM0(w, "nft", "list", "tables"), "inet xen-netd"));
	DOM0(w, "nft", "delete", "element", "inet", "xen-netd", "networks", "{", "lab", "}");
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_soon(w, strstr(DOM0(w, "nft", "list", "set", "inet", "xen-netd", "networks"), "lab"));
	assert_echo(w, &b->guest->net, SERVER4, ECHO, OUT4);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

/* What the answer of @nic's ping without NAT would be: of a connection with it, it goes to OUT4. */
static bool has_stray(struct world *w, const struct nic *nic)
{
	const char *answer = text("src=" SERVER4 " dst=%s ", case_addr(nic));

	return strstr(DOM0(w, "cat", "/proc/net/nf_conntrack"), answer);
}

/* A connection of @nic's that begins while the rules are gone. */
static void begin_without_nat(struct world *w, const struct nic *nic)
{
	DOM0(w, "nft", "flush", "ruleset");
	DOM0(w, "nft", "add table ip site; add chain ip site f { type filter hook forward priority 0; }; "
		       "add rule ip site f ct state new counter");
	assert_false(guest_pings(nic->guest, SERVER4, NO_PING_MS));
	assert_true(has_stray(w, nic));
}

static void connections_that_began_without_nat_begin_again(struct world *w)
{
	struct nic *a;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	proc_signal(&w->daemon.proc, SIGSTOP); /* busy, as it were */
	begin_without_nat(w, a);
	proc_signal(&w->daemon.proc, SIGCONT);
	assert_soon(w, !has_stray(w, a));
	assert_soon(w, guest_pings(a->guest, SERVER4, PING_MS));
}

static void connections_that_began_while_no_daemon_was_there_begin_again(struct world *w)
{
	struct nic *a;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	daemon_kill(&w->daemon);
	begin_without_nat(w, a);
	daemon_start(&w->daemon);
	assert_soon(w, !has_stray(w, a));
	assert_soon(w, guest_pings(a->guest, SERVER4, PING_MS));
}

static void killed_dnsmasq_comes_again_while_pings_run(struct world *w)
{
	struct nic *a;
	struct dhcp_lease l;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	for (int i = 0; i < 2; i++) {
		unsigned pid = dnsmasq_pid(w);
		assert_int_not_equal(pid, 0);
		DOM0(w, "kill", "-9", text("%u", pid));
		assert_true(answers_on(a, 3));
		assert_soon(w, dnsmasq_pid(w) && dnsmasq_pid(w) != pid);
		assert_true(dhcp_get(a, NULL, &l, DHCP_MS));
		assert_string_equal(l.addr, case_addr(a));
	}
	assert_true(daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_true(daemon_logged(&w->daemon, "was ended by signal 9"));
}

static void lost_bridge_and_gateway_are_made_again(struct world *w)
{
	struct nic *a;
	struct dhcp_lease l;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	RUN(w, "ip", "addr", "flush", "dev", "lab"); /* fails where the daemon is faster than it */
	assert_soon(w, net_count_addrs(&w->net, "lab") > 0);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	net_del(&w->net, "lab");
	assert_soon(w, net_on(&w->net, "vif5.0", "lab"));
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
	assert_true(dhcp_get(a, NULL, &l, DHCP_MS));
	assert_string_equal(l.addr, case_addr(a));
	assert_int_equal(l.bad_checksums, 0);
}

static void without_dnsmasq_networks_without_dhcp_work_and_others_say_why(struct world *w)
{
	struct nic *a, *b;

	if (mount("/dev/null", "/usr/sbin/dnsmasq", NULL, MS_BIND, NULL))
		die_errno("hide dnsmasq");
	nat_host(w, LAB " network plain { mode = nat subnet = 10.67.0.0/24 dhcp = false }\n");
	a = nat_guest(w, 5, "web1", "lab");
	assert_false(nic_attach(a));
	assert_contains(a->error, "network lab has no DHCP and DNS: start /usr/sbin/dnsmasq");
	assert_contains(a->error, "dnsmasq-base");
	b = nat_guest(w, 6, "db", "plain");
	assert_attach(b);
	IN(w, &b->guest->net, "ip", "addr", "add",
	   text("%s/24", xsd_get(&w->xsd, nic_be(b, "netd-address"))), "dev", b->eth);
	IN(w, &b->guest->net, "ip", "route", "add", "default", "via", "10.67.0.1");
	assert_echo(w, &b->guest->net, SERVER4, ECHO, OUT4);
}

static void hostile_guest_that_asks_for_10000_leases_is_given_its_own(struct world *w)
{
	struct nic *a, *b;
	struct dhcp_lease l;

	nat_host(w, LAB);
	b = nat_attached(w, 6, "db", "lab");
	a = nat_attached(w, 5, "evil", "lab");
	assert_int_equal(dhcp_flood(a, 10000, 2000), 1);
	assert_true(dhcp_get(b, NULL, &l, DHCP_MS));
	assert_string_equal(l.addr, case_addr(b));
	b = nat_attached(w, 7, "new", "lab");
	assert_echo(w, &b->guest->net, SERVER4, ECHO, OUT4);
}

static void hostile_guest_cannot_speak_for_another_to_the_dhcp_server(struct world *w)
{
	const struct dhcp_as *as;
	struct nic *a, *b;
	struct dhcp_lease l;

	nat_host(w, LAB);
	b = nat_attached(w, 6, "db", "lab");
	a = nat_attached(w, 5, "evil", "lab");
	as = &(struct dhcp_as) {.mac = b->mac};
	assert_false(dhcp_get(a, as, &l, 1500));
	dhcp_send(a, as, 4, case_addr(b), "10.66.0.1");
	dhcp_send(a, as, 7, case_addr(b), "10.66.0.1");
	assert_true(dhcp_get(b, NULL, &l, DHCP_MS));
	assert_string_equal(l.addr, case_addr(b));
}

static void two_hundred_guests_that_boot_at_once_all_have_a_lease(struct world *w)
{
	enum { N = 200 };
	static struct nic *nic[N];
	struct guest *home;

	nat_host(w, "network big { mode = nat subnet = 10.64.0.0/16 }\n");
	home = guest_new(w, 1000, "home");
	for (unsigned i = 0; i < N; i++) {
		struct nic_conf conf = {.script = case_script(w, "vif-netd"), .bridge = "big"};
		struct guest *g = guest_new_in(w, 1001 + i, text("g%u", i), home);
		g->running = true;
		nic[i] = nic_new(g, &conf);
		toolstack_attach(nic[i]);
	}
	for (unsigned i = 0; i < N; i++)
		assert_true(LOOP_WAIT(w->loop, 60000, nic[i]->phase == NIC_ATTACHED));
	assert_int_equal(dhcp_all(nic, N, 60000), N);
	assert_int_equal(strtoul(DOM0(w, "sh", "-c", "grep -c ^lease " DAEMON_STATE "/leases"), NULL, 10),
			 N);
	assert_int_equal(daemon_count(&w->daemon, "dnsmasq is running") +
				 daemon_count(&w->daemon, "started, version"), 1);
}

static void damaged_lease_file_costs_only_what_is_damaged(struct world *w)
{
	struct nic *a, *b;

	nat_host(w, LAB);
	daemon_kill(&w->daemon);
	DOM0(w, "mkdir", "-p", DAEMON_STATE);
	write_file(DAEMON_STATE "/leases", "version 1\nlease lab 00:16:3e:00:05:00 10.66.0.77 - 20000 web1\n"
					   "lease lab 00:16:3e:00:06:00 10.66.0.7");
	daemon_start(&w->daemon);
	a = nat_attached(w, 5, "web1", "lab");
	assert_string_equal(case_addr(a), "10.66.0.77");
	b = nat_attached(w, 6, "db", "lab");
	assert_pings(a, b);
	assert_true(daemon_logged(&w->daemon, "1 leases were read"));
	assert_int_equal(access(DAEMON_STATE "/leases.damaged", F_OK), 0);
}

static void reloaded_configuration_adds_forwards_and_moves_subnets(struct world *w)
{
	struct nic *a;
	struct dhcp_lease l;

	nat_host(w, LAB);
	a = nat_attached(w, 5, "web1", "lab");
	nat_echo(w, &a->guest->net, ECHO);
	daemon_config("network lab { mode = nat subnet = 10.66.0.0/24\n"
		      " forward web1 { proto = udp port = 8080 to-port = 7007 }\n}\n");
	daemon_reload(&w->daemon);
	assert_echo(w, &nat_internet, OUT4, 8080, NEXT4);
	daemon_config("network lab { mode = nat subnet = 10.99.0.0/24 }\n");
	daemon_reload(&w->daemon);
	assert_soon(w, strstr(DOM0(w, "ip", "addr", "show", "dev", "lab"), "10.99.0.1/24") &&
			       !strstr(DOM0(w, "ip", "addr", "show", "dev", "lab"), "10.66.0.1"));
	assert_no_echo(w, &nat_internet, OUT4, 8080);
	nat_configure(a, &l);
	assert_string_equal(l.router, "10.99.0.1");
	IN(w, &a->guest->net, "ip", "route", "replace", "default", "via", "10.99.0.1", "src", l.addr);
	assert_echo(w, &a->guest->net, SERVER4, ECHO, OUT4);
}

const struct netns_case cases_nat_odds[] = {
	CASE(rebooted_guest_keeps_its_address),
	CASE(what_is_not_tracked_does_not_leave_a_private_network),
	CASE(connections_that_began_while_the_rules_were_open_are_forgotten),
	CASE(restarted_daemon_finds_all_in_order_and_the_servers_running),
	CASE(network_that_lost_its_guests_while_the_daemon_was_away_goes),
	CASE(addresses_outlive_the_hosts_boot_and_a_collision_is_remembered),
	CASE(pool_that_is_exhausted_is_an_error_that_harms_nobody_else),
	CASE(address_of_ip_is_given_or_an_error_names_its_holder),
	CASE(guest_cannot_use_another_address_than_its_own),
	CASE(flushed_ruleset_heals_while_pings_run),
	CASE(connections_that_began_without_nat_begin_again),
	CASE(connections_that_began_while_no_daemon_was_there_begin_again),
	CASE(killed_dnsmasq_comes_again_while_pings_run),
	CASE(lost_bridge_and_gateway_are_made_again),
	CASE(without_dnsmasq_networks_without_dhcp_work_and_others_say_why),
	CASE(hostile_guest_that_asks_for_10000_leases_is_given_its_own),
	CASE(hostile_guest_cannot_speak_for_another_to_the_dhcp_server),
	{.name = "two_hundred_guests_that_boot_at_once_all_have_a_lease",
	 .fn = two_hundred_guests_that_boot_at_once_all_have_a_lease,
	 .limit_s = 180},
	CASE(damaged_lease_file_costs_only_what_is_damaged),
	CASE(reloaded_configuration_adds_forwards_and_moves_subnets),
	CASES_END,
};
