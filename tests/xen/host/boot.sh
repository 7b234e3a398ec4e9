# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The emulated machine, and the reader of what its dom0 reports.
#
# The first serial line is Xen's and dom0's console, kept as a log. The second is dom0's report, one
# line each: "ok SENTENCE (1.2 s)", "FAIL SENTENCE: why", "# remark", and "end" when dom0 is through.

# What QEMU's emulation and Xen do not agree on. With SMAP or PKU a PV dom0 crashes; with XSAVE the
# vector registers of one domain now and then end up in another, and programs die of it; an
# intercepted RDTSCP comes to Xen as an RDTSC, and kills PVH guests.
boot_cpu=max,smap=off,smep=off,pku=off,la57=off,umip=off,fsgsbase=off,xsave=off,rdtscp=off
boot_xen='console=com1 com1=115200,8n1 dom0_mem=2048M,max:2048M dom0_max_vcpus=2 noreboot spec-ctrl=no xpti=no'
boot_linux='console=hvc0 rdinit=/init loglevel=4 panic=-1 mitigations=off net.ifnames=0'

boot_run()
{
	console=$cache/console-$suite.log
	passed=0 failed=0 ended=0
	: >"$console"
	boot_start
	boot_follow
	boot_stop
	[ "$ended" = 1 ] || boot_explain
}

boot_start()
{
	mkfifo "$work/report"
	qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu "$boot_cpu" -smp 2 -m 6144 \
		-display none -monitor none -nic none -no-reboot \
		-serial "file:$console" -chardev stdio,id=report,signal=off -serial chardev:report \
		-kernel "$image_dir/xen" -append "$boot_xen" \
		-initrd "$image_dir/kernel $boot_linux,$work/initrd" \
		</dev/null >"$work/report" 2>"$work/qemu.log" &
	qemu=$!
	cleanup_add "kill -KILL $qemu 2>/dev/null"
	exec {report}<"$work/report"
}

# Reads the report until dom0 ends, the machine is gone, or time is up.
boot_follow()
{
	local line left deadline=$((SECONDS + timeout))
	while left=$((deadline - SECONDS)) && [ "$left" -gt 0 ]; do
		IFS= read -r -t "$left" -u "$report" line || break
		line=${line%$'\r'}
		case $line in
		'ok '*) passed=$((passed + 1)) ;;
		'FAIL '*) failed=$((failed + 1)) ;;
		'end')
			ended=1
			return
			;;
		'# '*) ;;
		*) continue ;;
		esac
		printf '%s\n' "$line"
	done
}

boot_stop()
{
	kill -KILL "$qemu" 2>/dev/null || :
	wait "$qemu" 2>/dev/null || :
	exec {report}<&-
}

boot_explain()
{
	if [ -s "$work/qemu.log" ]; then
		cat "$work/qemu.log" >&2
	fi
	note "dom0 did not reach its end within $timeout s; the console's last lines:"
	tail -n 30 "$console" | tr -d '\r' | sed 's/^/# /'
}
