/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <poll.h>

enum sim_file_kind sim_file_kind(const struct sim_file *file)
{
	return file->kind;
}

/* Streams go one way: they are not open for the other. */
long sim_file_read(struct sim_file *file, void *to, size_t len)
{
	if (file->kind == SIM_FILE_RESUMING)
		return -EBADF;
	return file->ops->read ? file->ops->read(file, to, len) : -EINVAL;
}

long sim_file_write(struct sim_file *file, const void *from, size_t len)
{
	if (file->kind == SIM_FILE_SAVING)
		return -EBADF;
	return file->ops->write ? file->ops->write(file, from, len) : -EINVAL;
}

long sim_file_ioctl(struct sim_file *file, unsigned long request, uint64_t arg, struct sim_caller *caller)
{
	return file->ops->ioctl ? file->ops->ioctl(file, (uint32_t)request, arg, caller) : -ENOTTY;
}

short sim_file_poll(const struct sim_file *file)
{
	return file->ops->poll ? file->ops->poll(file) : POLLIN | POLLOUT;
}

void sim_file_on_ready(struct sim_file *file, void (*ready)(void *data), void *data)
{
	file->ready = ready;
	file->data = data;
}

uint64_t sim_file_size(const struct sim_file *file)
{
	return file->ops->size ? file->ops->size(file) : 0;
}

void sim_file_close(struct sim_file *file)
{
	file->ops->close(file);
}

void file_is_ready(const struct sim_file *file)
{
	if (file->ready)
		file->ready(file->data);
}
