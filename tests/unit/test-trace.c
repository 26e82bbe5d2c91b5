/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace: each ioctl once, with what was sent and what came back; nothing when nobody asks. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "world.h"
#include "unit.h"

enum { MAX_FIELDS = 8 };

struct seen {
	unsigned int count;
	enum iommufd_op op;
	int fd, result;
	uint64_t nanoseconds;
	struct iommufd_trace_field in[MAX_FIELDS], out[MAX_FIELDS];
	size_t n_in, n_out;
	int spoil; /* what the callback leaves in errno */
};

static void see(void *arg, const struct iommufd_trace *trace)
{
	struct seen *seen = arg;

	assert_in_range(trace->n_in, 0, MAX_FIELDS);
	assert_in_range(trace->n_out, 0, MAX_FIELDS);
	seen->count++;
	seen->op = trace->op;
	seen->fd = trace->fd;
	seen->result = trace->result;
	seen->nanoseconds = trace->nanoseconds;
	seen->n_in = trace->n_in;
	seen->n_out = trace->n_out;
	memcpy(seen->in, trace->in, trace->n_in * sizeof(*trace->in));
	memcpy(seen->out, trace->out, trace->n_out * sizeof(*trace->out));
	errno = seen->spoil;
}

struct field {
	const char *name;
	uint64_t value;
};

static void assert_fields(const struct iommufd_trace_field *got, size_t n, const struct field *expected)
{
	size_t i;

	for (i = 0; i < n && expected[i].name; i++) {
		assert_string_equal(got[i].name, expected[i].name);
		assert_int_equal(got[i].value, expected[i].value);
	}
	assert_int_equal(i, n);
	assert_null(expected[i].name);
}

#define FIELDS(...) (const struct field[]){ __VA_ARGS__ { NULL, 0 } }

struct fixture {
	struct seen seen;
	int iommufd, cdev;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .seen.spoil = EXDEV };
	tree_create();
	kernel_reset();
	kernel_add("/dev/null", IOMMUFD_PHYSICAL, 1);
	fixture.iommufd = open_file(tree_path("dev/iommu"));
	fixture.cdev = open_file("/dev/null");
	iommufd_set_trace(see, &fixture.seen);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	iommufd_set_trace(NULL, NULL);
	close(fixture->iommufd);
	close(fixture->cdev);
	tree_remove();
	return 0;
}

static void test_success(void **state)
{
	struct fixture *f = *state;
	int memory = memfd_create("test", MFD_CLOEXEC);
	uint64_t iova = 0x10000, length = 0;
	uint32_t id, pt;

	assert_int_equal(iommufd_ioas_alloc(f->iommufd, &id), 0);
	assert_int_equal(f->seen.op, IOMMUFD_OP_IOAS_ALLOC);
	assert_int_equal(f->seen.fd, f->iommufd);
	assert_int_equal(f->seen.result, 0);
	assert_true(f->seen.nanoseconds < 60ull * 1000000000);
	assert_fields(f->seen.in, f->seen.n_in, FIELDS({ "flags", 0 },));
	assert_fields(f->seen.out, f->seen.n_out, FIELDS({ "out_ioas_id", 1 },));

	assert_true(memory >= 0 && ftruncate(memory, 0x3000) == 0);
	assert_int_equal(iommufd_ioas_map_file(f->iommufd, id, 7, memory, 0x2000, 0x1000, &iova), 0);
	assert_fields(f->seen.in, f->seen.n_in,
		      FIELDS({ "flags", 7 }, { "ioas_id", 1 }, { "fd", (uint64_t)memory },
			     { "start", 0x2000 }, { "length", 0x1000 }, { "iova", 0x10000 },));
	assert_fields(f->seen.out, f->seen.n_out, FIELDS({ "iova", 0x10000 },));
	close(memory);

	assert_int_equal(iommufd_ioas_unmap(f->iommufd, id, 0, UINT64_MAX, &length), 0);
	assert_fields(f->seen.in, f->seen.n_in,
		      FIELDS({ "ioas_id", 1 }, { "iova", 0 }, { "length", UINT64_MAX },));
	assert_fields(f->seen.out, f->seen.n_out, FIELDS({ "length", 0x1000 },));

	assert_int_equal(iommufd_device_bind(f->cdev, f->iommufd, &id), 0);
	assert_int_equal(f->seen.fd, f->cdev);
	assert_fields(f->seen.in, f->seen.n_in,
		      FIELDS({ "flags", 0 }, { "iommufd", (uint64_t)f->iommufd },));
	assert_fields(f->seen.out, f->seen.n_out, FIELDS({ "out_devid", 2 },));

	pt = 1;
	assert_int_equal(iommufd_device_attach(f->cdev, &pt), 0);
	assert_fields(f->seen.in, f->seen.n_in, FIELDS({ "flags", 0 }, { "pt_id", 1 },));
	assert_fields(f->seen.out, f->seen.n_out, FIELDS({ "pt_id", 3 },));
	assert_int_equal(f->seen.count, 5);
}

/* Members of 16 and 64 bits between those of 32, and a value that would not fit the next smaller size. */
static void test_small_fields(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(iommufd_check(f->iommufd), 0);
	assert_int_equal(f->seen.op, IOMMUFD_OP_OPTION_GET);
	assert_fields(f->seen.in, f->seen.n_in,
		      FIELDS({ "option_id", 0 }, { "op", 1 }, { "object_id", 0 },));
	assert_fields(f->seen.out, f->seen.n_out, FIELDS({ "val64", 0 },));
	assert_int_equal(iommufd_option_set(f->iommufd, IOMMUFD_RLIMIT_MODE, 0xffffffff, 5), -EOPNOTSUPP);
	assert_int_equal(f->seen.op, IOMMUFD_OP_OPTION_SET);
	assert_fields(f->seen.in, f->seen.n_in,
		      FIELDS({ "option_id", 0 }, { "op", 0 }, { "object_id", 0xffffffff }, { "val64", 5 },));
	assert_int_equal(f->seen.n_out, 0);
}

static void test_failure(void **state)
{
	struct fixture *f = *state;
	uint32_t pt = 99;

	assert_int_equal(iommufd_destroy(f->iommufd, 99), -ENOENT);
	assert_int_equal(errno, ENOENT); /* not what the callback left there */
	assert_int_equal(f->seen.result, -ENOENT);
	assert_fields(f->seen.in, f->seen.n_in, FIELDS({ "id", 99 },));
	assert_int_equal(f->seen.n_out, 0);
	assert_int_equal(iommufd_device_attach(f->cdev, &pt), -EINVAL);
	assert_int_equal(f->seen.result, -EINVAL);
	assert_int_equal(f->seen.n_out, 0);
	assert_int_equal(f->seen.count, 2);
}

/* The ranges' EMSGSIZE is an answer of the library, but an error of the ioctl. */
static void test_ranges(void **state)
{
	struct fixture *f = *state;
	struct iommufd_range range;
	uint32_t id, device, pt = 1;

	assert_int_equal(iommufd_ioas_alloc(f->iommufd, &id), 0);
	assert_int_equal(iommufd_device_bind(f->cdev, f->iommufd, &device), 0);
	assert_int_equal(iommufd_device_attach(f->cdev, &pt), 0); /* which reserves one in between */
	assert_int_equal(iommufd_ioas_ranges(f->iommufd, id, &range, 1, NULL), 2);
	assert_int_equal(f->seen.result, -EMSGSIZE);
	assert_int_equal(f->seen.n_out, 0);
	assert_fields(f->seen.in, f->seen.n_in, FIELDS({ "ioas_id", 1 }, { "num_iovas", 1 },));
}

static void test_stopped(void **state)
{
	struct fixture *f = *state;
	uint32_t id;

	iommufd_set_trace(NULL, &f->seen);
	assert_int_equal(iommufd_ioas_alloc(f->iommufd, &id), 0);
	assert_int_equal(f->seen.count, 0);
	iommufd_set_trace(see, &f->seen);
	assert_int_equal(iommufd_destroy(f->iommufd, id), 0);
	assert_int_equal(f->seen.count, 1);
}

static void *in_a_thread(void *arg)
{
	struct fixture *f = arg;
	uint32_t id;

	return (void *)(intptr_t)iommufd_ioas_alloc(f->iommufd, &id);
}

static void test_other_threads_are_not_traced(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;
	void *rc;

	assert_int_equal(pthread_create(&thread, NULL, in_a_thread, f), 0);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_null(rc);
	assert_int_equal(f->seen.count, 0);
}

/* Opening and looking up are no ioctls. */
static void test_only_ioctls(void **state)
{
	struct fixture *f = *state;
	struct iommufd_device device;
	int fd;

	assert_int_equal(iommufd_open(NULL, &fd), 0);
	close(fd);
	assert_int_equal(iommufd_device_lookup("vfio0", &device), -ENODEV);
	assert_int_equal(f->seen.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_success),
		TEST(test_small_fields),
		TEST(test_failure),
		TEST(test_ranges),
		TEST(test_stopped),
		TEST(test_other_threads_are_not_traced),
		TEST(test_only_ioctls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
