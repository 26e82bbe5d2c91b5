#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whoever unbinds a device's driver, or removes the device, waits in the kernel until its cdev is closed: the session
# that has it knows, says so everywhere, and lets go of it when it is told to.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load hints

setup() {
	sessions_setup
	requires edu
	B=$EDU writer=''
}

# The device goes back to vfio-pci, whatever the test did with it.
teardown() {
	sessions_teardown
	[[ ! $writer ]] || wait "$writer"
	[[ ! -e /sys/bus/pci/devices/$B ]] || cdev "$B" | grep -q . || echo "$B" >/sys/bus/pci/drivers_probe
}

# administrator FILE WORD: it is written there by a process that the kernel may keep waiting.
administrator() {
	sh -c "echo $2 >$1" 3>&- &
	writer=$!
}

waits() {
	kill -0 "$writer" 2>/dev/null && [[ ! -e /sys/bus/pci/devices/$B/vfio-dev ]]
}

is_known() {
	[[ $(iommufdctl show --wanted --json) == *'"name":"nic"}]}' ]]
}

unbind_driver() {
	administrator /sys/bus/pci/drivers/vfio-pci/unbind "$B"
	until_true waits
}

@test "an administrator's unbind: show, list and bind say that the kernel waits, and unbind ends it" {
	local name
	name=$(cdev "$B")
	start
	ctl bind "$B" --name nic
	ctl ioas alloc --name guest
	ctl attach nic guest
	ctl show --wanted
	expect_ok ''
	unbind_driver
	until_true is_known
	ctl show
	expect_silence
	expect_out_has "WAITED-FOR  ADDRESS       UNBIND-IT-AS"$'\n'"$name       $B  nic"
	ctl show --wanted --json
	expect_ok '{"version":1,"wanted":[{"device":"'"$name"'","address":"'"$B"'","name":"nic"}]}'
	ctl list
	expect_status 0
	expect_err "iommufdctl: list: $name ($B) is not listed, the kernel waits for its release: iommufdctl -s default unbind nic"
	refuses 1 "the kernel waits for its release by this context, which has it as 'nic' (EBUSY)" bind "$B"
	expect_err_has 'hint: iommufdctl unbind nic'
	refuses 1 'the kernel waits for its release' bind "${B#0000:}"
	ctl show nic
	expect_out_has attached UNBIND-IT-AS
	kill -0 "$writer"
	ctl bind "$B"
	works '{iommufdctl unbind %}'
	wait "$writer"
	ctl list
	expect_silence
	refuses 1 'no VFIO cdev' bind "$B"
	echo "$B" >/sys/bus/pci/drivers_probe
	ctl bind "$B"
	expect_silence
}

@test "with --on-request unbind the session lets go of it by itself, and says so" {
	local log=$BATS_TEST_TMPDIR/log
	iommufdctl session start --foreground --on-request unbind 2>"$log" 3>&- &
	until_true iommufdctl session show >/dev/null
	ctl session show --json
	expect_out_has '"on_request":"unbind"'
	ctl bind "$B" --name nic
	ctl ioas alloc --name guest
	ctl attach nic guest
	administrator /sys/bus/pci/drivers/vfio-pci/unbind "$B"
	wait "$writer"
	ctl show
	expect_silence
	[[ $output != *nic* && $output == *guest* ]]
	[[ $(<"$log") == "iommufdctl: session start: nic ($B) is unbound, for the kernel waits for it (--on-request unbind)" ]]
	refuses 1 'no VFIO cdev' bind "$B"
	ctl session stop
}

@test "a session that was restarted is told, too; and one that is restarted afterwards still knows" {
	start --on-request keep
	ctl bind "$B" --name nic
	ctl session restart
	expect_ok ''
	unbind_driver
	until_true is_known
	ctl session restart
	expect_ok ''
	is_known
	ctl show
	expect_out_has "$B  nic"
	refuses 1 'the kernel waits for its release' bind "$B"
	ctl unbind nic
	wait "$writer"
}

@test "the policy outlives a restart" {
	start --on-request unbind
	ctl bind "$B" --name nic
	ctl session restart
	ctl session show --json
	expect_out_has '"on_request":"unbind"'
	administrator /sys/bus/pci/drivers/vfio-pci/unbind "$B"
	wait "$writer"
	ctl show --json
	expect_out_has '"devices":[]'
}

@test "what a session knows of a device that is going outlives its holder, also when it went meanwhile" {
	local ready=$BATS_TEST_TMPDIR/ready
	: >"$ready"
	supervisor --ready-file "$ready" -- iommufdctl session start --foreground >/dev/null 2>&1 3>&- &
	supervisor=$!
	until_true test -s "$ready"
	ctl bind "$B" --name nic
	expect_silence
	kill -KILL "$(holder_pid)"
	until_true eval '(($(wc -l <"$ready") == 2))'
	unbind_driver
	until_true is_known
	kill -KILL "$(holder_pid)"
	until_true eval '(($(wc -l <"$ready") == 3))'
	is_known
	refuses 1 'the kernel waits for its release' bind "$B"
	ctl unbind nic
	wait "$writer"
	ctl session stop
	wait "$supervisor"
}

# It sets an eventfd of its own; the session's must not be in its place.
@test "a program that is handed the device is told itself" {
	requires python3 # with os.eventfd(), of 3.10
	start
	ctl bind "$B" --name nic
	cat >"$BATS_TEST_TMPDIR/vmm" <<-'END'
		import fcntl, os, signal, struct, sys
		signal.alarm(60)
		events = os.eventfd(0)
		fcntl.ioctl(int(sys.argv[1]), 0x3b6e, struct.pack("IIIIIi", 24, 0x24, 4, 0, 1, events))
		print("ready", flush=True)
		os.read(events, 8)
		print("told", flush=True)
	END
	coproc iommufdctl session exec --share -- python3 "$BATS_TEST_TMPDIR/vmm" '{fd:nic}' 3>&-
	local from
	exec {from}<&"${COPROC[0]}" # which is gone when the program has ended
	read -r -u "$from" line
	[[ $line == ready ]]
	ctl show
	unbind_driver
	read -r -t 30 -u "$from" line
	[[ $line == told ]]
	ctl unbind nic
	wait "$writer"
}

@test "removing an mdev waits as well, and no interrupt tells: sysfs does" {
	requires mtty
	requires kernel 'the simulator has no files by which mdevs are made and removed'
	start
	ctl bind "$MTTY" --name nic
	expect_silence
	administrator "/sys/bus/mdev/devices/$MTTY/remove" 1
	until_true is_known
	refuses 1 'the kernel waits for its release' bind "$MTTY"
	ctl unbind nic
	wait "$writer"
	echo "$MTTY" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
}
