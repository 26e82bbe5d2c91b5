/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with one open /dev/iommu, and its ioctls as functions: 0 or what they gave, or -errno. */
#ifndef MODEL_CALLS_H
#define MODEL_CALLS_H

#include "lab.h"
#include "world.h"

enum { PAGES = 16, PAGE_SIZE = 4096, R = 4, W = 2, FIXED = 1 };

struct bench {
	struct sim *sim;
	struct world world;
	struct sim_context *context;
	int fd; /* of the context */
	unsigned char *memory; /* PAGES pages */
	struct sim_cdev *cdevs[LAB_DEVICES];
};

void bench_open(struct bench *bench, const char *kernel);
/* Closes all that is open still; the counts of what is pinned and charged have to be 0 then. */
void bench_close(struct bench *bench);

long on_iommufd(struct bench *bench, unsigned long request, void *arg);
long on_cdev(struct bench *bench, int device, unsigned long request, void *arg);

/* Ids, or -errno. */
long new_ioas(struct bench *bench);
long new_hwpt(struct bench *bench, uint32_t dev_id, uint32_t pt_id, uint32_t flags);
long bind_device(struct bench *bench, int device);
long attach_device(struct bench *bench, int device, uint32_t pt_id);
long detach_device(struct bench *bench, int device);
void close_device(struct bench *bench, int device);
long destroy(struct bench *bench, uint32_t id);

/* The page of the bench's memory from which on n pages are mapped at iova. */
long map_fixed(struct bench *bench, uint32_t ioas, int page, int n, uint64_t iova);
/* The IOVA. */
long map_anywhere(struct bench *bench, uint32_t ioas, int page, int n);
/* How many bytes were unmapped. */
long unmap(struct bench *bench, uint32_t ioas, uint64_t iova, uint64_t length);
long copy_ioas(struct bench *bench, uint32_t to, uint64_t to_iova, uint32_t from, uint64_t from_iova,
	       uint64_t length);
struct sim_device *device_of(struct bench *bench, int device);

#endif
