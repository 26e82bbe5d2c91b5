#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Drivers of PCI devices: files of sysfs are written to, and links, cdevs and nodes come and go, as in the kernel.

load helpers

NIC=0000:01:00.0
EDU=0000:00:04.0
BRIDGE=0000:00:05.0

# Functions that scripts of the machine have.
words='
	pci=/sys/bus/pci
	driver() { [[ ! -e $pci/devices/$1/driver ]] || basename "$(readlink "$pci/devices/$1/driver")"; }
	node() { ls "$pci/devices/$1/vfio-dev" 2>/dev/null; }
	override() { cat "$pci/devices/$1/driver_override"; }
	put() { echo "$2" >"$pci/$1"; }
	refuses() { put "$1" "$2" 2>&1 | sed "s/.*: //" || :; }
'

@test "a NIC becomes a VFIO device, and gets its driver back" {
	script <<-END
		$words
		put devices/$NIC/driver_override vfio-pci
		put drivers/e1000e/unbind $NIC
		echo "driver '\$(driver $NIC)'"
		put drivers_probe $NIC
		echo "driver '\$(driver $NIC)' node \$(node $NIC) \$(override $NIC)"
		iommufdctl batch - <<<'bind $NIC'
		iommufdctl list --json | jq -r '.devices[] | select(.address == "$NIC") | .cdev'
		[[ -c /dev/vfio/devices/vfio6 && /sys/class/vfio-dev/vfio6/device -ef \$pci/devices/$NIC ]]
		[[ \$(stat -c %a /dev/vfio/devices/vfio6) == 600 ]]
		put devices/$NIC/driver_override ''
		put drivers/vfio-pci/unbind $NIC
		[[ ! -e /dev/vfio/devices/vfio6 && ! -e /sys/class/vfio-dev/vfio6 && ! -e \$pci/devices/$NIC/vfio-dev ]]
		put drivers_probe $NIC
		echo "driver '\$(driver $NIC)' \$(override $NIC)"
	END
	expect_ok "driver ''" "driver 'vfio-pci' node vfio6 vfio-pci" 1 /dev/vfio/devices/vfio6 "driver 'e1000e' (null)"
}

# As some root, whose claims are noted in a /run of its own
@test "claim and release, with the interface that its driver makes" {
	unshare --user true 2>/dev/null || skip 'user namespaces are refused here'
	cat >"$BATS_TEST_TMPDIR/script" <<-END
		sys=/sys/bus/pci/devices/$NIC
		cat \$sys/net/*/flags
		iommufdctl claim $NIC --json >/dev/null
		[[ ! -e \$sys/net && -c /dev/vfio/devices/vfio6 ]]
		iommufdctl batch - <<<'bind $NIC'
		iommufdctl release $NIC >/dev/null
		basename "\$(readlink \$sys/driver)"
		ls \$sys/net
	END
	# shellcheck disable=SC2016 # the inner shell's
	try unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs /run && exec iommufd-sim bash -eu "$1"' - \
		"$BATS_TEST_TMPDIR/script"
	expect_ok 0x1002 1 e1000e enp1s0
}

@test "by bind, which says what is wrong" {
	script <<-END
		$words
		refuses drivers/vfio-pci/bind $NIC # no driver of it
		put devices/$NIC/driver_override vfio-pci
		refuses drivers/vfio-pci/bind $NIC # it has another one
		refuses drivers/vfio-pci/unbind $NIC
		put drivers/e1000e/unbind $NIC
		put drivers/vfio-pci/bind $NIC
		node $NIC
		refuses drivers/vfio-pci/bind 0000:77:00.0
		refuses drivers_probe 0000:77:00.0
		refuses drivers_probe nonsense
		put drivers_probe $NIC # it has one already
	END
	expect_ok 'No such device' 'Device or resource busy' 'No such device' vfio6 'No such device' 'No such device' 'No such device'
}

@test "what VFIO cannot drive, and a driver that is not there: the device stays without" {
	script <<-END
		$words
		put devices/$BRIDGE/driver_override vfio-pci
		put drivers_probe $BRIDGE
		echo "'\$(driver $BRIDGE)'"
		refuses drivers/vfio-pci/bind $BRIDGE
		put devices/$EDU/driver_override missing
		[[ \$(driver $EDU) == vfio-pci ]]
		put drivers/vfio-pci/unbind $EDU
		put drivers_probe $EDU
		echo "'\$(driver $EDU)'"
	END
	expect_ok "''" 'Invalid argument' "''"
}

@test "driver_override: a line, no line, nothing" {
	script <<-END
		$words
		file=devices/$NIC/driver_override
		override $NIC
		printf vfio-pci >\$pci/\$file
		override $NIC
		put \$file pci-stub
		override $NIC
		printf '\0' >\$pci/\$file
		override $NIC
		exec 3<\$pci/\$file
		! echo vfio-pci >&3
		override $NIC
	END
	expect_status 0
	expect_out '(null)' vfio-pci pci-stub '(null)' '(null)'
}

@test "the lowest number that is free is the next cdev's" {
	script <<-END
		$words
		put drivers/vfio-pci/unbind $EDU
		put devices/$NIC/driver_override vfio-pci
		put drivers/e1000e/unbind $NIC
		put drivers_probe $NIC
		node $NIC
		chmod 666 /dev/vfio/devices/vfio1
		put drivers_probe $EDU
		node $EDU
		put drivers/vfio-pci/unbind $NIC
		put drivers/vfio-pci/unbind $EDU
		put drivers_probe $NIC
		stat -c %a /dev/vfio/devices/vfio1
		iommufdctl batch - <<<\$'bind vfio1\nioas alloc --name a\nattach $NIC a'
	END
	expect_ok vfio1 vfio6 600 1 2 3
}

@test "an unbind of a device that is open: all of it is gone at once, and who asked for it waits" {
	script <<-END
		$words
		exec 4<>/dev/vfio/devices/vfio1
		put drivers/vfio-pci/unbind $EDU 4<&- &
		until [[ ! -e /dev/vfio/devices/vfio1 ]]; do :; done
		[[ ! -e \$pci/devices/$EDU/driver && ! -e \$pci/devices/$EDU/vfio-dev ]]
		readlink /proc/self/fd/4
		put drivers_probe $EDU
		sleep 0.2
		kill -0 \$! && echo 'it waits'
		exec 4<&-
		wait \$!
		put drivers_probe $EDU
		driver $EDU
		node $EDU
	END
	expect_ok '/dev/vfio/devices/vfio1 (deleted)' 'it waits' vfio-pci vfio1
}

@test "it waits for the last copy, and no longer where who waits is killed" {
	script <<-END
		$words
		exec 4<>/dev/vfio/devices/vfio1
		{ put drivers/vfio-pci/unbind $EDU && echo gone; } 4<&- &
		sleep 0.3 & exec 4<&-
		wait
		put drivers_probe $EDU
		exec 4<>/dev/vfio/devices/vfio1
		timeout 0.3 bash -c "echo $EDU >\$pci/drivers/vfio-pci/unbind" || echo \$?
		exec 4<&-
		put drivers_probe $EDU
		driver $EDU
	END
	expect_ok gone 124 vfio-pci
}

@test "who waits, and a simulator that is killed" {
	# shellcheck disable=SC2016
	try iommufd-sim -- bash -c '
		exec 4<>/dev/vfio/devices/vfio1 >"$1" 2>&1
		(sleep 0.2; kill -KILL $PPID) &
		echo 0000:00:04.0 >/sys/bus/pci/drivers/vfio-pci/unbind || echo "alive"' - "$BATS_TEST_TMPDIR/said"
	expect_status 137
	sleep 0.5
	grep -q 'Function not implemented' "$BATS_TEST_TMPDIR/said"
	grep -q alive "$BATS_TEST_TMPDIR/said"
}

@test "a driver does not take a device whose group a context has" {
	topology <<-'END'
		{ "iommus": [ { "name": "dmar0", "type": "intel-vtd" } ],
		  "devices": [ { "address": "0000:01:00.0", "driver": "vfio-pci", "iommu": "dmar0", "group": 1 },
			       { "address": "0000:01:00.1", "driver": "snd_hda_intel", "iommu": "dmar0", "group": 1 } ] }
	END
	script --topology "$topology" <<-END
		$words
		exec 3<>/dev/iommu 4<>/dev/vfio/devices/vfio0
		iommufdctl --iommufd fd:3 bind fd:4 2>&1 | head -n 1 || :
		put drivers/snd_hda_intel/unbind 0000:01:00.1
		iommufdctl --iommufd fd:3 bind fd:4
		refuses drivers/snd_hda_intel/bind 0000:01:00.1
		exec 4<&-
		put drivers/snd_hda_intel/bind 0000:01:00.1
		driver 0000:01:00.1
	END
	expect_status 0
	expect_out_has EPERM
	expect_line 2 1
	expect_line 3 'Device or resource busy'
	expect_line 4 snd_hda_intel
}

@test "the same as a plain user, and where there are no mounts" {
	# shellcheck disable=SC2016
	local script='
		sys=${IOMMUFD_SYSFS:-/sys} dev=${IOMMUFD_DEV:-/dev}
		echo vfio-pci >$sys/bus/pci/devices/0000:01:00.0/driver_override
		echo 0000:01:00.0 >$sys/bus/pci/drivers/e1000e/unbind
		echo 0000:01:00.0 >$sys/bus/pci/drivers_probe
		ls $dev/vfio/devices/vfio6 >/dev/null
		exec 3<>/dev/iommu 4<>/dev/vfio/devices/vfio6
		iommufdctl --iommufd fd:3 bind fd:4
		exec 4<&-
		echo 0000:01:00.0 >$sys/bus/pci/drivers/vfio-pci/unbind
		ls $dev/vfio/devices | wc -w'
	plainly iommufd-sim bash -euc "$script"
	expect_ok 1 6
	sim --no-mounts bash -euc "$script"
	expect_ok 1 6
}
