/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies behind the fds that ioctls return. To be embedded in what it belongs to. */
#ifndef IOMMUFD_SIM_FILE_H
#define IOMMUFD_SIM_FILE_H

#include "model.h"

/* NULL: the file cannot do that. */
struct file_ops {
	long (*read)(struct sim_file *file, void *to, size_t len);
	long (*write)(struct sim_file *file, const void *from, size_t len);
	long (*ioctl)(struct sim_file *file, unsigned long request, uint64_t arg, struct sim_caller *caller);
	short (*poll)(const struct sim_file *file);
	uint64_t (*size)(const struct sim_file *file);
	void (*close)(struct sim_file *file);
};

struct sim_file {
	enum sim_file_kind kind;
	const struct file_ops *ops;
	void (*ready)(void *data);
	void *data;
};

/* There is something to read: called without the lock iova. */
void file_is_ready(const struct sim_file *file);

#endif
