/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the model takes, without the system calls around it: ioctls in a second, and how the time of one, and
 * its memory, grow with the mappings of an IOAS. Prints "NAME VALUE UNIT" lines.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab.h"
#include "model.h"
#include "uapi/iommufd.h"

enum { FEW = 1000, MANY = 100000, ROUNDS = 200000, BATCH = 500, REPEATS = 300, PAGE_SIZE = 4096 };

/* A caller whose memory is this program's: what the model costs is to be seen. */
static int copy_from(struct sim_caller *caller, uint64_t address, void *to, size_t len)
{
	(void)caller;
	memcpy(to, (const void *)(uintptr_t)address, len);
	return 0;
}

static int copy_to(struct sim_caller *caller, uint64_t address, const void *from, size_t len)
{
	(void)caller;
	memcpy((void *)(uintptr_t)address, from, len);
	return 0;
}

static void limits(struct sim_caller *caller, struct sim_limits *of)
{
	(void)caller;
	*of = (struct sim_limits){ 0 };
}

static void nothing(struct sim_backing *backing)
{
	(void)backing;
}

static const struct sim_backing_ops space_ops = { .free = nothing };
static struct sim_backing space = { .ops = &space_ops, .refs = 1 };

static struct sim_backing *memory(struct sim_caller *caller)
{
	(void)caller;
	return sim_backing_get(&space);
}

static const struct sim_caller_ops ops = {
	.read = copy_from, .write = copy_to, .limits = limits, .memory = memory
};
static struct sim_caller caller = { &ops };

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void call(struct sim_context *context, unsigned long request, void *arg)
{
	long rc = sim_iommufd_ioctl(context, request, (uintptr_t)arg, &caller);

	if (rc) {
		fprintf(stderr, "bench-model: %lx: %ld\n", request, rc);
		exit(1);
	}
}

static uint64_t map(struct sim_context *context)
{
	struct uapi_iommu_ioas_map arg = {
		.size = sizeof(arg), .flags = 6, .ioas_id = 1, .user_va = PAGE_SIZE, .length = PAGE_SIZE
	};

	call(context, UAPI_IOMMU_IOAS_MAP, &arg);
	return arg.iova;
}

static void unmap(struct sim_context *context, uint64_t iova)
{
	struct uapi_iommu_ioas_unmap arg = { sizeof(arg), 1, iova, PAGE_SIZE };

	call(context, UAPI_IOMMU_IOAS_UNMAP, &arg);
}

struct times {
	double map, find, unmap;
};

static void keep_least(double *least, double seconds)
{
	if (!*least || seconds < *least)
		*least = seconds;
}

/* Some of n are looked up, by copies that do not fit; they are unmapped; the holes are filled. */
static struct times measure_once(struct sim_context *context, unsigned int n, unsigned int first)
{
	struct uapi_iommu_ioas_copy copy = {
		.size = sizeof(copy), .flags = 7, .dst_ioas_id = 1, .src_ioas_id = 1, .length = PAGE_SIZE
	};
	unsigned int apart = n / BATCH;
	struct times times;
	double start = now();

	for (unsigned int i = 0; i < BATCH; i++) {
		copy.src_iova = copy.dst_iova = (1 + first + (uint64_t)i * 7919 % BATCH * apart) * PAGE_SIZE;
		sim_iommufd_ioctl(context, UAPI_IOMMU_IOAS_COPY, (uintptr_t)&copy, &caller);
	}
	times.find = now() - start;
	start = now();
	for (unsigned int i = 0; i < BATCH; i++)
		unmap(context, (1 + first + (uint64_t)i * 7919 % BATCH * apart) * PAGE_SIZE);
	times.unmap = now() - start;
	start = now();
	for (unsigned int i = 0; i < BATCH; i++)
		map(context);
	times.map = now() - start;
	return times;
}

/* The best of many, as the machine has other things to do, too. */
static struct times measure(struct sim_context *context, unsigned int n)
{
	struct times best = { 0 };

	for (unsigned int round = 0; round < REPEATS; round++) {
		struct times times = measure_once(context, n, round % (n / BATCH));

		keep_least(&best.map, times.map);
		keep_least(&best.find, times.find);
		keep_least(&best.unmap, times.unmap);
	}
	return best;
}

static void print_growth(const char *name, double few, double many)
{
	printf("%s-%d %.3f us\n", name, FEW, few * 1e6 / BATCH);
	printf("%s-%d %.3f us\n", name, MANY, many * 1e6 / BATCH);
	printf("%s-growth %.2f times\n", name, many / few);
}

int main(void)
{
	struct sim *sim = lab_new("7.2");
	struct sim_context *context = sim_context_open(sim, false);
	struct uapi_iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct uapi_iommu_option option = { .size = sizeof(option), .op = 1 };
	struct times few, many;
	size_t before;
	double start;

	call(context, UAPI_IOMMU_IOAS_ALLOC, &alloc);
	start = now();
	for (int i = 0; i < ROUNDS; i++)
		call(context, UAPI_IOMMU_OPTION, &option);
	printf("ioctls %.0f /s\n", ROUNDS / (now() - start));
	before = mallinfo2().uordblks;
	for (int i = 0; i < FEW; i++)
		map(context);
	few = measure(context, FEW);
	for (int i = FEW; i < MANY; i++)
		map(context);
	printf("memory %.1f bytes\n", (double)(mallinfo2().uordblks - before) / MANY);
	many = measure(context, MANY);
	print_growth("map", few.map, many.map);
	print_growth("find", few.find, many.find);
	print_growth("unmap", few.unmap, many.unmap);
	sim_context_close(context);
	sim_free(sim);
	return 0;
}
