# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used in the tests
#
# What the end-to-end tests share. In a test:
#
#   requires map-file mtty                  skip unless the machine has these
#   requires kernel REASON                  skip in the simulator, which cannot show it for this reason
#   ctl --iommufd fd:$f ioas alloc          run the tool; batch <<END: the same with commands on stdin
#   try CMD...                              run anything else
#   until_true CMD...                       wait for it, up to 10 s
#   expect_ok 1 2                           exit 0, nothing on stderr, these lines on stdout
#   expect_ok_end 1 2                       the same, of which these are the last
#   expect_fail 1 EBUSY 'hint: '            this exit status, these texts on stderr
#   refuses 2 'no such verb' frobnicate     runs the tool: one line of error, hints, and no output
#   expect_status, expect_line, expect_out, expect_out_has, expect_err, expect_err_has, expect_err_match, expect_err_lacks
#
# The environment:
#   BUILD=DIR            what is tested (default: build/ of this tree)
#   DEVICE=BDF           the physical device where it need not be edu (default: EDU)
#   EDU=, NVME=, MTTY=, MDPY=   the devices of the lab
#   STRICT=1             a requirement that is not met is a failure...
#   EXPECTED_SKIPS='mock map-file'   ...but for these
#   SIMULATED=7.2        the devices are of tests/sim/machine, which behaves as this Linux
#   TIME_LIMIT=SECONDS   for one run of the tool (default: 60)

bats_require_minimum_version 1.5.0

load "${BASH_SOURCE[0]%/*}/trace"

BUILD=${BUILD:-$BATS_TEST_DIRNAME/../../build}
[[ $BUILD == /* ]] || BUILD=$PWD/$BUILD
PATH=$BUILD:$BUILD/tests/helpers:$PATH
EDU=${EDU:-0000:00:04.0}
MTTY=${MTTY:-83b8f4f2-509f-382f-3c1e-e6bfe0fa1001}
NVME=${NVME:-0000:03:00.0}
MDPY=${MDPY:-83b8f4f2-509f-382f-3c1e-e6bfe0fa1002}
PHYSICAL=${DEVICE:-$EDU}
NOWHERE=4000000000 # the id of no object
unset IOMMUFDCTL_SESSION IOMMUFD_SYSFS IOMMUFD_PROC IOMMUFD_DEV IOMMUFD_ROOT

MOST_OUTPUT=$((1 << 30)) # bytes, of one run
ran='' status=0 output='' stderr='' lines=() # of the last run

# ---- running -------------------------------------------------------------------------------------

# As bats' run --separate-stderr, but with a time limit and without a process of its own (each costs
# 30 ms in the lab). Sets status, output, lines and stderr. Output with NUL bytes needs a file.
# read -N takes what is there; up to a delimiter bash reads a pipe byte by byte, 0.15 ms each in the lab.
# What has ended before bash (5.2) has come to $! has none, and no status: it begins when it is told to.
try() {
	local pipe child go=$BATS_RUN_TMPDIR/go rc=0

	ran="$*"
	[[ -p $go ]] || mkfifo "$go"
	exec {pipe}< <(read -r <"$go" || :; exec 3>&- 2>"$BATS_TEST_TMPDIR/stderr"; exec "$@")
	child=$!
	echo >"$go"
	IFS= read -r -N "$MOST_OUTPUT" -t "${TIME_LIMIT:-60}" output <&"$pipe" || rc=$?
	if ((rc > 128)); then
		echo "no end after ${TIME_LIMIT:-60} s: $ran"
		kill -KILL "$child"
	fi
	status=0
	wait "$child" || status=$?
	exec {pipe}<&-
	output=${output%$'\n'}
	lines=()
	[[ -z $output ]] || mapfile -t lines <<<"$output"
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
	note_json "$@"
	((rc <= 128))
}

# What the tool printed as JSON, if it did, behind its words: teardown_file() asks the schemas about all of a file at once.
note_json() {
	local line words=" $* "
	[[ $words == *iommufdctl\ * && $'\n'$output == *$'\n{"version":1'* ]] || return 0
	words=${words#*iommufdctl }
	words=${words//[$'\t\n']/ }
	for line in "${lines[@]}"; do
		[[ $line != '{"version":1'*\} ]] || printf '%s\t%s\n' "${words% }" "$line"
	done >>"$BATS_FILE_TMPDIR/json"
}

# violations FILE: what is wrong in such lines, by the schemas
violations() {
	jq -R -r --slurpfile schemas <(cat "$BATS_TEST_DIRNAME"/../../docs/schema/*.json) -f "$BATS_TEST_DIRNAME/../e2e/schema.jq" "$1"
}

teardown_file() {
	[[ -e $BATS_FILE_TMPDIR/json ]] && type -P jq >/dev/null || return 0
	local wrong
	wrong=$(violations "$BATS_FILE_TMPDIR/json")
	[[ ! $wrong ]] || { printf 'JSON that is not as docs/schema has it:\n%s\n' "$wrong"; return 1; }
}

ctl() {
	try iommufdctl "$@"
}

# batch [OPTION...] <<END: commands of one context
batch() {
	ctl batch "$@" -
}

until_true() {
	local i
	for ((i = 0; i < 200; i++)); do
		! "$@" || return 0
		sleep 0.05
	done
	echo "not within 10 s: $*"
	return 1
}

# ---- asserting -----------------------------------------------------------------------------------

# Everything that one wants to know about the last run, when it was not as expected.
wrong() {
	printf '%s\n' "$@" "ran: $ran" "status: $status" "stdout:" "$output" "stderr:" "$stderr"
	return 1
}

expect_status() {
	((status == $1)) || wrong "expected exit status $1"
}

# The lines of stdout, all of them.
expect_out() {
	local expected
	printf -v expected '%s\n' "$@"
	[[ $output == "${expected%$'\n'}" ]] || wrong "expected on stdout:" "$@"
}

expect_out_has() {
	local text
	for text; do
		[[ $output == *"$text"* ]] || wrong "expected in stdout: $text" || return
	done
}

expect_err_has() {
	local text
	for text; do
		[[ $stderr == *"$text"* ]] || wrong "expected in stderr: $text" || return
	done
}

# The lines of stderr, all of them.
expect_err() {
	local expected
	printf -v expected '%s\n' "$@"
	[[ $stderr == "${expected%$'\n'}" ]] || wrong "expected on stderr:" "$@"
}

expect_err_match() {
	[[ $stderr =~ $1 ]] || wrong "expected to match in stderr: $1"
}

expect_err_lacks() {
	local text
	for text; do
		[[ $stderr != *"$text"* ]] || wrong "not expected in stderr: $text" || return
	done
}

# expect_line N TEXT: one line of stdout; from 1, or from -1 for the last.
expect_line() {
	[[ ${lines[$1 > 0 ? $1 - 1 : $1]-} == "$2" ]] || wrong "expected as line $1 of stdout: $2"
}

expect_silence() {
	expect_status 0 || return
	[[ -z $stderr ]] || wrong "expected nothing on stderr"
}

# expect_ok [LINE...]: done, without a word of complaint.
expect_ok() {
	expect_silence || return
	(($# == 0)) || expect_out "$@"
}

# expect_ok_end LINE...: the same, but there may be more lines before these.
expect_ok_end() {
	local expected
	expect_silence || return
	printf -v expected '\n%s' "$@"
	[[ $'\n'$output == *"$expected" ]] || wrong "expected at the end of stdout:" "$@"
}

# expect_fail CODE TEXT...
expect_fail() {
	expect_status "$1" || return
	expect_err_has "${@:2}"
}

# refused CODE TEXT...: the same, in one line with nothing but hints behind it, and no output.
refused() {
	local one=$'^[^\n]+(\nhint: [^\n]+)*$'
	expect_fail "$@" || return
	[[ ! $output && $stderr =~ $one && $stderr != 'hint: '* ]] || wrong 'expected one line of error, and no output'
}

# refuses CODE TEXT WORD...: the tool is run with these words.
refuses() {
	ctl "${@:3}"
	refused "$1" "$2"
}

# ---- the machine ---------------------------------------------------------------------------------

# The kernel whose answers are given: 7.2.13
kernel_release() {
	if [[ ${SIMULATED:-} ]]; then echo "$SIMULATED.0"; else uname -r; fi
}

# vfioN of a device: cdev BDF|UUID
cdev() {
	local path
	for path in /sys/bus/{pci,mdev}/devices/"$1"/vfio-dev/*; do
		[[ ! -e $path ]] || echo "${path##*/}"
	done
}

# Two functions of one IOMMU group, both with a cdev: GROUP_A and GROUP_B.
find_group() {
	local group device members
	[[ -z ${GROUP_A:-} ]] || return 0
	for group in /sys/kernel/iommu_groups/*; do
		members=()
		for device in "$group"/devices/*/vfio-dev; do
			[[ ! -d $device ]] || members+=("$(basename "${device%/vfio-dev}")")
		done
		if ((${#members[@]} > 1)); then
			GROUP_A=${members[0]} GROUP_B=${members[1]}
			return 0
		fi
	done
	return 1
}

has_cdev() {
	compgen -G "/sys/bus/*/devices/$1/vfio-dev/vfio*" >/dev/null
}

# One probe for a whole run of bats: probe NAME COMMAND...
probe() {
	local answer=$BATS_RUN_TMPDIR/probe-$1
	[[ -e $answer ]] || { "${@:2}" >/dev/null 2>&1; echo $? >"$answer"; }
	return "$(<"$answer")"
}

# Is the file in memory mapped as such, or through our own address space?
maps_files() {
	[[ $(iommufdctl -v batch - 2>&1 <<<$'mem create m 4K\nioas alloc --name a\nioas map a m') != *ENOTTY* ]]
}

# An access needs CONFIG_IOMMUFD_TEST only.
tests_accesses() {
	iommufdctl exec -- sh -c 'iommu-test {fd:iommufd} map 1 0 4096 2>&1 | grep -q ENOENT &&
		iommu-test {fd:iommufd} expect ENOENT access-create 1'
}

# A mock device needs, before Linux 6.13, a machine without an IOMMU.
mocks_devices() {
	iommufdctl batch - <<<$'ioas alloc --name a\nexec -- iommu-test {fd:iommufd} mock-domain 1'
}

# Only where a driver has it, and the kernel is new enough, is it among the features.
makes_dma_bufs() {
	iommufdctl batch - <<<"bind $EDU --name dev"$'\ninfo dev' | grep -q dma-buf
}

has() {
	case $1 in
	iommufd) [[ -c /dev/iommu ]] ;;
	edu) has_cdev "$EDU" ;;
	physical) has_cdev "$PHYSICAL" ;;
	mtty | emulated) has_cdev "$MTTY" ;;
	mdpy) has_cdev "$MDPY" ;;
	group) ! has amd && find_group ;; # emulated, that one does not know devices behind a port
	map-file) probe map-file maps_files ;;
	access) probe access tests_accesses ;;
	mock) probe mock mocks_devices ;;
	dma-buf) probe dma-buf makes_dma_bufs ;;
	hugetlb) [[ $(</sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages) -ge ${2:-2} ]] ;;
	root) ((EUID == 0)) ;;
	users) setpriv --reuid=65534 --regid=65534 --clear-groups true ;;
	limits) (ulimit -l 64; ulimit -l 128) ;;
	sriov) [[ -e /sys/bus/pci/devices/$NVME/sriov_numvfs && -e /sys/module/vfio_pci/parameters/enable_sriov ]] ;;
	no-acpi) grep -qw pci=noacpi /proc/cmdline ;;
	smmuv3) compgen -G '/sys/class/iommu/smmu3*' ;;
	amd) compgen -G '/sys/class/iommu/ivhd*' ;;
	feature:*) iommufdctl features --require "${1#*:}" ;;
	*) type -P "$1" >/dev/null ;;
	esac 2>/dev/null
}

explain_lack() {
	case $1 in
	iommufd) echo "this kernel has no iommufd" ;;
	edu | physical | mtty | emulated | mdpy) echo "no VFIO device '$1'" ;;
	group) echo "no IOMMU group with two VFIO devices" ;;
	map-file) echo "this kernel cannot map files (Linux 6.13)" ;;
	access) echo "no test accesses (CONFIG_IOMMUFD_TEST)" ;;
	mock) echo "no mock devices (CONFIG_IOMMUFD_TEST; before Linux 6.13 also a machine without an IOMMU)" ;;
	dma-buf) echo "no dma-buf of the BARs of '$EDU' (Linux 6.19)" ;;
	hugetlb) echo "no free huge pages" ;;
	root) echo "not root" ;;
	users) echo "this user may not become another one" ;;
	limits) echo "this root may not raise limits: he is one of a user namespace" ;;
	sriov) echo "no device with virtual functions, or vfio-pci has none of them" ;;
	no-acpi) echo "PCI needs ACPI here (tests/lab no-acpi KERNEL)" ;;
	amd) echo "no IOMMU of AMD" ;;
	feature:*) echo "this kernel lacks ${1#*:}" ;;
	*) echo "no $1" ;;
	esac
}

# A lack is no reason to fail, unless STRICT is set and it is not among the EXPECTED_SKIPS.
may_lack() {
	[[ ${STRICT:-} != 1 || " ${EXPECTED_SKIPS:-} " == *" $1 "* ]] && return
	echo "$(explain_lack "$1"); STRICT=1, and '$1' is not in EXPECTED_SKIPS"
	return 1
}

# requires WORD...: iommufd, edu, physical, mtty, emulated (the same), mdpy, group, map-file, access, mock, dma-buf, hugetlb,
# root, users, limits, sriov, amd, no-acpi, feature:NAME, or a program. requires kernel REASON: why not the simulator.
requires() {
	local word
	if [[ $1 == kernel ]]; then
		[[ ! ${IOMMUFD_SIM:-} ]] || skip "requires kernel: $2"
		return 0
	fi
	for word; do
		has "$word" && continue
		may_lack "$word" || return
		[[ $word != @(access|mock|sriov|amd|no-acpi) ]] || requires kernel "$(explain_lack "$word")"
		skip "$(explain_lack "$word")"
	done
}

# Before Linux 6.13 the memory of files is mapped by its address. The simulator does not pin what has one.
requires_pinned() {
	has map-file || requires kernel 'what was mapped by its address outlives who mapped it'
}

# What $PHYSICAL reserves between two usable ranges: where x86 writes interrupts to, or the window of Arm's SMMUs.
# reserved: its two ends, as a message has them.
find_reserved() {
	iommufdctl batch - <<-END >"$BATS_TEST_TMPDIR/ranges"
		bind $PHYSICAL --name d
		ioas alloc --name a
		attach d a
		ioas ranges a --json
	END
	read -r reserved_start reserved_last < <(tail -n 1 "$BATS_TEST_TMPDIR/ranges" |
		jq -r '.ranges | "\(.[0].last + 1) \(.[1].start - 1)"')
	reserved=$(at_reserved 0)-$(printf '%#x' "$reserved_last")
}

# at_reserved OFFSET: an address as far from its start
at_reserved() {
	printf '%#x' $((reserved_start + $1))
}

# Adds to kinds, for tests that do the same to each of them: physical and emulated, as far as they are here.
find_kinds() {
	local kind
	for kind in physical emulated; do
		if has "$kind"; then
			kinds+=("$kind")
		else
			may_lack "$kind" || return
		fi
	done
	((${#kinds[@]})) || skip "no VFIO device"
}

# use KIND: a device of this kind. Bind comes first, so it is 1, then the IOASes a and b are 2 and 3. on_a, on_b: what it is
# attached to when it was given a, and then b: a physical one to HWPTs that the kernel makes.
use() {
	case $1 in
	physical) DEV=$PHYSICAL on_a=4 on_b=5 ;;
	emulated) DEV=$MTTY on_a=2 on_b=3 ;;
	esac
	start="bind $DEV --name dev"$'\nioas alloc --name a\nioas alloc --name b'
}
