/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a process that runs a sequence: at the same addresses each time, with the same bytes. */
#ifndef TRUTH_MEMORY_H
#define TRUTH_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define MEMORY_BASE 0x200000000000ULL

enum { MEMORY_PAGE = 4096, MEMORY_FILES = 8 };

#define RAM_AT MEMORY_BASE /* read and write; nothing lies behind any of these */
#define RAM_LEN 0x80000ULL
#define READ_ONLY_AT (MEMORY_BASE + 0x1000000)
#define NO_ACCESS_AT (MEMORY_BASE + 0x1100000)
#define FLEETING_AT (MEMORY_BASE + 0x1200000)	    /* what munmap and mmap take and give */
#define SMALL_LEN 0x10000ULL			    /* of these three */
#define FILES_AT (MEMORY_BASE + 0x1400000)	    /* where memfds are mapped, one behind the other */
#define FILE_LEN 0x100000ULL			    /* at most, of each */
#define ARGS_AT (MEMORY_BASE + 0x2000000)	    /* a page for the structs of ioctls */
#define ARGS_READ_ONLY_AT (MEMORY_BASE + 0x2010000) /* the same page */
#define DATA_AT (MEMORY_BASE + 0x2100000)
#define DATA_LEN 0x2000ULL

/* All that is mapped; they end the process where that cannot be done. */
void memory_start(void);
/* As at the start; the files are gone. */
void memory_reset(void);
void memory_unmap_fleeting(void);
void memory_map_fleeting(void);
/* A new memfd of so many bytes, which is mapped at FILES_AT: its fd, or -errno. */
int memory_file(uint64_t len, void **mapped);
/* How many of the bytes there can be read, or written to, before the first one that cannot. */
uint64_t memory_reach(uint64_t address, uint64_t len, bool write);
/* Of all bytes that a device could have written. */
uint64_t memory_hash(void);

#endif
