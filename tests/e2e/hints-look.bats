#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# Hints whose command shows where to look, or what there is: it works as it stands, and shows that.

# shellcheck disable=SC2154 # what is used was set by helpers.bash
load helpers
load hints
load hints-session

setup() {
	requires iommufd
}

teardown() {
	stop
}

@test "devices, and objects" {
	requires physical
	start
	refuses 1 'no such device (ENODEV)' bind vfio4000
	works "'{iommufdctl list}' shows the devices"
	expect_out_has "$PHYSICAL"
	ctl ioas alloc --name a
	ctl destroy "$NOWHERE"
	works "'{iommufdctl show}' lists the objects"
	expect_out_has IOAS
	ctl ioas copy a a 0x900000 64K
	works "'{iommufdctl show}' lists the objects and the mappings"
	expect_out_has IOAS
	ctl ioas unmap a 0x900000 64K
	works "'{iommufdctl show}' lists the mappings; they are unmapped whole"
	expect_out_has IOAS
}

@test "no device, and what there is to be done" {
	mkdir -p "$BATS_TEST_TMPDIR/sys/class"
	export IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/sys
	try iommufdctl list
	find_hint '{iommufdctl list --all} shows which could have one'
	try bash -c "$command"
	expect_status 0
	expect_err_lacks 'list --all'
	find_hint '{iommufdctl doctor} tells what is in the way'
	try bash -c "$command"
	expect_status 4 # it has found something
	expect_out_has failed
}

@test "what is usable of an IOAS" {
	start
	ctl ioas alloc --name a
	ctl mem create m 1M
	ctl ioas allow a 0x0-0xffff
	ctl ioas map a m
	expect_fail 1 '(ENOSPC)'
	works "'{iommufdctl ioas ranges %}' shows what is usable"
	expect_out_has 0xffff
	ctl ioas allow a
	ctl ioas map a m
	expect_status 0
}

@test "what is usable of an IOAS to which a device does not go, and what that reserves" {
	requires physical
	start
	ctl ioas alloc --name a
	ctl mem create m 64K
	ctl ioas map a m --iova 0x4000000000000000
	ctl bind "$PHYSICAL" --name d
	ctl attach d a
	expect_fail 1 '(EADDRINUSE)'
	works "'{iommufdctl ioas ranges %}' shows what is usable"
	expect_out_has 0x
	ctl attach d a
	works "'{cat /sys/kernel/iommu_groups/%/reserved_regions}' shows what the device reserves"
	expect_out_has msi
}

@test "the group of a device, where nobody can be seen who has it" {
	requires group
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$GROUP_A")"
	try iommufdctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	IOMMUFD_PROC=$BATS_TEST_TMPDIR batch <<<"bind $GROUP_B"
	expect_fail 1 '(EPERM)'
	works "'{iommufdctl list}' shows the group; all its devices go to VFIO and to one iommufd"
	expect_out_has "$GROUP_A" "$GROUP_B"
}

# Of ioctls without sentences of their own.
@test "what the kernel knows" {
	try fdtool nnp-deny-ioctl 0x3b82 -- iommufdctl batch - <<<$'ioas alloc\nioas allow 1'
	expect_fail 3 '(ENOTTY)'
	works "'{iommufdctl features}' shows what the kernel knows"
	expect_out_has ioas-
}

@test "what an IOMMU and a device can" {
	requires edu
	start
	ctl ioas alloc --name a
	ctl bind "$EDU" --name d
	ctl hwpt alloc d a --dirty
	expect_fail 3 '(EOPNOTSUPP)'
	works "'{iommufdctl hw-info %}' shows what the IOMMU can"
	expect_out_has intel
	ctl dma-log stop d
	expect_fail 3 '(ENOTTY)'
	works "'{iommufdctl info %}' lists the features"
	expect_out_has FEATURE
}

@test "the PASIDs, and the regions, of a device" {
	requires edu feature:viommu-data dma-buf
	start
	ctl ioas alloc --name a
	ctl bind "$EDU" --name d
	ctl attach d a --pasid 5
	expect_fail 1 '(EINVAL)'
	works 'page tables for it are made with: {iommufdctl hwpt alloc % % --pasid}'
	ctl attach d "$output" --pasid 5
	expect_status 0
	ctl detach d --pasid 5
	expect_ok ''
	ctl mem dma-buf bar d 7
	expect_status 1
	works "'{iommufdctl info %}' lists the regions"
	expect_out_has REGION
}

# The kernel's answer is a filter's.
@test "a device that does not come back from its reset" {
	requires edu
	requires kernel 'its log'
	start fdtool nnp-deny-ioctl 0x3b6f --
	ctl bind "$EDU" --name one
	ctl reset one
	expect_fail 1 'it was reset, but did not come back in time (ENOTTY)'
	works "the kernel's log tells what became of it: {dmesg}"
	expect_out_has Linux
}

@test "all that is reset with a device" {
	requires group
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$GROUP_A")"
	try iommufdctl --iommufd "fd:$io" hot-reset "fd:$dev"
	expect_fail 1 '(EINVAL)'
	find_hint "bind them all in this context; '{iommufdctl hot-reset % --info}' lists them"
	try bash -ec "iommufdctl --iommufd fd:$io bind fd:$dev; $command"
	expect_out_has "$GROUP_B"
}

@test "a plain file in the place of /dev/iommu, and in that of the fd" {
	requires root
	local file
	exec {file}<>"$BATS_TEST_TMPDIR/file"
	try iommufdctl --iommufd "fd:$file" ioas alloc
	expect_status 1
	works "where the driver is missing, a shell's '<>' makes a plain file: see '{ls -l /dev/iommu}'"
	expect_out_has /dev/iommu
}

@test "a plain file mounted in the place of /dev/iommu" {
	requires root
	requires kernel 'a node that can be mounted over'
	local mount='mount --bind "$1" /dev/iommu;' run='exec iommufdctl --once ioas alloc'
	: >"$BATS_TEST_TMPDIR/file"
	try unshare -m bash -ec "$mount $run" bash "$BATS_TEST_TMPDIR/file"
	expect_fail 1 'the file is not an iommufd (ENOTTY)'
	find_hint '{umount %}'
	try unshare -m bash -ec "$mount $command; $run" bash "$BATS_TEST_TMPDIR/file"
	expect_line 1 1
}

@test "the help of a verb" {
	refuses 2 'an argument is missing' ioas ranges
	works '{iommufdctl help%}'
	expect_out_has 'ioas ranges'
	refuses 2 'a verb is missing'
	works '{iommufdctl help%}'
}
