#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# seconds in the lab: 20
#
# Memory runs out, on the mock devices of the kernel's self-test; fail.bash tells how.

# shellcheck disable=SC2034 # begin and end are fail.bash's
load helpers
load fail

setup() {
	fail_setup
	requires mock feature:hwpt-dirty-bitmap feature:hwpt-invalidate feature:fault-alloc
}

# 1: the IOAS a, 2: the fault queue q, 3 to 5: a mock device (4: its id), 6: a HWPT with dirty tracking, 7: one for nesting.
device='ioas alloc --name a
fault alloc --name q
mem create ram 64K
ioas map a ram --iova 16M
exec -- iommu-test {fd:iommufd} mock-domain 1
hwpt alloc 4 a --name dirty --dirty
hwpt alloc 4 a --name parent --nest-parent'
device_end='destroy parent dirty q
ioas unmap a --all --json
ioas alloc'
data='--type 0xdead --data hex:efbead0b'

@test "page tables" {
	begin=$device end=$device_end
	each <<-END
		hwpt alloc 4 a --dirty --name table
		hwpt alloc 4 parent $data
		hwpt alloc 4 parent $data --fault q --name nested
		hw-info 4
		hwpt dirty on dirty
	END
	none <<-END
		destroy dirty
		destroy q
	END
}

@test "a page table that tracks what is written" {
	begin="$device
exec -- iommu-test {fd:iommufd} mock-replace 3 6
hwpt dirty on dirty
exec -- iommu-test {fd:iommufd} dirty 6 0x1002000 0x3000" end='hwpt dirty read dirty 16M 64K
hwpt dirty off dirty
ioas unmap a --all --json'
	each <<-END
		hwpt dirty read dirty 16M 64K
		hwpt dirty off dirty
		ioas unmap a 16M
	END
}

# 8 is nested in 7.
nested="$device
hwpt alloc 4 parent $data --fault q --name nested
exec -- iommu-test {fd:iommufd} mock-replace 3 8"

@test "a page table that is nested, and page faults" {
	begin="$nested + fault 4 7 0x123000 + fault 4 8 0x123000
fault read q
exec -- iommu-test {fd:iommufd} fault 4 9 0x123000" end='fault read q
fault respond q 2 success'
	each <<-END
		hwpt invalidate nested --type 0xdeadbeef --entry 8 --data hex:0100000000000000
	END
	none <<-END
		fault read q
		fault respond q 1 success
	END
}

@test "a guest's IOMMU" {
	requires feature:hw-queue-alloc
	begin=$nested end='ioas alloc'
	each <<-END
		hwpt alloc 4 a --pasid
		viommu alloc 4 parent 0xdeadbeef
	END
	begin="$nested
viommu alloc 4 parent 0xdeadbeef --name v" end='destroy v'
	each <<-END
		vdevice alloc v 4 0x77
		hwpt alloc 4 v $data
		veventq alloc v 0xbeefbeef
		hw-queue alloc v 0xdeadbeef 0 16M 4K
	END
	none <<-END
		destroy v
	END
}

@test "what belongs to a guest's IOMMU" {
	requires feature:hw-queue-alloc
	begin="$nested
viommu alloc 4 parent 0xdeadbeef --name v
vdevice alloc v 4 0x77 --name vd
hwpt alloc 4 v $data --name guest
veventq alloc v 0xbeefbeef --name events --depth 2
hw-queue alloc v 0xdeadbeef 0 16M 4K --name hq
exec -- iommu-test {fd:iommufd} mock-replace 3 10 + event 4 + event 4 + event 4" end='veventq read events --length 4
destroy hq'
	each <<-END
		veventq read events --length 4
		hw-queue alloc v 0xdeadbeef 1 16M 4K
	END
	none <<-END
		destroy vd
		destroy events
		destroy hq
	END
}
