#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 45
#
# The examples of iommufdctl(1) and of libiommufd(3) work as they stand there. That of QEMU: tests/vmm/recipes.bats; those of
# iommufdctl-session(1): session-man.bats.

load helpers
load sessions

MAN=$BATS_TEST_DIRNAME/../../man

setup() {
	requires iommufd physical
	sessions_setup
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	sessions_teardown
}

# block PAGE TEXT: the literal block of its examples below the paragraph that begins so, as a reader sees it
block() {
	sed '1,/^# EXAMPLES/d' "$MAN/$1.scd" | awk -v text="$2" '
		index($0, text) == 1 { there = 1 }
		there && /^```/ { if (inside) exit; inside = 1; next }
		inside { gsub(/\\\\/, "\\"); print }' |
		sed "s/0000:01:00.0/$PHYSICAL/; s|/devices/vfio0|/devices/$(cdev "$PHYSICAL")|"
}

# example TEXT: it is run in a shell of its own, which ends at the first command that fails
example() {
	block iommufdctl.1 "$1" >example
	[[ -s example ]] || { echo "there is no example '$1'"; return 1; }
	try bash -euo pipefail example
}

two_batch() {
	block iommufdctl.1 'Map different memory' >two.batch
	[[ $(wc -l <two.batch) == 10 ]]
}

@test "a device is given to VFIO, and back" {
	requires root
	local PHYSICAL=$NVME
	example 'Give a PCI device'
	expect_silence
	expect_out_has "$PHYSICAL"
	iommufdctl session start
	iommufdctl bind "$PHYSICAL"
	example 'Give it back'
	expect_silence
	[[ ! -e /sys/bus/pci/devices/$PHYSICAL/vfio-dev ]] || wrong "VFIO has it still"
}

@test "the shell keeps the fds" {
	example 'Let the shell keep'
	expect_ok 1 3
}

@test "a batch: run, and kept until Ctrl-C" {
	two_batch
	example 'Run it, and print its end state'
	expect_silence
	expect_line 1 1
	expect_out_has attached "$PHYSICAL"

	# Ctrl-C is a signal to all that the terminal has in front. What a script starts in the background ignores it.
	block iommufdctl.1 'Run it and keep everything' >example
	setsid env --default-signal=INT bash -euo pipefail example >out 2>err 3>&- &
	job=$!
	until grep -q attached out; do kill -0 "$job"; sleep 0.1; done
	ctl --once bind "$PHYSICAL"
	expect_fail 1 EINVAL
	pkill -INT -s "$job"
	status=0
	wait "$job" || status=$?
	((status == 130)) || { echo "status $status"; cat err; return 1; }
	[[ $(<err) == 'iommufdctl: batch: holding everything until a signal ends it' ]] || { cat err; return 1; }
}

@test "a dialogue in bash" {
	example 'Hold a dialogue'
	expect_ok 'the IOAS has the id 1'
}

@test "a session, from command to command" {
	example 'Keep everything in a session'
	expect_ok 1 3
}

@test "these are all examples of the tool, but for the one of QEMU" {
	[[ $(sed '1,/^# EXAMPLES/d' "$MAN/iommufdctl.1.scd" | grep -c '^```') == 18 ]]
	[[ $(block iommufdctl.1 'Start QEMU') == *qemu-system* ]]
}

# build PROGRAM TEXT: that example of the library, as a program of somebody else
build() {
	requires "${CC:-cc}"
	block libiommufd.3 "$2" >"$1.c"
	"${CC:-cc}" -Wall -Wextra -Werror -I "$BATS_TEST_DIRNAME/../../lib" -o "$1" "$1.c" "$BUILD/libiommufd.a"
}

@test "libiommufd(3): a device is bound and attached" {
	build bind 'Bind a device'
	try ./bind "$PHYSICAL"
	expect_silence
	expect_out_has "$(cdev "$PHYSICAL") is device 1, attached to "
	try ./bind vfio999
	expect_fail 1 'hint: '
	try ./bind
	expect_fail 2
}

@test "libiommufd(3): a device is taken out of a session" {
	build take 'Take a device'
	iommufdctl session start
	iommufdctl bind "$PHYSICAL" --name nic
	try ./take nic
	expect_silence
	expect_out_has 'nic is fd '
	ctl show
	[[ $output != *"$PHYSICAL"* ]] || wrong "the session has it still"
	try ./take nic
	expect_fail 1 'nic'
}

@test "these are all examples of the library" {
	[[ $(sed '1,/^# EXAMPLES/d' "$MAN/libiommufd.3.scd" | grep -c '^```') == 4 ]]
}
