#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What 'make install' installed works: a program that was built against it, the tool, and the demo.

load helpers

@test "a program built with pkg-config against the installed tree allocates an IOAS" {
	[[ -x $BUILD/tests/ioas-alloc ]] || skip "not built: make check-install"
	run env LD_LIBRARY_PATH="$BUILD/stage/opt/iommufdctl/lib" "$BUILD/tests/ioas-alloc"
	[[ $status == 0 ]]
	[[ ${lines[0]} == "IOAS 1, aligned to "* ]]
	[[ ${lines[1]} == "0-0x"* || ${lines[1]} == "0x0-0x"* ]]
}

@test "it explains why, where there is no iommufd" {
	[[ -x $BUILD/tests/ioas-alloc ]] || skip "not built: make check-install"
	run env LD_LIBRARY_PATH="$BUILD/stage/opt/iommufdctl/lib" IOMMUFD_DEV=/nowhere "$BUILD/tests/ioas-alloc"
	[[ $status == 1 ]]
	[[ ${lines[0]} == "/dev/iommu: this kernel offers no iommufd" ]]
}

@test "the installed tool runs" {
	[[ -x $BUILD/stage/opt/iommufdctl/bin/iommufdctl ]] || skip "not installed: make check-install"
	run "$BUILD/stage/opt/iommufdctl/bin/iommufdctl" --once ioas alloc
	[[ $status == 0 ]]
	[[ ${lines[0]} == 1 ]]
}

@test "the demo shows DMA that follows a replace" {
	requires edu
	run --separate-stderr env IOMMUFDCTL="$BUILD/iommufdctl" examples/demo "$EDU" "" "$BUILD/tests/helpers/edu-dma"
	[[ $status == 0 ]]
	first='   f   i   r   s   t       t   r   a   n   s   f   e   r    '
	second='   s   e   c   o   n   d       t   r   a   n   s   f   e   r'
	nothing='  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0  \0'
	[[ $output == *"$first"$'\n'"$nothing"* ]]
	[[ $output == *"$first"$'\n'"$second"* ]]
}
