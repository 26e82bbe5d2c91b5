#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU with devices that it was handed, by exec and by a session; in it a Linux whose program has each of them do DMA.
# As root, and as a plain user in QEMU's sandbox. What is pinned, and what the session has, is the same before and behind.

load ../e2e/helpers
load ../e2e/sessions
load vmm

USERS_LIMIT=$(((MEMORY + 1024) << 20)) # what libvirt sets
SANDBOX=on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny

setup_file() {
	[[ $(qemu-system-x86_64 -object help) == *iommufd* ]]
	vfio_pci "$EDU" "$E1000E" "$NVME"
	make_guest "$BATS_FILE_TMPDIR/guest"
}

setup() {
	sessions_setup
	devices=(--device "$EDU=edu" --device "$E1000E=nic" --device "$NVME=ssd")
	as_user=(prlimit "--memlock=$USERS_LIMIT" "${drop[@]}" --no-new-privs --reuid=$NOBODY --regid=$NOBODY)
	guest_words edu nic ssd
	before=$(pinned)
}

teardown() {
	[[ ! $pid ]] || kill -KILL "$pid" 2>/dev/null || true
	sessions_teardown
}

# expect_driven: the guest has driven all three, and QEMU ended well.
expect_driven() {
	echo >"$keys"
	ended
	expect_status 0
	expect_out_has 'guest: edu DMA ok: hello from the guest' 'guest: e1000e DMA ok: head 1' \
		'guest: nvme DMA ok: QEMU NVMe Ctrl' 'guest: end'
	until_true is_pinned "$before"
}

# While it runs: three devices, and the IOAS and the HWPT that QEMU has made.
expect_objects() {
	ctl show --pid "$pid" --json
	expect_silence
	[[ $(jq -c '[.objects[].type] | map(select(. == "device")) | length' <<<"$output") == 3 ]] || wrong "three devices"
	expect_out_has '"type":"IOAS"' '"type":"HWPT"'
	(($(pinned) - before >= MEMORY << 8)) || wrong "the guest's memory is pinned"
}

# Nobody has them any more.
expect_free() {
	local address
	for address in "$EDU" "$E1000E" "$NVME"; do
		until_true iommufdctl --once bind "$address"
	done
}

@test "a guest does DMA with what exec has handed over" {
	launch iommufdctl exec --rlimit-mode process "${devices[@]}" -- "${vmm[@]}"
	until_said 'guest: waits'
	expect_objects
	expect_driven
	expect_free
}

@test "a guest does DMA with what exec has handed over, a plain user's, in the sandbox" {
	launch iommufdctl exec --rlimit-mode process "${devices[@]}" -- "${as_user[@]}" "${vmm[@]}" -sandbox "$SANDBOX"
	until_said 'guest: waits'
	[[ $(awk '/^Uid:/ { print $2 }' "/proc/$pid/status") == "$NOBODY" ]]
	[[ $(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status") == 2 ]]
	expect_objects
	expect_driven
	expect_free
}

# session_is SHOWN: all its objects, with their ids, are as they were.
session_is() {
	ctl show --all --json
	expect_silence
	[[ $output == "$1" ]] || wrong "expected as before: $1"
}

# session_shows DEVICES IOASES: in numbers; and nothing that a stranger has made.
session_shows() {
	ctl session show --json
	expect_out_has "\"devices\":$1,\"ioas\":$2,"
	ctl show --json
	expect_out_has '"foreign":[]'
}

# What show says of a QEMU that runs.
expect_handed() {
	local address
	until_true grep -q qemu-system "/proc/$pid/comm"
	ctl show --json
	for address in "$EDU" "$E1000E" "$NVME"; do
		[[ $(jq -r ".handed[] | select(.address == \"$address\") | .pid" <<<"$output") == "$pid" ]] || wrong "$address is handed to $pid"
	done
}

@test "a guest does DMA with what a session has handed over, and the session has it back" {
	start
	iommufdctl ioas alloc --name kept
	iommufdctl bind "$EDU" --name edu
	iommufdctl attach edu kept
	session_shows 1 1
	shown=$(iommufdctl show --all --json)
	launch iommufdctl session exec --unbind --device edu "${devices[@]:2}" -- "${vmm[@]}"
	expect_handed
	session_shows 0 1
	until_said 'guest: waits'
	expect_objects
	expect_driven
	session_shows 0 1
	ctl show --all --json
	expect_out_has '"devices":[]' '"ioas":[{"id":1,"name":"kept","mappings":0}]' '"objects":[]' '"handed":[]'
	until_true iommufdctl bind "$EDU" --name edu
	ctl attach edu kept
	expect_silence
	session_shows 1 1
	session_is "$shown"
	iommufdctl unbind edu
	expect_free
}

@test "a guest does DMA with what a session has handed over, a plain user's, in the sandbox" {
	start
	shown=$(iommufdctl show --all --json)
	launch iommufdctl session exec "${devices[@]}" -- "${as_user[@]}" "${vmm[@]}" -sandbox "$SANDBOX"
	expect_handed
	session_shows 0 0
	until_said 'guest: waits'
	expect_objects
	expect_driven
	session_shows 0 0
	session_is "$shown"
	expect_free
}

# ---- the session's own iommufd ---------------------------------------------------------------------

@test "what QEMU leaves in a session's iommufd is counted, and goes by destroy --foreign" {
	start --rlimit-mode process
	iommufdctl ioas alloc --name kept
	shown=$(iommufdctl show --all --json)
	idle_words edu
	TIME_LIMIT=200 try iommufdctl session exec --share-iommufd --device "$EDU=edu" -- "${vmm[@]}" <<<quit
	expect_status 0
	until_true iommufdctl bind "$EDU" --name edu
	ctl show --json
	expect_out_has '"ioas":[{"id":1,"name":"kept","mappings":0}]' '"foreign":[{"count":1,"type":"IOAS"},{"count":1,"type":"HWPT"}]'
	pins_guest
	ctl destroy --foreign
	expect_ok 2
	until_true is_pinned "$before"
	session_shows 1 1
	ctl attach edu kept
	expect_silence
	iommufdctl unbind edu
	session_is "$shown"
}

# ---- two of one user ------------------------------------------------------------------------------

# second_of_two VERB...: one QEMU of nobody's stands, with a limit that is enough for one and a half; now another one.
second_of_two() {
	local user=("${as_user[@]}") hold=$BATS_TEST_TMPDIR/hold
	user[1]=--memlock=$(((MEMORY * 3 / 2) << 20))
	mkfifo "$hold"
	idle_words edu
	out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	iommufdctl "$@" --device "$EDU=edu" -- "${user[@]}" "${vmm[@]}" <>"$hold" >"$out" 2>"$err" 3>&- &
	pid=$!
	until_true pins_guest
	idle_words ssd
	TIME_LIMIT=200 try iommufdctl "$@" --device "$NVME=ssd" -- "${user[@]}" "${vmm[@]}" <<<quit
	kill "$pid"
	wait "$pid" || true
	until_true is_pinned "$before"
}

pins_guest() {
	(($(pinned) - before >= MEMORY << 8))
}

@test "two QEMUs of one user have one limit for both, where the kernel charges the user" {
	second_of_two exec
	expect_status 1
	expect_err_has "dma_map" " = -12"
}

@test "two QEMUs of one user have a limit each, where the kernel charges the process" {
	second_of_two exec --rlimit-mode process
	expect_status 0
}

@test "two QEMUs of one user have a limit each in a session" {
	start
	shown=$(iommufdctl show --all --json)
	second_of_two session exec
	expect_status 0
	session_shows 0 0
	session_is "$shown"
}
