#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whom the kernel charges for pinned memory in the mode "process", without CAP_IPC_LOCK: the holder, also after a restart;
# and 'ioas change-process' never makes the kernel warn, which it does where the charged process has ended.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load hints

setup() {
	sessions_setup
	requires physical map-file feature:ioas-change-process prlimit
}

limited=(setpriv --bounding-set=-ipc_lock prlimit --memlock=1048576)

teardown() {
	sessions_teardown
	[[ ! ${supervisor:-} ]] || { kill -KILL "$supervisor" || true; }
}

start_limited() {
	try "${limited[@]}" iommufdctl session start --rlimit-mode process
	expect_ok ''
	prepare
}

# 64 KiB are pinned.
prepare() {
	ctl bind "$PHYSICAL" --name dev
	expect_silence
	ctl mem create ram 64K
	ctl ioas alloc --name a
	ctl ioas map a ram --iova 1M
	ctl attach dev a
	expect_silence
}

# expect_pinned KIB: so much is charged to the holder.
expect_pinned() {
	local pinned
	pinned=$(sed -n 's/^VmPin:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(holder_pid)/status")
	((pinned == $1)) || wrong "$pinned KiB are charged to the holder, expected $1"
}

@test "a restart takes the charge along, again and again, and nothing is left when it is unmapped" {
	requires kernel 'VmPin of /proc/PID/status, by which the tool knows whom the kernel charges'
	start_limited
	expect_pinned 64
	for _ in 1 2 3; do
		ctl session restart
		expect_ok ''
		expect_pinned 64
	done
	[[ ! $(pgrep -P "$(holder_pid)") ]]
	ctl ioas change-process
	expect_ok ''
	expect_pinned 64
	ctl ioas map a ram --iova 2M
	expect_pinned 128
	ctl session restart
	expect_pinned 128
	ctl ioas unmap a --all
	expect_pinned 0
	ctl session restart
	expect_ok ''
	expect_pinned 0
}

@test "the limit counts what was mapped before a restart" {
	requires kernel 'VmPin of /proc/PID/status, by which the tool knows whom the kernel charges'
	start_limited
	ctl session restart
	ctl mem create more 1M
	ctl ioas map a more --iova 16M
	expect_fail 1 'RLIMIT_MEMLOCK' '(ENOMEM)'
	ctl mem create fits 960K
	ctl ioas map a fits --iova 16M
	expect_ok 0x1000000
	expect_pinned 1024
}

@test "a restart that fails leaves the charge where it was" {
	requires kernel 'VmPin of /proc/PID/status, by which the tool knows whom the kernel charges'
	install -m 755 "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/tool"
	try "${limited[@]}" "$BATS_TEST_TMPDIR/tool" session start --rlimit-mode process
	expect_ok ''
	prepare
	mv "$BATS_TEST_TMPDIR/tool" "$BATS_TEST_TMPDIR/away"
	ctl session restart
	expect_status 1
	expect_pinned 64
	mv "$BATS_TEST_TMPDIR/away" "$BATS_TEST_TMPDIR/tool"
	ctl session restart
	expect_ok ''
	expect_pinned 64
	[[ ! $(pgrep -P "$(holder_pid)") ]]
	cat >"$BATS_TEST_TMPDIR/wrapper" <<-END
		#!/bin/sh
		case "\$*" in
		*--back*) LD_PRELOAD=$BUILD/tests/fake/no-epoll.so; export LD_PRELOAD ;;
		esac
		exec $BUILD/iommufdctl "\$@"
	END
	chmod 755 "$BATS_TEST_TMPDIR/wrapper"
	mv "$BATS_TEST_TMPDIR/wrapper" "$BATS_TEST_TMPDIR/tool"
	ctl session restart
	expect_fail 1 'Cannot allocate memory (ENOMEM)'
	expect_pinned 64
	[[ ! $(pgrep -P "$(holder_pid)") ]]
	ctl ioas change-process
	expect_ok ''
	ctl session stop --force
	expect_ok ''
}

@test "after a crash nobody is charged, change-process says so, and mapping anew mends it" {
	requires kernel 'VmPin of /proc/PID/status, by which the tool knows whom the kernel charges'
	local ready=$BATS_TEST_TMPDIR/ready
	: >"$ready"
	"${limited[@]}" supervisor --ready-file "$ready" -- iommufdctl session start --foreground --rlimit-mode process \
		>/dev/null 2>"$BATS_TEST_TMPDIR/holder" 3>&- &
	supervisor=$!
	until_true test -s "$ready"
	prepare
	expect_pinned 64
	kill -KILL "$(holder_pid)"
	until_true eval '(($(wc -l <"$ready") == 2))'
	expect_pinned 0
	grep -q 'not charged to this process' "$BATS_TEST_TMPDIR/holder"
	refuses 1 '1 mapping is charged to a process that has ended (ESRCH)' ioas change-process
	works "map anew what was mapped before the session's holder ended: '{iommufdctl show}' lists it"
	expect_out_has 0x100000
	ctl session restart
	refuses 1 '1 mapping is charged to a process that has ended (ESRCH)' ioas change-process
	ctl ioas unmap a --all
	ctl ioas map a ram --iova 1M
	expect_pinned 64
	ctl ioas change-process
	expect_ok ''
	ctl session restart
	expect_pinned 64
	ctl session stop --force
	wait "$supervisor"
	supervisor=''
}

@test "without a session: who mapped is not known" {
	local io dev
	exec {io}<>/dev/iommu
	exec {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	ctl --iommufd "fd:$io" option set rlimit-mode process
	ctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	ctl --iommufd "fd:$io" ioas alloc
	ctl --iommufd "fd:$io" attach "fd:$dev" 2
	try "${limited[@]}" fdtool memfd 65536 -- iommufdctl --iommufd "fd:$io" ioas map 2 fd:9
	expect_silence
	refuses 1 'other programs had the iommufd, and who of them is charged may have ended (ESRCH)' \
		--iommufd "fd:$io" ioas change-process
	try "${limited[@]}" iommufdctl --iommufd "fd:$io" batch - <<<'ioas change-process'
	expect_fail 1 'may have ended (ESRCH)'
	ctl --iommufd "fd:$io" ioas unmap 2 --all
	expect_ok ''
}

@test "a program that a batch or a session gave the iommufd may have mapped, and ended" {
	try "${limited[@]}" fdtool memfd 65536 -- iommufdctl batch - <<-END
		option set rlimit-mode process
		bind $PHYSICAL --name dev
		ioas alloc --name a
		attach dev a
		ioas change-process
		exec -- iommufdctl --iommufd fd:{fd:iommufd} ioas map 2 fd:9
		ioas change-process
	END
	expect_fail 1 'may have ended (ESRCH)'
	start_limited
	try "${limited[@]}" fdtool memfd 65536 -- iommufdctl session exec --share-iommufd -- iommufdctl --iommufd 'fd:{fd:iommufd}' ioas map 2 fd:9
	expect_silence
	refuses 1 'may have ended (ESRCH)' ioas change-process
	ctl session restart
	expect_ok ''
	refuses 1 '(ESRCH)' ioas change-process
}
