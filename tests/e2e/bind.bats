#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bind and unbind: what each does to an emulated device, and to a physical one.

load helpers

setup() {
	requires iommufd
	kinds=()
	find_kinds
}

# ---- bind ----------------------------------------------------------------------------------------

@test "bind gives an id before there is any IOAS" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			bind $DEV
			ioas alloc
		END
		expect_ok 1 2
	done
}

@test "bind twice in one context is explained" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			bind $DEV
			bind $DEV
		END
		expect_fail 1 "<stdin>:2: bind: '$DEV': this context has the device already, as '$(cdev "$DEV")'"
		expect_out 1
	done
}

@test "bind of a device that somebody else has bound is explained" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		exec {iommu}<>/dev/iommu {device}<>"/dev/vfio/devices/$(cdev "$DEV")"
		ctl --iommufd "fd:$iommu" bind "fd:$device"
		expect_ok 1
		batch <<<"bind $DEV"
		expect_fail 1 "<stdin>:1: bind: '$DEV': the device is bound already" "(EINVAL)" "$BASHPID (bash)"
	done
}

@test "bind takes vfioN, a path, a long and a short BDF, any case, and a name" {
	requires physical
	vfio=$(cdev "$PHYSICAL")
	batch <<-END
		bind $vfio
		unbind $PHYSICAL
		bind /dev/vfio/devices/$vfio
		unbind $vfio
		bind $PHYSICAL
		unbind /dev/vfio/devices/$vfio
		bind ${PHYSICAL#0000:}
		unbind ${PHYSICAL#0000:}
		bind ${PHYSICAL^^} --name nic
		detach nic
		unbind nic
	END
	expect_ok 1 1 1 1 1
}

@test "a node that has the numbers of another device is not that of its name" {
	requires physical emulated
	local dev=$BATS_TEST_TMPDIR/dev vfio other
	vfio=$(cdev "$PHYSICAL") other=$(cdev "$MTTY")
	mkdir -p "$dev/vfio/devices"
	node() { cp -a "$1" "$2" 2>/dev/null || ln -s "$1" "$2"; } # not everywhere may nodes be made
	node /dev/iommu "$dev/iommu"
	node "/dev/vfio/devices/$other" "$dev/vfio/devices/$vfio"
	export IOMMUFD_DEV=$dev
	batch <<<"bind $vfio"
	expect_fail 1 "bind: '$vfio': the node is not the device's: it has the numbers of another one (ESTALE)" \
		"hint: $dev/vfio/devices/$vfio is the node of $other ($MTTY)"
	ctl exec --device "$PHYSICAL" -- true
	expect_fail 1 "exec: '$PHYSICAL': the node is not the device's"
	# By its path it is what its numbers say, though that device has no node of its name.
	batch <<-END
		bind $dev/vfio/devices/$vfio
		unbind $other
		bind $dev/vfio/devices/$vfio --name tty
		unbind $dev/vfio/devices/$vfio
	END
	expect_ok 1 1
	ctl exec --device "$dev/vfio/devices/$vfio" -- true
	expect_ok
	unset IOMMUFD_DEV
	iommufdctl session start nodes 3>&-
	ctl -s nodes bind "$dev/vfio/devices/$vfio"
	expect_ok 1
	ctl -s nodes unbind "$MTTY"
	expect_ok
	iommufdctl session stop nodes
}

@test "bind takes the UUID of an mdev, in any case, and a name" {
	requires emulated
	batch <<-END
		bind $MTTY
		unbind $(cdev "$MTTY")
		bind ${MTTY^^} --name serial
		detach $MTTY
		unbind serial
	END
	expect_ok 1 1
}

@test "bind takes fd:N" {
	requires emulated
	exec {device}<>"/dev/vfio/devices/$(cdev "$MTTY")"
	batch <<-END
		bind fd:$device --name serial
		detach serial
		detach fd:$device
		detach $MTTY
	END
	expect_ok 1
}

@test "a name stands for the device in every verb" {
	requires emulated
	batch <<-END
		bind $MTTY --name serial
		ioas alloc --name ram
		attach serial ram
		replace serial ram
		show serial
		detach serial
		unbind serial
	END
	expect_status 0
	expect_out_has "serial"
}

# ---- unbind --------------------------------------------------------------------------------------

@test "unbind detaches, and the device can be bound again" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
			unbind dev
			destroy a
			bind $DEV
		END
		expect_ok 1 2 3 "$on_a" 1
	done
}

@test "closing the cdev detaches and unbinds" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		exec {iommu}<>/dev/iommu {device}<>"/dev/vfio/devices/$(cdev "$DEV")"
		ctl --iommufd "fd:$iommu" batch - <<-END
			bind fd:$device
			ioas alloc
			attach fd:$device 2
		END
		expect_status 0
		exec {device}>&-
		batch <<<"bind $DEV"
		expect_ok 1
		ctl --iommufd "fd:$iommu" destroy 2
		expect_ok
	done
}

@test "the end of a batch releases what it left attached" {
	for kind in "${kinds[@]}"; do
		use "$kind"
		batch <<-END
			$start
			attach dev a
		END
		expect_ok 1 2 3 "$on_a"
		batch <<<"bind $DEV"
		expect_ok 1
	done
}
