#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exec: fds handed over to a program by number, alone and as a line of a batch.

load helpers

setup() {
	requires iommufd
	kinds=()
	find_kinds
}

# use KIND: a device of this kind. pt: what it is attached to, when it is 1 and is given IOAS 2.
use() {
	case $1 in
	physical) DEV=$PHYSICAL pt=3 ;;
	emulated) DEV=$MTTY pt=2 ;;
	esac
}

# ---- exec alone: opens, hands over, becomes the program ------------------------------------------

@test "exec puts the numbers of the iommufd and of a device into the words" {
	requires emulated
	ctl exec --device "$MTTY=serial" -- sh -c 'readlink /proc/self/fd/{fd:iommufd} /proc/self/fd/{fd:serial}'
	expect_ok /dev/iommu "/dev/vfio/devices/$(cdev "$MTTY")"
}

@test "exec puts several numbers into one word" {
	requires emulated
	ctl exec --device "$MTTY=serial" -- echo 'iommufd={fd:iommufd},device={fd:serial};{fd:serial}'
	expect_silence
	[[ $output =~ ^iommufd=([0-9]+),device=([0-9]+)\;([0-9]+)$ ]]
	[[ ${BASH_REMATCH[1]} != "${BASH_REMATCH[2]}" && ${BASH_REMATCH[2]} == "${BASH_REMATCH[3]}" ]]
}

@test "exec leaves other braces alone" {
	ctl exec -- echo '{fd}' '{}' '{x:1}' fd: '}{'
	expect_ok '{fd} {} {x:1} fd: }{'
}

@test "exec knows a device without a NAME by its address and its cdev" {
	requires emulated
	ctl exec --device "$MTTY" -- echo "{fd:$MTTY} {fd:$(cdev "$MTTY")}"
	expect_silence
	read -r one other <<<"$output"
	((one > 2 && one == other))
}

@test "exec hands a device over unbound: the program binds it" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		ctl exec --device "$DEV=dev" -- \
			sh -c 'iommufdctl --iommufd fd:{fd:iommufd} bind fd:{fd:dev} && iommufdctl --iommufd fd:{fd:iommufd} ioas alloc'
		expect_ok 1 2
	done
}

@test "exec --bind hands a device over bound: the program attaches it" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		ctl exec --bind --device "$DEV=dev" -- \
			sh -c 'iommufdctl --iommufd fd:{fd:iommufd} ioas alloc && iommufdctl --iommufd fd:{fd:iommufd} attach fd:{fd:dev} 2'
		expect_ok 2 "$pt"
	done
}

@test "exec --device may be repeated, the ids follow the order" {
	requires physical emulated
	ctl exec --bind --device "$PHYSICAL=a" --device "$MTTY=b" -- sh -c 'iommufdctl --iommufd fd:{fd:iommufd} ioas alloc; echo {fd:a} {fd:b}'
	expect_silence
	expect_line 1 3
	[[ $output =~ [0-9]+' '[0-9]+$ ]]
}

@test "exec with a reference to nothing is explained, and the program is not run" {
	ctl exec -- echo '{fd:nothing}'
	expect_fail 1 "exec: 'nothing': no device of this context"
	expect_out ""
}

@test "exec --rlimit-mode process accounts memory to the process" {
	ctl exec -v --rlimit-mode process -- true
	expect_status 0
	expect_err_has "exec: IOMMU_OPTION" "-> 0"
}

@test "exec --rlimit-mode is set before --bind makes the first object" {
	requires emulated
	ctl exec --bind --device "$MTTY" --rlimit-mode process -- true
	expect_ok ""
}

@test "exec --rlimit-mode without CAP_SYS_RESOURCE is explained" {
	requires root setpriv
	try setpriv --bounding-set=-sys_resource -- iommufdctl exec --rlimit-mode process -- echo run
	expect_fail 1 "exec: '--rlimit-mode': setting this needs CAP_SYS_RESOURCE (EPERM)" "hint: "
	expect_out ""
}

@test "exec: the program's exit status is the result" {
	ctl exec -- sh -c 'exit 42'
	expect_status 42
}

@test "exec: a program that a signal ends" {
	ctl exec -- sh -c 'kill -TERM $$'
	expect_status 143
}

@test "exec: a program that is not there, exit 127" {
	ctl exec -- no-such-program
	expect_fail 127 "iommufdctl: exec: 'no-such-program': No such file or directory (ENOENT)"
}

@test "exec: a file that cannot be executed, exit 126" {
	: >"$BATS_TEST_TMPDIR/file"
	ctl exec -- "$BATS_TEST_TMPDIR/file"
	expect_fail 126 "exec: '$BATS_TEST_TMPDIR/file': Permission denied (EACCES)"
}

@test "exec: the options of the program are its own" {
	ctl exec -- sh -c 'echo "$@"' sh --bind -v --device x -- y
	expect_ok "--bind -v --device x -- y"
	ctl exec echo --json -h
	expect_ok "--json -h"
}

@test "exec: the program has the standard input" {
	try iommufdctl exec -- cat <<<"from stdin"
	expect_ok "from stdin"
}

@test "exec: the process is the same one" {
	try sh -c 'echo $$; exec iommufdctl exec -- sh -c "echo \$\$"'
	expect_silence
	[[ ${lines[0]} == "${lines[1]}" ]]
}

@test "exec: after the program the device is free" {
	requires emulated
	ctl exec --bind --device "$MTTY" -- true
	expect_ok ""
	batch <<<"bind $MTTY"
	expect_ok 1
}

@test "exec on an inherited iommufd hands that one over" {
	exec {iommu}<>/dev/iommu
	ctl --iommufd "fd:$iommu" exec -- echo '{fd:iommufd}'
	expect_ok "$iommu"
}

# ---- exec as a line of a batch -------------------------------------------------------------------

@test "exec in a batch hands over the fds of the batch" {
	requires emulated
	batch <<-END
		bind $MTTY --name serial
		ioas alloc --name a
		exec -- iommufdctl --iommufd fd:{fd:iommufd} attach fd:{fd:serial} 2
		destroy a
	END
	expect_fail 1 "<stdin>:4: destroy: 'a': the object is in use (EBUSY)"
	expect_out 1 2 2
}

@test "exec in a batch hands over memory" {
	printf 'hello!!\n' >"$BATS_TEST_TMPDIR/hello"
	batch <<-END
		mem create ram 4K
		mem write ram 0 $BATS_TEST_TMPDIR/hello
		exec -- head -c 8 /proc/self/fd/{fd:mem:ram}
		exec -- sh -c 'printf J | dd of=/proc/self/fd/{fd:mem:ram} conv=notrunc status=none'
		mem read ram 0 8
	END
	expect_ok "hello!!" "Jello!!"
}

@test "exec hands over what its words name, and nothing else" {
	requires emulated
	local count='for fd in /proc/self/fd/*; do echo "$(readlink "$fd")"; done | grep -cE "memfd:|/dev/(iommu|vfio)"'
	batch <<-END
		bind $MTTY --name serial
		mem create m 4K
		mem create n 4K
		exec -- bash -c '$count || :' {fd:mem:m}
		exec -- bash -c '$count || :'
	END
	expect_ok 1 1 0
	ctl exec --device "$MTTY=serial" -- bash -c "$count"
	expect_ok 1
}

@test "exec: who is handed memory and seals it against writing is believed at once" {
	batch <<-'END'
		ioas alloc --name s
		mem create m 1M
		exec -- fdtool seal {fd:mem:m}
		ioas map s m --iova 0x100000
	END
	expect_fail 1 "<stdin>:4: ioas map: 'm': the memory is read-only (EACCES)"
	expect_out 1
}

@test "exec in a batch: the exit status is the line's, and ends the batch" {
	batch <<-END
		exec -- sh -c 'exit 42'
		ioas alloc
	END
	expect_fail 42 "<stdin>:1: exec: 'sh': ended with 42"
	expect_out ""
}

@test "exec in a batch does not read the rest of the batch" {
	batch <<-END
		ioas alloc
		exec -- cat
		ioas alloc
	END
	expect_ok 1 2
}

@test "exec in a batch FILE has the standard input" {
	printf 'ioas alloc\nexec -- cat\nioas alloc\n' >"$BATS_TEST_TMPDIR/file"
	ctl batch "$BATS_TEST_TMPDIR/file" <<<"from stdin"
	expect_ok 1 "from stdin" 2
}

@test "exec in a batch: what came before is printed before" {
	batch <<-END
		ioas alloc
		exec -- echo in between
		ioas alloc
	END
	expect_ok 1 "in between" 2
}

@test "exec in a batch: what the program makes in the context stays there" {
	batch <<-END
		exec -- iommufdctl --iommufd fd:{fd:iommufd} ioas alloc
		ioas alloc
		ioas ranges 1 --json
	END
	expect_ok_end 1 2 '{"version":1,"ranges":[{"start":0,"last":18446744073709551615,"alignment":1}]}'
}
