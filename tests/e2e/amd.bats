#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# An IOMMU of AMD: what it says of itself. That DMA goes through it is the matter of dma.bats.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load doctor

setup() {
	requires iommufd edu amd
}

@test "hw-info decodes the registers of an AMD IOMMU" {
	batch <<-END
		bind $EDU --name edu
		hw-info edu
		hw-info edu --json
	END
	expect_status 0
	expect_silence
	[[ $output =~ 'amd   4 '.*'EFR       PreFSup            0      0x1    prefetch command'.*'EFR       HATS               11:10  0x2    6 levels of host tables' ]]
	expect_out_has '"hw_info":[{"type":"amd","type_number":4,' '{"register":"EFR","field":"GTSup","bits":"4","value":1,'
}

@test "what this IOMMU cannot is refused, and hw-info tells why" {
	batch --keep-going <<-END
		bind $EDU --name edu
		ioas alloc --name a
		hwpt alloc edu a --dirty
		hw-info edu --json
	END
	expect_fail 4 "<stdin>:3: hwpt alloc: 'edu': the kernel or the device's IOMMU does not support these flags, or data of this type (EOPNOTSUPP)" \
		"hint: 'iommufdctl hw-info edu' shows what the IOMMU can"
	expect_out_has '"dirty_tracking":"no"'
}

@test "doctor names it" {
	doctor "$EDU"
	expect_silence
	tells ok iommu "AMD's is on" -
	tells ok interrupts 'they are remapped' -
	tells warning command-line 'intel_iommu=off is for IOMMUs of Intel, and does nothing here'
}
