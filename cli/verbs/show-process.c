/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/show-process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/table.h"
#include "util/missing.h"
#include "verbs/inventory.h"

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
static int add_fd(const struct output *output, struct process *process, int fd, struct inventory *inventory)
{
	int copy = missing_pidfd_getfd(process->pidfd, fd), *grown;

	if (copy < 0)
		return msg_fail_errno(output, "its iommufd", errno);
	if (iommufd_check(copy) < 0 || is_shown_already(process, copy)) {
		close(copy);
		return EXIT_DONE;
	}
	grown = reallocarray(process->copies, process->n_copies + 1, sizeof(*grown));
	if (!grown) {
		close(copy);
		return msg_fail_errno(output, NULL, ENOMEM);
	}
	process->copies = grown;
	process->copies[process->n_copies++] = copy;
	return inventory_add(output, copy, fd, NULL, inventory);
}

static int add_fds(const struct output *output, struct process *process, struct inventory *inventory)
{
	DIR *dir = fdopendir(process->dir);
	struct dirent *entry;
	uint32_t fd;
	int rc = EXIT_DONE;

	if (!dir) {
		rc = msg_fail_errno(output, "/proc", errno);
		close(process->dir);
		return rc;
	}
	while (rc == EXIT_DONE && (errno = 0, entry = readdir(dir)))
		if (parse_u32(entry->d_name, &fd) && is_iommufd_link(process, entry->d_name))
			rc = add_fd(output, process, (int)fd, inventory);
	if (rc == EXIT_DONE && errno) /* the process may have ended meanwhile */
		rc = msg_fail_errno(output, "/proc", errno);
	while (process->n_copies)
		close(process->copies[--process->n_copies]);
	free(process->copies);
	closedir(dir);
	return rc;
}

static bool next_item(const void *arg, size_t *cursor, struct value *row)
{
	const struct inventory *inventory = arg;

	if (*cursor == inventory->count)
		return false;
	row[0].number = (uint64_t)inventory->items[*cursor].source_fd;
	row[1].number = inventory->items[*cursor].id;
	row[2].text = inventory_type_name(inventory->items[(*cursor)++].type);
	return true;
}

static int open_process(const struct output *output, const char *pid, struct process *process)
{
	char path[32];
	uint32_t number;

	if (!parse_u32(pid, &number) || !number || number > INT32_MAX)
		return msg_usage(output, "--pid: '%s' is no process id", pid);
	process->pidfd = missing_pidfd_open((int)number);
	if (process->pidfd < 0)
		return msg_fail_errno(output, pid, errno);
	snprintf(path, sizeof(path), "/proc/%u/fd", number);
	process->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process->dir >= 0)
		return EXIT_DONE;
	msg_fail_errno(output, pid, errno);
	close(process->pidfd);
	return EXIT_FAILED;
}

int show_process(const struct output *output, const char *pid)
{
	static const struct column columns[] = {
		{ "fd", "FD", COLUMN_NUMBER }, { "id", "ID", COLUMN_NUMBER },
		{ "type", "TYPE", COLUMN_TEXT },
	};
	struct process process = { 0 };
	struct inventory inventory = { 0 };
	int rc = open_process(output, pid, &process);

	if (rc)
		return rc;
	rc = add_fds(output, &process, &inventory) ?:
	     print_table(output, "objects", ROWS(columns, next_item, &inventory));
	close(process.pidfd);
	free(inventory.items);
	return rc;
}
