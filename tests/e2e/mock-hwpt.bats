#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# Page tables made by hand, on the mock devices of the kernel's self-test: dirty tracking, nesting, invalidation, and what an
# inherited iommufd holds.

load helpers

# An iommufd that this shell keeps as $io, with IOAS 1 and a mock device.
setup() {
	requires iommufd mock
	exec {io}<>/dev/iommu
	io_ctl ioas alloc
	read -r stdev auto idev < <(iommu-test "$io" mock-domain 1)
}

io_ctl() {
	ctl --iommufd "fd:$io" "$@"
}

alloc() {
	io_ctl hwpt alloc "$@"
	expect_silence || return
	id=$output
}

@test "hwpt alloc makes a page table, destroy ends it" {
	alloc "$idev" 1
	io_ctl destroy "$id"
	expect_ok ''
	io_ctl destroy "$id"
	expect_fail 1 'no object has this id (ENOENT)'
	io_ctl hwpt alloc "$idev" "$NOWHERE"
	expect_fail 1 'EINVAL'
	io_ctl hwpt alloc "$NOWHERE" 1
	expect_fail 1 'no physical device is bound under this id, or no fault queue has it (ENOENT)'
}

@test "a HWPT that something is attached to stays, with a hint" {
	alloc "$idev" 1
	iommu-test "$io" mock-replace "$stdev" "$id"
	io_ctl destroy "$id"
	expect_fail 1 'the object is in use (EBUSY)'
}

# 12 KiB from 0x1002000 on are written by a device.
make_dirty() {
	requires feature:hwpt-set-dirty feature:hwpt-dirty-bitmap
	alloc "$idev" 1 --dirty
	iommu-test "$io" mock-replace "$stdev" "$id" + map 1 0x1000000 0x10000
	io_ctl hwpt dirty on "$id"
	expect_ok ''
	iommu-test "$io" dirty "$id" 0x1002000 0x3000
}

@test "hwpt dirty read prints what was written, once" {
	make_dirty
	io_ctl hwpt dirty read "$id" 0x1000000 0x10000 --no-clear
	expect_ok 'IOVA                LENGTH' '0x1002000           12288'
	io_ctl hwpt dirty read "$id" 0x1000000 0x10000 --json
	expect_ok '{"version":1,"dirty":[{"iova":16785408,"length":12288}]}'
	io_ctl hwpt dirty read "$id" 0x1000000 0x10000 --json
	expect_ok '{"version":1,"dirty":[]}'
	io_ctl hwpt dirty off "$id"
	expect_ok ''
}

@test "hwpt dirty read --raw prints the bitmap" {
	make_dirty
	[[ $(iommufdctl --iommufd "fd:$io" hwpt dirty read "$id" 0x1000000 0x10000 --raw | od -An -tx1) == ' 1c 00' ]]
}

# A piece has 512K bits: of pages of 2 KiB the second one begins at 16 MiB + 1 GiB. The memory is mapped again and again.
@test "hwpt dirty read goes on in the next piece" {
	requires feature:hwpt-set-dirty feature:hwpt-dirty-bitmap
	batch <<-END
		ioas alloc --name a
		mem create ram 16M
		$(for ((i = 1; i <= 66; i++)); do echo "ioas map a ram --iova $((i * 16))M"; done)
		exec -- iommu-test {fd:iommufd} mock-domain 1
		hwpt alloc 3 a --dirty --name d
		hwpt dirty on d
		exec -- iommu-test {fd:iommufd} dirty 5 0x1000000 4096 + dirty 5 0x41000000 4096 + dirty 5 0x42ff0000 4096
		hwpt dirty read d 16M 1056M --page 2K --no-clear
		hwpt dirty read d 16M 1056M --page 2K --json
		hwpt dirty read d 16M 1056M --page 2K
	END
	expect_silence
	# How much of them is dirty depends on the kernel's mock.
	[[ $output =~ LENGTH$'\n0x1000000           '[0-9]+$'\n0x41000000          '[0-9]+$'\n0x42ff0000          '[0-9]+$'\n{' ]]
	[[ $output =~ '"dirty":[{"iova":16777216,"length":'[0-9]+'},{"iova":1090519040,"length":'[0-9]+'},{"iova":1124007936,'[^,]+']}' ]]
	expect_line -1 'IOVA                LENGTH'
}

@test "hwpt dirty read in a session goes on in the next piece, and serves others between two" {
	requires feature:hwpt-set-dirty feature:hwpt-dirty-bitmap
	local i reader
	export IOMMUFDCTL_SESSION=dirty$$
	iommufdctl session start 3>&-
	iommufdctl ioas alloc --name a
	iommufdctl mem create ram 16M
	for ((i = 1; i <= 66; i++)); do iommufdctl ioas map a ram --iova "$((i * 16))M"; done
	iommufdctl session exec --share-iommufd --share -- iommu-test '{fd:iommufd}' mock-domain 1
	iommufdctl hwpt alloc 3 a --dirty --name d
	iommufdctl hwpt dirty on d
	iommufdctl session exec --share-iommufd --share -- iommu-test '{fd:iommufd}' dirty 5 0x1000000 4096 + dirty 5 0x42ff0000 4096
	ctl hwpt dirty read d 16M 1056M --page 2K --no-clear
	expect_silence
	[[ $output =~ LENGTH$'\n0x1000000           '[0-9]+$'\n0x42ff0000          '[0-9]+$ ]]
	ctl hwpt dirty read d 16M 1056M --page 2K --json
	[[ $output =~ '"dirty":[{"iova":16777216,"length":'[0-9]+'},{"iova":1124007936,'[^,]+']}' ]]
	ctl hwpt dirty read d 16M 1056M --page 2K
	expect_ok 'IOVA                LENGTH'
	ctl hwpt dirty read missing 16M 1056M
	expect_fail 1 "hwpt dirty: 'missing': nothing has this name here"
	ctl hwpt dirty read d 16M 1
	expect_fail 2 'hwpt dirty: IOVA and LENGTH are multiples of the page, 4096'
	# One bit a byte for as long as it takes: others are served meanwhile.
	iommufdctl hwpt dirty read d 0 1P --no-clear >/dev/null 2>&1 3>&- &
	reader=$!
	for i in 1 2 3 4 5; do
		TIME_LIMIT=5 ctl session show
		expect_silence
	done
	kill "$reader" 2>/dev/null || true
	iommufdctl session stop --force
}

@test "hwpt dirty of a page table that was not made for it is explained" {
	requires feature:hwpt-set-dirty feature:hwpt-dirty-bitmap
	io_ctl hwpt dirty on "$auto"
	expect_fail 3 'the HWPT was not made for dirty tracking (EOPNOTSUPP)' "hint: make one with: iommufdctl --iommufd fd:$io hwpt alloc DEV IOAS --dirty"
	io_ctl hwpt dirty read "$auto" 0x1000000 0x10000
	expect_fail 3 '(EOPNOTSUPP)'
	io_ctl hwpt dirty on 1
	expect_fail 1 'no HWPT has this id (ENOENT)'
}

@test "hwpt dirty refuses words that make no sense" {
	io_ctl hwpt dirty read "$auto" 0x1000000
	refused 2 'an argument is missing'
	io_ctl hwpt dirty read "$auto" 1 4096
	refused 2 'IOVA and LENGTH are multiples of the page, 4096'
	io_ctl hwpt dirty read "$auto" 0 4096 --page 3000
	refused 2 "--page: '3000' is no power of two"
	io_ctl hwpt dirty read "$auto" 0xfffffffffffff000 8192
	refused 2 'the range runs past the end of the address space'
	io_ctl hwpt dirty maybe "$auto"
	refused 2 "ACTION: 'maybe' is none of off, on, read"
	io_ctl hwpt dirty on "$auto" 0
	refused 2 "'on' takes a HWPT and nothing else"
}

@test "a page table is nested in another, and invalidated" {
	requires feature:hwpt-invalidate
	alloc "$idev" 1 --nest-parent
	parent=$id
	printf '\xef\xbe\xad\x0b' >"$BATS_TEST_TMPDIR/data"
	alloc "$idev" "$parent" --type 0xdead --data "$BATS_TEST_TMPDIR/data"
	nested=$id
	io_ctl hwpt invalidate "$nested" --type 0xdeadbeef --entry 8 --data hex:0100000000000000 --json
	expect_ok '{"version":1,"handled":1}'
	io_ctl hwpt invalidate "$nested" --type 0xdeadbeef --entry 8 --data hex:01000000000000000200000000000000
	expect_fail 3 '(EOPNOTSUPP)' '1 of 2 entries were handled'
	io_ctl hwpt invalidate "$nested" --type 0xdeadbeef --entry 8 --data hex:
	expect_ok 0
	io_ctl hwpt invalidate "$nested" --type vtd-s1 --entry 8 --data hex:
	expect_fail 1 '(EINVAL)'
	[[ $stderr != *'were handled'* ]]
	io_ctl destroy "$parent"
	expect_fail 1 EBUSY
	io_ctl destroy "$nested" "$parent"
	expect_ok ''
}

@test "in a session the data is the client's" {
	requires feature:hwpt-invalidate
	iommufdctl session start data 3>&-
	iommufdctl -s data ioas alloc
	iommufdctl -s data session exec --share-iommufd -- iommu-test '{fd:iommufd}' mock-domain 1 >"$BATS_TEST_TMPDIR/mock"
	read -r _ _ idev <"$BATS_TEST_TMPDIR/mock"
	cd "$BATS_TEST_TMPDIR"
	printf '\xef\xbe\xad\x0b' >data
	printf '\1\0\0\0\0\0\0\0' >entry
	ctl -s data hwpt alloc "$idev" 1 --nest-parent --name parent
	expect_silence
	ctl -s data hwpt alloc "$idev" parent --type 0xdead --data data --name nested
	expect_silence
	ctl -s data hwpt alloc "$idev" parent --type 0xdead --data=data
	expect_silence
	ctl -s data hwpt invalidate nested --type 0xdeadbeef --entry 8 --data=entry
	expect_ok 1
	iommufdctl session stop data
}

@test "data and types that are none are refused" {
	io_ctl hwpt alloc "$idev" 1 --type vtd-s1
	refused 2 '--type and --data go together'
	io_ctl hwpt alloc "$idev" 1 --type vtd --data hex:00
	refused 2 "--type: 'vtd' is none of vtd-s1, arm-smmuv3, amd-guest"
	io_ctl hwpt alloc "$idev" 1 --type vtd-s1 --data hex:0
	refused 2 "--data: after 'hex:' come pairs of hex digits"
	io_ctl hwpt alloc "$idev" 1 --type vtd-s1 --data "$BATS_TEST_TMPDIR/none"
	refused 1 "No such file or directory (ENOENT)"
	io_ctl hwpt invalidate "$auto" --type vtd-s1 --entry 8 --data hex:00
	refused 2 '1 bytes are no whole entries of 8'
	io_ctl hwpt invalidate "$auto"
	refused 2 'it needs --type, --entry and --data'
}

@test "hw-info of a type that is not decoded shows the rest" {
	io_ctl hw-info "$idev" --json
	expect_silence
	[[ $output == '{"version":1,"hw_info":[{"type":null,"type_number":4276993775,"dirty_tracking":"yes",'*'"registers":[]}' ]]
	[[ $(kernel_release) == 6.* ]] || expect_out_has '"pci_ats":"no"'
	[[ $(iommufdctl --iommufd "fd:$io" hw-info "$idev" --raw | wc -c) == 8 ]]
	io_ctl hw-info 1
	expect_fail 1 ENOENT
	io_ctl hw-info "$idev" --type tegra241-cmdqv
	expect_fail 3 'no information of this type, or the kernel takes none (needs Linux 6.17) (EOPNOTSUPP)'
	[[ $(kernel_release) == 6.* || $(iommufdctl --iommufd "fd:$io" hw-info "$idev" --type 0xfeedbeef --raw | wc -c) == 8 ]]
}

@test "show asks the kernel what an inherited iommufd holds, and so does show --pid" {
	requires feature:hwpt-dirty-bitmap
	alloc "$idev" 1
	io_ctl show --json
	expect_silence
	expect_out_has "{\"id\":1,\"name\":null,\"type\":\"IOAS\"," "{\"id\":$idev,\"name\":null,\"type\":\"device\"," \
		"{\"id\":$auto,\"name\":null,\"type\":\"HWPT\"," "{\"id\":$id,\"name\":null,\"type\":\"HWPT\","
	ctl show --pid $BASHPID --json
	expect_silence
	expect_out_has "{\"fd\":$io,\"id\":1,\"type\":\"IOAS\"}" "{\"fd\":$io,\"id\":$id,\"type\":\"HWPT\"}"
}

@test "show --pid refuses what is no process, and other contexts" {
	ctl show --pid 0
	refused 2 "--pid: '0' is no process id"
	ctl show --pid 4194305
	expect_fail 1 ESRCH
	io_ctl show --pid $$
	refused 2 '--iommufd has no meaning here'
}
