# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The boot parts: everything that depends on Debian's packages only, built once and kept in the cache.
#
# image_ensure leaves in $image_dir:
#   xen        the hypervisor, not compressed: QEMU's multiboot loader wants it so
#   kernel     Linux as an ELF file: dom0 and guests need not decompress it under emulation
#   root.cpio  dom0's root: a debootstrapped system with Xen's tools, pruned
#   guest/     busybox and the kernel modules of the guests

# Dom0's packages besides the Xen ones; later scenarios add theirs here.
image_packages=(
	# the run-time libraries of the product
	libnl-3-200 libnl-route-3-200 libmnl0 libnftnl11 libsystemd0 libconfuse2 libjansson4 libcap-ng0
	libseccomp2
	# what the scenarios use
	busybox-static iproute2 iputils-ping kmod procps jq cpio
	# what the product works with
	nftables openvswitch-switch dnsmasq-base bird2
)

# Kernel modules of dom0, as modprobe names or as directories below kernel/.
image_modules=(
	xen-netback xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs
	tun veth dummy ifb macvlan vxlan br_netfilter bridge 8021q openvswitch
	net/netfilter/ net/bridge/netfilter/ net/ipv4/netfilter/ net/ipv6/netfilter/ net/sched/
)

# Kernel modules a guest may load.
image_guest_modules=(xen-netfront 8021q e1000)

image_ensure()
{
	local key
	key=$(image_key)
	image_dir=$cache/$suite-$key
	mkdir -p "$cache"
	exec {image_lock}>"$cache/$suite.lock"
	flock "$image_lock"
	if [ "$rebuild" = 1 ] || [ ! -e "$image_dir/root.cpio" ]; then
		note "building the boot parts of $suite in $image_dir"
		image_build
	fi
	exec {image_lock}>&-
}

# A change of the recipe is a new cache directory; older ones of the suite are removed by image_build.
image_key()
{
	cat "$here/host/image.sh" "$here/suites/$suite.sh" | sha256sum | cut -c1-12
}

image_build()
{
	local stage log=$cache/$suite-build.log
	stage=$(mktemp -d "$cache/.stage-XXXXXX")
	cleanup_add "rm -rf --one-file-system '$stage'"
	if ! (
		set -e
		trap 'image_unmount "$stage/root"' EXIT
		image_debootstrap "$stage/root"
		image_install "$stage/root"
		image_kernel "$stage"
		cp "$stage/root/bin/busybox" "$stage/guest/"
		image_prune "$stage/root"
		(cd "$stage/root" && find . -xdev -print0 | cpio --quiet -0 -o -H newc) >"$stage/root.cpio"
	) >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "the boot parts cannot be built; the whole log is in $log"
	fi
	rm -rf --one-file-system "$stage/root" "$stage/deb"
	rm -rf --one-file-system "$cache/$suite"-????????????
	mv "$stage" "$image_dir"
}

# The archives this machine's own apt uses, as "REPO_URI SUFFIX": SUFFIX follows the suite's name.
image_archives()
{
	apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI) $(RELEASE)' |
		sed -nE 's|^Debian main ([^ ]+) [a-z]+((-security)?)$|\1 \2|p' | sort -u
}

image_debootstrap()
{
	local root=$1 mirror
	mirror=$(image_archives | awk 'NF == 1 { print $1; exit }')
	[ -n "$mirror" ] || {
		echo "no Debian archive among this machine's apt sources; run apt-get update?"
		return 1
	}
	debootstrap --variant=minbase "$suite" "$root" "$mirror"
}

image_install()
{
	local root=$1 uri suffix
	image_archives | while read -r uri suffix; do
		echo "deb $uri $suite$suffix main"
	done >"$root/etc/apt/sources.list"
	apt-config dump Acquire | grep -i proxy >"$root/etc/apt/apt.conf.d/90proxy" || :
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	mount -t proc proc "$root/proc"
	image_apt "$root" update
	image_apt "$root" install -y --no-install-recommends "xen-utils-$suite_xen" xenstore-utils \
		qemu-system-xen "${image_packages[@]}" "${suite_packages[@]}"
	image_unmount "$root"
}

image_apt()
{
	local root=$1
	shift
	DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" \
		apt-get -q -o Dpkg::Options::=--force-unsafe-io "$@" </dev/null
}

image_unmount()
{
	if mountpoint -q "$1/proc"; then
		umount "$1/proc"
	fi
}

# Hypervisor and kernel are unpacked, not installed: no boot loader, no initrd generator.
image_kernel()
{
	local stage=$1 root=$1/root linux version deb
	linux=$(chroot "$root" apt-cache depends linux-image-amd64 |
		sed -nE 's/^ *Depends: (linux-image-[0-9].*)/\1/p' | head -n 1)
	version=${linux#linux-image-}
	mkdir -p "$root/var/cache/boot" "$stage/deb"
	image_apt "$root" install -y --download-only --no-install-recommends \
		-o Dir::Cache::archives=/var/cache/boot "xen-hypervisor-$suite_xen-amd64" "$linux"
	for deb in "$root"/var/cache/boot/{xen-hypervisor,linux-image}-*.deb; do
		dpkg-deb -x "$deb" "$stage/deb"
	done
	zcat "$stage"/deb/boot/xen-*.gz >"$stage/xen"
	image_vmlinux "$stage/deb/boot/vmlinuz-$version" "$stage/payload" >"$stage/kernel"
	rm "$stage/payload"
	image_modules_install "$stage" "$version"
}

# Dom0 keeps the modules it may load and those they need; the guests' are copied out.
image_modules_install()
{
	local stage=$1 root=$1/root version=$2 all=() module file
	rm -rf "$root/usr/lib/modules"
	mkdir "$root/usr/lib/modules" "$stage/guest"
	mv "$stage"/deb/{usr/,}"lib/modules/$version" "$root/usr/lib/modules/" 2>/dev/null || :
	find "$root/usr/lib/modules" -name '*.ko.xz' -exec xz -dT2 {} +
	chroot "$root" depmod "$version"
	image_module_files "$root" "$version" "${image_guest_modules[@]}" |
		while read -r file; do
			cp "$root$file" "$stage/guest/"
		done
	strip --strip-debug "$stage"/guest/*.ko
	for module in "${image_modules[@]}"; do
		case $module in
		*/) mapfile -t -O ${#all[@]} all < <(image_modules_below "$root" "$version" "$module") ;;
		*) all+=("$module") ;;
		esac
	done
	image_module_files "$root" "$version" "${all[@]}" >"$stage/keep"
	find "$root/usr/lib/modules/$version/kernel" -name '*.ko' -printf '/lib/modules/%P\n' |
		sed "s|^/lib/modules/|/lib/modules/$version/kernel/|" | grep -vxFf "$stage/keep" |
		sed "s|^|$root/usr|" | xargs rm
	find "$root/usr/lib/modules" -type d -empty -delete
	rm "$stage/keep"
	chroot "$root" depmod "$version"
}

image_modules_below()
{
	find "$1/usr/lib/modules/$2/kernel/$3" -name '*.ko' -printf '%f\n' | sed 's/\.ko$//' | sort
}

# image_module_files ROOT VERSION MODULE…: their files and those they need.
image_module_files()
{
	local root=$1 version=$2
	shift 2
	chroot "$root" modprobe -S "$version" --all --ignore-install --show-depends "$@" |
		sed -nE 's|^insmod ([^ ]*) *.*$|\1|p' | awk '!seen[$0]++'
}

# image_vmlinux BZIMAGE SCRATCH: the ELF file inside; the boot protocol's header says where the payload is.
image_vmlinux()
{
	local setup offset length
	setup=$(od -An -tu1 -j $((0x1f1)) -N1 "$1")
	read -r offset length < <(od -An -tu4 -j $((0x248)) -N8 "$1")
	# The payload's last four bytes are the size of what it unpacks to.
	tail -c +$(((setup + 1) * 512 + offset + 1)) "$1" | head -c $((length - 4)) >"$2"
	case $(od -An -tx1 -N4 "$2" | tr -d ' ') in
	fd377a58) xz -dc "$2" ;;
	28b52ffd) zstd -dc <"$2" ;;
	1f8b08*) gzip -dc "$2" ;;
	*) return 1 ;;
	esac
}

# What no scenario reads, only makes the boot slower.
image_prune()
{
	local root=$1
	rm -rf "${root:?}"/usr/share/{doc,man,info,locale,zoneinfo,lintian,bash-completion,perl5,i18n} \
		"$root"/usr/lib/{python3*,x86_64-linux-gnu/perl-base,x86_64-linux-gnu/gconv,udev/hwdb.d} \
		"$root"/usr/share/{python3,ieee-data,mime,misc} "$root"/usr/lib/{systemd/system,apt} \
		"$root"/var/lib/apt/lists/* "$root"/var/cache/{apt,boot,debconf} "$root"/var/lib/dpkg \
		"$root"/usr/lib/udev/hwdb.bin "$root"/usr/sbin/policy-rc.d "${root:?}"/boot "$root"/etc/resolv.conf
	find "$root/dev" -mindepth 1 -delete
	mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/run" "$root/tmp"
}
