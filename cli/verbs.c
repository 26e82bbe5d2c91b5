/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verbs: help, completions and the help tests follow from it. */
#include "verbs.h"

#include <string.h>

#include "options.h"

#define END { 0 }

const struct argp_option common_options[] = {
	{ "json", OPT_JSON, NULL, 0, "Print one JSON object", 0 },
	{ "verbose", OPT_VERBOSE, NULL, 0, "Show each ioctl on stderr", 0 },
	{ "help", OPT_HELP, NULL, 0, "Print this help", 0 },
	END,
};

const struct argp_option global_options[] = {
	{ "session", OPT_SESSION, "NAME", 0, "Have this session run it", 0 },
	{ "iommufd", OPT_IOMMUFD, "fd:N|PATH", 0, "Use an open iommufd, or open this one", 0 },
	{ "once", OPT_ONCE, NULL, 0, "Run it although it is released at the end", 0 },
	{ "version", OPT_VERSION, NULL, 0, "Print the version", 0 },
	{ "json", OPT_JSON, NULL, 0, "Print one JSON object", 0 },
	{ "verbose", OPT_VERBOSE, NULL, 0, "Show each ioctl on stderr", 0 },
	{ "help", OPT_HELP, NULL, 0, "Print this help", 0 },
	END,
};

static const struct argp_option name_option[] = {
	{ "name", OPT_NAME, "NAME", 0, "Call it by this name from now on", 0 },
	END,
};

static const struct argp_option bind_options[] = {
	{ "name", OPT_NAME, "NAME", 0, "Call it by this name from now on", 0 },
	{ "token", OPT_TOKEN, "UUID", 0, "The token of a virtual function's physical one", 0 },
	END,
};

static const struct argp_option pasid_options[] = {
	{ "pasid", OPT_PASID, "P", 0, "For this PASID of the device alone", 0 },
	END,
};

static const struct argp_option map_options[] = {
	{ "iova", OPT_IOVA, "ADDRESS", 0, "Map there (default: the kernel chooses)", 0 },
	{ "offset", OPT_OFFSET, "BYTES", 0, "Begin here in the memory (default: 0)", 0 },
	{ "length", OPT_LENGTH, "BYTES", 0, "Map so much (default: to its end)", 0 },
	{ "piece", OPT_PIECE, "BYTES", 0, "In pieces that can be unmapped one by one", 0 },
	{ "read", OPT_READ, NULL, 0, "Devices may read (default: read and write)", 0 },
	{ "write", OPT_WRITE, NULL, 0, "Devices may write", 0 },
	END,
};

static const struct argp_option unmap_options[] = {
	{ "all", OPT_ALL, NULL, 0, "Everything that is mapped", 0 },
	END,
};

static const struct argp_option copy_options[] = {
	{ "iova", OPT_IOVA, "ADDRESS", 0, "Map there (default: the kernel chooses)", 0 },
	{ "read", OPT_READ, NULL, 0, "Devices may read (default: read and write)", 0 },
	{ "write", OPT_WRITE, NULL, 0, "Devices may write", 0 },
	END,
};

static const struct argp_option hwpt_options[] = {
	{ "name", OPT_NAME, "NAME", 0, "Call it by this name from now on", 0 },
	{ "nest-parent", OPT_NEST_PARENT, NULL, 0, "A guest's page tables may be nested in it", 0 },
	{ "dirty", OPT_DIRTY, NULL, 0, "What devices write can be tracked", 0 },
	{ "pasid", OPT_PASID, NULL, 0, "PASIDs may be attached to it", 0 },
	{ "fault", OPT_FAULT, "QUEUE", 0, "Page faults go to this queue", 0 },
	{ "type", OPT_TYPE, "TYPE", 0, "What --data is: vtd-s1, arm-smmuv3, amd-guest", 0 },
	{ "data", OPT_DATA, "FILE|-|hex:BYTES", 0, "The kernel's struct for it", 0 },
	END,
};

static const struct argp_option dirty_options[] = {
	{ "page", OPT_PAGE, "SIZE", 0, "A bit for so many bytes (default: 4K)", 0 },
	{ "no-clear", OPT_NO_CLEAR, NULL, 0, "Only look: they stay dirty", 0 },
	{ "raw", OPT_RAW, NULL, 0, "Print the bitmap as it is", 0 },
	END,
};

static const struct argp_option report_options[] = {
	{ "page", OPT_PAGE, "SIZE", 0, "A bit for so many bytes (default: 4K)", 0 },
	{ "raw", OPT_RAW, NULL, 0, "Print the bitmap as it is", 0 },
	END,
};

static const struct argp_option page_options[] = {
	{ "page", OPT_PAGE, "SIZE", 0, "As fine as this, if it can (default: 4K)", 0 },
	END,
};

static const struct argp_option hot_reset_options[] = {
	{ "info", OPT_INFO, NULL, 0, "Only show which devices these are", 0 },
	END,
};

static const struct argp_option part_options[] = {
	{ "offset", OPT_OFFSET, "BYTES", 0, "Begin here in the region (default: 0)", 0 },
	{ "length", OPT_LENGTH, "BYTES", 0, "So much of it (default: to its end)", 0 },
	END,
};

static const struct argp_option invalidate_options[] = {
	{ "type", OPT_TYPE, "TYPE", 0, "What the entries are: vtd-s1, arm-smmuv3", 0 },
	{ "entry", OPT_ENTRY, "BYTES", 0, "The size of one", 0 },
	{ "data", OPT_DATA, "FILE|-|hex:BYTES", 0, "The entries", 0 },
	END,
};

static const struct argp_option raw_options[] = {
	{ "raw", OPT_RAW, NULL, 0, "Print the data as it is", 0 },
	END,
};

static const struct argp_option viommu_options[] = {
	{ "name", OPT_NAME, "NAME", 0, "Call it by this name from now on", 0 },
	{ "data", OPT_DATA, "FILE|-|hex:BYTES", 0, "The kernel's struct of the type", 0 },
	END,
};

static const struct argp_option veventq_options[] = {
	{ "name", OPT_NAME, "NAME", 0, "Call it by this name from now on", 0 },
	{ "depth", OPT_DEPTH, "EVENTS", 0, "How many it holds (default: 256)", 0 },
	END,
};

static const struct argp_option follow_options[] = {
	{ "follow", OPT_FOLLOW, NULL, 0, "Wait for more", 0 },
	END,
};

static const struct argp_option event_options[] = {
	{ "follow", OPT_FOLLOW, NULL, 0, "Wait for more", 0 },
	{ "length", OPT_LENGTH, "BYTES", 0, "The data of one event (default: by its type)", 0 },
	END,
};

static const struct argp_option show_options[] = {
	{ "all", OPT_ALL, NULL, 0, "Also what others have made in it", 0 },
	{ "pid", OPT_PID, "PID", OPTION_NO_CONTEXT, "What the iommufds of this process hold", 0 },
	END,
};

static const struct argp_option features_options[] = {
	{ "require", OPT_REQUIRE, "NAME,...", 0, "Print nothing; exit with 3 if one is missing", 0 },
	END,
};

static const struct argp_option create_options[] = {
	{ "hugetlb", OPT_HUGETLB, "SIZE", 0, "Of huge pages of this size, as 2M", 0 },
	END,
};

static const struct argp_option batch_options[] = {
	{ "keep-going", OPT_KEEP_GOING, NULL, 0, "Go on after a failure; exit with 4", 0 },
	{ "echo", OPT_ECHO, NULL, 0, "Print each command on stderr before it runs", 0 },
	{ "hold", OPT_HOLD, NULL, 0, "Keep everything until a signal comes", 0 },
	END,
};

static const struct argp_option exec_options[] = {
	{ "device", OPT_DEVICE, "DEV[=NAME]", 0, "Open this device; may be repeated", 0 },
	{ "rlimit-mode", OPT_RLIMIT_MODE, "user|process", 0, "How pinned memory is accounted", 0 },
	{ "bind", OPT_BIND, NULL, 0, "Bind the devices (VMMs such as QEMU want them unbound)", 0 },
	END,
};

static const struct argp_option start_options[] = {
	{ "rlimit-mode", OPT_RLIMIT_MODE, "user|process", 0, "How pinned memory is accounted", 0 },
	{ "foreground", OPT_FOREGROUND, NULL, 0, "Do not go into the background", 0 },
	{ "resume", OPT_RESUME, "FD", 0, "Take over what a restarting session left", 0 },
	{ "ready-fd", OPT_READY_FD, "N", 0, "Write a newline to this fd when it is ready", 0 },
	END,
};

static const struct argp_option stop_options[] = {
	{ "force", OPT_FORCE, NULL, 0, "Also while devices are bound", 0 },
	END,
};

static const struct argp_option session_exec_options[] = {
	{ "share", OPT_SHARE, NULL, 0, "The session keeps the devices, too", 0 },
	END,
};

static const struct argp_option take_options[] = {
	{ "move", OPT_MOVE, NULL, 0, "The devices leave when the connection ends", 0 },
	END,
};

#define CONTEXT VERB_CONTEXT
#define SESSION VERB_SESSION
#define MAKES (VERB_CONTEXT | VERB_MAKES)
#define MEMORY (VERB_CONTEXT | VERB_MEMORY)

const struct verb verbs[] = {
	{ .name = "", .summary = "Devices:" },
	{ "list", "", "List the VFIO devices", NULL, verb_list, NULL, 0, 0, 0, 0 },

	{ "info", "DEV", "Show what a bound device has", NULL, verb_info, NULL, 1, 1, CONTEXT, 0 },
	{ "reset", "DEV", "Reset a device alone", NULL, verb_reset, NULL, 1, 1, CONTEXT, 0 },
	{ "hot-reset", "DEV", "Reset all that share its slot or bus", NULL, verb_hot_reset, hot_reset_options,
	  1, 1, CONTEXT, 0 },
	{ "migration get", "DEV", "Print a device's migration state", NULL, verb_migration_get, NULL, 1, 1,
	  CONTEXT, 0 },
	{ "migration set", "DEV STATE", "Move a device to a migration state",
	  "STATE: stop, running, stop-copy, resuming, running-p2p, pre-copy, pre-copy-p2p.",
	  verb_migration_set, NULL, 2, 2, CONTEXT, 0 },
	{ "migration save", "DEV", "Stop a device, print its state's data", NULL, verb_migration_save, NULL,
	 1,
	  1, VERB_CONTEXT | VERB_NO_JSON, 0 },
	{ "migration load", "DEV FILE|-", "Give a device the data of another, stopped", NULL,
	  verb_migration_load, NULL, 2, 2, CONTEXT, 0 },
	{ "dma-log start", "DEV [START-LAST...]", "Have a device note where it writes",
	  "Prints the page size that it has for it.", verb_dma_log_start, page_options, 1, ANY_NUMBER, CONTEXT, 0 },
	{ "dma-log report", "DEV IOVA LENGTH", "Print, and clear, what it has written", NULL,
	  verb_dma_log_report, report_options, 3, 3, CONTEXT, 0 },
	{ "dma-log stop", "DEV", "Have it note no more", NULL, verb_dma_log_stop, NULL, 1, 1, CONTEXT, 0 },
	{ "low-power", "DEV on|off", "Let an idle device sleep", NULL, verb_low_power, NULL, 2, 2, CONTEXT,
	 0 },

	{ .name = "", .summary = "Attach:" },
	{ "bind", "DEV", "Bind a device, print its id", NULL, verb_bind, bind_options, 1, 1, MAKES, 0 },
	{ "unbind", "DEV", "Release a device", NULL, verb_unbind, NULL, 1, 1, CONTEXT, 0 },
	{ "attach", "DEV PT", "Attach a device to an IOAS or HWPT",
	  "Prints the id that the device is now attached to. A device that is attached elsewhere is "
	  "refused: replace moves it. On an inherited cdev this cannot be known, and it is moved.",
	  verb_attach, pasid_options, 2, 2, MAKES, 0 },
	{ "replace", "DEV PT", "Move it to another one, without a gap",
	  "Prints the id that the device is now attached to. All devices of its IOMMU group move. A "
	  "detached device is refused; on an inherited cdev this cannot be known, and it is attached.",
	  verb_replace, pasid_options, 2, 2, MAKES, 0 },
	{ "detach", "DEV", "Detach a device", NULL, verb_detach, pasid_options, 1, 1, CONTEXT, 0 },

	{ .name = "", .summary = "Address spaces:" },
	{ "ioas alloc", "", "Allocate an I/O address space, print its id", NULL, verb_ioas_alloc,
	  name_option, 0, 0, MAKES, 0 },
	{ "ioas map", "IOAS MEM", "Map memory, print its IOVA",
	  "MEM: the name of a memory, or fd:N for a memfd of the caller's.", verb_ioas_map, map_options,
	  2, 2, MAKES, 0 },
	{ "ioas unmap", "IOAS [IOVA [LENGTH]]", "Unmap whole mappings",
	  "Without LENGTH: the one mapping that begins at IOVA.", verb_ioas_unmap, unmap_options, 1, 3,
	  CONTEXT, 0 },
	{ "ioas copy", "IOAS SOURCE IOVA LENGTH", "Map what is mapped elsewhere, print its IOVA",
	  "IOVA and LENGTH: what of the IOAS SOURCE.", verb_ioas_copy, copy_options, 4, 4, CONTEXT, 0 },
	{ "ioas ranges", "IOAS", "Print the usable IOVA ranges", NULL, verb_ioas_ranges, NULL, 1, 1,
	  CONTEXT, 0 },
	{ "ioas allow", "IOAS [START-LAST...]", "Set the IOVA ranges that must stay usable",
	  "Replaces all of them; none: any device will do.", verb_ioas_allow, NULL, 1, ANY_NUMBER, CONTEXT, 0 },
	{ "ioas change-process", "", "Charge all pinned memory to this process", NULL,
	  verb_ioas_change_process, NULL, 0, 0, CONTEXT, 0 },

	{ .name = "", .summary = "Page tables:" },
	{ "hwpt alloc", "DEV PT", "Allocate a page table, print its id",
	  "PT: an IOAS; or, for a nested one, a HWPT or vIOMMU.", verb_hwpt_alloc, hwpt_options, 2, 2, MAKES, 0 },
	{ "hwpt dirty", "on|off|read HWPT [IOVA LENGTH]", "Track, and print, what devices write",
	  "read prints the ranges that were written in LENGTH bytes from IOVA on, and clears them.",
	  verb_hwpt_dirty, dirty_options, 2, 4, CONTEXT, 0 },
	{ "hwpt invalidate", "HWPT|VIOMMU", "Say that a guest changed its page table", NULL,
	  verb_hwpt_invalidate, invalidate_options, 1, 1, CONTEXT, 0 },
	{ "hw-info", "DEV", "Show what the IOMMU of a device can do", NULL, verb_hw_info, raw_options, 1, 1,
	  CONTEXT, 0 },

	{ .name = "", .summary = "Page faults, and IOMMUs of guests:" },
	{ "fault alloc", "", "Allocate a queue for page faults, print its id", NULL, verb_fault_alloc,
	  name_option, 0, 0, MEMORY | VERB_MAKES, 0 },
	{ "fault read", "QUEUE", "Print the page faults that wait", "QUEUE: its name or id, or fd:N.",
	  verb_fault_read, follow_options, 1, 1, SESSION, 0 },
	{ "fault respond", "QUEUE COOKIE CODE", "Answer a group of page faults", "CODE: success or invalid.",
	  verb_fault_respond, NULL, 3, 3, CONTEXT, 0 },
	{ "viommu alloc", "DEV HWPT TYPE", "Allocate a guest's IOMMU, print its id",
	  "HWPT: one with --nest-parent. TYPE: arm-smmuv3, tegra241-cmdqv.", verb_viommu_alloc,
	  viommu_options, 3, 3, MAKES, 0 },
	{ "vdevice alloc", "VIOMMU DEV VIRT-ID", "Say how a guest knows a device, print an id", NULL,
	  verb_vdevice_alloc, name_option, 3, 3, MAKES, 0 },
	{ "veventq alloc", "VIOMMU TYPE", "Allocate a queue for a guest's events",
	  "TYPE: arm-smmuv3, tegra241-cmdqv.", verb_veventq_alloc, veventq_options, 2, 2,
	  MEMORY | VERB_MAKES, 0 },
	{ "veventq read", "QUEUE", "Print the events that wait", "QUEUE: its name or id, or fd:N.",
	  verb_veventq_read, event_options, 1, 1, SESSION, 0 },
	{ "hw-queue alloc", "VIOMMU TYPE INDEX IOVA LENGTH", "Give a guest a hardware queue, print its id",
	  "TYPE: tegra241-cmdqv.", verb_hw_queue_alloc, name_option, 5, 5, MAKES, 0 },

	{ .name = "", .summary = "The whole context:" },
	{ "option get", "OPTION [IOAS]", "Print an option's value",
	 "OPTION: rlimit-mode; huge-pages of an IOAS.",
	  verb_option_get, NULL, 1, 2, CONTEXT, 0 },
	{ "option set", "OPTION [IOAS] VALUE", "Set an option",
	  "rlimit-mode user|process, while nothing is allocated; huge-pages IOAS on|off.", verb_option_set,
	  NULL, 2, 3, CONTEXT, 0 },
	{ "vfio-ioas get", "", "Print the IOAS of the old VFIO interface", NULL, verb_vfio_ioas_get,
	  NULL, 0, 0, CONTEXT, 0 },
	{ "vfio-ioas set", "IOAS", "Set the IOAS of the old VFIO interface", NULL, verb_vfio_ioas_set, NULL,
	 1,
	  1, CONTEXT, 0 },
	{ "vfio-ioas clear", "", "Clear the IOAS of the old VFIO interface", NULL, verb_vfio_ioas_clear,
	 NULL, 0, 0, CONTEXT, 0 },
	{ "destroy", "REF...", "Destroy objects, by id or name", NULL, verb_destroy, NULL, 1, ANY_NUMBER,
	  CONTEXT, 0 },
	{ "show", "[REF]", "Show what the context holds", NULL, verb_show, show_options, 0, 1, CONTEXT, 0 },

	{ .name = "", .summary = "Memory:" },
	{ "mem create", "NAME SIZE", "Make zeroed memory",
	  "SIZE: bytes, or with K, M, G, T.", verb_mem_create, create_options, 2, 2, MEMORY | VERB_MAKES,
	  0 },
	{ "mem dma-buf", "NAME DEV REGION", "Make a device's BAR memory for others",
	  "REGION: its number, as info shows it.", verb_mem_dma_buf, part_options, 3, 3, MEMORY | VERB_MAKES, 0 },
	{ "mem write", "NAME OFFSET FILE|-", "Copy a file into memory", NULL, verb_mem_write, NULL, 3, 3,
	  MEMORY, 0 },
	{ "mem read", "NAME OFFSET LENGTH", "Print bytes as they are (JSON: hex)", NULL,
	  verb_mem_read, NULL, 3, 3, MEMORY, 0 },
	{ "mem list", "", "List the memory", NULL, verb_mem_list, NULL, 0, 0, MEMORY, 0 },
	{ "mem destroy", "NAME", "Give memory back", NULL, verb_mem_destroy, NULL, 1, 1, MEMORY, 0 },

	{ .name = "", .summary = "Contexts:" },
	{ "batch", "FILE|-", "Run the commands of a file in one context",
	  "One command a line, words as in a shell: quotes, backslash, # comments. Ends at the first "
	  "failure; everything is released at the end.",
	  verb_batch, batch_options, 1, 1, VERB_ALONE | VERB_OPENS, 0 },
	{ "exec", "-- CMD [ARG...]", "Run a program with the fds of a context",
	  "In CMD's words {fd:iommufd}, {fd:DEV} and {fd:mem:NAME} become fd numbers. Alone: opens an "
	  "iommufd and the devices and becomes CMD. In a batch: runs CMD and waits for it; its exit "
	  "status is the line's.",
	  verb_exec, exec_options, 1, ANY_NUMBER, VERB_IN_ORDER | VERB_NO_JSON | VERB_OPENS,
	  .repeats = OPT_DEVICE },

	{ .name = "", .summary = "Sessions:" },
	{ "session start", "[NAME]", "Start a process that keeps a context", NULL, verb_session_start,
	  start_options, 0, 1, 0, 0 },
	{ "session stop", "[NAME]", "End it, and release what it holds", NULL, verb_session_stop,
	  stop_options, 0, 1, SESSION, 0 },
	{ "session list", "", "List the sessions", NULL, verb_session_list, NULL, 0, 0, 0, 0 },
	{ "session show", "[NAME]", "Show what a session holds, in numbers", NULL, verb_session_show, NULL,
	  0, 1, SESSION, 0 },
	{ "session restart", "[NAME]", "Go on as the installed program, keep all",
	  "For an upgrade: no device is unbound, no DMA is interrupted.", verb_session_restart, NULL, 0, 1,
	  SESSION, 0 },
	{ "session exec", "-- CMD [ARG...]", "Move devices out to a program",
	  "In CMD's words {fd:iommufd}, {fd:DEV} and {fd:mem:NAME} become fd numbers.",
	  verb_session_exec, session_exec_options, 1, ANY_NUMBER,
	  VERB_IN_ORDER | VERB_NO_JSON | VERB_SESSION, 0 },
	{ "session take", "REF...", "Have fds sent (for programs)", NULL, verb_session_take, take_options,
	  1, ANY_NUMBER, SESSION, 0 },
	{ "session keep", "", "Undo take --move (for programs)", NULL, verb_session_keep, NULL, 0, 0,
	  SESSION, 0 },

	{ .name = "", .summary = "System:" },
	{ "features", "", "Show what the kernel's iommufd can",
	  "SUPPORTED: yes, no, or device: only a device can tell.", verb_features, features_options, 0, 0,
	  VERB_OPENS, 0 },
	{ "help", "[VERB]", "Print help", NULL, verb_help, NULL, 0, 2, 0, 0 },
	{ .name = "" },
};

/* How many words of argv are the name, 0: they are not. Exact, never by prefix. */
static int matches(const char *name, int argc, char **argv)
{
	size_t len = strcspn(name, " ");

	if (strlen(argv[0]) != len || strncmp(name, argv[0], len) != 0)
		return 0;
	if (!name[len])
		return 1;
	return argc > 1 && strcmp(name + len + 1, argv[1]) == 0 ? 2 : 0;
}

const struct verb *verb_find(int argc, char **argv, int *ret_words)
{
	if (!argc || !*argv[0])
		return NULL;
	for (const struct verb *verb = verbs; verb < verbs + ARRAY_SIZE(verbs); verb++)
		if ((*ret_words = matches(verb->name, argc, argv)))
			return verb;
	return NULL;
}
