#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# reset and hot-reset ask whoever types at a terminal, and nobody else.

# shellcheck disable=SC2154 # set by helpers.bash
load helpers
load sessions

# typed ANSWER WORD...: the tool on a terminal, where ANSWER is typed. What the terminal shows is in $output.
typed() {
	local answer=$1
	shift
	try script -qec "iommufdctl $*" /dev/null < <(printf '%s' "$answer"; sleep 0.5)
	output=${output//$'\r'/}
}

teardown() {
	iommufdctl session stop --force >/dev/null 2>&1 || :
}

question='[y/N]'

@test "hot-reset in a session: the devices are shown, and then it asks" {
	requires iommufd group
	iommufdctl session start >/dev/null
	iommufdctl bind "$GROUP_A" --name one
	typed $'y\n' hot-reset one
	expect_status 0
	[[ $output == *"$GROUP_A  1 "*"$GROUP_B  -   yes"*$'\nReset all of these? '*"$question"* ]]
	typed $'YES\n' hot-reset one
	expect_status 0
	typed $'y\n' hot-reset one --json
	expect_status 0
	[[ $output == *"$question "*'{"version":1}'* ]] # the terminal shows the answer before or behind the question
}

@test "any other answer is no, and nothing is reset" {
	requires iommufd group
	local answer
	iommufdctl session start >/dev/null
	iommufdctl bind "$GROUP_A" --name one
	for answer in $'n\n' $'\n' $'yesterday\n' $'yy\n' $'\x04'; do
		typed "$answer" hot-reset one
		expect_status 1
		expect_out_has "$question" 'not done: the answer was not yes'
		typed "$answer" reset one
		expect_status 1
		expect_out_has 'Reset one? ' 'not done: the answer was not yes'
	done
}

@test "reset asks, in a session and on inherited fds" {
	requires iommufd emulated
	local io dev
	iommufdctl session start >/dev/null
	iommufdctl bind "$MTTY" --name tty
	typed $'y\n' reset tty
	expect_status 0
	expect_out_has 'Reset tty? '
	iommufdctl session stop --force >/dev/null
	exec {io}<>/dev/iommu {dev}<>"/dev/vfio/devices/$(cdev "$MTTY")"
	iommufdctl --iommufd "fd:$io" bind "fd:$dev"
	typed $'n\n' "--iommufd fd:$io reset fd:$dev"
	expect_status 1
	expect_out_has "Reset fd:$dev? "
	typed $'y\n' "--iommufd fd:$io reset fd:$dev"
	expect_status 0
	exec {io}>&- {dev}>&-
	until_true iommufdctl --once bind "$MTTY" # whoever typed has them open for a while
}

@test "--yes, --info, a script and a batch are not asked" {
	requires iommufd emulated group
	iommufdctl session start >/dev/null
	iommufdctl bind "$MTTY" --name tty
	iommufdctl bind "$GROUP_A" --name one
	typed '' reset tty --yes
	expect_ok
	[[ ! $output ]]
	typed '' hot-reset one --yes
	expect_ok
	[[ ! $output ]]
	typed '' hot-reset one --info
	[[ $output == ADDRESS* && $output != *"$question"* ]]
	echo 'reset tty' >"$BATS_TEST_TMPDIR/file"
	typed '' -s default batch "$BATS_TEST_TMPDIR/file"
	expect_ok
	[[ ! $output ]]
	try iommufdctl reset tty </dev/null
	expect_ok
	try iommufdctl hot-reset one < <(:)
	expect_ok
}
