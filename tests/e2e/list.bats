#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# seconds in the lab: 25
#
# list and show, as text and as JSON; and the JSON of every verb, byte by byte: its keys, their order and their types are a promise.

load helpers

setup() {
	requires iommufd
}

group_of() {
	local link
	link=$(readlink "$1/iommu_group")
	echo "${link##*/}"
}

# ---- list ----------------------------------------------------------------------------------------

@test "list: a physical device" {
	requires physical
	vfio=$(cdev "$PHYSICAL")
	ctl list --json
	expect_silence
	expect_out_has "{\"device\":\"$vfio\",\"address\":\"$PHYSICAL\",\"name\":\"" \
		"\",\"driver\":\"vfio-pci\",\"group\":$(group_of "/sys/bus/pci/devices/$PHYSICAL"),\"kind\":\"physical\",\"cdev\":\"/dev/vfio/devices/$vfio\","
	node=$(stat -c '%u:%g +0%a' "/dev/vfio/devices/$vfio")
	ctl list -n
	[[ $output =~ (^|$'\n')"$vfio "\ *"$PHYSICAL "\ *[0-9a-f]{4}:[0-9a-f]{4}\ +"vfio-pci "\ *[0-9]+\ +"physical "\ *[0-9-]+\ +$node\ +none($'\n'|$) ]]
}

@test "list: an emulated device" {
	requires mtty
	vfio=$(cdev "$MTTY")
	ctl list --json
	expect_silence
	expect_out_has "{\"device\":\"$vfio\",\"address\":\"$MTTY\",\"name\":null,\"driver\":\"mtty\",\"group\":" \
		"\"kind\":\"emulated\",\"cdev\":\"/dev/vfio/devices/$vfio\","
	node=$(stat -c '%U:%G +0%a' "/dev/vfio/devices/$vfio")
	ctl list
	[[ $output =~ (^|$'\n')"$vfio "\ *"$MTTY "\ *"- "\ *"mtty "\ *[0-9-]+\ +"emulated "\ *[0-9-]+\ +$node\ +none($'\n'|$) ]]
}

@test "list has every cdev, in the order of their numbers" {
	expected=$(for path in /sys/class/vfio-dev/*; do [[ ! -e $path ]] || echo "${path##*/}"; done | sort -V)
	ctl list
	expect_silence
	[[ ${lines[0]} =~ ^DEVICE\ +ADDRESS\ +NAME\ +DRIVER\ +GROUP\ +KIND\ +NUMA\ +OWNER\ +MODE\ +USE$ ]]
	[[ $(for line in "${lines[@]:1}"; do echo "${line%% *}"; done) == "$expected" ]]
}

@test "list shows the two devices of one group" {
	requires group
	ctl list -n
	expect_silence
	group=$(group_of "/sys/bus/pci/devices/$GROUP_A")
	[[ $output =~ "$GROUP_A "\ *[0-9a-f:]+\ +"vfio-pci "\ *"$group " ]]
	[[ $output =~ "$GROUP_B "\ *[0-9a-f:]+\ +"vfio-pci "\ *"$group " ]]
	ctl list --json --group "$group"
	expect_out_has "{\"group\":$group,\"address\":\"$GROUP_A\",\"driver\":\"vfio-pci\"}" \
		"{\"group\":$group,\"address\":\"$GROUP_B\",\"driver\":\"vfio-pci\"}"
}

@test "list of no devices: the heading alone, or an empty array" {
	mkdir -p "$BATS_TEST_TMPDIR/sys/class"
	export IOMMUFD_SYSFS=$BATS_TEST_TMPDIR/sys
	ctl list
	expect_status 0
	expect_out "DEVICE  ADDRESS  NAME  DRIVER  GROUP  KIND  NUMA  OWNER  MODE  USE"
	expect_err "iommufdctl: list: no device has a VFIO driver" \
		"hint: iommufdctl list --all shows which could have one" \
		"hint: iommufdctl doctor tells what is in the way"
	ctl list --json
	expect_status 0
	expect_out '{"version":1,"devices":[],"group_members":[]}'
	expect_err_has "list: no device has a VFIO driver"
	ctl list --all
	expect_err "iommufdctl: list: nothing here could become a VFIO device" \
		"hint: iommufdctl doctor tells what is in the way"
	# Where sysfs is not mounted nobody knows.
	rmdir "$BATS_TEST_TMPDIR/sys/class"
	ctl list
	expect_fail 1 "list: '/sys/class/vfio-dev': No such device (ENODEV)"
}

# ---- who holds them ------------------------------------------------------------------------------

# holds ROW: one of the second table; its blanks stand for any number of them
holds() {
	[[ $(sed '1,/^$/d' <<<"$output" | tr -s ' ') == *$'\n'"$1"* ]] || wrong "no holder: $1"
}

@test "list --holders: a process that has the cdev open" {
	requires emulated
	local dev vfio
	vfio=$(cdev "$MTTY")
	exec {dev}<>"/dev/vfio/devices/$vfio"
	ctl list --holders
	expect_silence
	holds "$vfio $MTTY $BASHPID bash open - /dev/vfio/devices/$vfio"
	ctl list --holders --json
	expect_out_has "{\"device\":\"$vfio\",\"address\":\"$MTTY\",\"pid\":$BASHPID,\"command\":\"bash\",\"how\":\"open\",\"session\":null,\"path\":\"/dev/vfio/devices/$vfio\"}"
	exec {dev}<&-
	ctl list --holders --driver mtty
	expect_silence
	[[ $output != *HOW* ]] || wrong 'somebody holds it'
	ctl list --holders --driver mtty --json
	expect_out_has '"holders":[]'
}

@test "list --holders: a session, by its name" {
	requires emulated
	local vfio pid
	vfio=$(cdev "$MTTY")
	iommufdctl session start listed
	iommufdctl -s listed bind "$MTTY"
	pid=$(iommufdctl session list | awk '$1 == "listed" { print $3 }')
	ctl list --holders
	iommufdctl session stop --force listed
	expect_silence
	holds "$vfio $MTTY $pid iommufdctl open listed /dev/vfio/devices/$vfio"
}

@test "list --holders: the node of a group, and a cdev whose node is gone" {
	requires physical root
	requires kernel 'groups and drivers'
	local dev vfio group driver=/sys/bus/pci/drivers/vfio-pci unbinder
	group=$(group_of "/sys/bus/pci/devices/$PHYSICAL")
	vfio=$(cdev "$PHYSICAL")
	exec {dev}<>"/dev/vfio/$group"
	ctl list --holders
	exec {dev}<&-
	holds "$vfio $PHYSICAL $BASHPID bash group - /dev/vfio/$group"
	exec {dev}<>"/dev/vfio/devices/$vfio"
	sh -c "echo $PHYSICAL >$driver/unbind" {dev}<&- 3>&- &
	unbinder=$!
	until_true test ! -e "/dev/vfio/devices/$vfio"
	ctl list --all --holders --json
	expect_status 0
	ctl list --all --holders
	exec {dev}<&-
	wait "$unbinder"
	echo "$PHYSICAL" >"$driver/bind"
	# Linux 6.12 does not tell whose such a cdev was.
	holds "- $PHYSICAL $BASHPID bash $([[ $(kernel_release) == 6.* ]] && echo perhaps || echo deleted) - "
}

# ---- show ----------------------------------------------------------------------------------------

@test "show of an empty context" {
	batch <<-END
		show
		show --json
	END
	expect_ok '{"version":1,"devices":[],"wanted":[],"pasids":[],"ioas":[],"hwpt":[],"objects":[],"foreign":[],"handed":[],"memories":[],"mappings":[]}'
}

@test "show: a physical and an emulated device, attached and detached" {
	requires physical emulated
	batch <<-END
		bind $PHYSICAL --name nic
		bind $MTTY
		ioas alloc --name ram
		attach nic ram
		show
		attach $MTTY ram
		detach nic
		show
	END
	expect_silence
	[[ $output =~ "1 "\ *nic\ +vfio[0-9]+\ +"$PHYSICAL "\ *physical\ +[0-9]+\ +attached\ +4\ +3$'\n' ]]
	[[ $output =~ "2 "\ *-\ +vfio[0-9]+\ +"$MTTY "\ *emulated\ +[0-9-]+\ +detached\ +-\ +-$'\n' ]]
	[[ $output =~ $'\n'"HWPT  IOAS  NAME  PARENT  DEVICE  FLAGS  FAULT-QUEUE"$'\n'"4     3     -     -       -       auto   -"$'\n' ]]
	[[ $output =~ "1 "\ *nic\ +vfio[0-9]+\ +"$PHYSICAL "\ *physical\ +[0-9]+\ +detached\ +-\ +-$'\n' ]]
	[[ $output =~ "2 "\ *-\ +vfio[0-9]+\ +"$MTTY "\ *emulated\ +[0-9-]+\ +attached\ +3\ +3$'\n' ]]
}

@test "show of an inherited cdev: what it is attached to is not known" {
	requires emulated
	[[ ! ${AS_OLD:-} ]] || skip "what is asked of an unknown id is answered by the kernel of now"
	exec {iommu}<>/dev/iommu {device}<>"/dev/vfio/devices/$(cdev "$MTTY")"
	ctl --iommufd "fd:$iommu" bind "fd:$device"
	ctl --iommufd "fd:$iommu" batch --keep-going - <<-END
		show --json
		attach fd:$device $NOWHERE
		show --json
		detach fd:$device
		show --json
	END
	expect_fail 4 ENOENT
	# The kernel tells of the device's id from Linux 6.13 on.
	[[ ${lines[0]} =~ ^'{"version":1,"devices":[],"wanted":[],"pasids":[],"ioas":[],"hwpt":[],"objects":['('{"id":1,"name":null,"type":"unknown",'[^\}]*\})?'],"foreign":[],"handed":[],"memories":[],"mappings":[]}'$ ]]
	[[ ${lines[1]} == *'{"id":null,"name":null,'*'"state":"unknown","pt":null,"asked":null}'* ]]
	[[ ${lines[2]} == *'{"id":null,"name":null,'*'"state":"detached","pt":null,"asked":null}'* ]]
}

@test "show of what is not there" {
	batch <<<"show nothing"
	expect_fail 1 "<stdin>:1: show: 'nothing': this context holds nothing of this id or name"
}

# ---- the JSON of every verb ----------------------------------------------------------------------

@test "JSON: bind, attach, replace, detach, unbind" {
	requires emulated
	batch --json <<-END
		bind $MTTY --name serial
		ioas alloc --name a
		attach serial a
		replace serial a
		detach serial
		unbind serial
	END
	expect_ok '{"version":1,"id":1}' '{"version":1,"id":2}' '{"version":1,"pt":2}' '{"version":1,"pt":2}' \
		'{"version":1}' '{"version":1}'
}

@test "JSON: ioas alloc, map, ranges, unmap, destroy" {
	batch --json <<-END
		ioas alloc --name a
		mem create ram 8K
		ioas map a ram --iova 1M
		ioas ranges a
		ioas unmap a 1M
		destroy a
	END
	expect_ok '{"version":1,"id":1}' '{"version":1}' '{"version":1,"iova":1048576}' \
		'{"version":1,"ranges":[{"start":0,"last":18446744073709551615,"alignment":1}]}' \
		'{"version":1,"length":8192}' '{"version":1}'
}

@test "JSON: mem create, write, read, list, destroy" {
	printf 'A"\n' >"$BATS_TEST_TMPDIR/file"
	batch --json <<-END
		mem create ram 4K
		mem write ram 0 $BATS_TEST_TMPDIR/file
		mem read ram 0 4
		mem list
		mem destroy ram
		mem list
	END
	expect_ok '{"version":1}' '{"version":1}' '{"version":1,"data":"41220a00"}' \
		'{"version":1,"memories":[{"name":"ram","size":4096,"page_size":4096,"mappings":0}]}' \
		'{"version":1}' '{"version":1,"memories":[]}'
}

@test "JSON: show" {
	requires physical
	vfio=$(cdev "$PHYSICAL")
	batch <<-END
		bind $PHYSICAL --name nic
		ioas alloc
		mem create ram 4K
		ioas map 2 ram --iova 1M --read
		attach nic 2
		show --json
		detach nic
		show nic --json
	END
	expect_silence
	head="{\"version\":1,\"devices\":[{\"id\":1,\"name\":\"nic\",\"device\":\"$vfio\",\"address\":\"$PHYSICAL\",\"kind\":\"physical\",\"group\":$(group_of "/sys/bus/pci/devices/$PHYSICAL")"
	expect_line -2 "$head,\"state\":\"attached\",\"pt\":3,\"asked\":2}],\"wanted\":[],\"pasids\":[],\"ioas\":[{\"id\":2,\"name\":null,\"mappings\":1}],\"hwpt\":[{\"id\":3,\"ioas\":2,\"name\":null,\"parent\":null,\"device\":null,\"flags\":\"auto\",\"queue\":null}],\"objects\":[],\"foreign\":[],\"handed\":[],\"memories\":[{\"name\":\"ram\",\"size\":4096,\"page_size\":4096,\"mappings\":1}],\"mappings\":[{\"ioas\":2,\"iova\":1048576,\"length\":4096,\"memory\":\"ram\",\"offset\":0,\"access\":\"r\"}]}"
	expect_line -1 "$head,\"state\":\"detached\",\"pt\":null,\"asked\":null}],\"wanted\":[],\"pasids\":[],\"ioas\":[],\"hwpt\":[],\"objects\":[],\"foreign\":[],\"handed\":[],\"memories\":[],\"mappings\":[]}"
}

@test "JSON: list" {
	requires jq
	ctl list --json
	expect_silence
	jq -e 'keys_unsorted == ["version", "devices", "group_members"] and (.devices | all(
		keys_unsorted == ["device", "address", "name", "driver", "group", "kind", "cdev", "numa_node", "owner", "mode", "use",
			"bus", "pcie_root", "vendor_id", "device_id", "subsystem_vendor_id", "subsystem_device_id", "class"] and
		([.device, .address, .driver, .kind, .cdev, .owner, .mode, .bus] | all(type == "string")) and
		(.group | type == "number" or . == null) and .use == []))' \
		<<<"$output"
}

@test "JSON: exec has none, and says so" {
	ctl --json exec -- true
	expect_fail 2 "exec: it has no JSON form"
}

@test "every verb has a test of its JSON, here or where it is tested" {
	local verb untested=() here=$'list\nbind\nunbind\nattach\nreplace\ndetach\nioas alloc\nioas map\nioas unmap\nioas ranges\ndestroy\nshow
mem create\nmem write\nmem read\nmem list\nmem destroy\nbatch\nexec\nhelp\nmigration save'
	# exec and migration save have none; those of sessions have tests of their own
	while read -r verb; do
		grep -qE "(^|[^a-z-])$verb( =)?( .*)? (-j|--json)" "$BATS_TEST_DIRNAME"/*.bats || untested+=("$verb")
	done < <(iommufdctl help --json | grep -o '"verb":"[^"]*"' | cut -d '"' -f 4 | grep -vxF "$here" | grep -v '^session ')
	((!${#untested[@]})) || { printf 'no test of the JSON of: %s\n' "${untested[@]}"; return 1; }
}

@test "every verb has a schema, or no JSON" {
	local verb missing=()
	while read -r verb; do
		[[ -e $BATS_TEST_DIRNAME/../../docs/schema/${verb// /-}.json ]] || missing+=("$verb")
	done < <(iommufdctl help --json | grep -o '"verb":"[^"]*"' | cut -d '"' -f 4)
	[[ ${missing[*]} == 'migration save batch exec session exec' ]] || wrong "without one: ${missing[*]}"
}

# violates TEXT WORDS JSON: the schemas find this fault
violates() {
	printf '%s\t%s\n' "$2" "$3" >"$BATS_TEST_TMPDIR/json"
	[[ $(violations "$BATS_TEST_TMPDIR/json") == *"$1"* ]] || wrong "not found: $1" "in: $3"
}

@test "schemas find what is wrong" {
	requires jq
	violates '.id: null is no "integer"' '-s lab ioas alloc -j' '{"version":1,"id":null}'
	violates '.id: 1.5 is no "integer"' 'ioas alloc -j' '{"version":1,"id":1.5}'
	violates '.id: -1 is below 0' 'ioas alloc -j' '{"version":1,"id":-1}'
	violates '.version: 2 is not 1' '-j --iommufd fd:3 detach d' '{"version":2}'
	violates 'has no id' 'bind d' '{"version":1}'
	violates 'has extra, of which the schema does not tell' 'bind d' '{"version":1,"id":1,"extra":2}'
	violates '.sessions[0].state: "well" is none of' 'session list' '{"version":1,"sessions":[{"session":"a","state":"well","pid":1}]}'
	violates '.devices[0].use[1]: 2 is no "string"' 'list' '{"version":1,"group_members":[],"devices":[{"use":["1",2]}]}'
	violates 'has no wanted' 'show' '{"version":1}'
	violates 'no verb prints' 'batch -' '{"version":1,"idx":1}'
	violates 'is no "object"' 'bind d' '[]'
	violates 'has nothing of the verb' 'frobnicate' '{"version":1}'
	violates '' 'bind d' '{'
	[[ ! $(violations <(printf 'bind d\t{"version":1,"id":1}\n')) ]] || wrong 'what is good'
}
