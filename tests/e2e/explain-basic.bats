#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# Explanations of what opens, binds, maps and attaches, and of what any ioctl can be refused with.

# shellcheck disable=SC2086,SC2154 # what is used was set by helpers.bash and explain.bash; io and dev are numbers
load helpers
load explain
load fail

# As a user who may do nothing. The tool is reached through an fd, because its directory may be closed to that user.
as_nobody() {
	requires users
	local tool
	exec {tool}<"$(type -P iommufdctl)"
	try setpriv --reuid=65534 --regid=65534 --clear-groups "/proc/self/fd/$tool" "$@"
	exec {tool}<&-
}

# with OP [COMMAND...] <<END: commands of one context. Memory is mapped as a file where the kernel knows how, and through
# the tool's address space, which is IOAS_MAP, where this is denied.
with() {
	local deny=()
	[[ $1 != IOAS_MAP ]] || deny=(fdtool nnp-deny-ioctl 0x3b8f --)
	try "${@:2}" "${deny[@]}" iommufdctl batch -
}

@test "opening the iommufd" {
	requires iommufd
	mkdir "$BATS_TEST_TMPDIR/"{none,file}

	# Where /sys has no driver of iommufd: else the tool says more.
	IOMMUFD_DEV=$BATS_TEST_TMPDIR/none IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/none ctl --once ioas alloc
	explains 3 OPEN ANY ENOENT 'this kernel offers no iommufd'
	expect_err_has 'modprobe iommufd'

	: >"$BATS_TEST_TMPDIR/file/iommu"
	IOMMUFD_DEV=$BATS_TEST_TMPDIR/file ctl --once ioas alloc
	explains 1 IOAS_ALLOC ANY ENOTTY 'the file is not an iommufd'
	expect_err_has "a regular file lies in the place of the node"

	as_nobody --once ioas alloc
	explains 1 OPEN ANY EACCES 'permission denied'
	expect_err_has 'udev rule'
}

@test "opening a node that no driver is behind" {
	requires kernel 'nodes are made, which nobody may in a user namespace'
	mkdir "$BATS_TEST_TMPDIR/undriven"
	mknod "$BATS_TEST_TMPDIR/undriven/iommu" c 10 1000 || skip "no device nodes in $BATS_TEST_TMPDIR"
	IOMMUFD_DEV=$BATS_TEST_TMPDIR/undriven IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/none ctl --once ioas alloc
	explains 3 OPEN ANY ENODEV 'the node is there, but no iommufd driver behind it'
}

@test "checking an fd that should be an iommufd" {
	local null
	exec {null}<>/dev/null
	ctl --iommufd fd:$null ioas alloc
	explains 1 CHECK ANY ENOTTY 'the fd is not an open /dev/iommu'
	ctl --iommufd fd:999 ioas alloc
	explains 1 CHECK ANY EBADF 'no such fd is open'
}

@test "looking a device up, opening its cdev" {
	requires iommufd physical
	keep_iommufd
	local null
	exec {null}<>/dev/null

	batch <<<'bind 12:34'
	explains 2 LOOKUP ANY EINVAL "not a device: expected vfioN, a cdev's path, BDF, UUID, fd:N or a name"
	batch <<<'bind vfio9999'
	explains 1 LOOKUP ANY ENODEV 'no such device'
	batch <<<'bind 0000:00:00.0'
	explains 1 LOOKUP ANY ENXIO 'the device has no VFIO cdev'
	mkdir -p "$BATS_TEST_TMPDIR"/sys/{class/vfio-dev,devices/x/0000:00:09.0/vfio-dev/vfio9,bus/pci}
	ln -s ../../devices/x/0000:00:09.0/vfio-dev/vfio9 "$BATS_TEST_TMPDIR/sys/class/vfio-dev"
	ln -s ../.. "$BATS_TEST_TMPDIR/sys/devices/x/0000:00:09.0/vfio-dev/vfio9/device"
	ln -s ../../../bus/pci "$BATS_TEST_TMPDIR/sys/devices/x/0000:00:09.0/subsystem"
	IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/sys batch <<<'bind vfio9'
	explains 3 DEVICE_OPEN ANY EOPNOTSUPP
	batch <<<'bind /dev/null'
	explains 1 LOOKUP ANY ENOTTY 'not the cdev of a VFIO device'
	ctl --iommufd fd:$io bind fd:999
	explains 1 LOOKUP ANY EBADF 'no such fd is open'

	as_nobody batch - <<<"bind $PHYSICAL"
	explains 1 DEVICE_OPEN ANY EACCES "permission denied on the device's cdev"
	IOMMUFD_DEV=$BATS_TEST_TMPDIR batch <<<"bind $PHYSICAL"
	explains 1 DEVICE_OPEN ANY ENOENT 'the device has no node below /dev/vfio/devices'
}

@test "nodes that were made for another device" {
	requires iommufd physical
	requires kernel 'nodes are made, which nobody may in a user namespace'
	mkdir -p "$BATS_TEST_TMPDIR/vfio/devices"
	cp -a /dev/iommu "$BATS_TEST_TMPDIR"
	mknod "$BATS_TEST_TMPDIR/vfio/devices/$(cdev "$PHYSICAL")" c 511 1000
	IOMMUFD_DEV=$BATS_TEST_TMPDIR batch <<<"bind $PHYSICAL"
	explains 1 DEVICE_OPEN ANY ENXIO 'no device is behind the node: it was made for another one'

	rm "$BATS_TEST_TMPDIR/vfio/devices/$(cdev "$PHYSICAL")"
	mknod "$BATS_TEST_TMPDIR/vfio/devices/$(cdev "$PHYSICAL")" c 1 3
	IOMMUFD_DEV=$BATS_TEST_TMPDIR batch <<<"bind $PHYSICAL"
	explains 1 DEVICE_OPEN ANY ESTALE "the node is not the device's: it has the numbers of another one"
}

@test "destroying" {
	requires iommufd physical
	batch <<<"destroy $NOWHERE"
	explains 1 DESTROY ANY ENOENT 'no object has this id'
	batch <<-END
		bind $PHYSICAL --name d
		destroy d
	END
	explains 1 DESTROY ANY EBUSY 'the object is in use'
	expect_err_has 'unbind d'
}

@test "options" {
	requires iommufd
	batch <<-END
		mem create m 4K
		ioas map $NOWHERE m
	END
	explains 1 OPTION_GET ANY ENOENT 'no IOAS has this id'

	try setpriv --bounding-set=-sys_resource iommufdctl exec --rlimit-mode process -- true
	explains 1 OPTION_SET ANY EPERM 'setting this needs CAP_SYS_RESOURCE'
	keep_iommufd
	ctl --iommufd fd:$io ioas alloc
	expect_ok
	ctl --iommufd fd:$io exec --rlimit-mode process -- true
	explains 1 OPTION_SET ANY EBUSY 'it cannot be changed once the context holds an object'
}

@test "an option of an IOAS" {
	requires iommufd physical access
	explains_each <<-END
		option get huge-pages $NOWHERE => OPTION_GET ANY ENOENT
		option set huge-pages $NOWHERE off => OPTION_SET ANY ENOENT
		ioas alloc --name a
		exec -- iommu-test {fd:iommufd} map 1 0x1000800 0x800
		option set huge-pages a off => OPTION_SET ANY EADDRINUSE
		ioas alloc --name b
		mem create m 64K
		ioas map b m
		bind $PHYSICAL --name d
		attach d b
		option set huge-pages b off => OPTION_SET ANY EINVAL
	END
}

@test "ranges and unmapping" {
	requires iommufd
	batch <<<"ioas ranges $NOWHERE"
	explains 1 IOAS_RANGES ANY ENOENT 'no IOAS has this id'

	batch <<<$'ioas alloc\nioas unmap 1 0x1000 4K'
	explains 1 IOAS_UNMAP ANY ENOENT 'no such mapping or IOAS: nothing is there, or one lies only half inside'
	batch <<<$'ioas alloc\nioas unmap 1 0x1000 0'
	explains 1 IOAS_UNMAP ANY EINVAL 'the length is 0 or the range is unaligned'
	batch <<<$'ioas alloc\nioas unmap 1 0xfffffffffffff000 8K'
	explains 1 IOAS_UNMAP ANY EOVERFLOW 'the range runs past the end of the address space'
}

@test "unmapping what a hardware queue lies in" {
	requires iommufd mock feature:hw-queue-alloc
	explains_each <<-END
		ioas alloc --name a
		exec -- iommu-test {fd:iommufd} mock-domain 1
		hwpt alloc 3 a --name parent --nest-parent
		viommu alloc 3 parent 0xdeadbeef --name v
		mem create m 4K
		ioas map a m --iova 0x1000000
		hw-queue alloc v 0xdeadbeef 0 0x1000000 4K
		ioas unmap a 0x1000000 => IOAS_UNMAP ANY EBUSY
	END
}

# What has no row for its ioctl, the library's own ways of asking, and what it never asks.
@test "what any ioctl can be refused with" {
	requires iommufd physical mdpy
	local null
	exec {null}<>/dev/null
	explains_each <<-END
		ioas alloc --name a
		bind $PHYSICAL --name d
		exec -- ask option-get 999 0 0 + longer {fd:iommufd} + nowhere {fd:iommufd} + option-get {fd:iommufd} 9 0
		=> ANY_OP ANY EBADF, ANY_OP ANY E2BIG, ANY_OP ANY EFAULT, ANY_OP ANY EOPNOTSUPP
		exec -- ask option-get $null 0 0 + bind $null {fd:iommufd} + attach $null 1 + detach $null
		=> ANY_OP ANY ENOTTY, BIND ANY ENOTTY, ATTACH ANY ENOTTY, DETACH ANY ENOTTY
		exec -- ask ranges {fd:iommufd} 1 0 + bind {fd:d} {fd:iommufd} + attach {fd:d} $NOWHERE
		=> IOAS_RANGES ANY EMSGSIZE, BIND ANY EINVAL, ATTACH ANY ENOENT
	END
	keep_cdev "$MDPY"
	explains_each <<<"exec -- ask bind $dev 999 => BIND ANY EBADF"
	explains_each "${limited[@]}" 4 -- <<<"bind $PHYSICAL => ANY_OP ANY EMFILE"
}

@test "the kernel is out of memory" {
	fail_setup
	FAIL_ONLY=1 runs batch - <<<$'option get rlimit-mode\n# fail\nioas alloc'
	explains 1 ANY_OP ANY ENOMEM 'the kernel is out of memory'
}

# A file in memory, as $file, that its full file system cannot give pages to.
keep_full_file() {
	local at=$BATS_TEST_TMPDIR/full
	mkdir "$at"
	mount -t tmpfs -o size=16K tmpfs "$at"
	truncate -s 1M "$at/file"
	exec {file}<>"$at/file"
	umount -l "$at"
}

# map_rows OP ENOSPC-SENTENCE: the errors of mapping, either way
map_rows() {
	with "$1" <<-END
		mem create m 64K
		ioas alloc --name a
		exec -- iommufdctl --iommufd fd:{fd:iommufd} destroy 1
		ioas map a m
	END
	explains 1 "$1" ANY ENOENT 'no IOAS has this id'
	with "$1" <<-END
		mem create m 64K
		ioas alloc --name a
		exec -- iommu-test {fd:iommufd} add-reserved 1 0x10000 0x1000
		ioas map a m --iova 0x10000
	END
	expect_fail 1 "ioas map: 'a': 0x10000-0x1ffff reaches into 0x10000-0x10fff, which is not usable (EINVAL)"
	with "$1" <<-END
		mem create m 64K
		ioas alloc --name a
		ioas map a m --iova 0x10000
		ioas map a m --iova 0x18000
	END
	explains 1 "$1" ANY EEXIST 'the IOVA range overlaps a mapping'
	with "$1" <<-END
		mem create m 64K
		ioas alloc --name a
		ioas map a m --iova 0xffffffffffff8000
	END
	explains 1 "$1" ANY EOVERFLOW 'the range runs past the end of the address space'
	with "$1" <<-END
		mem create m 64K
		ioas alloc --name a
		exec -- iommu-test {fd:iommufd} add-reserved 1 0x8000 0xffffffffffff8000
		ioas map a m
	END
	explains 1 "$1" ANY ENOSPC "$2"
	with "$1" setpriv --bounding-set=-ipc_lock prlimit --memlock=65536 <<-END
		mem create m 1M
		ioas alloc --name a
		bind $PHYSICAL --name d
		attach d a
		ioas map a m
	END
	explains 1 "$1" ANY ENOMEM 'pinning the memory failed: RLIMIT_MEMLOCK, or out of memory'
}

@test "mapping a file" {
	requires iommufd physical map-file access
	local no_space="no free IOVA range is long enough, or the memory's file system is full"
	map_rows IOAS_MAP_FILE "$no_space"

	keep_full_file
	batch <<-END
		bind $PHYSICAL --name d
		ioas alloc --name a
		attach d a
		ioas map a fd:$file
	END
	explains 1 IOAS_MAP_FILE ANY ENOSPC "$no_space"
	batch <<-END
		bind $PHYSICAL --name d
		ioas alloc --name a
		ioas map a fd:$file
		attach d a
	END
	explains 1 ATTACH PHYS ENOSPC 'the file system of memory that is mapped in the IOAS is full'
	explains_each <<-END
		ioas alloc
		exec -- ask map-file {fd:iommufd} 1 999 4096 => IOAS_MAP_FILE ANY EBADF
		exec -- ask map-file {fd:iommufd} 1 {fd:iommufd} 0 => IOAS_MAP_FILE ANY EINVAL
	END
}

@test "mapping dma-bufs: a BAR that is not there, and memory that is not of a VFIO device" {
	local program
	requires edu dma-buf
	explains_each <<-END
		bind $EDU --name dev
		mem dma-buf bar dev 0
		ioas alloc
		low-power dev on
		ioas map 2 bar => IOAS_MAP_FILE ANY ENODEV
		low-power dev off
		ioas map 2 bar
	END
	requires python3
	[[ -c /dev/udmabuf ]] || skip "this kernel makes no dma-buf of memory (CONFIG_UDMABUF)"
	program='
import fcntl, os, struct, sys
memory = os.memfd_create("m", os.MFD_ALLOW_SEALING)
os.ftruncate(memory, 8192)
fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
node = os.open("/dev/udmabuf", os.O_RDWR)
os.dup2(fcntl.ioctl(node, 0x40187542, bytearray(struct.pack("IIQQ", memory, 0, 0, 8192))), 9)
os.execvp(sys.argv[1], sys.argv[1:])'
	explains_each python3 -c "$program" <<-END
		ioas alloc
		ioas map 1 fd:9 => IOAS_MAP_FILE ANY EOPNOTSUPP
	END
}

@test "mapping through the tool's own address space" {
	requires iommufd physical access
	with IOAS_MAP <<-END
		mem create m 64K
		ioas alloc --name a
		bind $PHYSICAL --name d
		attach d a
		ioas map a m --iova 0x10000 -v
		ioas map a m --iova 0x20000 -v
	END
	expect_status 0
	[[ $(grep -c 'IOAS_MAP_FILE .* -> ENOTTY' <<<"$stderr") == 1 ]]
	[[ $(grep -c 'IOAS_MAP .* -> 0 iova=' <<<"$stderr") == 2 ]]

	map_rows IOAS_MAP 'no free IOVA range is long enough'
	explains_each <<-END
		ioas alloc --name a
		exec -- ask map {fd:iommufd} 1 0x10000 0 => IOAS_MAP ANY EINVAL
	END

	keep_full_file
	with IOAS_MAP <<-END
		bind $PHYSICAL --name d
		ioas alloc --name a
		attach d a
		ioas map a fd:$file
	END
	explains 1 IOAS_MAP ANY EFAULT 'the memory cannot be pinned'
}

@test "mapping into an inherited iommufd where files cannot be mapped" {
	requires iommufd
	keep_iommufd
	ctl --iommufd fd:$io ioas alloc
	local why='this kernel cannot map a file (needs Linux 6.13)'
	if has map-file; then
		try fdtool nnp-deny-ioctl 0x3b8f -- fdtool memfd 4096 -- iommufdctl --iommufd fd:$io ioas map 1 fd:9
		expect_fail 3 "$why (ENOTTY)"
	else
		try fdtool memfd 4096 -- iommufdctl --iommufd fd:$io ioas map 1 fd:9
		explains 3 IOAS_MAP_FILE ANY ENOTTY "$why"
	fi
}

@test "binding a device whose group is in use" {
	requires iommufd physical mtty
	requires kernel "nodes of VFIO's groups"
	local device group
	keep_iommufd
	for device in "$PHYSICAL" "$MTTY"; do
		keep_cdev "$device"
		group=$(readlink -f "/dev/vfio/$(basename "$(readlink "/sys/bus/"*"/devices/$device/iommu_group")")")
		exec {group}<>"$group"
		ctl --iommufd fd:$io bind fd:$dev
		explains 1 BIND ANY EBUSY "the device's VFIO group is in use"
		exec {group}<&- {dev}<&-
	done
}

@test "binding" {
	requires iommufd physical mtty
	local device kind second
	keep_iommufd
	for device in "$PHYSICAL" "$MTTY"; do
		kind=$([[ $device == "$MTTY" ]] && echo EMUL || echo PHYS)
		ctl --iommufd /dev/null --once bind "$device"
		explains 1 BIND ANY EBADFD "the context's fd is not an iommufd"
		keep_cdev "$device"

		ctl --iommufd fd:$io bind fd:$dev
		expect_ok
		exec {second}<>"/dev/vfio/devices/$(cdev "$device")"
		ctl --iommufd fd:$io bind fd:$second
		if [[ $kind == EMUL ]]; then
			explains 1 BIND EMUL EINVAL 'the device is bound already'
		else
			explains 1 BIND PHYS EINVAL 'the device is bound already, or its IOMMU is not cache coherent'
		fi
		exec {second}<&- {dev}<&-
	done
}

@test "binding a device of a group that another iommufd owns" {
	requires iommufd group
	keep_iommufd
	keep_cdev "$GROUP_A"
	ctl --iommufd fd:$io bind fd:$dev
	expect_ok
	batch <<<"bind $GROUP_B"
	explains 1 BIND PHYS EPERM \
		'no interrupt remapping, or another driver or another iommufd owns a device of its IOMMU group'
}

@test "attaching a physical device" {
	requires iommufd physical access
	keep_iommufd
	keep_cdev "$PHYSICAL"
	ctl --iommufd fd:$io ioas alloc
	expect_ok 1
	ctl --iommufd fd:$io attach fd:$dev 1
	explains 1 ATTACH PHYS EINVAL \
		'it is not bound, the id is no IOAS or HWPT that fits it, or its group is attached elsewhere'
	ctl --iommufd fd:$io detach fd:$dev
	explains 1 DETACH ANY EINVAL 'the device is not bound'

	ctl --iommufd fd:$io bind fd:$dev
	expect_ok 2
	ctl --iommufd fd:$io attach fd:$dev "$NOWHERE"
	explains 1 ATTACH PHYS ENOENT 'no IOAS or HWPT has this id'
	ctl --iommufd fd:$io attach fd:$dev 2
	explains 1 ATTACH PHYS EINVAL \
		'it is not bound, the id is no IOAS or HWPT that fits it, or its group is attached elsewhere'

	# The memory of a process that ended.
	try iommu-test "$io" map 1 0x10000 0x10000
	ctl --iommufd fd:$io attach fd:$dev 1
	explains 1 ATTACH PHYS EFAULT 'memory that is mapped in the IOAS is gone'
	expect_err_has 'unmap that IOVA range'
	ctl --iommufd fd:$io ioas unmap 1 0x10000 64K
	expect_ok
	ctl --iommufd fd:$io attach fd:$dev 1
	expect_status 0
}

@test "attaching a physical device to an IOAS that does not suit" {
	requires iommufd physical
	local why
	find_reserved
	# What is mapped in an inherited iommufd is not known.
	keep_iommufd
	keep_cdev "$PHYSICAL"
	ctl --iommufd fd:$io batch - <<-END
		mem create m 64K
		ioas alloc --name a
		exec -- iommu-test {fd:iommufd} map 1 $(at_reserved 0) 0x10000
		bind fd:$dev
	END
	expect_status 0
	ctl --iommufd fd:$io attach fd:$dev 1
	why="a mapping of the IOAS lies in the device's reserved ranges, or is not aligned to the IOMMU's pages"
	explains 1 ATTACH PHYS EADDRINUSE "$why"
	expect_err_has "hint: 'iommufdctl --iommufd fd:$io ioas ranges 1'"
	exec {dev}<&- {io}<&-
	try setpriv --bounding-set=-ipc_lock prlimit --memlock=65536 iommufdctl batch - <<-END
		mem create m 1M
		ioas alloc --name a
		ioas map a m
		bind $PHYSICAL --name d
		attach d a
	END
	explains 1 ATTACH PHYS ENOMEM 'pinning the memory of the IOAS failed: RLIMIT_MEMLOCK, or out of memory'
}

@test "attaching an emulated device" {
	requires iommufd mtty
	keep_iommufd
	keep_cdev "$MTTY"
	ctl --iommufd fd:$io ioas alloc
	expect_ok 1
	ctl --iommufd fd:$io attach fd:$dev 1
	explains 1 ATTACH EMUL EINVAL 'the device is not bound'
	ctl --iommufd fd:$io detach fd:$dev
	explains 1 DETACH ANY EINVAL 'the device is not bound'
	ctl --iommufd fd:$io bind fd:$dev
	expect_ok 2
	ctl --iommufd fd:$io attach fd:$dev "$NOWHERE"
	explains 1 ATTACH EMUL ENOENT 'no IOAS has this id; an emulated device attaches to an IOAS, never to a HWPT'
	ctl --iommufd fd:$io attach fd:$dev 2
	explains 1 ATTACH EMUL ENOENT 'no IOAS has this id; an emulated device attaches to an IOAS, never to a HWPT'
	# Without a device an IOAS takes any address.
	try iommu-test "$io" map 1 0x10800 0x800
	ctl --iommufd fd:$io attach fd:$dev 1
	explains 1 ATTACH EMUL EADDRINUSE 'a mapping of the IOAS is not aligned to pages'
}

@test "the strict rules of attach and replace" {
	requires iommufd physical mtty
	local device
	for device in "$PHYSICAL" "$MTTY"; do
		batch <<-END
			ioas alloc --name a
			ioas alloc --name b
			bind $device --name d
			attach d a
			attach d b
		END
		explains 1 STRICT_ATTACH ANY EBUSY 'the device is attached to another page table'
		expect_err_has 'iommufdctl replace d b'
		batch <<-END
			ioas alloc --name a
			bind $device --name d
			replace d a
		END
		explains 1 STRICT_REPLACE ANY EINVAL 'the device is not attached, there is nothing to replace'
		expect_err_has 'iommufdctl attach d a'
	done
}

@test "every row that is marked was produced" {
	requires iommufd physical group mtty access
	marked_rows_were_produced
}
