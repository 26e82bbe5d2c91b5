/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/held.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "machine/files.h"
#include "util/process.h"

struct reader {
	struct machine_held *ret;
	uint64_t end;
	const char *pid;
};

static struct machine_held_file *add_file(const struct reader *reader)
{
	struct machine_held *ret = reader->ret;

	if (ret->count == ret->room) {
		size_t room = ret->room ? 2 * ret->room : 64;
		void *grown = reallocarray(ret->items, room, sizeof(*ret->items));

		if (!grown) {
			ret->more = true;
			return NULL;
		}
		ret->items = grown;
		ret->room = room;
	}
	ret->items[ret->count] = (struct machine_held_file){ .pid = atoi(reader->pid) };
	return &ret->items[ret->count++];
}

/* ---- fds ---- */

static void read_numbers(const struct reader *reader, const char *fd, struct machine_held_file *file)
{
	struct stat st;

	if (machine_stat(IN_PROC, &st, "%s/fd/%s", reader->pid, fd) < 0 ||
	    (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)))
		return;
	file->type = st.st_mode & S_IFMT;
	file->rdev = st.st_rdev;
}

static void read_device(const struct reader *reader, const char *fd, struct machine_held_file *file)
{
	static const char key[] = "vfio-device-syspath:";
	char text[PATH_MAX + 512];
	const char *at;

	machine_read(IN_PROC, text, sizeof(text), "%s/fdinfo/%s", reader->pid, fd);
	at = strstr(text, key);
	if (!at)
		return;
	at += strlen(key);
	at += strspn(at, " \t");
	file->device = strndup(at, strcspn(at, "\n"));
	reader->ret->more |= !file->device;
}

static bool read_fd(void *arg, const char *name)
{
	const struct reader *reader = arg;
	struct machine_held_file *file;
	char path[sizeof(file->path)];

	machine_link(IN_PROC, path, sizeof(path), "%s/fd/%s", reader->pid, name);
	if (strstr(path, "/dev/") || strstr(path, "vfio")) {
		file = add_file(reader);
		if (!file)
			return false;
		memcpy(file->path, path, sizeof(path));
		read_numbers(reader, name, file);
		if (strstr(path, "vfio"))
			read_device(reader, name, file);
	}
	return clock_ms() < reader->end;
}

/* ---- closed, but mapped: the device stays as it is ---- */

static void read_maps(const struct reader *reader)
{
	static const char before[] = " /dev/vfio/";
	char *text;

	if (machine_find(IN_PROC, before, "%s/maps", reader->pid) != 1)
		return;
	machine_read_all(IN_PROC, &text, "%s/maps", reader->pid);
	for (char *at = text; at && (at = strstr(at, before));) {
		struct machine_held_file *file = add_file(reader);

		if (!file)
			break;
		at++;
		file->is_mapped = true;
		snprintf(file->path, sizeof(file->path), "%.*s", (int)strcspn(at, "\n"), at);
	}
	free(text);
}

/* ---- processes ---- */

static bool read_process(void *arg, const char *name)
{
	struct reader *reader = arg;
	struct machine_held *ret = reader->ret;
	char path[32];
	int rc;

	if (*name < '1' || *name > '9')
		return true;
	reader->pid = name;
	snprintf(path, sizeof(path), "%s/fd", name);
	rc = machine_each(IN_PROC, path, read_fd, reader);
	/* It may have ended. */
	ret->unseen |= rc < 0 && rc != -ENOENT && rc != -ESRCH && rc != -ENOTDIR;
	read_maps(reader);
	ret->more |= clock_ms() >= reader->end;
	return !ret->more;
}

void machine_held_read(struct machine_held *ret, uint64_t end)
{
	struct reader reader = { .ret = ret, .end = end };

	*ret = (struct machine_held){ .count = 0 };
	if (machine_each(IN_PROC, "", read_process, &reader) < 0)
		ret->more = true;
}

void machine_held_free(struct machine_held *held)
{
	for (size_t i = 0; i < held->count; i++)
		free(held->items[i].device);
	free(held->items);
}
