#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 45
# seconds in the simulator: 7
#
# wait and monitor: devices that come and go, as the kernel tells of them, and what others send.

# shellcheck disable=SC2154 # set by helpers.bash and watch.bash
load helpers
load watch

teardown() {
	unmonitored
	[[ ! ${undo:-} ]] || eval "$undo"
}

@test "wait: for a device that is there" {
	requires emulated
	ctl wait "$MTTY"
	expect_ok "/dev/vfio/devices/$(cdev "$MTTY")"
	ctl wait "$(cdev "$MTTY")" --json
	expect_ok "{\"version\":1,\"cdev\":\"/dev/vfio/devices/$(cdev "$MTTY")\"}"
	ctl wait "/dev/vfio/devices/$(cdev "$MTTY")" --timeout 0
	expect_ok "/dev/vfio/devices/$(cdev "$MTTY")"
	batch <<<"wait $MTTY --timeout 3"$'\nioas alloc'
	expect_line 1 "/dev/vfio/devices/$(cdev "$MTTY")"
}

@test "wait: what is not there, and what is no device" {
	local word
	for word in 0000:7f:1f.0 vfio999 12345678-1234-1234-1234-123456789abc /dev/vfio/devices/vfio999; do
		ctl wait "$word" --timeout 0
		refused 1 'no such device (ENODEV)'
		ctl wait "$word" --gone
		expect_ok
		[[ ! $output ]]
	done
	ctl wait 0000:7f:1f.0 --timeout 1
	expect_fail 1 'waited 1 s' 'no such device (ENODEV)'
	ctl wait fd:3
	expect_fail 2 'not a device'
	ctl wait no-such-device
	expect_fail 1 'not a device'
	ctl wait /dev/null
	expect_fail 1 ENOTTY
	ctl wait
	expect_fail 2 'an argument is missing'
	ctl wait vfio0 --timeout 1.5
	expect_fail 2 --timeout
	ctl wait vfio0 --timeout -1
	expect_fail 2 --timeout
}

@test "wait: a device that stays, and one without a driver of VFIO" {
	requires kernel 'another one has no driver there' edu
	ctl wait "$EDU" --gone --timeout 1
	refused 1 "it is still there after 1 s, as $(cdev "$EDU")"
	ctl wait "$NVME" --timeout 0
	expect_fail 1 ENXIO
	ctl wait "$NVME" --gone --timeout 0
	expect_ok
}

@test "without libmnl, and with one that is too old" {
	local verb lib=$BATS_TEST_TMPDIR/libmnl.so.0
	for verb in 'wait vfio0' monitor; do
		: >"$lib"
		# shellcheck disable=SC2086 # two words
		try env LD_LIBRARY_PATH="$BATS_TEST_TMPDIR" iommufdctl $verb
		refused 3 'the library libmnl.so.0 is missing (ELIBACC)'
		expect_err_has 'hint: it is in the package libmnl0 of Debian: apt install libmnl0'
		cp "$BUILD/tests/fake/no-epoll.so" "$lib"
		# shellcheck disable=SC2086
		try env LD_LIBRARY_PATH="$BATS_TEST_TMPDIR" iommufdctl $verb
		refused 3 'libmnl.so.0 is older than libmnl 1.0.4 (ELIBBAD)'
	done
	try iommufdctl wait vfio999 --timeout 0
	expect_fail 1 ENODEV
}

@test "monitor has no place in a batch, and no arguments" {
	batch <<<monitor
	expect_fail 2 'not possible inside a batch'
	ctl monitor vfio0
	expect_fail 2 'surplus argument'
	ctl --once monitor
	expect_fail 2 '--once has no meaning here'
}

@test "monitor ends by a signal, and when nobody reads it" {
	local signal
	for signal in INT TERM; do
		try env --default-signal=INT timeout -s "$signal" --foreground 1 iommufdctl monitor
		expect_status 124
		[[ ! $output ]]
	done
	# shellcheck disable=SC2016 # the inner shell's
	try bash -c 'iommufdctl monitor | true; echo "${PIPESTATUS[0]}"'
	expect_out 1
}

@test "who is not root waits until the mode is set" {
	requires kernel 'modes are not those of root there' edu root
	local node ended
	node=/dev/vfio/devices/$(cdev "$EDU")
	chmod 600 "$node"
	try setpriv --reuid=65534 --regid=65534 --clear-groups iommufdctl wait "$EDU" --timeout 1
	expect_fail 1 'waited 1 s' EACCES
	(sleep 2; chmod 666 "$node") 3>&- &
	ended=$!
	undo="chmod 600 $node"
	try setpriv --reuid=65534 --regid=65534 --clear-groups iommufdctl wait "$EDU" --timeout 20
	expect_ok "$node"
	wait "$ended"
}

@test "drivers come and go" {
	requires edu
	local name waiting
	name=$(cdev "$EDU")
	undo="drive $EDU vfio-pci"
	monitored
	drive "$EDU"
	sees "event=removed subsystem=vfio-dev device=$name address=$EDU driver=-" \
		"event=unbound subsystem=pci device=- address=$EDU driver=vfio-pci"
	ctl wait "$EDU" --gone
	expect_ok
	iommufdctl wait "$EDU" >"$BATS_TEST_TMPDIR/waited" 3>&- &
	waiting=$!
	drive "$EDU" vfio-pci
	wait "$waiting"
	name=$(cdev "$EDU")
	[[ $(<"$BATS_TEST_TMPDIR/waited") == "/dev/vfio/devices/$name" ]]
	sees 'event=removed' "event=added subsystem=vfio-dev device=$name address=$EDU driver=-"
	sees 'event=unbound' "event=bound subsystem=pci device=- address=$EDU driver=vfio-pci"
}

@test "a device is removed from its bus, and found again, as JSON" {
	requires kernel 'it sends no events' edu root jq
	undo="echo 1 >/sys/bus/pci/rescan; drive $EDU vfio-pci"
	monitored -j # which is iommufdctl monitor --json
	echo 1 >"/sys/bus/pci/devices/$EDU/remove"
	sees "{\"version\":1,\"event\":\"removed\",\"subsystem\":\"pci\",\"device\":null,\"address\":\"$EDU\",\"driver\":null}"
	echo 1 >/sys/bus/pci/rescan
	sees '"removed","subsystem":"pci"' '"added","subsystem":"pci"'
	# Each line is a whole object.
	[[ $(jq -r .version <"$seen" | sort -u) == 1 ]]
}

@test "a device is plugged in, and out again" {
	requires kernel 'it is QEMU that does it' root
	has_port || skip 'not in the lab, which has a port to QEMU'
	undo=end_qemu
	monitored
	plug
	sees "event=added subsystem=pci device=- address=$PLUGGED driver=-"
	unplug
	sees 'event=added' "event=removed subsystem=pci device=- address=$PLUGGED driver=-"
}

@test "messages that root forged are not the kernel's" {
	requires kernel 'it sends no events' edu root
	local name
	name=$(cdev "$EDU")
	monitored
	uevent to "$(uevent port "$monitor")" add@/devices/evil/one SUBSYSTEM=pci
	uevent all add@/devices/evil/two SUBSYSTEM=pci
	uevent write 2 "/sys/class/vfio-dev/$name/uevent" remove add
	sees "event=removed subsystem=vfio-dev device=$name" "event=added subsystem=vfio-dev device=$name"
	run ! grep -E 'one|two' "$seen"
}

@test "in a user namespace no events arrive: it is said, and looked at every second" {
	requires kernel 'its programs are in one' edu root
	local name
	name=$(cdev "$EDU")
	try unshare --user --map-root-user --net iommufdctl wait vfio999 --timeout 1
	expect_fail 1 'the kernel sends no events to the network of a user namespace: looking every second instead' ENODEV
	undo="drive $EDU vfio-pci"
	monitored unshare --user --map-root-user --net
	drive "$EDU"
	sees "event=removed subsystem=vfio-dev device=$name" "event=unbound subsystem=pci device=- address=$EDU driver=vfio-pci"
	drive "$EDU" vfio-pci
	try unshare --user --map-root-user --net iommufdctl wait "$EDU" --timeout 10
	sees 'event=unbound' "event=bound subsystem=pci device=- address=$EDU driver=vfio-pci" 'event=added subsystem=vfio-dev'
}

@test "output that is lost ends it" {
	requires kernel 'it sends no events' emulated root
	local name
	name=$(cdev "$MTTY")
	(sleep 2; uevent write 2 "/sys/class/vfio-dev/$name/uevent" remove add) 3>&- &
	try bash -c 'exec iommufdctl monitor >/dev/full'
	expect_fail 1 'write error on the standard output: No space left on device'
	(sleep 2; uevent write 2 "/sys/class/vfio-dev/$name/uevent" remove add) 3>&- &
	try fdtool closed 1 -- iommufdctl monitor
	expect_fail 1 'write error on the standard output: Bad file descriptor'
}

@test "the example of the library sees what is there, and what comes" {
	requires kernel 'it sends no events' edu root
	local name
	name=$(cdev "$EDU")
	undo="drive $EDU vfio-pci"
	seen=$BATS_TEST_TMPDIR/seen
	: >"$seen"
	"$BUILD/examples/watch" >"$seen" 2>"$seen.err" 3>&- &
	# shellcheck disable=SC2034 # unmonitored() ends it
	monitor=$!
	sees "/dev/vfio/devices/$name"
	drive "$EDU"
	drive "$EDU" vfio-pci
	sees "/dev/vfio/devices/$name" "/dev/vfio/devices/$(cdev "$EDU")"
}
