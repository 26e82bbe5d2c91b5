#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sessions: how they start, live and end, and that a command in one is what it is in a batch.

load helpers
load sessions

setup() {
	sessions_setup
}

teardown() {
	sessions_teardown
}

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
	[[ ${lines[0]} == "SESSION  PID"*"  CLIENTS  DEVICES  IOAS  MEMORIES  RLIMIT-MODE" ]]
	[[ ${lines[1]} =~ ^default\ +[0-9]+\ +1\ +1\ +2\ +1\ +process$ ]]
	ctl session show default --json
	expect_ok '{"version":1,"sessions":[{"session":"default","pid":'"$(holder_pid)"',"clients":1,"devices":1,"ioas":2,"memories":1,"rlimit_mode":"process"}]}'
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
	expect_fail 1 "session stop: 'default': dev is bound, and would be released (EBUSY)" "hint: iommufdctl unbind dev, or session stop --force"
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

# ---- restart -------------------------------------------------------------------------------------

# All that can be told from outside.
picture() {
	iommufdctl show
	iommufdctl show --json
	iommufdctl mem list
	ls -l "/proc/$(holder_pid)/fd" | sed -n 's/.*-> //p' | grep -E 'vfio|iommu|memfd:[^s]|socket:' | sort
}

@test "session restart keeps objects, names, mappings, memory and attachments" {
	requires physical emulated
	start
	printf 'content' >"$BATS_TEST_TMPDIR/content"
	local words before pid
	while read -ra words; do
		iommufdctl "${words[@]}"
	done <<-END
		bind $PHYSICAL --name phys
		bind $MTTY --name tty
		ioas alloc --name a
		ioas alloc
		mem create m 64K
		mem create unmapped 4K
		mem write m 0 $BATS_TEST_TMPDIR/content
		ioas map a m --iova 1M
		ioas map a m --iova 2M --offset 4K --length 8K --read
		attach phys a
		attach tty a
	END
	before=$(picture)
	pid=$(holder_pid)
	ctl session restart
	expect_ok ""
	[[ $(holder_pid) == "$pid" ]]
	diff <(echo "$before") <(picture)
	ctl mem read m 0 7
	expect_ok content
	# and a second time, for what the first has written down
	ctl session restart
	expect_ok ""
	diff <(echo "$before") <(picture)
	# all of it is still in use
	ctl destroy a
	expect_fail 1 "EBUSY"
	ctl ioas map a m --iova 1M
	expect_fail 1 "EEXIST"
	while read -ra words; do
		ctl "${words[@]}"
		expect_silence
	done <<-END
		ioas unmap a 2M
		detach phys
		attach phys a
		ioas alloc --name b
		replace tty b
		detach tty
		unbind tty
		detach phys
		unbind phys
		ioas unmap a 1M
		mem destroy m
		destroy a
	END
}

# edu reads at 2M and writes at 1M of the IOAS that it is attached to.
prepare_dma() {
	requires edu
	start
	printf 'hello!!\n' >"$BATS_TEST_TMPDIR/hello"
	local words
	while read -ra words; do
		iommufdctl "${words[@]}"
	done <<-END
		bind $EDU --name edu
		ioas alloc --name a
		mem create source 4K
		mem create in_a 4K
		mem write source 0 $BATS_TEST_TMPDIR/hello
		ioas map a source --iova 2M
		ioas map a in_a --iova 1M
		$1
	END
}

expect_dma() {
	ctl session exec --share -- edu-dma '{fd:edu}' copy 0x200000 "$((0x100000 + $1))" 5
	expect_ok ""
	ctl mem read in_a "$1" 5
	expect_ok hello
}

@test "DMA lands where it did after a restart" {
	prepare_dma "attach edu a"
	expect_dma 0
	ctl session restart
	expect_ok ""
	expect_dma 100
}

@test "what was mapped before a restart can be attached after it" {
	prepare_dma "show"
	ctl session restart
	expect_ok ""
	ctl attach edu a
	expect_silence
	expect_dma 0
}

@test "what was attached before a restart can be detached and attached after it" {
	prepare_dma "attach edu a"
	ctl session restart
	expect_ok ""
	iommufdctl detach edu
	ctl attach edu a
	expect_silence
	expect_dma 0
	ctl session restart
	expect_ok ""
	iommufdctl ioas alloc --name b
	iommufdctl ioas map b in_a --iova 1M
	iommufdctl ioas map b source --iova 2M
	iommufdctl replace edu b
	expect_dma 200
	iommufdctl replace edu a
	expect_dma 300
}

@test "a client that waits while a session restarts is served by the new process" {
	start
	local i pids=()
	for i in 1 2 3 4 5 6; do
		session-garbage "$PLACE/default" many 30 ioas alloc 3>&- &
		pids+=($!)
	done
	for i in 1 2 3; do
		ctl session restart
		expect_ok ""
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	ctl session show --json
	expect_out_has '"ioas":180,'
}

@test "session restart runs the program that is installed now" {
	cp "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/tool"
	try "$BATS_TEST_TMPDIR/tool" session start
	expect_ok ""
	local pid
	pid=$(holder_pid)
	iommufdctl ioas alloc --name kept
	cp "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/newer"
	mv "$BATS_TEST_TMPDIR/newer" "$BATS_TEST_TMPDIR/tool"
	[[ $(readlink "/proc/$pid/exe") == *deleted* ]]
	ctl session restart
	expect_ok ""
	[[ $(readlink "/proc/$pid/exe") == "$BATS_TEST_TMPDIR/tool" ]]
	iommufdctl show kept
	# and where there is none, all goes on
	rm "$BATS_TEST_TMPDIR/tool"
	ctl session restart
	expect_fail 1 "session restart: " "(ENOENT)"
	ctl show kept
	expect_silence
	kill -KILL "$pid"
}

# ---- the same as in a batch ----------------------------------------------------------------------

# In a batch of its own each line is the last one of those before it that were good; then, in a session, all come after each
# other. A device can be bound in one of them at a time only.
compare() {
	local file=$BATS_TEST_TMPDIR/batch good="" seen="" n=0 i
	local script=() codes=() outs=() errs=()
	while IFS= read -r line; do
		script+=("$line")
		printf '%s%s\n' "$good" "$line" >"$file"
		ctl batch "$file"
		codes+=("$status")
		outs+=("$output")
		# what earlier lines had to note is not of this one
		errs+=("$(grep -E "^hint: |:$((n + 1)): " <<<"$stderr" | sed "s|^$file:[0-9]*: |iommufdctl: |" || true)")
		if ((status == 0)); then
			good+=$line$'\n'
			n=$((n + 1))
		fi
	done
	start
	for i in "${!script[@]}"; do
		eval "words=(${script[i]})"
		ctl "${words[@]}"
		output=$seen${seen:+${output:+$'\n'}}$output
		if [[ ${codes[i]} != "$status" || ${errs[i]} != "$stderr" || $(printf %s "${outs[i]}") != "$(printf %s "$output")" ]]; then
			echo "line: ${script[i]}"
			diff <(printf '%s\n' "status: ${codes[i]}" "${outs[i]}" "${errs[i]}") <(printf '%s\n' "status: $status" "$output" "$stderr") || true
			return 1
		fi
		((status)) || seen=$output
	done
}

@test "lines about objects and memory are in a session what they are in a batch" {
	printf 'some text\n' >"$BATS_TEST_TMPDIR/text"
	compare <<-END
		ioas alloc
		ioas alloc --name a
		ioas alloc --name a
		ioas alloc --name 9x
		ioas alloc surplus
		ioas alloc --bogus
		ioas alloc --json
		mem create m 64K
		mem create m 64K
		mem create n 5
		mem create n 0x7fffffffffffffffffff
		mem create --bogus
		mem write m 0 $BATS_TEST_TMPDIR/text
		mem write m 0 $BATS_TEST_TMPDIR/missing
		mem write m 0 $BATS_TEST_TMPDIR
		mem write m 65530 $BATS_TEST_TMPDIR/text
		mem write nothing 0 $BATS_TEST_TMPDIR/text
		mem write m x $BATS_TEST_TMPDIR/text
		mem write m 0
		mem read m 0 10
		mem read m 65536 1
		mem read m 0 10 --json
		mem list
		mem list --json
		ioas map a m --iova 1M
		ioas map a m --iova 1M
		ioas map a m --iova 1
		ioas map a nothing
		ioas map nothing m
		ioas map a fd:77
		ioas map a m --offset 3
		ioas map a m --iova 4M --offset 4K --length 4K --read
		ioas ranges a
		ioas ranges a --json
		ioas ranges 99
		ioas ranges $NOWHERE
		show
		show a
		show --json
		show 99
		show m
		mem destroy m
		ioas unmap a 2M
		ioas unmap a 1M 1
		ioas unmap a 1M
		ioas unmap a 4M --json
		ioas unmap a
		mem destroy m
		mem destroy fd:9
		destroy 1 a
		destroy
		destroy ""
		ioas alloc --name m
		mem list
		show
		frobnicate
		ioas
		ioas frobnicate
		help attach
		show --help
		show -j
		show -jx
		destroy m 99 m
	END
}

@test "lines about devices are in a session what they are in a batch" {
	requires physical emulated
	local cdev
	cdev=/dev/vfio/devices/$(cdev "$MTTY")
	exec 8</dev/null
	compare <<-END
		ioas alloc --name a
		ioas alloc --name b
		list
		attach $PHYSICAL a
		unbind $PHYSICAL
		bind $PHYSICAL --name phys
		bind $PHYSICAL
		bind phys
		bind $MTTY --name phys
		bind $MTTY --name 7
		bind $cdev --name tty
		bind $cdev
		bind $(cdev "$MTTY")
		bind ffff:ff:1f.7
		bind /dev/vfio/devices/vfio99
		bind ./nothing
		bind nothing
		bind /dev/null
		bind fd:77
		bind fd:8
		bind fd:x
		bind ""
		bind
		bind 12
		attach phys a
		attach phys a
		attach phys b
		attach phys $NOWHERE
		attach phys nothing
		attach tty a
		attach tty b
		attach $cdev a
		attach nothing a
		attach fd:77 a
		attach fd:8 a
		attach /dev/null a
		attach a a
		attach phys phys
		attach phys
		replace phys b
		replace $cdev b
		replace tty 99
		replace tty b --json
		show
		show phys
		show tty --json
		show --json
		destroy b
		destroy tty
		ioas ranges b
		detach phys
		detach phys
		replace phys a
		replace tty phys
		detach $MTTY --json
		replace tty a
		detach nothing
		detach 5
		unbind nothing
		unbind tty
		unbind tty
		bind $MTTY
		show
		unbind phys
		destroy a b
		show
	END
}

# ---- words that name a file or an fd -------------------------------------------------------------

@test "a device may be named by every word, the client's fd among them" {
	requires emulated
	local path
	path=/dev/vfio/devices/$(cdev "$MTTY")
	start
	iommufdctl ioas alloc --name a
	ln -s "$path" "$BATS_TEST_TMPDIR/link"
	cd "$BATS_TEST_TMPDIR"
	for word in "$path" ./link "$MTTY" "${path##*/}" fd:7; do
		[[ $word != fd:7 ]] || exec 7<>"$path" # which keeps it bound
		ctl bind "$word"
		expect_silence
		ctl attach "$word" a
		expect_ok 1
		ctl detach "$path"
		expect_ok ""
		ctl unbind "$word"
		expect_ok ""
	done
}

@test "an fd of the client is copied: the device stays bound when the client is gone" {
	requires emulated
	start
	try bash -c "exec 7<>/dev/vfio/devices/$(cdev "$MTTY"); iommufdctl bind fd:7 --name tty"
	expect_ok 1
	iommufdctl ioas alloc --name a
	ctl attach tty a
	expect_ok 2
}

@test "memory of the client is mapped by its fd, and stays when the client is gone" {
	requires edu fdtool
	start
	iommufdctl ioas alloc --name a
	iommufdctl bind "$EDU" --name edu
	try fdtool memfd 64K -- true
	try fdtool memfd 65536 -- sh -c 'printf "from the client" >&9; iommufdctl ioas map a fd:9 --iova 1M'
	expect_silence
	iommufdctl mem create m 4K
	iommufdctl ioas map a m --iova 2M
	iommufdctl attach edu a
	try iommufdctl session exec --share -- edu-dma '{fd:edu}' copy 0x100000 0x200000 15
	expect_ok ""
	ctl mem read m 0 15
	expect_ok "from the client"
	ctl session restart
	expect_ok ""
	try iommufdctl session exec --share -- edu-dma '{fd:edu}' copy 0x10000a 0x200000 5
	expect_ok ""
	ctl mem read m 0 5
	expect_ok "lient"
}

@test "a file is the client's: its directory, its mounts, its stdin" {
	start
	iommufdctl mem create m 64K
	cd "$BATS_TEST_TMPDIR"
	printf relative >file
	ctl mem write m 0 file
	expect_ok ""
	ctl mem read m 0 8
	expect_ok relative
	try unshare -m sh -c "mount -t tmpfs none $BATS_TEST_TMPDIR; cd $BATS_TEST_TMPDIR; printf mounted >file; iommufdctl mem write m 0 $BATS_TEST_TMPDIR/file"
	expect_ok ""
	ctl mem read m 0 8
	expect_ok mountede
	try sh -c 'printf piped | iommufdctl mem write m 0 -'
	expect_ok ""
	try sh -c 'iommufdctl mem write m 8 - <file'
	expect_ok ""
	ctl mem read m 0 16
	expect_ok "pipedederelative"
	try bash -c 'iommufdctl mem write m 0 <(printf substituted)'
	expect_ok ""
	try bash -c 'head -c 65537 /dev/zero | iommufdctl mem write m 0 -'
	expect_fail 1 EFBIG
	mkfifo fifo
	(sleep 0.3; printf late >fifo) 3>&- &
	ctl mem write m 0 fifo
	expect_ok ""
	ctl mem read m 0 11
	expect_ok "latetituted"
}

@test "a file is opened with the client's permissions" {
	start
	iommufdctl mem create m 4K
	printf secret >"$BATS_TEST_TMPDIR/secret"
	chown $NOBODY "$BATS_TEST_TMPDIR/secret"
	chmod 600 "$BATS_TEST_TMPDIR/secret"
	try setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \
		iommufdctl mem write m 0 "$BATS_TEST_TMPDIR/secret"
	expect_fail 1 "mem write: '$BATS_TEST_TMPDIR/secret': Permission denied (EACCES)"
	ctl mem write m 0 "$BATS_TEST_TMPDIR/secret"
	expect_ok ""
}

@test "a client that has not come to the end of its pipe holds nobody up" {
	start
	iommufdctl mem create m 4K
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	iommufdctl mem write m 0 "$BATS_TEST_TMPDIR/fifo" 3>&- &
	local pid=$!
	exec {writer}>"$BATS_TEST_TMPDIR/fifo"
	TIME_LIMIT=5 ctl ioas alloc
	expect_ok 1
	printf done >&"$writer"
	exec {writer}>&-
	wait $pid
	ctl mem read m 0 4
	expect_ok done
}

# ---- much ----------------------------------------------------------------------------------------

@test "large output passes whole, as text and as JSON" {
	start
	session-garbage "$PLACE/default" many 3000 ioas alloc
	ctl show
	expect_silence
	[[ $(grep -cE '^ *[0-9]+ ' <<<"$output") == 3000 || $(grep -cw ioas <<<"$output") -ge 3000 ]]
	ctl show --json
	expect_silence
	[[ $(grep -o '"id":[0-9]*' <<<"$output" | sort -u | wc -l) == 3000 ]]
	[[ $output == '{"version":1,'*'}' ]]
}

@test "bytes pass whole, NULs among them" {
	start
	iommufdctl mem create m 4M
	head -c 4194304 /dev/urandom >"$BATS_TEST_TMPDIR/random"
	iommufdctl mem write m 0 "$BATS_TEST_TMPDIR/random"
	iommufdctl mem read m 0 4M | cmp - "$BATS_TEST_TMPDIR/random"
}

@test "output that cannot be written is a failure, as elsewhere" {
	start
	iommufdctl ioas alloc
	try sh -c 'iommufdctl show >/dev/full'
	expect_fail 1 "write error"
}

@test "-v shows the ioctls that the session made" {
	start
	ctl -v ioas alloc
	expect_status 0
	expect_out 1
	expect_err_has "iommufdctl: ioas alloc: IOMMU_IOAS_ALLOC fd="
}

# ---- session exec --------------------------------------------------------------------------------

@test "session exec moves a device out, to stay with the program" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name a
	ctl session exec -- sh -c "readlink /proc/self/fd/{fd:tty}; iommufdctl --iommufd fd:{fd:iommufd} attach fd:{fd:tty} 2"
	expect_ok "/dev/vfio/devices/$(cdev "$MTTY")" 2
	ctl attach tty a
	expect_fail 1 "attach: 'tty'"
	# The program has ended, and nobody has the device any more.
	until_true iommufdctl bind "$MTTY"
	ctl show a
	expect_silence
}

@test "session exec --share keeps the device" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name a
	ctl session exec --share -- sh -c 'iommufdctl --iommufd fd:{fd:iommufd} attach fd:{fd:tty} 2'
	expect_ok 2
	ctl session show --json
	expect_out_has '"devices":1,'
	ctl detach tty
	expect_ok ""
	ctl unbind tty
	expect_ok ""
}

@test "session exec hands over memory, the iommufd and several devices, each once" {
	requires physical emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl bind "$PHYSICAL"
	iommufdctl mem create m 4K
	ctl session exec -- sh -c 'echo {fd:tty} {fd:tty} {fd:iommufd} {fd:mem:m} {fd:'"$PHYSICAL"'}; readlink /proc/self/fd/{fd:mem:m}'
	expect_silence
	local fds
	read -ra fds <<<"${lines[0]}"
	((fds[0] == fds[1] && fds[0] != fds[2] && fds[2] != fds[3] && fds[3] != fds[4]))
	expect_out_has "memfd:m"
	ctl session show --json
	expect_out_has '"devices":0,' '"memories":1,'
}

@test "session exec leaves a device in the session that CMD does not name" {
	requires physical emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl bind "$PHYSICAL" --name phys
	ctl session exec -- sh -c 'ls -l /proc/self/fd; : {fd:phys}'
	expect_silence
	[[ $(grep -c /dev/vfio/ <<<"$output") == 1 ]]
	[[ $(grep -c /dev/iommu <<<"$output") == 0 ]]
	ctl session show --json
	expect_out_has '"devices":1,'
}

@test "session exec: the program's exit status is the command's" {
	start
	ctl session exec -- sh -c 'exit 42'
	expect_status 42
}

@test "session exec of a missing program moves nothing" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	ctl session exec -- /no/such/program '{fd:tty}'
	expect_fail 127 "session exec: '/no/such/program': No such file or directory (ENOENT)"
	: >"$BATS_TEST_TMPDIR/data"
	ctl session exec -- "$BATS_TEST_TMPDIR/data" '{fd:tty}'
	expect_fail 126 "(EACCES)"
	iommufdctl ioas alloc --name a
	ctl attach tty a
	expect_ok 2
}

@test "session exec of what the session does not have moves nothing" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	ctl session exec -- echo '{fd:tty}' '{fd:nothing}'
	expect_fail 1 "session exec: 'nothing': no device of this context"
	expect_out ""
	ctl session exec -- echo '{fd:tty}' '{fd:mem:nothing}'
	expect_fail 1 "'nothing': no memory has this name here"
	ctl session show --json
	expect_out_has '"devices":1,'
}

@test "while a device is handed over its session does not restart" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	# Taken with --move over a connection that stays: this is what session exec does before it becomes CMD.
	session-garbage "$PLACE/default" stall 1 session take --move tty >"$BATS_TEST_TMPDIR/out" 3>&- &
	local pid=$!
	until_true grep -q stalled "$BATS_TEST_TMPDIR/out"
	until_true bash -c 'iommufdctl session restart 2>&1 | grep -F "devices are being handed over: try again (EBUSY)"'
	kill "$pid"
	until_true bash -c 'iommufdctl session show --json | grep -F "\"devices\":0,"'
	ctl session restart
	expect_ok ""
}
