// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of the host's devices: what is found, and what its watcher is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "links.h"
#include "routes.h"

enum { MANY = 5000 };

/* What the watcher was told: "+a", "-a", "a>b" (renamed), "~a" (other changes), "a:2" (addresses).
 */
struct told {
	char text[512];
	unsigned n;
};

static void on_change(void *arg, const struct link *old, const struct link *now)
{
	struct told *t = arg;
	char *p = t->text + strlen(t->text);
	size_t size = sizeof(t->text) - strlen(t->text);
	const char *sep = t->text[0] ? " " : "";
	t->n++;
	if (!old)
		snprintf(p, size, "%s+%s", sep, now->name);
	else if (!now)
		snprintf(p, size, "%s-%s", sep, old->name);
	else if (strcmp(old->name, now->name))
		snprintf(p, size, "%s%s>%s", sep, old->name, now->name);
	else if (old->n_addrs != now->n_addrs)
		snprintf(p, size, "%s%s:%u", sep, now->name, now->n_addrs);
	else
		snprintf(p, size, "%s~%s", sep, now->name);
}

struct table {
	struct links *ls;
	struct told told;
};

static void table_init(struct table *t)
{
	memset(t, 0, sizeof(*t));
	t->ls = links_new();
	assert_non_null(t->ls);
	links_watch(t->ls, on_change, &t->told);
}

static void table_fini(struct table *t)
{
	links_free(t->ls);
}

static void assert_told(struct table *t, const char *text)
{
	assert_string_equal(t->told.text, text);
	t->told.text[0] = '\0';
}

static struct link device(int ifindex, const char *name)
{
	struct link l;
	memset(&l, 0, sizeof(l));
	l.ifindex = ifindex;
	snprintf(l.name, sizeof(l.name), "%s", name);
	l.mtu = 1500;
	return l;
}

static void put(struct table *t, int ifindex, const char *name)
{
	struct link l = device(ifindex, name);
	assert_int_equal(links_put(t->ls, &l), 0);
}

static void a_device_is_found_by_index_and_by_name(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 7, "eth0");
	assert_int_equal(links_by_name(t.ls, "eth0")->ifindex, 7);
	assert_string_equal(links_by_index(t.ls, 7)->name, "eth0");
	assert_null(links_by_name(t.ls, "eth"));
	assert_null(links_by_name(t.ls, ""));
	assert_null(links_by_index(t.ls, 6));
	assert_null(links_by_index(t.ls, 0));
	assert_null(links_by_index(t.ls, -7));
	assert_null(links_by_index(t.ls, 7 + 64)); /* the same bucket */
	assert_int_equal(links_count(t.ls), 1);
	table_fini(&t);
}

static void a_new_device_is_told_once_and_the_same_news_again_not_at_all(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	assert_told(&t, "+a");
	put(&t, 1, "a");
	assert_told(&t, "");
	table_fini(&t);
}

/* Each member by itself: what is compared is what a vif's look depends on. */
static void a_change_of_any_single_property_is_told(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	const struct link was = device(1, "a");
	struct link changed[] = {was, was, was, was, was, was, was, was, was, was, was};
	size_t n = 0;
	strcpy(changed[n++].alias, "x");
	strcpy(changed[n++].kind, "bridge");
	strcpy(changed[n++].parent, "vif-1-0");
	changed[n++].mac[5] = 1;
	changed[n++].mtu = 1501;
	changed[n++].max_mtu = 9000;
	changed[n++].flags = 1;
	changed[n++].master = 9;
	changed[n++].v6_quiet = true;
	changed[n++].br_vlan_filtering = true;
	changed[n++].port_flags = HOSTIF_PORT_ISOLATED;
	assert_int_equal(n, sizeof(changed) / sizeof(*changed));
	put(&t, 1, "a");
	assert_told(&t, "+a");
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(links_put(t.ls, &changed[i]), 0);
		assert_told(&t, "~a");
		assert_int_equal(links_put(t.ls, &was), 0);
		assert_told(&t, "~a");
	}
	table_fini(&t);
}

static void a_renamed_device_is_found_under_its_new_name_only(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	put(&t, 1, "b");
	assert_told(&t, "+a a>b");
	assert_null(links_by_name(t.ls, "a"));
	assert_int_equal(links_by_name(t.ls, "b")->ifindex, 1);
	assert_int_equal(links_count(t.ls), 1);
	table_fini(&t);
}

static void two_devices_may_swap_names_by_way_of_a_third(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	put(&t, 2, "b");
	/* Told late: for a moment both entries have the name. */
	put(&t, 1, "b");
	put(&t, 2, "a");
	assert_int_equal(links_by_name(t.ls, "a")->ifindex, 2);
	assert_int_equal(links_by_name(t.ls, "b")->ifindex, 1);
	links_del(t.ls, 2);
	assert_null(links_by_name(t.ls, "a"));
	assert_int_equal(links_by_name(t.ls, "b")->ifindex, 1);
	table_fini(&t);
}

static void a_deleted_device_is_told_once_and_deleting_it_again_is_nothing(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	links_del(t.ls, 1);
	links_del(t.ls, 1);
	links_del(t.ls, 99);
	assert_told(&t, "+a -a");
	assert_int_equal(links_count(t.ls), 0);
	assert_null(links_next(t.ls, NULL));
	table_fini(&t);
}

static struct link_addr address(unsigned host)
{
	struct link_addr a;
	memset(&a, 0, sizeof(a));
	a.addr = (struct addr){AF_INET, 24, false, {10, 0, host >> 8, host}};
	a.global = a.primary = a.usable = true;
	return a;
}

static void put_addr(struct table *t, int ifindex, unsigned host)
{
	struct link_addr a = address(host);
	assert_int_equal(links_put_addr(t->ls, ifindex, &a), 0);
}

static void del_addr(struct table *t, int ifindex, unsigned host)
{
	struct link_addr a = address(host);
	links_del_addr(t->ls, ifindex, &a.addr);
}

static void addresses_are_kept_and_told(void **state)
{
	struct table t;
	size_t n;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	put_addr(&t, 1, 1);
	put_addr(&t, 1, 2);
	put_addr(&t, 1, 3);
	del_addr(&t, 1, 2);
	assert_told(&t, "+a a:1 a:2 a:3 a:2");
	const struct link_addr *a = links_addrs(t.ls, 1, &n);
	assert_int_equal(n, 2);
	assert_int_equal(a[0].addr.bytes[3], 1);
	assert_int_equal(a[1].addr.bytes[3], 3);
	del_addr(&t, 1, 1);
	del_addr(&t, 1, 3);
	assert_told(&t, "a:1 a:0");
	assert_null(links_addrs(t.ls, 1, &n));
	table_fini(&t);
}

static void an_address_never_seen_takes_nothing_away(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	del_addr(&t, 1, 1);
	put_addr(&t, 2, 1);
	del_addr(&t, 2, 1);
	assert_told(&t, "+a");
	assert_int_equal(links_by_index(t.ls, 1)->n_addrs, 0);
	table_fini(&t);
}

static void news_about_a_device_do_not_forget_its_addresses(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	put_addr(&t, 1, 1);
	put(&t, 1, "a"); /* says nothing about addresses: no change */
	put(&t, 1, "b");
	assert_told(&t, "+a a:1 a>b");
	assert_int_equal(links_by_name(t.ls, "b")->n_addrs, 1);
	table_fini(&t);
}

/* RTM_NEWADDR is repeated with each router advertisement: months of them on one uplink. */
static void an_address_told_again_is_one_address_and_news_only_with_other_flags(void **state)
{
	struct table t;
	struct link_addr a = address(1);
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	for (int i = 0; i < 70000; i++)
		put_addr(&t, 1, 1);
	assert_told(&t, "+a a:1");
	a.usable = false;
	assert_int_equal(links_put_addr(t.ls, 1, &a), 0);
	assert_told(&t, "~a");
	assert_int_equal(links_by_index(t.ls, 1)->n_addrs, 1);
	table_fini(&t);
}

static struct router_route route_to(unsigned host, uint32_t metric)
{
	return (struct router_route){
		.dst = {AF_INET, 32, false, {10, 9, 0, host}},
		.src = address(1).addr,
		.metric = metric,
		.table = 254,
	};
}

static void put_route(struct table *t, int ifindex, unsigned host, uint32_t metric)
{
	struct router_route r = route_to(host, metric);
	assert_int_equal(links_put_route(t->ls, ifindex, &r), 0);
}

static size_t count_routes(struct table *t, int ifindex)
{
	struct router_route list[8];
	return routes_of(links_routes(t->ls), ifindex, list, 8);
}

static void up(struct table *t, int ifindex, const char *name, unsigned flags)
{
	struct link l = device(ifindex, name);
	l.flags = flags;
	assert_int_equal(links_put(t->ls, &l), 0);
}

static void routes_are_told_once_and_go_with_their_device_or_when_it_goes_down(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	up(&t, 1, "a", IFF_UP);
	up(&t, 2, "b", IFF_UP);
	put_route(&t, 1, 5, 7);
	put_route(&t, 1, 5, 7);
	put_route(&t, 2, 5, 6);
	assert_told(&t, "+a +b ~a ~b");
	up(&t, 1, "a", 0); /* the kernel says nothing of them */
	assert_int_equal(count_routes(&t, 1), 0);
	assert_int_equal(count_routes(&t, 2), 1);
	links_del(t.ls, 2);
	assert_int_equal(count_routes(&t, 2), 0);
	table_fini(&t);
}

static void routes_go_with_the_address_that_is_their_source_on_that_device(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	up(&t, 1, "a", IFF_UP);
	up(&t, 2, "b", IFF_UP);
	put_addr(&t, 1, 1);
	put_addr(&t, 1, 2);
	put_addr(&t, 2, 1);
	put_route(&t, 1, 5, 7);
	put_route(&t, 2, 6, 7);
	del_addr(&t, 1, 2);
	assert_int_equal(count_routes(&t, 1), 1);
	del_addr(&t, 1, 1);
	assert_int_equal(count_routes(&t, 1), 0);
	assert_int_equal(count_routes(&t, 2), 1);
	table_fini(&t);
}

static void a_route_that_another_displaced_is_told(void **state)
{
	struct table t;
	struct router_route r = route_to(5, 7), other = route_to(5, 8);
	(void)state;
	table_init(&t);
	up(&t, 1, "a", IFF_UP);
	put_route(&t, 1, 5, 7);
	links_displace_route(t.ls, &other);
	assert_told(&t, "+a ~a");
	links_displace_route(t.ls, &r);
	assert_told(&t, "~a");
	assert_int_equal(count_routes(&t, 1), 0);
	table_fini(&t);
}

static void a_proxy_entry_is_an_orphan_when_the_last_route_to_its_host_has_gone(void **state)
{
	struct table t;
	struct routes *rs;
	struct router_proxy p = {9, route_to(5, 7).dst}, out;
	struct router_route r = route_to(5, 7);
	(void)state;
	table_init(&t);
	rs = links_routes(t.ls);
	up(&t, 1, "a", IFF_UP);
	up(&t, 2, "b", IFF_UP);
	put_route(&t, 1, 5, 7);
	put_route(&t, 2, 5, 6);
	assert_int_equal(routes_put_proxy(rs, &p), 0);
	assert_false(routes_pop_orphan(rs, &out));
	links_del_route(t.ls, 1, &r);
	assert_false(routes_pop_orphan(rs, &out));
	links_del(t.ls, 2);
	assert_true(routes_pop_orphan(rs, &out));
	assert_true(router_proxy_equal(&out, &p));
	assert_false(routes_pop_orphan(rs, &out));
	table_fini(&t);
}

static void a_resync_finds_lost_routes_and_orphans_of_an_earlier_run(void **state)
{
	struct table t;
	struct routes *rs;
	struct router_proxy p = {9, route_to(5, 7).dst}, out;
	(void)state;
	table_init(&t);
	rs = links_routes(t.ls);
	up(&t, 1, "a", IFF_UP);
	put_route(&t, 1, 5, 7);
	put_route(&t, 1, 6, 7);
	t.told.text[0] = '\0';
	links_resync_begin(t.ls);
	up(&t, 1, "a", IFF_UP);
	put_route(&t, 1, 6, 7);
	routes_put_proxy(rs, &p);
	links_resync_end(t.ls);
	assert_told(&t, "~a");
	assert_int_equal(count_routes(&t, 1), 1);
	assert_true(routes_pop_orphan(rs, &out));
	table_fini(&t);
}

static void a_resync_deletes_what_it_did_not_see_and_tells_what_changed(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "same");
	put(&t, 2, "gone");
	put(&t, 3, "old-name");
	t.told.text[0] = '\0';
	links_resync_begin(t.ls);
	put(&t, 1, "same");
	put(&t, 3, "new-name");
	put(&t, 4, "new");
	links_resync_end(t.ls);
	assert_told(&t, "old-name>new-name +new -gone");
	assert_int_equal(links_count(t.ls), 3);
	assert_null(links_by_index(t.ls, 2));
	table_fini(&t);
}

static void a_name_that_passed_on_to_a_new_device_survives_the_resync(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "vif5.0");
	links_resync_begin(t.ls);
	put(&t, 2, "vif5.0"); /* the guest rebooted while notifications were lost */
	links_resync_end(t.ls);
	assert_int_equal(links_by_name(t.ls, "vif5.0")->ifindex, 2);
	assert_told(&t, "+vif5.0 +vif5.0 -vif5.0");
	table_fini(&t);
}

static void a_resync_counts_addresses_anew(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	put_addr(&t, 1, 1);
	put_addr(&t, 1, 2);
	links_resync_begin(t.ls);
	put(&t, 1, "a");
	put_addr(&t, 1, 2);
	links_resync_end(t.ls);
	assert_int_equal(links_by_index(t.ls, 1)->n_addrs, 1);
	table_fini(&t);
}

static void an_empty_resync_empties_the_table(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	put(&t, 1, "a");
	put(&t, 65, "b"); /* chained behind a */
	links_resync_begin(t.ls);
	links_resync_end(t.ls);
	assert_int_equal(links_count(t.ls), 0);
	assert_null(links_by_name(t.ls, "a"));
	assert_null(links_by_name(t.ls, "b"));
	table_fini(&t);
}

static void fill(struct table *t, int step)
{
	for (int i = 1; i <= MANY; i++) {
		char name[IFNAMSIZ];
		snprintf(name, sizeof(name), "vif%d.0", i);
		put(t, i * step, name);
	}
}

static void five_thousand_devices_are_all_found_and_visited_once(void **state)
{
	static const int steps[] = {1, 64,
				    8192}; /* dense; all in one bucket, at first and for ever */
	(void)state;
	for (size_t s = 0; s < sizeof(steps) / sizeof(*steps); s++) {
		static unsigned char seen[MANY + 1];
		struct table t;
		memset(seen, 0, sizeof(seen));
		table_init(&t);
		fill(&t, steps[s]);
		assert_int_equal(links_count(t.ls), MANY);
		assert_int_equal(t.told.n, MANY);
		links_for_each(t.ls, l) {
			assert_int_equal(l->ifindex % steps[s], 0);
			assert_in_range(l->ifindex / steps[s], 1, MANY);
			assert_int_equal(seen[l->ifindex / steps[s]]++, 0);
			assert_ptr_equal(links_by_name(t.ls, l->name), l);
			assert_ptr_equal(links_by_index(t.ls, l->ifindex), l);
		}
		assert_int_equal(memchr(seen + 1, 0, MANY) ? 1 : 0, 0);
		table_fini(&t);
	}
}

static void a_table_that_grew_still_renames_deletes_and_resyncs(void **state)
{
	struct table t;
	(void)state;
	table_init(&t);
	fill(&t, 1);
	for (int i = 1; i <= MANY; i += 2)
		links_del(t.ls, i);
	put(&t, 2, "web0");
	assert_int_equal(links_count(t.ls), MANY / 2);
	assert_null(links_by_name(t.ls, "vif1.0"));
	assert_null(links_by_name(t.ls, "vif2.0"));
	assert_int_equal(links_by_name(t.ls, "web0")->ifindex, 2);
	links_resync_begin(t.ls);
	put(&t, 4, "vif4.0");
	links_resync_end(t.ls);
	assert_int_equal(links_count(t.ls), 1);
	assert_int_equal(t.told.n, MANY + MANY / 2 + 1 + MANY / 2 - 1);
	table_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_found_by_index_and_by_name),
		cmocka_unit_test(a_new_device_is_told_once_and_the_same_news_again_not_at_all),
		cmocka_unit_test(a_change_of_any_single_property_is_told),
		cmocka_unit_test(a_renamed_device_is_found_under_its_new_name_only),
		cmocka_unit_test(two_devices_may_swap_names_by_way_of_a_third),
		cmocka_unit_test(a_deleted_device_is_told_once_and_deleting_it_again_is_nothing),
		cmocka_unit_test(addresses_are_kept_and_told),
		cmocka_unit_test(an_address_never_seen_takes_nothing_away),
		cmocka_unit_test(news_about_a_device_do_not_forget_its_addresses),
		cmocka_unit_test(an_address_told_again_is_one_address_and_news_only_with_other_flags),
		cmocka_unit_test(routes_are_told_once_and_go_with_their_device_or_when_it_goes_down),
		cmocka_unit_test(routes_go_with_the_address_that_is_their_source_on_that_device),
		cmocka_unit_test(a_route_that_another_displaced_is_told),
		cmocka_unit_test(a_proxy_entry_is_an_orphan_when_the_last_route_to_its_host_has_gone),
		cmocka_unit_test(a_resync_finds_lost_routes_and_orphans_of_an_earlier_run),
		cmocka_unit_test(a_resync_deletes_what_it_did_not_see_and_tells_what_changed),
		cmocka_unit_test(a_name_that_passed_on_to_a_new_device_survives_the_resync),
		cmocka_unit_test(a_resync_counts_addresses_anew),
		cmocka_unit_test(an_empty_resync_empties_the_table),
		cmocka_unit_test(five_thousand_devices_are_all_found_and_visited_once),
		cmocka_unit_test(a_table_that_grew_still_renames_deletes_and_resyncs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
