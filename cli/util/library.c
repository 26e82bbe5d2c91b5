/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/library.h"
#include <errno.h>
#include <string.h>

#ifdef IS_STATIC

void *library_open(const char *name)
{
	(void)name;
	return NULL;
}

int library_function(void *library, const char *name, void *ret)
{
	(void)library, (void)name, (void)ret;
	return -ENOSYS;
}

void library_close(void *library)
{
	(void)library;
}

#else
#include <dlfcn.h>

void *library_open(const char *name)
{
	return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

int library_function(void *library, const char *name, void *ret)
{
	void *function = dlsym(library, name);

	if (!function)
		return -ENOSYS;
	memcpy(ret, &function, sizeof(function));
	return 0;
}

void library_close(void *library)
{
	if (library)
		dlclose(library);
}

#endif
