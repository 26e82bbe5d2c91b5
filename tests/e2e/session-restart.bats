#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# session restart: the installed program goes on with all that the session holds.

load helpers
load sessions

# ---- restart -------------------------------------------------------------------------------------

# All that can be told from outside. A connection that has just ended may still be there: until two pictures are one.
picture() {
	local picture='' next
	until next=$(draw); [[ $next == "$picture" ]]; do
		picture=$next
		sleep 0.1
	done
	echo "$picture"
}

draw() {
	iommufdctl show
	iommufdctl show --json
	iommufdctl mem list
	ls -l "/proc/$(holder_pid)/fd" | sed -n 's/.*-> //p' | grep -E 'vfio|iommu|memfd:[^s]|socket:' | sort
}

@test "session restart keeps objects, names, mappings, memory and attachments" {
	requires physical emulated
	start
	printf 'content' >"$BATS_TEST_TMPDIR/content"
	local words before pid
	while read -ra words; do
		iommufdctl "${words[@]}"
	done <<-END
		bind $PHYSICAL --name phys
		bind $MTTY --name tty
		ioas alloc --name a
		ioas alloc
		mem create m 64K
		mem create unmapped 4K
		mem write m 0 $BATS_TEST_TMPDIR/content
		ioas map a m --iova 1M
		ioas map a m --iova 2M --offset 4K --length 8K --read
		attach phys a
		attach tty a
	END
	before=$(picture)
	pid=$(holder_pid)
	ctl session restart
	expect_ok ""
	[[ $(holder_pid) == "$pid" ]]
	diff <(echo "$before") <(picture)
	ctl mem read m 0 7
	expect_ok content
	# and a second time, for what the first has written down
	ctl session restart
	expect_ok ""
	diff <(echo "$before") <(picture)
	# all of it is still in use
	ctl destroy a
	expect_fail 1 "EBUSY"
	ctl ioas map a m --iova 1M
	expect_fail 1 "EEXIST"
	while read -ra words; do
		ctl "${words[@]}"
		expect_silence
	done <<-END
		ioas unmap a 2M
		detach phys
		attach phys a
		ioas alloc --name b
		replace tty b
		detach tty
		unbind tty
		detach phys
		unbind phys
		ioas unmap a 1M
		mem destroy m
		destroy a
	END
}

# edu reads at 2M and writes at 1M of the IOAS that it is attached to.
prepare_dma() {
	requires edu
	start
	printf 'hello!!\n' >"$BATS_TEST_TMPDIR/hello"
	local words
	while read -ra words; do
		iommufdctl "${words[@]}"
	done <<-END
		bind $EDU --name edu
		ioas alloc --name a
		mem create source 4K
		mem create in_a 4K
		mem write source 0 $BATS_TEST_TMPDIR/hello
		ioas map a source --iova 2M
		ioas map a in_a --iova 1M
		$1
	END
}

expect_dma() {
	ctl session exec --share -- edu-dma '{fd:edu}' copy 0x200000 "$((0x100000 + $1))" 5
	expect_ok ""
	ctl mem read in_a "$1" 5
	expect_ok hello
}

@test "DMA lands where it did after a restart" {
	requires_pinned
	prepare_dma "attach edu a"
	expect_dma 0
	ctl session restart
	expect_ok ""
	expect_dma 100
}

@test "what was mapped before a restart can be attached after it" {
	prepare_dma "show"
	ctl session restart
	expect_ok ""
	ctl attach edu a
	expect_silence
	expect_dma 0
}

@test "what was attached before a restart can be detached and attached after it" {
	prepare_dma "attach edu a"
	ctl session restart
	expect_ok ""
	iommufdctl detach edu
	ctl attach edu a
	expect_silence
	expect_dma 0
	ctl session restart
	expect_ok ""
	iommufdctl ioas alloc --name b
	iommufdctl ioas map b in_a --iova 1M
	iommufdctl ioas map b source --iova 2M
	iommufdctl replace edu b
	expect_dma 200
	iommufdctl replace edu a
	expect_dma 300
}

@test "a client that waits while a session restarts is served by the new process" {
	start
	local i pids=()
	for i in 1 2 3 4 5 6; do
		session-garbage "$PLACE/default" many 30 ioas alloc 3>&- &
		pids+=($!)
	done
	for i in 1 2 3; do
		ctl session restart
		expect_ok ""
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	ctl session show --json
	expect_out_has '"ioas":180,'
}

@test "session restart runs the program that is installed now" {
	cp "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/tool"
	try "$BATS_TEST_TMPDIR/tool" session start
	expect_ok ""
	local pid
	pid=$(holder_pid)
	iommufdctl ioas alloc --name kept
	cp "$BUILD/iommufdctl" "$BATS_TEST_TMPDIR/newer"
	mv "$BATS_TEST_TMPDIR/newer" "$BATS_TEST_TMPDIR/tool"
	[[ $(readlink "/proc/$pid/exe") == *deleted* ]]
	ctl session restart
	expect_ok ""
	[[ $(readlink "/proc/$pid/exe") == "$BATS_TEST_TMPDIR/tool" ]]
	iommufdctl show kept
	# and where there is none, all goes on
	rm "$BATS_TEST_TMPDIR/tool"
	ctl session restart
	expect_fail 1 "session restart: " "(ENOENT)"
	ctl show kept
	expect_silence
	kill -KILL "$pid"
}

@test "a directory of sockets that cannot be read is not one without the session's" {
	start
	iommufdctl ioas alloc --name kept
	mv "$PLACE" "$PLACE.away"
	ln -s "$PLACE.away" "$PLACE"
	ctl session restart
	expect_ok ""
	try iommufdctl -s nothing show
	expect_fail 1 "no session of this name runs" "'$PLACE': "
	expect_err_lacks "none runs"
	ctl session show
	expect_silence
	rm "$PLACE"
	mv "$PLACE.away" "$PLACE"
	ctl show kept
	expect_silence
}
