#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Batch files that are none, and batches that fail half-way.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

@test "a batch file that cannot be read" {
	cd "$BATS_TEST_TMPDIR"
	mkdir directory
	ctl batch missing
	refused 1 "iommufdctl: batch: 'missing': No such file or directory (ENOENT)"
	ctl batch missing/below
	refused 1 "'missing/below': No such file or directory (ENOENT)"
	ctl batch directory
	refused 1 'directory:1: Is a directory (EISDIR)'
}

@test "a file that is no text" {
	cd "$BATS_TEST_TMPDIR"
	printf 'help\0\n' >nul
	ctl batch nul
	refused 2 'nul:1: a NUL byte: this is no text'
	ctl batch "$BASH"
	refused 2 "$BASH:1: a NUL byte: this is no text"

	# Each byte but NUL, newline and blanks; the terminal is given none of them as they are.
	local bytes='' i
	for i in {1..8} {11..12} {14..31} {33..255}; do
		printf -v bytes '%s\\x%02x' "$bytes" "$i"
	done
	printf '%b\n' "${bytes//\\x23/}" >garbage
	ctl batch garbage
	refused 2 'garbage:1: '
	[[ $stderr != *[$'\001'-$'\010\013'-$'\037\177']* ]] || wrong 'a control character went to the terminal'

	head -c 1M /dev/zero | tr '\0' a >long
	ctl batch long
	refused 2 'long:1: the line is longer than 65536 bytes'
	{
		printf '# comment\n\n'
		head -c 65537 /dev/zero | tr '\0' '#'
		echo
	} >longer
	ctl batch longer
	refused 2 'longer:3: the line is longer than 65536 bytes'
	head -c 65536 /dev/zero | tr '\0' '#' >allowed
	ctl batch allowed
	expect_ok
}

@test "quotes and backslashes that have no end" {
	batch <<<$'\n\nioas alloc "a'
	refused 2 '<stdin>:3: a quote is not closed'
	batch < <(printf '\nlist \\\n\\\n')
	refused 2 'the file ends in a backslash'
}

@test "files from elsewhere: empty, CRLF, without a last newline" {
	requires iommufd
	batch </dev/null
	expect_ok
	[[ ! $output ]]
	batch <<<$'\n  \n# comment\n\t# another\n\r'
	expect_ok
	[[ ! $output ]]
	batch < <(printf 'ioas alloc --name a\r\nioas alloc\r\ndestroy a\r\n\r\nioas alloc')
	expect_ok 1 2 1
}

@test "a batch in a batch" {
	cd "$BATS_TEST_TMPDIR"
	: >file
	batch <<<'batch file'
	refused 2 '<stdin>:1: batch: not possible inside a batch'
	batch <<<'batch -'
	refused 2 '<stdin>:1: batch: not possible inside a batch'
	batch <<<'--once list'
	refused 2 "<stdin>:1: unknown verb '--once'"
	batch <<<'iommufdctl list'
	refused 2 "<stdin>:1: unknown verb 'iommufdctl'"
}

@test "what follows a failure is not run" {
	requires iommufd
	batch <<-'END'
		ioas alloc
		frob
		ioas alloc
	END
	expect_fail 2 "<stdin>:2: unknown verb 'frob'"
	expect_out 1
	batch --keep-going <<-'END'
		ioas alloc
		frob
		ioas alloc
		destroy 9
		list --frob
	END
	expect_fail 4 '<stdin>:2: ' '<stdin>:4: ' '<stdin>:5: '
	expect_out 1 2
	# A line that cannot be split ends it all the same: what follows cannot be told from it.
	batch --keep-going <<-'END'
		ioas alloc
		"
		ioas alloc
	END
	expect_fail 2 '<stdin>:2: a quote is not closed'
	expect_out 1
}

@test "a failure half-way leaves nothing behind" {
	requires iommufd physical
	local commands=(
		"bind $PHYSICAL --name d"
		'mem create m 64K'
		'ioas alloc --name a'
		'ioas map a m --iova 0x10000'
		'attach d a'
		'ioas map a m --iova 0x10000'
	)
	batch < <(printf '%s\n' "${commands[@]}")
	expect_fail 1 '<stdin>:6: ioas map: '
	# The device can be bound again, and everything has the same ids.
	batch < <(printf '%s\n' "${commands[@]:0:5}")
	expect_ok 1 2 0x10000 3
}

@test "a failure half-way in an inherited iommufd says what is left in it" {
	requires iommufd mtty
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$MTTY")"
	try iommufdctl --iommufd "fd:$io" batch - <<-END
		bind fd:$dev
		ioas alloc --name a
		attach fd:$dev a
		frob
	END
	expect_fail 2 "<stdin>:4: unknown verb 'frob'" 'left in the inherited iommufd: IOAS 2, 0 mappings' \
		"left attached: fd:$dev, to 2"
	ctl --iommufd "fd:$io" destroy 2
	expect_fail 1 EBUSY
	ctl --iommufd "fd:$io" detach "fd:$dev"
	expect_ok
	ctl --iommufd "fd:$io" destroy 2
	expect_ok
}

@test "exec with a program that is not there, fails, or is killed" {
	cd "$BATS_TEST_TMPDIR"
	: >plain
	batch <<<'exec -- ./missing'
	refused 127 "exec: './missing': No such file or directory (ENOENT)"
	batch <<<'exec -- ./plain'
	refused 126 "exec: './plain': Permission denied (EACCES)"
	batch <<<'exec -- sh -c "exit 7"'
	refused 7 "exec: 'sh': ended with 7"
	# shellcheck disable=SC2016 # the inner shell's
	batch <<<'exec -- sh -c "kill -KILL \$\$"'
	refused 137 "exec: 'sh': ended by signal 9"
	batch <<<'exec -- echo {fd:nix}'
	refused 1 "exec: 'nix': no device of this context"
	batch <<<'exec -- echo {fd:mem:nix}'
	refused 1 "exec: 'nix': no memory has this name here"
	batch <<<'exec -- echo {fd:'
	refused 2 "exec: '{fd:': expected {fd:iommufd}, {fd:DEV} or {fd:mem:NAME}"
	batch <<<'exec --device vfio0 -- true'
	refused 2 'exec: --device is for exec alone'
}

@test "a limit on files is an error of the line that meets it" {
	requires iommufd
	try bash -c 'ulimit -f 16; exec iommufdctl batch --keep-going -' <<-'END'
		mem create small 16K
		mem create large 1M
		exec -- sh -c 'ulimit -f; kill -XFSZ $$; echo survived'
		mem list
	END
	expect_fail 4 "<stdin>:2: mem create: 'large': File too large (EFBIG)" "<stdin>:3: exec: 'sh': ended by signal"
	expect_out_has small
	[[ $output != *survived* ]]
}
