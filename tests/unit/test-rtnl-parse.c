// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells by rtnetlink, as it was heard, on a little-endian host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rtnl-priv.h"

struct heard {
	int times, ifindex;
};

static void on_link(void *arg, const struct link *old, const struct link *now)
{
	struct heard *heard = arg;
	assert_ptr_equal(old, now);
	heard->times++;
	heard->ifindex = now->ifindex;
}

static struct heard hear(const void *message)
{
	struct heard heard = {0, 0};
	struct link port = {.ifindex = 7, .name = "vif5.0"};
	struct links *links = links_new();
	assert_non_null(links);
	assert_int_equal(links_put(links, &port), 0);
	links_watch(links, on_link, &heard);
	assert_int_equal(rtnl_parse_into(message, links), 0);
	links_free(links);
	return heard;
}

/* bridge vlan del vid 10 dev vif5.0 */
static void a_vlan_that_is_taken_from_a_port_is_told_of_the_port(void **state)
{
	static const uint8_t message[] __attribute__((aligned(4))) = {
		0x24, 0, 0, 0, 0x71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* RTM_DELVLAN */
		0x07, 0, 0, 0, 0x07, 0, 0, 0,			       /* AF_BRIDGE, ifindex 7 */
		0x0c, 0, 0x01, 0x80, 0x08, 0, 0x01, 0, 0, 0, 0x0a, 0,  /* VLAN 10 */
	};
	(void)state;
	struct heard heard = hear(message);
	assert_int_equal(heard.times, 1);
	assert_int_equal(heard.ifindex, 7);
}

/* bridge vlan add vid 20 dev vif5.0 */
static void a_vlan_that_is_given_to_a_port_is_told_of_the_port(void **state)
{
	static const uint8_t message[] __attribute__((aligned(4))) = {
		0x2c, 0, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* RTM_NEWVLAN */
		0x07, 0, 0, 0, 0x07, 0, 0, 0,			       /* AF_BRIDGE, ifindex 7 */
		0x14, 0, 0x01, 0x80, 0x08, 0, 0x01, 0, 0, 0, 0x14, 0,  /* VLAN 20, */
		0x05, 0, 0x03, 0, 0x03, 0, 0, 0,		       /* forwarding */
	};
	(void)state;
	struct heard heard = hear(message);
	assert_int_equal(heard.times, 1);
	assert_int_equal(heard.ifindex, 7);
}

static void a_vlan_of_a_port_that_is_not_known_or_cut_short_is_nothing(void **state)
{
	static const uint8_t unknown[] __attribute__((aligned(4))) = {
		0x18, 0, 0, 0, 0x71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x07, 0, 0, 0, 0x08, 0, 0, 0,
	};
	static const uint8_t cut[] __attribute__((aligned(4))) = {
		0x14, 0, 0, 0, 0x71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x07, 0, 0, 0, 0x07, 0, 0, 0,
	};
	(void)state;
	assert_int_equal(hear(unknown).times, 0);
	assert_int_equal(hear(cut).times, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vlan_that_is_taken_from_a_port_is_told_of_the_port),
		cmocka_unit_test(a_vlan_that_is_given_to_a_port_is_told_of_the_port),
		cmocka_unit_test(a_vlan_of_a_port_that_is_not_known_or_cut_short_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
