# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Where a test failed. Before each command of a test bats works out the whole call stack: that takes a hundred
# times as long as most commands, in the lab half of a run. Here it is only noted, and worked out when a test has
# failed. Another bats than Debian's may not know these names: it then does it its own way.

noted='' # LINES|FUNCTIONS|FILES, the innermost first: of the command that runs...
noted_before='' # ...and of the one before, as bash calls the trap once more for one that fails

# bats calls it before the first command; from the second one on there is no call.
bats_debug_trap() {
	trap '[[ $BASH_SOURCE == */@(bats-core/*|trace.bash) ]] || noted_before=$noted noted="$LINENO ${BASH_LINENO[*]}|${FUNCNAME[*]}|${BASH_SOURCE[*]}"' DEBUG
}

# bats_get_failure_stack_trace NAME: set that array to "LINE FUNCTION FILE" of each call, up to the test itself.
bats_get_failure_stack_trace() {
	local -n trace_of_failure=$1
	local at numbers functions files i

	# In a teardown bash does not call it once more.
	[[ ${BATS_TEST_COMPLETED-} ]] && at=$noted || at=$noted_before
	IFS='|' read -r -a at <<<"$at"
	read -r -a numbers <<<"${at[0]}"
	read -r -a functions <<<"${at[1]}"
	read -r -a files <<<"${at[2]}"
	trace_of_failure=()
	for i in "${!functions[@]}"; do
		trace_of_failure+=("${numbers[i]} ${functions[i]} ${files[i]}")
		case ${functions[i]} in
		"${BATS_TEST_NAME-}" | setup | teardown | setup_file | teardown_file) break ;;
		esac
	done
}
