#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 50
# seconds in the simulator: 6
# soak
#
# The holder of a session is killed while commands run: nothing that was acknowledged is lost.
# CRASH_ROUNDS=N: how often (default: 5)

load helpers

@test "killed at random moments while commands run: all that was acknowledged is there, DMA lands where it did" {
	requires iommufd edu mtty
	requires_pinned
	TIME_LIMIT=600 try "$BATS_TEST_DIRNAME/supervisor-crash" "${CRASH_ROUNDS:-5}"
	echo "$output"
	expect_status 0
	grep '^#' <<<"$output" >&3
}
