# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of iommufd-sim(1) for bash: its options, and then what the command completes itself.

_iommufd_sim()
{
	local i word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--topology | --trace | --kernel) ((i++)) ;;
		= | -*) ;;
		*) _iommufd_sim_command "$i"; return ;;
		esac
	done
	[[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}
	[[ $word != = ]] || { before=${COMP_WORDS[COMP_CWORD - 1]} word=''; }
	case $before in
	--kernel) mapfile -t COMPREPLY < <(compgen -W '6.6 6.12 7.2' -- "$word") ;;
	--topology | --trace) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	*)
		if [[ $word == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '--topology --kernel --trace --print-topology --no-mounts --observe
				--help --version' -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
		fi
		;;
	esac
}

# The rest is a command line of its own.
_iommufd_sim_command()
{
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	else
		mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
	fi
}

complete -o bashdefault -o default -F _iommufd_sim iommufd-sim
