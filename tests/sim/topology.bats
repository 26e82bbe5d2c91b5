#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The machine is what a file says; of a wrong file it is said what is wrong, and on which line.

load helpers
# shellcheck disable=SC2154 # topology() sets it

@test "the built-in machine is the lab's" {
	insim iommufdctl list -n
	expect_silence
	expect_out_has 'vfio1   0000:00:04.0 ' "vfio4   $MTTY " 'vfio3   0000:02:00.1                          1234:11e8  vfio-pci  10 '
}

@test "it prints itself, and reads that" {
	sim --print-topology
	expect_silence
	topology <<<"$output"
	jq -e '.devices | length == 15' "$topology"
	sim --topology "$topology" -- iommufdctl list --json
	expect_silence
	local read=$output
	insim iommufdctl list --json
	expect_ok "$read"
}

@test "the examples are machines" {
	local file
	for file in "$BATS_TEST_DIRNAME"/../../examples/topologies/*.json; do
		sim --topology "$file" -- iommufdctl list --json
		expect_silence
		(($(jq '.devices | length' <<<"$output") == $(jq '[.devices[] | select(.driver)] | length' "$file")))
	done
}

@test "a server of GPUs: each with its audio function in its group" {
	script --topology "$BATS_TEST_DIRNAME/../../examples/topologies/8-gpus.json" <<-'END'
		ls /sys/kernel/iommu_groups/33/devices
		cat /sys/bus/pci/devices/0000:47:00.0/{vendor,device}
		iommufdctl batch - <<-LINES
			bind 0000:47:00.0 --name gpu
			info gpu
		LINES
	END
	expect_silence
	expect_out_has '0000:47:00.0' '0000:47:00.1' 0x10de 0x2330 137438953472
}

@test "an SMMUv3 has nested page tables" {
	script --topology "$BATS_TEST_DIRNAME/../../examples/topologies/smmuv3.json" <<-'END'
		iommufdctl batch - <<-LINES
			bind 0000:01:00.0 --name nic
			hw-info nic
			ioas alloc --name guest
			hwpt alloc nic guest --nest-parent --name parent
		LINES
	END
	expect_silence
	expect_out_has arm-smmuv3
}

@test "a kernel of the file, and one of the command line" {
	topology <<<'{ "kernel": "6.6" }'
	sim --topology "$topology" -- iommufdctl features
	expect_silence
	[[ $output =~ fault-alloc\ +no ]]
	sim --topology "$topology" --kernel 6.12 -- iommufdctl features
	expect_silence
	[[ $output =~ fault-alloc\ +yes && $output =~ viommu-alloc\ +no ]]
}

@test "drivers that no device has" {
	topology <<<'{ "drivers": ["pci-stub", "mlx5_vfio_pci"] }'
	sim --topology "$topology" -- ls /sys/bus/pci/drivers
	expect_ok mlx5_vfio_pci pci-stub vfio-pci
	topology <<<'{ "drivers": ["one",
		"two/three"] }'
	wrong_topology 2 "'name' has a character that no name has"
	topology <<<'{ "drivers": [ 4 ] }'
	wrong_topology 1 "'name' is no text"
}

@test "a key that is not known" {
	topology <<-'END'
		{
			"iommus": [{ "name": "one",
				"coherence": true }]
		}
	END
	wrong_topology 3 "'coherence' is no key here"
	topology <<<$'{\n"device": []}'
	wrong_topology 2 "'device' is no key here"
}

@test "two devices of one address, two IOMMUs of one name, one key twice" {
	topology <<-'END'
		{ "devices": [
			{ "address": "0000:00:01.0" },
			{ "address": "0000:00:01.0" }
		] }
	END
	wrong_topology 3 "there are two devices '0000:00:01.0'"
	topology <<<$'{ "iommus": [{ "name": "one" },\n\n{ "name": "one" }] }'
	wrong_topology 3 "there are two IOMMUs 'one'"
	topology <<<$'{\n"memlock": 1,\n"memlock": 2 }'
	wrong_topology 3 'duplicate object key'
}

@test "a group of none, and one of two IOMMUs" {
	topology <<-'END'
		{ "iommus": [{ "name": "one" }, { "name": "two" }],
		  "devices": [
			{ "address": "0000:00:01.0", "iommu": "one" }
		] }
	END
	wrong_topology 3 "'0000:00:01.0' is behind an IOMMU and in no group"
	topology <<<'{ "devices": [{ "address": "0000:00:01.0", "group": 1 }] }'
	wrong_topology 1 "a group of a device behind no IOMMU: it needs 'iommu', too"
	topology <<-'END'
		{ "iommus": [{ "name": "one" }, { "name": "two" }],
		  "devices": [
			{ "address": "0000:00:01.0", "iommu": "one", "group": 1 },
			{ "address": "0000:00:02.0", "iommu": "two", "group": 1 }
		] }
	END
	wrong_topology 4 "group 1 has a device, '0000:00:01.0', behind another IOMMU"
	topology <<<'{ "devices": [{ "address": "0000:00:01.0", "iommu": "one", "group": 1 }] }'
	wrong_topology 1 "there is no IOMMU 'one'"
}

@test "values that are none" {
	local line
	while IFS='|' read -r line text; do
		topology <<<"$line"
		wrong_topology 1 "$text"
	done <<-'END'
		[]|not an object: {...} is expected
		{ "devices": {} }|'devices' is no list: [...] is expected
		{ "devices": [5] }|not an object: {...} is expected
		{ "devices": [{}] }|a device without an address
		{ "devices": [{ "address": "04.0" }] }|'04.0' is neither a PCI address
		{ "devices": [{ "address": "0000:00:04.0", "model": "no" }] }|'no' is no model: edu, mtty, mdpy, plain, pci-testdev
		{ "devices": [{ "address": "0000:00:04.0", "id": "x" }] }|'x' is no id of a vendor and a device
		{ "devices": [{ "address": "0000:00:04.0", "driver": "../x" }] }|'driver' has a character that no name has
		{ "devices": [{ "address": "0000:00:04.0", "bars": [{ "size": 3000 }] }] }|the size of a BAR is a power of two
		{ "devices": [{ "address": "0000:00:04.0", "reserved": [{ "start": 5, "last": 4 }] }] }|a range whose last address is not above its start
		{ "iommus": [{}] }|an IOMMU without a name
		{ "iommus": [{ "name": "a", "type": "b" }] }|'b' is no type: none, intel-vtd, arm-smmuv3, amd
		{ "iommus": [{ "name": "a", "hw-info": "0g" }] }|'hw-info' are no bytes in hexadecimal
		{ "iommus": [{ "name": "a", "aperture": [1] }] }|'aperture' is not [START, LAST]
		{ "iommus": [{ "name": "a", "coherent": 1 }] }|'coherent' is neither true nor false
		{ "memlock": -1 }|'memlock' is no number
		{ "memlock": "0x10000000000000000" }|'memlock' is no number
		{ "kernel": "5.0" }|no kernel '5.0' is known
	END
}

@test "text that is no JSON, no UTF-8, cut off, empty, too large, not there" {
	topology <<<$'{\n"devices": [,] }'
	wrong_topology 2 "unexpected token near ','"
	printf '{\n\n"kernel": "\xff" }' | topology
	wrong_topology 3 'unable to decode byte 0xff'
	printf '{\n"devices": [' | topology
	wrong_topology 2 "']' expected near end of file"
	printf '{ "kernel": "7.2" }\0\n' | topology
	sim --topology "$topology" -- echo started
	refused 2 "iommufd-sim: $topology: the file has a byte of 0 in it"
	: | topology
	sim --topology "$topology" -- echo started
	refused 2 "iommufd-sim: $topology"
	truncate -s 100M "$topology"
	sim --topology "$topology" -- echo started
	refused 2 "iommufd-sim: $topology: the file is larger than 8 MB"
	sim --topology /nowhere -- echo started
	refused 2 'iommufd-sim: /nowhere: No such file or directory'
	sim --topology / -- echo started
	refused 2 'iommufd-sim: /: Is a directory'
}

@test "the environment leads to the machine's files where there are no mounts" {
	# shellcheck disable=SC2016
	sim --no-mounts -- bash -c 'iommufdctl list | head -n 2; ls "$IOMMUFD_SYSFS/class/iommu"
		exec 3<>/dev/iommu; iommufdctl --iommufd fd:3 ioas alloc; dirname "$IOMMUFD_DEV"'
	expect_silence
	expect_out_has 'vfio0   0000:00:03.0' dmar0
	expect_line -2 1
	[[ ! -e ${lines[-1]} ]]
}
