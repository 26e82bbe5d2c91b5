# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the simulator share beside tests/e2e/helpers.bash, which says how they are written.

load ../e2e/helpers

PATH=$BUILD/tests/sim:$PATH
topology=''

# sim WORD...: the simulator; insim CMD...: a program in its machine, by default
sim() {
	try iommufd-sim "$@"
}

insim() {
	sim -- "$@"
}

# The same with sessions and claims of its own, whoever else has some here.
sim_alone() {
	# shellcheck disable=SC2016 # it is for the inner shell
	try unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs /run && exec iommufd-sim "$@"' - "$@"
}

# script [OPTION...] <<END: a script of bash in the machine
script() {
	sim "$@" -- bash -euo pipefail -c "$(cat)"
}

# Standard input becomes a topology: $topology
topology() {
	topology=$BATS_TEST_TMPDIR/topology.json
	cat >"$topology"
}

# The same as somebody who is not root, where the tests run as root.
plainly() {
	local as=()
	((EUID)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	try "${as[@]}" "$@"
}

# wrong_topology LINE TEXT: is said of it, and nothing is run
wrong_topology() {
	sim --topology "$topology" -- echo started
	refused 2 "iommufd-sim: $topology:$1: $2"
}
