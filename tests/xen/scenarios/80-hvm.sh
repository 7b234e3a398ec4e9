# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# HVM guests: each NIC is a vif and, until the guest has drivers for it, an emulated twin.

mac=00:16:3e:00:00:30

setup()
{
	guest_define full type=hvm vif=bridge=xenbr0,model=rtl8139,mac=$mac
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

# The device model announces the NIC's address, as it does after a migration. A guest's own driver
# for the emulated NIC would take a minute to come up here.
case_a_frame_from_the_emulated_NIC_passes_the_twin_and_the_bridge()
{
	xl qemu-monitor-command full announce_self || fail "the device model does not announce the NIC"
	wait_for 60 announced || fail "the bridge has not seen $mac on the twin: $(bridge fdb show br xenbr0)"
}

announced()
{
	bridge fdb show br xenbr0 | grep -q "^$mac dev $(vif_of full)-emu "
}

case_the_vif_and_its_twin_are_gone_after_destroy()
{
	local vif
	vif=$(vif_of full)
	guest_destroy full
	wait_link_gone "$vif" || fail "$vif is still there"
	wait_link_gone "$vif-emu" || fail "$vif-emu is still there"
}
