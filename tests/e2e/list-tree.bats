#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 30
# seconds in the simulator: 8
#
# list on machines that are made up: a /sys, /proc and /dev below a directory. They have what no lab has, and what no
# kernel should have.

load helpers

setup() {
	tree=$BATS_TEST_TMPDIR/tree
	sys=$tree/sys
	mkdir -p "$sys"/class/vfio-dev "$sys"/bus/{pci,mdev,platform}/devices "$sys"/kernel/iommu_groups \
		"$sys"/devices/system/node "$tree"/proc/{self,net} "$tree"/dev/vfio/devices
	echo 0 >"$sys/devices/system/node/possible"
	: >"$tree/proc/self/mountinfo"
	export IOMMUFD_SYSFS=$sys IOMMUFD_PROC=$tree/proc IOMMUFD_DEV=$tree/dev IOMMUFD_ROOT=$tree
}

# function ADDRESS VENDOR:DEVICE CLASS [DRIVER [GROUP]]: one of PCI
function_of() {
	local dir=$sys/devices/pci0000:00/$1 vendor=${2%:*} device=${2#*:}
	mkdir -p "$dir"
	ln -s "../../../bus/pci" "$dir/subsystem"
	ln -s "../../../devices/pci0000:00/$1" "$sys/bus/pci/devices/$1"
	printf '%sPCI_CLASS=%s\nPCI_ID=%s:%s\nPCI_SUBSYS_ID=1AF4:1100\nPCI_SLOT_NAME=%s\n' "${4:+DRIVER=$4$'\n'}" "${3^^}" \
		"${vendor^^}" "${device^^}" "$1" >"$dir/uevent"
	echo "0x$vendor" >"$dir/vendor"
	echo "0x$device" >"$dir/device"
	echo "0x$3" >"$dir/class"
	echo -1 >"$dir/numa_node"
	if [[ ${4:-} ]]; then
		mkdir -p "$sys/bus/pci/drivers/$4"
		ln -s "../../../bus/pci/drivers/$4" "$dir/driver"
	fi
	[[ ! ${5:-} ]] || { ln -s "../../../kernel/iommu_groups/$5" "$dir/iommu_group"; member "$5" "$1"; }
}

# member GROUP ADDRESS
member() {
	mkdir -p "$sys/kernel/iommu_groups/$1/devices"
	ln -s "../../../../devices/pci0000:00/$2" "$sys/kernel/iommu_groups/$1/devices/$2"
}

# taken ADDRESS CDEV [NODE]: VFIO has the function; its node leads to a device of this machine
taken() {
	local dir=$sys/devices/pci0000:00/$1
	mkdir -p "$dir/vfio-dev/$2"
	ln -s ../.. "$dir/vfio-dev/$2/device"
	ln -s "../../devices/pci0000:00/$1/vfio-dev/$2" "$sys/class/vfio-dev/$2"
	echo 511:0 >"$dir/vfio-dev/$2/dev"
	[[ ! ${3:-} ]] || ln -s "$3" "$tree/dev/vfio/devices/$2"
}

# nic and disk for vfio-pci, a sound card and a bridge that are not
machine() {
	function_of 0000:00:04.0 8086:10d3 020000 vfio-pci 7
	taken 0000:00:04.0 vfio0 /dev/null
	function_of 0000:00:05.0 1b36:0010 010802 vfio-pci 8
	taken 0000:00:05.0 vfio1
	function_of 0000:00:06.0 8086:2668 040300 snd_hda_intel 8
	function_of 0000:00:07.0 8086:2668 040300 '' 9
	function_of 0000:00:1c.0 8086:3420 060400 pcieport 10
	function_of 0000:00:00.0 8086:29c0 060000
	function_of 0000:00:00.2 1022:1419 080600
}

# columns N...: these fields of each row, which have no blanks in these machines
columns() {
	local fields
	printf -v fields ',$%s' "$@"
	awk "{ print ${fields#,} }" <<<"$output"
}

# ---- what is listed ------------------------------------------------------------------------------

@test "list --all: also what VFIO has not taken, but for bridges and IOMMUs" {
	machine
	ctl list -n
	expect_silence
	[[ $(columns 1 2 3 4 5 6 7 9 10) == "DEVICE ADDRESS NAME DRIVER GROUP KIND NUMA MODE USE
vfio0 0000:00:04.0 8086:10d3 vfio-pci 7 physical - 0666 none
vfio1 0000:00:05.0 1b36:0010 vfio-pci 8 physical - - none" ]] || wrong 'of VFIO'
	ctl list --all --numeric
	expect_silence
	[[ $(columns 1 2 3 4 5 6 7 8 | tail -n 2) == "- 0000:00:06.0 8086:2668 snd_hda_intel 8 physical - -
- 0000:00:07.0 8086:2668 - 9 physical - -" ]] || wrong 'of others'
	((${#lines[@]} == 5)) || wrong 'bridges are listed, or the IOMMU'
}

@test "list: the node's owner and mode by name, - where there is none" {
	machine
	ctl list
	[[ $output == *"  $(stat -Lc %U:%G /dev/null)  0666  none"* ]] || wrong owner
	[[ ${lines[2]} == vfio1*" -      "*" -     none" || ${lines[2]} =~ \ -\ +-\ +none$ ]] || wrong none
}

@test "list --json: ids, class, root and the members of groups" {
	requires jq
	machine
	ctl list --json
	expect_silence
	[[ $(jq -c '.devices[0] | [.vendor_id, .device_id, .subsystem_vendor_id, .subsystem_device_id, .class, .pcie_root, .numa_node, .bus]' \
		<<<"$output") == '["8086","10d3","1af4","1100","020000","pci0000:00",null,"pci"]' ]] || wrong ids
	[[ $(jq -c .group_members <<<"$output") == '[{"group":7,"address":"0000:00:04.0","driver":"vfio-pci"},{"group":8,"address":"0000:00:05.0","driver":"vfio-pci"},{"group":8,"address":"0000:00:06.0","driver":"snd_hda_intel"}]' ]] || wrong members
}

@test "list: NUMA is read where the machine has several nodes" {
	machine
	echo 1 >"$sys/devices/pci0000:00/0000:00:04.0/numa_node"
	ctl list -n
	[[ $(columns 7) == $'NUMA\n-\n-' ]] || wrong 'one node'
	echo 0-1 >"$sys/devices/system/node/possible"
	ctl list -n
	[[ $(columns 7) == $'NUMA\n1\n-' ]] || wrong 'two nodes'
	echo 0 >"$sys/devices/system/node/possible"
	ctl list --json
	expect_out_has '"numa_node":1,' '"numa_node":null,'
}

@test "list: noiommu is said where it is so" {
	function_of 0000:00:04.0 8086:10d3 020000 vfio-pci 7
	taken 0000:00:04.0 vfio0
	rm "$sys/devices/pci0000:00/0000:00:04.0/vfio-dev/vfio0/dev"
	echo vfio-noiommu >"$sys/kernel/iommu_groups/7/name"
	function_of 0000:00:05.0 8086:10d3 020000 vfio-pci 8
	taken 0000:00:05.0 noiommu-vfio3 /dev/null
	ctl list -n
	[[ $(columns 1 6) == $'DEVICE KIND\nvfio0 noiommu\nnoiommu-vfio3 noiommu' ]] || wrong
	ctl list --json
	expect_out_has '"kind":"noiommu","cdev":null,' "\"cdev\":\"$tree/dev/vfio/devices/noiommu-vfio3\","
}

@test "list --all: parents of mdevs, on a bus of their own or of PCI" {
	machine
	mkdir -p "$sys"/class/{mdev_bus,mtty} "$sys/devices/virtual/mtty/mtty"
	ln -s ../../../../class/mtty "$sys/devices/virtual/mtty/mtty/subsystem"
	ln -s ../../devices/virtual/mtty/mtty "$sys/class/mdev_bus/mtty"
	ln -s ../../devices/pci0000:00/0000:00:06.0 "$sys/class/mdev_bus/0000:00:06.0"
	ctl list --all -n
	[[ $(columns 1 2 6 10 | grep parent) == $'- mtty parent -\n- 0000:00:06.0 parent none' ]] || wrong
	((${#lines[@]} == 6)) || wrong 'one is listed twice'
}

@test "list: domains of PCI with more than four digits" {
	function_of 10000:e1:00.0 8086:0a54 010802 vfio-pci 3
	taken 10000:e1:00.0 vfio5
	ctl list
	expect_out_has 'vfio5   10000:e1:00.0  '
}

# ---- filters -------------------------------------------------------------------------------------

addresses() {
	tail -n +2 <<<"$output" | awk '{ print $2 }' | paste -sd ' '
}

@test "list: --driver, --group and --class choose" {
	machine
	ctl list --driver vfio-pci
	[[ $(addresses) == '0000:00:04.0 0000:00:05.0' ]] || wrong driver
	ctl list --all --driver snd_hda_intel
	[[ $(addresses) == 0000:00:06.0 ]] || wrong 'another driver'
	ctl list --all --driver none
	[[ $(addresses) == 0000:00:07.0 ]] || wrong 'no driver'
	ctl list --group 8
	[[ $(addresses) == 0000:00:05.0 ]] || wrong group
	ctl list --all --group 8
	[[ $(addresses) == '0000:00:05.0 0000:00:06.0' ]] || wrong 'all of a group'
	for class in 02 0200 020000 0x0200; do
		ctl list --all --class "$class"
		[[ $(addresses) == 0000:00:04.0 ]] || wrong "class $class"
	done
	ctl list --all --class 04 --driver none
	[[ $(addresses) == 0000:00:07.0 ]] || wrong both
	ctl list --group 99
	expect_ok 'DEVICE  ADDRESS  NAME  DRIVER  GROUP  KIND  NUMA  OWNER  MODE  USE'
}

@test "list: what no filter can be is refused" {
	for class in network 2 020 02000 0200000 0x '' 02zz -1; do
		refuses 2 "list: '$class' is not a class: 2, 4 or 6 hexadecimal digits" list --class="$class"
	done
	refuses 2 "list: --group: '-1' is no number up to 4294967295" list --group=-1
	refuses 2 "list: --group: '4294967296' is no number up to 4294967295" list --group=4294967296
	refuses 2 "surplus argument 'vfio0'" list vfio0
}

@test "list --unused: what the host uses, or may use, is left out" {
	machine
	function_of 0000:00:08.0 8086:1572 020000 i40e 11
	echo 2 >"$sys/devices/pci0000:00/0000:00:08.0/sriov_numvfs"
	ctl list --all
	[[ ${lines[5]} == *0000:00:08.0*' 2 VFs' || $output == *' 2 VFs'* ]] || wrong use
	ctl list --all --json
	expect_out_has '"use":["2 VFs"'
	ctl list --all --unused
	expect_silence
	[[ $output == *0000:00:07.0* && $output != *0000:00:08.0* ]] || wrong unused
}

@test "list: what is claimed; where records cannot be trusted nobody knows" {
	local claims=$tree/run/iommufdctl/claims
	machine
	mkdir -p "$claims"
	touch "$claims/pci:0000:00:05.0" "$claims/pci:0000:00:07.0" "$claims/mdev:0000:00:04.0"
	ctl list --all -n
	expect_silence
	[[ $(columns 2 10) == "ADDRESS USE
0000:00:04.0 none
0000:00:05.0 claimed
0000:00:06.0 none
0000:00:07.0 claimed" ]] || wrong claimed
	ctl list --unused
	[[ $(addresses) == 0000:00:04.0 ]] || wrong unused
	chmod 777 "$claims"
	ctl list -n
	[[ $(columns 10) == $'USE\n-\n-' ]] || wrong 'the directory of everybody'
	ctl list --json
	expect_out_has '"use":null'
}

# ---- names ---------------------------------------------------------------------------------------

# as_root_of_mounts FILE COMMAND...: with this in the place of FILE
in_place() {
	local file=$1 other=$2
	shift 2
	# shellcheck disable=SC2016
	try unshare --mount bash -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' - "$other" "$file" "$@"
}

@test "list: names of libpci's database" {
	[[ -e /usr/share/misc/pci.ids ]] || skip 'no pci.ids'
	machine
	ctl list
	expect_silence
	expect_out_has '  Intel Corporation 82574L Gigabit Network Connection  '
	ctl list --json
	expect_out_has '"name":"Intel Corporation 82574L Gigabit Network Connection"'
	ctl list -n --json
	expect_out_has '"name":"8086:10d3"'
}

@test "list without libpci: ids, and -v says why" {
	local library
	requires root
	library=$(/sbin/ldconfig -p | sed -n 's/.*libpci\.so\.3 .* => //p' | head -n 1)
	machine
	if [[ $library ]]; then
		in_place "$library" /dev/null iommufdctl list -v
	else
		ctl list -v
	fi
	expect_status 0
	expect_out_has '  8086:10d3  '
	expect_err 'iommufdctl: list: ids stand for names: there is no libpci.so.3 here (of the package libpci3)'
}

@test "list with a broken database of libpci: ids, and -v says why" {
	requires root lspci
	[[ -e /usr/share/misc/pci.ids ]] || skip 'no pci.ids'
	machine
	printf '8086  Intel\n\t\t\tnot so\n\x01\n' >"$BATS_TEST_TMPDIR/ids"
	in_place /usr/share/misc/pci.ids "$BATS_TEST_TMPDIR/ids" iommufdctl list -v
	expect_status 0
	expect_out_has '  8086:10d3  '
	expect_err 'iommufdctl: list: ids stand for names: libpci cannot read its database'
}

# ---- what no kernel should have -----------------------------------------------------------------

# json_is_good: of the last run
# Behind all tests the schemas are asked about it.
json_is_good() {
	[[ $output == '{"version":1,'*'}' ]] || wrong 'no JSON'
}

@test "list: attributes that are missing or empty are not known" {
	local name
	requires jq
	for name in uevent vendor device class numa_node driver iommu_group subsystem dev; do
		rm -rf "$tree"
		setup
		machine
		rm -rf "${sys:?}/devices/pci0000:00/0000:00:04.0/$name" "${sys:?}/devices/pci0000:00/0000:00:07.0/$name"
		ctl list --all --json
		expect_status 0
		json_is_good
		ctl list --all
		expect_silence
		expect_out_has 0000:00:05.0 0000:00:06.0
		[[ $name == @(driver|iommu_group|subsystem) ]] && continue
		: >"$sys/devices/pci0000:00/0000:00:04.0/$name"
		: >"$sys/devices/pci0000:00/0000:00:07.0/$name"
		ctl list --all --json
		expect_status 0
		json_is_good
		expect_out_has 0000:00:05.0 0000:00:06.0
	done
}

@test "list: attributes of 4096 bytes, of no UTF-8, with escapes" {
	local name bad
	requires jq
	bad=$(printf '\e[31m\xff\xfe\x80"\\\x07%s' "$(printf 'A%.0s' {1..4096})")
	for name in uevent vendor device class numa_node sriov_numvfs boot_vga; do
		rm -rf "$tree"
		setup
		machine
		printf '%s' "$bad" >"$sys/devices/pci0000:00/0000:00:04.0/$name"
		printf '%s' "$bad" >"$sys/devices/pci0000:00/0000:00:07.0/$name"
		ctl list --all --json
		expect_status 0
		json_is_good
		ctl list --all
		expect_silence
		[[ $output != *$'\e'* && $output != *$'\xff'* ]] || wrong 'bytes for the terminal'
	done
	printf 'DRIVER=\e]0;x\a\xff\nPCI_CLASS=fffffffffff\nPCI_ID=zz:11\nPCI_SLOT_NAME=\e[2J:00:04.0\n' \
		>"$sys/devices/pci0000:00/0000:00:04.0/uevent"
	ctl list
	expect_silence
	expect_out_has '\x1b]0;x\x07\xff' '\x1b[2J:00:04.0'
	[[ $output != *$'\e'* && $output != *$'\xff'* ]] || wrong 'bytes for the terminal'
	ctl list --json
	json_is_good
}

@test "list: links out of the tree, in circles, and to nowhere" {
	requires jq
	machine
	ln -sfn /etc/passwd "$sys/devices/pci0000:00/0000:00:04.0/driver"
	ln -sfn ../0000:00:04.0/iommu_group "$sys/devices/pci0000:00/0000:00:04.0/iommu_group"
	ln -sfn nowhere "$sys/devices/pci0000:00/0000:00:05.0/uevent"
	ln -s ../../../../../../etc "$sys/class/vfio-dev/vfio7"
	ln -s vfio8 "$sys/class/vfio-dev/vfio8"
	mkdir "$sys/class/vfio-dev/vfio9"
	ln -s ../../../../../../etc "$sys/bus/pci/devices/0000:00:09.0"
	printf 'PCI_SLOT_NAME=../../../etc\n' >"$sys/devices/pci0000:00/0000:00:06.0/uevent"
	ctl list --all --json
	expect_status 0
	json_is_good
	ctl list --all
	expect_silence
	expect_out_has vfio0 vfio1 0000:00:06.0
	[[ $output != */etc* ]] || wrong 'what lies outside'
}

@test "list: what is a directory, a pipe or a file in the place of something else" {
	requires jq
	machine
	rm "$sys/devices/pci0000:00/0000:00:04.0/uevent" "$sys/devices/pci0000:00/0000:00:05.0/uevent"
	mkdir "$sys/devices/pci0000:00/0000:00:04.0/uevent"
	mkfifo "$sys/devices/pci0000:00/0000:00:05.0/uevent"
	rm "$sys/devices/pci0000:00/0000:00:04.0/iommu_group"
	echo 7 >"$sys/devices/pci0000:00/0000:00:04.0/iommu_group"
	rm -r "$sys/kernel/iommu_groups/8/devices"
	echo >"$sys/kernel/iommu_groups/8/devices"
	TIME_LIMIT=10 ctl list --all --json
	expect_status 0
	json_is_good
	expect_out_has '"address":"0000:00:04.0"' '"address":"0000:00:05.0"'
}

@test "list: devices that come and go while it is read" {
	local i stop=$BATS_TEST_TMPDIR/stop runs=8
	requires jq
	machine
	for i in {0..40}; do
		function_of "0000:01:00.$i" 8086:10d3 020000 vfio-pci "$((20 + i))"
		taken "0000:01:00.$i" "vfio$((20 + i))"
	done
	(
		while [[ ! -e $stop ]]; do
			for i in {0..40}; do
				mv "$sys/devices/pci0000:00/0000:01:00.$i" "$tree/away"
				mv "$tree/away" "$sys/devices/pci0000:00/0000:01:00.$i"
			done
		done
	) 3>&- &
	while ((runs--)); do
		ctl list --all --json
		[[ $status == 0 ]] || { touch "$stop"; wrong 'it fails'; }
		json_is_good || { touch "$stop"; return 1; }
		expect_out_has '"device":"vfio0"' '"device":"vfio1"' || { touch "$stop"; return 1; }
	done
	touch "$stop"
	wait
}

@test "list as somebody who is not root" {
	requires users
	machine
	chmod -R a+rX "$BATS_RUN_TMPDIR" "$tree"
	try setpriv --reuid=65534 --regid=65534 --clear-groups env PATH="$PATH" iommufdctl list --all -n
	expect_silence
	expect_out_has 0000:00:04.0 0000:00:07.0
}
