// SPDX-License-Identifier: GPL-2.0-or-later
/* Which network a vif gets, what is said about why, and which rule of netd.conf matches. */
#include "cases.h"
#include "choose.h"
#include "fake-plugins.h"

#define UUID "4dce2cd1-8d1d-4b4e-8a3e-11d59a1d2d0c"

/* netd.conf as it would have been read; the tests of reading it are in test-config. */
static struct network networks[] = {
	{.name = "lan", .plugin = &fake_bridge},
	{.name = "dmz", .plugin = &fake_bridge},
	{.name = "inside", .plugin = &fake_nat},
};

static struct rule rules[] = {
	{RULE_NAME, "silent*", NULL, "netd.conf:1"},
	{RULE_NAME, "web*", "dmz", "netd.conf:12"},
	{RULE_UUID, "4DCE2CD1-8d1d-4b4e-8a3e-11d59a1d2d0c", "inside", "netd.conf:15"},
	{RULE_MAC, "00:16:3E:00:00:0a", "inside", "netd.conf.d/x.conf:3"},
	{RULE_NAME, "*[0-9]", "lan", "netd.conf:20"},
	{RULE_NAME, "webmail", "inside", "netd.conf:21"},
	{RULE_NAME, "silent-two", "inside", "netd.conf:22"},
	{RULE_NAME, "a\\*b", "lan", "netd.conf:23"},
};

static const struct config with_default = {
	.networks = networks,
	.n_networks = COUNT(networks),
	.rules = rules,
	.n_rules = COUNT(rules),
	.default_network = "inside",
};
static const struct config without_default = {
	.networks = networks,
	.n_networks = COUNT(networks),
	.rules = rules,
	.n_rules = COUNT(rules),
};
static const struct config empty;

static struct links *host_links(void)
{
	static const struct link host[] = {
		{.ifindex = 1, .name = "eth0"},
		{.ifindex = 2, .name = "xenbr0", .kind = "bridge"},
		{.ifindex = 3, .name = "ovsbr0", .kind = "openvswitch"},
		{.ifindex = 4, .name = "veth0", .kind = "veth"},
		{.ifindex = 5, .name = "dmz", .kind = "bridge"},
	};
	struct links *ls = links_new();

	assert_non_null(ls);
	for (size_t i = 0; i < COUNT(host); i++)
		assert_int_equal(links_put(ls, &host[i]), 0);
	return ls;
}

/* clang-format off: it would write one word a line. */
static const struct chosen {
	const char *name;
	const struct config *config;
	struct vif_req req;
	const char *script;
	const char *want; /* as told() writes it */
} chosen[] = {
	/* 1. the key */
	{"the key network wins over everything", &with_default,
	 {.network = "lan", .domain = "web1", .bridge = "inside"}, "vif-bridge",
	 "lan, mode bridge: xenstore key network"},

	/* 2. domain blocks */
	{"a rule wins over the script", &with_default,
	 {.domain = "web1", .bridge = "xenbr0"}, "vif-bridge",
	 "dmz, mode bridge: netd.conf:12 domain \"web*\""},
	{"a rule wins over bridge=", &with_default,
	 {.domain = "web1", .bridge = "inside"}, "vif-netd",
	 "dmz, mode bridge: netd.conf:12 domain \"web*\""},
	{"of two rules the first wins", &with_default,
	 {.domain = "webmail"}, "vif-netd",
	 "dmz, mode bridge: netd.conf:12 domain \"web*\""},
	{"a rule without a network is passed over", &with_default,
	 {.domain = "silent-two"}, "vif-netd",
	 "inside, mode nat: netd.conf:22 domain \"silent-two\""},
	{"a UUID matches in any case", &with_default,
	 {.domain = "x", .uuid = UUID}, "vif-netd",
	 "inside, mode nat: netd.conf:15 domain \"4DCE2CD1-8d1d-4b4e-8a3e-11d59a1d2d0c\""},
	{"a MAC matches in any case", &with_default,
	 {.domain = "x", .mac = {0, 0x16, 0x3e, 0, 0, 0x0a}}, "vif-netd",
	 "inside, mode nat: netd.conf.d/x.conf:3 domain \"00:16:3E:00:00:0a\""},
	{"a glob's set matches", &with_default,
	 {.domain = "db7"}, "vif-netd",
	 "lan, mode bridge: netd.conf:20 domain \"*[0-9]\""},
	{"a glob's backslash escapes", &with_default,
	 {.domain = "a*b"}, "vif-netd",
	 "lan, mode bridge: netd.conf:23 domain \"a\\*b\""},
	{"a name is matched whole", &with_default,
	 {.domain = "myweb", .bridge = "lan"}, "vif-netd",
	 "lan, mode bridge: script vif-netd, bridge lan"},
	{"a name is matched in its case", &with_default,
	 {.domain = "Web", .bridge = "lan"}, "vif-netd",
	 "lan, mode bridge: script vif-netd, bridge lan"},
	{"a slash in a name is any byte", &with_default,
	 {.domain = "web/1/x"}, "vif-netd",
	 "dmz, mode bridge: netd.conf:12 domain \"web*\""},
	{"another MAC does not match", &with_default,
	 {.domain = "x", .mac = {0, 0x16, 0x3e, 0, 0, 0x0b}, .bridge = "lan"}, "vif-netd",
	 "lan, mode bridge: script vif-netd, bridge lan"},
	{"a name like the UUID of a rule is no UUID", &with_default,
	 {.domain = "4DCE2CD1-8d1d-4b4e-8a3e-11d59a1d2d0c", .bridge = "lan"}, "vif-netd",
	 "lan, mode bridge: script vif-netd, bridge lan"},

	/* 3. the old scripts */
	{"vif-bridge implies its bridge", &empty,
	 {.bridge = "xenbr0"}, "vif-bridge",
	 "xenbr0, mode bridge, implied: script vif-bridge"},
	{"vif-bridge does not ask whether the bridge exists", &empty,
	 {.bridge = "br9"}, "vif-bridge",
	 "br9, mode bridge, implied: script vif-bridge"},
	{"vif-bridge takes no network of netd.conf", &with_default,
	 {.bridge = "inside"}, "vif-bridge",
	 "inside, mode bridge, implied: script vif-bridge"},
	{"vif-route is named like its gatewaydev", &empty,
	 {.bridge = "xenbr0", .gatewaydev = "eth0"}, "vif-route",
	 "eth0, mode route, implied: script vif-route"},
	{"vif-route without a gatewaydev is route", &empty,
	 {.bridge = "xenbr0"}, "vif-route",
	 "route, mode route, implied: script vif-route"},
	{"vif-nat is the built-in private network", &empty,
	 {.bridge = "xenbr0"}, "vif-nat",
	 "virbr0, mode nat, implied: script vif-nat"},
	{"bridge=virbr0 is the built-in private network", &empty,
	 {.bridge = "virbr0"}, "vif-netd",
	 "virbr0, mode nat, implied: script vif-netd, bridge virbr0"},
	{"a missing bridge virbr0 of vif-bridge is the built-in private network", &empty,
	 {.bridge = "virbr0"}, "vif-bridge",
	 "virbr0, mode nat, implied: script vif-bridge"},
	{"vif-openvswitch takes tag and trunks off the name", &empty,
	 {.bridge = "ovsbr0.5:6:7"}, "vif-openvswitch",
	 "ovsbr0, mode ovs, implied: script vif-openvswitch"},

	/* 4. our own */
	{"bridge= names a network, also when there is a bridge so called", &with_default,
	 {.bridge = "dmz"}, "vif-netd",
	 "dmz, mode bridge: script vif-netd, bridge dmz"},
	{"bridge= names an existing Linux bridge", &with_default,
	 {.bridge = "xenbr0"}, "vif-netd",
	 "xenbr0, mode bridge, implied: script vif-netd, bridge xenbr0"},
	{"bridge= names an existing OVS bridge, and a tag and trunks", &with_default,
	 {.bridge = "ovsbr0.5:6"}, "vif-netd",
	 "ovsbr0, mode ovs, implied: script vif-netd, bridge ovsbr0.5:6"},
	{"a tag behind a Linux bridge's name is part of the name", &with_default,
	 {.bridge = "xenbr0.5"}, "vif-netd",
	 "inside, mode nat: script vif-netd, default-network"},
	{"bridge= names an existing OVS bridge", &with_default,
	 {.bridge = "ovsbr0"}, "vif-netd",
	 "ovsbr0, mode ovs, implied: script vif-netd, bridge ovsbr0"},
	{"a device that is no bridge leaves the default", &with_default,
	 {.bridge = "veth0"}, "vif-netd",
	 "inside, mode nat: script vif-netd, default-network"},
	{"a plain device leaves the default", &with_default,
	 {.bridge = "eth0"}, "vif-netd",
	 "inside, mode nat: script vif-netd, default-network"},
	{"an unknown name leaves the default", &with_default,
	 {.bridge = "br9"}, "vif-netd",
	 "inside, mode nat: script vif-netd, default-network"},
	{"no bridge= leaves the default", &with_default,
	 {.bridge = ""}, "vif-netd",
	 "inside, mode nat: script vif-netd, default-network"},
};

static const struct refused {
	const char *name;
	const struct config *config;
	struct vif_req req;
	const char *script;
	const char *says[5];
} refused[] = {
	{"the key network must name a network", &with_default,
	 {.network = "dmy", .domain = "web1"}, "vif-bridge",
	 {"xenstore key network: network \"dmy\" is not defined", "networks: lan, dmz, inside",
	  "did you mean \"dmz\"?"}},
	{"the key network may not name a bridge", &with_default,
	 {.network = "xenbr0"}, "vif-bridge",
	 {"xenstore key network: network \"xenbr0\" is not defined"}},
	{"the key network with no netd.conf", &empty,
	 {.network = "lan"}, "vif-bridge",
	 {"network \"lan\" is not defined; networks: none"}},
	{"vif-bridge needs a bridge", &with_default,
	 {.bridge = ""}, "vif-bridge",
	 {"script vif-bridge: the xenstore key bridge is missing", "bridge=NAME"}},
	{"vif-openvswitch needs a bridge", &with_default,
	 {.bridge = ""}, "vif-openvswitch",
	 {"script vif-openvswitch: the xenstore key bridge is missing"}},
	{"no network, no bridge, no default", &without_default,
	 {.bridge = "br9"}, "vif-netd",
	 {"bridge \"br9\" does not exist; bridges here: ", "xenbr0", "default-network in netd.conf",
	  "networks: lan, dmz, inside"}},
	{"an empty name, no default", &empty,
	 {.bridge = ""}, "vif-netd",
	 {"default-network in netd.conf", "networks: none"}},
	{"a script that is not ours", &with_default,
	 {.bridge = "xenbr0"}, "block-iscsi",
	 {"script block-iscsi implies no network"}},
};
/* clang-format on */

static const char *told(const struct choice *choice, char *buf, size_t size)
{
	const struct network *n = choice->net;

	snprintf(buf, size, "%s, mode %s%s: %s", n->name, n->plugin->mode,
		 n->implied ? ", implied" : "", choice->by);
	return buf;
}

static void chooses(void **state)
{
	const struct chosen *c = *state;
	char text[256];
	struct plugins *plugins = plugins_from(fake_plugins);
	struct links *links = host_links();
	struct choice choice;
	struct err e = ERR_INIT;

	memset(&choice, 0xff, sizeof(choice));
	if (choose_network(c->config, plugins, links, &c->req, c->script, &choice, &e))
		fail_msg("%s", e.text);
	assert_string_equal(told(&choice, text, sizeof(text)), c->want);
	if (choice.net->implied)
		assert_ptr_equal(choice.net, &choice.implied);
	else
		assert_ptr_equal(choice.net, config_network(c->config, choice.net->name));
	assert_null(choice.net->values);
	links_free(links);
	plugins_free(plugins);
}

static void refuses(void **state)
{
	const struct refused *c = *state;
	struct plugins *plugins = plugins_from(fake_plugins);
	struct links *links = host_links();
	struct choice choice;
	struct err e = ERR_INIT;

	assert_int_equal(choose_network(c->config, plugins, links, &c->req, c->script, &choice, &e),
			 -2);
	assert_int_equal(e.code, -2);
	assert_says(&e, c->says);
	assert_int_equal(
		choose_network(c->config, plugins, links, &c->req, c->script, &choice, NULL), -2);
	links_free(links);
	plugins_free(plugins);
}

static const struct modeless {
	const char *name, *bridge, *script;
} modeless[] = {
	{"a script whose mode is not there is an error that names both", "xenbr0", "vif-nat"},
	{"a bridge whose mode is not there is an error that names both", "ovsbr0", "vif-netd"},
};

static void refuses_without_mode(void **state)
{
	const struct modeless *c = *state;
	struct plugins *plugins = plugins_from((const struct plugin *const[]){&fake_bridge, NULL});
	struct links *links = host_links();
	struct vif_req req = {.bridge = ""};
	struct choice choice;
	struct err e = ERR_INIT;

	strcpy(req.bridge, c->bridge);
	assert_true(choose_network(&empty, plugins, links, &req, c->script, &choice, &e) < 0);
	assert_says(&e, (const char *const[]){c->script, "mode", NULL});
	links_free(links);
	plugins_free(plugins);
}

static void a_long_place_and_pattern_are_cut(void **state)
{
	static char pattern[200], where[100];
	struct rule rule = {RULE_NAME, pattern, "lan", where};
	struct config config = {networks, COUNT(networks), &rule, 1, NULL};
	struct vif_req req = {.domain = "x"};
	struct choice choice;
	struct err e = ERR_INIT;

	(void)state;
	memset(pattern, '*', sizeof(pattern) - 1);
	memset(where, 'w', sizeof(where) - 1);
	assert_int_equal(choose_network(&config, NULL, NULL, &req, "vif-netd", &choice, &e), 0);
	assert_int_equal(strlen(choice.by), sizeof(choice.by) - 1);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(a_long_place_and_pattern_are_cut),
	};
	struct CMUnitTest tests[COUNT(chosen) + COUNT(refused) + COUNT(modeless) + COUNT(others)];
	size_t n = 0;

	CASES_ADD(tests, n, chosen, chooses);
	CASES_ADD(tests, n, refused, refuses);
	CASES_ADD(tests, n, modeless, refuses_without_mode);
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
