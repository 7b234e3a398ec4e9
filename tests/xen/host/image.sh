# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The boot parts: everything that depends on Debian's packages only, built once and kept in the cache.
#
# image_ensure leaves in $image_dir:
#   xen        the hypervisor, not compressed: QEMU's multiboot loader wants it so
#   kernel     Linux as an ELF file: dom0 and guests need not decompress it under emulation
#   root.cpio  dom0's root: a debootstrapped system with Xen's tools, pruned
#   guest/     busybox and the kernel modules of the guests

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
		# An archive on the network may have a bad moment.
		image_build || image_build ||
			die "the boot parts cannot be built; the whole log is in $cache/$suite-build.log"
	fi
	exec {image_lock}>&-
}

# A change of the recipe is a new cache directory; older ones of the suite are removed by image_build.
image_key()
{
	{
		cat "$here/host/image-build"
		echo "$suite $suite_xen ${suite_packages[*]}"
	} | sha256sum | cut -c1-12
}

image_build()
{
	local stage log=$cache/$suite-build.log
	stage=$(mktemp -d "$cache/.stage-XXXXXX")
	cleanup_add "rm -rf --one-file-system '$stage'"
	if ! "$here/host/image-build" "$suite" "$stage" >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		return 1
	fi
	rm -rf --one-file-system "$cache/$suite"-????????????
	mv "$stage" "$image_dir"
}
