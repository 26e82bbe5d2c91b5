/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules of the kernel, through libkmod, which is loaded when it is asked for the first time. */
#ifndef CLI_CLAIM_KMOD_H
#define CLI_CLAIM_KMOD_H

#include <stddef.h>

struct kmod_library;

/* 0, or -errno: *ret is NULL then. -ELIBACC: this machine has no libkmod. */
int kmod_library_open(struct kmod_library **ret);
void kmod_library_close(struct kmod_library *library);

/*
 * The one module that an alias leads to, another one than besides, which may be NULL. 0, or -errno. -ENOENT:
 * there is none; -ENOTUNIQ: there are several.
 */
int kmod_find(const struct kmod_library *library, const char *alias, const char *besides, char *buf,
	      size_t len);
/* Load what an alias or a name leads to. 0, or -errno; -ENOENT: there is none. */
int kmod_load(const struct kmod_library *library, const char *alias);

#endif
