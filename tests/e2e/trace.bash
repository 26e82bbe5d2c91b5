# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Two things that bats does slowly in emulation, done faster. Another bats than Debian's may not know these names:
# it then does them its own way.

# ---- where a test failed -------------------------------------------------------------------------

# Before each command of a test bats works out the whole call stack, because older shells do not know it any more
# when a command has failed. That takes a hundred times as long as most commands. Bash 5 knows it.
noted='' # LINES|FUNCTIONS|FILES of the command that failed, the innermost first

# bats calls it before each command: never again.
bats_debug_trap() {
	trap - DEBUG
}

# bats calls it when a command has failed.
bats_error_trap() {
	bats_check_status_from_trap # takes the status, so it comes first
	noted="${BASH_LINENO[*]}|${FUNCNAME[*]:1}|${BASH_SOURCE[*]:1}"
}

# bats_get_failure_stack_trace NAME: set that array to "LINE FUNCTION FILE" of each call, up to the test itself.
bats_get_failure_stack_trace() {
	local -n trace_of_failure=$1
	local at numbers functions files i function=${BATS_TEST_NAME-}

	trace_of_failure=()
	# A teardown that fails, or a test that exits, is no command that fails: where its function begins is told.
	if [[ ! $noted ]]; then
		[[ ! ${BATS_TEST_COMPLETED-} ]] || function=teardown
		read -r -a at < <(shopt -s extdebug; declare -F "$function") &&
			trace_of_failure=("${at[1]} ${at[0]} ${at[2]}")
		return 0 # in a trap, no number would be the status that led to it
	fi
	IFS='|' read -r -a at <<<"$noted"
	read -r -a numbers <<<"${at[0]}"
	read -r -a functions <<<"${at[1]}"
	read -r -a files <<<"${at[2]}"
	for i in "${!functions[@]}"; do
		trace_of_failure+=("${numbers[i]} ${functions[i]} ${files[i]}")
		case ${functions[i]} in
		"${BATS_TEST_NAME-}" | setup | teardown | setup_file | teardown_file) break ;;
		esac
	done
}

# ---- the time, before and after each test --------------------------------------------------------

# bats runs date(1) in a process of a process: 0.1 s a test. Bats 1.11 wants the time in a variable, older ones on stdout.
get_mills_since_epoch() {
	local now=$((${EPOCHREALTIME/[.,]/} / 1000))
	if [[ ${1-} ]]; then printf -v "$1" %d "$now"; else echo "$now"; fi
}
