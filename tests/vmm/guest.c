/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of tests/vmm: the first and only program of a Linux that a VMM runs. It drives the devices that
 * were passed through to it, as a driver would, and has each of them do DMA:
 *
 *   edu     copies text from memory into its buffer, and from there to other memory
 *   e1000e  fetches a descriptor from memory, and writes back that it is done
 *   nvme    fetches IDENTIFY from its queue, and writes the answer, and its completion
 *
 * One line for each on the console, "guest: NAME DMA ok: ..." or "guest: NAME FAILED: ..."; then "guest: waits".
 * A line that is typed there is its end, "guest: end": until then the devices are its own, and can be looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, TIME_LIMIT = 120 }; /* s: emulated twice, a machine may stand still for a while */

#define PCI_DEVICES "/sys/bus/pci/devices"

/* A page, and where the device finds it. */
struct page {
	uint8_t *map;
	uint64_t address;
};

static bool is_in_time(time_t began)
{
	return time(NULL) - began < TIME_LIMIT;
}

static uint32_t read32(const volatile uint8_t *bar, size_t at)
{
	return *(const volatile uint32_t *)(bar + at);
}

static void write32(volatile uint8_t *bar, size_t at, uint64_t value)
{
	*(volatile uint32_t *)(bar + at) = (uint32_t)value;
}

static void write_address(volatile uint8_t *bar, size_t at, uint64_t value)
{
	write32(bar, at, value);
	write32(bar, at + 4, value >> 32);
}

static int fail(const char *name, const char *format, ...)
{
	va_list args;

	printf("guest: %s FAILED: ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return -1;
}

static int make_page(struct page *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;
	ssize_t n;

	page->map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	if (fd < 0 || page->map == MAP_FAILED)
		return fail("memory", "%s", strerror(errno));
	memset(page->map, 0, PAGE);
	n = pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)page->map / PAGE * sizeof(entry)));
	close(fd);
	if (n != sizeof(entry) || !(entry & 1ULL << 63))
		return fail("memory", "its address is not told");
	page->address = (entry & ((1ULL << 55) - 1)) * PAGE;
	return 0;
}

static int make_pages(struct page *pages, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = make_page(&pages[i]);
	return rc;
}

/* --- edu --- */

enum { EDU_SOURCE = 0x80, EDU_TARGET = 0x88, EDU_COUNT = 0x90, EDU_COMMAND = 0x98, EDU_BUFFER = 0x40000 };
enum { EDU_RUN = 1, EDU_TO_MEMORY = 2 };

static int edu_copy(volatile uint8_t *bar, uint64_t source, uint64_t target, size_t count, uint32_t direction)
{
	time_t began = time(NULL);

	write_address(bar, EDU_SOURCE, source);
	write_address(bar, EDU_TARGET, target);
	write_address(bar, EDU_COUNT, count);
	write32(bar, EDU_COMMAND, EDU_RUN | direction);
	while (read32(bar, EDU_COMMAND) & EDU_RUN)
		if (!is_in_time(began))
			return fail("edu", "the transfer does not end");
	return 0;
}

static int drive_edu(volatile uint8_t *bar)
{
	static const char text[] = "hello from the guest";
	struct page pages[2];

	if (make_pages(pages, 2) < 0)
		return -1;
	memcpy(pages[0].map, text, sizeof(text));
	if (edu_copy(bar, pages[0].address, EDU_BUFFER, sizeof(text), 0) < 0 ||
	    edu_copy(bar, EDU_BUFFER, pages[1].address, sizeof(text), EDU_TO_MEMORY) < 0)
		return -1;
	if (memcmp(pages[1].map, text, sizeof(text)) != 0)
		return fail("edu", "other text came back");
	printf("guest: edu DMA ok: %s\n", (const char *)pages[1].map);
	return 0;
}

/* --- e1000e --- */

enum { TCTL = 0x400, TDBA = 0x3800, TDLEN = 0x3808, TDH = 0x3810, TDT = 0x3818 };
enum { TCTL_ENABLE = 2, TCTL_PAD = 8, TX_END = 1, TX_FCS = 2, TX_REPORT = 8, TX_DONE = 1, FRAME = 60 };

struct tx_descriptor {
	uint64_t address;
	uint16_t length;
	uint8_t checksum_offset, command, status, checksum_start;
	uint16_t special;
};

static int drive_e1000e(volatile uint8_t *bar)
{
	struct page pages[2];
	volatile struct tx_descriptor *ring;
	time_t began = time(NULL);

	if (make_pages(pages, 2) < 0)
		return -1;
	ring = (volatile struct tx_descriptor *)pages[0].map;
	memset(pages[1].map, 0xff, FRAME);
	ring->address = pages[1].address;
	ring->length = FRAME;
	ring->command = TX_END | TX_FCS | TX_REPORT;
	write_address(bar, TDBA, pages[0].address);
	write32(bar, TDLEN, PAGE);
	write32(bar, TDH, 0);
	write32(bar, TDT, 0);
	write32(bar, TCTL, TCTL_ENABLE | TCTL_PAD);
	write32(bar, TDT, 1);
	while (!(ring->status & TX_DONE))
		if (!is_in_time(began))
			return fail("e1000e", "the descriptor stays as it is");
	printf("guest: e1000e DMA ok: head %u\n", read32(bar, TDH));
	return 0;
}

/* --- nvme --- */

enum { NVME_CC = 0x14, NVME_CSTS = 0x1c, NVME_AQA = 0x24, NVME_ASQ = 0x28, NVME_ACQ = 0x30 };
enum { NVME_TAIL = 0x1000, CC_ENABLE = 1, CC_SIZES = 6 << 16 | 4 << 20, IDENTIFY = 6, CONTROLLER = 1 };

static int nvme_wait_ready(volatile uint8_t *bar, uint32_t ready)
{
	time_t began = time(NULL);

	while ((read32(bar, NVME_CSTS) & 1) != ready)
		if (!is_in_time(began))
			return fail("nvme", "it does not become %s", ready ? "ready" : "idle");
	return 0;
}

static int drive_nvme(volatile uint8_t *bar)
{
	struct page submission, completion, answer;
	volatile uint32_t *command, *done;
	time_t began = time(NULL);

	if (make_page(&submission) < 0 || make_page(&completion) < 0 || make_page(&answer) < 0)
		return -1;
	write32(bar, NVME_CC, 0);
	if (nvme_wait_ready(bar, 0) < 0)
		return -1;
	write32(bar, NVME_AQA, 1 << 16 | 1);
	write_address(bar, NVME_ASQ, submission.address);
	write_address(bar, NVME_ACQ, completion.address);
	write32(bar, NVME_CC, CC_SIZES | CC_ENABLE);
	if (nvme_wait_ready(bar, 1) < 0)
		return -1;
	command = (volatile uint32_t *)submission.map;
	command[0] = IDENTIFY;
	command[6] = (uint32_t)answer.address;
	command[7] = (uint32_t)(answer.address >> 32);
	command[10] = CONTROLLER;
	write32(bar, NVME_TAIL, 1);
	done = (volatile uint32_t *)completion.map;
	while (!(done[3] & 1 << 16))
		if (!is_in_time(began))
			return fail("nvme", "no completion");
	if (done[3] >> 17)
		return fail("nvme", "IDENTIFY ended with status %u", done[3] >> 17);
	printf("guest: nvme DMA ok: %.14s\n", (const char *)answer.map + 24);
	return 0;
}

/* --- the machine --- */

static const struct {
	const char *name;
	uint32_t id; /* vendor and device */
	int (*drive)(volatile uint8_t *bar);
} drivers[] = {
	{ "edu", 0x123411e8, drive_edu },
	{ "e1000e", 0x808610d3, drive_e1000e },
	{ "nvme", 0x1b360010, drive_nvme },
};

static int open_file(const char *device, const char *file, int flags)
{
	char path[sizeof(PCI_DEVICES) + 2 * NAME_MAX];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", device, file);
	return open(path, flags | O_CLOEXEC);
}

static uint32_t read_id(const char *device)
{
	uint16_t ids[2] = { 0 };
	int fd = open_file(device, "config", O_RDONLY);

	if (pread(fd, ids, sizeof(ids), 0) != sizeof(ids))
		ids[0] = 0;
	close(fd);
	return (uint32_t)ids[0] << 16 | ids[1];
}

/* Its own driver lets go of it; it decodes memory, and may do DMA. */
static void take_over(const char *device)
{
	uint16_t command = 0;
	int fd = open_file(device, "driver/unbind", O_WRONLY);

	if (fd >= 0 && write(fd, device, strlen(device)) < 0)
		fail(device, "its driver keeps it: %s", strerror(errno));
	close(fd);
	fd = open_file(device, "enable", O_WRONLY);
	if (write(fd, "1", 1) != 1)
		fail(device, "it cannot be enabled: %s", strerror(errno));
	close(fd);
	fd = open_file(device, "config", O_RDWR);
	if (pread(fd, &command, sizeof(command), 4) == sizeof(command)) {
		command |= 2 | 4;
		if (pwrite(fd, &command, sizeof(command), 4) != sizeof(command))
			fail(device, "its command register: %s", strerror(errno));
	}
	close(fd);
}

static void drive(const char *device, int (*driver)(volatile uint8_t *bar))
{
	off_t size;
	void *bar;
	int fd;

	take_over(device);
	fd = open_file(device, "resource0", O_RDWR | O_SYNC);
	size = lseek(fd, 0, SEEK_END);
	bar = size > 0 ? mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (bar == MAP_FAILED)
		fail(device, "its BAR: %s", strerror(errno));
	else
		driver(bar);
	close(fd);
}

static void drive_all(void)
{
	DIR *dir = opendir(PCI_DEVICES);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		for (size_t i = 0; *entry->d_name != '.' && i < sizeof(drivers) / sizeof(*drivers); i++)
			if (read_id(entry->d_name) == drivers[i].id)
				drive(entry->d_name, drivers[i].drive);
}

static void wait_for_line(void)
{
	int c;

	printf("guest: waits\n");
	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 || mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		fail("machine", "%s", strerror(errno));
	drive_all();
	wait_for_line();
	printf("guest: end\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
