# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What guests can reach, and how dom0 has wired them.

# expect_ping GUEST ADDRESS [PING-OPTION…]
expect_ping()
{
	local name=$1 address=$2
	shift 2
	# shellcheck disable=SC2016 # for the guest's shell
	guest_run "$name" "for i in 1 2 3 4 5 6 7 8 9 10; do ping -q -c 1 -W 1 $* $address && exit_ok=1 && break;" \
		'exit_ok=; done; [ "$exit_ok" ]' >/dev/null || fail "$name cannot ping $address $*"
}

# expect_no_ping GUEST ADDRESS: prove by an expect_ping beside it that the guest can ping at all.
expect_no_ping()
{
	if guest_run "$1" "ping -q -c 2 -W 1 $2" >/dev/null; then
		fail "$1 can ping $2"
	fi
}

# watch_frames GUEST [IFACE]: from now on the guest records the marked frames it receives.
watch_frames()
{
	guest_do "$1" "guest-agent watch ${2:-eth0} /run/seen-${2:-eth0}"
}

# send_frame GUEST IFACE KIND MARK [KEY=VALUE…]: sends a forged frame.
send_frame()
{
	guest_do "$1" "guest-agent send $2 $3 mark=$4 ${*:5}"
}

# seen GUEST MARK [IFACE]: "SRC DST VLAN" of each frame recorded under this mark.
seen()
{
	guest_do "$1" "sed -n 's/^$2 //p' /run/seen-${3:-eth0}"
}

# expect_seen GUEST MARK [IFACE]: waits for the frame's record.
expect_seen()
{
	# shellcheck disable=SC2016 # for the guest's shell
	guest_run "$1" 'for i in $(seq 100); do ' "grep -q '^$2 ' /run/seen-${3:-eth0} && break;" \
		'sleep 0.1; done; [ "$i" != 100 ]' >/dev/null || fail "$1 has not received $2"
}

# expect_not_seen GUEST MARK [IFACE]: after a ping between the same two guests, or a frame that is
# seen, there is no need to wait: neither can overtake the other.

expect_not_seen()
{
	local frames
	frames=$(seen "$@")
	[ -z "$frames" ] || fail "$1 has received $2: $frames"
}

# expect_port LINK BRIDGE: the link is up and a port of the bridge.
expect_port()
{
	local master flags
	[ -e "/sys/class/net/$1" ] || fail "there is no $1"
	master=$(basename "$(readlink -f "/sys/class/net/$1/master")")
	[ "$master" = "$2" ] || fail "$1 is no port of $2"
	flags=$(<"/sys/class/net/$1/flags")
	((flags & 1)) || fail "$1 is not up"
}

link_mtu()
{
	cat "/sys/class/net/$1/mtu"
}

# hotplug_status NAME [DEVID]
hotplug_status()
{
	xenstore-read "$(backend_of "$@")/hotplug-status"
}
