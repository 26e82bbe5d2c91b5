/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/iommufd.h"
#include <errno.h>
#include <string.h>

#include "doctor/kernel.h"
#include "engine/value.h"
#include "resolve/finding.h"

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

/* Where the library's sentence is true, but says less. */
static bool has_own_sentence(const struct finding *why)
{
	return why->id == NODE_MISSING || why->id == NODE_WRONG || why->id == NODE_IS_FILE;
}

int fail_open_iommufd(const struct output *output, const char *path, int error)
{
	struct finding why;
	const struct doctor doctor = doctor_first(&why);
	int rc;

	if (error == -ENOENT && path)
		return msg_fail_errno(output, path, error);
	tell_iommufd(&doctor, path, error);
	path = path ?: "/dev/iommu";
	if (has_own_sentence(&why))
		return fail_finding(output, path, &why, error);
	rc = msg_fail_op_bare(output, path, IOMMUFD_OP_OPEN, error, IOMMUFD_KIND_UNKNOWN);
	if (why.id == IOMMUFD_NOT_LOADED || why.id == IOMMUFD_NOT_BUILT)
		msg_hint(output, "%s: %s", why.fact, why.mend);
	else if (*why.mend)
		msg_hint(output, "%s", why.mend);
	return rc;
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
