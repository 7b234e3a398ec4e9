# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# HVM guests: each NIC is a vif and, until the guest has drivers for it, an emulated twin. The
# firmware's network boot talks through the twin; a DHCP server in dom0 answers.

mac=00:16:3e:00:00:30

setup()
{
	dnsmasq --conf-file=/dev/null --port=0 --interface=xenbr0 --bind-interfaces --no-ping --user=root \
		--dhcp-range=10.0.0.200,10.0.0.220 --dhcp-boot=none --pid-file="$T/dnsmasq.pid" \
		--dhcp-leasefile="$T/leases" --log-facility="$T/dnsmasq.log" --log-dhcp
	guest_define full type=hvm memory=64 vif=bridge=xenbr0,model=rtl8139,mac=$mac
	guest_create full
	guest_attach full
}

case_the_vif_and_the_emulated_twin_of_an_HVM_guest_are_both_on_the_bridge()
{
	local vif
	vif=$(vif_of full)
	expect_port "$vif" xenbr0
	expect_port "$vif-emu" xenbr0
	expect "hotplug-status" "$(hotplug_status full)" connected
}

case_the_firmware_of_an_HVM_guest_gets_a_DHCP_lease_through_the_emulated_twin()
{
	wait_for 90 grep -q "$mac" "$T/leases" || fail "no lease: $(tail -n 3 "$T/dnsmasq.log")"
	bridge fdb show br xenbr0 | grep -q "^$mac dev $(vif_of full)-emu " || fail "it did not come through the twin"
}

case_the_vif_and_its_twin_are_gone_after_destroy()
{
	local vif
	vif=$(vif_of full)
	guest_destroy full
	wait_link_gone "$vif" 5 || fail "$vif is still there"
	wait_link_gone "$vif-emu" 5 || fail "$vif-emu is still there"
	kill "$(<"$T/dnsmasq.pid")"
}
