#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# on one kernel
# seconds in the lab: 50
#
# Memory runs out, in the client of a session. What a session executes is what a batch does: fail.bats.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load fail

setup() {
	requires edu
	sessions_setup
	fail_setup
	echo "some text" >"$BATS_TEST_TMPDIR/file" # not on 9p, which does not recover
	export IOMMUFDCTL_SESSION=held
	export FAIL_LOOK="test ! -S $PLACE/held || iommufdctl show --json"
}

@test "a session" {
	iommufdctl session start 3>&-
	iommufdctl mem create ram 64K
	alone session list
	alone session show
	alone session exec --share-iommufd -- test '{fd:iommufd}' -gt 2
	alone session restart
	alone mem write ram 0 "$BATS_TEST_TMPDIR/file"
	alone mem write ram 0 /dev/null
}

@test "a session that stops" {
	export FAIL_PREPARE="test -S $PLACE/held || iommufdctl session start"
	alone session stop
}

@test "a session that starts" {
	export FAIL_PREPARE="test ! -S $PLACE/held || iommufdctl session stop"
	export FAIL_LOOK="ls -A $PLACE; $FAIL_LOOK"
	alone session start
	FAIL_CHILD=1 alone session start
}

# The kernel gives no memory to the holder, which nevertheless answers.
@test "a session that has to answer" {
	local holder
	iommufdctl session start 3>&-
	iommufdctl ioas alloc --name a
	iommufdctl mem create ram 64K
	holder=$(holder_pid held)
	export FAIL_TASK=/proc/$holder/task/$holder/fail-nth
	alone option get rlimit-mode
	alone show
	alone mem write ram 0 "$BATS_TEST_TMPDIR/file"
	alone session exec --share-iommufd -- test '{fd:iommufd}' -gt 2
	export FAIL_PREPARE="iommufdctl mem list | grep -q more && iommufdctl mem destroy more"
	alone mem create more 64K
}

@test "the session that runs by default" {
	unset IOMMUFDCTL_SESSION
	export FAIL_LOOK="iommufdctl show --json"
	iommufdctl session start 3>&-
	alone option get rlimit-mode
}
