// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * truth real|KERNEL SEED STEPS [MEMLOCK]: random calls, the same for the same seed, on this machine's kernel
 * or on the model as KERNEL; a line for each. Run it on both, and compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "steps.h"

enum { PAGE_SIZE = 4096 };

static bool map_arena(void)
{
	unsigned char *arena = mmap((void *)ARENA, ARENA_MISSING * PAGE_SIZE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);

	if (arena != (void *)ARENA)
		return false;
	madvise(arena, ARENA_MISSING * PAGE_SIZE, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < ARENA_READ_ONLY * (size_t)PAGE_SIZE; i++)
		arena[i] = (unsigned char)(i / PAGE_SIZE * 7 + i);
	return mprotect(arena + ARENA_READ_ONLY * PAGE_SIZE, (ARENA_MISSING - ARENA_READ_ONLY) * PAGE_SIZE,
			PROT_READ) == 0;
}

int main(int argc, char **argv)
{
	struct steps steps = { 0 };
	unsigned long n, memlock = argc > 4 ? strtoul(argv[4], NULL, 0) : 0;

	if (argc < 4) {
		fprintf(stderr, "usage: truth real|KERNEL SEED STEPS [MEMLOCK-PAGES]\n");
		return 2;
	}
	if (!map_arena()) {
		perror("truth: arena");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0); /* what was done is told, whatever comes of it */
	steps.seed = (uint32_t)strtoul(argv[2], NULL, 0) * 2654435761u + 1;
	n = strtoul(argv[3], NULL, 0);
	steps.side = strcmp(argv[1], "real") == 0 ? side_real(memlock) : side_model(argv[1], memlock);
	if (!steps.side)
		return 2;
	steps_begin(&steps);
	while (n--)
		step(&steps);
	steps_end(&steps);
	return 0;
}
