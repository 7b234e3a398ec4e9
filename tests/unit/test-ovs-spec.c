// SPDX-License-Identifier: GPL-2.0-or-later
/* Open vSwitch mode: what libxl's `vlan=` makes of a port. */
#include "cases.h"

#include <errno.h>

#include "../../plugins/ovs/spec.h"

static void vlan_becomes_a_tag_trunks_and_the_mode_that_heeds_both(void **state)
{
	static const struct {
		const char *text;
		int tag, trunk; /* trunk 0: none */
		enum ovs_vlan_mode mode;
	} cases[] = {
		{"10", 10, 0, OVS_VLAN_DEFAULT},
		{"10p", 10, 0, OVS_VLAN_DEFAULT},
		{"10p/20", 10, 20, OVS_VLAN_NATIVE_UNTAGGED},
		{"10p/4094", 10, 4094, OVS_VLAN_NATIVE_UNTAGGED},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e = ERR_INIT;
		struct vlan_set set;
		struct ovs_port p = {.tag = 0};
		uint64_t trunks[VLAN_WORDS] = {0};
		int trunk = cases[i].trunk;
		assert_int_equal(vlan_parse(cases[i].text, &set, &e), 0);
		assert_int_equal(spec_vlans(&set, &p, &e), 0);
		if (trunk)
			trunks[trunk / 64] |= UINT64_C(1) << trunk % 64;
		if (p.tag != cases[i].tag || p.vlan_mode != cases[i].mode ||
		    memcmp(p.trunks, trunks, sizeof(trunks)))
			fail_msg("%s: tag %d, mode %d", cases[i].text, p.tag, p.vlan_mode);
	}
}

static void a_second_untagged_vlan_is_refused(void **state)
{
	struct err e = ERR_INIT;
	struct vlan_set set;
	struct ovs_port p = {.tag = 0};
	(void)state;
	assert_int_equal(vlan_parse("10p/20u", &set, &e), 0);
	assert_int_equal(spec_vlans(&set, &p, &e), -EINVAL);
	assert_non_null(strstr(e.text, "VLAN 20 is untagged beside the PVID 10"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vlan_becomes_a_tag_trunks_and_the_mode_that_heeds_both),
		cmocka_unit_test(a_second_untagged_vlan_is_refused),
	};
	return cmocka_run_group_tests_name("ovs-spec", tests, NULL, NULL);
}
