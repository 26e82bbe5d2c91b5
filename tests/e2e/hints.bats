#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 40
#
# Hints that name a command: followed word by word it works, and what failed does not give the same hint again.

# shellcheck disable=SC2154 # what is used was set by helpers.bash
load helpers
load hints
load hints-session

setup() {
	requires iommufd
	DRIVERS=/sys/bus/pci/drivers NIC=0000:01:00.0
}

teardown() {
	stop
	give_back "$NIC"
}

# A device of the lab that nothing else needs, without a driver and without a wish for one.
free() {
	[[ -e /sys/bus/pci/devices/$1 ]] || skip "no $1"
	[[ ! -e /sys/bus/pci/devices/$1/driver ]] || echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
	echo >"/sys/bus/pci/devices/$1/driver_override"
}

give_back() {
	iommufdctl release --all >/dev/null 2>&1 || true
	(free "$1" && echo "$1" >/sys/bus/pci/drivers_probe) 2>/dev/null || true
}

# ---- a driver for VFIO ---------------------------------------------------------------------------

leads_on_to_vfio() {
	ctl bind "$NIC"
	expect_err_has "hint: $1 iommufdctl claim $NIC"
	leads_on '{iommufdctl claim %}' bind "$NIC"
}

@test "a device without a driver, with another one, and with one set that does not exist or does not take it" {
	requires physical
	local driver
	start
	for driver in '' nosuch virtio-pci vfio-pci; do
		free "$NIC"
		[[ ! $driver ]] || echo "$driver" >"/sys/bus/pci/devices/$NIC/driver_override"
		case $driver in
		vfio-pci) leads_on_to_vfio 'its driver_override is vfio-pci, which did not take it:' ;;
		virtio-pci) leads_on_to_vfio 'it has no driver, as its driver_override is virtio-pci, which did not take it:' ;;
		nosuch) leads_on_to_vfio 'it has no driver, as its driver_override is nosuch, which this kernel does not have:' ;;
		*) leads_on_to_vfio 'it has no driver:' ;;
		esac
		expect_ok 1
		ctl unbind "$NIC"
		expect_ok
		iommufdctl release "$NIC" >/dev/null
	done
	[[ -e $DRIVERS/e1000e ]] || return 0
	free "$NIC"
	echo "$NIC" >$DRIVERS/e1000e/bind
	leads_on_to_vfio 'its driver is e1000e:'
	expect_ok 1
}

@test "a driver that does not take a device that is claimed for it: the kernel's log tells why" {
	requires physical
	requires kernel 'its log'
	free "$NIC"
	try iommufdctl claim "$NIC" --driver virtio-pci
	expect_status 1
	works "'{dmesg | grep %}' shows why not"
}

@test "a PCI bridge is no device for VFIO" {
	requires physical
	local bridge=/sys/bus/pci/drivers/pcieport/0*
	bridge=$(compgen -G "$bridge" || grep -l '^0x0604' /sys/bus/pci/devices/*/class) || skip "no bridge"
	bridge=${bridge%%$'\n'*}
	bridge=${bridge%/class} bridge=${bridge##*/}
	batch <<<"bind $bridge"
	expect_fail 1 "bind: '$bridge': the device has no VFIO cdev (ENXIO)" 'hint: it is a PCI bridge (class 0604)'
}

@test "an mdev that lost its driver" {
	requires mtty root
	requires kernel 'the simulator has no files by which mdevs are made and removed'
	start
	echo "$MTTY" >/sys/bus/mdev/drivers/mtty/unbind
	leads_on '{D=/sys/%; T=%}' bind "$MTTY"
	expect_ok 1
}

# ---- who has it ----------------------------------------------------------------------------------

@test "what another process has is named by its pid and command" {
	requires physical
	local cdev io dev
	cdev=/dev/vfio/devices/$(cdev "$PHYSICAL")
	exec {io}<>/dev/iommu {dev}<>"$cdev"
	try iommufdctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	batch <<<"bind $PHYSICAL"
	expect_fail 1 '(EINVAL)' "$BASHPID (bash)"
	expect_err_match "hint: ([0-9]+ \([^)]*\), )*$BASHPID \(bash\).* has it open"
	IOMMUFD_PROC=$BATS_TEST_TMPDIR batch <<<"bind $PHYSICAL"
	expect_fail 1 "hint: no process that can be seen here has it open: 'fuser -v $cdev'"
	find_hint "'{fuser -v %}', as root and outside"
}

@test "fuser names who has it where the tool cannot" {
	requires physical
	requires kernel 'fuser compares nodes with what is open'
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	try iommufdctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	IOMMUFD_PROC=$BATS_TEST_TMPDIR try iommufdctl --once bind "$PHYSICAL"
	works "'{fuser -v %}', as root and outside"
	expect_out_has "$BASHPID"
}

@test "what another process has of a group is named as well" {
	requires physical
	requires kernel "nodes of VFIO's groups"
	local dev group link
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
	expect_fail 1 "$(iommufdctl session show hints --json | jq .sessions[0].pid) (iommufdctl) has it open for the session 'hints', and "
	works '{iommufdctl -s % unbind %}'
	batch <<<"bind $PHYSICAL"
	expect_ok 1
}

@test "another iommufd has the group" {
	requires group
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$GROUP_A")"
	try iommufdctl --iommufd "fd:$io" bind "fd:$dev"
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
	leads_on '{iommufdctl bind %}' detach "$PHYSICAL"
	expect_ok
	leads_on 'for the first time: {iommufdctl attach % %}' replace "$PHYSICAL" a
	expect_status 0
	leads_on 'it is attached to %; to move it: {iommufdctl replace % %}' attach "$PHYSICAL" b
	expect_status 0
	leads_on "'%' is attached to it: {iommufdctl detach %}" destroy b
	expect_ok
	leads_on 'it is a bound device: {iommufdctl unbind %}' destroy "$(iommufdctl -s hints show --json | jq .devices[0].id)"
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
	leads_on 'devices of one IOMMU group share one page table; to move it: {iommufdctl replace % %}' attach two b
	expect_status 0
}

@test "a place that is taken, reserved, or not aligned" {
	requires physical
	find_reserved
	start
	ctl ioas alloc --name a
	ctl mem create m 64K
	ctl ioas map a m --iova 0x20000
	leads_on '0x%-0x% is mapped, and ends with: {iommufdctl ioas unmap % 0x%}; without --iova' ioas map a m --iova 0x18000
	expect_ok 0x18000
	ctl bind "$PHYSICAL" --name d
	ctl attach d a
	ctl ioas map a m --iova "$(at_reserved -0x1000)"
	expect_fail 1 "ioas map: 'a': $(at_reserved -0x1000)-$(at_reserved 0xefff) reaches into $reserved, which is not usable (EINVAL)"
	works "'{iommufdctl ioas ranges %}' shows what is usable; without --iova the kernel chooses"
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
	leads_on "{iommufdctl ioas unmap % 0x%}, and map it elsewhere once the device is attached: '" attach d a
	expect_status 0
	ctl detach d
	ctl ioas map a m --iova 1G --length 1K
	leads_on '{iommufdctl ioas unmap % 0x%}, and map whole pages' attach d a
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
	leads_on 'to allow what any device does: {iommufdctl ioas allow %}' attach d a
	expect_status 0
}

@test "the limit of pinned memory: a session's own" {
	requires physical root prlimit setpriv limits
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
	leads_on "the limit of the session's process counts; as root: {prlimit --pid % --memlock=%}" attach d a
	expect_status 0
	ctl ioas map a n --iova 4M
	expect_fail 1 "ioas map: 'n': process $pid may pin 1048576 bytes (RLIMIT_MEMLOCK), and 2097152 are needed (ENOMEM)"
	leads_on "the limit of the session's process counts; as root: {prlimit --pid % --memlock=%}" ioas map a n --iova 4M
	expect_ok 0x400000
}

@test "the limit of pinned memory: the caller's" {
	requires physical root setpriv limits
	local commands=$'mem create m 1M\nioas alloc --name a\nbind '$PHYSICAL$' --name d\nattach d a\nioas map a m --iova 1M'
	ulimit -l 64
	try setpriv --bounding-set=-ipc_lock iommufdctl batch - <<<"$commands"
	expect_fail 1 'may pin 65536 bytes (RLIMIT_MEMLOCK), and 1048576 are needed (ENOMEM)'
	here '{ulimit -l %}, as root if that is above the hard limit'
	try setpriv --bounding-set=-ipc_lock iommufdctl batch - <<<"$commands"
	expect_ok_end 0x100000
}
