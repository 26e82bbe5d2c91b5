#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 20
#
# Hand-over: one that has the privileges prepares, one that has none uses. The examples, and QEMU.

load helpers
load sessions

EXAMPLES=$BUILD/examples

# ---- a launcher and a child without privileges ---------------------------------------------------

launch() {
	requires "$1" users
	try "$EXAMPLES/launcher" "$2" "$EXAMPLES/child"
	expect_ok "uid $NOBODY: IOAS 2, attached to $3, 65536 bytes at 0x100000"
	# nobody has it any more
	batch <<<"bind $2"
	expect_ok 1
}
@test "a child without privileges drives the device that it is sent (physical)" { launch physical "$PHYSICAL" 3; }
@test "a child without privileges drives the device that it is sent (emulated)" { launch emulated "$MTTY" 2; }

launch_from_session() {
	requires "$1" users
	start --rlimit-mode process
	iommufdctl bind "$2" --name dev
	iommufdctl ioas alloc --name kept
	try "$EXAMPLES/launcher" -s default dev "$EXAMPLES/child"
	expect_ok "uid $NOBODY: IOAS 3, attached to $3, 65536 bytes at 0x100000"
	ctl session show --json
	expect_out_has '"devices":0,"ioas":1,'
	until_true iommufdctl bind "$2"
}
@test "a launcher takes device and iommufd out of a session (physical)" { launch_from_session physical "$PHYSICAL" 4; }
@test "a launcher takes device and iommufd out of a session (emulated)" { launch_from_session emulated "$MTTY" 3; }

@test "the child's device does DMA into the child's memory" {
	requires edu
	for_nobody
	cat >/run/session-test/step <<-'END'
		#!/bin/bash
		printf hello >&"$2"
		edu-dma "$1" copy 0x100000 0x101000 5
		tail -c +4097 "/proc/self/fd/$2" | head -c 5
		id -u
	END
	chmod 755 /run/session-test/step
	try "$EXAMPLES/launcher" "$EDU" "$EXAMPLES/child" /run/session-test/step
	expect_silence
	expect_line 2 "hello$NOBODY"
}

@test "what a launcher cannot do it explains" {
	try "$EXAMPLES/launcher" ffff:ff:1f.7 true
	expect_fail 1 "launcher: ffff:ff:1f.7: no such device"
	try "$EXAMPLES/launcher" -s nothing dev true
	expect_fail 1 "launcher: session nothing: "
	start
	try "$EXAMPLES/launcher" -s default dev true
	expect_fail 1 "iommufdctl: session take: 'dev': no device of this context"
}

@test "a child inherits fds by exec as well" {
	requires emulated users
	ctl exec --bind --rlimit-mode process --device "$MTTY=dev" -- setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups \
		sh -ec 'I="iommufdctl --iommufd fd:{fd:iommufd}"; id -u; $I ioas alloc; $I attach fd:{fd:dev} 2; $I detach fd:{fd:dev}'
	expect_ok $NOBODY 2 2
}

# ---- libiommufd ----------------------------------------------------------------------------------

@test "a program takes a device out of a session without the tool" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	try "$EXAMPLES/session-take" default tty
	expect_silence
	[[ $output =~ ^iommufd:\ fd\ [0-9]+,\ tty:\ fd\ [0-9]+\ with\ [0-9]+\ regions$ ]]
	ctl session show --json
	expect_out_has '"devices":0,'
	try "$EXAMPLES/session-take" default tty
	expect_fail 1 "iommufdctl: session take: 'tty': no device of this context"
	try "$EXAMPLES/session-take" nothing tty
	expect_fail 1 "session-take: nothing: No such file or directory"
}

# ---- QEMU ----------------------------------------------------------------------------------------

qemu_knows_iommufd() {
	requires qemu-system-x86_64
	local file=$BATS_RUN_TMPDIR/qemu-objects
	[[ -e $file ]] || qemu-system-x86_64 -object help >"$file" 2>&1 || true
	grep -qw iommufd "$file" || skip "this QEMU ($(qemu-system-x86_64 --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')) has no -object iommufd (QEMU 9)"
}

@test "QEMU takes an iommufd and an unbound device" {
	requires physical
	qemu_knows_iommufd
	TIME_LIMIT=120 ctl exec --rlimit-mode process --device "$PHYSICAL=dev" -- \
		qemu-system-x86_64 -accel tcg -M q35 -m 64 -nodefaults -display none -S -monitor stdio \
		-object 'iommufd,id=i0,fd={fd:iommufd}' -device 'vfio-pci,fd={fd:dev},iommufd=i0,id=handed' <<<$'info pci\nquit'
	expect_status 0
	expect_out_has 'id "handed"'
}

@test "QEMU shares the iommufd of a session" {
	qemu_knows_iommufd
	start --rlimit-mode process
	iommufdctl ioas alloc --name kept
	TIME_LIMIT=120 ctl session exec --share-iommufd -- qemu-system-x86_64 -accel tcg -m 64 -nodefaults -display none -S -monitor stdio \
		-object 'iommufd,id=i0,fd={fd:iommufd}' <<<$'quit'
	expect_status 0
	ctl show kept
	expect_silence
}
