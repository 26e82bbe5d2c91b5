#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 55
# seconds in the simulator: 8
#
# Sessions, and what must not harm them: bad names and words, limits, garbage.

load helpers
load sessions

setup() {
	sessions_setup
	umask 022
}

teardown() {
	chmod 600 /dev/iommu
	sessions_teardown
}

# ---- names and words -----------------------------------------------------------------------------

@test "an unknown session: those that run are listed" {
	ctl -s nothing show
	expect_fail 1 "iommufdctl: show: 'nothing': no session of this name runs" "hint: none runs: iommufdctl session start"
	start one
	ctl -s nothing show
	expect_fail 1 "hint: these run: one"
	start two
	ctl session stop nothing
	expect_fail 1 "session stop: 'nothing': no session of this name runs" "hint: these run: "
	expect_err_match 'one, two|two, one'
	IOMMUFDCTL_SESSION=nothing ctl show
	expect_fail 1 "'nothing': no session of this name runs"
	ctl session exec -- true
	expect_fail 1 "'default': no session of this name runs"
}

bad_name() {
	local name=$1
	ctl session start "$name"
	expect_fail 2 "session start: "
	ctl session show "$name"
	expect_fail 2 "session show: "
	ctl session stop "$name"
	expect_fail 2 "session stop: "
	ctl -s "$name" ioas alloc
	expect_fail 2 "ioas alloc: '$name' is no name of a session"
	ctl -s "$name" session exec -- true
	expect_status 2
	if [[ $name ]]; then
		IOMMUFDCTL_SESSION=$name ctl ioas alloc
		expect_fail 2 "ioas alloc: '$name' is no name of a session"
	fi
	[[ ! -e $PLACE ]] || [[ ! $(ls -A "$PLACE") ]]
}
@test "a name with a slash is refused" { bad_name a/b; }
@test "a name that leads elsewhere is refused" { bad_name ../default; }
@test "the names . and .. are refused" { bad_name . && bad_name ..; }
@test "an empty name is refused" { bad_name ''; }
@test "a name that is no name is refused" { bad_name 'a b' && bad_name 9x && bad_name a,b; }
@test "a name of 64 characters is refused, one of 63 works" {
	local name
	printf -v name '%064d' 0
	name=n${name:1}
	bad_name "$name"
	start "n${name:2}"
	ctl -s "n${name:2}" ioas alloc
	expect_ok 1
}

@test "verbs that have no meaning in a session are refused" {
	start
	local words
	for words in "list" "exec -- true" "help" "session list" "session start other"; do
		# shellcheck disable=SC2086 # words
		ctl -s default $words </dev/null
		expect_fail 2 "--session has no meaning here"
	done
	# the same by one who speaks the protocol
	for words in "batch -" "list" "exec -- true" "help" "session list" "session start other"; do
		# shellcheck disable=SC2086 # words
		try session-garbage "$PLACE/default" words $words
		expect_status 0
		expect_out_has "not possible in a session" "code 2"
	done
	ctl session list
	expect_ok_end "SESSION  STATE    PID" "default  running  $(holder_pid)"
}

@test "--session does not go with another context" {
	start
	exec {iommu}<>/dev/iommu
	ctl -s default --iommufd "fd:$iommu" ioas alloc
	expect_fail 2 "--session does not go with --once or --iommufd"
	ctl -s default --iommufd /dev/iommu ioas alloc
	expect_fail 2 "--session does not go with --once or --iommufd"
	ctl -s default --once ioas alloc
	expect_fail 2 "--session does not go with --once or --iommufd"
	ctl -s default --once session show
	expect_status 2
	ctl -s default session show default
	expect_fail 2 "surplus argument 'default': --session names one already"
	# One that was asked for by its path or its fd is used, not the session.
	ctl --iommufd /dev/iommu ioas alloc
	expect_fail 2 "it needs a context"
	ctl --iommufd "fd:$iommu" ioas alloc
	expect_ok 1
	ctl --once ioas alloc
	expect_status 0
	ctl session show --json
	expect_out_has '"ioas":0,'
}

@test "take and keep are for programs" {
	start
	requires emulated
	iommufdctl bind "$MTTY" --name tty
	ctl session take tty
	expect_fail 2 "this is for programs that speak to a session" "hint: "
	ctl session keep
	expect_fail 2 "this is for programs"
	ctl session show --json
	expect_out_has '"devices":1,'
}

@test "session start refuses bad options before it starts anything" {
	ctl session start --rlimit-mode both
	expect_fail 2 "--rlimit-mode: 'both' is neither 'user' nor 'process'"
	ctl session start --ready-fd 77
	expect_fail 2 "--ready-fd: '77' is no open fd of 3 or more"
	ctl session start --ready-fd 1
	expect_fail 2 "--ready-fd: "
	ctl session start --ready-fd x
	expect_fail 2 "--ready-fd: "
	ctl session start --ready-fd 7 7>/dev/full
	expect_fail 1 "iommufdctl: session start: --ready-fd: it cannot be written to (ENOSPC)"
	ctl session start --foreground --ready-fd 7 7>/dev/full
	expect_fail 1 "--ready-fd: it cannot be written to (ENOSPC)"
	[[ ! $(ls -A "$PLACE") ]]
	rmdir "$PLACE"
	ctl session start --force
	expect_status 2
	[[ ! -e $PLACE ]]
}

@test "a --ready-fd that has no room is refused, and not waited for" {
	local full
	mkfifo "$BATS_TEST_TMPDIR/full"
	exec {full}<>"$BATS_TEST_TMPDIR/full"
	timeout 1 cat /dev/zero >&"$full" || true
	TIME_LIMIT=20 try sh -c "iommufdctl session start --ready-fd $full"
	expect_fail 1 "iommufdctl: session start: --ready-fd: '$full' cannot be written to (EAGAIN)"
	exec {full}<&-
	[[ ! $(ls -A "$PLACE" 2>/dev/null) ]]
}

@test "without iommufd a session does not start, and leaves no socket" {
	requires kernel 'a node that can be mounted over'
	try unshare -m sh -c 'mount --bind /dev/null /dev/iommu && iommufdctl session start'
	[[ $status == [13] ]]
	expect_err_has "iommufdctl: session start: "
	[[ ! $(ls -A "$PLACE") ]]
}

# ---- limits --------------------------------------------------------------------------------------

# free_fd PID: the lowest number that no fd of it has.
free_fd() {
	local n=0
	while [[ -L /proc/$1/fd/$n ]]; do ((++n)); done
	echo "$n"
}

@test "without fds a session says so, loses nothing, and goes on when there are some" {
	requires prlimit emulated
	start
	local pid free count stalled
	iommufdctl ioas alloc --name a
	iommufdctl mem create m 4K
	# One that stays takes the number that its start left free below the others.
	session-garbage "$PLACE/default" stall 1 show >"$BATS_TEST_TMPDIR/out" 3>&- &
	stalled=$!
	until_true grep -q stalled "$BATS_TEST_TMPDIR/out"
	pid=$(holder_pid)
	count=$(holder_fds)
	free=$(free_fd "$pid")
	# One client more, and nothing else.
	prlimit --pid "$pid" --nofile="$((free + 1)):4096"
	ctl ioas alloc
	expect_ok 2
	ctl mem create n 4K
	expect_fail 1 "(EMFILE)"
	ctl bind "$MTTY"
	expect_fail 1 "EMFILE"
	exec 7<>"/dev/vfio/devices/$(cdev "$MTTY")"
	ctl bind fd:7
	expect_fail 1 "EMFILE"
	# Not even the client.
	prlimit --pid "$pid" --nofile="$free:4096"
	for _ in 1 2 3; do
		ctl ioas alloc
		expect_fail 1 "the session has no more fds (EMFILE)"
		ctl session stop
		expect_fail 1 "EMFILE"
	done
	prlimit --pid "$pid" --nofile=4096:4096
	ctl bind fd:7
	expect_silence
	ctl mem create n 4K
	expect_ok ""
	ctl show
	expect_silence
	ctl session show --json
	expect_out_has '"ioas":2,' '"memories":2,' '"devices":1,'
	expect_fds $((count + 2))
	kill "$stalled"
}

@test "fds that find no room in a session are given back" {
	requires prlimit
	start
	local pid count
	pid=$(holder_pid)
	count=$(holder_fds)
	prlimit --pid "$pid" --nofile="$((count + 20)):4096"
	try session-garbage "$PLACE/default" fds fds surplus-fds good </dev/null
	expect_silence
	[[ $(grep -c "the session cannot take so many fds (EMFILE)" <<<"$output") == 3 ]]
	expect_line -1 "code 0"
	expect_fds "$count"
}

@test "a command of too many or too long words is refused by the client" {
	start
	local many long
	printf -v many ' %d' {1..1100}
	# shellcheck disable=SC2086 # words
	ctl destroy $many
	[[ $status == [12] ]]
	expect_err_has "iommufdctl: destroy: "
	exec 7</dev/null
	# shellcheck disable=SC2086 # words
	ctl dma-log start fd:7 $many
	expect_fail 1 "iommufdctl: dma-log start: 'default': Argument list too long (E2BIG)"
	printf -v long '%070000d' 0
	ctl show "n$long"
	[[ $status == [12] ]]
	ctl show
	expect_silence
}

# ---- garbage -------------------------------------------------------------------------------------

@test "garbage is answered, and harms nobody" {
	start
	local count
	iommufdctl ioas alloc --name kept
	count=$(holder_fds)
	try session-garbage "$PLACE/default" byte random header magic fewer-words more-words argc open-end no-fds all-fds surplus-fds index many-words </dev/null
	expect_silence
	[[ $(grep -c "iommufdctl: the session was sent what is no command" <<<"$output") == 13 ]]
	[[ $(grep -c "^code 1$" <<<"$output") == 13 ]]
	try session-garbage "$PLACE/default" long </dev/null
	expect_ok "long: iommufdctl: the command is too long" "code 1"
	try session-garbage "$PLACE/default" no-words </dev/null
	expect_silence
	expect_line -1 "code 2"
	try session-garbage "$PLACE/default" good </dev/null
	expect_ok "good: 2" "code 0"
	try session-garbage "$PLACE/default" fds </dev/null
	expect_ok "fds: 3" "code 0"
	expect_fds "$count"
	ctl show kept
	expect_silence
}

@test "a session opens no file by the name that it is sent" {
	start
	iommufdctl mem create m 4K
	local words
	for words in 'hwpt invalidate 1 --type vtd-s1 --entry 1 --data /proc/version' \
		'viommu alloc 1 1 arm-smmuv3 --data=/proc/version'; do
		# shellcheck disable=SC2086 # words
		try session-garbage "$PLACE/default" words $words
		expect_out_has "'/proc/version': the file did not come with the command (EBADF)" "code 1"
	done
	# The bytes of this one are for the client to move: it is handed the memory, and told how much that is.
	try session-garbage "$PLACE/default" words mem write m 0 /proc/version
	expect_ok_end 4096 "code 0"
}

@test "another version of the protocol gets a clear answer" {
	start
	try session-garbage "$PLACE/default" protocol
	expect_silence
	expect_out_has "the session speaks another protocol" "code 1"
}

@test "clients that die at random moments harm nobody, and leave nothing" {
	start
	session-garbage "$PLACE/default" many 300 ioas alloc
	local count
	count=$(holder_fds)
	try session-garbage "$PLACE/default" die 40 show
	expect_ok ""
	try session-garbage "$PLACE/default" die 20 mem create m 4K
	expect_ok ""
	until_true bash -c "iommufdctl session show --json | grep -qF '\"clients\":1,'"
	iommufdctl mem destroy m
	expect_fds "$count"
}

@test "clients that do not read their answers hold nobody up" {
	start
	session-garbage "$PLACE/default" many 2000 ioas alloc
	local count pid
	count=$(holder_fds)
	session-garbage "$PLACE/default" stall 50 show >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	until_true grep -q stalled "$BATS_TEST_TMPDIR/out"
	TIME_LIMIT=10 ctl ioas alloc
	expect_ok 2001
	ctl session show --json
	expect_out_has '"clients":51,'
	ctl session restart
	expect_ok ""
	kill "$pid"
	until_true bash -c "iommufdctl session show --json | grep -qF '\"clients\":1,'"
	expect_fds "$count"
}

@test "a client that reads its answers late gets all of them" {
	start
	iommufdctl ioas alloc
	# Some 250 of them find room with the client; they have no text.
	TIME_LIMIT=30 try session-garbage "$PLACE/default" late 400 option set huge-pages 1 on
	expect_silence
}

@test "a client that dies before it has confirmed that it has the devices moves nothing" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	try session-garbage "$PLACE/default" words session take tty
	expect_silence
	ctl session show --json
	expect_out_has '"devices":1,'
	try session-garbage "$PLACE/default" words session take --move tty nothing
	expect_out_has "code 1"
	ctl session show --json
	expect_out_has '"devices":1,'
	try session-garbage "$PLACE/default" words session take --move tty
	expect_out_has "code 0"
	until_true bash -c "iommufdctl session show --json | grep -qF '\"clients\":1,'"
	ctl session show --json
	expect_out_has '"devices":1,'
}

@test "a device that was taken and left meanwhile takes no other one along" {
	requires emulated
	# Without this the next device is seldom where the last one was.
	GLIBC_TUNABLES=glibc.malloc.tcache_count=0 start
	iommufdctl bind "$MTTY" --name one
	session-garbage "$PLACE/default" taker session take --move one >"$BATS_TEST_TMPDIR/out" 3>&- &
	local pid=$!
	until_true grep -q taken "$BATS_TEST_TMPDIR/out"
	iommufdctl unbind one
	until_true iommufdctl bind "$MDPY" --name two
	kill "$pid"
	until_true bash -c 'iommufdctl session show --json | grep -F "\"clients\":1,"'
	ctl session show --json
	expect_out_has '"devices":1,'
	# What is taken, and still there, leaves.
	session-garbage "$PLACE/default" taker session take --move two >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	until_true grep -q taken "$BATS_TEST_TMPDIR/out"
	kill "$pid"
	until_true bash -c 'iommufdctl session show --json | grep -F "\"devices\":0,"'
}
