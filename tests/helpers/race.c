/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes attach, move and detach the same devices at random, through the same fds. The
 * kernel may refuse, but only with errors that it documents, and at the end it must all come apart.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: race IOMMUFD_FD SECONDS PROCESSES CDEV_FD...\n"
	"RACE_SEED=N in the environment: make the same choices again\n";

enum { N_IOAS = 3, MAX_DEVICES = 16, MAX_PROCESSES = 64, MAX_ERRNO = 256, LENGTH = 65536 };
enum op { ATTACH, DETACH, N_OPS };

static const char *const op_names[N_OPS] = { "attach", "detach" };
static const uint64_t iova = 1 << 20;

struct tally {
	uint64_t outcomes[N_OPS][MAX_ERRNO]; /* by errno; 0: done */
	uint64_t unexpected;
};

struct race {
	int iommufd;
	uint32_t ioas[N_IOAS];
	double seconds;
	int n_processes, n_devices;
	int devices[MAX_DEVICES];
	bool shared_group[MAX_DEVICES]; /* with another one of the devices */
	uint64_t seed;
	struct tally *tallies; /* shared: one of each process */
};

/* splitmix64: any seed will do, and neighbours are as good as strangers. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Shared memory, as the processes that attach pin what this one has mapped. */
static void map_memory(const struct race *race, uint32_t ioas)
{
	unsigned int flags = IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ | IOMMUFD_MAP_WRITE;
	int fd = memfd_create("race", MFD_CLOEXEC), rc;
	uint64_t at = iova;
	void *memory;

	if (fd < 0 || ftruncate(fd, LENGTH) < 0)
		die(FAILED, "memfd: %s", error_name(errno));
	rc = iommufd_ioas_map_file(race->iommufd, ioas, flags, fd, 0, LENGTH, &at);
	if (rc == -ENOTTY) { /* Linux before 6.13 */
		memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (memory == MAP_FAILED)
			die(FAILED, "memory: %s", error_name(errno));
		rc = iommufd_ioas_map(race->iommufd, ioas, flags, memory, LENGTH, &at);
	}
	if (rc < 0)
		die(FAILED, "map: %s", error_name(rc));
	close(fd);
}

static void prepare(struct race *race)
{
	size_t size = sizeof(*race->tallies) * (size_t)race->n_processes;

	race->tallies = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (race->tallies == MAP_FAILED)
		die(FAILED, "memory: %s", error_name(errno));
	for (int i = 0; i < N_IOAS; i++) {
		int rc = iommufd_ioas_alloc(race->iommufd, &race->ioas[i]);

		if (rc < 0)
			die(FAILED, "ioas alloc: %s", error_name(rc));
		map_memory(race, race->ioas[i]);
	}
}

/* EINVAL is right only where a sibling in the IOMMU group is attached elsewhere. */
static bool is_expected(const struct race *race, enum op op, int device, int error)
{
	if (op == DETACH || error == 0)
		return error == 0;
	return error == EBUSY || (error == EINVAL && race->shared_group[device]);
}

static void one_step(const struct race *race, uint64_t random, struct tally *tally)
{
	enum op op = random % 3 == 0 ? DETACH : ATTACH; /* twice as many, so that some are moves */
	int device = (int)(random >> 8 & 0xffff) % race->n_devices, rc;
	uint32_t pt = race->ioas[(random >> 24 & 0xffff) % N_IOAS];

	if (op == ATTACH)
		rc = iommufd_device_attach(race->devices[device], &pt);
	else
		rc = iommufd_device_detach(race->devices[device]);
	tally->outcomes[op][-rc < MAX_ERRNO ? -rc : MAX_ERRNO - 1]++;
	if (is_expected(race, op, device, -rc))
		return;
	if (tally->unexpected++ == 0) /* the first tells enough */
		fprintf(stderr, "race: %s of fd %d: %s\n", op_names[op], race->devices[device],
			error_name(rc));
}

static void run_process(const struct race *race, int number, double deadline)
{
	struct tally *tally = &race->tallies[number];
	uint64_t state = race->seed + (uint64_t)number;

	while (now() < deadline)
		one_step(race, next(&state), tally);
	_exit(0);
}

static void start(const struct race *race, int number, double deadline)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		die(FAILED, "fork: %s", error_name(errno));
	if (child)
		return;
	/* Nobody keeps hammering a device whose test is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(FAILED);
	run_process(race, number, deadline);
}

static bool wait_all(const struct race *race)
{
	bool ok = true;

	for (int i = 0; i < race->n_processes; i++) {
		int status;

		if (wait(&status) < 0)
			die(FAILED, "wait: %s", error_name(errno));
		if (status)
			fprintf(stderr, "race: a process ended with status %#x\n",
				(unsigned int)status);
		ok = ok && status == 0;
	}
	return ok;
}

/* An IOAS that is still used, or that lost a mapping, shows that the kernel lost count. */
static bool take_apart(const struct race *race)
{
	bool ok = true;

	for (int i = 0; i < race->n_devices; i++) {
		int rc = iommufd_device_detach(race->devices[i]);

		if (rc < 0)
			fprintf(stderr, "race: last detach: %s\n", error_name(rc));
		ok = ok && rc == 0;
	}
	for (int i = 0; i < N_IOAS; i++) {
		uint64_t length = 0;
		int rc = iommufd_ioas_unmap(race->iommufd, race->ioas[i], 0, UINT64_MAX, &length);

		if (rc < 0 || length != LENGTH)
			fprintf(stderr, "race: last unmap: %llu bytes, %s\n",
				(unsigned long long)length, rc ? error_name(rc) : "ok");
		ok = ok && rc == 0 && length == LENGTH;
		rc = iommufd_destroy(race->iommufd, race->ioas[i]);
		if (rc < 0)
			fprintf(stderr, "race: destroying IOAS %u: %s\n", race->ioas[i],
				error_name(rc));
		ok = ok && rc == 0;
	}
	return ok;
}

static bool print_summary(const struct race *race)
{
	uint64_t unexpected = 0;

	printf("seed=%#llx processes=%d devices=%d", (unsigned long long)race->seed,
	       race->n_processes, race->n_devices);
	for (int op = 0; op < N_OPS; op++) {
		for (int error = 0; error < MAX_ERRNO; error++) {
			uint64_t n = 0;

			for (int i = 0; i < race->n_processes; i++)
				n += race->tallies[i].outcomes[op][error];
			if (n)
				printf(" %s:%s=%llu", op_names[op],
				       error ? error_name(error) : "ok", (unsigned long long)n);
		}
	}
	for (int i = 0; i < race->n_processes; i++)
		unexpected += race->tallies[i].unexpected;
	printf(" unexpected=%llu\n", (unsigned long long)unexpected);
	return unexpected == 0;
}

static void parse_devices(struct race *race, char **words)
{
	int32_t groups[MAX_DEVICES];

	for (int i = 0; i < race->n_devices; i++) {
		struct iommufd_device info;
		int rc;

		race->devices[i] = need_fd("CDEV_FD", words[i]);
		rc = iommufd_device_lookup_fd(race->devices[i], &info);
		if (rc < 0)
			die(USAGE, "fd %s is no cdev (%s)", words[i], error_name(rc));
		groups[i] = info.group;
		for (int j = 0; j < i; j++)
			if (groups[j] >= 0 && groups[j] == groups[i])
				race->shared_group[i] = race->shared_group[j] = true;
	}
}

static uint64_t choose_seed(void)
{
	const char *given = getenv("RACE_SEED");

	if (given)
		return need_u64("RACE_SEED", given, UINT64_MAX);
	return (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
}

int main(int argc, char **argv)
{
	struct race race = { .n_devices = argc - 4 };
	double deadline;
	bool ok;

	if (argc < 5 || race.n_devices > MAX_DEVICES) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	race.iommufd = need_iommufd(argv[1]);
	race.seconds = (double)need_u64("SECONDS", argv[2], 86400);
	race.n_processes = (int)need_u64("PROCESSES", argv[3], MAX_PROCESSES);
	if (race.n_processes == 0)
		die(USAGE, "PROCESSES: none");
	parse_devices(&race, argv + 4);
	race.seed = choose_seed();
	/* Now, as a machine that hangs prints no summary. */
	fprintf(stderr, "race: seed %#llx\n", (unsigned long long)race.seed);
	prepare(&race);
	deadline = now() + race.seconds;
	for (int i = 0; i < race.n_processes; i++)
		start(&race, i, deadline);
	ok = wait_all(&race);
	ok = take_apart(&race) && ok;
	ok = print_summary(&race) && ok;
	finish();
	return ok ? 0 : FAILED;
}
