# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used in the tests
#
# What the tests of VMMs share, beside those of sessions: the devices with vfio-pci, a guest that drives them, and
# what is pinned.
#
#   guest_words edu nic ssd        sets vmm: a QEMU whose guest has these devices, by their names in {fd:NAME}
#   idle_words edu                 the same without a guest: it pins the memory, and does nothing
#   launch CMD...                  in the background: sets pid; what it writes is in $out and $err; $keys is its stdin
#   until_said TEXT                wait for it on the guest's console, or for the end of the guest
#   ended                          wait for the end: sets status, output, stderr
#   pinned                         how many pages are pinned for good

E1000E=0000:01:00.0
MEMORY=96 # MiB of a guest
GUEST_SECONDS=${GUEST_SECONDS:-900}
out='' err='' keys='' pid=''

# vfio-pci ADDRESS...: it drives them from now on.
vfio_pci() {
	local address device
	for address; do
		device=/sys/bus/pci/devices/$address
		echo vfio-pci >"$device/driver_override"
		[[ ! -e $device/driver || $(readlink "$device/driver") == */vfio-pci ]] || echo "$address" >"$device/driver/unbind"
		[[ -e $device/driver ]] || echo "$address" >/sys/bus/pci/drivers_probe
	done
}

# The guest's file system: one program. A plain user's QEMU reads it, too.
make_guest() {
	mkdir -p "$1"/{proc,sys}
	cp "$BUILD/tests/vmm/guest" "$1/init"
	(cd "$1" && find . | busybox cpio -o -H newc) >"$1.cpio"
	chmod a+rX "$1.cpio" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
}

devices_words() {
	local name
	vmm+=(-object 'iommufd,id=i0,fd={fd:iommufd}')
	for name; do
		vmm+=(-device "vfio-pci,fd={fd:$name},iommufd=i0,id=$name")
	done
}

# -icount: its clock goes by its instructions, so that an emulated machine in an emulated one does not spend its time on
# ticks. No ROM of a device, which the firmware would run.
guest_words() {
	local boot="console=ttyS0 quiet panic=-1 reboot=t no_timer_check tsc=unstable norandmaps io_delay=none rdinit=/init"
	vmm=(qemu-system-x86_64 -accel tcg -icount 'shift=5,sleep=off' -machine q35 -cpu 'max,-erms' -m "$MEMORY" -nodefaults
		-no-reboot -display none -nic none -global vfio-pci.rombar=0 -serial stdio
		-kernel "$BUILD/tests/vmm/guest-kernel" -initrd "$BATS_FILE_TMPDIR/guest.cpio" -append "$boot")
	devices_words "$@"
}

idle_words() {
	vmm=(qemu-system-x86_64 -accel tcg -machine q35 -m "$MEMORY" -nodefaults -display none -nic none -S -monitor stdio)
	devices_words "$@"
}

launch() {
	out=$BATS_TEST_TMPDIR/out.$RANDOM err=$BATS_TEST_TMPDIR/err.$RANDOM keys=$BATS_TEST_TMPDIR/keys.$RANDOM
	ran="$*"
	mkfifo "$keys"
	"$@" <>"$keys" >"$out" 2>"$err" 3>&- &
	pid=$!
}

until_said() {
	local deadline=$((SECONDS + GUEST_SECONDS))
	until grep -qF "$1" "$out"; do
		kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)) && sleep 1 && continue
		output=$(<"$out") stderr=$(<"$err") status=none
		wrong "expected on its console: $1"
		return
	done
}

ended() {
	local deadline=$((SECONDS + GUEST_SECONDS))
	while kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.5; done
	kill "$pid" 2>/dev/null || true
	status=0
	wait "$pid" || status=$?
	output=$(<"$out") stderr=$(<"$err")
}

pinned() {
	awk '/nr_foll_pin_acquired/ { n += $2 } /nr_foll_pin_released/ { n -= $2 } END { print n }' /proc/vmstat
}

# What a guest has left pinned is released when its QEMU is gone.
is_pinned() {
	[[ $(pinned) == "$1" ]]
}
