#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# seconds in the lab: 30
#
# What make install gives to udev and systemd, as they read it: the group, who may open the nodes, and the names that stay.

load helpers

contrib=$BATS_TEST_DIRNAME/../../contrib

setup() {
	requires kernel 'udevd hears of devices by uevents'
	requires iommufd physical mtty root udevadm systemd-sysusers
	[[ -x /lib/systemd/systemd-udevd ]] || skip "no udevd here"
	[[ ! -e /run/udev/control && ! -d /run/systemd/private ]] || skip "only in the lab: this machine has an udevd"
}

teardown() {
	[[ ! ${udevd-} ]] || kill "$udevd"
	rm -f /run/udev/control
}

# Those of the host have nothing to do with these devices.
start_udevd() {
	mkdir -p /run/udev/rules.d
	cp "$contrib/60-iommufdctl.rules" /run/udev/rules.d/
	/lib/systemd/systemd-udevd 3>&- >"$BATS_TEST_TMPDIR/udevd" 2>&1 &
	udevd=$!
	until udevadm control --ping --timeout=5 2>/dev/null; do
		kill -0 "$udevd"
		sleep 0.2
	done
}

# node_is PATH: the group vfio may open it, others may not
node_is() {
	[[ $(stat -c '%G %a' "$1") == 'vfio 660' ]] || { stat "$1"; cat "$BATS_TEST_TMPDIR/udevd"; return 1; }
}

@test "the group, the modes, and names that stay, when devices come and go" {
	# The machine's root is the user who runs it: what is for root alone cannot be read, and this writes to it.
	cat /etc/gshadow >/dev/null 2>&1 || rm -f /etc/gshadow
	systemd-sysusers "$contrib/sysusers.conf"
	[[ $(getent group vfio) == vfio:* ]]
	[[ $(stat -c %a "/dev/vfio/devices/$(cdev "$MTTY")") == 600 ]]
	start_udevd
	udevadm trigger --action=add --settle --subsystem-match=vfio-dev --subsystem-match=misc

	node_is /dev/iommu
	node_is "/dev/vfio/devices/$(cdev "$PHYSICAL")"
	[[ $(realpath "/dev/vfio/by-path/pci-$PHYSICAL") == "/dev/vfio/devices/$(cdev "$PHYSICAL")" ]]
	[[ $(realpath "/dev/vfio/by-path/mdev-$MTTY") == "/dev/vfio/devices/$(cdev "$MTTY")" ]]

	# Its name is a word for the device; who is of the group needs no more.
	try setpriv --reuid=65534 --regid="$(getent group vfio | cut -d : -f 3)" --clear-groups \
		iommufdctl batch - <<<"bind /dev/vfio/by-path/pci-$PHYSICAL"
	expect_ok 1
	try setpriv --reuid=65534 --regid=65534 --clear-groups iommufdctl --once ioas alloc
	expect_fail 1 "permission denied (EACCES)"

	# It leaves its driver, and comes back with another number, perhaps.
	echo "$PHYSICAL" >/sys/bus/pci/drivers/vfio-pci/unbind
	udevadm settle
	[[ ! -L /dev/vfio/by-path/pci-$PHYSICAL ]]
	echo "$PHYSICAL" >/sys/bus/pci/drivers_probe
	udevadm settle
	[[ $(realpath "/dev/vfio/by-path/pci-$PHYSICAL") == "/dev/vfio/devices/$(cdev "$PHYSICAL")" ]]
	node_is "/dev/vfio/devices/$(cdev "$PHYSICAL")"
	# Not a word about the rules. It may also complain of what other tests forge.
	! grep -qvE 'naming scheme|Invalid sender uid' "$BATS_TEST_TMPDIR/udevd" || { cat "$BATS_TEST_TMPDIR/udevd"; return 1; }
}
