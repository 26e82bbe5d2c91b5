#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory and where it is mapped: mem create, write, read, list, destroy; ioas map, unmap, ranges; show.

load helpers

setup() {
	requires iommufd
	printf 'hello!!\n' >"$BATS_TEST_TMPDIR/hello"
	start=$'ioas alloc --name a\nmem create ram 16K'
}

# ---- ioas map ------------------------------------------------------------------------------------

@test "ioas map without --iova lets the kernel choose, never 0" {
	batch <<-END
		$start
		ioas map a ram
		ioas map a ram
		ioas map a ram
	END
	expect_silence
	for iova in "${lines[@]:1}"; do
		((iova > 0 && iova % 4096 == 0)) || wrong "not an address that the kernel should choose: $iova"
	done
	[[ ${lines[1]} != "${lines[2]}" && ${lines[2]} != "${lines[3]}" ]]
}

@test "ioas map --iova maps there, also at 0" {
	batch <<-END
		$start
		ioas map a ram --iova 0x10000
		ioas map a ram --iova 1M
		ioas map a ram --iova 0
		ioas map a ram --iova=3G
	END
	expect_ok 1 0x10000 0x100000 0x0 0xc0000000
}

@test "ioas map --offset and --length map a part; without --length all that is left" {
	batch <<-END
		$start
		ioas map a ram --iova 1M --offset 4K --length 8K
		ioas map a ram --iova 2M --offset 4K
		show --json
	END
	expect_silence
	expect_out_has '{"ioas":1,"iova":1048576,"length":8192,"memory":"ram","offset":4096,"access":"rw"}' \
		'{"ioas":1,"iova":2097152,"length":12288,"memory":"ram","offset":4096,"access":"rw"}'
}

@test "ioas map --piece maps in pieces that can be unmapped one by one" {
	batch <<-END
		$start
		ioas map a ram --iova 1M --offset 4K --piece 8K
		ioas unmap a 0x102000
		show --json
		ioas map a ram --iova 0x102000 --offset 12K --piece 4K --read --json
		ioas unmap a 1M 8K
		ioas unmap a --all --json
	END
	expect_silence
	expect_line 2 0x100000
	expect_out_has '"mappings":[{"ioas":1,"iova":1048576,"length":8192,"memory":"ram","offset":4096,"access":"rw"}]' \
		'{"version":1,"iova":1056768}'
	expect_line -1 '{"version":1,"length":4096}'
}

@test "ioas map --read, --write, both and neither" {
	batch <<-END
		$start
		ioas map a ram --iova 1M --read
		ioas map a ram --iova 2M --write
		ioas map a ram --iova 3M --read --write
		ioas map a ram --iova 4M
		show --json
	END
	expect_silence
	expect_out_has '"iova":1048576,"length":16384,"memory":"ram","offset":0,"access":"r"}' \
		'"iova":2097152,"length":16384,"memory":"ram","offset":0,"access":"w"}' \
		'"iova":3145728,"length":16384,"memory":"ram","offset":0,"access":"rw"}' \
		'"iova":4194304,"length":16384,"memory":"ram","offset":0,"access":"rw"}'
}

# The cap is what a root of a container, or a service, does not have; the limit is then 8 KiB.
@test "ioas map of more than RLIMIT_MEMLOCK into an attached IOAS is explained" {
	requires physical root setpriv
	ulimit -l 8
	try setpriv --bounding-set=-ipc_lock -- iommufdctl batch - <<-END
		$start
		bind $PHYSICAL --name dev
		attach dev a
		ioas map a ram
	END
	expect_fail 1 "ioas map: 'ram': process " " may pin 8192 bytes (RLIMIT_MEMLOCK), and 16384 are needed (ENOMEM)" \
		"hint: ulimit -l 16, "
}

@test "attach to an IOAS that maps more than RLIMIT_MEMLOCK is explained" {
	requires physical root setpriv
	ulimit -l 8
	try setpriv --bounding-set=-ipc_lock -- iommufdctl batch - <<-END
		$start
		bind $PHYSICAL --name dev
		ioas map a ram
		attach dev a
	END
	expect_fail 1 "attach: 'dev': process " " may pin 8192 bytes (RLIMIT_MEMLOCK), and 16384 are needed (ENOMEM)" \
		"hint: ulimit -l 16, "
}

# A file is mapped by a process that ends: it is charged all the same, by the limit that it had.
@test "the limit of who mapped counts where another process attaches" {
	requires physical root setpriv prlimit map-file
	local file=$BATS_TEST_TMPDIR/file io dev memory
	truncate -s 16K "$file"
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")" {memory}<>"$file"
	ctl --iommufd fd:$io bind fd:$dev
	expect_ok 1
	ctl --iommufd fd:$io ioas alloc
	expect_ok 2
	try setpriv --bounding-set=-ipc_lock prlimit --memlock=8192 iommufdctl --iommufd fd:$io ioas map 2 fd:$memory
	expect_status 0
	ctl --iommufd fd:$io attach fd:$dev 2
	expect_status 1
	expect_err_has 'pinning the memory of the IOAS failed' '(ENOMEM)'
	ctl --iommufd fd:$io ioas unmap 2 0 0xffffffffffffffff
	expect_status 0
	try setpriv --bounding-set=-ipc_lock prlimit --memlock=16384 iommufdctl --iommufd fd:$io ioas map 2 fd:$memory
	expect_status 0
	ctl --iommufd fd:$io attach fd:$dev 2
	expect_status 0
	exec {dev}<&- {io}<&- {memory}<&-
}

@test "an emulated device does not pin: RLIMIT_MEMLOCK does not matter" {
	requires emulated root setpriv
	ulimit -l 8
	try setpriv --bounding-set=-ipc_lock -- iommufdctl batch - <<-END
		$start
		bind $MTTY --name dev
		attach dev a
		ioas map a ram --iova 1M
	END
	expect_ok 1 2 1 0x100000
}

# ---- ioas unmap ----------------------------------------------------------------------------------

@test "ioas unmap without LENGTH ends the mapping that begins there" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		ioas map a ram --iova 2M
		ioas unmap a 1M
		show --json
	END
	expect_silence
	expect_out_has '"ioas":[{"id":1,"name":"a","mappings":1}]' '"mappings":[{"ioas":1,"iova":2097152,'
}

@test "ioas unmap with LENGTH ends several, and -j prints the bytes" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		ioas map a ram --iova 2M
		ioas map a ram --iova 4M
		ioas unmap a 1M 2M --json
		show --json
	END
	expect_silence
	expect_line 5 '{"version":1,"length":32768}'
	expect_out_has '"mappings":[{"ioas":1,"iova":4194304,' '"name":"ram","size":16384,"page_size":4096,"mappings":1}'
}

@test "ioas unmap of everything" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		ioas map a ram --iova 2M
		ioas unmap a 0 0xffffffffffffffff -j
		mem destroy ram
	END
	expect_ok 1 0x100000 0x200000 '{"version":1,"length":32768}'
}

@test "ioas unmap of half a mapping is explained, and leaves it" {
	batch --keep-going <<-END
		$start
		ioas map a ram --iova 1M
		ioas unmap a 1M 8K
		show --json
	END
	expect_fail 4 "ioas unmap: 'a': no such mapping or IOAS: nothing is there, or one lies only half inside (ENOENT)"
	expect_out_has '"mappings":[{"ioas":1,"iova":1048576,"length":16384,'
}

@test "ioas unmap that cuts the last of several mappings leaves all of them" {
	batch --keep-going <<-END
		$start
		ioas map a ram --iova 1M --length 4K
		ioas map a ram --iova 0x101000 --length 8K
		ioas unmap a 1M 8K
		ioas map a ram --iova 1M --length 4K
		show --json
	END
	expect_fail 4 "ioas unmap: 'a': no such mapping or IOAS: nothing is there, or one lies only half inside (ENOENT)" \
		"ioas map: 'a': the IOVA range overlaps a mapping (EEXIST)"
	expect_out_has '"mappings":[{"ioas":1,"iova":1048576,"length":4096,' \
		'{"ioas":1,"iova":1052672,"length":8192,'
}

@test "ioas unmap without LENGTH needs a mapping that begins there" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		ioas unmap a 0x101000
	END
	expect_fail 1 "ioas unmap: '0x101000': this context knows no mapping that begins there" "hint: name the LENGTH"
}

@test "an IOVA that is unmapped can be mapped again" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		ioas unmap a 1M
		ioas map a ram --iova 1M --read
	END
	expect_ok 1 0x100000 0x100000
}

# ---- show ----------------------------------------------------------------------------------------

@test "show lists the mappings in the order of their IOVA" {
	batch <<-END
		$start
		ioas map a ram --iova 2M --length 4K --read
		ioas map a ram --iova 1M
		show
	END
	expect_ok_end \
		"IOAS  NAME  MAPPINGS" \
		"1     a     2" \
		"" \
		"MEMORY  SIZE   PAGE-SIZE  MAPPINGS" \
		"ram     16384  4096       2" \
		"" \
		"IOAS  IOVA      LENGTH  MEMORY  OFFSET  ACCESS" \
		"1     0x100000  16384   ram     0       rw" \
		"1     0x200000  4096    ram     0       r"
}

@test "show REF shows one IOAS and its mappings alone" {
	batch <<-END
		$start
		ioas alloc --name b
		ioas map a ram --iova 1M
		ioas map b ram --iova 2M
		show b --json
	END
	expect_ok_end '{"version":1,"devices":[],"wanted":[],"pasids":[],"ioas":[{"id":2,"name":"b","mappings":1}],"hwpt":[],"objects":[],"foreign":[],"handed":[],"memories":[],"mappings":[{"ioas":2,"iova":2097152,"length":16384,"memory":"ram","offset":0,"access":"rw"}]}'
}

# ---- mem -----------------------------------------------------------------------------------------

@test "mem write and mem read: every byte comes back as it was" {
	for byte in {0..255}; do
		printf -v octal %03o "$byte"
		printf %b "\\0$octal"
	done >"$BATS_TEST_TMPDIR/bytes"
	iommufdctl batch - >"$BATS_TEST_TMPDIR/back" <<-END
		mem create ram 4K
		mem write ram 100 $BATS_TEST_TMPDIR/bytes
		mem read ram 100 256
	END
	cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/back"
}

@test "mem read --json prints hex" {
	printf '\0\001\177\200\377Az' >"$BATS_TEST_TMPDIR/bytes"
	batch <<-END
		mem create ram 4K
		mem write ram 0 $BATS_TEST_TMPDIR/bytes
		mem read ram 0 8 --json
	END
	expect_ok '{"version":1,"data":"00017f80ff417a00"}'
}

@test "mem list, as text and as JSON" {
	batch <<-END
		$start
		mem create other 1M
		ioas map a ram
		ioas map a ram
		mem list
		mem list --json
	END
	expect_ok_end \
		"MEMORY  SIZE     PAGE-SIZE  MAPPINGS" \
		"ram     16384    4096       2" \
		"other   1048576  4096       0" \
		'{"version":1,"memories":[{"name":"ram","size":16384,"page_size":4096,"mappings":2},{"name":"other","size":1048576,"page_size":4096,"mappings":0}]}'
}

@test "mem destroy of mapped memory is refused, and says what to do" {
	batch <<-END
		$start
		ioas map a ram
		ioas map a ram
		mem destroy ram
	END
	expect_fail 1 "mem destroy: 'ram': it is mapped, 2 times (EBUSY)" "hint: " "ioas unmap"
}

@test "mem destroy after the unmap, and the name is free" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		ioas unmap a 1M
		mem destroy ram
		mem create ram 8K
		mem list --json
	END
	expect_ok_end '{"version":1,"memories":[{"name":"ram","size":8192,"page_size":4096,"mappings":0}]}'
}

@test "destroy of an IOAS ends its mappings" {
	batch <<-END
		$start
		ioas map a ram --iova 1M
		destroy a
		mem destroy ram
		show --json
	END
	expect_ok_end '{"version":1,"devices":[],"wanted":[],"pasids":[],"ioas":[],"hwpt":[],"objects":[],"foreign":[],"handed":[],"memories":[],"mappings":[]}'
}

@test "mem create --hugetlb" {
	requires hugetlb
	batch <<-END
		mem create huge 2M --hugetlb 2M
		mem write huge 1M $BATS_TEST_TMPDIR/hello
		mem list --json
		mem read huge 1M 8
	END
	expect_ok '{"version":1,"memories":[{"name":"huge","size":2097152,"page_size":2097152,"mappings":0}]}' 'hello!!'
}

@test "huge pages that are mapped, and part of them" {
	requires hugetlb
	batch <<-END
		ioas alloc --name a
		mem create huge 2M --hugetlb 2M
		ioas map a huge --iova 4M
		ioas map a huge --iova 8M --offset 1M
	END
	expect_ok 1 0x400000 0x800000
}

# ---- ioas ranges ---------------------------------------------------------------------------------

@test "ioas ranges of an IOAS without a device: everything" {
	batch <<-END
		ioas alloc --name a
		ioas ranges a
		ioas ranges a --json
	END
	expect_ok 1 \
		"START  LAST                ALIGNMENT" \
		"0x0    0xffffffffffffffff  1" \
		'{"version":1,"ranges":[{"start":0,"last":18446744073709551615,"alignment":1}]}'
}

@test "ioas ranges narrows when a physical device is attached, and widens after the detach" {
	requires physical
	find_reserved
	batch <<-END
		bind $PHYSICAL --name dev
		ioas alloc --name a
		ioas ranges a
		attach dev a
		ioas ranges a
		detach dev
		ioas ranges a --json
	END
	expect_silence
	expect_line 4 "0x0    0xffffffffffffffff  1"
	# The first range ends before the interrupt messages.
	[[ $output == *$'\n0x0 '*"$(at_reserved -1) "*$'\n'"$(printf '%#x' $((reserved_last + 1))) "* ]]
	expect_line -1 '{"version":1,"ranges":[{"start":0,"last":18446744073709551615,"alignment":1}]}'
}

@test "ioas ranges: an emulated device only wants pages" {
	requires emulated
	batch <<-END
		bind $MTTY --name dev
		ioas alloc --name a
		attach dev a
		ioas ranges a --json
	END
	expect_ok_end '{"version":1,"ranges":[{"start":0,"last":18446744073709551615,"alignment":4096}]}'
}
