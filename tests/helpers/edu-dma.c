/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Make QEMU's edu device do DMA, through its VFIO cdev (bound by somebody else).
 *
 * edu's buffer of 4 KiB can be reached by DMA only: no register shows it. So bytes that come from
 * or go to this process take a detour through memory that is mapped for the device: STAGE.
 */
#include <assert.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: edu-dma CDEV_FD info\n"
	"       edu-dma CDEV_FD load IOVA LENGTH        memory to edu's buffer, up to 4095\n"
	"       edu-dma CDEV_FD store IOVA LENGTH       edu's buffer to memory\n"
	"       edu-dma CDEV_FD copy SRC_IOVA DST_IOVA LENGTH\n"
	"       edu-dma CDEV_FD write IOVA TEXT via STAGE\n"
	"       edu-dma CDEV_FD read IOVA LENGTH via STAGE\n"
	"STAGE: MEMFD_FD STAGE_IOVA [OFFSET]: the memory's OFFSET is mapped at STAGE_IOVA\n";

#define VFIO_DEVICE_GET_REGION_INFO 0x3b6cUL

struct region_info {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size, offset;
};
static_assert(sizeof(struct region_info) == 32, "ABI");

enum { BAR0 = 0, CONFIG = 7 };
enum { TIME_LIMIT = 30 }; /* s: an emulated machine may stand still for a while */
enum { PCI_COMMAND = 4, PCI_COMMAND_MEMORY = 1 << 1, PCI_COMMAND_MASTER = 1 << 2 };

enum {
	EDU_ID = 0x00,
	EDU_SOURCE = 0x80,
	EDU_DESTINATION = 0x88,
	EDU_COUNT = 0x90,
	EDU_COMMAND = 0x98,
	EDU_RUN = 1 << 0,
	EDU_TO_MEMORY = 1 << 1,
	EDU_BUFFER = 0x40000,
	/* One less than there is: QEMU 7.2 aborts at a transfer up to the buffer's very end. */
	BUFFER_LENGTH = 4095,
	CHUNK = 2048,
	MAX_LENGTH = 1 << 20, /* a chunk takes 100 ms */
};

static const uint64_t edu_last = (1ULL << 28) - 1;

struct edu {
	int fd;
	off_t bar; /* where BAR0 is in the fd */
};

/* Memory that both this process and the device see. */
struct stage {
	char *map;
	uint64_t iova;
};

/* Where a region is in the fd. */
static off_t region(int fd, uint32_t index)
{
	struct region_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) < 0)
		die(FAILED, "region %u: %s", index, error_name(errno));
	if (info.size == 0)
		die(FAILED, "region %u: the device has none", index);
	return (off_t)info.offset;
}

static void enable(int fd)
{
	off_t at = region(fd, CONFIG) + PCI_COMMAND;
	uint16_t command;

	if (pread(fd, &command, sizeof(command), at) != sizeof(command))
		die(FAILED, "reading the PCI command register: %s", error_name(errno));
	command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	if (pwrite(fd, &command, sizeof(command), at) != sizeof(command))
		die(FAILED, "writing the PCI command register: %s", error_name(errno));
}

static uint32_t get(const struct edu *edu, uint32_t reg)
{
	uint32_t value;

	if (pread(edu->fd, &value, sizeof(value), edu->bar + reg) != sizeof(value))
		die(FAILED, "reading register %#x: %s", reg, error_name(errno));
	return value;
}

static void set(const struct edu *edu, uint32_t reg, uint32_t value)
{
	if (pwrite(edu->fd, &value, sizeof(value), edu->bar + reg) != sizeof(value))
		die(FAILED, "writing register %#x: %s", reg, error_name(errno));
}

static struct edu open_edu(const char *text)
{
	struct edu edu = { .fd = need_fd("CDEV_FD", text) };
	uint32_t id;

	edu.bar = region(edu.fd, BAR0);
	enable(edu.fd);
	id = get(&edu, EDU_ID);
	if ((id & 0xffff) != 0xed)
		die(FAILED, "fd %d is no edu: its id register reads %#010x", edu.fd, id);
	return edu;
}

/* edu runs DMA from a timer of 100 ms, and drops a command that comes while one runs. */
static void wait_idle(const struct edu *edu)
{
	double deadline = now() + TIME_LIMIT;

	while (get(edu, EDU_COMMAND) & EDU_RUN) {
		if (now() > deadline)
			die(FAILED, "the DMA did not end within %d s", TIME_LIMIT);
		sleep_ms(5);
	}
}

static void transfer(const struct edu *edu, uint64_t from, uint64_t to, uint64_t length,
		     uint32_t direction)
{
	wait_idle(edu);
	set(edu, EDU_SOURCE, (uint32_t)from);
	set(edu, EDU_DESTINATION, (uint32_t)to);
	set(edu, EDU_COUNT, (uint32_t)length);
	set(edu, EDU_COMMAND, EDU_RUN | direction);
	wait_idle(edu);
}

static void load(const struct edu *edu, uint64_t iova, uint64_t length)
{
	transfer(edu, iova, EDU_BUFFER, length, 0);
}

static void store(const struct edu *edu, uint64_t iova, uint64_t length)
{
	transfer(edu, EDU_BUFFER, iova, length, EDU_TO_MEMORY);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void copy(const struct edu *edu, uint64_t from, uint64_t to, uint64_t length)
{
	for (uint64_t at = 0; at < length; at += CHUNK) {
		load(edu, from + at, smaller(CHUNK, length - at));
		store(edu, to + at, smaller(CHUNK, length - at));
	}
}

static uint64_t need_length(const char *text, uint64_t max)
{
	uint64_t length = need_u64("LENGTH", text, max);

	if (length == 0)
		die(USAGE, "LENGTH: nothing to transfer");
	return length;
}

/* edu cuts higher addresses off: DMA would go elsewhere. */
static uint64_t need_iova(const char *text, uint64_t length)
{
	uint64_t iova = need_u64("IOVA", text, edu_last);

	if (length - 1 > edu_last - iova)
		die(USAGE, "IOVA: %s + %#llx is beyond edu's 28 bits", text,
		    (unsigned long long)length);
	return iova;
}

static struct stage need_stage(char **word, uint64_t length)
{
	uint64_t offset = word[2] ? need_u64("OFFSET", word[2], INT64_MAX) : 0;
	uint64_t shift = offset % (uint64_t)sysconf(_SC_PAGESIZE);
	int fd = need_fd("MEMFD_FD", word[0]);
	off_t size = lseek(fd, 0, SEEK_END);
	char *map;

	if (size < 0 || offset > (uint64_t)size || smaller(length, CHUNK) > (uint64_t)size - offset)
		die(USAGE, "STAGE: the memory ends before the transfer");
	map = mmap(NULL, CHUNK + shift, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   (off_t)(offset - shift));
	if (map == MAP_FAILED)
		die(FAILED, "STAGE: %s", error_name(errno));
	return (struct stage){ map + shift, need_iova(word[1], smaller(length, CHUNK)) };
}

static void run_info(const struct edu *edu, char **word)
{
	(void)word;
	printf("0x%08x\n", get(edu, EDU_ID));
}

static void run_load(const struct edu *edu, char **word)
{
	uint64_t length = need_length(word[1], BUFFER_LENGTH);

	load(edu, need_iova(word[0], length), length);
}

static void run_store(const struct edu *edu, char **word)
{
	uint64_t length = need_length(word[1], BUFFER_LENGTH);

	store(edu, need_iova(word[0], length), length);
}

static void run_copy(const struct edu *edu, char **word)
{
	uint64_t length = need_length(word[2], MAX_LENGTH), from = need_iova(word[0], length);

	copy(edu, from, need_iova(word[1], length), length);
}

static void run_write(const struct edu *edu, char **word)
{
	const char *text = word[1];
	uint64_t length = strlen(text), iova;
	struct stage stage;

	if (length == 0)
		die(USAGE, "TEXT: nothing to transfer");
	iova = need_iova(word[0], length);
	stage = need_stage(word + 3, length);
	for (uint64_t at = 0; at < length; at += CHUNK) {
		uint64_t n = smaller(CHUNK, length - at);

		memcpy(stage.map, text + at, n);
		copy(edu, stage.iova, iova + at, n);
	}
}

static void run_read(const struct edu *edu, char **word)
{
	uint64_t length = need_length(word[1], MAX_LENGTH), iova = need_iova(word[0], length);
	struct stage stage = need_stage(word + 3, length);

	for (uint64_t at = 0; at < length; at += CHUNK) {
		uint64_t n = smaller(CHUNK, length - at);

		/* Where the DMA is blocked, what lay here before must not look like its result. */
		memset(stage.map, 0, n);
		copy(edu, iova + at, stage.iova, n);
		fwrite(stage.map, 1, n, stdout);
	}
}

static const struct command {
	const char *name;
	void (*run)(const struct edu *edu, char **word);
	int n, n_max; /* words behind the name */
	bool staged;
} commands[] = {
	{ "info", run_info, 0, 0, false },
	{ "load", run_load, 2, 2, false },
	{ "store", run_store, 2, 2, false },
	{ "copy", run_copy, 3, 3, false },
	{ "write", run_write, 5, 6, true },
	{ "read", run_read, 5, 6, true },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands) && argc > 2; i++) {
		const struct command *command = &commands[i];
		struct edu edu;

		if (strcmp(argv[2], command->name) != 0)
			continue;
		if (argc - 3 < command->n || argc - 3 > command->n_max ||
		    (command->staged && strcmp(argv[5], "via") != 0))
			break;
		edu = open_edu(argv[1]);
		command->run(&edu, argv + 3);
		return finish();
	}
	fputs(usage_text, stderr);
	return USAGE;
}
