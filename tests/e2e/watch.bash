# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests share that have devices come and go:
#
#   monitored [-j] [CMD...]         monitor in the background: its pid in $monitor, its lines in $seen
#   sees LINE...                    these come, in this order, with others between them
#   drive BDF [DRIVER]              change the driver of a PCI device
#   plug, unplug                    an edu of QEMU's in the machine's empty port: $PLUGGED
#   plug_siblings                   the same with a network card that e1000e drives, $SIBLING, in its group

PLUGGED=0000:04:00.0 SIBLING=0000:04:00.1
monitor='' seen=''

# It is ready when it tells what the kernel is made to say of a device. Where no events arrive it is given time.
monitored() {
	local i event options=()
	[[ ${1:-} != -j ]] || { options=(-j); shift; }
	event=/sys/class/vfio-dev/$(cdev "$MTTY")/uevent
	seen=$BATS_TEST_TMPDIR/seen
	: >"$seen"
	"$@" iommufdctl monitor "${options[@]}" >"$seen" 2>"$seen.err" 3>&- &
	monitor=$!
	if [[ ${SIMULATED:-} ]] || (($#)); then
		sleep 2
		return
	fi
	for ((i = 0; i < 100; i++)); do
		uevent write 2 "$event" remove add
		sleep 0.1
		[[ ! -s $seen ]] || return 0
	done
	wrong 'monitor does not begin'
}

unmonitored() {
	[[ ! $monitor ]] || { kill "$monitor"; wait "$monitor"; } || :
	monitor=''
}

# expected PATTERN...: until all of them have come, 10 s at most
sees() {
	local i rest
	for ((i = 0; i < 100; i++)); do
		rest=$(match "$@" <"$seen")
		[[ $rest ]] || return 0
		sleep 0.1
	done
	wrong "not seen: $rest" "$(<"$seen")" "$(<"$seen.err")"
}

# The first of the texts that does not come, in this order, in lines of the standard input.
match() {
	local line
	while read -r line; do
		[[ $line != *"$1"* ]] || shift
		(($#)) || return 0
	done
	echo "$1"
}

drive() {
	local device=/sys/bus/pci/devices/$1
	[[ ! -e $device/driver ]] || echo "$1" >"$device/driver/unbind"
	echo "${2:-}" >"$device/driver_override"
	[[ ! ${2:-} ]] || echo "$1" >/sys/bus/pci/drivers_probe
}

# QEMU's command line. What it answers has to be read.
qemu() {
	local port
	if [[ ! ${qemu_fd:-} ]]; then
		for port in /sys/class/virtio-ports/*; do
			[[ $(<"$port/name") != monitor ]] || exec {qemu_fd}<>"/dev/${port##*/}"
		done
		cat <&"$qemu_fd" >"$BATS_TEST_TMPDIR/qemu" 3>&- &
		qemu_reader=$!
	fi
	echo "$*" >&"$qemu_fd"
}

has_port() {
	grep -qsx monitor /sys/class/virtio-ports/*/name
}

plug() {
	qemu device_add edu,id=extra,bus=port4
}

# The kernel looks when function 0 comes.
plug_siblings() {
	requires kernel 'a card is plugged in'
	has_port || skip 'no port to plug into'
	[[ -e /sys/bus/pci/drivers/e1000e ]] || skip 'no driver of the network card in this kernel'
	qemu device_add e1000e,id=sibling,bus=port4,addr=0.1,multifunction=on
	qemu device_add edu,id=extra,bus=port4,addr=0.0,multifunction=on
	until_there "/sys/bus/pci/devices/$SIBLING/driver"
	until_there "/sys/bus/pci/devices/$PLUGGED"
}

# until PATH is there, or (! PATH) is not there any more
until_there() {
	local i not=''
	[[ $1 != '!' ]] || { not=1; shift; }
	for ((i = 0; i < 1000; i++)); do
		if [[ -e $1 ]]; then
			[[ $not ]] || return 0
		else
			[[ ! $not ]] || return 0
		fi
		sleep 0.02
	done
	wrong "$1 is ${not:+still }${not:-not }there"
}

unplug() {
	qemu device_del extra
	until_there ! "/sys/bus/pci/devices/$PLUGGED"
}

end_qemu() {
	[[ ! ${qemu_reader:-} ]] || kill "$qemu_reader" || :
}
