#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 30
#
# What a VMM is handed: unbound devices, an iommufd of its own, and where it finds them.

load helpers
load sessions

# It binds and attaches what it was handed, as a VMM does: an iommufd and a device.
VMM='iommufdctl --iommufd fd:$1 batch - <<END
bind fd:$2
ioas alloc --name guest
mem create ram 64K
ioas map guest ram --iova 1M
attach fd:$2 guest
END'

vmm() {
	ctl session exec "$@" -- sh -c "$VMM" sh '{fd:iommufd}' '{fd:nic}'
}

pinned() {
	local acquired released
	acquired=$(awk '/nr_foll_pin_acquired/ { print $2 }' /proc/vmstat)
	released=$(awk '/nr_foll_pin_released/ { print $2 }' /proc/vmstat)
	echo $((acquired - released))
}

@test "a device that the session has not bound is opened for the program, which binds it" {
	requires edu map-file
	start
	vmm --device "$EDU=nic"
	expect_ok 1 2 0x100000 3
	ctl session show --json
	expect_out_has '"devices":0,"ioas":0,'
	ctl bind "$EDU"
	expect_silence
}

@test "a device that the session has bound is unbound for the program by --unbind" {
	requires edu map-file
	start
	iommufdctl ioas alloc --name a
	iommufdctl bind "$EDU" --name nic
	iommufdctl attach nic a
	for device in nic "$EDU=nic" "$(cdev "$EDU")=nic"; do
		vmm --device "$device"
		expect_fail 2 "session exec: 'nic': it is bound to the session's iommufd, and the program gets one of its own (EINVAL)"
		expect_err_has "hint: a VMM binds it itself: --unbind"
		expect_out ""
	done
	ctl show nic --json
	expect_out_has '"state":"attached"'
	vmm --unbind
	expect_ok 1 2 0x100000 3
	ctl session show --json
	expect_out_has '"devices":0,"ioas":1,'
	until_true iommufdctl bind "$EDU" --name nic
	ctl attach nic a
	expect_silence
}

@test "--unbind leaves the device where it is when there is no such program" {
	requires edu
	start
	iommufdctl bind "$EDU" --name nic
	ctl session exec --unbind -- /no/such/vmm '{fd:nic}'
	expect_fail 127 "session exec: '/no/such/vmm': No such file or directory (ENOENT)"
	ctl session exec --unbind -- no-such-vmm '{fd:nic}'
	expect_fail 127 "session exec: 'no-such-vmm': No such file or directory (ENOENT)"
	ctl session exec --unbind -- "$BATS_TEST_FILENAME" '{fd:nic}'
	expect_fail 126 "(EACCES)"
	ctl session exec --unbind --share -- true '{fd:nic}'
	expect_fail 2 "--share and --unbind exclude each other"
	ctl show nic --json
	expect_out_has '"state":"detached"'
}

@test "the program's iommufd is its own: nothing of the guest stays in the session" {
	requires edu map-file
	start
	iommufdctl ioas alloc --name kept
	vmm --device "$EDU=nic"
	expect_status 0
	ctl show --all --json
	expect_out_has '"ioas":[{"id":1,"name":"kept","mappings":0}]' '"objects":[]'
}

@test "nothing of the guest stays pinned" {
	requires kernel 'it counts what is pinned'
	requires edu map-file
	start
	local before
	before=$(pinned)
	vmm --device "$EDU=nic"
	expect_status 0
	until_true bash -c "$(declare -f pinned); [[ \$(pinned) == $before ]]"
}

@test "a program that is known to bind itself is told of a device that is bound" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name nic
	ln -s "$(type -P true)" "$BATS_TEST_TMPDIR/qemu-system-x86_64"
	ctl session exec --share --share-iommufd --device nic -- "$BATS_TEST_TMPDIR/qemu-system-x86_64"
	expect_status 0
	expect_err_has "binds devices itself, and refuses 'nic', which is bound: --unbind"
	ctl session exec --share --share-iommufd --device nic -- true
	expect_silence
}

@test "while the program has a device that was opened for it, show and bind say so" {
	requires emulated
	start
	iommufdctl session exec --device "$MTTY=tty" -- sleep 100 3>&- &
	local pid=$!
	until_true grep -qx sleep "/proc/$pid/comm"
	ctl show --json
	expect_out_has "\"handed\":[{\"device\":\"$(cdev "$MTTY")\",\"name\":null,\"address\":\"$MTTY\"" "\"pid\":$pid,"
	ctl session exec --device "$MTTY" -- true
	expect_fail 1 "it was handed to $pid (sleep)"
	kill "$pid"
}

# ---- where they are ------------------------------------------------------------------------------

@test "--fd-base puts the fds where a program looks for them, and 3 says so as systemd does" {
	requires physical emulated
	local show='for fd in /proc/self/fd/[3-9]; do [ -e $fd ] && echo ${fd##*/} $(readlink $fd); done; echo ${LISTEN_PID:-none} ${LISTEN_FDS:-} ${LISTEN_FDNAMES:-}; echo $$ $1 $2'
	ctl exec --fd-base 3 --device "$PHYSICAL=nic" --device "$MTTY=tty" -- sh -c "$show" sh '{fd:iommufd}' '{fd:tty}'
	expect_silence
	expect_out_has "3 /dev/iommu" "4 /dev/vfio/devices/$(cdev "$PHYSICAL")" "5 /dev/vfio/devices/$(cdev "$MTTY")" " 3 iommufd:nic:tty"
	[[ ${lines[-1]} == "${lines[-2]%% *} 3 5" ]]
	ctl exec --fd-base 7 --device "$PHYSICAL=nic" -- sh -c "$show" sh '{fd:iommufd}' '{fd:nic}'
	expect_out_has "7 /dev/iommu" "8 /dev/vfio/devices/" $'\nnone'
	start
	iommufdctl mem create m 4K
	ctl session exec --fd-base 3 --device "$PHYSICAL=nic" -- sh -c "$show" sh '{fd:iommufd}' '{fd:mem:m}'
	expect_silence
	expect_out_has "3 /dev/iommu" "4 /dev/vfio/devices/$(cdev "$PHYSICAL")" "5 /memfd:m" " 3 iommufd:nic:mem-m"
	[[ ${lines[-1]} == "${lines[-2]%% *} 3 5" ]]
	for base in 2 x -1 5000000000; do
		ctl exec --fd-base=$base -- true
		expect_status 2
	done
	ctl exec --fd-base 2000000 -- true
	expect_fail 1 "exec: '2000000': "
}

@test "an iommufd and a device are found by their names in LISTEN_FDNAMES" {
	requires emulated
	ctl exec --fd-base 3 --device "$MTTY=tty" -- sh -c 'iommufdctl --iommufd fd:iommufd bind fd:tty; iommufdctl --iommufd fd:iommufd ioas alloc; iommufdctl --iommufd fd:iommufd attach fd:tty 2'
	expect_ok 1 2 2
	ctl exec --fd-base 3 -- iommufdctl --iommufd fd:none ioas alloc
	expect_fail 2 "'fd:none' is no fd: expected fd:N with N of 3 or more, or a name of LISTEN_FDNAMES"
	try env LISTEN_FDNAMES=iommufd iommufdctl --iommufd fd:iommufd ioas alloc
	expect_fail 1 "'fd:iommufd': no such fd is open (EBADF)"
}

@test "exec with an inherited iommufd takes names for its devices" {
	requires emulated
	try bash -c "exec 7<>/dev/iommu; iommufdctl --iommufd fd:7 exec --device $MTTY=tty -- sh -c 'readlink /proc/self/fd/\$1' sh '{fd:tty}'"
	expect_ok "/dev/vfio/devices/$(cdev "$MTTY")"
	try bash -c "exec 7<>/dev/iommu; iommufdctl --iommufd fd:7 exec --device $MTTY=1x -- true"
	expect_fail 2 "'1x' is no name"
}
