/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/inventory.h"
#include <errno.h>
#include <stdlib.h>

#include "context/device.h"

enum { MANY = 256 };

const char *inventory_type_name(enum iommufd_object_type type)
{
	static const char *const names[] = { "", "unknown", "IOAS", "device", "HWPT", "HWPT nested", "vIOMMU" };

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}

static bool is_attached_to(const struct device *device, uint32_t id)
{
	if (device->attachment == ATTACHED && device->pt == id)
		return true;
	for (size_t i = 0; i < device->n_pasids; i++)
		if (device->pasids[i].pt == id)
			return true;
	return false;
}

/* Also the HWPTs that the kernel made, which have no object here. */
static bool knows_id(const struct context *ctx, uint32_t id)
{
	if (object_by_id(ctx, id))
		return true;
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (is_attached_to(device_at(ctx, i), id))
			return true;
	return false;
}

static int add_item(struct inventory *inventory, struct inventory_item item)
{
	struct inventory_item *grown = reallocarray(inventory->items, inventory->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	inventory->items = grown;
	inventory->items[inventory->count++] = item;
	return 0;
}

int inventory_take(int iommufd, int source_fd, const struct context *known, struct inventory *inventory)
{
	enum iommufd_object_type type;
	int window = inventory->window ?: MANY, misses = 0, rc = 0;

	for (uint32_t id = 1; misses < window && rc == 0; id++) {
		if (known && knows_id(known, id)) {
			misses = 0;
			continue;
		}
		rc = iommufd_probe_id(iommufd, id, &type);
		if (rc == 0 && type != IOMMUFD_OBJECT_ABSENT)
			rc = add_item(inventory, (struct inventory_item){ id, source_fd, type });
		misses = rc == 0 && type != IOMMUFD_OBJECT_ABSENT ? 0 : misses + 1;
	}
	return rc < 0 ? rc : 0;
}

int inventory_add(const struct output *output, int iommufd, int source_fd, const struct context *known,
		  struct inventory *inventory)
{
	int rc = inventory_take(iommufd, source_fd, known, inventory);

	return rc < 0 ? msg_fail_errno(output, NULL, rc) : EXIT_DONE;
}
