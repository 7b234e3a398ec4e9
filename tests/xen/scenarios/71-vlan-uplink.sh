# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A bridge that the daemon makes, with VLANs and an uplink: "outside", a NIC that is up and has its
# link-local address. At the other end of its cable, "cable", the LAN has VLAN 10 tagged.

setup()
{
	ip link add outside type veth peer name cable
	ip link set cable up
	ip link set outside up
	ip link add link cable name cable.10 type vlan id 10
	ip address add 10.10.0.1/24 dev cable.10
	ip link set cable.10 up
	wait_for 30 has_link_local outside || fail "outside has no link-local address"
	guest_define ten net=eth0,10.10.0.2/24 vif=bridge=out10
	guest_create ten
	guest_ready ten
}

has_link_local()
{
	[ -n "$(ip -6 address show dev "$1" scope link)" ]
}

# has_vlan DEVICE VID: a port, or a bridge itself.
has_vlan()
{
	bridge -compressvlans vlan show dev "$1" | grep -qwE "(^|[^0-9])$2"
}

has_no_vlan()
{
	! has_vlan "$@"
}

case_a_guest_in_a_VLAN_reaches_the_LAN_by_the_uplink_of_a_created_bridge()
{
	has_vlan outside 10 || fail "the uplink does not carry VLAN 10"
	has_vlan outbr 10 || fail "the bridge itself does not carry VLAN 10"
	expect_ping ten 10.10.0.1
}

case_a_VLAN_that_is_taken_from_a_connected_guests_port_is_put_back()
{
	local vif
	vif=$(vif_of ten)
	bridge vlan del vid 10 dev "$vif"
	wait_for 30 has_vlan "$vif" 10 || fail "VLAN 10 of $vif is not put back"
	expect_ping ten 10.10.0.1
}

case_a_VLAN_that_is_given_to_a_connected_guests_port_is_taken_away()
{
	local vif
	vif=$(vif_of ten)
	bridge vlan add vid 20 dev "$vif"
	wait_for 30 has_no_vlan "$vif" 20 || fail "VLAN 20 of $vif is left"
	expect_ping ten 10.10.0.1
}
