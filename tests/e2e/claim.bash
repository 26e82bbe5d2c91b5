# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used in the tests
#
# What tests of claim and release share. The machine is as it was when a test ends: each looks.

NIC=${NIC:-0000:01:00.0} BRIDGE=0000:00:05.0
CLAIMS=/run/iommufdctl/claims

# What a claim could change: drivers, overrides, cdevs with their rights, interfaces, records.
dump() {
	local device
	for device in /sys/bus/pci/devices/*; do
		echo "$device $(readlink "$device/driver") $(<"$device/driver_override")"
		ls "$device/vfio-dev" "$device/net" 2>/dev/null
	done
	# Without the times.
	stat -c '%n %a %u %g' /dev/vfio/devices/*
	ls "$CLAIMS" 2>/dev/null
	return 0
}

remember() {
	before=$(dump)
}

expect_as_before() {
	local now
	now=$(dump)
	[[ $now == "$before" ]] || { diff <(echo "$before") <(echo "$now"); wrong 'the machine is not as it was'; }
}

driver() {
	[[ ! -e /sys/bus/pci/devices/$1/driver ]] || basename "$(readlink "/sys/bus/pci/devices/$1/driver")"
}

# Whatever a test has left, also one that failed.
release_everything() {
	iommufdctl release --all >/dev/null 2>&1 || :
	rm -rf "$CLAIMS"
}

# The interface of the NIC; its driver is not in all kernels of the lab, and the simulator has no networks.
find_interface() {
	local path=/sys/bus/pci/devices/$NIC/net
	requires kernel 'its network cards are in no network'
	[[ -d $path ]] || skip 'no driver of the network card in this kernel'
	interface=$(ls "$path")
}
