#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 15
#
# A batch whose lines a session executes, and one that has a context of its own beside it.

load helpers
load sessions

@test "-s NAME batch FILE runs its lines in the session, where all of it stays" {
	requires emulated
	start lab
	cat >"$BATS_TEST_TMPDIR/lines" <<-END
		# what a guest needs
		ioas alloc --name a
		mem create m 64K
		ioas map a m --iova 1M
		bind $MTTY --name tty
		attach tty a
	END
	ctl -s lab batch "$BATS_TEST_TMPDIR/lines"
	expect_ok 1 0x100000 2 1
	ctl -s lab show tty --json
	expect_out_has '"state":"attached"'
	try sh -c "iommufdctl -s lab batch - <<-END
		mem list
		destroy a
	END"
	expect_fail 1 "<stdin>:2: destroy: 'a': the object is in use (EBUSY)"
}

@test "-s NAME batch stops at the first failure, and says file and line" {
	start
	printf 'ioas alloc --name a\n\nioas alloc --name a\nioas alloc --name c\n' >"$BATS_TEST_TMPDIR/lines"
	ctl -s default batch "$BATS_TEST_TMPDIR/lines"
	expect_status 1
	expect_out 1
	expect_err "$BATS_TEST_TMPDIR/lines:3: ioas alloc: 'a': the name is taken by an IOAS"
	ctl show --json
	expect_out_has '"ioas":[{"id":1,"name":"a","mappings":0}]'
	ctl -s default batch --keep-going --echo "$BATS_TEST_TMPDIR/lines"
	expect_status 4
	expect_out 2
	expect_err_has "+ ioas alloc --name c" "lines:1: ioas alloc: 'a': the name is taken"
}

@test "-s NAME batch: what needs no session runs here, what a session cannot do is refused" {
	start
	try iommufdctl -s default batch - <<<$'list\nsession show\nmem create m 4K\nmem write m 0 /etc/hostname\nmem list'
	expect_silence
	expect_out_has "KIND" "RLIMIT-MODE" "PAGE-SIZE"
	try iommufdctl -s default batch - <<<"batch /dev/null"
	expect_fail 2 "<stdin>:1: batch: not possible inside a batch"
	try iommufdctl -s default batch - <<<"exec -- true"
	expect_fail 2 "<stdin>:1: exec: not possible in a session"
	ctl -s default batch --hold /dev/null
	expect_fail 2 "batch: --hold has no meaning in a session"
	ctl -s nosuch batch /dev/null
	expect_fail 1 "batch: 'nosuch': no session of this name runs"
	ctl -s default --once batch /dev/null
	expect_fail 2 "--session does not go with --once or --iommufd"
}

@test "session exec in a batch runs the program, waits for it, and goes on" {
	requires emulated
	start
	cat >"$BATS_TEST_TMPDIR/lines" <<-END
		bind $MTTY --name tty
		session exec -- sh -c 'readlink /proc/self/fd/\$1' sh {fd:tty}
		bind $MTTY --name again
		session exec -- sh -c 'exit 7'
		ioas alloc
	END
	ctl -s default batch "$BATS_TEST_TMPDIR/lines"
	expect_status 7
	expect_out_has "/dev/vfio/devices/$(cdev "$MTTY")"
	expect_err "$BATS_TEST_TMPDIR/lines:4: session exec: 'sh': ended with 7"
	try iommufdctl -s default batch - <<<"session exec -- true {fd:nothing}"
	expect_fail 1
	expect_err "<stdin>:1: session exec: 'nothing': no device of this context"
	# Also one with a context of its own names a session's devices.
	try iommufdctl batch - <<<$'session exec -- echo one\nioas alloc'
	expect_status 0
	expect_out one 1
}

@test "a batch beside a session that other verbs would have used says that it is on its own" {
	ctl batch - <<<"ioas alloc"
	expect_ok 1
	start
	ctl batch /dev/null
	expect_status 0
	expect_err "iommufdctl: batch: in a context of its own, which ends with it; in the session it is: iommufdctl -s default batch /dev/null"
	ctl -s default batch /dev/null
	expect_ok ""
	try bash -c 'exec 9<>/dev/iommu; iommufdctl --iommufd fd:9 batch /dev/null'
	expect_ok ""
	iommufdctl session stop
	start other
	ctl batch /dev/null
	expect_ok ""
	try env IOMMUFDCTL_SESSION=other iommufdctl batch - <<<"ioas alloc"
	expect_out 1
	expect_err_has "iommufdctl -s other batch -"
}
