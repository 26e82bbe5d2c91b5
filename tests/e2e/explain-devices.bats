#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Explanations of what a device is asked beyond bind and attach.

# shellcheck disable=SC2154 # set by helpers.bash and explain.bash
load helpers
load explain
load sessions
load vf

# A device that is not bound, by an fd; $null is no device at all.
setup() {
	requires iommufd edu mtty mdpy
	keep_cdev "$MDPY"
	exec {null}<>/dev/null
}

teardown() {
	[[ $PF_DIR/driver -ef /sys/bus/pci/drivers/vfio-pci ]] || return 0
	drop_vfs
	exec {dev}<&-
	release_pf
}

@test "a device that is not bound" {
	explains_each <<-END
		reset fd:$dev => RESET ANY EINVAL
		hot-reset fd:$dev => HOT_RESET ANY EINVAL
		hot-reset fd:$dev --info => HOT_RESET_INFO ANY EINVAL
		mem dma-buf bar fd:$dev 0 => REGION_INFO ANY EINVAL
		migration get fd:$dev => FEATURE_PROBE ANY EINVAL
		migration set fd:$dev stop => MIGRATION_SET_STATE ANY EINVAL
		dma-log start fd:$dev 0-0xfff => DMA_LOGGING_START ANY EINVAL
		dma-log report fd:$dev 0 4K => DMA_LOGGING_REPORT ANY EINVAL
		dma-log stop fd:$dev => FEATURE_PROBE ANY EINVAL
		low-power fd:$dev on => LOW_POWER_ENTRY ANY EINVAL
		low-power fd:$dev off => FEATURE_PROBE ANY EINVAL
		ioas alloc
		attach fd:$dev 1 --pasid 5 => ATTACH_PASID ANY EINVAL
		detach fd:$dev --pasid 5 => DETACH_PASID ANY EINVAL
		exec -- ask irq $dev 0 + wakeup $dev 0 + region $null 0 + irq $null 0
		=> IRQ_INFO ANY EINVAL, LOW_POWER_WAKEUP ANY EINVAL, REGION_INFO ANY ENOTTY, IRQ_INFO ANY ENOTTY
	END
}

@test "resets, regions and interrupts" {
	explains_each <<-END
		bind $EDU --name edu
		bind $MTTY --name tty
		reset edu => RESET ANY EINVAL
		hot-reset edu => HOT_RESET ANY ENODEV
		hot-reset tty => HOT_RESET EMUL ENOTTY
		hot-reset edu --info => HOT_RESET_INFO ANY ENODEV
		hot-reset tty --info => HOT_RESET_INFO EMUL ENOTTY
		mem dma-buf bar edu 99 => REGION_INFO ANY EINVAL
		low-power edu on
		low-power edu on => LOW_POWER_ENTRY ANY EINVAL
		low-power tty on => FEATURE_PROBE ANY ENOTTY
		exec -- ask hot-reset {fd:tty} + hot-reset-info {fd:tty} 8 + irq {fd:edu} 99 + wakeup {fd:edu} 999 + wakeup {fd:edu} 0 + irq-eventfd {fd:edu} 4 0
		=> HOT_RESET ANY ENOTTY, HOT_RESET_INFO ANY ENOTTY, IRQ_INFO ANY EINVAL, LOW_POWER_WAKEUP ANY EBADF, LOW_POWER_WAKEUP ANY EINVAL, IRQ_SET ANY EINVAL
	END
	explains_each fdtool nnp-deny-ioctl 0x3b6f -- <<-END
		bind $MTTY --name tty
		reset tty => RESET ANY ENOTTY
	END
	requires group
	explains_each <<-END
		bind $GROUP_A --name one
		exec -- ask hot-reset-info {fd:one} 0 => HOT_RESET_INFO ANY ENOSPC
	END
}

# The state of an mtty outlives the fd. What it had begun to load does not: the next change of its state would kill the kernel.
@test "migration" {
	explains_each <<-END
		bind $EDU --name edu
		bind $MTTY --name tty
		reset tty
		migration get edu => MIGRATION_STATE ANY ENOTTY
		migration set edu stop => MIGRATION_SET_STATE ANY ENOTTY
		migration set tty error => MIGRATION_SET_STATE ANY EINVAL
		exec -- ask migration-flags {fd:edu} + data-size {fd:edu} => MIGRATION_FLAGS ANY ENOTTY, MIGRATION_DATA_SIZE ANY ENOTTY
		exec -- ask precopy {fd:tty} 6 2 + precopy {fd:tty} 4 4 => MIGRATION_PRECOPY ANY EINVAL, MIGRATION_PRECOPY ANY ENOTTY
		reset tty
	END
	explains_each "${limited[@]}" 5 -- <<-END
		bind $MTTY --name tty
		migration set tty stop-copy => ANY_OP ANY EMFILE
		reset tty
	END
}

@test "logging of DMA" {
	explains_each <<-END
		bind $EDU --name edu
		bind $MTTY --name tty
		dma-log start edu 0-0xfff => DMA_LOGGING_START ANY ENOTTY
		dma-log report edu 0 4K => FEATURE_PROBE ANY ENOTTY
		dma-log stop edu => FEATURE_PROBE ANY ENOTTY
		dma-log start tty => DMA_LOGGING_START ANY EINVAL
		dma-log start tty 0-0x1fff 0x1000-0x2fff => DMA_LOGGING_START ANY EINVAL
		dma-log start tty 0x100-0x1ff => DMA_LOGGING_START ANY EINVAL
		dma-log start tty 0xfffffffffffff000-0xffffffffffffffff => DMA_LOGGING_START ANY EOVERFLOW
		dma-log report tty 0 4K --page 2048 => DMA_LOGGING_REPORT ANY EINVAL
		exec -- ask dma-log {fd:tty} 257 + dma-report {fd:tty} 0xfffffffffffff000 0x2000
		=> DMA_LOGGING_START ANY E2BIG, DMA_LOGGING_REPORT ANY EOVERFLOW
	END
}

@test "a token or a PASID where there is none" {
	explains_each <<-END
		bind $EDU --token $TOKEN => BIND_TOKEN PHYS EINVAL
		bind $MTTY --token $TOKEN => BIND_TOKEN ANY EINVAL
		bind $EDU --name edu
		bind $MTTY --name tty
		ioas alloc --name a
		attach edu a --pasid 5 => ATTACH_PASID ANY EINVAL
	END
	batch <<<"bind $MTTY --name tty"$'\ndetach tty --pasid 5'
	if [[ $stderr == *EINVAL* ]]; then # Linux 6.12
		explains 1 DETACH_PASID ANY EINVAL
		return
	fi
	explains 3 DETACH_PASID EMUL EOPNOTSUPP
	keep_cdev "$EDU"
	explains_each <<-END
		exec -- ask bind-token $dev {fd:iommufd} => BIND_TOKEN ANY EFAULT
		bind $EDU --name edu
		bind $MTTY --name tty
		ioas alloc --name a
		attach tty a --pasid 5 => ATTACH_PASID EMUL EOPNOTSUPP
		attach edu $NOWHERE --pasid 5 => ATTACH PHYS ENOENT
		exec -- ask attach-pasid {fd:tty} 3 5 + detach-pasid {fd:tty} 5 + attach-pasid {fd:edu} 3 0x80000000
		=> ATTACH_PASID ANY EOPNOTSUPP, DETACH_PASID ANY EOPNOTSUPP, ATTACH_PASID ANY ENOSPC
	END
}

@test "a virtual function" {
	take_pf
	keep_iommufd
	keep_cdev "$NVME"
	ctl --iommufd "fd:$io" bind "fd:$dev" --token "$TOKEN"
	expect_ok 1
	make_vf
	explains_each <<-END
		bind $VF => BIND PHYS EACCES
		bind $VF --token $OTHER => BIND_TOKEN ANY EACCES
	END
}

@test "a BAR as memory" {
	local line='mem dma-buf bar edu 0'
	batch <<<"bind $EDU --name edu"$'\n'"$line"
	if [[ $status != 0 ]]; then
		explains 3 DMA_BUF ANY ENOTTY
		return
	fi
	explains_each <<-END
		bind $EDU --name edu
		$line --length 100 => DMA_BUF ANY EINVAL
		$line --offset 1M --length 4K => DMA_BUF ANY EINVAL
		mem dma-buf bar edu 7 => DMA_BUF ANY ENODEV
	END
	explains_each "${limited[@]}" 5 -- <<<"bind $EDU --name edu"$'\n'"$line => ANY_OP ANY EMFILE"
}

@test "every row that is marked was produced" {
	requires group
	case $(kernel_release) in 7.*) requires sriov ;; esac
	marked_rows_were_produced
}
