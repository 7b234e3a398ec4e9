// SPDX-License-Identifier: GPL-2.0-or-later
/* Typed options: every type's good and bad values, and the nearest match. */
#include "cases.h"
#include "fake-plugins.h"
#include "options.h"

#define LONG_63	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_255 LONG_63 "x" LONG_63 "x" LONG_63 "x" LONG_63

static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct option_spec flag = {.name = "flag", .type = OPTION_BOOL, .help = "a switch"};
static const struct option_spec mtu = {.name = "mtu", .type = OPTION_INT, .min = 68, .max = 65517};
static const struct option_spec shift = {.name = "shift", .type = OPTION_INT, .min = -5, .max = 5};
static const struct option_spec any = {
	.name = "any", .type = OPTION_INT, .min = INT64_MIN, .max = INT64_MAX};
static const struct option_spec text = {.name = "text", .type = OPTION_STRING};
static const struct option_spec dev = {.name = "dev", .type = OPTION_IFNAME};
static const struct option_spec vlan = {.name = "vlan", .type = OPTION_VLAN};
static const struct option_spec colour = {.name = "colour", .type = OPTION_WORD, .words = colours};

static const struct good {
	const char *name;
	const struct option_spec *spec;
	const char *text;
	int64_t num;
	const char *str;
} good[] = {
	{"true is true", &flag, "true", 1, NULL},
	{"yes is true", &flag, "yes", 1, NULL},
	{"on is true", &flag, "on", 1, NULL},
	{"false is false", &flag, "false", 0, NULL},
	{"no is false", &flag, "no", 0, NULL},
	{"off is false", &flag, "off", 0, NULL},
	{"the least number is allowed", &mtu, "68", 68, NULL},
	{"the greatest number is allowed", &mtu, "65517", 65517, NULL},
	{"zero is a number", &shift, "0", 0, NULL},
	{"a number may be negative", &shift, "-5", -5, NULL},
	{"the greatest number there is", &any, "9223372036854775807", INT64_MAX, NULL},
	{"the least number there is", &any, "-9223372036854775808", INT64_MIN, NULL},
	{"a word gives its index", &colour, "blue", 2, NULL},
	{"a string is kept", &text, "192.168.122.0/24", 0, "192.168.122.0/24"},
	{"blanks and ~ are printable", &text, " ~", 0, " ~"},
	{"a string may hold 255 bytes", &text, LONG_255, 0, LONG_255},
	{"a netdev name of 15 bytes is allowed", &dev, "enp0s31f6.4000x", 0, "enp0s31f6.4000x"},
	{"VLANs are kept as text", &vlan, "20-29/10p", 0, "20-29/10p"},
};

static const struct bad {
	const char *name;
	const struct option_spec *spec;
	const char *text;
	const char *says[4];
} bad[] = {
	{"a misspelt boolean gets its nearest word",
	 &flag,
	 "ture",
	 {"flag: \"ture\"; allowed are true, yes, on, false, no, off", "did you mean \"true\"?",
	  "(a switch)"}},
	{"an upper-case boolean gets its word", &flag, "TRUE", {"did you mean \"true\"?"}},
	{"a number is no boolean", &flag, "1", {"flag: \"1\"; allowed are true"}},
	{"an empty boolean is refused", &flag, "", {"flag: \"\"; allowed are true"}},
	{"a number below the least is refused", &mtu, "67", {"mtu: \"67\"", "from 68 to 65517"}},
	{"a number above the greatest is refused", &mtu, "65518", {"from 68 to 65517"}},
	{"a negative number is refused", &mtu, "-100", {"mtu: \"-100\"", "from 68 to 65517"}},
	{"a number beyond 64 bits is refused", &any, "9223372036854775808", {"any: \"9223"}},
	{"a number far below 64 bits is refused", &any, "-99999999999999999999", {"any: \"-999"}},
	{"2^32 + 1500 is not taken for 1500", &mtu, "4294968796", {"from 68 to 65517"}},
	{"an empty number is refused", &mtu, "", {"mtu: \"\"; allowed are whole numbers"}},
	{"a unit is refused", &mtu, "1500b", {"mtu: \"1500b\""}},
	{"a fraction is refused", &mtu, "1500.0", {"mtu: \"1500.0\""}},
	{"a hexadecimal number is refused", &mtu, "0x100", {"mtu: \"0x100\""}},
	{"a leading zero is refused", &mtu, "01500", {"mtu: \"01500\""}},
	{"a leading plus is refused", &mtu, "+1500", {"mtu: \"+1500\""}},
	{"a leading blank is refused", &mtu, " 1500", {"mtu: \" 1500\""}},
	{"a minus alone is refused", &shift, "-", {"shift: \"-\"", "from -5 to 5"}},
	{"minus zero is refused", &shift, "-0", {"shift: \"-0\""}},
	{"a misspelt word gets its nearest word",
	 &colour,
	 "gren",
	 {"colour: \"gren\"; allowed are red, green, blue; did you mean \"green\"?"}},
	{"the beginning of a word is refused", &colour, "gre", {"allowed are red, green, blue"}},
	{"an empty string is refused", &text, "", {"text: \"\"", "1 to 255 printable"}},
	{"a string of 256 bytes is refused", &text, LONG_255 "x", {"1 to 255 printable"}},
	{"a newline in a string is refused", &text, "a\nb", {"text: \"a?b\""}},
	{"a byte outside of ASCII is refused", &text, "caf\xc3\xa9", {"text: \"caf??\""}},
	{"DEL is refused", &text, "a\x7f", {"1 to 255 printable"}},
	{"a netdev name of 16 bytes is refused",
	 &dev,
	 "enp0s31f6.4000xx",
	 {"dev: \"enp", "1 to 15"}},
	{"a slash in a netdev name is refused", &dev, "../x", {"dev: \"../x\"", "netdev names"}},
	{"an empty netdev name is refused", &dev, "", {"dev: \"\"; allowed are netdev names"}},
	{"bad VLANs are refused", &vlan, "10p/4095", {"vlan: VLANs \"10p/4095\"", "1 to 4094"}},
	{"a long value is cut in the text", &colour, LONG_255, {"allowed are red, green, blue"}},
};

static void accepts(void **state)
{
	const struct good *c = *state;
	struct option_value v = {.set = false};
	struct err e = ERR_INIT;

	assert_int_equal(option_parse(c->spec, c->text, &v, &e), 0);
	assert_true(v.set);
	assert_true(v.num == c->num);
	assert_int_equal(!v.str, !c->str);
	if (c->str)
		assert_string_equal(v.str, c->str);
	option_clear(&v);
	option_clear(&v);
	assert_true(!v.set && !v.str);
}

static void refuses(void **state)
{
	const struct bad *c = *state;
	struct option_value v = {.set = false};
	struct err e = ERR_INIT;

	assert_int_equal(option_parse(c->spec, c->text, &v, &e), -22);
	assert_int_equal(e.code, -22);
	assert_says(&e, c->says);
	assert_true(!v.set && !v.str && !v.num);
	assert_int_equal(option_parse(c->spec, c->text, &v, NULL), -22);
}

static const char *const words[] = {"mode",	   "bridge",  "uplink",	 "isolated",
				    "gateway-dev", "hairpin", "network", "mtu",
				    "on",	   "off",     NULL};

static const struct near {
	const char *name, *text, *word;
} nearest[] = {
	{"a letter left out", "brige", "bridge"},
	{"a letter too many", "bridgee", "bridge"},
	{"a wrong letter", "bridga", "bridge"},
	{"two letters exchanged", "netwrok", "network"},
	{"two letters exchanged in a short word", "mut", "mtu"},
	{"the wrong case", "UpLink", "uplink"},
	{"a hyphen left out", "gatewaydev", "gateway-dev"},
	{"an underscore for a hyphen", "gateway_dev", "gateway-dev"},
	{"two slips in a long word", "isolatet", "isolated"},
	{"of two words as far, the one that begins alike", "of", "off"},
	{"a word far from all has no nearest", "subnet", NULL},
	{"the beginning of a word has no nearest", "netw", NULL},
	{"two exchanges in a short word are too many", "omed", NULL},
	{"a letter that moved and one that is wrong are two slips", "nx", NULL},
	{"a wrong letter and one that moved are two slips", "xo", NULL},
	{"a single letter has no nearest", "x", NULL},
	{"an empty text has no nearest", "", NULL},
	{"a text of 300 bytes has no nearest", LONG_255 LONG_255, NULL},
};

static void finds_nearest(void **state)
{
	const struct near *c = *state;
	const char *found = option_nearest(c->text, words);

	assert_int_equal(!found, !c->word);
	if (c->word)
		assert_string_equal(found, c->word);
}

static void a_long_word_of_the_list_is_passed_over(void **state)
{
	static const char *const list[] = {LONG_255, "b", "blue", NULL};

	(void)state;
	assert_string_equal(option_nearest("bleu", list), "blue");
	assert_null(option_nearest("bleu", (const char *const[]){NULL}));
}

static void the_nearest_word_is_the_first_with_the_fewest_slips(void **state)
{
	static const char longest[] = LONG_63;

	(void)state;
	assert_string_equal(option_nearest("baz", (const char *const[]){"bar", "bat", NULL}),
			    "bar");
	assert_string_equal(
		option_nearest("abcdefgh", (const char *const[]){"abcdefxy", "xbcdefgh", NULL}),
		"xbcdefgh");
	assert_ptr_equal(option_nearest(LONG_63, (const char *const[]){longest, NULL}), longest);
}

static void the_sentence_is_whole(void **state)
{
	struct option_value v = {.set = false};
	struct err e = ERR_INIT;

	(void)state;
	option_parse(&mtu, "9k", &v, &e);
	assert_string_equal(e.text, "mtu: \"9k\"; allowed are whole numbers from 68 to 65517");
	option_parse(&flag, "maybe", &v, &e);
	assert_string_equal(e.text, "flag: \"maybe\"; allowed are true, yes, on, false, no, off "
				    "(a switch)");
}

static void a_list_that_is_cut_says_so(void **state)
{
	char buf[16];

	(void)state;
	assert_string_equal(option_list((const char *const[]){NULL}, buf, sizeof(buf)), "none");
	assert_string_equal(option_list(colours, buf, 16), "red, green, ...");
	assert_string_equal(option_list((const char *const[]){"a", "b", NULL}, buf, 16), "a, b");
}

static void values_are_equal_when_all_of_them_is(void **state)
{
	char a[] = "a", other_a[] = "a", b[] = "b";
	const struct option_value unset = {.set = false}, unset_too = {.num = 3};
	const struct option_value one = {.set = true, .num = 1}, two = {.set = true, .num = 2};
	const struct option_value str = {.set = true, .str = a},
				  same = {.set = true, .str = other_a};
	const struct option_value other = {.set = true, .str = b}, zero = {.set = true};

	(void)state;
	assert_true(option_equal(&unset, &unset_too));
	assert_true(option_equal(&one, &one));
	assert_true(option_equal(&str, &same));
	assert_false(option_equal(&unset, &zero));
	assert_false(option_equal(&zero, &unset));
	assert_false(option_equal(&one, &two));
	assert_false(option_equal(&str, &other));
	assert_false(option_equal(&str, &zero));
}

static void networks_are_equal_when_all_of_them_is(void **state)
{
	struct option_value set[FAKE_BRIDGE_COUNT] = {[FAKE_MTU] = {.set = true, .num = 9000}};
	struct option_value unset[FAKE_BRIDGE_COUNT] = {{.set = false}};
	struct option_value first[FAKE_BRIDGE_COUNT] = {[0] = {.set = true}};
	struct option_value last[FAKE_BRIDGE_COUNT] = {[FAKE_BRIDGE_COUNT - 1] = {.set = true}};
	struct network a = {.name = "a", .plugin = &fake_bridge, .values = set}, b = a;

	(void)state;
	assert_true(network_equal(&a, &b));
	b.values = unset;
	assert_false(network_equal(&a, &b));
	a.values = NULL; /* none set, in another form */
	assert_true(network_equal(&a, &b));
	b.values = first;
	assert_false(network_equal(&a, &b));
	b.values = last;
	assert_false(network_equal(&a, &b));
	b.values = NULL;
	b.implied = true;
	assert_false(network_equal(&a, &b));
	b = (struct network){.name = "b", .plugin = &fake_bridge};
	assert_false(network_equal(&a, &b));
	b = (struct network){.name = "a", .plugin = &fake_nat};
	assert_false(network_equal(&a, &b));
}

static void unset_options_of_a_network_have_their_default(void **state)
{
	struct option_value values[FAKE_BRIDGE_COUNT] = {[FAKE_ISOLATED] = {.set = true, .num = 0}};
	struct network n = {.name = "a", .plugin = &fake_bridge, .values = values};

	(void)state;
	assert_int_equal(network_num(&n, FAKE_ISOLATED, 1), 0);
	assert_int_equal(network_num(&n, FAKE_CREATE, 1), 1);
	assert_null(network_str(&n, FAKE_BRIDGE));
	assert_int_equal(network_num(&n, FAKE_BRIDGE_COUNT, 7), 7);
	n.values = NULL;
	assert_int_equal(network_num(&n, FAKE_ISOLATED, 1), 1);
	assert_null(network_str(&n, FAKE_BRIDGE));
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(a_long_word_of_the_list_is_passed_over),
		cmocka_unit_test(the_nearest_word_is_the_first_with_the_fewest_slips),
		cmocka_unit_test(the_sentence_is_whole),
		cmocka_unit_test(a_list_that_is_cut_says_so),
		cmocka_unit_test(values_are_equal_when_all_of_them_is),
		cmocka_unit_test(networks_are_equal_when_all_of_them_is),
		cmocka_unit_test(unset_options_of_a_network_have_their_default),
	};
	struct CMUnitTest tests[COUNT(good) + COUNT(bad) + COUNT(nearest) + COUNT(others)];
	size_t n = 0;

	CASES_ADD(tests, n, good, accepts);
	CASES_ADD(tests, n, bad, refuses);
	CASES_ADD(tests, n, nearest, finds_nearest);
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
