# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Waiting for events with a deadline. Each returns 1 when time is up.

wait_default=60

# wait_key PATH PATTERN [SECONDS]: until the value of a xenstore key fits; an absent one is "".
wait_key()
{
	local path=$1 pattern=$2 deadline=$((SECONDS + ${3:-$wait_default})) fd pid ok=1 value
	exec {fd}< <(exec xenstore-watch "$path")
	pid=$!
	while read -r -t $((deadline - SECONDS + 1)) -u "$fd" _ && [ "$SECONDS" -lt "$deadline" ]; do
		value=$(xenstore-read "$path" 2>/dev/null) || value=''
		# shellcheck disable=SC2053 # a pattern
		if [[ $value == $pattern ]]; then
			ok=0
			break
		fi
	done
	kill "$pid" 2>/dev/null || :
	exec {fd}<&-
	return $ok
}

# wait_for SECONDS COMMAND…: until it succeeds; for what sends no event to a shell.
wait_for()
{
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		pause 0.05
	done
}

# Less than a fork.
pause()
{
	read -r -t "$1" <>"$T/never" || :
}
[ -p "$T/never" ] || mkfifo "$T/never"

# wait_link NAME / wait_link_gone NAME [SECONDS]
wait_link()
{
	wait_for "${2:-$wait_default}" test -e "/sys/class/net/$1"
}

wait_link_gone()
{
	wait_for "${2:-$wait_default}" test ! -e "/sys/class/net/$1"
}

# wait_path_gone XENSTORE-PATH [SECONDS]
wait_path_gone()
{
	local fd pid ok=1 deadline=$((SECONDS + ${2:-$wait_default}))
	exec {fd}< <(exec xenstore-watch "$1")
	pid=$!
	while read -r -t $((deadline - SECONDS + 1)) -u "$fd" _ && [ "$SECONDS" -lt "$deadline" ]; do
		if ! xenstore-exists "$1"; then
			ok=0
			break
		fi
	done
	kill "$pid" 2>/dev/null || :
	exec {fd}<&-
	return $ok
}
