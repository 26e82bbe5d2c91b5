/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/socket.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 10, LOCK_LIMIT_MS = 10000 };

static int check_directory(const struct output *output, const char *path, int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return msg_fail_errno(output, path, errno);
	if (st.st_uid != geteuid()) {
		msg_fail(output, path, "the directory belongs to another user (uid %u)",
			 (unsigned int)st.st_uid);
		msg_hint(output, "whoever owns it could take the sessions over: remove it");
		return EXIT_FAILED;
	}
	/* Claims lie in it, too, which others may read who walk through: sockets have modes of their own. */
	if (st.st_mode & 066) {
		msg_fail(output, path, "others can enter the directory (mode %03o)", st.st_mode & 0777);
		msg_hint(output, "chmod 700 %s", path);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/*
 * The directory, opened and checked for owner and mode; create: make it. *ret is -1 where it is not there,
 * which is no failure. An exit code, with its message.
 */
static int open_directory(const struct output *output, bool create, int *ret)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int rc = iommufd_session_dir(path, sizeof(path));

	if (rc < 0) {
		msg_fail(output, NULL, "there is no directory for sessions (%s)", iommufd_error_name(rc));
		msg_hint(output, "set XDG_RUNTIME_DIR, or be root");
		return EXIT_FAILED;
	}
	if (create && mkdir(path, 0700) < 0 && errno != EEXIST)
		return msg_fail_errno(output, path, errno);
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret < 0)
		return !create && errno == ENOENT ? EXIT_DONE : msg_fail_errno(output, path, errno);
	rc = check_directory(output, path, *ret);
	if (rc)
		close(*ret);
	return rc;
}

int session_fail_busy(const struct output *output, const char *name)
{
	msg_fail(output, name, "the session accepts no connections (ETIMEDOUT)");
	msg_hint(output, "is its process stopped? 'ps -o pid,stat,args -C iommufdctl' shows a T then");
	return EXIT_FAILED;
}

/* What lies where the socket will be: nothing, or the socket of a session that ended. */
static int clear_stale(const struct output *output, int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? EXIT_DONE : msg_fail_errno(output, name, errno);
	rc = fstat(fd, &st);
	close(fd);
	if (rc < 0)
		return msg_fail_errno(output, name, errno);
	if (!S_ISSOCK(st.st_mode))
		return msg_fail(output, name, "what lies in the place of the session's socket is no socket");
	if (iommufd_session_connect(name, &fd) == 0) {
		close(fd);
		msg_fail(output, name, "the session is running");
		msg_hint(output, PROGRAM " session show %s", name);
		return EXIT_FAILED;
	}
	if (errno == ETIMEDOUT)
		return session_fail_busy(output, name);
	if (errno != ECONNREFUSED)
		return msg_fail_errno(output, name, errno);
	return unlinkat(dir, name, 0) < 0 ? msg_fail_errno(output, name, errno) : EXIT_DONE;
}

static int bind_socket(const struct output *output, int dir, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool bound;

	/* Through the directory that was checked, whatever its path leads to by now. */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir, name);
	if (fd < 0)
		return msg_fail_errno(output, name, errno), -1;
	umask(0177);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	if (bound && listen(fd, SESSION_BACKLOG) == 0)
		return fd;
	msg_fail_errno(output, name, errno);
	if (bound)
		unlinkat(dir, name, 0);
	close(fd);
	return -1;
}

/* The lock is on the directory itself, and ends with its fd: two starts cannot meet. */
static int lock_directory(const struct output *output, int dir, const char *name)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };

	for (int waited = 0; flock(dir, LOCK_EX | LOCK_NB) < 0; waited += PAUSE_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return msg_fail_errno(output, name, errno);
		if (waited >= LOCK_LIMIT_MS)
			return msg_fail(output, name, "another 'session start' has kept the directory of "
					"sessions locked for %d s (ETIMEDOUT)", LOCK_LIMIT_MS / 1000);
		nanosleep(&pause, NULL);
	}
	return EXIT_DONE;
}

int session_listen(const struct output *output, const char *name)
{
	int dir, fd = -1;

	if (open_directory(output, true, &dir) != EXIT_DONE)
		return -1;
	if ((lock_directory(output, dir, name) ?: clear_stale(output, dir, name)) == EXIT_DONE)
		fd = bind_socket(output, dir, name);
	close(dir);
	return fd;
}

/* An O_PATH fd of the directory, or -1. */
static int directory_path(void)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	if (iommufd_session_dir(path, sizeof(path)) < 0)
		return -1;
	return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void session_unlink(const char *name)
{
	int dir = directory_path();

	if (dir < 0)
		return;
	unlinkat(dir, name, 0);
	close(dir);
}

bool session_lost_socket(const char *name)
{
	int dir = directory_path();
	struct stat st;
	bool lost = dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0;
	int error = lost ? errno : 0;

	if (dir >= 0)
		close(dir);
	return error == ENOENT;
}

/* Who answers. -errno: nobody knows. */
static int ask_who(const char *name, struct session_entry *ret)
{
	struct ucred peer;
	int fd, rc = iommufd_session_connect(name, &fd);

	if (is_shortage(rc))
		return rc;
	ret->state = rc == 0 ? SESSION_RUNNING : rc == -ETIMEDOUT ? SESSION_BUSY : SESSION_DEAD;
	ret->pid = 0;
	if (rc < 0)
		return 0;
	if (session_peer(fd, &peer))
		ret->pid = peer.pid;
	close(fd);
	return 0;
}

static int add_session(struct session_list *list, const char *name)
{
	struct session_entry *grown = reallocarray(list->items, list->count + 1, sizeof(*grown));
	int rc;

	if (!grown)
		return -ENOMEM;
	list->items = grown;
	rc = ask_who(name, &grown[list->count]);
	if (rc == 0)
		strcpy(grown[list->count++].name, name);
	return rc;
}

/* 0, -errno, or an exit code with its message. */
static int find_all(const struct output *output, struct session_list *list)
{
	int fd, rc = open_directory(output, false, &fd);
	struct dirent *entry;
	DIR *dir;

	if (rc || fd < 0)
		return rc;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (rc == 0 && (errno = 0, entry = readdir(dir)))
		if (iommufd_session_name_is_valid(entry->d_name))
			rc = add_session(list, entry->d_name);
	if (rc == 0)
		rc = -errno; /* 0 at the end of the directory */
	closedir(dir);
	return rc;
}

int session_find_all(const struct output *output, struct session_list *ret)
{
	int rc;

	*ret = (struct session_list){ 0 };
	rc = find_all(output, ret);
	return rc < 0 ? msg_fail_errno(output, NULL, rc) : rc;
}

bool session_hint_running(const struct output *output, const char *what)
{
	struct session_list list = { 0 };
	struct buffer names = { .fd = -1 };
	bool any = false, known = session_find_all(output, &list) == EXIT_DONE;

	if (known) {
		for (size_t i = 0; i < list.count; i++)
			if (list.items[i].state != SESSION_DEAD) {
				buf_str(&names, names.len ? ", " : "");
				buf_str(&names, list.items[i].name);
			}
		any = names.len > 0;
		buf_char(&names, '\0');
		if (any && !names.error)
			msg_hint(output, "%s: %s", what, names.buf);
	}
	free(names.buf);
	free(list.items);
	return any || !known;
}
