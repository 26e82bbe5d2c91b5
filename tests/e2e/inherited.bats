#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shell keeps the fds, each command is a process of its own: --iommufd fd:N and fd:N as a device or as memory.

load helpers

setup() {
	requires iommufd
	kinds=()
	find_kinds
}

# Open fd:$iommu, and fd:$device where a kind of device is named.
keep() {
	requires "$@"
	exec {iommu}<>/dev/iommu
	case ${1:-} in
	physical) DEV=$PHYSICAL on_a=4 ;;
	emulated) DEV=$MTTY on_a=2 ;;
	*) return 0 ;;
	esac
	exec {device}<>"/dev/vfio/devices/$(cdev "$DEV")"
}

on() {
	ctl --iommufd "fd:$iommu" "$@"
}

# Bound as 1, with the IOASes 2 and 3.
prepare() {
	keep "$1"
	on batch - <<-END
		bind fd:$device
		ioas alloc
		ioas alloc
	END
	expect_ok 1 2 3
}

@test "a shell script binds, attaches, replaces, detaches and destroys, command by command" {
	requires emulated
	try bash -e <<-END
		exec 3<>/dev/iommu 4<>/dev/vfio/devices/$(cdev "$MTTY")
		iommufdctl --iommufd fd:3 bind fd:4
		a=\$(iommufdctl --iommufd fd:3 ioas alloc)
		b=\$(iommufdctl --iommufd fd:3 ioas alloc)
		iommufdctl --iommufd fd:3 attach fd:4 \$a
		iommufdctl --iommufd fd:3 replace fd:4 \$b
		iommufdctl --iommufd fd:3 destroy \$a
		iommufdctl --iommufd fd:3 detach fd:4
		iommufdctl --iommufd fd:3 destroy \$b
	END
	expect_ok 1 2 3
}

@test "what one command attached is attached for the next" {
	for kind in "${kinds[@]}"; do
		prepare "$kind"
		on attach "fd:$device" 2
		expect_ok "$on_a"
		on destroy 2
		expect_fail 1 "destroy: '2': the object is in use (EBUSY)" "hint: "
		on detach "fd:$device"
		expect_ok ""
		on destroy 2
		expect_ok ""
	done
}

# The kernel does not tell whether a device is attached, so the strict rules cannot hold here.
@test "attach of an inherited cdev moves it, as its help says" {
	for kind in "${kinds[@]}"; do
		prepare "$kind"
		on attach "fd:$device" 2
		expect_ok "$on_a"
		on attach "fd:$device" 3
		expect_silence
		on destroy 2
		expect_ok ""
	done
}

@test "replace of an inherited cdev attaches it, as its help says" {
	for kind in "${kinds[@]}"; do
		prepare "$kind"
		on replace "fd:$device" 2
		expect_ok "$on_a"
	done
}

@test "within one batch the strict rules hold for an inherited cdev as well" {
	prepare emulated
	on batch - <<-END
		detach fd:$device
		replace fd:$device 2
	END
	expect_fail 1 "replace: 'fd:$device': the device is not attached"
	on batch - <<-END
		attach fd:$device 2
		attach fd:$device 3
	END
	expect_fail 1 "attach: 'fd:$device': the device is attached to another page table (EBUSY)"
}

@test "the kernel gives the lowest free id again" {
	keep
	on ioas alloc
	expect_ok 1
	on ioas alloc
	expect_ok 2
	on destroy 1
	expect_ok ""
	on ioas alloc
	expect_ok 1
}

@test "bind of a device by name is refused: the command would unbind it when it ends" {
	keep emulated
	on bind "$MTTY"
	expect_fail 2 "bind: '$MTTY': the device would be released when the command ends" \
		"hint: let the shell keep it open: exec 4<>/dev/vfio/devices/$(cdev "$MTTY"); iommufdctl --iommufd fd:$iommu bind fd:4"
	expect_out ""
}

@test "unbind of an inherited cdev is refused, and says how to close it" {
	prepare emulated
	on unbind "fd:$device"
	expect_fail 1 "unbind: 'fd:$device': whoever opened the cdev keeps it bound" "exec $device>&-"
}

@test "the cdev holds the context: without the iommufd's fd an attach still works" {
	prepare emulated
	exec {other}<>/dev/iommu {iommu}>&-
	ctl --iommufd "fd:$other" attach "fd:$device" 2
	expect_ok 2
}

# ---- batch ---------------------------------------------------------------------------------------

@test "a batch leaves its objects in the inherited iommufd" {
	prepare emulated
	on ioas alloc
	expect_ok 4
}

@test "a batch that opened a device itself releases it, and leaves the rest" {
	keep
	requires emulated
	on batch - <<-END
		bind $MTTY
		ioas alloc
		attach $MTTY 2
	END
	expect_ok 1 2 2
	on destroy 2
	expect_ok ""
}

@test "a batch that fails says what it leaves" {
	keep emulated
	on batch - <<-END
		bind fd:$device
		ioas alloc
		attach fd:$device 2
		destroy $NOWHERE
	END
	expect_fail 1 "<stdin>:4: destroy: '$NOWHERE'" "left in the inherited iommufd: IOAS 2, 0 mappings" \
		"left attached: fd:$device, to 2"
}

# ---- memory --------------------------------------------------------------------------------------

@test "mem create alone is refused: the memory would be gone" {
	keep
	on mem create ram 4K
	expect_fail 2 "mem create: this memory would be gone when the command ends" \
		"hint: run it in 'iommufdctl --iommufd fd:$iommu batch FILE'"
}

@test "ioas map of a memfd outlives the command" {
	keep
	requires map-file
	on ioas alloc
	expect_ok 1
	try fdtool memfd 8192 -- iommufdctl --iommufd "fd:$iommu" ioas map 1 fd:9 --iova 1M
	expect_ok 0x100000
	on ioas unmap 1 1M 8K --json
	expect_ok '{"version":1,"length":8192}'
}

@test "ioas map of a file in tmpfs" {
	keep
	requires map-file
	exec {file}<>"/dev/shm/e2e-$$"
	rm "/dev/shm/e2e-$$"
	head -c 4096 /dev/zero >&"$file"
	on ioas alloc
	on ioas map 1 "fd:$file" --iova 1M
	expect_ok 0x100000
	on ioas map 1 "fd:$file" --iova 1M
	expect_fail 1 "the IOVA range overlaps a mapping (EEXIST)"
}

@test "ioas map of a file of huge pages" {
	keep
	requires map-file hugetlb
	local at=$BATS_TEST_TMPDIR/huge
	mkdir "$at"
	mount -t hugetlbfs -o pagesize=2M hugetlbfs "$at"
	exec {file}<>"$at/file"
	truncate -s 4M "$at/file"
	umount -l "$at"
	on ioas alloc
	on ioas map 1 "fd:$file" --iova 1G
	expect_ok 0x40000000
	on ioas map 1 "fd:$file" --offset 2M --length 2M --iova 2G
	expect_ok 0x80000000
	on ioas map 1 "fd:$file" --offset 2M --length 2M --iova 2G
	expect_fail 1 "the IOVA range overlaps a mapping (EEXIST)"
}

@test "ioas map of a memfd on a kernel before 6.13 says so, exit 3" {
	# A newer kernel is made to look like an older one.
	keep
	on ioas alloc
	try fdtool nnp-deny-ioctl 0x3b8f -- fdtool memfd 4096 -- iommufdctl --iommufd "fd:$iommu" ioas map 1 fd:9
	expect_fail 3 "ioas map: 'fd:9': this kernel cannot map a file (needs Linux 6.13)" "hint: "
}

# ---- other contexts ------------------------------------------------------------------------------

@test "--iommufd PATH opens that node" {
	ctl --iommufd /dev/iommu batch - <<<"ioas alloc"
	expect_ok 1
}

@test "--iommufd PATH with nothing there" {
	ctl --iommufd /dev/no-such-iommu batch - <<<"ioas alloc"
	expect_fail 1 "ioas alloc: '/dev/no-such-iommu': No such file or directory (ENOENT)"
}

@test "--once binds a device and says that it is released" {
	for kind in "${kinds[@]}"; do
		keep "$kind"
		ctl --once bind "$DEV"
		expect_status 0
		expect_out 1
		expect_err_has "bind: done, and released again (--once)"
	done
}
