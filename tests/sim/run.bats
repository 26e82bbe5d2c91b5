#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# CMD runs as if it had been started by the shell: its words, its status, its signals, its files.

load helpers

@test "exit status and output are the command's" {
	insim sh -c 'echo out; echo err >&2; exit 7'
	expect_status 7
	expect_out out
	expect_err err
	sim echo --kernel "a b"
	expect_ok '--kernel a b'
}

@test "a command that is missing is 127, one that cannot be executed 126" {
	sim no-such-command
	refused 127 'iommufd-sim: no-such-command: No such file or directory'
	sim /etc/passwd
	refused 126 'iommufd-sim: /etc/passwd: Permission denied'
	sim /
	refused 126 'iommufd-sim: /: Permission denied'
}

@test "a command that is missing is 127 also where a directory of PATH is closed to the user" {
	local closed=$BATS_TEST_TMPDIR/closed
	mkdir -m 0 "$closed"
	plainly env PATH="$closed:$PATH" iommufd-sim no-such-command
	refused 127 'iommufd-sim: no-such-command: No such file or directory'
	mkdir "$BATS_TEST_TMPDIR/open"
	echo text >"$BATS_TEST_TMPDIR/open/a-text"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR/open"
	plainly env PATH="$closed:$BATS_TEST_TMPDIR/open:$PATH" iommufd-sim a-text
	refused 126 'iommufd-sim: a-text: Permission denied'
}

@test "a signal that ends the command ends the simulator" {
	insim sh -c 'kill -TERM $$'
	expect_status 143
	insim sh -c 'kill -SEGV $$'
	expect_status 139
}

@test "a signal is passed on" {
	# shellcheck disable=SC2016
	iommufd-sim -- sh -c 'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.02; done' \
		>"$BATS_TEST_TMPDIR/out" 3>&- &
	local rc=0
	until grep -q ready "$BATS_TEST_TMPDIR/out"; do sleep 0.02; done
	kill -TERM $!
	wait $! || rc=$?
	((rc == 3))
	grep -q got "$BATS_TEST_TMPDIR/out"
}

@test "stdin, the directory, the environment and inherited fds are there" {
	cd "$BATS_TEST_TMPDIR"
	echo hello >file
	exec {fd}<file
	WORD=given try iommufd-sim bash -c "pwd; echo \$WORD; cat <&$fd; cat" <<<stdin
	expect_ok "$BATS_TEST_TMPDIR" given hello stdin
	exec {fd}<&-
}

@test "the caller's limits and signals are the command's" {
	insim sh -c 'ulimit -n; grep SigBlk /proc/self/status'
	try sh -c 'ulimit -n; grep SigBlk /proc/self/status'
	insim sh -c "[ '$output' = \"\$(ulimit -n; grep SigBlk /proc/self/status)\" ]"
	expect_ok
}

@test "what the command leaves behind ends with the machine" {
	insim sh -c 'sleep 300 & echo $!'
	expect_silence
	run ! kill -0 "$output"
	# One that does not listen is killed.
	insim bash -c '(trap "" TERM; while :; do sleep 0.1; done) & echo $!'
	expect_silence
	run ! kill -0 "$output"
}

@test "wrong words are refused before anything runs" {
	sim
	refused 2 'iommufd-sim: there is no command to run; see --help'
	sim --kernel 5.4 -- echo started
	refused 2 "iommufd-sim: no kernel '5.4' is known: 6.6, 6.12, 7.2"
	sim --print-topology -- echo started
	refused 2 'iommufd-sim: --print-topology runs no command'
	sim --nonsense
	expect_fail 2 "unrecognized option '--nonsense'"
	sim --trace /nowhere/trace -- echo started
	refused 1 'iommufd-sim: /nowhere/trace: No such file or directory'
}

@test "help and version" {
	sim --help
	expect_silence
	expect_out_has 'Usage: iommufd-sim' '--topology' '6.6, 6.12, 7.2'
	sim --version
	expect_ok "iommufd-sim $(iommufdctl --version | cut -d ' ' -f 2)"
}

@test "terminals can be opened in it, and other files of /dev and /sys" {
	requires script
	insim script -qec 'test -t 0 && echo terminal' /dev/null
	expect_status 0
	expect_out_has terminal
	plainly iommufd-sim -- script -qec 'test -t 0 && echo terminal' /dev/null
	expect_status 0
	expect_out_has terminal
	insim bash -c 'exec 3<>/dev/null; head -c 4 /dev/zero | wc -c; test -d /sys/kernel/mm; test -d /dev/shm'
	expect_ok 4
}

@test "inside of another simulator it says so" {
	insim iommufd-sim -- echo started
	refused 3 'iommufd-sim: this is inside of another simulator'
}

@test "where seccomp is refused, or too old, it says which" {
	try without 1 iommufd-sim -- echo started
	refused 3 'iommufd-sim: seccomp is forbidden here'
	try without 38 iommufd-sim -- echo started
	refused 3 'iommufd-sim: this kernel has no seccomp user notification: Linux 5.14 or newer is needed'
	try without 22 iommufd-sim -- echo started
	refused 3 'iommufd-sim: this kernel has no seccomp user notification'
}

@test "a trace has a line for each simulated call" {
	script --trace "$BATS_TEST_TMPDIR/trace" <<-'END'
		iommufdctl batch - <<<$'bind 0000:00:04.0 --name d\nioas alloc --name a\nattach d a\ndestroy 77' || :
	END
	grep -qE '^[0-9]+ open /dev/iommu -> 0$' "$BATS_TEST_TMPDIR/trace"
	grep -qE '^[0-9]+ open /dev/vfio/devices/vfio1 -> 0$' "$BATS_TEST_TMPDIR/trace"
	grep -qE '^[0-9]+ VFIO_DEVICE_BIND_IOMMUFD fd=[0-9]+ -> 0$' "$BATS_TEST_TMPDIR/trace"
	grep -qE '^[0-9]+ IOMMU_IOAS_ALLOC fd=[0-9]+ -> 0$' "$BATS_TEST_TMPDIR/trace"
	grep -qE '^[0-9]+ IOMMU_DESTROY fd=[0-9]+ -> ENOENT$' "$BATS_TEST_TMPDIR/trace"
}

@test "the simulator is killed: calls end with ENOSYS, and the rest lives" {
	# shellcheck disable=SC2016
	try iommufd-sim -- bash -c '
		exec 3<>/dev/iommu >"$1" 2>&1
		kill -KILL $PPID
		sleep 0.2
		calls orphaned 3 && echo alive' - "$BATS_TEST_TMPDIR/said"
	expect_status 137
	sleep 0.5
	[[ $(<"$BATS_TEST_TMPDIR/said") == alive ]] || { cat "$BATS_TEST_TMPDIR/said"; false; }
}
