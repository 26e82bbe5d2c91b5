#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# iommufdctl in the simulator, in each of its contexts, as its README has them.

load helpers

@test "inherited fds: the shell keeps them, each command is a process" {
	script <<-'END'
		exec 3<>/dev/iommu 4<>/dev/vfio/devices/vfio4
		iommufdctl --iommufd fd:3 bind fd:4
		a=$(iommufdctl --iommufd fd:3 ioas alloc)
		b=$(iommufdctl --iommufd fd:3 ioas alloc)
		iommufdctl --iommufd fd:3 attach fd:4 $a
		iommufdctl --iommufd fd:3 replace fd:4 $b
		iommufdctl --iommufd fd:3 destroy $a
		iommufdctl --iommufd fd:3 destroy $b 2>&1 || echo $?
		iommufdctl --iommufd fd:3 detach fd:4
		iommufdctl --iommufd fd:3 destroy $b
	END
	expect_silence
	expect_out 1 2 3 "iommufdctl: destroy: '3': the object is in use (EBUSY)" "${lines[4]}" 1
}

@test "a batch, by address, name and path" {
	script <<-'END'
		iommufdctl batch - <<-LINES
			bind 0000:00:04.0 --name one
			bind vfio4
			bind /dev/vfio/devices/vfio5 --name three
			ioas alloc --name a
			attach one a
		LINES
	END
	expect_ok 1 2 3 4 5
}

@test "DMA follows a replace, and ends with a detach" {
	script <<-'END'
		printf 'a text' >"$BATS_TEST_TMPDIR/text"
		iommufdctl batch - <<-LINES
			bind 0000:00:04.0 --name dev
			ioas alloc --name a
			ioas alloc --name b
			mem create m 8K
			mem create n 8K
			ioas map a m --iova 0x100000
			ioas map b n --iova 0x100000
			attach dev a
			mem write m 0 $BATS_TEST_TMPDIR/text
			exec -- edu-dma {fd:dev} copy 0x100000 0x101000 6
			replace dev b
			exec -- edu-dma {fd:dev} store 0x101000 6
			detach dev
			exec -- edu-dma {fd:dev} store 0x100000 6
			exec -- od -A n -c -j 4096 -N 6 /proc/self/fd/{fd:mem:m}
			exec -- od -A n -c -j 4096 -N 6 /proc/self/fd/{fd:mem:n}
			exec -- od -A n -c -N 6 /proc/self/fd/{fd:mem:n}
		LINES
	END
	expect_ok_end '   a       t   e   x   t' '   a       t   e   x   t' '  \0  \0  \0  \0  \0  \0'
}

@test "a session: a holder that is not dumpable, its crash, and the next one" {
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
	chmod 700 "$XDG_RUNTIME_DIR"
	script <<-'END'
		((EUID)) || mount -t tmpfs run /run # where root's sessions are
		iommufdctl session start
		iommufdctl bind 0000:00:04.0 --name nic
		iommufdctl ioas alloc --name guest
		iommufdctl attach nic guest
		kill -KILL "$(iommufdctl session show --json | jq .sessions[0].pid)"
		while iommufdctl session show >/dev/null 2>&1; do sleep 0.05; done
		iommufdctl session start
		iommufdctl bind 0000:00:04.0 --name nic
		iommufdctl session stop --force
	END
	expect_status 0
	expect_out 1 2 3 1
}

@test "exec: a program gets the fds, and the machine in which to use them" {
	script <<-'END'
		iommufdctl batch - <<-LINES
			bind 0000:00:04.0 --name dev
			ioas alloc --name a
			attach dev a
			exec -- iommufdctl --iommufd fd:{fd:iommufd} ioas alloc
		LINES
	END
	expect_ok 1 2 3 4
}

@test "under strace, which follows forks" {
	requires strace
	script <<-'END'
		strace -f -o "$BATS_TEST_TMPDIR/strace" bash -c 'iommufdctl batch - <<<"ioas alloc"'
		grep -c 'ioctl(.*0x3b, 0x81' "$BATS_TEST_TMPDIR/strace"
	END
	expect_ok 1 1
}

@test "who has a device open is found, as on a real machine" {
	script <<-'END'
		exec 4<>/dev/vfio/devices/vfio1
		readlink /proc/self/fd/4
		exec 5<>/dev/iommu
		iommufdctl --iommufd fd:5 bind fd:4 >/dev/null
		iommufdctl batch - <<<'bind 0000:00:04.0' 2>&1 || :
	END
	expect_silence
	expect_line 1 /dev/vfio/devices/vfio1
	expect_out_has EINVAL
}

@test "each kernel has its features" {
	local kernel
	for kernel in 6.6 6.12 7.2; do
		sim --kernel "$kernel" -- iommufdctl features --json
		expect_silence
		printf '%s %s\n' "$kernel" "$(jq '[.features[] | select(.supported == "yes")] | length' <<<"$output")"
	done | tee "$BATS_TEST_TMPDIR/counts"
	sort -k 2 -n -c "$BATS_TEST_TMPDIR/counts"
}

@test "another user opens a node when its mode lets him" {
	requires root setpriv
	script <<-'END'
		other() { setpriv --reuid=65534 --regid=65534 --clear-groups iommufdctl --once ioas alloc 2>&1 || :; }
		other
		chmod 666 /dev/iommu
		other
	END
	expect_status 0
	expect_out_has "'/dev/iommu': permission denied (EACCES)" 'done, and released again'
}

@test "a program that is built against the library" {
	insim "$BUILD/examples/ioas-alloc"
	expect_silence
	expect_out_has 0xffffffffffffffff
}
