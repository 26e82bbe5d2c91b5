# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The session of the tests of hints, beside hints.bash: ctl is of the session 'hints', which -s alone names, batch of a
# context of its own.

ctl() {
	try iommufdctl -s hints "$@"
}

batch() {
	try iommufdctl batch "$@" -
}

start() {
	"$@" iommufdctl session start hints 3>&-
}

stop() {
	iommufdctl session stop --force hints 2>/dev/null || true
}
