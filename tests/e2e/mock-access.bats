#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# What only the kernel's own test devices (CONFIG_IOMMUFD_TEST) can do, on IOASes and memory that the tool made. An access is the
# emulated path: it reads, writes and pins pages through its IOAS. A mock domain is the physical one.

load helpers

# At 16M lies "old." in IOAS 1, "new." in IOAS 2.
setup() {
	requires iommufd access
	printf 'old.\n' >"$BATS_TEST_TMPDIR/old"
	printf 'new.\n' >"$BATS_TEST_TMPDIR/new"
	start="ioas alloc
ioas alloc
mem create old 64K
mem create new 64K
mem write old 0 $BATS_TEST_TMPDIR/old
mem write new 0 $BATS_TEST_TMPDIR/new
ioas map 1 old --iova 16M
ioas map 2 new --iova 16M"
	at=0x1000000
}

# ---- access: the emulated path -------------------------------------------------------------------

@test "an access reads and writes the memory of its IOAS" {
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} access-create 1 + access-rw 1 $at 4 read + access-rw 1 $at 3 write abc
		mem read old 0 5
		mem read new 0 5
	END
	expect_ok_end 1 "old." ok "abc." "new."
}

@test "an access that is replaced reads and writes the other IOAS" {
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} access-create 1 + access-replace 1 2 + access-rw 1 $at 4 read + \
			access-rw 1 $at 3 write abc
		mem read old 0 5
		mem read new 0 5
	END
	expect_ok_end 1 ok "new." ok "old." "abc."
}

@test "an access pins and unpins before, and after a replace" {
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} access-create 1 pin + access-pin 1 $at 8192 write + access-unpin 1 0 + \
			access-replace 1 2 + access-pin 1 $at 8192 write + access-unpin 1 1
	END
	expect_status 0
	expect_line -1 ok
}

@test "a replace makes the access give up the pages that it has pinned" {
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} access-create 1 pin + access-pin 1 $at 4096 + access-replace 1 2 + \
			expect ENOENT access-unpin 1 0
		ioas unmap 1 16M
		destroy 1
	END
	expect_silence
	expect_line -1 ENOENT
}

@test "while a replace is under way the access has no IOAS: ENOENT" {
	batch <<<"exec -- access-window {fd:iommufd}"
	expect_ok \
		"before: rw ok" "before: read old" \
		"during: rw ENOENT" "during: replace ENOENT" "during: pin ENOENT" \
		"the replace ok" "after: rw ok" "after: read new" "after: pin ok"
}

@test "a replace by an IOAS that does not exist leaves the old one" {
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} access-create 1 + expect ENOENT access-replace 1 $NOWHERE + access-rw 1 $at 4 read
	END
	expect_silence
	expect_line -1 "old."
}

@test "an access to an IOVA where nothing is mapped: ENOENT" {
	batch <<-END
		$start
		ioas unmap 1 16M
		exec -- iommu-test {fd:iommufd} access-create 1 pin + expect ENOENT access-rw 1 $at 4 read + \
			expect ENOENT access-pin 1 $at 4096
	END
	expect_silence
	expect_line -1 ENOENT
}

@test "an access does not write to a mapping made with --read" {
	batch <<-END
		$start
		ioas unmap 1 16M
		ioas map 1 old --iova 16M --read
		exec -- iommu-test {fd:iommufd} access-create 1 pin + access-rw 1 $at 4 read + \
			expect EPERM access-rw 1 $at 3 write abc + expect EPERM access-pin 1 $at 4096 write
		mem read old 0 5
	END
	expect_ok_end "old." EPERM EPERM "old."
}

# access MODE: IOAS 1 in fd:$iommu, and an access 1 to it in the background: say COMMAND sets answer.
access() {
	exec {iommu}<>/dev/iommu
	ctl --iommufd "fd:$iommu" ioas alloc
	coproc iommu-test "$iommu" 3>&-
	from=${COPROC[0]} to=${COPROC[1]}
	say "access-create 1 $*"
	[[ $answer == 1 ]]
}

say() {
	echo "$1" >&"$to"
	read -r -t 20 answer <&"$from"
}

@test "unmap makes an access give up the pages that it has pinned" {
	access pin
	say "map 1 $at 8192"
	say "access-pin 1 $at 8192"
	[[ $answer == 0 ]]
	ctl --iommufd "fd:$iommu" ioas unmap 1 16M 8K --json
	expect_ok '{"version":1,"length":8192}'
	say "expect ENOENT access-unpin 1 0"
	[[ $answer == ENOENT ]]
}

@test "destroy of an IOAS with an access attached: EBUSY" {
	access
	ctl --iommufd "fd:$iommu" destroy 1
	expect_fail 1 "destroy: '1': the object is in use (EBUSY)" "hint: "
	say "access-destroy 1"
	ctl --iommufd "fd:$iommu" destroy 1
	expect_ok ""
}

@test "destroy of an IOAS that an access was moved away from" {
	access
	ctl --iommufd "fd:$iommu" ioas alloc
	expect_silence
	other=$output
	say "access-replace 1 $other"
	[[ $answer == ok ]]
	ctl --iommufd "fd:$iommu" destroy 1
	expect_ok ""
	ctl --iommufd "fd:$iommu" destroy "$other"
	expect_fail 1 "destroy: '$other': the object is in use (EBUSY)"
}

# ---- mock domain: the physical path --------------------------------------------------------------

@test "a mock device keeps its IOAS and its HWPT from being destroyed" {
	requires mock
	batch --keep-going <<-END
		$start
		exec -- iommu-test {fd:iommufd} mock-domain 1
		destroy 1
	END
	expect_fail 4 "destroy: '1': the object is in use (EBUSY)"
	read -r stdev hwpt device <<<"${lines[-1]}"
	((stdev && hwpt && device))
	batch --keep-going <<-END
		$start
		exec -- iommu-test {fd:iommufd} mock-domain 1
		destroy $hwpt
		destroy $device
		destroy $stdev
		destroy 1
	END
	expect_fail 4 "destroy: '$hwpt': the object is in use (EBUSY)" "destroy: '$device': the object is in use (EBUSY)"
	expect_err_lacks "destroy: '$stdev'" "destroy: '1'"
}

@test "a mock device that is replaced frees the old IOAS" {
	requires mock
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} mock-domain 1
	END
	expect_silence
	read -r stdev _ <<<"${lines[-1]}"
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} mock-domain 1
		exec -- iommu-test {fd:iommufd} mock-replace $stdev 2
		destroy 1
		destroy 2
	END
	expect_fail 1 "destroy: '2': the object is in use (EBUSY)"
	expect_err_lacks "destroy: '1'"
}

@test "a mock device narrows the ranges of its IOAS to its aperture" {
	requires mock
	batch <<-END
		ioas alloc
		exec -- iommu-test {fd:iommufd} mock-domain 1
		ioas ranges 1 --json
		ioas alloc
		mem create ram 4K
		ioas map 1 ram --iova 8M
	END
	expect_fail 1 "ioas map: '1': 0x800000-0x800fff reaches into 0x0-0xffffff, which is not usable (EINVAL)"
	expect_line 3 '{"version":1,"ranges":[{"start":16777216,"last":2147483647,"alignment":2048}]}'
}

@test "an unmap takes the pages of a mock device and of an access away at once" {
	requires mock
	batch <<-END
		$start
		exec -- iommu-test {fd:iommufd} mock-domain 1
		exec -- iommu-test {fd:iommufd} access-create 1 pin + access-pin 1 $at 65536 + unmap 1 $at 65536 + \
			expect ENOENT access-unpin 1 0
	END
	expect_silence
	expect_line -2 65536
	expect_line -1 ENOENT
}
