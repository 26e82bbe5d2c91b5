#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 60
# seconds in the simulator: 7
#
# What a session never loses: a device that another program has attached, one whose hand-over came to nothing,
# and all of it when a restart cannot be.

load helpers
load sessions

# Sessions of other programs than the one under test, too.
teardown() {
	iommufdctl session stop --force || true
	sessions_teardown
}

# What a VMM would do with the fds that it was handed: an IOAS of its own, and the device there.
VMM='iommufdctl --iommufd fd:{fd:iommufd} batch - <<END
ioas alloc --name own
ioas copy own 1 2M 64K --iova 1M
replace fd:{fd:edu} own
END'

prepare_vmm() {
	requires edu
	printf 'hello' >"$BATS_TEST_TMPDIR/hello"
	local words
	while read -ra words; do
		iommufdctl "${words[@]}"
	done <<-END
		ioas alloc --name a
		bind $EDU --name edu
		mem create m 64K
		mem write m 0 $BATS_TEST_TMPDIR/hello
		ioas map a m --iova 2M
		attach edu a
	END
	try iommufdctl session exec --share --share-iommufd --device edu -- sh -c "$VMM"
	expect_silence_of_errors
}

# Only in the VMM's IOAS does anything lie at 1M.
expect_vmm_has_edu() {
	requires_pinned
	try iommufdctl session exec --share -- edu-dma '{fd:edu}' copy 0x100000 "$((0x100000 + $1))" 5
	expect_ok ""
	ctl mem read m "$1" 5
	expect_ok hello
}

expect_silence_of_errors() {
	expect_err_lacks "iommufdctl:"
}

@test "a restart leaves a device where the program that was handed it has attached it" {
	start
	prepare_vmm
	expect_vmm_has_edu 256
	ctl session restart
	expect_ok ""
	expect_vmm_has_edu 512
}

@test "a crash leaves a device where the program that was handed it has attached it" {
	requires edu
	local pid
	supervisor --ready-file "$BATS_TEST_TMPDIR/ready" -- iommufdctl session start --foreground \
		2>"$BATS_TEST_TMPDIR/holder" 3>&- &
	until_true test -s "$BATS_TEST_TMPDIR/ready"
	prepare_vmm
	pid=$(holder_pid)
	kill -KILL "$pid"
	until_true iommufdctl session show
	until_true test "$(holder_pid)" != "$pid"
	expect_vmm_has_edu 256
	ctl session stop --force
	expect_ok ""
}

# ---- restart -------------------------------------------------------------------------------------

# A session of a program that can be replaced, with something in it.
start_tool() {
	cp "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/tool"
	try "$BATS_TEST_TMPDIR/tool" session start
	expect_ok ""
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name kept
	iommufdctl attach tty kept
}

# replace_tool: by what comes on stdin
replace_tool() {
	cat >"$BATS_TEST_TMPDIR/new"
	chmod +x "$BATS_TEST_TMPDIR/new"
	mv "$BATS_TEST_TMPDIR/new" "$BATS_TEST_TMPDIR/tool"
}

expect_all_goes_on() {
	ctl show tty
	expect_out_has "attached"
	ctl ioas alloc
	expect_silence
	[[ $(iommufdctl session show --json) == *'"devices":1,'* ]]
}

@test "a restart to a program that does not run fails, with the reason, and all goes on" {
	requires emulated
	start_tool
	replace_tool </dev/null
	ctl session restart
	expect_fail 1 "session restart: '$BATS_TEST_TMPDIR/tool': Exec format error (ENOEXEC)"
	expect_all_goes_on
	replace_tool <<<"touch $BATS_TEST_TMPDIR/executed"
	ctl session restart
	expect_fail 1 "(ENOEXEC)"
	[[ ! -e $BATS_TEST_TMPDIR/executed ]]
	replace_tool < <(head -c 20000 "$BUILD/iommufdctl")
	ctl session restart
	expect_fail 1 "session restart: '$BATS_TEST_TMPDIR/tool': "
	expect_all_goes_on
	replace_tool <"$(type -P true)"
	ctl session restart
	expect_fail 1 "it is no iommufdctl that knows how to go on"
	replace_tool <<-'END'
		#!/bin/sh
		echo "iommufdctl: session start: unknown option '--check'" >&2
		exit 2
	END
	ctl session restart
	expect_fail 1 "unknown option '--check'"
	replace_tool <<-'END'
		#!/bin/sh
		exec sleep 60
	END
	ctl session restart
	expect_fail 1 "it does not answer (ETIMEDOUT)"
	expect_all_goes_on
	replace_tool <"$BUILD/iommufdctl"
	ctl session restart
	expect_ok ""
	expect_all_goes_on
}

@test "where the new program fails in the take-over the old one goes on, and says why" {
	requires emulated
	local pid
	start_tool
	pid=$(holder_pid)
	replace_tool <<-END
		#!/bin/sh
		case "\$*" in
		*--back*) LD_PRELOAD=$BUILD/tests/fake/no-epoll.so; export LD_PRELOAD ;;
		esac
		exec $BUILD/iommufdctl "\$@"
	END
	ctl session restart
	expect_fail 1 "session start: 'default': Cannot allocate memory (ENOMEM)"
	[[ $(holder_pid) == "$pid" ]]
	expect_all_goes_on
	replace_tool <"$BUILD/iommufdctl"
	ctl session restart
	expect_ok ""
	expect_all_goes_on
}

@test "a restart that failed leaves no trace for the next one" {
	requires emulated
	local i
	cp "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/tool"
	supervisor --ready-file "$BATS_TEST_TMPDIR/ready" -- "$BATS_TEST_TMPDIR/tool" session start --foreground \
		2>"$BATS_TEST_TMPDIR/holder" 3>&- &
	until_true test -s "$BATS_TEST_TMPDIR/ready"
	mv "$BATS_TEST_TMPDIR/tool" "$BATS_TEST_TMPDIR/away"
	# Connections, whose numbers belong to memory and a device soon.
	for i in 1 2 3 4; do
		session-garbage "$PLACE/default" stall 1 session show >/dev/null 3>&- &
	done
	until_true bash -c 'iommufdctl session show --json | grep -q "\"clients\":5"'
	ctl session restart
	expect_fail 1 "(ENOENT)"
	kill %2 %3 %4 %5
	until_true bash -c 'iommufdctl session show --json | grep -q "\"clients\":1"'
	iommufdctl bind "$MTTY" --name tty
	for i in 1 2 3 4 5; do
		iommufdctl mem create "m$i" 4K
		iommufdctl mem write "m$i" 0 - <<<"content $i"
	done
	iommufdctl ioas alloc --name kept
	iommufdctl attach tty kept
	mv "$BATS_TEST_TMPDIR/away" "$BATS_TEST_TMPDIR/tool"
	ctl session restart
	expect_ok ""
	for i in 1 2 3 4 5; do
		ctl mem read "m$i" 0 9
		expect_ok "content $i"
	done
	ctl detach tty
	expect_silence
	ctl unbind tty
	expect_silence
	ctl session stop --force
	expect_ok ""
}

# ---- hand-over -----------------------------------------------------------------------------------

@test "a device stays when the program that it was to go to never ran" {
	requires emulated
	local pid holder
	start
	iommufdctl bind "$MTTY" --name tty
	try sh -c 'ulimit -n 4; iommufdctl session exec -- true {fd:tty}'
	expect_err_has "iommufdctl: session exec: "
	[[ $(iommufdctl session show --json) == *'"devices":1,'* ]]
	holder=$(holder_pid)
	kill -STOP "$holder"
	iommufdctl session exec -- true '{fd:tty}' 3>&- &
	pid=$!
	sleep 0.5
	kill -KILL "$pid"
	kill -CONT "$holder"
	until_true bash -c 'iommufdctl session show --json | grep -q "\"clients\":1"'
	[[ $(iommufdctl session show --json) == *'"devices":1,'* ]]
	iommufdctl session exec -- true '{fd:tty}'
	until_true bash -c 'iommufdctl session show --json | grep -q "\"devices\":0,"'
}
