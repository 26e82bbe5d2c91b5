#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Explanations of what an IOAS and an iommufd can beyond mapping.

# shellcheck disable=SC2154 # set by helpers.bash and explain.bash
load helpers
load explain

@test "copying" {
	requires iommufd physical access
	find_reserved
	explains_each <<-END
		ioas alloc --name a
		ioas alloc --name b
		ioas alloc --name full
		mem create ram 1M
		ioas map a ram --iova 0x1000000
		ioas map a ram --iova 0x5000000 --read
		ioas copy b $NOWHERE 0x1000000 64K => IOAS_COPY ANY ENOENT
		ioas copy b a 0x9000000 64K => IOAS_COPY ANY ENOENT
		ioas copy b a 0x5000000 64K => IOAS_COPY ANY EPERM
		ioas copy a a 0x1000000 1M --iova 0x1080000 => IOAS_COPY ANY EEXIST
		ioas copy b a 0x1000000 0 => IOAS_COPY ANY EINVAL
		ioas copy b a 0xfffffffffffff000 8K => IOAS_COPY ANY EOVERFLOW
		exec -- iommu-test {fd:iommufd} add-reserved 3 0x8000 0xffffffffffff8000
		ioas copy full a 0x1000000 64K => IOAS_COPY ANY ENOSPC
		bind $PHYSICAL --name d
		attach d b
		exec -- iommu-test {fd:iommufd} map 1 0xa000000 4096
		ioas copy b a 0xa000000 4K --iova 0xa000000 => IOAS_COPY ANY EFAULT
		ioas allow b $(at_reserved 0)-$(at_reserved 0xffff) => IOAS_ALLOW ANY EADDRINUSE
		ioas allow b 0x1000-0x2fff 0x2000-0x3fff => IOAS_ALLOW ANY EINVAL
		ioas allow $NOWHERE 0x1000-0x2fff => IOAS_ALLOW ANY ENOENT
	END
	explains_each setpriv --bounding-set=-ipc_lock prlimit --memlock=65536 <<-END
		ioas alloc --name a
		ioas alloc --name b
		mem create ram 1M
		ioas map a ram --iova 0x1000000
		bind $PHYSICAL --name d
		attach d b
		ioas copy b a 0x1000000 1M => IOAS_COPY ANY ENOMEM
	END
}

@test "the IOAS of the old interface" {
	requires iommufd
	explains_each <<-END
		vfio-ioas get => VFIO_IOAS_GET ANY ENODEV
		vfio-ioas set $NOWHERE => VFIO_IOAS_SET ANY ENOENT
	END
}

@test "moving the accounting where the kernel cannot" {
	requires iommufd
	! has feature:ioas-change-process || skip "this kernel can"
	explains_each <<<'ioas change-process => IOAS_CHANGE_PROCESS ANY ENOTTY'
}

@test "moving the accounting" {
	requires iommufd physical map-file access feature:ioas-change-process
	local small=(setpriv --bounding-set=-ipc_lock prlimit)
	explains_each <<-END
		ioas alloc
		exec -- iommu-test {fd:iommufd} map 1 0x1000000 4096
		ioas change-process => IOAS_CHANGE_PROCESS ANY EINVAL
	END
	keep_iommufd
	keep_cdev "$PHYSICAL"
	ctl --iommufd "fd:$io" bind "fd:$dev"
	ctl --iommufd "fd:$io" ioas alloc
	ctl --iommufd "fd:$io" attach "fd:$dev" 2
	try "${small[@]}" --memlock=8388608 fdtool memfd 1048576 -- iommufdctl --iommufd "fd:$io" ioas map 2 fd:9
	expect_silence
	try "${small[@]}" --memlock=65536 iommufdctl --iommufd "fd:$io" ioas change-process
	explains 1 IOAS_CHANGE_PROCESS ANY ENOMEM
	try "${small[@]}" --memlock=8388608 iommufdctl --iommufd "fd:$io" ioas change-process
	expect_ok ''
}

@test "every row that is marked was produced" {
	requires iommufd physical access
	marked_rows_were_produced
}
