#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# What a session has handed to a program: it says so while that program lives, and does nothing behind its back.

load helpers
load sessions

# The process that has the devices, as a VMM would. It ends with the test.
vmm() {
	rm -f "$BATS_TEST_TMPDIR/ready"
	iommufdctl session exec "$@" -- sh -c ": >$BATS_TEST_TMPDIR/ready; exec sleep 100" 3>&- &
	VMM=$!
	until_true test -e "$BATS_TEST_TMPDIR/ready"
	until_true grep -qx sleep "/proc/$VMM/comm"
	until_true bash -c 'iommufdctl session show --json | grep -F "\"clients\":1,"'
}

end_vmm() {
	kill "$VMM"
	wait "$VMM" || true
	VMM=''
}

teardown() {
	[[ -z ${VMM:-} ]] || end_vmm
	sessions_teardown
}

# Both functions of a group bound and one and two of them attached to an IOAS with memory; 'one' goes to a program.
hand_one_of_two() {
	requires group
	start
	iommufdctl ioas alloc --name a
	iommufdctl ioas alloc --name b
	iommufdctl mem create m 64K
	iommufdctl ioas map a m --iova 1M
	iommufdctl bind "$GROUP_A" --name one
	iommufdctl bind "$GROUP_B" --name two
	iommufdctl attach one a
	iommufdctl attach two a
	vmm --device one
}

@test "show tells what was handed to which program, until that ends" {
	hand_one_of_two
	ctl show
	expect_out_has "HANDED " "$VMM  sleep"
	ctl show --json
	expect_out_has "\"handed\":[{\"device\":\"$(cdev "$GROUP_A")\",\"name\":\"one\",\"address\":\"$GROUP_A\"" \
		"\"pid\":$VMM,\"command\":\"sleep\"}]"
	end_vmm
	ctl show --json
	expect_out_has '"handed":[]'
	ctl show
	[[ $output != *HANDED* ]]
}

@test "replace does not move the device of another program along, but by force" {
	hand_one_of_two
	ctl replace two b
	expect_fail 1 "replace: 'two': $GROUP_A, of the same IOMMU group, was handed to $VMM (sleep), and would move too (EBUSY)"
	expect_err_has "hint: iommufdctl replace two b --force"
	ctl show two --json
	expect_out_has '"asked":1}'
	ctl replace two b --force
	expect_silence
	end_vmm
	ctl replace two a
	expect_silence
}

@test "unmap takes no memory from the device of another program, but by force" {
	hand_one_of_two
	for words in "a --all" "a 1M" "a 1M 64K"; do
		# shellcheck disable=SC2086
		ctl ioas unmap $words
		expect_fail 1 "ioas unmap: 'a': $GROUP_A, which was handed to $VMM (sleep), works in it (EBUSY)"
		expect_err_has "hint: iommufdctl ioas unmap $words --force"
	done
	ctl show --json
	expect_out_has '"mappings":[{"ioas":1,'
	ctl ioas unmap b --all
	expect_ok ""
	ctl ioas unmap a 1M --force
	expect_ok ""
}

@test "hot-reset does not reset the device of another program along, but by force" {
	hand_one_of_two
	ctl hot-reset two
	expect_fail 1 "hot-reset: 'two': $GROUP_A, which shares its slot or bus, was handed to $VMM (sleep) (EBUSY)"
	expect_err_has "hint: iommufdctl hot-reset two --force"
	ctl hot-reset two --info
	expect_silence
}

@test "the IOAS of a device that was handed out is not destroyed, and it is said why" {
	hand_one_of_two
	iommufdctl unbind two
	ctl destroy a
	expect_fail 1 "destroy: 'a': the object is in use (EBUSY)"
	expect_err_has "hint: $GROUP_A, which was handed to $VMM (sleep), was attached to it: it ends with that process"
	end_vmm
	until_true iommufdctl destroy a
}

@test "a word that names what was handed out is told where that is" {
	hand_one_of_two
	for word in one "$GROUP_A" "$(cdev "$GROUP_A")"; do
		ctl detach "$word"
		expect_fail 1 "detach: '$word': it was handed to $VMM (sleep)"
		expect_err_lacks hint:
	done
	ctl bind "$GROUP_A"
	expect_fail 1 "bind: '$GROUP_A': it was handed to $VMM (sleep), which has it bound (EINVAL)"
	ctl session exec -- true '{fd:one}'
	expect_fail 1 "session exec: 'one': it was handed to $VMM (sleep)"
}

@test "a device whose program has ended is bound again without a trace of it" {
	hand_one_of_two
	end_vmm
	until_true iommufdctl bind "$GROUP_A" --name one
	ctl attach one a
	expect_silence
	ctl replace two b
	expect_status 0
	expect_err_has "one moved too"
	ctl show --json
	expect_out_has '"handed":[]'
}

@test "what was handed out is known after a restart and a crash" {
	requires group
	supervisor --ready-file "$BATS_TEST_TMPDIR/start" -- iommufdctl session start --foreground \
		2>"$BATS_TEST_TMPDIR/holder" 3>&- &
	until_true test -s "$BATS_TEST_TMPDIR/start"
	start() { :; }
	hand_one_of_two
	ctl session restart
	expect_ok ""
	ctl replace two b
	expect_fail 1 "was handed to $VMM (sleep)"
	kill -KILL "$(holder_pid)"
	until_true iommufdctl session show
	ctl ioas unmap a --all
	expect_fail 1 "$GROUP_A, which was handed to $VMM (sleep), works in it (EBUSY)"
	ctl show --json
	expect_out_has '"name":"one"' "\"pid\":$VMM,"
	iommufdctl session stop --force
}

@test "of a session that shares its device both may do everything" {
	hand_one_of_two
	end_vmm
	vmm --share --device two
	ctl show
	expect_out_has HANDED
	ctl replace two b
	expect_silence
}

@test "a stranger's IOAS is not unmapped while the program that has the iommufd lives, but by force" {
	requires iommufd
	start
	iommufdctl session exec --share-iommufd -- sh -c "iommufdctl --iommufd fd:{fd:iommufd} ioas alloc >$BATS_TEST_TMPDIR/ioas; exec sleep 100" 3>&- &
	VMM=$!
	until_true test -s "$BATS_TEST_TMPDIR/ioas"
	until_true grep -qx sleep "/proc/$VMM/comm"
	ctl ioas unmap "$(<"$BATS_TEST_TMPDIR/ioas")" --all
	expect_fail 1 "it is not this session's; the iommufd was handed to $VMM (sleep) (EBUSY)"
	end_vmm
	ctl ioas unmap "$(<"$BATS_TEST_TMPDIR/ioas")" --all
	expect_ok ""
}
