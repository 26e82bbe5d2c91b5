/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The moment of a replace in which an access has no IOAS: what do rw, pin and a second replace say?
 *
 * IOMMU_TEST_CMD cannot make an access without an IOAS, and cannot detach one. But a replace takes
 * the old IOAS away, waits for the driver to give its pages back, and only then sets the new one.
 * So the wait is made long: the mock driver locks itself while it pins pages, and compares them
 * with memory of ours before it unlocks. That memory comes from userfaultfd, when we say so.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common.h"
#include "iommu-test.h"

enum { LENGTH = 4096 };

static const uint64_t iova = 16 << 20;

/* One ioctl in a thread of its own. */
struct job {
	pthread_t thread;
	_Atomic pid_t tid;
	int iommufd, access;
	uint32_t ioas;	/* 0: pin, else replace */
	void *compare;
	int rc;
};

static void check(const char *what, int rc)
{
	if (rc < 0)
		die(FAILED, "%s: %s", what, error_name(rc));
}

static void *new_memory(const char *text)
{
	char *memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		die(FAILED, "memory: %s", error_name(errno));
	if (text)
		strcpy(memory, text);
	return memory;
}

static uint32_t new_ioas(int iommufd, const char *text)
{
	uint64_t at = iova;
	uint32_t ioas = 0;

	check("ioas alloc", iommufd_ioas_alloc(iommufd, &ioas));
	check("ioas map", iommufd_ioas_map(iommufd, ioas,
					   IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ | IOMMUFD_MAP_WRITE,
					   new_memory(text), LENGTH, &at));
	return ioas;
}

/* Faults on memory wait until they are answered at the fd that this returns. */
static int watch(void *memory)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)memory, .len = LENGTH },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0 || ioctl(fd, UFFDIO_REGISTER, &range) < 0)
		die(FAILED, "userfaultfd: %s", error_name(errno));
	return fd;
}

static void wait_fault(int uffd)
{
	struct pollfd fd = { .fd = uffd, .events = POLLIN };
	struct uffd_msg message;

	if (poll(&fd, 1, 5000) != 1 || read(uffd, &message, sizeof(message)) != sizeof(message) ||
	    message.event != UFFD_EVENT_PAGEFAULT)
		die(FAILED, "the pin did not look at our memory");
}

static void answer_fault(int uffd, void *memory)
{
	struct uffdio_zeropage zero = { .range = { .start = (uintptr_t)memory, .len = LENGTH } };

	if (ioctl(uffd, UFFDIO_ZEROPAGE, &zero) < 0)
		die(FAILED, "UFFDIO_ZEROPAGE: %s", error_name(errno));
}

static void *run_job(void *arg)
{
	struct job *job = arg;
	uint32_t item;

	job->tid = gettid();
	if (job->ioas)
		job->rc = access_replace(job->iommufd, job->access, job->ioas);
	else
		job->rc = access_pin(job->iommufd, job->access, iova, LENGTH, job->compare, 0,
				     &item);
	return NULL;
}

static void start(struct job *job)
{
	int error = pthread_create(&job->thread, NULL, run_job, job);

	if (error)
		die(FAILED, "thread: %s", error_name(error));
}

static int end(struct job *job)
{
	pthread_join(job->thread, NULL);
	return job->rc;
}

/* Asleep without being interruptible: that is how one waits for a mutex of the kernel. */
static bool is_blocked(pid_t tid)
{
	char path[64], text[256] = "", *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	state = strrchr(text, ')');
	return state && strncmp(state, ") D", 3) == 0;
}

static void start_blocked(struct job *job, const char *what)
{
	double deadline = now() + 5;

	start(job);
	while (!job->tid || !is_blocked(job->tid)) {
		if (now() > deadline)
			die(FAILED, "the %s did not wait for the mock driver", what);
		sleep_ms(1);
	}
}

static void print(const char *what, int rc)
{
	printf("%s %s\n", what, rc ? error_name(rc) : "ok");
}

static void look(const char *when, int iommufd, int access)
{
	char text[8] = "", what[64];

	snprintf(what, sizeof(what), "%s: rw", when);
	print(what, access_rw(iommufd, access, iova, text, sizeof(text) - 1, 0));
	if (*text)
		printf("%s: read %s\n", when, text);
}

int main(int argc, char **argv)
{
	int iommufd = argc == 2 ? need_iommufd(argv[1]) : -1, access = -1, uffd;
	struct job holder = { .compare = new_memory(NULL) }, pin = { 0 }, replace = { 0 };
	uint32_t from, to;

	if (argc != 2)
		die(USAGE, "usage: access-window IOMMUFD_FD");
	from = new_ioas(iommufd, "old");
	to = new_ioas(iommufd, "new");
	check("access-create", access_create(iommufd, from, CREATE_NEEDS_PIN_PAGES, &access));
	look("before", iommufd, access);
	uffd = watch(holder.compare);
	holder.iommufd = pin.iommufd = replace.iommufd = iommufd;
	holder.access = pin.access = replace.access = access;
	replace.ioas = to;
	start(&holder);
	wait_fault(uffd);
	/* Queued first, so that it runs after the replace has begun and before it can go on. */
	start_blocked(&pin, "pin");
	start_blocked(&replace, "replace");
	look("during", iommufd, access);
	print("during: replace", access_replace(iommufd, access, to));
	answer_fault(uffd, holder.compare);
	if (end(&holder) != -EBADE)
		die(FAILED, "the first pin: %s, expected EBADE", error_name(holder.rc));
	print("during: pin", end(&pin));
	print("the replace", end(&replace));
	look("after", iommufd, access);
	pin.compare = NULL;
	run_job(&pin);
	print("after: pin", pin.rc);
	close(access);
	check("destroy", iommufd_destroy(iommufd, from));
	check("destroy", iommufd_destroy(iommufd, to));
	return finish();
}
