#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From Linux 6.19 on.
# A BAR as memory for other devices: its device takes it back, and what is mapped of it then is of no use any more.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load vf

setup() {
	sessions_setup
	requires edu dma-buf
}

teardown() {
	sessions_teardown
	release_pf
}

revoked='of the BARs of' table='IOAS  IOVA      LENGTH   MEMORY  OFFSET  ACCESS'

# The verb says what it has revoked, show marks it, and after WAKE the memory can be mapped anew.
revokes() { # DEVICE COMMAND [WAKE]
	batch <<-END
		bind $1 --name dev
		mem dma-buf bar dev 0
		ioas alloc --name a
		ioas alloc --name b
		ioas map a bar --iova 1M
		ioas map b bar --iova 2M
		ioas map b bar --iova 4M --read
		show a
		$2
		show --json
		${3:-ioas ranges a}
		$2
		${3:-ioas ranges a}
		ioas unmap a 1M
		ioas map a bar --iova 1M
		show a
		ioas unmap a 1M
		unbind dev
	END
	expect_status 0 || return
	expect_err "<stdin>:9: ${2%% *}: 3 mappings of the BARs of 'dev' are revoked: DMA there fails until it is unmapped, and mapped anew; 'iommufdctl show' lists them" || return
	[[ $(grep -c '"access":"revoked"' <<<"$output") == 1 && $(grep -o '"access":"revoked"' <<<"$output" | wc -l) == 3 ]] ||
		wrong 'expected three revoked mappings' || return
	[[ $(grep -c ' rw$' <<<"$output") == 2 ]] || wrong 'expected it to be mapped, twice'
}

@test "low-power revokes what is mapped of a BAR" {
	revokes "$EDU" 'low-power dev on' 'low-power dev off'
}

@test "reset revokes what is mapped of a BAR" {
	drive_nvme
	revokes "$NVME" 'reset dev'
}

@test "hot-reset revokes what is mapped of the BARs of all that share the slot" {
	requires group
	batch <<-END
		bind $GROUP_A --name one
		bind $GROUP_B --name two
		mem dma-buf bar1 one 0
		mem dma-buf bar2 two 0
		ioas alloc --name a
		ioas map a bar1 --iova 1M
		ioas map a bar2 --iova 2M
		hot-reset one
		show a
	END
	expect_status 0
	expect_err "<stdin>:8: hot-reset: 1 mapping of the BARs of 'one' is revoked: DMA there fails until it is unmapped, and mapped anew; 'iommufdctl show' lists them" \
		"<stdin>:8: hot-reset: 1 mapping of the BARs of 'two' is revoked: DMA there fails until it is unmapped, and mapped anew; 'iommufdctl show' lists them"
	[[ $(grep -c ' revoked$' <<<"$output") == 2 ]]
}

@test "unbind revokes what is mapped of a BAR, and nothing can be mapped of it again" {
	batch --keep-going <<-END
		bind $EDU --name dev
		mem dma-buf bar dev 0
		ioas alloc --name a
		ioas map a bar --iova 1M
		unbind dev
		show a
		ioas map a bar --iova 4M
		ioas unmap a 1M
		bind $EDU --name dev
		ioas map a bar --iova 4M
		mem destroy bar
		mem dma-buf bar dev 0
		ioas map a bar --iova 4M
	END
	expect_fail 4 "<stdin>:5: unbind: 1 mapping of the BARs of 'dev' is revoked" \
		"<stdin>:7: ioas map: 'bar': the memory is a device's BAR, and the device sleeps, decodes no memory, or is unbound (ENODEV)" \
		"<stdin>:10: ioas map: 'bar': the memory is a device's BAR"
	expect_out_has ' revoked' 0x400000
	[[ $(grep -c '<stdin>:' <<<"$stderr") == 3 ]]
}

@test "a session that is restarted knows what is revoked, and what is not" {
	start
	ctl bind "$EDU" --name dev
	ctl mem dma-buf bar dev 0
	ctl ioas alloc --name a
	ctl ioas map a bar --iova 1M
	ctl low-power dev on
	expect_status 0
	expect_err_has "1 mapping $revoked"
	ctl low-power dev off
	ctl ioas map a bar --iova 2M
	ctl session restart
	expect_ok ''
	ctl show a
	expect_out_has "$table" revoked rw
	ctl low-power dev on
	expect_err_has "1 mapping $revoked 'dev' is revoked"
}

@test "what is mapped of other memory is not revoked" {
	batch <<-END
		bind $EDU --name dev
		mem create ram 64K
		ioas alloc --name a
		ioas map a ram --iova 1M
		low-power dev on
		low-power dev off
		show a
	END
	expect_silence
	[[ $output == *rw ]]
}

# --- a dma-buf of the caller's -----------------------------------------------------------------------

@test "a dma-buf that the caller has open is mapped" {
	batch <<-END
		bind $EDU --name dev
		mem dma-buf bar dev 0
		ioas alloc --name a
		exec -- iommufdctl --iommufd fd:{fd:iommufd} ioas map 2 fd:{fd:mem:bar} --iova 1M
		exec -- iommufdctl --iommufd fd:{fd:iommufd} ioas map 2 fd:{fd:mem:bar} --iova 4M --offset 4K --length 8K
		ioas unmap a 1M 1M --json
		ioas unmap a 4M 8K --json
		exec -- iommufdctl --iommufd fd:{fd:iommufd} ioas map 2 fd:{fd:mem:bar} --offset 2M
	END
	expect_fail 1 "ioas map: 'fd:" "beyond the memory's 1048576 bytes (EINVAL)"
	expect_out 1 2 0x100000 0x400000 '{"version":1,"length":1048576}' '{"version":1,"length":8192}'
}

@test "a dma-buf that a client sent is the memory that the session has of it" {
	local fds
	start
	ctl bind "$EDU" --name dev
	ctl mem dma-buf bar dev 0
	ctl ioas alloc --name a
	fds=$(holder_fds)
	ctl session exec --share -- iommufdctl -s default ioas map a 'fd:{fd:mem:bar}' --iova 16M
	expect_ok 0x1000000
	expect_fds "$fds"
	ctl session restart
	ctl show --json
	expect_out_has '"memories":[{"name":"bar","size":1048576,"page_size":4096,"mappings":1}]'
	ctl ioas unmap a 16M
	expect_ok ''
	expect_fds "$fds"
}

# A dma-buf that is none of VFIO's is in explain-basic.bats.
