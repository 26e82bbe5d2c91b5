/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other programs that were given fds of a context. While one lives, what it does with them is its business: a
 * device may be attached elsewhere than is known here, an iommufd may hold objects that nobody here knows of.
 */
#ifndef CLI_CONTEXT_TAKER_H
#define CLI_CONTEXT_TAKER_H

#include "context/device.h"
#include "context/fds.h"
#include "util/number.h"

struct taker {
	char what[32]; /* the name of a cdev, or IOMMUFD_WORD */
	int pid;       /* 0: of a process that cannot be seen from here */
	uint64_t start; /* process_start() */
	bool moved; /* the device has left the context: what follows is as it left */
	char name[NAME_LENGTH + 1], address[64]; /* empty: none */
	int32_t group;
	uint32_t requested_pt, pt; /* 0: it was not attached */
};

/* One more; who has ended is forgotten. The same process with the same device again: as it is now. -ENOMEM */
int taker_add(struct context *ctx, const struct taker *taker);
/* The device is about to leave the context for this process, which was given its fd. */
void taker_moves(struct context *ctx, const struct device *device, int pid);
/* All that is known of the device is of a time before it came here. */
void taker_forget(struct context *ctx, const struct device *device);
/* The devices of this one's IOMMU group have moved along with it. */
void taker_follow(struct context *ctx, const struct device *device);

bool taker_is_alive(const struct taker *taker);

/* One that lives and was given this, moved or not. */
const struct taker *taker_of(const struct context *ctx, const char *what);
/*
 * One that lives and has a device that left: known by this word; of the IOMMU group of this device; attached
 * to this page table, or to one that was made of it.
 */
const struct taker *taker_by_word(const struct context *ctx, const char *word);
const struct taker *taker_in_group(const struct context *ctx, const struct device *device);
const struct taker *taker_on(const struct context *ctx, uint32_t pt);

#endif
