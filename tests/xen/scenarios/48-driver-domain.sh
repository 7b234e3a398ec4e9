# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A second Linux domain is the network backend. The daemon there has no toolstack beside it: it says
# "connected" on its own and removes the backend's directory itself.

# Puts the daemon, what it links, and the modules of a backend on top of the guests' archive.
driver_archive()
{
	local tree=$T/driver file version
	version=$(uname -r)
	mkdir -p "$tree/modules" "$tree/usr/sbin" "$tree/etc/xen"
	{
		find /usr/libexec/xen-netd /usr/lib/xen-netd /usr/lib/*/xen-netd ! -type d 2>/dev/null || :
		printf '%s\n' /usr/sbin/xen-netd /usr/bin/xnetctl /usr/sbin/xnetctl /etc/xen/scripts/vif-netd
	} | while read -r file; do
		[ -e "$file" ] || continue
		mkdir -p "$tree${file%/*}"
		cp -a "$file" "$tree$file"
		ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || :
	done | sort -u | while read -r file; do
		mkdir -p "$tree${file%/*}"
		cp -L "$file" "$tree$file"
	done
	# The filters need what they needed here: nobody loads modules by name in there.
	# shellcheck disable=SC2046 # words
	modprobe -S "$version" --all --show-depends bridge xen-netback $(awk '/^nf/ { print $1 }' /proc/modules) | sed -n 's/^insmod \([^ ]*\).*/\1/p' |
		awk '!seen[$0]++' >"$tree/modules/backend"
	xargs cp -t "$tree/modules" <"$tree/modules/backend"
	sed -i 's|.*/|/modules/|' "$tree/modules/backend"
	cp /tests/guest.cpio /tests/driver.cpio
	(cd "$tree" && find . -mindepth 1 | sort | cpio --quiet -o -H newc) >>/tests/driver.cpio
	rm -r "$tree"
}

driver_start()
{
	guest_define driver memory=192 append=modules=xen-netfront net=eth0,10.0.0.90/24 config='driver_domain = 1'
	sed -i 's|/tests/guest.cpio|/tests/driver.cpio|' "$T/driver.cfg"
	guest_create driver
	guest_ready driver
	guest_do driver 'for m in $(cat /modules/backend); do
			n=$(echo ${m##*/} | sed "s/[.]ko//;s/-/_/g");
			[ -d /sys/module/$n ] || insmod $m || break; done;
		ip link add brd type bridge forward_delay 0; ip address add 10.0.9.1/24 dev brd; ip link set brd up;
		mkdir -p /run/xen-netd'
	driver_netd
}

# The daemon in the driver domain; answers only when its control socket is there.
driver_netd()
{
	guest_do driver '/usr/sbin/xen-netd --foreground --log-level debug >>/run/netd.log 2>&1 & netd=$!;
		for i in $(seq 100); do [ -S /run/xen-netd/control ] && break; sleep 0.1; done;
		[ -S /run/xen-netd/control ] || { cat /run/netd.log; false; }'
}

driver_backend()
{
	echo "/local/domain/$(guest_domid driver)/backend/vif/$(guest_domid "$1")/${2:-0}"
}

also_diagnose()
{
	(guest_run driver 'ip link; ls /sys/module | grep xen; cat /run/netd.log') || :
	xenstore-ls -f "/local/domain/$(guest_domid driver)/backend"
}

setup()
{
	driver_archive
	driver_start
	guest leaf net=eth0,10.0.9.2/24 vif=bridge=brd,backend=driver
}

case_a_guest_pings_through_a_driver_domain()
{
	wait_key "$(driver_backend leaf)/hotplug-status" connected || fail "the daemon does not say connected"
	expect_ping leaf 10.0.9.1
}

case_detach_from_a_driver_domain_leaves_no_backend_directory()
{
	local backend start
	xl network-attach leaf bridge=brd backend=driver >"$T/attach.out" 2>&1 ||
		fail "xl network-attach: $(tail -n 3 "$T/attach.out")"
	backend=$(driver_backend leaf 1)
	wait_key "$backend/state" 4 || fail "the vif does not connect"
	start=$(now_ms)
	# Fails when the directory is still there after 10 s.
	xl network-detach leaf 1 >"$T/detach.out" 2>&1 || fail "xl network-detach: $(tail -n 3 "$T/detach.out")"
	remark "xl network-detach from a driver domain: $(ms_text $(($(now_ms) - start)))"
	! xenstore-exists "$backend" || fail "$backend is still there"
	expect_ping leaf 10.0.9.1
}

case_destroying_the_guest_of_a_driver_domain_leaves_no_backend_directory()
{
	local backend
	backend=$(driver_backend leaf)
	# xl succeeds, but complains, when the directory is still there after 10 s.
	xl destroy leaf >"$T/destroy.out" 2>&1 || fail "xl destroy leaf: $(tail -n 3 "$T/destroy.out")"
	expect "what xl destroy says" "$(grep error "$T/destroy.out")" ''
	! xenstore-exists "${backend%/*}" || fail "${backend%/*} is still there"
	guest_do driver '[ ! -e /sys/class/net/vif* ]'
}
