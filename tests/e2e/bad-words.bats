#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Words that the tool does not take. Each is refused with one line that names it, and nothing is done.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

# Each line of stdin is "COMMAND => TEXT". One batch runs all commands: each fails with one line that has the text.
refuses_all() {
	local i commands=() texts=() errors
	while IFS= read -r i; do
		commands+=("${i%% => *}")
		texts+=("${i##* => }")
	done
	batch --keep-going < <(printf '%s\n' "$@" "${commands[@]}" 'show -j')
	expect_status 4
	mapfile -t errors < <(grep -v '^hint: ' <<<"$stderr")
	for i in "${!texts[@]}"; do
		[[ ${errors[i]} == "<stdin>:$((i + $# + 1)): "*"${texts[i]}"* ]] ||
			wrong "expected line $((i + $# + 1)) to say: ${texts[i]}" || return
	done
	((${#errors[@]} == ${#texts[@]})) || wrong "expected ${#texts[@]} errors"
}

@test "an unknown verb" {
	refuses 2 'a verb is missing' --json --
	refuses 2 "unknown verb 'frob'" frob
	refuses 2 "unknown verb 'li\\x0ast'" $'li\nst'
	refuses 2 "'ioas' needs one of: alloc, map, unmap, copy, ranges" ioas
	refuses_all <<-'END'
		lis => unknown verb 'lis'
		listx => unknown verb 'listx'
		LIST => unknown verb 'LIST'
		- => unknown verb '-'
		'' => unknown verb ''
		'ioas alloc' => unknown verb 'ioas alloc'
		ioas allo => 'ioas' needs one of: alloc, map, unmap, copy, ranges
		ioas --name x alloc => 'ioas' needs one of:
		mem '' => 'mem' needs one of: create, dma-buf, write, read, list, destroy
		help mem frob => help: 'mem' needs one of:
		help ioas map x => help: surplus argument 'x'
	END
}

@test "an unknown option, one that is cut short, one of another verb" {
	refuses 2 "unknown option '--frob'" --frob list
	refuses 2 "unknown option '--iov'" --iov fd:3 ioas alloc
	refuses 2 "unknown option '-jx'" -jx list
	refuses 2 "batch: unknown option '--keep'" batch --keep -
	refuses_all <<-'END'
		list --jso => list: unknown option '--jso'
		list --=x => list: unknown option '--=x'
		list -x => list: unknown option '-x'
		list --name x => list: unknown option '--name'
		list --keep-going => list: unknown option '--keep-going'
		ioas alloc --nam a => ioas alloc: unknown option '--nam'
		ioas map 1 m --iov 0 => ioas map: unknown option '--iov'
		mem create m -4K => mem create: unknown option '-4K'
		exec --dev vfio0 -- true => exec: unknown option '--dev'
	END
}

@test "an option twice, without its value, with one that it does not take" {
	refuses 2 "option '--json' is given twice" -j --json list
	refuses 2 "option '--iommufd' needs a value (fd:N|PATH)" --iommufd
	refuses 2 '--iommufd needs fd:N or a path' --iommufd= ioas alloc
	refuses 2 "option '--once' takes no value" --once=1 ioas alloc
	refuses 2 "exec: --device needs DEV or DEV=NAME" exec --device= -- true
	refuses 2 "exec: --rlimit-mode: 'x' is neither 'user' nor 'process'" exec --rlimit-mode x -- true
	refuses_all <<-'END'
		ioas alloc --name a --name=a => ioas alloc: option '--name' is given twice
		bind vfio0 --name => bind: option '--name' needs a value (NAME)
		list --json= => list: option '--json' takes no value
		batch --hold=1 - => batch: option '--hold' takes no value
	END
}

@test "a global option behind the verb" {
	refuses 2 "list: option '--once' goes before the verb" list --once
	refuses_all <<-'END'
		list --version => list: option '--version' goes before the verb
		ioas alloc --iommufd fd:3 => ioas alloc: option '--iommufd' goes before the verb
		ioas alloc --iommufd=fd:3 => ioas alloc: option '--iommufd=fd:3' goes before the verb
	END
}

@test "--once, --iommufd and --json where they mean nothing" {
	requires iommufd
	local io
	exec {io}<>/dev/iommu
	refuses 2 'list: --once has no meaning here' --once list
	refuses 2 'list: --iommufd has no meaning here' --iommufd "fd:$io" list
	refuses 2 'help: --iommufd has no meaning here' --iommufd /dev/iommu help
	refuses 2 'batch: --once has no meaning here' --once batch -
	refuses 2 'exec: --once has no meaning here' --once exec -- true
	refuses 2 'ioas alloc: --once has no meaning here' --once --iommufd "fd:$io" ioas alloc
	refuses 2 'exec: it has no JSON form' exec -j -- true
	refuses 2 'exec: it has no JSON form' -j exec -- true
	refuses 2 'help: JSON is for the list of all verbs' -j help list
	batch <<<'exec -j -- true'
	refused 2 'exec: it has no JSON form'
}

@test "an argument missing, surplus or empty, for every verb" {
	requires jq
	local name args missing=() surplus=()
	while IFS=$'\t' read -r name args; do
		[[ $args == '' || $args == '['* ]] ||
			missing+=("$name => $name: an argument is missing: expected $args")
		[[ $args == *...* ]] ||
			surplus+=("$name a b c d e f => $name: surplus argument '")
	done < <(iommufdctl -j help | jq -r '.verbs[] | [.verb, .args] | @tsv')
	((${#missing[@]} > 10 && ${#surplus[@]} > 10))
	printf '%s\n' "${missing[@]}" "${surplus[@]}" | refuses_all

	refuses 2 'list: surplus argument' list x
	refuses 2 'list: surplus argument' list ''
	refuses 2 'ioas map: an argument is missing: expected IOAS MEM' ioas map 1
	refuses 2 'batch: an argument is empty' batch ''
	refuses 2 'destroy: an argument is empty' --once destroy 1 ''
	refuses 2 'exec: an argument is missing' exec --device vfio0
}

@test "a number that is none" {
	requires iommufd
	refuses_all 'ioas alloc --name a' 'mem create m 64K' <<-'END'
		destroy 12x => '12x' is no id: expected a number up to 4294967295
		destroy 0x => '0x' is no id
		destroy 1K => '1K' is no id
		destroy 4294967296 => '4294967296' is no id
		destroy 0x100000000 => '0x100000000' is no id
		destroy 18446744073709551617 => '18446744073709551617' is no id
		destroy 1.0 => '1.0' is no id
		destroy 1,2 => '1,2' is no id
		destroy ' 1' => ' 1' is neither an id nor a name
		destroy +1 => '+1' is neither an id nor a name
		destroy -1 => unknown option '-1'
		destroy -- -1 => '-1' is neither an id nor a name
		destroy '' => an argument is empty
		ioas unmap a 12x => IOVA: '12x' is no number of bytes
		ioas unmap a 0x => IOVA: '0x' is no number of bytes
		ioas unmap a -- -1 => IOVA: '-1' is no number of bytes
		ioas unmap a +1 => IOVA: '+1' is no number of bytes
		ioas unmap a ' 1' => IOVA: ' 1' is no number of bytes
		ioas unmap a '1 ' => IOVA: '1 ' is no number of bytes
		ioas unmap a 1KK => IOVA: '1KK' is no number of bytes
		ioas unmap a 1k => IOVA: '1k' is no number of bytes
		ioas unmap a 1P => IOVA: '1P' is no number of bytes
		ioas unmap a 1KiB => IOVA: '1KiB' is no number of bytes
		ioas unmap a K => IOVA: 'K' is no number of bytes
		ioas unmap a 1.5K => IOVA: '1.5K' is no number of bytes
		ioas unmap a 1e3 => IOVA: '1e3' is no number of bytes
		ioas unmap a 0xg => IOVA: '0xg' is no number of bytes
		ioas unmap a 18446744073709551616 => IOVA: '18446744073709551616' is no number of bytes
		ioas unmap a 0x10000000000000000 => IOVA: '0x10000000000000000' is no number of bytes
		ioas unmap a 16777216T => IOVA: '16777216T' is no number of bytes
		ioas unmap a 0 x => LENGTH: 'x' is no number of bytes
		ioas map a m --iova x => --iova: 'x' is no number of bytes
		ioas map a m --iova= => --iova: '' is no number of bytes
		ioas map a m --iova -1 => --iova: '-1' is no number of bytes
		ioas map a m --offset 1KK => --offset: '1KK' is no number of bytes
		ioas map a m --length 0x => --length: '0x' is no number of bytes
		mem create n x => SIZE: 'x' is no number of bytes
		mem create n 4K --hugetlb x => --hugetlb: 'x' is no number of bytes
		mem write m x f => OFFSET: 'x' is no number of bytes
		mem read m x 1 => OFFSET: 'x' is no number of bytes
		mem read m 0 -- -1 => LENGTH: '-1' is no number of bytes
	END
	expect_out_has '"ioas":[{"id":1,"name":"a","mappings":0}]' '"memories":[{"name":"m",'

	refuses 2 "'12x' is no id" --once destroy 12x
	refuses 2 'IOVA: ' --once ioas unmap 1 1KK
	refuses 2 'SIZE: ' --once mem create m 18446744073709551616
}

@test "a lasting verb without a context names the ways to have one" {
	local verb
	while read -r verb; do
		# shellcheck disable=SC2086 # words
		refuses 2 'it needs a context' $verb
		expect_err_has 'iommufdctl batch FILE' 'exec 3<>/dev/iommu; iommufdctl --iommufd fd:3' '--once'
	done <<-'END'
		bind vfio0
		attach vfio0 1
		ioas alloc
		ioas map 1 m
		mem create m 4K
		show
		--iommufd /dev/iommu ioas alloc
	END
}

@test "what would not outlive the command is refused on an inherited iommufd" {
	requires iommufd
	local io
	exec {io}<>/dev/iommu
	refuses 2 'bind: ' --iommufd "fd:$io" bind vfio0
	expect_err_has 'the device would be released when the command ends' 'exec 4<>/dev/vfio/devices/vfio'
	refuses 2 'mem create: this memory would be gone' --iommufd "fd:$io" mem create m 4K
	expect_err_has "iommufdctl --iommufd fd:$io batch FILE"
	refuses 2 'ioas alloc: --name has no meaning here' --iommufd "fd:$io" ioas alloc --name a
	# Nothing came into being: the first id is free.
	ctl --iommufd "fd:$io" ioas alloc
	expect_ok 1
}

@test "a name that cannot be given" {
	requires iommufd physical
	local long esc=$'\033'
	printf -v long '%063d' 0
	refuses_all 'ioas alloc --name a' 'mem create m 64K' "bind $PHYSICAL --name d" <<-END
		ioas alloc --name a => the name is taken by an IOAS
		ioas alloc --name m => the name is taken by a memory
		mem create d 4K => the name is taken by a device
		bind 00:00.0 --name a => the name is taken by an IOAS
		ioas alloc --name a$long => 'a$long' is no name
		ioas alloc --name 5 => '5' is no name
		ioas alloc --name 0x5 => '0x5' is no name
		ioas alloc --name 5a => '5a' is no name
		ioas alloc --name= => '' is no name
		ioas alloc --name -a => '-a' is no name
		ioas alloc --name .a => '.a' is no name
		ioas alloc --name a/b => 'a/b' is no name
		ioas alloc --name 'a b' => 'a b' is no name
		ioas alloc --name é => 'é' is no name
		ioas alloc --name a$esc => 'a\x1b' is no name
		ioas alloc --name vfio3 => 'vfio3' is no name: vfioN stands for the device itself
		ioas alloc --name iommufd => 'iommufd' is no name: it stands for the iommufd itself
		mem create fd:3 4K => 'fd:3' is no name
		mem create vfio3 4K => 'vfio3' is no name
		mem create iommufd 4K => 'iommufd' is no name
		bind $PHYSICAL => this context has the device already
		bind $PHYSICAL --name 5 => '5' is no name
	END
	expect_out_has '"ioas":[{"id":1,"name":"a","mappings":0}]' '"memories":[{"name":"m",' '"name":"d"'
	expect_err_lacks "$esc"
	refuses 2 "'5' is no name" --once ioas alloc --name 5

	batch <<-END
		ioas alloc --name ${long/0/a}
		ioas alloc --name vfio
		ioas alloc --name _
	END
	expect_ok 1 2 3
}

@test "an id or a name of another type, or of nothing" {
	requires iommufd physical
	refuses_all 'ioas alloc --name a' 'mem create m 64K' "bind $PHYSICAL --name d" 'attach d a' <<-END
		attach d m => 'm': wrong type: it is a memory
		attach d d => 'd': wrong type: it is a device
		attach d 2 => '2': wrong type: it is a device
		attach a a => 'a': it is no device
		attach m a => 'm': it is no device
		attach 1 a => '1': not a device
		attach nix a => 'nix': not a device
		replace d nix => 'nix': nothing has this name here
		replace d $NOWHERE => no IOAS or HWPT has this id (ENOENT)
		replace d 0 => no IOAS or HWPT has this id (ENOENT)
		detach a => 'a': it is no device
		unbind m => 'm': it is no device
		bind a => 'a': not a device
		ioas map d m => 'd': wrong type: it is a device
		ioas map 2 m => '2': wrong type: it is a device
		ioas map m m => 'm': wrong type: it is a memory
		ioas map 3 m => '3': no IOAS has this id (ENOENT)
		ioas map 0 m => '0': no IOAS has this id (ENOENT)
		ioas map nix m => 'nix': nothing has this name here
		ioas map a a => 'a': wrong type: it is no memory
		ioas map a d => 'd': wrong type: it is no memory
		ioas map a 1 => '1' is no name of a memory, and no fd:N
		ioas unmap d 0 => 'd': wrong type: it is a device
		ioas unmap $NOWHERE 0x1000 4K => '$NOWHERE': no IOAS has this id (ENOENT)
		ioas ranges m => 'm': wrong type: it is a memory
		ioas ranges 3 => '3': no IOAS has this id (ENOENT)
		destroy m => 'm': wrong type: it is a memory
		destroy d => 'd': the object is in use (EBUSY)
		destroy nix => 'nix': nothing has this name here
		destroy 0 => '0': no object has this id (ENOENT)
		show nix => 'nix': this context holds nothing of this id or name
		show $NOWHERE => this context holds nothing of this id or name
		show 0 => '0': this context holds nothing of this id or name
		mem write a 0 f => 'a': wrong type: it is no memory
		mem write nix 0 f => 'nix': no memory has this name here
		mem read d 0 1 => 'd': wrong type: it is no memory
		mem read 1 0 1 => '1' is no name of a memory
		mem destroy a => 'a': wrong type: it is no memory
		mem destroy fd:3 => the fd is the caller's to close
	END
	expect_out_has '"state":"attached","pt":3,"asked":1' '"ioas":[{"id":1,"name":"a","mappings":0}]' \
		'"memories":[{"name":"m",' '"mappings":[]'
	refuses 1 "'$NOWHERE': no object has this id" --once destroy "$NOWHERE"
	refuses 1 "'nix': nothing has this name here" --once destroy nix
	refuses 2 "'1': not a device" --once attach 1 1
}

@test "some of several objects that cannot be destroyed" {
	requires iommufd
	batch <<-'END'
		ioas alloc --name a
		ioas alloc --name b
		destroy a nix b 9
	END
	expect_fail 4 "destroy: 'nix': nothing has this name here" "destroy: '9': no object has this id (ENOENT)"
	batch --keep-going <<-'END'
		ioas alloc --name a
		destroy a a
		destroy nix 9
		show -j
	END
	expect_fail 4 "<stdin>:2: destroy: 'a': nothing has this name here"
	expect_out_has '"ioas":[]'
}
