/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/made.h"
#include <errno.h>
#include <unistd.h>

static bool is_stream(enum sim_file_kind kind)
{
	return kind == SIM_FILE_SAVING || kind == SIM_FILE_RESUMING;
}

int made_open(struct files *files, const struct sim_file *made, struct file **file, int *placeholder)
{
	enum sim_file_kind kind = sim_file_kind(made);
	bool in_memory = is_stream(kind) || kind == SIM_FILE_DMABUF;
	int rc = file_open(files, FILE_MADE, in_memory ? SHAPE_MEMORY : SHAPE_TERMINAL, "sim", file, placeholder);

	if (rc == 0 && kind == SIM_FILE_DMABUF && ftruncate((*file)->fd, (off_t)sim_file_size(made)) < 0) {
		file_drop(files, *file);
		close(*placeholder);
		return -ENOMEM;
	}
	return rc;
}

/* All that a queue has; what a full terminal does not take is lost. */
static void give_records(struct file *file)
{
	char buf[4000];
	long n;

	while ((n = sim_file_read(file->made, buf, sizeof(buf))) > 0)
		if (write(file->fd, buf, (size_t)n) < n)
			break;
}

/* The model is in the middle of something: it is asked later. */
static void become_ready(void *data)
{
	((struct file *)data)->ready = true;
}

void made_begin(struct files *files, struct file *file, struct sim_file *made)
{
	file->made = made;
	files->streams += sim_file_kind(made) != SIM_FILE_DMABUF;
	if (!is_stream(sim_file_kind(made)))
		sim_file_on_ready(made, become_ready, file);
}

/* Callers read from the begin on, so that the end is where the next bytes go. */
static void give_bytes(struct file *file)
{
	char buf[4096];
	long n;

	while ((n = sim_file_read(file->made, buf, sizeof(buf))) > 0) {
		if (pwrite(file->fd, buf, (size_t)n, file->taken) < n)
			break;
		file->taken += n;
	}
}

static void take_bytes(struct file *file)
{
	char buf[4096];
	ssize_t n;

	while ((n = pread(file->fd, buf, sizeof(buf), file->taken)) > 0) {
		sim_file_write(file->made, buf, (size_t)n);
		file->taken += n;
	}
}

static void move_bytes(struct file *file)
{
	if (sim_file_kind(file->made) == SIM_FILE_SAVING)
		give_bytes(file);
	else if (sim_file_kind(file->made) == SIM_FILE_RESUMING)
		take_bytes(file);
	else if (file->ready)
		give_records(file);
	file->ready = false;
}

void made_move(struct files *files)
{
	for (size_t i = 0; i < FILES_BUCKETS && files->streams; i++)
		for (struct file *file = files->buckets[i]; file; file = file->next)
			if (file->kind == FILE_MADE && file->made)
				move_bytes(file);
}

void made_take_responses(struct file *file)
{
	char buf[4096];
	ssize_t n = read(file->fd, buf, sizeof(buf));

	if (n > 0)
		sim_file_write(file->made, buf, (size_t)n);
}
