#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# What goes into a session and comes out of it: files and fds of the client, devices for a program.

load helpers
load sessions

# ---- words that name a file or an fd -------------------------------------------------------------

@test "a device may be named by every word, the client's fd among them" {
	requires emulated
	local path
	path=/dev/vfio/devices/$(cdev "$MTTY")
	start
	iommufdctl ioas alloc --name a
	ln -s "$path" "$BATS_TEST_TMPDIR/link"
	cd "$BATS_TEST_TMPDIR"
	for word in "$path" ./link "$MTTY" "${path##*/}" fd:7; do
		[[ $word != fd:7 ]] || exec 7<>"$path" # which keeps it bound
		ctl bind "$word"
		expect_silence
		ctl attach "$word" a
		expect_ok 1
		ctl detach "$path"
		expect_ok ""
		ctl unbind "$word"
		expect_ok ""
	done
}

@test "an fd of the client is copied: the device stays bound when the client is gone" {
	requires emulated
	start
	try bash -c "exec 7<>/dev/vfio/devices/$(cdev "$MTTY"); iommufdctl bind fd:7 --name tty"
	expect_ok 1
	iommufdctl ioas alloc --name a
	ctl attach tty a
	expect_ok 2
}

@test "memory of the client is mapped by its fd, and stays when the client is gone" {
	requires edu fdtool
	requires_pinned
	start
	iommufdctl ioas alloc --name a
	iommufdctl bind "$EDU" --name edu
	try fdtool memfd 64K -- true
	try fdtool memfd 65536 -- sh -c 'printf "from the client" >&9; iommufdctl ioas map a fd:9 --iova 1M'
	expect_silence
	iommufdctl mem create m 4K
	iommufdctl ioas map a m --iova 2M
	iommufdctl attach edu a
	try iommufdctl session exec --share -- edu-dma '{fd:edu}' copy 0x100000 0x200000 15
	expect_ok ""
	ctl mem read m 0 15
	expect_ok "from the client"
	ctl session restart
	expect_ok ""
	try iommufdctl session exec --share -- edu-dma '{fd:edu}' copy 0x10000a 0x200000 5
	expect_ok ""
	ctl mem read m 0 5
	expect_ok "lient"
}

@test "a file is the client's: its directory, its mounts, its stdin" {
	start
	iommufdctl mem create m 64K
	cd "$BATS_TEST_TMPDIR"
	printf relative >file
	ctl mem write m 0 file
	expect_ok ""
	ctl mem read m 0 8
	expect_ok relative
	try unshare -m sh -c "mount -t tmpfs none $BATS_TEST_TMPDIR; cd $BATS_TEST_TMPDIR; printf mounted >file; iommufdctl mem write m 0 $BATS_TEST_TMPDIR/file"
	expect_ok ""
	ctl mem read m 0 8
	expect_ok mountede
	try sh -c 'printf piped | iommufdctl mem write m 0 -'
	expect_ok ""
	try sh -c 'iommufdctl mem write m 8 - <file'
	expect_ok ""
	ctl mem read m 0 16
	expect_ok "pipedederelative"
	try bash -c 'iommufdctl mem write m 0 <(printf substituted)'
	expect_ok ""
	try bash -c 'head -c 65537 /dev/zero | iommufdctl mem write m 0 -'
	expect_fail 1 EFBIG
	ctl mem write m 0 /dev/zero
	expect_fail 1 "mem write: '/dev/zero': it has no end, or more than the 65536 bytes that there is room for (EFBIG)"
	mkfifo fifo
	(sleep 0.3; printf late >fifo) 3>&- &
	ctl mem write m 0 fifo
	expect_ok ""
	ctl mem read m 0 11
	expect_ok "latetituted"
}

@test "a file is opened with the client's permissions" {
	requires users
	start
	iommufdctl mem create m 4K
	printf secret >"$BATS_TEST_TMPDIR/secret"
	chown $NOBODY "$BATS_TEST_TMPDIR/secret"
	chmod 600 "$BATS_TEST_TMPDIR/secret"
	try setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \
		iommufdctl mem write m 0 "$BATS_TEST_TMPDIR/secret"
	expect_fail 1 "mem write: '$BATS_TEST_TMPDIR/secret': Permission denied (EACCES)"
	try setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \
		iommufdctl viommu alloc 1 2 arm-smmuv3 --data="$BATS_TEST_TMPDIR/secret"
	expect_fail 1 "viommu alloc: '$BATS_TEST_TMPDIR/secret': Permission denied (EACCES)"
	ctl mem write m 0 "$BATS_TEST_TMPDIR/secret"
	expect_ok ""
}

# The kernel refuses such data for an IOAS: -v tells what it was given.
@test "a file that an option names is the client's as well" {
	requires physical
	start
	iommufdctl bind "$PHYSICAL" --name dev
	iommufdctl ioas alloc --name a
	cd "$BATS_TEST_TMPDIR"
	printf 12345678 >file
	local data
	for data in '--data file' '--data=file' '--data - <file' '--data=<(cat file)' '--data fd:7 7<file'; do
		try bash -c "iommufdctl -v hwpt alloc dev a --type vtd-s1 $data"
		expect_err_has 'IOMMU_HWPT_ALLOC' ' data_len=8 '
	done
	ctl hwpt alloc dev a --type vtd-s1 --data missing
	expect_fail 1 "hwpt alloc: 'missing': No such file or directory (ENOENT)"
	ctl hwpt alloc dev a --type vtd-s1 --data .
	expect_fail 1 "hwpt alloc: '.': Is a directory (EISDIR)"
	ctl -v hwpt invalidate $NOWHERE --type vtd-s1 --entry 4 --data=file
	expect_err_has 'IOMMU_HWPT_INVALIDATE'
	ctl hwpt invalidate $NOWHERE --type vtd-s1 --entry 4 --data hex:00
	expect_fail 2 '1 bytes are no whole entries of 4'
}

@test "a client that has not come to the end of its pipe holds nobody up" {
	start
	iommufdctl mem create m 4K
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	iommufdctl mem write m 0 "$BATS_TEST_TMPDIR/fifo" 3>&- &
	local pid=$!
	exec {writer}>"$BATS_TEST_TMPDIR/fifo"
	TIME_LIMIT=5 ctl ioas alloc
	expect_ok 1
	printf done >&"$writer"
	exec {writer}>&-
	wait $pid
	ctl mem read m 0 4
	expect_ok done
}

# ---- session exec --------------------------------------------------------------------------------

@test "session exec moves a device out, to stay with the program" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name a
	ctl session exec --share-iommufd --device tty -- sh -c "readlink /proc/self/fd/{fd:tty}; iommufdctl --iommufd fd:{fd:iommufd} attach fd:{fd:tty} 2"
	expect_ok "/dev/vfio/devices/$(cdev "$MTTY")" 2
	ctl attach tty a
	expect_fail 1 "attach: 'tty'"
	# The program has ended, and nobody has the device any more.
	until_true iommufdctl bind "$MTTY"
	ctl show a
	expect_silence
}

@test "session exec --share keeps the device" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name a
	ctl session exec --share-iommufd --share --device tty -- sh -c 'iommufdctl --iommufd fd:{fd:iommufd} attach fd:{fd:tty} 2'
	expect_ok 2
	ctl session show --json
	expect_out_has '"devices":1,'
	ctl detach tty
	expect_ok ""
	ctl unbind tty
	expect_ok ""
}

@test "session exec hands over memory, the iommufd and several devices, each once" {
	requires physical emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl bind "$PHYSICAL"
	iommufdctl mem create m 4K
	ctl session exec --share-iommufd --device tty --device "$PHYSICAL" -- \
		sh -c 'echo {fd:tty} {fd:tty} {fd:iommufd} {fd:mem:m} {fd:'"$PHYSICAL"'}; readlink /proc/self/fd/{fd:mem:m}'
	expect_silence
	local fds
	read -ra fds <<<"${lines[0]}"
	((fds[0] == fds[1] && fds[0] != fds[2] && fds[2] != fds[3] && fds[3] != fds[4]))
	expect_out_has "memfd:m"
	ctl session show --json
	expect_out_has '"devices":0,' '"memories":1,'
}

@test "session exec leaves a device in the session that CMD does not name" {
	requires physical emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl bind "$PHYSICAL" --name phys
	ctl session exec -- sh -c 'ls -l /proc/self/fd' sh '{fd:phys}'
	expect_silence
	[[ $(grep -c /dev/vfio/ <<<"$output") == 1 ]]
	[[ $(grep -c /dev/iommu <<<"$output") == 0 ]]
	ctl session show --json
	expect_out_has '"devices":1,'
}

@test "session exec: the program's exit status is the command's" {
	start
	ctl session exec -- sh -c 'exit 42'
	expect_status 42
}

@test "session exec moves no device that others' words name, but where an option names it as well" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	iommufdctl ioas alloc --name a
	for word in "hello {fd:tty}" "{fd:tty} hello" "fd:{fd:tty}" "{fd:tty}{fd:iommufd}"; do
		for share in '' --share; do
			# shellcheck disable=SC2086
			ctl session exec $share -- echo "$word"
			expect_fail 2 "session exec: 'tty': a device that only a part of a word names stays where it is"
			expect_out ""
		done
	done
	expect_err_has "hint: it goes where an option of session exec names it: --device tty"
	ctl attach tty a
	expect_ok 2
	ctl session exec --share -- sh -c 'ls -l /proc/self/fd; : $1' sh '{fd:tty}'
	expect_out_has /dev/vfio/
	ctl session exec --device tty -- sh -c 'ls -l /proc/self/fd'
	expect_out_has /dev/vfio/
	until_true bash -c '! iommufdctl detach tty'
}

@test "session exec of a missing program moves nothing" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	ctl session exec -- /no/such/program '{fd:tty}'
	expect_fail 127 "session exec: '/no/such/program': No such file or directory (ENOENT)"
	: >"$BATS_TEST_TMPDIR/data"
	ctl session exec -- "$BATS_TEST_TMPDIR/data" '{fd:tty}'
	expect_fail 126 "(EACCES)"
	iommufdctl ioas alloc --name a
	ctl attach tty a
	expect_ok 2
}

@test "session exec of what the session does not have moves nothing" {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	ctl session exec -- echo '{fd:tty}' '{fd:nothing}'
	expect_fail 1 "session exec: 'nothing': no device of this context"
	expect_out ""
	ctl session exec -- echo '{fd:tty}' '{fd:mem:nothing}'
	expect_fail 1 "'nothing': no memory has this name here"
	ctl session show --json
	expect_out_has '"devices":1,'
}

# A device is taken with --move over a connection that stays, of the process $pid: this is what session exec
# does before it becomes CMD.
be_handed_tty() {
	requires emulated
	start
	iommufdctl bind "$MTTY" --name tty
	session-garbage "$PLACE/default" stall 1 session take --move tty >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	until_true grep -q stalled "$BATS_TEST_TMPDIR/out"
}

@test "while a device is handed over its session does not restart" {
	local pid
	be_handed_tty
	until_true bash -c 'iommufdctl session restart 2>&1 | grep -F "devices are being handed over: try again (EBUSY)"'
	kill "$pid"
	until_true bash -c 'iommufdctl session show --json | grep -F "\"clients\":1,"'
	ctl session restart
	expect_ok ""
	ctl session show --json
	expect_out_has '"devices":1,'
}

@test "a device that went another way than its taker's does not keep the session from a restart" {
	local pid
	be_handed_tty
	until_true iommufdctl unbind tty
	ctl session restart
	expect_ok ""
	kill "$pid"
}
