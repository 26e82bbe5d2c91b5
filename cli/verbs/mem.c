/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem create, dma-buf, list, destroy: the memory of a context. What is in it is in mem-io.c. */
#include "verbs/mem.h"
#include <errno.h>
#include <unistd.h>

#include "context/ioas.h"
#include "resolve/object.h"
#include "verbs/finish.h"
#include "verbs/memory-table.h"

enum { OPT_HUGETLB = OPT_OWN };

static int check_size(const struct call *call, uint64_t size, uint64_t huge)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (opt_given(call, OPT_HUGETLB)) {
		if (huge <= page || huge & (huge - 1))
			return msg_usage(call->output, "--hugetlb: '%s' is no size of a huge page",
					 opt_value(call, OPT_HUGETLB));
		page = huge;
	}
	if (size > INT64_MAX)
		return msg_usage(call->output, "SIZE: '%s' is more than a file can have", call->args[1]);
	if (!size || size % page)
		return msg_usage(call->output, "SIZE: '%s' is no multiple of the page size, %" PRIu64,
				 call->args[1], page);
	return EXIT_DONE;
}

static int run_mem_create(struct call *call)
{
	const char *name = call->args[0];
	uint64_t size = arg_value(call, 1), huge = opt_number(call, OPT_HUGETLB, 0);
	int rc = check_size(call, size, huge);

	if (rc)
		return rc;
	rc = memory_create(call->ctx, name, size, huge);
	if (rc == 0)
		return print_nothing(call->output);
	msg_fail_errno(call->output, name, rc);
	if (huge)
		msg_hint(call->output, "are there free huge pages of that size? see /sys/kernel/mm/hugepages");
	return EXIT_FAILED;
}

/* The whole of a BAR, or a part of it, that other devices are to reach. */
static int parse_part(const struct call *call, const struct device *device, struct iommufd_span *span)
{
	struct iommufd_region region;
	int rc;

	span->start = opt_number(call, OPT_OFFSET, 0);
	span->length = opt_number(call, OPT_LENGTH, 0);
	if (opt_given(call, OPT_LENGTH))
		return EXIT_DONE;
	rc = iommufd_device_region(device->fd, arg_u32(call, 2), NULL, 0, &region);
	if (rc < 0)
		return refused(call, 1, IOMMUFD_OP_REGION_INFO, rc);
	if (span->start >= region.size)
		return msg_fail(call->output, call->args[1], "the region has %" PRIu64 " bytes (EINVAL)",
				region.size);
	span->length = region.size - span->start;
	return EXIT_DONE;
}

static int run_mem_dma_buf(struct call *call)
{
	const char *name = call->args[0];
	struct iommufd_span span;
	const struct device *device = arg_device(call, 1);
	int fd, rc = parse_part(call, device, &span);

	if (rc)
		return rc;
	rc = iommufd_device_dma_buf(device->fd, arg_u32(call, 2), &span, 1, &fd);
	if (rc < 0)
		return refused(call, 1, IOMMUFD_OP_DMA_BUF, rc);
	rc = memory_import(call->ctx, name, fd, span.length, device->info.name);
	if (rc < 0) {
		close(fd);
		return msg_fail_errno(call->output, name, rc);
	}
	return print_nothing(call->output);
}

static int run_mem_list(struct call *call)
{
	return print_table(call->output, "memories", ROWS(memory_columns, next_memory, call->ctx));
}

/* One place where it is mapped: the next one is named when that has gone. */
static void hint_unmap(const struct call *call, const struct memory *memory)
{
	size_t cursor = 0;
	const struct ioas *ioas;
	char room[BLANK_ROOM];

	while ((ioas = ioas_next(call->ctx, &cursor)))
		for (size_t i = 0; i < ioas->mappings.count; i++) {
			const struct mapping *mapping = mapping_at(&ioas->mappings, i);

			if (mapping->memory == memory)
				return msg_hint(call->output, PROGRAM " ioas unmap %s 0x%" PRIx64,
						object_called(&ioas->object, room), mapping->iova);
		}
}

static int run_mem_destroy(struct call *call)
{
	struct memory *memory = arg_memory(call, 0);

	if (memory->mappings) {
		msg_fail(call->output, call->args[0], "it is mapped, %zu time%s (EBUSY)", memory->mappings,
			 memory->mappings == 1 ? "" : "s");
		hint_unmap(call, memory);
		return EXIT_FAILED;
	}
	memory_drop(call->ctx, memory);
	return print_nothing(call->output);
}

const struct verb verb_mem_create = {
	.name = "mem create", .summary = "Make zeroed memory",
	.example = PROGRAM " mem create ram 1M",
	.args = { { "NAME", ARG_NAME }, { "SIZE", ARG_SIZE } },
	.options = OPTIONS(
		{ "hugetlb", OPT_HUGETLB, { "SIZE", ARG_SIZE }, "Of huge pages of this size, as 2M" }),
	.needs = NEEDS_LASTING, .makes = true, .run = run_mem_create,
};

const struct verb verb_mem_dma_buf = {
	.name = "mem dma-buf", .summary = "Make a device's BAR memory for others",
	.example = PROGRAM " mem dma-buf bar nic 0",
	.args = { { "NAME", ARG_NAME }, DEVICE_ARGUMENT, { "REGION", ARG_NUMBER } },
	.options = OPTIONS(
		{ "offset", OPT_OFFSET, { "BYTES", ARG_SIZE }, "Begin here in the region (default: 0)" },
		{ "length", OPT_LENGTH, { "BYTES", ARG_SIZE }, "So much of it (default: to its end)" }),
	.needs = NEEDS_LASTING, .makes = true, .run = run_mem_dma_buf,
};

const struct verb verb_mem_list = {
	.name = "mem list", .summary = "List the memory",
	.example = PROGRAM " mem list",
	.needs = NEEDS_LASTING, .run = run_mem_list,
};

const struct verb verb_mem_destroy = {
	.name = "mem destroy", .summary = "Give memory back",
	.example = PROGRAM " mem destroy ram",
	.args = { { "NAME", ARG_MEMORY, ARG_BY_NAME } },
	.needs = NEEDS_LASTING, .run = run_mem_destroy,
};
