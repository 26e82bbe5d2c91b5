#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 35
#
# Mappings and memory that cannot be: each is refused, and what was mapped and written before is as it was.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

# cases [COMMAND...] <<END: after these commands, each line of stdin, "CODE | COMMAND | TEXT", is refused so. In a batch
# with all the others, with 'show' after each: nothing has changed. And in one of its own, for the exit status, where it
# is the first with this text.
cases() {
	local code command text i made answers errors codes=() commands=() texts=() all=('show -j')
	local -A seen=()
	while IFS='|' read -r code command text; do
		codes+=("${code% }") commands+=("$command") texts+=("${text# }") all+=("$command" 'show -j')
	done
	batch < <(printf '%s\n' "$@")
	expect_ok || return
	made=$output
	for i in "${!commands[@]}"; do
		[[ ! ${seen[${texts[i]}]:-} ]] || continue
		seen[${texts[i]}]=1
		batch < <(printf '%s\n' "$@" "${commands[i]}")
		expect_fail "${codes[i]}" "<stdin>:$(($# + 1)): " "${texts[i]}" || return
		[[ $output == "$made" ]] || wrong "expected no output from the last line" || return
	done

	batch --keep-going < <(printf '%s\n' "$@" "${all[@]}")
	expect_status 4 || return
	mapfile -t answers < <(sort -u <<<"${output#"$made"$'\n'}")
	((${#answers[@]} == 1)) || wrong "expected one and the same answer from each 'show'" || return
	mapfile -t errors < <(grep -v '^hint: ' <<<"$stderr")
	for i in "${!texts[@]}"; do
		[[ ${errors[i]} == "<stdin>:$(($# + 2 * i + 2)): "*"${texts[i]}"* ]] ||
			wrong "expected about '${commands[i]}': ${texts[i]}" || return
	done
	((${#errors[@]} == ${#texts[@]})) || wrong "expected ${#texts[@]} errors"
}

# A memory, an IOAS with a device, and two mappings.
mapped=(
	'mem create m 64K'
	'ioas alloc --name a'
	"bind $PHYSICAL --name d"
	'attach d a'
	'ioas map a m --iova 0x100000 --length 16K'
	'ioas map a m --iova 0x200000 --offset 8K --length 4K'
)

@test "mapping where it cannot be" {
	requires iommufd physical
	cases "${mapped[@]}" <<-END
		1 | ioas map a m --iova 0x300001 | the IOVA is no multiple of 4096, the alignment here (EINVAL)
		1 | ioas map a m --iova 0x300800 | the IOVA is no multiple of 4096
		1 | ioas map a m --iova 0x300000 --length 4097 | the length is no multiple of 4096
		1 | ioas map a m --iova 0x300000 --offset 1 --length 4K | the offset is no multiple of 4096
		1 | ioas map a m --iova 0x300000 --offset 2K | no multiple of 4096
		1 | ioas map a m --iova 0x103000 | overlaps a mapping (EEXIST)
		1 | ioas map a m --iova 0xff000 --length 8K | overlaps a mapping (EEXIST)
		1 | ioas map a m --iova 0xfc000 --piece 4K | overlaps a mapping (EEXIST)
		1 | ioas map a m --iova 0x1f8000 --piece 12K | overlaps a mapping (EEXIST)
		2 | ioas map a m --iova 0x300000 --piece 0 | --piece: '0' is no multiple of the page size, 4096
		2 | ioas map a m --iova 0x300000 --piece 6K | --piece: '6K' is no multiple of the page size, 4096
		2 | ioas map a m --iova 0x300000 --piece 4k | --piece: '4k' is no number of bytes
		2 | ioas map a m --piece 4K | --piece needs --iova
		2 | ioas map a m --iova 0xfffffffffffff000 --piece 4K | runs past the end of the address space
		1 | ioas map a m --iova 0x101000 --length 4K | overlaps a mapping (EEXIST)
		1 | ioas map a m --iova 0x100000 --length 16K | overlaps a mapping (EEXIST)
		1 | ioas map a m --iova 0x1f8000 | overlaps a mapping (EEXIST)
		1 | ioas map a m --iova 0x300000 --length 0 | the length is 0 (EINVAL)
		1 | ioas map a m --offset 64K | the length is 0 (EINVAL)
		1 | ioas map a m --length 68K | the range ends beyond the memory's 65536 bytes (EINVAL)
		1 | ioas map a m --offset 60K --length 8K | the range ends beyond the memory's 65536 bytes
		1 | ioas map a m --offset 68K | the range ends beyond the memory's 65536 bytes
		1 | ioas map a m --offset 0xffffffffffffffff --length 4K | the range ends beyond
		1 | ioas map a m --offset 0xfffffffffffff000 --length 8K | the range ends beyond
		1 | ioas map a m --iova 0x8000000000000000 | which is not usable (EINVAL)
		1 | ioas map a m --iova 0xffffffffffff0000 | (E
		1 | ioas map a m --iova 0xfffffffffffff000 | past the end of the address space (EOVERFLOW)
		1 | ioas map a m --iova 0xffffffffffffffff --length 4K | past the end of the address space
		1 | ioas map $NOWHERE m | no IOAS has this id (ENOENT)
		1 | ioas map a nix | no memory has this name here
		1 | ioas map a fd:999 | Bad file descriptor (EBADF)
	END
}

@test "mapping where a device has its reserved range" {
	requires iommufd physical
	find_reserved
	cases "${mapped[@]}" <<-END
		1 | ioas map a m --iova $(at_reserved 0) | reaches into $reserved, which is not usable (EINVAL)
		1 | ioas map a m --iova $(at_reserved -0x1000) --length 8K | reaches into $reserved, which is not usable (EINVAL)
	END
}

@test "memory of the caller's that cannot be mapped so" {
	requires iommufd physical
	local shared=/dev/shm/$BATS_ROOT_PID reader writer null disk
	# shellcheck disable=SC2094 # nothing is written
	exec {writer}>"$shared" {reader}<"$shared" {null}<>/dev/null
	truncate -s 64K "$shared"
	rm "$shared"
	exec {disk}<"$BASH"
	cases "${mapped[@]}" <<-END
		1 | ioas map a fd:$reader | the memory is read-only (EACCES)
		1 | ioas map a fd:$reader --write | the memory is read-only (EACCES)
		1 | ioas map a fd:$reader --read --length 68K | the range ends beyond the memory's 65536 bytes
		1 | ioas map a fd:$reader --read --iova 0xfc000 --piece 4K | overlaps a mapping (EEXIST)
		1 | ioas map a fd:$writer | the memory is read-only (EACCES)
		1 | ioas map a fd:$null | not a memfd, a file in memory or a dma-buf (EINVAL)
		1 | ioas map a fd:$disk --read | not a memfd, a file in memory or a dma-buf (EINVAL)
		2 | ioas map a fd:0 | 'fd:0' is no name of a memory, and no fd:N
		2 | ioas map a fd:x | 'fd:x' is no name of a memory, and no fd:N
	END
	batch <<-END
		ioas alloc --name a
		ioas map a fd:$reader --read --iova 0x10000
	END
	expect_ok 1 0x10000
}

@test "a memfd that is sealed against writing" {
	requires iommufd
	# shellcheck disable=SC2016 # the inner shell's
	try fdtool memfd 65536 -- bash -c 'fdtool seal 9 && exec iommufdctl batch --keep-going -' <<-'END'
		ioas alloc --name a
		ioas map a fd:9 --iova 0x10000
		ioas map a fd:9 --iova 0x10000 --write
		show -j
		ioas map a fd:9 --iova 0x10000 --read
	END
	expect_fail 4 "<stdin>:2: ioas map: 'fd:9': the memory is read-only (EACCES)" \
		"<stdin>:3: ioas map: 'fd:9': the memory is read-only (EACCES)"
	expect_out_has '"mappings":0' '"mappings":[]' $'\n0x10000'
}

@test "a memory that was sealed by a program it was handed to" {
	requires iommufd
	batch --keep-going <<-'END'
		mem create m 64K
		ioas alloc --name a
		exec -- fdtool seal {fd:mem:m}
		ioas map a m --iova 0x10000
		mem write m 0 /dev/null
		ioas map a m --iova 0x10000 --read
	END
	expect_fail 4 "<stdin>:4: ioas map: 'm': the memory is read-only (EACCES)" \
		"<stdin>:5: mem write: 'm': the memory is sealed against writing (EPERM)"
	expect_out 1 0x10000
}

@test "unmapping what is not there, or only half" {
	requires iommufd physical
	cases "${mapped[@]}" <<-END
		1 | ioas unmap a 0x500000 | this context knows no mapping that begins there
		1 | ioas unmap a 0x101000 | this context knows no mapping that begins there
		1 | ioas unmap a 0x500000 4K | nothing is there, or one lies only half inside (ENOENT)
		1 | ioas unmap a 0x100000 4K | one lies only half inside (ENOENT)
		1 | ioas unmap a 0x101000 4K | one lies only half inside (ENOENT)
		1 | ioas unmap a 0x102000 64K | one lies only half inside (ENOENT)
		1 | ioas unmap a 0xff000 8K | one lies only half inside (ENOENT)
		1 | ioas unmap a 0x102000 1M | one lies only half inside (ENOENT)
		1 | ioas unmap a 0x100001 16K | (ENOENT)
		1 | ioas unmap a 0x100000 15K | (ENOENT)
		1 | ioas unmap a 0x100000 0 | the length is 0 or the range is unaligned (EINVAL)
		1 | ioas unmap a 0xfffffffffffff000 8K | past the end of the address space (EOVERFLOW)
		1 | ioas unmap a 1 0xffffffffffffffff | past the end of the address space (EOVERFLOW)
		1 | ioas unmap $NOWHERE 0x100000 16K | no IOAS has this id (ENOENT)
		2 | ioas unmap a x | IOVA: 'x' is no number of bytes
		2 | ioas unmap a 0x100000 x | LENGTH: 'x' is no number of bytes
	END
	# What the kernel has, as against what the tool remembers.
	batch --keep-going <<-END
		$(printf '%s\n' "${mapped[@]}")
		ioas map a m --iova 0x103000
		ioas map a m --iova 0x200000 --length 4K
		ioas unmap a 0x100000 4K
		ioas unmap a 0xff000 8K
		ioas unmap a 0 0xffffffffffffffff -j
	END
	expect_out_has '{"version":1,"length":20480}'
}

@test "memory that cannot be made or destroyed" {
	requires iommufd physical
	cases "${mapped[@]}" <<-'END'
		2 | mem create n 0 | SIZE: '0' is no multiple of the page size, 4096
		2 | mem create n 1 | no multiple of the page size
		2 | mem create n 4097 | no multiple of the page size
		2 | mem create n 8388608T | SIZE: '8388608T' is more than a file can have
		2 | mem create n 4K --hugetlb 3M | --hugetlb: '3M' is no size of a huge page
		2 | mem create n 4K --hugetlb 4K | --hugetlb: '4K' is no size of a huge page
		2 | mem create n 4K --hugetlb 0 | --hugetlb: '0' is no size of a huge page
		2 | mem create n 0 --hugetlb 2M | no multiple of the page size, 2097152
		2 | mem create n 3M --hugetlb 2M | no multiple of the page size, 2097152
		1 | mem create n 1T --hugetlb 2M | Cannot allocate memory (ENOMEM)
		1 | mem create n 512M --hugetlb 512M | No such device (ENODEV)
		1 | mem create m 4K | the name is taken by a memory
		1 | mem destroy m | it is mapped, 2 times (EBUSY)
		1 | mem destroy n | no memory has this name here
	END
	batch <<<'mem create n 1T --hugetlb 2M'
	expect_err_has 'hint: are there free huge pages of that size? see /sys/kernel/mm/hugepages'
}

@test "bytes that do not fit into memory" {
	requires iommufd physical
	cd "$BATS_TEST_TMPDIR"
	local zeros
	head -c 65537 /dev/zero | tr '\0' x >long
	printf 'xyz' >short
	mkdir directory
	cases "${mapped[@]}" <<-'END'
		1 | mem write m 0 long | 'long': its 65537 bytes are more than the 65536 from that offset on (EFBIG)
		1 | mem write m 65534 short | 'short': its 3 bytes are more than the 2 from that offset on (EFBIG)
		1 | mem write m 64K short | more than the 0 from that offset on (EFBIG)
		1 | mem write m 65537 short | the range ends beyond the memory's 65536 bytes (EINVAL)
		1 | mem write m 0xffffffffffffffff short | the range ends beyond the memory's 65536 bytes
		1 | mem write m 0 missing | 'missing': No such file or directory (ENOENT)
		1 | mem write m 0 short/x | Not a directory (ENOTDIR)
		1 | mem write m 0 directory | Is a directory (EISDIR)
		1 | mem write m 0 /dev/zero | longer than the memory (EFBIG); the first 65536 bytes are written
		2 | mem write m 0 - | '-' is the standard input, which holds the batch: name a file
		2 | mem write fd:3 0 short | 'fd:3' is no name of a memory
		1 | mem read m 64K 1 | the range ends beyond the memory's 65536 bytes (EINVAL)
		1 | mem read m 0 65537 | the range ends beyond the memory's 65536 bytes
		1 | mem read m 65537 0 | the range ends beyond the memory's 65536 bytes
		1 | mem read m 1 0xffffffffffffffff | the range ends beyond the memory's 65536 bytes
		1 | mem read m 0xffffffffffffffff 1 | the range ends beyond the memory's 65536 bytes
	END

	# Not a byte was written.
	batch --keep-going <<-'END'
		mem create m 64K
		mem write m 65534 short
		mem write m 0 long
		mem write m 0 directory
		mem write m 0 -
		mem read m 0 64K -j
	END
	expect_fail 4 EFBIG
	printf -v zeros '%0131072d' 0
	expect_out '{"version":1,"data":"'"$zeros"'"}'
}
