# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Route mode on a host as it is installed: no forwarding at all; the network asks the daemon for it.

setup()
{
	echo 0 >/proc/sys/net/ipv4/ip_forward
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
	echo 0 >/proc/sys/net/ipv6/conf/default/forwarding
	guest_define far net=eth0,10.0.1.9/24,fd00:1::9/64 gw=10.0.1.1 gw=fd00:1::1 vif=bridge=xenbr1
	guest_define web net=eth0,10.7.0.5/32,fd07::5/128 "vif=bridge=routed,ip=10.7.0.5 fd07::5"
	guest_create far
	guest_create web
	guest_ready far
	guest_ready web
	guest_do web "ip route add 10.0.1.1 dev eth0 && ip route add default via 10.0.1.1 &&
		ip -6 route add default via fe80::1 dev eth0"
}

case_a_network_with_forwarding_makes_a_host_of_default_sysctls_a_router()
{
	local vif
	vif=$(vif_of web)
	expect "its state" "$(vif_status "$vif" state)" connected
	expect "IPv4 forwarding" "$(</proc/sys/net/ipv4/ip_forward)" 1
	expect "IPv6 forwarding" "$(</proc/sys/net/ipv6/conf/all/forwarding)" 1
	expect "IPv6 forwarding of $vif" "$(<"/proc/sys/net/ipv6/conf/$vif/forwarding")" 1
	expect_ping web 10.0.1.9
	expect_ping web fd00:1::9
	expect_ping far 10.7.0.5
	expect_ping far fd07::5
}
