#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# attach, replace, detach, destroy: what each does to an emulated device, which has no IOMMU of its own, and to a
# physical one, which gets a HWPT where it is given an IOAS.

load helpers

setup() {
	requires iommufd
	kinds=()
	find_kinds
}

# ---- attach --------------------------------------------------------------------------------------

@test "attach of a physical device to an IOAS prints the id of the HWPT" {
	requires physical
	use physical
	batch <<-END
		$start
		attach dev a
		show dev --json
	END
	expect_status 0
	expect_out_has '"state":"attached","pt":4,"asked":2' '"hwpt":[{"id":4,"ioas":2,"name":null,'
	expect_line 4 4
}

@test "attach of an emulated device to an IOAS prints the id of the IOAS" {
	requires emulated
	use emulated
	batch <<-END
		$start
		attach dev a
		show dev --json
	END
	expect_status 0
	expect_out_has '"state":"attached","pt":2,"asked":2' '"hwpt":[]'
	expect_line 4 2
}

@test "attach again to the same PT prints the same id" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			attach dev a
			attach dev $on_a
		END
		expect_ok 1 2 3 "$on_a" "$on_a" "$on_a"
	done
}

@test "attach to another PT is refused, points at replace, and changes nothing" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch --keep-going <<-END
			$start
			attach dev a
			attach dev b
			show dev --json
			destroy b
		END
		expect_fail 4 "<stdin>:5: attach: 'dev': the device is attached to another page table (EBUSY)" \
			"hint: it is attached to $on_a; to move it: iommufdctl replace dev b"
		expect_out_has "\"state\":\"attached\",\"pt\":$on_a,\"asked\":2"
		expect_err_lacks "destroy"
	done
}

@test "a replace that the kernel refuses leaves the old attachment" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch --keep-going <<-END
			$start
			attach dev a
			replace dev $NOWHERE
			show dev --json
			attach dev a
		END
		expect_fail 4 "ENOENT"
		expect_out_has "\"state\":\"attached\",\"pt\":$on_a,\"asked\":2"
		expect_line -1 "$on_a"
	done
}

@test "attach of an unbound device points at bind" {
	requires emulated
	batch <<-END
		ioas alloc
		attach $MTTY 1
	END
	expect_fail 1 "attach: '$MTTY': the device is not bound in this context" "hint: iommufdctl bind $MTTY"
}

@test "attach of an emulated device to a HWPT is explained" {
	requires physical emulated
	batch <<-END
		bind $PHYSICAL --name physical
		bind $MTTY --name emulated
		ioas alloc --name a
		attach physical a
		attach emulated 4
	END
	expect_fail 1 "attach: '4': no IOAS has this id; an emulated device attaches to an IOAS, never to a HWPT (ENOENT)"
	expect_out 1 2 3 4
}

@test "attach of a second physical device to the HWPT of the first" {
	requires physical group
	batch <<-END
		bind $PHYSICAL --name one
		bind $GROUP_A --name two
		ioas alloc --name a
		attach one a
		attach two 4
		replace two a
	END
	expect_ok 1 2 3 4 4 4
}

# ---- replace -------------------------------------------------------------------------------------

@test "replace moves the device, and the old IOAS is free" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			replace dev b
			destroy a
			show dev --json
		END
		expect_status 0
		expect_line 5 "$on_b"
		expect_out_has "\"state\":\"attached\",\"pt\":$on_b,\"asked\":3"
	done
}

@test "replace with the same PT changes nothing" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			replace dev a
		END
		expect_ok 1 2 3 "$on_a" "$on_a"
	done
}

@test "replace after detach is refused, and points at attach" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			detach dev
			replace dev b
		END
		expect_fail 1 "<stdin>:6: replace: 'dev': the device is not attached" "(EINVAL)" \
			"hint: for the first time: iommufdctl attach dev b"
	done
}

# ---- detach --------------------------------------------------------------------------------------

@test "detach, then attach elsewhere" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			detach dev
			show dev --json
			attach dev b
		END
		expect_status 0
		expect_out_has '"state":"detached","pt":null,"asked":null'
	done
}

@test "detach twice is silent" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			detach dev
			detach dev
		END
		expect_ok 1 2 3 "$on_a"
	done
}

@test "detach -v of a detached device says that there is nothing to do" {
	requires emulated
	batch <<-END
		bind $MTTY
		detach $MTTY -v
	END
	expect_status 0
	expect_err_has "<stdin>:2: detach: nothing to do: '$MTTY' is not attached"
	expect_err_lacks "DETACH"
}

# ---- destroy -------------------------------------------------------------------------------------

@test "destroy of an IOAS with a device attached names the detach" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			destroy a
		END
		expect_fail 1 "<stdin>:5: destroy: 'a': the object is in use (EBUSY)" \
			"hint: 'dev' is attached to it: iommufdctl detach dev"
	done
}

@test "destroy of an IOAS works after the detach" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			detach dev
			destroy a
			show --json
		END
		expect_status 0
		expect_out_has '"ioas":[{"id":3,"name":"b","mappings":0}],"hwpt":[]'
	done
}

@test "destroy of a bound device names the unbind" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			bind $DEV --name dev
			destroy dev
		END
		expect_fail 1 "destroy: 'dev': the object is in use (EBUSY)" "hint: it is a bound device: iommufdctl unbind dev"
	done
}

@test "destroy of the HWPT that a device is attached to names the detach" {
	requires physical
	use physical
	batch <<-END
		$start
		attach dev a
		destroy 4
	END
	expect_fail 1 "destroy: '4': the object is in use (EBUSY)" "hint: 'dev' is attached to it: iommufdctl detach dev"
}

@test "destroy of several goes on after a failure, exit 4" {
	batch <<-END
		ioas alloc --name a
		ioas alloc --name b
		destroy a $NOWHERE b
	END
	expect_fail 4 "destroy: '$NOWHERE': no object has this id (ENOENT)"
	batch --keep-going <<-END
		ioas alloc
		ioas alloc
		destroy 1 $NOWHERE 2
		ioas alloc
	END
	expect_fail 4 "'$NOWHERE'"
	expect_out 1 2 1
}

# ---- two devices of one IOMMU group --------------------------------------------------------------

group() {
	requires group
	group=$(readlink "/sys/bus/pci/devices/$GROUP_A/iommu_group")
	group=${group##*/}
	start="bind $GROUP_A --name one
bind $GROUP_B --name two
ioas alloc --name a
ioas alloc --name b
attach one a"
}

@test "the devices of a group share the HWPT" {
	group
	batch <<-END
		$start
		attach two a
	END
	expect_ok 1 2 3 4 5 5
}

@test "replace of one device moves its group, and says so" {
	group
	batch <<-END
		$start
		attach two a
		replace one b
		show --json
		destroy a
	END
	expect_status 0
	expect_err_has "<stdin>:7: replace: two moved too: it is in the same IOMMU group, $group"
	expect_out_has '"state":"attached","pt":6,"asked":4},{"id":2,"name":"two"' '"hwpt":[{"id":6,"ioas":4,"name":null,'
}

@test "replace does not speak of a device of the group that is detached" {
	group
	batch <<-END
		$start
		replace one b
		attach two b
	END
	expect_ok 1 2 3 4 5 6 6
}

@test "attach of the second device of a group to another PT is explained" {
	group
	batch <<-END
		$start
		attach two b
	END
	expect_fail 1 "attach: 'two': its IOMMU group, " ", is attached elsewhere: 'one' is on 5 (EINVAL)" \
		"one IOMMU group share one page table" 'iommufdctl replace one b'
}

@test "detach of one device leaves the other of its group attached" {
	group
	batch <<-END
		$start
		attach two a
		detach one
		show two --json
		destroy a
	END
	expect_fail 1 "destroy: 'a': the object is in use (EBUSY)" "hint: 'two' is attached to it"
	expect_out_has '"state":"attached","pt":5,"asked":3'
	expect_err_lacks "'one'"
}
