/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist/reconcile.h"
#include <errno.h>

#include "context/memory.h"

static void reconcile_pasids(const struct output *output, const struct device *device)
{
	for (size_t i = 0; i < device->n_pasids; i++) {
		struct pasid *pasid = &device->pasids[i];
		uint32_t pt = pasid->requested_pt;
		int rc = iommufd_device_attach_pasid(device->fd, pasid->number, &pt);

		if (rc == 0)
			pasid->pt = pt;
		else
			msg_fail_op(output, device->info.name, IOMMUFD_OP_ATTACH_PASID, rc,
				    device->info.kind);
	}
}

/* A command that was killed half-way was not acknowledged: the kernel is set to what was. */
void reconcile_device(const struct output *output, struct device *device)
{
	bool attached = device->attachment == ATTACHED;
	uint32_t pt = device->requested_pt;
	int rc = 0;

	if (attached)
		rc = iommufd_device_attach(device->fd, &pt);
	else if (device->object.id)
		rc = iommufd_device_detach(device->fd);
	if (rc < 0)
		msg_fail_op(output, device->info.name, attached ? IOMMUFD_OP_ATTACH : IOMMUFD_OP_DETACH, rc,
			    device->info.kind);
	else if (attached)
		device->pt = pt;
	reconcile_pasids(output, device);
}

/* What no record tells of is unmapped: it lies between the mappings that are known. */
static void unmap_unknown(const struct context *ctx, const struct ioas *ioas)
{
	uint64_t from = 0;

	for (size_t i = 0; i < ioas->mappings.count; i++) {
		const struct mapping *mapping = mapping_at(&ioas->mappings, i);

		if (mapping->iova > from)
			iommufd_ioas_unmap(ctx->iommufd, ioas->object.id, from, mapping->iova - from, NULL);
		from = mapping->iova + mapping->length;
		if (!from)
			return; /* it ends where the addresses do */
	}
	iommufd_ioas_unmap(ctx->iommufd, ioas->object.id, from, from ? -from : UINT64_MAX, NULL);
}

/* Map what is known where it was. 0; -EEXIST: it is mapped there, as it should be. */
static int map_again(struct context *ctx, const struct ioas *ioas, const struct mapping *mapping, int *ret_op)
{
	struct mapping again = *mapping;

	again.flags |= IOMMUFD_MAP_FIXED;
	return ioas_map_kernel(ctx, ioas->object.id, &again, ret_op);
}

static bool is_used_by_hardware(const struct context *ctx, const struct ioas *ioas)
{
	for (size_t i = 0; i < ctx->devices.count; i++) {
		const struct device *device = device_at(ctx, i);

		if (device->attachment == ATTACHED && device->requested_pt == ioas->object.id &&
		    device->info.kind != IOMMUFD_EMULATED)
			return true;
	}
	return false;
}

/*
 * Without IOAS_MAP_FILE (before Linux 6.13) mappings are of a process that is no more and cannot be pinned
 * again: they are made anew from this one, but not under a device, whose pages stay pinned meanwhile.
 */
void reconcile_ioas(struct context *ctx, const struct output *output, struct ioas *ioas, bool pending)
{
	uint32_t id = ioas->object.id;
	bool renew = ctx->no_map_file && !is_used_by_hardware(ctx, ioas);
	int op;

	if (pending)
		unmap_unknown(ctx, ioas);
	for (size_t i = 0; i < ioas->mappings.count && (pending || renew); i++) {
		const struct mapping *mapping = mapping_at(&ioas->mappings, i);
		int rc = mapping->memory->fd < 0 ? 0 : map_again(ctx, ioas, mapping, &op);

		if (rc == -EEXIST && renew &&
		    iommufd_ioas_unmap(ctx->iommufd, id, mapping->iova, mapping->length, NULL) == 0)
			rc = map_again(ctx, ioas, mapping, &op);
		if (rc < 0 && rc != -EEXIST)
			msg_refused(output, "a mapping", op, rc, IOMMUFD_KIND_UNKNOWN);
	}
	ioas->needs_remap = ctx->no_map_file && !renew && ioas->mappings.count;
}

void ioas_renew(struct context *ctx, const struct output *output, struct ioas *ioas)
{
	if (ioas->needs_remap)
		reconcile_ioas(ctx, output, ioas, false);
}
