# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used in the tests
#
# What the tests of sessions share, beside helpers.bash: setup, teardown, and in a test:
#
#   start [NAME] [OPTION...]       session start, which has to succeed
#   holder_pid [NAME]              the holder's pid
#   holder_fds                     how many fds the one called default has
#   for_nobody; "${as_nobody[@]}" CMD...   without privileges, with a directory for sessions of its own

PLACE=/run/iommufdctl

sessions_setup() {
	requires iommufd root setpriv
	if [[ ! -e $BATS_RUN_TMPDIR/sessions-checked ]]; then
		[[ $(iommufdctl session list) != *running* ]] || skip "sessions run on this machine"
		: >"$BATS_RUN_TMPDIR/sessions-checked"
	fi
}

# Whatever a test left: sessions of root and of nobody.
sessions_teardown() {
	local exe line process killed=()
	for exe in /proc/[0-9]*/exe; do
		[[ $exe -ef $BUILD/iommufdctl ]] || continue
		kill -KILL "$(basename "${exe%/exe}")" 2>/dev/null || true
		killed+=("${exe%/exe}")
	done
	# What they had open is closed when they are gone, or wait to be asked for.
	for process in "${killed[@]}"; do
		until ! { read -r line <"$process/stat"; } 2>/dev/null || [[ $line == *') '[ZX]* ]]; do :; done
	done
	rm -rf "$PLACE" /run/session-test
}

setup() {
	sessions_setup
}

teardown() {
	sessions_teardown
}

start() {
	ctl session start "$@"
	expect_ok ""
}

holder_pid() {
	iommufdctl session show --json "$@" | sed -n 's/.*"pid":\([0-9]*\).*/\1/p'
}

# Not those of connections that have just ended.
holder_fds() {
	local pid fds
	pid=$(holder_pid)
	sleep 0.3
	fds=(/proc/"$pid"/fd/*)
	echo ${#fds[@]}
}

# expect_fds N: soon there are as many again.
expect_fds() {
	local now
	for _ in 1 2 3 4 5 6 7 8; do
		now=$(holder_fds)
		((now != $1)) || return 0
	done
	echo "the holder has $now fds, expected $1"
	ls -l "/proc/$(holder_pid)/fd"
	return 1
}

# A user without privileges, and one more. The directory is for_nobody's.
NOBODY=65534
drop=(setpriv --clear-groups --bounding-set=-all --inh-caps=-all)
as_nobody=(env XDG_RUNTIME_DIR=/run/session-test "${drop[@]}" --reuid=$NOBODY --regid=$NOBODY)
as_other=(env XDG_RUNTIME_DIR=/run/session-test "${drop[@]}" --reuid=1 --regid=1)

for_nobody() {
	requires users
	install -d -m 700 -o $NOBODY -g $NOBODY /run/session-test
}
