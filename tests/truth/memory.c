/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

/* Where the next memfd is mapped. */
static unsigned int n_files;
static uint64_t file_len[MEMORY_FILES];
static bool fleeting;

static void *at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static void map(uint64_t address, uint64_t len, int prot, int flags, int fd)
{
	if (mmap(at(address), len, prot, flags | MAP_FIXED, fd, 0) == at(address))
		return;
	perror("truth: memory");
	exit(2);
}

/* Bytes that tell where they are. */
static void fill(uint64_t address, uint64_t len)
{
	uint64_t *word = at(address);

	for (uint64_t i = 0; i < len / 8; i++)
		word[i] = (address + i * 8) * 0x9e3779b97f4a7c15;
}

void memory_map_fleeting(void)
{
	map(FLEETING_AT, SMALL_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(FLEETING_AT, SMALL_LEN);
	fleeting = true;
}

void memory_unmap_fleeting(void)
{
	munmap(at(FLEETING_AT), SMALL_LEN);
	fleeting = false;
}

void memory_start(void)
{
	int args = memfd_create("args", MFD_CLOEXEC);

	if (args < 0 || ftruncate(args, MEMORY_PAGE) < 0) {
		perror("truth: memfd_create");
		exit(2);
	}
	map(ARGS_AT, MEMORY_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, args);
	map(ARGS_READ_ONLY_AT, MEMORY_PAGE, PROT_READ, MAP_SHARED, args);
	close(args);
	map(DATA_AT, DATA_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map(NO_ACCESS_AT, SMALL_LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memory_reset();
}

void memory_reset(void)
{
	/* Anew each time: what was pinned of the last one is no part of it. */
	map(RAM_AT, RAM_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(RAM_AT, RAM_LEN);
	map(READ_ONLY_AT, SMALL_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(READ_ONLY_AT, SMALL_LEN);
	mprotect(at(READ_ONLY_AT), SMALL_LEN, PROT_READ);
	memory_map_fleeting();
	munmap(at(FILES_AT), MEMORY_FILES * FILE_LEN);
	n_files = 0;
}

int memory_file(uint64_t len, void **mapped)
{
	uint64_t where = FILES_AT + n_files * FILE_LEN;
	int fd;

	if (n_files == MEMORY_FILES || len > FILE_LEN)
		return -ENFILE;
	fd = memfd_create("truth", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)len) < 0)
		return -errno;
	*mapped = at(where);
	file_len[n_files++] = len;
	if (len == 0)
		return fd;
	map(where, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	fill(where, len);
	return fd;
}

/* Where the area ends in which this address is; or the address, where it is in none. */
static uint64_t area_end(uint64_t address, bool write)
{
	const struct {
		uint64_t start, len;
		bool read_only;
	} areas[] = {
		{ RAM_AT, RAM_LEN, false },	 { READ_ONLY_AT, SMALL_LEN, true },
		{ ARGS_AT, MEMORY_PAGE, false }, { ARGS_READ_ONLY_AT, MEMORY_PAGE, true },
		{ DATA_AT, DATA_LEN, false },	 { FLEETING_AT, fleeting ? SMALL_LEN : 0, false },
	};

	for (unsigned int i = 0; i < sizeof(areas) / sizeof(*areas); i++)
		if (address - areas[i].start < areas[i].len)
			return areas[i].read_only && write ? address : areas[i].start + areas[i].len;
	for (unsigned int i = 0; i < n_files; i++) {
		uint64_t start = FILES_AT + i * FILE_LEN,
			 len = (file_len[i] + MEMORY_PAGE - 1) & ~(MEMORY_PAGE - 1ULL);

		if (address - start < len)
			return start + len;
	}
	return address;
}

uint64_t memory_reach(uint64_t address, uint64_t len, bool write)
{
	uint64_t done = 0, end;

	while (done < len && (end = area_end(address + done, write)) > address + done)
		done = end - address;
	return done < len ? done : len;
}

static uint64_t hash_of(uint64_t address, uint64_t len, uint64_t hash)
{
	const uint64_t *word = at(address);

	for (uint64_t i = 0; i < len / 8; i++)
		hash = (hash ^ word[i]) * 0x100000001b3;
	return hash;
}

uint64_t memory_hash(void)
{
	uint64_t hash = hash_of(RAM_AT, RAM_LEN, 0xcbf29ce484222325);

	for (unsigned int i = 0; i < n_files; i++)
		hash = hash_of(FILES_AT + i * FILE_LEN, file_len[i], hash);
	return hash;
}
