# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# VLANs that the xl configuration asks for (Xen 4.19).

setup()
{
	vlan_guests bridge=vlanbr,vlan=10 bridge=vlanbr,vlan=20 bridge=vlanbr,vlan=1p/10/20
}

case_guests_with_vlan_in_their_xl_configuration_reach_their_own_VLAN()
{
	vlan_reach_their_own
}

case_guests_with_different_vlan_in_their_xl_configuration_do_not_reach_each_other()
{
	vlan_reach_no_other
}

case_frames_with_a_tag_that_the_xl_configuration_does_not_name_get_nowhere()
{
	vlan_drop_foreign_tags
}
