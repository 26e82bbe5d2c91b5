/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw-info: what the IOMMU of a device is and can. */
#include "verbs/hw-info.h"
#include "hwinfo/decode.h"
#include "verbs/finish.h"

enum { DATA_ROOM = 4096 };

static const struct column info_columns[] = {
	{ "type", "TYPE", COLUMN_TEXT }, { "type_number", "NUMBER", COLUMN_NUMBER },
	{ "dirty_tracking", "DIRTY", COLUMN_TEXT }, { "pasid_exec", "PASID-EXEC", COLUMN_TEXT },
	{ "pasid_priv", "PASID-PRIV", COLUMN_TEXT }, { "max_pasid_bits", "PASID-BITS", COLUMN_NUMBER },
	{ "pci_ats", "ATS", COLUMN_TEXT }, { "data_length", "DATA", COLUMN_NUMBER },
};
static const struct column register_columns[] = {
	{ "register", "REGISTER", COLUMN_TEXT }, { "field", "FIELD", COLUMN_TEXT },
	{ "bits", "BITS", COLUMN_TEXT }, { "value", "VALUE", COLUMN_HEX },
	{ "meaning", "MEANING", COLUMN_TEXT },
};

/* None is an answer, but nothing to ask for: it stands first. */
static const struct choice data_types[] = {
	{ "none", IOMMUFD_HW_INFO_NONE }, { "intel-vtd", IOMMUFD_HW_INFO_INTEL_VTD },
	{ "arm-smmuv3", IOMMUFD_HW_INFO_ARM_SMMUV3 },
	{ "tegra241-cmdqv", IOMMUFD_HW_INFO_TEGRA241_CMDQV }, { "amd", IOMMUFD_HW_INFO_AMD }, { NULL },
};

static bool next_hw_info(const void *arg, size_t *cursor, struct value *row)
{
	const struct iommufd_hw_info *info = arg;

	if ((*cursor)++)
		return false;
	row[0].text = choice_word(data_types, info->type);
	row[1].number = info->type;
	row[2].text = yes_no(info->capabilities & IOMMUFD_HW_CAP_DIRTY_TRACKING);
	row[3].text = yes_no(info->capabilities & IOMMUFD_HW_CAP_PASID_EXEC);
	row[4].text = yes_no(info->capabilities & IOMMUFD_HW_CAP_PASID_PRIV);
	row[5].number = info->pasid_bits;
	/* Older kernels do not tell, and none tells that it is there. */
	row[6].text = info->capabilities & IOMMUFD_HW_CAP_NO_PCI_ATS ? "no" : NULL;
	row[7].number = info->length;
	return true;
}

static int run_hw_info(struct call *call)
{
	unsigned char data[DATA_ROOM];
	struct iommufd_hw_info info;
	struct registers registers = { .data = data };
	const struct table tables[] = {
		{ "hw_info", ROWS(info_columns, next_hw_info, &info), .always = true },
		{ "registers", ROWS(register_columns, next_register_field, &registers) },
	};
	int rc;

	if (opt_given(call, OPT_RAW) && call->output->json)
		return msg_usage(call->output, "--raw has no JSON form");
	rc = iommufd_hw_info(call->ctx->iommufd, arg_u32(call, 0),
			     opt_u32(call, OPT_TYPE, IOMMUFD_HW_INFO_NONE), data, sizeof(data), &info);
	if (rc < 0)
		return refused(call, 0, IOMMUFD_OP_HW_INFO, rc);
	registers.type = info.type;
	registers.len = info.length < sizeof(data) ? info.length : sizeof(data);
	if (!opt_given(call, OPT_RAW))
		return print_tables(call->output, tables, ARRAY_SIZE(tables));
	buf_bytes(call->output->out, (const char *)data, registers.len);
	return EXIT_DONE;
}

const struct verb verb_hw_info = {
	.name = "hw-info", .summary = "Show what the IOMMU of a device can do",
	.example = PROGRAM " hw-info nic",
	.args = { { "DEV", ARG_DEVICE_ID } },
	.options = OPTIONS(
		{ "raw", OPT_RAW, .help = "Print the data as it is" },
		{ "type", OPT_TYPE, { "TYPE", ARG_CHOICE, .choices = data_types + 1 },
		 "Data of this type: intel-vtd, arm-smmuv3, tegra241-cmdqv, amd (default: what there is)" }),
	.needs = NEEDS_IOMMUFD, .run = run_hw_info,
};
