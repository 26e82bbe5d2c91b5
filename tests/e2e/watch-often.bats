#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
# seconds in the lab: 25
# soak
#
# Devices come and go again and again, while somebody waits for each and somebody tells of all; and there are more events
# than anybody reads.
# WATCH_ROUNDS=N: of each kind of change (default: 20)

# shellcheck disable=SC2154 # set by helpers.bash and watch.bash
load helpers
load watch

setup() {
	requires kernel 'it sends no events' emulated edu root
	WATCH_ROUNDS=${WATCH_ROUNDS:-20}
}

teardown() {
	unmonitored
	[[ ! ${undo:-} ]] || eval "$undo"
}

# comes DEV CMD...: who waits for DEV while the command is done can open it at once, and it is told of.
comes() {
	local waiting path fd
	iommufdctl wait "$1" --timeout 60 >"$BATS_TEST_TMPDIR/waited" 3>&- &
	waiting=$!
	"${@:2}"
	wait "$waiting" || wrong "no $1" || return
	path=$(<"$BATS_TEST_TMPDIR/waited")
	exec {fd}<>"$path" || wrong "$path cannot be opened" || return
	exec {fd}<&-
}

# goes DEV CMD...
goes() {
	local waiting
	iommufdctl wait "$1" --gone --timeout 60 3>&- &
	waiting=$!
	"${@:2}"
	wait "$waiting" || wrong "$1 stays"
}

# told N TEXT: so many lines have it
told() {
	local i
	for ((i = 0; i < 100; i++)); do
		(($(grep -c "$2" "$seen") < $1)) || break
		sleep 0.1
	done
	[[ $(grep -c "$2" "$seen") == "$1" ]] || wrong "$(grep -c "$2" "$seen") lines, not $1, have $2"
}

@test "drivers change" {
	undo="drive $EDU vfio-pci"
	monitored
	for ((round = 0; round < WATCH_ROUNDS; round++)); do
		goes "$EDU" drive "$EDU"
		comes "$EDU" drive "$EDU" vfio-pci
	done
	told "$WATCH_ROUNDS" "event=removed subsystem=vfio-dev device=[a-z0-9]* address=$EDU "
	told "$WATCH_ROUNDS" "event=unbound subsystem=pci device=- address=$EDU driver=vfio-pci"
	told "$WATCH_ROUNDS" "event=added subsystem=vfio-dev device=[a-z0-9]* address=$EDU "
	told "$WATCH_ROUNDS" "event=bound subsystem=pci device=- address=$EDU driver=vfio-pci"
	if grep overrun "$seen"; then return 1; fi
}

@test "mdevs are made and removed" {
	local type uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1fff
	type=$(realpath "/sys/bus/mdev/devices/$MTTY/mdev_type")
	make() { echo "$uuid" >"$type/create"; }
	remove() { echo 1 >"/sys/bus/mdev/devices/$uuid/remove"; }
	monitored
	for ((round = 0; round < WATCH_ROUNDS; round++)); do
		comes "$uuid" make
		goes "$uuid" remove
	done
	told "$WATCH_ROUNDS" "event=added subsystem=mdev device=- address=$uuid driver=-"
	told "$WATCH_ROUNDS" "event=bound subsystem=mdev device=- address=$uuid driver=mtty"
	told "$WATCH_ROUNDS" "event=removed subsystem=vfio-dev device=[a-z0-9]* address=$uuid driver=-"
	told "$WATCH_ROUNDS" "event=removed subsystem=mdev device=- address=$uuid driver=-"
}

@test "QEMU plugs devices in and out" {
	local device=/sys/bus/pci/devices/$PLUGGED
	has_port || skip 'not in the lab, which has a port to QEMU'
	undo=end_qemu
	plug_and_drive() { plug; until_there "$device"; drive "$PLUGGED" vfio-pci; }
	monitored
	for ((round = 0; round < WATCH_ROUNDS; round++)); do
		comes "$PLUGGED" plug_and_drive
		goes "$PLUGGED" unplug
	done
	told "$WATCH_ROUNDS" "event=added subsystem=pci device=- address=$PLUGGED driver=-"
	told "$WATCH_ROUNDS" "event=bound subsystem=pci device=- address=$PLUGGED driver=vfio-pci"
	told "$WATCH_ROUNDS" "event=removed subsystem=pci device=- address=$PLUGGED driver=-"
}

@test "100,000 events and a slow reader: the overrun is said, and the final state is right" {
	local name other reader
	name=$(cdev "$MTTY") other=$(cdev "$EDU")
	undo="drive $EDU vfio-pci"
	seen=$BATS_TEST_TMPDIR/seen
	: >"$seen"
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {reader}<>"$BATS_TEST_TMPDIR/pipe"
	iommufdctl monitor >"$BATS_TEST_TMPDIR/pipe" 2>"$seen.err" 3>&- {reader}<&- &
	# shellcheck disable=SC2034 # unmonitored() ends it
	monitor=$!
	sleep 2
	uevent write 50000 "/sys/class/vfio-dev/$name/uevent" remove add
	# This, too, is lost.
	drive "$EDU"
	uevent write 50001 "/sys/class/vfio-dev/$name/uevent" add remove
	cat <&"$reader" >"$seen" 3>&- &
	sees 'event=overrun'
	sees 'event=overrun' "event=removed subsystem=vfio-dev device=$other"
	uevent write 1 "/sys/class/vfio-dev/$name/uevent" remove
	sees 'event=overrun' "event=removed subsystem=vfio-dev device=$other" "event=removed subsystem=vfio-dev device=$name"
	# What was last said of each, before that: one is there, the other is not. A later look finds what is not gone again.
	[[ $(grep "device=$name " "$seen" | grep -B 1 '^event=removed' | tail -n 2 | head -n 1) == event=added* ]]
	[[ $(grep "device=$other " "$seen" | tail -n 1) == event=removed* ]]
	[[ $(grep "address=$EDU " "$seen" | grep subsystem=pci | tail -n 1) == event=unbound* ]]
	kill %%
}
