/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in and out of files: all of them, or an errno. */
#ifndef CLI_UTIL_IO_H
#define CLI_UTIL_IO_H

#include <stddef.h>
#include <stdint.h>

/* Write all bytes. 0, or -errno. */
int write_all(int fd, const void *bytes, size_t len);
/* The same at an offset of a file. -ENOSPC where nothing more fits. */
int pwrite_all(int fd, const void *bytes, size_t len, uint64_t offset);
/* Read all bytes at an offset of a file. -EIO where it ends before. */
int pread_all(int fd, void *bytes, size_t len, uint64_t offset);
/* Copy what can be read of from, at most so many bytes, else -EFBIG. */
int copy_all(int from, int to, uint64_t most);

#endif
