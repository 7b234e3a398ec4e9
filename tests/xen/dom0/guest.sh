# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Guests: made, asked, removed. A guest's name is also its xl name.

guest_memory=96

# guest NAME [KEY=VALUE…]: creates it and returns when it answers.
#   vif=SPEC      an xl vif; repeatable; without one: a vif on xenbr0;
#                 vif=none: no vif
#   net=SPEC      what the guest does with it (tests/xen/guest/init); repeatable
#   gw=ADDRESS    its default route; repeatable
#   type=pv|pvh|hvm   (pv); an HVM guest has no Linux
#   memory=MB     (96: Linux as an ELF file takes 58 of them at first)
#   append=TEXT   more for the kernel command line
#   config=LINE   a further line of the xl configuration; repeatable
guest()
{
	guest_define "$@"
	guest_create "$1"
	guest_ready "$1"
}

guest_define()
{
	local name=$1 word vifs=() line=() append='' type=pv memory=$guest_memory extra=''
	shift
	for word; do
		case $word in
		vif=none) vifs+=('') ;;
		vif=*) vifs+=("'${word#vif=}'") ;;
		net=* | gw=*) append+=" $word" ;;
		append=*) append+=" ${word#append=}" ;;
		type=*) type=${word#type=} ;;
		memory=*) memory=${word#memory=} ;;
		config=*) extra+="${word#config=}"$'\n' ;;
		*) fail "guest $name: what is \"$word\"?" ;;
		esac
	done
	[ ${#vifs[@]} -gt 0 ] || vifs=("'bridge=xenbr0'")
	printf -v line '%s,' "${vifs[@]}"
	cat >"$T/$name.cfg" <<-EOF
		name = "$name"
		type = "$type"
		memory = $memory
		vcpus = 1
		$(guest_boot "$type" "$append")
		vif = [ ${line[0]%,} ]
		on_crash = "destroy"
		$extra
	EOF
}

# The ELF file suits PV and PVH domains. An HVM one would decompress its kernel, emulated twice over,
# for minutes; it stays in its firmware.
guest_boot()
{
	if [ "$1" = hvm ]; then
		echo 'boot = "n"'
		return
	fi
	echo 'kernel = "/tests/kernel"'
	echo 'ramdisk = "/tests/guest.cpio"'
	echo "cmdline = \"console=hvc0 rdinit=/init loglevel=1 mitigations=off net.ifnames=0$2\""
}

guest_create()
{
	xl create -q "$T/$1.cfg" >"$T/$1.out" 2>&1 || fail "xl create $1: $(tail -n 3 "$T/$1.out")"
}

guest_unpause()
{
	xl unpause "$1" || fail "xl unpause $1 failed"
}

# guest_ready NAME [SECONDS]: until it answers, in a new domain too. A reboot or a restore makes one.
guest_ready()
{
	guest_attach "$1"
	guest_console_wait "$1" '@up' "${2:-180}" || fail "$1 does not come up within ${2:-180} s"
}

# guest_attach NAME: finds the domain and its console.
guest_attach()
{
	local domid
	domid=$(xl domid "$1") || fail "there is no domain $1"
	wait_key "/local/domain/$domid/console/tty" '/dev/*' || fail "$1 has no console"
	echo "$domid" >"$T/$1.domid"
	xenstore-read "/local/domain/$domid/console/tty" >"$T/$1.pty"
}

guest_domid()
{
	cat "$T/$1.domid"
}

# guest_console_wait NAME PREFIX SECONDS: until a line of its console starts so.
guest_console_wait()
{
	local line pty deadline=$((SECONDS + $3)) ok=1
	exec {pty}<>"$(<"$T/$1.pty")"
	while read -r -t $((deadline - SECONDS + 1)) -u "$pty" line && [ "$SECONDS" -le "$deadline" ]; do
		if [[ $line == "$2"* ]]; then
			ok=0
			break
		fi
	done
	exec {pty}>&-
	return $ok
}

# guest_run NAME COMMAND…: runs a shell command in the guest, prints its output, returns its status.
# It goes over as one line: statements end in ";", also where the line does.
guest_run()
{
	local name=$1 id=$BASHPID.$RANDOM line pty status=124 deadline=$((SECONDS + 120))
	shift
	exec {pty}<>"$(<"$T/$name.pty")"
	printf '%s %s\n' "$id" "${*//[$'\t\n']/ }" >&"$pty"
	while read -r -t $((deadline - SECONDS + 1)) -u "$pty" line && [ "$SECONDS" -le "$deadline" ]; do
		line=${line%$'\r'}
		case $line in
		"@$id. "*)
			status=${line##* }
			break
			;;
		"@$id "*) printf '%s\n' "${line#"@$id "}" ;;
		esac
	done
	exec {pty}>&-
	[ "$status" != 124 ] || fail "$name does not answer to: $*"
	return "$status"
}

# guest_do NAME COMMAND…: the same for a command that must succeed.
guest_do()
{
	local out status=0
	out=$(guest_run "$@") || status=$?
	[ "$status" = 0 ] || fail "$1: \"${*:2}\" exits $status: $out"
	[ -z "$out" ] || printf '%s\n' "$out"
}

guest_destroy()
{
	xl destroy "$1" || fail "xl destroy $1 failed"
	rm -f "$T/$1.pty" "$T/$1.domid"
}

# vif_of NAME [DEVID]: its interface's usual name in dom0.
vif_of()
{
	echo "vif$(guest_domid "$1").${2:-0}"
}

# backend_of NAME [DEVID]: its backend's directory in xenstore.
backend_of()
{
	echo "/local/domain/0/backend/vif/$(guest_domid "$1")/${2:-0}"
}

# guest_attach_vif NAME DEVID SPEC…: a further NIC, up in the guest; eth names follow the devids.
guest_attach_vif()
{
	local name=$1 devid=$2
	shift 2
	xl network-attach "$name" "$@" >"$T/attach.out" 2>&1 ||
		fail "xl network-attach $name $*: $(tail -n 3 "$T/attach.out")"
	wait_key "$(backend_of "$name" "$devid")/state" 4 || fail "vif $devid of $name does not connect"
	# shellcheck disable=SC2016 # for the guest's shell
	guest_do "$name" "for i in \$(seq 600); do [ -e /sys/class/net/eth$devid ] && break; sleep 0.1; done"
}

# guest_detach_vif NAME DEVID: and nothing of it is left.
guest_detach_vif()
{
	local vif backend
	vif=$(vif_of "$1" "$2") backend=$(backend_of "$1" "$2")
	xl network-detach "$1" "$2" >"$T/detach.out" 2>&1 ||
		fail "xl network-detach $1 $2: $(tail -n 3 "$T/detach.out")"
	wait_link_gone "$vif" || fail "$vif is still there after network-detach"
	! xenstore-exists "$backend" || fail "$backend is still there after network-detach"
	guest_lets_go "$1" "$2"
}

# guest_lets_go NAME DEVID: until the guest has done with a NIC that was detached. Linux's netfront
# waits for the old backend to close, by its path: when a new one takes that place before netfront has
# looked, it waits for ever. libxl waits for the backend only.
guest_lets_go()
{
	# shellcheck disable=SC2016 # for the guest's shell
	guest_do "$1" "for i in \$(seq 600); do [ -e /sys/bus/xen/devices/vif-$2 ] || break; sleep 0.1; done;" \
		'[ "$i" != 600 ]'
}
