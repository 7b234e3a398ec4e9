// SPDX-License-Identifier: GPL-2.0-or-later
/* The five ways to choose a network, and moving a running guest. */
#include "case.h"

#include <string.h>

#define NETWORKS                                         \
	"network red { mode = bridge bridge = brred }\n" \
	"network blue { mode = bridge bridge = brblue }\n"

/* brred and brblue beside xenbr0, and one guest on each to ping. */
struct two {
	struct nic *red, *blue;
};

static struct two two_networks(struct world *w, const char *config)
{
	struct two t;

	net_add_bridge(&w->net, "brred");
	net_add_bridge(&w->net, "brblue");
	case_host(w, config);
	t.red = case_attached(w, 101, "on-red", "brred");
	t.blue = case_attached(w, 102, "on-blue", "brblue");
	return t;
}

static void assert_only_red(struct nic *nic, const struct two *t)
{
	struct world *w = nic->w;

	assert_soon(w, net_on(&w->net, nic->vif, "brred"));
	assert_no_ping(nic, t->blue, t->red);
}

static void assert_only_blue(struct nic *nic, const struct two *t)
{
	struct world *w = nic->w;

	assert_soon(w, net_on(&w->net, nic->vif, "brblue"));
	assert_no_ping(nic, t->red, t->blue);
}

static void put_network_blue(struct nic *nic, xs_transaction_t t)
{
	xsd_put_in(&nic->w->xsd, t, nic_be(nic, "network"), "blue");
}

static void network_is_chosen_first_by_the_xenstore_key(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "domain \"web*\" { network = red }\n");
	struct nic *a = case_guest(w, 5, "web1", true);

	a->quirk.edit = put_network_blue;
	assert_attach(a);
	assert_only_blue(a, &t);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "network", "blue"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "chosen-by", "xenstore"));
}

static void network_is_chosen_by_a_rule_on_the_domains_name(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "domain \"web*\" { network = red }\n"
						"domain \"w*\" { network = blue }\n");
	struct nic *a = case_attached(w, 5, "web1", "xenbr0");
	struct nic *b = case_attached(w, 6, "work", "xenbr0");
	struct nic *c = case_attached(w, 7, "mail", "xenbr0");

	assert_only_red(a, &t);
	assert_only_blue(b, &t);
	assert_true(net_on(&w->net, "vif7.0", "xenbr0"));
	assert_false(case_pings(c, a, NO_PING_MS));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "network", "red"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "chosen-by", "web*"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "chosen-by", "netd.conf:3"));
}

static void network_is_chosen_by_a_rule_on_the_domains_uuid(struct world *w)
{
	struct two t = two_networks(
		w, NETWORKS "domain 5F2A1C34-0000-4000-8000-000000000005 { network = blue }\n");
	struct nic *a = case_attached(w, 5, "web1", "brred");
	struct nic *b = case_attached(w, 6, "web2", "brred");

	assert_only_blue(a, &t);
	assert_only_red(b, &t);
}

static void network_is_chosen_by_a_rule_on_the_vifs_mac(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "domain 00:16:3E:AA:bb:01 { network = blue }\n");
	struct nic *a = case_guest(w, 5, "web1", true);
	struct nic *b = case_second(a, 1);

	a->conf.mac = "00:16:3e:aa:bb:01";
	memcpy(a->mac, "\x00\x16\x3e\xaa\xbb\x01", NET_ALEN);
	a->conf.bridge = b->conf.bridge = "brred";
	assert_attach(a);
	assert_attach(b);
	assert_only_blue(a, &t);
	assert_true(net_on(&w->net, "vif5.1", "brred"));
}

static void network_is_chosen_by_the_script_vif_bridge_and_its_bridge(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "default-network = blue\n");
	struct nic *a = case_attached(w, 5, "web1", "brred");

	assert_only_red(a, &t);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "mode", "bridge"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "chosen-by", "vif-bridge"));
}

static struct nic *netd_guest(struct world *w, unsigned domid, const char *bridge)
{
	struct nic *nic = case_guest(w, domid, "web", true);

	nic->conf.script = case_script(w, "vif-netd");
	nic->conf.bridge = bridge;
	return nic;
}

static void script_vif_netd_takes_bridge_as_the_name_of_a_network(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "default-network = red\n");
	struct nic *a = netd_guest(w, 5, "blue");

	assert_attach(a);
	assert_only_blue(a, &t);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "network", "blue"));
}

static void script_vif_netd_takes_bridge_as_an_existing_bridge(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "default-network = red\n");
	struct nic *a = netd_guest(w, 5, "brblue");

	assert_attach(a);
	assert_only_blue(a, &t);
}

static void script_vif_netd_falls_back_to_the_default_network(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "default-network = blue\n");
	struct nic *a = netd_guest(w, 5, "nowhere");

	assert_attach(a);
	assert_only_blue(a, &t);
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "chosen-by", "default"));
}

static void script_vif_netd_without_any_answer_says_what_there_is(struct world *w)
{
	struct nic *a;

	two_networks(w, NETWORKS);
	a = netd_guest(w, 5, "nowhere");
	assert_false(nic_attach(a));
	assert_contains(a->error, "nowhere");
	assert_contains(a->error, "brred");
	assert_contains(a->error, "blue");
	assert_contains(a->error, "default-network");
}

static void vif_netd_installed_under_its_own_name_is_ours(struct world *w)
{
	struct two t = two_networks(w, NULL);
	struct nic *a = case_guest(w, 5, "web1", true);

	a->conf.script = w->paths.helper;
	a->conf.bridge = "brred";
	assert_attach(a);
	assert_only_red(a, &t);
}

static void unknown_network_is_an_error_that_names_the_known(struct world *w)
{
	struct two t = two_networks(w, NETWORKS);
	struct nic *a = case_attached(w, 5, "web1", "brred");

	assert_only_red(a, &t);
	xsd_put(&w->xsd, nic_be(a, "network"), "blux");
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "error"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "reason", "blux"));
	assert_soon(w, daemon_vif_tells(&w->daemon, "vif5.0", "reason", "blue"));
	assert_pings(a, t.red); /* a connected guest keeps what works */
	xsd_put(&w->xsd, nic_be(a, "network"), "blue");
	assert_only_blue(a, &t);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif5.0", "state", "connected"));
}

static void running_guest_moves_at_once_when_its_network_key_is_written(struct world *w)
{
	struct two t = two_networks(w, NETWORKS);
	struct nic *a = case_attached(w, 5, "web1", "brred");

	for (int i = 0; i < 3; i++) {
		assert_only_red(a, &t);
		xsd_put(&w->xsd, nic_be(a, "network"), "blue");
		assert_only_blue(a, &t);
		assert_pings(t.blue, a);
		xsd_put(&w->xsd, nic_be(a, "network"), "red");
		assert_only_red(a, &t);
		assert_pings(t.red, a);
		xsd_rm(&w->xsd, nic_be(a, "network"));
	}
	assert_true(nic_status_is(a, "connected"));
	assert_true(nic_state_is(a, 4));
}

static void running_guest_moves_when_a_reload_changes_its_rule(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "domain web1 { network = red }\n");
	struct nic *a = case_attached(w, 5, "web1", "xenbr0");
	struct nic *b = case_attached(w, 6, "web2", "xenbr0");
	const char *since;

	assert_only_red(a, &t);
	since = daemon_vif(&w->daemon, "vif6.0", "since");
	daemon_config(NETWORKS "domain web1 { network = blue }\n");
	daemon_reload(&w->daemon);
	assert_only_blue(a, &t);
	assert_true(net_on(&w->net, "vif6.0", "xenbr0"));
	assert_soon(w, daemon_vif_is(&w->daemon, "vif6.0", "since", since));
	assert_true(nic_status_is(b, "connected"));
}

static void running_guest_moves_when_its_domain_is_renamed_into_a_rule(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "domain \"web*\" { network = blue }\n");
	struct nic *a = case_attached(w, 5, "web1--incoming", "brred");
	struct nic *b = case_attached(w, 6, "mail", "brred");

	assert_only_blue(a, &t);
	assert_only_red(b, &t);
	xsd_put(&w->xsd, "/local/domain/6/name", "web2");
	assert_only_blue(b, &t);
	assert_soon(w, daemon_vif_is(&w->daemon, "vif6.0", "domain", "web2"));
}

static void rule_on_a_name_holds_while_the_guest_migrates(struct world *w)
{
	struct two t = two_networks(w, NETWORKS "domain \"web1\" { network = blue }\n");
	struct nic *a = case_attached(w, 5, "web1--incoming", "brred");

	assert_only_blue(a, &t);
	xsd_put(&w->xsd, "/local/domain/5/name", "web1");
	assert_only_blue(a, &t);
	xsd_put(&w->xsd, "/local/domain/5/name", "web1--migratedaway");
	assert_only_blue(a, &t);
	/* All three were read: what is no such name is another guest, and moves. */
	xsd_put(&w->xsd, "/local/domain/5/name", "web1--gone");
	assert_only_red(a, &t);
}

static void guest_that_arrives_is_found_by_its_own_name(struct world *w)
{
	static const char *const commands[] = {"status", "drops"}, *const names[] = {"web1", "web1--incoming"};

	two_networks(w, NETWORKS);
	case_attached(w, 5, "web1--incoming", "brred");
	for (size_t c = 0; c < 2; c++)
		for (size_t n = 0; n < 2; n++) {
			struct run *r = RUN(w, w->paths.xnetctl, commands[c], "--json", names[n]);

			assert_int_equal(r->status, 0);
			assert_contains(r->out, "vif5.0");
			assert_contains(r->out, "\"web1\"");
		}
}

const struct netns_case cases_choose[] = {
	CASE(network_is_chosen_first_by_the_xenstore_key),
	CASE(network_is_chosen_by_a_rule_on_the_domains_name),
	CASE(network_is_chosen_by_a_rule_on_the_domains_uuid),
	CASE(network_is_chosen_by_a_rule_on_the_vifs_mac),
	CASE(network_is_chosen_by_the_script_vif_bridge_and_its_bridge),
	CASE(script_vif_netd_takes_bridge_as_the_name_of_a_network),
	CASE(script_vif_netd_takes_bridge_as_an_existing_bridge),
	CASE(script_vif_netd_falls_back_to_the_default_network),
	CASE(script_vif_netd_without_any_answer_says_what_there_is),
	CASE(vif_netd_installed_under_its_own_name_is_ours),
	CASE(unknown_network_is_an_error_that_names_the_known),
	CASE(running_guest_moves_at_once_when_its_network_key_is_written),
	CASE(running_guest_moves_when_a_reload_changes_its_rule),
	CASE(running_guest_moves_when_its_domain_is_renamed_into_a_rule),
	CASE(rule_on_a_name_holds_while_the_guest_migrates),
	CASE(guest_that_arrives_is_found_by_its_own_name),
	CASES_END,
};
