#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine that does not remap interrupts: a bind is refused, for that reason and no other.

load helpers
load hints

@test "bind without interrupt remapping, and after the hint was followed" {
	requires iommufd physical
	batch <<<"bind $PHYSICAL"
	refused 1 "bind: '$PHYSICAL': this machine does not remap interrupts: a device could send any of them (EPERM)"
	expect_err_has 'hint: boot without intremap=off'
	expect_err_lacks 'group'
	works 'boot without %; where whoever drives the device is trusted: {echo Y >/sys/module/iommufd/parameters/allow_unsafe_interrupts}'
	batch <<<"bind $PHYSICAL"
	expect_ok 1
}
