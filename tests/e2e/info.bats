#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a device has, can, and does on request: info, resets, migration, DMA logging, low power, a BAR as memory.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load vf

setup() {
	requires iommufd
}

teardown() {
	release_pf
}

@test "info shows regions, interrupts and features (physical)" {
	requires edu
	batch <<<"bind $EDU"$'\ninfo vfio'"$(cdev "$EDU" | tr -dc 0-9)"
	expect_silence
	[[ $output =~ 'BUS  RESET'.*'REGION  NAME    SIZE'.*'0       bar0    1048576  0x0 '.*'7       config  256 '.*'IRQ  NAME'.*'1    msi   1 '.*'FEATURE' ]]
}

@test "info shows regions, interrupts and features (emulated)" {
	requires emulated
	batch <<<"bind $MTTY --name tty"$'\ninfo tty --json'
	expect_silence
	expect_out_has '"device":[{"bus":"pci","reset":"no"' '"regions":[{"index":0,"name":"bar0","size":8,"offset":0,"access":"rw","caps":null}' \
		'"feature":"migration","get":"yes","set":"no"'
	[[ $output == *'"migration":"stop-copy,'* ]]
}

@test "info shows what resets a device, and that its MSI-X table may be mapped" {
	requires kernel 'its nvme has MSI-X'
	drive_nvme
	batch <<<"bind $NVME --name nvme"$'\ninfo nvme --json'
	expect_silence
	expect_out_has '"bus":"pci","reset":"yes"' '"caps":"msix-mappable"' '"flags":"eventfd,noresize"'
}

@test "info of a device that is not bound: what the machine knows, and a note" {
	requires emulated
	exec {dev}<>"/dev/vfio/devices/$(cdev "$MTTY")" {io}<>/dev/iommu
	ctl --iommufd "fd:$io" info "fd:$dev"
	expect_status 0
	expect_err "iommufdctl: info: $(cdev "$MTTY") is not bound: what VFIO shows of it is shown then"
	[[ $output == *"$MTTY"* && $output != *REGION* ]]
}

@test "reset of what has a reset, and of what has none" {
	requires edu emulated
	batch --keep-going <<-END
		bind $EDU --name edu
		bind $MTTY --name tty
		reset edu
		reset tty
	END
	expect_fail 4 ":3: reset: 'edu': the device is not bound, or cannot be reset alone (EINVAL)"
	[[ $(grep -c '<stdin>:' <<<"$stderr") == 1 ]]
}

@test "reset of a physical device, also while it is attached" {
	drive_nvme
	batch <<-END
		bind $NVME --name nvme
		reset nvme
		ioas alloc --name a
		attach nvme a
		reset nvme --json
		detach nvme
	END
	expect_ok 1 2 3 '{"version":1}'
}

@test "hot-reset of what shares no slot, of an emulated device, and --info" {
	requires edu emulated
	batch --keep-going <<-END
		bind $EDU --name edu
		bind $MTTY --name tty
		hot-reset edu --info
		hot-reset edu
		hot-reset tty
	END
	expect_fail 4 ":3: hot-reset: 'edu': neither the device's slot nor its bus can be reset (ENODEV)" ":4: hot-reset: 'edu': " \
		":5: hot-reset: 'tty': an emulated device is not on a bus that could be reset (ENOTTY)"
}

@test "hot-reset of two functions of one slot needs both" {
	requires group
	batch --keep-going <<-END
		bind $GROUP_A --name one
		hot-reset one --info
		bind $GROUP_B --name two
		hot-reset two --info --json
		hot-reset one
	END
	[[ $output == *"$GROUP_A  1 "*"$GROUP_B  -   yes"* ]]
	expect_out_has "{\"address\":\"$GROUP_A\",\"id\":1,\"owned\":\"yes\"},{\"address\":\"$GROUP_B\",\"id\":2,\"owned\":\"yes\"}]}"
	expect_silence
}

@test "a device's migration state is printed, set, saved and loaded" {
	requires emulated
	[[ -d /sys/class/mdev_bus ]] || skip "no sample mdevs"
	batch <<-END
		bind $MTTY --name tty
		migration get tty
		migration set tty stop
		migration get tty --json
		migration set tty running
		migration get tty
	END
	expect_ok 1 running '{"version":1,"state":"stop"}' running
	printf 'bind %s --name tty\nmigration save tty\n' "$MTTY" | iommufdctl batch - | tail -c +3 >"$BATS_TEST_TMPDIR/state"
	[[ -s $BATS_TEST_TMPDIR/state ]]
	batch <<-END
		bind $MTTY --name tty
		migration load tty $BATS_TEST_TMPDIR/state --json
		migration get tty
		migration set tty running
	END
	expect_ok 1 '{"version":1}' stop
}

@test "a migration that cannot be is explained" {
	requires emulated edu
	batch --keep-going <<-END
		bind $MTTY --name tty
		bind $EDU --name edu
		migration get edu
		migration set tty error
		migration set tty away
		migration load tty /dev/null
		migration get tty
	END
	expect_fail 4 ":3: migration get: 'edu': the device or its driver cannot be migrated (ENOTTY)" ":4: migration set: 'tty': " \
		":5: migration set: STATE: 'away' is none of error, stop, running,"
}

@test "a device logs its DMA" {
	requires emulated
	batch <<-END
		bind $MTTY --name tty
		dma-log start tty 0x100000-0x1fffff
		dma-log report tty 0x100000 64K
		dma-log stop tty --json
	END
	expect_silence
	expect_line -1 '{"version":1}'
	expect_line 2 4096
	batch --keep-going <<-END
		bind $MTTY --name tty
		dma-log start tty 0x100000-0x1fffff 0x180000-0x2fffff
		dma-log start tty
	END
	expect_fail 4 ":2: dma-log start: 'tty': " ":3: dma-log start: 'tty': "
}

@test "an idle device may sleep" {
	requires edu emulated
	batch --keep-going <<-END
		bind $EDU --name edu
		low-power edu on
		low-power edu off
		low-power edu maybe
	END
	expect_fail 4 ":4: low-power: ACTION: 'maybe' is none of off, on"
	batch <<<"bind $MTTY --name tty"$'\nlow-power tty on'
	expect_fail 3 "low-power: 'tty': "
}

@test "a BAR becomes memory that is mapped" {
	requires edu
	batch <<-END
		bind $EDU --name edu
		mem dma-buf bar edu 0 --length 64K
		ioas alloc --name a
		ioas map a bar --iova 0x10000000
		show bar --json
	END
	if [[ $status == 3 ]]; then
		expect_fail 3 "mem dma-buf: 'edu': the driver, or a kernel before Linux 6.19, makes no dma-buf (ENOTTY)"
		return
	fi
	requires feature:ioas-map-file
	expect_silence
	expect_out_has 0x10000000 '{"name":"bar","size":65536,"page_size":4096,"mappings":1}'
	batch --keep-going <<-END
		bind $EDU --name edu
		mem dma-buf bar edu 3
		mem dma-buf bar edu 0 --offset 1M
		mem dma-buf bar edu 0 --length 100
		mem dma-buf bar edu 99
	END
	expect_fail 4 ":2: mem dma-buf: " ":3: mem dma-buf: 'edu': the region has 1048576 bytes" ":4: mem dma-buf: " ":5: mem dma-buf: "
	[[ $output == 1 ]]
}

@test "what is in a BAR only devices reach" {
	requires edu dma-buf
	requires kernel 'a file that can be neither read nor written'
	batch --keep-going <<-END
		bind $EDU --name edu
		mem dma-buf bar edu 0 --length 4K
		mem read bar 0 4 --json
		mem write bar 0 /dev/null
	END
	expect_fail 4 ":3: mem read: 'bar': a dma-buf: only devices reach what is in it (ESPIPE)" ":4: mem write: 'bar': a dma-buf: "
	[[ $output == 1 ]]
}

@test "a token or a PASID where there is none is explained" {
	requires edu emulated
	batch --keep-going <<-END
		bind $EDU --name edu --token 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
		bind $EDU --name edu --token 83b8f4f2
		bind $EDU --name edu
		bind $MTTY --name tty
		ioas alloc --name a
		attach edu a --pasid 5
		replace edu a --pasid 5
		attach tty a --pasid 5
		attach edu a --pasid 0
		detach edu --pasid x
	END
	expect_fail 4 "<stdin>:1: bind: '$EDU': " "<stdin>:2: bind: --token: '83b8f4f2' is no UUID" "<stdin>:6: attach: 'edu': " \
		"<stdin>:7: replace: 'edu': the device is not attached, there is nothing to replace (EINVAL)" \
		"<stdin>:8: attach: 'tty': " "<stdin>:9: attach: --pasid: '0' is not from 1 to 1048575" "<stdin>:10: detach: --pasid: 'x'"
	expect_out 1 2 3
}

@test "hw-info decodes the registers of the IOMMU" {
	requires edu emulated
	batch --keep-going <<-END
		bind $EDU --name edu
		hw-info edu
		hw-info 1 --json
		bind $MTTY --name tty
		hw-info tty
	END
	expect_fail 4 ":5: hw-info: 'tty': "
	if has smmuv3; then
		[[ $output =~ 'arm-smmuv3  2 '.*'IDR0      '.*'IDR5      ' ]]
		expect_out_has '"hw_info":[{"type":"arm-smmuv3","type_number":2,' '{"register":"IDR0","field":'
		return
	fi
	[[ $output =~ 'intel-vtd  1 '.*'CAP       SAGAW                12:8   0x6    39- and 48-bit second-level tables'.*'ECAP      QI                   1      0x1' ]]
	expect_out_has '"hw_info":[{"type":"intel-vtd","type_number":1,' '{"register":"CAP","field":"ND","bits":"2:0","value":6,'
}
