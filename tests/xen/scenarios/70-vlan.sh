# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# VLANs that networks of netd.conf ask for.

setup()
{
	vlan_guests bridge=lan10 bridge=lan20 bridge=lan-trunk
}

case_tagged_and_untagged_guests_reach_their_own_VLAN()
{
	vlan_reach_their_own
}

case_guests_in_different_VLANs_do_not_reach_each_other()
{
	vlan_reach_no_other
}

case_frames_with_a_foreign_tag_get_nowhere()
{
	vlan_drop_foreign_tags
}
