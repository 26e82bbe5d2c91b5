#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shell keeps the fds, each command is a process of its own: --iommufd fd:N and fd:N as a device or as memory.

load helpers

# Open fd:$iommu, and fd:$device where a kind of device is named.
keep() {
	requires iommufd "$@"
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
	requires iommufd emulated
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

survive() {
	prepare "$1"
	on attach "fd:$device" 2
	expect_ok "$on_a"
	on destroy 2
	expect_fail 1 "destroy: '2': the object is in use (EBUSY)" "hint: "
	on detach "fd:$device"
	expect_ok ""
	on destroy 2
	expect_ok ""
}
@test "what one command attached is attached for the next (physical)" { survive physical; }
@test "what one command attached is attached for the next (emulated)" { survive emulated; }

# The kernel does not tell whether a device is attached, so the strict rules cannot hold here.
attach_moves() {
	prepare "$1"
	on attach "fd:$device" 2
	expect_ok "$on_a"
	on attach "fd:$device" 3
	expect_silence
	on destroy 2
	expect_ok ""
}
@test "attach of an inherited cdev moves it, as its help says (physical)" { attach_moves physical; }
@test "attach of an inherited cdev moves it, as its help says (emulated)" { attach_moves emulated; }

replace_attaches() {
	prepare "$1"
	on replace "fd:$device" 2
	expect_ok "$on_a"
}
@test "replace of an inherited cdev attaches it, as its help says (physical)" { replace_attaches physical; }
@test "replace of an inherited cdev attaches it, as its help says (emulated)" { replace_attaches emulated; }

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

@test "detach of an inherited cdev twice is silent" {
	prepare emulated
	on detach "fd:$device"
	expect_ok ""
	on detach "fd:$device"
	expect_ok ""
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

bind_twice() {
	keep "$1"
	on bind "fd:$device"
	expect_ok 1
	on bind "fd:$device"
	expect_fail 1 "bind: 'fd:$device': the device is bound already" "(EINVAL)" "hint: "
}
@test "bind of a bound cdev is explained (physical)" { bind_twice physical; }
@test "bind of a bound cdev is explained (emulated)" { bind_twice emulated; }

@test "attach of an unbound cdev is explained" {
	keep emulated
	on ioas alloc
	on attach "fd:$device" 1
	expect_fail 1 "attach: 'fd:$device': the device is not bound (EINVAL)" "hint: bind it first"
}

@test "bind of a device by name is refused: the command would unbind it when it ends" {
	keep emulated
	on bind "$MTTY"
	expect_fail 2 "bind: '$MTTY': the device would be released when the command ends" \
		"hint: let the shell keep it open: exec 4<>/dev/vfio/devices/vfioN"
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
	on bind "$MTTY" --help
	expect_status 0
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

@test "a batch of its own that fails has nothing to say about what is left" {
	requires iommufd
	batch <<-END
		ioas alloc
		destroy $NOWHERE
	END
	expect_fail 1 "destroy: '$NOWHERE'"
	expect_err_lacks "left"
}

# ---- memory --------------------------------------------------------------------------------------

@test "mem create alone is refused: the memory would be gone" {
	keep
	on mem create ram 4K
	expect_fail 2 "mem create: this memory would be gone when the command ends" \
		"hint: run it in 'iommufdctl --iommufd fd:N batch FILE'"
}

@test "ioas map of a memfd outlives the command" {
	keep
	requires map-file
	on ioas alloc
	expect_ok 1
	try fdtool memfd 8192 -- iommufdctl --iommufd "fd:$iommu" ioas map 1 fd:9 --iova 1M
	expect_ok 0x100000
	on ioas map 1 fd:9 --iova 1M
	expect_fail 1 "ioas map: 'fd:9': "
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

@test "ioas map of a file beyond its end is refused" {
	keep
	on ioas alloc
	try fdtool memfd 8192 -- iommufdctl --iommufd "fd:$iommu" ioas map 1 fd:9 --offset 4K --length 8K
	expect_fail 1 "ioas map: 'fd:9': the range ends beyond the memory's 8192 bytes (EINVAL)"
}

@test "ioas map of a file that is open for reading needs --read" {
	keep
	requires map-file
	head -c 4096 /dev/zero >"/dev/shm/e2e-$$"
	exec {file}<"/dev/shm/e2e-$$"
	rm "/dev/shm/e2e-$$"
	on ioas alloc
	on ioas map 1 "fd:$file"
	expect_fail 1 "ioas map: 'fd:$file': the memory is read-only (EACCES)" "hint: map it with --read"
	on ioas map 1 "fd:$file" --iova 1M --read
	expect_ok 0x100000
}

@test "ioas map of a memfd on a kernel before 6.13 says so, exit 3" {
	# A newer kernel is made to look like an older one.
	keep
	on ioas alloc
	try fdtool nnp-deny-ioctl 0x3b8f -- fdtool memfd 4096 -- iommufdctl --iommufd "fd:$iommu" ioas map 1 fd:9
	expect_fail 3 "ioas map: 'fd:9': this kernel cannot map a file (needs Linux 6.13)" "hint: "
}

# ---- what is no iommufd --------------------------------------------------------------------------

@test "--iommufd PATH opens that node" {
	requires iommufd
	ctl --iommufd /dev/iommu batch - <<<"ioas alloc"
	expect_ok 1
}

@test "--iommufd PATH with nothing there" {
	ctl --iommufd /dev/no-such-iommu batch - <<<"ioas alloc"
	expect_fail 1 "ioas alloc: '/dev/no-such-iommu': No such file or directory (ENOENT)"
}

@test "--iommufd PATH of a plain file is explained" {
	: >"$BATS_TEST_TMPDIR/plain"
	ctl --iommufd "$BATS_TEST_TMPDIR/plain" batch - <<<"ioas alloc"
	expect_fail 1 "ioas alloc: the file is not an iommufd (ENOTTY)" "hint: "
}

@test "--iommufd of an fd that is a plain file is explained" {
	exec {plain}<>"$BATS_TEST_TMPDIR/plain"
	ctl --iommufd "fd:$plain" ioas alloc
	expect_fail 1 "'fd:$plain': the fd is not an open /dev/iommu (ENOTTY)" "hint: "
}

@test "--iommufd of an fd that is not open is explained" {
	ctl --iommufd fd:999 ioas alloc
	expect_fail 1 "'fd:999': no such fd is open (EBADF)" "hint: open it in the shell: exec 3<>/dev/iommu"
}

@test "a cdev in the place of the iommufd is explained" {
	keep emulated
	ctl --iommufd "fd:$device" ioas alloc
	expect_fail 1 "'fd:$device': the fd is not an open /dev/iommu (ENOTTY)"
}

@test "an iommufd in the place of the cdev is explained" {
	keep emulated
	on bind "fd:$iommu"
	expect_fail 1 "bind: 'fd:$iommu': not the cdev of a VFIO device (ENOTTY)" "hint: "
}

# ---- no context at all ---------------------------------------------------------------------------

@test "a lone command that makes something refuses, and names the ways" {
	ctl ioas alloc
	expect_fail 2 "ioas alloc: it needs a context" "batch FILE" "exec 3<>/dev/iommu" "--once"
}

once() {
	requires iommufd "$1"
	ctl --once bind "$2"
	expect_status 0
	expect_out 1
	expect_err_has "bind: done, and released again (--once)"
}
@test "--once binds a device and says that it is released (physical)" { once physical "$PHYSICAL"; }
@test "--once binds a device and says that it is released (emulated)" { once emulated "$MTTY"; }
