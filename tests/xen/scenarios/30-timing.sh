# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What users feel: xl's own time with our helper and with Xen's vif-bridge, taking turns in one boot.

rounds=3

setup()
{
	guest timed vif=bridge=xenbr0
	# Paused: what a booting guest does with the processors is not to be measured.
	guest_define ours vif=bridge=xenbr1,script=$our_script
	guest_define theirs vif=bridge=xenbr1,script="$xen_script"
}

# timed_ms COMMAND…: sets $ms.
timed_ms()
{
	local start
	start=$(now_ms)
	"$@" >"$T/timed.out" 2>&1 || fail "$*: $(tail -n 3 "$T/timed.out")"
	ms=$(($(now_ms) - start))
}

# expect_faster WHAT TIMES OURS THEIRS: lists of milliseconds; TIMES in tenths. What else the host does
# only ever makes a try slower, so the best ones are compared.
expect_faster()
{
	local ours theirs
	# shellcheck disable=SC2086 # lists
	ours=$(least $3) theirs=$(least $4)
	remark "$1: $ours ms with xen-netd, $theirs ms with vif-bridge (best of $rounds:$3 /$4)"
	((theirs * 10 >= ours * $2)) || fail "$1 takes $ours ms, vif-bridge $theirs ms"
}

case_network_attach_is_four_times_as_fast_as_with_vif_bridge_and_detach_is_faster()
{
	local ours='' theirs='' ours_off='' theirs_off='' ms i
	for ((i = 0; i < rounds; i++)); do
		timed_ms xl network-attach timed bridge=xenbr1 script="$our_script" && ours+=" $ms"
		wait_key "$(backend_of timed 1)/state" 4
		timed_ms xl network-detach timed 1 && ours_off+=" $ms"
		guest_lets_go timed 1
		timed_ms xl network-attach timed bridge=xenbr1 script="$xen_script" && theirs+=" $ms"
		wait_key "$(backend_of timed 1)/state" 4
		timed_ms xl network-detach timed 1 && theirs_off+=" $ms"
		guest_lets_go timed 1
	done
	expect_faster 'xl network-detach' 10 "$ours_off" "$theirs_off"
	expect_faster 'xl network-attach' 40 "$ours" "$theirs"
}

case_destroy_is_three_times_as_fast_as_with_vif_bridge_and_create_is_faster()
{
	local ours='' theirs='' ours_off='' theirs_off='' ms i
	for ((i = 0; i < rounds; i++)); do
		timed_ms xl create -p -q "$T/ours.cfg" && ours+=" $ms"
		timed_ms xl destroy ours && ours_off+=" $ms"
		timed_ms xl create -p -q "$T/theirs.cfg" && theirs+=" $ms"
		timed_ms xl destroy theirs && theirs_off+=" $ms"
	done
	expect_faster 'xl create' 10 "$ours" "$theirs"
	expect_faster 'xl destroy' 30 "$ours_off" "$theirs_off"
}
