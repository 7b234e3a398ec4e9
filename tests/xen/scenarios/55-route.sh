# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Route mode, by the name of Xen's own script: dom0 is the router between its guests and xenbr1, where
# "far" is. xenbr1's addresses are the guests' gateway.

setup()
{
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	guest_define far net=eth0,10.0.1.9/24,fd00:1::9/64 gw=10.0.1.1 gw=fd00:1::1 vif=bridge=xenbr1
	guest_create far
	routed_create web 5
	routed_create db 6
	guest_ready far
	routed_ready web
	routed_ready db
}

# routed_create NAME N: a guest with the addresses 10.7.0.N and fd07::N.
routed_create()
{
	guest_define "$1" "net=eth0,10.7.0.$2/32,fd07::$2/128" \
		vif="script=$netd_links/vif-route,ip=10.7.0.$2 fd07::$2,gatewaydev=xenbr1"
	guest_create "$1"
}

routed_ready()
{
	guest_ready "$1"
	guest_do "$1" "ip route add 10.0.1.1 dev eth0 && ip route add default via 10.0.1.1 &&
		ip -6 route add default via fe80::1 dev eth0"
}

case_a_routed_PV_guest_pings_dom0_in_IPv4_and_IPv6()
{
	expect "its mode" "$(vif_status "$(vif_of web)" mode)" route
	expect "its state" "$(vif_status "$(vif_of web)" state)" connected
	expect_ping web 10.0.1.1
	expect_ping web fd00:1::1
	expect_ping web 10.0.0.1
}

case_a_routed_PV_guest_and_the_other_side_of_the_router_ping_each_other()
{
	expect_ping web 10.0.1.9
	expect_ping web fd00:1::9
	expect_ping far 10.7.0.5
	expect_ping far fd07::5
}

case_two_routed_PV_guests_ping_each_other()
{
	expect_ping web 10.7.0.6
	expect_ping db fd07::5
}

case_a_routed_guest_without_forwarding_is_refused_with_the_reason()
{
	echo 0 >/proc/sys/net/ipv4/ip_forward
	if xl network-attach far script="$netd_links/vif-route" ip=10.7.0.7 gatewaydev=xenbr1 >"$T/attach.out" 2>&1; then
		fail "xl network-attach succeeds"
	fi
	echo 1 >/proc/sys/net/ipv4/ip_forward
	expect_match "what xl says" "$(<"$T/attach.out")" '*IPv4 forwarding is off*net.ipv4.ip_forward=1*'
	guest_detach_vif far 1
}

case_a_routed_guest_that_is_gone_leaves_no_route()
{
	guest_destroy web
	expect "its IPv4 routes" "$(ip route show 10.7.0.5)" ''
	expect "its IPv6 routes" "$(ip -6 route show fd07::5)" ''
	expect_ping db 10.0.1.9
	expect_ping far fd07::6
}
