#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 35
#
# Every verb has help that fits a terminal, and its place in the manual.

load helpers

# Every verb, one a line.
verbs() {
	iommufdctl help --json | grep -o '"verb":"[^"]*"' | cut -d '"' -f 4
}

fits() {
	local long=$'[^\n]{81,}'
	[[ ! $output =~ $long ]] || wrong "a line of ${#BASH_REMATCH[0]} columns: ${BASH_REMATCH[0]}"
}

@test "help lists every verb, its arguments and what it does, in 80 columns" {
	ctl help
	expect_silence
	fits
	while read -r verb; do
		grep -qE "^  $verb +.*[A-Za-z]" <<<"$output" || wrong "no line about $verb" || return
	done < <(verbs)
}

@test "--help and -h are help; no words behind an option: a verb is missing" {
	ctl help
	help=$output
	ctl --help
	expect_ok "$help"
	ctl -h
	expect_ok "$help"
	ctl --json
	refused 2 "a verb is missing"
}

# The lines of stderr that are commands
commands() {
	sed -n 's/^  \(iommufdctl [^ ].*[^ ]\)  .*/\1/p' <<<"$stderr"
}

@test "the bare call: what this machine is, and the commands of a first day, in a dozen lines" {
	ctl
	expect_status 2
	[[ ! $output ]]
	mapfile -t shown <<<"$stderr"
	((${#shown[@]} <= 14)) || wrong "${#shown[@]} lines"
	[[ $stderr == "This machine: "* || $stderr == *$'\nThis machine: '* ]] || wrong "nothing about this machine"
	[[ ! $(grep -E '.{81}' <<<"$stderr") ]] || wrong "a line of more than 80 columns"
	(($(commands | wc -l) == 5)) || wrong "not five commands"
	expect_err_has "'iommufdctl help'" "'man iommufdctl'"
}

@test "the commands of the bare call work, one after the other, as they stand" {
	requires iommufd physical root
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	chmod 700 "$XDG_RUNTIME_DIR"
	ctl
	expect_err_has "which is on; iommufd; "
	{ echo "set -euo pipefail"; commands; } >"$BATS_TEST_TMPDIR/day"
	try bash "$BATS_TEST_TMPDIR/day"
	iommufdctl session stop --force
	expect_silence
	expect_out_has "DEVICE"
}

@test "the bare call on a machine without anything" {
	mkdir -p "$BATS_TEST_TMPDIR"/{sys/class,sys/firmware/acpi/tables,proc,dev}
	export IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/sys IOMMUFD_PROC=$BATS_TEST_TMPDIR/proc IOMMUFD_DEV=$BATS_TEST_TMPDIR/dev
	ctl
	expect_fail 2 "This machine: no IOMMU; no iommufd; no VFIO device"
	touch "$BATS_TEST_TMPDIR/sys/firmware/acpi/tables/DMAR"
	ctl
	expect_fail 2 "This machine: an IOMMU (Intel's), which is off; no iommufd; no VFIO device" \
		"iommufdctl doctor " "iommufdctl list --all " "iommufdctl claim DEV " "iommufdctl session start " "iommufdctl bind DEV "
	(($(commands | wc -l) == 5)) || wrong "not five commands"
}

@test "the verbs of first steps are verbs" {
	ctl help
	while read -r -a words; do
		iommufdctl "${words[1]}" --help >/dev/null || wrong "no verb: ${words[1]}"
	done < <(sed '1,/^First steps:/d; /^$/,$d' <<<"$output")
}

@test "help begins with first steps, and closes with the four ways to keep a context" {
	ctl help
	expect_silence
	[[ ${output%%$'\n'Options:*} == *$'\nFirst steps:\n  iommufdctl '* ]] || wrong "no first steps on top"
	[[ ${lines[*]: -6} == *"session start"*"batch FILE"*"exec 3<>/dev/iommu"*"iommufdctl exec "* ]] || wrong "not four ways at the end"
}

# way N: the Nth of them, with its words filled in
way() {
	iommufdctl help | sed '1,/^A context/d' | sed -n "$1s/^  \([^ ].*[^ ]\)  .*/\1/p" |
		sed "s|FILE|$BATS_TEST_TMPDIR/lines|; s|DEV|$PHYSICAL|; s|CMD|true|; s|VERB|ioas alloc|"
}

@test "each of the four ways works as help has it" {
	requires iommufd physical root
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	chmod 700 "$XDG_RUNTIME_DIR"
	echo 'ioas alloc' >"$BATS_TEST_TMPDIR/lines"
	try bash -euc "$(way 1); iommufdctl ioas alloc; iommufdctl session stop"
	expect_ok 1
	try bash -euc "$(way 2)"
	expect_ok 1
	try bash -euc "$(way 3)"
	expect_ok 1
	try bash -euc "$(way 4)"
	expect_ok ''
}

@test "help VERB and VERB --help: the usage first, in 80 columns, for every verb" {
	n=0
	while read -r -a verb; do
		ctl help "${verb[@]}"
		expect_silence
		[[ ${lines[0]} == "Usage: iommufdctl ${verb[*]} "* ]] || wrong "expected the usage of ${verb[*]} first"
		fits
		help=$output
		ctl "${verb[@]}" --help
		expect_ok "$help"
		n=$((n + 1))
	done < <(verbs)
	((n >= 20)) || wrong "only $n verbs"
}

@test "-h wins over whatever else is wrong with the words" {
	ctl attach -h
	expect_silence
	[[ ${lines[0]} == "Usage: iommufdctl attach "* && ${lines[*]:0:3} == *" DEV PT "* ]]
}

@test "help of what is no verb" {
	ctl help frobnicate
	expect_fail 2 "unknown verb 'frobnicate'" "hint: "
}

@test "help of the first word of several verbs lists these" {
	ctl help ioas
	expect_silence
	expect_out_has "  ioas alloc " "  ioas map "
	[[ $output != *"  list "* ]]
	ctl ioas
	expect_fail 2 "'ioas' needs one of: alloc, map, "
}

@test "GROUP help, GROUP --help and GROUP -h are help GROUP" {
	ctl help ioas
	help=$output
	for word in help --help -h; do
		ctl ioas "$word"
		expect_ok "$help"
	done
	# As with a verb, it wins over whatever else is wrong.
	ctl ioas -h frobnicate
	expect_ok "$help"
	ctl ioas frobnicate --help
	expect_fail 2 "'ioas' needs one of: alloc, map, "
	ctl frobnicate --help
	expect_fail 2 "unknown verb 'frobnicate'"
}

@test "help --json: verb, args and summary of each" {
	requires jq
	ctl help --json
	expect_silence
	jq -e '.version == 1 and (.verbs | length >= 20)
		and (.verbs | all(keys == ["args", "summary", "verb"] and (.summary | length > 5)))' <<<"$output"
}

@test "--version" {
	ctl --version
	expect_silence
	[[ $output =~ ^iommufdctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	version=$output
	ctl -V
	expect_ok "$version"
}

@test "help that cannot be written is a failure" {
	[[ -c /dev/full ]] || skip "no /dev/full"
	try sh -c 'iommufdctl help >/dev/full'
	expect_fail 1 "write error on the standard output: No space left on device"
}

@test "the man page has a section about every verb" {
	page=$BUILD/man/iommufdctl.1
	[[ -e $page ]] || skip "no man page was built"
	sections=$(sed -n 's/\\&//g; s/^\.SS //p' "$page")
	while read -r verb; do
		grep -q "^$verb\( \|\$\)" <<<"$sections" || { echo "not in the man page: $verb"; return 1; }
	done < <(verbs)
}
