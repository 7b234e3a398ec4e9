// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters: the table of nftables: other people's hands in it, restarts, what goes with a vif. */
#include "forge.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>

static bool filtered(struct wire *x)
{
	return forge_is_dropped(x, ALL OTHER "88b5", ALL OWN UDP4(OWN4, OTHER4, "00070007"));
}

static void what_somebody_does_to_the_table_is_put_right(struct world *w)
{
	static const char *const hands[] = {
		"nft flush ruleset",
		"nft delete table bridge xen-netd",
		"nft flush chain bridge xen-netd prerouting",
		"nft flush set bridge xen-netd macs",
		"nft flush set bridge xen-netd pass-v4",
		"nft flush set bridge xen-netd guests \\; flush set bridge xen-netd pass-v4",
		"nft insert rule bridge xen-netd guest accept",
		"nft 'add chain bridge xen-netd other { type filter hook prerouting priority -600; }'",
		"nft add element bridge xen-netd macs '{ vif5.0 . 00:16:3e:00:06:00 }'",
	};
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	assert_contains(RUN(w, "/usr/sbin/nft", "list", "ruleset")->out,
			"\"vif5.0\" . 00:16:3e:00:05:00");
	for (size_t i = 0; i < sizeof(hands) / sizeof(*hands); i++) {
		unsigned seen = daemon_count(&w->daemon, FORGE_SEEN);
		assert_int_equal(forge_shell(w, hands[i]), 0);
		/* Else the next hand could meet the work of this one. */
		assert_soon(w, daemon_count(&w->daemon, FORGE_SEEN) > seen);
		assert_soon(w, filtered(&x));
		assert_pings(x.to, x.from);
	}
	assert_int_equal(forge_shell(w, "nft list ruleset | grep -q 'chain other'"), 1);
}

static void the_sites_own_chain_is_called_and_never_touched(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	assert_int_equal(forge_shell(w, "nft add rule bridge xen-netd user-forward ether type ip "
				"ip daddr 10.0.0.99 counter drop"),
			 0);
	uint32_t bad = forge_send(&x, ALL OWN UDP4(OWN4, "0a000063", "00070007"));
	uint32_t good = forge_send(&x, ALL OWN UDP4(OWN4, OTHER4, "00070007"));
	assert_int_equal(forge_next(&x), good);
	assert_int_not_equal(bad, good);
	assert_int_equal(forge_shell(w, "nft flush chain bridge xen-netd guest"), 0);
	assert_soon(w, forge_shell(w, "nft list chain bridge xen-netd guest | grep -q goto") == 0);
	daemon_kill(&w->daemon);
	daemon_start(&w->daemon);
	assert_int_equal(forge_shell(w, "nft list chain bridge xen-netd user-forward | grep -q 10.0.0.99"),
			 0);
}

static void elements_go_with_the_vif_and_with_devices_that_went_meanwhile(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	filtered(&x); /* makes a counter */
	struct nic *third = forge_attached(w, 7, "10.0.0.7");
	daemon_kill(&w->daemon);
	netback_del_link(third);
	daemon_start(&w->daemon);
	assert_soon(w, forge_shell(w, "nft list ruleset | grep -q 10.0.0.7") == 1);
	assert_detach(x.from);
	assert_detach(x.to);
	assert_soon(w, forge_shell(w, "nft list ruleset | grep -q elements") == 1);
}

static void a_restarted_daemon_leaves_a_right_table_alone(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	filtered(&x);
	/* With the rules' handles: a rewritten table has others. */
	char *before = strdup(RUN(w, "/usr/sbin/nft", "-a", "list", "ruleset")->out);
	assert_int_equal(daemon_stop(&w->daemon), 0);
	assert_true(filtered(&x));
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, x.from->vif, "state", "connected"));
	/* All but the counter that filtered() has raised. */
	const char *after = RUN(w, "/usr/sbin/nft", "-a", "list", "ruleset")->out;
	assert_string_equal(strstr(before, "chain prerouting"), strstr(after, "chain prerouting"));
	free(before);
}

static void a_changed_domain_block_changes_the_filter_of_a_running_guest(struct world *w)
{
	static const struct forgery open[] = {
		{"another's address", NULL, ALL OWN UDP4(OTHER4, OWN4, "00090009")}, {NULL}};
	static const struct forgery closed[] = {
		{"another's address", "ip", ALL OWN UDP4(OTHER4, OWN4, "00090009")}, {NULL}};
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	forge_try(&x, closed);
	daemon_config("domain \"guest5\" { antispoof = false }\n");
	daemon_reload(&w->daemon);
	assert_soon(w, forge_shell(w, "nft list set bridge xen-netd anyaddr | grep -q vif5.0") == 0);
	forge_try(&x, open);
	daemon_config(NULL);
	daemon_reload(&w->daemon);
	assert_soon(w, forge_shell(w, "nft list set bridge xen-netd anyaddr | grep -q vif5.0") == 1);
	forge_try(&x, closed);
}

static void a_wrong_word_in_ip_is_told_and_nothing_is_half_done(struct world *w)
{
	case_host(w, NULL);
	struct nic *nic = forge_guest(w, 5, "10.0.0.5 10.0.0.500");

	assert_false(nic_attach(nic));
	assert_contains(nic->error, "ip=: \"10.0.0.500\" is not an IPv4 or IPv6 address");
	assert_false(net_on(&w->net, nic->vif, "xenbr0"));
	assert_int_equal(forge_shell(w, "nft list ruleset | grep -q elements"), 1);
}

/* A table that another process owns is refused to us: as a kernel that does not want it. */
static void what_nf_tables_refuses_leaves_a_vif_unconnected_and_says_what_to_do(struct world *w)
{
	net_add_bridge(&w->net, "xenbr0");
	FILE *owner = popen("exec /usr/sbin/nft -i >/dev/null 2>&1", "we");
	fprintf(owner, "add table bridge xen-netd { flags owner; }\n");
	fflush(owner);
	for (int64_t until = now_us() + SOON_MS * 1000;
	     forge_shell(w, "nft list tables | grep -q xen-netd");
	     loop_step(w->loop, now_us() + 10000)) /* nobody tells of it */
		assert_true(now_us() < until);
	daemon_config("network free { mode = bridge bridge = xenbr0\n antispoof = false }\n"
		      "domain \"free\" { network = free }\n");
	daemon_start(&w->daemon);
	struct nic *a = forge_guest(w, 5, "10.0.0.5"), *b = case_guest(w, 6, "free", true);
	assert_false(nic_attach(a));
	assert_contains(a->error, "set the filter of vif5.0: nftables:");
	assert_contains(a->error, "antispoof = false");
	assert_false(net_on(&w->net, "vif5.0", "xenbr0"));
	assert_false(net_is_up(&w->net, "vif5.0"));
	assert_attach(b);
	assert_true(net_on(&w->net, "vif6.0", "xenbr0"));
	pclose(owner); /* and the table goes with its owner */
	struct nic *c = forge_guest(w, 7, "10.0.0.7");
	assert_attach(c);
	assert_int_equal(forge_shell(w, "nft list set bridge xen-netd guests | grep -q vif7.0"), 0);
}

static void a_guest_whose_filter_cannot_be_put_back_is_down_until_it_can(struct world *w)
{
	struct wire x;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	FILE *owner = popen("exec /usr/sbin/nft -i >/dev/null 2>&1", "we");
	fprintf(owner, "flush ruleset; add table bridge xen-netd { flags owner; }\n");
	fflush(owner);
	assert_soon(w, !net_is_up(&w->net, "vif5.0"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
	assert_true(nic_state_is(x.from, 4));
	pclose(owner); /* and the table goes with its owner */
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
	assert_true(net_is_up(&w->net, "vif5.0"));
	assert_pings(x.to, x.from);
	assert_true(filtered(&x));
}

enum { LOAD_FRAMES = 6000 };

/* In a process of its own: an honest frame, a forged one, and so on. */
static pid_t start_load(struct wire *x)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	for (int i = 0; i < LOAD_FRAMES; i++) {
		forge_send(x, ALL OWN UDP4(OWN4, OTHER4, "00070007"));
		forge_send(x, ALL OWN UDP4(OTHER4, OWN4, "00070007"));
		usleep(100);
	}
	_exit(0);
}

static void filters_that_are_replaced_under_load_lose_nothing_and_leak_nothing(struct world *w)
{
	static const char *const configs[] = {
		"domain \"guest5\" { network = xenbr0 }\nnetwork xenbr0 { mode = bridge\n "
		"limit-pps = 1000000 }\n",
		"domain \"guest5\" { network = xenbr0 }\nnetwork xenbr0 { mode = bridge\n guard-ra "
		"= false }\n",
		NULL,
	};
	const int room = 64 << 20;
	struct wire x;
	unsigned honest = 0, forged = 0, rounds = 0;
	int status = -1;

	case_host(w, NULL);
	forge_wire(&x, w, "10.0.0.5");
	assert_int_equal(setsockopt(x.in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), 0);
	uint32_t first = x.mark;
	pid_t load = start_load(&x);
	while (!waitpid(load, &status, WNOHANG)) {
		daemon_config(configs[rounds++ % 3]);
		daemon_reload(&w->daemon);
		assert_soon(w, daemon_vif_is(&w->daemon, x.from->vif, "state", "connected"));
	}
	assert_int_equal(status, 0);
	for (uint32_t mark; (mark = forge_receive(&x));)
		*((mark - first) % 2 ? &honest : &forged) += 1;
	assert_true(rounds > 5);
	assert_int_equal(forged, 0);
	assert_int_equal(honest, LOAD_FRAMES);
	assert_true(forge_dropped(x.from, "ip") >= LOAD_FRAMES);
}

static void status_tells_of_a_policy_of_others_that_drops(struct world *w)
{
	case_host(w, NULL);
	forge_attached(w, 5, "10.0.0.5");
	assert_lacks(RUN(w, w->paths.xnetctl, "status")->out, "drops what its rules");
	assert_int_equal(forge_shell(w, "nft add table bridge wall; nft 'add chain bridge wall strict "
				"{ type filter hook forward priority 0; policy drop; }'"),
			 0);
	const char *out = RUN(w, w->paths.xnetctl, "status")->out;
	assert_contains(out, "table bridge wall, chain strict");
	assert_int_equal(
		forge_shell(w, "nft delete table bridge wall; nft add table ip filter; nft 'add chain ip "
		       "filter FORWARD { type filter hook forward priority 0; policy drop; }'"),
		0);
	write_file("/proc/sys/net/bridge/bridge-nf-call-iptables", "0");
	assert_lacks(RUN(w, w->paths.xnetctl, "status")->out, "FORWARD");
	write_file("/proc/sys/net/bridge/bridge-nf-call-iptables", "1");
	out = RUN(w, w->paths.xnetctl, "--json", "status")->out;
	assert_contains(out, "table ip filter, chain FORWARD");
	assert_contains(out, "br_netfilter");
}

static void limits_of_packets_and_of_connections_bite(struct world *w)
{
	struct wire x;
	unsigned packets = 0, connections = 0;

	case_host(w, "network xenbr0 { mode = bridge\n limit-pps = 50\n limit-connections = 10 }\n"
		     "domain \"guest5\" { network = xenbr0 }\n");
	forge_wire(&x, w, "10.0.0.5");
	for (int i = 0; i < 30; i++)
		forge_send(&x, ALL OWN IP4("06", OWN4, OTHER4) "00500050 00000001 00000000 5002");
	for (int i = 0; i < 300; i++)
		forge_send(&x, ALL OWN UDP4(OWN4, OTHER4, "00070007"));
	loop_step(w->loop, now_us() + 100000);
	for (uint32_t mark; (mark = forge_receive(&x));)
		*(mark - 0x4d000000 <= 30 ? &connections : &packets) += 1;
	assert_in_range(connections, 5, 20);
	assert_in_range(packets, 10, 80);
	assert_true(forge_dropped(x.from, "connections") >= 10);
	assert_true(forge_dropped(x.from, "packets") >= 200);
	assert_contains(RUN(w, w->paths.xnetctl, "status", x.from->vif)->out,
			"dropped by the filter:");
}

static bool limits_are(struct world *w, const char *packets, const char *connections)
{
	const char *out = RUN(w, "/usr/sbin/nft", "list", "table", "bridge", "xen-netd")->out;

	return strstr(out, text("limit rate over %s/second", packets)) &&
	       strstr(out, text("limit rate over %s/second", connections));
}

static void limits_outlast_a_restart_and_are_changed_by_one(struct world *w)
{
	struct wire x;

	case_host(w, "network xenbr0 { mode = bridge\n limit-pps = 5003\n limit-connections = 1013 }\n"
		     "domain \"guest5\" { network = xenbr0 }\n");
	forge_wire(&x, w, "10.0.0.5");
	assert_true(limits_are(w, "5003", "1013"));
	assert_int_equal(daemon_stop(&w->daemon), 0);
	daemon_start(&w->daemon);
	assert_soon(w, daemon_vif_is(&w->daemon, x.from->vif, "state", "connected"));
	assert_true(limits_are(w, "5003", "1013"));
	assert_false(daemon_logged(&w->daemon, "plan: filter;")); /* nothing to set right */
	assert_int_equal(daemon_stop(&w->daemon), 0);
	daemon_config("network xenbr0 { mode = bridge\n limit-pps = 7001\n limit-connections = 1013 }\n"
		      "domain \"guest5\" { network = xenbr0 }\n");
	daemon_start(&w->daemon);
	assert_soon(w, limits_are(w, "7001", "1013"));
	assert_lacks(RUN(w, "/usr/sbin/nft", "list", "table", "bridge", "xen-netd")->out, "5003/");
	assert_soon(w, daemon_vif_is(&w->daemon, x.from->vif, "state", "connected"));
}

const struct netns_case cases_filter_table[] = {
	CASE(what_somebody_does_to_the_table_is_put_right),
	CASE(the_sites_own_chain_is_called_and_never_touched),
	CASE(elements_go_with_the_vif_and_with_devices_that_went_meanwhile),
	CASE(a_restarted_daemon_leaves_a_right_table_alone),
	CASE(a_changed_domain_block_changes_the_filter_of_a_running_guest),
	CASE(a_wrong_word_in_ip_is_told_and_nothing_is_half_done),
	CASE(what_nf_tables_refuses_leaves_a_vif_unconnected_and_says_what_to_do),
	CASE(a_guest_whose_filter_cannot_be_put_back_is_down_until_it_can),
	CASE(filters_that_are_replaced_under_load_lose_nothing_and_leak_nothing),
	CASE(status_tells_of_a_policy_of_others_that_drops),
	CASE(limits_of_packets_and_of_connections_bite),
	CASE(limits_outlast_a_restart_and_are_changed_by_one),
	CASES_END,
};
