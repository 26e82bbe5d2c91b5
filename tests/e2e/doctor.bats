#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 60
# in the lab as well
#
# doctor: what is wrong is told by the line that is true, and the command in it mends it. Machines whose IOMMU is off, or
# does not remap interrupts, are those of no-iommu.bats and no-remapping.bats; what no machine of the lab has is made up.

# shellcheck disable=SC2154 # what is used was set by helpers.bash and doctor.bash
load helpers
load hints
load hints-session
load doctor
load watch

setup() {
	NIC=0000:01:00.0
}

teardown() {
	stop
	end_qemu
}

# ---- a machine on which all is well --------------------------------------------------------------

@test "all is well" {
	requires iommufd physical
	doctor "$PHYSICAL"
	expect_silence
	tells ok iommu ''
	tells ok iommufd 'it opens' -
	tells ok cdevs 'the kernel makes them' -
	tells ok interrupts ''
	tells ok driver 'its driver is vfio-pci' -
	tells ok node 'it is 0600 root:root' -
	tells ok holders 'no process' -
	expect_out_has "\"device\":\"$PHYSICAL\"" '"memlock":[]'
	try iommufdctl doctor
	expect_ok
	[[ ${lines[0]} =~ ^'STATE '+'CHECK '+'DEVICE '+'FACT '+'FILE '+MEND$ ]]
}

@test "it needs no root, and is told of devices by any of their names" {
	requires iommufd physical users
	local cdev tool
	cdev=$(cdev "$PHYSICAL")
	exec {tool}<"$(type -P iommufdctl)"
	told_by setpriv --reuid=65534 --regid=65534 --clear-groups "/proc/self/fd/$tool" doctor "/dev/vfio/devices/$cdev" --json
	expect_status 4
	tells failed iommufd 'permission denied: it is 06' 'be root, or let a udev rule'
	tells failed node "permission denied on the device's cdev: it is 0600 root:root" 'be root'
	tells ok holders 'no process that can be seen here has it open' "'fuser -v /dev/vfio/devices/$cdev'"
	expect_out_has "\"device\":\"$PHYSICAL\""
}

@test "what is no device, and an option without its own" {
	try iommufdctl doctor 0000:ff:1f.7
	expect_fail 1 "doctor: '0000:ff:1f.7': no such device (ENODEV)"
	[[ $output == *'STATE'* ]]
	doctor --spaces 2
	refused 2 '--spaces, --mode and --pid are of --memory'
	doctor --memory 0x8000000000000000 --spaces 2
	refused 2 'that is more than any machine has'
	doctor --memory 1M --pid 4194305
	expect_fail 1 "'4194305': No such file or directory (ENOENT)"
}

@test "an mdev does without an IOMMU" {
	requires iommufd mtty
	make_machine
	rm -r "$machine/sys/class/iommu/dmar0"
	mkdir -p "$machine/sys/devices/virtual/mtty/$MTTY" "$machine/sys/bus/mdev/devices"
	ln -s "../../../devices/virtual/mtty/$MTTY" "$machine/sys/bus/mdev/devices/$MTTY"
	made "$MTTY"
	tells warning iommu 'the firmware has one' "'dmesg | grep -i DMAR'"
	tells_not failed iommu
	made
	tells failed iommu 'the firmware has one'
}

# ---- memory --------------------------------------------------------------------------------------

# figures NEED: what doctor says of 16 MiB in so many spaces is what the kernel has pinned for the session
figures() {
	local need=$(($1 << 24)) pinned
	pinned=$(sed -nE 's/^VmPin:\s+([0-9]+) kB$/\1/p' "/proc/$pid/status")
	((pinned * 1024 == need)) || wrong "the kernel has pinned $pinned kB" || return
	try iommufdctl doctor --json --pid "$pid" --memory 16M --spaces "$1" --mode process
	expect_out_has "\"memlock\":[{\"need\":$need,\"limit\":" "\"used\":$need,"
}

@test "the memory that is needed is what the kernel pins" {
	requires physical group
	requires kernel 'its VmPin'
	local pid
	start
	pid=$(session_pid)
	figures 0
	ctl mem create ram 16M
	ctl ioas alloc --name a
	ctl ioas map a ram --iova 16M
	figures 0 # mapped, and nothing is attached
	ctl bind "$GROUP_A" --name one
	ctl bind "$GROUP_B" --name two
	ctl bind "$PHYSICAL" --name three
	ctl attach one a
	figures 1
	ctl attach two a
	ctl attach three a
	figures 1 # two devices in one space
	ctl detach three
	ctl ioas alloc --name b
	ctl ioas map b ram --iova 16M
	ctl attach three b
	figures 2 # mapped by both
	ctl detach three
	ctl ioas unmap b --all
	ctl ioas copy b a 16M 16M --iova 32M
	ctl attach three b
	expect_ok
	figures 1
}

@test "a limit that is too small, the caller's own" {
	requires root setpriv limits
	ulimit -l 64
	told_by setpriv --bounding-set=-ipc_lock iommufdctl doctor --memory 1M --mode process --json
	expect_status 4
	tells failed memlock 'process ' 'ulimit -l 1024, as root'
	[[ $(jq -c '.memlock[0] | [.need, .limit, .verdict]' <<<"$output") == '[1048576,65536,"too small"]' ]]
	as_hints
	here '{ulimit -l %}, as root if that is above the hard limit'
	told_by setpriv --bounding-set=-ipc_lock iommufdctl doctor --memory 1M --mode process --json
	tells ok memlock 'process ' -
	told_by setpriv --bounding-set=-ipc_lock iommufdctl doctor --memory 1M --json
	tells ok memlock 'process '
	expect_out_has 'what other processes of its user pin counts as well' '"used":null,"verdict":"enough"'
	doctor --memory 1M
	tells ok memlock 'process '
	expect_out_has 'has CAP_IPC_LOCK: no limit counts' '"limit":null' '"verdict":"no limit"'
}

@test "a limit that is too small, a session's" {
	requires iommufd root prlimit setpriv limits
	start setpriv --bounding-set=-ipc_lock prlimit --memlock=65536
	doctor --pid "$(session_pid)" --memory 1M --spaces 2
	expect_status 4
	tells failed memlock 'process ' "the limit of the session's process counts; as root: prlimit --pid "
	mends "the limit of the session's process counts; as root: {prlimit --pid % --memlock=%}"
	doctor --pid "$(session_pid)" --memory 1M --spaces 2
	tells ok memlock 'process ' -
}

@test "a limit that is too small, that of a VMM" {
	requires root prlimit setpriv limits
	local vmm
	setpriv --bounding-set=-ipc_lock prlimit --memlock=65536 sleep 600 3>&- &
	vmm=$!
	until [[ $(</proc/$vmm/comm) == sleep ]]; do sleep 0.1; done
	doctor --pid "$vmm" --memory 1M --mode process
	tells failed memlock "process $vmm may pin 65536 bytes (RLIMIT_MEMLOCK), and 1048576 are needed" "as root: prlimit --pid $vmm "
	mends 'as root: {prlimit --pid % --memlock=%}'
	doctor --pid "$vmm" --memory 1M --mode process
	tells ok memlock "process $vmm "
	kill "$vmm"
}

# ---- who has it ----------------------------------------------------------------------------------

@test "bound elsewhere: a process, and a session" {
	requires physical
	local io dev
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	try iommufdctl --iommufd "fd:$io" bind "fd:$dev"
	expect_ok 1
	doctor "$PHYSICAL"
	expect_status 4
	tells failed holders "$BASHPID (bash)" 'it has to end, or to close that'
	exec {io}<&- {dev}<&-
	start
	ctl bind "$PHYSICAL"
	doctor "$PHYSICAL"
	tells failed holders '' 'iommufdctl -s hints unbind vfio'
	mends '{iommufdctl -s % unbind %}'
	doctor "$PHYSICAL"
	expect_silence
}

@test "the node of its group is open" {
	requires physical
	requires kernel "nodes of VFIO's groups"
	local dev link
	link=$(readlink "/sys/bus/pci/devices/$PHYSICAL/iommu_group")
	exec {dev}<>"/dev/vfio/${link##*/}"
	doctor "$PHYSICAL"
	expect_status 4
	tells failed holders "$BASHPID (bash) has /dev/vfio/${link##*/} open" 'it goes through the group, and has to close that first'
	exec {dev}<&-
	doctor "$PHYSICAL"
	expect_silence
}

@test "an unbind that waits" {
	requires physical root
	requires kernel 'a write to sysfs unbinds a driver'
	local dev holder unbind device=/sys/bus/pci/devices/$PHYSICAL
	# bash keeps it open; sleep has inherited it, and ends alone.
	{ sleep 600 & holder=$!; } {dev}<>"/dev/vfio/devices/$(cdev "$PHYSICAL")"
	exec {dev}<&-
	echo "$PHYSICAL" >"$device/driver/unbind" &
	unbind=$!
	until [[ ! -e $device/driver ]]; do sleep 0.1; done
	doctor "$PHYSICAL"
	expect_status 4
	if [[ $(kernel_release) == 6.* ]]; then
		tells failed holders "it has no driver, and $holder (sleep) has the cdev of a device open that is gone" "kill $holder"
	else
		tells failed holders "an unbind waits for $holder (sleep)" "kill $holder"
	fi
	kill -0 "$unbind"
	batch <<<"bind $PHYSICAL"
	expect_fail 1 "$holder (sleep)" "hint: "
	works '{kill %}, or have it close that'
	wait "$unbind"
	echo "$PHYSICAL" >/sys/bus/pci/drivers_probe
	doctor "$PHYSICAL"
	expect_silence
}

# ---- its driver, and those of its group ----------------------------------------------------------

@test "no driver of VFIO" {
	requires physical root
	requires kernel 'a write to sysfs binds a driver'
	[[ -e /sys/bus/pci/drivers/e1000e/$NIC ]] || skip 'no e1000e'
	doctor "$NIC"
	expect_status 4
	tells failed driver 'its driver is e1000e'
	mends '{iommufdctl claim %}'
	doctor "$NIC"
	expect_silence
	tells ok driver 'its driver is vfio-pci'
	try iommufdctl release "$NIC"
	expect_status 0
}

@test "a sibling that a driver of the host has" {
	requires physical root
	plug_siblings
	drive "$PLUGGED" vfio-pci
	batch <<<"bind $PLUGGED"
	expect_fail 1 "'$PLUGGED': $SIBLING of its IOMMU group, " 'has a driver of the host, e1000e (EPERM)'
	doctor "$PLUGGED"
	expect_status 4
	tells failed siblings "$SIBLING of its IOMMU group, "
	mends '{iommufdctl claim %}'
	doctor "$PLUGGED"
	expect_silence
	tells ok siblings ''
	batch <<<"bind $PLUGGED"
	expect_ok 1
	try iommufdctl release "$SIBLING"
	expect_status 0
	[[ -e /sys/bus/pci/drivers/e1000e/$SIBLING ]]
	unplug
}

@test "a node that is gone, and one with the numbers of another device" {
	requires physical mtty root
	requires kernel 'nodes are made, which nobody may in a user namespace'
	local node other
	node=/dev/vfio/devices/$(cdev "$PHYSICAL")
	other=$(tr : ' ' <"/sys/class/vfio-dev/$(cdev "$MTTY")/dev")
	rm "$node"
	doctor "$PHYSICAL"
	tells failed node 'the device has no node below /dev/vfio/devices' "mknod -m 600 $node c "
	mends '{mknod -m 600 % c % %}; a container is given it by --device %'
	doctor "$PHYSICAL"
	expect_silence
	rm "$node"
	# shellcheck disable=SC2086 # two numbers
	mknod -m 600 "$node" c $other
	doctor "$PHYSICAL"
	tells failed node "the node has the numbers ${other/ /:}, and the device has "
	mends '{rm %; mknod -m 600 % c % %}'
	doctor "$PHYSICAL"
	expect_silence
	# The kernel removes no node that it has not made.
	rm "$node"
	drive "$PHYSICAL" vfio-pci
}

@test "a regular file in the place of /dev/iommu, and no node" {
	requires iommufd root unshare
	requires kernel 'nodes are made, which nobody may in a user namespace'
	in_container ': >/dev/iommu; exec iommufdctl doctor --json'
	expect_status 4
	tells failed iommufd "a regular file lies in the place of the node, as a shell's '<>' makes it" 'rm /dev/iommu; mknod '
	as_hints
	find_hint '{rm %; mknod -m 600 % c % %}'
	in_container ": >/dev/iommu; $command; exec iommufdctl doctor --json"
	tells ok iommufd 'it opens' -
	in_container 'exec iommufdctl doctor --json'
	tells failed iommufd 'the kernel has iommufd, but there is no node for it here' 'mknod -m 600 /dev/iommu c '
	as_hints
	find_hint '{mknod -m 600 % c % %}; a container is given it by --device %'
	in_container "$command; exec iommufdctl doctor --json"
	tells ok iommufd 'it opens' -
}

# in_container COMMANDS: with a /dev that has no iommu, as in a container
in_container() {
	told_by unshare -m bash -ec 'mount -t tmpfs tmpfs /dev; mknod -m 666 /dev/null c 1 3; '"$1"
}
