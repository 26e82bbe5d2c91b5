#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 20
#
# What programs make in a session's iommufd that they were given, and leave there: show counts it, destroy --foreign
# removes it.

load helpers
load sessions
load hints

# As QEMU does: an IOAS, a HWPT of it, and no destroy.
LEAVES='iommufdctl --iommufd fd:$1 batch - <<END
bind fd:$2 --name nic
ioas alloc --name guest
hwpt alloc nic guest --name table
attach nic table
END'

leave() {
	ctl session exec --share-iommufd --device "$EDU=nic" -- sh -c "$LEAVES${1:-}" sh '{fd:iommufd}' '{fd:nic}'
	expect_status 0
}

# foreign [TYPE COUNT]...: what show counts
foreign() {
	local expected=''
	while (($#)); do
		expected+="${expected:+,}{\"count\":$2,\"type\":\"$1\"}"
		shift 2
	done
	ctl show --json
	expect_out_has "\"objects\":[],\"foreign\":[$expected],"
}

is_unbound() {
	iommufdctl --once bind "$EDU"
}

@test "what a program leaves in a session's iommufd is counted, and destroyed" {
	requires edu
	start
	iommufdctl ioas alloc --name kept
	foreign
	leave
	until_true is_unbound
	foreign IOAS 1 HWPT 1
	ctl show
	expect_out_has $'FOREIGN  TYPE\n1        IOAS\n1        HWPT'
	leave
	until_true is_unbound
	foreign IOAS 2 HWPT 2
	ctl destroy --foreign
	expect_ok 4
	foreign
	ctl show --all --json
	expect_out_has '"ioas":[{"id":1,"name":"kept","mappings":0}]' '"objects":[],"foreign":[]'
	ctl destroy --foreign --json
	expect_ok '{"version":1,"destroyed":0}'
}

# KiB that files in memory take
shmem() {
	awk '/^Shmem:/ { print $2 }' /proc/meminfo
}

@test "destroy --foreign gives back the memory that a program has left mapped" {
	requires edu map-file
	requires kernel 'pinning takes memory'
	start
	local before
	before=$(shmem)
	LEAVES=${LEAVES/attach/$'mem create ram 64M\nioas map guest ram --iova 16M\nattach'}
	leave
	until_true is_unbound
	(($(shmem) >= before + 64000))
	ctl destroy --foreign
	expect_ok 2
	until_true eval '(($(shmem) < before + 32000))'
}

@test "destroy of an IOAS that a foreign HWPT keeps busy names the HWPT" {
	requires edu
	start
	local ioas hwpt
	leave
	until_true is_unbound
	ctl show --all --json
	ioas=$(jq '.objects[] | select(.type == "IOAS") | .id' <<<"$output")
	hwpt=$(jq '.objects[] | select(.type == "HWPT") | .id' <<<"$output")
	ctl destroy "$ioas"
	expect_fail 1 "destroy: '$ioas': the object is in use (EBUSY)" \
		"hint: HWPT $hwpt may be made of it, by a program that had the iommufd: iommufdctl destroy --foreign"
	leads_on '% % may be made of it, by a program that had the iommufd: {iommufdctl destroy --foreign}' destroy "$ioas"
	foreign
}

@test "while a program lives that was given the iommufd, what it made goes by --force alone" {
	requires edu
	start
	iommufdctl session exec --share-iommufd --device "$EDU=nic" -- sh -c "$LEAVES"$'\nexec sleep 100' sh '{fd:iommufd}' '{fd:nic}' \
		>/dev/null 3>&- &
	local pid=$! ioas
	until_true grep -qx sleep "/proc/$pid/comm"
	ctl destroy --foreign
	expect_fail 1 "destroy: the iommufd was handed to $pid (sleep), which may need what it made (EBUSY)" \
		'hint: iommufdctl destroy --foreign --force'
	# The device's fd is the program's: it is bound, and attached, and so the kernel keeps all three.
	foreign IOAS 1 device 1 HWPT 1
	ctl destroy --foreign --force
	expect_fail 1 "the object is in use (EBUSY)" "hint: what is bound to the iommufd"
	foreign IOAS 1 device 1 HWPT 1
	ioas=$(iommufdctl show --all --json | jq '.objects[] | select(.type == "IOAS") | .id')
	ctl destroy "$ioas"
	expect_fail 1 "(EBUSY)" "hint: the iommufd was handed to $pid (sleep)"
	find_hint 'the iommufd was %: % %, which it may have made of it, ends with {iommufdctl destroy --foreign --force}'
	kill "$pid"
	until_true is_unbound
	ctl destroy --foreign
	expect_ok 2
	foreign
}

@test "a program that lives has left what it does not need: --force destroys that" {
	start
	iommufdctl session exec --share-iommufd -- sh -c 'iommufdctl --iommufd fd:$1 ioas alloc; exec sleep 100' sh '{fd:iommufd}' >/dev/null 3>&- &
	local pid=$!
	until_true grep -qx sleep "/proc/$pid/comm"
	foreign IOAS 1
	ctl destroy --foreign
	expect_fail 1 "(EBUSY)"
	works '{iommufdctl% --force}'
	expect_out 1
	foreign
	kill "$pid"
}

@test "a device that a child of the program has bound keeps all that is foreign" {
	requires edu
	start
	leave $'\nsetsid sleep 100 >/dev/null 2>&1 3>&- &\necho $! >'"$BATS_TEST_TMPDIR/child"
	ctl destroy --foreign
	expect_fail 1 "destroy: a program has a device bound to the iommufd, " "(EBUSY)" "hint: iommufdctl destroy --foreign --force"
	foreign IOAS 1 device 1 HWPT 1
	kill "$(<"$BATS_TEST_TMPDIR/child")"
	until_true is_unbound
	ctl destroy --foreign
	expect_ok 2
}

@test "what the session has made is not foreign: page tables of its devices stay" {
	requires edu
	start
	iommufdctl session exec --share-iommufd -- true '{fd:iommufd}'
	iommufdctl bind "$EDU" --name nic
	iommufdctl ioas alloc --name a
	iommufdctl attach nic a
	foreign
	ctl destroy --foreign
	expect_ok 0
	ctl show nic --json
	expect_out_has '"state":"attached"'
}

@test "destroy --foreign in a batch: what a program of its own has left" {
	batch <<-END
		ioas alloc --name own
		exec -- sh -c 'iommufdctl --iommufd fd:\$1 ioas alloc' sh {fd:iommufd}
		show
		destroy --foreign
		show --json
	END
	expect_silence
	expect_out_has $'FOREIGN  TYPE\n1        IOAS' '"ioas":[{"id":1,"name":"own","mappings":0}]' '"foreign":[]'
}

@test "destroy --foreign survives a restart, and goes with nothing else" {
	start
	ctl session exec --share-iommufd -- iommufdctl --iommufd 'fd:{fd:iommufd}' ioas alloc
	expect_ok 1
	iommufdctl session restart
	foreign IOAS 1
	ctl destroy --foreign 1
	expect_fail 2 "--foreign goes with no REF"
	ctl destroy --force 1
	expect_fail 2 "--force goes with --foreign"
	ctl destroy
	expect_fail 2 "an argument is missing: expected REF..., or --foreign"
	ctl destroy --foreign
	expect_ok 1
	exec {io}<>/dev/iommu
	ctl --iommufd "fd:$io" destroy --foreign
	expect_fail 2 "--foreign: all that is in an inherited iommufd is foreign"
}
