#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The figures that a test can tell by itself. 'make bench' has the others.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

@test "a command makes 10 system calls at most, from main() on" {
	requires iommufd
	try "$BUILD/tests/bench/measure" list "$BUILD/iommufdctl" --once ioas alloc
	expect_silence
	((${#lines[@]} >= 3 && ${#lines[@]} <= 10)) || wrong "${#lines[@]} system calls"
}
