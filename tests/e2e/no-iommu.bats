#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine without an IOMMU, or with one that is off: what is said of its devices leads in no circle. The mdevs of the
# lab have groups there all the same.

load helpers
load hints
load doctor

@test "a physical device: there is no IOMMU, and what to do about it on this machine" {
	requires iommufd
	local address
	[[ ! -e /sys/bus/pci/devices/$EDU/iommu_group ]] || skip 'there is an IOMMU'
	for address in "$EDU" "${EDU#0000:}"; do
		batch <<<"bind $address"
		refused 1 "bind: '$address': the device has no VFIO cdev: no IOMMU here, or it is off (ENXIO)"
		expect_err_lacks driver_override
		if [[ -e /sys/firmware/acpi/tables/DMAR ]]; then
			expect_err_has "hint: the firmware has one, Intel's, switched off by intel_iommu=off: boot with intel_iommu=on and without intel_iommu=off"
		elif [[ -e /sys/firmware/acpi/tables/IVRS ]]; then
			expect_err_has "hint: the firmware has one, AMD's, switched off by amd_iommu=off: boot without amd_iommu=off"
		else
			expect_err_has 'hint: the firmware tells of none: enable it in its settings'
		fi
	done
}

@test "doctor tells which machine this is" {
	requires iommufd
	[[ ! -e /sys/bus/pci/devices/$EDU/iommu_group ]] || skip 'there is an IOMMU'
	doctor "$EDU"
	expect_status 4
	if [[ -e /sys/firmware/acpi/tables/DMAR ]]; then
		tells failed iommu "the firmware has one, Intel's, switched off by intel_iommu=off" \
			'boot with intel_iommu=on and without intel_iommu=off'
	elif [[ -e /sys/firmware/acpi/tables/IVRS ]]; then
		tells failed iommu "the firmware has one, AMD's, switched off by amd_iommu=off" 'boot without amd_iommu=off'
	else
		tells failed iommu 'the firmware tells of none' 'enable it in its settings'
	fi
	tells failed group 'it is behind no IOMMU' "as for 'iommu'"
	tells_not failed interrupts
	tells_not failed driver
	doctor "$MTTY"
	tells warning iommu 'the firmware '
	tells_not failed iommu
	tells ok driver ''
}

@test "an mdev needs none" {
	requires iommufd mtty
	batch <<<"bind $MTTY"
	expect_ok 1
}
