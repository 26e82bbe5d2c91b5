/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test helpers share: strict arguments, one-line errors, exit 1 (failed) and 2 (usage). */
#ifndef TESTS_HELPERS_COMMON_H
#define TESTS_HELPERS_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libiommufd.h"

enum { FAILED = 1, USAGE = 2 };

#define die(code, ...)                                                  \
	do {                                                            \
		fprintf(stderr, "%s: ", program_invocation_short_name); \
		fprintf(stderr, __VA_ARGS__);                           \
		fputc('\n', stderr);                                    \
		exit(code);                                             \
	} while (0)

static inline const char *error_name(int error)
{
	const char *name = iommufd_error_name(error);

	return name ? name : "unknown errno";
}

/* Unsigned, decimal or 0x: no sign, no blanks, no octal, nothing behind it. */
static inline bool parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	uint64_t value;
	char *end;

	if (!*digits || digits[strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789")])
		return false;
	errno = 0;
	value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno || *end || value > max)
		return false;
	*ret = value;
	return true;
}

static inline uint64_t need_u64(const char *what, const char *text, uint64_t max)
{
	uint64_t value;

	if (!parse_u64(text, max, &value))
		die(USAGE, "%s: '%s' is no number up to %#llx", what, text,
		    (unsigned long long)max);
	return value;
}

static inline uint32_t need_id(const char *what, const char *text)
{
	return (uint32_t)need_u64(what, text, UINT32_MAX);
}

static inline int need_fd(const char *what, const char *text)
{
	int fd = (int)need_u64(what, text, INT32_MAX);

	if (fcntl(fd, F_GETFD) < 0)
		die(USAGE, "%s: fd %d is not open", what, fd);
	return fd;
}

static inline int need_iommufd(const char *text)
{
	int fd = need_fd("IOMMUFD_FD", text), rc = iommufd_check(fd);

	if (rc < 0)
		die(USAGE, "IOMMUFD_FD: fd %d is no iommufd (%s)", fd, error_name(rc));
	return fd;
}

static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static inline int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* It sorts them. */
static inline double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return values[n / 2];
}

/* Text that could not be written is a failure too. */
static inline int finish(void)
{
	if (fflush(stdout) || ferror(stdout))
		die(FAILED, "stdout: %s", error_name(errno));
	return 0;
}

#endif
