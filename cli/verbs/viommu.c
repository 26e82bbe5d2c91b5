/* SPDX-License-Identifier: GPL-2.0-or-later */
/* viommu alloc, vdevice alloc, hw-queue alloc: what a guest's own IOMMU is made of. */
#include "hwpt.h"
#include "options.h"
#include "table.h"
#include "verbs.h"

static const struct choice viommu_types[] = {
	{ "arm-smmuv3", IOMMUFD_VIOMMU_ARM_SMMUV3 },
	{ "tegra241-cmdqv", IOMMUFD_VIOMMU_TEGRA241_CMDQV },
};
static const struct choice hw_queue_types[] = {
	{ "tegra241-cmdqv", IOMMUFD_HW_QUEUE_TEGRA241_CMDQV },
};

static int need_viommu(const struct call *call, uint32_t *ret)
{
	int rc = need_id(call, call->args[0], 1U << OBJECT_VIOMMU, ret);

	return rc == EXIT_DONE ? context_open(call) : rc;
}

/* The kernel fills in what a VMM needs of it: where to mmap() the registers of some types. */
static int print_viommu(const struct call *call, uint32_t id, const struct data *data)
{
	static const struct column columns[] = {
		{ "id", "", COLUMN_NUMBER },
		{ "data", "", COLUMN_TEXT },
	};
	char hex[2 * sizeof(data->bytes) + 1];
	const struct value row[] = { { .number = id }, { .text = data->length ? hex : NULL } };

	if (!call->output->json)
		return print_id(call->output, id);
	hex_from_bytes(data->bytes, data->length, hex);
	return print_record(call->output, columns, ARRAY_SIZE(columns), row);
}

int verb_viommu_alloc(struct call *call)
{
	const char *name = option(call, OPT_NAME);
	struct made made = { .object.type = OBJECT_VIOMMU, .fd = -1 };
	enum iommufd_device_kind kind;
	struct data data;
	int rc = check_new_name(call, name);

	if (rc == EXIT_DONE)
		rc = need_device_id(call, call->args[0], &made.device, &kind);
	if (rc == EXIT_DONE)
		rc = need_id(call, call->args[1], 1U << OBJECT_HWPT, &made.parent);
	if (rc == EXIT_DONE)
		rc = need_choice(call, "TYPE", call->args[2], viommu_types, ARRAY_SIZE(viommu_types),
				 &made.kind);
	if (rc == EXIT_DONE)
		rc = need_data(call, &data);
	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_viommu_alloc(call->ctx->iommufd, made.device, made.parent, made.kind, data.bytes,
				  data.length, &made.object.id);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_VIOMMU_ALLOC, rc, kind);
	rc = made_remember(call, &made, name);
	return rc == EXIT_DONE ? print_viommu(call, made.object.id, &data) : rc;
}

int verb_vdevice_alloc(struct call *call)
{
	const char *name = option(call, OPT_NAME);
	struct made made = { .object.type = OBJECT_VDEVICE, .fd = -1 };
	enum iommufd_device_kind kind;
	uint64_t virt_id;
	int rc = check_new_name(call, name);

	if (rc == EXIT_DONE)
		rc = need_viommu(call, &made.parent);
	if (rc == EXIT_DONE)
		rc = need_device_id(call, call->args[1], &made.device, &kind);
	if (rc == EXIT_DONE)
		rc = need_size(call, "VIRT-ID", call->args[2], &virt_id);
	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_vdevice_alloc(call->ctx->iommufd, made.parent, made.device, virt_id, &made.object.id);
	return rc < 0 ? msg_fail_op(call->output, call->args[1], IOMMUFD_OP_VDEVICE_ALLOC, rc, kind)
		      : made_keep(call, &made, name);
}

int verb_hw_queue_alloc(struct call *call)
{
	const char *name = option(call, OPT_NAME);
	struct made made = { .object.type = OBJECT_HW_QUEUE, .fd = -1 };
	uint64_t iova, length;
	uint32_t index;
	int rc = check_new_name(call, name);

	if (rc == EXIT_DONE)
		rc = need_viommu(call, &made.parent);
	if (rc == EXIT_DONE)
		rc = need_choice(call, "TYPE", call->args[1], hw_queue_types, ARRAY_SIZE(hw_queue_types),
				 &made.kind);
	if (rc == EXIT_DONE)
		rc = need_u32(call, "INDEX", call->args[2], &index);
	if (rc == EXIT_DONE)
		rc = need_size(call, "IOVA", call->args[3], &iova);
	if (rc == EXIT_DONE)
		rc = need_size(call, "LENGTH", call->args[4], &length);
	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_hw_queue_alloc(call->ctx->iommufd, made.parent, made.kind, index, iova, length,
				    &made.object.id);
	return rc < 0 ? msg_fail_op(call->output, call->args[0], IOMMUFD_OP_HW_QUEUE_ALLOC, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : made_keep(call, &made, name);
}
