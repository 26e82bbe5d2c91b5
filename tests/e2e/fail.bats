#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# on one kernel
# seconds in the lab: 120
#
# Memory runs out, on real devices; fail.bash tells how.

# shellcheck disable=SC2034,SC2154 # what helpers.bash and fail.bash use, and what they set
load helpers
load fail
load vf

setup() {
	requires edu emulated
	fail_setup
	echo "some text" >"$BATS_TEST_TMPDIR/file"
}

teardown() {
	release_pf
}

# Why there is none, where a verb has no line below, in mock-fail.bats or in session-fail.bats.
declare -gA reason=(
	[batch]='it runs the others'
	[info]='a fact that cannot be had is shown as one that is not known'
	[doctor]='the same'
	[wait]='where its memory runs out the lab finds its own files no more (9p says EINVAL to all of them)'
	[monitor]='it goes on until a signal ends it'
	[session take]='it refuses a client that is no program'
	[session confirm]='the same'
	[session keep]='the same'
)

@test "every verb has its line, or a reason" {
	local lines verb
	lines=$'\n'$(sed -nE 's/^\t(\t|(.* )?alone )(.*)/\3 /p' "$BATS_TEST_DIRNAME"/*fail.bats)
	while read -r verb; do
		[[ $lines == *$'\n'"$verb "* || ${reason[$verb]:-} ]] || wrong "$verb has none" || return
	done < <(iommufdctl help --json | grep -o '"verb":"[^"]*"' | cut -d '"' -f 4)
}

# The iommufd stays open, whatever becomes of the command that needed it first.
opened='option get rlimit-mode'

# list without memory for the names shows ids and numbers, which is no failure: -n.
@test "an empty context" {
	begin=$opened end='ioas alloc'
	each <<-END
		ioas alloc --name a
		mem create ram 64K
		features
		list -n
		exec -- true
		show --all
		show --pid $$
	END
	none <<-END
		option get rlimit-mode
		option set rlimit-mode process
		vfio-ioas clear
		help
		help ioas map
		ioas map --help
		mem list
	END
}

@test "a program has left something" {
	# A test kernel also makes its lookups fail, with ENOENT. Before there were vIOMMUs this reads as no object.
	requires map-file
	begin="exec -- sh -c 'iommufdctl --iommufd fd:\$1 ioas alloc >/dev/null' sh {fd:iommufd}" end=show
	each <<-END
		destroy --foreign
	END
}

@test "the iommufd is opened" {
	each <<-END
		option get rlimit-mode
	END
}

@test "huge pages" {
	requires hugetlb
	each <<-END
		mem create ram 4M --hugetlb 2M
	END
}

@test "a fault queue" {
	requires feature:fault-alloc
	begin=$opened end='fault alloc'
	each <<-END
		fault alloc --name q
	END
}

spaces='ioas alloc --name a
ioas alloc --name b
mem create ram 64K
ioas map a ram --iova 1M'
spaces_end='ioas unmap a --all --json
ioas unmap b --all --json
destroy a b
mem destroy ram
ioas alloc'

@test "address spaces, and memory" {
	begin="$spaces
vfio-ioas set a
mem create more 64K
mem write more 0 $BATS_TEST_TMPDIR/file"
	end="mem read more 0 10
mem destroy more
option get huge-pages b
vfio-ioas get
vfio-ioas clear
$spaces_end"
	each <<-END
		ioas map b ram --iova 1M
		ioas map b ram --iova 1M --piece 16K
		ioas unmap a 1M
		ioas unmap a --all
		ioas copy b a 1M 64K --iova 2M
		ioas allow b 1M-2M
		ioas ranges a
		option get huge-pages a
		option set huge-pages b off
		vfio-ioas set b
		mem write ram 0 $BATS_TEST_TMPDIR/file
		mem write more 8 $BATS_TEST_TMPDIR/file
	END
	none <<-END
		vfio-ioas get
		vfio-ioas clear
		destroy b
		show
		show a
		mem read ram 0 64
		mem destroy more
	END
}

@test "accounting moves to another process" {
	requires feature:ioas-change-process
	begin=$spaces end=$spaces_end
	each <<-END
		ioas change-process
	END
}

# Its state stays when it is closed.
emulated="bind $MTTY --name dev
migration set dev running
$spaces"
emulated_end="detach dev
unbind dev
$spaces_end"

@test "an emulated device" {
	begin=$opened end='ioas alloc'
	each <<-END
		bind $MTTY --name dev
	END
	begin=$emulated end="migration get dev
$emulated_end"
	each <<-END
		attach dev b
		dma-log start dev 0x100000-0x1fffff
	END
	none <<-END
		unbind dev
		migration get dev
		migration set dev stop
	END
}

@test "an emulated device that is attached" {
	begin="$emulated
attach dev a" end=$emulated_end
	each <<-END
		replace dev b
	END
	none <<-END
		detach dev
		unbind dev
	END
}

@test "an emulated device that logs its DMA" {
	begin="bind $MTTY --name dev
dma-log start dev 0x100000-0x1fffff" end='dma-log stop dev
unbind dev'
	each <<-END
		dma-log report dev 1M 64K
	END
	none <<-END
		dma-log stop dev
	END
}

@test "an emulated device that is migrated" {
	begin="bind $MTTY --name dev
migration set dev running"
	iommufdctl batch - <<<"$begin"$'\nmigration save dev' | tail -c +3 >"$BATS_TEST_TMPDIR/state"
	end='migration get dev
unbind dev'
	each <<-END
		migration save dev
		migration load dev $BATS_TEST_TMPDIR/state
	END
	iommufdctl batch - <<<"$begin" # the device keeps its state when it is closed
}

# bind-fail.bats binds it.
physical="bind $EDU --name dev
$spaces"

@test "a physical device" {
	begin=$physical end=$emulated_end
	each <<-END
		attach dev a
		hwpt alloc dev a --name table
		hw-info dev
	END
	none <<-END
		low-power dev on
	END
}

@test "a physical device that is attached" {
	begin="$physical
ioas map b ram --iova 1M
attach dev a" end=$emulated_end
	each <<-END
		replace dev b
		ioas map a ram --iova 2M
		ioas map a ram --iova 2M --piece 32K
		ioas copy a a 1M 64K --iova 2M
		ioas unmap a 1M
		ioas unmap a --all
		ioas allow a 1M-2M
	END
	none <<-END
		detach dev
	END
}

@test "a BAR that becomes memory" {
	requires dma-buf
	begin="bind $EDU --name dev" end='unbind dev'
	each <<-END
		mem dma-buf bar dev 0
	END
}

@test "two functions of one slot" {
	requires group
	begin="bind $GROUP_A --name one
bind $GROUP_B --name two" end='unbind one
unbind two'
	each <<-END
		hot-reset one --info
		hot-reset one
	END
}

@test "a physical device that can be reset alone" {
	drive_nvme
	begin="bind $NVME --name dev" end='unbind dev'
	none <<-END
		reset dev
	END
}
