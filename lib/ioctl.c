/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only file that calls ioctl(): retries, checks what comes back, and reports to the trace. */
#include "internal.h"

#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Per thread, so that the plain-fd functions need no handle to carry it and threads do not meet. */
static _Thread_local struct {
	iommufd_trace_fn *fn;
	void *arg;
} tracer;

API void iommufd_set_trace(iommufd_trace_fn *fn, void *arg)
{
	tracer.fn = fn;
	tracer.arg = arg;
}

static int call_kernel(enum iommufd_op op, int fd, unsigned long request, void *arg)
{
	int rc = (int)TEMP_FAILURE_RETRY(ioctl(fd, request, arg));

	if (rc < 0)
		return -errno;
	/* One of these ioctls has a positive answer: an fd that gives one to the others is something else. */
	return rc == 0 || op == IOMMUFD_OP_DMA_BUF ? rc : set_errno(EBADE);
}

static uint64_t field_value(const struct op_field *field, const void *arg)
{
	const char *at = (const char *)arg + field->offset;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (field->size) {
	case 1:
		return *(const uint8_t *)at;
	case sizeof(u16):
		memcpy(&u16, at, sizeof(u16));
		return u16;
	case sizeof(u32):
		memcpy(&u32, at, sizeof(u32));
		return u32;
	default:
		memcpy(&u64, at, sizeof(u64));
		return u64;
	}
}

static size_t collect_fields(const struct op *row, enum field_flow flow, const void *arg,
			     struct iommufd_trace_field *to)
{
	size_t n = 0;

	for (const struct op_field *f = row->fields; f < row->fields + OP_FIELDS && f->size; f++)
		if (f->flow & flow)
			to[n++] = (struct iommufd_trace_field){ f->name, field_value(f, arg) };
	return n;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int call_traced(enum iommufd_op op, const struct op *row, int fd, void *arg)
{
	struct iommufd_trace_field in[OP_FIELDS], out[OP_FIELDS];
	struct iommufd_trace trace = { .op = op, .fd = fd, .in = in, .out = out };
	uint64_t start;

	trace.n_in = collect_fields(row, FIELD_IN, arg, in);
	start = now_ns();
	trace.result = call_kernel(op, fd, row->request, arg);
	trace.nanoseconds = now_ns() - start;
	if (trace.result >= 0)
		trace.n_out = collect_fields(row, FIELD_OUT, arg, out);
	tracer.fn(tracer.arg, &trace);
	if (trace.result < 0)
		errno = -trace.result; /* the callback may have changed it */
	return trace.result;
}

int do_ioctl(enum iommufd_op op, int fd, void *arg)
{
	const struct op *row = op_row(op);

	return tracer.fn ? call_traced(op, row, fd, arg) : call_kernel(op, fd, row->request, arg);
}

int ioctl_u32(enum iommufd_op op, int fd, void *arg, const uint32_t *member, uint32_t *ret)
{
	int rc = do_ioctl(op, fd, arg);

	if (rc == 0)
		*ret = *member;
	return rc;
}

int ioctl_u64(enum iommufd_op op, int fd, void *arg, const uint64_t *member, uint64_t *ret)
{
	int rc = do_ioctl(op, fd, arg);

	if (rc == 0)
		*ret = *member;
	return rc;
}

int owner_of_namespace(int ns)
{
	int fd = ioctl(ns, NS_GET_USERNS);

	return fd < 0 ? -errno : fd;
}
