#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The simulator as each Linux: what older ones lack is ENOTTY, and the tool works with what they have.
# seconds in the simulator: 5

load helpers

# lacks KERNEL FEATURE...: of those that are ioctls of their own
lacks() {
	sim --kernel "$1" -- iommufdctl features --json
	expect_silence
	output=$(jq -r '.features[] | select(.supported == "no") | .feature' <<<"$output" |
		grep -xE '(hwpt-(set-dirty|dirty-bitmap|invalidate)|ioas-(map-file|change-process)|[a-z-]*-alloc)')
	expect_out "${@:2}"
}

@test "what a kernel lacks is ENOTTY there" {
	local newer=(ioas-map-file ioas-change-process viommu-alloc vdevice-alloc veventq-alloc hw-queue-alloc)
	lacks 6.6 hwpt-set-dirty hwpt-dirty-bitmap hwpt-invalidate fault-alloc "${newer[@]}"
	lacks 6.12 "${newer[@]}"
	script --kernel 6.6 <<<"iommufdctl batch - <<<'fault alloc'"
	refused 3 'fault alloc: this kernel has no fault queues (needs Linux 6.11) (ENOTTY)'
	script --kernel 6.12 <<<"iommufdctl batch - <<<'ioas change-process'"
	refused 3 '(needs Linux 6.13) (ENOTTY)'
}

# on KERNEL NAME...: these files of tests/e2e, in their machine
on() {
	local kernel=$1
	unshare --user true 2>/dev/null || skip 'user namespaces are refused here'
	shift
	cd "$BATS_TEST_DIRNAME/../.."
	TIME_LIMIT=250 try tests/sim/run --kernel "$kernel" "${@/%/.bats}"
	expect_status 0
	[[ $output == *'ok 1 '* && $output != *'not ok'* ]] || wrong 'expected tests that succeed'
}

# As Linux 6.12 make check-long runs all tests.
@test "the basic tests as Linux 6.6" {
	on 6.6 tests/e2e/{bind,attach}
}
