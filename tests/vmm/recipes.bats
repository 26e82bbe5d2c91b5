#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/recipes.md: each block is run as it stands there, where its program is in this Debian. So is the man page's example.

load ../e2e/helpers
load ../e2e/sessions
load vmm

RECIPES=$BATS_TEST_DIRNAME/../../docs/recipes.md
MAN=$BATS_TEST_DIRNAME/../../man/iommufdctl.1.scd
NIC=$E1000E

setup_file() {
	vfio_pci "$NIC"
	install -m 755 "$BUILD/iommufdctl" /usr/bin/iommufdctl
	cp "$BUILD"/libiommufd.so.0* /usr/lib/
	ldconfig
}

setup() {
	sessions_setup
	before=$(pinned)
}

teardown() {
	[[ ! $pid ]] || kill -KILL "$pid" 2>/dev/null || true
	sessions_teardown
}

# recipe HEADING: the block below it
recipe() {
	awk -v heading="## $1" '
		/^## / { there = index($0, heading) == 1 && $0 !~ "^" heading " [a-z]" }
		/^```/ { if (inside && there) exit; inside = !inside; next }
		inside && there' "$RECIPES"
}

# What a recipe has used is free again.
expect_free() {
	until_true iommufdctl --once bind "$NIC"
	until_true is_pinned "$before"
}

@test "a recipe has at most 15 lines; it is run here, or says what it was tried on" {
	local heading
	while read -r heading; do
		[[ $heading == *'(tried on '* ]] || grep -q "recipe '${heading%% (*}'" "$BATS_TEST_FILENAME" || wrong "$heading is not run"
		[[ $(recipe "${heading%% (*}" | wc -l) == @(?|1[0-5]) && $(recipe "${heading%% (*}") ]] || wrong "$heading is long"
	done < <(sed -n 's/^## //p' "$RECIPES")
}

# run_qemu: a script on stdin; its QEMU has a monitor. The lab is small, and emulated.
run_qemu() {
	sed "s/mb=2048/mb=$MEMORY/; s/-m 2G/-m $MEMORY/" >"$BATS_TEST_TMPDIR/qemu.sh"
	TIME_LIMIT=300 try bash -e "$BATS_TEST_TMPDIR/qemu.sh" <<<$'info pci\nquit'
	expect_status 0
	expect_out_has 'id "nic"'
	expect_free
}

@test "recipe: QEMU" {
	recipe 'QEMU' | run_qemu
}

@test "recipe: QEMU, from a session" {
	start
	recipe 'QEMU' | sed 's/iommufdctl exec --rlimit-mode process/iommufdctl session exec/' | run_qemu
	ctl session stop
	expect_silence
}

@test "the man page's example of QEMU" {
	awk '/^Start QEMU/ { there = 1 } there && /^```/ { if (inside) exit; inside = 1; next } inside' "$MAN" |
		sed 's/\\\\$/\\/; $ s/$/ -nodefaults -display none -monitor stdio/' | run_qemu
}

@test "recipe: QEMU that runs already" {
	local socket=/run/session-test/qmp
	for_nobody
	recipe 'QEMU that runs already' >"$BATS_TEST_TMPDIR/add.py"
	launch prlimit --memlock=$(((MEMORY + 1024) << 20)) "${drop[@]}" --reuid=$NOBODY --regid=$NOBODY --no-new-privs \
		qemu-system-x86_64 -machine q35,accel=tcg -m "$MEMORY" -nodefaults -display none -S \
		-device pcie-root-port,id=rp1,chassis=1 -qmp "unix:$socket,server=on,wait=off"
	until_true test -S "$socket" || { cat "$err"; return 1; }
	TIME_LIMIT=120 ctl exec --rlimit-mode process --device "$NIC=nic" -- \
		python3 "$BATS_TEST_TMPDIR/add.py" "$socket" '{fd:iommufd}' '{fd:nic}'
	expect_ok '{"return": {}}' '{"return": {}}' '{"return": {}}' '{"return": {}}' '{"return": {}}' || { cat "$err"; return 1; }
	ctl show --pid "$pid"
	expect_out_has device IOAS HWPT
	kill "$pid"
	expect_free
}

# The container: our program and its libraries. Without systemd, nobody here manages cgroups.
@test "recipe: podman" {
	mkdir -p /srv/container/{dev,proc,sys,tmp,run,etc} /etc/containers
	cp --parents -L /usr/bin/iommufdctl $(ldd /usr/bin/iommufdctl | grep -o '/[^ ]*') /srv/container/
	printf '%s\n' '[containers]' 'cgroups = "disabled"' '[engine]' 'cgroup_manager = "cgroupfs"' 'events_logger = "file"' \
		>/etc/containers/containers.conf
	printf '%s\n' '[storage]' 'driver = "vfs"' 'runroot = "/run/containers"' 'graphroot = "/tmp/containers"' \
		>/etc/containers/storage.conf
	recipe 'podman' >"$BATS_TEST_TMPDIR/podman.sh"
	TIME_LIMIT=300 try bash -e "$BATS_TEST_TMPDIR/podman.sh"
	expect_status 0
	expect_out 1
	expect_free
}

@test "recipe: systemd" {
	recipe 'systemd' | sed "s/vfio1:/$(cdev "$NIC"):/" >/etc/systemd/system/dma.service
	printf '%s\n' 'bind fd:nic --name nic' 'ioas alloc --name guest' >/etc/dma.batch
	# Where an iommufd that others made takes memory: Linux 6.13.
	! has map-file || printf '%s\n' 'mem create ram 64K' 'ioas map guest ram --iova 1M' >>/etc/dma.batch
	echo 'attach nic guest' >>/etc/dma.batch
	TIME_LIMIT=300 try "$BATS_TEST_DIRNAME/../vm/systemd" bash -c \
		"systemctl start dma; echo \$?; systemctl show -p Result -p ExecMainStatus dma"
	expect_status 0
	expect_out_has 'Result=success' 'ExecMainStatus=0'
	echo "attach nic nothing" >>/etc/dma.batch
	TIME_LIMIT=300 try "$BATS_TEST_DIRNAME/../vm/systemd" systemctl start dma
	expect_status 1
	expect_free
}

@test "recipe: Python" {
	recipe 'Python' >"$BATS_TEST_TMPDIR/dma.py"
	ctl exec --fd-base 3 --device "$NIC=nic" -- python3 "$BATS_TEST_TMPDIR/dma.py"
	expect_silence
	[[ $output == 'attached, HWPT '*' memory at 0x100000' ]] || wrong
	expect_free
}
