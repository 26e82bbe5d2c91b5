/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An iommufd for a machine without one, to be preloaded: IOASes and what is mapped in them. It is a file in
 * memory with all of its state inside, so it can be sent, kept and looked into like the real one. Its devices
 * are in fake-devices.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake-iommufd.h"
#include "uapi/iommufd.h"

static struct {
	dev_t dev;
	ino_t ino;
	struct fake_state *state;
} last;

static int fake_open(void)
{
	struct fake_state *state;
	int fd = memfd_create("fake-iommufd", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, sizeof(*state)) < 0)
		return -1;
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (state == MAP_FAILED)
		return -1;
	state->magic = FAKE_MAGIC;
	munmap(state, sizeof(*state));
	return fd;
}

static struct fake_state *find_state(int fd)
{
	struct fake_state *state;
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size != sizeof(*state))
		return NULL;
	if (last.state && last.dev == st.st_dev && last.ino == st.st_ino)
		return last.state;
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (state == MAP_FAILED || state->magic != FAKE_MAGIC)
		return NULL;
	last.dev = st.st_dev;
	last.ino = st.st_ino;
	return last.state = state;
}

/* With $FAKE_DELAY each call takes so many microseconds, as some of the real ones do. */
static void take_time(unsigned int part)
{
	const char *delay = getenv("FAKE_DELAY");

	if (delay)
		usleep((useconds_t)atoi(delay) / part);
}

static bool is_type(const struct fake_state *s, uint32_t id, enum fake_type type)
{
	return id && id < FAKE_IDS && s->ids[id] == type;
}

static int option(const struct fake_state *s, struct uapi_iommu_option *arg)
{
	if (arg->option_id != 0 /* not RLIMIT_MODE */ && !is_type(s, arg->object_id, FAKE_IOAS))
		return ENOENT;
	if (arg->op == UAPI_IOMMU_OPTION_GET)
		arg->val64 = 0;
	return 0;
}

static int alloc(struct fake_state *s, struct uapi_iommu_ioas_alloc *arg)
{
	for (uint32_t id = 1; id < FAKE_IDS; id++)
		if (!s->ids[id]) {
			s->ids[id] = FAKE_IOAS;
			arg->out_ioas_id = id;
			return 0;
		}
	return ENOMEM;
}

static int destroy(struct fake_state *s, const struct uapi_iommu_destroy *arg)
{
	if (!arg->id || arg->id >= FAKE_IDS || !s->ids[arg->id])
		return ENOENT;
	if (s->ids[arg->id] == FAKE_DEVICE || fake_is_used(s, arg->id))
		return EBUSY;
	s->ids[arg->id] = FAKE_FREE;
	for (int i = 0; i < FAKE_MAPPINGS; i++)
		if (s->mappings[i].ioas == arg->id)
			s->mappings[i].ioas = 0;
	return 0;
}

static int ranges(const struct fake_state *s, struct uapi_iommu_ioas_iova_ranges *arg)
{
	struct uapi_iommu_iova_range all = { 0, UINT64_MAX };
	bool room = arg->num_iovas;

	if (!is_type(s, arg->ioas_id, FAKE_IOAS))
		return ENOENT;
	if (room)
		memcpy((void *)(uintptr_t)arg->allowed_iovas, &all, sizeof(all));
	arg->num_iovas = 1;
	arg->out_iova_alignment = 1;
	return room ? 0 : EMSGSIZE;
}

static bool overlaps(const struct fake_mapping *a, const struct fake_mapping *b)
{
	return a->ioas == b->ioas && a->iova <= b->iova + (b->length - 1) &&
	       b->iova <= a->iova + (a->length - 1);
}

static int map(struct fake_state *s, struct fake_mapping new, uint32_t flags, uint64_t *iova)
{
	struct fake_mapping *entry = NULL;
	uint64_t top = 1 << 20;

	if (!is_type(s, new.ioas, FAKE_IOAS))
		return ENOENT;
	new.iova = *iova;
	for (int i = 0; i < FAKE_MAPPINGS; i++) {
		struct fake_mapping *m = &s->mappings[i];

		if (!m->ioas && !entry)
			entry = m;
		if (m->ioas != new.ioas)
			continue;
		if (flags & UAPI_IOAS_MAP_FIXED_IOVA && overlaps(m, &new))
			return EEXIST;
		top = m->iova + m->length > top ? m->iova + m->length : top;
	}
	if (!entry)
		return ENOMEM;
	if (!(flags & UAPI_IOAS_MAP_FIXED_IOVA))
		new.iova = top;
	*iova = new.iova;
	*entry = new;
	return 0;
}

static int map_file(struct fake_state *s, struct uapi_iommu_ioas_map_file *arg)
{
	struct stat st;

	if (fstat(arg->fd, &st) < 0)
		return EBADF;
	return map(s, (struct fake_mapping){ arg->ioas_id, 0, arg->length, st.st_ino, arg->start },
		   arg->flags, &arg->iova);
}

static struct fake_mapping *lowest(struct fake_state *s, const struct fake_mapping *range)
{
	struct fake_mapping *found = NULL;

	for (int i = 0; i < FAKE_MAPPINGS; i++)
		if (overlaps(&s->mappings[i], range) && (!found || s->mappings[i].iova < found->iova))
			found = &s->mappings[i];
	return found;
}

/* From the lowest up, until one is not wholly inside: what came before is gone then all the same. */
static int unmap(struct fake_state *s, struct uapi_iommu_ioas_unmap *arg)
{
	bool all = !arg->iova && arg->length == UINT64_MAX;
	struct fake_mapping range = { .ioas = arg->ioas_id, .iova = arg->iova, .length = arg->length }, *m;
	uint64_t done = 0;

	if (!is_type(s, arg->ioas_id, FAKE_IOAS))
		return ENOENT;
	while ((m = lowest(s, &range))) {
		if (m->iova < range.iova || m->iova + (m->length - 1) > range.iova + (range.length - 1))
			return ENOENT;
		done += m->length;
		m->ioas = 0;
		take_time(10); /* it is unpinned */
	}
	arg->length = done;
	return done || all ? 0 : ENOENT;
}

static int fake_ioctl(struct fake_state *s, unsigned long request, void *arg)
{
	struct uapi_iommu_ioas_map *memory = arg;

	switch (request) {
	case UAPI_IOMMU_OPTION: return option(s, arg);
	case UAPI_IOMMU_IOAS_ALLOC: return alloc(s, arg);
	case UAPI_IOMMU_DESTROY: return destroy(s, arg);
	case UAPI_IOMMU_IOAS_IOVA_RANGES: return ranges(s, arg);
	case UAPI_IOMMU_IOAS_MAP_FILE: return map_file(s, arg);
	case UAPI_IOMMU_IOAS_MAP:
		return map(s, (struct fake_mapping){ memory->ioas_id, 0, memory->length, 0, 0 },
			   memory->flags, &memory->iova);
	case UAPI_IOMMU_IOAS_UNMAP: return unmap(s, arg);
	case UAPI_IOMMU_GET_HW_INFO:
		return is_type(s, ((struct uapi_iommu_hw_info *)arg)->dev_id, FAKE_DEVICE)
			? EOPNOTSUPP : ENOENT;
	case UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP:
		if (getenv("FAKE_DELAY")) /* of a test of time: any id will do, and nothing is written there */
			return 0;
		return is_type(s, ((struct uapi_iommu_hwpt_get_dirty_bitmap *)arg)->hwpt_id, FAKE_HWPT)
			? EINVAL : ENOENT;
	default: return ENOTTY;
	}
}

/* Before and after each call that changes what another process can see, the holder may be killed. */
static void maybe_kill(void)
{
	struct fake_state *state = last.state;

	if (!state || !state->kill_in || !getenv("FAKE_KILL") || --state->kill_in)
		return;
	state->kill_in = state->kill_next;
	state->kill_next = 0;
	state->kills++;
	kill(getpid(), SIGKILL);
}

/* It changes nothing: to be killed there is to be killed at what comes before it, or behind. */
static bool is_question(unsigned long request, const void *arg)
{
	return request == UAPI_IOMMU_GET_HW_INFO || request == UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP ||
	       request == UAPI_IOMMU_HWPT_INVALIDATE || request == UAPI_IOMMU_HW_QUEUE_ALLOC ||
	       (request == UAPI_IOMMU_OPTION &&
		((const struct uapi_iommu_option *)arg)->op == UAPI_IOMMU_OPTION_GET);
}

int ioctl(int fd, unsigned long request, ...)
{
	struct fake_state *state = find_state(fd);
	struct fake_device *device = NULL;
	bool asks;
	va_list list;
	void *arg;
	int error;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	if (!state)
		state = fake_device_state(fd, &device);
	if (!state)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	asks = is_question(request, arg);
	if (!asks)
		maybe_kill();
	take_time(1);
	if (device) {
		error = fake_on_cdev(state, fd, device, request, arg);
	} else {
		fake_reap(state);
		error = fake_ioctl(state, request, arg);
	}
	if (!asks)
		maybe_kill();
	if (!error)
		return 0;
	errno = error;
	return -1;
}

int openat(int dir, const char *path, int flags, ...)
{
	const char *file = getenv("FAKE_IOMMUFD");
	unsigned int mode = 0;
	va_list list;

	if (strcmp(path, "/dev/iommu") == 0)
		return fake_open();
	if (file && strcmp(path, file) == 0)
		return fake_open_file(path, flags);
	if (flags & (O_CREAT | O_TMPFILE)) {
		va_start(list, flags);
		mode = va_arg(list, unsigned int);
		va_end(list);
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	ssize_t rc;

	maybe_kill();
	rc = syscall(SYS_pwrite64, fd, from, len, at);
	maybe_kill();
	return rc;
}

/* A client dies before or after the message that $FAKE_DIE tells: 1, 2, ... */
static void maybe_die(void)
{
	static unsigned long left;
	const char *when = getenv("FAKE_DIE");

	if (!when)
		return;
	left = left ? left : strtoul(when, NULL, 10) + 1;
	if (--left == 1)
		kill(getpid(), SIGKILL);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t rc;

	/* Not behind it, too: whoever has the message by then may be setting the next step to die at. */
	maybe_kill();
	maybe_die();
	rc = syscall(SYS_sendmsg, fd, message, flags);
	maybe_die();
	return rc;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t rc;

	maybe_die();
	rc = syscall(SYS_recvmsg, fd, message, flags);
	maybe_die();
	return rc;
}
