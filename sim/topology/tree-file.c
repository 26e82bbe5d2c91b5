/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topology/tree-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *tree_print(tree_path path, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(path, sizeof(tree_path), format, ap);
	va_end(ap);
	return path;
}

static void note(struct tree *tree, int error)
{
	if (tree->rc == 0)
		tree->rc = -error;
}

static bool has_parent(char *path)
{
	char *slash = strrchr(path, '/');
	bool ret;

	*slash = '\0';
	ret = access(path, F_OK) == 0;
	*slash = '/';
	return ret;
}

/* Everything above the last component; mostly it is there. */
static void make_parents(struct tree *tree, char *path)
{
	if (has_parent(path))
		return;
	for (char *slash = path + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			note(tree, errno);
		*slash = '/';
	}
}

static char *full_path(struct tree *tree, tree_path full, const char *path)
{
	if (snprintf(full, sizeof(tree_path), "%s/%s", tree->root, path) >= (int)sizeof(tree_path))
		note(tree, ENAMETOOLONG);
	make_parents(tree, full);
	return full;
}

void tree_dir(struct tree *tree, const char *path)
{
	tree_path full;

	if (mkdir(full_path(tree, full, path), 0755) < 0 && errno != EEXIST)
		note(tree, errno);
}

void tree_link(struct tree *tree, const char *path, const char *target)
{
	tree_path full, text = "";
	size_t used = 0;

	for (const char *slash = path; (slash = strchr(slash, '/')) && used < sizeof(text) - 4; slash++)
		used += (size_t)sprintf(text + used, "../");
	snprintf(text + used, sizeof(text) - used, "%s", target);
	if (symlink(text, full_path(tree, full, path)) < 0 && errno != EEXIST)
		note(tree, errno);
}

void tree_bytes(struct tree *tree, const char *path, const void *bytes, size_t len)
{
	tree_path full;
	int fd = open(full_path(tree, full, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		note(tree, fd < 0 ? errno : EIO);
	if (fd >= 0)
		close(fd);
}

void tree_attribute(struct tree *tree, const char *dir, const char *name, unsigned int mode)
{
	tree_path path, full;
	int fd = open(full_path(tree, full, tree_print(path, "%.3000s/%s", dir, name)), O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	if (fd < 0)
		note(tree, errno);
	else
		close(fd);
}

bool tree_has(struct tree *tree, const char *path)
{
	tree_path full;

	return snprintf(full, sizeof(full), "%s/%s", tree->root, path) < (int)sizeof(full) && access(full, F_OK) == 0;
}

void tree_unlink(struct tree *tree, const char *path)
{
	tree_path full;

	if (snprintf(full, sizeof(full), "%s/%s", tree->root, path) < (int)sizeof(full) && remove(full) < 0 &&
	    errno != ENOENT)
		note(tree, errno);
}

void tree_text(struct tree *tree, const char *dir, const char *name, const char *format, ...)
{
	char text[1024];
	tree_path path;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	tree_bytes(tree, tree_print(path, "%.3000s/%.100s", dir, name), text, (size_t)n < sizeof(text) ? (size_t)n : 0);
}
