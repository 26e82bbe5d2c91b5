#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a kernel has not, as an older one would have it, whatever runs here: a filter answers ENOTTY to later ioctls.
# 'make check-old' runs all other tests so.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers

setup() {
	requires iommufd
}

# The verb that comes to it. '-': what one ioctl got later, and lacks with it, or what the library alone has.
declare -gA verb_of=(
	[hwpt-set-dirty]='hwpt dirty on 1'
	[hwpt-dirty-bitmap]='hwpt dirty read 1 0 4K'
	[hwpt-invalidate]='hwpt invalidate 1 --type vtd-s1 --entry 8 --data hex:0100000000000000'
	[fault-alloc]='fault alloc'
	[ioas-map-file]='ioas map 1 fd:9'
	[ioas-change-process]='ioas change-process'
	[viommu-alloc]='viommu alloc 1 2 3'
	[vdevice-alloc]='vdevice alloc 1 2 3'
	[veventq-alloc]='veventq alloc 1 2'
	[hw-queue-alloc]='hw-queue alloc 1 2 3 4 5'
	[viommu-data]='-'
	[ioas-noiommu-get-pa]='-'
	[hw-info-type]='hw-info 1 --type tegra241-cmdqv'
)

# lacks VERSION FEATURE...: as this Linux, these are not there. Each verb that needs what is not there says since
# when it is, and nothing comes of it.
lacks() {
	local old=(fdtool as-linux "$1" --) before feature since io
	exec {io}<>/dev/iommu
	iommufdctl --iommufd "fd:$io" ioas alloc
	before=$(iommufdctl --iommufd "fd:$io" show --all --json)
	try "${old[@]}" iommufdctl features
	expect_silence
	for feature in "${@:2}"; do
		[[ $output =~ (^|$'\n')"$feature "\ *no ]] || wrong "$feature should be lacking" || return
	done
	while read -r feature since; do
		[[ ${verb_of[$feature]:-} ]] || wrong "no verb is known for $feature" || return
		[[ ${verb_of[$feature]} != - ]] || continue
		try "${old[@]}" fdtool memfd 4096 -- iommufdctl --iommufd "fd:$io" batch - <<<"${verb_of[$feature]}"
		expect_fail 3 "(needs Linux $since)" || return
		[[ ! $output ]] || wrong 'expected no output' || return
	done < <(sed -nE 's/^([a-z-]+) +no +([0-9.]+)$/\1 \2/p' <<<"$output")
	ctl --iommufd "fd:$io" show --all --json
	expect_ok "$before"
}

later=(ioas-map-file ioas-change-process viommu-alloc vdevice-alloc veventq-alloc hw-queue-alloc)

@test "as Linux 6.6: status 3, and since when" {
	lacks 6.6 hwpt-set-dirty hwpt-dirty-bitmap hwpt-invalidate fault-alloc "${later[@]}"
}

@test "as Linux 6.8: status 3, and since when" {
	lacks 6.8 fault-alloc "${later[@]}"
}

@test "as Linux 6.12: status 3, and since when" {
	lacks 6.12 "${later[@]}"
}
