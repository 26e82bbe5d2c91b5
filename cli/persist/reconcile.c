/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A restored context and the kernel are made to agree: what was acknowledged counts. */
#include <errno.h>

#include "context.h"
#include "journal.h"

static void settle_pasids(const struct call *call, const struct device *device)
{
	for (size_t i = 0; i < device->n_pasids; i++) {
		struct pasid *pasid = &device->pasids[i];
		uint32_t pt = pasid->asked;
		int rc = iommufd_device_attach_pasid(device->fd, pasid->number, &pt);

		if (rc == 0)
			pasid->pt = pt;
		else
			msg_fail_op(call->output, device->info.name, IOMMUFD_OP_ATTACH_PASID, rc,
				    device->info.kind);
	}
}

/* A command that was killed half-way was not acknowledged: the kernel is set to what was. */
void device_settle(const struct call *call, struct device *device)
{
	uint32_t pt = device->asked;
	int rc = 0;

	if (device->attachment == ATTACHED) {
		rc = iommufd_device_attach(device->fd, &pt);
		device->pt = rc == 0 ? pt : device->pt;
	} else if (device->object.id) {
		rc = iommufd_device_detach(device->fd);
	}
	if (rc < 0)
		msg_fail_op(call->output, device->info.name, IOMMUFD_OP_ATTACH, rc, device->info.kind);
	settle_pasids(call, device);
}

/* What no record tells of is unmapped: it lies between the mappings that are known. */
static void unmap_unknown(const struct call *call, const struct ioas *ioas)
{
	uint64_t from = 0, done;
	int fd = call->ctx->iommufd;

	for (size_t i = 0; i < ioas->mappings.count; i++) {
		const struct mapping *mapping = mapping_at(&ioas->mappings, i);

		if (mapping->iova > from)
			iommufd_ioas_unmap(fd, ioas->object.id, from, mapping->iova - from, &done);
		from = mapping->iova + mapping->length;
		if (!from)
			return; /* it ends where the addresses do */
	}
	iommufd_ioas_unmap(fd, ioas->object.id, from, from ? -from : UINT64_MAX, &done);
}

/* Map what is known where it was. 0; -EEXIST: it is mapped there, as it should be. */
static int map_again(const struct call *call, const struct ioas *ioas, const struct mapping *mapping)
{
	struct context *ctx = call->ctx;
	unsigned int flags = mapping->flags | IOMMUFD_MAP_FIXED;
	uint64_t iova = mapping->iova;
	char *at;
	int rc = -ENOTTY;

	if (!ctx->no_map_file)
		rc = iommufd_ioas_map_file(ctx->iommufd, ioas->object.id, flags, mapping->memory->fd,
					   mapping->offset, mapping->length, &iova);
	if (rc != -ENOTTY)
		return rc;
	ctx->no_map_file = true;
	at = memory_map(mapping->memory);
	if (!at)
		return -errno;
	return iommufd_ioas_map(ctx->iommufd, ioas->object.id, flags, at + mapping->offset, mapping->length,
				&iova);
}

static bool is_used_by_hardware(const struct context *ctx, const struct ioas *ioas)
{
	for (size_t i = 0; i < ctx->devices.count; i++) {
		const struct device *device = device_at(ctx, i);

		if (device->attachment == ATTACHED && device->asked == ioas->object.id &&
		    device->info.kind == IOMMUFD_PHYSICAL)
			return true;
	}
	return false;
}

/* Without IOAS_MAP_FILE (before Linux 6.13) mappings are of a process that is no more and cannot be pinned
 * again: they are made anew from this one, but not under a device, whose pages stay pinned meanwhile. */
void ioas_settle(const struct call *call, struct ioas *ioas, bool begun)
{
	bool stale = false;
	uint64_t done;

	if (begun)
		unmap_unknown(call, ioas);
	for (size_t i = 0; i < ioas->mappings.count; i++) {
		const struct mapping *mapping = mapping_at(&ioas->mappings, i);
		int rc = mapping->memory->fd < 0 ? 0 : map_again(call, ioas, mapping);

		stale = call->ctx->no_map_file && !is_used_by_hardware(call->ctx, ioas);
		if (rc == -EEXIST && stale &&
		    iommufd_ioas_unmap(call->ctx->iommufd, ioas->object.id, mapping->iova, mapping->length,
				       &done) == 0)
			rc = map_again(call, ioas, mapping);
		if (rc < 0 && rc != -EEXIST)
			msg_fail_op(call->output, "a mapping", IOMMUFD_OP_IOAS_MAP, rc, IOMMUFD_KIND_UNKNOWN);
		/* One is enough to learn that the kernel has IOAS_MAP_FILE: then nothing is to be done. */
		if (!begun && !stale)
			break;
	}
	ioas->stale = call->ctx->no_map_file && !stale && ioas->mappings.count;
}

void ioas_renew(const struct call *call, struct ioas *ioas)
{
	if (ioas->stale)
		ioas_settle(call, ioas, false);
}
