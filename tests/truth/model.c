/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model, called by this process itself: its memory is the process's, its fds are numbers only. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "memory.h"
#include "model-access.h"
#include "model.h"
#include "tests/lab.h"

enum { MAX_FDS = 600, FIRST_FD = 100, EDU_LAST = (1 << 28) - 1 };

enum fd_kind { FD_CLOSED, FD_IS_CONTEXT, FD_IS_CDEV, FD_IS_FILE, FD_IS_MEMORY, FD_IS_EVENT, FD_IS_ACCESS };

/* A memfd: it is mapped, so its bytes are there. */
struct memory {
	struct sim_backing backing;
	uint8_t *bytes;
	uint64_t len;
};

struct open_fd {
	enum fd_kind kind;
	union {
		struct sim_context *context;
		struct sim_cdev *cdev;
		struct sim_file *file;
		struct memory *memory;
		struct sim_event *event;
		struct pinner *access;
	};
};

struct backend {
	struct sim_caller caller;
	struct sim_backing space;
	struct sim_limits limits;
	uint64_t memlock; /* bytes, or SIM_UNLIMITED */
	struct sim *sim;
	struct open_fd fds[MAX_FDS];
};

static struct backend *backend_of(struct sim_caller *caller)
{
	return (struct backend *)((char *)caller - offsetof(struct backend, caller));
}

/* --- memory -------------------------------------------------------------------------------------- */

/* What comes before a bad page is copied. */
static int copy(bool write, uint64_t address, void *bytes, size_t len)
{
	void *there = (void *)(uintptr_t)address;
	size_t reach = memory_reach(address, len, write);

	if (reach)
		memcpy(write ? there : bytes, write ? bytes : there, reach);
	return reach == len ? 0 : -EFAULT;
}

static int caller_read(struct sim_caller *caller, uint64_t address, void *to, size_t len)
{
	(void)caller;
	return copy(false, address, to, len);
}

static int caller_write(struct sim_caller *caller, uint64_t address, const void *from, size_t len)
{
	(void)caller;
	return copy(true, address, (void *)(uintptr_t)from, len);
}

static int space_read(struct sim_backing *space, uint64_t offset, void *to, size_t len)
{
	(void)space;
	return copy(false, offset, to, len);
}

static int space_write(struct sim_backing *space, uint64_t offset, const void *from, size_t len)
{
	(void)space;
	return copy(true, offset, (void *)(uintptr_t)from, len);
}

static int space_pin(struct sim_backing *space, uint64_t offset, uint64_t len, bool write)
{
	(void)space;
	return memory_reach(offset, len, write) == len ? 0 : -EFAULT;
}

static uint64_t space_memlock(struct sim_backing *space)
{
	return ((struct backend *)((char *)space - offsetof(struct backend, space)))->memlock;
}

static void nothing(struct sim_backing *backing)
{
	(void)backing;
}

static const struct sim_backing_ops space_ops = {
	.read = space_read,
	.write = space_write,
	.pin = space_pin,
	.memlock = space_memlock,
	.free = nothing,
};

static struct memory *memory_of(struct sim_backing *backing)
{
	return (struct memory *)((char *)backing - offsetof(struct memory, backing));
}

/* The page in which the file ends is there. */
static bool inside(const struct memory *memory, uint64_t offset, uint64_t len)
{
	uint64_t pages_len = (memory->len + MEMORY_PAGE - 1) / MEMORY_PAGE * MEMORY_PAGE;

	return offset + len >= offset && offset + len <= pages_len;
}

static int memory_read(struct sim_backing *backing, uint64_t offset, void *to, size_t len)
{
	if (!inside(memory_of(backing), offset, len))
		return -EINVAL;
	memcpy(to, memory_of(backing)->bytes + offset, len);
	return 0;
}

static int memory_write(struct sim_backing *backing, uint64_t offset, const void *from, size_t len)
{
	if (!inside(memory_of(backing), offset, len))
		return -EINVAL;
	memcpy(memory_of(backing)->bytes + offset, from, len);
	return 0;
}

static int memory_pin(struct sim_backing *backing, uint64_t offset, uint64_t len, bool write)
{
	(void)write;
	return inside(memory_of(backing), offset, len) ? 0 : -EINVAL;
}

static void memory_free(struct sim_backing *backing)
{
	free(memory_of(backing));
}

static const struct sim_backing_ops memory_ops = {
	.read = memory_read,
	.write = memory_write,
	.pin = memory_pin,
	.free = memory_free,
};

/* --- the caller ---------------------------------------------------------------------------------- */

static struct open_fd *find(struct backend *model, int fd)
{
	if (fd < FIRST_FD || fd >= FIRST_FD + MAX_FDS || model->fds[fd - FIRST_FD].kind == FD_CLOSED)
		return NULL;
	return &model->fds[fd - FIRST_FD];
}

static int new_fd(struct backend *model, struct open_fd what)
{
	for (int i = 0; i < MAX_FDS; i++) {
		if (model->fds[i].kind != FD_CLOSED)
			continue;
		model->fds[i] = what;
		return FIRST_FD + i;
	}
	return -EMFILE;
}

static int caller_fd(struct sim_caller *caller, int number, enum sim_fd_kind wish, struct sim_fd *what)
{
	struct open_fd *fd = find(backend_of(caller), number);

	(void)wish;
	if (!fd)
		return -EBADF;
	*what = (struct sim_fd){ .kind = SIM_FD_OTHER };
	if (fd->kind == FD_IS_CONTEXT)
		*what = (struct sim_fd){ .kind = SIM_FD_CONTEXT, .context = fd->context };
	else if (fd->kind == FD_IS_MEMORY)
		*what = (struct sim_fd){ .kind = SIM_FD_MEMORY,
					 .backing = sim_backing_get(&fd->memory->backing) };
	else if (fd->kind == FD_IS_FILE)
		*what = (struct sim_fd){ .kind = SIM_FD_FILE, .file = fd->file };
	else if (fd->kind == FD_IS_EVENT)
		*what = (struct sim_fd){ .kind = SIM_FD_EVENT, .event = fd->event };
	return 0;
}

static int caller_install(struct sim_caller *caller, struct sim_file *file)
{
	return new_fd(backend_of(caller), (struct open_fd){ .kind = FD_IS_FILE, .file = file });
}

static void caller_limits(struct sim_caller *caller, struct sim_limits *limits)
{
	*limits = backend_of(caller)->limits;
}

static struct sim_backing *caller_memory(struct sim_caller *caller)
{
	return sim_backing_get(&backend_of(caller)->space);
}

static const struct sim_caller_ops caller_ops = {
	.read = caller_read,
	.write = caller_write,
	.fd = caller_fd,
	.install = caller_install,
	.limits = caller_limits,
	.memory = caller_memory,
};

/* --- the backend --------------------------------------------------------------------------------- */

static struct backend *model_start(const char *kernel)
{
	struct backend *model = calloc(1, sizeof(*model));

	if (!model)
		return NULL;
	*model = (struct backend){
		.caller = { &caller_ops },
		.space = { .ops = &space_ops, .refs = 1 },
		.sim = lab_new(kernel),
		.memlock = SIM_UNLIMITED,
		.limits = { .ipc_lock = true, .sys_resource = true },
	};
	if (model->sim)
		return model;
	fprintf(stderr, "truth: no model of Linux %s\n", kernel);
	free(model);
	return NULL;
}

static void model_finish(struct backend *model)
{
	sim_free(model->sim);
	free(model);
}

static int model_open_iommu(struct backend *model)
{
	struct sim_context *context = sim_context_open(model->sim, false);

	return context ? new_fd(model, (struct open_fd){ .kind = FD_IS_CONTEXT, .context = context })
		       : -ENOMEM;
}

static int model_open_cdev(struct backend *model, unsigned int device)
{
	struct sim_cdev *cdev;
	int rc = sim_cdev_open(sim_device_find(model->sim, device_addresses[device]), &cdev);

	return rc ?: new_fd(model, (struct open_fd){ .kind = FD_IS_CDEV, .cdev = cdev });
}

static int model_memory(struct backend *model, int memfd, void *mapped, uint64_t len)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	close(memfd);
	if (!memory)
		return -ENOMEM;
	*memory = (struct memory){ .backing = { .ops = &memory_ops, .refs = 1 },
				   .bytes = mapped,
				   .len = len };
	return new_fd(model, (struct open_fd){ .kind = FD_IS_MEMORY, .memory = memory });
}

static void event_nothing(struct sim_event *event)
{
	(void)event;
}

static const struct sim_event_ops event_ops = { .signal = event_nothing, .free = event_nothing };

static int model_event(struct backend *model)
{
	struct sim_event *event = calloc(1, sizeof(*event));

	if (!event)
		return -ENOMEM;
	event->ops = &event_ops;
	return new_fd(model, (struct open_fd){ .kind = FD_IS_EVENT, .event = event });
}

static int model_close(struct backend *model, int number)
{
	struct open_fd *fd = find(model, number), was;

	if (!fd)
		return -EBADF;
	was = *fd;
	fd->kind = FD_CLOSED;
	if (was.kind == FD_IS_CONTEXT)
		sim_context_close(was.context);
	else if (was.kind == FD_IS_CDEV)
		sim_cdev_close(was.cdev);
	else if (was.kind == FD_IS_FILE)
		sim_file_close(was.file);
	else if (was.kind == FD_IS_MEMORY)
		sim_backing_put(&was.memory->backing);
	else if (was.kind == FD_IS_ACCESS)
		pinner_close(was.access);
	return 0;
}

static long model_ioctl(struct backend *model, int number, unsigned long request, uint64_t arg)
{
	struct open_fd *fd = find(model, number);

	if (!fd)
		return -EBADF;
	if (fd->kind == FD_IS_CONTEXT)
		return sim_iommufd_ioctl(fd->context, request, arg, &model->caller);
	if (fd->kind == FD_IS_CDEV)
		return sim_cdev_ioctl(fd->cdev, request, arg, &model->caller);
	if (fd->kind == FD_IS_FILE)
		return sim_file_ioctl(fd->file, request, arg, &model->caller);
	return -ENOTTY;
}

static int model_poll(struct backend *model, int number)
{
	struct open_fd *fd = find(model, number);

	return fd && fd->kind == FD_IS_FILE ? sim_file_poll(fd->file) : 0;
}

static long model_read(struct backend *model, int number, void *to, size_t len)
{
	struct open_fd *fd = find(model, number);

	if (!fd || fd->kind != FD_IS_FILE)
		return -EBADF;
	return sim_file_poll(fd->file) & 1 ? sim_file_read(fd->file, to, len) : -EAGAIN;
}

static long model_write(struct backend *model, int number, const void *from, size_t len)
{
	struct open_fd *fd = find(model, number);

	return fd && fd->kind == FD_IS_FILE ? sim_file_write(fd->file, from, len) : -EBADF;
}

/* QEMU's edu asks for pages one by one. */
static void edu_move(struct sim_device *edu, uint64_t iova, uint8_t *bytes, size_t len, bool write)
{
	for (size_t here; len; len -= here, iova += here, bytes += here) {
		here = MEMORY_PAGE - iova % MEMORY_PAGE;
		here = here < len ? here : len;
		if (write)
			sim_dma_write(edu, iova & EDU_LAST, bytes, here);
		else if (sim_dma_read(edu, iova & EDU_LAST, bytes, here))
			memset(bytes, 0, here);
	}
}

static int model_dma(struct backend *model, int number, unsigned int device, uint64_t from, uint64_t to,
		     size_t len)
{
	struct open_fd *fd = find(model, number);
	uint8_t bytes[MEMORY_PAGE];

	if (!fd)
		return -EBADF;
	if (device > DEVICE_EDU_B)
		return -ENODEV;
	if (!sim_cdev_is_bound(fd->cdev))
		return -EINVAL;
	edu_move(sim_cdev_device(fd->cdev), from & EDU_LAST, bytes, len, false);
	edu_move(sim_cdev_device(fd->cdev), to & EDU_LAST, bytes, len, true);
	return 0;
}

static int model_access_create(struct backend *model, int context, uint32_t ioas)
{
	struct pinner *access;
	int rc = pinner_open(model->sim, &model->caller, context, ioas, &access);

	return rc ?: new_fd(model, (struct open_fd){ .kind = FD_IS_ACCESS, .access = access });
}

static struct pinner *find_access(struct backend *model, int number)
{
	struct open_fd *fd = find(model, number);

	return fd && fd->kind == FD_IS_ACCESS ? fd->access : NULL;
}

static int model_access_replace(struct backend *model, int number, uint32_t ioas)
{
	struct pinner *access = find_access(model, number);

	return access ? pinner_attach(access, &model->caller, ioas) : -EBADFD;
}

static long model_access_pin(struct backend *model, int number, uint64_t iova, uint64_t length, bool write)
{
	struct pinner *access = find_access(model, number);

	return access ? pinner_pin(access, iova, length, write) : -EBADFD;
}

static int model_access_unpin(struct backend *model, int number, uint32_t item)
{
	struct pinner *access = find_access(model, number);

	return access ? pinner_unpin(access, item) : -EBADFD;
}

static int model_access_rw(struct backend *model, int number, uint64_t iova, void *bytes, uint64_t length,
			   bool write)
{
	struct pinner *access = find_access(model, number);

	return access ? pinner_rw(access, iova, bytes, length, write) : -EBADFD;
}

static int model_limits(struct backend *model, uint64_t pages, bool ipc_lock, bool sys_resource)
{
	model->memlock = pages * MEMORY_PAGE;
	model->limits.ipc_lock = ipc_lock;
	model->limits.sys_resource = sys_resource;
	return 0;
}

const struct backend_ops backend_model = {
	.name = "model",
	.start = model_start,
	.finish = model_finish,
	.open_iommu = model_open_iommu,
	.open_cdev = model_open_cdev,
	.memory = model_memory,
	.event = model_event,
	.close = model_close,
	.ioctl = model_ioctl,
	.read = model_read,
	.write = model_write,
	.poll = model_poll,
	.dma = model_dma,
	.access_create = model_access_create,
	.access_replace = model_access_replace,
	.access_pin = model_access_pin,
	.access_unpin = model_access_unpin,
	.access_rw = model_access_rw,
	.limits = model_limits,
};
