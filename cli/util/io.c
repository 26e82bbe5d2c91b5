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

enum direction { FROM_FILE, TO_FILE };

/* at_end: what it means that nothing more can be read or written. */
static int transfer_all(enum direction direction, int fd, char *at, size_t len, uint64_t offset, int at_end)
{
	while (len) {
		ssize_t n = direction == TO_FILE ? pwrite(fd, at, len, (off_t)offset)
						 : pread(fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : at_end;
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int pwrite_all(int fd, const void *bytes, size_t len, uint64_t offset)
{
	return transfer_all(TO_FILE, fd, (char *)bytes, len, offset, -ENOSPC);
}

int pread_all(int fd, void *bytes, size_t len, uint64_t offset)
{
	return transfer_all(FROM_FILE, fd, bytes, len, offset, -EIO);
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
