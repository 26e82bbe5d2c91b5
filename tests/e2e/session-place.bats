#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the simulator: 20
# seconds in the lab: 20
#
# Where sessions are found: foreign directories, what lies in the place of a socket, other users.

load helpers
load sessions
load hints

setup() {
	sessions_setup
	umask 022
}

teardown() {
	chmod 600 /dev/iommu
	sessions_teardown
}

# ---- the directory and what lies in it -----------------------------------------------------------

@test "a directory of another user is refused" {
	requires users
	install -d -m 700 -o $NOBODY "$PLACE"
	ctl session start
	expect_fail 1 "session start: '$PLACE': the directory belongs to another user (uid $NOBODY)" "hint: "
	ctl session list
	expect_fail 1 "session list: '$PLACE': the directory belongs to another user"
	[[ ! $(ls -A "$PLACE") ]]
}

@test "a directory that others can enter is refused" {
	local mode
	for mode in 777 1777 750 704; do
		rm -rf "$PLACE"
		mkdir -m $mode "$PLACE"
		ctl session start
		expect_fail 1 "session start: '$PLACE': others can enter the directory (mode " "hint: chmod 700 $PLACE"
		[[ ! $(ls -A "$PLACE") ]]
	done
	chmod 700 "$PLACE"
	start
}

@test "a directory that is a symbolic link, or no directory, is refused" {
	mkdir -m 700 "$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$PLACE"
	ctl session start
	expect_fail 1 "session start: '$PLACE': "
	[[ ! $(ls -A "$BATS_TEST_TMPDIR/elsewhere") ]]
	rm "$PLACE"
	: >"$PLACE"
	ctl session start
	expect_fail 1 "session start: '$PLACE': "
	ctl session list
	expect_fail 1 "session list: '$PLACE': "
	[[ -f $PLACE ]]
}

@test "what lies in the place of the socket and is none is left alone" {
	mkdir -m 700 "$PLACE"
	printf data >"$PLACE/file"
	mkdir "$PLACE/dir"
	mkfifo "$PLACE/fifo"
	ln -s "$PLACE/file" "$PLACE/link"
	ln -s "$PLACE/nowhere" "$PLACE/dangling"
	local name
	for name in file dir fifo link dangling; do
		ctl session start $name
		expect_fail 1 "session start: '$name': what lies in the place of the session's socket is no socket"
		ctl -s $name ioas alloc
		expect_status 1
	done
	[[ $(<"$PLACE/file") == data && -d $PLACE/dir && -p $PLACE/fifo && -L $PLACE/link && -L $PLACE/dangling ]]
	[[ ! -e $PLACE/nowhere ]]
}

@test "a symbolic link in the place of the socket does not lead to another session's end" {
	start real
	ln -s real "$PLACE/link"
	ctl session start link
	expect_fail 1 "is no socket"
	[[ -L $PLACE/link ]]
	ctl session show real
	expect_silence
}

# ---- other users ---------------------------------------------------------------------------------

@test "without privileges and without XDG_RUNTIME_DIR there is no place for sessions" {
	requires users
	local run=(env -u XDG_RUNTIME_DIR setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups)
	chmod 666 /dev/iommu
	try "${run[@]}" iommufdctl session start
	expect_fail 1 "session start: there is no directory for sessions (ENOENT)" "hint: set XDG_RUNTIME_DIR, or be root"
	try "${run[@]}" iommufdctl session list
	expect_fail 1 "there is no directory for sessions"
	try "${run[@]}" env XDG_RUNTIME_DIR=relative iommufdctl session start
	expect_fail 1 "there is no directory for sessions"
	try "${run[@]}" iommufdctl ioas alloc
	expect_fail 2 "it needs a context"
}

@test "a user has sessions of their own" {
	for_nobody
	chmod 666 /dev/iommu
	try "${as_nobody[@]}" sh -ec 'iommufdctl session start; iommufdctl ioas alloc; iommufdctl mem create m 4K; iommufdctl session list'
	expect_silence
	expect_out_has "default  running"
	[[ $(stat -c %a:%u /run/session-test/iommufdctl) == 700:$NOBODY ]]
	[[ $(stat -c %a:%u /run/session-test/iommufdctl/default) == 600:$NOBODY ]]
	# root has its own, and may use this one
	ctl session list
	expect_ok "SESSION  STATE  PID"
	try session-garbage /run/session-test/iommufdctl/default words ioas alloc
	expect_ok 2 "code 0"
	# another user may not, whatever the permissions
	chmod 755 /run/session-test /run/session-test/iommufdctl
	chmod 666 /run/session-test/iommufdctl/default
	try "${as_other[@]}" session-garbage /run/session-test/iommufdctl/default words ioas alloc
	[[ $output == closed* || $stderr == *EPIPE* ]] || wrong "expected to be refused"
	try "${as_other[@]}" iommufdctl ioas alloc
	[[ $status != 0 && ! $output ]]
	try "${as_other[@]}" iommufdctl session stop --force
	expect_fail 1 "(EACCES)"
	chmod 700 /run/session-test /run/session-test/iommufdctl
	try "${as_nobody[@]}" iommufdctl session show --json
	expect_out_has '"ioas":2,'
	try "${as_nobody[@]}" iommufdctl session stop
	expect_ok ""
}

@test "root's session is not for others" {
	for_nobody
	start
	try "${as_nobody[@]}" env XDG_RUNTIME_DIR=/run iommufdctl -s default ioas alloc
	expect_fail 1 "ioas alloc: 'default': Permission denied (EACCES)"
	chmod 755 "$PLACE"
	chmod 666 "$PLACE/default"
	try "${as_nobody[@]}" env XDG_RUNTIME_DIR=/run iommufdctl -s default ioas alloc
	expect_status 1
	expect_out ""
	try "${as_nobody[@]}" session-garbage "$PLACE/default" words ioas alloc
	[[ $output == closed* || $stderr == *EPIPE* ]] || wrong "expected to be refused"
	chmod 700 "$PLACE"
	ctl session show --json
	expect_out_has '"ioas":0,' '"clients":1,'
}

@test "what a user may not have ends the start, and leaves no socket" {
	for_nobody
	chmod 666 /dev/iommu
	try "${as_nobody[@]}" iommufdctl session start --rlimit-mode process
	expect_fail 1 "session start: '--rlimit-mode': " "(EPERM)"
	[[ ! $(ls -A /run/session-test/iommufdctl) ]]
	chmod 600 /dev/iommu
	try "${as_nobody[@]}" iommufdctl session start
	expect_fail 1 "session start: '/dev/iommu': " "(EACCES)"
	[[ ! $(ls -A /run/session-test/iommufdctl) ]]
}

@test "a holder is not for other users to look into" {
	for_nobody
	chmod 666 /dev/iommu
	"${as_nobody[@]}" iommufdctl session start
	local pid
	pid=$("${as_nobody[@]}" iommufdctl session show --json | sed -n 's/.*"pid":\([0-9]*\).*/\1/p')
	# Not dumpable: not even its own user may.
	[[ $(stat -c %u "/proc/$pid/fd") == 0 ]]
	try "${as_nobody[@]}" ls "/proc/$pid/fd"
	expect_fail 2 "Permission denied"
}

@test "a session is seen from another PID namespace" {
	start
	ctl session list
	expect_out_has "default  running  $(holder_pid)"
	try unshare --pid --fork --mount-proc iommufdctl session list
	expect_ok_end 'default  running  -'
	try unshare --pid --fork --mount-proc iommufdctl session list --json
	expect_out_has '{"session":"default","state":"running","pid":null}'
}

@test "a session that accepts nobody keeps nobody" {
	local room pids=() pid i
	room=$(cat /proc/sys/net/core/somaxconn)
	echo 2 >/proc/sys/net/core/somaxconn
	start stopped
	echo "$room" >/proc/sys/net/core/somaxconn
	pid=$(holder_pid stopped)
	kill -STOP "$pid"
	for i in 1 2 3; do
		iommufdctl -s stopped show 3>&- >/dev/null 2>&1 &
		pids+=($!)
	done
	until_true bash -c 'iommufdctl session list | grep -E "^stopped +busy +-$"'
	ctl -s stopped show
	expect_fail 1 "'stopped': the session accepts no connections (ETIMEDOUT)" 'hint: '
	ctl session start stopped
	expect_fail 1 "'stopped': the session accepts no connections (ETIMEDOUT)" 'hint: '
	works "is its process stopped? '{ps -o pid,stat,args -C iommufdctl}' shows a T then"
	[[ $output =~ $pid" "+T ]]
	start other
	kill -CONT "$pid"
	wait "${pids[@]}"
	ctl session list
	expect_out_has 'stopped  running' 'other    running'
}

@test "session start does not wait for ever for its turn" {
	mkdir -p -m 700 "$PLACE"
	flock "$PLACE" sleep 30 3>&- &
	local pid=$!
	until_true bash -c "! flock -n $PLACE true"
	ctl session start
	expect_fail 1 "another 'session start' has kept the directory of sessions locked for 10 s (ETIMEDOUT)"
	kill "$pid"
}

@test "a batch in which a session does not start prints what it has printed once" {
	mkdir -p -m 755 "$PLACE"
	batch <<<$'ioas alloc\nsession start'
	expect_fail 1 'others can enter the directory'
	expect_out 1
}
