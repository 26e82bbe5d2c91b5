// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "uapi/iommufd.h"

enum { PAGE_SIZE = 4096, LARGEST = 128 };

/* One call: its struct, which may be cut short or be longer than it is, and what is printed of it. */
struct attempt {
	struct steps *steps;
	int context;
	union {
		uint32_t size;
		uint64_t words[LARGEST / 8];
		uint32_t halves[LARGEST / 4];
		struct uapi_iommu_destroy destroy;
		struct uapi_iommu_ioas_alloc ioas_alloc;
		struct uapi_iommu_ioas_map map;
		struct uapi_iommu_ioas_map_file map_file;
		struct uapi_iommu_ioas_unmap unmap;
		struct uapi_iommu_ioas_copy copy;
		struct uapi_iommu_ioas_iova_ranges ranges;
		struct uapi_iommu_ioas_allow_iovas allow;
		struct uapi_iommu_option option;
		struct uapi_iommu_vfio_ioas vfio_ioas;
		struct uapi_iommu_hwpt_alloc hwpt;
		struct uapi_iommu_hw_info info;
		struct uapi_iommu_hwpt_set_dirty_tracking set_dirty;
		struct uapi_iommu_hwpt_get_dirty_bitmap get_dirty;
		struct uapi_iommu_hwpt_invalidate invalidate;
		struct uapi_iommu_fault_alloc fault;
		struct uapi_iommu_viommu_alloc viommu;
		struct uapi_iommu_vdevice_alloc vdevice;
		struct uapi_iommu_veventq_alloc veventq;
		struct uapi_iommu_hw_queue_alloc queue;
		struct uapi_iommu_ioas_change_process process;
	};
};

/* Addresses of this program, and fds, are no part of what is compared: hidden ones are left out. */
static long try(struct attempt *attempt, const char *name, unsigned long request, uint32_t size,
		uint64_t hidden)
{
	struct steps *steps = attempt->steps;
	long rc;

	attempt->size = size;
	if (!pick(steps, 40))
		attempt->size = pick(steps, LARGEST);
	if (!pick(steps, 60))
		attempt->halves[1 + pick(steps, LARGEST / 4 - 1)] |= 1u << pick(steps, 32);
	rc = steps->side->ops->context_ioctl(steps->side, attempt->context, request, &attempt->words);
	printf("%lu iommufd %d %s = %ld", steps->n, attempt->context, name, rc);
	for (uint32_t i = 0; i < (size + 7) / 8; i++)
		if (!(hidden >> i & 1))
			printf(" %llx", (unsigned long long)attempt->words[i]);
	putchar('\n');
	return rc;
}

#define TRY(attempt, name, number, member, hidden) \
	try(attempt, name, UAPI_IOMMU_##number, sizeof((attempt)->member), hidden)

static uint64_t pick_address(struct steps *steps)
{
	uint32_t page = pick(steps, 12) ? pick(steps, ARENA_READ_ONLY) : pick(steps, ARENA_PAGES);

	return ARENA + (uint64_t)page * PAGE_SIZE + (pick(steps, 16) ? 0 : pick(steps, PAGE_SIZE));
}

/* A kernel with IOMMUFD_TEST takes one flag as a wish for another meaning of the IOVA. */
static uint32_t pick_prot(struct steps *steps)
{
	return mostly(steps, 7) & ~(1u << 16) & ~(pick(steps, 3) ? 0u : 1u << pick(steps, 3));
}

static void do_map(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;

	attempt->map = (struct uapi_iommu_ioas_map){
		.flags = pick_prot(steps), .ioas_id = pick_id(steps), .user_va = pick_address(steps),
		.length = pick_length(steps), .iova = pick_iova(steps) };
	TRY(attempt, "map", IOAS_MAP, map, 0);
}

static void do_map_file(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	enum side_fd what = pick(steps, 10) ? FD_MEMFD : pick(steps, 5);

	attempt->map_file = (struct uapi_iommu_ioas_map_file){
		.flags = pick_prot(steps),
		.ioas_id = pick_id(steps),
		.fd = steps->side->ops->fd(steps->side, what,
					   what == FD_MEMFD ? (int)pick(steps, SIDE_MEMFDS) : 0),
		.start = (uint64_t)pick(steps, 9) * PAGE_SIZE,
		.length = pick_length(steps),
		.iova = pick_iova(steps)
	};
	TRY(attempt, "map-file", IOAS_MAP_FILE, map_file, 1 << 1);
}

static void do_unmap(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	bool all = !pick(steps, 8);

	attempt->unmap = (struct uapi_iommu_ioas_unmap){ .ioas_id = pick_id(steps),
							 .iova = all ? 0 : pick_iova(steps),
							 .length = all ? UINT64_MAX : pick_length(steps) };
	TRY(attempt, "unmap", IOAS_UNMAP, unmap, 0);
}

static void do_copy(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;

	attempt->copy = (struct uapi_iommu_ioas_copy){
		.flags = pick_prot(steps), .dst_ioas_id = pick_id(steps), .src_ioas_id = pick_id(steps),
		.length = pick_length(steps), .dst_iova = pick_iova(steps), .src_iova = pick_iova(steps) };
	TRY(attempt, "copy", IOAS_COPY, copy, 0);
}

static void do_ranges(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	struct uapi_iommu_iova_range list[4] = { 0 };

	attempt->ranges = (struct uapi_iommu_ioas_iova_ranges){ .ioas_id = pick_id(steps),
								.num_iovas = pick(steps, 5),
								.allowed_iovas = (uintptr_t)list };
	TRY(attempt, "ranges", IOAS_IOVA_RANGES, ranges, 1 << 2);
	for (int i = 0; i < 4; i++)
		printf("  %llx-%llx\n", (unsigned long long)list[i].start, (unsigned long long)list[i].last);
}

static void do_allow(struct attempt *attempt)
{
	struct uapi_iommu_iova_range list[3];
	struct steps *steps = attempt->steps;

	for (int i = 0; i < 3; i++) {
		list[i].start = pick_iova(steps);
		list[i].last =
			list[i].start + (uint64_t)pick(steps, 16) * PAGE_SIZE - (pick(steps, 8) ? 1 : 0);
	}
	attempt->allow = (struct uapi_iommu_ioas_allow_iovas){
		.ioas_id = pick_id(steps), .num_iovas = pick(steps, 4), .reserved = pick(steps, 24) ? 0 : 1,
		.allowed_iovas = (uintptr_t)list };
	TRY(attempt, "allow", IOAS_ALLOW_IOVAS, allow, 1 << 2);
}

static void do_option(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	bool global = !pick(steps, 3);

	attempt->option =
		(struct uapi_iommu_option){ .option_id = global ? 0 : mostly(steps, 1),
					    .op = (uint16_t)pick(steps, 2),
					    .object_id = global && pick(steps, 8) ? 0 : pick_id(steps),
					    .val64 = mostly(steps, pick(steps, 2)) };
	TRY(attempt, "option", OPTION, option, 0);
}

static void do_hwpt(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;

	attempt->hwpt = (struct uapi_iommu_hwpt_alloc){ .flags = pick(steps, 4) ? 0 : 1u << pick(steps, 5),
							.dev_id = pick_id(steps),
							.pt_id = pick_id(steps),
							.data_type = pick(steps, 12) ? 0 : pick(steps, 3),
							.fault_id = pick_id(steps) };
	if (attempt->hwpt.data_type && pick(steps, 4)) {
		attempt->hwpt.data_len = 24;
		attempt->hwpt.data_uptr = ARENA;
	}
	TRY(attempt, "hwpt", HWPT_ALLOC, hwpt, 0);
}

static void do_info(struct attempt *attempt)
{
	unsigned char bytes[64];
	struct steps *steps = attempt->steps;

	memset(bytes, 0x55, sizeof(bytes));
	attempt->info = (struct uapi_iommu_hw_info){ .flags = mostly(steps, 0), .dev_id = pick_id(steps),
						    .data_len = pick(steps, sizeof(bytes)),
						    .data_uptr = (uintptr_t)bytes };
	TRY(attempt, "info", GET_HW_INFO, info, 1 << 2);
	for (size_t i = 0; i < sizeof(bytes); i++)
		printf("%02x%s", bytes[i], i + 1 < sizeof(bytes) ? "" : "\n");
}

static void do_dirty(struct attempt *attempt)
{
	uint64_t bits[8] = { 0 };
	struct steps *steps = attempt->steps;

	if (pick(steps, 2)) {
		attempt->set_dirty =
			(struct uapi_iommu_hwpt_set_dirty_tracking){ .flags = mostly(steps, pick(steps, 2)),
								     .hwpt_id = pick_id(steps) };
		TRY(attempt, "set-dirty", HWPT_SET_DIRTY_TRACKING, set_dirty, 0);
		return;
	}
	attempt->get_dirty = (struct uapi_iommu_hwpt_get_dirty_bitmap){
		.hwpt_id = pick_id(steps),
		.flags = mostly(steps, 0),
		.iova = pick_iova(steps),
		.length = pick_length(steps),
		.page_size = pick(steps, 8) ? PAGE_SIZE : pick(steps, 2) * 0x800,
		.data = (uintptr_t)bits
	};
	TRY(attempt, "get-dirty", HWPT_GET_DIRTY_BITMAP, get_dirty, 1 << 5);
	printf("  %llx\n", (unsigned long long)bits[0]);
}

static void do_invalidate(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;

	attempt->invalidate = (struct uapi_iommu_hwpt_invalidate){ .hwpt_id = pick_id(steps),
								   .data_uptr = pick(steps, 4) ? ARENA : 0,
								   .data_type = pick(steps, 3),
								   .entry_len = pick(steps, 4) ? 24 : 0,
								   .entry_num = pick(steps, 3) };
	TRY(attempt, "invalidate", HWPT_INVALIDATE, invalidate, 0);
}

static void do_fault(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	long rc;

	attempt->fault = (struct uapi_iommu_fault_alloc){ .flags = mostly(steps, 0) };
	rc = TRY(attempt, "fault", FAULT_QUEUE_ALLOC, fault, 1 << 1);
	if (rc == 0)
		keep_file(steps, attempt->fault.out_fault_fd);
}

/* Of virtual IOMMUs the lab's can do nothing: the ways to say so are many. */
static void do_virtual(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;

	switch (pick(steps, 4)) {
	case 0:
		attempt->viommu = (struct uapi_iommu_viommu_alloc){ .flags = mostly(steps, 0),
								    .type = pick(steps, 3),
								    .dev_id = pick_id(steps),
								    .hwpt_id = pick_id(steps) };
		TRY(attempt, "viommu", VIOMMU_ALLOC, viommu, 0);
		break;
	case 1:
		attempt->vdevice = (struct uapi_iommu_vdevice_alloc){ .viommu_id = pick_id(steps),
								     .dev_id = pick_id(steps) };
		TRY(attempt, "vdevice", VDEVICE_ALLOC, vdevice, 0);
		break;
	case 2:
		attempt->veventq = (struct uapi_iommu_veventq_alloc){
			.flags = mostly(steps, 0), .viommu_id = pick_id(steps), .type = pick(steps, 3),
			.veventq_depth = pick(steps, 3) };
		TRY(attempt, "veventq", VEVENTQ_ALLOC, veventq, 0);
		break;
	default:
		attempt->queue = (struct uapi_iommu_hw_queue_alloc){
			.flags = mostly(steps, 0), .viommu_id = pick_id(steps), .type = pick(steps, 3),
			.length = pick_length(steps), .nesting_parent_iova = pick_iova(steps) };
		TRY(attempt, "hw-queue", HW_QUEUE_ALLOC, queue, 0);
	}
}

static void do_process(struct attempt *attempt)
{
	attempt->process = (struct uapi_iommu_ioas_change_process){ .reserved = mostly(attempt->steps, 0) };
	TRY(attempt, "change-process", IOAS_CHANGE_PROCESS, process, 0);
}

static void do_alloc(struct attempt *attempt)
{
	attempt->ioas_alloc = (struct uapi_iommu_ioas_alloc){ .flags = mostly(attempt->steps, 0) };
	TRY(attempt, "ioas", IOAS_ALLOC, ioas_alloc, 0);
}

static void do_destroy(struct attempt *attempt)
{
	attempt->destroy = (struct uapi_iommu_destroy){ .id = pick_id(attempt->steps) };
	TRY(attempt, "destroy", DESTROY, destroy, 0);
}

static void do_compat_ioas(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;

	attempt->vfio_ioas = (struct uapi_iommu_vfio_ioas){ .ioas_id = pick_id(steps),
							   .op = (uint16_t)mostly(steps, pick(steps, 3)) };
	TRY(attempt, "vfio-ioas", VFIO_IOAS, vfio_ioas, 0);
}

/* Numbers that are none, and those of a container. */
static void do_other(struct attempt *attempt)
{
	static const unsigned long numbers[] = { 0x64, 0x75, 0x7f, 0x95, 0x96, 0x9f, 0xa1, 0xff };

	try(attempt, "other", UAPI_IO(pick_of(attempt->steps, numbers)), 64, 0);
}

struct dma {
	uint32_t argsz, flags;
	uint64_t a, b, c;
};

static void do_container(struct attempt *attempt)
{
	static const unsigned long types[] = { 1, 3, 4, 5, 6, 8, 9, 10, 0 };
	const struct side_ops *ops = attempt->steps->side->ops;
	struct steps *steps = attempt->steps;
	/* Neither to read nor to write: EINVAL, but with a page table Linux 7.2 warns in its log as well. */
	struct dma dma = { mostly(steps, sizeof(dma)), mostly(steps, 1 + pick(steps, 3)), pick_address(steps),
			   pick_iova(steps), pick_length(steps) };
	uint64_t info[64] = { 0 };
	unsigned long type = pick_of(steps, types), number = 0x65 + pick(steps, 2);
	long rc;

	switch (pick(steps, 4)) {
	case 0:
		rc = ops->context_ioctl(steps->side, attempt->context, UAPI_IO(number), (void *)type);
		printf("%lu container %lx %lu = %ld\n", steps->n, number, type, rc);
		break;
	case 1:
		rc = ops->context_ioctl(steps->side, attempt->context, UAPI_IO(113), &dma);
		printf("%lu container map = %ld %x %x %llx %llx %llx\n", steps->n, rc, dma.argsz, dma.flags,
		       (unsigned long long)dma.a, (unsigned long long)dma.b, (unsigned long long)dma.c);
		break;
	case 2:
		dma = (struct dma){ 24, pick(steps, 8) ? 0 : 2, pick_iova(steps), pick_length(steps), 0 };
		rc = ops->context_ioctl(steps->side, attempt->context, UAPI_IO(114), &dma);
		printf("%lu container unmap = %ld %llx\n", steps->n, rc, (unsigned long long)dma.b);
		break;
	default:
		info[0] = pick(steps, 200);
		rc = ops->context_ioctl(steps->side, attempt->context, UAPI_IO(112), info);
		printf("%lu container info = %ld", steps->n, rc);
		for (int i = 0; i < 20; i++)
			printf(" %llx", (unsigned long long)info[i]);
		putchar('\n');
	}
}

void step_iommufd(struct steps *steps, int context)
{
	static void (*const kinds[])(struct attempt * attempt) = {
		do_alloc, do_alloc,   do_destroy, do_destroy,	  do_map,      do_map,
		do_map,	  do_map,     do_map,	  do_map_file,	  do_map_file, do_unmap,
		do_unmap, do_copy,    do_copy,	  do_ranges,	  do_allow,    do_option,
		do_hwpt,  do_hwpt,    do_hwpt,	  do_info,	  do_dirty,    do_invalidate,
		do_fault, do_virtual, do_process, do_compat_ioas, do_other,    do_container,
	};
	struct attempt attempt = { .steps = steps, .context = context };

	pick_of(steps, kinds)(&attempt);
}
