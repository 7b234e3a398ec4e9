// SPDX-License-Identifier: GPL-2.0-or-later
/* Mode bridge: what a vif shall be, given its keys, its network and the bridges of the host. */
#include <errno.h>
#include <stdlib.h>

#include "cases.h"
#include "plugin.h"

extern const struct plugin xen_netd_plugin;

enum { OPTIONS_MAX = 16 };

/* One vif and its network; what is not said is what a plain xl configuration has. */
struct want_case {
	const char *name;
	const char *network;		/* its name */
	const char *opts[OPTIONS_MAX]; /* "option", "value", …; none: implied by the script */
	const char *vlan;		/* of the vif */
	uint32_t mtu;			/* of the vif */
	const char *want;		/* print_want(), or a part of the error */
};

static struct link device(int ifindex, const char *name, const char *kind, int master, uint32_t mtu)
{
	struct link l;
	memset(&l, 0, sizeof(l));
	l.ifindex = ifindex;
	snprintf(l.name, sizeof(l.name), "%s", name);
	snprintf(l.kind, sizeof(l.kind), "%s", kind);
	l.master = master;
	l.mtu = mtu;
	return l;
}

/*
 * br0: no uplink, mtu 1400. big: uplinks of 9000, 8000 and 8500, and guests' ports of less. vlan0:
 * filters, default VLAN 7. strict: filters, no default. eth5: a bridge of the old days. Not
 * bridges: eth0, ovs.
 */
static struct links *make_host(void)
{
	struct links *ls = links_new();
	struct link l[] = {
		device(1, "br0", "bridge", 0, 1400),	 device(2, "big", "bridge", 0, 600),
		device(3, "vlan0", "bridge", 0, 1500),	 device(4, "strict", "bridge", 0, 1500),
		device(5, "eth5", "bridge", 0, 1500),	 device(6, "ovs", "openvswitch", 0, 1500),
		device(7, "eth0", "", 0, 1500),		 device(10, "vif9.0", "", 1, 1280),
		device(11, "eth1", "", 2, 9000),	 device(12, "eth2", "bond", 2, 8000),
		device(13, "vif9.1", "", 2, 1280),	 device(14, "web0", "tun", 2, 700),
		device(15, "mail0", "", 2, 600),	 device(16, "eth7", "", 0, 1500),
		device(17, "eth3", "", 2, 8500),
	};
	l[2].br_vlan_filtering = l[3].br_vlan_filtering = true;
	l[2].br_default_pvid = 7;
	strcpy(l[11].alias, "xen-netd vif9.2-emu");
	strcpy(l[12].parent, "vif-9-3");
	for (size_t i = 0; i < COUNT(l); i++)
		assert_int_equal(links_put(ls, &l[i]), 0);
	return ls;
}

static size_t option_index(const char *name)
{
	for (size_t i = 0; i < xen_netd_plugin.n_options; i++)
		if (!strcmp(xen_netd_plugin.options[i].name, name))
			return i;
	fail_msg("mode bridge has no option %s", name);
	return 0;
}

static void network_make(const struct want_case *c, struct network *net)
{
	struct err e = ERR_INIT;
	*net = (struct network){.plugin = &xen_netd_plugin, .implied = !c->opts[0]};
	snprintf(net->name, sizeof(net->name), "%s", c->network);
	if (net->implied)
		return;
	net->values = calloc(xen_netd_plugin.n_options, sizeof(*net->values));
	for (size_t i = 0; i < OPTIONS_MAX && c->opts[i]; i += 2) {
		size_t o = option_index(c->opts[i]);
		if (option_parse(&xen_netd_plugin.options[o], c->opts[i + 1], &net->values[o],
				 &e) < 0)
			fail_msg("%s", e.text);
	}
}

static void network_free(struct network *net)
{
	for (size_t i = 0; net->values && i < xen_netd_plugin.n_options; i++)
		option_clear(&net->values[i]);
	free(net->values);
}

static const char *print_want(const struct hostif *w, char *buf, size_t size)
{
	char vlans[64];
	assert_string_equal(w->master, w->bridge.name);
	snprintf(buf, size, "%s%s%s%s%s mtu=%u/%u flags=%s%s%s%s vlans=%s", w->bridge.name,
		 w->bridge.create ? " create" : "", w->bridge.vlan_filtering ? " filtering" : "",
		 w->bridge.uplink[0] ? " uplink=" : "", w->bridge.uplink, w->mtu, w->bridge.mtu,
		 w->port_flags & HOSTIF_PORT_ISOLATED ? "i" : "",
		 w->port_flags & HOSTIF_PORT_HAIRPIN ? "h" : "",
		 w->port_flags & HOSTIF_PORT_LEARNING ? "l" : "",
		 w->port_flags & HOSTIF_PORT_GUARD ? "g" : "",
		 vlan_print(&w->vlans, vlans, sizeof(vlans)));
	return buf;
}

/* What the core fills before it asks a mode. */
static struct hostif base_want(void)
{
	struct hostif w = {.v6_quiet = true, .no_addrs = true, .up = true};
	strcpy(w.name, "vif5.0");
	strcpy(w.alias, "xen-netd vif5.0");
	return w;
}

static int ask(const struct want_case *c, struct links *ls, enum vif_dev dev, struct hostif *want,
	       struct err *e)
{
	struct vif_req req = {.key = {5, 0}, .mtu = c->mtu};
	struct network net;
	snprintf(req.vlan, sizeof(req.vlan), "%s", c->vlan ?: "");
	network_make(c, &net);
	*want = base_want();
	int r = xen_netd_plugin.want(&(struct want_in){&req, &net, dev, ls}, want, e);
	network_free(&net);
	return r;
}

static const struct want_case good[] = {
	{"an existing bridge is taken as it is", "br0", .want = "br0 mtu=1400/0 flags=l vlans="},
	{"a network names its bridge", "lab", {"bridge", "br0"},
	 .want = "br0 mtu=1400/0 flags=l vlans="},
	{"a network without a bridge option is named like it", "br0", {"learning", "true"},
	 .want = "br0 mtu=1400/0 flags=l vlans="},
	{"xenbr5 that is missing means a bridge eth5", "xenbr5",
	 .want = "eth5 mtu=1500/0 flags=l vlans="},
	{"the uplinks' smallest mtu counts and no guest's", "big",
	 .want = "big mtu=8000/0 flags=l vlans="},
	{"the network's mtu comes before the bridge's", "n", {"bridge", "big", "mtu", "2000"},
	 .want = "big mtu=2000/2000 flags=l vlans="},
	{"the guest's mtu comes first of all", "n", {"bridge", "big", "mtu", "2000"}, .mtu = 9000,
	 .want = "big mtu=9000/2000 flags=l vlans="},
	{"the guest's mtu comes before the bridge's", "big", .mtu = 1500,
	 .want = "big mtu=1500/0 flags=l vlans="},
	{"all flags", "n",
	 {"bridge", "br0", "isolated", "true", "hairpin", "true", "learning", "true", "guard",
	  "true"},
	 .want = "br0 mtu=1400/0 flags=ihlg vlans="},
	{"learning can be switched off", "n", {"bridge", "br0", "learning", "false"},
	 .want = "br0 mtu=1400/0 flags= vlans="},
	{"a filtering bridge gives its default VLAN", "vlan0",
	 .want = "vlan0 mtu=1500/0 flags=l vlans=7p"},
	{"a filtering bridge without a default gives none", "strict",
	 .want = "strict mtu=1500/0 flags=l vlans="},
	{"the guest's VLANs replace the default", "vlan0", .vlan = "10p/20",
	 .want = "vlan0 mtu=1500/0 flags=l vlans=10p/20"},
	{"the network's VLANs replace the default", "n", {"bridge", "strict", "vlan", "42"},
	 .want = "strict mtu=1500/0 flags=l vlans=42p"},
	{"the guest's VLANs come before the network's", "n", {"bridge", "vlan0", "vlan", "42"},
	 .vlan = "43", .want = "vlan0 mtu=1500/0 flags=l vlans=43p"},
	{"a missing bridge is created on demand", "lab", {"create", "true"},
	 .want = "lab create mtu=0/0 flags=l vlans="},
	{"a created bridge gets uplink and mtu", "lab",
	 {"create", "true", "uplink", "eth0", "mtu", "9000"},
	 .want = "lab create uplink=eth0 mtu=9000/9000 flags=l vlans="},
	{"a created bridge filters when its network has VLANs", "lab",
	 {"create", "true", "vlan", "5"},
	 .want = "lab create filtering mtu=0/0 flags=l vlans=5p"},
	{"a created bridge that filters takes the guest's VLANs", "lab",
	 {"create", "true", "vlan", "5"}, .vlan = "6p/8",
	 .want = "lab create filtering mtu=0/0 flags=l vlans=6p/8"},
	{"a created bridge that is there stays created", "br0",
	 {"create", "true", "uplink", "eth0"},
	 .want = "br0 create uplink=eth0 mtu=1400/0 flags=l vlans="},
	{"an uplink that the administrator has added is fine", "big", {"uplink", "eth1"},
	 .want = "big mtu=8000/0 flags=l vlans="},
};

static void wants(void **state)
{
	const struct want_case *c = *state;
	struct links *ls = make_host();
	for (int dev = 0; dev < VIF_DEV_COUNT; dev++) {
		char text[256];
		struct hostif want, base = base_want();
		struct err e = ERR_INIT;
		if (ask(c, ls, dev, &want, &e) < 0)
			fail_msg("%s", e.text);
		assert_string_equal(print_want(&want, text, sizeof(text)), c->want);
		/* What the core filled in stays. */
		assert_string_equal(want.name, base.name);
		assert_string_equal(want.alias, base.alias);
		assert_true(want.up && want.v6_quiet && want.no_addrs);
	}
	links_free(ls);
}

#define BRIDGES "bridges here: br0, big, vlan0, strict, eth5;"

static const struct want_case refused[] = {
	{"a missing bridge: which there are, and what to do", "xenbr0",
	 .want = "bridge \"xenbr0\" does not exist; " BRIDGES " make it, say create = true for its "
		 "network in netd.conf, or give the vif another bridge="},
	{"a bridge that a network names", "lab", {"bridge", "br9"},
	 .want = "bridge \"br9\" does not exist"},
	{"a network card is no bridge", "eth0", .want = "\"eth0\" is not a Linux bridge; " BRIDGES},
	{"nor is an Open vSwitch bridge", "ovs",
	 .want = "\"ovs\" is not a Linux bridge but of kind openvswitch; " BRIDGES},
	{"a name that is taken is not created", "eth0", {"create", "true"},
	 .want = "\"eth0\" is not a Linux bridge"},
	{"xenbr7 does not mean eth7 that is no bridge", "xenbr7",
	 .want = "bridge \"xenbr7\" does not exist"},
	{"netd.conf says what it means: xenbr5 is not eth5", "xenbr5", {"learning", "true"},
	 .want = "bridge \"xenbr5\" does not exist"},
	{"free text in bridge= is cut in the sentence",
	 "a-bridge-name-that-is-much-longer-than-a-device-name-may-be-0123",
	 .want = "bridge \"a-bridge-name-that-is-much-longe\" does not exist"},
	{"a name cut to a device's length is not that device", "br0 and more text",
	 .want = "bridge \"br0 and more text\" does not exist"},
	{"without create an uplink is the administrator's to add", "br0", {"uplink", "eth0"},
	 .want = "uplink \"eth0\" is not a port of the bridge; add it to bridge br0"},
	{"nor may it be the port of another bridge", "br0", {"uplink", "eth1"},
	 .want = "uplink \"eth1\" is not a port of the bridge; add it to bridge br0"},
	{"a missing uplink is told as such", "br0", {"uplink", "eth9"},
	 .want = "uplink \"eth9\" does not exist; add it to bridge br0"},
	{"VLANs need a bridge that filters them", "br0", .vlan = "10",
	 .want = "vlan=10 needs a bridge that filters VLANs, and br0 does not; switch it on for "
		 "the whole bridge (ip link set br0 type bridge vlan_filtering 1)"},
	{"so do a network's", "n", {"bridge", "br0", "vlan", "42"},
	 .want = "vlan=42 needs a bridge that filters VLANs, and br0 does not"},
	{"so do they when the bridge is created without", "lab", {"create", "true"}, .vlan = "10",
	 .want = "vlan=10 needs a bridge that filters VLANs, and lab does not"},
	{"VLANs that cannot be read", "vlan0", .vlan = "10p/x", .want = "vlan=10p/x: "},
};

static void refuses(void **state)
{
	const struct want_case *c = *state;
	struct links *ls = make_host();
	struct hostif want;
	struct err e = ERR_INIT;
	int r = ask(c, ls, VIF_DEV_PV, &want, &e);
	assert_true(r == -ENOENT || r == -EINVAL);
	assert_int_equal(e.code, r);
	assert_says(&e, (const char *const[]){c->want, NULL});
	links_free(ls);
}

static void a_host_without_bridges_says_so(void **state)
{
	static const struct want_case c = {"", "xenbr0"};
	struct links *ls = links_new();
	struct hostif want;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(ask(&c, ls, VIF_DEV_PV, &want, &e), -ENOENT);
	assert_says(&e, (const char *const[]){"bridges here: none;", NULL});
	links_free(ls);
}

static void a_host_with_a_hundred_bridges_keeps_the_sentence_whole(void **state)
{
	static const struct want_case c = {"", "xenbr0"};
	struct links *ls = links_new();
	struct hostif want;
	struct err e = ERR_INIT;
	(void)state;
	for (int i = 1; i <= 100; i++) {
		char name[IFNAMSIZ];
		snprintf(name, sizeof(name), "a-bridge-%d", i);
		struct link l = device(i, name, "bridge", 0, 1500);
		assert_int_equal(links_put(ls, &l), 0);
	}
	assert_int_equal(ask(&c, ls, VIF_DEV_PV, &want, &e), -ENOENT);
	assert_says(&e, (const char *const[]){"a-bridge-1, ", "give the vif another", NULL});
	links_free(ls);
}

static void a_network_whose_bridge_no_device_can_be_called_is_refused(void **state)
{
	static const struct {
		struct want_case c;
		int r;
	} cases[] = {
		{{"", "lab", {"bridge", "br0"}}, 0},
		{{"", "a-name-of-its-own-for-guests", {"bridge", "br0"}}, 0},
		{{"", "fifteen-letters", {"learning", "true"}}, 0},
		{{"", "sixteen--letters", {"learning", "true"}}, -EINVAL},
		{{"", "guests/web", {"create", "true"}}, -EINVAL},
		{{"", "web%d", {"create", "true"}}, -EINVAL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network net;
		struct err e = ERR_INIT;
		network_make(&cases[i].c, &net);
		assert_int_equal(xen_netd_plugin.check(&net, &e), cases[i].r);
		if (cases[i].r)
			assert_says(&e, (const char *const[]){cases[i].c.network, NULL});
		network_free(&net);
	}
}

static void a_network_s_bridge_is_told_for_status(void **state)
{
	static const struct want_case named = {"", "lab", {"bridge", "br0"}}, plain = {"", "br0"};
	struct network net;
	(void)state;
	network_make(&named, &net);
	assert_string_equal(xen_netd_plugin.bridge(&net), "br0");
	network_free(&net);
	network_make(&plain, &net);
	assert_string_equal(xen_netd_plugin.bridge(&net), "br0");
	network_free(&net);
}

int main(void)
{
	static struct CMUnitTest tests[COUNT(good) + COUNT(refused) + 4] = {
		cmocka_unit_test(a_host_without_bridges_says_so),
		cmocka_unit_test(a_host_with_a_hundred_bridges_keeps_the_sentence_whole),
		cmocka_unit_test(a_network_s_bridge_is_told_for_status),
		cmocka_unit_test(a_network_whose_bridge_no_device_can_be_called_is_refused),
	};
	size_t n = 4;
	CASES_ADD(tests, n, good, wants);
	CASES_ADD(tests, n, refused, refuses);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
