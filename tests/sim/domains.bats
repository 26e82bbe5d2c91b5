#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# PCI domains of more than four digits, as behind Intel's VMD: wherever an address is taken, and wherever one is shown.

load helpers

setup() {
	topology <<-'END'
		{
			"kernel": "7.2",
			"iommus": [{ "name": "dmar0", "type": "intel-vtd" }],
			"devices": [
				{ "address": "10000:01:00.0", "driver": "vfio-pci", "iommu": "dmar0", "group": 1, "reset-set": 1 },
				{ "address": "10000:01:00.1", "driver": "vfio-pci", "iommu": "dmar0", "group": 1, "reset-set": 1 },
				{ "address": "fedcba98:01:00.0", "driver": "vfio-pci", "iommu": "dmar0", "group": 2,
				  "parent": "fedcba98:00:01.0" },
				{ "address": "10000:02:00.0", "iommu": "dmar0", "group": 4 },
				{ "address": "0000:01:00.0", "driver": "vfio-pci", "iommu": "dmar0", "group": 3 }
			]
		}
	END
}

machine() {
	sim_alone --topology "$topology" -- bash -euo pipefail -c "$(cat)"
}

@test "they are listed, and found by each spelling" {
	machine <<-'END'
		iommufdctl list | awk 'NR > 1 { print $1, $2 }'
		iommufdctl batch - <<-LINES
			bind 10000:01:00.0
			bind FEDCBA98:01:00.0 --name far
			bind 01:00.0
			unbind 10000:01:00.0
			unbind fedcba98:01:00.0
			unbind 0000:01:00.0
		LINES
	END
	expect_ok 'vfio0 10000:01:00.0' 'vfio1 10000:01:00.1' 'vfio2 fedcba98:01:00.0' 'vfio3 0000:01:00.0' 1 2 3
}

@test "what is no address of that kind is refused" {
	local word
	for word in 100000000:01:00.0 010000:01:00.0 10000:01:00 000:01:00.0; do
		try iommufd-sim --topology "$topology" -- iommufdctl --once bind "$word"
		expect_status 2
		expect_err_has "'$word'"
	done
}

@test "the fd of one goes to a program by its address" {
	machine <<-'END'
		iommufdctl exec --device 10000:01:00.0=nic --device fedcba98:01:00.0 -- \
			readlink /proc/self/fd/{fd:nic} /proc/self/fd/{fd:10000:01:00.0} /proc/self/fd/{fd:fedcba98:01:00.0}
	END
	expect_ok /dev/vfio/devices/vfio0 /dev/vfio/devices/vfio0 /dev/vfio/devices/vfio2
}

# The kernel tells a domain in 16 bits. What is reset together is in one.
@test "hot-reset shows whole addresses" {
	machine <<-'END'
		iommufdctl batch - <<-LINES
			bind 10000:01:00.0
			hot-reset 10000:01:00.0 --info
		LINES
	END
	expect_ok_end '10000:01:00.0  1   yes' '10000:01:00.1  -   yes'
}

@test "hot-reset spares what was handed to a program, in each domain" {
	machine <<-'END'
		iommufdctl session start
		iommufdctl bind 10000:01:00.0 >/dev/null
		iommufdctl bind 10000:01:00.1 >/dev/null
		mkfifo "$BATS_TEST_TMPDIR/ready"
		iommufdctl session exec --share-iommufd --device 10000:01:00.1 -- sh -c \
			": {fd:10000:01:00.1}; echo >$BATS_TEST_TMPDIR/ready; exec sleep 30" &
		read -r <"$BATS_TEST_TMPDIR/ready"
		iommufdctl hot-reset 10000:01:00.0 2>&1 || echo "status $?"
		kill %1
		iommufdctl session stop --force
	END
	expect_out_has "10000:01:00.1, which shares its slot or bus, was handed to" "status 1"
}

@test "claim, info, doctor and release know them" {
	machine <<-'END'
		iommufdctl list --all -n | grep -c ' 10000:02:00.0 '
		iommufdctl claim 10000:02:00.0 | tail -n 1
		iommufdctl info 10000:02:00.0 | grep -c ' 10000:02:00.0 '
		iommufdctl doctor 10000:02:00.0 | grep -c ' 10000:02:00.0 '
		sh completions/live.sh claimed
		iommufdctl release 10000:02:00.0 | tail -n 1
		iommufdctl list | grep -c ' 10000:02:00.0 ' || :
	END
	echo "$output $stderr"
	expect_line 1 1
	[[ ${lines[1]} =~ ^10000:02:00.0\ +vfio[0-9]+\ +vfio-pci$ ]]
	[[ ${lines[2]} == [1-9] && ${lines[3]} == [1-9] ]]
	expect_line 5 $'10000:02:00.0\tpci'
	[[ ${lines[5]} =~ ^10000:02:00.0 ]]
	expect_line 7 0
}

@test "completions offer them whole" {
	machine <<-'END'
		set +eu
		source "$BUILD/completions/iommufdctl.bash"
		COMP_WORDS=(iommufdctl bind 10000) COMP_CWORD=2 COMP_WORDBREAKS=$' \t\n'
		_iommufdctl
		echo "${COMPREPLY[*]}"
		# As bash divides words by itself: what stands before the last colon is there already.
		COMP_WORDS=(iommufdctl bind 10000 : 01 : 00) COMP_CWORD=6 COMP_WORDBREAKS=$' \t\n:'
		_iommufdctl
		echo "${COMPREPLY[*]}"
	END
	expect_ok '10000:01:00.0 10000:01:00.1' '00.0 00.1'
}
