/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/process.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/missing.h"

/* What a file of it holds; empty where there is none. */
static void read_file(pid_t pid, const char *file, char *text, size_t size)
{
	char path[32];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
}

uint64_t process_start(pid_t pid)
{
	char text[1024];
	const char *behind_name;
	unsigned long long start = 0;
	char state = 'Z';

	read_file(pid, "stat", text, sizeof(text));
	behind_name = strrchr(text, ')'); /* the name may hold anything */
	if (!behind_name ||
	    sscanf(behind_name + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &state, &start) != 2)
		return 0;
	return state == 'Z' || state == 'X' ? 0 : start;
}

void process_name(pid_t pid, char name[PROCESS_NAME])
{
	read_file(pid, "comm", name, PROCESS_NAME);
	if (!*name)
		strcpy(name, "?");
	name[strcspn(name, "\n")] = '\0';
}

uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool process_may_lock(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return missing_capget(&header, data) == 0 && data[0].effective & 1U << CAP_IPC_LOCK;
}
