#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the simulator: 5
# A session whose service manager takes only some fds, does not read its socket, or dies: nothing is promised
# that a crash would not keep, and nobody waits for it for long.

load helpers
load sessions

supervisor=''

teardown() {
	if [[ $supervisor ]]; then
		kill -CONT "$supervisor" || true
		kill -KILL "$supervisor" || true
		wait "$supervisor" 2>/dev/null || true
	fi
	sessions_teardown
}

# supervise [OPTION...]: the session under a service manager of the tests
supervise() {
	READY=$BATS_TEST_TMPDIR/ready
	: >"$READY"
	supervisor --ready-file "$READY" "$@" -- iommufdctl session start --foreground \
		>"$BATS_TEST_TMPDIR/holder" 2>&1 3>&- &
	supervisor=$!
	until_true test -s "$READY"
}

# The holder dies; another one goes on.
crash() {
	local before
	before=$(wc -l <"$READY")
	kill -KILL "$(holder_pid)"
	until_true eval "((\$(wc -l <$READY) > $before))"
}

fd_store() {
	iommufdctl session show --json | sed -n 's/.*"fd_store":"\([a-z]*\)".*/\1/p'
}

is_store() {
	[[ $(fd_store) == "$1" ]]
}

elapsed_ms() {
	echo $((${EPOCHREALTIME/./} / 1000 - $1))
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

full() {
	supervise --store-max 4 "$@"
	ctl mem create kept 64K
	expect_ok
	is_store ok
	ctl mem create lost 64K
	expect_status 0
	expect_err "iommufdctl: a crash of the session would lose lost: the service manager takes no more than 4 fds (FileDescriptorStoreMax)"
	ctl session show
	expect_ok
	expect_out_has full 'lost        memory'
	ctl session show --json
	expect_out_has '"not_stored":[{"id":null,"name":"lost","type":"memory"}]'
	crash
	ctl mem list
	expect_ok
	expect_out_has kept
	[[ $output != *lost* ]] || wrong 'not expected: lost'
	# There is room for it again.
	ctl mem create lost 64K
	expect_err_has 'would lose lost'
	ctl mem destroy kept
	expect_ok
	is_store ok
	crash
	ctl mem list
	expect_out_has lost
}

@test "a full store: what a crash would lose is named, and kept as soon as there is room" {
	requires iommufd
	full
}

@test "a full store that does not say how much it takes" {
	requires iommufd
	full --silent
}

@test "a store that takes nothing: the start says so, and the session is there" {
	requires iommufd
	supervise --store-max 0
	grep -F 'a crash of the session would lose all of it: the service manager takes no fds' "$BATS_TEST_TMPDIR/holder"
	ctl ioas alloc
	expect_ok
	is_store full
}

@test "a full store, and a restart: what is not kept is still known" {
	requires iommufd
	supervise --store-max 4
	ctl mem create kept 64K
	ctl mem create lost 64K
	expect_err_has 'would lose lost'
	ctl session restart
	expect_ok
	ctl session show
	expect_out_has full 'lost        memory'
	ctl mem destroy kept
	is_store ok
	crash
	ctl mem list
	expect_out_has lost
}

@test "memory that a crash lost stays mapped, is said to be lost once, and hinders no restart" {
	requires iommufd
	supervise --store-max 4
	ctl ioas alloc --name space
	ctl mem create kept 64K
	ctl mem create lost 64K
	ctl ioas map space lost --iova 1M
	expect_ok
	crash
	grep -F 'lost: the memory lost, whose fd was not kept' "$BATS_TEST_TMPDIR/holder"
	ctl session restart
	expect_ok
	ctl session restart
	expect_ok
	[[ $(grep -c 'lost: the memory' "$BATS_TEST_TMPDIR/holder") == 1 ]]
	ctl show
	expect_out_has 0x100000 lost
	echo x >"$BATS_TEST_TMPDIR/x"
	refuses 1 "'lost': its fd was lost when the session crashed (EBADF)" mem write lost 0 "$BATS_TEST_TMPDIR/x"
	refuses 1 "'lost': its fd was lost when the session crashed (EBADF)" mem read lost 0 1
	refuses 1 "'lost': its fd was lost when the session crashed (EBADF)" ioas map space lost
	refuses 1 "'mem:lost': its fd was lost when the session crashed (EBADF)" session exec -- true {fd:mem:lost}
	ctl ioas unmap space --all
	expect_ok
	ctl mem destroy lost
	expect_ok
	ctl session restart
	expect_ok
}

@test "a queue that a crash lost is said to be lost, and hinders no restart" {
	requires iommufd feature:fault-alloc
	supervise --store-max 3
	ctl fault alloc --name faults
	expect_err_has 'would lose faults'
	crash
	grep -F 'lost: 1, a fault queue, whose fd was not kept' "$BATS_TEST_TMPDIR/holder"
	refuses 1 "'faults': its fd was lost when the session crashed (EBADF)" fault read faults
	refuses 1 "'faults': its fd was lost when the session crashed (EBADF)" fault respond faults 1 0
	ctl session restart
	expect_ok
	ctl destroy faults
	expect_ok
}

@test "a service manager that does not read its socket is waited for once, and told later what it missed" {
	local start
	requires iommufd edu
	supervise
	kill -STOP "$supervisor"
	start=$(now_ms)
	ctl bind "$EDU" --name nic
	expect_status 0
	expect_err "iommufdctl: a crash of the session would lose nic: the service manager does not answer"
	(($(elapsed_ms "$start") < 5000))
	start=$(now_ms)
	for ((i = 0; i < 20; i++)); do
		ctl mem create "m$i" 64K
		expect_status 0
		expect_err_has "would lose m$i: the service manager does not answer"
	done
	(($(elapsed_ms "$start") < 8000)) # each 100 ms of the emulated machine, 20 s if it was waited for
	is_store stalled
	refuses 1 'the service manager does not answer: try again (EBUSY)' session restart
	kill -CONT "$supervisor"
	until_true is_store ok
	ctl session restart
	expect_ok
	crash
	ctl show
	expect_out_has nic m0 m19
}

@test "it does not read: what is let go stays open in it until it does" {
	requires iommufd edu
	supervise
	ctl bind "$EDU" --name nic
	expect_ok
	kill -STOP "$supervisor"
	ctl unbind nic
	expect_status 0
	expect_err "iommufdctl: the service manager does not answer: it has $(cdev "$EDU") open until it does"
	kill -CONT "$supervisor"
	until_true is_store ok
	ctl bind "$EDU" --name nic
	expect_ok
	is_store ok
	crash
	ctl show
	expect_out_has nic
}

@test "a session outlives a service manager that died, and says that nobody keeps it" {
	requires iommufd edu
	supervise --leave
	ctl mem create early 64K
	kill -KILL "$supervisor"
	wait "$supervisor" 2>/dev/null || true
	supervisor=''
	is_store gone
	ctl bind "$EDU" --name nic
	expect_status 0
	expect_err "iommufdctl: a crash of the session would lose all of it: the service manager is gone"
	ctl ioas alloc
	expect_ok
	ctl session restart
	expect_ok
	ctl show
	expect_out_has early nic
	ctl session stop --force
	expect_ok
}

@test "without a service manager nothing is said" {
	requires iommufd
	start
	ctl mem create m 64K
	expect_ok
	ctl session show --json
	expect_out_has '"fd_store":null' '"not_stored":[]'
}
