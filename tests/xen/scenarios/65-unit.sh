# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The daemon as its systemd unit runs it, behind all that the unit forbids it. systemd is no dom0's
# first process here, but that of a namespace of processes and mounts in it.

setup()
{
	local target
	netd_stop
	mkdir -p "$T/units/xen-netd.service.d"
	cp /usr/lib/systemd/system/xen-netd.service "$T/units/"
	printf '[Service]\nStandardOutput=append:%s\n' "$netd_log" >"$T/units/xen-netd.service.d/log.conf"
	for target in sysinit basic multi-user shutdown; do
		printf '[Unit]\nDefaultDependencies=no\n' >"$T/units/$target.target"
	done
	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
	# systemd would put an empty one over what is no mount.
	mount --bind /run /run
	SYSTEMD_UNIT_PATH=$T/units container=test setsid unshare --fork --pid --kill-child --mount --mount-proc \
		/usr/lib/systemd/systemd --unit=xen-netd.service --log-target=console >"$T/systemd.out" 2>&1 </dev/null &
	echo $! >"$T/systemd.pid"
	wait_for 60 xnetctl status || fail "xen-netd does not start: $(tail -n 5 "$T/systemd.out")"
	pgrep -x xen-netd >"$T/netd.pid"
}

teardown()
{
	kill -KILL "$(<"$T/systemd.pid")"
	wait_for 60 unit_is_down || fail "the daemon does not end with its systemd"
	umount /run
	rm -f /run/xen-netd/control
	netd_start
}

unit_is_down()
{
	! pgrep -x xen-netd
}

case_the_unit_takes_from_the_daemon_what_it_does_not_need()
{
	local status=/proc/$(netd_pid)/status
	expect "its parent" "$(ps -o comm= -p "$(ps -o ppid= -p "$(netd_pid)" | tr -d ' ')")" systemd
	expect "NoNewPrivs" "$(awk '/^NoNewPrivs/ { print $2 }' "$status")" 1
	expect "Seccomp" "$(awk '/^Seccomp:/ { print $2 }' "$status")" 2
	# CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_NET_ADMIN, CAP_SYS_RESOURCE; for dnsmasq CAP_KILL, CAP_SETGID,
	# CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_NET_RAW
	expect "CapBnd" "$(awk '/^CapBnd/ { print $2 }' "$status")" 00000000010035e3
	! nsenter -t "$(netd_pid)" -m touch /usr/written 2>/dev/null || fail "it can write to /usr"
}

case_bridged_and_routed_guests_are_wired_and_filtered_by_the_unit()
{
	echo 1 >/proc/sys/net/ipv4/ip_forward
	guest_define web net=eth0,10.0.0.66/24 vif=bridge=xenbr0,ip=10.0.0.66
	guest_define far net=eth0,10.7.0.66/32 vif="script=$netd_links/vif-route,ip=10.7.0.66,gatewaydev=xenbr1"
	guest_create web
	guest_create far
	guest_ready web
	guest_ready far
	guest_do far "ip route add 10.0.1.1 dev eth0 && ip route add default via 10.0.1.1"
	expect_ping web 10.0.0.1
	expect_ping far 10.0.0.1
	/tests/guest-agent watch xenbr0 "$T/unit-seen"
	send_frame web eth0 ipv4 forged from=10.0.0.1 to=10.0.0.99
	send_frame web eth0 ipv4 honest from=10.0.0.66 to=10.0.0.1
	wait_for 30 grep '^honest ' "$T/unit-seen" || fail "dom0 has not received the honest frame"
	! grep -q '^forged ' "$T/unit-seen" || fail "dom0 has received the forged frame"
}

case_a_private_network_is_served_by_dnsmasq_as_the_unit_lets_it()
{
	guest_define lan net=eth0,dhcp vif=bridge=virbr0
	guest_create lan
	guest_ready lan
	expect_ping lan 192.168.122.1
	expect "dnsmasq's user" "$(ps -o user= -C dnsmasq)" dnsmasq
}

case_systemd_restarts_a_killed_daemon_and_guests_stay_connected()
{
	local old
	old=$(netd_pid)
	kill -KILL "$old"
	wait_for 60 is_another "$old" || fail "systemd does not start it again"
	wait_for 60 xnetctl status || fail "the new one does not answer"
	expect "web's state" "$(vif_status "$(vif_of web)" state)" connected
	expect "far's state" "$(vif_status "$(vif_of far)" state)" connected
	expect_ping web 10.0.0.1
	guest_attach_vif web 1 bridge=xenbr1
	guest_detach_vif web 1
}

is_another()
{
	pgrep -x xen-netd >"$T/netd.pid" && [ "$(netd_pid)" != "$1" ]
}
