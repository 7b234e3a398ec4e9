# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Nat mode without a line of configuration: the network virbr0. The guests' DHCP client is busybox's, which
# listens to the raw wire and checks what it is sent. "far" on xenbr1 has no route back to them.

setup()
{
	echo 0 >/proc/sys/net/ipv4/ip_forward
	guest_define far net=eth0,10.0.1.9/24 vif=bridge=xenbr1
	guest_create far
	nat_create web 40
	nat_create db 41
	guest_ready far
	guest_ready web
	guest_ready db
}

# nat_create NAME N: a guest that asks for an address; its MAC ends in N.
nat_create()
{
	guest_define "$1" net=eth0,dhcp "vif=mac=00:16:3e:00:00:$2,bridge=virbr0"
	guest_create "$1"
}

# nat_address NAME: what the daemon says that it has.
nat_address()
{
	xenstore-read "$(backend_of "$1")/netd-address"
}

case_a_guest_without_configuration_has_the_address_that_xenstore_says()
{
	expect "its mode" "$(vif_status "$(vif_of web)" mode)" nat
	expect "its state" "$(vif_status "$(vif_of web)" state)" connected
	expect_match "its address" "$(nat_address web)" '192.168.122.*'
	guest_do web "ip -4 address show dev eth0 | grep -q 'inet $(nat_address web)/24 '"
	expect_ping web 192.168.122.1
}

case_guests_of_the_network_ping_each_other_and_know_their_names()
{
	expect_ping web "$(nat_address db)"
	expect_ping db "$(nat_address web)"
	expect_match "what DNS says of db" "$(guest_do web busybox nslookup db.internal 192.168.122.1)" \
		"*$(nat_address db)*"
}

case_guests_go_out_by_dom0s_address_and_are_not_reached_from_there()
{
	expect_ping web 10.0.1.9
	guest_do far "ip route add 192.168.122.0/24 via 10.0.1.1"
	expect_no_ping far "$(nat_address web)"
	expect_ping far 10.0.1.1
	guest_do far "ip route del 192.168.122.0/24"
}

case_a_flushed_ruleset_is_back_and_guests_go_out_again()
{
	nft flush ruleset
	wait_for 5 nft list table inet xen-netd || fail "the table is not back"
	expect_ping web 10.0.1.9
}

case_a_guest_that_comes_again_has_the_same_address()
{
	local address
	address=$(nat_address web)
	guest_destroy web
	nat_create web 40
	guest_ready web
	expect "its address" "$(nat_address web)" "$address"
	guest_do web "ip -4 address show dev eth0 | grep -q 'inet $address/24 '"
	expect_ping web 10.0.1.9
}

case_the_network_goes_with_its_last_guest()
{
	guest_destroy web
	expect_ping db 10.0.1.9
	guest_destroy db
	wait_for 5 test ! -e /sys/class/net/virbr0 || fail "virbr0 is still there"
	expect "ip_forward" "$(</proc/sys/net/ipv4/ip_forward)" 0
	wait_for 5 test ! -e /run/xen-netd/networks/virbr0 || fail "its server's files are still there"
}

also_diagnose()
{
	echo "---- what web's DHCP client says"
	guest_run web "cat /run/udhcpc.log; ip address; cat /proc/net/dev"
	echo "---- what was dropped, and what dom0 has sent"
	xnetctl drops
	ip -s link show virbr0
	ip -s link show "$(vif_of web)"
	cat /run/xen-netd/networks/virbr0/dhcp/*
}
