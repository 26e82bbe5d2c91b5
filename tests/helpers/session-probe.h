/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session as it is seen from outside; connections and run() are its user's. */
#ifndef TESTS_SESSION_PROBE_H
#define TESTS_SESSION_PROBE_H

#include <sys/resource.h>

/* Of this process: many clients, many fds. */
static inline void raise_fd_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* --- the holder, seen from outside -------------------------------------------------------------------- */

static inline pid_t find_holder(void)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd = connect_session();

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		die(FAILED, "SO_PEERCRED: %s", error_name(errno));
	close(fd);
	return peer.pid;
}

static inline size_t count_fds(void)
{
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)holder);
	dir = opendir(path);
	if (!dir)
		die(FAILED, "%s: %s", path, error_name(errno));
	for (struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* What is counted, when it has been the same for ten times. */
static inline size_t settled(size_t (*count)(void), unsigned int pause_ms)
{
	size_t n = count();

	for (int same = 0; same < 10; same++) {
		size_t again;

		sleep_ms(pause_ms);
		again = count();
		if (again != n)
			same = 0;
		n = again;
	}
	return n;
}

/* Without clients, once the holder has seen that the last ones are gone. */
static inline size_t idle_fds(void)
{
	return settled(count_fds, 20);
}

/* The clients are gone, but the holder may not have seen all of that yet. */
static inline size_t settled_fds(size_t expected)
{
	size_t n = 0;

	for (int i = 0; i < SETTLE_MS / 20; i++) {
		n = count_fds();
		if (n <= expected)
			break;
		sleep_ms(20);
	}
	return n;
}

static inline size_t rss(void)
{
	char path[64], line[256];
	size_t kb = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)holder);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmRSS: %zu", &kb) == 1)
			break;
	if (file)
		fclose(file);
	if (!kb)
		die(FAILED, "%s: no VmRSS", path);
	return kb;
}

/* --- the session and the kernel ------------------------------------------------------------------------ */

static inline size_t shown_ids(int fd, uint8_t *ids, size_t room)
{
	static const char *const words[] = { "show" };
	struct iommufd_session_reply reply;
	char *text, *at, *end;
	size_t max = 0;
	unsigned int id;

	if (iommufd_session_run(fd, IOMMUFD_SESSION_JSON, 1, words, NULL, 0, &reply) < 0 || reply.code)
		die(FAILED, "show: it failed");
	text = strndup(reply.out, reply.out_len);
	iommufd_session_reply_free(&reply);
	at = strstr(text, "\"ioas\":[");
	if (!at)
		at = strstr(text, "\"ioas\": [");
	if (!at)
		die(FAILED, "show: no IOASes in it");
	end = strchr(at, ']');
	while ((at = strstr(at, "\"id\":")) && at < end) {
		at += strlen("\"id\":");
		id = (unsigned int)strtoul(at, NULL, 10);
		if (id >= room)
			die(FAILED, "IOAS %u is beyond what this program counts", id);
		ids[id] = 1;
		max = id > max ? id : max;
	}
	free(text);
	return max;
}

enum { MAX_ID = 1 << 20, BEYOND = 1024 };

static inline int take_iommufd(int fd)
{
	static const char *const words[] = { "session", "take", "iommufd" };
	struct iommufd_session_reply reply;

	if (iommufd_session_run(fd, 0, 3, words, NULL, 0, &reply) < 0 || reply.code || reply.n_fds != 1)
		die(FAILED, "session take iommufd: it failed");
	iommufd_session_reply_free(&reply);
	return reply.fds[0];
}

/* How many IOASes there are, the same in the session and in the kernel. */
static inline size_t verify(void)
{
	uint8_t *ids = calloc(MAX_ID, 1);
	int fd = connect_session(), iommufd = take_iommufd(fd);
	size_t max = ids ? shown_ids(fd, ids, MAX_ID - BEYOND) : 0, count = 0, wrong = 0;
	uint64_t value;

	for (uint32_t id = 1; id <= max + BEYOND; id++) {
		bool there = iommufd_option_get(iommufd, IOMMUFD_HUGE_PAGES, id, &value) == 0;

		count += there;
		if (there != (bool)ids[id]) {
			fprintf(stderr, "IOAS %u: %s the session, %s the kernel\n", id,
				ids[id] ? "in" : "not in", there ? "in" : "not in");
			wrong++;
		}
	}
	close(iommufd);
	close(fd);
	free(ids);
	if (wrong)
		die(FAILED, "the session and the kernel differ in %zu IOASes", wrong);
	return count;
}

static inline void destroy_all(void)
{
	uint8_t *ids = calloc(MAX_ID, 1);
	int fd = connect_session();
	size_t max = shown_ids(fd, ids, MAX_ID);
	char word[24];

	for (size_t id = 1; id <= max; id++)
		if (ids[id]) {
			snprintf(word, sizeof(word), "%zu", id);
			DO(fd, "destroy", word);
		}
	close(fd);
	free(ids);
}

#endif
