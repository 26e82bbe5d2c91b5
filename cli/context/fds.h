/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fds of a context's objects, and the names under which they are kept elsewhere. */
#ifndef CLI_CONTEXT_FDS_H
#define CLI_CONTEXT_FDS_H

#include "context/context.h"

enum { FDNAME_LENGTH = 64 };

/* What the iommufd is called: by people, in the journal, and by a service manager. */
#define IOMMUFD_WORD "iommufd"

/* -1: it has none. */
int object_fd(const struct object *object);
/* name: room for FDNAME_LENGTH. */
void object_fdname(const struct object *object, char *name);

typedef void each_fd_fn(void *arg, const struct object *object, const char *name, int fd);
void context_each_fd(const struct context *ctx, each_fd_fn *fn, void *arg);

#endif
