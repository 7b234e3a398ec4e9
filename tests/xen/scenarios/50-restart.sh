# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The daemon comes and goes beside running guests and beside Xen's own scripts.

setup()
{
	guest_define ours net=eth0,10.0.0.51/24
	guest_define theirs net=eth0,10.0.0.52/24 vif=bridge=xenbr0,script="$xen_script"
	guest_define linked net=eth0,10.0.0.53/24 vif=bridge=xenbr0,script="$netd_links/vif-bridge"
	guest_create ours
	guest_create theirs
	guest_create linked
	guest_ready ours
	guest_ready theirs
	guest_ready linked
}

case_guests_wired_by_Xens_own_script_and_by_ours_reach_each_other()
{
	expect_ping ours 10.0.0.52
	expect_ping theirs 10.0.0.51
	expect_ping theirs 10.0.0.1
}

case_a_vif_wired_by_Xens_own_script_is_shown_as_unmanaged()
{
	expect "its state" "$(vif_status "$(vif_of theirs)" state)" unmanaged
	expect "the state of ours" "$(vif_status "$(vif_of ours)" state)" connected
}

case_an_old_script_name_that_links_to_our_helper_is_ours()
{
	expect "its state" "$(vif_status "$(vif_of linked)" state)" connected
	expect "its mode" "$(vif_status "$(vif_of linked)" mode)" bridge
	expect_port "$(vif_of linked)" xenbr0
	expect_ping linked 10.0.0.1
}

# All that dom0 knows of a link, without the counters.
link_facts()
{
	ip -details link show "$1"
	ip address show "$1"
	bridge -details link show dev "$1"
	bridge vlan show dev "$1"
	tc qdisc show dev "$1"
}

case_an_unmanaged_vif_keeps_what_somebody_else_set_over_a_restart_of_the_daemon()
{
	local vif before
	vif=$(vif_of theirs)
	ip link set "$vif" mtu 1450
	bridge link set dev "$vif" learning off
	before=$(link_facts "$vif")
	netd_stop
	netd_start
	expect "the vif" "$(link_facts "$vif")" "$before"
	guest_attach_vif ours 1 bridge=xenbr1
	guest_detach_vif ours 1
	expect "the vif, after work beside it," "$(link_facts "$vif")" "$before"
	ip link set "$vif" mtu 1500
	bridge link set dev "$vif" learning on
}

# pinging: until both pings have had three more answers.
pinging()
{
	local had
	had=$(wc -l <"$T/ping.out")
	wait_for 60 more_than "$T/ping.out" $((had + 3)) || fail "dom0 does not ping ours any more"
	had=$(guest_answers)
	wait_for 60 more_answers $((had + 3)) || fail "ours does not ping dom0 any more"
}

more_than()
{
	[ "$(wc -l <"$1")" -gt "$2" ]
}

guest_answers()
{
	local echos
	echos=$(guest_do ours echos)
	echo "${echos#* }"
}

more_answers()
{
	[ "$(guest_answers)" -ge "$1" ]
}

# all_answered SENT ANSWERED: since these counts.
all_answered()
{
	local sent answered
	read -r sent answered < <(guest_do ours echos)
	[ $((sent - $1)) = $((answered - $2)) ]
}

# expect_no_gap FILE: every answer from the first to the last. What was still under way at the end
# does not count.
expect_no_gap()
{
	local gaps
	gaps=$(sed -n 's/.*seq=\([0-9]*\) .*/\1/p' "$1" |
		awk 'NR > 1 && $1 != last + 1 { print "from " last " to " $1 } { last = $1 }')
	[ -z "$gaps" ] || fail "no answer to some pings: $gaps in $(tail -n 5 "$1")"
}

case_SIGKILL_and_restart_of_the_daemon_lose_no_ping_and_leave_hotplug_status_alone()
{
	local watch ping fd sent answered
	exec {fd}> >(exec cat >"$T/changes")
	xenstore-watch "$(backend_of ours)/hotplug-status" >&"$fd" 2>&1 &
	watch=$!
	wait_for 60 test -s "$T/changes" || fail "there is no watch"
	read -r sent answered < <(guest_do ours echos)
	ping -n -i 0.1 10.0.0.51 >"$T/ping.out" &
	ping=$!
	guest_do ours "ping -q -i 0.1 10.0.0.1 >/run/ping 2>&1 & pid=\$!; true"
	pinging
	netd_stop KILL
	pinging
	netd_start
	expect "its state after the restart" "$(vif_status "$(vif_of ours)" state)" connected
	pinging
	guest_do ours "kill -INT \$pid; wait \$pid; true"
	kill -INT "$ping"
	wait "$ping" || :
	kill "$watch"
	expect_no_gap "$T/ping.out"
	wait_for 60 all_answered "$sent" "$answered" ||
		fail "the guest has sent and received: $(guest_do ours echos), and before: $sent $answered"
	expect "the number of watch events on hotplug-status" "$(wc -l <"$T/changes")" 1
	expect "hotplug-status" "$(hotplug_status ours)" connected
}
