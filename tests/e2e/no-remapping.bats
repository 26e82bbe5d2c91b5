#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine that does not remap interrupts: a bind is refused, for that reason and no other.

load helpers

@test "bind without interrupt remapping, and after the hint was followed" {
	requires iommufd physical
	batch <<<"bind $PHYSICAL"
	refused 1 "bind: '$PHYSICAL': this machine does not remap interrupts: a device could send any of them (EPERM)"
	expect_err_has 'hint: boot without intremap=off'
	expect_err_lacks 'group'
	[[ $stderr =~ 'is trusted: '(echo[^$'\n']*) ]]
	bash -ec "${BASH_REMATCH[1]}"
	batch <<<"bind $PHYSICAL"
	expect_ok 1
}
