/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of the fake iommufd. A cdev is a terminal: a character device that anybody may make, with
 * numbers of its own. It is bound by a lock of the open file, which goes when the last copy of that is
 * closed, in whatever process: as the kernel has it. The rules are those of running kernels, as
 * tests/unit/kernel.c has them.
 */
#include "fake-iommufd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi/vfio.h"

enum { OUT_OF_THE_WAY = 900 };

/* Of this process: the file, and another open file of each device's, to ask who has it locked. */
static struct fake_state *shared;
static int asking[FAKE_DEVICES];

static int lock(int fd, int operation, short type)
{
	struct flock flock = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	return fcntl(fd, operation, &flock) < 0 ? -1 : flock.l_type != F_UNLCK;
}

static int open_apart(const char *path, int flags)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_NOCTTY | O_CLOEXEC, 0), high;

	high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static bool is_bound(const struct fake_state *s, size_t i)
{
	if (!asking[i])
		asking[i] = open_apart(s->devices[i].node, O_RDWR);
	return lock(asking[i], F_OFD_GETLK, F_WRLCK) == 1;
}

/* Through this open file: of its own lock nobody is told. */
static bool is_bound_here(const struct fake_state *s, size_t i, int fd)
{
	return is_bound(s, i) && lock(fd, F_OFD_GETLK, F_WRLCK) == 0;
}

static struct fake_state *map_shared(void)
{
	const char *path = getenv("FAKE_IOMMUFD");
	int fd = shared || !path ? -1 : open_apart(path, O_RDWR);
	void *at;

	if (fd < 0)
		return shared;
	at = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? NULL : (shared = at);
}

struct fake_state *fake_device_state(int fd, struct fake_device **ret)
{
	struct fake_state *s = map_shared();
	struct stat st;

	if (!s || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode))
		return NULL;
	for (uint32_t i = 0; i < s->n_devices; i++)
		if (s->devices[i].rdev == st.st_rdev) {
			*ret = &s->devices[i];
			return s;
		}
	return NULL;
}

/* All of it is gone once nobody has it open any more: a bound device has. */
int fake_open_file(const char *path, int flags)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
	struct fake_state *s = map_shared();
	bool in_use = false;

	if (fd < 0 || !s)
		return fd;
	fake_reap(s);
	for (uint32_t i = 0; i < s->n_devices; i++)
		in_use |= s->devices[i].id != 0;
	in_use |= lock(fd, F_OFD_GETLK, F_WRLCK) == 1;
	s->opened++;
	s->doubled += in_use;
	if (!in_use) {
		memset(s->ids, 0, sizeof(s->ids));
		memset(s->mappings, 0, sizeof(s->mappings));
	}
	lock(fd, F_OFD_SETLK, F_RDLCK);
	return fd;
}

bool fake_is_used(const struct fake_state *s, uint32_t id)
{
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		if (s->devices[i].pt == id || (s->hwpts[i] && s->ioas_of[i] == id))
			return true;
	return false;
}

/* The HWPTs here are all of the kernel's own making: they go with their last device. */
static void drop_unused_hwpts(struct fake_state *s)
{
	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		if (!s->hwpts[i] || fake_is_used(s, s->hwpts[i]))
			continue;
		s->ids[s->hwpts[i]] = FAKE_FREE;
		s->hwpts[i] = 0;
	}
}

void fake_reap(struct fake_state *s)
{
	for (uint32_t i = 0; i < s->n_devices; i++) {
		struct fake_device *device = &s->devices[i];

		if (!device->id || is_bound(s, i))
			continue;
		s->ids[device->id] = FAKE_FREE;
		device->id = device->pt = 0;
		drop_unused_hwpts(s);
	}
}

static uint32_t new_id(struct fake_state *s, enum fake_type type)
{
	uint32_t id = 1;

	while (s->ids[id])
		id++;
	s->ids[id] = type;
	return id;
}

static int bind_device(struct fake_state *s, int fd, struct fake_device *device,
		       struct uapi_vfio_device_bind_iommufd *arg)
{
	struct stat iommufd;

	if (device->id || fstat(arg->iommufd, &iommufd) < 0 || iommufd.st_size != sizeof(*s))
		return EINVAL;
	if (lock(fd, F_OFD_SETLK, F_WRLCK) < 0)
		return errno;
	device->id = new_id(s, FAKE_DEVICE);
	arg->out_devid = device->id;
	return 0;
}

static uint32_t hwpt_of(struct fake_state *s, uint32_t ioas)
{
	size_t free_entry = 0;

	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		if (s->hwpts[i] && s->ioas_of[i] == ioas)
			return s->hwpts[i];
		if (!s->hwpts[i])
			free_entry = i;
	}
	s->hwpts[free_entry] = new_id(s, FAKE_HWPT);
	s->ioas_of[free_entry] = ioas;
	return s->hwpts[free_entry];
}

/* A device that moves takes its group along; one that comes new has to go where its group is. */
static int attach_physical(struct fake_state *s, struct fake_device *device, uint32_t *pt)
{
	uint32_t to = s->ids[*pt] == FAKE_IOAS ? hwpt_of(s, *pt) : *pt;
	bool moves = device->pt != 0, refused = false;

	for (uint32_t i = 0; i < s->n_devices; i++) {
		struct fake_device *other = &s->devices[i];

		if (other == device || other->group != device->group || !other->pt)
			continue;
		refused |= !moves && other->pt != to;
		other->pt = moves ? to : other->pt;
	}
	if (!refused) {
		device->pt = to;
		*pt = to;
	}
	drop_unused_hwpts(s);
	return refused ? EINVAL : 0;
}

static int attach(struct fake_state *s, struct fake_device *device, uint32_t *pt)
{
	if (*pt >= FAKE_IDS || s->ids[*pt] == FAKE_FREE)
		return ENOENT;
	if (device->group >= 0)
		return s->ids[*pt] == FAKE_DEVICE ? EINVAL : attach_physical(s, device, pt);
	if (s->ids[*pt] != FAKE_IOAS)
		return ENOENT;
	device->pt = *pt;
	return 0;
}

int fake_on_cdev(struct fake_state *s, int fd, struct fake_device *device, unsigned long request, void *arg)
{
	fake_reap(s);
	if (request == UAPI_VFIO_DEVICE_BIND_IOMMUFD)
		return bind_device(s, fd, device, arg);
	if (!device->id || !is_bound_here(s, (size_t)(device - s->devices), fd))
		return EINVAL;
	switch (request) {
	case UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT:
		return attach(s, device, &((struct uapi_vfio_device_attach_iommufd_pt *)arg)->pt_id);
	case UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT:
		device->pt = 0;
		drop_unused_hwpts(s);
		return 0;
	default:
		return ENOTTY;
	}
}
