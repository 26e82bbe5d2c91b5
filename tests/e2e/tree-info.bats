#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the simulator: 5
#
# info of devices on machines that are made up: a /sys, /proc and / below a directory. They have what no lab has, and
# what no kernel should have.

load helpers

setup() {
	tree=$BATS_TEST_TMPDIR/tree
	sys=$tree/sys nic=$sys/devices/pci0000:00/0000:00:05.0
	mkdir -p "$sys"/class/{vfio-dev,net} "$sys"/bus/{pci,platform}/devices "$tree"/proc/{self,net} "$tree"/dev "$tree"/etc
	: >"$tree/proc/self/mountinfo"
	: >"$tree/proc/swaps"
	: >"$tree/proc/net/route"
	: >"$tree/proc/iomem"
	export IOMMUFD_SYSFS=$sys IOMMUFD_PROC=$tree/proc IOMMUFD_DEV=$tree/dev IOMMUFD_ROOT=$tree
	function_of 0000:00:05.0 8086:10d3 020000 e1000e 7
	mkdir -p "$nic/net/eth0"
	ln -s ../../../../../class/net "$nic/net/eth0/subsystem"
	ln -s ../../devices/pci0000:00/0000:00:05.0/net/eth0 "$sys/class/net/eth0"
	echo 0x1003 >"$nic/net/eth0/flags"
}

# function_of ADDRESS VENDOR:DEVICE CLASS [DRIVER [GROUP]]: one of PCI
function_of() {
	local dir=$sys/devices/pci0000:00/$1
	mkdir -p "$dir"
	ln -s ../../../bus/pci "$dir/subsystem"
	ln -s "../../../devices/pci0000:00/$1" "$sys/bus/pci/devices/$1"
	echo "0x${2%:*}" >"$dir/vendor"
	echo "0x${2#*:}" >"$dir/device"
	echo "0x$3" >"$dir/class"
	[[ ! ${4:-} ]] || ln -s "../../../bus/pci/drivers/$4" "$dir/driver"
	[[ ! ${5:-} ]] || {
		mkdir -p "$sys/kernel/iommu_groups/$5/devices"
		ln -s "../../../kernel/iommu_groups/$5" "$dir/iommu_group"
		ln -s "../../../../devices/pci0000:00/$1" "$sys/kernel/iommu_groups/$5/devices/$1"
	}
}

# expect_json KEY VALUE: the array of that key
expect_json() {
	[[ $(jq -c ".$1" <<<"$output") == "$2" ]] || wrong "expected as $1: $2"
}

@test "info of a device of the host, by its address and by its interface: nothing of it needs VFIO" {
	requires jq
	local word
	for word in 0000:00:05.0 00:05.0 eth0 pci/0000:00:05.0; do
		ctl info "$word" --json
		expect_silence
		expect_json 'devices[0].address' '"0000:00:05.0"'
		expect_json 'devices[0].driver' '"e1000e"'
		expect_json group_members '[{"group":7,"address":"0000:00:05.0","driver":"e1000e"}]'
		expect_json uses '[{"use":"interface eth0 up","known":"yes","fact":"/sys/class/net/eth0/flags"}]'
		expect_json obstacles '[]'
		expect_json device '[]'
	done
	ctl info eth0
	expect_silence
	expect_out_has 'e1000e' 'interface eth0 up  yes    /sys/class/net/eth0/flags'
	[[ $output != *OBSTACLE* ]] # a table without rows is left out
}

@test "info says what PCI has of a device" {
	requires jq
	echo 'flr bus' >"$nic/reset_method"
	echo D0 >"$nic/power_state"
	mkdir "$nic/power"
	echo active >"$nic/power/runtime_status"
	echo 2 >"$nic/sriov_numvfs"
	echo 8 >"$nic/sriov_totalvfs"
	echo vfio-pci >"$nic/driver_override"
	function_of 0000:00:05.1 8086:10ca 020000 vfio-pci
	ln -s ../0000:00:05.1 "$nic/virtfn0"
	ln -s ../0000:00:05.0 "$sys/devices/pci0000:00/0000:00:05.1/physfn"
	ln -s ../../virtual/devlink/x "$nic/consumer:pci:0000:00:05.1"
	# ATS that is on, at 0x100; behind it PASID, of 20 bits, that is off; no PRI
	{
		head -c 256 /dev/zero
		printf '\x0f\x00\x01\x11\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00'
		printf '\x1b\x00\x01\x00\x06\x14\x00\x00'
		head -c 3816 /dev/zero
	} >"$nic/config"
	ctl info 00:05.0 --json
	expect_silence
	expect_json properties '[{"override":"vfio-pci","reset_methods":"flr bus","power":"D0","runtime":"active","vfs":2,"total_vfs":8,"ats":"on","pri":"no","pasid":"off","pasid_bits":20}]'
	expect_json relations '[{"relation":"consumer","bus":"pci","address":"0000:00:05.1","driver":"vfio-pci"},{"relation":"vf","bus":"pci","address":"0000:00:05.1","driver":"vfio-pci"}]'
	ctl info 00:05.1 --json
	expect_json relations '[{"relation":"pf","bus":"pci","address":"0000:00:05.0","driver":"e1000e"}]'

	# To others than root the kernel shows the first 64 bytes; what sleeps is not woken.
	head -c 64 /dev/zero >"$nic/config"
	ctl info 00:05.0 --json
	expect_json 'properties[0].ats' null
	head -c 4096 /dev/zero >"$nic/config"
	echo D3cold >"$nic/power_state"
	ctl info 00:05.0 --json
	expect_json 'properties[0].ats' null
}

@test "info says what keeps VFIO from a device, and who else gives it drivers" {
	requires jq
	echo '0x000000009e000000 0x000000009fffffff direct' >"$sys/kernel/iommu_groups/7/reserved_regions"
	mkdir -p "$tree"/etc/{driverctl.d,modprobe.d}
	echo vfio-pci >"$tree/etc/driverctl.d/pci-0000:00:05.0"
	echo 'options vfio-pci ids=8086:10d3' >"$tree/etc/modprobe.d/vfio.conf"
	echo 'quiet vfio-pci.ids=8086:10d3' >"$tree/proc/cmdline"
	ctl info eth0 --json
	expect_silence
	expect_json obstacles '[{"obstacle":"the firmware has it reach memory at 0x9e000000-0x9fffffff directly","fact":"/sys/kernel/iommu_groups/7/reserved_regions"}]'
	expect_json reserved '[{"start":2650800128,"last":2684354559,"type":"direct"}]'
	expect_json 'claimants|map(.claimant)|sort' '["driverctl","kernel","modprobe"]'
	function_of 0000:00:1c.0 8086:3420 060400 pcieport 8
	ctl info 00:1c.0
	expect_out_has 'it is a PCI bridge (class 0604), which no VFIO driver takes'
}

@test "info of what is not there, or no device" {
	mkdir -p "$sys/devices/virtual/net/lo"
	ln -s ../../devices/virtual/net/lo "$sys/class/net/lo"
	refuses 1 "info: '0000:00:06.0': no such device (ENODEV)" info 0000:00:06.0
	refuses 1 "info: 'eth7': no such device (ENODEV)" info eth7
	refuses 1 "info: 'lo': it is no part of a device that VFIO has drivers for" info lo
	refuses 1 "info: '/etc/passwd': it is no part of a device that VFIO has drivers for" info /etc/passwd
	refuses 2 "an argument is missing" info
}

@test "info of a device whose files have anything in them" {
	requires jq
	local file content all=$BATS_TEST_TMPDIR/all
	mkdir -p "$nic/power"
	for file in uevent vendor class driver_override reset_method power_state power/runtime_status sriov_numvfs numa_node \
		config net/eth0/flags; do
		for content in '' $'\n' $'\xff\xfe' $'\e[2J\e]0;x\a' "$(printf '9%.0s' {1..4096})" -1 '0x'; do
			printf '%s' "$content" >"$nic/$file"
			ctl info 0000:00:05.0 --json
			expect_silence || return
			echo "$output" >>"$all"
			ctl info 0000:00:05.0
			expect_silence || return
			[[ $output != *[$'\e\a\xff']* ]] || wrong "$file: $content" || return
		done
		rm "$nic/$file"
	done
	jq -es 'length == 77 and all(.devices[0].address == "0000:00:05.0")' "$all" >/dev/null || wrong "$(<"$all")"
}

@test "info of a device whose links lead anywhere" {
	local link target
	rm -r "$nic"/{driver,iommu_group,net}
	for link in driver iommu_group physfn virtfn0 consumer:pci:x supplier: vfio-dev net; do
		for target in / /etc/passwd ../../../.. . nowhere "$(printf 'x%.0s' {1..300})"; do
			ln -s "$target" "$nic/$link"
			ctl info 0000:00:05.0
			expect_silence || return
			rm "$nic/$link"
		done
	done
}

@test "info of a device that vanishes while it is read" {
	local -i i
	cp -r "$nic" "$tree/copy"
	while :; do
		rm -rf "$nic"
		cp -r "$tree/copy" "$nic"
	done 3>&- &
	for ((i = 0; i < 30; i++)); do
		ctl info 0000:00:05.0
		((status == 0 || status == 1)) || break
	done
	kill %%
	wait %% || true
	((i == 30)) || wrong "$i"
}
