/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hwpt alloc, invalidate: page tables made by hand. */
#include "hwpt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "verbs.h"

static const struct choice data_types[] = {
	{ "vtd-s1", IOMMUFD_HWPT_DATA_VTD_S1 },
	{ "arm-smmuv3", IOMMUFD_HWPT_DATA_ARM_SMMUV3 },
	{ "amd-guest", IOMMUFD_HWPT_DATA_AMD_GUEST },
};
static const struct choice invalidate_types[] = {
	{ "vtd-s1", 0 },
	{ "arm-smmuv3", 1 },
};

int need_device_id(const struct call *call, const char *ref, uint32_t *ret,
		   enum iommufd_device_kind *ret_kind)
{
	struct device *device;
	int rc;

	if (ret_kind)
		*ret_kind = IOMMUFD_KIND_UNKNOWN;
	if (parse_u32(ref, ret))
		return context_open(call);
	rc = need_device(call, ref, &device);
	if (rc != EXIT_DONE)
		return rc;
	if (!device->object.id) {
		msg_fail(call->output, ref, "the id of the device is not known here");
		msg_hint(call->output, "bind prints it: name the device by that number");
		return EXIT_FAILED;
	}
	*ret = device->object.id;
	if (ret_kind)
		*ret_kind = device->info.kind;
	return EXIT_DONE;
}

static int parse_hex(const struct call *call, const char *text, struct data *ret)
{
	for (ret->length = 0; text[0]; text += 2) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return msg_usage(call->output, "--data: after 'hex:' come pairs of hex digits");
		if (ret->length == sizeof(ret->bytes))
			return msg_usage(call->output, "--data: more than %zu bytes", sizeof(ret->bytes));
		ret->bytes[ret->length++] = (unsigned char)(high << 4 | low);
	}
	return EXIT_DONE;
}

static int read_data(const struct call *call, const char *path, int fd, struct data *ret)
{
	char beyond;
	ssize_t n;

	ret->length = 0;
	while ((n = read(fd, ret->bytes + ret->length, sizeof(ret->bytes) - ret->length)) > 0)
		ret->length += (uint32_t)n;
	if (n < 0)
		return msg_fail_errno(call->output, path, errno);
	if (ret->length == sizeof(ret->bytes) && read(fd, &beyond, 1) > 0)
		return msg_fail(call->output, path, "it has more than %zu bytes (EFBIG)", sizeof(ret->bytes));
	return EXIT_DONE;
}

int need_data(const struct call *call, struct data *ret)
{
	const char *path = option(call, OPT_DATA);
	bool ours;
	int fd, rc;

	ret->length = 0;
	if (!path)
		return EXIT_DONE;
	if (strncmp(path, "hex:", 4) == 0)
		return parse_hex(call, path + 4, ret);
	rc = open_source(call, path, &fd, &ours);
	if (rc != EXIT_DONE)
		return rc;
	rc = read_data(call, path, fd, ret);
	if (ours)
		close(fd);
	return rc;
}

static int parse_alloc(const struct call *call, struct iommufd_hwpt_config *config, struct data *data,
		       enum iommufd_device_kind *kind)
{
	const char *queue = option(call, OPT_FAULT), *type = option(call, OPT_TYPE);
	int rc = need_device_id(call, call->args[0], &config->device, kind);

	config->flags = (option(call, OPT_NEST_PARENT) ? IOMMUFD_HWPT_NEST_PARENT : 0) |
			(option(call, OPT_DIRTY) ? IOMMUFD_HWPT_DIRTY_TRACKING : 0) |
			(option(call, OPT_PASID) ? IOMMUFD_HWPT_PASID : 0) |
			(queue ? IOMMUFD_HWPT_FAULTS : 0);
	if (rc == EXIT_DONE)
		rc = need_id(call, call->args[1], 1U << OBJECT_IOAS | 1U << OBJECT_HWPT | 1U << OBJECT_VIOMMU,
			     &config->parent);
	if (rc == EXIT_DONE && queue)
		rc = need_id(call, queue, 1U << OBJECT_FAULT, &config->fault);
	if (rc == EXIT_DONE && type)
		rc = need_choice(call, "--type", type, data_types, ARRAY_SIZE(data_types),
				 &config->data_type);
	if (rc == EXIT_DONE && !type != !option(call, OPT_DATA))
		rc = msg_usage(call->output, "--type and --data go together");
	if (rc == EXIT_DONE)
		rc = need_data(call, data);
	config->data = data->bytes;
	config->data_length = data->length;
	return rc;
}

int verb_hwpt_alloc(struct call *call)
{
	struct iommufd_hwpt_config config = { 0 };
	const char *name = option(call, OPT_NAME);
	struct made made = { .fd = -1 };
	enum iommufd_device_kind kind;
	struct data data;
	int rc = check_new_name(call, name);

	if (rc != EXIT_DONE || (rc = parse_alloc(call, &config, &data, &kind)) != EXIT_DONE)
		return rc;
	rc = iommufd_hwpt_alloc(call->ctx->iommufd, &config, &made.object.id);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_HWPT_ALLOC, rc, kind);
	made.object.type = OBJECT_HWPT;
	made.device = config.device;
	made.parent = config.parent;
	made.queue = config.fault;
	made.kind = config.data_type;
	made.flags = config.flags;
	return made_keep(call, &made, name);
}

/* The data is an array of entries; the kernel says how many of them it has handled, also when it fails. */
int verb_hwpt_invalidate(struct call *call)
{
	static const struct column column = { "handled", "HANDLED", COLUMN_NUMBER };
	const char *type = option(call, OPT_TYPE), *entry = option(call, OPT_ENTRY);
	uint32_t id, data_type, length, asked, n;
	struct data data;
	int rc = need_id(call, call->args[0], 1U << OBJECT_HWPT | 1U << OBJECT_VIOMMU, &id);

	if (rc == EXIT_DONE && (!type || !entry || !option(call, OPT_DATA)))
		rc = msg_usage(call->output, "it needs --type, --entry and --data");
	if (rc == EXIT_DONE)
		rc = need_choice(call, "--type", type, invalidate_types, ARRAY_SIZE(invalidate_types),
				 &data_type);
	if (rc == EXIT_DONE)
		rc = need_u32(call, "--entry", entry, &length);
	if (rc == EXIT_DONE)
		rc = need_data(call, &data);
	if (rc == EXIT_DONE && (!length || !data.length || data.length % length))
		rc = msg_usage(call->output, "--data: %u bytes are no whole entries of %u", data.length,
			       length);
	if (rc != EXIT_DONE || (rc = context_open(call)) != EXIT_DONE)
		return rc;
	n = asked = data.length / length;
	rc = iommufd_hwpt_invalidate(call->ctx->iommufd, id, data_type, data.bytes, length, &n);
	if (rc < 0) {
		rc = msg_fail_op(call->output, call->args[0], IOMMUFD_OP_HWPT_INVALIDATE, rc,
				 IOMMUFD_KIND_UNKNOWN);
		if (n <= asked)
			msg_note(call->output, "%u of %u entries were handled", n, asked);
		return rc;
	}
	return print_value(call->output, &column, (struct value){ .number = n });
}
