#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# Explanations of page tables, queues and virtual IOMMUs, on the mock devices of the kernel's self-test.

# shellcheck disable=SC2154 # set by helpers.bash and explain.bash
load helpers
load explain

# 1: the IOAS a, 2: the fault queue q, 3 to 5: a mock device (4: its id), 6: a HWPT for nesting, 7: one nested in it, which
# the device is attached to.
start='ioas alloc --name a
fault alloc --name q
exec -- iommu-test {fd:iommufd} mock-domain 1
hwpt alloc 4 a --name parent --nest-parent
hwpt alloc 4 parent --name nested --type 0xdead --data hex:efbead0b --fault q
exec -- iommu-test {fd:iommufd} mock-replace 3 7
'
# 3: the id of a mock device, b: an IOAS that nothing is attached to.
bare='ioas alloc --name a
exec -- iommu-test {fd:iommufd} mock-domain 1
ioas alloc --name b
mem create m 1M
ioas map b m --iova 0x1000000'

setup() {
	requires iommufd mock mtty feature:hwpt-set-dirty feature:hwpt-dirty-bitmap feature:hwpt-invalidate feature:fault-alloc
}

@test "page tables" {
	explains_each <<-END
		$start
		bind $MTTY --name tty
		hwpt alloc tty a => HWPT_ALLOC EMUL ENOENT
		hwpt alloc $NOWHERE a => HWPT_ALLOC ANY ENOENT
		hwpt alloc 4 parent --type 0xdead --data hex:efbead0b --fault $NOWHERE => HWPT_ALLOC ANY ENOENT
		hwpt alloc 4 $NOWHERE => HWPT_ALLOC ANY EINVAL
		hwpt alloc 4 nested --type 0xdead --data hex:efbead0b => HWPT_ALLOC ANY EINVAL
		hwpt alloc 4 parent --type 0xdead --data hex:00 => HWPT_ALLOC ANY EINVAL
		hwpt alloc 4 parent --nest-parent => HWPT_ALLOC ANY EOPNOTSUPP
		hwpt alloc 4 parent --type vtd-s1 --data hex:00 => HWPT_ALLOC ANY EOPNOTSUPP
		ioas alloc --name low
		mem create m 64K
		ioas map low m --iova 0x1000
		hwpt alloc 4 low => HWPT_ALLOC ANY EADDRINUSE
		hw-info tty => HW_INFO EMUL ENOENT
		hw-info $NOWHERE => HW_INFO ANY ENOENT
		hw-info 4 --type 77 => HW_INFO ANY EOPNOTSUPP
	END
}

@test "page tables of memory that cannot be pinned" {
	requires access
	explains_each setpriv --bounding-set=-ipc_lock prlimit --memlock=65536 <<-END
		$bare
		hwpt alloc 3 b => HWPT_ALLOC ANY ENOMEM
		ioas unmap b 0x1000000
		exec -- iommu-test {fd:iommufd} map 5 0x1000000 4096
		hwpt alloc 3 b => HWPT_ALLOC ANY EFAULT
	END
}

@test "what was written" {
	explains_each <<-END
		$bare
		hwpt alloc 3 a --name plain
		hwpt alloc 3 b --name dirty --dirty
		hwpt dirty on $NOWHERE => HWPT_SET_DIRTY ANY ENOENT
		hwpt dirty on plain => HWPT_SET_DIRTY ANY EOPNOTSUPP
		hwpt dirty read $NOWHERE 0x1000000 4K => HWPT_DIRTY_BITMAP ANY ENOENT
		hwpt dirty read plain 0x1000000 4K => HWPT_DIRTY_BITMAP ANY EOPNOTSUPP
		exec -- ask dirty {fd:iommufd} 7 0x1000000 100 + dirty {fd:iommufd} 7 0xfffffffffffff000 0x2000
		=> HWPT_DIRTY_BITMAP ANY EINVAL, HWPT_DIRTY_BITMAP ANY EOVERFLOW
	END
}

@test "invalidation" {
	local one=0100000000000000 rest='--type 0xdeadbeef --entry 8 --data hex:'
	explains_each <<-END
		$start
		hwpt invalidate $NOWHERE $rest$one => HWPT_INVALIDATE ANY ENOENT
		hwpt invalidate nested --type vtd-s1 --entry 8 --data hex:$one => HWPT_INVALIDATE ANY EINVAL
		hwpt invalidate nested --type 0xdeadbeef --entry 2 --data hex:0100 => HWPT_INVALIDATE ANY EINVAL
		hwpt invalidate nested ${rest}0200000000000000 => HWPT_INVALIDATE ANY EOPNOTSUPP
	END
}

@test "page faults" {
	explains_each <<-END
		$start
		exec -- iommu-test {fd:iommufd} fault 4 7 0x123000
		exec -- ask fault-read {fd:q} 0 + fault-bytes {fd:q} 41 + fault-answer {fd:q} 9
		=> FAULT_READ ANY EINVAL, FAULT_READ ANY ESPIPE, FAULT_RESPOND ANY ESPIPE
		fault read q
		fault respond q 999 success => FAULT_RESPOND ANY EINVAL
		fault respond q 1 7 => FAULT_RESPOND ANY EINVAL
		fault respond fd:999 1 success => FAULT_RESPOND ANY EBADF
		fault read fd:999 => FAULT_READ ANY EBADF
	END
}

viommu="${start}viommu alloc 4 parent 0xdeadbeef --name v"

@test "virtual IOMMUs" {
	requires feature:veventq-alloc
	explains_each <<-END
		$viommu
		bind $MTTY --name tty
		hwpt alloc 4 a --name plain
		viommu alloc tty parent 0xdeadbeef => VIOMMU_ALLOC EMUL ENOENT
		viommu alloc 4 $NOWHERE 0xdeadbeef => VIOMMU_ALLOC ANY ENOENT
		viommu alloc 4 plain 0xdeadbeef => VIOMMU_ALLOC ANY EINVAL
		viommu alloc 4 parent arm-smmuv3 => VIOMMU_ALLOC ANY EOPNOTSUPP
		vdevice alloc $NOWHERE 4 0x77 => VDEVICE_ALLOC ANY ENOENT
		vdevice alloc v $NOWHERE 0x77 => VDEVICE_ALLOC ANY ENOENT
		vdevice alloc v 4 0x77
		vdevice alloc v 4 0x78 => VDEVICE_ALLOC ANY EEXIST
		veventq alloc $NOWHERE 0xbeefbeef => VEVENTQ_ALLOC ANY ENOENT
		veventq alloc v 0 => VEVENTQ_ALLOC ANY EOPNOTSUPP
		veventq alloc v 0xbeefbeef --depth 0 => VEVENTQ_ALLOC ANY EINVAL
		veventq alloc v 0xbeefbeef --depth 0xffffffff => VEVENTQ_ALLOC ANY EINVAL
		veventq alloc v 0xbeefbeef --name events
		veventq alloc v 0xbeefbeef => VEVENTQ_ALLOC ANY EEXIST
		hwpt alloc 4 v --name guest --type 0xdead --data hex:efbead0b
		exec -- iommu-test {fd:iommufd} mock-replace 3 12 + event 4
		exec -- ask event-bytes {fd:events} 4 + event-offset {fd:events} 8 => VEVENTQ_READ ANY EINVAL, VEVENTQ_READ ANY ESPIPE
		veventq read fd:999 => VEVENTQ_READ ANY EBADF
	END
	requires edu
	explains_each <<-END
		$viommu
		bind $EDU --name edu
		vdevice alloc v edu 0x99 => VDEVICE_ALLOC ANY EINVAL
	END
}

@test "hardware queues" {
	requires feature:hw-queue-alloc
	local queue='hw-queue alloc v 0xdeadbeef'
	explains_each <<-END
		$viommu
		mem create m 64K
		ioas map a m --iova 0x1000000
		ioas map a m --iova 0x1100000 --length 4K
		ioas map a m --iova 0x1101000 --length 4K
		hw-queue alloc $NOWHERE 0xdeadbeef 0 0x1000000 4K => HW_QUEUE_ALLOC ANY ENOENT
		$queue 0 0x3000000 4K => HW_QUEUE_ALLOC ANY ENOENT
		$queue 0 0x1000000 0 => HW_QUEUE_ALLOC ANY EINVAL
		$queue 99 0x1000000 4K => HW_QUEUE_ALLOC ANY EINVAL
		$queue 1 0x1000000 4K => HW_QUEUE_ALLOC ANY EIO
		hw-queue alloc v tegra241-cmdqv 0 0x1000000 4K => HW_QUEUE_ALLOC ANY EOPNOTSUPP
		$queue 0 0x1100000 8K => HW_QUEUE_ALLOC ANY EFAULT
		$queue 0 1 0xffffffffffffffff => HW_QUEUE_ALLOC ANY ERANGE
		$queue 0 0x1000 0xfffffffffffff001 => HW_QUEUE_ALLOC ANY EOVERFLOW
		$queue 0 0x1000000 4K
		$queue 0 0x1000000 4K => HW_QUEUE_ALLOC ANY EEXIST
	END
}

@test "ioctls that the kernel has not" {
	if ! has feature:viommu-alloc; then
		explains_each <<-END
			viommu alloc 1 2 3 => VIOMMU_ALLOC ANY ENOTTY
			vdevice alloc 1 2 3 => VDEVICE_ALLOC ANY ENOTTY
			veventq alloc 1 2 => VEVENTQ_ALLOC ANY ENOTTY
			hw-queue alloc 1 2 3 4 5 => HW_QUEUE_ALLOC ANY ENOTTY
		END
	fi
	explains_each fdtool nnp-deny-ioctl 0x3b89,0x3b8a,0x3b8b,0x3b8c,0x3b8d,0x3b8e -- <<-END
		hwpt alloc 1 2 => HWPT_ALLOC ANY ENOTTY
		hw-info 1 => HW_INFO ANY ENOTTY
		hwpt dirty on 1 => HWPT_SET_DIRTY ANY ENOTTY
		hwpt dirty read 1 0 4K => HWPT_DIRTY_BITMAP ANY ENOTTY
		hwpt invalidate 1 --type vtd-s1 --entry 8 --data hex:0100000000000000 => HWPT_INVALIDATE ANY ENOTTY
		fault alloc => FAULT_ALLOC ANY ENOTTY
	END
}

@test "every row that is marked was produced" {
	requires access
	case $(kernel_release) in 7.*) requires edu ;; esac
	marked_rows_were_produced
}
