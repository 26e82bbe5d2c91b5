# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What *fail.bats share: memory runs out, at each point of a command in turn; tests/fake/fail-nth.c does it.
# In a test:
#
#   begin='bind ...'        the commands that prepare
#   end='detach ...'        those that work afterwards, and show what is really there
#   each <<END              commands, each of them in a context of its own
#   none <<END              the same, of commands that allocate nothing: there is nothing to fail
#
# One allocation fails, of the kernel's, in whatever system call, or of the tool's own. Then the command says
# so in one line, and all is as if it had not been there; or it is done, as if nothing had failed.

DEBUGFS=/sys/kernel/debug

fail_setup() {
	local file
	requires iommufd root
	requires kernel 'its allocations fail'
	[[ -e $DEBUGFS/failslab && -e /proc/self/fail-nth ]] || skip "no CONFIG_FAILSLAB"
	# Allocations that may wait are failed, too. What fails is not told in the kernel's log.
	echo N >"$DEBUGFS/failslab/ignore-gfp-wait"
	for file in "$DEBUGFS"/fail*/verbose; do echo 0 >"$file"; done
	begin='' end=''
}

# As many runs as there are allocations.
runs() {
	local -x LD_PRELOAD=$BUILD/tests/fake/fail-nth.so
	TIME_LIMIT=600 try iommufdctl "$@"
}

each() {
	local line
	while read -r line; do
		runs batch --keep-going - <<<"$begin"$'\n# fail\n'"$line"$'\nshow --all --json\n'"$end" || return
		expect_silence || wrong "$line" || return
	done
}

# alone WORD...: as a line of each, but a command of its own. FAIL_PREPARE and FAIL_LOOK: commands that do before each run
# what begin does, and show behind it what is there.
alone() {
	runs "$@"
	expect_silence || wrong "$*"
}

none() {
	FAIL_NONE=1 each
}
