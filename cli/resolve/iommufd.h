/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iommufd of a context, as the command line names it. Each function returns an exit code, with its
 * message.
 */
#ifndef CLI_RESOLVE_IOMMUFD_H
#define CLI_RESOLVE_IOMMUFD_H

#include "context/context.h"
#include "engine/command.h"

/* Adopt the caller's fd (checked), or remember the path: the value of --iommufd. */
int adopt_iommufd(struct context *ctx, const struct output *output, const char *ref);
/* Why it was not opened. path: as the command line names it, NULL: it does not. */
int fail_open_iommufd(const struct output *output, const char *path, int error);
/* Open the iommufd if it is not open yet. */
int open_iommufd(struct context *ctx, const struct output *output);
static inline int need_iommufd(const struct call *call)
{
	return open_iommufd(call->ctx, call->output);
}

/* The row of --rlimit-mode. */
#define RLIMIT_MODE_OPTION \
	{ "rlimit-mode", OPT_RLIMIT_MODE, { "user|process", ARG_EITHER, .choices = rlimit_modes }, \
	  "How pinned memory is accounted" }
extern const struct choice rlimit_modes[];

/* Set how pinned memory is accounted as --rlimit-mode says, if it is given; in an empty context only. */
int opt_rlimit_mode(const struct call *call, struct context *ctx);

#endif
