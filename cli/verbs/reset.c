/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reset, hot-reset: of a device alone, and of all that share its slot or bus. */
#include <errno.h>

#include "context.h"
#include "options.h"
#include "table.h"
#include "verbs.h"

enum { MAX_TOGETHER = 256 };

int verb_reset(struct call *call)
{
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_device_reset(device->fd);
	return rc < 0 ? msg_fail_op(call->output, call->args[0], IOMMUFD_OP_RESET, rc, device->info.kind)
		      : print_nothing(call->output);
}

/* The devices that are reset together. */
struct together {
	struct iommufd_reset_device devices[MAX_TOGETHER];
	size_t count;
	char address[16]; /* of the row that is being printed */
};

static const char *address_of(const struct iommufd_reset_device *device, char *text, size_t size)
{
	struct buffer out = { .fd = -1, .buf = text, .cap = size };

	buf_format(&out, "%04x:%02x:%02x.%x", device->segment, device->bus, device->devfn >> 3,
		   device->devfn & 7);
	buf_char(&out, '\0');
	return text;
}

static bool next_together(const void *arg, size_t *cursor, struct value *row)
{
	struct together *together = (struct together *)arg;
	const struct iommufd_reset_device *device;
	bool is_id;

	if (*cursor == together->count)
		return false;
	device = &together->devices[(*cursor)++];
	is_id = device->id != IOMMUFD_RESET_OWNED && device->id != IOMMUFD_RESET_NOT_OWNED;
	row[0].text = address_of(device, together->address, sizeof(together->address));
	row[1] = (struct value){ .number = device->id, .none = !is_id };
	row[2].text = device->id == IOMMUFD_RESET_NOT_OWNED ? "no" : "yes";
	return true;
}

static int show_together(const struct call *call, const struct device *device)
{
	static const struct column columns[] = {
		{ "address", "ADDRESS", COLUMN_TEXT },
		{ "id", "ID", COLUMN_NUMBER },
		{ "owned", "OWNED", COLUMN_TEXT },
	};
	struct together together;
	const struct table table = { "devices", columns, ARRAY_SIZE(columns), next_together, &together,
				    true, 0 };
	int n = iommufd_device_hot_reset_info(device->fd, together.devices, MAX_TOGETHER, NULL);

	if (n < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_HOT_RESET_INFO, n,
				   device->info.kind);
	if (n > MAX_TOGETHER)
		return msg_fail(call->output, call->args[0],
				"it shares its bus with %d devices, more than this tool takes", n);
	together.count = (size_t)n;
	return print_tables(call->output, &table, 1);
}

int verb_hot_reset(struct call *call)
{
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	if (option(call, OPT_INFO))
		return show_together(call, device);
	rc = iommufd_device_hot_reset(device->fd);
	return rc < 0 ? msg_fail_op(call->output, call->args[0], IOMMUFD_OP_HOT_RESET, rc, device->info.kind)
		      : print_nothing(call->output);
}
