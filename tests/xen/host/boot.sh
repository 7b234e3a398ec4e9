# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The emulated machines, and the readers of what their dom0s report.
#
# A machine's first serial line is Xen's and dom0's console, kept as a log. The second is dom0's
# report, one line each: "ok SENTENCE (1.2 s)", "FAIL SENTENCE: why", "# remark", "next", which asks
# for a scenario, and "end" when there was none left.

# What QEMU's emulation and Xen do not agree on. With SMAP or PKU a PV dom0 crashes; with XSAVE the
# vector registers of one domain now and then end up in another, and programs die of it; an
# intercepted RDTSCP comes to Xen as an RDTSC, and kills PVH guests.
boot_cpu=max,smap=off,smep=off,pku=off,la57=off,umip=off,fsgsbase=off,xsave=off,rdtscp=off
boot_xen='console=com1 com1=115200,8n1 dom0_mem=1280M,max:1280M dom0_max_vcpus=1 noreboot spec-ctrl=no xpti=no'
boot_linux='console=hvc0 rdinit=/init loglevel=4 panic=-1 mitigations=off net.ifnames=0'
boot_memory=3840 # MB, all of it touched: Xen scrubs it; twenty guests take half

# One processor each: of two, one often waits for the other in a spinlock or for the answer to an
# interrupt, and when this machine is busy that other is not even running. Two machines of one
# processor are as fast as one machine of two, and ten times as fast on a busy host.
boot_machines()
{
	local by_cpu by_memory
	by_cpu=$(nproc)
	by_memory=$(awk -v mb="$boot_memory" '/^MemAvailable/ { print int($2 / 1024 / (mb + 512)) }' /proc/meminfo)
	[ "$by_memory" -gt 0 ] || by_memory=1
	printf '%s\n' "$by_cpu" "$by_memory" "${#scenarios[@]}" 3 | sort -n | head -n 1
}

boot_run()
{
	local i pids=()
	[ "$machines" -gt 0 ] || machines=$(boot_machines)
	for ((i = 0; i < repeat; i++)); do
		printf '%s\n' "${scenarios[@]}"
	done >"$work/queue"
	passed=0 failed=0 ended=1
	for ((i = 1; i <= machines; i++)); do
		(trap - EXIT && boot_machine "$i") &
		pids+=($!)
		cleanup_add "kill $! 2>/dev/null"
	done
	wait "${pids[@]}"
	for ((i = 1; i <= machines; i++)); do
		boot_count "$i"
	done
}

# The scenarios in which a case has failed, once more. What fails again counts.
boot_again()
{
	local name ok=$passed bad=$failed file names=()
	[ "$failed" -gt 0 ] && [ "$failed" -le 5 ] && [ "$ended" = 1 ] || return 0
	for name in "${scenarios[@]}"; do
		file=$(scenario_file "${name%%/*}")
		sed -nE 's/^FAIL ([^:]*): .*/\1/p' "$work"/report-* | tr ' ' _ | sed 's/.*/case_&()/' >"$work/failed"
		! grep -qxFf "$work/failed" "$file" || names+=("$name")
	done
	[ "${#names[@]}" -gt 0 ] || return 0
	note "once more: ${names[*]}"
	scenarios=("${names[@]}") repeat=1 machines=0
	rm -f "$work"/report-*
	boot_run
	if [ "$failed" = 0 ] && [ "$ended" = 1 ]; then
		note "passed at the second try: $bad"
		passed=$((ok + bad))
	else
		passed=$ok failed=$bad
	fi
}

# boot_machine N: one machine's life.
boot_machine()
{
	local console=$cache/console-$suite-$1.log report answers
	: >"$console"
	coproc QEMU {
		exec qemu-system-x86_64 -M q35 -accel tcg -cpu "$boot_cpu" -smp 1 -m "$boot_memory" \
			-display none -monitor none -nic none -no-reboot \
			-serial "file:$console" -chardev stdio,id=report,signal=off -serial chardev:report \
			-kernel "$image_dir/xen" -append "$boot_xen" \
			-initrd "$image_dir/kernel $boot_linux,$work/initrd" 2>"$work/qemu-$1.log"
	}
	exec {report}<&"${QEMU[0]}" {answers}>&"${QEMU[1]}"
	# shellcheck disable=SC2064 # now: a coprocess that ends takes its variables along
	trap "kill -KILL $QEMU_PID 2>/dev/null" EXIT
	trap 'exit 130' INT TERM HUP
	if boot_follow "$1"; then
		echo 'end' >>"$work/report-$1"
	else
		boot_explain "$1"
	fi
}

# Reads the report until dom0 ends, the machine is gone, or time is up.
boot_follow()
{
	local line left deadline=$((SECONDS + timeout))
	: >"$work/report-$1"
	while left=$((deadline - SECONDS)) && [ "$left" -gt 0 ]; do
		IFS= read -r -t "$left" -u "$report" line || return 1
		line=${line%$'\r'}
		case $line in
		'next') boot_next >&"$answers" ;;
		'end') return 0 ;;
		'ok '* | 'FAIL '*)
			printf '%s\n' "$line" >>"$work/report-$1"
			printf '%s\n' "$line"
			;;
		'# '*) printf '%s\n' "$line" ;;
		esac
	done
	return 1
}

# Takes the next scenario out of the queue that the machines share.
boot_next()
{
	local lock
	exec {lock}>"$work/queue.lock"
	flock "$lock"
	head -n 1 "$work/queue" | grep . || echo end
	sed -i 1d "$work/queue"
	exec {lock}>&-
}

# boot_count N: adds up what a machine has reported.
boot_count()
{
	local ok bad end
	read -r ok bad end < <(awk '{ n[$1]++ } END { print n["ok"] + 0, n["FAIL"] + 0, n["end"] + 0 }' "$work/report-$1")
	passed=$((passed + ok)) failed=$((failed + bad))
	[ "$end" = 1 ] || ended=0
}

boot_explain()
{
	local console=$cache/console-$suite-$1.log
	if [ -s "$work/qemu-$1.log" ]; then
		cat "$work/qemu-$1.log" >&2
	fi
	note "dom0 of machine $1 did not reach its end within $timeout s; its console's last lines:"
	tail -n 30 "$console" | tr -d '\r' | sed 's/^/# /'
}
