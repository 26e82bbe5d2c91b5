#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# Page tables for PASIDs, on the mock devices of the kernel's self-test: no IOMMU that a machine of the lab has can do it.

load helpers

# 1: the IOAS a, 2: the fault queue q, 3 to 5: a mock device with PASIDs (4: its id). Then page tables that PASIDs can have.
start='ioas alloc --name a
fault alloc --name q
exec -- mock-pasid {fd:iommufd} device 1
hwpt alloc 4 a --name whole --pasid
hwpt alloc 4 a --name one --pasid
hwpt alloc 4 a --name two --pasid --fault q
hwpt alloc 4 a --name plain
exec -- iommu-test {fd:iommufd} mock-replace 3 6'
one=7 two=8 plain=9

# From Linux 6.15 on, which has event queues as well. Each test detaches what it attached: the self-test's own end does not, and
# the kernel warns of that.
setup() {
	requires iommufd mock feature:veventq-alloc
}

@test "a page table of a PASID is attached, replaced and detached, and stays while it is used" {
	batch --keep-going <<-END
		$start
		show one --json
		exec -- mock-pasid {fd:iommufd} attach 3 5 $one
		exec -- mock-pasid {fd:iommufd} check 3 5 $one
		destroy one
		exec -- mock-pasid {fd:iommufd} replace 3 5 $two
		exec -- mock-pasid {fd:iommufd} check 3 5 $two
		destroy one
		destroy two
		exec -- mock-pasid {fd:iommufd} detach 3 5
		exec -- mock-pasid {fd:iommufd} check 3 5 0
		destroy two
	END
	expect_fail 4 ":12: destroy: 'one': the object is in use (EBUSY)" ":16: destroy: 'two': the object is in use (EBUSY)"
	expect_out_has '"flags":"pasid"' $'\n7\n' $'\n8'
	expect_err_lacks :10: :11: :13: :14: :15: :17: :18: :19:
}

@test "a page table that was not made for PASIDs is refused to one, and to their device" {
	batch --keep-going <<-END
		$start
		exec -- mock-pasid {fd:iommufd} attach 3 5 $plain
		exec -- mock-pasid {fd:iommufd} attach 3 5 $one
		exec -- iommu-test {fd:iommufd} mock-replace 3 $plain
		exec -- mock-pasid {fd:iommufd} attach 3 5 $two
		exec -- mock-pasid {fd:iommufd} detach 3 5
	END
	expect_fail 4 'mock-pasid: attach: EINVAL' 'iommu-test: mock-replace: EINVAL' 'mock-pasid: attach: EBUSY'
}

@test "a page fault of a PASID names it, and each kind of access" {
	batch <<-END
		$start
		exec -- mock-pasid {fd:iommufd} attach 3 5 $two
		exec -- iommu-test {fd:iommufd} fault 4 1 0x123000 5 1
		exec -- iommu-test {fd:iommufd} fault 4 2 0x124000 5 6
		exec -- iommu-test {fd:iommufd} fault 4 3 0x125000 5 15
		fault read q
		fault respond q 1 success
		fault respond q 2 success
		fault respond q 3 invalid
		exec -- mock-pasid {fd:iommufd} detach 3 5
	END
	expect_silence
	expect_out_has 'device=4 pasid=5 group=1 access=r privileged=no address=0x123000' \
		'pasid=5 group=2 access=wx privileged=no address=0x124000' 'pasid=5 group=3 access=rwx privileged=yes address=0x125000'
}
