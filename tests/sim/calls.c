/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What programs do to the simulator that the tool does not: pointers that are bad, fds that travel, many
 * threads and processes at once. Linked statically: what is in front of a C library would not be seen by
 * it. One line on stderr and 1 where something is not as in the kernel.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../sim/supervisor/held.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"

/* It is told where, and what errno says. */
#define need(condition)                                                                                      \
	do {                                                                                                 \
		if (!(condition)) {                                                                          \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, strerror(errno)); \
			_exit(1);                                                                            \
		}                                                                                            \
	} while (0)
#define need_errno(call, expected) need((call) < 0 && errno == (expected))

enum { PAGE = 4096, LOOPS = 1000 };

static int open_iommufd(void)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	need(fd >= 0);
	return fd;
}

static int open_cdev(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/vfio/devices/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	need(fd >= 0);
	return fd;
}

static int alloc_ioas(int fd, uint32_t *id)
{
	struct uapi_iommu_ioas_alloc arg = { .size = sizeof(arg) };
	int rc = ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, &arg);

	*id = arg.out_ioas_id;
	return rc;
}

static int destroy(int fd, uint32_t id)
{
	struct uapi_iommu_destroy arg = { sizeof(arg), id };

	return ioctl(fd, UAPI_IOMMU_DESTROY, &arg);
}

static int bind_device(int cdev, int iommufd)
{
	struct uapi_vfio_device_bind_iommufd arg = { .argsz = 16, .iommufd = iommufd };

	return ioctl(cdev, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &arg);
}

static int attach(int cdev, uint32_t pt)
{
	struct uapi_vfio_device_attach_iommufd_pt arg = { .argsz = 12, .pt_id = pt };

	return ioctl(cdev, UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg);
}

static void wait_ok(pid_t pid)
{
	int status;

	need(waitpid(pid, &status, 0) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* --- pointers --- */

/* Two pages, and nothing behind them. */
static char *two_pages(void)
{
	char *at = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED && munmap(at + 2 * PAGE, PAGE) == 0);
	return at;
}

static void run_pointers(char **args)
{
	struct uapi_iommu_ioas_alloc arg = { .size = sizeof(arg) }, *there;
	int fd = open_iommufd();
	char *pages = two_pages();

	(void)args;
	need_errno(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, NULL), EFAULT);
	need_errno(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, (void *)-1L), EFAULT);
	need_errno(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, (void *)(1UL << 63)), EFAULT);
	/* Its end is on the next page, or on none. */
	there = memcpy(pages + PAGE - 6, &arg, sizeof(arg));
	need(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, there) == 0 && there->out_ioas_id == 1);
	memcpy(pages + 2 * PAGE - 6, &arg, 6);
	need_errno(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, pages + 2 * PAGE - 6), EFAULT);
	/* The answer cannot be written: nothing was made, so that the next one is the second. */
	memcpy(pages, &arg, sizeof(arg));
	need(mprotect(pages, PAGE, PROT_READ) == 0);
	need_errno(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, pages), EFAULT);
	need(ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, &arg) == 0 && arg.out_ioas_id == 2);
}

struct race {
	struct uapi_iommu_ioas_alloc arg;
	atomic_bool over;
};

static void *change_size(void *data)
{
	struct race *race = data;

	for (uint32_t i = 0; !race->over; i++)
		((volatile struct uapi_iommu_ioas_alloc *)&race->arg)->size = i & 1 ? 12 : 4;
	return NULL;
}

/* Whatever the other thread does, a call sees one size, and is done or refused. */
static void run_changed(char **args)
{
	struct race race = { 0 };
	int fd = open_iommufd();
	uint32_t done = 0, id;
	pthread_t thread;

	(void)args;
	need(pthread_create(&thread, NULL, change_size, &race) == 0);
	for (int i = 0; i < LOOPS; i++) {
		if (ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, &race.arg) == 0)
			done++;
		else
			need(errno == EINVAL);
	}
	race.over = true;
	pthread_join(thread, NULL);
	need(alloc_ioas(fd, &id) == 0 && id == done + 1);
}

/* --- fds --- */

static void run_fds(char **args)
{
	int fd = open_iommufd(), null = open("/dev/null", O_RDWR), other = open_iommufd(), cdev = open_cdev("vfio1");
	uint32_t id;

	(void)args;
	need_errno(alloc_ioas(-1, &id), EBADF);
	need_errno(alloc_ioas(1000, &id), EBADF);
	need_errno(alloc_ioas(null, &id), ENOTTY);
	need_errno(ioctl(fd, UAPI_VFIO_DEVICE_RESET), ENOTTY);
	need_errno(alloc_ioas(cdev, &id), EINVAL); /* not bound */
	need_errno(bind_device(cdev, null), EBADFD);
	need_errno(bind_device(cdev, -1), EINVAL);
	need_errno(bind_device(cdev, 1000), EBADF);
	need_errno(bind_device(cdev, cdev), EBADFD);
	need(bind_device(cdev, other) == 0);
	need(alloc_ioas(fd, &id) == 0 && id == 1);
	need_errno(attach(cdev, 5), ENOENT);
}

static void send_fd(int socket, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = (struct cmsghdr *)control;

	*header = (struct cmsghdr){ CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	need(sendmsg(socket, &message, 0) == 1);
}

static int receive_fd(int socket)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	need(recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* In flight there is no fd of it in any process, and it lives. */
static void run_pass(char **args)
{
	int ends[2], fd = open_iommufd();
	uint32_t id;
	pid_t pid;

	(void)args;
	need(alloc_ioas(fd, &id) == 0 && id == 1);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	send_fd(ends[0], fd);
	close(fd);
	usleep(20000);
	pid = fork();
	if (pid == 0) {
		fd = receive_fd(ends[1]);
		need(alloc_ioas(fd, &id) == 0 && id == 2);
		need(destroy(fd, 1) == 0);
		_exit(0);
	}
	wait_ok(pid);
}

/* Bound until the last of its copies is closed, here an fd, a copy, another process, a mapping. */
static void run_last(char **args)
{
	int iommufd = open_iommufd(), cdev = open_cdev("vfio1"), copy = dup(cdev), other = open_cdev("vfio1"), ends[2];
	void *bar;
	pid_t pid;

	(void)args;
	need(pipe(ends) == 0 && bind_device(cdev, iommufd) == 0);
	need_errno(bind_device(other, iommufd), EINVAL);
	close(cdev);
	need_errno(bind_device(other, iommufd), EINVAL);
	pid = fork();
	if (pid == 0) {
		char byte;

		close(ends[1]);
		need(read(ends[0], &byte, 1) == 0);
		_exit(0);
	}
	bar = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0);
	need(bar != MAP_FAILED && *(volatile uint32_t *)bar == 0x010000ed);
	close(copy);
	need_errno(bind_device(other, iommufd), EINVAL);
	close(ends[1]);
	wait_ok(pid);
	need_errno(bind_device(other, iommufd), EINVAL);
	munmap(bar, PAGE);
	need(bind_device(other, iommufd) == 0);
}

/* The objects are there as long as the bound device, and gone with both. */
static void run_gone(char **args)
{
	int iommufd = open_iommufd(), cdev = open_cdev("vfio4"), other = open_cdev("vfio4");

	(void)args;
	need(bind_device(cdev, iommufd) == 0);
	close(iommufd);
	iommufd = open_iommufd();
	need_errno(bind_device(other, iommufd), EINVAL);
	close(cdev);
	need(bind_device(other, iommufd) == 0);
}

/* The simulator was killed meanwhile. */
static void run_orphaned(char **args)
{
	uint32_t id;

	need_errno(alloc_ioas(atoi(args[0]), &id), ENOSYS);
	need(open("/dev/null", O_RDWR) >= 0 && open("/dev/iommu", O_RDWR) < 0);
}

static void run_undumpable(char **args)
{
	uint32_t id;

	(void)args;
	need(prctl(PR_SET_DUMPABLE, 0) == 0);
	need(alloc_ioas(open_iommufd(), &id) == 0 && id == 1);
}

/* --- many --- */

static void *use_much(void *data)
{
	int shared = *(int *)data, own = open_iommufd();
	uint32_t id;

	for (int i = 0; i < LOOPS / 10; i++) {
		need(alloc_ioas(own, &id) == 0 && id == (uint32_t)i + 1);
		need(alloc_ioas(shared, &id) == 0 && destroy(shared, id) == 0);
	}
	close(own);
	return NULL;
}

static void run_threads(char **args)
{
	int n = atoi(args[0]), fd = open_iommufd();
	pthread_t threads[256];
	uint32_t id;

	need(n > 0 && n <= 256);
	for (int i = 0; i < n; i++)
		need(pthread_create(&threads[i], NULL, use_much, &fd) == 0);
	for (int i = 0; i < n; i++)
		need(pthread_join(threads[i], NULL) == 0);
	need(alloc_ioas(fd, &id) == 0 && id == 1);
}

static void *map_page(void *data)
{
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct uapi_iommu_ioas_map map = { .size = sizeof(map), .flags = 6, .ioas_id = 1, .length = PAGE,
					   .user_va = (uintptr_t)page };

	need(ioctl(*(int *)data, UAPI_IOMMU_IOAS_MAP, &map) == 0);
	return NULL;
}

/* What a thread has mapped is its process's, and can be pinned when it has ended. */
static void run_mapped(char **args)
{
	int fd = open_iommufd(), cdev = open_cdev("vfio1");
	pthread_t thread;
	uint32_t id;

	(void)args;
	need(alloc_ioas(fd, &id) == 0 && id == 1 && bind_device(cdev, fd) == 0);
	need(pthread_create(&thread, NULL, map_page, &fd) == 0 && pthread_join(thread, NULL) == 0);
	need(attach(cdev, id) == 0);
}

/* All of them at once, each with the same fd and one of its own. */
static void run_processes(char **args)
{
	int n = atoi(args[0]), fd = open_iommufd();
	uint32_t id;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0) {
			need(alloc_ioas(fd, &id) == 0);
			need(alloc_ioas(open_iommufd(), &id) == 0 && id == 1);
			_exit(0);
		}
	}
	for (int i = 0; i < n; i++)
		wait_ok(-1);
	need(alloc_ioas(fd, &id) == 0 && id == (uint32_t)n + 1);
}

/* Killed in the middle of calls: what it had is closed. */
static void run_killed(char **args)
{
	int iommufd = open_iommufd();
	uint32_t id;

	(void)args;
	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			int cdev = open_cdev("vfio4");

			need(bind_device(cdev, iommufd) == 0);
			for (;;)
				need(alloc_ioas(iommufd, &id) == 0 && destroy(iommufd, id) == 0);
		}
		usleep(500 + 37 * i);
		need(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	}
	for (id = 1; id < 100; id++)
		destroy(iommufd, id);
	need(bind_device(open_cdev("vfio4"), iommufd) == 0);
}

/* --- devices --- */

static void set_event(int cdev, uint32_t index, int event)
{
	struct {
		struct uapi_vfio_irq_set set;
		int32_t fd;
	} arg = { .set = { .argsz = sizeof(arg),
			   .flags = UAPI_VFIO_IRQ_SET_DATA_EVENTFD | UAPI_VFIO_IRQ_SET_ACTION_TRIGGER,
			   .index = index,
			   .count = 1 },
		  .fd = event };

	static_assert(sizeof(arg) == 24, "ABI");
	need(ioctl(cdev, UAPI_VFIO_DEVICE_SET_IRQS, &arg) == 0);
}

static void run_interrupt(char **args)
{
	enum { MSI = 1, IRQ_RAISE = 0x60, IRQ_STATUS = 0x24 };
	int iommufd = open_iommufd(), cdev = open_cdev("vfio1"), event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	uint32_t value = 5, status;
	uint64_t count;

	(void)args;
	need(bind_device(cdev, iommufd) == 0);
	set_event(cdev, MSI, event);
	need_errno(read(event, &count, sizeof(count)), EAGAIN);
	need(pwrite(cdev, &value, sizeof(value), IRQ_RAISE) == sizeof(value));
	need(pread(cdev, &status, sizeof(status), IRQ_STATUS) == sizeof(status) && status == 5);
	need(read(event, &count, sizeof(count)) == sizeof(count) && count == 1);
}

/* What all iommufds hold, of which the entries that there is no room for are counted. */
static void run_held(char **args)
{
	int first = open_iommufd(), second = open_iommufd();
	struct held held[2] = { 0 };
	struct held_query query = { .entries = (uintptr_t)held, .room = 2 };
	uint32_t id;

	(void)args;
	need(alloc_ioas(first, &id) == 0 && alloc_ioas(first, &id) == 0 && alloc_ioas(second, &id) == 0);
	need(ioctl(second, HELD_IOCTL, &query) == 0 && query.n == 3);
	need(held[0].kind == HELD_IOAS && held[1].kind == HELD_IOAS && held[0].iommufd && held[1].iommufd);
	query.entries = 8;
	need_errno(ioctl(second, HELD_IOCTL, &query), EFAULT);
}

/* No kernel has it. */
static void run_unobserved(char **args)
{
	struct held_query query = { 0 };

	(void)args;
	need_errno(ioctl(open_iommufd(), HELD_IOCTL, &query), ENOTTY);
}

static const struct {
	const char *name;
	void (*run)(char **args);
	int n;
} commands[] = {
	{ "pointers", run_pointers, 0 }, { "changed", run_changed, 0 }, { "fds", run_fds, 0 }, { "pass", run_pass, 0 },
	{ "last", run_last, 0 }, { "gone", run_gone, 0 }, { "undumpable", run_undumpable, 0 },
	{ "orphaned", run_orphaned, 1 }, { "threads", run_threads, 1 }, { "mapped", run_mapped, 0 },
	{ "processes", run_processes, 1 }, { "killed", run_killed, 0 },
	{ "interrupt", run_interrupt, 0 }, { "held", run_held, 0 }, { "unobserved", run_unobserved, 0 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands) && argc > 1; i++)
		if (strcmp(commands[i].name, argv[1]) == 0 && argc - 2 == commands[i].n) {
			commands[i].run(argv + 2);
			return 0;
		}
	fprintf(stderr, "usage: calls NAME [NUMBER]\n");
	return 2;
}
