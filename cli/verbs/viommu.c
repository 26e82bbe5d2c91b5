/* SPDX-License-Identifier: GPL-2.0-or-later */
/* viommu alloc, vdevice alloc, hw-queue alloc: what a guest's own IOMMU is made of. */
#include "verbs/viommu.h"
#include <errno.h>

#include "resolve/data.h"
#include "verbs/finish.h"

/* The kernel fills in what a VMM needs of it: where to mmap() the registers of some types. */
static int print_viommu(const struct call *call, uint32_t id, const struct data *data)
{
	static const struct column columns[] = { { "id", "", COLUMN_NUMBER }, { "data", "", COLUMN_TEXT } };
	char hex[2 * sizeof(data->bytes) + 1];
	const struct value row[] = { { .number = id }, { .text = data->length ? hex : NULL } };

	if (!call->output->json)
		return print_id(call->output, id);
	hex_from_bytes(data->bytes, data->length, hex);
	return print_record(call->output, columns, ARRAY_SIZE(columns), row);
}

static int run_viommu_alloc(struct call *call)
{
	struct derived viommu = { .object.type = OBJECT_VIOMMU, .device = arg_u32(call, 0),
				  .parent = arg_u32(call, 1), .kind = arg_u32(call, 2), .fd = -1 };
	struct data data;
	int about, rc = opt_data(call, &data);

	if (rc)
		return rc;
	rc = iommufd_viommu_alloc(call->ctx->iommufd, viommu.device, viommu.parent, viommu.kind, data.bytes,
				  data.length, &viommu.object.id);
	about = rc == -EINVAL || (rc == -ENOENT && device_is_there(call, 0)) ? 1 : 0;
	return refused(call, about, IOMMUFD_OP_VIOMMU_ALLOC, rc) ?: keep_derived(call, &viommu) ?:
	       print_viommu(call, viommu.object.id, &data);
}

static int run_vdevice_alloc(struct call *call)
{
	struct derived vdevice = { .object.type = OBJECT_VDEVICE, .parent = arg_u32(call, 0),
				   .device = arg_u32(call, 1), .fd = -1 };
	int rc = iommufd_vdevice_alloc(call->ctx->iommufd, vdevice.parent, vdevice.device, arg_value(call, 2),
				       &vdevice.object.id);
	int about = rc == -ENOENT && device_is_there(call, 1) ? 0 : 1;

	return finish_derived(call, about, IOMMUFD_OP_VDEVICE_ALLOC, rc, &vdevice);
}

/* Which argument a hardware queue fails for. */
static int queue_argument(const struct call *call, int error)
{
	enum { VIOMMU, TYPE_OF_QUEUE, INDEX, IOVA, LENGTH };

	switch (error) {
	case -ENOENT:
		return derived_by_id(call->ctx, arg_u32(call, VIOMMU)) ? IOVA : VIOMMU;
	case -EINVAL:
		return arg_value(call, LENGTH) ? VIOMMU : LENGTH; /* else several may be wrong together */
	case -EOPNOTSUPP:
		return TYPE_OF_QUEUE;
	case -EEXIST:
	case -EIO:
		return INDEX;
	case -EFAULT:
	case -ERANGE:
	case -EOVERFLOW:
		return IOVA;
	default:
		return VIOMMU;
	}
}

static int run_hw_queue_alloc(struct call *call)
{
	struct derived queue = { .object.type = OBJECT_HW_QUEUE, .parent = arg_u32(call, 0),
				 .kind = arg_u32(call, 1), .index = arg_u32(call, 2), .fd = -1 };
	int rc = iommufd_hw_queue_alloc(call->ctx->iommufd, queue.parent, queue.kind, queue.index,
					arg_value(call, 3), arg_value(call, 4), &queue.object.id);

	return finish_derived(call, queue_argument(call, rc), IOMMUFD_OP_HW_QUEUE_ALLOC, rc, &queue);
}

const struct verb verb_viommu_alloc = {
	.name = "viommu alloc", .summary = "Allocate a guest's IOMMU, print its id",
	.example = PROGRAM " viommu alloc nic parent arm-smmuv3 --name viommu",
	.details = "HWPT: one with --nest-parent.",
	.args = {
		{ "DEV", ARG_DEVICE_ID }, { "HWPT", ARG_ID, .types = TYPE(HWPT) },
		{ "TYPE", ARG_CHOICE, .choices = CHOICES({ "arm-smmuv3", IOMMUFD_VIOMMU_ARM_SMMUV3 },
			{ "tegra241-cmdqv", IOMMUFD_VIOMMU_TEGRA241_CMDQV }) },
	},
	.options = OPTIONS(NAME_OPTION, DATA_OPTION("The kernel's struct of the type")),
	.needs = NEEDS_IOMMUFD, .makes = true, .run = run_viommu_alloc,
};

const struct verb verb_vdevice_alloc = {
	.name = "vdevice alloc", .summary = "Say how a guest knows a device, print an id",
	.example = PROGRAM " vdevice alloc viommu nic 0x10",
	.args = {
		{ "VIOMMU", ARG_ID, .types = TYPE(VIOMMU) }, { "DEV", ARG_DEVICE_ID },
		{ "VIRT-ID", ARG_SIZE },
	},
	.options = OPTIONS(NAME_OPTION), .needs = NEEDS_IOMMUFD, .makes = true, .run = run_vdevice_alloc,
};

const struct verb verb_hw_queue_alloc = {
	.name = "hw-queue alloc", .summary = "Give a guest a hardware queue, print its id",
	.example = PROGRAM " hw-queue alloc viommu tegra241-cmdqv 0 1M 64K",
	.args = {
		{ "VIOMMU", ARG_ID, .types = TYPE(VIOMMU) },
		{ "TYPE", ARG_CHOICE, .choices = CHOICES(
			{ "tegra241-cmdqv", IOMMUFD_HW_QUEUE_TEGRA241_CMDQV }) },
		{ "INDEX", ARG_NUMBER }, { "IOVA", ARG_SIZE }, { "LENGTH", ARG_SIZE },
	},
	.options = OPTIONS(NAME_OPTION), .needs = NEEDS_IOMMUFD, .makes = true, .run = run_hw_queue_alloc,
};
