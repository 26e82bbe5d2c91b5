#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the transfers of a real DMA engine go: edu reads "hello" at 2M and writes it at 1M, in the IOAS that it is attached to.
# What it must not reach keeps its dots. (edu does not tell whether a transfer failed.)

load helpers

# edu, attached to a. At 1M lies memory in_a of a, and in_b of b; at 2M in both of them source.
setup() {
	requires iommufd edu
	printf '.......\n' >"$BATS_TEST_TMPDIR/dots"
	printf 'hello!!\n' >"$BATS_TEST_TMPDIR/hello"
	start="bind $EDU --name edu
ioas alloc --name a
ioas alloc --name b
mem create source 4K
mem create in_a 4K
mem create in_b 4K
mem write source 0 $BATS_TEST_TMPDIR/hello
mem write in_a 0 $BATS_TEST_TMPDIR/dots
mem write in_b 0 $BATS_TEST_TMPDIR/dots
ioas map a source --iova 2M
ioas map b source --iova 2M
ioas map a in_a --iova 1M
ioas map b in_b --iova 1M
attach edu a"
	copy="exec -- edu-dma {fd:edu} copy 0x200000 0x100000 5"
	result="mem read in_a 0 8
mem read in_b 0 8"
}

@test "DMA of an attached device lands in its IOAS" {
	batch <<-END
		$start
		$copy
		$result
	END
	expect_ok_end "hello.." "......."
}

@test "DMA after replace lands in the other IOAS" {
	batch <<-END
		$start
		replace edu b
		$copy
		$result
	END
	expect_ok_end "......." "hello.."
}

@test "DMA before and after replace: each lands where the device was attached" {
	batch <<-END
		$start
		$copy
		mem write source 0 $BATS_TEST_TMPDIR/dots
		replace edu b
		$copy
		mem write in_b 5 $BATS_TEST_TMPDIR/hello
		$result
	END
	expect_ok_end "hello.." ".....hel"
}

# The text is in edu's own buffer, so that only the write is left to be stopped.
@test "DMA after detach lands nowhere" {
	batch <<-END
		$start
		exec -- edu-dma {fd:edu} load 0x200000 5
		detach edu
		exec -- edu-dma {fd:edu} store 0x100000 5
		$result
	END
	expect_ok_end "......." "......."
}

@test "DMA after detach and attach works again" {
	batch <<-END
		$start
		detach edu
		attach edu b
		$copy
		$result
	END
	expect_ok_end "......." "hello.."
}

@test "DMA reads from the IOAS that the device is attached to" {
	batch <<-END
		$start
		mem write in_b 0 $BATS_TEST_TMPDIR/hello
		exec -- edu-dma {fd:edu} copy 0x100000 0x200000 8
		mem read source 0 8
		replace edu b
		exec -- edu-dma {fd:edu} copy 0x100000 0x200000 8
		mem read source 0 8
	END
	expect_status 0
	expect_line -3 "......."
	expect_line -1 "hello!!"
}

@test "DMA sees what is written into memory after it was mapped" {
	batch <<-END
		$start
		mem write source 0 $BATS_TEST_TMPDIR/dots
		mem write source 1 $BATS_TEST_TMPDIR/hello
		$copy
		mem read in_a 0 8
	END
	expect_ok_end ".hell.."
}

@test "DMA does not write to a mapping made with --read" {
	batch <<-END
		$start
		ioas unmap a 1M
		ioas map a in_a --iova 1M --read
		$copy
		$result
		exec -- edu-dma {fd:edu} copy 0x100000 0x200000 8
		mem read source 0 8
	END
	expect_ok_end "......." "......." "......."
}

# On 6.12 in the lab the device reads it all the same; whether kernel or emulation is not known.
@test "DMA does not read from a mapping made with --write" {
	requires map-file
	! has smmuv3 || skip "page tables of Arm cannot say that devices only write"
	batch <<-END
		$start
		exec -- edu-dma {fd:edu} load 0x100000 8
		ioas unmap a 2M
		ioas map a source --iova 2M --write
		exec -- edu-dma {fd:edu} load 0x200000 8
		exec -- edu-dma {fd:edu} store 0x100000 8
		mem write in_a 7 $BATS_TEST_TMPDIR/dots
		mem read in_a 0 16
	END
	expect_silence
	[[ $output != *hello* ]] || wrong "edu has read the text"
}

@test "DMA to an IOVA that is unmapped lands nowhere" {
	batch <<-END
		$start
		ioas unmap a 1M
		$copy
		$result
	END
	expect_ok_end "......." "......."
}

@test "DMA goes into a mapping that is made while the device is attached" {
	batch <<-END
		$start
		mem create late 8K
		ioas map a late --iova 3M --offset 4K
		exec -- edu-dma {fd:edu} copy 0x200000 0x300ffb 5
		mem read late 8187 5
	END
	expect_ok_end "hello"
}

@test "DMA crosses from one mapping into its neighbour" {
	batch <<-END
		$start
		ioas map a in_b --iova 0x101000
		exec -- edu-dma {fd:edu} copy 0x200000 0x100ffd 5
		mem read in_a 4093 3
		mem read in_b 0 8
	END
	expect_ok_end "hello....."
}

@test "DMA into huge pages" {
	requires hugetlb
	batch <<-END
		bind $EDU --name edu
		ioas alloc --name a
		mem create huge 2M --hugetlb 2M
		mem write huge 0 $BATS_TEST_TMPDIR/hello
		attach edu a
		ioas map a huge --iova 4M
		exec -- edu-dma {fd:edu} copy 0x400000 0x500000 8
		mem list
		mem read huge 1M 8
	END
	expect_ok_end "huge    2097152  2097152    1" "hello!!"
}

# ---- more devices --------------------------------------------------------------------------------

# use_group [FIRST]: two devices, one and edu, which is the one that is attached to a.
use_group() {
	requires group
	local device
	for device in "$GROUP_A" "$GROUP_B"; do
		[[ $(<"/sys/bus/pci/devices/$device/device") == 0x11e8 ]] || skip "$device is no edu"
	done
	start=${start/bind $EDU --name edu/"bind ${1:-$GROUP_A} --name one
bind $GROUP_B --name edu"}
}

@test "DMA of two devices in two IOASes: each lands in its own" {
	use_group "$EDU"
	batch <<-END
		$start
		attach one b
		exec -- edu-dma {fd:one} copy 0x200000 0x100000 4
		$copy
		$result
	END
	expect_ok_end "hello.." "hell..."
}

@test "DMA of both devices of a group lands in the one IOAS" {
	use_group
	batch <<-END
		$start
		attach one a
		exec -- edu-dma {fd:one} copy 0x200000 0x100002 4
		$result
		$copy
		$result
	END
	expect_ok_end "..hell." "......." "hellol." "......."
}

@test "DMA of the device that was moved along with its group lands in the other IOAS" {
	use_group
	batch <<-END
		$start
		attach one a
		replace one b
		$copy
		$result
	END
	expect_status 0
	expect_line -2 "......."
	expect_line -1 "hello.."
}
