#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 150
#
# The kernel runs out of memory: each allocation that an ioctl makes is failed in turn. The verb says so in one line, and the
# context is what it was.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

DEBUGFS=/sys/kernel/debug

setup() {
	requires iommufd edu emulated root
	[[ -e $DEBUGFS/failslab && -e /proc/self/fail-nth ]] || skip "no CONFIG_FAILSLAB"
	# Allocations that may wait are failed, too. What fails is not told in the kernel's log.
	echo N >$DEBUGFS/failslab/ignore-gfp-wait
	for file in "$DEBUGFS"/fail*/verbose; do echo 0 >"$file"; done
	export FAIL_REPORT=$BATS_TEST_TMPDIR/report
}

# fails REQUEST TIMES LINE [PRELUDE...]: the line's ioctl of this number, which is the TIMES-th of the batch.
fails() {
	local request=$1 times=$2 line=$3 n before after
	local prelude
	prelude=$(printf '%s\n' "${@:4}")
	for ((n = 1; n < 200; n++)); do
		: >"$FAIL_REPORT"
		try env LD_PRELOAD="$BUILD/tests/fake/fail-nth.so" FAIL_REQUEST="$request" FAIL_TIMES="$times" FAIL_NTH=$n \
			iommufdctl batch --keep-going - <<<"$prelude"$'\nshow --json\n'"$line"$'\nshow --json'
		case $(<"$FAIL_REPORT") in
		unreached)
			expect_silence || return
			((n > 1)) || wrong "no allocation to fail"
			return
			;;
		failed) ;;
		*) wrong "the ioctl was not made" || return ;;
		esac
		# An allocation that the kernel can do without may fail for nothing.
		[[ $status != 0 ]] || continue
		expect_status 4 || return
		[[ $(grep -vc '^hint: ' <<<"$stderr") == 1 ]] || wrong "expected one error" || return
		before=$(grep '^{"version":1,"devices"' <<<"$output" | head -n 1)
		after=$(grep '^{"version":1,"devices"' <<<"$output" | tail -n 1)
		[[ $before == "$after" ]] || wrong "the context changed: allocation $n" || return
	done
	wrong "more than $n allocations"
}

base=("ioas alloc --name a" "ioas alloc --name b" "mem create ram 64K")
bound=("bind $EDU --name edu" "bind $MTTY --name tty" "${base[@]}")
map_request() { has map-file && echo 0x3b8f || echo 0x3b85; }

@test "ioas alloc" { fails 0x3b81 1 'ioas alloc'; }
@test "ioas map" { fails "$(map_request)" 1 'ioas map a ram --iova 0x100000' "${base[@]}"; }
@test "ioas copy" { fails 0x3b83 1 'ioas copy b a 0x100000 64K --iova 0x200000' "${base[@]}" 'ioas map a ram --iova 0x100000'; }
@test "ioas allow" { fails 0x3b82 1 'ioas allow a 0x100000-0x1fffff' "${base[@]}"; }
# Not of a physical device: to enable it the kernel interprets ACPI code, which does not survive a lack of memory (seen on 7.2.13).
@test "bind (emulated)" { fails 0x3b76 1 "bind $MTTY" "${base[@]}"; }
@test "attach (physical)" { fails 0x3b77 1 'attach edu a' "${bound[@]}" 'ioas map a ram --iova 0x100000'; }
@test "attach (emulated)" { fails 0x3b77 1 'attach tty a' "${bound[@]}" 'ioas map a ram --iova 0x100000'; }
@test "replace (physical)" {
	fails 0x3b77 2 'replace edu b' "${bound[@]}" 'ioas map a ram --iova 0x100000' 'ioas map b ram --iova 0x100000' 'attach edu a'
}
@test "ioas map under a device" { fails "$(map_request)" 1 'ioas map a ram --iova 0x100000' "${bound[@]}" 'attach edu a'; }
@test "hwpt alloc" { fails 0x3b89 1 'hwpt alloc edu a' "${bound[@]}"; }
@test "fault alloc" { requires feature:fault-alloc && fails 0x3b8e 1 'fault alloc'; }
