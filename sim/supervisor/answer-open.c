/* SPDX-License-Identifier: GPL-2.0-or-later */
/* open, openat, openat2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/memory.h"
#include "supervisor/process.h"
#include "supervisor/supervisor.h"
#include "supervisor/trace.h"

struct wish {
	int dirfd;
	uint64_t flags;
	char path[4096];
};

/* 0, or -errno: the kernel will say the same. */
static int read_wish(const struct call *call, struct wish *wish)
{
	const uint64_t *args = call->args;
	struct open_how how = { 0 };

#ifdef __NR_open
	if (call->number == __NR_open) {
		wish->dirfd = AT_FDCWD;
		wish->flags = args[1];
		return memory_text(call->tid, args[0], wish->path, sizeof(wish->path));
	}
#endif
	if (call->number == __NR_openat2 && memory_read(call->tid, args[2], &how, sizeof(how)) < 0)
		return -EFAULT;
	wish->dirfd = (int)args[0];
	wish->flags = call->number == __NR_openat2 ? how.flags : args[2];
	return memory_text(call->tid, args[1], wish->path, sizeof(wish->path));
}

/* Whatever else is wished for, the kernel refuses a node, or does what needs nobody. */
static bool is_for_us(const struct wish *wish)
{
	return (wish->flags & (O_ACCMODE | O_PATH | O_DIRECTORY)) == O_RDWR &&
	       (wish->flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

/* As for a file of this mode; of groups only the first one counts. */
static bool may_open(pid_t tid, const struct stat *st)
{
	struct process process;
	mode_t mode;

	if (process_look(tid, &process) < 0)
		return false;
	mode = process.uid == st->st_uid   ? st->st_mode >> 6
	       : process.gid == st->st_gid ? st->st_mode >> 3
					   : st->st_mode;
	return (mode & 06) == 06 || process.capabilities >> CAP_DAC_OVERRIDE & 1;
}

static int open_in_model(struct supervisor *s, const struct node *node, struct file *file)
{
	if (node->kind == NODE_CDEV) {
		file->device = &node->device->device;
		return sim_cdev_open(file->device->sim, &file->cdev);
	}
	file->context = sim_context_open(s->sim, node->kind == NODE_CONTAINER);
	return file->context ? 0 : -ENOMEM;
}

static int open_node(struct supervisor *s, const struct node *node, int *placeholder)
{
	bool is_cdev = node->kind == NODE_CDEV;
	struct file *file;
	int rc = file_open(&s->files, is_cdev ? FILE_CDEV : FILE_IOMMUFD, is_cdev ? SHAPE_MEMORY : SHAPE_PAIR,
			   is_cdev ? node->device->cdev : "", &file, placeholder);

	if (rc < 0)
		return rc;
	file->path = node->path;
	file->rdev = node->rdev;
	rc = open_in_model(s, node, file);
	if (rc < 0) {
		file_drop(&s->files, file);
		close(*placeholder);
	}
	return rc;
}

/*
 * Where it could not be given away, to somebody who was killed, its last copy is the one that is closed
 * here.
 */
void answer_open(struct supervisor *s, const struct call *call)
{
	struct node *node = NULL;
	struct wish wish;
	struct stat st;
	int placeholder, rc;

	if (read_wish(call, &wish) == 0 && is_for_us(&wish))
		node = node_of_path(&s->nodes, call->tid, wish.dirfd, wish.path, &st);
	if (!node)
		return call_run(call);
	rc = may_open(call->tid, &st) ? open_node(s, node, &placeholder) : -EACCES;
	trace_open(s->trace, call->tid, node->path, rc);
	if (rc < 0)
		return call_answer(call, rc);
	call_answer_fd(call, placeholder, wish.flags & O_CLOEXEC);
	close(placeholder);
}
