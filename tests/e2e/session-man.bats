#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of iommufdctl-session(1) work as they are typed: each literal block of that section is run.

load helpers

PAGE=$BATS_TEST_DIRNAME/../../man/iommufdctl-session.1.scd

setup() {
	requires iommufd physical root
}

# block N: the Nth example, as a reader of the page sees it
block() {
	sed -n '/^# EXAMPLES/,/^# /p' "$PAGE" | awk -v wanted="$1" '
		/^```/ { inside = !inside; n += inside; next }
		inside && n == wanted { gsub(/\\\\/, "\\"); print }' | sed "s/0000:00:04.0/$PHYSICAL/"
}

# example N: run it in a shell of its own, which ends at the first command that fails
example() {
	block "$1" >"$BATS_TEST_TMPDIR/example"
	[[ -s $BATS_TEST_TMPDIR/example ]] || { echo "there is no example $1"; return 1; }
	try bash -euo pipefail "$BATS_TEST_TMPDIR/example"
}

expect_no_session() {
	ctl session list
	expect_ok "SESSION  STATE  PID"
}

@test "the life of a session" {
	requires physical
	example 1
	expect_silence
	expect_out_has "$PHYSICAL" "attached"
	expect_no_session
}

@test "a session with a name becomes another version of the program" {
	example 2
	expect_silence
	expect_line -1 hello
	expect_no_session
}

@test "a device is prepared and handed to a program of another user" {
	requires users
	example 3
	expect_silence
	expect_out_has "-> /dev/iommu" "-> /dev/vfio/devices/$(cdev "$PHYSICAL")" "guest"
	[[ $output != *"$PHYSICAL"* ]] || wrong "the device is still in the session"
	expect_no_session
}

@test "a session in the foreground says when it is ready" {
	example 4
	expect_ok 1
	expect_no_session
}

@test "all sessions are ended" {
	example 5
	expect_ok ''
	expect_no_session
}

@test "these are all examples" {
	[[ -z $(block 6) ]]
}
