/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping in a batch against a C loop of the same ioctls, in turns.
 *
 *   map-loop TOOL DEV RUNS
 *
 * Both work on one IOAS and one memory, those of the batch: where its pages lie decides what mapping them
 * costs. So the batch is given its lines by a pipe, and its iommufd and memfd are borrowed from it. The
 * device is attached, so mapping pins pages and fills the IOMMU's table.
 * Prints the 25th percentile of the nanoseconds that one map with its unmap takes.
 */
#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../helpers/common.h"

enum { IOAS = 1, MAX_RUNS = 10000, MEMORY = 8 << 20, PAGE = 4096 };

static const uint64_t base = 1ULL << 32;
static const unsigned int flags = IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ | IOMMUFD_MAP_WRITE;

struct size {
	const char *name;
	uint64_t piece;
	unsigned int pieces, rounds;
};

static const struct size sizes[] = {
	{ "2M", 2 << 20, 4, 8 },
	{ "4K", 4096, 256, 1 },
};

struct batch {
	pid_t pid;
	FILE *to, *from;
	int iommufd, memfd;
	char *map; /* the memory, where the kernel has no IOAS_MAP_FILE */
};

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void need(int rc, const char *what)
{
	if (rc < 0)
		die(FAILED, "%s: %s", what, error_name(rc));
}

/* --- the batch --------------------------------------------------------------------------------- */

static void start(struct batch *batch, char *tool)
{
	char verb[] = "batch", standard_input[] = "-";
	char *argv[] = { tool, verb, standard_input, NULL };
	posix_spawn_file_actions_t actions;
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		die(FAILED, "pipe: %m");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	if (posix_spawn(&batch->pid, tool, &actions, NULL, argv, environ))
		die(FAILED, "%s cannot be run", tool);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	batch->to = fdopen(to[1], "w");
	batch->from = fdopen(from[0], "r");
	/* All lines of a block in one write. */
	if (!batch->to || !batch->from || setvbuf(batch->to, NULL, _IOFBF, 65536))
		die(FAILED, "no memory");
}

/* Send what has been written, wait for so many lines of answers. */
static void await(struct batch *batch, unsigned int lines)
{
	char line[256];

	if (fflush(batch->to))
		die(FAILED, "the batch does not listen: %m");
	while (lines--)
		if (!fgets(line, sizeof(line), batch->from))
			die(FAILED, "the batch has ended");
}

/* A copy of the batch's fd of that name. */
static int borrow(const struct batch *batch, const char *name)
{
	char path[64], target[128];
	struct dirent *entry;
	int pidfd, fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)batch->pid);
	dir = opendir(path);
	pidfd = (int)syscall(SYS_pidfd_open, batch->pid, 0);
	while (dir && pidfd >= 0 && fd < 0 && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = '\0';
		if (strncmp(target, name, strlen(name)) == 0)
			fd = (int)syscall(SYS_pidfd_getfd, pidfd, atoi(entry->d_name), 0);
	}
	if (fd < 0)
		die(FAILED, "%s of the batch: %m", name);
	closedir(dir);
	close(pidfd);
	return fd;
}

static void prepare(struct batch *batch, const char *device)
{
	fprintf(batch->to,
		"ioas alloc\n"
		"mem create memory %d\n"
		"bind %s --name device\n"
		"attach device %d\n",
		MEMORY, device, IOAS);
	await(batch, 3);
	batch->iommufd = borrow(batch, "/dev/iommu");
	batch->memfd = borrow(batch, "/memfd:memory");
}

/* Ends with a line that answers: an unmap does not. */
static uint64_t run_batch(struct batch *batch, const struct size *size)
{
	uint64_t begin;

	for (unsigned int round = 0; round < size->rounds; round++) {
		for (unsigned int i = 0; i < size->pieces; i++)
			fprintf(batch->to, "ioas map %d memory --iova %#llx --offset %llu --length %llu\n",
				IOAS, (unsigned long long)(base + i * size->piece),
				(unsigned long long)(i * size->piece), (unsigned long long)size->piece);
		for (unsigned int i = 0; i < size->pieces; i++)
			fprintf(batch->to, "ioas unmap %d %#llx %llu\n", IOAS,
				(unsigned long long)(base + i * size->piece),
				(unsigned long long)size->piece);
	}
	fputs("mem list\n", batch->to);
	begin = nanoseconds();
	await(batch, size->rounds * size->pieces + 2);
	return nanoseconds() - begin;
}

/* --- the loop ------------------------------------------------------------------------------------ */

static int map(const struct batch *batch, uint64_t offset, uint64_t length)
{
	uint64_t iova = base + offset;

	if (batch->map)
		return iommufd_ioas_map(batch->iommufd, IOAS, flags, batch->map + offset, length, &iova);
	return iommufd_ioas_map_file(batch->iommufd, IOAS, flags, batch->memfd, offset, length, &iova);
}

static void unmap(const struct batch *batch, uint64_t offset, uint64_t length)
{
	need(iommufd_ioas_unmap(batch->iommufd, IOAS, base + offset, length, NULL), "unmap");
}

/* As the tool does it: IOAS_MAP_FILE, or the memory as a part of this process. */
static void choose(struct batch *batch)
{
	int rc = map(batch, 0, PAGE);

	if (rc == 0) {
		unmap(batch, 0, PAGE);
		return;
	}
	if (rc != -ENOTTY)
		need(rc, "map");
	batch->map = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, batch->memfd, 0);
	if (batch->map == MAP_FAILED)
		die(FAILED, "mmap: %m");
}

static uint64_t run_loop(const struct batch *batch, const struct size *size)
{
	uint64_t begin = nanoseconds();

	for (unsigned int round = 0; round < size->rounds; round++) {
		for (unsigned int i = 0; i < size->pieces; i++)
			need(map(batch, i * size->piece, size->piece), "map");
		for (unsigned int i = 0; i < size->pieces; i++)
			unmap(batch, i * size->piece, size->piece);
	}
	return nanoseconds() - begin;
}

/* --- both ------------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print(const struct size *size, const char *what, uint64_t *times, unsigned int runs)
{
	qsort(times, runs, sizeof(*times), compare);
	printf("map_%s_%s %llu\n", size->name, what,
	       (unsigned long long)(times[runs / 4] / (size->pieces * size->rounds)));
}

static void measure(struct batch *batch, const struct size *size, unsigned int runs)
{
	static uint64_t lines[MAX_RUNS], loops[MAX_RUNS];

	/* The first time brings the memory in. */
	run_batch(batch, size);
	run_loop(batch, size);
	for (unsigned int run = 0; run < runs; run++) {
		if (run % 2)
			loops[run] = run_loop(batch, size);
		lines[run] = run_batch(batch, size);
		if (run % 2 == 0)
			loops[run] = run_loop(batch, size);
	}
	print(size, "batch", lines, runs);
	print(size, "loop", loops, runs);
}

int main(int argc, char **argv)
{
	struct batch batch = { .pid = -1 };
	unsigned int runs;

	if (argc != 4)
		die(USAGE, "usage: map-loop TOOL DEV RUNS");
	runs = (unsigned int)need_u64("RUNS", argv[3], MAX_RUNS);
	signal(SIGPIPE, SIG_IGN);
	start(&batch, argv[1]);
	prepare(&batch, argv[2]);
	choose(&batch);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		measure(&batch, &sizes[i], runs);
	return finish(); /* the batch ends with its input */
}
