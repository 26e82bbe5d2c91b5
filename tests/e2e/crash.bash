# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What crash.bats and systemd.bats share: commands that run while the holder is killed, and the record of what
# was acknowledged. The record is a set of lines:
#
#   D NAME STATE IOAS       device          A ID NAME       IOAS
#   M NAME                  memory          P IOAS IOVA MEM     mapping

SESSION=crash
declare -gA record   # line -> 1
declare -gA ids      # name of an IOAS -> id
declare -gA slots    # "IOAS-NAME IOVA" -> memory
doubt='' slot=''    # what the command that was not acknowledged may have changed: a pattern of lines, and a slot

ctl_s() {
	timeout 60 iommufdctl -s "$SESSION" "$@"
}

# The same lines, as the session shows them.
shown() {
	ctl_s show | awk '
		$1 == "ID" && $2 == "NAME" { in_ = "D"; next }
		$1 == "IOAS" && $2 == "NAME" { in_ = "A"; next }
		$1 == "HWPT" { in_ = "-"; next }
		$1 == "MEMORY" || ($1 == "NAME" && $2 == "SIZE") { in_ = "M"; next }
		$1 == "IOAS" && $2 == "IOVA" { in_ = "P"; next }
		!NF { next }
		in_ == "D" { print "D", $2, $7, $9 }
		in_ == "A" { print "A", $1, $2 }
		in_ == "M" { print "M", $1 }
		in_ == "P" { print "P", $1, $2, $4 }'
}

random() { echo $((RANDOM % $1)); }
pick() { local -a from=("$@"); echo "${from[RANDOM % $#]}"; }
set_line() { record[$1]=1; }
clear_lines() { # PATTERN
	local line
	for line in "${!record[@]}"; do
		# shellcheck disable=SC2053 # a pattern is what it is
		[[ $line != $1 ]] || unset "record[$line]"
	done
}

# One command. 0: acknowledged, and recorded; 1: not, the session is down; 2: refused, which no command here is.
counter=0
step() {
	local name id iova memory rc=0
	local -a names=("${!ids[@]}")
	slot=''
	case $(random 7) in
	0 | 1) # a new IOAS
		name=I$((counter++)) doubt="A * $name"
		id=$(ctl_s ioas alloc --name "$name" 2>"$TMP/err") || rc=$?
		((rc)) || { ids[$name]=$id; set_line "A $id $name"; }
		;;
	2) # an IOAS goes
		name=$(pick "${names[@]}")
		[[ $name == I* ]] || return 0
		[[ ! ${record[D mtty attached ${ids[$name]}]-} ]] || return 0
		doubt="[AP] ${ids[$name]} *"
		ctl_s destroy "$name" 2>"$TMP/err" || rc=$?
		((rc)) || {
			clear_lines "A ${ids[$name]} *"
			clear_lines "P ${ids[$name]} *"
			for iova in "${!slots[@]}"; do [[ $iova != "$name "* ]] || unset "slots[$iova]"; done
			unset "ids[$name]"
		}
		;;
	3) # a mapping, or its end
		name=$(pick "${names[@]}") iova=0x$((RANDOM % 8 + 1))00000
		doubt="P ${ids[$name]} $iova *" slot="$name $iova"
		if [[ ${slots[$slot]-} ]]; then
			ctl_s ioas unmap "$name" "$iova" 2>"$TMP/err" || rc=$?
			((rc)) || { unset "slots[$slot]"; clear_lines "P ${ids[$name]} $iova *"; }
		else
			memory=$(pick "${memories[@]}")
			ctl_s ioas map "$name" "$memory" --iova "$iova" >/dev/null 2>"$TMP/err" || rc=$?
			((rc)) || { slots[$slot]=$memory; set_line "P ${ids[$name]} $iova $memory"; }
		fi
		;;
	4) # memory
		name=m$((counter++)) doubt="M $name"
		ctl_s mem create "$name" 64K 2>"$TMP/err" || rc=$?
		((rc)) || { memories+=("$name"); set_line "M $name"; }
		;;
	5) # the emulated device moves
		name=$(pick "${names[@]}") doubt="D mtty *"
		[[ ${record[D mtty detached -]-} ]] && memory=attach || memory=replace
		ctl_s "$memory" mtty "$name" >/dev/null 2>"$TMP/err" || rc=$?
		((rc)) || { clear_lines "D mtty *"; set_line "D mtty attached ${ids[$name]}"; }
		;;
	6) # it is let go and bound again, or detached
		doubt="D mtty *"
		if (($(random 2))); then
			ctl_s detach mtty 2>"$TMP/err" || rc=$?
		else
			ctl_s unbind mtty 2>"$TMP/err" || rc=$?
			if ((rc == 0)); then
				clear_lines "D mtty *"
				ctl_s bind "$MTTY" --name mtty >/dev/null 2>"$TMP/err" || rc=$?
			fi
		fi
		((rc)) || { clear_lines "D mtty *"; set_line "D mtty detached -"; }
		;;
	esac
	if ((rc == 0)); then
		doubt=''
		return 0
	fi
	grep -qE 'the session ended|no session of this name|ECONNRE' "$TMP/err" && return 1
	echo "refused: $(<"$TMP/err")"
	return 2
}

# The record and what the session shows are the same, but for what is in doubt, which is settled by what is shown.
compare() {
	local line wrong=0
	local -A now=()
	while IFS= read -r line; do now[$line]=1; done < <(shown)
	for line in "${!record[@]}"; do
		[[ ${now[$line]-} ]] && continue
		# shellcheck disable=SC2053
		[[ $doubt && $line == $doubt ]] && { unset "record[$line]"; continue; }
		echo "lost: $line (doubt: ${doubt:-none})"
		wrong=1
	done
	for line in "${!now[@]}"; do
		[[ ${record[$line]-} ]] && continue
		# shellcheck disable=SC2053
		[[ $doubt && $line == $doubt ]] && { record[$line]=1; continue; }
		echo "not in the record: $line (doubt: ${doubt:-none})"
		wrong=1
	done
	((!wrong)) || { echo "-- shown:"; shown; return 1; }
	adopt
}

# The names and slots of the record, after it was settled.
adopt() {
	local line
	local -a w
	local -A name_of=()
	ids=() slots=()
	memories=()
	for line in "${!record[@]}"; do
		read -ra w <<<"$line"
		case ${w[0]} in
		A) ids[${w[2]}]=${w[1]} name_of[${w[1]}]=${w[2]} ;;
		M) [[ ${w[1]} == stage ]] || memories+=("${w[1]}") ;;
		esac
	done
	for line in "${!record[@]}"; do
		read -ra w <<<"$line"
		[[ ${w[0]} != P ]] || slots["${name_of[${w[1]}]} ${w[2]}"]=${w[3]}
	done
	# It was killed while it was let go.
	if [[ "${!record[*]}" != *"D mtty "* ]]; then
		ctl_s bind "$MTTY" --name mtty >/dev/null && set_line "D mtty detached -"
	fi
}

# Is the kernel of the same mind about the slot that was in doubt?
check_slot() {
	local name=${slot% *} iova=${slot#* }
	[[ $slot && ${ids[$name]-} ]] || return 0
	if [[ ${slots[$slot]-} ]]; then
		if ctl_s ioas map "$name" "${memories[0]}" --iova "$iova" >/dev/null 2>"$TMP/err"; then
			echo "slot $slot is free in the kernel"
			return 1
		fi
		grep -q EEXIST "$TMP/err" || { cat "$TMP/err"; return 1; }
	else
		if ! ctl_s ioas map "$name" "${memories[0]}" --iova "$iova" >/dev/null; then
			echo "slot $slot is taken in the kernel"
			return 1
		fi
		ctl_s ioas unmap "$name" "$iova"
	fi
}

# DMA through the mapping that was made first lands in the memory that it was made of.
check_dma() { # TEXT
	ctl_s session exec --share -- edu-dma '{fd:edu}' write 0xa000000 "$1" via '{fd:mem:stage}' 0x9000000 || return
	[[ $(ctl_s mem read target 0 ${#1}) == "$1" ]] || { echo "DMA of '$1' landed elsewhere"; return 1; }
}

prepare() {
	local id
	ctl_s bind "$EDU" --name edu >/dev/null
	ctl_s bind "$MTTY" --name mtty >/dev/null
	id=$(ctl_s ioas alloc --name A)
	ctl_s mem create target 1M
	ctl_s mem create stage 64K
	ctl_s ioas map A target --iova 0xa000000 >/dev/null
	ctl_s ioas map A stage --iova 0x9000000 >/dev/null
	ctl_s attach edu A >/dev/null
	ctl_s attach mtty A >/dev/null
	set_line "D edu attached $id"
	set_line "D mtty attached $id"
	set_line "A $id A"
	set_line "M target"
	set_line "M stage"
	set_line "P $id 0xa000000 target"
	set_line "P $id 0x9000000 stage"
	adopt
	compare
	check_dma before
}

# Rounds of commands that the holder's end interrupts. holder: prints its pid; wait_ready N: until the N-th has come up.
crash_rounds() { # COUNT
	local round pid killer rc
	for ((round = 1; round <= $1; round++)); do
		pid=$(holder)
		[[ $pid ]] || { echo "no holder in round $round"; return 1; }
		(sleep "0.$((RANDOM % 9 + 1))$((RANDOM % 10))"; kill -KILL "$pid") 3>&- &
		killer=$!
		rc=0
		while ((rc == 0)) && kill -0 "$killer" 2>/dev/null; do
			step || rc=$?
		done
		wait "$killer"
		((rc < 2)) || return 1
		wait_ready $((round + 1)) || { echo "round $round: it did not come back"; return 1; }
		compare || { echo "round $round"; return 1; }
		check_slot || { echo "round $round"; return 1; }
		session-load --verify "$SESSION" || { echo "round $round: not what the kernel has"; return 1; }
		check_dma "round $round" || { echo "round $round"; return 1; }
		doubt=''
		[[ ! ${CRASH_TRACE-} ]] || echo "# round $round at $SECONDS s" >&3
	done
	echo "# $1 of $1 rounds, ${#record[@]} lines in the record" >&3
}
