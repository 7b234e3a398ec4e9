// SPDX-License-Identifier: GPL-2.0-or-later
/* Route mode: guests that come and go, what they reach, what is left of them. */
#include "route.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void routed_guest_reaches_dom0_and_beyond_in_both_families(struct world *w)
{
	struct nic *a, *b;

	route_host(w, NULL, true);
	a = route_attached(w, 5, "web");
	b = route_attached(w, 6, "db");
	route_lan_config(w, 5);
	route_lan_config(w, 6);
	assert_true(route_pings(w, &a->guest->net, GW4));
	assert_true(route_pings(w, &a->guest->net, text("fe80::1%%%s", a->eth)));
	assert_true(route_pings(w, &a->guest->net, GW6));
	assert_true(route_pings(w, &a->guest->net, LAN4));
	assert_true(route_pings(w, &a->guest->net, LAN6));
	assert_true(route_pings(w, &a->guest->net, "203.0.113.1"));
	assert_true(route_pings(w, &a->guest->net, "2001:db8:ffff::1"));
	assert_true(route_pings(w, &a->guest->net, "192.168.7.6"));
	assert_true(route_pings(w, &b->guest->net, "2001:db8:7::5"));
	assert_true(route_pings(w, &route_lan, "192.168.7.5"));
	assert_true(route_pings(w, &route_lan, "2001:db8:7::5"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "mode", "route"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "via", "eth0"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "addresses", "2001:db8:7::5"));
}

static void routed_vif_has_its_sysctls_addresses_routes_and_neighbours(struct world *w)
{
	struct nic *a;
	const char *t;

	route_host(w, NULL, true);
	a = route_attached(w, 5, "web");
	t = DOM0(w, "ip", "-N", "route", "show", "dev", a->vif);
	assert_contains(t, "192.168.7.5 proto 88 scope 253 src " GW4 " metric ");
	t = DOM0(w, "ip", "-N", "-6", "route", "show", "dev", a->vif);
	assert_contains(t, "2001:db8:7::5 proto 88 src " GW6 " metric ");
	t = DOM0(w, "ip", "neigh", "show", "dev", a->vif, "nud", "permanent");
	assert_contains(t, "192.168.7.5 lladdr ");
	assert_contains(t, "2001:db8:7::5 lladdr ");
	t = DOM0(w, "ip", "addr", "show", "dev", a->vif);
	assert_contains(t, "inet " GW4 "/32");
	assert_contains(t, "inet6 " GW6 "/128");
	assert_contains(t, "inet6 fe80::1/64 scope link");
	assert_int_equal(net_count_addrs(&w->net, a->vif), 3);
	assert_string_equal(route_sysctl_get("ipv4/conf/vif5.0/proxy_arp"), "1");
	assert_string_equal(route_sysctl_get("ipv4/conf/vif5.0/rp_filter"), "1");
	assert_string_equal(route_sysctl_get("ipv4/conf/vif5.0/forwarding"), "1");
	assert_string_equal(route_sysctl_get("ipv4/conf/vif5.0/accept_redirects"), "0");
	assert_string_equal(route_sysctl_get("ipv4/conf/vif5.0/arp_announce"), "2");
	assert_string_equal(route_sysctl_get("ipv6/conf/vif5.0/accept_ra"), "0");
}

static void several_addresses_and_a_network_behind_a_guest_are_routed(struct world *w)
{
	struct nic *a = route_guest(w, 5, "web");
	const char *t;

	route_host(w, NULL, true);
	a->conf.ip = "192.168.7.5  192.168.7.55/24 10.9.0.0/24 2001:db8:7::5/64 2001:db8:9::/64";
	assert_attach(a);
	route_guest_config(a);
	IN(w, &a->guest->net, "ip", "addr", "add", "192.168.7.55/32", "dev", a->eth);
	IN(w, &a->guest->net, "ip", "addr", "add", "10.9.0.7/32", "dev", a->eth);
	IN(w, &a->guest->net, "ip", "addr", "add", "2001:db8:9::7/128", "dev", a->eth, "nodad");
	t = route_ours(w);
	assert_contains(t, "192.168.7.5 dev vif5.0");
	assert_contains(t, "192.168.7.55 dev vif5.0");
	assert_contains(t, "10.9.0.0/24 dev vif5.0");
	assert_contains(t, "2001:db8:7::5 dev vif5.0");
	assert_contains(t, "2001:db8:9::/64 dev vif5.0");
	assert_true(route_pings(w, &w->net, "192.168.7.55"));
	assert_true(route_pings(w, &w->net, "10.9.0.7"));
	assert_true(route_pings(w, &w->net, "2001:db8:9::7"));
	assert_detach(a);
	assert_soon(w, !*route_traces(w));
}

static void network_with_proxy_is_reached_from_the_lan_without_routes_there(struct world *w)
{
	struct nic *a;

	route_host(w, ROUTE_PROXIED, true);
	a = route_attached(w, 5, "web");
	assert_true(route_pings(w, &route_lan, "192.168.7.5"));
	assert_true(route_pings(w, &route_lan, "2001:db8:7::5"));
	assert_contains(DOM0(w, "ip", "neigh", "show", "proxy"), "192.168.7.5 dev eth0");
	assert_contains(DOM0(w, "ip", "-6", "neigh", "show", "proxy"), "2001:db8:7::5 dev eth0");
	assert_detach(a);
	assert_soon(w, !*route_traces(w));
}

static void removed_guest_leaves_nothing_behind_and_others_routes_alone(struct world *w)
{
	struct nic *a, *b;

	route_host(w, ROUTE_PROXIED, true);
	DOM0(w, "ip", "route", "add", "198.51.100.0/24", "dev", "eth0", "metric", "7");
	DOM0(w, "ip", "neigh", "add", "proxy", "192.168.7.99", "dev", "eth0");
	a = route_attached(w, 5, "web");
	b = route_attached(w, 6, "db");
	DOM0(w, "ip", "route", "add", "198.51.101.0/24", "dev", a->vif);
	assert_detach(a);
	assert_soon(w, !strstr(route_traces(w), "192.168.7.5") &&
			       !strstr(route_traces(w), "2001:db8:7::5"));
	assert_true(route_pings(w, &route_lan, "192.168.7.6"));
	toolstack_destroy(b);
	assert_soon(w, b->phase == NIC_DETACHED);
	assert_soon(w, !*route_traces(w));
	assert_contains(DOM0(w, "ip", "route"), "198.51.100.0/24 dev eth0");
	assert_contains(DOM0(w, "ip", "neigh", "show", "proxy"), "192.168.7.99");
}

static void guest_that_went_while_the_daemon_was_away_leaves_no_proxy_entry(struct world *w)
{
	struct nic *a, *b;

	route_host(w, ROUTE_PROXIED, true);
	a = route_attached(w, 5, "web");
	b = route_attached(w, 6, "db");
	daemon_kill(&w->daemon);
	netback_del_link(a);
	xsd_rm(&w->xsd, text("/local/domain/0/backend/vif/5"));
	assert_contains(route_traces(w), "192.168.7.5");
	daemon_start(&w->daemon);
	assert_soon(w, !strstr(route_traces(w), "192.168.7.5") &&
			       !strstr(route_traces(w), "2001:db8:7::5"));
	assert_true(route_pings(w, &route_lan, "192.168.7.6"));
	assert_true(route_pings(w, &route_lan, "2001:db8:7::6"));
	(void)b;
}

static void replayed_script_and_restarted_daemon_change_nothing(struct world *w)
{
	const char *before;
	struct nic *a;

	route_host(w, ROUTE_PROXIED, true);
	a = route_attached(w, 5, "web");
	before = strdup(route_traces(w));
	assert_contains(before, "192.168.7.5");
	assert_int_equal(toolstack_run_script(a, "online", "vif"), 0);
	assert_string_equal(route_traces(w), before);
	daemon_kill(&w->daemon);
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_string_equal(route_traces(w), before);
	assert_int_equal(daemon_count(&w->daemon, "plan:"), 0);
}

static void what_is_changed_by_hand_is_put_right(struct world *w)
{
	struct nic *a;
	const char *const del4[] = {"ip", "route", "del", "192.168.7.5", "dev", "vif5.0", NULL};
	const char *const steal[] = {"ip", "route", "flush", "proto", "88", NULL};
	int status;

	route_host(w, ROUTE_PROXIED, true);
	a = route_attached(w, 5, "web");
	route_in(w, &w->net, del4, &status);
	assert_soon(w, strstr(route_ours(w), "192.168.7.5 dev vif5.0"));
	route_in(w, &w->net, steal, &status);
	assert_soon(w, strstr(route_ours(w), "192.168.7.5 dev vif5.0"));
	DOM0(w, "ip", "-6", "route", "del", "2001:db8:7::5", "dev", "vif5.0");
	assert_soon(w, strstr(route_ours(w), "2001:db8:7::5 dev vif5.0"));
	DOM0(w, "ip", "neigh", "del", "192.168.7.5", "dev", "vif5.0");
	assert_soon(w, strstr(route_traces(w), "192.168.7.5 dev vif5.0 lladdr"));
	DOM0(w, "ip", "addr", "flush", "dev", "vif5.0");
	assert_soon(w, net_count_addrs(&w->net, "vif5.0") == 3);
	assert_soon(w, strstr(route_ours(w), "192.168.7.5 dev vif5.0 scope 253 src " GW4));
	DOM0(w, "ip", "addr", "add", "10.66.6.6/24", "dev", "vif5.0");
	assert_soon(w, net_count_addrs(&w->net, "vif5.0") == 3);
	net_set_up(&w->net, "vif5.0", false);
	assert_soon(w, strstr(route_ours(w), "192.168.7.5 dev vif5.0") &&
			       strstr(route_ours(w), "2001:db8:7::5 dev vif5.0"));
	route_sysctl_put(w, &w->net, "ipv4/conf/vif5.0/rp_filter", "0");
	assert_soon(w, !strcmp(route_sysctl_get("ipv4/conf/vif5.0/rp_filter"), "1"));
	DOM0(w, "ip", "link", "set", "eth0", "down"); /* takes its proxy entries along */
	DOM0(w, "ip", "link", "set", "eth0", "up");
	assert_soon(w, strstr(route_traces(w), "192.168.7.5 dev eth0"));
	assert_true(route_pings(w, &a->guest->net, GW4));
	assert_true(route_pings(w, &route_lan, "192.168.7.5"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

/* Without the lines that differ, this is the README's example. */
static const char bird_dom0[] =
	"router id " GW4 ";\n"
	"protocol device { }\n"
	"protocol kernel guests4 { learn; ipv4 { import where krt_source = 88; export none; }; }\n"
	"protocol kernel guests6 { learn; ipv6 { import where krt_source = 88; export none; }; }\n"
	"template bgp upstream { local as 65001; connect delay time 1; connect retry time 1; }\n"
	"protocol bgp up4 from upstream { neighbor " LAN4 " as 65002; "
	"  ipv4 { import none; export where source = RTS_INHERIT; }; }\n"
	"protocol bgp up6 from upstream { neighbor " LAN6 " as 65002; "
	"  ipv6 { import none; export where source = RTS_INHERIT; }; }\n";
static const char bird_lan[] =
	"router id " LAN4 ";\n"
	"protocol device { }\n"
	"protocol kernel { ipv4 { export all; }; }\n"
	"protocol kernel { ipv6 { export all; }; }\n"
	"template bgp below { local as 65002; connect delay time 1; connect retry time 1; }\n"
	"protocol bgp b4 from below { neighbor " GW4 " as 65001;"
	"  ipv4 { import all; export none; }; }\n"
	"protocol bgp b6 from below { neighbor " GW6 " as 65001;"
	"  ipv6 { import all; export none; }; }\n";

static void start_bird(struct world *w, const struct net *n, struct proc *p, const char *name,
		       const char *config)
{
	char conf[64], sock[64], pid[64];
	int fd;

	snprintf(conf, sizeof(conf), "/run/%s.conf", name);
	snprintf(sock, sizeof(sock), "/run/%s.ctl", name);
	snprintf(pid, sizeof(pid), "/run/%s.pid", name);
	fd = open(conf, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, config, strlen(config)) < 0)
		fail_msg("write %s", conf);
	close(fd);
	net_enter(n);
	const char *const argv[] = {"bird", "-f", "-c", conf, "-s", sock, "-P", pid, NULL};
	int r = proc_start(p, w->loop, &(struct proc_cmd) {.argv = argv}, NULL, NULL);
	net_leave(&w->net);
	if (r)
		fail_msg("start bird: %s", strerror(-r));
}

static bool lan_has(struct world *w, const char *family, const char *dst)
{
	return strstr(IN(w, &route_lan, "ip", family, "route", "show", dst), "proto bird") != NULL;
}

/* BGP sessions take a second or two to come up. */
#define assert_learns(w, cond) assert_true(LOOP_WAIT((w)->loop, 2 * SOON_MS, cond))

static void routing_daemon_tells_others_of_guests_that_come_and_go(struct world *w)
{
	static struct proc dom0, other;
	struct nic *a, *b;

	route_host(w, NULL, true);
	DOM0(w, "ip", "route", "add", "198.51.100.0/24", "dev", "eth0", "proto", "static");
	start_bird(w, &route_lan, &other, "lan", bird_lan);
	start_bird(w, &w->net, &dom0, "dom0", bird_dom0);
	a = route_attached(w, 5, "web");
	assert_learns(w, lan_has(w, "-4", "192.168.7.5") && lan_has(w, "-6", "2001:db8:7::5"));
	assert_true(route_pings(w, &route_lan, "192.168.7.5"));
	assert_true(route_pings(w, &route_lan, "2001:db8:7::5"));
	b = route_attached(w, 6, "db");
	assert_learns(w, lan_has(w, "-4", "192.168.7.6") && lan_has(w, "-6", "2001:db8:7::6"));
	assert_false(lan_has(w, "-4", "198.51.100.0/24"));
	assert_detach(a);
	assert_learns(w, !lan_has(w, "-4", "192.168.7.5") && !lan_has(w, "-6", "2001:db8:7::5"));
	assert_true(lan_has(w, "-4", "192.168.7.6"));
	toolstack_destroy(b);
	assert_learns(w, !lan_has(w, "-4", "192.168.7.6") && !lan_has(w, "-6", "2001:db8:7::6"));
	proc_kill(&dom0);
	proc_kill(&other);
}

const struct netns_case cases_route[] = {
	CASE(routed_guest_reaches_dom0_and_beyond_in_both_families),
	CASE(routed_vif_has_its_sysctls_addresses_routes_and_neighbours),
	CASE(several_addresses_and_a_network_behind_a_guest_are_routed),
	CASE(network_with_proxy_is_reached_from_the_lan_without_routes_there),
	CASE(removed_guest_leaves_nothing_behind_and_others_routes_alone),
	CASE(guest_that_went_while_the_daemon_was_away_leaves_no_proxy_entry),
	CASE(replayed_script_and_restarted_daemon_change_nothing),
	CASE(what_is_changed_by_hand_is_put_right),
	CASE(routing_daemon_tells_others_of_guests_that_come_and_go),
	CASES_END,
};
