/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/answer.h"
#include <string.h>

#define UNSAFE_PARAMETER "/sys/module/iommufd/parameters/allow_unsafe_interrupts"
#define WHERE_TRUSTED "where whoever drives the device is trusted: echo Y >" UNSAFE_PARAMETER
#define NOIOMMU_PARAMETER "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
#define TO_CHANGE_THAT "iommufdctl claim {DEV}"
#define MAY_PIN "process {PID} may pin {LIMIT} bytes (RLIMIT_MEMLOCK), and {NEED} are needed"
#define RAISE_OF_SESSION \
	"the limit of the session's process counts; as root: prlimit --pid {PID} --memlock={NEED}"

const struct answer doctor_answers[] = {
	[IOMMU_ON] = { "iommu", STATE_OK, "{KIND} is on", "/sys/class/iommu/{NAME}" },
	[INTEL_SWITCHED_OFF] = {
		"iommu", STATE_FAILED, "the firmware has one, Intel's, switched off by {WORDS}", "/proc/cmdline",
		"boot with intel_iommu=on and without {WORDS}" },
	[INTEL_NOT_ASKED_FOR] = {
		"iommu", STATE_FAILED, "the firmware has one, Intel's, which the kernel does not use",
		"/sys/firmware/acpi/tables/DMAR", "boot with intel_iommu=on" },
	[INTEL_DEAF] = {
		"iommu", STATE_FAILED, "the firmware has one, Intel's, which is off in spite of intel_iommu=on",
		"/proc/cmdline",
		"'dmesg | grep -i DMAR' shows why; a kernel without CONFIG_INTEL_IOMMU says nothing" },
	[AMD_SWITCHED_OFF] = {
		"iommu", STATE_FAILED, "the firmware has one, AMD's, switched off by {WORDS}", "/proc/cmdline",
		"boot without {WORDS}" },
	[AMD_OFF] = {
		"iommu", STATE_FAILED, "the firmware has one, AMD's, which the kernel does not use",
		"/sys/firmware/acpi/tables/IVRS", "'dmesg | grep AMD-Vi' shows why" },
	[ARM_OFF] = {
		"iommu", STATE_FAILED, "the firmware has one, of Arm's, which the kernel does not use",
		"/sys/firmware/acpi/tables/IORT", "'dmesg | grep -i smmu' shows what it makes of it" },
	[FIRMWARE_HAS_NONE] = {
		"iommu", STATE_FAILED, "the firmware tells of none", "/sys/firmware/acpi/tables",
		"enable it in its settings (VT-d, AMD-Vi or IOMMU); a virtual machine is given one by its hypervisor" },
	[FIRMWARE_NOT_SEEN] = {
		"iommu", STATE_FAILED, "none is on, and what the firmware has cannot be seen", "/sys/class/iommu",
		"enable it in the firmware's settings; one of Intel takes intel_iommu=on on the kernel's command "
		"line, too" },

	[WORDS_FINE] = { "command-line", STATE_OK, "no word of it is in the way", "/proc/cmdline" },
	[WORD_UNKNOWN] = {
		"command-line", STATE_WARNING, "{WORD} is no option, and does nothing", "/proc/cmdline",
		"leave {WORD} out" },
	[WORD_OF_OTHERS] = {
		"command-line", STATE_WARNING, "{WORD} is for IOMMUs of {VENDOR}, and does nothing here",
		"/proc/cmdline", "leave {WORD} out" },
	[WORD_OF_TYPE1] = {
		"command-line", STATE_WARNING, "{WORD} does nothing for iommufd", "/proc/cmdline",
		"boot with iommufd.allow_unsafe_interrupts=1 in its place" },
	[WORD_FREES_GPU] = {
		"command-line", STATE_WARNING, "{WORD} leaves the integrated GPU without its IOMMU", "/proc/cmdline",
		"boot without {WORD}" },

	[INTERRUPTS_REMAPPED] = { "interrupts", STATE_OK, "they are remapped", "/proc/interrupts" },
	[INTERRUPTS_NOT_KNOWN] = { "interrupts", STATE_OK, "nothing shows that they are not isolated",
				   "/proc/interrupts" },
	[INTERRUPTS_SWITCHED_OFF] = {
		"interrupts", STATE_FAILED,
		"this machine does not remap interrupts: a device could send any of them", "/proc/interrupts",
		"boot without {WORDS}; " WHERE_TRUSTED },
	[INTERRUPTS_NOT_REMAPPED] = {
		"interrupts", STATE_FAILED,
		"this machine does not remap interrupts: a device could send any of them", "/proc/interrupts",
		WHERE_TRUSTED },
	[INTERRUPTS_ALLOWED] = {
		"interrupts", STATE_WARNING, "they are not remapped, and that is allowed: a device could send any of them",
		UNSAFE_PARAMETER },

	[NODE_OPENS] = { "iommufd", STATE_OK, "it opens", "{NODE}" },
	[IOMMUFD_NOT_LOADED] = {
		"iommufd", STATE_FAILED, "the kernel has it as a module, which is not loaded",
		"/lib/modules/{RELEASE}/modules.dep",
		"modprobe iommufd; and for each start: echo iommufd >/etc/modules-load.d/iommufd.conf" },
	[IOMMUFD_NOT_BUILT] = {
		"iommufd", STATE_FAILED, "this kernel is built without iommufd", "/boot/config-{RELEASE}",
		"use a kernel of Linux 6.6 or later that has CONFIG_IOMMUFD" },
	[IOMMUFD_MISSING] = {
		"iommufd", STATE_FAILED, "this kernel offers no iommufd", "/proc/misc",
		"load it with 'modprobe iommufd', or use a kernel with CONFIG_IOMMUFD" },
	[NODE_MISSING] = {
		"iommufd", STATE_FAILED, "the kernel has iommufd, but there is no node for it here",
		"/sys/class/misc/iommu/dev",
		"mknod -m 600 {NODE} c {MAJOR} {MINOR}; a container is given it by --device {NODE}" },
	[NODE_WRONG] = {
		"iommufd", STATE_FAILED, "the kernel has iommufd, but the node is none of it",
		"/sys/class/misc/iommu/dev", "rm {NODE}; mknod -m 600 {NODE} c {MAJOR} {MINOR}" },
	[NODE_IS_FILE] = {
		"iommufd", STATE_FAILED, "a regular file lies in the place of the node, as a shell's '<>' makes it",
		"{NODE}", "rm {NODE}; mknod -m 600 {NODE} c {MAJOR} {MINOR}" },
	[NODE_IS_FILE_ALONE] = {
		"iommufd", STATE_FAILED,
		"a regular file lies in the place of the node, as a shell's '<>' makes it where there is none", "{NODE}",
		"rm {NODE}; modprobe iommufd" },
	[NODE_IS_MOUNT] = {
		"iommufd", STATE_FAILED, "a regular file is mounted in the place of the node", "{NODE}", "umount {NODE}" },
	[NODE_DENIED] = {
		"iommufd", STATE_FAILED, "permission denied: it is {RIGHTS}", "{NODE}",
		"be root, or let a udev rule give your group the node" },
	[NODE_FAILS] = { "iommufd", STATE_FAILED, "it does not open: {WHY}", "{NODE}" },

	[CDEVS_MADE] = { "cdevs", STATE_OK, "the kernel makes them", "/proc/devices" },
	[CDEVS_NOT_LOADED] = {
		"cdevs", STATE_WARNING, "VFIO is not loaded: nobody knows whether the kernel makes them",
		"/proc/devices", "modprobe vfio-pci" },
	[CDEVS_NOT_BUILT] = {
		"cdevs", STATE_FAILED, "this kernel makes no cdevs: it lacks CONFIG_VFIO_DEVICE_CDEV",
		"/proc/devices",
		"without cdevs there is no iommufd for its devices: use a kernel of Linux 6.6 or later that has it" },

	[NOIOMMU_OFF] = { "noiommu", STATE_OK, "devices need an IOMMU", NOIOMMU_PARAMETER },
	[NOIOMMU_ON] = {
		"noiommu", STATE_WARNING, "VFIO takes devices that have no IOMMU: they reach all of memory",
		NOIOMMU_PARAMETER, "echo N >" NOIOMMU_PARAMETER },

	[IN_GROUP] = { "group", STATE_OK, "its IOMMU group is {GROUP}", "/sys/{PATH}/iommu_group" },
	[BEHIND_NONE] = {
		"group", STATE_FAILED, "an IOMMU is on, but not for this device", "/sys/{PATH}/iommu_group",
		"'ls -d /sys/bus/pci/devices/*/iommu_group' shows those that it is for" },
	[IN_NO_GROUP] = {
		"group", STATE_FAILED, "it is behind no IOMMU", "/sys/{PATH}/iommu_group", "as for 'iommu'" },
	[NOIOMMU_CDEV] = {
		"group", STATE_WARNING, "it has no IOMMU: it can read and write all of memory, by physical addresses",
		"/sys/kernel/iommu_groups/{GROUP}/name", "as for 'iommu'" },
	[NOIOMMU_NO_CDEV] = {
		"group", STATE_FAILED, "this kernel makes no cdev for a device in noiommu mode",
		"/sys/kernel/iommu_groups/{GROUP}/name", "as for 'iommu'" },

	[NOTHING_FORBIDS] = { "obstacles", STATE_OK, "nothing forbids it" },
	[IS_BRIDGE] = {
		"obstacles", STATE_FAILED, "{WHAT|it is a PCI bridge (class 0604), which no VFIO driver takes}", "{FILE|/sys/bus/pci/devices/DEV/class}",
		"what is behind it is bound device by device" },
	[IS_IOMMU] = { "obstacles", STATE_FAILED, "{WHAT|it is an IOMMU (class 0806)}", "{FILE|/sys/bus/pci/devices/DEV/class}" },
	[IS_DENYLISTED] = {
		"obstacles", STATE_FAILED,
		"{WHAT|vfio-pci does not take 8086:19e2, which it has on a list of unsafe devices}", "{FILE|/sys/module/vfio_pci/parameters/disable_denylist}",
		"where whoever drives it is trusted: load vfio-pci with disable_denylist=1" },
	[HAS_DIRECT] = {
		"obstacles", STATE_FAILED, "{WHAT|the firmware has it reach memory at 0x9e000000-0x9fffffff directly}", "{FILE|/sys/kernel/iommu_groups/GROUP/reserved_regions}",
		"switch off in the firmware's settings what uses it so (RMRR, IVMD), or take another device" },

	[VFIO_DRIVER] = { "driver", STATE_OK, "its driver is {DRIVER}", "/sys/{PATH}/driver" },
	[HOST_DRIVER] = { "driver", STATE_FAILED, "its driver is {DRIVER}", "/sys/{PATH}/driver", TO_CHANGE_THAT },
	[NO_DRIVER] = { "driver", STATE_FAILED, "it has no driver", "/sys/{PATH}/driver", TO_CHANGE_THAT },
	[OVERRIDE_NOT_TAKEN] = {
		"driver", STATE_FAILED, "it has no driver, as its driver_override is {OVERRIDE}, which did not take it",
		"/sys/{PATH}/driver_override", TO_CHANGE_THAT },
	[OVERRIDE_UNKNOWN] = {
		"driver", STATE_FAILED,
		"it has no driver, as its driver_override is {OVERRIDE}, which this kernel does not have",
		"/sys/{PATH}/driver_override", TO_CHANGE_THAT },
	[VFIO_NOT_TAKEN] = {
		"driver", STATE_FAILED, "its driver_override is {OVERRIDE}, which did not take it",
		"/sys/{PATH}/driver_override", TO_CHANGE_THAT },
	[VFIO_NOT_LOADED] = {
		"driver", STATE_FAILED, "its driver_override is {OVERRIDE}, and this kernel has no such driver",
		"/sys/{PATH}/driver_override", TO_CHANGE_THAT },
	[MDEV_LOST_DRIVER] = {
		"driver", STATE_FAILED, "it has no driver, and gets one only when it is made", "/sys/{PATH}/driver",
		"D=/sys/{PATH}; T=$(realpath $D/mdev_type); echo 1 >$D/remove; echo {DEV} >$T/create" },
	[BUS_WITHOUT_DRIVER] = {
		"driver", STATE_FAILED, "it has no driver of VFIO, and there is none for its bus", "/sys/{PATH}/driver" },

	[SIBLINGS_FINE] = { "siblings", STATE_OK, "nothing in its group keeps it from VFIO",
			    "/sys/kernel/iommu_groups/{GROUP}/devices" },
	[SIBLING_KEEPS] = {
		"siblings", STATE_FAILED, "{SIBLING} of its IOMMU group, {GROUP}, has a driver of the host, {DRIVER}",
		"/sys/{SIBLING-PATH}/driver", "if nothing here needs that: iommufdctl claim {SIBLING}" },

	[NODE_OF_DEVICE] = { "node", STATE_OK, "it is {RIGHTS}", "{NODE}" },
	[CDEV_NOT_MADE] = { "node", STATE_FAILED, "the kernel makes no cdev for it", "/sys/class/vfio-dev/{NAME}",
			    "as for 'cdevs'" },
	[CDEV_MISSING] = {
		"node", STATE_FAILED, "the device has no node below /dev/vfio/devices", "/sys/class/vfio-dev/{NAME}/dev",
		"mknod -m 600 {NODE} c {MAJOR} {MINOR}; a container is given it by --device {NODE}" },
	[CDEV_OF_OTHERS] = {
		"node", STATE_FAILED, "the node has the numbers {IS}, and the device has {MAJOR}:{MINOR}",
		"/sys/class/vfio-dev/{NAME}/dev", "rm {NODE}; mknod -m 600 {NODE} c {MAJOR} {MINOR}" },
	[CDEV_DENIED] = {
		"node", STATE_FAILED, "permission denied on the device's cdev: it is {RIGHTS}", "{NODE}",
		"be root, or let a udev rule give you the node below /dev/vfio/devices" },

	[NOBODY_HOLDS] = { "holders", STATE_OK, "no process has it open, or mapped", "/proc" },
	[NOBODY_SEEN] = {
		"holders", STATE_OK, "no process that can be seen here has it open", "/proc",
		"'fuser -v {NODE}', as root and outside of containers, shows all" },
	[HELD_OPEN] = {
		"holders", STATE_FAILED, "{WHO} has it open, and a device is bound through one open cdev only",
		"/proc/{PID}/fd", "it has to end, or to close that" },
	[HELD_BY_SESSION] = {
		"holders", STATE_FAILED, "{WHO} has it open, and a device is bound through one open cdev only",
		"/proc/{PID}/fd", "'iommufdctl session list' shows whose session it is" },
	[HELD_BY_NAMED] = {
		"holders", STATE_FAILED, "{WHO} has it open for the session '{SESSION}', and a device is bound through one open cdev only",
		"/proc/{PID}/fd", "iommufdctl -s {SESSION} unbind {NAME}" },
	[HELD_MAPPED] = {
		"holders", STATE_FAILED, "{WHO} has its memory mapped, with its cdev closed", "/proc/{PID}/maps",
		"it has to end, or to unmap that" },
	[HELD_THROUGH_GROUP] = {
		"holders", STATE_FAILED, "{WHO} has {NODE} open", "/proc/{PID}/fd",
		"it goes through the group, and has to close that first" },
	[HELD_BY_HOST] = {
		"holders", STATE_WARNING, "{WHO} has {NODE} open", "/proc/{PID}/fd",
		"it has to close that before the device is given away" },
	[UNBIND_WAITS] = {
		"holders", STATE_FAILED, "an unbind waits for {WHO}, which has it open still", "/proc/{PID}/fd",
		"kill {PID}, or have it close that" },
	[UNBIND_MAY_WAIT] = {
		"holders", STATE_FAILED,
		"it has no driver, and {WHO} has the cdev of a device open that is gone, {NODE}: an unbind may wait for it",
		"/proc/{PID}/fd", "kill {PID}, or have it close that" },

	[USED_BY_NOBODY] = { "use", STATE_OK, "nothing shows that the host uses it" },
	[USED_BY_HOST] = { "use", STATE_WARNING, "the host would lose: {WHAT|mounted /, default route, ...}", "{FILE}" },
	[USED_PERHAPS] = { "use", STATE_WARNING, "it may be in use: {WHAT}", "{FILE}" },
	[HAS_FRAMEBUFFER] = {
		"use", STATE_FAILED, "{WHAT|framebuffer simpledrm} keeps a part of its memory", "{FILE|/proc/iomem}",
		"boot with initcall_blacklist=sysfb_init, or let another display be the first one" },

	[CLAIMED_BY_NOBODY] = { "claimants", STATE_OK, "nobody else gives it drivers" },
	[CLAIMED_BY_OTHERS] = {
		"claimants", STATE_WARNING, "{WHO} has a say in its driver, too: {WHAT}", "{FILE}",
		"let one of them do it" },

	[MAY_PIN_ALL] = { "memlock", STATE_OK, "process {PID} has CAP_IPC_LOCK: no limit counts", "/proc/{PID}/status" },
	[NO_LIMIT] = { "memlock", STATE_OK, "process {PID} has no limit (RLIMIT_MEMLOCK)", "/proc/{PID}/limits" },
	[MAY_PIN_ENOUGH] = { "memlock", STATE_OK, MAY_PIN, "/proc/{PID}/limits" },
	[USER_MAY_PIN_ENOUGH] = {
		"memlock", STATE_OK, MAY_PIN "; what other processes of its user pin counts as well",
		"/proc/{PID}/limits" },
	[MAY_PIN_LESS] = {
		"memlock", STATE_FAILED, MAY_PIN, "/proc/{PID}/limits",
		"ulimit -l {KIB}, as root if that is above the hard limit; or have CAP_IPC_LOCK; a service takes "
		"LimitMEMLOCK={NEED}, a container --ulimit memlock={NEED}" },
	[SESSION_MAY_PIN_LESS] = { "memlock", STATE_FAILED, MAY_PIN, "/proc/{PID}/limits", RAISE_OF_SESSION },
	[OTHER_MAY_PIN_LESS] = {
		"memlock", STATE_FAILED, MAY_PIN, "/proc/{PID}/limits", "as root: prlimit --pid {PID} --memlock={NEED}" },
	[SERVICE_MAY_PIN_LESS] = {
		"memlock", STATE_FAILED, MAY_PIN, "/proc/{PID}/limits",
		RAISE_OF_SESSION "; and for the next time LimitMEMLOCK={NEED} in {UNIT}" },
};

static const char *find_blank(const struct blank *blanks, const char *name, size_t len)
{
	for (; blanks && blanks->name; blanks++)
		if (strlen(blanks->name) == len && strncmp(blanks->name, name, len) == 0)
			return blanks->text;
	return "";
}

/* The text between two blanks, or that of a blank. Moves *at behind it. */
static size_t next_part(const char **at, const struct blank *blanks, const char **part)
{
	size_t len = strcspn(*at, "{");

	*part = *at;
	*at += len;
	if (len)
		return len;
	*part = find_blank(blanks, *at + 1, strcspn(*at + 1, "|}"));
	*at += strcspn(*at, "}");
	*at += **at == '}';
	return strlen(*part);
}

void answer_fill(char *buf, size_t len, const char *sentence, const struct blank *blanks)
{
	size_t used = 0;
	const char *part;

	while (sentence && *sentence) {
		size_t n = next_part(&sentence, blanks, &part);

		n = n < len - 1 - used ? n : len - 1 - used;
		memcpy(buf + used, part, n);
		used += n;
	}
	buf[used] = '\0';
}
