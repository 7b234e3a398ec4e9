// SPDX-License-Identifier: GPL-2.0-or-later
/* Open vSwitch mode: what a vif asks for, its guard as flows, and when its step has something to do. */
#include "cases.h"

#include <errno.h>
#include <sys/socket.h>

#include "plugin.h"
#include "../../plugins/ovs/db.h"
#include "../../plugins/ovs/guard.h"
#include "../../plugins/ovs/spec.h"

extern const struct plugin xen_netd_plugin;

/* The database's twin: one port, and what was asked for it. */
struct db {
	struct ovs_port have, asked;
	char name[IFNAMSIZ];
	int puts, answer;
};

static struct db twin;

int db_open(struct db **out, struct err *e)
{
	(void)e;
	memset(&twin, 0, sizeof(twin));
	*out = &twin;
	return 0;
}

void db_close(struct db *db)
{
	(void)db;
}

int db_fd(const struct db *db)
{
	(void)db;
	return 7;
}

void db_news(struct db *db, plugin_look_fn *look, void *arg)
{
	(void)db;
	look(arg, "vif5.0");
}

void db_get(struct db *db, const char *name, struct ovs_port *have)
{
	(void)name;
	*have = db->have;
}

int db_put(struct db *db, const char *name, const struct ovs_port *want, struct err *e)
{
	db->puts++;
	db->asked = *want;
	snprintf(db->name, sizeof(db->name), "%s", name);
	return db->answer < 0 ? err_setf(e, db->answer, "no") : db->answer;
}

void db_sweep(struct db *db, const struct links *links)
{
	(void)db;
	(void)links;
}

/* ---- bridge=, vlan=, names ---- */

static void bridge_is_read_as_name_tag_and_trunks(void **state)
{
	static const struct {
		const char *text;
		int tag, first, last; /* trunks; 0: none */
		enum ovs_vlan_mode mode;
		bool wrong;
	} cases[] = {
		{"br", 0, 0, 0, OVS_VLAN_DEFAULT, false},
		{"br.10", 10, 0, 0, OVS_VLAN_DEFAULT, false},
		{"br:10:4094", 0, 10, 4094, OVS_VLAN_DEFAULT, false},
		{"br.1:20", 1, 20, 20, OVS_VLAN_NATIVE_UNTAGGED, false},
		{"br.4094", 4094, 0, 0, OVS_VLAN_DEFAULT, false},
		{"br.0", .wrong = true}, {"br.4095", .wrong = true}, {"br.", .wrong = true},
		{"br:", .wrong = true}, {"br.10:", .wrong = true}, {"br.10.20", .wrong = true},
		{"br:10.20", .wrong = true}, {"br.10x", .wrong = true}, {"br.-1", .wrong = true},
		{"br.99999999999", .wrong = true}, {".10", .wrong = true}, {"", .wrong = true},
		{"br:1,2", .wrong = true}, {"br. 1", .wrong = true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ovs_port p = {.tag = 77};
		struct err e = ERR_INIT;
		uint64_t trunks[VLAN_WORDS] = {0};
		int first = cases[i].first, last = cases[i].last;
		int r = spec_parse_suffix(cases[i].text, &p, &e);
		if (r != (cases[i].wrong ? -EINVAL : 0))
			fail_msg("%s: %d %s", cases[i].text, r, e.text);
		if (r < 0)
			continue;
		if (first)
			trunks[first / 64] |= UINT64_C(1) << first % 64;
		if (last)
			trunks[last / 64] |= UINT64_C(1) << last % 64;
		if (p.tag != cases[i].tag || p.vlan_mode != cases[i].mode ||
		    memcmp(p.trunks, trunks, sizeof(trunks)))
			fail_msg("%s: tag %d, mode %d", cases[i].text, p.tag, p.vlan_mode);
	}
	assert_true(spec_names("br.10:20", "br") && spec_names("br:1", "br") && spec_names("br", "br"));
	assert_false(spec_names("br0", "br") || spec_names("b", "br") || spec_names("", "br"));
}

static void names_become_utf_8_whatever_their_bytes_are(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ""}, {"web 1", "web 1"}, {"\xc3\xa9", "\xc3\xa9"}, {"\xff", "?"}, {"a\x01z", "a?z"},
		{"\xc3", "?"}, {"\xc0\x80", "??"}, {"\xed\xa0\x80", "???"}, {"\xe2\x82\xac", "\xe2\x82\xac"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}, {"\xf5\x80\x80\x80", "????"}, {"\xe2\x82", "??"},
		{"\x7f", "?"}, {"\"\\'{}", "\"\\'{}"},
	};
	char out[64], tight[4];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		spec_utf8(cases[i].in, out, sizeof(out));
		assert_string_equal(out, cases[i].out);
	}
	spec_utf8("ab\xe2\x82\xac", tight, sizeof(tight)); /* cut at a whole character */
	assert_string_equal(tight, "ab");
}

static void iface_id_fills_in_what_is_known(void **state)
{
	static const struct vif_req req = {.key = {5, 1}, .mac = {0, 0x16, 0x3e, 1, 2, 3},
					   .domain_raw = "web", .uuid = "u-u"};
	static const struct {
		const char *pattern, *out;
		int r;
	} cases[] = {
		{"plain", "plain", 0},
		{"{name}-{uuid}-{devid}@{domid}", "web-u-u-1@5", 0},
		{"{mac}", "00:16:3e:01:02:03", 0},
		{"{nam}", NULL, -EINVAL},
		{"{}", NULL, -EINVAL},
		{"a{name", NULL, -EINVAL},
	};
	static const struct vif_req nameless = {.key = {5, 1}};
	char out[OVS_ID_SIZE], tiny[6];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int r = spec_iface_id(cases[i].pattern, &req, out, sizeof(out), NULL);
		assert_int_equal(r, cases[i].r);
		if (!r)
			assert_string_equal(out, cases[i].out);
	}
	assert_int_equal(spec_iface_id("x{name}", &nameless, out, sizeof(out), NULL), 1);
	assert_int_equal(spec_iface_id("{name}", NULL, out, sizeof(out), NULL), 0);
	assert_int_equal(spec_iface_id("{mac}{mac}", &req, tiny, sizeof(tiny), NULL), 0);
	assert_string_equal(tiny, "00:16");
}

/* ---- want() ---- */

struct host {
	struct links *links;
	struct network net;
	struct option_value values[16];
	struct vif_req req;
	struct link netdev;
	struct hostif want;
	struct err e;
};

static void host_init(struct host *h, const char *const *opts)
{
	const struct plugin *p = &xen_netd_plugin;
	static const struct link br = {.ifindex = 3, .name = "ovsbr0", .kind = "openvswitch", .mtu = 9000};
	memset(h, 0, sizeof(*h));
	h->links = links_new();
	assert_int_equal(links_put(h->links, &br), 0);
	h->net = (struct network){.name = "ovsbr0", .plugin = p, .values = h->values, .implied = !opts};
	for (; opts && *opts; opts += 2)
		for (size_t i = 0; i < p->n_options; i++)
			if (!strcmp(p->options[i].name, opts[0]))
				assert_int_equal(option_parse(&p->options[i], opts[1], &h->values[i], NULL),
						 0);
	h->req = (struct vif_req){.key = {5, 0}, .mac = {0, 0x16, 0x3e, 0, 5, 0}, .state = XENBUS_INIT_WAIT,
				  .uuid = "5e9b", .domain_raw = "web", .bridge = "ovsbr0"};
	h->netdev.ifindex = 12;
}

static void host_fini(struct host *h)
{
	for (size_t i = 0; i < xen_netd_plugin.n_options; i++)
		option_clear(&h->values[i]);
	links_free(h->links);
}

static int want(struct host *h, enum vif_dev dev)
{
	const struct want_in in = {&h->req, &h->net, dev, h->links, &h->netdev};
	memset(&h->want, 0, sizeof(h->want));
	h->e = ERR_INIT;
	return xen_netd_plugin.want(&in, &h->want, &h->e);
}

static void an_implied_network_gives_what_xen_s_script_gave(void **state)
{
	struct host h;
	(void)state;
	host_init(&h, NULL);
	strcpy(h.req.bridge, "ovsbr0.10");
	assert_int_equal(want(&h, VIF_DEV_PV), 0);
	const struct ovs_port *p = &h.want.ovs;
	assert_string_equal(p->bridge.name, "ovsbr0");
	assert_int_equal(p->tag, 10);
	assert_string_equal(p->owner, "vif5.0");
	assert_int_equal(p->ifindex, 12);
	assert_string_equal(p->mac, "00:16:3e:00:05:00");
	assert_string_equal(p->vm_name, "web");
	assert_string_equal(p->vm_uuid, "5e9b");
	assert_string_equal(p->iface_id, "5e9b-0");
	assert_int_equal(h.want.mtu, 9000);
	assert_int_equal(p->mtu_request, 0);
	assert_string_equal(h.want.master, ""); /* no Linux bridge's port */
	h.req.uuid[0] = '\0';
	assert_int_equal(want(&h, VIF_DEV_PV), 0);
	assert_string_equal(p->iface_id, "00:16:3e:00:05:00");
	host_fini(&h);
}

static void the_twin_has_the_iface_id_until_the_guest_s_driver_connects(void **state)
{
	static const struct link emu = {.ifindex = 9, .name = "vif5.0-emu", .kind = "tun"};
	struct host h;
	(void)state;
	host_init(&h, NULL);
	h.req.hvm = true;
	for (int there = 0; there < 2; there++)
		for (int connected = 0; connected < 2; connected++) {
			h.req.state = connected ? XENBUS_CONNECTED : XENBUS_INIT_WAIT;
			bool pv_has = connected || !there;
			assert_int_equal(want(&h, VIF_DEV_PV), 0);
			assert_int_equal(!!h.want.ovs.iface_id[0], pv_has);
			assert_int_equal(want(&h, VIF_DEV_EMU), 0);
			assert_int_equal(!!h.want.ovs.iface_id[0], !pv_has);
			assert_string_equal(h.want.ovs.owner, "vif5.0-emu");
			if (!there && connected)
				assert_int_equal(links_put(h.links, &emu), 0);
		}
	host_fini(&h);
}

static void options_reach_the_port(void **state)
{
	static const char *const opts[] = {
		"bridge", "ovsbr1", "create", "true", "datapath", "netdev", "fail-mode", "secure",
		"controller", "tcp:127.0.0.1:6653", "vlan", "10p/20", "vlan-mode", "native-tagged",
		"mtu", "1400", "isolated", "true", "rate-in", "1000", "rate-out", "2000", "mirror", "mon0",
		"iface-id", "lsp-{name}", NULL};
	struct host h;
	(void)state;
	host_init(&h, opts);
	assert_int_equal(xen_netd_plugin.check(&h.net, &h.e), 0);
	assert_int_equal(want(&h, VIF_DEV_PV), 0);
	const struct ovs_port *p = &h.want.ovs;
	assert_string_equal(p->bridge.name, "ovsbr1");
	assert_true(p->bridge.create && p->bridge.userspace && p->bridge.fail_mode == OVS_FAIL_SECURE);
	assert_string_equal(p->bridge.controller, "tcp:127.0.0.1:6653");
	assert_true(p->tag == 10 && p->trunks[0] == 1 << 20 && p->vlan_mode == OVS_VLAN_NATIVE_TAGGED);
	assert_true(p->isolated && p->rate_in == 1000 && p->rate_out == 2000);
	assert_true(p->mtu_request == 1400 && h.want.mtu == 1400);
	assert_string_equal(p->mirror, "mon0");
	assert_string_equal(p->iface_id, "lsp-web");
	strcpy(h.req.iface_id, "own");
	h.req.mtu = 9000;
	assert_int_equal(want(&h, VIF_DEV_PV), 0);
	assert_string_equal(p->iface_id, "own");
	assert_true(p->mtu_request == 9000 && h.want.mtu == 9000);
	/* bridge= that names another bridge has no say in this network's VLANs. */
	strcpy(h.req.bridge, "xenbr0.77");
	assert_int_equal(want(&h, VIF_DEV_PV), 0);
	assert_int_equal(p->tag, 10);
	strcpy(h.req.bridge, "ovsbr1.77");
	assert_int_equal(want(&h, VIF_DEV_PV), 0);
	assert_int_equal(p->tag, 77);
	host_fini(&h);
}

static void what_cannot_be_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *bridge, *vlan, *opt, *value, *says;
	} cases[] = {
		{"ovsbr0.10", "20", "mtu", "1400", "take one of them out"},
		{"ovsbr0.x", NULL, "mtu", "1400", "NAME[.TAG][:TRUNK[:TRUNK...]]"},
		{"ovsbr0", "10p/20u", "mtu", "1400", "one untagged VLAN"},
		{"ovsbr0", "5000", "mtu", "1400", "vlan=5000"},
		{"ovsbr0", NULL, "iface-id", "{name}", "is not known of this guest"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const opts[] = {cases[i].opt, cases[i].value, NULL};
		struct host h;
		host_init(&h, opts);
		h.req.domain_raw[0] = '\0';
		strcpy(h.req.bridge, cases[i].bridge);
		strcpy(h.req.vlan, cases[i].vlan ?: "");
		if (want(&h, VIF_DEV_PV) >= 0 || !strstr(h.e.text, cases[i].says))
			fail_msg("%s, vlan=%s: \"%s\"", cases[i].bridge, cases[i].vlan ?: "-", h.e.text);
		host_fini(&h);
	}
}

static void a_network_is_checked(void **state)
{
	static const struct {
		const char *opt, *value, *says;
	} cases[] = {
		{"fail-mode", "secure", "create = true"},
		{"datapath", "system", "create = true"},
		{"controller", "tcp:1.2.3.4:5", "create = true"},
		{"iface-id", "{nome}", "in braces can stand"},
	};
	struct host h;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const opts[] = {cases[i].opt, cases[i].value, NULL};
		host_init(&h, opts);
		assert_int_equal(xen_netd_plugin.check(&h.net, &h.e), -EINVAL);
		if (!strstr(h.e.text, cases[i].says))
			fail_msg("%s", h.e.text);
		host_fini(&h);
	}
	host_init(&h, NULL);
	strcpy(h.net.name, "a-name-that-is-too-long");
	assert_int_equal(xen_netd_plugin.check(&h.net, &h.e), -EINVAL);
	host_fini(&h);
}

/* ---- the guard ---- */

static struct filter filter_of(const char *const *addrs, uint8_t guards)
{
	struct filter f = {.on = true, .any_addr = !*addrs, .guards = guards,
			   .mac = {0, 0x16, 0x3e, 0, 5, 0}};
	for (; *addrs; addrs++) {
		struct addr a;
		assert_int_equal(addr_parse(*addrs, &a, NULL), 0);
		assert_true(filter_add_addr(&f, &a));
	}
	return f;
}

static unsigned count_flows(const struct filter *f, uint64_t cookie, const char *needle)
{
	char text[GUARD_TEXT_SIZE];
	unsigned n = 0;
	for (unsigned i = 0; guard_flow(f, cookie, 7, i, text); i++) {
		assert_non_null(strstr(text, "in_port=7,"));
		assert_true(strlen(text) + 1 < GUARD_TEXT_SIZE);
		n += !!strstr(text, needle);
	}
	return n;
}

static void the_guard_s_last_flow_is_that_of_table_0_and_the_cookie_counts_the_others(void **state)
{
	static const char *const none[] = {NULL}, *const one[] = {"10.0.0.5", NULL},
				 *const two[] = {"10.0.0.5", "2001:db8::5", NULL};
	static const char *const *const lists[] = {none, one, two};
	char text[GUARD_TEXT_SIZE], last[GUARD_TEXT_SIZE] = "";
	(void)state;
	for (size_t l = 0; l < 3; l++)
		for (unsigned guards = 0; guards <= FILTER_GUARD_ALL; guards++) {
			struct filter f = filter_of(lists[l], guards);
			uint64_t cookie = guard_cookie(&f);
			unsigned n = 0;
			assert_true(guard_is_ours(cookie));
			for (; guard_flow(&f, cookie, 7, n, text); n++)
				strcpy(last, text);
			assert_int_equal(guard_count(cookie), n - 1);
			assert_non_null(strstr(last, "table=0,priority=65535,"));
			assert_int_equal(count_flows(&f, cookie, "table=0,"), 1);
		}
	assert_int_equal(guard_cookie(&(struct filter){.on = false}), 0);
}

static void the_cookie_tells_filters_apart(void **state)
{
	static const char *const a[] = {"10.0.0.5", NULL}, *const b[] = {"10.0.0.6", NULL};
	struct filter f = filter_of(a, 0), g = filter_of(b, 0), h = f;
	(void)state;
	assert_true(guard_cookie(&f) == guard_cookie(&h));
	assert_true(guard_cookie(&f) != guard_cookie(&g));
	h.mac[5]++;
	assert_true(guard_cookie(&f) != guard_cookie(&h));
	assert_false(guard_is_ours(0) || guard_is_ours(UINT64_MAX));
	assert_int_equal(count_flows(&f, 1, "nw_src=10.0.0.5"), 1);
	assert_int_equal(count_flows(&f, 1, "arp_spa=10.0.0.5"), 2);
	assert_int_equal(count_flows(&f, 1, "10.0.0.6"), 0);
}

/* ---- the step ---- */

static const struct step *the_step(void)
{
	struct err e = ERR_INIT;
	assert_int_equal(xen_netd_plugin.peer->open(&e), 7);
	assert_null(xen_netd_plugin.steps[1]);
	return xen_netd_plugin.steps[0];
}

static void the_step_has_something_to_do_when_and_only_when_a_port_differs(void **state)
{
	const struct step *s = the_step();
	const struct ovs_port port = {.bridge.name = "br", .tag = 5, .owner = "vif5.0", .ofport = 1};
	struct hostif have = {.ovs = port}, want = {.ovs = port}, none = {.ifindex = 1};
	(void)state;
	assert_false(s->differs(&have, &want) || s->differs(&none, &none));
	assert_true(s->differs(&none, &want) && s->differs(&have, &none));
	have.ovs.tag = 6;
	assert_true(s->differs(&have, &want));
	have.ovs = port;
	have.ovs.ofport = 0; /* ovs-vswitchd has yet to take it */
	assert_true(s->differs(&have, &want));
	want.ovs.ofport = 0; /* a rollback to what was so before */
	assert_false(s->differs(&have, &want));
	have.ovs = port;
	have.ovs.foreign = true; /* nobody has asked for it: not ours to remove */
	assert_false(s->differs(&have, &none));
	assert_true(s->empty(&none) && !s->empty(&have));
	have.ovs = (struct ovs_port){.unknown = true};
	want.ovs = port;
	assert_true(s->differs(&have, &want));
	assert_false(s->differs(&have, &none)); /* a host without Open vSwitch */
}

static void a_netdev_is_down_while_its_guard_is_known_not_to_be_there(void **state)
{
	static const char *const addrs[] = {"10.0.0.5", NULL};
	const struct step *s = the_step();
	struct ovs_port port = {.bridge.name = "br", .ofport = 1, .filter = filter_of(addrs, 0)};
	struct hostif have = {.ovs = port}, want = {.ovs = port}, none = {.ifindex = 1};
	(void)state;
	assert_true(s->differs(&have, &want) && s->quiesce(&have, &want));
	assert_true(s->quiesce(&none, &want));
	have.ovs.guard_unknown = true; /* the daemon has just started: the guest goes on */
	assert_true(s->differs(&have, &want) && !s->quiesce(&have, &want));
	have.ovs.guard_unknown = false;
	have.ovs.guard = guard_cookie(&port.filter);
	assert_false(s->differs(&have, &want));
	have.ovs.guard++; /* of another filter: it is replaced, and shut meanwhile */
	assert_true(s->differs(&have, &want) && !s->quiesce(&have, &want));
	memset(&want.ovs.filter, 0, sizeof(want.ovs.filter));
	assert_true(s->differs(&have, &want) && !s->quiesce(&have, &want));
}

static void the_step_asks_the_database_and_waits(void **state)
{
	const struct step *s = the_step();
	struct hostif have = {.name = "vif5.0"}, want = {.name = "web0", .ovs.bridge.name = "br"};
	struct err e = ERR_INIT;
	(void)state;
	twin.answer = STEP_PENDING;
	assert_int_equal(s->apply(NULL, &have, &want, &e), STEP_PENDING);
	assert_string_equal(twin.name, "web0"); /* by then it is called so */
	have.ovs.foreign = true;
	strcpy(have.ovs.bridge.name, "other");
	assert_int_equal(s->apply(NULL, &have, &want, &e), -EEXIST);
	assert_non_null(strstr(e.text, "port vif5.0 of Open vSwitch bridge other is not ours"));
	assert_int_equal(twin.puts, 1);
	memset(&want.ovs, 0, sizeof(want.ovs));
	have.ovs.foreign = false;
	twin.answer = -EIO;
	assert_int_equal(s->apply(NULL, &have, &want, &e), -EIO);
	assert_string_equal(twin.name, "vif5.0");
	xen_netd_plugin.peer->close();
	assert_int_equal(s->observe(NULL, &have, &e), 0);
	assert_true(have.ovs.unknown);
	assert_int_equal(s->apply(NULL, &have, &want, &e), -ENOTCONN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bridge_is_read_as_name_tag_and_trunks),
		cmocka_unit_test(names_become_utf_8_whatever_their_bytes_are),
		cmocka_unit_test(iface_id_fills_in_what_is_known),
		cmocka_unit_test(an_implied_network_gives_what_xen_s_script_gave),
		cmocka_unit_test(the_twin_has_the_iface_id_until_the_guest_s_driver_connects),
		cmocka_unit_test(options_reach_the_port),
		cmocka_unit_test(what_cannot_be_is_refused_with_a_sentence),
		cmocka_unit_test(a_network_is_checked),
		cmocka_unit_test(the_guard_s_last_flow_is_that_of_table_0_and_the_cookie_counts_the_others),
		cmocka_unit_test(the_cookie_tells_filters_apart),
		cmocka_unit_test(the_step_has_something_to_do_when_and_only_when_a_port_differs),
		cmocka_unit_test(a_netdev_is_down_while_its_guard_is_known_not_to_be_there),
		cmocka_unit_test(the_step_asks_the_database_and_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
