#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 60
#
# What the machine does with a device, and who holds it, as info shows both: on a kernel, with real interfaces, disks
# and processes. tree-info.bats has machines that are made up.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load vf

setup() {
	sessions_setup
	NIC=0000:01:00.0 NIC_DIR=/sys/bus/pci/devices/0000:01:00.0 holder='' writer=''
}

# What a test began is ended: holders of devices, and whoever waits for them.
teardown() {
	[[ ! $holder ]] || kill "$holder" 2>/dev/null || true
	[[ ! $writer ]] || wait "$writer" || true
	sessions_teardown
	release_pf
	[[ ! $writer ]] || echo "$EDU" >/sys/bus/pci/drivers_probe
}

# expect_json KEY VALUE
expect_json() {
	[[ $(jq -c ".$1" <<<"$output") == "$2" ]] || wrong "expected as $1: $2"
}

# Who holds it, as "HOW COMMAND SESSION"
holders_of() {
	iommufdctl info -n "$1" --json 2>/dev/null | jq -r '.holders[] | "\(.how) \(.command) \(.session // "-")"'
}

is_held() {
	[[ $(holders_of "$1") == "$2" ]]
}

@test "info of a device that nothing has bound, with a session and without, by root and by nobody" {
	requires edu jq
	ctl info -n "$EDU" --json
	expect_silence
	expect_json 'devices[0].driver' '"vfio-pci"'
	expect_json device '[]'
	expect_json holders '[]'
	[[ $(jq '.reserved | length' <<<"$output") -gt 0 ]]
	ctl info -n "$EDU"
	expect_silence
	[[ $output == *"$EDU"*RESERVED-FROM* && $output != *FEATURE* ]]
	start
	ctl info -n "$(cdev "$EDU")"
	expect_silence
	[[ $output == *"$EDU"* && $output != *FEATURE* ]]
}

@test "info needs no privileges" {
	requires edu
	requires kernel 'others are no root'
	for_nobody
	try "${as_nobody[@]}" iommufdctl info -n "$EDU"
	expect_status 0
	expect_err 'iommufdctl: info: what processes of other users hold is only shown to root'
	[[ $output == *"$EDU"*RESERVED-FROM* ]]
}

@test "a session: by its name for the device, by the cdev, its path, and an fd" {
	requires edu jq
	local word name device
	name=$(cdev "$EDU")
	start
	ctl bind "$EDU" --name nic
	exec {device}<>"/dev/vfio/devices/$name"
	cd /dev/vfio
	for word in nic "$EDU" "$name" "devices/$name" "fd:$device"; do
		ctl info -n "$word" --json
		expect_silence || return
		expect_json 'devices[0].address' "\"$EDU\"" || return
		expect_json 'device[0].bus' '"pci"' || return
		expect_json 'holders | map(select(.session) | .session)' '["default"]' || return
		jq -e '.regions[] | select(.name == "config")' <<<"$output" >/dev/null || wrong "$word" || return
		ctl info -n "$word"
		expect_silence || return
		[[ $output == "DEVICE "*$'\n\nBUS  RESET'*$'\n\nFEATURE '* ]] || wrong "$word" || return
	done
	exec {device}<&-
	refuses 1 "info: 'nac': no such device (ENODEV)" info nac
	refuses 1 "info: 'other': no session of this name runs" -s other info nic
}

@test "a batch and a session see the same of a device" {
	requires edu jq
	batch <<<"bind $EDU --name nic"$'\ninfo nic -n --json'
	expect_silence
	jq -S 'del(.holders)' <<<"${lines[-1]}" >"$BATS_TEST_TMPDIR/batch"
	start
	ctl bind "$EDU" --name nic
	iommufdctl info -n nic --json | jq -S 'del(.holders)' >"$BATS_TEST_TMPDIR/session"
	try diff "$BATS_TEST_TMPDIR/batch" "$BATS_TEST_TMPDIR/session"
	expect_ok
}

# ---- who holds it --------------------------------------------------------------------------------

@test "held by an fd, by the session, and by a mapping alone" {
	requires edu jq
	local device name to
	name=$(cdev "$EDU")
	exec {device}<>"/dev/vfio/devices/$name"
	[[ $(holders_of "$EDU" | sort -u) == *'open bash -'* ]]
	exec {device}<&-
	start
	ctl bind "$EDU"
	[[ $(holders_of "$EDU") == 'open iommufdctl default' ]]
	ctl session stop --force
	requires kernel 'a mapping holds a device'
	coproc MAPPER { exec mapper "$name"; }
	holder=$MAPPER_PID
	read -r -t 20 <&"${MAPPER[0]}"
	[[ $(holders_of "$EDU") == 'mapped mapper -' ]] || wrong "$(holders_of "$EDU")"
	to=${MAPPER[1]}
	exec {to}>&-
	wait "$holder" || true
	holder=''
	[[ ! $(holders_of "$EDU") ]]
}

@test "held by the node of its group" {
	requires edu jq
	requires kernel 'groups have nodes'
	local group node
	group=$(basename "$(readlink "/sys/bus/pci/devices/$EDU/iommu_group")")
	[[ -c /dev/vfio/$group ]] || skip 'this kernel has no groups of VFIO'
	exec {node}<>"/dev/vfio/$group"
	[[ $(holders_of "$EDU" | sort -u) == *'group bash -'* ]] || wrong "$(holders_of "$EDU")"
	exec {node}<&-
	[[ ! $(holders_of "$EDU") ]]
}

@test "held while an unbind waits: the node is gone, and the holder is named" {
	requires edu jq
	requires kernel 'a driver is unbound'
	local how=deleted
	[[ $(uname -r) != 6.* ]] || how=perhaps
	start
	ctl bind "$EDU"
	sh -c "echo $EDU >/sys/bus/pci/drivers/vfio-pci/unbind" 3>&- &
	writer=$!
	until_true test ! -e "/sys/bus/pci/devices/$EDU/vfio-dev"
	[[ $(IOMMUFDCTL_SESSION='' holders_of "$EDU") == "$how iommufdctl default" ]] || wrong "$(holders_of "$EDU")"
	ctl session stop --force
	wait "$writer"
	[[ ! $(holders_of "$EDU") ]]
}

# ---- what the host has of it ---------------------------------------------------------------------

# is_elsewhere PID: it has a network of its own
is_elsewhere() {
	[[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

@test "an interface: down, up, with the default route, in another namespace" {
	requires jq
	requires kernel 'interfaces'
	[[ -e $NIC_DIR/net ]] || skip 'no interface'
	local name other
	name=$(ls "$NIC_DIR/net")
	ip link set "$name" down
	ctl info -n "$name" --json
	expect_silence
	expect_json 'devices[0].address' "\"$NIC\""
	expect_json uses '[]'
	ip link set "$name" up
	ctl info -n "$NIC" --json
	expect_json uses "[{\"use\":\"interface $name up\",\"known\":\"yes\",\"fact\":\"/sys/class/net/$name/flags\"}]"
	ip addr add 192.0.2.1/24 dev "$name"
	ip route add default via 192.0.2.2
	ctl info -n "$NIC" --json
	expect_json 'uses[0]' '{"use":"default route","known":"yes","fact":"/proc/net/route"}'
	ip route del default
	ip addr flush dev "$name"
	ip link set "$name" down

	unshare --net sleep 60 3>&- &
	other=$!
	until_true is_elsewhere "$other"
	ip link set "$name" netns "$other"
	ctl info -n "$NIC" --json
	expect_json uses "[{\"use\":\"interface in another namespace\",\"known\":\"no\",\"fact\":\"/sys/bus/pci/devices/$NIC/net\"}]"
	kill "$other"
	wait "$other" || true
	until_true test -e "$NIC_DIR/net/$name"
	ctl info -n "$NIC" --json
	expect_json uses '[]'
}

@test "a physical function, and a virtual one" {
	requires jq
	take_pf
	start
	ctl bind "$NVME" --token "$TOKEN"
	make_vf
	ctl info -n "$NVME" --json
	expect_json 'uses[0].use' '"1 VF"'
	expect_json 'relations' "[{\"relation\":\"vf\",\"bus\":\"pci\",\"address\":\"$VF\",\"driver\":\"vfio-pci\"}]"
	expect_json 'properties[0] | [.vfs, .total_vfs]' '[1,2]'
	ctl info -n "$VF" --json
	expect_json 'relations' "[{\"relation\":\"pf\",\"bus\":\"pci\",\"address\":\"$NVME\",\"driver\":\"vfio-pci\"}]"
	drop_vfs
	ctl session stop --force
}

@test "a bridge: no VFIO driver takes it" {
	requires kernel 'bridges'
	local bridge
	bridge=$(grep -l '^0x0604' /sys/bus/pci/devices/*/class | head -n 1)
	[[ $bridge ]] || skip 'no bridge'
	bridge=${bridge%/class}
	ctl info -n "${bridge##*/}"
	expect_silence
	expect_out_has "it is a PCI bridge (class 0604), which no VFIO driver takes  /sys/bus/pci/devices/${bridge##*/}/class"
}
