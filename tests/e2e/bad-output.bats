#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 20
#
# Output that is lost: a full disk, a closed stdout, a pipe that nobody reads. That is a failure, whatever the verb.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

lost='iommufdctl: write error on the standard output: '

# on_full CMD...: try, with a full disk for stdout
on_full() {
	try bash -c 'exec "$@" >/dev/full' - "$@"
}

# printing WORDS...: this prints, on a file that takes it; on a full disk and without a stdout it is a failure.
printing() {
	on_full "$@"
	expect_fail 1 "${lost}No space left on device" || return
	try fdtool closed 1 -- "$@"
	expect_fail 1 "${lost}Bad file descriptor"
}

# silent WORDS...: this has nothing to print that could be lost.
silent() {
	on_full "$@"
	expect_ok
}

# The verbs that this file has put to the test, to be compared with those that there are.
covers() {
	printf '%s\n' "$@" >>"$BATS_FILE_TMPDIR/covered"
}

@test "help and version" {
	covers help
	printing iommufdctl help
	printing iommufdctl -j help
	printing iommufdctl help ioas map
	printing iommufdctl --help
	printing iommufdctl --version
	printing iommufdctl ioas map --help
}

@test "list" {
	covers list
	printing iommufdctl list
	printing iommufdctl -j list
	printing iommufdctl list --all --holders
	printing iommufdctl -j list --all --holders
	on_full iommufdctl list extra
	expect_fail 2 "surplus argument 'extra'"
}

@test "wait" {
	requires emulated
	covers wait
	printing iommufdctl wait "$MTTY"
	printing iommufdctl wait "$MTTY" --json
}

@test "doctor" {
	requires iommufd
	covers doctor
	printing iommufdctl doctor
	printing iommufdctl -j doctor
}

@test "verbs on an inherited iommufd" {
	requires iommufd physical
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	local at=(iommufdctl --iommufd "fd:$io")
	local json=("${at[@]}" -j)
	covers bind attach replace detach unbind 'ioas alloc' 'ioas ranges' destroy show

	# What is done is done, although its answer is lost: the second binding is refused.
	printing_once() {
		on_full "$@"
		expect_fail 1 "${lost}No space left on device"
	}
	printing_once "${at[@]}" bind "fd:$dev"
	ctl --iommufd "fd:$io" bind "fd:$dev"
	expect_fail 1 EINVAL
	printing "${at[@]}" ioas alloc
	printing "${json[@]}" ioas alloc
	printing "${at[@]}" ioas ranges 2
	printing "${json[@]}" ioas ranges 2
	printing "${at[@]}" attach "fd:$dev" 2
	printing "${json[@]}" attach "fd:$dev" 2
	printing "${at[@]}" replace "fd:$dev" 3
	printing "${json[@]}" replace "fd:$dev" 3
	printing "${json[@]}" show
	silent "${at[@]}" detach "fd:$dev"
	printing "${json[@]}" detach "fd:$dev"
	silent "${at[@]}" destroy 2
	printing_once "${json[@]}" destroy 3
	on_full "${at[@]}" destroy 2
	expect_fail 1 'no object has this id (ENOENT)'
	# Nobody can unbind what the shell holds, and so nothing is printed.
	on_full "${json[@]}" unbind "fd:$dev"
	expect_fail 1 'whoever opened the cdev keeps it bound'
}

@test "verbs in a batch" {
	requires iommufd physical
	covers 'mem create' 'mem write' 'mem read' 'mem list' 'mem destroy' 'ioas map' 'ioas unmap' batch exec
	local commands
	in_batch() {
		on_full iommufdctl batch "${@:2}" - <<<"$1"
	}
	cd "$BATS_TEST_TMPDIR"
	echo text >file
	for commands in 'list' $'mem create m 4K\nmem read m 0 1' $'mem create m 4K\nmem list' 'exec -- echo text'; do
		in_batch "$commands"
		expect_status 1
	done
	expect_err_has 'write error: No space left on device' "exec: 'echo': ended with 1"
	in_batch $'mem create m 4K\nmem write m 0 file\nmem destroy m\nexec -- true'
	expect_ok
	for commands in 'mem create m 4K -j' $'mem create m 4K\nmem write m 0 file -j' \
		$'mem create m 4K\nmem destroy m -j' 'show -j' \
		$'mem create m 4K\nioas alloc --name a\nioas map a m --iova 0x10000\nioas unmap a 0x10000'; do
		in_batch "$commands"
		expect_fail 1 "${lost}No space left on device"
	done

	# It ends where the loss shows, even with --keep-going, and does not stay.
	in_batch $'list\nfrob\nlist' --keep-going
	expect_fail 1 "<stdin>:2: unknown verb 'frob'" "${lost}No space left on device"
	in_batch 'list' --hold
	expect_fail 1 "${lost}No space left on device"
	expect_err_lacks holding
	in_batch "$(printf 'help\n%.0s' {1..100})"
	expect_fail 1 "${lost}No space left on device"
}

@test "verbs of devices and of objects" {
	requires iommufd edu emulated
	local line
	while IFS= read -r line; do
		covers "${line%% = *}"
		on_full iommufdctl batch - <<-COMMANDS
			bind $EDU --name dev
			bind $MTTY --name tty
			ioas alloc --name a
			mem create ram 4K
			ioas map a ram --iova 0
			${line/ = / }
		COMMANDS
		# 3: before Linux 6.13 and 6.19 a file, or a BAR, cannot be mapped
		[[ $status == 3 ]] || expect_fail 1 "${lost}No space left on device" || return
	done <<-'END'
		info = dev -j
		hw-info = dev -j
		reset = tty -j
		low-power = dev off -j
		migration get = tty -j
		migration set = tty stop -j
		migration save = tty
		dma-log start = tty 0x100000-0x1fffff -j
		dma-log report = tty 0x100000 64K -j
		ioas allow = a 0x100000-0x1fffff -j
		ioas copy = a a 0 4096 -j
		ioas change-process = -j
		option get = rlimit-mode -j
		option set = huge-pages a off -j
		vfio-ioas set = a -j
		vfio-ioas clear = -j
		hwpt alloc = dev a -j
		fault alloc = -j
		features = -j
		mem dma-buf = bar dev 0 -j
	END
}

@test "no verb was forgotten" {
	requires iommufd physical jq
	# Those of sessions have tests of their own, and so have monitor, in watch.bats, claim and release; the last ones need more than a device:
	# mock-*.bats and info.bats run them.
	run -0 comm -3 <(iommufdctl -j help | jq -r '.verbs[].verb | select(startswith("session ") | not)' |
		grep -vE '^(monitor|claim|release|hwpt (dirty|invalidate)|fault (read|respond)|viommu|vdevice|veventq|hw-queue|hot-reset|migration load|dma-log stop|vfio-ioas get)' |
		sort) <(sort -u "$BATS_FILE_TMPDIR/covered")
	[[ ! $output ]]
}

@test "a pipe that nobody reads" {
	local unread reader
	exec {unread}> >(exec true)
	reader=$!
	wait "$reader"
	# shellcheck disable=SC2016 # the inner shell's
	try env --default-signal=PIPE bash -c 'exec iommufdctl help >&"$0"' "$unread"
	expect_status 141
	[[ ! $stderr ]]
	# shellcheck disable=SC2016 # the inner shell's
	try fdtool signal-ignore SIGPIPE -- bash -c 'exec iommufdctl help >&"$0"' "$unread"
	expect_fail 1 "${lost}Broken pipe"
	# shellcheck disable=SC2016 # the inner shell's
	try fdtool signal-ignore SIGPIPE -- bash -c 'exec iommufdctl batch - >&"$0"' "$unread" <<<$'list\nlist'
	expect_fail 1 "${lost}Broken pipe"
}

@test "a stderr that is closed or full" {
	try fdtool closed 2 -- iommufdctl list
	expect_ok
	[[ $output == 'DEVICE '* ]]
	try fdtool closed 2 -- iommufdctl frob
	expect_status 2
	try fdtool closed 1,2 -- iommufdctl list
	expect_status 1
	try bash -c 'exec iommufdctl frob 2>/dev/full'
	expect_status 2
	# What was asked for on stderr, and did not come, is a failure.
	try bash -c 'exec iommufdctl -v list 2>/dev/full'
	expect_status 0
	[[ $output == 'DEVICE '* ]]
	try bash -c 'exec iommufdctl -v --once option get rlimit-mode 2>/dev/full'
	expect_status 1
	[[ $output == user || $output == process ]]
	try bash -c 'exec iommufdctl batch --echo - 2>/dev/full' <<<list
	expect_status 1
	[[ $output == 'DEVICE '* ]]
	try fdtool closed 2 -- iommufdctl -v --once option get rlimit-mode
	expect_status 1
}
