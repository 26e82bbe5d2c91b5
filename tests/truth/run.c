/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "run.h"
#include "uapi/vfio.h"

/* What a result of a call is that gave none, or was left out. */
enum { NO_RESULT = 0xfffe };

/* The struct of a call on its page, and what it was before. */
struct block {
	uint64_t arg;
	uint8_t *page; /* where it can be written, whatever the caller may */
	unsigned int at, len;
	uint8_t before[MEMORY_PAGE];
};

/*
 * The emulated devices have no interrupts until somebody has asked for their info, once for all; and the
 * state of a migration outlives the last close. So the answers of a sequence would depend on those before.
 */
static void warm(struct run *run)
{
	int iommu = run->ops->open_iommu(run->backend);

	for (unsigned int i = DEVICE_MTTY; i < N_DEVICES; i++) {
		int cdev = run->ops->open_cdev(run->backend, i);
		struct uapi_vfio_device_bind_iommufd *bind = (void *)(uintptr_t)ARGS_AT;
		struct uapi_vfio_device_info *info = (void *)(uintptr_t)ARGS_AT;

		*bind = (struct uapi_vfio_device_bind_iommufd){ .argsz = 16, .iommufd = iommu };
		run->ops->ioctl(run->backend, cdev, UAPI_VFIO_DEVICE_BIND_IOMMUFD, ARGS_AT);
		*info = (struct uapi_vfio_device_info){ .argsz = sizeof(*info) };
		run->ops->ioctl(run->backend, cdev, UAPI_VFIO_DEVICE_GET_INFO, ARGS_AT);
		run->ops->ioctl(run->backend, cdev, UAPI_VFIO_DEVICE_RESET, 0);
		run->ops->close(run->backend, cdev);
	}
	run->ops->close(run->backend, iommu);
}

bool run_start(struct run *run, const struct backend_ops *ops, const char *kernel)
{
	*run = (struct run){ .ops = ops, .backend = ops->start(kernel) };
	for (unsigned int i = 0; i <= MAX_CALLS; i++) {
		run->fds[i] = -1;
		run->results[i] = NO_RESULT;
	}
	if (run->backend)
		warm(run);
	return run->backend;
}

void run_finish(struct run *run)
{
	for (unsigned int i = 0; i <= MAX_CALLS; i++)
		if (run->fds[i] >= 0)
			run->ops->close(run->backend, run->fds[i]);
	run->ops->finish(run->backend);
}

static uint64_t resolve(const struct run *run, const struct value *value)
{
	if (value->how == VALUE_FD)
		return (uint64_t)run->fds[value->of];
	if (value->how == VALUE_RESULT)
		return run->results[value->of] + value->number;
	return value->number;
}

/* Fields lie as the machine has them: the low bytes first. */
static uint64_t field_get(const struct field *field, const uint8_t *bytes)
{
	uint64_t number = 0;

	memcpy(&number, bytes + field->offset, field->size);
	return number;
}

static unsigned int place(const struct call *call, unsigned int len, struct block *block)
{
	switch (call->place) {
	case PLACE_EDGE: return MEMORY_PAGE - len;
	case PLACE_CROSSING: return MEMORY_PAGE - len / 2;
	case PLACE_NOWHERE: block->arg += MEMORY_PAGE; return 0;
	case PLACE_READ_ONLY: block->arg = ARGS_READ_ONLY_AT; return 0x100;
	case PLACE_NULL: block->arg = 0; return 0;
	default: return 0x100;
	}
}

static void block_make(const struct run *run, const struct call *call, struct block *block)
{
	const struct call_kind *kind = &call_kinds[call->kind];
	uint8_t bytes[256 + MAX_TAIL] = { 0 };
	unsigned int fits;

	*block = (struct block){ .arg = ARGS_AT, .page = (void *)(uintptr_t)ARGS_AT };
	block->len = kind->size + call->tail_len;
	memcpy(bytes + kind->size, call->tail, call->tail_len);
	for (unsigned int i = 0; i < call_n_fields(kind); i++) {
		const struct field *field = &kind->fields[i];
		uint64_t number = resolve(run, &call->fields[i]);

		if (field->offset + field->size <= block->len && (field->offset < kind->size || number))
			memcpy(bytes + field->offset, &number, field->size);
	}
	block->at = place(call, block->len, block);
	if (block->arg)
		block->arg += block->at;
	memset(block->page, 0, MEMORY_PAGE);
	fits = block->at + block->len > MEMORY_PAGE ? MEMORY_PAGE - block->at : block->len;
	memcpy(block->page + block->at, bytes, fits);
	memcpy(block->before, block->page, MEMORY_PAGE);
}

static void print_hex(FILE *line, const uint8_t *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	if (len <= 96) {
		for (size_t i = 0; i < len; i++)
			fprintf(line, "%02x", bytes[i]);
		return;
	}
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	fprintf(line, "%zu:%016llx", len, (unsigned long long)hash);
}

/* What has changed, from its first byte to its last. */
static void print_changes(FILE *line, const char *name, const uint8_t *before, const uint8_t *after,
			  size_t len)
{
	size_t first = 0;

	if (memcmp(before, after, len) == 0)
		return;
	while (before[first] == after[first])
		first++;
	while (before[len - 1] == after[len - 1])
		len--;
	fprintf(line, " %s+%zu=", name, first);
	print_hex(line, after + first, len - first);
}

static void print_field(FILE *line, const struct field *field, const uint8_t *before, const uint8_t *after)
{
	uint64_t number = field_get(field, after);

	if (field->size == 0 || number == field_get(field, before))
		return;
	if (field->kind == FIELD_OUT_FD && (int32_t)number >= 0)
		fprintf(line, " %s=fd", field->name);
	else
		fprintf(line, " %s=0x%llx", field->name, (unsigned long long)number);
}

static void print_struct(FILE *line, const struct call *call, const struct block *block)
{
	const struct call_kind *kind = &call_kinds[call->kind];
	const uint8_t *before = block->before + block->at, *after = block->page + block->at;

	if (block->at + block->len > MEMORY_PAGE) {
		print_changes(line, "page", block->before, block->page, MEMORY_PAGE);
		return;
	}
	for (unsigned int i = 0; i < call_n_fields(kind); i++)
		if (kind->fields[i].offset + kind->fields[i].size <= kind->size)
			print_field(line, &kind->fields[i], before, after);
	print_changes(line, "tail", before + kind->size, after + kind->size,
		      MEMORY_PAGE - block->at - kind->size);
}

static struct outcome remember(struct run *run, const struct call *call, const struct block *block,
			       long ret)
{
	const struct call_kind *kind = &call_kinds[call->kind];
	const uint8_t *bytes = block->page + block->at;
	struct outcome outcome = { .ret = ret };

	if (ret < 0 || block->at + block->len > MEMORY_PAGE)
		return outcome;
	for (unsigned int i = 0; i < call_n_fields(kind); i++)
		if (kind->fields[i].kind == FIELD_OUT_FD)
			run->fds[call->nr] = (int)field_get(&kind->fields[i], bytes);
	if (kind->result < 0)
		return outcome;
	outcome.has_result = true;
	outcome.result = run->results[call->nr] = field_get(&kind->fields[kind->result], bytes);
	return outcome;
}

static void print_return(FILE *line, long ret)
{
	if (ret < 0)
		fprintf(line, " %s", strerrorname_np((int)-ret) ?: "?");
	else
		fprintf(line, " %ld", ret);
}

/*
 * The fds of a feature: of a migration's state in its data, of a dma-buf as the return value. Their numbers
 * are the process's matter.
 */
static long feature_fd(struct run *run, const struct call *call, struct block *block, long ret)
{
	unsigned int feature = (unsigned int)call->fields[1].number;
	int32_t fd;

	if (call->kind != KIND_FEATURE || ret < 0 || feature & UAPI_VFIO_DEVICE_FEATURE_PROBE ||
	    block->at + block->len > MEMORY_PAGE)
		return ret;
	feature &= UAPI_VFIO_DEVICE_FEATURE_MASK;
	if (feature == UAPI_VFIO_DEVICE_FEATURE_DMA_BUF) {
		run->fds[call->nr] = (int)ret;
		return 0;
	}
	memcpy(&fd, block->page + block->at + 12, 4);
	if (feature != UAPI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE || call->tail_len < 8 || fd < 0)
		return ret;
	run->fds[call->nr] = fd;
	memcpy(block->page + block->at + 12, "fd\0", 4);
	return ret;
}

static struct outcome run_ioctl(struct run *run, const struct call *call, FILE *line)
{
	uint8_t *data = (void *)(uintptr_t)DATA_AT, before[DATA_LEN];
	struct block block;
	long ret;

	block_make(run, call, &block);
	memset(data, 0xa5, DATA_LEN);
	memcpy(data, call->data, call->data_len);
	memcpy(before, data, DATA_LEN);
	ret = run->ops->ioctl(run->backend, (int)resolve(run, &call->target),
			      call_kinds[call->kind].request, block.arg);
	ret = feature_fd(run, call, &block, ret);
	print_return(line, ret);
	print_struct(line, call, &block);
	print_changes(line, "buffer", before, data, DATA_LEN);
	return remember(run, call, &block, ret);
}

static long run_open(struct run *run, const struct call *call)
{
	void *mapped;
	int fd;

	switch (call->kind) {
	case KIND_OPEN: return run->ops->open_iommu(run->backend);
	case KIND_CDEV:
		run->devices[call->nr] = (uint8_t)(call->fields[0].number % N_DEVICES);
		return run->ops->open_cdev(run->backend, run->devices[call->nr]);
	case KIND_EVENTFD: return run->ops->event(run->backend);
	case KIND_ACCESS:
		return run->ops->access_create(run->backend, (int)resolve(run, &call->target),
					       (uint32_t)resolve(run, &call->fields[0]));
	default:
		fd = memory_file(call->fields[0].number, &mapped);
		return fd < 0 ? fd : run->ops->memory(run->backend, fd, mapped, call->fields[0].number);
	}
}

static long run_close(struct run *run, const struct call *call)
{
	int fd = (int)resolve(run, &call->target);

	if (fd < 0)
		return -EBADF;
	run->fds[call->target.of] = -1;
	return run->ops->close(run->backend, fd);
}

static long run_bytes(struct run *run, const struct call *call, FILE *line)
{
	int fd = (int)resolve(run, &call->target);
	size_t len = call->fields[0].number % (MAX_DATA + 1);
	uint8_t bytes[MAX_DATA] = { 0 };
	long ret;

	if (call->kind == KIND_WRITE) {
		memcpy(bytes, call->data, call->data_len);
		return run->ops->write(run->backend, fd, bytes, len);
	}
	ret = run->ops->read(run->backend, fd, bytes, len);
	if (ret > 0) {
		fputs(" read=", line);
		print_hex(line, bytes, (size_t)ret);
	}
	return ret;
}

static long run_dma(struct run *run, const struct call *call, FILE *line)
{
	int ret = run->ops->dma(run->backend, (int)resolve(run, &call->target),
				run->devices[call->target.of], resolve(run, &call->fields[0]),
				resolve(run, &call->fields[1]), 1 + call->fields[2].number % 4094);

	if (ret == 0)
		fprintf(line, " memory=%016llx", (unsigned long long)memory_hash());
	return ret;
}

static long run_rw(struct run *run, const struct call *call, FILE *line)
{
	bool write = call->fields[2].number & 1;
	uint8_t bytes[MAX_DATA];
	size_t len = call->fields[1].number % (MAX_DATA + 1);
	int ret;

	memset(bytes, (int)call->nr, sizeof(bytes));
	ret = run->ops->access_rw(run->backend, (int)resolve(run, &call->target),
				  resolve(run, &call->fields[0]), bytes, len, write);
	if (ret == 0 && write)
		fprintf(line, " memory=%016llx", (unsigned long long)memory_hash());
	if (ret == 0 && !write) {
		fputs(" read=", line);
		print_hex(line, bytes, len);
	}
	return ret;
}

static long run_access(struct run *run, const struct call *call, FILE *line)
{
	int fd = (int)resolve(run, &call->target);
	uint64_t first = resolve(run, &call->fields[0]);
	long ret;

	switch (call->kind) {
	case KIND_ACCESS_REPLACE: return run->ops->access_replace(run->backend, fd, (uint32_t)first);
	case KIND_UNPIN: return run->ops->access_unpin(run->backend, fd, (uint32_t)first);
	case KIND_RW: return run_rw(run, call, line);
	default:
		ret = run->ops->access_pin(run->backend, fd, first, call->fields[1].number,
					   call->fields[2].number & 1);
		if (ret >= 0)
			run->results[call->nr] = (uint64_t)ret;
		return ret;
	}
}

static long run_step(struct run *run, const struct call *call, FILE *line)
{
	switch (call->kind) {
	case KIND_CLOSE: return run_close(run, call);
	case KIND_READ:
	case KIND_WRITE: return run_bytes(run, call, line);
	case KIND_POLL: return run->ops->poll(run->backend, (int)resolve(run, &call->target));
	case KIND_DMA: return run_dma(run, call, line);
	case KIND_MUNMAP: memory_unmap_fleeting(); return 0;
	case KIND_MMAP: memory_map_fleeting(); return 0;
	case KIND_ACCESS_REPLACE:
	case KIND_PIN:
	case KIND_UNPIN:
	case KIND_RW: return run_access(run, call, line);
	default:
		return run->ops->limits(run->backend, call->fields[0].number, call->fields[1].number,
					call->fields[2].number);
	}
}

struct outcome run_call(struct run *run, const struct call *call, FILE *line)
{
	const struct call_kind *kind = &call_kinds[call->kind];
	struct outcome outcome = { 0 };
	size_t len;
	char *text = NULL;
	FILE *more;

	call_print(line, call);
	fputs(" ->", line);
	if (kind->request)
		return run_ioctl(run, call, line);
	if (call->kind <= KIND_EVENTFD || call->kind == KIND_ACCESS) {
		outcome.ret = run_open(run, call);
		if (outcome.ret >= 0) {
			run->fds[call->nr] = (int)outcome.ret;
			outcome.ret = 0;
		}
	} else {
		more = open_memstream(&text, &len);
		outcome.ret = run_step(run, call, more);
		fclose(more);
	}
	print_return(line, outcome.ret);
	fputs(text ?: "", line);
	free(text);
	return outcome;
}
