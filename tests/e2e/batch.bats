#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# batch: how its lines are read, what a failure does, --keep-going, --echo, --hold, and the dialogue over a pair of pipes.

load helpers

setup() {
	requires iommufd
}

# ---- lines and words -----------------------------------------------------------------------------

@test "blank lines and comments are passed over" {
	batch <<-'END'
		# a comment
		   # and one after blanks

		ioas alloc   # behind a command
		ioas alloc --name a#b
	END
	expect_fail 2 "<stdin>:5: ioas alloc: 'a#b' is no name"
	expect_out 1
}

@test "words come out as a shell would make them" {
	printf '%s' "printf '<%s>' 'single  q' \"double  \\\" q\" back\\ slash '' \"\" 'a'\"b\"c \"\\n\" '\\'" >"$BATS_TEST_TMPDIR/words"
	{ printf 'exec -- '; cat "$BATS_TEST_TMPDIR/words"; echo; } >"$BATS_TEST_TMPDIR/batch"
	ctl batch "$BATS_TEST_TMPDIR/batch"
	expect_ok "$(sh "$BATS_TEST_TMPDIR/words")"
}

@test "a backslash at its end continues a line" {
	batch <<-'END'
		ioas \
		alloc
		exec -- printf %s/%s/%s a\
		b "c\
		d" e
		destroy \
			77
	END
	expect_fail 1 "<stdin>:6: destroy: '77'"
	expect_out 1 "ab/cd/e"
}

@test "no expansion: \$, * and ~ are themselves" {
	batch <<-'END'
		exec -- echo $HOME * ~ `id` ;
	END
	expect_ok "\$HOME * ~ \`id\` ;"
}

# ---- errors --------------------------------------------------------------------------------------

@test "an error names FILE:LINE" {
	printf 'ioas alloc\n\ndestroy 77\n' >"$BATS_TEST_TMPDIR/file"
	ctl batch "$BATS_TEST_TMPDIR/file"
	expect_fail 1 "$BATS_TEST_TMPDIR/file:3: destroy: '77': no object has this id (ENOENT)"
}

@test "the first failure ends it: later lines are not run" {
	batch <<-END
		ioas alloc
		destroy 77
		exec -- echo run
	END
	expect_fail 1 "<stdin>:2: destroy: '77'"
	expect_out 1
}

@test "a failure releases what was made before it" {
	requires emulated
	batch <<-END
		bind $MTTY --name serial
		ioas alloc --name a
		attach serial a
		destroy 77
	END
	expect_fail 1 "<stdin>:4: "
	batch <<<"bind $MTTY"
	expect_ok 1
}

# ---- --keep-going --------------------------------------------------------------------------------

@test "--keep-going runs all lines and exits with 4" {
	batch --keep-going <<-END
		ioas alloc
		destroy 77
		frobnicate
		exec -- sh -c 'exit 42'
		ioas alloc
	END
	expect_fail 4 "<stdin>:2: destroy" "<stdin>:3: unknown verb" "<stdin>:4: exec: 'sh': ended with 42"
	expect_out 1 2
}

@test "--keep-going without a failure exits with 0" {
	batch --keep-going <<<"ioas alloc"
	expect_ok 1
}

# ---- --echo --------------------------------------------------------------------------------------

@test "--echo prints each command on stderr before it runs" {
	batch --echo <<-END
		# nothing to see
		ioas alloc   --name  a
		destroy 77
	END
	expect_fail 1 $'+ ioas alloc --name a\n+ destroy 77\n<stdin>:3: destroy: '
	expect_out 1
}

# ---- JSON ----------------------------------------------------------------------------------------

@test "--json prints one object a line" {
	requires emulated jq
	batch --json <<-END
		bind $MTTY --name serial
		ioas alloc --name a
		mem create ram 4K
		ioas map a ram
		ioas ranges a
		attach serial a
		show
		mem list
		mem read ram 0 4
		ioas unmap a 0 0xffffffffffffffff
		detach serial
		unbind serial
		destroy a
		mem destroy ram
		list
	END
	expect_silence
	((${#lines[@]} == 15)) || wrong "expected 15 lines"
	jq -es 'all(.version == 1)' <<<"$output"
}

@test "--json before the verb does the same" {
	ctl --json batch - <<<"ioas alloc"
	expect_ok '{"version":1,"id":1}'
}

@test "--json of one line is that line's alone" {
	batch <<-END
		ioas alloc --json
		ioas alloc
	END
	expect_ok '{"version":1,"id":1}' 2
}

@test "--json: a failed line prints no object" {
	batch --json --keep-going <<-END
		ioas alloc
		destroy 77
		destroy 1
	END
	expect_fail 4 "<stdin>:2: "
	expect_out '{"version":1,"id":1}' '{"version":1}'
}

@test "--verbose shows each ioctl with its fields, on stderr" {
	batch --verbose <<-END
		ioas alloc
		destroy 1
	END
	expect_status 0
	expect_out 1
	expect_err_match "<stdin>:1: ioas alloc: IOMMU_IOAS_ALLOC fd=[0-9]+.* -> 0 .*=1 \\[[0-9.]+ us\\]"
	expect_err_match "<stdin>:2: destroy: IOMMU_DESTROY fd=[0-9]+ id=1 -> 0 \\[[0-9.]+ us\\]"
}

# ---- a dialogue ----------------------------------------------------------------------------------

# A batch in the background: commands go to $to, answers come from $from.
talk() {
	coproc iommufdctl batch - 3>&-
	child=$! from=${COPROC[0]} to=${COPROC[1]}
}

@test "answers arrive before the next command is sent" {
	talk
	for i in 1 2 3; do
		echo "ioas alloc" >&"$to"
		read -r -t 20 id <&"$from"
		((id == i))
		echo "ioas ranges $id --json" >&"$to"
		read -r -t 20 line <&"$from"
		[[ $line == '{"version":1,"ranges":'* ]]
	done
	exec {to}>&-
	wait "$child"
}

@test "a command that is not finished is waited for" {
	talk
	printf 'ioas al' >&"$to"
	run ! read -r -t 0.3 <&"$from"
	printf 'loc\n' >&"$to"
	read -r -t 20 id <&"$from"
	((id == 1))
}

# ---- --hold --------------------------------------------------------------------------------------

# Start a batch that holds a device, and wait until it says so. It is fd:$held, process $holder.
hold() {
	exec {held}< <(exec iommufdctl batch --hold - 3>&- 2>&1 <<-END
		bind $MTTY --name serial
		ioas alloc --name a
		attach serial a
	END
	)
	holder=$!
	while read -r -t 20 line <&"$held"; do
		[[ $line != *holding* ]] || return 0
	done
	echo "the batch does not hold: $line"
	return 1
}

@test "--hold keeps everything until a signal comes" {
	requires emulated
	hold
	batch <<<"bind $MTTY"
	expect_fail 1 "bind: '$MTTY': the device is bound already"
	kill -TERM "$holder"
	rc=0
	wait "$holder" || rc=$?
	((rc == 143))
	batch <<<"bind $MTTY"
	expect_ok 1
}

@test "--hold ends by SIGINT as well" {
	requires emulated
	hold
	kill -INT "$holder"
	rc=0
	wait "$holder" || rc=$?
	((rc == 130))
}

@test "--hold has printed its answers before" {
	exec {held}< <(exec iommufdctl batch --hold - 3>&- 2>/dev/null <<<"ioas alloc")
	holder=$!
	read -r -t 20 id <&"$held"
	kill "$holder"
	((id == 1))
}

@test "--hold does not hold after a failure" {
	batch --hold <<<"destroy 77"
	expect_fail 1 "<stdin>:1: destroy: '77'"
	expect_err_lacks "holding"
}

@test "--hold --keep-going holds in spite of a failure" {
	exec {held}< <(exec iommufdctl batch --hold --keep-going - 3>&- 2>&1 <<<$'destroy 77\nioas alloc')
	holder=$!
	while read -r -t 20 line <&"$held" && [[ $line != *holding* ]]; do :; done
	kill "$holder"
	[[ $line == *holding* ]]
}
