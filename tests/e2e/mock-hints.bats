#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# seconds in the lab: 15
#
# Hints about page tables, queues and virtual IOMMUs, on the mock devices of the kernel's self-test.

load helpers
load hints
load hints-session

# 1: the IOAS a, 2 to 4: a mock device (3: its id).
setup() {
	requires iommufd mock feature:viommu-data
	start
	ctl ioas alloc --name a
	ctl session exec --share-iommufd -- iommu-test '{fd:iommufd}' mock-domain 1
	expect_status 0
}

teardown() {
	stop
}

@test "a page table that was not made for it: one is made that was" {
	ctl hwpt alloc 3 a --name plain
	ctl hwpt dirty on plain
	expect_fail 3 '(EOPNOTSUPP)'
	works 'make one with: {iommufdctl hwpt alloc % % --dirty}'
	ctl hwpt dirty on "$output"
	expect_ok ''
	ctl hwpt alloc 3 plain --type 0xdead --data hex:efbead0b
	expect_fail 1 '(EINVAL)'
	works "'iommufdctl show' lists the objects; for nesting: {iommufdctl hwpt alloc % % --nest-parent}"
	ctl hwpt alloc 3 "$output" --type 0xdead --data hex:efbead0b
	expect_status 0
	ctl viommu alloc 3 plain 0xdeadbeef
	expect_fail 1 '(EINVAL)'
	works 'make one with: {iommufdctl hwpt alloc % % --nest-parent}'
	ctl viommu alloc 3 "$output" 0xdeadbeef
	expect_status 0
}

@test "an IOMMU that cannot be shared, a fault that does not wait, ranges" {
	ctl hwpt alloc 3 a --name parent --nest-parent
	ctl viommu alloc 3 parent 77
	expect_fail 3 '(EOPNOTSUPP)'
	works "'{iommufdctl hw-info %}' shows which IOMMU it is"
	expect_out_has TYPE
	ctl fault alloc --name q
	ctl fault respond q 999 success
	expect_fail 1 '(EINVAL)'
	works "a group of faults is answered once: '{iommufdctl fault read %}' shows the cookies"
	ctl ioas alloc --name b
	ctl mem create m 64K
	ctl ioas map a m --iova 1M
	ctl ioas copy b a 1M 0
	expect_fail 1 '(EINVAL)'
	works "'{iommufdctl ioas ranges %}' shows the ranges and their alignment"
	expect_out_has 0x
}

@test "a hardware queue that others stand behind" {
	requires feature:hw-queue-alloc
	ctl hwpt alloc 3 a --name parent --nest-parent
	ctl viommu alloc 3 parent 0xdeadbeef --name v
	ctl mem create m 64K
	ctl ioas map a m --iova 16M
	ctl hw-queue alloc v 0xdeadbeef 0 16M 4K --name zero
	ctl hw-queue alloc v 0xdeadbeef 1 16M 4K --name one
	leads_on 'hardware queues are destroyed from the last index on, which % has: {iommufdctl destroy %}' destroy zero
	expect_ok ''
}
