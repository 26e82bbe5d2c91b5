#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completions of what there is, asked of the tool itself: completions/test knows all shells, but has a tool of its own.

load helpers

# As a shell that somebody types in: it does not end at the first failure.
typing() {
	sim_alone -- bash -c "$(cat)"
}

@test "devices, names and ids of a session, and sessions, while one is typing" {
	typing <<-'END'
		source "$BUILD/completions/iommufdctl.bash"
		words() {
			COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_WORDBREAKS=$' \t\n'
			_iommufdctl
			echo "${COMPREPLY[*]}"
		}
		words iommufdctl bind vfio
		words iommufdctl bind 0000:00:04
		iommufdctl session start lab
		export IOMMUFDCTL_SESSION=lab
		iommufdctl bind 0000:00:04.0 --name nic >/dev/null
		iommufdctl ioas alloc --name guest >/dev/null
		iommufdctl hwpt alloc nic guest --name table >/dev/null
		iommufdctl mem create ram 1M
		iommufdctl fault alloc --name faults >/dev/null
		words iommufdctl attach ''
		words iommufdctl attach nic ''
		unset IOMMUFDCTL_SESSION
		words iommufdctl -s lab ioas map ''
		words iommufdctl -s lab ioas map guest ''
		words iommufdctl -s lab hwpt alloc nic guest --fault=''
		words iommufdctl -s ''
		words iommufdctl session stop ''
		iommufdctl session stop lab --force
		words iommufdctl session stop ''
		words iommufdctl claim 0000:03
		words iommufdctl release ''
		iommufdctl claim 0000:03:00.0 >/dev/null
		words iommufdctl release ''
		iommufdctl release --all >/dev/null
	END
	expect_ok 'vfio0 vfio1 vfio2 vfio3 vfio4 vfio5' 0000:00:04.0 'nic vfio1 0000:00:04.0' 'guest 2 table 3' 'guest 2' ram \
		'--fault=faults --fault=4' lab lab '' \
		0000:03:00.0 '' 0000:03:00.0
}

@test "what may be claimed are the functions that VFIO does not have" {
	script <<-'END'
		sh completions/live.sh claimable
		sh completions/live.sh claimed
	END
	expect_silence
	expect_out_has 0000:01:00.0
	[[ $output != *0000:00:04.0* ]] || wrong "VFIO has this one"
}
