/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What processes have open below /dev, and mapped of VFIO: read once, and asked for any number of devices. */
#ifndef CLI_MACHINE_HELD_H
#define CLI_MACHINE_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct machine_held_file {
	pid_t pid;
	bool is_mapped; /* a mapping; otherwise an fd */
	mode_t type;	/* of the node: S_IFCHR, S_IFBLK; 0: it is none, or is not known */
	dev_t rdev;	/* of the node */
	char path[128]; /* as the process has it: "/dev/vfio/devices/vfio0 (deleted)", "anon_inode:[vfio-device]" */
	char *device;	/* "/sys/devices/...", which recent kernels tell of a file of VFIO; NULL: not told */
};

/* Those of a process follow each other, its fds first. */
struct machine_held {
	struct machine_held_file *items;
	size_t count, room;
	bool more;   /* than there was time or memory for */
	bool unseen; /* processes of others: what they hold may not be seen */
};

/* end: a time of clock_ms() that is enough. */
void machine_held_read(struct machine_held *ret, uint64_t end);
void machine_held_free(struct machine_held *held);

#endif
