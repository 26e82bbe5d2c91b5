#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of iommufd-sim(1), and what the README shows of the tool, as they stand there.

load helpers

ROOT=$BATS_TEST_DIRNAME/../..

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# example N: the Nth block of the man page, in a shell
example() {
	sed '1,/^# EXAMPLES/d' "$ROOT/man/iommufd-sim.1.scd" |
		awk -v n="$1" '/^```/ { count++; next } count == 2 * n - 1 { gsub(/\\\\/, "\\"); print }' >example
	[[ -s example ]] || { echo "there is no example $1"; return 1; }
	try bash -euo pipefail example
}

# What a setup script may be
write_setup() {
	cat >setup <<-'END'
		#!/bin/bash -e
		iommufdctl batch - <<<$'bind 0000:17:00.0 --name gpu\nioas alloc --name a\nattach gpu a'
		iommufdctl features --require fault-alloc
		iommufdctl features --require viommu-alloc 2>/dev/null || echo older
	END
	chmod +x setup
}

@test "the devices of the machine that is built in" {
	example 1
	expect_silence
	expect_out_has '0000:00:04.0'
}

@test "a shell script's way" {
	example 2
	expect_ok 1 3
}

@test "a setup script, on a server with eight GPUs" {
	cp "$ROOT/examples/topologies/8-gpus.json" .
	write_setup
	example 3
	expect_silence
	expect_line 3 3
	expect_line -1 older
}

@test "these are all of them" {
	[[ $(sed '1,/^# EXAMPLES/d' "$ROOT/man/iommufd-sim.1.scd" | grep -c '^```') == 6 ]]
}

# The block below this heading, without its indentation
readme() {
	awk -v heading="## $1" '$0 == heading { there = 1; next } there && /^    / { print substr($0, 5); shown = 1 }
		shown && !/^    / { exit }' "$ROOT/README.md"
}

@test "README: what it looks like" {
	readme 'What it looks like' >shown
	# Lines that begin with '# ' are typed, up to what is said of them; the others are what comes.
	sed -n 's/^# //; T; s/   *(.*)$//; p' shown >typed
	grep -v '^# ' shown >expected
	(($(wc -l <typed) == 5))
	insim bash -c 'source ./typed 2>&1'
	diff expected <(cat <<<"$output") || wrong 'expected what the README shows'
}

@test "README: a script of yours runs in it" {
	grep -qF '`iommufd-sim ./setup`' "$ROOT/README.md"
	printf '#!/bin/sh -e\niommufdctl --once ioas alloc 2>/dev/null\n' >setup
	chmod +x setup
	try iommufd-sim ./setup
	expect_ok 1
}
