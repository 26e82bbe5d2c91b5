# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set here is used by hints.bash; what is used was set by helpers.bash
#
# What the tests of doctor share, beside helpers.bash and hints.bash. In a test:
#
#   doctor WORD...                       runs 'doctor --json' with these words
#   told_by CMD...                       runs it in another way, with --json
#   session_pid                          of the session of hints-session.bash
#   tells STATE CHECK FACT [MEND]        the last run told this: beginnings of a fact and of its mend, '-': it has none
#   tells_not STATE CHECK                it told nothing of the kind
#   mends PATTERN                        runs the command in a mend, as works in hints.bash does in a hint
#
# The tree of a machine that is made up: make_machine begins one, in which all is well but for what the test changes.
#   put PATH TEXT                        a file of it: sys/..., proc/..., etc/...
#   add ADDRESS DRIVER GROUP             a PCI device; an empty driver or group: none
#   made WORD...                         doctor on that machine
#   mends_made PATTERN                   mends, with /sys and /proc being those of the tree

# A jq for each question would take most of the time in the lab.
doctor() {
	told_by iommufdctl doctor --json "$@"
}

told_by() {
	try "$@"
	told=()
	[[ $output != '{'* ]] || mapfile -t told < <(jq -r '.checks[] | [.state, .check, .mend // "-", .fact] | join("\t")' <<<"$output")
}

session_pid() {
	iommufdctl session show hints --json | jq .sessions[0].pid
}

# count STATE CHECK: how many rows there are
count() {
	local row n=0
	for row in "${told[@]}"; do
		[[ $row != "$1"$'\t'"$2"$'\t'* ]] || n=$((n + 1))
	done
	echo $n
}

tells() {
	local row
	for row in "${told[@]}"; do
		[[ $row == "$1"$'\t'"$2"$'\t'"${4:-}"*$'\t'"$3"* ]] && return
	done
	wrong "expected a check '$2', $1: $3 / ${4:-}"
}

tells_not() {
	[[ $(count "$@") == 0 ]] || wrong "not expected: a check '$2', $1"
}

# What find_hint looks through are the mends.
as_hints() {
	local row
	stderr=''
	for row in "${told[@]}"; do
		row=${row#*$'\t'*$'\t'}
		stderr+="hint: ${row%$'\t'*}"$'\n'
	done
}

mends() {
	as_hints
	works "$1"
}

# ---- machines that are made up -------------------------------------------------------------------

put() {
	mkdir -p "$(dirname "$machine/$1")"
	printf '%s\n' "$2" >"$machine/$1"
}

make_machine() {
	machine=$BATS_TEST_TMPDIR/machine
	mkdir -p "$machine"/sys/{class/iommu/dmar0,bus/pci/drivers/vfio-pci,firmware/acpi/tables} "$machine"/{proc,etc,boot}
	put sys/firmware/acpi/tables/DMAR ''
	put proc/cmdline 'ro intel_iommu=on'
	put proc/interrupts ' 24:  0  IR-PCI-MSI 65536-edge  PCIe PME'
	put proc/devices '511 vfio-dev'
	put sys/class/misc/iommu/dev 10:127
}

add() {
	local sys=$machine/sys device=devices/pci0000:00/$1
	mkdir -p "$sys/$device" "$sys/bus/pci/devices"
	ln -sfn ../../bus/pci "$sys/$device/subsystem"
	ln -sfn "../../../$device" "$sys/bus/pci/devices/$1"
	if [[ ${2:-} ]]; then
		mkdir -p "$sys/bus/pci/drivers/$2"
		ln -sfn "../../../bus/pci/drivers/$2" "$sys/$device/driver"
	fi
	if [[ ${3:-} ]]; then
		mkdir -p "$sys/kernel/iommu_groups/$3/devices"
		ln -sfn "../../../kernel/iommu_groups/$3" "$sys/$device/iommu_group"
		ln -sfn "../../../../$device" "$sys/kernel/iommu_groups/$3/devices/$1"
	fi
}

made() {
	IOMMUFD_SYSFS=$machine/sys IOMMUFD_PROC=$machine/proc IOMMUFD_ROOT=$machine doctor "$@"
}

mends_made() {
	as_hints
	find_hint "$1" || wrong "expected a mend: $1" || return
	command=${command//\/sys\//$machine\/sys\/}
	try bash -ec "$command"
	expect_status 0
}
