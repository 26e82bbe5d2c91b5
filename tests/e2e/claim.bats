#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 70
# seconds in the simulator: 6
# in the lab as well
#
# A device goes to VFIO and comes back, as an operator types it: refused, claimed, released.

# shellcheck disable=SC2034,SC2154 # what the others use, and what they set
load helpers
load sessions
load hints
load claim
load watch

setup() {
	requires root edu
	remember
}

teardown() {
	local pid
	for pid in "${holders[@]}"; do kill -KILL "$pid" 2>/dev/null || :; done
	iommufdctl session stop --force >/dev/null 2>&1 || :
	release_everything
	end_qemu
}
holders=()

# ---- there and back ------------------------------------------------------------------------------------

@test "a device without a driver is claimed, used, and released" {
	ctl claim "$NVME"
	expect_ok 'ADDRESS       DEVICE  DRIVER' "$NVME  $(cdev "$NVME")   vfio-pci"
	[[ $(<"$CLAIMS/pci:$NVME") == *$'\ndriver=\n'* && $(stat -c %a "$CLAIMS") == 755 ]]
	batch <<<"bind $NVME"
	expect_ok 1
	ctl claim "$NVME" --json
	expect_ok '{"version":1,"changed":false,"devices":[{"address":"'"$NVME"'","device":"'"$(cdev "$NVME")"'","driver":"vfio-pci"}]}'
	ctl release "$NVME"
	expect_ok 'ADDRESS       DEVICE  DRIVER' "$NVME  -       -"
	expect_as_before
}

@test "a network card that is down: its interface is back behind the release" {
	find_interface
	ctl claim "$interface" --json
	expect_ok '{"version":1,"changed":true,"devices":[{"address":"'"$NIC"'","device":"'"$(cdev "$NIC")"'","driver":"vfio-pci"}]}'
	[[ ! -e /sys/class/net/$interface ]]
	ctl release "$NIC"
	expect_ok 'ADDRESS       DEVICE  DRIVER' "$NIC  -       e1000e"
	[[ -e /sys/class/net/$interface ]]
	expect_as_before
}

@test "the cdev is given to who asks for it, and back" {
	ctl claim "$NVME" --owner 65534:65534 --mode 660
	expect_silence
	[[ $(stat -c '%a %u %g' "/dev/vfio/devices/$(cdev "$NVME")") == '660 65534 65534' ]]
	ctl claim "$EDU" --owner nobody
	expect_silence
	[[ $(stat -c '%a %U' "/dev/vfio/devices/$(cdev "$EDU")") == '600 nobody' ]]
	ctl claim "$EDU" --mode 640 --json
	expect_silence
	expect_out_has '"changed":true'
	ctl claim "$EDU" --mode 640 --owner nobody --json
	expect_out_has '"changed":false'
	ctl release --all
	expect_silence
	expect_as_before
}

@test "what --dry-run shows is done without it" {
	ctl claim "$NVME" --dry-run
	expect_silence
	expect_out_has "record  $CLAIMS/pci:$NVME" "/sys/bus/pci/devices/$NVME/driver_override  vfio-pci" \
		"/sys/bus/pci/drivers_probe                         $NVME"
	expect_as_before
	ctl claim "$NVME"
	remember
	ctl release --all --dry-run
	expect_silence
	expect_out_has "/sys/bus/pci/drivers/vfio-pci/unbind" "remove  $CLAIMS/pci:$NVME"
	expect_as_before
}

# ---- refused ------------------------------------------------------------------------------------------

@test "a network card that is in use" {
	find_interface
	ip link set "$interface" up
	ip addr add 192.0.2.1/24 dev "$interface"
	ip route add default via 192.0.2.2
	remember
	refuses 1 'in use: default route (/proc/net/route)' claim "$NIC"
	expect_err_has "in use: interface $interface up (/sys/class/net/$interface/flags)"
	expect_as_before
	ip route del default
	refuses 1 "in use: interface $interface up" claim "$interface"
	expect_err_lacks 'default route'
	ip link set "$interface" down
	ip addr flush dev "$interface"
	ctl claim "$NIC"
	expect_silence
	ctl release "$NIC"
	expect_silence
	expect_as_before
}

@test "a network card whose interface is in another namespace" {
	find_interface
	local pid i
	unshare -n sleep 100 3>&- &
	pid=$!
	holders=("$pid")
	sleep 1
	ip link set "$interface" netns $pid
	remember
	refuses 1 'interface in another namespace' claim "$NIC"
	expect_as_before
	kill $pid
	for ((i = 0; i < 50; i++)); do [[ ! -e /sys/class/net/$interface ]] || break; sleep 0.1; done
	[[ -e /sys/class/net/$interface ]]
}

@test "bridges, drivers that are not there, devices that are not there" {
	refuses 1 'it is a PCI bridge (class 0604)' claim "$BRIDGE" --force
	refuses 3 'this kernel has no driver vfio-nosuch' claim "$NVME" --driver vfio-nosuch
	refuses 1 'no such device' claim 0000:77:00.0
	refuses 1 'it is a PCI bridge' claim "$NVME" "$BRIDGE"
	refuses 3 'an mdev has the driver that it was made with' claim "$MTTY" --driver vfio-pci
	refuses 1 'there is no such device, and no claim of one' release 0000:77:00.0
	refuses 2 "there is no user 'no.body'" claim "$NVME" --owner no.body
	expect_as_before
}

@test "a sibling that has a driver of the host" {
	plug_siblings
	remember
	ctl claim "$PLUGGED" --mode 660
	refused 1 "$SIBLING of its IOMMU group, "
	expect_err_has 'has a driver of the host, e1000e' '--group claims that one, too'
	expect_as_before
	ctl claim "$PLUGGED" --mode 660 --group
	expect_silence
	[[ $(driver "$SIBLING") == vfio-pci ]]
	ctl release --all
	expect_silence
	expect_as_before
	unplug
}

@test "a driver that does not take it: all is as it was" {
	ctl claim "$EDU" "$NVME" --driver exar_serial
	[[ -e /sys/bus/pci/drivers/exar_serial ]] || { refused 3 'no driver exar_serial'; skip 'no such driver here'; }
	expect_fail 1 "claim: '$EDU': exar_serial did not take it (ENXIO)" "hint: $EDU is as it was before"
	works "'{dmesg | grep %}' shows why not"
	expect_as_before
}

# What was done is done: that nobody was told is a failure of the command, and release has a way back.
@test "a stdout that is full or closed" {
	local json
	for json in '' --json; do
		try bash -c "iommufdctl claim $NVME $json >/dev/full"
		expect_fail 1 'write error'
		[[ $(driver "$NVME") == vfio-pci ]]
		try bash -c "iommufdctl release $NVME $json >/dev/full"
		expect_fail 1 'write error'
		expect_as_before
	done
	try fdtool closed 1 -- iommufdctl claim "$NVME"
	expect_status 1
	ctl release --all
	expect_status 0
	expect_as_before
}

@test "a read-only /sys, a full /run, records that are no good" {
	requires kernel 'its /sys cannot be mounted anew'
	# shellcheck disable=SC2016 # the words are that shell's
	try unshare -m sh -c 'mount -o remount,ro,bind /sys && exec iommufdctl claim "$1"' - "$NVME"
	refused 1 'Read-only file system (EROFS)'
	expect_as_before
	mkdir -p "$CLAIMS"
	# shellcheck disable=SC2016
	try unshare -m sh -c 'mount -t tmpfs -o size=4k,mode=755 tmpfs "$2" && dd if=/dev/zero of="$2/fill" bs=4k count=1 status=none
		exec iommufdctl claim "$1"' - "$NVME" "$CLAIMS"
	expect_fail 1 'No space left on device'
	expect_as_before
	echo garbage >"$CLAIMS/pci:$NVME"
	refuses 1 'it is no record of a claim, or a damaged one' claim "$NVME"
	refuses 1 'it is no record of a claim, or a damaged one' release "$NVME"
	chown nobody "$CLAIMS/pci:$NVME"
	refuses 1 'it belongs to another user, or others may write to it' release "$NVME"
	rm "$CLAIMS/pci:$NVME"
	rmdir "$CLAIMS"
	expect_as_before
}

@test "who is not root may look, and no more" {
	requires users
	ctl claim "$NVME"
	as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	try "${as_nobody[@]}" iommufdctl release "$NVME" --dry-run
	expect_silence
	try "${as_nobody[@]}" iommufdctl release "$NVME"
	refused 1 'Permission denied (EACCES)'
	expect_err_has 'only root gives devices away'
	try "${as_nobody[@]}" iommufdctl claim "$EDU"
	expect_fail 1 'Permission denied (EACCES)'
	[[ $(driver "$NVME") == vfio-pci ]]
}

# ---- drivers ------------------------------------------------------------------------------------------

# with_modules NAME...: the alias of the device leads to these
with_modules() {
	cp "$BUILD/tests/fake/fake-kmod.so" "$BATS_TEST_TMPDIR/libkmod.so.2"
	export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR FAKE_KMOD="$*" FAKE_KMOD_NAMES="$*" FAKE_KMOD_LOADED=$BATS_TEST_TMPDIR/loaded
}

@test "a driver that is made for the device is found by its module, loaded, and looked for" {
	with_modules vfio_pci nvgrace_gpu_vfio_pci
	[[ -e /sys/bus/pci/devices/$NVME/modalias ]] || skip 'no modalias here'
	ctl claim "$NVME" --dry-run
	expect_silence
	expect_out_has 'load ' nvgrace_gpu_vfio_pci
	ctl claim "$NVME"
	refused 3 'no driver nvgrace_gpu_vfio_pci'
	[[ $(<"$FAKE_KMOD_LOADED") == nvgrace_gpu_vfio_pci ]]
	with_modules vfio_pci mlx5_vfio_pci nvgrace_gpu_vfio_pci
	refuses 1 'several modules are made for it' claim "$NVME"
	expect_as_before
	FAKE_KMOD_FULL=1 refuses 1 '(ENOMEM)' claim "$NVME"
	expect_as_before
	with_modules vfio_pci
	ctl claim "$NVME"
	expect_silence
	[[ $(driver "$NVME") == vfio-pci ]]
	ctl release "$NVME"
	expect_silence
	expect_as_before
}

@test "without libkmod the driver of the bus is taken" {
	mkdir "$BATS_TEST_TMPDIR/none"
	: >"$BATS_TEST_TMPDIR/none/libkmod.so.2" # no library, and found first
	LD_LIBRARY_PATH=$BATS_TEST_TMPDIR/none ctl -v claim "$NVME"
	expect_status 0
	[[ $(driver "$NVME") == vfio-pci ]]
	ctl release "$NVME"
	expect_silence
	LD_LIBRARY_PATH=$BATS_TEST_TMPDIR/none ctl claim "$NVME" --driver vfio-nosuch
	refused 3 'without libkmod no module can be loaded'
	expect_as_before
}

# ---- over, or held -------------------------------------------------------------------------------------

@test "a device that was removed, and another card in its place" {
	requires kernel 'its devices cannot be removed'
	ctl claim "$NVME"
	echo 1 >"/sys/bus/pci/devices/$NVME/remove"
	ctl release "$NVME" --json
	expect_status 0
	expect_err_has 'the device is gone: the claim is forgotten'
	expect_out_has '"changed":true'
	echo 1 >/sys/bus/pci/rescan
	[[ -e /sys/bus/pci/devices/$NVME ]]
	ctl claim "$NVME"
	sed -i 's/^ids=.*/ids=pci:v00001AF4d00001000/' "$CLAIMS/pci:$NVME"
	ctl release "$NVME"
	expect_status 0
	expect_err_has 'another device is in its place: the claim is forgotten, and nothing else changed'
	[[ $(driver "$NVME") == vfio-pci && ! -e $CLAIMS/pci:$NVME ]]
	echo >"/sys/bus/pci/devices/$NVME/driver_override"
	echo "$NVME" >/sys/bus/pci/drivers/vfio-pci/unbind
	expect_as_before
}

# refuses_held PID COMMAND HOW: within a second behind what any command takes, and nobody is left waiting.
refuses_held() {
	local start took bare
	start=${EPOCHREALTIME//[.,]/}
	ctl release 0000:77:00.0
	bare=$((${EPOCHREALTIME//[.,]/} - start))
	start=${EPOCHREALTIME//[.,]/}
	refuses 1 "process $1 ($2) $3" release "$NVME"
	took=$((${EPOCHREALTIME//[.,]/} - start))
	((took - bare < 1000000)) || wrong "it took $took us; bare $bare us"
	expect_err_has 'the kernel would wait for it: end that first'
	[[ $(driver "$NVME") == vfio-pci && -e $CLAIMS/pci:$NVME ]]
	[[ ! $(ps -eo stat=,comm= | awk '/^D/ && /iommufdctl/') ]] || wrong 'a process waits in the kernel'
}

@test "release refuses while somebody holds it: by an fd" {
	local pid
	ctl claim "$NVME"
	sleep 100 3>&- 5<>"/dev/vfio/devices/$(cdev "$NVME")" &
	pid=$!
	holders=("$pid")
	sleep 0.5
	refuses_held $pid sleep 'has its cdev open'
	kill $pid
	wait $pid || :
	ctl release "$NVME"
	expect_silence
	expect_as_before
}

@test "release refuses while somebody holds it: by the node of its group" {
	local group pid
	ctl claim "$NVME"
	group=$(basename "$(readlink "/sys/bus/pci/devices/$NVME/iommu_group")")
	[[ -e /dev/vfio/$group ]] || skip 'no node of the group'
	sleep 100 3>&- 5<>"/dev/vfio/$group" &
	pid=$!
	holders=("$pid")
	sleep 0.5
	refuses_held $pid sleep 'has its group open'
	kill $pid
	wait $pid || :
	ctl release "$NVME"
	expect_silence
	expect_as_before
}

@test "release refuses while somebody holds it: by a mapping alone" {
	local pid i
	requires kernel 'what is mapped of a device is memory there'
	requires python3
	ctl claim "$NVME"
	iommufdctl exec --device "$NVME=dev" -- python3 -c '
import fcntl, mmap, os, struct, sys, time
fcntl.ioctl(int(sys.argv[1]), 0x3b76, struct.pack("IIiI", 16, 0, int(sys.argv[3]), 0)) # bind
at = mmap.mmap(int(sys.argv[1]), 4096, offset=0)
os.closerange(3, 100)
open(sys.argv[2], "w").close()
time.sleep(100)' '{fd:dev}' "$BATS_TEST_TMPDIR/mapped" '{fd:iommufd}' 3>&- &
	pid=$!
	holders=("$pid")
	for ((i = 0; i < 200; i++)); do [[ ! -e $BATS_TEST_TMPDIR/mapped ]] || break; sleep 0.1; done
	refuses_held $pid python3 'has its memory mapped'
	kill $pid
	wait $pid || :
	ctl release "$NVME"
	expect_silence
	expect_as_before
}

@test "release refuses while somebody holds it: a session" {
	local pid
	ctl claim "$NVME"
	ctl session start
	ctl bind "$NVME"
	pid=$(iommufdctl session show --json | jq .sessions[0].pid)
	refuses_held "$pid" iommufdctl 'has its cdev open'
	expect_err_has "for the session 'default'"
	ctl session stop --force
	ctl release "$NVME"
	expect_silence
	expect_as_before
}

# ---- at once -------------------------------------------------------------------------------------------

@test "two claims at once: one wins, and the other says so" {
	local i round rc out=$BATS_TEST_TMPDIR
	for ((round = 0; round < 5; round++)); do
		for i in 1 2 3; do
			{ rc=0; iommufdctl claim "$NVME" --json >"$out/$i" 2>"$out/err$i" || rc=$?; echo $rc >"$out/rc$i"; } 3>&- &
		done
		wait
		(($(cat "$out"/[123] | grep -c '"changed":true') == 1)) || { cat "$out"/*; return 1; }
		for i in 1 2 3; do
			[[ $(<"$out/rc$i") == 0 ]] || grep -q 'another claim or release of it is under way (process ' "$out/err$i"
		done
		ctl release "$NVME"
		expect_silence
	done
	expect_as_before
}

@test "a signal between two steps: all is as it was" {
	local round pid rc
	for ((round = 0; round < 5; round++)); do
		iommufdctl claim "$NVME" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
		pid=$!
		sleep 0.0$((round * 2))
		kill -INT $pid 2>/dev/null || :
		rc=0
		wait $pid || rc=$?
		[[ $rc != 1 ]] || grep -q 'a signal came' "$BATS_TEST_TMPDIR/err"
		((rc)) || ctl release "$NVME"
	done
	expect_as_before
}
