/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping in a batch against a C loop of the same ioctls, in turns.
 *
 *   map-loop TOOL DEV RUNS
 *
 * Both work on one IOAS and one memory, those of the batch: where its pages lie decides what mapping them
 * costs. So the batch is given its lines by a pipe, and its iommufd and memfd are borrowed from it. The
 * device is attached, so mapping pins pages and fills the IOMMU's table.
 *
 * Prints how long the batch takes, in times of the loop: the median of the runs, each of which has both, one
 * after the other, for a busy machine is not as fast in each second.
 *
 * Then 64 GiB of a sparse memory, a window of it at a time, in turns: its pages are made as they are
 * mapped, and given back. The batch is given a line for each piece, or one for a window of them (ioas map
 * --piece). Who comes first in a window pays more, and now and then somebody pays for what was freed before:
 * so a run is two windows, and each is first in one of them.
 *
 * Each change of the process flushes what an emulated processor has translated; in a batch from a file there
 * are none. So a window is long, and who waits for its end sleeps almost as long as the loop takes: answers
 * that come meanwhile do not wake it.
 *
 * RUNS: how often what is mapped again and again is; and, as far as 64 GiB go, runs of 2 windows.
 */
#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../helpers/common.h"

enum { IOAS = 1, LISTED = 3 /* lines of mem list */, MAX_RUNS = 10000 };
enum { LATE_MS = 10 }; /* so much may a sleeper be late */
enum { MEMORY = 8 << 20, PAGE = 4096, PIPE = 1 << 20 }; /* bytes */

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

/*
 * Windows all over the 64 GiB, but not each piece of them: all, 16 million of 4 KiB, would take an hour in
 * emulation. A window's lines fit into the pipe (PIPE), its pages into the machine.
 */
struct span {
	const char *name;
	uint64_t piece, stride; /* the same: one line for the window */
	unsigned int pieces;	/* of a window */
};

static const uint64_t span = 64ULL << 30, window = 512 << 20;
static const struct span spans[] = {
	{ "64G_2M", 2 << 20, 2 << 20, 8 },
	{ "64G_4K", 4096, 4096, 4096 },
	{ "64G_2M_lines", 2 << 20, 64 << 20, 8 },
	{ "64G_4K_lines", 4096, 128 << 10, 4096 },
};

struct memory {
	uint64_t size;
	int fd;
	char *map; /* where the kernel has no IOAS_MAP_FILE */
};

struct batch {
	pid_t pid;
	FILE *to;
	int from, iommufd;
	struct memory pinned, sparse;
	uint64_t fastest; /* nanoseconds of the loop */
	char lines[PIPE];
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
	if (fcntl(to[1], F_SETPIPE_SZ, PIPE) < 0)
		die(FAILED, "a pipe of %d bytes: %m", PIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	if (posix_spawn(&batch->pid, tool, &actions, NULL, argv, environ))
		die(FAILED, "%s cannot be run", tool);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	batch->to = fdopen(to[1], "w");
	batch->from = from[0];
	/* All lines of a block in one write: without a buffer of ours the C library takes a small one. */
	if (!batch->to || setvbuf(batch->to, batch->lines, _IOFBF, sizeof(batch->lines)))
		die(FAILED, "no memory");
}

/*
 * Send what has been written, wait for so many lines of answers: looking at them is not to take time, and
 * those that come in the first milliseconds wake nobody.
 */
static void await(struct batch *batch, unsigned int lines, long asleep_ms)
{
	char answers[16384];

	if (fflush(batch->to))
		die(FAILED, "the batch does not listen: %m");
	if (asleep_ms > 0)
		sleep_ms(asleep_ms);
	while (lines) {
		ssize_t n = read(batch->from, answers, sizeof(answers));

		if (n <= 0)
			die(FAILED, "the batch has ended");
		for (const char *at = answers; (at = memchr(at, '\n', (size_t)(answers + n - at))); at++)
			lines--;
	}
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

static struct memory memory_of(const struct batch *batch, const char *name, uint64_t size)
{
	char target[64];

	snprintf(target, sizeof(target), "/memfd:%s", name);
	return (struct memory){ .size = size, .fd = borrow(batch, target) };
}

static void prepare(struct batch *batch, const char *device)
{
	fprintf(batch->to,
		"mem create memory %d\n"
		"mem create sparse %llu\n"
		"ioas alloc\n"
		"bind %s --name device\n"
		"attach device %d\n",
		MEMORY, (unsigned long long)span, device, IOAS);
	await(batch, 3, 0);
	batch->iommufd = borrow(batch, "/dev/iommu");
	batch->pinned = memory_of(batch, "memory", MEMORY);
	batch->sparse = memory_of(batch, "sparse", span);
}

/* The nanoseconds that what has been written takes, up to so many lines of answers. */
static uint64_t timed(struct batch *batch, unsigned int lines)
{
	uint64_t begin = nanoseconds();

	await(batch, lines, (long)(batch->fastest / 10 * 9 / 1000000) - LATE_MS);
	return nanoseconds() - begin;
}

/* Ends with a line that answers: an unmap does not. */
static uint64_t run_batch(struct batch *batch, const struct size *size)
{
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
	return timed(batch, size->rounds * size->pieces + LISTED);
}

/* --- the loop ------------------------------------------------------------------------------------ */

static int map(const struct batch *batch, const struct memory *memory, uint64_t offset, uint64_t length)
{
	uint64_t iova = base + offset;

	if (memory->map)
		return iommufd_ioas_map(batch->iommufd, IOAS, flags, memory->map + offset, length, &iova);
	return iommufd_ioas_map_file(batch->iommufd, IOAS, flags, memory->fd, offset, length, &iova);
}

static void unmap(const struct batch *batch, uint64_t offset, uint64_t length)
{
	need(iommufd_ioas_unmap(batch->iommufd, IOAS, base + offset, length, NULL), "unmap");
}

/* As the tool does it: IOAS_MAP_FILE, or the memory as a part of this process. */
static void choose(struct batch *batch, struct memory *memory)
{
	int rc = map(batch, memory, 0, PAGE);

	if (rc == 0) {
		unmap(batch, 0, PAGE);
		return;
	}
	if (rc != -ENOTTY)
		need(rc, "map");
	memory->map = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
			   memory->fd, 0);
	if (memory->map == MAP_FAILED)
		die(FAILED, "mmap: %m");
}

static uint64_t loop_took(struct batch *batch, uint64_t took)
{
	if (!batch->fastest || took < batch->fastest)
		batch->fastest = took;
	return took;
}

static uint64_t run_loop(struct batch *batch, const struct size *size)
{
	uint64_t begin = nanoseconds();

	for (unsigned int round = 0; round < size->rounds; round++) {
		for (unsigned int i = 0; i < size->pieces; i++)
			need(map(batch, &batch->pinned, i * size->piece, size->piece), "map");
		for (unsigned int i = 0; i < size->pieces; i++)
			unmap(batch, i * size->piece, size->piece);
	}
	return loop_took(batch, nanoseconds() - begin);
}

/* --- both ------------------------------------------------------------------------------------------ */

static double ratios[MAX_RUNS]; /* of each run: the batch's time to the loop's */

static void print(const char *name, unsigned int runs)
{
	printf("map_%s_ratio %.4f\n", name, median(ratios, runs));
}

static void measure(struct batch *batch, const struct size *size, unsigned int runs)
{
	batch->fastest = 0;
	/* The first time brings the memory in. */
	run_batch(batch, size);
	run_loop(batch, size);
	for (unsigned int run = 0; run < runs; run++) {
		uint64_t loop = run % 2 ? run_loop(batch, size) : 0, lines = run_batch(batch, size);

		if (run % 2 == 0)
			loop = run_loop(batch, size);
		ratios[run] = (double)lines / (double)loop;
	}
	print(size->name, runs);
}

/* --- 64 GiB --------------------------------------------------------------------------------------- */

/* How many lines it is. */
static unsigned int write_window(struct batch *batch, const struct span *as, uint64_t from)
{
	static const char line[] = "ioas map %d sparse --iova %#llx --offset %llu --length %llu";
	bool at_once = as->stride == as->piece;
	uint64_t length = at_once ? as->piece * as->pieces : as->piece;
	unsigned int n = at_once ? 1 : as->pieces;

	for (unsigned int i = 0; i < n; i++, from += as->stride) {
		fprintf(batch->to, line, IOAS, (unsigned long long)(base + from), (unsigned long long)from,
			(unsigned long long)length);
		if (at_once)
			fprintf(batch->to, " --piece %llu", (unsigned long long)as->piece);
		fputc('\n', batch->to);
	}
	return n;
}

static uint64_t fill_batch(struct batch *batch, const struct span *as, uint64_t from)
{
	uint64_t took = timed(batch, write_window(batch, as, from));

	fprintf(batch->to, "ioas unmap %d --all\nmem list\n", IOAS);
	await(batch, LISTED, 0);
	return took;
}

static uint64_t fill_loop(struct batch *batch, const struct span *as, uint64_t from)
{
	uint64_t begin = nanoseconds(), took;

	for (unsigned int i = 0; i < as->pieces; i++, from += as->stride)
		need(map(batch, &batch->sparse, from, as->piece), "map");
	took = loop_took(batch, nanoseconds() - begin);
	need(iommufd_ioas_unmap(batch->iommufd, IOAS, 0, UINT64_MAX, NULL), "unmap");
	return took;
}

static uint64_t fill(struct batch *batch, const struct span *as, uint64_t from, bool by_lines)
{
	uint64_t took = by_lines ? fill_batch(batch, as, from) : fill_loop(batch, as, from);

	if (fallocate(batch->sparse.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
		      (off_t)window) < 0)
		die(FAILED, "the pages cannot be given back: %m");
	return took;
}

static void measure_span(struct batch *batch, const struct span *as, unsigned int max)
{
	uint64_t lines, loop, from = 0;
	unsigned int n;

	batch->fastest = 0;
	for (n = 0; from < span && n < max; n++, from += window) {
		lines = fill(batch, as, from, true);
		loop = fill(batch, as, from, false);
		from += window;
		loop += fill(batch, as, from, false);
		lines += fill(batch, as, from, true);
		ratios[n] = (double)lines / (double)loop;
	}
	print(as->name, n);
}

int main(int argc, char **argv)
{
	static struct batch batch = { .pid = -1 };
	unsigned int runs;

	if (argc != 4)
		die(USAGE, "usage: map-loop TOOL DEV RUNS");
	runs = (unsigned int)need_u64("RUNS", argv[3], MAX_RUNS);
	signal(SIGPIPE, SIG_IGN);
	start(&batch, argv[1]);
	prepare(&batch, argv[2]);
	choose(&batch, &batch.pinned);
	choose(&batch, &batch.sparse);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		measure(&batch, &sizes[i], runs);
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		measure_span(&batch, &spans[i], runs);
	return finish(); /* the batch ends with its input */
}
