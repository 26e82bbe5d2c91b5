# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set here is used in the tests; what is used was set by helpers.bash
#
# What the tests of hints share, beside helpers.bash. A hint is written as tests/hints reads it from the sources: "%" stands
# for what the tool fills in, the command to be followed stands in braces. In a test:
#
#   works PATTERN                   the last run gave this hint, and its command works
#   leads_on PATTERN WORD...        these words fail; the hint's command works, and what failed does not give that hint again
#   fill=(SIZE 64K)                 what the user, and not the tool, has to fill in
#   here PATTERN                    as works, but in this shell: it opens files, or sets a limit

fill=()

# find_hint PATTERN: sets command. A "%" at the end is the rest of the line. The program's name may have the options
# behind it that choose the context.
find_hint() {
	local hints pattern=${1//iommufdctl /@} character regex='' groups=0 nth=0 i
	hints=$(grep '^hint: ' <<<"$stderr")
	for ((i = 0; i < ${#pattern}; i++)); do
		character=${pattern:i:1}
		case $character in
		%) regex+=$'[^\n]*' ;;
		@) regex+='iommufdctl( -s [a-z]+| --iommufd fd:[0-9]+)? ' groups=$((groups + 1)) ;;
		'{') regex+='(' groups=$((groups + 1)) nth=$groups ;;
		'}') regex+=')' ;;
		[][\\.^\$*+?\(\)\|]) regex+=\\$character ;;
		*) regex+=$character ;;
		esac
	done
	command=''
	[[ $hints =~ $regex ]] || return
	command=${BASH_REMATCH[nth]}
	for ((i = 0; i < ${#fill[@]}; i += 2)); do
		command=${command/"${fill[i]}"/"${fill[i + 1]}"}
	done
}

# What it says on stderr is no failure: fuser prints headings there.
works() {
	find_hint "$1" || wrong "expected a hint: $1" || return
	try bash -ec "$command"
	expect_status 0
}

here() {
	find_hint "$1" || wrong "expected a hint: $1" || return
	eval "$command"
}

leads_on() {
	ctl "${@:2}"
	((status)) || wrong "expected to fail" || return
	works "$1" || return
	ctl "${@:2}"
	! find_hint "$1" || wrong "the same hint came again"
}
