/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/process.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

uint64_t process_start(pid_t pid)
{
	char path[32], text[1024];
	const char *behind_name;
	unsigned long long start = 0;
	char state = 'Z';
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	behind_name = strrchr(text, ')'); /* the name may hold anything */
	if (!behind_name ||
	    sscanf(behind_name + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &state, &start) != 2)
		return 0;
	return state == 'Z' || state == 'X' ? 0 : start;
}
