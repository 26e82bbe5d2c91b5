/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-attach.h"
#include <unistd.h>

#include "context/derived.h"
#include "context/ioas.h"
#include "machine/group.h"
#include "resolve/object.h"
#include "resolve/why-memlock.h"

/* Any IOMMU reaches so far: what is mapped below is in nobody's way for being too high. */
#define SURELY_REACHED UINT32_MAX

/* The IOAS that a page table is of, as far as that is known here. */
static uint32_t ioas_of(const struct context *ctx, uint32_t pt)
{
	const struct object *object = object_by_id(ctx, pt);

	return object && object->type == OBJECT_HWPT ? ((const struct derived *)object)->parent : pt;
}

/* Whose mappings it has. NULL: they are not known here, or not all of them. */
static const struct ioas *known_ioas(const struct context *ctx, uint32_t pt)
{
	const struct ioas *ioas = ioas_by_id(ctx, ioas_of(ctx, pt));

	return ioas && !ioas->adopted ? ioas : NULL;
}

static int fail_reserved(const struct call *call, const char *object, const struct ioas *ioas,
			 const struct mapping *mapping, const struct machine_region *region)
{
	char room[BLANK_ROOM];
	const char *name = object_called(&ioas->object, room);

	msg_fail(call->output, object,
		 "the mapping 0x%" PRIx64 "-0x%" PRIx64 " of '%s' reaches into 0x%" PRIx64 "-0x%" PRIx64
		 ", which the device reserves: %s (EADDRINUSE)",
		 mapping->iova, mapping_last(mapping), name, region->start, region->last,
		 region->type);
	msg_hint(call->output, PROGRAM " ioas unmap %s 0x%" PRIx64 ", and map it elsewhere once the device is "
			       "attached: '" PROGRAM " ioas ranges %s' shows then what is usable",
		 name, mapping->iova, name);
	return EXIT_FAILED;
}

static int fail_unaligned(const struct call *call, const char *object, const struct ioas *ioas,
			  const struct mapping *mapping, uint64_t page)
{
	char room[BLANK_ROOM];
	const char *name = object_called(&ioas->object, room);

	msg_fail(call->output, object,
		 "the mapping 0x%" PRIx64 "-0x%" PRIx64 " of '%s' is not aligned to pages of %" PRIu64
		 " bytes (EADDRINUSE)",
		 mapping->iova, mapping_last(mapping), name, page);
	msg_hint(call->output, PROGRAM " ioas unmap %s 0x%" PRIx64 ", and map whole pages", name,
		 mapping->iova);
	return EXIT_FAILED;
}

/* No mapping is in the way: the addresses that were asked to stay usable are. */
static int fail_allowed(const struct call *call, const char *object, const struct ioas *ioas,
			const struct machine_region *regions, size_t n)
{
	char room[BLANK_ROOM];
	const char *name = object_called(&ioas->object, room);

	msg_fail(call->output, object,
		 "'%s' has ranges of 'ioas allow' that the device does not leave usable (EADDRINUSE)",
		 name);
	for (size_t i = 0; i < n; i++)
		msg_hint(call->output, "the device reserves 0x%" PRIx64 "-0x%" PRIx64 ": %s", regions[i].start,
			 regions[i].last, regions[i].type);
	msg_hint(call->output, "to allow what any device does: " PROGRAM " ioas allow %s", name);
	return EXIT_FAILED;
}

/* The library's sentence, and where to look. */
static int fail_unknown(const struct call *call, const char *object, const struct device *device,
			uint32_t pt, enum iommufd_op op)
{
	enum iommufd_device_kind kind = device ? device->info.kind : IOMMUFD_KIND_UNKNOWN;

	msg_fail_op_bare(call->output, object, op, EADDRINUSE, kind);
	msg_hint(call->output, "'" PROGRAM " ioas ranges %u' shows what is usable", ioas_of(call->ctx, pt));
	if (device && device->info.group >= 0)
		msg_hint(call->output, "'cat /sys/kernel/iommu_groups/%d/reserved_regions' shows what the device "
				       "reserves", device->info.group);
	return EXIT_FAILED;
}

struct obstacle {
	const struct mapping *mapping; /* NULL: none of those that are known */
	const struct machine_region *region; /* NULL: it is not aligned */
};

static bool finds_obstacle(const struct mapping *mapping, const struct machine_region *regions, size_t n,
			   uint64_t page, struct obstacle *ret)
{
	*ret = (struct obstacle){ mapping };
	if ((mapping->iova | mapping->length | mapping->offset) % page)
		return true;
	for (size_t i = 0; i < n; i++) {
		ret->region = &regions[i];
		if (mapping->iova <= regions[i].last && regions[i].start <= mapping_last(mapping))
			return true;
	}
	return false;
}

static int fail_in_use(const struct call *call, const char *object, const struct device *device,
		       const struct ioas *ioas, enum iommufd_op op)
{
	struct machine_region regions[MACHINE_REGIONS];
	bool attaches = op != IOMMUFD_OP_HWPT_ALLOC; /* only then what the device reserves is looked at */
	size_t n = attaches && device->info.group >= 0 ? machine_reserved(device->info.group, regions) : 0;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), highest = 0;
	struct obstacle obstacle;

	for (size_t i = 0; i < ioas->mappings.count; i++) {
		const struct mapping *mapping = mapping_at(&ioas->mappings, i);

		highest = mapping_last(mapping);
		if (!finds_obstacle(mapping, regions, n, page, &obstacle))
			continue;
		return obstacle.region ? fail_reserved(call, object, ioas, mapping, obstacle.region)
				       : fail_unaligned(call, object, ioas, mapping, page);
	}
	if (attaches && highest <= SURELY_REACHED && device->info.kind == IOMMUFD_PHYSICAL)
		return fail_allowed(call, object, ioas, regions, n);
	return fail_unknown(call, object, device, ioas->object.id, op);
}

/* A device of its group that is attached, and not to pt: a group has one page table. */
static const struct device *sibling_elsewhere(const struct context *ctx, const struct device *device,
					      uint32_t pt)
{
	if (device->info.kind != IOMMUFD_PHYSICAL || device->info.group < 0 || !object_by_id(ctx, pt))
		return NULL;
	for (size_t i = 0; i < ctx->devices.count; i++) {
		const struct device *other = device_at(ctx, i);

		if (other != device && other->info.group == device->info.group &&
		    other->attachment == ATTACHED && other->pt != pt && other->requested_pt != pt)
			return other;
	}
	return NULL;
}

static int fail_group_elsewhere(const struct call *call, const char *object, const struct device *sibling)
{
	const char *name = device_name(sibling);

	msg_fail(call->output, object, "its IOMMU group, %d, is attached elsewhere: '%s' is on %u (EINVAL)",
		 sibling->info.group, name, sibling->pt);
	msg_hint(call->output, "devices of one IOMMU group share one page table; to move it: " PROGRAM
			       " replace %s %s", name, call->args[1]);
	return EXIT_FAILED;
}

/* What a process has mapped counts against its own limit, also where it has ended. */
static int fail_unpinned(const struct call *call, const char *object, const struct device *device,
			  const struct ioas *ioas, enum iommufd_op op)
{
	enum iommufd_device_kind kind = device ? device->info.kind : IOMMUFD_KIND_UNKNOWN;

	if (ioas && device)
		return fail_pin(call, object, op, kind, ioas_mapped_bytes(ioas));
	msg_fail_op_bare(call->output, object, op, ENOMEM, kind);
	msg_hint(call->output, "the limit of the process that mapped the memory counts (RLIMIT_MEMLOCK): it is to "
			       "be mapped anew where that is higher");
	return EXIT_FAILED;
}

/* It was made for PASIDs: to make one, as the library would have it, leads nowhere. */
static bool is_for_pasids(const struct context *ctx, uint32_t pt)
{
	const struct derived *table = derived_by_id(ctx, pt);

	return table && table->object.type == OBJECT_HWPT && table->flags & IOMMUFD_HWPT_PASID;
}

int fail_on_pt(const struct call *call, const char *object, const struct device *device, uint32_t pt,
	       enum iommufd_op op, int error)
{
	const struct ioas *ioas = known_ioas(call->ctx, pt);
	const struct device *sibling;

	if (error == -EINVAL && op == IOMMUFD_OP_ATTACH && device) {
		sibling = sibling_elsewhere(call->ctx, device, pt);
		if (sibling)
			return fail_group_elsewhere(call, object, sibling);
	}
	if (error == -EINVAL && op == IOMMUFD_OP_ATTACH_PASID && device && is_for_pasids(call->ctx, pt)) {
		msg_fail(call->output, object, "the device, or its IOMMU, has no such PASID (EINVAL)");
		msg_hint(call->output, "'" PROGRAM " hw-info %s' shows how many PASIDs there are",
			 device_name(device));
		return EXIT_FAILED;
	}
	if (error == -EADDRINUSE)
		return ioas && device ? fail_in_use(call, object, device, ioas, op)
				      : fail_unknown(call, object, device, pt, op);
	if (error == -ENOMEM)
		return fail_unpinned(call, object, device, ioas, op);
	return msg_fail_op(call->output, object, op, error,
			   device ? device->info.kind : IOMMUFD_KIND_UNKNOWN);
}
