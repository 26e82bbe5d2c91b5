/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show, of what others made: the kernel has no list, but ids are dense, and each can be asked for. */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hwpt.h"
#include "missing.h"
#include "table.h"

enum { MISSES = 256 }; /* free ids in a row: behind them nothing is looked for */

const char *found_type_name(enum iommufd_object_type type)
{
	static const char names[][12] = { "", "unknown", "IOAS", "device", "HWPT", "HWPT nested", "vIOMMU" };

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}

/* Also the HWPTs that the kernel made, which have no object here. */
static bool is_known(const struct context *ctx, uint32_t id)
{
	if (object_by_id(ctx, id))
		return true;
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (device_at(ctx, i)->attachment == ATTACHED && device_at(ctx, i)->pt == id)
			return true;
	return false;
}

static int add(struct walk *walk, struct found found)
{
	struct found *grown;

	/* By powers of two. */
	if ((walk->count & (walk->count - 1)) == 0) {
		grown = reallocarray(walk->items, walk->count ? 2 * walk->count : 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		walk->items = grown;
	}
	walk->items[walk->count++] = found;
	return 0;
}

int walk_ids(const struct call *call, int iommufd, int told_fd, struct walk *walk)
{
	enum iommufd_object_type type;
	int misses = 0, rc = 0;

	for (uint32_t id = 1; misses < MISSES && rc == 0; id++) {
		if (told_fd < 0 && is_known(call->ctx, id)) {
			misses = 0;
			continue;
		}
		rc = iommufd_probe_id(iommufd, id, &type);
		if (rc == 0 && type != IOMMUFD_OBJECT_ABSENT)
			rc = add(walk, (struct found){ id, told_fd, type });
		misses = rc == 0 && type != IOMMUFD_OBJECT_ABSENT ? 0 : misses + 1;
	}
	return rc < 0 ? msg_fail_errno(call->output, NULL, rc) : EXIT_DONE;
}

/* ---- another process ------------------------------------------------------------------------------ */

struct process {
	int pidfd, dir; /* /proc/PID/fd */
	int *copies;	/* of its iommufds: what is open twice is shown once */
	size_t n_copies;
};

static bool is_iommufd_link(const struct process *process, const char *name)
{
	char target[64];
	ssize_t n = readlinkat(process->dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return strcmp(target, "/dev/iommu") == 0;
}

static bool is_shown_already(const struct process *process, int fd)
{
	for (size_t i = 0; i < process->n_copies; i++)
		if (missing_is_same_file(process->copies[i], fd))
			return true;
	return false;
}

/* Its iommufd, borrowed for as long as the questions take: it keeps the context alive. */
static int walk_fd(const struct call *call, struct process *process, int fd, struct walk *walk)
{
	int copy = missing_pidfd_getfd(process->pidfd, fd), *grown;

	if (copy < 0)
		return msg_fail_errno(call->output, "its iommufd", errno);
	if (iommufd_check(copy) < 0 || is_shown_already(process, copy)) {
		close(copy);
		return EXIT_DONE;
	}
	grown = reallocarray(process->copies, process->n_copies + 1, sizeof(*grown));
	if (!grown) {
		close(copy);
		return msg_fail_errno(call->output, NULL, ENOMEM);
	}
	process->copies = grown;
	process->copies[process->n_copies++] = copy;
	return walk_ids(call, copy, fd, walk);
}

static int walk_process(const struct call *call, struct process *process, struct walk *walk)
{
	DIR *dir = fdopendir(process->dir);
	struct dirent *entry;
	uint32_t fd;
	int rc = EXIT_DONE;

	if (!dir) {
		rc = msg_fail_errno(call->output, "/proc", errno);
		close(process->dir);
		return rc;
	}
	while (rc == EXIT_DONE && (entry = readdir(dir)))
		if (parse_u32(entry->d_name, &fd) && is_iommufd_link(process, entry->d_name))
			rc = walk_fd(call, process, (int)fd, walk);
	while (process->n_copies)
		close(process->copies[--process->n_copies]);
	free(process->copies);
	closedir(dir);
	return rc;
}

static bool next_found(const void *arg, size_t *cursor, struct value *row)
{
	const struct walk *walk = arg;

	if (*cursor == walk->count)
		return false;
	row[0].number = (uint64_t)walk->items[*cursor].fd;
	row[1].number = walk->items[*cursor].id;
	row[2].text = found_type_name(walk->items[(*cursor)++].type);
	return true;
}

static int open_process(const struct call *call, const char *pid, struct process *process)
{
	struct buffer path = { .fd = -1 };
	uint32_t number;

	if (!parse_u32(pid, &number) || !number || number > INT32_MAX)
		return msg_usage(call->output, "--pid: '%s' is no process id", pid);
	process->pidfd = missing_pidfd_open((int)number);
	if (process->pidfd < 0)
		return msg_fail_errno(call->output, pid, errno);
	buf_format(&path, "/proc/%u/fd", number);
	buf_char(&path, '\0');
	process->dir = path.error ? -1 : openat(AT_FDCWD, path.buf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path.buf);
	if (process->dir >= 0)
		return EXIT_DONE;
	msg_fail_errno(call->output, pid, errno);
	close(process->pidfd);
	return EXIT_FAILED;
}

int show_process(const struct call *call, const char *pid)
{
	static const struct column columns[] = {
		{ "fd", "FD", COLUMN_NUMBER },
		{ "id", "ID", COLUMN_NUMBER },
		{ "type", "TYPE", COLUMN_TEXT },
	};
	struct process process = { 0 };
	struct walk walk = { 0 };
	const struct table table = { "objects", columns, ARRAY_SIZE(columns), next_found, &walk, true, 0 };
	int rc = open_process(call, pid, &process);

	if (rc != EXIT_DONE)
		return rc;
	rc = walk_process(call, &process, &walk);
	close(process.pidfd);
	if (rc == EXIT_DONE)
		rc = print_tables(call->output, &table, 1);
	free(walk.items);
	return rc;
}
