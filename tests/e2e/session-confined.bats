#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the simulator: 6
#
# What a holder has given up, seen from outside: it is confined before it answers, once, also after a restart;
# and its list of system calls is what it needs, no less and no more. tests/unit/test-confine.c tries each
# call that is not on it.

load helpers
load sessions

tracer=''

teardown() {
	sessions_teardown
	[[ ! $tracer ]] || wait "$tracer" || true
}

# Of this shell there are none, but for that of a simulator.
filters_here=$(sed -n 's/^Seccomp_filters:[[:space:]]*//p' /proc/self/status)
mode_here=$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)

status_of_holder() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(holder_pid)/status"
}

expect_confined() {
	[[ $(status_of_holder NoNewPrivs) == 1 && $(status_of_holder Seccomp) == 2 ]] || wrong 'not confined'
	[[ $(status_of_holder Seccomp_filters) == $((filters_here + 1)) ]] || wrong "not one filter"
}

@test "a holder is confined, in the background and in the foreground, and once, however often it restarts" {
	start
	expect_confined
	for _ in 1 2 3; do
		ctl session restart
		expect_ok
	done
	expect_confined
	ctl session stop
	iommufdctl session start --foreground 3>&- &
	tracer=$!
	until_true iommufdctl session show
	expect_confined
}

@test "clients, and what session exec executes, are not confined" {
	requires emulated
	start
	ctl bind "$MTTY" --name tty
	ctl session exec -- sh -c 'grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status' sh '{fd:tty}'
	expect_ok
	expect_line 1 $'NoNewPrivs:\t0'
	expect_line 2 $'Seccomp:\t'"$mode_here"
}

@test "a batch does not become a holder: what comes behind it would be confined" {
	batch <<-END
		session start --foreground
	END
	expect_fail 2 '--foreground is not possible in a batch'
}

# rows NAME: the names in a table of cli/session/confine.c, as this architecture has them
rows() {
	sed -n "/^static const struct rule $1\\[\\]/,/^};/p" cli/session/confine.c |
		sed 's/__NR_\([a-z0-9_]*\)/ANY(\1)/g' | grep -oE 'ANY\([a-z0-9_]+\)' | sed 's/ANY(\(.*\))/\1/' | sort -u
}

# A session of all kinds of work under strace.
work() {
	local i
	supervisor --ready-file "$BATS_TEST_TMPDIR/ready" -- \
		strace -D -f -qq -o "$TRACE" iommufdctl session start --foreground 3>&- >/dev/null 2>&1 &
	tracer=$!
	until_true test -s "$BATS_TEST_TMPDIR/ready"
	iommufdctl bind "$EDU" --name edu
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name a
	iommufdctl ioas alloc --name b
	iommufdctl mem create m 1M
	echo hello | iommufdctl mem write m 0 -
	iommufdctl mem read m 0 5
	iommufdctl mem create huge 2M --huge 2M || true
	iommufdctl ioas map a m --iova 1M
	fdtool memfd 64K -- sh -c 'iommufdctl ioas map a fd:9; iommufdctl ioas map a fd:9'
	iommufdctl attach edu a
	iommufdctl replace edu b
	# What the reasons of failures are looked for in.
	iommufdctl ioas map a m --iova 1 || true
	iommufdctl attach edu 999 || true
	iommufdctl destroy a || true
	iommufdctl hot-reset edu || true
	iommufdctl low-power edu on || true
	iommufdctl migration get edu || true
	iommufdctl info edu
	iommufdctl hw-info edu || true
	iommufdctl detach edu
	iommufdctl reset edu
	iommufdctl list
	iommufdctl features
	iommufdctl fault alloc --name q && iommufdctl destroy q
	iommufdctl session exec -- true '{fd:tty}'
	iommufdctl session exec --device "$MTTY=tty" -- true
	for ((i = 0; i < 300; i++)); do echo "ioas alloc --name i$i"; done >"$BATS_TEST_TMPDIR/many"
	iommufdctl -s default batch "$BATS_TEST_TMPDIR/many"
	iommufdctl show --all
	iommufdctl session show
	iommufdctl session restart
	iommufdctl -v show
	# Its socket's name is gone: the next program makes it anew.
	mv "$PLACE/default" "$PLACE/moved"
	iommufdctl -s moved session restart
	iommufdctl show
	iommufdctl session stop --force
}

# Restarts that go wrong: to a program that does not answer, and to one that fails as it takes over.
work_in_vain() {
	local tool=$BATS_TEST_TMPDIR/tool
	cp "$BUILD/iommufdctl" "$tool"
	strace -D -f -qq -o "$TRACE.vain" "$tool" session start other --foreground 3>&- >/dev/null 2>&1 &
	until_true iommufdctl session show other
	printf '#!/bin/sh\nexec sleep 60\n' >"$tool.1"
	printf '#!/bin/sh\ncase "$*" in *--back*) LD_PRELOAD=%s; export LD_PRELOAD ;; esac\nexec %s "$@"\n' \
		"$BUILD/tests/fake/no-epoll.so" "$BUILD/iommufdctl" >"$tool.2"
	for i in 1 2; do
		chmod +x "$tool.$i"
		mv "$tool.$i" "$tool"
		iommufdctl session restart other && return 1
	done
	iommufdctl session stop other --force
}

# What came after the filter. Of restarts in vain only what belongs to them: a shell ran there.
calls() {
	sed '1,/PR_SET_SECCOMP/d' "$TRACE" | sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p'
	sed '1,/PR_SET_SECCOMP/d' "$TRACE.vain" | sed -n 's/^[0-9]* *\(execveat\|kill\)(.*/\1/p'
}

@test "what a session calls is on the list, and what is on the list is called" {
	requires edu emulated strace
	TRACE=$BATS_TEST_TMPDIR/trace
	work >"$BATS_TEST_TMPDIR/out" 2>&1 || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
	work_in_vain >"$BATS_TEST_TMPDIR/out" 2>&1 || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
	# The one call that shall be refused: whoever is confined knows by it.
	try grep -hE '= -1 (EPERM|EACCES)' "$TRACE" "$TRACE.vain"
	! grep -qv ' sched_getscheduler(' <<<"$output" || wrong 'refused'
	calls | sort -u >"$BATS_TEST_TMPDIR/calls"
	{ rows used; rows alike; echo sched_getscheduler; } | sort -u >"$BATS_TEST_TMPDIR/allowed"
	wrong=$(comm -23 "$BATS_TEST_TMPDIR/calls" "$BATS_TEST_TMPDIR/allowed")
	[[ ! $wrong ]] || { echo "called, and not on the list: $wrong"; return 1; }
	wrong=$(rows used | comm -13 "$BATS_TEST_TMPDIR/calls" -)
	[[ ! $wrong ]] || { echo "on the list, and not called: $wrong"; return 1; }
}
