#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# in the lab alone
#
# Page faults, and what a guest's IOMMU is made of, on the mock devices of the kernel's self-test.

load helpers
load hints

# 1: the IOAS a, 2: the fault queue q, 3 to 5: a mock device (4: its id), 6: a HWPT for nesting, 7: one nested in it.
start='ioas alloc --name a
fault alloc --name q
exec -- iommu-test {fd:iommufd} mock-domain 1
hwpt alloc 4 a --name parent --nest-parent
hwpt alloc 4 parent --name nested --type 0xdead --data hex:efbead0b --fault q
exec -- iommu-test {fd:iommufd} mock-replace 3 nested_id'
start=${start/nested_id/7}

setup() {
	requires iommufd mock feature:fault-alloc
}

@test "a page fault is read, and answered once" {
	batch --keep-going <<-END
		$start
		fault read q
		exec -- iommu-test {fd:iommufd} fault 4 7 0x123000
		fault read q
		fault respond q 1 success
		fault respond q 1 success
		exec -- iommu-test {fd:iommufd} fault 4 8 0x124000 + fault 4 9 0x125000
		fault read q --json
		fault respond q 1 invalid
	END
	expect_fail 4 ":11: fault respond: '1': "
	expect_out_has 'device=4 pasid=- group=7 access=w privileged=no address=0x123000 length=0 cookie=1 last=yes' \
		'"group":8,"access":"w","privileged":"no","address":1196032,"length":0,' '"group":9,"access":"w",'
}

@test "fd:N is a queue of that kind, or nothing is read and written" {
	batch --keep-going <<-END
		$start
		exec -- iommu-test {fd:iommufd} fault 4 7 0x123000
		exec -- iommufdctl fault read fd:{fd:q}
		exec -- iommufdctl --iommufd fd:{fd:iommufd} fault respond fd:{fd:q} 1 success
		exec -- iommufdctl veventq read fd:{fd:q}
		exec -- iommufdctl fault read fd:{fd:iommufd}
	END
	expect_fail 4 "expected a queue of events, the fd is a queue of page faults (EINVAL)" \
		"expected a queue of page faults, the fd is a file, pipe or terminal (EINVAL)"
	expect_out_has 'device=4 pasid=- group=7'
	expect_err_lacks 'fault respond'
}

@test "a queue that is used stays, one that is not goes" {
	batch <<-END
		$start
		show
		destroy q
	END
	expect_fail 1 "destroy: 'q': the object is in use (EBUSY)" 'hint: a HWPT, 7, was made of it: iommufdctl destroy 7'
	expect_out_has '2   q     fault queue'
	batch <<<$'fault alloc --name q\nexec -- test -e /proc/self/fd/{fd:q}\ndestroy q\nfault alloc'
	expect_ok 1 1
}

@test "the queue of a session is read by the client, which may wait" {
	iommufdctl session start queue 3>&-
	while read -ra words; do
		[[ ${words[0]} != exec ]] || words=(session exec --share-iommufd "${words[@]:1}")
		iommufdctl -s queue "${words[@]}"
	done <<<"$start" >/dev/null
	timeout 20 iommufdctl -s queue fault read q --follow >"$BATS_TEST_TMPDIR/faults" 3>&- &
	iommufdctl -s queue session exec --share-iommufd -- iommu-test '{fd:iommufd}' fault 4 7 0x123000
	for ((i = 0; i < 100; i++)); do [[ ! -s $BATS_TEST_TMPDIR/faults ]] || break; sleep 0.1; done
	kill %%
	grep -q 'group=7 access=w' "$BATS_TEST_TMPDIR/faults"
	ctl -s queue fault respond q 1 success --json
	expect_ok '{"version":1}'
	ctl -s queue session restart
	expect_silence
	ctl -s queue show q --json
	expect_out_has '"name":"q","type":"fault queue"'
	iommufdctl -s queue session exec --share-iommufd -- iommu-test '{fd:iommufd}' fault 4 8 0x123000
	ctl -s queue fault read q
	expect_silence
	expect_out_has 'group=8'
	ctl -s queue fault read a
	expect_fail 1 "fault read: 'a': it is not a fault queue of this context"
	iommufdctl session stop queue --force
}

@test "a lone fault alloc would lose its queue" {
	exec {io}<>/dev/iommu
	ctl --iommufd "fd:$io" fault alloc
	refused 2 'this queue would be gone when the command ends'
}

viommu="$start
viommu alloc 4 parent 0xdeadbeef --name v --json
vdevice alloc v 4 0x77 --name vd --json
hwpt alloc 4 v --name guest --type 0xdead --data hex:efbead0b
exec -- iommu-test {fd:iommufd} mock-replace 3 9
veventq alloc v 0xbeefbeef --name events --depth 2 --json"

@test "a vIOMMU has a vdevice and a queue of its events, which counts those that were lost" {
	requires feature:veventq-alloc
	batch <<-END
		$viommu
		exec -- iommu-test {fd:iommufd} event 4
		veventq read events --length 4
		exec -- iommu-test {fd:iommufd} event 4 + event 4 + event 4 + event 4
		veventq read events --length 4
		veventq read events --length 4 --json
		show
	END
	expect_silence
	expect_out_has 'sequence=0 lost=- data=77000000' 'sequence=1 lost=- data=77000000' 'sequence=2 lost=0 data=77000000' \
		'sequence=4 lost=2 data=-' 'vIOMMU ' 'vdevice ' 'event queue '
}

@test "events are read as no faults: they stay in their queue" {
	requires feature:veventq-alloc
	batch --keep-going <<-END
		$viommu
		exec -- iommu-test {fd:iommufd} event 4
		exec -- iommufdctl fault read fd:{fd:events}
		veventq read events --length 4
	END
	expect_fail 4 "expected a queue of page faults, the fd is a queue of events (EINVAL)"
	expect_out_has 'sequence=0 lost=- data=77000000'
	[[ $output != *cookie=* ]] || wrong "no faults were expected"
}

@test "a vIOMMU that something was made of stays" {
	requires feature:veventq-alloc
	batch --keep-going <<-END
		$viommu
		destroy v
		destroy guest
		destroy events
		destroy vd
		exec -- iommu-test {fd:iommufd} mock-replace 3 7
		destroy guest
		destroy v
		show v
	END
	expect_fail 4 ":12: destroy: 'v': the object is in use (EBUSY)" ":13: destroy: 'guest'" ":19: show: 'v': this context holds nothing"
}

@test "what the kernel fills in of a vIOMMU's data is told" {
	requires feature:viommu-data
	batch <<-END
		$start
		viommu alloc 4 parent 0xdeadbeef --data hex:443322110000000000000000000000000000000000000000 --json
		viommu alloc 4 parent 0xdeadbeef --json
		viommu alloc 4 parent 0xdeadbeef --data hex:443322110000000000000000000000000000000000000000
	END
	expect_silence
	[[ ${lines[-3]} =~ ^'{"version":1,"id":5,"data":"4433221144332211'[0-9a-f]{16}'0020000000000000"}'$ ]]
	expect_line -2 '{"version":1,"id":8,"data":null}'
	expect_line -1 9
}

@test "a hardware queue is allocated on memory that is mapped" {
	requires feature:hw-queue-alloc
	batch --keep-going <<-END
		$viommu
		hw-queue alloc v 0xdeadbeef 0 0x1000000 4K
		mem create ram 64K
		ioas map a ram --iova 0x1000000
		hw-queue alloc v 0xdeadbeef 0 0x1000000 4K --name hq --json
		show hq
		hw-queue alloc v 7 0 0x1000000 4K
		hw-queue alloc v 0xdeadbeef 0 0x1000000 4K
		hw-queue alloc v 0xdeadbeef 1 0x1000000 0
		hw-queue alloc $NOWHERE 0xdeadbeef 1 0x1000000 4K
		destroy hq
	END
	expect_fail 4 ":12: hw-queue alloc: '0x1000000': no vIOMMU has this id, or the memory is not mapped (ENOENT)" \
		":17: hw-queue alloc: '7': " ":18: hw-queue alloc: '0': " ":19: hw-queue alloc: '0': " \
		":20: hw-queue alloc: '$NOWHERE': no vIOMMU"
	expect_out_has 'hardware queue'
}

@test "hardware queues go from the last one on: who is in the way is named" {
	requires feature:hw-queue-alloc
	batch --keep-going <<-END
		$viommu
		mem create ram 64K
		ioas map a ram --iova 0x1000000
		hw-queue alloc v 0xdeadbeef 0 0x1000000 4K --name zero
		hw-queue alloc v 0xdeadbeef 1 0x1000000 4K --name one
		destroy zero
		destroy one
		destroy zero
	END
	expect_fail 4 ":16: destroy: 'zero': the object is in use (EBUSY)"
	expect_err_match 'hint: hardware queues are destroyed from the last index on, which ([0-9]+) has: iommufdctl destroy \1'
	[[ $(grep -c '<stdin>:' <<<"$stderr") == 1 ]]
}

@test "a vIOMMU whose page a program has mapped, and a queue whose fd it has, say so" {
	requires feature:viommu-data python3
	local fd line id
	iommufdctl session start pages 3>&-
	while read -ra words; do
		[[ ${words[0]} != exec ]] || words=(session exec --share-iommufd "${words[@]:1}")
		iommufdctl -s pages "${words[@]}"
	done <<<"$start" >/dev/null
	ctl -s pages viommu alloc 4 parent 0xdeadbeef --name v --json \
		--data hex:443322110000000000000000000000000000000000000000
	[[ $output =~ '"data":"4433221144332211'([0-9a-f]{16})'0020000000000000"' ]]
	ctl -s pages fault alloc --name spare
	expect_silence
	coproc iommufdctl -s pages session exec --share-iommufd -- python3 -c '
import mmap, sys
page = mmap.mmap(int(sys.argv[1]), 8192, offset=int.from_bytes(bytes.fromhex(sys.argv[2]), "little"))
print("ready", flush=True)
sys.stdin.read()' '{fd:iommufd}' "${BASH_REMATCH[1]}" '{fd:spare}' 3>&-
	id=$COPROC_PID
	read -r line <&"${COPROC[0]}"
	[[ $line == ready ]]
	refuses 1 "'v': the object is in use (EBUSY)" -s pages destroy v
	expect_err_has 'hint: a program has a page of it mapped' "hint: process $id was given the iommufd"
	works '; these have a page of some iommufd: {grep -l /dev/iommu /proc/[0-9]*/maps}'
	expect_out "/proc/$id/maps"
	refuses 1 "'spare': the object is in use (EBUSY)" -s pages destroy spare
	expect_err_has "hint: a program that was given the queue's fd has it open"
	fd=${COPROC[1]}
	exec {fd}>&-
	wait "$id"
	ctl -s pages destroy v spare
	expect_ok ''
	iommufdctl session stop pages --force
}

@test "what this kernel lacks ends with 3 and the Linux that has it" {
	batch --keep-going <<-END
		$start
		viommu alloc 4 parent 0xdeadbeef
	END
	if has feature:viommu-alloc; then
		expect_silence
	else
		expect_fail 4 'this kernel has no virtual IOMMUs (needs Linux 6.13) (ENOTTY)'
	fi
}
