# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What changes from run to run: the product, the scenarios and the guest, as a second archive
# appended to the cached root. The kernel unpacks one after the other.

overlay_build()
{
	local tree=$work/overlay
	mkdir -p "$tree/tests"
	overlay_product "$tree"
	cp -r "$here/dom0/." "$here/scenarios" "$tree/tests/"
	gcc -O2 -shared -fPIC -s -Wall -Wextra -Werror -o "$tree/tests/gate.so" "$here/dom0/gate.c" -ldl
	overlay_guest "$tree/tests"
	cp "$image_dir/kernel" "$tree/tests/"
	cat >"$tree/tests/plan" <<-EOF
		plan_reference=$reference
		plan_suite=$suite
	EOF
	ln -s /tests/init "$tree/init"
	{
		cat "$image_dir/root.cpio"
		overlay_archive "$tree"
	} >"$work/initrd"
	rm -rf "$tree"
}

overlay_archive()
{
	(cd "$1" && find . -mindepth 1 -print0 | sort -z | cpio --quiet -0 -o -H newc -R 0:0)
}

overlay_product()
{
	local tree=$1 dir
	[ "$reference" = 0 ] || return 0
	if [ -n "$product" ]; then
		cp -a "$product/." "$tree/"
	else
		[ -e "$build/build.ninja" ] ||
			die "$build is no meson build directory; meson setup --prefix=/usr $build"
		DESTDIR=$tree meson install -C "$build" --quiet >"$work/install.log" 2>&1 || {
			tail -n 20 "$work/install.log" >&2
			die "meson install from $build failed"
		}
	fi
	# In dom0's root these are links into usr; unpacking a directory over a link would replace it.
	for dir in bin sbin lib; do
		if [ -d "$tree/$dir" ]; then
			cp -a "$tree/$dir" "$tree/usr/" && rm -r "${tree:?}/$dir"
		fi
	done
	[ -x "$tree/usr/sbin/xen-netd" ] ||
		die "no usr/sbin/xen-netd in the product; the build needs --prefix=/usr"
}

# The guest's initramfs. Its applets are links, so that no time goes into making them in the guest.
overlay_guest()
{
	local out=$1 tree=$work/guest applet
	mkdir -p "$tree"/{bin,dev,proc,sys,run,modules,usr/share/udhcpc}
	gcc -std=gnu11 -O2 -static -s -Wall -Wextra -Werror -o "$tree/bin/guest-agent" "$here"/guest/*.c
	cp "$tree/bin/guest-agent" "$out/"
	cp "$image_dir/guest/busybox" "$tree/bin/"
	cp "$image_dir"/guest/*.ko "$tree/modules/"
	for applet in sh awk cat echo grep ls insmod ip mkdir mount ping poweroff printf reboot rmmod sed seq sleep kill \
		stty sync udhcpc uname vconfig; do
		ln -s busybox "$tree/bin/$applet"
	done
	cp "$here/guest/init" "$tree/init"
	cp "$here/guest/udhcpc" "$tree/usr/share/udhcpc/default.script"
	chmod 755 "$tree/init" "$tree/usr/share/udhcpc/default.script"
	overlay_archive "$tree" >"$out/guest.cpio"
}
