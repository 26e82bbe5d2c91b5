/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An iommufd for a machine without one, to be preloaded: IOASes and what is mapped in them. It is a file in
 * memory with all of its state inside, so it can be sent, kept and looked into like the real one.
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

static bool exists(const struct fake_state *s, uint32_t id)
{
	return id && id < FAKE_IDS && s->ids[id];
}

static int option(const struct fake_state *s, struct uapi_iommu_option *arg)
{
	if (arg->option_id != 0 /* not RLIMIT_MODE */ && !exists(s, arg->object_id))
		return ENOENT;
	if (arg->op == UAPI_IOMMU_OPTION_GET)
		arg->val64 = 0;
	return 0;
}

static int alloc(struct fake_state *s, struct uapi_iommu_ioas_alloc *arg)
{
	for (uint32_t id = 1; id < FAKE_IDS; id++)
		if (!s->ids[id]) {
			s->ids[id] = 1;
			arg->out_ioas_id = id;
			return 0;
		}
	return ENOMEM;
}

static int destroy(struct fake_state *s, const struct uapi_iommu_destroy *arg)
{
	if (!exists(s, arg->id))
		return ENOENT;
	s->ids[arg->id] = 0;
	for (int i = 0; i < FAKE_MAPPINGS; i++)
		if (s->mappings[i].ioas == arg->id)
			s->mappings[i].ioas = 0;
	return 0;
}

static int ranges(const struct fake_state *s, struct uapi_iommu_ioas_iova_ranges *arg)
{
	struct uapi_iommu_iova_range all = { 0, UINT64_MAX };
	bool room = arg->num_iovas;

	if (!exists(s, arg->ioas_id))
		return ENOENT;
	if (room)
		memcpy((void *)(uintptr_t)arg->allowed_iovas, &all, sizeof(all));
	arg->num_iovas = 1;
	arg->out_iova_alignment = 1;
	return room ? 0 : EMSGSIZE;
}

static int map(struct fake_state *s, uint32_t ioas, uint32_t flags, uint64_t length, uint64_t *iova)
{
	uint64_t top = 1 << 20;
	struct fake_mapping *entry = NULL;

	if (!exists(s, ioas))
		return ENOENT;
	for (int i = 0; i < FAKE_MAPPINGS; i++) {
		struct fake_mapping *m = &s->mappings[i];

		if (!m->ioas && !entry)
			entry = m;
		if (m->ioas != ioas)
			continue;
		if (flags & UAPI_IOAS_MAP_FIXED_IOVA && m->iova < *iova + length &&
		    *iova < m->iova + m->length)
			return EEXIST;
		top = m->iova + m->length > top ? m->iova + m->length : top;
	}
	if (!entry)
		return ENOMEM;
	if (!(flags & UAPI_IOAS_MAP_FIXED_IOVA))
		*iova = top;
	*entry = (struct fake_mapping){ ioas, *iova, length };
	return 0;
}

static int unmap(struct fake_state *s, struct uapi_iommu_ioas_unmap *arg)
{
	uint64_t end = arg->iova + (arg->length - 1), done = 0;

	if (!exists(s, arg->ioas_id))
		return ENOENT;
	for (int i = 0; i < FAKE_MAPPINGS; i++) {
		struct fake_mapping *m = &s->mappings[i];

		if (m->ioas != arg->ioas_id || m->iova < arg->iova || m->iova + m->length - 1 > end)
			continue;
		done += m->length;
		m->ioas = 0;
	}
	arg->length = done;
	return done ? 0 : ENOENT;
}

static int fake_ioctl(struct fake_state *s, unsigned long request, void *arg)
{
	struct uapi_iommu_ioas_map_file *file = arg;
	struct uapi_iommu_ioas_map *memory = arg;

	switch (request) {
	case UAPI_IOMMU_OPTION: return option(s, arg);
	case UAPI_IOMMU_IOAS_ALLOC: return alloc(s, arg);
	case UAPI_IOMMU_DESTROY: return destroy(s, arg);
	case UAPI_IOMMU_IOAS_IOVA_RANGES: return ranges(s, arg);
	case UAPI_IOMMU_IOAS_MAP_FILE:
		return map(s, file->ioas_id, file->flags, file->length, &file->iova);
	case UAPI_IOMMU_IOAS_MAP:
		return map(s, memory->ioas_id, memory->flags, memory->length, &memory->iova);
	case UAPI_IOMMU_IOAS_UNMAP: return unmap(s, arg);
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

int ioctl(int fd, unsigned long request, ...)
{
	struct fake_state *state = find_state(fd);
	va_list list;
	void *arg;
	int error;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	if (!state)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	maybe_kill();
	error = fake_ioctl(state, request, arg);
	maybe_kill();
	if (!error)
		return 0;
	errno = error;
	return -1;
}

int openat(int dir, const char *path, int flags, ...)
{
	unsigned int mode = 0;
	va_list list;

	if (strcmp(path, "/dev/iommu") == 0)
		return fake_open();
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

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t rc;

	maybe_kill();
	rc = syscall(SYS_sendmsg, fd, message, flags);
	maybe_kill();
	return rc;
}
