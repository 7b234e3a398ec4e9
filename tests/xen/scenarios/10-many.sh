# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Many at once.

count=20

# in_parallel COMMAND NAME…: COMMAND for each guest, all at the same time.
in_parallel()
{
	local command=$1 name pids=() start
	shift
	start=$(now_ms)
	for name; do
		"$command" "$name" &
		pids+=($!)
	done
	for name in "${pids[@]}"; do
		wait "$name" || fail "$command fails for a guest"
	done
	remark "$command of $# guests at once: $(ms_text $(($(now_ms) - start)))"
}

give_nic()
{
	xl network-attach "$1" bridge=xenbr0 >"$T/$1.out" 2>&1 || fail "xl network-attach $1: $(tail -n 3 "$T/$1.out")"
}

# Building twenty domains at the same time would take the emulated machine longer than xl has patience.
# So they are built first, and get their NICs and the processor together.
case_twenty_guests_started_at_once_all_ping_dom0()
{
	local i name names=()
	for ((i = 1; i <= count; i++)); do
		name=many$i
		names+=("$name")
		guest_define "$name" "net=eth0,10.0.0.$((100 + i))/24" vif=none
		xl create -q -p "$T/$name.cfg" >"$T/$name.out" 2>&1 || fail "xl create $name: $(tail -n 3 "$T/$name.out")"
	done
	in_parallel give_nic "${names[@]}"
	in_parallel guest_unpause "${names[@]}"
	for name in "${names[@]}"; do
		guest_ready "$name" 400
		expect_port "$(vif_of "$name")" xenbr0
		expect_ping "$name" 10.0.0.1
	done
	expect "the number of vifs in status" "$(vif_count)" "$count"
}
