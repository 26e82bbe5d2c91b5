#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# seconds in the lab: 30
# soak
# in check-long
#
# Memory runs out while a device is claimed and released; fail.bash tells how. CLAIM_ALLOCATIONS=300: in as many places
# of the kernel.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # what the others use, and what they set
load helpers
load fail
load claim

setup() {
	requires edu
	fail_setup
	export FAIL_MOST=${CLAIM_ALLOCATIONS:-20}
	export -f driver
	export NVME CLAIMS
	export FAIL_LOOK="bash -c 'driver $NVME; cat /sys/bus/pci/devices/$NVME/driver_override; ls $CLAIMS'"
	iommufdctl release --all >/dev/null # the directory of records is there
}

teardown() {
	release_everything
}

@test "a device that is claimed" {
	export FAIL_PREPARE="iommufdctl release --all >/dev/null"
	alone claim "$NVME"
	alone claim "$NVME" --mode 660
}

# It is done, or what was before is still known: it is done when it is repeated.
@test "a device that is released" {
	export FAIL_LOOK="iommufdctl release --all >/dev/null 2>&1; $FAIL_LOOK"
	export FAIL_PREPARE="iommufdctl claim $NVME >/dev/null"
	alone release "$NVME"
}
