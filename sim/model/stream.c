/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "file.h"
#include "uapi/vfio.h"

/* Saving: a header is there at once, the state once the device has stopped. Resuming: the same, written. */
struct stream {
	struct sim_file file;
	struct sim_device *device;
	unsigned int refs; /* the device's and the file's */
	bool disabled;
	size_t filled, position;
	unsigned char bytes[];
};

static struct stream *stream_of(struct sim_file *file)
{
	return (struct stream *)file; /* its first member */
}

static size_t full_size(const struct stream *stream)
{
	return stream->device->description->state_header_size + stream->device->description->state_size;
}

static void put(struct stream *stream)
{
	if (--stream->refs == 0)
		free(stream);
}

static long stream_read(struct sim_file *file, void *to, size_t len)
{
	struct stream *stream = stream_of(file);
	struct sim *sim = stream->device->sim;
	long rc = -ENODEV;

	lock(&sim->ioctls);
	if (!stream->disabled) {
		len = len < stream->filled - stream->position ? len : stream->filled - stream->position;
		memcpy(to, stream->bytes + stream->position, len);
		stream->position += len;
		rc = (long)len;
	}
	unlock(&sim->ioctls);
	return rc;
}

/* What ends in the header, or beyond it, has written all of it: then it is checked. */
static int check_header(const struct stream *stream, size_t before)
{
	const struct sim_device_description *description = stream->device->description;

	if (before >= description->state_header_size || stream->filled < description->state_header_size)
		return 0;
	return memcmp(stream->bytes, description->state_header, description->state_header_size) ? -EFAULT : 0;
}

static long stream_write(struct sim_file *file, const void *from, size_t len)
{
	struct stream *stream = stream_of(file);
	struct sim *sim = stream->device->sim;
	size_t before = stream->filled;
	long rc;

	lock(&sim->ioctls);
	if (len > full_size(stream) - stream->position) {
		rc = -ENOMEM;
	} else if (stream->disabled) {
		rc = -ENODEV;
	} else {
		memcpy(stream->bytes + stream->position, from, len);
		stream->position += len;
		stream->filled += len;
		rc = check_header(stream, before);
		rc = rc ? rc : (long)len;
	}
	unlock(&sim->ioctls);
	return rc;
}

static int precopy_info(struct stream *stream, uint64_t address, struct sim_caller *caller)
{
	uint32_t state = stream->device->migration_state;
	struct uapi_vfio_precopy_info info;

	if (caller_read(caller, address, &info, sizeof(info)))
		return -EFAULT;
	if (info.argsz < sizeof(info))
		return -EINVAL;
	if (state != UAPI_VFIO_DEVICE_STATE_PRE_COPY && state != UAPI_VFIO_DEVICE_STATE_PRE_COPY_P2P)
		return -EINVAL;
	if (stream->disabled)
		return -ENODEV;
	info.dirty_bytes = 0;
	info.initial_bytes = stream->filled - stream->position;
	return caller_write(caller, address, &info, sizeof(info));
}

static long stream_ioctl(struct sim_file *file, unsigned long request, uint64_t arg,
			 struct sim_caller *caller)
{
	struct stream *stream = stream_of(file);
	struct sim *sim = stream->device->sim;
	long rc;

	if (request != UAPI_VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	lock(&sim->ioctls);
	rc = precopy_info(stream, arg, caller);
	unlock(&sim->ioctls);
	return rc;
}

static void stream_close(struct sim_file *file)
{
	struct stream *stream = stream_of(file);
	struct sim *sim = stream->device->sim;

	lock(&sim->ioctls);
	put(stream);
	unlock(&sim->ioctls);
}

static const struct file_ops saving_ops = { .read = stream_read,
					    .ioctl = stream_ioctl,
					    .close = stream_close };
static const struct file_ops resuming_ops = { .write = stream_write, .close = stream_close };

struct stream *stream_new(struct sim_device *device, bool saving)
{
	const struct sim_device_description *description = device->description;
	struct stream *stream =
		calloc(1, sizeof(*stream) + description->state_header_size + description->state_size);

	if (!stream)
		return NULL;
	stream->file.kind = saving ? SIM_FILE_SAVING : SIM_FILE_RESUMING;
	stream->file.ops = saving ? &saving_ops : &resuming_ops;
	stream->device = device;
	stream->refs = 2;
	if (!saving)
		return stream;
	memcpy(stream->bytes, description->state_header, description->state_header_size);
	stream->filled = description->state_header_size;
	return stream;
}

struct sim_file *stream_file(struct stream *stream)
{
	return &stream->file;
}

void stream_give_up(struct stream *stream)
{
	put(stream);
}

int stream_save(struct stream *stream)
{
	const struct sim_device_description *description = stream->device->description;
	int rc = 0;

	if (description->ops && description->ops->save)
		rc = description->ops->save(description->data, stream->bytes + stream->filled);
	if (!rc)
		stream->filled += description->state_size;
	return rc;
}

int stream_load(struct stream *stream)
{
	const struct sim_device_description *description;

	if (!stream || stream->filled < full_size(stream))
		return -EINVAL;
	description = stream->device->description;
	if (!description->ops || !description->ops->load)
		return 0;
	return description->ops->load(description->data, stream->bytes + description->state_header_size);
}

void stream_disable(struct stream *stream)
{
	stream->disabled = true;
	stream->filled = stream->position = 0;
	put(stream);
}
