#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 30
#
# What is large or slow in a session is its client's to move: the holder does ioctls and bookkeeping, and serves others
# meanwhile.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions

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
	local dev
	iommufdctl migration save tty >"$BATS_TEST_TMPDIR/state"
	[[ -s $BATS_TEST_TMPDIR/state ]]
	state stop
	ctl migration load tty "$BATS_TEST_TMPDIR/state"
	expect_ok ""
	state stop
	ctl migration load "$MTTY" "$BATS_TEST_TMPDIR/state" --json
	expect_ok '{"version":1}'
	# shellcheck disable=SC2002 # a pipe
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
