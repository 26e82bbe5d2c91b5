#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# Hints about the context of a command: sessions, fds that a shell keeps, limits, the node of the iommufd.

# shellcheck disable=SC2154 # what is used was set by helpers.bash
load helpers
load hints
load hints-session

setup() {
	requires iommufd
}

teardown() {
	stop
}

# on WORD...: on the iommufd, and the device, that this shell keeps
on() {
	try iommufdctl --iommufd "fd:$io" "$@"
}

# ---- contexts ------------------------------------------------------------------------------------

@test "a command without a context: each of the ways to have one" {
	local way
	for way in once fds session; do
		try iommufdctl ioas alloc
		expect_fail 2 'it needs a context'
		case $way in
		once) works "or try it with '{iommufdctl --once%}'" ;;
		fds) works "on fds that the shell keeps ({exec 3<>/dev/iommu; iommufdctl --iommufd fd:3%}), or try" ;;
		session)
			works "keep one with '{iommufdctl session start}', or"
			try iommufdctl ioas alloc
			;;
		esac
		expect_line 1 1
	done
	iommufdctl session stop default
	printf 'ioas alloc\n' >"$BATS_TEST_TMPDIR/file"
	fill=(FILE "$BATS_TEST_TMPDIR/file")
	try iommufdctl ioas alloc
	works "run it in '{iommufdctl batch FILE}'"
	expect_out 1
}

@test "a session that does not run, and one that does" {
	leads_on 'none runs: {iommufdctl session start%}' ioas alloc --name a
	expect_ok 1
	try iommufdctl session start hints
	expect_status 1
	works '{iommufdctl session show %}'
	expect_out_has hints
}

@test "session stop, while a device is bound" {
	requires physical
	start
	ctl bind "$PHYSICAL" --name d
	leads_on '{iommufdctl unbind %}, or iommufdctl session stop' session stop
	expect_ok ''
	start
	ctl bind "$PHYSICAL" --name d
	leads_on 'iommufdctl unbind %, or {iommufdctl session stop --force %}' session stop
	expect_fail 1 'no session of this name runs'
}

@test "exec in a batch that a session executes" {
	start
	try iommufdctl -s hints batch - <<<"exec -- echo 'a  b'"
	expect_status 2
	works 'its fds go to a program with: {iommufdctl session exec --%}'
	expect_out 'a  b'
}

@test "a directory of sessions that others may enter" {
	requires root
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	mkdir -m 755 "$BATS_TEST_TMPDIR/iommufdctl"
	[[ ! -e /run/iommufdctl ]] || chmod 755 /run/iommufdctl
	try iommufdctl session start hints
	expect_fail 1 'others can enter the directory'
	works '{chmod 700 %}'
	try iommufdctl session start hints
	expect_ok ''
}

# ---- fds that a shell keeps ----------------------------------------------------------------------

@test "fds that are not open" {
	requires physical
	try iommufdctl --iommufd fd:3 ioas alloc
	expect_status 1
	works 'open it in the shell: {exec 3<>/dev/iommu}, then --iommufd fd:3'
	try bash -ec "$command; exec iommufdctl --iommufd fd:3 ioas alloc"
	expect_ok 1
}

@test "a device that the shell does not keep, keeps, or is to let go" {
	requires emulated
	local io
	exec {io}<>/dev/iommu
	on bind "$MTTY"
	expect_status 2
	find_hint 'let the shell keep it open: {exec 4<>%; iommufdctl bind fd:4}'
	here 'let the shell keep it open: {exec 4<>%; iommufdctl bind fd:4}'
	on ioas alloc
	expect_ok 2
	on attach fd:4 2
	expect_status 0
	on unbind fd:4
	expect_status 1
	here 'close it there, in a shell with: {exec %>&-}'
	on attach "$MTTY" 2
	expect_fail 1 'the device is not bound in this context'
	here 'the shell must have it open: {exec 4<>%}, then use fd:4'
	on attach fd:4 2
	works 'bind it first: {iommufdctl bind %}'
	on attach fd:4 2
	expect_ok 2
	exec 4<&-
}

@test "a device that is open and not bound" {
	requires group
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$GROUP_A")"
	on reset "fd:$dev"
	expect_fail 1 '(EINVAL)'
	works "bind it first: {iommufdctl bind %}; 'iommufdctl hot-reset"
	on reset "fd:$dev"
	expect_fail 1 '(EINVAL)'
	expect_err_lacks 'bind it first'
	works "'{iommufdctl hot-reset %}' resets all that share its slot or bus"
}

@test "a device that is open, not bound, and asked for a feature" {
	requires emulated
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$MTTY")"
	on migration get "fd:$dev"
	expect_fail 1 '(EINVAL)'
	works "bind it first: {iommufdctl bind %}; 'iommufdctl info %' lists the features"
	on migration get "fd:$dev"
	expect_ok running
}

@test "a mapping whose length is not known" {
	requires map-file
	local io
	exec {io}<>/dev/iommu
	on ioas alloc
	try fdtool memfd 8192 -- iommufdctl --iommufd "fd:$io" ioas map 1 fd:9 --iova 1M
	expect_ok 0x100000
	on ioas unmap 1 1M
	expect_status 1
	works "name the LENGTH as well, or see '{iommufdctl show}'"
	try fdtool memfd 8192 -- iommufdctl --iommufd "fd:$io" ioas map 1 fd:9 --iova 1M
	expect_err_has 'hint: what is mapped there is not known here; without --iova the kernel picks a free range'
	try fdtool memfd 8192 -- iommufdctl --iommufd "fd:$io" ioas map 1 fd:9
	expect_status 0
}

@test "memory and queues in an iommufd that the shell keeps" {
	local io
	exec {io}<>/dev/iommu
	on mem create m 64K
	expect_status 2
	printf 'mem create m 64K\n' >"$BATS_TEST_TMPDIR/file"
	fill=(FILE "$BATS_TEST_TMPDIR/file")
	works "run it in '{iommufdctl --iommufd fd:% batch FILE}'"
}

# ---- objects -------------------------------------------------------------------------------------

@test "memory that is mapped, memory that is missing, an IOAS of programs" {
	start
	ctl ioas alloc --name a
	fill=(SIZE 64K)
	leads_on '{iommufdctl mem create % SIZE}' ioas map a m --iova 1M
	expect_ok 0x100000
	ctl ioas map a m --iova 2M
	ctl mem destroy m
	expect_fail 1 'it is mapped, 2 times (EBUSY)'
	works '{iommufdctl ioas unmap % 0x%}'
	leads_on '{iommufdctl ioas unmap % 0x%}' mem destroy m
	expect_ok ''
	fill=()
	leads_on 'set one: {iommufdctl vfio-ioas set %}' vfio-ioas get
	expect_ok 1
}

@test "what was made of an IOAS" {
	requires physical
	start
	ctl ioas alloc --name a
	ctl bind "$PHYSICAL" --name d
	ctl hwpt alloc d a
	leads_on '%, %, was made of it: {iommufdctl destroy %}' destroy a
	expect_ok ''
}

@test "the memory of a device that sleeps" {
	requires edu dma-buf
	start
	ctl bind "$EDU" --name dev
	ctl mem dma-buf bar dev 0
	ctl ioas alloc --name a
	ctl low-power dev on
	leads_on "wake it with '{iommufdctl low-power % off}'; once" ioas map a bar --iova 1M
	expect_ok 0x100000
}

# ---- limits --------------------------------------------------------------------------------------

@test "the limit of open files: a session's own, and the caller's" {
	requires root prlimit limits
	local i
	start prlimit --nofile=40
	for ((i = 0; i < 40; i++)); do
		ctl fault alloc
		((status == 0)) || break
	done
	expect_fail 1 'too many open files (EMFILE)'
	leads_on "the limit of the session's process counts; as root: {prlimit --pid % --nofile=%}" fault alloc
	expect_status 0

	printf 'fault alloc\n%.0s' {1..40} >"$BATS_TEST_TMPDIR/file"
	try bash -c 'ulimit -n 40; exec iommufdctl batch "$1"' bash "$BATS_TEST_TMPDIR/file"
	expect_fail 1 'too many open files (EMFILE)'
	find_hint '{ulimit -n %}, as root if that is above the hard limit'
	try bash -c "ulimit -n 40; $command"'; exec iommufdctl batch "$1"' bash "$BATS_TEST_TMPDIR/file"
	expect_status 0
}

@test "the limit of pinned memory: that of another process, which has mapped it" {
	requires physical root setpriv map-file limits
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	ulimit -l 64
	drop=(setpriv --bounding-set=-ipc_lock iommufdctl --iommufd "fd:$io")
	try "${drop[@]}" bind "fd:$dev"
	expect_ok 1
	try "${drop[@]}" ioas alloc
	try setpriv --bounding-set=-ipc_lock fdtool memfd 1048576 -- iommufdctl --iommufd "fd:$io" ioas map 2 fd:9
	expect_status 0
	ulimit -l unlimited
	try "${drop[@]}" attach "fd:$dev" 2
	expect_fail 1 '(ENOMEM)' 'hint: the limit of the process that mapped the memory counts'
	try "${drop[@]}" ioas unmap 2 --all
	try setpriv --bounding-set=-ipc_lock fdtool memfd 1048576 -- iommufdctl --iommufd "fd:$io" ioas map 2 fd:9
	try "${drop[@]}" attach "fd:$dev" 2
	expect_status 0
}

# ---- the node of the iommufd ---------------------------------------------------------------------

# in_container COMMANDS: with a /dev that has no iommu, as in a container
in_container() {
	try unshare -m bash -ec 'mount -t tmpfs tmpfs /dev; mknod -m 666 /dev/null c 1 3; '"$1"
}

@test "a container without the node, and with one of something else" {
	requires root unshare
	requires kernel 'nodes are made, which nobody may in a user namespace'
	in_container 'exec iommufdctl --once ioas alloc'
	expect_fail 1 'the kernel has iommufd, but there is no node for it here (ENOENT)'
	find_hint '{mknod -m 600 % c % %}; a container is given it by --device %'
	in_container "$command; exec iommufdctl --once ioas alloc"
	expect_line 1 1
	in_container 'mknod /dev/iommu c 10 1000; exec iommufdctl --once ioas alloc'
	expect_fail 1 'the kernel has iommufd, but the node is none of it (ENODEV)'
	find_hint '{rm %; mknod -m 600 % c % %}'
	in_container "mknod /dev/iommu c 10 1000; $command; exec iommufdctl --once ioas alloc"
	expect_line 1 1
	in_container ': >/dev/iommu; exec iommufdctl --once ioas alloc'
	expect_fail 1 'the file is not an iommufd (ENOTTY)' 'hint: a regular file lies in the place of the node'
	find_hint '{rm %; mknod -m 600 % c % %}'
	in_container ": >/dev/iommu; $command; exec iommufdctl --once ioas alloc"
	expect_line 1 1
}
