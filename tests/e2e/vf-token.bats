#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A virtual function whose physical one is driven by vfio-pci, too: the token that its bind needs.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions

TOKEN=0f2d7a52-8b6c-4d0e-9a55-3f0c6a3d9e11
OTHER=11111111-2222-3333-4444-555555555555
PF_DIR=/sys/bus/pci/devices/$NVME

setup() {
	requires iommufd root sriov feature:ioas-change-process
	sessions_setup
	echo Y >/sys/module/vfio_pci/parameters/enable_sriov
	echo vfio-pci >"$PF_DIR/driver_override"
	echo "$NVME" >/sys/bus/pci/drivers_probe
}

# Under a physical function that nobody holds, virtual ones would be refused.
teardown() {
	echo 0 >"$PF_DIR/sriov_numvfs" || true
	sessions_teardown
	echo "$NVME" >/sys/bus/pci/drivers/vfio-pci/unbind || true
	echo >"$PF_DIR/driver_override"
}

make_vf() {
	echo 1 >"$PF_DIR/sriov_numvfs"
	VF=$(basename "$(realpath "$PF_DIR/virtfn0")")
	until_true has_cdev "$VF"
}

@test "the token that its physical function was bound with opens a virtual function" {
	start
	ctl -s default bind "$NVME" --token "$TOKEN" --name pf
	expect_ok 1
	make_vf

	ctl --once bind "$VF"
	explained "a virtual function, or a physical one whose virtual ones are in use, needs the token (EACCES)"
	ctl --once bind "$VF" --token "$OTHER"
	explained "the token is not the one that the physical function was bound with, or it has none (EACCES)"

	batch <<-END
		bind $VF --token $TOKEN --name vf
		ioas alloc --name a
		attach vf a
		mem create ram 64K
		ioas map a ram --iova 0x100000
		detach vf
	END
	expect_ok 1 2 3 0x100000
	batch <<<"bind $VF --token ${TOKEN^^}"
	expect_ok 1
}

# One refusal, and what to do.
explained() {
	expect_status 1
	expect_err_has "bind: '$VF': $1" "hint: bind the physical function with '--token UUID', and this one with the same"
}
