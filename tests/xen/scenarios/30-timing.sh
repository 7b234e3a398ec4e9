# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What users feel: xl's own time with our helper and with Xen's vif-bridge, taking turns in one boot.
# What else the host does only ever makes a try slower, so the best ones are compared, and where that
# was too little, a few more are made.

rounds=3
rounds_most=9

setup()
{
	guest timed vif=bridge=xenbr0
	# Paused: what a booting guest does with the processors is not to be measured.
	guest_define ours vif=bridge=xenbr1,script=$our_script
	guest_define theirs vif=bridge=xenbr1,script="$xen_script"
	rm -f "$T"/timed-*
}

# timed NAME COMMAND…: adds the milliseconds it takes to the file of that name.
timed()
{
	local name=$1 start
	shift
	start=$(now_ms)
	"$@" >"$T/timed.out" 2>&1 || fail "$*: $(tail -n 3 "$T/timed.out")"
	echo $(($(now_ms) - start)) >>"$T/timed-$name"
}

# best NAME
best()
{
	sort -n "$T/timed-$1" | head -n 1
}

# is_faster NAME TIMES: the best of NAME-ours and NAME-theirs; TIMES in tenths.
is_faster()
{
	(($(best "$1-theirs") * 10 >= $(best "$1-ours") * $2))
}

# compare ROUND NAME TIMES NAME TIMES: makes rounds until each is as fast as it should be.
compare()
{
	local i
	for ((i = 1; i <= rounds_most; i++)); do
		"$1"
		if ((i >= rounds)) && is_faster "$2" "$3" && is_faster "$4" "$5"; then
			break
		fi
	done
	expect_faster "$2" "$3"
	expect_faster "$4" "$5"
}

expect_faster()
{
	remark "xl $1: $(best "$1-ours") ms with xen-netd, $(best "$1-theirs") ms with vif-bridge (best of" \
		"$(tr '\n' ' ' <"$T/timed-$1-ours")/ $(tr '\n' ' ' <"$T/timed-$1-theirs"))"
	is_faster "$1" "$2" || fail "xl $1 takes $(best "$1-ours") ms, vif-bridge $(best "$1-theirs") ms"
}

# attach_round_of NAME SCRIPT
attach_round_of()
{
	timed "network-attach-$1" xl network-attach timed bridge=xenbr1 script="$2"
	wait_key "$(backend_of timed 1)/state" 4
	timed "network-detach-$1" xl network-detach timed 1
	guest_lets_go timed 1
}

attach_round()
{
	attach_round_of ours "$our_script"
	attach_round_of theirs "$xen_script"
}

create_round()
{
	timed create-ours xl create -p -q "$T/ours.cfg"
	timed destroy-ours xl destroy ours
	timed create-theirs xl create -p -q "$T/theirs.cfg"
	timed destroy-theirs xl destroy theirs
}

case_network_attach_is_four_times_as_fast_as_with_vif_bridge_and_detach_is_faster()
{
	compare attach_round network-attach 40 network-detach 10
}

case_destroy_is_three_times_as_fast_as_with_vif_bridge_and_create_is_faster()
{
	compare create_round destroy 30 create 10
}
