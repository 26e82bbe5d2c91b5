/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mock devices and accesses of a kernel with CONFIG_IOMMUFD_TEST. Runs a script in one process,
 * because an access lives in an fd that dies with it, and so does the memory that "map" maps.
 */
#include <ctype.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common.h"
#include "iommu-test.h"

static const char usage_text[] =
	"usage: iommu-test IOMMUFD_FD COMMAND [+ COMMAND]...\n"
	"       iommu-test IOMMUFD_FD        commands from stdin, one a line, # comments\n"
	"mock-domain PT                       prints STDEV HWPT IDEV\n"
	"mock-replace STDEV PT                prints the PT that it is attached to now\n"
	"access-create IOAS [pin]             prints HANDLE: 1, 2, 3...\n"
	"access-rw HANDLE IOVA LENGTH read    prints the bytes, other than text as \\xNN\n"
	"access-rw HANDLE IOVA LENGTH write [TEXT]   filled up with NUL bytes\n"
	"access-pin HANDLE IOVA LENGTH [write]       prints ITEM: 0, 1, 2... of the access\n"
	"access-unpin HANDLE ITEM\n"
	"access-replace HANDLE IOAS\n"
	"access-destroy HANDLE\n"
	"add-reserved IOAS START LENGTH\n"
	"memory-limit BYTES                   of temporary memory, for the whole kernel\n"
	"map IOAS IOVA LENGTH [TEXT]          memory of this process; prints IOVA\n"
	"unmap IOAS IOVA LENGTH               prints the bytes unmapped\n"
	"dirty HWPT IOVA LENGTH               as if a device had written there; prints the pages\n"
	"fault IDEV GROUP ADDRESS [PASID ACCESS]     a page fault of a mock device, for writing\n"
	"                                     or as IOMMUFD_FAULT_* say\n"
	"event IDEV                           an event of a mock device's vIOMMU\n"
	"expect ERRNO COMMAND                 prints ERRNO when COMMAND fails with it\n"
	"Each command prints one line, 'ok' where there is nothing to tell. The first failure\n"
	"ends it.\n";

enum {
	MAX_WORDS = 16,
	MAX_ACCESSES = 64,
	MAX_BYTES = 16 << 20, /* the kernel's limit of a test access */
	MOCK_PAGE = 2048, /* of a mock device's IOMMU */
};

struct script {
	int iommufd;
	int accesses[MAX_ACCESSES]; /* -1: destroyed */
	unsigned int n_accesses;
};

/* A handle that does not exist is passed on as an fd that does not: the kernel says EBADFD. */
static int need_access(const struct script *s, const char *text)
{
	uint64_t handle = need_u64("HANDLE", text, UINT32_MAX);

	return handle && handle <= s->n_accesses ? s->accesses[handle - 1] : -1;
}

static void *allocate(uint64_t length)
{
	void *memory = calloc(1, length ? length : 1);

	if (!memory)
		die(FAILED, "%llu bytes: %s", (unsigned long long)length, error_name(errno));
	return memory;
}

static int mock_domain(struct script *s, int n, char **word)
{
	struct test_cmd cmd = { .id = need_id("PT", word[0]) };
	int rc = test_ioctl(s->iommufd, OP_MOCK_DOMAIN, &cmd);

	(void)n;
	if (rc == 0)
		printf("%u %u %u\n", cmd.mock_domain.out_stdev, cmd.mock_domain.out_hwpt,
		       cmd.mock_domain.out_idev);
	return rc;
}

static int mock_replace(struct script *s, int n, char **word)
{
	struct test_cmd cmd = {
		.id = need_id("STDEV", word[0]),
		.mock_replace.pt = need_id("PT", word[1]),
	};
	int rc = test_ioctl(s->iommufd, OP_MOCK_DOMAIN_REPLACE, &cmd);

	(void)n;
	if (rc == 0)
		printf("%u\n", cmd.mock_replace.pt);
	return rc;
}

static int create(struct script *s, int n, char **word)
{
	uint32_t flags = 0;
	int rc;

	if (n == 2 && strcmp(word[1], "pin") != 0)
		die(USAGE, "access-create: '%s' is not 'pin'", word[1]);
	if (n == 2)
		flags = CREATE_NEEDS_PIN_PAGES;
	if (s->n_accesses == MAX_ACCESSES)
		die(USAGE, "access-create: more than %d", MAX_ACCESSES);
	rc = access_create(s->iommufd, need_id("IOAS", word[0]), flags,
			   &s->accesses[s->n_accesses]);
	if (rc == 0)
		printf("%u\n", ++s->n_accesses);
	return rc;
}

static void print_bytes(const unsigned char *bytes, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++)
		printf(isprint(bytes[i]) && bytes[i] != '\\' ? "%c" : "\\x%02x", bytes[i]);
	putchar('\n');
}

static int rw(struct script *s, int n, char **word)
{
	bool write = strcmp(word[3], "write") == 0;
	uint64_t iova = need_u64("IOVA", word[1], UINT64_MAX);
	uint64_t length = need_u64("LENGTH", word[2], MAX_BYTES);
	unsigned char *bytes = allocate(length);
	int rc;

	if (!write && (n == 5 || strcmp(word[3], "read") != 0))
		die(USAGE, "access-rw: expected 'read' or 'write [TEXT]'");
	if (n == 5 && strlen(word[4]) > length)
		die(USAGE, "access-rw: TEXT is longer than LENGTH");
	if (n == 5)
		memcpy(bytes, word[4], strlen(word[4]));
	rc = access_rw(s->iommufd, need_access(s, word[0]), iova, bytes, length,
		       write ? RW_WRITE : 0);
	if (rc == 0 && write)
		puts("ok");
	else if (rc == 0)
		print_bytes(bytes, length);
	free(bytes);
	return rc;
}

static int pin(struct script *s, int n, char **word)
{
	uint64_t iova = need_u64("IOVA", word[1], UINT64_MAX);
	uint64_t length = need_u64("LENGTH", word[2], UINT64_MAX);
	uint32_t item;
	int rc;

	if (n == 4 && strcmp(word[3], "write") != 0)
		die(USAGE, "access-pin: '%s' is not 'write'", word[3]);
	rc = access_pin(s->iommufd, need_access(s, word[0]), iova, length, NULL,
			n == 4 ? PAGES_WRITE : 0, &item);
	if (rc == 0)
		printf("%u\n", item);
	return rc;
}

static int say_ok(int rc)
{
	if (rc == 0)
		puts("ok");
	return rc;
}

static int unpin(struct script *s, int n, char **word)
{
	struct test_cmd cmd = {
		.id = (uint32_t)need_access(s, word[0]),
		.unpin.item = need_id("ITEM", word[1]),
	};

	(void)n;
	return say_ok(test_ioctl(s->iommufd, OP_DESTROY_ACCESS_PAGES, &cmd));
}

static int replace(struct script *s, int n, char **word)
{
	(void)n;
	return say_ok(access_replace(s->iommufd, need_access(s, word[0]),
				     need_id("IOAS", word[1])));
}

static int destroy(struct script *s, int n, char **word)
{
	uint64_t handle = need_u64("HANDLE", word[0], UINT32_MAX);
	int fd = need_access(s, word[0]);

	(void)n;
	if (fd < 0)
		return -EBADFD;
	s->accesses[handle - 1] = -1;
	return say_ok(close(fd) < 0 ? -errno : 0);
}

static int add_reserved(struct script *s, int n, char **word)
{
	struct test_cmd cmd = {
		.id = need_id("IOAS", word[0]),
		.add_reserved = { .start = need_u64("START", word[1], UINT64_MAX),
				  .length = need_u64("LENGTH", word[2], UINT64_MAX) },
	};

	(void)n;
	return say_ok(test_ioctl(s->iommufd, OP_ADD_RESERVED, &cmd));
}

static int memory_limit(struct script *s, int n, char **word)
{
	struct test_cmd cmd = { .memory_limit.bytes = need_id("BYTES", word[0]) };

	(void)n;
	return say_ok(test_ioctl(s->iommufd, OP_SET_TEMP_MEMORY_LIMIT, &cmd));
}

/* The memory stays until the end, as the IOAS may still use it. */
static int map(struct script *s, int n, char **word)
{
	uint32_t ioas = need_id("IOAS", word[0]);
	uint64_t iova = need_u64("IOVA", word[1], UINT64_MAX);
	uint64_t length = need_u64("LENGTH", word[2], UINT64_MAX);
	char *memory = mmap(NULL, length ? length : 1, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (memory == MAP_FAILED)
		die(FAILED, "map: %s bytes of memory: %s", word[2], error_name(errno));
	if (n == 4 && strlen(word[3]) > length)
		die(USAGE, "map: TEXT is longer than LENGTH");
	if (n == 4)
		memcpy(memory, word[3], strlen(word[3]));
	rc = iommufd_ioas_map(s->iommufd, ioas,
			      IOMMUFD_MAP_FIXED | IOMMUFD_MAP_READ | IOMMUFD_MAP_WRITE, memory,
			      length, &iova);
	if (rc == 0)
		printf("%#llx\n", (unsigned long long)iova);
	return rc;
}

static int unmap(struct script *s, int n, char **word)
{
	uint64_t iova = need_u64("IOVA", word[1], UINT64_MAX), unmapped;
	int rc = iommufd_ioas_unmap(s->iommufd, need_id("IOAS", word[0]), iova,
				    need_u64("LENGTH", word[2], UINT64_MAX), &unmapped);

	(void)n;
	if (rc == 0)
		printf("%llu\n", (unsigned long long)unmapped);
	return rc;
}

static int dirty(struct script *s, int n, char **word)
{
	uint64_t length = need_u64("LENGTH", word[n - 1], MAX_BYTES);
	unsigned char *bitmap = allocate(length / MOCK_PAGE / 8 + 8);
	struct test_cmd cmd = {
		.id = need_id("HWPT", word[0]),
		.dirty = { .iova = need_u64("IOVA", word[1], UINT64_MAX), .length = length,
			   .page_size = MOCK_PAGE, .uptr = (uintptr_t)bitmap },
	};
	int rc;

	memset(bitmap, 0xff, length / MOCK_PAGE / 8 + 8);
	rc = test_ioctl(s->iommufd, OP_DIRTY, &cmd);
	if (rc == 0)
		printf("%llu\n", (unsigned long long)cmd.dirty.out_nr_dirty);
	free(bitmap);
	return rc;
}

static int fault(struct script *s, int n, char **word)
{
	struct test_cmd cmd = {
		.trigger_iopf = { .dev_id = need_id("IDEV", word[0]), .grpid = need_id("GROUP", word[1]),
				  .addr = need_u64("ADDRESS", word[2], UINT64_MAX),
				  .pasid = n > 3 ? need_id("PASID", word[3]) : 0,
				  .perm = n > 4 ? need_id("ACCESS", word[4]) : IOMMUFD_FAULT_WRITE },
	};

	return say_ok(test_ioctl(s->iommufd, OP_TRIGGER_IOPF, &cmd));
}

static int event(struct script *s, int n, char **word)
{
	struct test_cmd cmd = { .trigger_vevent.dev_id = need_id("IDEV", word[0]) };

	(void)n;
	return say_ok(test_ioctl(s->iommufd, OP_TRIGGER_VEVENT, &cmd));
}

static const struct command {
	const char *name;
	int (*run)(struct script *s, int n, char **word); /* prints only when it succeeds */
	int n, n_max;
} commands[] = {
	{ "mock-domain", mock_domain, 1, 1 },	  { "mock-replace", mock_replace, 2, 2 },
	{ "access-create", create, 1, 2 },	  { "access-rw", rw, 4, 5 },
	{ "access-pin", pin, 3, 4 },		  { "access-unpin", unpin, 2, 2 },
	{ "access-replace", replace, 2, 2 },	  { "access-destroy", destroy, 1, 1 },
	{ "add-reserved", add_reserved, 3, 3 },	  { "memory-limit", memory_limit, 1, 1 },
	{ "map", map, 3, 4 },			  { "unmap", unmap, 3, 3 },
	{ "dirty", dirty, 3, 3 },		  { "fault", fault, 3, 5 },	{ "event", event, 1, 1 },
};

static int run(struct script *s, int n, char **word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		const struct command *command = &commands[i];

		if (strcmp(word[0], command->name) != 0)
			continue;
		if (n - 1 < command->n || n - 1 > command->n_max)
			die(USAGE, "%s: wrong number of words", word[0]);
		return command->run(s, n - 1, word + 1);
	}
	die(USAGE, "'%s' is no command", word[0]);
}

static void expect(struct script *s, int n, char **word)
{
	int rc;

	if (n < 3)
		die(USAGE, "expect: needs ERRNO COMMAND");
	rc = run(s, n - 2, word + 2);
	if (rc == 0)
		die(FAILED, "%s: succeeded, expected %s", word[2], word[1]);
	if (strcmp(error_name(rc), word[1]) != 0)
		die(FAILED, "%s: %s, expected %s", word[2], error_name(rc), word[1]);
	puts(word[1]);
}

/* Each line goes out at once: whoever writes our stdin may wait for it. */
static void run_line(struct script *s, int n, char **word)
{
	int rc;

	if (n == 0)
		die(USAGE, "an empty command");
	if (strcmp(word[0], "expect") == 0) {
		expect(s, n, word);
	} else {
		rc = run(s, n, word);
		if (rc < 0)
			die(FAILED, "%s: %s", word[0], error_name(rc));
	}
	finish();
}

static void run_words(struct script *s, int n, char **word)
{
	int start = 0;

	for (int i = 0; i <= n; i++) {
		if (i < n && strcmp(word[i], "+") != 0)
			continue;
		run_line(s, i - start, word + start);
		start = i + 1;
	}
}

static void run_stdin(struct script *s)
{
	char *line = NULL, *word[MAX_WORDS], *rest;
	size_t size = 0;

	while (getline(&line, &size, stdin) >= 0) {
		int n = 0;

		for (char *w = strtok_r(line, " \t\n", &rest); w && *w != '#';
		     w = strtok_r(NULL, " \t\n", &rest)) {
			if (n == MAX_WORDS)
				die(USAGE, "more than %d words in a line", MAX_WORDS);
			word[n++] = w;
		}
		if (n)
			run_line(s, n, word);
	}
	if (ferror(stdin))
		die(FAILED, "stdin: %s", error_name(errno));
	free(line);
}

int main(int argc, char **argv)
{
	struct script script = { .iommufd = -1 };

	if (argc < 2) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	script.iommufd = need_iommufd(argv[1]);
	if (argc > 2)
		run_words(&script, argc - 2, argv + 2);
	else
		run_stdin(&script);
	return finish();
}
