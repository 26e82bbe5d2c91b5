/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The open iommufd of a context. */
#include "context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void context_init(struct context *ctx, enum context_kind kind)
{
	*ctx = (struct context){ .kind = kind, .iommufd = -1 };
}

void context_free(struct context *ctx)
{
	/* Devices first: each holds a reference on the iommufd, and uses the memory. */
	while (ctx->devices.count)
		device_drop(ctx, device_at(ctx, ctx->devices.count - 1));
	for (size_t id = 0; id < ctx->ids.count; id++) {
		struct ioas *ioas = find_ioas(ctx, (uint32_t)id);
		struct made *made = find_made(ctx, (uint32_t)id);

		if (ioas)
			ioas_drop(ctx, ioas);
		if (made)
			made_drop(ctx, made);
	}
	if (ctx->iommufd >= 0 && !ctx->borrowed)
		close(ctx->iommufd);
	while (ctx->memories.count)
		memory_drop(ctx, (struct memory *)ctx->memories.items[ctx->memories.count - 1]);
	free(ctx->devices.items);
	free(ctx->memories.items);
	free(ctx->ids.items);
	free(ctx->names);
	context_init(ctx, CONTEXT_NONE);
}

int context_adopt(const struct call *call, const char *ref)
{
	struct context *ctx = call->ctx;
	int fd, rc;

	if (strncmp(ref, "fd:", 3) != 0) {
		if (!*ref)
			return msg_usage(call->output, "--iommufd needs fd:N or a path");
		ctx->path = ref;
		return EXIT_DONE;
	}
	if (!parse_fd(ref, &fd))
		return msg_usage(call->output, "'%s' is no fd: expected fd:N with N of 3 or more", ref);
	rc = iommufd_check(fd);
	if (rc < 0)
		return msg_fail_op(call->output, ref, IOMMUFD_OP_CHECK, rc, IOMMUFD_KIND_UNKNOWN);
	ctx->iommufd = fd;
	ctx->borrowed = true;
	return EXIT_DONE;
}

bool is_rlimit_mode(const char *mode)
{
	return strcmp(mode, "user") == 0 || strcmp(mode, "process") == 0;
}

int context_rlimit_mode(const struct call *call, const char *mode)
{
	int rc;

	if (!mode)
		return EXIT_DONE;
	rc = iommufd_option_set(call->ctx->iommufd, IOMMUFD_RLIMIT_MODE, 0, *mode == 'p');
	return rc < 0 ? msg_fail_op(call->output, "--rlimit-mode", IOMMUFD_OP_OPTION_SET, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : EXIT_DONE;
}

int context_fd(const struct call *call, const char *ref, int *ret)
{
	const struct device *device;
	const struct made *queue;
	const struct memory *memory;
	int rc;

	if (strcmp(ref, "iommufd") == 0) {
		rc = context_open(call);
		*ret = call->ctx->iommufd;
		return rc;
	}
	if (strncmp(ref, "mem:", 4) == 0) {
		memory = memory_find(call->ctx, ref + 4);
		if (!memory)
			return msg_fail(call->output, ref + 4, "no memory has this name here");
		*ret = memory->fd;
		return EXIT_DONE;
	}
	queue = queue_find(call->ctx, ref);
	if (queue) {
		*ret = queue->fd;
		return EXIT_DONE;
	}
	device = device_find(call, ref);
	if (!device)
		return msg_fail(call->output, ref, "no device of this context");
	*ret = device->fd;
	return EXIT_DONE;
}

size_t context_count_ioas(const struct context *ctx)
{
	size_t n = 0;

	for (size_t id = 0; id < ctx->ids.count; id++)
		n += find_ioas(ctx, (uint32_t)id) != NULL;
	return n;
}

int context_open_first(const struct call *call)
{
	struct context *ctx = call->ctx;
	int rc = iommufd_open(ctx->path, &ctx->iommufd);

	if (rc == -ENOENT && ctx->path)
		return msg_fail_errno(call->output, ctx->path, rc);
	if (rc < 0)
		return msg_fail_op(call->output, ctx->path ? ctx->path : "/dev/iommu", IOMMUFD_OP_OPEN, rc,
			       IOMMUFD_KIND_UNKNOWN);
	return EXIT_DONE;
}
