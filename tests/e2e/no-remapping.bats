#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine that does not remap interrupts: a bind is refused, for that reason and no other.

load helpers
load hints
load doctor

@test "bind without interrupt remapping, and after the hint was followed" {
	requires iommufd physical
	batch <<<"bind $PHYSICAL"
	refused 1 "bind: '$PHYSICAL': this machine does not remap interrupts: a device could send any of them (EPERM)"
	expect_err_has 'hint: boot without intremap=off'
	expect_err_lacks 'group'
	doctor "$PHYSICAL"
	expect_status 4
	tells ok iommu ''
	tells failed interrupts 'this machine does not remap interrupts' 'boot without intremap=off; where whoever'
	batch <<<"bind $PHYSICAL"
	works 'boot without %; where whoever drives the device is trusted: {echo Y >/sys/module/iommufd/parameters/allow_unsafe_interrupts}'
	batch <<<"bind $PHYSICAL"
	expect_ok 1
}

@test "doctor, once they are allowed" {
	requires iommufd physical
	echo Y >/sys/module/iommufd/parameters/allow_unsafe_interrupts
	doctor "$PHYSICAL"
	expect_silence
	tells warning interrupts 'they are not remapped, and that is allowed'
}
