# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A VLAN-filtering bridge with three guests: "ten" and "twenty" on access ports of VLANs 10 and 20,
# "trunk" on a port with both, tagged. All of them also have an address in one common subnet.

# vlan_guests ACCESS10 ACCESS20 TRUNK: each the vif specification's part that asks for the VLANs.
vlan_guests()
{
	ip link add vlanbr type bridge forward_delay 0 vlan_filtering 1 vlan_default_pvid 1
	ip link set vlanbr up
	bridge vlan add dev vlanbr vid 10 self
	ip link add link vlanbr name vlanbr.10 type vlan id 10
	ip address add 10.10.0.1/24 dev vlanbr.10
	ip link set vlanbr.10 up
	guest_define ten net=eth0,10.10.0.2/24,10.9.0.2/24 vif="$1"
	guest_define twenty net=eth0,10.20.0.2/24,10.9.0.3/24 vif="$2"
	guest_define trunk net=eth0.10,10.10.0.4/24 net=eth0.20,10.20.0.4/24 vif="$3"
	guest_create ten
	guest_create twenty
	guest_create trunk
	guest_ready ten
	guest_ready twenty
	guest_ready trunk
}

vlan_reach_their_own()
{
	expect_ping ten 10.10.0.1
	expect_ping ten 10.10.0.4
	expect_ping twenty 10.20.0.4
	expect_ping trunk 10.10.0.1
}

vlan_reach_no_other()
{
	expect_ping ten 10.10.0.4
	expect_ping twenty 10.20.0.4
	expect_no_ping ten 10.9.0.3
	expect_no_ping twenty 10.9.0.2
}

# A tag of another VLAN from an access port, or no tag from the trunk, gets nowhere.
vlan_drop_foreign_tags()
{
	watch_frames ten
	watch_frames twenty
	watch_frames trunk
	send_frame ten eth0 raw from-access
	send_frame ten eth0 raw hop vlan=20
	send_frame ten eth0 raw hop-double vlan=10 inner=20
	expect_ping ten 10.10.0.4
	expect_seen trunk from-access
	expect_match "the frame at the trunk" "$(seen trunk from-access)" '* 10'
	send_frame trunk eth0 raw to-ten vlan=10
	send_frame trunk eth0 raw untagged
	expect_ping trunk 10.10.0.2
	expect_ping trunk 10.20.0.2
	expect_seen ten to-ten
	expect_match "the frame at the access port" "$(seen ten to-ten)" '* -'
	expect_not_seen twenty hop
	expect_not_seen twenty hop-double
	expect_not_seen trunk hop
	expect_not_seen twenty to-ten
	expect_not_seen ten untagged
	expect_not_seen twenty untagged
}
