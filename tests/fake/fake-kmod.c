/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of libkmod: FAKE_KMOD has the modules that an alias of vfio_pci leads to, with blanks between
 * them, and FAKE_KMOD_NAMES those that can be loaded. What is loaded is appended to the file
 * FAKE_KMOD_LOADED. With FAKE_KMOD_FULL no memory is left for it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

struct kmod_list {
	char name[64];
	struct kmod_list *next;
};

EXPORT void *kmod_new(const char *dir, const char *const *config);
EXPORT void *kmod_unref(void *ctx);
EXPORT int kmod_module_new_from_lookup(void *ctx, const char *alias, struct kmod_list **list);
EXPORT struct kmod_list *kmod_list_next(const struct kmod_list *list, const struct kmod_list *current);
EXPORT struct kmod_list *kmod_module_get_module(struct kmod_list *entry);
EXPORT const char *kmod_module_get_name(const struct kmod_list *module);
EXPORT void *kmod_module_unref(struct kmod_list *module);
EXPORT int kmod_module_unref_list(struct kmod_list *list);
EXPORT int kmod_module_probe_insert_module(struct kmod_list *module, unsigned int flags, const char *options,
					   void *run, const void *data, void *print);

void *kmod_new(const char *dir, const char *const *config)
{
	(void)dir, (void)config;
	return getenv("FAKE_KMOD_FULL") ? NULL : strdup("");
}

void *kmod_unref(void *ctx)
{
	free(ctx);
	return NULL;
}

/* In the order of the names; only: this one alone. */
static struct kmod_list *list_of(const char *names, const char *only)
{
	struct kmod_list *first = NULL, **last = &first;

	for (size_t len; names && *names; names += len + (names[len] == ' ')) {
		len = strcspn(names, " ");
		if (only && (strlen(only) != len || strncmp(only, names, len) != 0))
			continue;
		*last = calloc(1, sizeof(**last));
		memcpy((*last)->name, names, len < sizeof((*last)->name) ? len : sizeof((*last)->name) - 1);
		last = &(*last)->next;
	}
	return first;
}

int kmod_module_new_from_lookup(void *ctx, const char *alias, struct kmod_list **list)
{
	(void)ctx;
	if (strncmp(alias, "vfio_pci:v", 10) == 0)
		*list = list_of(getenv("FAKE_KMOD"), NULL);
	else
		*list = list_of(getenv("FAKE_KMOD_NAMES"), alias);
	return 0;
}

struct kmod_list *kmod_list_next(const struct kmod_list *list, const struct kmod_list *current)
{
	(void)list;
	return current->next;
}

struct kmod_list *kmod_module_get_module(struct kmod_list *entry)
{
	return entry;
}

const char *kmod_module_get_name(const struct kmod_list *module)
{
	return module->name;
}

void *kmod_module_unref(struct kmod_list *module)
{
	(void)module;
	return NULL;
}

int kmod_module_unref_list(struct kmod_list *list)
{
	while (list) {
		struct kmod_list *next = list->next;

		free(list);
		list = next;
	}
	return 0;
}

int kmod_module_probe_insert_module(struct kmod_list *module, unsigned int flags, const char *options,
				    void *run, const void *data, void *print)
{
	int fd = open(getenv("FAKE_KMOD_LOADED"), O_WRONLY | O_CREAT | O_APPEND, 0644);
	size_t len = strlen(module->name);

	(void)flags, (void)options, (void)run, (void)data, (void)print;
	if (fd < 0 || write(fd, module->name, len) != (ssize_t)len)
		return -1;
	close(fd);
	return 0;
}
