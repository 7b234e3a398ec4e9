// SPDX-License-Identifier: GPL-2.0-or-later
/* libxl's vlan= syntax and the sets that come of it. */
#include "cases.h"
#include "vlan.h"

#define SYNTAX "allowed are N, Np, Nu, A-B, A-Bu, N+OFFxCOUNT, N+OFFxCOUNTu"

/* What a set looks like when it is printed tells all of it: members, tags, PVID. */
static const struct good {
	const char *name, *text, *printed;
} good[] = {
	{"one plain VLAN is the PVID, untagged", "1", "1p"},
	{"p alone is the same", "1p", "1p"},
	{"one untagged VLAN is the PVID", "10u", "10p"},
	{"a range of one VLAN is the PVID", "7-7", "7p"},
	{"a series of one VLAN is the PVID", "7+100x1", "7p"},
	{"the first and the last VLAN can be used", "1p/4094", "1p/4094"},
	{"a PVID with a tagged range", "10p/20-29", "10p/20-29"},
	{"an untagged VLAN beside the PVID", "10p/20-29/40u", "10p/20-29/40u"},
	{"the order of terms does not matter", "40u/20-29/10p", "10p/20-29/40u"},
	{"an untagged range", "1p/2-4u", "1p/2-4u"},
	{"a series has an offset and a count", "1p/10+10x9", "1p/10/20/30/40/50/60/70/80/90"},
	{"an untagged series", "1p/5+2x3u", "1p/5u/7u/9u"},
	{"a series of offset 1 is a range", "1p/5+1x3", "1p/5-7"},
	{"a series may end at 4094", "1p/94+1000x5", "1p/94/1094/2094/3094/4094"},
	{"the PVID cuts a run in two", "20-24u/25p/26-30u", "20-24u/25p/26-30u"},
	{"neighbours with other tags are other runs", "1p/10-12/13-15u", "1p/10-12/13-15u"},
	{"runs join over terms", "1p/10-12/13/14-20", "1p/10-20"},
	{"a run may cross the words of the set", "1p/60-70/127-129", "1p/60-70/127-129"},
	{"all VLANs at once", "1p/2-4094", "1p/2-4094"},
};

static const struct bad {
	const char *name, *text, *says[4];
} bad[] = {
	{"an empty text is refused", "", {"VLANs \"\"", "empty term", SYNTAX}},
	{"an empty first term is refused", "/1", {"VLANs \"/1\"", "empty term"}},
	{"an empty term within is refused", "1p//2", {"empty term"}},
	{"a slash at the end is refused", "1p/", {"empty term"}},
	{"a slash alone is refused", "/", {"empty term"}},
	{"two VLANs without a PVID are refused", "5/6", {"no PVID", "5p"}},
	{"a range without a PVID is refused", "20-29", {"no PVID", "20p"}},
	{"an untagged range without a PVID is refused", "20-29u", {"no PVID"}},
	{"a series without a PVID is refused", "5+2x3", {"no PVID"}},
	{"two PVIDs are refused", "10p/20p", {"PVIDs 10 and 20", "allowed is one"}},
	{"VLAN 0 is refused", "0", {"\"0\"", "1 to 4094"}},
	{"VLAN 0 is refused as PVID", "0p", {"\"0p\"", "1 to 4094"}},
	{"VLAN 4095 is refused", "1p/4095", {"\"4095\"", "1 to 4094"}},
	{"a range from 0 is refused", "1p/0-5", {"\"0-5\"", "1 to 4094"}},
	{"a range to 4095 is refused", "1p/4000-4095", {"\"4000-4095\"", "1 to 4094"}},
	{"a number beyond 16 bits is refused", "65537", {"1 to 4094"}},
	{"a number beyond 32 bits is refused", "4294967297", {"1 to 4094"}},
	{"a number beyond 64 bits is refused", "18446744073709551617", {"1 to 4094"}},
	{"a huge range is refused", "1p/2-18446744073709551615", {"1 to 4094"}},
	{"a huge series is refused", "1p/2+99999999999x99999999999", {"1 to 4094"}},
	{"a series past 4094 is refused", "1p/95+1000x5", {"\"95+1000x5\"", "1 to 4094"}},
	{"a series with a count past 4094 is refused", "1p/2+1x4094", {"1 to 4094"}},
	{"a reversed range is refused", "1p/29-20", {"\"29-20\" holds no VLAN", "A up to B"}},
	{"a count of 0 is refused", "1p/5+2x0", {"\"5+2x0\" holds no VLAN", "COUNT from 1"}},
	{"an offset of 0 is refused", "1p/5+0x3", {"\"5+0x3\" holds no VLAN", "OFF"}},
	{"a VLAN given twice is refused", "10p/10", {"VLAN 10 is given twice"}},
	{"a PVID in a range is refused", "20-29/25p", {"VLAN 25 is given twice"}},
	{"ranges that overlap are refused", "1p/10-20/15-25", {"VLAN 15 is given twice"}},
	{"a series that meets a range is refused", "1p/10-20/5+5x3", {"VLAN 10 is given twice"}},
	{"a PVID range is refused", "10-20p", {"the term \"10-20p\"", SYNTAX}},
	{"a PVID series is refused", "10+1x3p", {"the term \"10+1x3p\"", SYNTAX}},
	{"two flags are refused", "10pu", {"the term \"10pu\"", SYNTAX}},
	{"an unknown flag is refused", "10t", {"the term \"10t\"", SYNTAX}},
	{"an upper-case flag is refused", "10P", {"the term \"10P\"", SYNTAX}},
	{"a flag without a number is refused", "p", {"the term \"p\"", SYNTAX}},
	{"a word is refused", "lan", {"the term \"lan\"", SYNTAX}},
	{"a negative number is refused", "-1", {"the term \"-1\"", SYNTAX}},
	{"a sign is refused", "+1", {"the term \"+1\"", SYNTAX}},
	{"a leading zero is refused, as bash took it for octal",
	 "010",
	 {"\"010\"", "leading zeros"}},
	{"a leading zero is refused in a range", "1p/2-010", {"\"2-010\"", "leading zeros"}},
	{"a hexadecimal number is refused", "0x10", {"the term \"0x10\"", SYNTAX}},
	{"an open range is refused", "1p/10-", {"the term \"10-\"", SYNTAX}},
	{"a range of three is refused", "1p/10-20-30", {"the term \"10-20-30\"", SYNTAX}},
	{"a series without a count is refused", "1p/10+10", {"the term \"10+10\"", SYNTAX}},
	{"a series with an empty count is refused", "1p/10+10x", {"the term \"10+10x\"", SYNTAX}},
	{"a comma is refused", "10p,20", {"the term \"10p,20\"", SYNTAX}},
	{"a leading blank is refused", " 10", {"the term \" 10\"", SYNTAX}},
	{"a newline at the end is refused", "10\n", {"the term \"10?\"", SYNTAX}},
	{"a long term is cut in the text",
	 "1p/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	 {"the term \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\";", SYNTAX}},
};

static void parses(void **state)
{
	const struct good *c = *state;
	struct err e = ERR_INIT;
	struct vlan_set set, again;
	char buf[4096];

	memset(&set, 0xff, sizeof(set));
	assert_int_equal(vlan_parse(c->text, &set, &e), 0);
	assert_string_equal(vlan_print(&set, buf, sizeof(buf)), c->printed);
	assert_true(vlan_has(&set, set.pvid));
	assert_true(vlan_is_untagged(&set, set.pvid));
	assert_int_equal(vlan_parse(buf, &again, &e), 0);
	assert_true(vlan_equal(&set, &again));
}

static void refuses(void **state)
{
	const struct bad *c = *state;
	struct err e = ERR_INIT;
	struct vlan_set set = {.pvid = 77}, before = set;

	assert_int_equal(vlan_parse(c->text, &set, &e), -22);
	assert_int_equal(e.code, -22);
	assert_says(&e, c->says);
	assert_memory_equal(&set, &before, sizeof(set));
	assert_true(vlan_parse(c->text, &set, NULL) < 0);
}

static void holds_what_was_added(void **state)
{
	struct vlan_set set = {.pvid = 0};

	(void)state;
	assert_true(vlan_is_empty(&set));
	for (uint32_t v = 0; v < 0x10000; v++) {
		assert_false(vlan_has(&set, (uint16_t)v));
		vlan_add(&set, (uint16_t)v, v % 2);
		assert_int_equal(vlan_has(&set, (uint16_t)v), v >= VLAN_MIN && v <= VLAN_MAX);
		assert_int_equal(vlan_is_untagged(&set, (uint16_t)v),
				 v % 2 && v >= VLAN_MIN && v <= VLAN_MAX);
		assert_int_equal(vlan_is_empty(&set), v < VLAN_MIN);
	}
	vlan_add(&set, 11, false);
	assert_true(vlan_has(&set, 11));
	assert_false(vlan_is_untagged(&set, 11));
}

static void equal_sets_are_equal_in_all(void **state)
{
	struct vlan_set a = {.pvid = 0}, b;

	(void)state;
	vlan_add(&a, 10, true);
	a.pvid = 10;
	b = a;
	assert_true(vlan_equal(&a, &b));
	b.pvid = 0;
	assert_false(vlan_equal(&a, &b));
	b = a;
	vlan_add(&b, 4094, false);
	assert_false(vlan_equal(&a, &b));
	b = a;
	vlan_add(&b, 10, false);
	assert_false(vlan_equal(&a, &b));
}

static void runs_tell_every_vlan_once(void **state)
{
	struct vlan_set set, copy = {.pvid = 0};
	uint16_t last, runs = 0;

	(void)state;
	assert_int_equal(vlan_parse("100p/98-99u/101-102u/1/4093-4094", &set, NULL), 0);
	for (uint16_t v = vlan_next_run(&set, 0, &last); v;
	     v = vlan_next_run(&set, last + 1, &last)) {
		assert_true(last >= v);
		for (uint16_t i = v; i <= last; i++) {
			assert_false(vlan_has(&copy, i));
			vlan_add(&copy, i, vlan_is_untagged(&set, v));
		}
		runs++;
	}
	copy.pvid = set.pvid;
	assert_int_equal(runs, 5);
	assert_true(vlan_equal(&set, &copy));
	assert_int_equal(vlan_next_run(&set, 4094, &last), 4094);
	assert_int_equal(vlan_next_run(&set, 4095, &last), 0);
	assert_int_equal(vlan_next_run(&set, 0xffff, &last), 0);
	set.member[VLAN_WORDS - 1] |= UINT64_C(1) << 63; /* no VLAN: 4095 */
	assert_int_equal(vlan_next_run(&set, 4095, &last), 0);
}

static void prints_what_the_syntax_cannot_say(void **state)
{
	struct vlan_set set = {.pvid = 0};
	char buf[64];

	(void)state;
	assert_string_equal(vlan_print(&set, buf, sizeof(buf)), "");
	vlan_add(&set, 10, false);
	assert_string_equal(vlan_print(&set, buf, sizeof(buf)), "10");
	set.pvid = 10;
	assert_string_equal(vlan_print(&set, buf, sizeof(buf)), "10pt");
}

static void print_cuts_at_a_term_and_says_so(void **state)
{
	static const char whole[] = "1p/10/20/30/40/50/60/70/80/90";
	struct vlan_set set;

	(void)state;
	assert_int_equal(vlan_parse(whole, &set, NULL), 0);
	for (size_t size = 1; size < sizeof(whole) + 8; size++) {
		char buf[64];
		memset(buf, 'x', sizeof(buf));
		vlan_print(&set, buf, size);
		size_t len = strlen(buf);
		assert_true(len < size);
		assert_int_equal(buf[size], 'x');
		if (size >= sizeof(whole) + 3)
			assert_string_equal(buf, whole);
		else if (size > 3)
			assert_string_equal(buf + len - 3, "...");
	}
}

static void one_random_text(uint64_t *seed, unsigned int *parsed)
{
	static const char letters[] = "0123456789011112345pppuuxx+--//// \x80";
	char text[24], buf[256];
	struct vlan_set set = {.pvid = 0}, again;
	struct err e = ERR_INIT;
	size_t len = 1 + random_below(seed, sizeof(text) - 1);

	for (size_t i = 0; i < len; i++)
		text[i] = letters[random_below(seed, sizeof(letters) - 1)];
	text[len - 1] = '\0';
	if (vlan_parse(text, &set, &e)) {
		assert_true(e.code == -22 && e.text[0]);
		assert_true(vlan_is_empty(&set));
		return;
	}
	(*parsed)++;
	assert_true(vlan_is_untagged(&set, set.pvid));
	if (strstr(vlan_print(&set, buf, sizeof(buf)), "..."))
		return;
	if (vlan_parse(buf, &again, &e) || !vlan_equal(&set, &again))
		fail_msg("\"%s\" prints as \"%s\"", text, buf);
}

static void random_texts_are_refused_or_survive_print_and_parse(void **state)
{
	uint64_t seed = 20240517;
	unsigned int parsed = 0;

	(void)state;
	for (int i = 0; i < 200000; i++)
		one_random_text(&seed, &parsed);
	assert_true(parsed > 1000);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(holds_what_was_added),
		cmocka_unit_test(equal_sets_are_equal_in_all),
		cmocka_unit_test(runs_tell_every_vlan_once),
		cmocka_unit_test(prints_what_the_syntax_cannot_say),
		cmocka_unit_test(print_cuts_at_a_term_and_says_so),
		cmocka_unit_test(random_texts_are_refused_or_survive_print_and_parse),
	};
	struct CMUnitTest tests[COUNT(good) + COUNT(bad) + COUNT(others)];
	size_t n = 0;

	CASES_ADD(tests, n, good, parses);
	CASES_ADD(tests, n, bad, refuses);
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("vlan", tests, NULL, NULL);
}
