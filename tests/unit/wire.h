/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that notes what it is given and answers what it is told, and what holds for each wrapper of an
 * ioctl. For one test program each: it defines __wrap_ioctl(), and main() runs WIRE_TESTS on its wrappers.
 */
#ifndef WIRE_H
#define WIRE_H

#include <errno.h>
#include <string.h>

#include "libiommufd.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

enum { FD = 77, MARK = 0x5a };

#define MARK32 0x5a5a5a5a
#define MARK64 0x5a5a5a5a5a5a5a5a

static struct {
	int fd;
	unsigned long request;
	unsigned char sent[128];
	const void *answer; /* becomes the struct, NULL: it stays as it is */
	size_t size, size_after; /* of this call's struct; of those after it, which get no answer */
	int interruptions, result, error;
	bool fails_once; /* and answers the next call with 0 */
	unsigned int calls;
} kernel;

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	kernel.calls++;
	if (kernel.interruptions) {
		kernel.interruptions--;
		errno = EINTR;
		return -1;
	}
	kernel.fd = fd;
	kernel.request = request;
	if (kernel.size)
		memcpy(kernel.sent, arg, kernel.size);
	if (kernel.answer && kernel.size)
		memcpy(arg, kernel.answer, kernel.size);
	if (kernel.size_after) {
		kernel.size = kernel.size_after;
		kernel.answer = NULL;
	}
	if (kernel.result < 0)
		errno = kernel.error;
	if (kernel.fails_once && kernel.calls > 1)
		kernel.result = 0;
	return kernel.result;
}

/* Positional, in the order of the kernel's members, all of them: what is not set must be 0. */
#define BYTES(type, ...) &(const struct type){ __VA_ARGS__ }, sizeof(struct type), NULL
/* The same, and what the kernel makes of it: where the struct as it was sent is no possible answer. */
#define BYTES_BACK(type, back, ...) &(const struct type){ __VA_ARGS__ }, sizeof(struct type), back

#define ANSWER(...) do { \
		static const __VA_ARGS__; \
		kernel.answer = &answer; \
		kernel.size = sizeof(answer); \
	} while (0)

/* A wrapper as one call with fixed arguments; its results are in the results. */
struct wrapper {
	const char *name;
	int (*call)(void);
	enum iommufd_op op;
	unsigned long request;
	const void *sent;
	size_t size;
	const void *answer;
};

/* What the test program has: set by main(). */
static struct {
	const struct wrapper *wrappers;
	size_t count;
	void *results;
	size_t size;
} wire;

static void prepare(const struct wrapper *wrapper)
{
	memset(&kernel, 0, sizeof(kernel));
	memset(wire.results, MARK, wire.size);
	kernel.size = wrapper->size;
	kernel.answer = wrapper->answer;
	errno = 0;
}

static bool are_results_untouched(void)
{
	for (size_t i = 0; i < wire.size; i++)
		if (((const unsigned char *)wire.results)[i] != MARK)
			return false;
	return true;
}

#define for_each_wrapper(w) \
	for (const struct wrapper *w = wire.wrappers; w < wire.wrappers + wire.count; w++)

static void test_what_is_sent(void **state)
{
	(void)state;
	for_each_wrapper(w) {
		prepare(w);
		assert_case(w->call() >= 0, w->name);
		assert_case(kernel.fd == FD && kernel.calls == 1, w->name);
		assert_case(kernel.request == w->request, w->name);
		if (w->size && memcmp(kernel.sent, w->sent, w->size))
			fail_msg("'%s' sends other bytes", w->name);
	}
}

static void note_op(void *arg, const struct iommufd_trace *trace)
{
	*(enum iommufd_op *)arg = trace->op;
}

/* Traced under its own name, and the trace changes nothing of what is sent. */
static void test_traced(void **state)
{
	(void)state;
	for_each_wrapper(w) {
		enum iommufd_op op = IOMMUFD_OP_OPEN;

		prepare(w);
		iommufd_set_trace(note_op, &op);
		assert_case(w->call() >= 0, w->name);
		iommufd_set_trace(NULL, NULL);
		assert_case(op == w->op, w->name);
		assert_case(!w->size || memcmp(kernel.sent, w->sent, w->size) == 0, w->name);
	}
}

static void test_errors(void **state)
{
	static const int errors[] = { ENOENT, EBUSY, EINVAL, ENOTTY, EOPNOTSUPP, ENOMEM, EBADF, EFAULT, 133 };

	(void)state;
	for_each_wrapper(w)
		for (size_t e = 0; e < COUNT(errors); e++) {
			prepare(w);
			kernel.result = -1;
			kernel.error = errors[e];
			assert_case(w->call() == -errors[e], w->name);
			assert_case(errno == errors[e], w->name);
			assert_case(are_results_untouched(), w->name);
			assert_case(kernel.calls == 1, w->name);
		}
}

/* A failing kernel may have written to the struct all the same. */
static void test_garbage_in_a_failure(void **state)
{
	static const unsigned char garbage[sizeof(kernel.sent)] = { [0 ... sizeof(kernel.sent) - 1] = 0xee };

	(void)state;
	for_each_wrapper(w) {
		prepare(w);
		kernel.result = -1;
		kernel.error = EBUSY;
		kernel.answer = garbage;
		assert_case(w->call() == -EBUSY, w->name);
		assert_case(are_results_untouched(), w->name);
	}
}

static void test_interrupted(void **state)
{
	(void)state;
	for_each_wrapper(w) {
		prepare(w);
		kernel.interruptions = 5;
		assert_case(w->call() >= 0, w->name);
		assert_case(kernel.calls == 6, w->name);
		prepare(w);
		kernel.interruptions = 2;
		kernel.result = -1;
		kernel.error = EBUSY;
		assert_case(w->call() == -EBUSY, w->name);
		assert_case(kernel.calls == 3, w->name);
	}
}

/* None of these ioctls answers with a positive number: what does is no iommufd. */
static void test_positive_answer(void **state)
{
	(void)state;
	for_each_wrapper(w)
		for (int result = 1; result < 5; result++) {
			prepare(w);
			kernel.result = result;
			assert_case(w->call() == -EBADE, w->name);
			assert_case(errno == EBADE, w->name);
			assert_case(are_results_untouched(), w->name);
		}
}

#define WIRE_SETUP(table, where) \
	(wire.wrappers = (table), wire.count = COUNT(table), \
	 wire.results = &(where), wire.size = sizeof(where))

#define WIRE_TESTS \
	cmocka_unit_test(test_what_is_sent), cmocka_unit_test(test_traced), cmocka_unit_test(test_errors), \
	cmocka_unit_test(test_garbage_in_a_failure), cmocka_unit_test(test_interrupted), \
	cmocka_unit_test(test_positive_answer)

#endif
