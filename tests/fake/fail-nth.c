/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run of fail-nth.h does: count, and let one allocation fail. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail-nth.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t read(int fd, void *buf, size_t n);
EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
EXPORT ssize_t write(int fd, const void *buf, size_t n);
EXPORT int close(int fd);
EXPORT int execvp(const char *file, char *const argv[]);
EXPORT int execv(const char *path, char *const argv[]);
EXPORT pid_t fork(void);
EXPORT void *malloc(size_t size);
EXPORT void *calloc(size_t n, size_t size);
EXPORT void *realloc(void *old, size_t size);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
pid_t __fork(void);
int __close(int fd);
ssize_t __write(int fd, const void *buf, size_t n);

static unsigned long heap; /* how many are to come until one fails, 0: none does */
static int control, fds;
static pid_t counting; /* who does; 0: nobody */
static bool in_child;

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The kernel's number, not by stdio, which may allocate and would count as the tool. */
static void set_kernel_nth(unsigned long n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lu", n);

	if (__write(control, text, (size_t)len) < 0)
		abort();
}

static void begin(void)
{
	const char *task = getenv("FAIL_TASK");

	fds = count_fds();
	counting = getpid();
	control = open(task ? task : "/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		abort();
	if (kind == KERNEL)
		set_kernel_nth(nth);
	else
		heap = nth;
}

/* The kernel's number counts down to the 0 of the one that failed. */
static void end(void)
{
	char left[32] = "";

	if (counting != getpid())
		return;
	counting = 0; /* what follows is no longer the tool's */
	if (pread(control, left, sizeof(left) - 1, 0) < 0)
		abort();
	set_kernel_nth(0);
	if (nth && kind == KERNEL)
		report->reached = atoi(left) == 0;
	close(control);
	report->more_fds = count_fds() - fds;
}

size_t line_length(const char *line)
{
	size_t len = strcspn(line, "\n");

	return len + (line[len] == '\n');
}

bool is_mark(const char *line)
{
	return strncmp(line, "# fail\n", 7) == 0;
}

/* A line of the batch for each read(), and with the comment the one behind it: the next read() ends it. */
EXPORT ssize_t read(int fd, void *buf, size_t n)
{
	static const char *line = batch;
	size_t len;
	bool mark;

	if (fd != STDIN_FILENO || !*batch)
		return syscall(SYS_read, fd, buf, n);
	end();
	len = line_length(line);
	mark = is_mark(line);
	if (mark && !left_out)
		len += line_length(line + len);
	memcpy(buf, line, len);
	line += len;
	if (mark && left_out)
		line += strcspn(line, "\n"); /* what is left of it is an empty line */
	else if (mark)
		begin();
	return (ssize_t)len;
}

/* The same, where the compiler knows how much room there is. */
EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	if (n > room)
		abort();
	return read(fd, buf, n);
}

/* What fails behind the point of no return kills the process, whatever it is. */
EXPORT int execvp(const char *file, char *const argv[])
{
	end();
	return execvpe(file, argv, environ);
}

EXPORT int execv(const char *path, char *const argv[])
{
	end();
	return execve(path, argv, environ);
}

__attribute__((destructor)) static void end_of_run(void)
{
	end();
}

static bool fails(void)
{
	if (!heap || counting != getpid() || --heap)
		return false;
	report->reached = true;
	errno = ENOMEM;
	return true;
}

/* A holder closes what is above the pipe to its parent: control takes a number below that. */
static pid_t fork_and_begin(void)
{
	pid_t child = __fork();

	if (child == 0) {
		begin();
		control = dup2(control, out[0]);
	}
	return child;
}

EXPORT int close(int fd)
{
	return counting == getpid() && fd == control ? 0 : __close(fd);
}

EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
	if (in_child && n == 1)
		end();
	return __write(fd, buf, n);
}

/* As one allocation: where the kernel has no memory for a stack, it tells that in its log, with a trace. */
EXPORT pid_t fork(void)
{
	char left[32] = "";
	pid_t child;

	if (fails())
		return -1;
	if (in_child)
		return fork_and_begin();
	if (counting != getpid() || kind != KERNEL)
		return __fork();
	if (pread(control, left, sizeof(left) - 1, 0) < 0)
		abort();
	set_kernel_nth(0);
	child = __fork();
	if (child)
		set_kernel_nth(strtoul(left, NULL, 10));
	return child;
}

EXPORT void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

EXPORT void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void begin_run(void)
{
	in_child = getenv("FAIL_CHILD");
	if (!*batch && !in_child)
		begin();
}
