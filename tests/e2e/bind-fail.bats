#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# seconds in the lab: 10
#
# Memory runs out while a physical device is bound; fail.bash tells how. To find the route of its interrupt the kernel
# interprets ACPI code, and that does not survive it: acpi_ut_update_object_reference() follows a wild pointer (6.12.117
# and 7.2.13). So this has a machine of its own, where PCI does without, also because the kernel loses what it had saved
# of the device. No unbind: to give a device's DMA back takes memory, too, and the kernel warns when there is none.

# shellcheck disable=SC2034,SC2154 # what helpers.bash and fail.bash use, and what they set
load helpers
load fail

setup() {
	requires no-acpi edu
	fail_setup
}

@test "a physical device is bound" {
	begin='option get rlimit-mode' end='ioas alloc'
	each <<-END
		bind $EDU --name dev
	END
}
