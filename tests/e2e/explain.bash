# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set here is used in the tests; what is used was set by helpers.bash
#
# What the tests of explanations share, beside helpers.bash. The rows of lib/explain-PART.c are produced in the file whose
# name ends in explain-PART.bats: on the running kernel, by the device that each is for. A row is OP KIND ERRNO, as it is
# in the table. In a test:
#
#   explains CODE ROW [SENTENCE]    the last run ended with CODE, and its one error is the sentence of this row, SENTENCE
#   explains_each [CMD...] <<END    a batch of lines COMMAND, or COMMAND => ROW[, ROW]... (or => ROW... in the next line):
#                                   each of these fails like that, and nothing else fails; run by CMD
#   "${limited[@]}" N -- CMD        runs it with fds below N, of which it is given the first three
#   keep_iommufd, keep_cdev DEV     what this shell keeps, as $io and $dev
#   marked_rows_were_produced       the last test: what the table says of this kernel is what the others have seen

# The table speaks where no fact of the machine does: of processes none are seen here.
export IOMMUFD_PROC=/nowhere

PART=${BATS_TEST_FILENAME##*explain-}
PART=${PART%.bats}
declare -gA sentences
limited=(fdtool closed '3,4,5,6,7,8,9' -- fdtool limit-nofile)

# Of a part of the table: OP KIND EVIDENCE ERRNO SENTENCE, one a line.
rows_of() {
	tr -s '\n\t' ' ' <"$1" | grep -oE '\{ (OP\(\w+\)|ANY_OP), \w+, \w+, \w+, "[^"]*"' |
		sed -E 's/^\{ (OP\()?(\w+)\)?, (\w+), (\w+), (\w+), "(.*)"$/\2 \3 \4 \5 \6/'
}

setup_file() {
	local lib=$BATS_TEST_DIRNAME/../../lib file
	for file in "$lib"/explain-*.c; do rows_of "$file"; done >"$BATS_FILE_TMPDIR/table"
	rows_of "$lib/explain-$PART.c" >"$BATS_FILE_TMPDIR/part"
}

load_table() {
	local op kind _ error sentence
	while read -r op kind _ error sentence; do
		sentences[$op $kind $error]=$sentence
	done <"$BATS_FILE_TMPDIR/table"
}

# produced OP KIND ERRNO: a filter of system calls answers with ENOTTY alone.
produced() {
	local by=SEEN
	[[ $3 != ENOTTY || $ran != *nnp-deny-ioctl* ]] || by=FILTER
	echo "$by $*" >>"$BATS_FILE_TMPDIR/produced"
}

# The errors of the last run, but for what follows from them.
errors_of() {
	grep -vE "^hint: |: exec: '.*': ended with [0-9]+$|: [0-9]+ of [0-9]+ entries were handled$" <<<"$stderr"
}

explains() {
	local errors
	((${#sentences[@]})) || load_table
	expect_status "$1" || return
	errors=$(errors_of) || true
	[[ $errors == *": ${sentences[$2 $3 $4]-no such row} ($4)" && $errors != *$'\n'* ]] ||
		wrong "expected one error, of the row $2 $3 $4: ${sentences[$2 $3 $4]-}" || return
	[[ ${5-} == "" || ${sentences[$2 $3 $4]} == "$5" ]] || wrong "the sentence of $2 $3 $4 is: $5" || return
	produced "$2" "$3" "$4"
}

explains_each() {
	local line text='' n=0 i=0 part parts=() rows=() errors=()
	((${#sentences[@]})) || load_table
	while IFS= read -r line; do
		[[ $line == '=> '* ]] || { ((++n)); text+=${line%% => *}$'\n'; }
		[[ " $line" == *' => '* ]] || continue
		IFS=, read -ra parts <<<"${line##*=> }"
		for part in "${parts[@]}"; do rows+=("$n ${part# }"); done
	done
	try "$@" iommufdctl batch --keep-going - <<<"$text"
	expect_status $((${#rows[@]} ? 4 : 0)) || return
	mapfile -t errors < <(errors_of)
	for ((i = 0; i < ${#rows[@]}; i++)); do
		read -r n line <<<"${rows[i]}"
		part=": ${sentences[$line]-no such row} (${line##* })"
		[[ ${errors[i]-} == @("<stdin>:$n: "*|ask: *)"$part" ]] || wrong "expected as error $((i + 1)), of line $n$part" || return
		# shellcheck disable=SC2086 # three words
		produced $line
	done
	((i == ${#errors[@]})) || wrong "not expected: ${errors[i]}"
}

keep_iommufd() {
	exec {io}<>/dev/iommu
}

keep_cdev() {
	exec {dev}<>"/dev/vfio/devices/$(cdev "$1")"
}

marked_rows_were_produced() {
	local kernel
	requires kernel 'what is marked is what real ones have said'
	case $(kernel_release) in
	6.12.*) kernel=SEEN_6_12 ;;
	7.2.*) kernel=SEEN_7_2 ;;
	*) skip "the table says nothing of this kernel" ;;
	esac
	! grep -q '^Seccomp:[[:space:]]*[12]' /proc/self/status || skip "the kernel is filtered as if it were an older one"
	awk -v kernel=$kernel '$3 == "SEEN" || $3 == kernel { print "SEEN", $1, $2, $4 } $3 == "FILTER" { print $3, $1, $2, $4 }' \
		"$BATS_FILE_TMPDIR/part" | sort >"$BATS_TEST_TMPDIR/marked"
	# What is said of another part is compared there.
	awk 'NR == FNR { part[$1 " " $2 " " $4]; next } $2 " " $3 " " $4 in part' "$BATS_FILE_TMPDIR/part" \
		"$BATS_FILE_TMPDIR/produced" | sort -u >"$BATS_TEST_TMPDIR/produced"
	run -0 comm -3 "$BATS_TEST_TMPDIR/marked" "$BATS_TEST_TMPDIR/produced"
	[[ ! $output ]] || wrong "marked, but not produced (left); produced, but not marked (right)"
}
