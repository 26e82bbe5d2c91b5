#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# soak
# seconds in the lab: 75
#
# claim and release are killed at each system call that changes something, and release restores. CLAIM_KILLED=200: so
# many times.

# shellcheck disable=SC2034,SC2154 # what the others use, and what they set
load helpers
load claim

setup() {
	requires root edu
	requires kernel 'it is what traces here'
	release_everything
	remember
}

teardown() {
	release_everything
}

# killed_at N CMD...: false when it ends before
killed_at() {
	local rc=0
	kill-at "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/at" || rc=$?
	((rc != 3)) || return 1
	((rc == 0)) || { cat "$BATS_TEST_TMPDIR/at"; exit 1; }
}

# restored WHAT: release puts all back, as often as it is asked.
restored() {
	ctl release --all
	if ! expect_status 0 || ! expect_as_before; then
		echo "killed $(<"$BATS_TEST_TMPDIR/at"), $*"
		return 1
	fi
}

@test "SIGKILL at each change: release restores" {
	local rounds=${CLAIM_KILLED:-14} done=0 at device devices=("$NVME")
	[[ ! $(driver "$NIC") ]] || devices+=("$NIC")
	while ((done < rounds)); do
		for device in "${devices[@]}"; do
			for ((at = 1; done < rounds; at++, done++)); do
				killed_at $at iommufdctl claim "$device" --mode 660 || break
				restored "claim $device"
			done
			ctl release --all
			for ((at = 1; done < rounds; at++, done++)); do
				ctl claim "$device" --mode 660
				expect_silence
				killed_at $at iommufdctl release "$device" || break
				restored "release $device"
			done
			restored "$device"
		done
	done
	echo "# $done of $rounds" >&3
}
