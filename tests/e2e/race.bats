#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
# seconds in the simulator: 6
# soak
#
# Processes that attach, move and detach the same devices at random, through fds that they share. The kernel may refuse, with the
# errors that it documents; at the end everything comes apart, and the context is as good as new.
# RACE_SECONDS=N: how long (default: 10)

load helpers

setup() {
	requires iommufd
	RACE_SECONDS=${RACE_SECONDS:-10}
	export TIME_LIMIT=$((RACE_SECONDS * 2 + 60))
}

# Each of 3 IOASes and what was mapped are gone again: the next one gets the id behind the two devices.
consistent() {
	expect_status 0
	expect_line 3 3
	expect_out_has " attach:ok=" " detach:ok=" " unexpected=0"
	expect_err_lacks "race: attach" "race: detach" "race: last" "race: destroying" "race: a process"
	expect_line -1 3
}

@test "8 processes on a physical and an emulated device" {
	requires physical emulated
	batch <<-END
		bind $PHYSICAL --name physical
		bind $MTTY --name emulated
		ioas alloc --name a
		exec -- race {fd:iommufd} $RACE_SECONDS 8 {fd:physical} {fd:emulated}
		attach emulated a
		replace emulated a
		detach emulated
		attach physical a
		detach physical
		destroy a
		ioas alloc
	END
	consistent
}

@test "8 processes on the two devices of an IOMMU group" {
	requires group
	batch <<-END
		bind $GROUP_A --name one
		bind $GROUP_B --name two
		ioas alloc --name a
		exec -- race {fd:iommufd} $(((RACE_SECONDS + 5) / 6)) 8 {fd:one} {fd:two}
		attach one a
		attach two a
		detach one
		detach two
		destroy a
		ioas alloc
	END
	consistent
}
