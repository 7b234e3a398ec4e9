# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Open vSwitch, by the name of Xen's own script, with the kernel's datapath.

mac=00:16:3e:00:06:00

setup()
{
	modprobe openvswitch
	mkdir -p /run/openvswitch /var/log/openvswitch /etc/openvswitch
	[ -e /etc/openvswitch/conf.db ] || ovsdb-tool create /etc/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
	ovsdb-server /etc/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile --detach --no-chdir
	ovs-vsctl --no-wait init
	ovs-vswitchd --pidfile --detach --no-chdir >"$T/vswitchd.out" 2>&1
	ovs-vsctl add-br ovsbr0
	ip address add 10.6.0.1/24 dev ovsbr0
	ip link set ovsbr0 up
	ovs_guest red eth0,10.6.0.2/24 ovsbr0
	ovs_guest ten eth0,10.6.10.2/24,10.9.6.2/24 ovsbr0.10
	ovs_guest tenth eth0,10.6.10.3/24,10.9.6.3/24 ovsbr0.10
	ovs_guest twenty eth0,10.6.20.4/24,10.9.6.4/24 ovsbr0.20
	guest_ready red
	guest_ready ten
	guest_ready tenth
	guest_ready twenty
}

# OVS ends when its guests are gone.
teardown()
{
	local pid
	ovs-vsctl del-br ovsbr0 || :
	for pid in /run/openvswitch/ovs-vswitchd.pid /run/openvswitch/ovsdb-server.pid; do
		kill "$(<"$pid")" || :
		wait_for 30 test ! -e "$pid" || :
	done
}

# ovs_guest NAME NET BRIDGE
ovs_guest()
{
	guest_define "$1" net="$2" vif="script=$netd_links/vif-openvswitch,bridge=$3"
	guest_create "$1"
}

ovs_tag()
{
	ovs-vsctl get port "$(vif_of "$1")" tag
}

case_a_PV_guest_on_an_OVS_bridge_pings_dom0()
{
	expect "its state" "$(vif_status "$(vif_of red)" state)" connected
	expect "its mode" "$(vif_status "$(vif_of red)" mode)" ovs
	expect "its OVS bridge" "$(ovs-vsctl port-to-br "$(vif_of red)")" ovsbr0
	expect_ping red 10.6.0.1
}

case_guests_on_OVS_reach_those_of_their_own_VLAN_only()
{
	expect "the tag of its port" "$(ovs_tag ten)" 10
	expect_ping ten 10.6.10.3
	expect_no_ping ten 10.9.6.4
	expect_no_ping twenty 10.9.6.2
}

case_a_running_guest_whose_bridge_key_names_another_VLAN_is_in_that_one_at_once()
{
	xenstore-write "$(backend_of ten)/bridge" ovsbr0.20
	wait_for 30 has_tag ten 20 || fail "the tag of its port is $(ovs_tag ten)"
	expect_ping ten 10.9.6.4
	expect_no_ping ten 10.6.10.3
	xenstore-write "$(backend_of ten)/bridge" ovsbr0.10
	wait_for 30 has_tag ten 10 || fail "the tag of its port is $(ovs_tag ten)"
	expect_ping ten 10.6.10.3
}

has_tag()
{
	[ "$(ovs_tag "$1")" = "$2" ]
}

case_an_HVM_guest_and_its_twin_are_both_on_the_OVS_bridge_and_gone_after_destroy()
{
	local vif
	guest_define full type=hvm vif="script=$netd_links/vif-openvswitch,bridge=ovsbr0,model=rtl8139,mac=$mac"
	guest_create full
	guest_attach full
	vif=$(vif_of full)
	expect "the OVS bridge of the vif" "$(ovs-vsctl port-to-br "$vif")" ovsbr0
	expect "the OVS bridge of the twin" "$(ovs-vsctl port-to-br "$vif-emu")" ovsbr0
	guest_destroy full
	wait_link_gone "$vif-emu" || fail "$vif-emu is still there"
	wait_for 30 no_port "$vif" || fail "OVS still has a port $vif"
	wait_for 30 no_port "$vif-emu" || fail "OVS still has a port $vif-emu"
}

# The vif's own flow, in table 0; the others are behind it.
is_guarded()
{
	[ "$(ovs-ofctl dump-flows ovsbr0 table=0 | grep -c cookie=0x78e5)" = "$1" ]
}

case_antispoof_keeps_a_guest_to_its_addresses_in_the_kernel_s_datapath()
{
	local kind
	ip address add 10.66.0.1/24 dev ovsbr0
	guest_attach_vif red 1 script="$netd_links/vif-openvswitch" bridge=ovsbr0 ip='10.66.0.9 fd00:66::9'
	xenstore-write "$(backend_of red 1)/network" guarded
	wait_for 30 is_guarded 1 || fail "the bridge has no flows that guard the vif"
	guest_do red "net_up eth1,10.66.0.9/24,fd00:66::9/64"
	/tests/guest-agent watch ovsbr0 "$T/forged"
	send_frame red eth1 ipv4 honest from=10.66.0.9 to=10.66.0.1
	for kind in raw ipv4 ipv6 arp na ra dhcp-server; do
		send_frame red eth1 "$kind" "forged-$kind"
		send_frame red eth1 "$kind" "forged-mac-$kind" src=02:00:00:00:00:99
	done
	send_frame red eth1 ipv4 honest-too from=10.66.0.9 to=10.66.0.1
	expect_ping red 10.66.0.1
	wait_for 30 grep '^honest-too ' "$T/forged" || fail "dom0 has not received the honest frames"
	grep -q '^honest ' "$T/forged" || fail "dom0 has not received the first honest frame"
	expect "what dom0 has received of the forged" "$(grep '^forged' "$T/forged")" ''
	expect "the datapath" "$(ovs-appctl dpif/show | grep -c '^netdev@')" 0
	guest_detach_vif red 1
	wait_for 30 is_guarded 0 || fail "flows of the vif are left: $(ovs-ofctl dump-flows ovsbr0)"
}

no_port()
{
	! ovs-vsctl port-to-br "$1" 2>/dev/null
}

case_SIGKILL_and_restart_of_the_daemon_leave_OVS_ports_alone()
{
	local before
	before=$(ovs-vsctl --columns=_uuid,name,tag list port)
	netd_stop KILL
	expect_ping ten 10.6.10.3
	netd_start
	wait_for 60 is_connected ten || fail "its state is $(vif_status "$(vif_of ten)" state)"
	expect "the OVS ports" "$(ovs-vsctl --columns=_uuid,name,tag list port)" "$before"
	expect_ping ten 10.6.10.3
}

is_connected()
{
	[ "$(vif_status "$(vif_of "$1")" state)" = connected ]
}
