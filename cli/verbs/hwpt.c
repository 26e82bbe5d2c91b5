/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hwpt alloc, invalidate: page tables made by hand. */
#include "verbs/hwpt.h"
#include <errno.h>

#include "resolve/data.h"
#include "resolve/why-attach.h"
#include "verbs/finish.h"

enum { OPT_NEST_PARENT = OPT_OWN, OPT_DIRTY, OPT_FAULT, OPT_ENTRY };

static unsigned int alloc_flags(const struct call *call)
{
	return (opt_given(call, OPT_NEST_PARENT) ? IOMMUFD_HWPT_NEST_PARENT : 0) |
	       (opt_given(call, OPT_DIRTY) ? IOMMUFD_HWPT_DIRTY_TRACKING : 0) |
	       (opt_given(call, OPT_PASID) ? IOMMUFD_HWPT_PASID : 0) |
	       (opt_given(call, OPT_FAULT) ? IOMMUFD_HWPT_FAULTS : 0);
}

/* EINVAL is about the parent, ENOENT about the device or the queue, all else about the device. */
static int fail_alloc(const struct call *call, int error)
{
	const char *fault = opt_value(call, OPT_FAULT);

	if (error == -ENOENT && fault && device_is_there(call, 0))
		return msg_fail_op(call->output, fault, IOMMUFD_OP_HWPT_ALLOC, error, call_device_kind(call));
	return fail_on_pt(call, call->args[error == -EINVAL ? 1 : 0], arg_device(call, 0), arg_u32(call, 1),
			  IOMMUFD_OP_HWPT_ALLOC, error);
}

static int run_hwpt_alloc(struct call *call)
{
	struct data data;
	struct iommufd_hwpt_config config = {
		.flags = alloc_flags(call), .device = arg_u32(call, 0), .parent = arg_u32(call, 1),
		.fault = opt_u32(call, OPT_FAULT, 0),
		.data_type = opt_u32(call, OPT_TYPE, IOMMUFD_HWPT_DATA_NONE),
	};
	struct derived hwpt = {
		.object.type = OBJECT_HWPT, .device = config.device, .parent = config.parent,
		.queue = config.fault, .kind = config.data_type, .flags = config.flags, .fd = -1,
	};
	int rc;

	if (!opt_given(call, OPT_TYPE) != !opt_given(call, OPT_DATA))
		return msg_usage(call->output, "--type and --data go together");
	rc = opt_data(call, &data);
	if (rc)
		return rc;
	config.data = data.bytes;
	config.data_length = data.length;
	rc = iommufd_hwpt_alloc(call->ctx->iommufd, &config, &hwpt.object.id);
	return rc < 0 ? fail_alloc(call, rc) : finish_derived(call, 0, IOMMUFD_OP_HWPT_ALLOC, rc, &hwpt);
}

/* The data is an array of entries. None is the kernel's own way to ask whether it knows a type. */
static int check_entries(const struct call *call, const struct data *data, uint32_t entry)
{
	if (!data->length || (entry && data->length % entry == 0))
		return EXIT_DONE;
	return msg_usage(call->output, "--data: %u bytes are no whole entries of %u", data->length, entry);
}

/* The kernel says how many of the entries it has handled, also when it fails. */
static int run_hwpt_invalidate(struct call *call)
{
	uint32_t asked, n, type = opt_u32(call, OPT_TYPE, 0), entry = opt_u32(call, OPT_ENTRY, 0);
	struct data data;
	int rc;

	if (!opt_given(call, OPT_TYPE) || !opt_given(call, OPT_ENTRY) || !opt_given(call, OPT_DATA))
		return msg_usage(call->output, "it needs --type, --entry and --data");
	rc = opt_data(call, &data) ?: check_entries(call, &data, entry);
	if (rc)
		return rc;
	n = asked = data.length ? data.length / entry : 0;
	rc = iommufd_hwpt_invalidate(call->ctx->iommufd, arg_u32(call, 0), type, data.bytes, entry, &n);
	rc = refused(call, 0, IOMMUFD_OP_HWPT_INVALIDATE, rc);
	if (rc && asked && n <= asked)
		msg_note(call->output, "%u of %u entries were handled", n, asked);
	return rc ?: print_number(call->output, "handled", n);
}

const struct verb verb_hwpt_alloc = {
	.name = "hwpt alloc", .summary = "Allocate a page table, print its id",
	.example = PROGRAM " hwpt alloc nic guest --dirty --name tracked",
	.details = "PT: an IOAS; or, for a nested one, a HWPT or vIOMMU.",
	.args = {
		{ "DEV", ARG_DEVICE_ID }, { "PT", ARG_ID, .types = TYPE(IOAS) | TYPE(HWPT) | TYPE(VIOMMU) },
	},
	.options = OPTIONS(NAME_OPTION,
		{ "nest-parent", OPT_NEST_PARENT, .help = "A guest's page tables may be nested in it" },
		{ "dirty", OPT_DIRTY, .help = "What devices write can be tracked" },
		{ "pasid", OPT_PASID, .help = "PASIDs may be attached to it" },
		{ "fault", OPT_FAULT, { "QUEUE", ARG_ID, .types = TYPE(FAULT) },
		 "Page faults go to this queue" },
		{ "type", OPT_TYPE, { "TYPE", ARG_CHOICE, .choices = CHOICES(
			{ "vtd-s1", IOMMUFD_HWPT_DATA_VTD_S1 },
			{ "arm-smmuv3", IOMMUFD_HWPT_DATA_ARM_SMMUV3 },
			{ "amd-guest", IOMMUFD_HWPT_DATA_AMD_GUEST }) },
		 "What --data is: vtd-s1, arm-smmuv3, amd-guest" },
		DATA_OPTION("The kernel's struct for it")),
	.needs = NEEDS_IOMMUFD, .makes = true, .run = run_hwpt_alloc,
};

const struct verb verb_hwpt_invalidate = {
	.name = "hwpt invalidate", .summary = "Say that a guest changed its page table",
	.example = PROGRAM " hwpt invalidate viommu --type arm-smmuv3 --entry 16 --data entries",
	.args = { { "HWPT|VIOMMU", ARG_ID, .types = TYPE(HWPT) | TYPE(VIOMMU) } },
	.options = OPTIONS(
		{ "type", OPT_TYPE, { "TYPE", ARG_CHOICE, .choices = CHOICES({ "vtd-s1", 0 },
			{ "arm-smmuv3", 1 }) }, "What the entries are: vtd-s1, arm-smmuv3" },
		{ "entry", OPT_ENTRY, { "BYTES", ARG_NUMBER }, "The size of one" },
		DATA_OPTION("The entries")),
	.needs = NEEDS_IOMMUFD, .run = run_hwpt_invalidate,
};
