#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What programs do with pointers, fds, threads and processes: tests/sim/calls.c, a static program.

load helpers

calls() {
	insim calls "$@"
	expect_ok ''
}

@test "pointers that are bad, read-only, or cross a page" { calls pointers; }

@test "a struct that another thread changes during the call" { calls changed; }

@test "fds of nothing, of another kind, of another context" { calls fds; }

@test "an iommufd lives while it is in flight between processes" { calls pass; }

@test "a cdev is bound until its last copy, in any process, and its last mapping are gone" { calls last; }

@test "what a bound cdev needs outlives the iommufd's fd" { calls gone; }

@test "a caller that is not dumpable" { calls undumpable; }

@test "8 threads, and 64" {
	calls threads 8
	calls threads 64
}

@test "a thread maps, and ends" { calls mapped; }

@test "500 processes at once" { calls processes 500; }

@test "callers that are killed in the middle of a call" { calls killed; }

@test "an interrupt fires an event fd" { calls interrupt; }

@test "--observe: what all iommufds hold; without it no ioctl tells" {
	calls unobserved
	plainly iommufd-sim --observe calls held
	expect_ok ''
}

@test "the same as a plain user" {
	local name
	for name in pointers changed fds pass last gone undumpable 'threads 64' mapped 'processes 100' killed interrupt; do
		# shellcheck disable=SC2086 # words are meant
		plainly iommufd-sim calls $name
		expect_ok ''
	done
}

@test "a placeholder is gone after an exec, if it was to be closed then" {
	script <<-'END'
		exec 3<>/dev/iommu
		iommufdctl --iommufd fd:3 ioas alloc
		bash -c 'exec 3>&-; exec 3</dev/null; iommufdctl --iommufd fd:3 ioas alloc || echo refused'
		iommufdctl --iommufd fd:3 ioas alloc
	END
	expect_out 1 refused 2
}
