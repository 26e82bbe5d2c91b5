/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../fake/self.h"
#include "uapi/vfio.h"
#include "unit.h"

enum { HIGHEST_FD = 128, MAX_DEVICES = 8, MAX_FILES = 30 };

struct test_kernel kernel;

/* An open file. Its place is the number that F_SETSIG keeps with it: all copies have it. */
struct open_file {
	struct sim_context *context;
	struct sim_cdev *cdev;
	struct sim_file *file;
};

static struct {
	struct sim *sim;
	struct sim_device_description devices[MAX_DEVICES]; /* the address: their nodes */
	size_t n_devices;
	struct open_file files[MAX_FILES + 1];
} machine;

static const struct sim_iommu_description iommu = {
	.name = "dmar0", .hw_info_type = 1, .hw_info = "0123456789abcdef01234567", .hw_info_len = 24,
	.page_sizes = 0x40201000, .aperture = { 0, (1ull << 48) - 1 }, .coherent = true,
	.interrupts_isolated = true, .capabilities = 1, .nests = true, .pasids = true, .page_requests = true,
};

/* --- boot ---------------------------------------------------------------------------------------- */

static void close_file(struct open_file *open)
{
	if (open->context)
		sim_context_close(open->context);
	if (open->cdev)
		sim_cdev_close(open->cdev);
	if (open->file)
		sim_file_close(open->file);
	*open = (struct open_file){ 0 };
}

static void add(const struct sim_device_description *device)
{
	assert_non_null(sim_device_add(machine.sim, device));
}

void kernel_boot(const char *release)
{
	for (size_t i = 1; i <= MAX_FILES; i++)
		close_file(&machine.files[i]);
	sim_free(machine.sim);
	machine.sim = sim_new(release);
	assert_non_null(machine.sim);
	for (size_t i = 0; i < machine.n_devices; i++)
		add(&machine.devices[i]);
}

void kernel_reset(void)
{
	kernel = (struct test_kernel){ 0 };
	machine.n_devices = 0;
	kernel_boot("7.2");
}

void kernel_add(const char *node, enum iommufd_device_kind kind, int group)
{
	struct sim_device_description *device = &machine.devices[machine.n_devices++];

	assert_true(machine.n_devices <= MAX_DEVICES);
	*device = (struct sim_device_description){ .address = node, .kind = SIM_EMULATED };
	if (kind == IOMMUFD_PHYSICAL)
		*device = (struct sim_device_description){
			.address = node, .kind = SIM_PHYSICAL, .iommu = &iommu, .group = (uint32_t)group,
			.msi = { 0xfee00000, 0xfeefffff }, .pasid_bits = 20, .flags = IOMMUFD_DEVICE_PCI,
		};
	add(device);
}

static void count(const struct sim_held *held, void *counts)
{
	++((size_t *)counts)[held->kind == SIM_HELD_MAPPING];
}

static size_t count_held(bool mappings)
{
	size_t counts[2] = { 0 };

	for (size_t i = 1; i <= MAX_FILES; i++)
		if (machine.files[i].context)
			sim_context_look(machine.files[i].context, count, counts);
	return counts[mappings];
}

size_t kernel_objects(void)
{
	return count_held(false);
}

size_t kernel_mappings(void)
{
	return count_held(true);
}

/* --- open files ---------------------------------------------------------------------------------- */

static struct open_file *marked(int fd)
{
	int mark = fcntl(fd, F_GETSIG);
	struct open_file *open = mark > 0 && mark <= MAX_FILES ? &machine.files[mark] : NULL;

	return open && (open->context || open->cdev || open->file) ? open : NULL;
}

/* That a file is closed cannot be seen, only that it is. */
static void reap(void)
{
	bool there[MAX_FILES + 1] = { 0 };

	for (int fd = 0; fd < HIGHEST_FD; fd++) {
		const struct open_file *open = marked(fd);

		if (open)
			there[open - machine.files] = true;
	}
	for (size_t i = 1; i <= MAX_FILES; i++)
		if (!there[i])
			close_file(&machine.files[i]);
}

static struct open_file *mark(int fd)
{
	for (int i = 1; i <= MAX_FILES; i++) {
		struct open_file *open = &machine.files[i];

		if (!open->context && !open->cdev && !open->file)
			return fcntl(fd, F_SETSIG, i) < 0 ? NULL : open;
	}
	fail_msg("more than %d files are open", MAX_FILES);
	return NULL;
}

/* NULL: nothing of this kernel's, which may not be booted. */
static struct open_file *find(int fd)
{
	struct open_file *open = marked(fd);
	char path[PATH_MAX], link[32];
	struct sim_device *device;
	const char *name;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = open || !machine.sim ? -1 : readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return open;
	path[n] = '\0';
	name = strrchr(path, '/');
	device = sim_device_find(machine.sim, path);
	if (!device && !(name && strcmp(name, "/iommu") == 0))
		return NULL;
	open = mark(fd);
	if (open && device)
		assert_int_equal(sim_cdev_open(device, &open->cdev), 0);
	else if (open)
		open->context = sim_context_open(machine.sim, false);
	return open;
}

/* --- the caller: this process -------------------------------------------------------------------- */

static int caller_fd(struct sim_caller *caller, int fd, enum sim_fd_kind wish, struct sim_fd *what)
{
	const struct open_file *open = find(fd);

	if (open && open->context)
		*what = (struct sim_fd){ .kind = SIM_FD_CONTEXT, .context = open->context };
	else if (open && open->file)
		*what = (struct sim_fd){ .kind = SIM_FD_FILE, .file = open->file };
	else if (open)
		*what = (struct sim_fd){ .kind = SIM_FD_OTHER };
	else
		return self_fd(caller, fd, wish, what);
	return 0;
}

static int caller_install(struct sim_caller *caller, struct sim_file *file)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	(void)caller;
	if (fd >= 0)
		mark(fd)->file = file;
	return fd < 0 ? -EMFILE : fd;
}

static const struct sim_caller_ops caller_ops = {
	.read = self_read, .write = self_write, .fd = caller_fd, .install = caller_install,
	.limits = self_limits, .memory = self_memory,
};

/* --- the call ------------------------------------------------------------------------------------ */

static long answer(struct open_file *open, unsigned long request, void *arg)
{
	struct sim_caller caller = { &caller_ops };
	bool may_lie = open->context || (open->cdev && sim_cdev_is_bound(open->cdev));
	int lie = may_lie && kernel.lie ? kernel.lie(request, arg) : TRUTH;

	if (lie != TRUTH)
		return -lie;
	if (open->context)
		return sim_iommufd_ioctl(open->context, request, (uintptr_t)arg, &caller);
	if (open->cdev)
		return sim_cdev_ioctl(open->cdev, request, (uintptr_t)arg, &caller);
	return sim_file_ioctl(open->file, request, (uintptr_t)arg, &caller);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct open_file *open;
	va_list ap;
	void *arg;
	long rc;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	kernel.calls++;
	kernel.last = request;
	reap();
	open = find(fd);
	if (fcntl(fd, F_GETFD) < 0)
		rc = -EBADF;
	else if (request == kernel.refused && !(kernel.spared && kernel.spared--))
		rc = -kernel.error;
	else
		rc = open ? answer(open, request, arg) : -ENOTTY;
	errno = rc < 0 ? (int)-rc : 0;
	return rc < 0 ? -1 : (int)rc;
}
