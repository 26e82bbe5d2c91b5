/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/iommufd.h"
#include <errno.h>
#include <string.h>

#include "engine/value.h"

int adopt_iommufd(struct context *ctx, const struct output *output, const char *ref)
{
	int fd, rc;

	if (strncmp(ref, "fd:", 3) != 0) {
		if (!*ref)
			return msg_usage(output, "--iommufd needs fd:N or a path");
		ctx->path = ref;
		return EXIT_DONE;
	}
	if (!parse_fd(ref, &fd))
		return msg_usage(output, "'%s' is no fd: expected fd:N with N of 3 or more, or a name of LISTEN_FDNAMES",
				 ref);
	rc = iommufd_check(fd);
	if (rc < 0)
		return msg_fail_op(output, ref, IOMMUFD_OP_CHECK, rc, IOMMUFD_KIND_UNKNOWN);
	ctx->iommufd = fd;
	ctx->borrowed = true;
	return EXIT_DONE;
}

int open_iommufd(struct context *ctx, const struct output *output)
{
	int rc;

	if (ctx->iommufd >= 0)
		return EXIT_DONE;
	rc = iommufd_open(ctx->path, &ctx->iommufd);
	if (rc == -ENOENT && ctx->path)
		return msg_fail_errno(output, ctx->path, rc);
	if (rc < 0)
		return msg_fail_op(output, ctx->path ?: "/dev/iommu", IOMMUFD_OP_OPEN, rc, IOMMUFD_KIND_UNKNOWN);
	return EXIT_DONE;
}

const struct choice rlimit_modes[] = { { "user", 0 }, { "process", 1 }, { NULL } };

int opt_rlimit_mode(const struct call *call, struct context *ctx)
{
	int rc;

	if (!opt_given(call, OPT_RLIMIT_MODE))
		return EXIT_DONE;
	rc = iommufd_option_set(ctx->iommufd, IOMMUFD_RLIMIT_MODE, 0, opt_number(call, OPT_RLIMIT_MODE, 0));
	return rc < 0 ? msg_fail_op(call->output, "--rlimit-mode", IOMMUFD_OP_OPTION_SET, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : EXIT_DONE;
}
