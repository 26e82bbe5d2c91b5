/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/files.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>


int files_init(struct files *files, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = files };

	*files = (struct files){ .epoll = epoll, .terminals = placeholder_find_terminals() };
	files->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (files->inotify < 0)
		return -errno;
	return epoll_ctl(epoll, EPOLL_CTL_ADD, files->inotify, &event) < 0 ? -errno : 0;
}

void files_fini(struct files *files)
{
	for (size_t i = 0; i < FILES_BUCKETS; i++)
		while (files->buckets[i])
			file_drop(files, files->buckets[i]);
	process_dirs_fini(&files->dirs);
	close(files->inotify);
	if (files->terminals >= 0)
		close(files->terminals);
}

static size_t bucket_of(ino_t ino)
{
	return ino % FILES_BUCKETS;
}

/* Devices tell files of sockets from those in memory, which are on two file systems. */
struct file *files_find(const struct files *files, const struct stat *st)
{
	struct file *file = files->buckets[bucket_of(st->st_ino)];

	while (file && (file->ino != st->st_ino || file->dev != st->st_dev))
		file = file->next;
	return file;
}

struct file *files_of_fd(struct files *files, pid_t tid, int fd)
{
	struct stat st;

	return fd >= 0 && process_stat_fd(&files->dirs, tid, fd, &st) == 0 ? files_find(files, &st) : NULL;
}

/*
 * The other end tells of itself. Memory had no watch before there were two open descriptions of it; ours
 * stays, so the close of the other one is seen, when its last fd and its last mapping are gone.
 */
static int watch(struct files *files, struct file *file, enum shape shape)
{
	/* EPOLLHUP comes unasked. */
	struct epoll_event event = { .events = shape == SHAPE_TERMINAL ? EPOLLIN : 0, .data.ptr = file };
	char path[40];

	if (shape != SHAPE_MEMORY)
		return epoll_ctl(files->epoll, EPOLL_CTL_ADD, file->fd, &event) < 0 ? -errno : 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	file->watch = inotify_add_watch(files->inotify, path, IN_CLOSE);
	return file->watch < 0 ? -errno : 0;
}

static void free_file(struct file *file, int inotify)
{
	if (file->watch >= 0)
		inotify_rm_watch(inotify, file->watch);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

static void insert(struct files *files, struct file *file, const struct stat *st)
{
	struct file **bucket = &files->buckets[bucket_of(st->st_ino)];

	file->dev = st->st_dev;
	file->ino = st->st_ino;
	file->next = *bucket;
	*bucket = file;
}

int file_open(struct files *files, enum file_kind kind, enum shape shape, const char *name, struct file **ret,
	      int *placeholder)
{
	struct file *file = malloc(sizeof(*file));
	struct stat st;
	int rc;

	if (!file)
		return -ENOMEM;
	*file = (struct file){ .kind = kind, .watch = -1 };
	rc = placeholder_make(shape, name, files->terminals, &file->fd, placeholder);
	if (rc < 0) {
		free(file);
		return rc;
	}
	rc = watch(files, file, shape);
	if (rc == 0 && fstat(*placeholder, &st) < 0)
		rc = -errno;
	if (rc < 0) {
		close(*placeholder);
		free_file(file, files->inotify);
		return rc;
	}
	insert(files, file, &st);
	*ret = file;
	return 0;
}

static bool is_moved(const struct file *file)
{
	return file->kind == FILE_MADE && file->made && sim_file_kind(file->made) != SIM_FILE_DMABUF;
}

static void close_in_model(struct file *file)
{
	if (file->kind == FILE_IOMMUFD && file->context)
		sim_context_close(file->context);
	else if (file->kind == FILE_CDEV && file->cdev)
		sim_cdev_close(file->cdev);
	else if (file->kind == FILE_MADE && file->made)
		sim_file_close(file->made);
}

void file_drop(struct files *files, struct file *file)
{
	struct file **at = &files->buckets[bucket_of(file->ino)];

	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	files->streams -= is_moved(file);
	files->doubtful -= file->doubtful;
	close_in_model(file);
	free_file(file, files->inotify);
}

static struct file *find_watch(const struct files *files, int watch)
{
	for (size_t i = 0; i < FILES_BUCKETS; i++)
		for (struct file *file = files->buckets[i]; file; file = file->next)
			if (file->watch == watch)
				return file;
	return NULL;
}

/* The kernel tells of a close before it drops the lock: in doubt, the next call asks again. */
static void drop_if_closed(struct files *files, struct file *file)
{
	if (!placeholder_is_open(file->fd)) {
		file_drop(files, file);
	} else if (!file->doubtful) {
		file->doubtful = true;
		files->doubtful++;
	}
}

static void ask_again(struct files *files)
{
	struct file *next;

	for (size_t i = 0; i < FILES_BUCKETS && files->doubtful; i++)
		for (struct file *file = files->buckets[i]; file; file = next) {
			next = file->next;
			if (file->doubtful)
				drop_if_closed(files, file);
		}
}

void files_reap(struct files *files)
{
	_Alignas(struct inotify_event) char buf[4096];
	ssize_t n;

	ask_again(files);
	while ((n = read(files->inotify, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + n;) {
			const struct inotify_event *event = (const struct inotify_event *)at;
			struct file *file = event->mask & IN_CLOSE ? find_watch(files, event->wd) : NULL;

			if (file)
				drop_if_closed(files, file);
			at += sizeof(*event) + event->len;
		}
}
