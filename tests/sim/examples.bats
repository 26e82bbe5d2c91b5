#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The example of each verb, as 'help VERB' prints it, works as it is typed. Before it comes what its names stand for.

load helpers

# What does not work here, and what is said then. The simulator has no Tegra241, whose hardware queues these are; and
# the others are for programs that speak to a session themselves, which is tested in session-request.bats.
declare -gA left_out=(
	['hw-queue alloc']=EOPNOTSUPP
	[monitor]='it ends by a signal'
	['session take']='for programs'
	['session confirm']='for programs'
	['session keep']='for programs'
)

verbs() {
	iommufdctl help --json | jq -r '.verbs[].verb'
}

# example VERB: its line
example() {
	# shellcheck disable=SC2086 # two words
	iommufdctl help $1 | sed '1,/^Example:$/d; s/^  //'
}

# In a session with the device nic, where that is not said to be another one.
session() {
	echo 'iommufdctl session start'
	echo "iommufdctl bind ${1:-0000:00:04.0} --name nic"
}

# A space with memory in it
space() {
	echo 'iommufdctl ioas alloc --name guest'
	echo 'iommufdctl mem create ram 1M'
	echo 'iommufdctl ioas map guest ram --iova 1M'
}

attached() {
	echo 'iommufdctl attach nic guest'
}

guest_iommu() {
	session 0000:01:00.0
	space
	echo 'iommufdctl hwpt alloc nic guest --nest-parent --name parent'
	[[ $1 == viommu ]] || echo 'iommufdctl viommu alloc nic parent arm-smmuv3 --name viommu'
}

# before VERB: what makes its example possible
before() {
	case $1 in
	list | doctor | wait | help | features | claim | batch | exec | 'session start' | 'session list') ;;
	release) example claim ;;
	'session stop') echo 'iommufdctl session start lab' ;;
	bind) echo 'iommufdctl session start' ;;
	claim | release)
		echo 'rm -rf root; mkdir -p root/run; export IOMMUFD_ROOT=$PWD/root'
		[[ $1 == claim ]] || example claim
		;;
	'ioas alloc' | 'mem create' | option* | vfio-ioas*)
		echo 'iommufdctl session start'
		[[ $1 != @(option set|vfio-ioas*) ]] || space
		[[ $1 != 'vfio-ioas get' ]] || echo 'iommufdctl vfio-ioas set guest'
		;;
	reset | migration* | dma-log*)
		session "$MTTY"
		[[ $1 != 'migration load' ]] || echo 'iommufdctl migration save nic >state'
		[[ $1 != dma-log\ @(report|stop) ]] || example 'dma-log start'
		;;
	hot-reset) session 0000:02:00.0; echo 'iommufdctl bind 0000:02:00.1' ;;
	'ioas map') session; echo 'iommufdctl ioas alloc --name guest; iommufdctl mem create ram 1M' ;;
	'mem destroy') session; echo 'iommufdctl mem create ram 1M' ;;
	destroy) session; echo 'iommufdctl ioas alloc --name guest' ;;
	attach) session; space ;;
	'ioas copy' | replace) session; space; attached; echo 'iommufdctl ioas alloc --name other' ;;
	'hwpt alloc') session 0000:01:00.0; space ;;
	'hwpt dirty') session 0000:01:00.0; space; echo "$(example 'hwpt alloc'); iommufdctl attach nic tracked; iommufdctl hwpt dirty on tracked" ;;
	viommu* | vdevice* | veventq* | hw-queue* | 'hwpt invalidate')
		guest_iommu "${1%% *}"
		[[ $1 != 'veventq read' ]] || example 'veventq alloc'
		;;
	fault*) session; [[ $1 == 'fault alloc' ]] || example 'fault alloc' ;;
	*) session; space; attached ;;
	esac
}

# A machine with what it needs.
machine_of() {
	case $1 in
	hwpt* | viommu* | vdevice* | veventq* | hw-queue*) echo --topology "$BATS_TEST_DIRNAME/../../examples/topologies/smmuv3.json" ;;
	esac
}

works() {
	local options
	read -ra options < <(machine_of "$1") || :
	mkdir -p "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work"
	head -c 64 /dev/zero >file
	head -c 16 /dev/zero >entries
	echo 'ioas alloc' >setup.batch
	{
		echo 'set -euo pipefail'
		echo '{ :'
		before "$1"
		echo '} >before'
		example "$1"
		# Not after an error: what is left ends with the machine.
		echo 'while iommufdctl session stop --force 2>/dev/null; do :; done'
	} >script
	sim_alone "${options[@]}" -- bash script
	# Who is root of a namespace alone is told that he may not see all.
	stderr=$(grep -v 'is only shown to root$' <<<"$stderr" || :)
	expect_silence || { cat script; return 1; }
}

@test "each verb has an example that works, or a reason" {
	local verb count=0 wrong=()
	while read -r verb; do
		[[ $(example "$verb") == "iommufdctl $verb"* ]] || { echo "no example of $verb"; return 1; }
		[[ ! ${left_out[$verb]-} ]] || continue
		works "$verb" || wrong+=("$verb")
		count=$((count + 1))
	done < <(verbs)
	((!${#wrong[@]})) || { printf 'does not work: %s\n' "${wrong[@]}"; return 1; }
	((count >= 50)) || { echo "only $count"; return 1; }
}

@test "what is left out is a verb, and does not work" {
	local verb rc
	for verb in "${!left_out[@]}"; do
		grep -qx "$verb" < <(verbs)
		[[ $verb != monitor ]] || continue
		rc=0
		works "$verb" >/dev/null || rc=$?
		((rc)) || { echo "it works: $verb"; return 1; }
		expect_err_has "${left_out[$verb]}"
	done
}
