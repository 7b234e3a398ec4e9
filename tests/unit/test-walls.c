// SPDX-License-Identifier: GPL-2.0-or-later
/* Hints about others' chains that drop by policy: which networks they stand in the way of. */
#include "cases.h"

#include "walls.h"

static void a_hint_is_for_the_networks_that_the_chain_can_drop_from(void **state)
{
	static const struct {
		const char *mode;
		unsigned kinds;
		bool bridged4, bridged6, hint, bridge_words;
	} cases[] = {
		{"bridge", NFT_WALL_BRIDGE, false, false, true, false},
		{"bridge", NFT_WALL_IP, false, false, false, false},
		{"bridge", NFT_WALL_IP, true, false, true, true},
		{"bridge", NFT_WALL_IP, false, true, false, false},
		{"bridge", NFT_WALL_IP6, false, true, true, true},
		{"bridge", NFT_WALL_IP6, true, false, false, false},
		{"route", NFT_WALL_IP, false, false, true, false},
		{"route", NFT_WALL_IP6, true, true, true, false},
		{"route", NFT_WALL_BRIDGE, true, true, false, false},
		{"nat", NFT_WALL_IP, true, true, true, false},
		{"nat", NFT_WALL_IP6, false, false, true, false},
		{"nat", NFT_WALL_BRIDGE, true, true, false, false},
		{"ovs", NFT_WALL_BRIDGE | NFT_WALL_IP | NFT_WALL_IP6, true, true, false, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wall wall = {cases[i].kinds, (char[]){"table ip filter, chain FORWARD"}};
		struct walls w = {.list = &wall,
				  .n = 1,
				  .bridged4 = cases[i].bridged4,
				  .bridged6 = cases[i].bridged6};
		json_t *hints = walls_hints(&w, cases[i].mode);
		const char *text = json_string_value(json_array_get(hints, 0));
		if (cases[i].hint != !!text || json_array_size(hints) != cases[i].hint)
			fail_msg("case %zu, %s: %s", i, cases[i].mode, text ? text : "no hint");
		if (text && (!strstr(text, wall.chain) ||
			     !!strstr(text, "bridged frames too") != cases[i].bridge_words))
			fail_msg("case %zu, %s: %s", i, cases[i].mode, text);
		json_decref(hints);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hint_is_for_the_networks_that_the_chain_can_drop_from),
	};
	return cmocka_run_group_tests_name("walls", tests, NULL, NULL);
}
