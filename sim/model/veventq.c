/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "veventq.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "vdevice.h"

enum { TYPE_DEFAULT = 0, TYPE_SMMUV3 = 1, MAX_DEPTH = 1 << 19 };

struct event {
	struct uapi_iommufd_vevent_header header;
	size_t len;
	TAILQ_ENTRY(event) next;
	unsigned char data[];
};

struct veventq {
	struct object object;
	struct sim_file file;
	struct viommu *viommu;
	uint32_t type, depth, n;
	uint32_t sequence; /* of the next one */
	struct event *lost; /* stands at the end where events were lost, and takes no room */
	bool is_lost;
	TAILQ_HEAD(, event) events;
	TAILQ_ENTRY(veventq) next;
};

static struct veventq *veventq_of(const struct sim_file *file)
{
	return (struct veventq *)((char *)file - offsetof(struct veventq, file));
}

/* --- its file ---------------------------------------------------------------------------------------- */

static void drop(struct veventq *queue, struct event *event)
{
	TAILQ_REMOVE(&queue->events, event, next);
	if (event == queue->lost) {
		queue->is_lost = false;
		return;
	}
	queue->n--;
	free(event);
}

/* Whole events, as many as there is room for. */
static long veventq_read(struct sim_file *file, void *to, size_t len)
{
	struct veventq *queue = veventq_of(file);
	struct event *event;
	size_t done = 0;

	lock(iova_lock(&queue->object));
	while ((event = TAILQ_FIRST(&queue->events))) {
		if (sizeof(event->header) + event->len > len - done)
			break;
		memcpy((char *)to + done, &event->header, sizeof(event->header));
		memcpy((char *)to + done + sizeof(event->header), event->data, event->len);
		done += sizeof(event->header) + event->len;
		drop(queue, event);
	}
	unlock(iova_lock(&queue->object));
	return (long)done;
}

static short veventq_poll(const struct sim_file *file)
{
	const struct veventq *queue = veventq_of(file);
	short events;

	lock(iova_lock(&queue->object));
	events = TAILQ_EMPTY(&queue->events) ? 0 : POLLIN | POLLRDNORM;
	unlock(iova_lock(&queue->object));
	return events;
}

static void veventq_close(struct sim_file *file)
{
	struct veventq *queue = veventq_of(file);
	struct sim *sim = queue->object.context->sim;

	lock(&sim->ioctls);
	queue->object.users--;
	context_put(queue->object.context);
	unlock(&sim->ioctls);
}

static const struct file_ops veventq_ops = { .read = veventq_read,
					     .poll = veventq_poll,
					     .close = veventq_close };

/* --- the object -------------------------------------------------------------------------------------- */

static void veventq_destroy(struct object *object)
{
	struct veventq *queue = (struct veventq *)object;
	struct event *event;

	lock(iova_lock(&queue->object));
	while ((event = TAILQ_FIRST(&queue->events)))
		drop(queue, event);
	free(queue->lost);
	TAILQ_REMOVE(&queue->viommu->queues, queue, next);
	unlock(iova_lock(&queue->object));
	queue->viommu->object.users--;
}

static struct veventq *find_type(const struct viommu *viommu, uint32_t type)
{
	struct veventq *queue;

	TAILQ_FOREACH(queue, &viommu->queues, next)
		if (queue->type == type)
			return queue;
	return NULL;
}

static struct veventq *veventq_new(struct viommu *viommu, uint32_t type, uint32_t depth)
{
	struct event *lost = calloc(1, sizeof(*lost));
	struct veventq *queue = NULL;

	if (lost)
		queue = object_new(viommu->object.context, OBJECT_VEVENTQ, sizeof(*queue), veventq_destroy);
	if (!queue) {
		free(lost);
		return NULL;
	}
	queue->lost = lost;
	queue->file = (struct sim_file){ .kind = SIM_FILE_EVENTS, .ops = &veventq_ops };
	queue->viommu = viommu;
	queue->type = type;
	queue->depth = depth;
	TAILQ_INIT(&queue->events);
	viommu->object.users++;
	lock(iova_lock(&queue->object));
	TAILQ_INSERT_TAIL(&viommu->queues, queue, next);
	unlock(iova_lock(&queue->object));
	return queue;
}

/* The struct is written before there is an fd, so that a bad address leaves none behind. */
int veventq_alloc_ioctl(struct call *call)
{
	struct uapi_iommu_veventq_alloc *arg = &call->veventq_alloc;
	struct veventq *queue;
	struct viommu *viommu;
	int rc;

	if (arg->flags || arg->reserved || arg->type == TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!arg->veventq_depth || arg->veventq_depth > MAX_DEPTH)
		return -EINVAL;
	viommu = object_find(call->context, arg->viommu_id, OBJECT_VIOMMU);
	if (!viommu)
		return -ENOENT;
	if (arg->type != TYPE_SMMUV3 || !viommu_nests(viommu))
		return -EOPNOTSUPP;
	if (find_type(viommu, arg->type))
		return -EEXIST;
	queue = veventq_new(viommu, arg->type, arg->veventq_depth);
	if (!queue)
		return -ENOMEM;
	arg->out_veventq_id = queue->object.id;
	rc = respond(call, veventq_alloc);
	if (!rc)
		rc = call->caller->ops->install(call->caller, &queue->file);
	if (rc < 0) {
		object_free(&queue->object);
		return rc;
	}
	queue->object.users++; /* its file */
	context_get(call->context);
	arg->out_veventq_fd = (uint32_t)rc;
	return respond(call, veventq_alloc);
}

/* --- what devices cause ------------------------------------------------------------------------------ */

/* Where the queue is full, or there is no memory, all that can be told is that something was lost. */
static struct event *event_new(struct veventq *queue, const void *data, size_t len)
{
	struct event *event = queue->n < queue->depth ? malloc(sizeof(*event) + len) : NULL;

	if (!event) {
		queue->lost->header.flags = UAPI_IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
		return queue->lost;
	}
	event->header.flags = 0;
	event->len = len;
	memcpy(event->data, data, len);
	queue->n++;
	return event;
}

static void add_event(struct veventq *queue, const void *data, size_t len)
{
	struct event *event = event_new(queue, data, len);

	if (queue->is_lost)
		TAILQ_REMOVE(&queue->events, queue->lost, next);
	queue->is_lost = event == queue->lost;
	event->header.sequence = queue->sequence;
	queue->sequence = queue->sequence == INT_MAX ? 0 : queue->sequence + 1;
	TAILQ_INSERT_TAIL(&queue->events, event, next);
}

int sim_iommu_event(struct sim_device *device, const void *data, size_t len)
{
	const struct vdevice *vdevice;
	struct veventq *queue = NULL;

	lock(&device->sim->iova);
	vdevice = device->idev ? device->idev->vdevice : NULL;
	if (vdevice)
		queue = find_type(vdevice->viommu, TYPE_SMMUV3);
	if (queue)
		add_event(queue, data, len);
	unlock(&device->sim->iova);
	if (!queue)
		return -ENODEV;
	file_is_ready(&queue->file);
	return 0;
}
