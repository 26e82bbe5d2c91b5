#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 80
# seconds in the simulator: 5
#
# That a command in a session is what it is in a batch: output, errors, exit codes; and that much of it passes.

load helpers
load sessions

# ---- the same as in a batch ----------------------------------------------------------------------

# In a batch of its own each line is the last one of those before it that were good; then, in a session, all come after each
# other. A device can be bound in one of them at a time only.
compare() {
	local file=$BATS_TEST_TMPDIR/batch good="" seen="" n=0 i text error
	local script=() codes=() outs=() errs=()
	while IFS= read -r line; do
		script+=("$line")
		printf '%s%s\n' "$good" "$line" >"$file"
		ctl batch "$file"
		codes+=("$status")
		outs+=("$output")
		error=''
		while IFS= read -r text; do
			# what earlier lines had to note is not of this one
			[[ $text == 'hint: '* || $text == *":$((n + 1)): "* ]] || continue
			error+=${error:+$'\n'}${text/#"$file:$((n + 1))":/iommufdctl:}
		done <<<"$stderr"
		errs+=("$error")
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
		if [[ ${codes[i]} != "$status" || ${errs[i]} != "$stderr" || ${outs[i]} != "$output" ]]; then
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
