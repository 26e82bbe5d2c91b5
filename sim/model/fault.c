/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fault.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "attach.h"
#include "file.h"

enum { RESPONSE_SUCCESS = 0, RESPONSE_INVALID = 1 };

/* Pages that are asked for together, and answered together. */
struct request {
	struct idev *idev;
	uint32_t pasid; /* of the attachment */
	uint32_t cookie;
	size_t n;
	TAILQ_ENTRY(request) next;
	struct uapi_iommu_hwpt_pgfault faults[];
};

TAILQ_HEAD(request_list, request);

struct fault {
	struct object object;
	struct sim_file file;
	struct request_list partial; /* of which the last page has not come */
	struct request_list waiting; /* to be read */
	struct request_list asked;   /* to be answered: by their cookies */
};

static struct fault *fault_of(const struct sim_file *file)
{
	return (struct fault *)((char *)file - offsetof(struct fault, file));
}

static void forget_requests(struct request_list *list, const struct idev *idev, uint32_t pasid, bool all)
{
	struct request *request = TAILQ_FIRST(list), *next;

	for (; request; request = next) {
		next = TAILQ_NEXT(request, next);
		if (!all && (request->idev != idev || request->pasid != pasid))
			continue;
		TAILQ_REMOVE(list, request, next);
		free(request);
	}
}

void fault_forget_device(struct fault *fault, const struct idev *idev, uint32_t pasid)
{
	if (!fault)
		return;
	lock(iova_lock(&fault->object));
	forget_requests(&fault->partial, idev, pasid, false);
	forget_requests(&fault->waiting, idev, pasid, false);
	forget_requests(&fault->asked, idev, pasid, false);
	unlock(iova_lock(&fault->object));
}

/* --- its file ---------------------------------------------------------------------------------------- */

/* Cookies are the lowest that are free, from 1 on. */
static void add_cookie(struct fault *fault, struct request *request)
{
	struct request *other;

	request->cookie = 1;
	TAILQ_FOREACH(other, &fault->asked, next) {
		if (other->cookie > request->cookie)
			break;
		request->cookie = other->cookie + 1;
	}
	if (other)
		TAILQ_INSERT_BEFORE(other, request, next);
	else
		TAILQ_INSERT_TAIL(&fault->asked, request, next);
	for (size_t i = 0; i < request->n; i++)
		request->faults[i].cookie = request->cookie;
}

/* Requests are read whole: -EINVAL where there is no room for the first one. */
static long read_waiting(struct fault *fault, char *to, size_t len)
{
	struct request *request;
	size_t done = 0;

	while ((request = TAILQ_FIRST(&fault->waiting))) {
		size_t size = request->n * sizeof(request->faults[0]);

		if (size > len - done)
			return done ? (long)done : -EINVAL;
		TAILQ_REMOVE(&fault->waiting, request, next);
		add_cookie(fault, request);
		for (size_t i = 0; i < request->n; i++)
			((struct uapi_iommu_hwpt_pgfault *)(void *)(to + done))[i] = request->faults[i];
		done += size;
	}
	return (long)done;
}

static long fault_read(struct sim_file *file, void *to, size_t len)
{
	struct fault *fault = fault_of(file);
	long rc;

	if (len % sizeof(struct uapi_iommu_hwpt_pgfault))
		return -ESPIPE;
	lock(iova_lock(&fault->object));
	rc = read_waiting(fault, to, len);
	unlock(iova_lock(&fault->object));
	return rc;
}

static int answer(struct fault *fault, const struct uapi_iommu_hwpt_page_response *response)
{
	struct request *request;

	if (response->code != RESPONSE_SUCCESS && response->code != RESPONSE_INVALID)
		return -EINVAL;
	TAILQ_FOREACH(request, &fault->asked, next) {
		if (request->cookie != response->cookie)
			continue;
		TAILQ_REMOVE(&fault->asked, request, next);
		free(request);
		return 0;
	}
	return -EINVAL;
}

static long fault_write(struct sim_file *file, const void *from, size_t len)
{
	const struct uapi_iommu_hwpt_page_response *responses = from;
	struct fault *fault = fault_of(file);
	size_t n = 0;
	int rc = 0;

	if (len % sizeof(responses[0]))
		return -ESPIPE;
	lock(iova_lock(&fault->object));
	while (!rc && n < len / sizeof(responses[0])) {
		rc = answer(fault, &responses[n]);
		n += !rc;
	}
	unlock(iova_lock(&fault->object));
	return n ? (long)(n * sizeof(responses[0])) : rc;
}

static short fault_poll(const struct sim_file *file)
{
	const struct fault *fault = fault_of(file);
	short events = POLLOUT;

	lock(iova_lock(&fault->object));
	if (!TAILQ_EMPTY(&fault->waiting))
		events |= POLLIN | POLLRDNORM;
	unlock(iova_lock(&fault->object));
	return events;
}

static void fault_close(struct sim_file *file)
{
	struct fault *fault = fault_of(file);
	struct sim *sim = fault->object.context->sim;

	lock(&sim->ioctls);
	fault->object.users--;
	context_put(fault->object.context);
	unlock(&sim->ioctls);
}

static const struct file_ops fault_ops = {
	.read = fault_read, .write = fault_write, .poll = fault_poll, .close = fault_close,
};

/* --- the object -------------------------------------------------------------------------------------- */

static void fault_destroy(struct object *object)
{
	struct fault *fault = (struct fault *)object;

	forget_requests(&fault->partial, NULL, 0, true);
	forget_requests(&fault->waiting, NULL, 0, true);
	forget_requests(&fault->asked, NULL, 0, true);
}

/* The struct is written before there is an fd, so that a bad address leaves none behind. */
int fault_alloc_ioctl(struct call *call)
{
	struct fault *fault;
	int rc;

	if (call->fault_alloc.flags)
		return -EOPNOTSUPP;
	fault = object_new(call->context, OBJECT_FAULT, sizeof(*fault), fault_destroy);
	if (!fault)
		return -ENOMEM;
	TAILQ_INIT(&fault->partial);
	TAILQ_INIT(&fault->waiting);
	TAILQ_INIT(&fault->asked);
	fault->file = (struct sim_file){ .kind = SIM_FILE_FAULTS, .ops = &fault_ops };
	call->fault_alloc.out_fault_id = fault->object.id;
	rc = respond(call, fault_alloc);
	if (!rc)
		rc = call->caller->ops->install(call->caller, &fault->file);
	if (rc < 0) {
		object_free(&fault->object);
		return rc;
	}
	fault->object.users++; /* its file */
	context_get(call->context);
	call->fault_alloc.out_fault_fd = (uint32_t)rc;
	return respond(call, fault_alloc);
}

int fault_use(struct sim_context *context, uint32_t id, struct fault **fault)
{
	*fault = object_find(context, id, OBJECT_FAULT);
	if (!*fault)
		return -ENOENT;
	(*fault)->object.users++;
	return 0;
}

void fault_put(struct fault *fault)
{
	fault->object.users--;
}

/* --- what devices ask for ---------------------------------------------------------------------------- */

static struct request *request_new(struct idev *idev, uint32_t pasid, const struct sim_page_request *asked,
				   size_t n)
{
	struct request *request = calloc(1, sizeof(*request) + n * sizeof(request->faults[0]));

	if (!request)
		return NULL;
	request->idev = idev;
	request->pasid = pasid;
	request->n = n;
	request->faults[n - 1] = (struct uapi_iommu_hwpt_pgfault){
		.flags = asked->flags,
		.dev_id = idev->object.id,
		.pasid = asked->pasid,
		.grpid = asked->grpid,
		.perm = asked->perm,
		.addr = asked->addr,
	};
	return request;
}

static bool is_part(const struct request *part, const struct idev *idev, uint32_t grpid)
{
	return part->idev == idev && part->faults[0].grpid == grpid;
}

static size_t count_parts(const struct fault *fault, const struct idev *idev, uint32_t grpid)
{
	const struct request *part;
	size_t n = 0;

	TAILQ_FOREACH(part, &fault->partial, next)
		n += is_part(part, idev, grpid);
	return n;
}

/* The parts that came before go before the last one, the latest of them first. */
static void take_parts(struct fault *fault, struct request *request, uint32_t grpid)
{
	struct request *part = TAILQ_FIRST(&fault->partial), *next;
	size_t at = request->n - 1;

	for (; part; part = next) {
		next = TAILQ_NEXT(part, next);
		if (!is_part(part, request->idev, grpid))
			continue;
		request->faults[--at] = part->faults[0];
		TAILQ_REMOVE(&fault->partial, part, next);
		free(part);
	}
}

static int add_request(struct fault *fault, struct idev *idev, const struct sim_page_request *asked,
		       uint32_t pasid)
{
	bool whole = asked->flags & UAPI_IOMMU_PGFAULT_FLAGS_LAST_PAGE;
	size_t parts = whole ? count_parts(fault, idev, asked->grpid) : 0;
	struct request *request = request_new(idev, pasid, asked, parts + 1);

	if (!request)
		return -ENOMEM;
	if (whole)
		take_parts(fault, request, asked->grpid);
	TAILQ_INSERT_TAIL(whole ? &fault->waiting : &fault->partial, request, next);
	return whole;
}

int sim_page_request(struct sim_device *device, const struct sim_page_request *asked)
{
	uint32_t pasid = asked->flags & UAPI_IOMMU_PGFAULT_FLAGS_PASID_VALID ? asked->pasid : NO_PASID;
	struct fault *fault = NULL;
	struct hwpt *hwpt;
	int rc = -ENODEV;

	lock(&device->sim->iova);
	hwpt = device->idev ? device_hwpt(device, pasid) : NULL;
	if (hwpt && hwpt->fault) {
		fault = hwpt->fault;
		rc = add_request(fault, device->idev, asked, pasid);
	}
	unlock(&device->sim->iova);
	if (rc == 1)
		file_is_ready(&fault->file);
	return rc < 0 ? rc : 0;
}
