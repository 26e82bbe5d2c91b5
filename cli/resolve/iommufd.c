/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/iommufd.h"
#include <errno.h>
#include <string.h>

#include "engine/value.h"
#include "machine/iommu.h"

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

/* There is a driver: loading it, as the library would have it, leads nowhere. */
static int fail_node(const struct output *output, const char *path, int error, unsigned int major,
		     unsigned int minor)
{
	if (error == -ENOENT) {
		msg_fail(output, path, "the kernel has iommufd, but there is no node for it here (ENOENT)");
		msg_hint(output, "mknod -m 600 %s c %u %u; a container is given it by --device %s", path, major,
			 minor, path);
	} else {
		msg_fail(output, path, "the kernel has iommufd, but the node is none of it (%s)",
			 iommufd_error_name(error));
		msg_hint(output, "rm %s; mknod -m 600 %s c %u %u", path, path, major, minor);
	}
	return EXIT_FAILED;
}

int fail_open_iommufd(const struct output *output, const char *path, int error)
{
	unsigned int major, minor;

	if (error == -ENOENT && path)
		return msg_fail_errno(output, path, error);
	path = path ?: "/dev/iommu";
	if ((error == -ENOENT || error == -ENODEV || error == -ENXIO) &&
	    machine_iommufd_numbers(&major, &minor))
		return fail_node(output, path, error, major, minor);
	return msg_fail_op(output, path, IOMMUFD_OP_OPEN, error, IOMMUFD_KIND_UNKNOWN);
}

int open_iommufd(struct context *ctx, const struct output *output)
{
	int rc;

	if (ctx->iommufd >= 0)
		return EXIT_DONE;
	rc = iommufd_open(ctx->path, &ctx->iommufd);
	return rc < 0 ? fail_open_iommufd(output, ctx->path, rc) : EXIT_DONE;
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
