#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 60
# soak
#
# A session under load: many clients at once, clients that stall, clients that are killed. In the lab a CPU is
# emulated, so the sizes are smaller there; tests/load has the full ones on this machine.
# LOAD_CLIENTS=N LOAD_COMMANDS=N: so many of each at once (200, 10)    LOAD_KILLED=N: so many are killed (100)
# LOAD_TIMED=N: so many commands of a client are timed, beside stalled ones (10)

load helpers

setup() {
	requires iommufd mtty
	ulimit -n "$(ulimit -Hn)"
	iommufdctl session start load 3>&-
}

teardown() {
	iommufdctl session stop load --force || true
}

load_session() {
	try session-load "$@" load
	echo "$output"
	expect_silence
	printf '# %s\n' "${lines[@]}" >&3
}

@test "many clients at once, some of which attach: no error, no fd leaked, memory flat" {
	iommufdctl -s load bind "$MTTY" --name mtty
	iommufdctl -s load bind "$MDPY" --name mdpy
	TIME_LIMIT=120 load_session --clients "${LOAD_CLIENTS:-200}" --commands "${LOAD_COMMANDS:-10}" --device mtty --device mdpy \
		--stalled 0 --killed 0
}

@test "500 clients that send one byte and stop do not slow the others" {
	requires kernel 'times that are compared, with nothing running beside'
	TIME_LIMIT=120 load_session --clients 20 --commands "${LOAD_TIMED:-10}" --stalled 500 --killed 0
}

@test "clients killed at random moments: the holder answers, and holds what the kernel holds" {
	TIME_LIMIT=120 load_session --clients 0 --stalled 0 --killed "${LOAD_KILLED:-100}"
}
