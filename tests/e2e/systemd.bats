#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 50
# soak
# in check-long
#
# The unit under systemd as PID 1. SYSTEMD_ROUNDS=N: how often the holder is killed (default: 2)

load helpers

@test "systemd keeps a session whose holder is killed; stop and restart are orderly" {
	requires iommufd edu mtty systemctl
	requires kernel 'systemd as PID 1'
	[[ -x /lib/systemd/systemd ]] || skip "no systemd here"
	[[ -w /sys/fs/cgroup/cgroup.procs && ! -d /run/systemd/private ]] || skip "only in the lab"
	TIME_LIMIT=${TIME_LIMIT:-600} try "$BATS_TEST_DIRNAME/../vm/systemd" "$BATS_TEST_DIRNAME/systemd-crash" "${SYSTEMD_ROUNDS:-2}"
	echo "$output"
	expect_status 0
	grep '^#' <<<"$output" >&3
}

@test "the unit is hardened: systemd-analyze gives it 2.0 at most" {
	requires systemd-analyze
	try systemd-analyze security --offline=yes --threshold=20 "$BUILD/iommufdctl@.service"
	tail -n 1 <<<"$output" | sed 's/^/# /' >&3
	expect_status 0
}
