#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# Hints that name a command: followed word by word it works, and what failed does not give the same hint again.

# shellcheck disable=SC2154 # what is used was set by helpers.bash
load helpers
load sessions

setup() {
	requires iommufd
	export IOMMUFDCTL_SESSION=hints
	DRIVERS=/sys/bus/pci/drivers NIC=0000:01:00.0
}

teardown() {
	iommufdctl session stop --force hints 2>/dev/null || true
	give_back "$NIC"
}

start() {
	"$@" iommufdctl session start hints 3>&-
}

# A device of the lab that nothing else needs, without a driver and without a wish for one.
free() {
	[[ -e /sys/bus/pci/devices/$1 ]] || skip "no $1"
	[[ ! -e /sys/bus/pci/devices/$1/driver ]] || echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
	echo >"/sys/bus/pci/devices/$1/driver_override"
}

give_back() {
	(free "$1" && echo "$1" >/sys/bus/pci/drivers_probe) 2>/dev/null || true
}

# works REGEX: the first group of it, within the hints of the last run, is a command that works.
works() {
	local hints
	hints=$(grep '^hint: ' <<<"$stderr")
	[[ $hints =~ $1 ]] || wrong "expected a hint that matches: $1" || return
	try bash -ec "${BASH_REMATCH[1]}"
	expect_silence
}

# leads_on REGEX WORD...: these words fail; the command of their hint works, and what failed does not give that hint
# again. What it comes to then is the test's business.
leads_on() {
	ctl "${@:2}"
	((status)) || wrong "expected to fail" || return
	works "$1" || return
	ctl "${@:2}"
	[[ ! $stderr =~ $1 ]] || wrong "the same hint came again"
}

# ---- a driver for VFIO ---------------------------------------------------------------------------

to_vfio=$'to change that: ([^\n]*)$'

@test "a device without a driver, with another one, and with one set that does not exist or does not take it" {
	requires physical
	local driver
	start
	for driver in '' nosuch virtio-pci vfio-pci; do
		free "$NIC"
		[[ ! $driver ]] || echo "$driver" >"/sys/bus/pci/devices/$NIC/driver_override"
		case $driver in
		vfio-pci) leads_on "its driver_override is vfio-pci, which did not take it: '([^']*)'" bind "$NIC" ;;
		virtio-pci) leads_on "as its driver_override is virtio-pci, which did not take it; $to_vfio" bind "$NIC" ;;
		nosuch) leads_on "as its driver_override is nosuch, which this kernel does not have; $to_vfio" bind "$NIC" ;;
		*) leads_on "it has no driver; $to_vfio" bind "$NIC" ;;
		esac
		expect_ok 1
		ctl unbind "$NIC"
		expect_ok
	done
	[[ -e $DRIVERS/e1000e ]] || return 0
	free "$NIC"
	echo "$NIC" >$DRIVERS/e1000e/bind
	leads_on "its driver is e1000e; $to_vfio" bind "$NIC"
	expect_ok 1
}

@test "a PCI bridge is no device for VFIO" {
	requires physical
	local bridge=/sys/bus/pci/drivers/pcieport/0*
	bridge=$(compgen -G "$bridge" || grep -l '^0x0604' /sys/bus/pci/devices/*/class) || skip "no bridge"
	bridge=${bridge%%$'\n'*}
	bridge=${bridge%/class} bridge=${bridge##*/}
	batch <<<"bind $bridge"
	expect_fail 1 "bind: '$bridge': the device has no VFIO cdev (ENXIO)" 'hint: it is a PCI bridge'
}

@test "an mdev that lost its driver" {
	requires mtty root
	start
	echo "$MTTY" >/sys/bus/mdev/drivers/mtty/unbind
	leads_on $'gets one only when it is made: (D=[^\n]*)' bind "$MTTY"
	expect_ok 1
}

# ---- who has it ----------------------------------------------------------------------------------

@test "what another process has is named by its pid and command" {
	requires physical
	local cdev io dev group link
	cdev=/dev/vfio/devices/$(cdev "$PHYSICAL")
	exec {io}<>/dev/iommu {dev}<>"$cdev"
	ctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	batch <<<"bind $PHYSICAL"
	expect_fail 1 '(EINVAL)' "$BASHPID (bash)"
	expect_err_match "hint: ([0-9]+ \([^)]*\), )*$BASHPID \(bash\).* has it open"
	IOMMUFD_PROC=$BATS_TEST_TMPDIR batch <<<"bind $PHYSICAL"
	expect_fail 1 "hint: no process that can be seen here has it open: 'fuser -v $cdev'"
	exec {dev}<&- {io}<&-

	link=$(readlink "/sys/bus/pci/devices/$PHYSICAL/iommu_group")
	group=/dev/vfio/${link##*/}
	exec {dev}<>"$group"
	batch <<<"bind $PHYSICAL"
	expect_fail 1 '(EBUSY)' "$BASHPID (bash)" " has $group open"
}

@test "a session that has it" {
	requires physical
	start
	ctl bind "$PHYSICAL"
	expect_ok 1
	batch <<<"bind $PHYSICAL"
	expect_fail 1 "$(iommufdctl session show hints --json | jq .sessions[0].pid) (iommufdctl) has it open"
	works "'(iommufdctl session list)' shows whose session it is"
}

@test "another iommufd has the group" {
	requires group
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$GROUP_A")"
	ctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	batch <<<"bind $GROUP_B"
	expect_fail 1 "bind: '$GROUP_B': another iommufd has its IOMMU group, " "$GROUP_A of it is open in " \
		"$BASHPID (bash)" '(EPERM)' 'hint: all devices of a group go to one iommufd'
	expect_err_lacks 'interrupt'
}

# ---- in a session --------------------------------------------------------------------------------

@test "attach, replace, detach, destroy" {
	requires physical
	start
	local pt
	ctl ioas alloc --name a
	ctl ioas alloc --name b
	leads_on $'(iommufdctl bind [^\n]*)' detach "$PHYSICAL"
	expect_ok
	leads_on $'(iommufdctl attach [^\n]*)' replace "$PHYSICAL" a
	expect_status 0
	leads_on $'to move it: (iommufdctl replace [^\n]*)' attach "$PHYSICAL" b
	expect_status 0
	leads_on $'(iommufdctl detach [^\n]*)' destroy b
	expect_ok
	leads_on $'it is a bound device: (iommufdctl unbind [^\n]*)' destroy "$(iommufdctl show --json | jq .devices[0].id)"
	expect_fail 1 '(ENOENT)'
}

@test "the second device of a group, where the first is attached elsewhere" {
	requires group
	start
	ctl ioas alloc --name a
	ctl ioas alloc --name b
	ctl bind "$GROUP_A" --name one
	ctl bind "$GROUP_B" --name two
	ctl attach one a
	leads_on $'to move it: (iommufdctl replace [^\n]*)' attach two b
	expect_status 0
}

@test "a place that is taken, reserved, or not aligned" {
	requires physical
	find_reserved
	start
	ctl ioas alloc --name a
	ctl mem create m 64K
	ctl ioas map a m --iova 0x20000
	leads_on '0x20000-0x2ffff is mapped, and ends with: (iommufdctl ioas unmap a 0x20000)' ioas map a m --iova 0x18000
	expect_ok 0x18000
	ctl bind "$PHYSICAL" --name d
	ctl attach d a
	ctl ioas map a m --iova "$(at_reserved -0x1000)"
	expect_fail 1 "ioas map: 'a': $(at_reserved -0x1000)-$(at_reserved 0xefff) reaches into $reserved, which is not usable (EINVAL)"
	works "'(iommufdctl ioas ranges a)' shows what is usable"
	ctl ioas map a m --iova 0x100800
	expect_fail 1 "ioas map: 'a': the IOVA is no multiple of 4096, the alignment here (EINVAL)"
	ctl ioas map a m --iova 0x100000 --length 1000
	expect_fail 1 "ioas map: 'a': the length is no multiple of 4096, the alignment here (EINVAL)"
	ctl ioas map a m --iova 0x8000000000000000
	expect_fail 1 '-0xffffffffffffffff, which is not usable (EINVAL)'
	ctl ioas copy a a 0x18000 64K --iova "$(at_reserved 0)"
	expect_fail 1 "ioas copy: 'a': $(at_reserved 0)-$(at_reserved 0xffff) reaches into $reserved, which is not usable (EINVAL)"
}

@test "an attachment that a mapping keeps from a device" {
	requires physical
	find_reserved
	start
	ctl mem create m 64K
	ctl ioas alloc --name a
	ctl ioas map a m --iova "$(at_reserved -0x8000)"
	ctl bind "$PHYSICAL" --name d
	leads_on "(iommufdctl ioas unmap a $(at_reserved -0x8000))" attach d a
	expect_status 0
	ctl detach d
	ctl ioas map a m --iova 1G --length 1K
	leads_on '(iommufdctl ioas unmap a 0x40000000)' attach d a
	expect_status 0
	ctl detach d

	ctl ioas map a m --iova "$(at_reserved -0x8000)"
	ctl attach d a
	expect_fail 1 "attach: 'd': the mapping $(at_reserved -0x8000)-$(at_reserved 0x7fff) of 'a' reaches into $reserved, which the device reserves: msi (EADDRINUSE)"
	ctl ioas unmap a --all
	ctl ioas map a m --iova 1G --length 1K
	ctl hwpt alloc d a
	expect_fail 1 "hwpt alloc: 'd': the mapping 0x40000000-0x400003ff of 'a' is not aligned to pages of 4096 bytes (EADDRINUSE)"
}

@test "an attachment that ioas allow keeps from a device" {
	requires physical
	find_reserved
	start
	ctl ioas alloc --name a
	ctl ioas allow a "$(at_reserved 0)-$(at_reserved 0xffff)"
	ctl bind "$PHYSICAL" --name d
	ctl attach d a
	expect_fail 1 "attach: 'd': 'a' has ranges of 'ioas allow' that the device does not leave usable (EADDRINUSE)" \
		"hint: the device reserves $reserved: msi"
	leads_on '(iommufdctl ioas allow a)' attach d a
	expect_status 0
}

@test "the limit of pinned memory: a session's own" {
	requires physical root prlimit setpriv
	start setpriv --bounding-set=-ipc_lock prlimit --memlock=65536
	local pid
	pid=$(iommufdctl session show hints --json | jq .sessions[0].pid)
	ctl mem create m 1M
	ctl mem create n 1M
	ctl ioas alloc --name a
	ctl ioas map a m --iova 1M
	ctl bind "$PHYSICAL" --name d
	ctl attach d a
	expect_fail 1 "attach: 'd': process $pid may pin 65536 bytes (RLIMIT_MEMLOCK), and 1048576 are needed (ENOMEM)"
	leads_on "as root: (prlimit --pid $pid --memlock=1048576)" attach d a
	expect_status 0
	ctl ioas map a n --iova 4M
	expect_fail 1 "ioas map: 'n': process $pid may pin 1048576 bytes (RLIMIT_MEMLOCK), and 2097152 are needed (ENOMEM)"
	leads_on "as root: (prlimit --pid $pid --memlock=2097152)" ioas map a n --iova 4M
	expect_ok 0x400000
}

@test "the limit of pinned memory: the caller's" {
	requires physical root setpriv
	local commands=$'mem create m 1M\nioas alloc --name a\nbind '$PHYSICAL$' --name d\nattach d a\nioas map a m --iova 1M' way
	ulimit -l 64
	try setpriv --bounding-set=-ipc_lock iommufdctl batch - <<<"$commands"
	expect_fail 1 'may pin 65536 bytes (RLIMIT_MEMLOCK), and 1048576 are needed (ENOMEM)'
	[[ $stderr =~ 'hint: '(ulimit -l [0-9]+), ]]
	way=${BASH_REMATCH[1]}
	eval "$way"
	try setpriv --bounding-set=-ipc_lock iommufdctl batch - <<<"$commands"
	expect_ok_end 0x100000
}
