/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that notes what it is given and answers what it is told, and what holds for each wrapper of an
 * ioctl. For one test program each: it defines __wrap_ioctl(), and the program has a struct "results", where
 * all that its wrappers give back lies.
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

/* From now on it takes structs of that size, answers with *answer unless it is NULL, and with 0. */
static inline void kernel_answers(const void *answer, size_t size)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.answer = answer;
	kernel.size = size;
}

static inline void kernel_refuses(int error)
{
	kernel.result = error ? -1 : 0;
	kernel.error = error;
}

/* How the kernel may treat a call. */
static const struct condition {
	int interruptions, error, result;
	bool garbage; /* a failing kernel may have written to the struct all the same */
	bool traced;  /* which changes nothing of what is sent */
} conditions[] = {
	{ .error = ENOENT },	 { .error = EBUSY },  { .error = EINVAL }, { .error = ENOTTY },
	{ .error = EOPNOTSUPP }, { .error = ENOMEM }, { .error = EBADF },  { .error = EFAULT },
	{ .error = 133 },	 { .error = EBUSY, .garbage = true },
	{ .interruptions = 5 },	 { .interruptions = 2, .error = EBUSY },
	/* None of these ioctls answers with a positive number: what does is no iommufd. */
	{ .result = 1 },	 { .result = 2 },     { .result = 3 },	   { .result = 4 },
	{ .traced = true },	 { .traced = true, .error = EBUSY },
	{ 0 }, /* at last: what it answers is left in the results */
};

struct wrapper {
	const char *call;
	enum iommufd_op op;
	unsigned long request;
	const void *sent;
	size_t size;
	const void *answer;
};

static enum iommufd_op traced_op;

static void note_op(void *arg, const struct iommufd_trace *trace)
{
	(void)arg;
	traced_op = trace->op;
	errno = EPIPE; /* as it may */
}

static void prepare(const struct wrapper *wrapper, const struct condition *condition)
{
	static const unsigned char garbage[sizeof(kernel.sent)] = { [0 ... sizeof(kernel.sent) - 1] = 0xee };

	kernel_answers(condition->garbage ? garbage : wrapper->answer, wrapper->size);
	kernel_refuses(condition->error);
	if (condition->result)
		kernel.result = condition->result;
	kernel.interruptions = condition->interruptions;
	traced_op = IOMMUFD_OP_OPEN;
	iommufd_set_trace(condition->traced ? note_op : NULL, NULL);
	errno = 0;
}

/* What holds of a wrapper that returned rc, of its results and of what the kernel was given. */
static void verify(const struct wrapper *wrapper, const struct condition *condition, int rc,
		   const void *results, size_t results_size)
{
	const int error = condition->result ? EBADE : condition->error;

	iommufd_set_trace(NULL, NULL);
	assert_case(kernel.calls == 1 + (unsigned int)condition->interruptions, wrapper->call);
	assert_case(kernel.fd == FD, wrapper->call);
	assert_case(kernel.request == wrapper->request, wrapper->call);
	assert_case(!wrapper->size || memcmp(kernel.sent, wrapper->sent, wrapper->size) == 0, wrapper->call);
	assert_case(!condition->traced || traced_op == wrapper->op, wrapper->call);
	if (error) {
		assert_case(rc == -error, wrapper->call);
		assert_case(errno == error, wrapper->call);
		assert_case(is_filled_with(results, results_size, MARK), wrapper->call);
	} else {
		assert_case(rc >= 0, wrapper->call);
	}
}

/* Positional, in the order of the kernel's members, all of them: what is not set must be 0. */
#define SENDS(type, ...) .sent = &(const struct type){ __VA_ARGS__ }, .size = sizeof(struct type)
/* What the struct is when it comes back; without it, it comes back as it was sent. */
#define BACK(type, ...) .answer = &(const struct type){ __VA_ARGS__ }

/*
 * A row of the table of wrappers: CHECK(the call, its op, the ioctl's number, SENDS(...), BACK(...)). The
 * call is made under each of the conditions, and leaves in the results what it makes of BACK.
 */
#define CHECK(invocation, op_name, number, ...) \
	do { \
		const struct wrapper row = { \
			.call = #invocation, .op = IOMMUFD_OP_##op_name, .request = (number), __VA_ARGS__ \
		}; \
		for (size_t i = 0; i < COUNT(conditions); i++) { \
			memset(&results, MARK, sizeof(results)); \
			prepare(&row, &conditions[i]); \
			verify(&row, &conditions[i], (invocation), &results, sizeof(results)); \
		} \
		kernel.answer = NULL; \
	} while (0)

#endif
