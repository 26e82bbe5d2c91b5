/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories, links and files below a root, with what is above them. 0, or the first -errno stays in
 * tree->rc.
 */
#ifndef SIM_TOPOLOGY_TREE_FILE_H
#define SIM_TOPOLOGY_TREE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct tree {
	const char *root;
	int rc;
};

typedef char tree_path[PATH_MAX];

/* The path, printed. */
const char *tree_print(tree_path path, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tree_dir(struct tree *tree, const char *path);
/* Relative, as sysfs has them: both start at the root. */
void tree_link(struct tree *tree, const char *path, const char *target);
void tree_bytes(struct tree *tree, const char *path, const void *bytes, size_t len);
/* An empty file that is written to: a file of this name is left as it is. */
void tree_attribute(struct tree *tree, const char *dir, const char *name, unsigned int mode);
bool tree_has(struct tree *tree, const char *path);
/* A file, a link, or an empty directory, which may be missing. */
void tree_unlink(struct tree *tree, const char *path);
void tree_text(struct tree *tree, const char *dir, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
