# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The daemon under test.

netd_log=/var/log/xen-netd.log
xen_script=/etc/xen/scripts/vif-bridge
our_script=/etc/xen/scripts/vif-netd
netd_links=/usr/libexec/xen-netd

# netd_start: returns when it answers.
netd_start()
{
	rm -f "$T/netd.pid"
	# A session of its own: the end of a case does not end the daemon.
	# shellcheck disable=SC2016 # for the inner shell
	setsid sh -c 'echo $$ >"$1" && exec xen-netd --foreground --log-level debug' sh "$T/netd.pid" \
		>>"$netd_log" 2>&1 </dev/null &
	if ! wait_for 60 xnetctl status || ! netd_alive; then
		report "# xen-netd does not start: $(tail -n 3 "$netd_log" | tr '\n' ' ')"
		return 1
	fi
}

netd_pid()
{
	cat "$T/netd.pid" 2>/dev/null || echo none
}

# A dead one that nobody has waited for yet still has its directory in /proc, but no program.
netd_alive()
{
	[ -e "/proc/$(netd_pid)/exe" ]
}

# netd_stop [SIGNAL]: returns when it is gone.
netd_stop()
{
	local pid
	pid=$(netd_pid)
	kill "-${1:-TERM}" "$pid"
	wait_for 30 test ! -e "/proc/$pid/exe" || fail "the daemon does not end on SIG${1:-TERM}"
}

# vif_status VIF KEY: one field of what xnetctl says of a vif.
vif_status()
{
	{ xnetctl status --json || :; } |
		jq -r --arg vif "$1" --arg key "$2" '.vifs[] | select(.name == $vif)[$key]'
}

# vif_count: how many vifs the daemon knows.
vif_count()
{
	{ xnetctl status --json || :; } | jq '.vifs | length'
}
