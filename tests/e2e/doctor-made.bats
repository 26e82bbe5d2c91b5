#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the simulator: 4
#
# doctor on machines that are made up: what no machine of the lab has.

# shellcheck disable=SC2034,SC2154 # what is used was set by helpers.bash and doctor.bash
load helpers
load hints
load doctor

setup() {
	make_machine
	add 0000:01:00.0 vfio-pci 7
	NIC=0000:01:00.0
}

@test "no IOMMU, and one that is off" {
	local table cmdline fact mend
	rm -r "$machine/sys/class/iommu/dmar0" "$machine/sys/firmware/acpi/tables/DMAR"
	rm "$machine/sys/devices/pci0000:00/$NIC/iommu_group"
	while IFS='|' read -r table cmdline fact mend; do
		put "sys/firmware/acpi/tables/$table" ''
		put proc/cmdline "$cmdline"
		made "$NIC"
		expect_status 4
		tells failed iommu "$fact" "$mend"
		tells failed group 'it is behind no IOMMU'
		tells_not ok interrupts
		tells_not failed interrupts
		rm "$machine/sys/firmware/acpi/tables/$table"
	done <<-'END'
		FACP|quiet|the firmware tells of none|enable it in its settings
		DMAR|quiet|the firmware has one, Intel's, which the kernel does not use|boot with intel_iommu=on
		DMAR|intel_iommu=off|the firmware has one, Intel's, switched off by intel_iommu=off|boot with intel_iommu=on and without intel_iommu=off
		DMAR|iommu=pt,off|the firmware has one, Intel's, switched off by iommu=off|boot with intel_iommu=on and without iommu=off
		DMAR|intel_iommu=on|the firmware has one, Intel's, which is off in spite of intel_iommu=on|'dmesg | grep -i DMAR' shows why
		IVRS|amd_iommu=off|the firmware has one, AMD's, switched off by amd_iommu=off|boot without amd_iommu=off
		IVRS|iommu=pt|the firmware has one, AMD's, which the kernel does not use|'dmesg | grep AMD-Vi' shows why
		IORT|quiet|the firmware has one, of Arm's, which the kernel does not use|'dmesg | grep -i smmu'
	END
	rm -r "$machine/sys/firmware"
	made
	tells failed iommu 'none is on, and what the firmware has cannot be seen'
}

@test "an IOMMU of each kind that is on, and a device that it is not for" {
	local name
	rm -r "$machine/sys/class/iommu/dmar0"
	for name in dmar0 ivhd0 smmu3.0x0000000009050000 smmu.0x0000000009060000 virtio1 iommufd_selftest_iommu.0; do
		mkdir "$machine/sys/class/iommu/$name"
		made
		case $name in
		dmar*) tells ok iommu "Intel's is on" - ;;
		ivhd*) tells ok iommu "AMD's is on" - ;;
		smmu*) tells ok iommu "Arm's SMMU is on" - ;;
		virtio*) tells ok iommu "virtio's is on" - ;;
		*) tells failed iommu '' ;; # of the kernel's self-test
		esac
		[[ $name == iommufd* ]] || expect_out_has "/sys/class/iommu/$name"
		rmdir "$machine/sys/class/iommu/$name"
	done
	mkdir "$machine/sys/class/iommu/dmar0"
	add 0000:02:00.0 e1000e
	made 0000:02:00.0
	tells failed group 'an IOMMU is on, but not for this device' "'ls -d /sys/bus/pci/devices/*/iommu_group'"
	tells_not failed driver
	mends_made "'{ls -d /sys/bus/pci/devices/*/iommu_group}' shows those that it is for"
	expect_out_has "$NIC/iommu_group"
}

@test "words of the command line that do nothing, or something else" {
	put proc/cmdline 'amd_iommu=on intel_iommu=on,igfx_off vfio_iommu_type1.allow_unsafe_interrupts=1 amd_iommu=off'
	made
	tells warning command-line 'amd_iommu=on is no option, and does nothing' 'leave amd_iommu=on out'
	tells warning command-line 'amd_iommu=off is for IOMMUs of AMD, and does nothing here' 'leave amd_iommu=off out'
	tells warning command-line 'intel_iommu=igfx_off leaves the integrated GPU without its IOMMU' 'boot without intel_iommu=igfx_off'
	tells warning command-line 'vfio_iommu_type1.allow_unsafe_interrupts=1 does nothing for iommufd' 'boot with iommufd.allow_unsafe'
	put proc/cmdline 'intel_iommu=on iommu=pt'
	made
	tells ok command-line 'no word of it is in the way'
}

@test "interrupts" {
	put proc/interrupts ' 24:  0  PCI-MSI 65536-edge  PCIe PME'
	put proc/cmdline 'intremap=off'
	put sys/module/iommufd/parameters/allow_unsafe_interrupts N
	made
	if [[ $(uname -m) == x86_64 ]]; then
		tells failed interrupts 'this machine does not remap interrupts' 'boot without intremap=off; where whoever drives'
		put proc/cmdline ''
		made
		tells failed interrupts 'this machine does not remap interrupts' 'where whoever drives the device is trusted'
		mends_made 'where whoever drives the device is trusted: {echo Y >/sys/module/iommufd/parameters/allow_unsafe_interrupts}'
		made
		tells warning interrupts 'they are not remapped, and that is allowed' -
	fi
	put proc/interrupts ' 11:  0  ITS-PCI-MSI 0 Edge'
	made
	tells ok interrupts 'they are remapped' -
	put sys/module/iommufd/parameters/allow_unsafe_interrupts N
	put proc/interrupts ' 11:  0  GICv2m-PCI-MSI 0 Edge'
	made
	tells failed interrupts 'this machine does not remap interrupts'
}

@test "iommufd is missing, or a file lies in its place" {
	local -x IOMMUFD_DEV=$machine/dev
	mkdir "$machine/dev"
	rm -r "$machine/sys/class/misc"
	made
	expect_status 4
	tells failed iommufd 'this kernel offers no iommufd' "load it with 'modprobe iommufd', or use a kernel with"
	put "boot/config-$(uname -r)" '# CONFIG_IOMMUFD is not set'
	made
	tells failed iommufd 'this kernel is built without iommufd' 'use a kernel of Linux 6.6 or later'
	put "lib/modules/$(uname -r)/modules.dep" 'kernel/drivers/iommu/iommufd/iommufd.ko.xz:'
	made
	tells failed iommufd 'the kernel has it as a module, which is not loaded' 'modprobe iommufd; '
	IOMMUFD_SYSFS=$machine/sys IOMMUFD_PROC=$machine/proc IOMMUFD_ROOT=$machine try iommufdctl --once ioas alloc
	expect_fail 3 'this kernel offers no iommufd (ENOENT)' \
		'hint: the kernel has it as a module, which is not loaded: modprobe iommufd; '
	: >"$machine/dev/iommu"
	made
	tells failed iommufd "a regular file lies in the place of the node, as a shell's '<>' makes it where there is none" \
		"rm $machine/dev/iommu; modprobe iommufd"
}

@test "the kernel makes no cdevs, or is not asked yet" {
	put proc/devices '511 vfio'
	made
	tells warning cdevs 'VFIO is not loaded' 'modprobe vfio-pci'
	mkdir "$machine/sys/class/vfio-dev"
	made
	tells failed cdevs 'this kernel makes no cdevs: it lacks CONFIG_VFIO_DEVICE_CDEV' 'without cdevs there is no iommufd'
}

@test "devices without an IOMMU" {
	put sys/module/vfio/parameters/enable_unsafe_noiommu_mode Y
	put sys/kernel/iommu_groups/7/name vfio-noiommu
	mkdir -p "$machine/sys/devices/pci0000:00/$NIC/vfio-dev/vfio3" "$machine/sys/class/vfio-dev"
	ln -s "../../devices/pci0000:00/$NIC/vfio-dev/vfio3" "$machine/sys/class/vfio-dev/vfio3"
	ln -s ../.. "$machine/sys/devices/pci0000:00/$NIC/vfio-dev/vfio3/device"
	made "$NIC"
	tells warning noiommu 'VFIO takes devices that have no IOMMU: they reach all of memory'
	tells failed group 'this kernel makes no cdev for a device in noiommu mode'
	mends_made '{echo N >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode}'
	made "$NIC"
	tells ok noiommu 'devices need an IOMMU' -
}

@test "what never works: bridges, a denylisted device, one that the firmware wants to reach memory" {
	add 0000:00:1c.0 pcieport 8
	put sys/devices/pci0000:00/0000:00:1c.0/class 0x060400
	made 0000:00:1c.0
	tells failed obstacles 'it is a PCI bridge (class 0604), which no VFIO driver takes' 'what is behind it is bound device by device'
	tells_not failed driver

	add 0000:6b:00.0 qat_c3xxx 9
	put sys/devices/pci0000:00/0000:6b:00.0/vendor 0x8086
	put sys/devices/pci0000:00/0000:6b:00.0/device 0x19e2
	put sys/devices/pci0000:00/0000:6b:00.0/class 0x0b4000
	made 0000:6b:00.0
	tells failed obstacles 'vfio-pci does not take 8086:19e2' 'where whoever drives it is trusted: load vfio-pci with disable_denylist=1'
	put sys/module/vfio_pci/parameters/disable_denylist Y
	made 0000:6b:00.0
	tells ok obstacles 'nothing forbids it'

	put sys/kernel/iommu_groups/7/reserved_regions $'0x0000000000000000 0x0000000000ffffff direct-relaxable\n0x000000009e000000 0x000000009fffffff direct'
	made "$NIC"
	tells failed obstacles 'the firmware has it reach memory at 0x9e000000-0x9fffffff directly'
	expect_out_has '"file":"/sys/kernel/iommu_groups/7/reserved_regions"'
}

@test "a driver override that did not take" {
	local override=sys/devices/pci0000:00/0000:03:00.0/driver_override
	add 0000:03:00.0 '' 11
	put "$override" vfio-pci
	made 0000:03:00.0
	tells failed driver 'its driver_override is vfio-pci, which did not take it' 'iommufdctl claim 0000:03:00.0'
	put "$override" nosuch
	made 0000:03:00.0
	tells failed driver 'it has no driver, as its driver_override is nosuch, which this kernel does not have'
	rmdir "$machine/sys/bus/pci/drivers/vfio-pci"
	put "$override" vfio-pci
	made 0000:03:00.0
	tells failed driver 'its driver_override is vfio-pci, and this kernel has no such driver' \
		'iommufdctl claim 0000:03:00.0'
}

@test "others of its group that the host drives" {
	add 0000:01:00.1 e1000e 7
	add 0000:00:1c.0 pcieport 7
	add 0000:01:00.2 '' 7
	made "$NIC"
	tells failed siblings '0000:01:00.1 of its IOMMU group, 7, has a driver of the host, e1000e' \
		'if nothing here needs that: iommufdctl claim 0000:01:00.1'
	[[ $(count failed siblings) == 1 ]]
	rm "$machine/sys/devices/pci0000:00/0000:01:00.1/driver"
	made "$NIC"
	tells ok siblings 'nothing in its group keeps it from VFIO'
}

@test "a framebuffer of the firmware's, and what else the host does with a device" {
	put proc/iomem $'00000000-00000000 : PCI Bus 0000:00\n  00000000-00000000 : 0000:01:00.0\n    00000000-00000000 : BOOTFB'
	put sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs 2
	made "$NIC"
	expect_status 4
	tells failed use 'framebuffer BOOTFB keeps a part of its memory' 'boot with initcall_blacklist=sysfb_init'
	tells warning use 'the host would lose: 2 VFs'
	expect_out_has '"file":"/proc/iomem"'
}

@test "who else gives drivers to it" {
	put "etc/driverctl.d/pci-$NIC" vfio-pci
	put sys/devices/pci0000:00/0000:01:00.0/vendor 0x8086
	put sys/devices/pci0000:00/0000:01:00.0/device 0x10d3
	put proc/cmdline 'intel_iommu=on vfio-pci.ids=8086:10d3'
	made "$NIC"
	tells warning claimants 'driverctl has a say in its driver, too: vfio-pci'
	tells warning claimants 'kernel has a say in its driver, too'
	expect_out_has "\"file\":\"/etc/driverctl.d/pci-$NIC\"" '"file":"/proc/cmdline"'
}

# What vanishes, is empty, too long, or no text.
@test "a hostile tree" {
	local file
	add 0000:04:00.0 '' 12
	for file in class vendor device driver_override boot_vga sriov_numvfs; do
		printf '\033[31m%4096s\xff' x >"$machine/sys/devices/pci0000:00/0000:04:00.0/$file"
	done
	for file in proc/cmdline proc/interrupts proc/devices proc/iomem sys/kernel/iommu_groups/12/reserved_regions; do
		mkdir -p "$(dirname "$machine/$file")"
		printf '\033[31m%4096s\xff' x >"$machine/$file"
	done
	ln -s /etc/passwd "$machine/sys/devices/pci0000:00/0000:04:00.0/driver"
	made 0000:04:00.0
	((status == 0 || status == 4))
	jq . <<<"$output" >/dev/null
	IOMMUFD_SYSFS=$machine/sys IOMMUFD_PROC=$machine/proc IOMMUFD_ROOT=$machine try iommufdctl doctor 0000:04:00.0
	expect_out_has 0000:04:00.0
	[[ $output != *$'\033'* ]]
}
