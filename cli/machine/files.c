/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef char path_text[PATH_MAX];

/* The root, redirected for tests; the environment of a privileged caller is ignored. */
static const char *root_path(enum machine_root root)
{
	static const struct {
		char variable[16], path[8];
	} roots[] = {
		[IN_SYS] = { "IOMMUFD_SYSFS", "/sys" },
		[IN_PROC] = { "IOMMUFD_PROC", "/proc" },
		[IN_DEV] = { "IOMMUFD_DEV", "/dev" },
		[IN_ROOT] = { "IOMMUFD_ROOT", "" },
	};
	const char *path = secure_getenv(roots[root].variable);

	return path && *path ? path : roots[root].path;
}

__attribute__((format(printf, 3, 0)))
static int make_path(path_text path, enum machine_root root, const char *format, va_list ap)
{
	int n = snprintf(path, sizeof(path_text), "%s/", root_path(root));

	if (n >= (int)sizeof(path_text))
		return -ENAMETOOLONG;
	n += vsnprintf(path + n, sizeof(path_text) - (size_t)n, format, ap);
	return n < (int)sizeof(path_text) ? 0 : -ENAMETOOLONG;
}

int machine_path(enum machine_root root, char *buf, size_t len, const char *format, ...)
{
	path_text path;
	va_list ap;
	int rc;

	va_start(ap, format);
	rc = make_path(path, root, format, ap);
	va_end(ap);
	if (rc < 0 || strlen(path) >= len)
		return -ENAMETOOLONG;
	strcpy(buf, path);
	return 0;
}

/*
 * Behind a call that failed: is it to be made again? Where memory is short, facts that are missing would look
 * like facts that are not there.
 */
static bool is_short(int *tries)
{
	return errno == ENOMEM && ++*tries < 10;
}

/* An attribute of sysfs fits a page, and comes in one piece: a second read would only find its end. */
enum pieces { ANY_PIECES, ONE_PIECE };

/* Up to its end, or until buf is full. The bytes, or -errno. */
static ssize_t read_up_to(int fd, char *buf, enum pieces pieces, size_t len)
{
	size_t done = 0;
	int tries = 0;
	ssize_t n;

	while (done < len && !(done && pieces == ONE_PIECE) &&
	       (n = read(fd, buf + done, len - done)) != 0) {
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR && !is_short(&tries))
			return -errno;
	}
	return (ssize_t)done;
}

static int open_to_read(const char *path)
{
	int fd, tries = 0;

	do
		fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	while (fd < 0 && is_short(&tries));
	return fd < 0 ? -errno : fd;
}

static DIR *open_directory(const char *path)
{
	int tries = 0;
	DIR *dir;

	do
		dir = opendir(path);
	while (!dir && is_short(&tries));
	return dir;
}

__attribute__((format(printf, 4, 0)))
static ssize_t read_bytes(enum machine_root root, void *buf, size_t len, const char *format, va_list ap)
{
	path_text path;
	ssize_t n;
	int fd = make_path(path, root, format, ap);

	if (fd == 0)
		fd = open_to_read(path);
	if (fd < 0)
		return fd;
	n = read_up_to(fd, buf, root == IN_SYS ? ONE_PIECE : ANY_PIECES, len);
	close(fd);
	return n;
}

ssize_t machine_read_bytes(enum machine_root root, void *buf, size_t len, const char *format, ...)
{
	va_list ap;
	ssize_t n;

	va_start(ap, format);
	n = read_bytes(root, buf, len, format, ap);
	va_end(ap);
	return n;
}

int machine_read(enum machine_root root, char *buf, size_t len, const char *format, ...)
{
	va_list ap;
	ssize_t n;

	va_start(ap, format);
	n = read_bytes(root, buf, len - 1, format, ap);
	va_end(ap);
	buf[n > 0 ? n : 0] = '\0';
	if (n > 0 && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	return n < 0 ? (int)n : 0;
}

/* Files of /proc have no size: the buffer grows until the end fits. */
static int read_whole(int fd, char **ret)
{
	const size_t most = 64 << 20;
	char *text = NULL;
	size_t used = 0;

	for (size_t room = 8192;; room *= 2) {
		char *grown = room <= most ? realloc(text, room) : NULL;
		ssize_t n = grown ? read_up_to(fd, grown + used, ANY_PIECES, room - used - 1) : 0;

		if (!grown || n < 0) {
			free(grown ?: text);
			return n < 0 ? (int)n : room <= most ? -ENOMEM : -EFBIG;
		}
		text = grown;
		used += (size_t)n;
		if (used < room - 1)
			break;
	}
	text[used] = '\0';
	*ret = text;
	return 0;
}

int machine_read_all(enum machine_root root, char **ret, const char *format, ...)
{
	int rc, fd, tries = 0;
	path_text path;
	va_list ap;

	*ret = NULL;
	va_start(ap, format);
	rc = make_path(path, root, format, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	do {
		fd = open_to_read(path);
		if (fd < 0)
			return fd;
		rc = read_whole(fd, ret);
		close(fd);
		errno = -rc;
	} while (rc < 0 && is_short(&tries));
	return rc;
}

__attribute__((format(printf, 4, 0)))
static int read_link(enum machine_root root, char *buf, size_t len, const char *format, va_list ap)
{
	path_text path;
	int rc = make_path(path, root, format, ap), tries = 0;
	ssize_t n;

	*buf = '\0';
	if (rc < 0)
		return rc;
	do
		n = readlink(path, buf, len);
	while (n < 0 && is_short(&tries));
	if (n < 0 || (size_t)n >= len) {
		*buf = '\0';
		return n < 0 ? -errno : -ENAMETOOLONG;
	}
	buf[n] = '\0';
	return 0;
}

int machine_link(enum machine_root root, char *buf, size_t len, const char *format, ...)
{
	va_list ap;
	int rc;

	va_start(ap, format);
	rc = read_link(root, buf, len, format, ap);
	va_end(ap);
	return rc;
}

int machine_link_name(enum machine_root root, char *buf, size_t len, const char *format, ...)
{
	const char *name;
	path_text text;
	va_list ap;
	int rc;

	*buf = '\0';
	va_start(ap, format);
	rc = read_link(root, text, sizeof(text), format, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	name = basename(text);
	if (strlen(name) >= len)
		return -ENAMETOOLONG;
	strcpy(buf, name);
	return 0;
}

/* It leads up to the top of the tree, and down from there: one that goes up again the kernel has not made. */
int machine_link_directory(char *buf, size_t len, const char *format, ...)
{
	const char *at;
	path_text text;
	va_list ap;
	int rc;

	*buf = '\0';
	va_start(ap, format);
	rc = read_link(IN_SYS, text, sizeof(text), format, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	at = text;
	while (strncmp(at, "../", 3) == 0)
		at += 3;
	if (at == text || strncmp(at, "devices/", strlen("devices/")) != 0 || strstr(at, "/../"))
		return -ENXIO;
	if (strlen(at) >= len)
		return -ENAMETOOLONG;
	strcpy(buf, at);
	return 0;
}

int machine_asks(enum machine_root root, const char *format, ...)
{
	int rc, tries = 0;
	path_text path;
	va_list ap;

	va_start(ap, format);
	rc = make_path(path, root, format, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	do
		rc = faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW);
	while (rc < 0 && is_short(&tries));
	if (rc == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

int machine_stat(enum machine_root root, struct stat *ret, const char *format, ...)
{
	path_text path;
	int rc, tries = 0;
	va_list ap;

	va_start(ap, format);
	rc = make_path(path, root, format, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	do
		rc = stat(path, ret);
	while (rc < 0 && is_short(&tries));
	return rc < 0 ? -errno : 0;
}

/* What may be the beginning of text stays in front of what is read next. */
static int find_in(int fd, const char *text)
{
	char buf[4096];
	size_t len = strlen(text), kept = 0;
	ssize_t n;

	while ((n = read_up_to(fd, buf + kept, ANY_PIECES, sizeof(buf) - kept)) > 0) {
		size_t all = kept + (size_t)n;

		if (memmem(buf, all, text, len))
			return 1;
		kept = all < len ? all : len - 1;
		memmove(buf, buf + all - kept, kept);
	}
	return (int)n;
}

int machine_find(enum machine_root root, const char *text, const char *format, ...)
{
	path_text path;
	va_list ap;
	int rc, fd;

	va_start(ap, format);
	rc = make_path(path, root, format, ap);
	va_end(ap);
	fd = rc < 0 ? rc : open_to_read(path);
	if (fd < 0)
		return fd;
	rc = find_in(fd, text);
	close(fd);
	return rc;
}

static bool is_directory(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int each(enum machine_root root, const char *path, bool directories, machine_entry_fn *fn, void *arg)
{
	struct dirent *entry;
	path_text full;
	DIR *dir;

	if (snprintf(full, sizeof(full), "%s/%s", root_path(root), path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	dir = open_directory(full);
	if (!dir)
		return -errno;
	while ((errno = 0, entry = readdir(dir)))
		if (*entry->d_name != '.' && (!directories || is_directory(dir, entry)) &&
		    !fn(arg, entry->d_name))
			break;
	closedir(dir);
	return entry ? 0 : -errno;
}

int machine_each(enum machine_root root, const char *path, machine_entry_fn *fn, void *arg)
{
	return each(root, path, false, fn, arg);
}

int machine_each_directory(enum machine_root root, const char *path, machine_entry_fn *fn, void *arg)
{
	return each(root, path, true, fn, arg);
}

int machine_try_disk(const char *name, dev_t rdev)
{
	struct stat st;
	path_text path;
	int fd;

	if (snprintf(path, sizeof(path), "%s/dev/%s", root_path(IN_ROOT), name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	for (char *at = path; (at = strchr(at, '!'));)
		*at = '/';
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode) || st.st_rdev != rdev)
		return -ESTALE;
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}
