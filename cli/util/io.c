/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/io.h"
#include <errno.h>
#include <unistd.h>

int write_all(int fd, const void *bytes, size_t len)
{
	const char *from = bytes;

	while (len) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		from += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int pwrite_all(int fd, const void *bytes, size_t len, uint64_t offset)
{
	const char *from = bytes;

	while (len) {
		ssize_t n = pwrite(fd, from, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		from += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int pread_all(int fd, void *bytes, size_t len, uint64_t offset)
{
	char *to = bytes;

	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		to += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int copy_all(int from, int to, uint64_t most)
{
	char chunk[16384];
	uint64_t sum = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = read(from, chunk, sizeof(chunk))) != 0) {
		sum += n > 0 ? (uint64_t)n : 0;
		if (n < 0)
			rc = errno == EINTR ? 0 : -errno;
		else
			rc = sum > most ? -EFBIG : write_all(to, chunk, (size_t)n);
	}
	return rc;
}
