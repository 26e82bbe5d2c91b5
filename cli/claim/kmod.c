/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/kmod.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/library.h"
#include "util/number.h"

struct kmod_ctx;
struct kmod_list;
struct kmod_module;

/* Its functions, by the names that libkmod.h gives them. */
struct kmod_library {
	void *handle;
	struct kmod_ctx *ctx;
	struct kmod_ctx *(*new)(const char *dir, const char *const *config);
	struct kmod_ctx *(*unref)(struct kmod_ctx *ctx);
	int (*lookup)(struct kmod_ctx *ctx, const char *alias, struct kmod_list **list);
	struct kmod_list *(*next)(const struct kmod_list *list, const struct kmod_list *current);
	struct kmod_module *(*get_module)(const struct kmod_list *entry);
	const char *(*get_name)(const struct kmod_module *module);
	struct kmod_module *(*unref_module)(struct kmod_module *module);
	int (*unref_list)(struct kmod_list *list);
	int (*insert)(struct kmod_module *module, unsigned int flags, const char *options,
		      int (*run)(struct kmod_module *, const char *, void *), const void *data,
		      void (*print)(struct kmod_module *, bool, const char *));
};

static const struct {
	char name[40];
	unsigned short at;
} functions[] = {
	{ "kmod_new", offsetof(struct kmod_library, new) },
	{ "kmod_unref", offsetof(struct kmod_library, unref) },
	{ "kmod_module_new_from_lookup", offsetof(struct kmod_library, lookup) },
	{ "kmod_list_next", offsetof(struct kmod_library, next) },
	{ "kmod_module_get_module", offsetof(struct kmod_library, get_module) },
	{ "kmod_module_get_name", offsetof(struct kmod_library, get_name) },
	{ "kmod_module_unref", offsetof(struct kmod_library, unref_module) },
	{ "kmod_module_unref_list", offsetof(struct kmod_library, unref_list) },
	{ "kmod_module_probe_insert_module", offsetof(struct kmod_library, insert) },
};

static bool find_functions(struct kmod_library *library)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (library_function(library->handle, functions[i].name,
				     (char *)library + functions[i].at) < 0)
			return false;
	return true;
}

static int open_library(struct kmod_library *library)
{
	/* What it complains of on stderr while it begins is not ours to say. */
	setenv("KMOD_LOG", "0", 0);
	library->handle = library_open("libkmod.so.2");
	if (!library->handle || !find_functions(library))
		return -ELIBACC;
	library->ctx = library->new(NULL, NULL);
	return library->ctx ? 0 : -ENOMEM;
}

int kmod_library_open(struct kmod_library **ret)
{
	struct kmod_library *library = calloc(1, sizeof(*library));
	int rc = library ? open_library(library) : -ENOMEM;

	if (rc < 0) {
		kmod_library_close(library);
		library = NULL;
	}
	*ret = library;
	return rc;
}

void kmod_library_close(struct kmod_library *library)
{
	if (!library)
		return;
	if (library->ctx)
		library->unref(library->ctx);
	library_close(library->handle);
	free(library);
}

/* A name that has no room counts as another module. */
static void note_module(const char *name, char *buf, size_t len, size_t *count)
{
	if (*count == 0 && strlen(name) < len)
		strcpy(buf, name);
	++*count;
}

int kmod_find(const struct kmod_library *library, const char *alias, const char *besides, char *buf,
	      size_t len)
{
	struct kmod_list *list = NULL;
	size_t count = 0;
	int rc = library->lookup(library->ctx, alias, &list);

	*buf = '\0';
	if (rc < 0)
		return rc;
	for (struct kmod_list *entry = list; entry; entry = library->next(list, entry)) {
		struct kmod_module *module = library->get_module(entry);
		const char *name = library->get_name(module);

		if (!besides || strcmp(name, besides) != 0)
			note_module(name, buf, len, &count);
		library->unref_module(module);
	}
	library->unref_list(list);
	if (count == 1 && *buf)
		return 0;
	*buf = '\0';
	return count ? -ENOTUNIQ : -ENOENT;
}

int kmod_load(const struct kmod_library *library, const char *alias)
{
	struct kmod_list *list = NULL;
	struct kmod_module *module;
	int rc = library->lookup(library->ctx, alias, &list);

	if (rc < 0)
		return rc;
	if (!list)
		return -ENOENT;
	module = library->get_module(list);
	rc = library->insert(module, 0, NULL, NULL, NULL, NULL);
	library->unref_module(module);
	library->unref_list(list);
	return rc < 0 ? rc : 0;
}
