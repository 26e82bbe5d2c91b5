/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, links and directories below /sys, /proc, /dev and /. Nothing in this folder prints or writes.
 * Verbs on contexts read nothing of it while they succeed: only when something is to be explained. What
 * cannot be read is no fact.
 */
#ifndef CLI_MACHINE_FILES_H
#define CLI_MACHINE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum machine_root {
	IN_SYS,
	IN_PROC,
	IN_DEV,
	IN_ROOT, /* all else: /etc, /usr/lib */
};

/* The path of something below it, for those who write there. 0, or -ENAMETOOLONG. */
__attribute__((format(printf, 4, 5)))
int machine_path(enum machine_root root, char *buf, size_t len, const char *format, ...);

/* What a file begins with, as text without the newline at its end. 0, or -errno: *buf is empty then. */
__attribute__((format(printf, 4, 5)))
int machine_read(enum machine_root root, char *buf, size_t len, const char *format, ...);
/* The bytes that a file begins with: how many, or -errno. */
__attribute__((format(printf, 4, 5)))
ssize_t machine_read_bytes(enum machine_root root, void *buf, size_t len, const char *format, ...);
/* All of it, however long, to be freed; at most 64 MiB (-EFBIG). 0, or -errno: *ret is NULL then. */
__attribute__((format(printf, 3, 4)))
int machine_read_all(enum machine_root root, char **ret, const char *format, ...);
/* What a link says, or the last part of it. 0, or -errno: *buf is empty then. */
__attribute__((format(printf, 4, 5)))
int machine_link(enum machine_root root, char *buf, size_t len, const char *format, ...);
__attribute__((format(printf, 4, 5)))
int machine_link_name(enum machine_root root, char *buf, size_t len, const char *format, ...);
/*
 * The directory that a link of /sys leads to, "devices/pci0000:00/0000:00:04.0". -ENXIO: it leads to none of a
 * device.
 */
__attribute__((format(printf, 3, 4)))
int machine_link_directory(char *buf, size_t len, const char *format, ...);
/* Is it there? 1, 0, or -errno: nobody knows. has: for facts that count only where they are known. */
__attribute__((format(printf, 2, 3))) int machine_asks(enum machine_root root, const char *format, ...);
#define machine_has(...) (machine_asks(__VA_ARGS__) == 1)

/* What it is, where links lead to. 0, or -errno. */
struct stat;
__attribute__((format(printf, 3, 4)))
int machine_stat(enum machine_root root, struct stat *ret, const char *format, ...);

/* Does text of at most 80 bytes stand in a file? 1, 0, or -errno. */
__attribute__((format(printf, 3, 4)))
int machine_find(enum machine_root root, const char *text, const char *format, ...);

/* Call fn for each entry of a directory until it says false. 0, or -errno. */
typedef bool machine_entry_fn(void *arg, const char *name);
int machine_each(enum machine_root root, const char *path, machine_entry_fn *fn, void *arg);
/* The same for directories alone, links to them left out. */
int machine_each_directory(enum machine_root root, const char *path, machine_entry_fn *fn, void *arg);

/*
 * Open the node of a disk for oneself alone, and close it. -EBUSY: the kernel has it in use, with a file
 * system, a volume, a pool. 0, or -errno; -ESTALE: the node has other numbers than rdev.
 */
int machine_try_disk(const char *name, dev_t rdev);

#endif
