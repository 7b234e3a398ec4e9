// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnetlink: messages as the kernel sends them, read into links and VLANs. */
#include "cases.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "rtnl-priv.h"

/* A port of a bridge: what `ip -d link` shows, with @attr (0: none) as @value. */
static uint32_t flags_of_port(int attr, unsigned value)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC, .ifi_index = 7};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	struct link l;
	assert_non_null(m);
	assert_int_equal(nlmsg_append(m, &ifi, sizeof(ifi), NLMSG_ALIGNTO), 0);
	nla_put_string(m, IFLA_IFNAME, "vif5.0");
	struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO);
	nla_put_string(m, IFLA_INFO_SLAVE_KIND, "bridge");
	struct nlattr *port = nla_nest_start(m, IFLA_INFO_SLAVE_DATA);
	nla_put_u8(m, IFLA_BRPORT_STATE, BR_STATE_FORWARDING);
	if (attr == IFLA_BRPORT_GROUP_FWD_MASK)
		nla_put_u16(m, attr, value);
	else if (attr)
		nla_put_u8(m, attr, value);
	nla_nest_end(m, port);
	nla_nest_end(m, info);
	assert_int_equal(rtnl_parse_link(nlmsg_hdr(m), &l), 1);
	nlmsg_free(m);
	return l.port_flags;
}

static void each_flag_of_a_port_is_read_alone(void **state)
{
	static const struct {
		int attr;
		unsigned value;
		uint32_t flags;
	} cases[] = {
		{0, 0, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_LEARNING, 1, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_LEARNING, 0, 0},
		{IFLA_BRPORT_ISOLATED, 0, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_ISOLATED, 1, HOSTIF_PORT_LEARNING | HOSTIF_PORT_ISOLATED},
		{IFLA_BRPORT_MODE, 0, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_MODE, 1, HOSTIF_PORT_LEARNING | HOSTIF_PORT_HAIRPIN},
		{IFLA_BRPORT_GUARD, 0, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_GUARD, 1, HOSTIF_PORT_LEARNING | HOSTIF_PORT_GUARD},
		{IFLA_BRPORT_GROUP_FWD_MASK, 0, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_GROUP_FWD_MASK, 0x4000, HOSTIF_PORT_LEARNING},
		{IFLA_BRPORT_GROUP_FWD_MASK, 0xfffd, HOSTIF_PORT_LEARNING | HOSTIF_PORT_LINKLOCAL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t flags = flags_of_port(cases[i].attr, cases[i].value);
		if (flags != cases[i].flags)
			fail_msg("attribute %d = %#x: %#x", cases[i].attr, cases[i].value, flags);
	}
}

static void put_vlans(struct nl_msg *m, uint16_t vid, uint16_t last, uint16_t flags)
{
	struct bridge_vlan_info vi = {.flags = flags, .vid = vid};
	struct nlattr *entry = nla_nest_start(m, BRIDGE_VLANDB_ENTRY);
	nla_put(m, BRIDGE_VLANDB_ENTRY_INFO, sizeof(vi), &vi);
	if (last)
		nla_put_u16(m, BRIDGE_VLANDB_ENTRY_RANGE, last);
	nla_nest_end(m, entry);
}

static void vlans_of_a_port_are_read_with_ranges_and_flags_and_none_of_another_s(void **state)
{
	struct br_vlan_msg bvm = {.family = AF_BRIDGE, .ifindex = 7};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_NEWVLAN, 0);
	struct vlan_set set = {.pvid = 0}, other = {.pvid = 0};
	char text[256];
	(void)state;
	assert_non_null(m);
	assert_int_equal(nlmsg_append(m, &bvm, sizeof(bvm), NLMSG_ALIGNTO), 0);
	put_vlans(m, 10, 0, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
	put_vlans(m, 20, 29, 0);
	put_vlans(m, 40, 0, BRIDGE_VLAN_INFO_UNTAGGED);
	put_vlans(m, 4094, 4095, 0); /* beyond the last there is */
	rtnl_parse_vlans(nlmsg_hdr(m), 7, &set);
	rtnl_parse_vlans(nlmsg_hdr(m), 8, &other);
	nlmsg_hdr(m)->nlmsg_type = RTM_DELVLAN;
	rtnl_parse_vlans(nlmsg_hdr(m), 7, &other);
	nlmsg_free(m);
	assert_string_equal(vlan_print(&set, text, sizeof(text)), "10p/20-29/40u/4094");
	assert_true(vlan_is_empty(&other) && !other.pvid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flag_of_a_port_is_read_alone),
		cmocka_unit_test(vlans_of_a_port_are_read_with_ranges_and_flags_and_none_of_another_s),
	};
	return cmocka_run_group_tests_name("rtnl-messages", tests, NULL, NULL);
}
