# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# PV guests on a plain bridge: what a vif can ask for, and what a guest can do to it.

setup()
{
	guest_define web1 net=eth0,10.0.0.11/24,fd00:0::11/64 vif=bridge=xenbr0,mac=00:16:3e:00:00:11
	guest_define web2 net=eth0,10.0.0.12/24,fd00:0::12/64 vif=bridge=xenbr0,mac=00:16:3e:00:00:12
	guest_create web1
	guest_create web2
	guest_ready web1
	guest_ready web2
}

case_a_PV_guest_on_a_bridge_pings_dom0()
{
	expect_port "$(vif_of web1)" xenbr0
	expect_ping web1 10.0.0.1
	expect_ping web1 fd00:0::1
}

case_two_PV_guests_on_a_bridge_ping_each_other()
{
	expect_ping web1 10.0.0.12
	expect_ping web2 10.0.0.11
	expect_ping web2 fd00:0::11
}

case_status_says_how_a_vif_is_wired()
{
	local vif
	vif=$(vif_of web1)
	expect "its state" "$(vif_status "$vif" state)" connected
	expect "its bridge" "$(vif_status "$vif" bridge)" xenbr0
	expect "its mode" "$(vif_status "$vif" mode)" bridge
	expect "its domain" "$(vif_status "$vif" domain)" web1
	expect "its MAC" "$(vif_status "$vif" mac)" 00:16:3e:00:00:11
	xnetctl status >/dev/null || fail "xnetctl status exits $? though all is well"
}

case_ten_times_network_attach_and_detach_in_a_row_work_and_leave_nothing()
{
	local i
	for i in {1..10}; do
		guest_attach_vif web1 1 bridge=xenbr1
		expect_port "$(vif_of web1 1)" xenbr1
		if [ "$i" = 1 ] || [ "$i" = 10 ]; then
			guest_do web1 "net_up eth1,10.0.1.11/24"
			expect_ping web1 10.0.1.1
		fi
		guest_detach_vif web1 1
	done
	expect "hotplug-status of the NIC that stayed" "$(hotplug_status web1)" connected
}

# Else netback goes on from state 2 before libxl has seen it, and libxl waits in vain.
case_connected_is_not_written_before_libxl_has_run_the_helper()
{
	local backend xl gate
	backend=$(backend_of web1 1)
	mkfifo "$T/gate"
	GATE=$T/gate LD_PRELOAD=/tests/gate.so xl network-attach web1 bridge=xenbr1 >"$T/attach.out" 2>&1 &
	xl=$!
	exec {gate}>"$T/gate" # returns when libxl is about to run the helper
	wait_link "$(vif_of web1 1)" || fail "netback makes no netdev"
	# Its answer comes after whatever the netdev has made the daemon do.
	vif_count >/dev/null
	expect "hotplug-status before the helper has spoken" "$(hotplug_status web1 1)" ''
	expect "the backend's state" "$(xenstore-read "$backend/state")" 2
	exec {gate}>&-
	rm "$T/gate"
	wait "$xl" || fail "xl network-attach: $(tail -n 3 "$T/attach.out")"
	wait_key "$backend/state" 4 || fail "the vif does not connect"
	guest_detach_vif web1 1
}

case_vifname_names_the_interface_in_dom0()
{
	guest_attach_vif web1 1 bridge=xenbr1 vifname=web1-dmz
	guest_do web1 "net_up eth1,10.0.1.11/24"
	expect_port web1-dmz xenbr1
	expect_ping web1 10.0.1.1
	[ ! -e "/sys/class/net/$(vif_of web1 1)" ] || fail "the usual name exists too"
	guest_detach_vif web1 1
	wait_link_gone web1-dmz || fail "web1-dmz is still there"
}

case_mtu_reaches_the_guest()
{
	guest_attach_vif web1 1 bridge=xenbr1 mtu=1400
	expect "the mtu in the guest's frontend" "$(guest_do web1 guest-agent xs read device/vif/1/mtu)" 1400
	expect "the vif's mtu" "$(link_mtu "$(vif_of web1 1)")" 1400
	guest_do web1 "net_up eth1,10.0.1.11/24"
	expect "the guest's mtu" "$(guest_do web1 cat /sys/class/net/eth1/mtu)" 1400
	expect_ping web1 10.0.1.1 -s 1372
	guest_detach_vif web1 1
}

case_the_mtu_of_the_bridge_reaches_a_guest_that_asks_for_none()
{
	ip link set xenbr1 mtu 1300
	guest_attach_vif web1 1 bridge=xenbr1
	expect "the mtu in the guest's frontend" "$(guest_do web1 guest-agent xs read device/vif/1/mtu)" 1300
	expect "the vif's mtu" "$(link_mtu "$(vif_of web1 1)")" 1300
	guest_detach_vif web1 1
	ip link set xenbr1 mtu 1500
}

case_rate_stays_as_xl_wrote_it()
{
	local vif backend
	guest_attach_vif web1 1 bridge=xenbr1 rate=10Mb/s
	vif=$(vif_of web1 1) backend=$(backend_of web1 1)
	expect "rate in xenstore" "$(xenstore-read "$backend/rate")" 62500,50000
	expect_match "the vif's queueing discipline" "$(tc qdisc show dev "$vif")" 'qdisc @(mq|pfifo_fast|fq_codel) *'
	guest_detach_vif web1 1
}

case_a_guest_that_reloads_its_netfront_connects_again()
{
	local ifindex vif
	vif=$(vif_of web2)
	ifindex=$(<"/sys/class/net/$vif/ifindex")
	guest_do web2 reload_netfront
	wait_key "$(backend_of web2)/state" 4 || fail "the backend does not connect again"
	expect_ping web2 10.0.0.1
	expect_port "$vif" xenbr0
	expect "the vif's ifindex" "$(<"/sys/class/net/$vif/ifindex")" "$ifindex"
}

case_a_guest_without_ip_may_send_anything_but_from_its_own_MAC_only()
{
	local kind kinds='raw ipv4 ipv6 arp na ra dhcp-server'
	watch_frames web2
	for kind in $kinds; do
		send_frame web1 eth0 "$kind" "foreign-$kind" src=02:00:00:00:00:99
		send_frame web1 eth0 "$kind" "own-$kind"
	done
	expect_ping web1 10.0.0.12
	for kind in $kinds; do
		expect_seen web2 "own-$kind"
		expect_not_seen web2 "foreign-$kind"
	done
}

case_a_guest_with_ip_sends_from_no_other_address_and_is_no_router_nor_DHCP_server()
{
	local kind
	guest_attach_vif web1 1 bridge=xenbr1 ip='10.0.1.11 fd00:1::11'
	guest_do web1 "net_up eth1,10.0.1.11/24,fd00:1::11/64"
	/tests/guest-agent watch xenbr1 "$T/forged"
	send_frame web1 eth1 ipv4 honest from=10.0.1.11 to=10.0.1.1
	for kind in raw ipv4 ipv6 arp na ra dhcp-server stp lldp; do
		send_frame web1 eth1 "$kind" "forged-$kind"
	done
	send_frame web1 eth1 ipv4 honest-too from=10.0.1.11 to=10.0.1.1
	expect_ping web1 10.0.1.1
	expect_ping web1 fd00:1::1
	wait_for 30 grep '^honest-too ' "$T/forged" || fail "dom0 has not received the honest frames"
	grep -q '^honest ' "$T/forged" || fail "dom0 has not received the first honest frame"
	expect "what dom0 has received of the forged" "$(grep '^forged' "$T/forged")" ''
	guest_detach_vif web1 1
}

# Last: what it leaves of web2's second NIC only its removal can mend.
case_a_guest_that_writes_garbage_below_its_frontend_disturbs_nobody()
{
	local path=device/vif/1 junk
	guest_attach_vif web2 1 bridge=xenbr1
	junk=$(printf 'x%.0s' {1..1500})
	guest_do web2 "guest-agent xs write $path/mac $junk; guest-agent xs rm $path/backend;
		guest-agent xs write $path/backend /local/domain/0/backend/vif/0/0;
		guest-agent xs write $path/multi-queue-num-queues 4294967297;
		guest-agent xs write $path/a/b/c/d/e/f '../../../..'; guest-agent xs write $path/handle -1;
		for i in \$(seq 20); do guest-agent xs write $path/junk\$i $junk; done;
		guest-agent xs write $path/state 99; guest-agent xs write $path/state banana" >/dev/null
	expect "the other guest's state" "$(vif_status "$(vif_of web1)" state)" connected
	expect_ping web1 10.0.0.1
	guest_attach_vif web1 1 bridge=xenbr1
	guest_detach_vif web1 1
	xl network-detach web2 1 >"$T/detach.out" 2>&1 || fail "the guest can keep its NIC"
	wait_link_gone "$(vif_of web2 1)" || fail "the guest can keep its vif"
	netd_alive || fail "the daemon has died"
}
