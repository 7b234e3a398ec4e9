// SPDX-License-Identifier: GPL-2.0-or-later
/* Routing to one netdev, against a kernel in memory that fails each call in turn. */
#include "cases.h"

#include <errno.h>
#include <netinet/in.h>

#include "plan.h"
#include "routes.h"
#include "twin-rtnl.h"
#include "vif.h"
#include "wire.h"

struct world {
	struct rtnl kernel;
	struct host host;
	struct steps steps;
	struct hostif want, have;
	int ifindex, uplink;
	const struct step *failed;
	struct err e;
};

static struct addr addr(const char *text)
{
	struct addr a;
	struct err e = ERR_INIT;
	if (addr_parse(text, &a, &e) < 0)
		fail_msg("%s", e.text);
	return a;
}

static void want_guest(struct hostif *want, const char *dst, const char *src, int uplink)
{
	struct router_route route = {.dst = addr(dst), .src = addr(src), .metric = 7, .table = 254};
	struct router_neigh n = {.host = route.dst, .mac = {0, 0x16, 0x3e, 0, 5, 0}};
	struct router_proxy p = {.ifindex = uplink, .host = route.dst};
	assert_true(router_add_route(&want->router, &route));
	assert_true(router_add_neigh(&want->router, &n));
	assert_true(router_add_proxy(&want->router, &p));
}

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	twin_init(&w->kernel);
	twin_sysctls_of(&w->kernel);
	struct twin_link *up = twin_add(&w->kernel, "eth0", ""), *vif;
	up->link.flags = IFF_UP;
	up->link.n_addrs = 1;
	up->link.conf = (struct router_conf){.set = true, .v6 = true, .v6_accept_ra = 1};
	vif = twin_add(&w->kernel, "vif5.0", "");
	vif->link.conf = up->link.conf;
	w->uplink = up->link.ifindex;
	w->ifindex = vif->link.ifindex;
	w->host = (struct host){&w->kernel, links_new()};
	rtnl_resync(&w->kernel, w->host.links, NULL);
	steps_merge(NULL, &w->steps);

	struct router *r = &w->want.router;
	w->want.v6_quiet = w->want.up = true;
	strcpy(w->want.name, "web0");
	strcpy(w->want.alias, "xen-netd vif5.0");
	strcpy(r->uplink, "eth0");
	r->conf = (struct router_conf){.set = true, .forwarding = 1, .proxy_arp = 1, .rp_filter = 1,
				       .v6 = true, .v6_forwarding = 1};
	struct addr gw4 = addr("10.0.0.1"), gw6 = addr("fe80::1/64");
	router_add_addr(r, &gw4);
	router_add_addr(r, &gw6);
	want_guest(&w->want, "10.0.0.5", "10.0.0.1", w->uplink);
	want_guest(&w->want, "2001:db8::5", "2001:db8::1", w->uplink);
	r->forward4 = r->forward6 = r->proxy_ndp = true;
}

static void world_fini(struct world *w)
{
	links_free(w->host.links);
}

static int run(struct world *w, bool live)
{
	w->e = ERR_INIT;
	return wire(&w->host, &w->steps, w->ifindex, &w->want, live, &w->have, &w->failed, &w->e);
}

static void assert_left(const struct world *w)
{
	struct plan plan;
	char text[512];
	plan_make(&w->steps, &w->have, &w->want, &plan);
	if (plan.n)
		fail_msg("left to do: %s", plan_print(&plan, text, sizeof(text)));
}

/* Ours of one kind in the kernel. */
static unsigned count_routes(const struct world *w)
{
	unsigned n = 0;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		n += w->kernel.tables.routes[i].ifindex && !w->kernel.tables.routes[i].foreign;
	return n;
}

static unsigned count_proxies(const struct world *w)
{
	unsigned n = 0;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		n += w->kernel.tables.proxies[i].used && !w->kernel.tables.proxies[i].foreign;
	return n;
}

static unsigned count_neighs(const struct world *w)
{
	unsigned n = 0;
	for (int i = 0; i < TWIN_TABLE_MAX; i++)
		n += w->kernel.tables.neighs[i].ifindex != 0;
	return n;
}

static void a_new_netdev_is_routed_in_every_facet(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	assert_left(&w);
	const struct link *l = &twin_find(&w.kernel, "web0")->link;
	assert_int_equal(l->n_addrs, 2);
	assert_int_equal(l->conf.proxy_arp, 1);
	assert_int_equal(l->conf.v6_accept_ra, 0);
	assert_int_equal(count_routes(&w), 2);
	assert_int_equal(count_neighs(&w), 2);
	assert_int_equal(count_proxies(&w), 2);
	assert_true(w.kernel.tables.forwarding4 && w.kernel.tables.forwarding6);
	const struct link *up = &twin_find(&w.kernel, "eth0")->link;
	assert_int_equal(up->conf.v6_proxy_ndp, 1);
	assert_int_equal(up->conf.v6_accept_ra, 2); /* dom0 still listens to its own router */
	world_fini(&w);
}

static void routing_again_sends_nothing(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	int calls = w.kernel.calls;
	assert_int_equal(run(&w, true), 0);
	assert_int_equal(w.kernel.calls, calls);
	world_fini(&w);
}

/* What belongs to the host and stays on: forwarding, the uplink's accept_ra and proxy_ndp. */
static void forget_host(struct rtnl *k)
{
	k->tables.forwarding4 = k->tables.forwarding6 = false;
	for (int i = 0; i < TWIN_LINKS_MAX; i++) {
		struct router_conf *c = &k->at[i].link.conf;
		c->forwarding = c->v6_forwarding = 0;
		if (!strcmp(k->at[i].link.name, "eth0"))
			c->v6_accept_ra = c->v6_proxy_ndp = 0;
	}
}

static void whichever_call_fails_a_new_netdev_is_left_without_a_trace(void **state)
{
	(void)state;
	int fails = 0;
	for (int n = 1;; n++) {
		struct world w;
		world_init(&w);
		struct rtnl before = w.kernel;
		w.kernel.fail_at = n;
		w.kernel.fail_code = -EPERM;
		int r = run(&w, false);
		if (r == 0) {
			world_fini(&w);
			break;
		}
		fails++;
		assert_int_equal(r, -EPERM);
		assert_non_null(strstr(w.e.text, "injected"));
		forget_host(&before);
		forget_host(&w.kernel);
		if (memcmp(before.at, w.kernel.at, sizeof(before.at)) ||
		    memcmp(&before.tables, &w.kernel.tables, sizeof(before.tables)))
			fail_msg("call %d (%s) failed and left traces", n, w.failed->name);
		world_fini(&w);
	}
	assert_true(fails >= 15);
}

static void whichever_call_fails_a_running_guest_keeps_its_routes(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		struct world w;
		world_init(&w);
		assert_int_equal(run(&w, false), 0);
		want_guest(&w.want, "10.0.0.6", "10.0.0.1", w.uplink);
		struct addr more = addr("10.0.0.2");
		router_add_addr(&w.want.router, &more);
		w.kernel.fail_at = w.kernel.calls + n;
		w.kernel.fail_code = -EIO;
		int r = run(&w, true);
		assert_true(count_routes(&w) >= 2 && count_proxies(&w) >= 2 && count_neighs(&w) >= 2);
		assert_true(twin_find(&w.kernel, "web0")->link.flags & IFF_UP);
		world_fini(&w);
		if (r == 0)
			break;
	}
}

static void unwiring_leaves_neither_address_nor_route_nor_proxy_entry(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	assert_int_equal(unwire(&w.host, &w.steps, w.ifindex, &w.e), 0);
	assert_int_equal(count_routes(&w) + count_neighs(&w) + count_proxies(&w), 0);
	assert_int_equal(twin_find(&w.kernel, "web0")->link.n_addrs, 0);
	world_fini(&w);
}

static void a_changed_address_takes_its_old_entries_along(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	struct router *r = &w.want.router;
	r->n_routes = r->n_neighs = r->n_proxies = 0;
	want_guest(&w.want, "10.0.0.77", "10.0.0.1", w.uplink);
	assert_int_equal(run(&w, true), 0);
	assert_left(&w);
	assert_int_equal(count_routes(&w), 1);
	assert_int_equal(count_neighs(&w), 1);
	assert_int_equal(count_proxies(&w), 1);
	world_fini(&w);
}

static unsigned fewest;
static struct world *watched;

static void count_fewest(struct rtnl *rt)
{
	(void)rt;
	unsigned n = count_routes(watched);
	fewest = n < fewest ? n : fewest;
}

static void another_gateway_address_replaces_without_a_moment_between(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	struct router *r = &w.want.router;
	struct addr other = addr("10.0.0.9");
	r->addrs[0] = other;
	for (size_t i = 0; i < r->n_routes; i++)
		if (r->routes[i].dst.family == AF_INET)
			r->routes[i].src = other;
	fewest = 2;
	watched = &w;
	w.kernel.meddle = count_fewest;
	assert_int_equal(run(&w, true), 0);
	assert_left(&w);
	assert_int_equal(fewest, 2);
	assert_int_equal(twin_find(&w.kernel, "web0")->link.n_addrs, 2);
	world_fini(&w);
}

static void a_route_of_somebody_else_is_never_replaced(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	struct router_route theirs = w.want.router.routes[0];
	w.kernel.tables.routes[0] = (struct twin_route){w.uplink, true, theirs};
	assert_int_equal(run(&w, false), -EEXIST);
	assert_non_null(strstr(w.e.text, "add route 10.0.0.5/32 to "));
	assert_true(w.kernel.tables.routes[0].foreign);
	assert_int_equal(count_routes(&w), 0);
	world_fini(&w);
}

static void a_proxy_entry_of_somebody_else_is_as_good_and_stays(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	w.kernel.tables.proxies[0] = (struct twin_proxy){true, true, w.want.router.proxies[0]};
	assert_int_equal(run(&w, false), 0);
	assert_left(&w);
	assert_int_equal(count_proxies(&w), 1);
	assert_int_equal(unwire(&w.host, &w.steps, w.ifindex, &w.e), 0);
	assert_true(w.kernel.tables.proxies[0].foreign);
	assert_int_equal(count_proxies(&w), 0);
	world_fini(&w);
}

static void a_netdev_that_goes_leaves_its_proxy_entries_to_the_sweep(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	host_sweep(&w.host);
	assert_int_equal(count_proxies(&w), 2);
	twin_del(&w.kernel, "web0");
	assert_int_equal(count_proxies(&w), 2);
	assert_int_equal(host_refresh(&w.host, &w.e), 0);
	host_sweep(&w.host);
	assert_int_equal(count_proxies(&w), 0);
	world_fini(&w);
}

static void an_address_that_another_vif_has_too_keeps_its_proxy_entry(void **state)
{
	struct world w;
	(void)state;
	world_init(&w);
	assert_int_equal(run(&w, false), 0);
	struct twin_link *other = twin_add(&w.kernel, "vif6.0", "");
	struct router_route newer = w.want.router.routes[0];
	other->link.flags = IFF_UP;
	newer.metric = 5;
	w.kernel.tables.routes[TWIN_TABLE_MAX - 1] =
		(struct twin_route){other->link.ifindex, false, newer};
	assert_int_equal(unwire(&w.host, &w.steps, w.ifindex, &w.e), 0);
	assert_int_equal(count_proxies(&w), 1);
	twin_del(&w.kernel, "vif6.0");
	assert_int_equal(host_refresh(&w.host, &w.e), 0);
	host_sweep(&w.host);
	assert_int_equal(count_proxies(&w), 0);
	world_fini(&w);
}

static void lists_are_compared_as_sets(void **state)
{
	struct router a = {.n_addrs = 0}, b = {.n_addrs = 0};
	struct addr one = addr("10.0.0.1"), two = addr("10.0.0.2"), wide = addr("10.0.0.2/24");
	(void)state;
	router_add_addr(&a, &one);
	router_add_addr(&a, &two);
	router_add_addr(&b, &two);
	assert_false(router_same_addrs(&a, &b));
	assert_false(router_same_addrs(&b, &a));
	router_add_addr(&b, &one);
	router_add_addr(&b, &one);
	assert_true(router_same_addrs(&a, &b));
	b.addrs[0] = wide;
	assert_false(router_same_addrs(&a, &b));
}

static void a_full_list_takes_no_more(void **state)
{
	struct router r = {.n_addrs = 0};
	struct router_proxy p = {.host = addr("10.0.0.1")};
	(void)state;
	for (p.ifindex = 1; p.ifindex <= ROUTER_LIST_MAX; p.ifindex++)
		assert_true(router_add_proxy(&r, &p));
	assert_false(router_add_proxy(&r, &p));
	p.ifindex = 1;
	assert_true(router_add_proxy(&r, &p)); /* it is there */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_netdev_is_routed_in_every_facet),
		cmocka_unit_test(routing_again_sends_nothing),
		cmocka_unit_test(whichever_call_fails_a_new_netdev_is_left_without_a_trace),
		cmocka_unit_test(whichever_call_fails_a_running_guest_keeps_its_routes),
		cmocka_unit_test(unwiring_leaves_neither_address_nor_route_nor_proxy_entry),
		cmocka_unit_test(a_changed_address_takes_its_old_entries_along),
		cmocka_unit_test(another_gateway_address_replaces_without_a_moment_between),
		cmocka_unit_test(a_route_of_somebody_else_is_never_replaced),
		cmocka_unit_test(a_proxy_entry_of_somebody_else_is_as_good_and_stays),
		cmocka_unit_test(a_netdev_that_goes_leaves_its_proxy_entries_to_the_sweep),
		cmocka_unit_test(an_address_that_another_vif_has_too_keeps_its_proxy_entry),
		cmocka_unit_test(lists_are_compared_as_sets),
		cmocka_unit_test(a_full_list_takes_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
