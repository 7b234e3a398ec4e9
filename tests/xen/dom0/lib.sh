# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The language of the scenarios. Everything that outlives a case is in files below $T.

T=${T:-/run/t}

. /tests/wait.sh
. /tests/guest.sh
. /tests/net.sh
. /tests/netd.sh
. /tests/vlan.sh

report()
{
	printf '%s\n' "$*" >/dev/ttyS1
	printf '%s\n' "$*"
}

# A remark in the report: what was measured.
remark()
{
	report "# $*"
}

# fail REASON: the case has failed.
fail()
{
	[ -e "$T/why" ] || printf '%s\n' "$*" >"$T/why"
	exit 1
}

# expect WHAT IS SHOULD: two texts are the same.
expect()
{
	[ "$2" = "$3" ] || fail "$1 is \"$2\", not \"$3\""
}

# expect_match WHAT TEXT PATTERN: a shell pattern fits.
expect_match()
{
	# shellcheck disable=SC2053 # the right-hand side is meant as a pattern
	[[ $2 == $3 ]] || fail "$1 is \"$2\", which is not like \"$3\""
}

now_ms()
{
	local t=$EPOCHREALTIME
	echo $((${t/./} / 1000))
}

ms_text()
{
	printf '%d.%d s' $(($1 / 1000)) $(($1 % 1000 / 100))
}

uptime_s()
{
	cut -d ' ' -f 1 /proc/uptime
}

xenstored_name()
{
	ps -C xenstored,oxenstored -o comm= | head -n 1
}

# What every scenario finds: two bridges without uplink, dom0 with an address on each.
dom0_configure()
{
	local bridge
	ip link set lo up
	for bridge in 0 1; do
		# An address of its own: one borrowed from its ports would change with them.
		ip link add "xenbr$bridge" address "02:00:00:00:00:0$bridge" type bridge forward_delay 0
		echo 0 >"/proc/sys/net/ipv6/conf/xenbr$bridge/accept_dad"
		ip address add "10.0.$bridge.1/24" dev "xenbr$bridge"
		ip -6 address add "fd00:$bridge::1/64" dev "xenbr$bridge" nodad
		ip link set "xenbr$bridge" up
	done
	if [ "$REFERENCE" = 1 ]; then
		mkdir -p /usr/libexec/xen-netd
		ln -s "$xen_script" /etc/xen/scripts/vif-netd
	fi
	mkdir -p /etc/xen
	cp /tests/netd.conf /etc/xen/netd.conf
	cat >/etc/xen/xl.conf <<-EOF
		autoballoon="off"
		vif.default.script="$our_script"
	EOF
}

# Back to what dom0_configure made; fails if a guest left something that nobody will remove.
dom0_reset()
{
	local domid link
	for domid in $(domids); do
		[ "$domid" = 0 ] || xl destroy "$domid" &
	done
	wait
	rm -f "$T"/*.cfg "$T"/*.pty "$T"/*.domid
	for link in $(ip -brief link show | cut -d ' ' -f 1); do
		case ${link%@*} in
		lo | xenbr0 | xenbr1 | sit0 | tunl0) ;;
		vif*) wait_link_gone "${link%@*}" || fail "${link%@*} outlives its guest" ;;
		*) ip link delete "${link%@*}" 2>/dev/null || : ;;
		esac
	done
	echo 0 >/proc/sys/net/ipv4/ip_forward
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
	if [ "$REFERENCE" = 0 ] && ! netd_alive; then
		netd_start
		fail "the daemon does not run any more"
	fi
	expect "what is left of the vifs' backends" "$(xenstore-ls /local/domain/0/backend/vif 2>/dev/null)" ''
}

domids()
{
	xenstore-list /local/domain
}

# The state of dom0, on its console, after a failure. A scenario may add also_diagnose.
diagnose()
{
	echo "---- $(cat "$T/why")"
	xl list
	ip -brief link
	bridge link
	bridge vlan
	xenstore-ls -f /local/domain/0/backend/vif
	ps -eo pid,ppid,etimes,stat,args | grep -v '\]$'
	[ "$REFERENCE" = 1 ] || timeout 5 xnetctl status
	echo "---- the daemon's log"
	tail -n 60 "$netd_log"
	tail -n 20 "$T"/*.out /var/log/xen/xl-*.log
	[ -z "$(ls /var/log/xen/console)" ] || tail -n 12 /var/log/xen/console/*
	dmesg | tail -n 12
	if declare -F also_diagnose >/dev/null; then
		also_diagnose
	fi
	echo "----"
} 2>&1
