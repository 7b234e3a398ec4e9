// SPDX-License-Identifier: GPL-2.0-or-later
/* The address plan: who gets which address, what is remembered, and its text. */
#include "cases.h"

#include <errno.h>
#include <stdlib.h>

#include "leases.h"

struct here {
	uint8_t mac[256][6];
	size_t n;
};

static bool is_here(void *arg, const char *network, const uint8_t mac[6])
{
	const struct here *h = arg;
	(void)network;
	for (size_t i = 0; i < h->n; i++)
		if (!memcmp(h->mac[i], mac, 6))
			return true;
	return false;
}

static struct addr addr(const char *text)
{
	struct addr a;
	assert_int_equal(addr_parse(text, &a, NULL), 0);
	return a;
}

static struct lease_pool pool(const char *gw4)
{
	struct lease_pool p = {.network = "lab", .gw4 = addr(gw4)};
	return p;
}

/* Guest number @no; it is here from now on. @return leases_take()'s. */
static int take(struct leases *ls, const struct lease_pool *p, struct here *h, unsigned no,
		uint32_t day, struct lease *out, struct err *e)
{
	const uint8_t mac[6] = {0, 0x16, 0x3e, no >> 16, no >> 8, no};
	char name[16];
	snprintf(name, sizeof(name), "g%u", no);
	const struct leases_guest g = {mac, name, day, is_here, h};
	int r = leases_take(ls, p, &g, out, e);
	if (r >= 0 && !is_here(h, "lab", mac) && h->n < COUNT(h->mac))
		memcpy(h->mac[h->n++], mac, 6);
	return r;
}

static uint32_t taken(struct leases *ls, const struct lease_pool *p, struct here *h, unsigned no)
{
	struct lease l;
	struct err e = ERR_INIT;
	if (take(ls, p, h, no, 1, &l, &e) < 0)
		fail_msg("guest %u: %s", no, e.text);
	return lease_to_num(&l.addr4);
}

static void a_first_choice_depends_on_the_mac_alone(void **state)
{
	struct leases *a = leases_new(), *b = leases_new();
	struct lease_pool p = pool("10.66.0.1/16");
	struct here h = {.n = 0};
	unsigned same = 0;
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		taken(a, &p, &h, i);
	for (unsigned i = 100; i-- > 0;)
		same += taken(a, &p, &h, i) == taken(b, &p, &h, i);
	assert_in_range(same, 99, 100); /* but for those whose first choices met */
	leases_free(a);
	leases_free(b);
}

static void every_address_of_a_subnet_is_given_once_and_none_that_is_not_to_be(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/24");
	struct here h = {.n = 0};
	struct lease l;
	struct err e = ERR_INIT;
	bool seen[256] = {false};
	(void)state;
	p.reserved[p.n_reserved++] = lease_to_num(&(struct addr){.bytes = {10, 66, 0, 77}});
	for (unsigned i = 0; i < 252; i++) {
		uint32_t num = taken(ls, &p, &h, i);
		assert_int_equal(num >> 8, 10 << 16 | 66 << 8);
		assert_false(seen[num & 255]);
		seen[num & 255] = true;
	}
	assert_false(seen[0] || seen[1] || seen[77] || seen[255]);
	assert_int_equal(take(ls, &p, &h, 1000, 1, &l, &e), -ENOSPC);
	assert_says(&e, (const char *const[]){"network lab has no free address", "10.66.0.1/32",
					      "10.66.0.254/32", "larger subnet or range", NULL});
	assert_int_equal(leases_count(ls), 252);
	leases_free(ls);
}

static void a_full_subnet_takes_the_address_of_who_was_away_longest(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/29"); /* five guests */
	struct here h = {.n = 0};
	struct lease l, old;
	struct err e = ERR_INIT;
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(take(ls, &p, &h, i, 10 - i, &l, &e), 1);
	old = l; /* of guest 4, day 6 */
	h.n = 0; /* all have gone */
	memcpy(h.mac[h.n++], (const uint8_t[]){0, 0x16, 0x3e, 0, 0, 4}, 6); /* but for guest 4 */
	assert_int_equal(take(ls, &p, &h, 100, 11, &l, &e), 1);
	assert_false(addr_same_host(&l.addr4, &old.addr4));
	assert_int_equal(leases_count(ls), 5); /* no two have one address */
	h.n = 0; /* guest 3 (day 7) lost its own to 100; the others have theirs */
	assert_int_equal(take(ls, &p, &h, 4, 6, &l, &e), 0);
	assert_int_equal(take(ls, &p, &h, 0, 10, &l, &e), 0);
	assert_int_equal(take(ls, &p, &h, 1, 9, &l, &e), 0);
	assert_int_equal(take(ls, &p, &h, 2, 8, &l, &e), 0);
	leases_free(ls);
}

static void a_known_guest_costs_no_write_but_once_a_day(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/24");
	struct here h = {.n = 0};
	struct lease l, again;
	(void)state;
	assert_int_equal(take(ls, &p, &h, 1, 5, &l, NULL), 1);
	assert_int_equal(take(ls, &p, &h, 1, 5, &again, NULL), 0);
	assert_int_equal(take(ls, &p, &h, 1, 6, &again, NULL), 2);
	assert_int_equal(take(ls, &p, &h, 1, 6, &again, NULL), 0);
	assert_true(addr_same_host(&l.addr4, &again.addr4));
	leases_free(ls);
}

static void an_address_by_name_is_given_or_its_holder_named(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/24"), fixed = p;
	struct here h = {.n = 0};
	struct lease l;
	struct err e = ERR_INIT;
	(void)state;
	fixed.fixed4 = addr("10.66.0.50");
	fixed.fixed_by = "ip=";
	assert_int_equal(take(ls, &fixed, &h, 1, 1, &l, &e), 1);
	assert_int_equal(lease_to_num(&l.addr4) & 255, 50);
	assert_int_equal(take(ls, &fixed, &h, 2, 1, &l, &e), -EADDRINUSE);
	assert_says(&e, (const char *const[]){"ip=: 10.66.0.50/32 of network lab belongs to g1",
					      "00:16:3e:00:00:01", NULL});
	h.n = 0; /* guest 1 has gone: the administrator's word counts */
	assert_int_equal(take(ls, &fixed, &h, 2, 1, &l, &e), 1);
	assert_int_not_equal(taken(ls, &p, &h, 1) & 255, 50);
	fixed.fixed4 = addr("10.67.0.50");
	assert_int_equal(take(ls, &fixed, &h, 3, 1, &l, &e), -EINVAL);
	assert_says(&e, (const char *const[]){"10.67.0.50/32 is not in network lab", NULL});
	fixed.fixed4 = addr("10.66.0.1");
	assert_int_equal(take(ls, &fixed, &h, 3, 1, &l, &e), -EADDRINUSE);
	fixed.fixed4 = addr("10.66.0.255");
	assert_int_equal(take(ls, &fixed, &h, 3, 1, &l, &e), -EINVAL);
	fixed.fixed4 = (struct addr){.family = 0};
	fixed.fixed6 = addr("fd66::5");
	assert_int_equal(take(ls, &fixed, &h, 3, 1, &l, &e), -EINVAL);
	assert_says(&e, (const char *const[]){"IPv4 alone", NULL});
	assert_int_equal(leases_count(ls), 2);
	leases_free(ls);
}

static void ipv6_is_made_of_the_mac(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/24");
	struct here h = {.n = 0};
	struct lease l;
	char text[ADDR_TEXT_SIZE];
	(void)state;
	p.gw6 = addr("fd66::1/64");
	assert_int_equal(take(ls, &p, &h, 0x050607, 1, &l, NULL), 1);
	assert_string_equal(addr_print(&l.addr6, text, sizeof(text)), "fd66::216:3eff:fe05:607/128");
	p.gw6.family = 0; /* the network has lost its subnet6 */
	assert_int_equal(take(ls, &p, &h, 0x050607, 1, &l, NULL), 1);
	assert_int_equal(l.addr6.family, 0);
	leases_free(ls);
}

static void another_subnet_is_another_address_and_networks_do_not_mix(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/24"), q = pool("10.66.0.1/24");
	struct here h = {.n = 0};
	(void)state;
	strcpy(q.network, "office");
	uint32_t a = taken(ls, &p, &h, 1);
	assert_int_equal(taken(ls, &q, &h, 1), a);
	assert_int_equal(leases_count(ls), 2);
	p.gw4 = addr("10.99.0.1/24");
	assert_int_equal(taken(ls, &p, &h, 1) >> 8, 10 << 16 | 99 << 8);
	assert_int_equal(taken(ls, &q, &h, 1), a);
	leases_free(ls);
}

static void what_could_not_be_saved_is_taken_back(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/29");
	struct here h = {.n = 0};
	struct lease l;
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		taken(ls, &p, &h, i);
	h.n = 0;
	assert_int_equal(take(ls, &p, &h, 100, 2, &l, NULL), 1); /* at another's expense */
	leases_undo(ls);
	assert_int_equal(leases_count(ls), 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(take(ls, &p, &h, i, 1, &l, NULL), 0);
	leases_free(ls);
}

static char *print(const struct leases *ls)
{
	struct buf b = {.data = NULL};
	assert_int_equal(leases_print(ls, &b), 0);
	assert_int_equal(buf_add(&b, "", 1), 0);
	return b.data;
}

static void the_text_says_all_and_is_read_back(void **state)
{
	struct leases *ls = leases_new(), *again = leases_new();
	struct lease_pool p = pool("10.66.0.1/24");
	struct here h = {.n = 0};
	struct addr gw = addr("192.168.123.1/24"), got;
	(void)state;
	p.gw6 = addr("fd66::1/64");
	for (unsigned i = 0; i < 50; i++)
		taken(ls, &p, &h, i);
	assert_int_equal(leases_set_network(ls, "virbr0", &gw), 0);
	char *a = print(ls);
	assert_int_equal(leases_parse(again, a, NULL), 0);
	char *b = print(again);
	assert_string_equal(a, b);
	assert_true(leases_network(again, "virbr0", &got));
	assert_true(addr_equal(&gw, &got));
	assert_false(leases_network(again, "lab", &got));
	free(a);
	free(b);
	leases_free(ls);
	leases_free(again);
}

#define HEAD "version 1\nlease lab 00:16:3e:00:00:01 10.66.0.5 - 7 web1\n"

static const struct damaged {
	const char *name, *text;
	size_t left;
} damaged[] = {
	{"an empty file", "", 0},
	{"a file without its last line", HEAD, 1},
	{"a file that ends within a line", HEAD "lease lab 00:16:3e:00:00:02 10.66.0.", 1},
	{"a wrong sum", HEAD "end 2 00000000\n", 1},
	{"another version", "version 2\nend 1 00000000\n", 0},
	{"a MAC twice", HEAD "lease lab 00:16:3e:00:00:01 10.66.0.6 - 7 web1\n", 1},
	{"an address twice", HEAD "lease lab 00:16:3e:00:00:02 10.66.0.5 - 7 db\n", 1},
	{"what is no address", HEAD "lease lab 00:16:3e:00:00:02 10.66.0.256 - 7 db\n", 1},
	{"an address with a length", HEAD "lease lab 00:16:3e:00:00:02 10.66.0.6/24 - 7 db\n", 1},
	{"IPv6 where IPv4 should be", HEAD "lease lab 00:16:3e:00:00:02 fd66::1 - 7 db\n", 1},
	{"a day that is no number", HEAD "lease lab 00:16:3e:00:00:02 10.66.0.6 - x db\n", 1},
	{"too many words", HEAD "lease lab 00:16:3e:00:00:02 10.66.0.6 - 7 db or more\n", 1},
	{"an unknown word before a good line", "nonsense\n" HEAD, 1},
	{"a network of no length", HEAD "network virbr0 10.0.0.1\n", 1},
	{"a name that is too long",
	 HEAD "lease 0123456789012345678901234567890123456789012345678901234567890123456789 "
	      "00:16:3e:00:00:02 10.66.0.6 - 7 db\n", 1},
};

static void damage_test(void **state)
{
	const struct damaged *c = *state;
	struct leases *ls = leases_new();
	struct err e = ERR_INIT;
	assert_int_equal(leases_parse(ls, c->text, &e), 1);
	assert_true(e.text[0]);
	assert_int_equal(leases_count(ls), c->left);
	leases_free(ls);
}

static void any_changed_byte_is_noticed_and_never_fatal(void **state)
{
	struct leases *ls = leases_new();
	struct lease_pool p = pool("10.66.0.1/24");
	struct here h = {.n = 0};
	(void)state;
	for (unsigned i = 0; i < 8; i++)
		taken(ls, &p, &h, i);
	char *text = print(ls);
	for (size_t i = 0; text[i]; i++) {
		struct leases *again = leases_new();
		char was = text[i];
		text[i] = was == 'x' ? 'y' : 'x';
		assert_int_equal(leases_parse(again, text, NULL), 1);
		assert_in_range(leases_count(again), 6, 8);
		text[i] = was;
		leases_free(again);
	}
	free(text);
	leases_free(ls);
}

int main(void)
{
	struct CMUnitTest tests[48] = {
		cmocka_unit_test(a_first_choice_depends_on_the_mac_alone),
		cmocka_unit_test(every_address_of_a_subnet_is_given_once_and_none_that_is_not_to_be),
		cmocka_unit_test(a_full_subnet_takes_the_address_of_who_was_away_longest),
		cmocka_unit_test(a_known_guest_costs_no_write_but_once_a_day),
		cmocka_unit_test(an_address_by_name_is_given_or_its_holder_named),
		cmocka_unit_test(ipv6_is_made_of_the_mac),
		cmocka_unit_test(another_subnet_is_another_address_and_networks_do_not_mix),
		cmocka_unit_test(what_could_not_be_saved_is_taken_back),
		cmocka_unit_test(the_text_says_all_and_is_read_back),
		cmocka_unit_test(any_changed_byte_is_noticed_and_never_fatal),
	};
	size_t n = 10;
	CASES_ADD(tests, n, damaged, damage_test);
	return _cmocka_run_group_tests("leases", tests, n, NULL, NULL);
}
