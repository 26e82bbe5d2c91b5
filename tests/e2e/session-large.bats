#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 30
# seconds in the simulator: 9
#
# What is large or slow in a session is its client's to move: the holder does ioctls and bookkeeping, and serves others
# meanwhile.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load hints

# ---- the state of a device -----------------------------------------------------------------------

state() {
	ctl migration get tty
	expect_ok "$1"
}

migrating() {
	requires emulated
	[[ -d /sys/class/mdev_bus ]] || skip "no sample mdevs"
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl migration set tty running
}

@test "a device's state is saved and loaded" {
	migrating
	iommufdctl migration save tty >"$BATS_TEST_TMPDIR/state"
	[[ -s $BATS_TEST_TMPDIR/state ]]
	state stop
	ctl migration load tty "$BATS_TEST_TMPDIR/state"
	expect_ok ""
	state stop
	ctl migration load "$MTTY" "$BATS_TEST_TMPDIR/state" --json
	expect_ok '{"version":1}'
	# shellcheck disable=SC2002,SC2016 # a pipe; the inner shell's
	try bash -c 'cat "$1" | iommufdctl migration load "/dev/vfio/devices/$2" -' - "$BATS_TEST_TMPDIR/state" "$(cdev "$MTTY")"
	expect_ok ""
	ctl migration set tty running
	expect_ok ""
	# A file that is missing changes nothing.
	ctl migration load tty missing
	expect_fail 1 "migration load: 'missing': No such file or directory (ENOENT)"
	state running
}

@test "a client that is killed while it saves or loads leaves the device where the man page says" {
	migrating
	local client
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	exec {writer}<>"$BATS_TEST_TMPDIR/fifo"
	iommufdctl migration load tty "$BATS_TEST_TMPDIR/fifo" 3>&- {writer}>&- &
	client=$!
	until_true bash -c "iommufdctl migration get tty | grep -qx resuming"
	# Others are served, and no second one moves data.
	ctl ioas alloc
	expect_ok 2
	ctl migration load tty /dev/null
	expect_fail 1 "migration load: 'tty': it is 'resuming' already" "hint: iommufdctl reset tty"
	kill -KILL "$client"
	wait "$client" || true
	state resuming
	# What has only part of its data goes nowhere else.
	ctl migration load tty /dev/null
	leads_on '{iommufdctl reset %}' migration load tty /dev/null
	ctl reset tty
	expect_ok ""
	state running
	exec {writer}>&-

	# The data of a program that asked for it, and died.
	try session-garbage "$PLACE/default" words migration save tty
	expect_silence
	state stop-copy
	ctl migration save tty
	expect_fail 1 "migration save: 'tty': it is 'stop-copy' already" "hint: iommufdctl migration set tty stop"
	works '{iommufdctl migration set % stop}'
	ctl migration set tty running
	expect_ok ""
	state running
	holder_fds >"$BATS_TEST_TMPDIR/before"
	iommufdctl migration save tty >/dev/null
	expect_fds "$(<"$BATS_TEST_TMPDIR/before")"
}

# ---- files ---------------------------------------------------------------------------------------

@test "the holder reads no file of a client's, but what the client has read" {
	start
	cd "$BATS_TEST_TMPDIR"
	printf 12345678 >file
	ctl -v hwpt invalidate "$NOWHERE" --type vtd-s1 --entry 4 --data file
	expect_err_has IOMMU_HWPT_INVALIDATE entry_num=2
	ctl hwpt invalidate "$NOWHERE" --type vtd-s1 --entry 4 --data /dev/zero
	expect_fail 1 "hwpt invalidate: '/dev/zero': it has no end, or more than the"
	head -c 5000 /dev/zero >file
	ctl hwpt invalidate "$NOWHERE" --type vtd-s1 --entry 4 --data file
	expect_fail 1 "hwpt invalidate: 'file': it has more than 4096 bytes (EFBIG)"
}

# ---- many calls of the kernel --------------------------------------------------------------------

# Each mapping is a call: it takes seconds. Here they are counted.
mapped() {
	iommufdctl show a --json | grep -o '"iova":' | wc -l
}

# is_mapped OP N: comparing with -gt, -eq, ...
is_mapped() {
	test "$(mapped)" "$1" "$2"
}

many_pieces() {
	start
	iommufdctl ioas alloc --name a
	iommufdctl mem create many 128M
	iommufdctl mem create other 4K
	map=(iommufdctl ioas map a many --iova 1G --piece 4K)
}

@test "what is mapped in many pieces goes again with its client, and nothing else does" {
	many_pieces
	local client
	"${map[@]}" 3>&- &
	client=$!
	until_true is_mapped -gt 0
	# Others are served, and may change what is there already.
	ctl mem destroy many
	expect_fail 1 "mem destroy: 'many': it is mapped"
	ctl ioas unmap a 1G
	expect_ok ""
	ctl ioas map a other --iova 1G
	expect_ok 0x40000000
	kill -KILL "$client"
	wait "$client" || true
	until_true is_mapped -eq 1
	ctl show a
	expect_out_has other
	ctl mem destroy many
	expect_ok ""
}

@test "an IOAS that is destroyed while it is mapped in many pieces" {
	many_pieces
	local client
	"${map[@]}" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	client=$!
	until_true is_mapped -gt 0
	ctl destroy a
	expect_ok ""
	ctl ioas alloc --name a
	expect_ok 1
	wait "$client" && false
	[[ $(<"$BATS_TEST_TMPDIR/out") == "iommufdctl: ioas map: 'a': it was destroyed meanwhile (ENOENT)" ]]
	is_mapped -eq 0
	ctl mem destroy many
	expect_ok ""
}

@test "a piece that finds its place taken: those before it go again" {
	many_pieces
	iommufdctl ioas map a other --iova $((1024 + 32))M
	ctl "${map[@]:1}"
	expect_fail 1 "ioas map: 'a': "
	expect_err_lacks "left mapped"
	is_mapped -eq 1
}

@test "unmapping much ends with its client; a restart waits for both" {
	many_pieces
	local client
	"${map[@]}" >"$BATS_TEST_TMPDIR/out" 3>&- &
	client=$!
	until_true is_mapped -gt 0
	ctl session restart
	expect_ok ""
	wait "$client" || true # its answer came before, or its connection ended
	is_mapped -eq 32768
	iommufdctl ioas unmap a --all 3>&- &
	client=$!
	sleep 0.1
	kill -KILL "$client" 2>/dev/null || true # it may have come to its end
	wait "$client" || true
	ctl session show
	expect_silence
	ctl ioas unmap a --all --json
	expect_silence
	is_mapped -eq 0
}

@test "a holder that is killed while it maps in many pieces comes back with none of them" {
	requires feature:ioas-map-file # before it the pieces are of a process that is no more
	many_pieces
	local pid client
	iommufdctl session stop
	supervisor --ready-file "$BATS_TEST_TMPDIR/ready" -- iommufdctl session start --foreground \
		2>"$BATS_TEST_TMPDIR/err" 3>&- &
	until_true test -s "$BATS_TEST_TMPDIR/ready"
	iommufdctl ioas alloc --name a
	iommufdctl mem create many 128M
	iommufdctl mem create other 4K
	"${map[@]}" 2>/dev/null 3>&- &
	client=$!
	until_true is_mapped -gt 0
	iommufdctl ioas map a other --iova 4G
	pid=$(holder_pid)
	kill -KILL "$pid"
	wait "$client" || true
	until_true iommufdctl session show
	is_mapped -eq 1
	ctl ioas unmap a 1G 128M
	expect_fail 1 "no such mapping"
	ctl "${map[@]:1:6}" --piece 1M
	expect_ok 0x40000000
	iommufdctl session stop
}
