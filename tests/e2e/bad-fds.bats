#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 25
#
# Files, fds and devices that are not what they should be, or may not be used; and a start without fds 0, 1 and 2,
# which must not make an iommufd or a cdev the place where text is printed.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

# The tool as a user who may do nothing, through an fd because the tool's directory may be closed to that user.
as_nobody() {
	requires users
	local tool
	exec {tool}<"$(type -P iommufdctl)"
	try setpriv --reuid=65534 --regid=65534 --clear-groups "/proc/self/fd/$tool" "$@"
	exec {tool}<&-
}

# Open what is neither an iommufd nor a cdev, and list the fds in others.
open_others() {
	local null file directory pipe socket
	cd "$BATS_TEST_TMPDIR" || return
	: >file
	exec {null}<>/dev/null {file}<>file {directory}<. {pipe}< <(:)
	others=("$null" "$file" "$directory" "$pipe")
	if exec {socket}<>/dev/udp/127.0.0.1/9; then
		others+=("$socket")
	fi
}

@test "an fd that is no iommufd" {
	requires iommufd
	local fd others word
	open_others
	for fd in "${others[@]}"; do
		refuses 1 "iommufdctl: 'fd:$fd': the fd is not an open /dev/iommu (ENOTTY)" --iommufd "fd:$fd" ioas alloc
	done
	expect_err_has "hint: where the driver is missing, a shell's '<>' makes a plain file: see 'ls -l /dev/iommu'"
	refuses 1 "iommufdctl: 'fd:999': no such fd is open (EBADF)" --iommufd fd:999 ioas alloc
	refuses 1 "'fd:2147483647': no such fd is open (EBADF)" --iommufd fd:2147483647 batch -
	for word in fd:2 fd: fd:x fd:-1 'fd: 3' fd:2147483648; do
		refuses 2 "'$word' is no fd: expected fd:N with N of 3 or more" --iommufd "$word" ioas alloc
	done
	refuses 1 "'/nowhere': No such file or directory (ENOENT)" --iommufd /nowhere --once ioas alloc
	refuses 1 "the file is not an iommufd (ENOTTY)" --iommufd /dev/null --once ioas alloc
	refuses 1 "'.': Is a directory (EISDIR)" --iommufd . --once ioas alloc
}

@test "a cdev is no iommufd, and the other way round" {
	requires iommufd physical
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	refuses 1 "'fd:$dev': the fd is not an open /dev/iommu (ENOTTY)" --iommufd "fd:$dev" ioas alloc
	refuses 1 "'fd:$io': not the cdev of a VFIO device (ENOTTY)" --iommufd "fd:$io" bind "fd:$io"
	ctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	refuses 1 "'fd:$dev': the fd is not an open /dev/iommu (ENOTTY)" --iommufd "fd:$dev" ioas alloc
}

@test "an fd that is no cdev" {
	requires iommufd physical
	local io group fd others word lines_of_batch=()
	exec {io}<>/dev/iommu
	open_others
	group=$(basename "$(readlink "/sys/bus/pci/devices/$PHYSICAL/iommu_group")")
	exec {group}<>"/dev/vfio/$group"
	others+=("$group")
	for fd in "${others[@]}"; do
		refuses 1 "bind: 'fd:$fd': not the cdev of a VFIO device (ENOTTY)" --iommufd "fd:$io" bind "fd:$fd"
	done
	expect_err_has 'hint: cdevs are the files /dev/vfio/devices/vfioN'
	exec {group}<&-
	refuses 1 "attach: 'fd:999': no such fd is open (EBADF)" --iommufd "fd:$io" attach fd:999 1
	refuses 1 "detach: 'fd:${others[0]}': not the cdev" --iommufd "fd:$io" detach "fd:${others[0]}"
	refuses 1 "unbind: 'fd:${others[0]}': not the cdev" --iommufd "fd:$io" unbind "fd:${others[0]}"
	for word in fd:0 fd:2 fd: fd:x fd:-1 fd:3x fd:2147483648; do
		lines_of_batch+=("bind $word")
	done
	batch --keep-going < <(printf '%s\n' "${lines_of_batch[@]}")
	expect_status 4
	[[ $(grep -c "bind: 'fd:.*': not a device: expected vfioN" <<<"$stderr") == "${#lines_of_batch[@]}" ]]
	refuses 2 "bind: 'fd:x': not a device: expected vfioN" --iommufd "fd:$io" bind fd:x
	# Nothing is bound and nothing was made.
	ctl --iommufd "fd:$io" ioas alloc
	expect_ok 1
	batch <<<"bind $PHYSICAL"
	expect_ok 1
}

@test "what is printed does not go to a device" {
	requires iommufd physical
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	ctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	try bash -c "iommufdctl list >&$dev"
	expect_fail 1 'write error on the standard output: Bad file descriptor'
	try bash -c "iommufdctl batch - <&$dev"
	expect_fail 1 'the fd is the cdev of a VFIO device (EINVAL)'
	try sh -c "iommufdctl session start --ready-fd $dev"
	expect_fail 1 'the fd is the cdev of a VFIO device (EINVAL)'
}

@test "a machine without a usable /dev/iommu" {
	requires physical
	local dev=$BATS_TEST_TMPDIR/dev
	mkdir "$dev"
	export IOMMUFD_DEV=$dev
	IOMMUFD_SYSFS=$dev ctl --once ioas alloc
	refused 3 'ioas alloc: '"'/dev/iommu'"': this kernel offers no iommufd (ENOENT)'
	expect_err_has 'hint: load it with '"'modprobe iommufd'"
	IOMMUFD_SYSFS=$dev batch <<<'ioas ranges 1'
	refused 3 'this kernel offers no iommufd (ENOENT)'
	refuses 1 'exec: ' exec -- true
	batch <<<'ioas ranges 1'
	refused 1 'the kernel has iommufd, but there is no node for it here (ENOENT)'
	refuses 1 'the device has no node below /dev/vfio/devices (ENOENT)' --once bind "$PHYSICAL"
	# What needs none of it works.
	ctl list
	expect_ok
	: >"$dev/iommu"
	refuses 1 'the file is not an iommufd (ENOTTY)' --once ioas alloc
	expect_err_has "hint: a regular file lies in the place of the node, as a shell's '<>' makes it: rm $dev/iommu; mknod "
	rm "$dev/iommu"
	mkdir "$dev/iommu"
	refuses 1 'Is a directory (EISDIR)' --once ioas alloc
	[[ ! $(ls -A "$dev/iommu") ]]
}

@test "no permission" {
	requires iommufd physical
	as_nobody --once ioas alloc
	refused 1 "'/dev/iommu': permission denied (EACCES)"
	expect_err_has 'hint: be root, or let a udev rule give your group the node'
	as_nobody batch - <<<"bind $PHYSICAL"
	refused 1 "bind: '$PHYSICAL': permission denied on the device's cdev (EACCES)"
	expect_err_has 'hint: be root, or let a udev rule give you the node below /dev/vfio/devices'
	as_nobody exec --device "$PHYSICAL" -- true
	refused 1 "'/dev/iommu': permission denied (EACCES)"
	as_nobody list
	expect_ok
	expect_out_has "$PHYSICAL"
}

@test "no fds left" {
	requires iommufd physical
	# One is there, which the dynamic loader needs as well.
	try fdtool limit-nofile 4 -- iommufdctl --once bind "$PHYSICAL"
	refused 1 'too many open files (EMFILE)'
	try fdtool limit-nofile 4 -- iommufdctl list
	refused 1 'Too many open files (EMFILE)'
	try fdtool limit-nofile 4 -- iommufdctl batch - <<<$'mem create m 4K\nioas alloc'
	refused 1 "ioas alloc: '/dev/iommu': too many open files (EMFILE)"
}

@test "a device that is not there" {
	requires iommufd
	local i word text words=() texts=() errors
	local none="not a device: expected vfioN, a cdev's path, BDF, UUID, fd:N or a name (EINVAL)"
	while read -r word text; do
		words+=("$word") texts+=("$text")
	done <<-END
		vfio9999 no such device (ENODEV)
		ff:1f.7 no such device (ENODEV)
		ffff:ff:1f.7 no such device (ENODEV)
		12345678-1234-1234-1234-123456789abc no such device (ENODEV)
		/dev/vfio/devices/vfio9999 no such device (ENODEV)
		./x/y no such device (ENODEV)
		0:04.0 $none
		00:04 $none
		00:04.0.0 $none
		00:4.0 $none
		00:04.00 $none
		vfio $none
		vfio-1 $none
		vfio1x $none
		12345678-1234-1234-1234-123456789ab $none
		/dev/null not the cdev of a VFIO device (ENOTTY)
		/dev not the cdev of a VFIO device (ENOTTY)
		/dev/iommu not the cdev of a VFIO device (ENOTTY)
		/dev/vfio/vfio not the cdev of a VFIO device (ENOTTY)
	END
	batch --keep-going < <(printf 'bind %s\n' "${words[@]}")
	expect_status 4
	mapfile -t errors < <(grep -v '^hint: ' <<<"$stderr")
	for i in "${!words[@]}"; do
		[[ ${errors[i]} == "<stdin>:$((i + 1)): bind: '${words[i]}': ${texts[i]}" ]] ||
			wrong "expected about '${words[i]}': ${texts[i]}"
	done
	refuses 1 "bind: 'vfio9999': no such device (ENODEV)" --once bind vfio9999
	expect_err_has "hint: 'iommufdctl list' shows the devices"
	refuses 2 "bind: '00:04': not a device" --once bind 00:04
	refuses 1 "bind: '/dev/null': not the cdev of a VFIO device (ENOTTY)" --once bind /dev/null
}

@test "a device without a VFIO driver: the hint names its driver" {
	requires iommufd edu
	local bridge=0000:00:00.0 path driver device
	batch <<<"bind $bridge"
	refused 1 "bind: '$bridge': the device has no VFIO cdev (ENXIO)"
	expect_err_has "hint: it is a host bridge (class 0600), which VFIO leaves alone"

	for path in /sys/bus/pci/drivers/virtio-pci/0* /sys/bus/pci/drivers/e1000e/0*; do
		[[ -e $path ]] || continue
		device=${path##*/} driver=${path%/*} driver=${driver##*/}
		batch <<<"bind ${device#0000:}"
		refused 1 "bind: '${device#0000:}': the device has no VFIO cdev (ENXIO)"
		expect_err_has "hint: its driver is $driver: iommufdctl claim $device"
	done

}

# Each time a batch that opens an iommufd, a cdev and memory, and prints.
@test "a start without fds 0, 1, 2: no file of ours takes their place" {
	requires iommufd physical strace
	local closed code trace=$BATS_TEST_TMPDIR/trace commands=$BATS_TEST_TMPDIR/commands fast=--seccomp-bpf
	[[ ! ${SIMULATED:-} ]] || fast='' # the simulator's filter comes first
	printf '%s\n' 'ioas alloc --name a' "bind $PHYSICAL --name d" 'attach d a' 'mem create m 4K' \
		'ioas map a m' show >"$commands"
	for closed in 0 1 2 0,1 0,2 1,2 0,1,2; do
		code=0
		[[ $closed != *1* ]] || code=1
		try strace -f $fast -o "$trace" -e trace=openat,memfd_create,dup2,dup3,fcntl,write \
			fdtool closed "$closed" -- iommufdctl batch "$commands"
		expect_status "$code" || return
		[[ $closed == *2* || $code == 0 ]] ||
			expect_err_has 'iommufdctl: write error on the standard output: Bad file descriptor' || return
		[[ $code == 1 || ${lines[0]} == 1 ]] || wrong "expected the output with $closed closed" || return
		if grep -E '(openat\(.*"/dev/(iommu|vfio)|memfd_create|F_DUPFD).* = [012]$' "$trace"; then
			wrong "with $closed closed, these became one of 0, 1, 2"
			return
		fi
		[[ $(grep -cE 'openat\(.*"/dev/(iommu|vfio/devices/).* = [0-9]+$' "$trace") == 2 ]]
		if grep -E 'write\([0-9]+,' "$trace" | grep -vE 'write\(([12],|[0-9]+,.* = -1 EBADF)'; then
			wrong "with $closed closed, something was written elsewhere"
			return
		fi
	done
}

@test "a start without fds 0, 1, 2: words and errors" {
	requires iommufd physical
	try fdtool closed 0 -- iommufdctl batch -
	refused 1 'Bad file descriptor (EBADF)'
	try fdtool closed 0,1,2 -- iommufdctl list
	expect_status 1
	try fdtool closed 2 -- iommufdctl --once bind vfio9999
	expect_status 1
	try fdtool closed 0,1 -- iommufdctl --once bind vfio9999
	refused 1 "bind: 'vfio9999': no such device (ENODEV)"
	try fdtool closed 0,1 -- iommufdctl --once mem create m 4K
	expect_fail 0 'released again'
	# What it hands over, too, is not in their place.
	try fdtool closed 0,1 -- iommufdctl exec --device "$PHYSICAL" -- sh -c 'echo {fd:iommufd} {fd:'"$PHYSICAL"'} >&2'
	[[ $stderr =~ ^([0-9]+)\ ([0-9]+)$ ]]
	((BASH_REMATCH[1] > 2 && BASH_REMATCH[2] > 2))
}
