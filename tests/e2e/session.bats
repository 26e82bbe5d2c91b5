#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 55
#
# Sessions: the main job, how they start, and how they end.

load helpers
load sessions

# ---- the main job, as typed ----------------------------------------------------------------------

# shellcheck disable=SC2016 # the shell that is tested expands it
typed='iommufdctl session start; iommufdctl bind 0000:00:04.0; A=$(iommufdctl ioas alloc); iommufdctl attach 0000:00:04.0 $A; B=$(iommufdctl ioas alloc); iommufdctl replace 0000:00:04.0 $B; iommufdctl detach 0000:00:04.0; iommufdctl session stop'
typed=${typed//0000:00:04.0/"$PHYSICAL"}

expect_typed() {
	expect_silence
	((${#lines[@]} == 3)) || wrong "expected three ids"
	ctl session list
	expect_ok_end "SESSION  STATE  PID"
}

as_typed() {
	requires physical "$1"
	try "$@" "$typed"
	expect_typed
}
@test "the main job works as typed in bash" { as_typed bash -c; }
@test "the main job works as typed in sh" { as_typed sh -c; }
@test "the main job works as typed in dash" { as_typed dash -c; }
@test "the main job works as typed in bash -e, line by line" { as_typed bash -ec; }
@test "the main job works without a terminal, in a session of its own" { as_typed setsid -w sh -c; }

@test "the main job works for an emulated device" {
	requires emulated
	try sh -ec "${typed//$PHYSICAL/$MTTY}"
	expect_typed
}

@test "the main job works from a script on stdin" {
	requires physical
	try sh -e <<<"${typed//; /$'\n'}"
	expect_typed
}

@test "a session outlives the shell that started it" {
	requires emulated
	try sh -c "iommufdctl session start; iommufdctl bind $MTTY --name tty"
	expect_ok 1
	try sh -c "iommufdctl attach tty \$(iommufdctl ioas alloc)"
	expect_ok 2
	try setsid -w sh -c "iommufdctl detach tty; iommufdctl session stop"
	expect_ok ""
}

# ---- how a session starts ------------------------------------------------------------------------

@test "without a name a session is called default" {
	start
	ctl session list
	expect_ok "SESSION  STATE    PID" "default  running  $(holder_pid)"
	ctl session list --json
	expect_ok '{"version":1,"sessions":[{"session":"default","state":"running","pid":'"$(holder_pid)}]}"
}

@test "sessions of several names are kept apart" {
	start one
	start two
	ctl -s one ioas alloc --name a
	expect_ok 1
	ctl -s two show a
	expect_fail 1 "show: 'a'"
	IOMMUFDCTL_SESSION=two ctl ioas alloc --name b
	expect_ok 1
	IOMMUFDCTL_SESSION=two ctl -s one show a
	expect_silence
	ctl session stop one
	expect_ok ""
	ctl -s one show
	expect_fail 1 "'one': no session of this name runs" "hint: these run: two"
	refuses 2 'it needs a context' ioas alloc
	expect_err_has 'hint: these sessions run, name one with -s: two'
	IOMMUFDCTL_SESSION=two ctl session stop
	expect_ok ""
	ctl session list
	expect_ok_end "SESSION  STATE  PID"
}

@test "\$IOMMUFDCTL_SESSION names the session to be started" {
	IOMMUFDCTL_SESSION=mine ctl session start
	expect_ok ""
	ctl session show mine
	expect_silence
	ctl -s other session start
	expect_fail 2 "session start: --session has no meaning here"
}

@test "an empty \$IOMMUFDCTL_SESSION names none" {
	start
	IOMMUFDCTL_SESSION='' ctl ioas alloc
	expect_ok 1
}

@test "without a session a lone command says so, and how to start one" {
	ctl ioas alloc
	expect_fail 2 "needs a context" "hint: " "iommufdctl session start"
}

@test "session show tells in numbers what is held, as text and as JSON" {
	requires emulated
	start --rlimit-mode process
	iommufdctl bind "$MTTY" >/dev/null
	iommufdctl ioas alloc >/dev/null
	iommufdctl ioas alloc >/dev/null
	iommufdctl mem create m 4K
	ctl session show
	expect_silence
	[[ ${lines[0]} == "SESSION  PID"*"  CLIENTS  DEVICES  IOAS  MEMORIES  RLIMIT-MODE  ON-REQUEST  FD-STORE" ]]
	[[ ${lines[1]} =~ ^default\ +[0-9]+\ +1\ +1\ +2\ +1\ +process\ +keep\ +-$ ]]
	ctl session show default --json
	expect_ok '{"version":1,"sessions":[{"session":"default","pid":'"$(holder_pid)"',"clients":1,"devices":1,"ioas":2,"memories":1,"rlimit_mode":"process","on_request":"keep","fd_store":null}],"not_stored":[]}'
}

@test "the default accounting is by user" {
	start
	ctl session show
	expect_silence
	expect_out_has "  user"
	ctl session start other --rlimit-mode user
	expect_ok ""
}

@test "session start --foreground stays, and ends in an orderly way by SIGTERM" {
	exec {ready}< <(exec iommufdctl session start --foreground --ready-fd 9 9>&1 1>&2 3>&-)
	local pid=$! line=none status=0
	read -r line <&"$ready"
	[[ $line == "" ]]
	[[ $(holder_pid) == "$pid" ]]
	iommufdctl ioas alloc
	kill -TERM "$pid"
	wait "$pid" || status=$?
	((status == 0))
	[[ ! -e $PLACE/default ]]
	exec {ready}<&-
}

@test "a session in the background ends in an orderly way by SIGTERM" {
	start
	local pid
	pid=$(holder_pid)
	kill -TERM "$pid"
	until_true test ! -e "$PLACE/default"
	until_true test ! -e "/proc/$pid"
}

@test "SIGHUP, SIGPIPE and the end of a terminal leave a session alone" {
	start
	local pid
	pid=$(holder_pid)
	kill -HUP "$pid"
	kill -PIPE "$pid"
	ctl ioas alloc
	expect_ok 1
}

ready_fd() {
	local file=$BATS_TEST_TMPDIR/ready
	try bash -c "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec $1>'$file'; iommufdctl session start --ready-fd $1; wc -c <'$file'"
	expect_ok 1
	ctl session stop
	expect_ok ""
}
@test "session start --ready-fd writes a newline, whatever the number" {
	local fd
	for fd in 3 4 5 6 9; do
		ready_fd $fd
	done
}

@test "--ready-fd ends for its reader when the session is ready" {
	try bash -c 'iommufdctl session start --ready-fd 7 7>&1 1>&2 | od -An -c'
	expect_ok '  \n'
}

@test "a session starts when its standard streams are closed" {
	local closed
	for closed in 0 1 2 0,1,2; do
		try fdtool closed $closed -- iommufdctl session start
		expect_ok ""
		ctl ioas alloc
		expect_ok 1
		ctl session stop
		expect_ok ""
	done
}

@test "a holder keeps nothing of its starter but what it needs" {
	local file=$BATS_TEST_TMPDIR/file pid
	try bash -c "exec 5>'$file' 77>'$file'; cd /tmp; iommufdctl session start"
	expect_ok ""
	pid=$(holder_pid)
	[[ $(readlink "/proc/$pid/cwd") == / ]]
	[[ $(ls -l "/proc/$pid/fd") != *"$file"* ]]
	for fd in 0 1 2; do
		[[ $(readlink "/proc/$pid/fd/$fd") == /dev/null ]]
	done
	# setsid: no terminal, a group of its own
	[[ $(ps -o sid= -p "$pid") -eq $pid ]]
	[[ $(ps -o tty= -p "$pid") == "?"* ]]
	# Not dumpable: its files in /proc belong to root, also where it does not.
	grep -q '^Max open files *\([0-9]*\) *\1 ' "/proc/$pid/limits"
}

@test "all fds of a holder but the standard ones are close-on-exec" {
	requires emulated
	start
	iommufdctl mem create m 4K
	iommufdctl bind "$MTTY"
	iommufdctl session restart
	local pid info
	pid=$(holder_pid)
	for info in /proc/"$pid"/fdinfo/*; do
		((${info##*/} > 2)) || continue
		[[ ! -e $info ]] || (($(sed -n 's/^flags:\s*//p' "$info") & 02000000)) || {
			echo "${info##*/} is not: $(readlink "/proc/$pid/fd/${info##*/}")"
			return 1
		}
	done
}

@test "the directory and the socket are for their owner alone" {
	start
	[[ $(stat -c %a:%u "$PLACE") == 700:0 ]]
	[[ $(stat -c %a:%u:%F "$PLACE/default") == 600:0:socket ]]
	[[ $(</proc/net/unix) != *@*iommufdctl* ]]
}

@test "of starts that race one succeeds, the others say why not" {
	local i status won lost
	for _ in 1 2 3; do
		won=0 lost=0
		pids=()
		for i in 1 2 3 4 5 6 7 8; do
			iommufdctl session start race 2>"$BATS_TEST_TMPDIR/err$i" 3>&- &
			pids+=($!)
		done
		for i in 1 2 3 4 5 6 7 8; do
			status=0
			wait "${pids[i - 1]}" || status=$?
			if ((status == 0)); then
				won=$((won + 1))
			else
				grep -qF "'race': the session is running" "$BATS_TEST_TMPDIR/err$i"
				lost=$((lost + 1))
			fi
		done
		echo "won: $won, lost: $lost"
		((won == 1 && lost == 7))
		# The next round finds a stale socket.
		kill -KILL "$(holder_pid race)"
	done
}

# ---- how it ends ---------------------------------------------------------------------------------

stop_refused() {
	requires "$1"
	start
	iommufdctl bind "$2" --name dev
	ctl session stop
	expect_fail 1 "session stop: 'default': dev is bound, and would be released (EBUSY)" "hint: iommufdctl unbind dev, or iommufdctl session stop --force default"
	iommufdctl attach dev "$(iommufdctl ioas alloc)"
	ctl session stop
	expect_fail 1 "session stop: 'default': dev is attached, and would be released (EBUSY)" "hint: "
	ctl session show
	expect_silence
	iommufdctl detach dev
	iommufdctl unbind dev
	ctl session stop
	expect_ok ""
}
@test "session stop refuses while a device is bound or attached (physical)" { stop_refused physical "$PHYSICAL"; }
@test "session stop refuses while a device is bound or attached (emulated)" { stop_refused emulated "$MTTY"; }

@test "session stop takes a device that was detached, also after a restart" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name dev
	iommufdctl attach dev "$(iommufdctl ioas alloc)"
	iommufdctl detach dev
	iommufdctl session restart
	ctl session stop
	expect_ok ""
	start
	iommufdctl bind "$MTTY" --name dev
	iommufdctl ioas alloc --name a
	iommufdctl detach dev
	iommufdctl attach dev a
	ctl session stop
	expect_fail 1 "dev is attached"
}

@test "session stop --force releases a device that is attached" {
	requires physical
	start
	iommufdctl bind "$PHYSICAL"
	iommufdctl attach "$PHYSICAL" "$(iommufdctl ioas alloc)"
	ctl session stop --force
	expect_ok ""
	batch <<<"bind $PHYSICAL"
	expect_ok 1
}

@test "when session stop is done everything is released" {
	requires physical
	for _ in 1 2 3 4 5 6 7 8; do
		start
		iommufdctl bind "$PHYSICAL" >/dev/null
		ctl session stop --force
		expect_ok ""
		[[ ! -e $PLACE/default ]]
		batch <<<"bind $PHYSICAL"
		expect_ok 1
	done
}

@test "a stale socket is told apart, and replaced by the next start" {
	start
	kill -KILL "$(holder_pid)"
	until_true bash -c '[[ $(iommufdctl session list) == *dead* ]]'
	ctl session list
	expect_ok "SESSION  STATE  PID" "default  dead   -"
	ctl session list --json
	expect_ok '{"version":1,"sessions":[{"session":"default","state":"dead","pid":null}]}'
	ctl session show
	expect_fail 1 "session show: 'default': no session of this name runs" "hint: none runs"
	ctl session stop
	expect_fail 1 "no session of this name runs"
	ctl ioas alloc
	expect_fail 2 "needs a context"
	start
	ctl ioas alloc
	expect_ok 1
}

@test "a live session's socket is never replaced" {
	start
	local before
	before=$(stat -c %i "$PLACE/default")
	iommufdctl ioas alloc --name kept
	ctl session start
	expect_fail 1 "session start: 'default': the session is running" "hint: iommufdctl session show default"
	[[ $(stat -c %i "$PLACE/default") == "$before" ]]
	ctl show kept
	expect_silence
}
