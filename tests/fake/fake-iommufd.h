/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in the file that stands for an iommufd. Without more it is a memfd, with IOASes alone. With
 * $FAKE_IOMMUFD, the path of a file of this form that a test has made, it is that file, which lists devices
 * as well: terminals whose other end the test keeps.
 */
#ifndef TESTS_FAKE_IOMMUFD_H
#define TESTS_FAKE_IOMMUFD_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_MAGIC 0x75666d6d6f696b66ull

enum { FAKE_IDS = 1 << 17, FAKE_MAPPINGS = 1 << 12, FAKE_DEVICES = 8 };
enum fake_type { FAKE_FREE, FAKE_IOAS, FAKE_HWPT, FAKE_DEVICE };

struct fake_mapping {
	uint32_t ioas; /* 0: a free entry */
	uint64_t iova, length;
	uint64_t file, offset; /* the inode of its memory */
};

struct fake_device {
	char node[32];
	uint64_t rdev;
	int32_t group;	 /* -1: an emulated device */
	uint32_t id, pt; /* 0: not bound, not attached */
};

struct fake_state {
	uint64_t magic;
	uint32_t kill_in;   /* a process with $FAKE_KILL dies after so many steps; 0: never */
	uint32_t kill_next; /* what comes in its place then */
	uint32_t kills;
	uint32_t opened, doubled; /* how often; and while it was open elsewhere, which a test may not want */
	struct fake_device devices[FAKE_DEVICES];
	uint32_t n_devices;
	uint8_t ids[FAKE_IDS];		/* enum fake_type */
	uint32_t ioas_of[FAKE_DEVICES]; /* of a HWPT ... */
	uint32_t hwpts[FAKE_DEVICES];	/* ... with this id; 0: a free entry, and there are enough */
	struct fake_mapping mappings[FAKE_MAPPINGS];
};

/* fake-devices.c: the state of $FAKE_IOMMUFD, or NULL, and the device that fd is open on, or NULL. */
struct fake_state *fake_device_state(int fd, struct fake_device **ret);
int fake_on_cdev(struct fake_state *state, int fd, struct fake_device *device, unsigned long request,
		 void *arg);
/* Whoever had a device bound may have closed it since: then it has left. */
void fake_reap(struct fake_state *state);
bool fake_is_used(const struct fake_state *state, uint32_t id);
int fake_open_file(const char *path, int flags);

#endif
