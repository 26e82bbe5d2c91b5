#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# A virtual function whose physical one is driven by vfio-pci, too: the token that its bind needs.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions
load vf
load hints

setup() {
	sessions_setup
	take_pf
}

teardown() {
	drop_vfs
	sessions_teardown
	release_pf
}

@test "the token that its physical function was bound with opens a virtual function" {
	start pf
	ctl -s pf bind "$NVME" --token "$TOKEN" --name pf
	expect_ok 1
	make_vf

	ctl --once bind "$VF"
	explained "a virtual function, or a physical one whose virtual ones are in use, needs the token (EACCES)"
	ctl --once bind "$VF" --token "$OTHER"
	explained "the token is not the one that the physical function was bound with, or it has none (EACCES)"

	batch <<-END
		bind $VF --token $TOKEN --name vf
		ioas alloc --name a
		attach vf a
		mem create ram 64K
		ioas map a ram --iova 0x100000
		detach vf
	END
	expect_ok 1 2 3 0x100000
	batch <<<"bind $VF --token ${TOKEN^^}"
	expect_ok 1
}

# One refusal, and what to do.
explained() {
	expect_status 1
	expect_err_has "bind: '$VF': $1"
	find_hint '{iommufdctl bind % --token UUID}, and this one with the same UUID: whichever the physical function was bound with'
	[[ $command == "iommufdctl bind $NVME --token UUID" ]]
}
