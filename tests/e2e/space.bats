#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an IOAS and an iommufd can beyond mapping: copies, allowed ranges, options, features.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

setup() {
	requires iommufd
}

start='ioas alloc --name a
ioas alloc --name b
mem create ram 1M
ioas map a ram --iova 0x1000000'

@test "ioas copy maps the same memory elsewhere, and it is remembered" {
	batch <<-END
		$start
		ioas copy b a 0x1010000 64K --iova 0x2000000 --read
		show b --json
		ioas unmap b 0x2000000
		ioas copy a a 0x1000000 1M --iova 0x8000000
		ioas unmap a 0x8000000
		show --json
	END
	expect_silence
	expect_out_has 0x2000000 \
		'"mappings":[{"ioas":2,"iova":33554432,"length":65536,"memory":"ram","offset":65536,"access":"r"}]' \
		'"mappings":[{"ioas":1,"iova":16777216,"length":1048576,"memory":"ram","offset":0,"access":"rw"}]}'
	expect_line 4 0x2000000
}

@test "ioas copy over several mappings makes as many" {
	batch <<-END
		$start
		mem create more 64K
		ioas map a more --iova 0x1100000
		ioas copy b a 0x10f0000 128K --iova 0x3000000
		show b --json
		ioas unmap b --all
		show b --json
	END
	expect_silence
	expect_out_has '{"ioas":2,"iova":50331648,"length":65536,"memory":"ram","offset":983040,"access":"rw"},{"ioas":2,"iova":50397184,"length":65536,"memory":"more","offset":0,"access":"rw"}]}' \
		'"mappings":[]}'
}

@test "ioas copy of what is not there, or not allowed, is explained" {
	batch --keep-going <<-END
		$start
		mem create ro 64K
		ioas map a ro --iova 0x5000000 --read
		ioas copy b a 0x9000000 64K
		ioas copy b a 0x5000000 64K
		ioas copy b a 0x1000000 64K --iova 0x2000000
		ioas copy b a 0x1010000 64K --iova 0x2000000
		ioas copy b a 0x1000000 0
		ioas copy 99 a 0x1000000 64K
		show --json
	END
	expect_fail 4 ":7: ioas copy: 'a': no IOAS has this id, or the source is not wholly mapped (ENOENT)" \
		":8: ioas copy: 'a': the source is mapped for reading only, the copy asks for writing (EPERM)" \
		":10: ioas copy: 'b': the IOVA range overlaps a mapping (EEXIST)" ":11: ioas copy: 'a': " ":12: ioas copy: '99': "
	expect_out_has '{"id":2,"name":"b","mappings":1}'
}

@test "ioas unmap --all unmaps everything, and an empty IOAS is no error" {
	batch <<-END
		$start
		ioas unmap a --all
		ioas unmap a --all --json
		show --json
	END
	expect_silence
	expect_out_has '{"id":1,"name":"a","mappings":0}' '{"version":1,"length":0}'
	batch <<<"$start"$'\nioas unmap a 0 --all'
	refused_line 5 2 "surplus argument '0': --all is all"
	batch <<<"$start"$'\nioas unmap a'
	refused_line 5 2 'an argument is missing: expected IOAS [IOVA [LENGTH]], or --all'
}

# refused_line LINE CODE TEXT: the batch ended there.
refused_line() {
	expect_fail "$2" "<stdin>:$1: " "$3"
}

@test "ioas allow sets the ranges that must stay usable" {
	requires physical
	find_reserved
	batch --keep-going <<-END
		$start
		ioas allow a 0x100000-$(at_reserved -1) 0x200000000-0x2ffffffff
		ioas allow a
		ioas allow b $(at_reserved 0)-$(at_reserved 0xffff)
		bind $PHYSICAL --name dev
		attach dev b
		ioas allow b
		attach dev b
		ioas allow b $(at_reserved 0)-$(at_reserved 0xffff)
	END
	expect_fail 4 ":9: attach: 'dev': " ":12: ioas allow: 'b': an attached device reserves some of these addresses (EADDRINUSE)"
	[[ $(grep -c '<stdin>:' <<<"$stderr") == 2 ]]
}

@test "ioas allow refuses what is no range" {
	for range in 5 5- -5 x-7 0x10-0x20000000000000000; do
		batch <<<"ioas alloc"$'\n'"ioas allow 1 -- $range"
		refused_line 2 2 "'$range' is no range: expected START-LAST"
	done
	batch <<<$'ioas alloc\nioas allow 1 6-5'
	refused_line 2 2 "'6-5' is no range: it ends before it begins"
	batch <<<$'ioas alloc\nioas allow 1 4096-4096'
	expect_fail 1 "ioas allow: '1': a range is empty or a single byte, or two ranges overlap (EINVAL)"
	batch <<<$'ioas alloc\nioas allow 1 0x1000-0x2fff 0x2000-0x3fff'
	expect_fail 1 'two ranges overlap (EINVAL)'
}

@test "the kernel chooses IOVAs from the allowed ranges; a fixed one may lie outside" {
	batch --keep-going <<-END
		mem create ram 64K
		ioas alloc --name a
		ioas allow a 0x40000000-0x4001ffff
		ioas map a ram
		ioas map a ram
		ioas map a ram
		ioas map a ram --iova 0x80000000
	END
	expect_fail 4 ":6: ioas map: 'a': no free IOVA range is long enough"
	[[ $(grep -c '^0x4000*[01]0000$' <<<"$output") == 2 ]] || wrong 'expected two IOVAs in the range'
	expect_line -1 0x80000000
}

@test "ioas change-process moves the accounting of files" {
	batch <<<"$start"$'\nioas change-process'
	if has feature:ioas-change-process; then
		expect_silence
	else
		expect_fail 3 'needs Linux 6.13) (ENOTTY)'
	fi
}

@test "options are printed and set" {
	batch <<-END
		option get rlimit-mode
		option set rlimit-mode process
		option get rlimit-mode --json
		option set rlimit-mode user
		ioas alloc --name a
		option get huge-pages a
		option set huge-pages a off
		option get huge-pages a
	END
	expect_ok user '{"version":1,"value":"process"}' 1 on off
	batch <<<$'ioas alloc\noption set rlimit-mode process'
	expect_fail 1 'it cannot be changed once the context holds an object (EBUSY)'
}

@test "options that are none are refused" {
	for line in "get size => 'size' is none of rlimit-mode, huge-pages" "get huge-pages => huge-pages is an option of an IOAS: name it" \
		"get rlimit-mode a => surplus argument 'a'" "set rlimit-mode maybe => 'maybe' is neither 'user' nor 'process'" \
		"set huge-pages a 2 => '2' is neither 'off' nor 'on'" "get 7 => OPTION: '7' is none that this version knows"; do
		batch <<<$'ioas alloc --name a\noption '"${line%% => *}"
		refused_line 2 2 "${line##* => }"
	done
}

@test "vfio-ioas is set, printed and cleared" {
	batch --keep-going <<-END
		ioas alloc --name a
		vfio-ioas get
		vfio-ioas set a
		vfio-ioas get --json
		vfio-ioas clear
		vfio-ioas get
		vfio-ioas set 7
	END
	expect_fail 4 ':2: vfio-ioas get: no IOAS is set' ':6: vfio-ioas get: ' ":7: vfio-ioas set: '7': no IOAS has this id (ENOENT)"
	expect_out 1 '{"version":1,"id":1}'
}

@test "features asks the kernel, and changes nothing" {
	ctl features
	expect_silence
	[[ $output =~ $'\nioas-alloc           yes        6.2\n' && $output =~ $'\nhwpt-dirty           device     6.7\n' ]]
	ctl features --json
	expect_silence
	expect_out_has '{"version":1,"features":[{"feature":"destroy","supported":"yes","since":"6.2"},'
	ctl features --require ioas-alloc,hw-info
	expect_ok ''
	if has physical || has emulated; then
		ctl features --require vfio-device-cdev
		expect_ok ''
	fi
	mkdir -p "$BATS_TEST_TMPDIR/sys/class/vfio-dev"
	grep -v vfio-dev /proc/devices >"$BATS_TEST_TMPDIR/devices"
	IOMMUFD_PROC=$BATS_TEST_TMPDIR IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/sys ctl features --require vfio-device-cdev
	expect_fail 3 "features: 'vfio-device-cdev': this kernel lacks it (needs Linux 6.6 with CONFIG_VFIO_DEVICE_CDEV)"
	IOMMUFD_PROC=/nowhere ctl features --require vfio-device-cdev
	expect_fail 3 "features: 'vfio-device-cdev': only a device can tell"
	exec {io}<>/dev/iommu
	ctl --iommufd "fd:$io" features
	expect_silence
	ctl --iommufd "fd:$io" ioas alloc
	expect_ok 1
}

@test "features --require names all that is missing, and refuses what is none" {
	fdtool=(fdtool nnp-deny-ioctl 0x3b8f -- fdtool nnp-deny-ioctl 0x3b81 --)
	try "${fdtool[@]}" iommufdctl features --require ioas-map-file,ioas-map,ioas-alloc
	expect_fail 3 "features: 'ioas-map-file': this kernel lacks it (needs Linux 6.13)" "features: 'ioas-alloc': this kernel lacks it (needs Linux 6.2)"
	ctl features --require hwpt-dirty
	expect_fail 3 "only a device can tell (Linux 6.7 has it)"
	ctl features --require ioas-alloc,ioas
	refused 2 "--require: 'ioas' is no feature"
	ctl features --require ioas-mpa
	refused 2 "--require: 'ioas-mpa' is no feature, did you mean 'ioas-map'?"
	ctl features --require ''
	expect_status 0
}
