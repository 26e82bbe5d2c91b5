/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no verb asks of the library, what the tool refuses before the kernel can, and what the library never
 * does: each failure is explained as the tool does, for a device of unknown kind, and the next one is tried.
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "common.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"

static const char usage_text[] =
	"usage: ask COMMAND [+ COMMAND]...        all words are numbers, of fds too\n"
	"bind CDEV IOMMUFD\n"
	"bind-token CDEV IOMMUFD                  without a token to read\n"
	"attach CDEV PT\n"
	"attach-pasid CDEV PT PASID\n"
	"detach CDEV\n"
	"detach-pasid CDEV PASID\n"
	"map IOMMUFD IOAS IOVA LENGTH\n"
	"map-file IOMMUFD IOAS FD LENGTH\n"
	"option-get IOMMUFD OPTION OBJECT\n"
	"option-set IOMMUFD OPTION OBJECT VALUE\n"
	"dirty IOMMUFD HWPT IOVA LENGTH\n"
	"fault-read FD FAULTS                     in whole records\n"
	"fault-bytes FD BYTES                     read, in any number\n"
	"fault-answer FD BYTES                    written, in any number\n"
	"event-bytes FD BYTES\n"
	"event-offset FD OFFSET\n"
	"region CDEV INDEX\n"
	"irq CDEV INDEX\n"
	"hot-reset CDEV\n"
	"hot-reset-info CDEV DEVICES              with room for so many\n"
	"migration-flags CDEV\n"
	"data-size CDEV\n"
	"precopy CDEV STATE LATER                 of the data of STATE, when LATER has come\n"
	"dma-log CDEV RANGES\n"
	"dma-report CDEV IOVA LENGTH\n"
	"wakeup CDEV EVENTFD\n"
	"ranges IOMMUFD IOAS RANGES               with room for so many\n"
	"longer IOMMUFD                           a struct with more than any kernel knows\n"
	"nowhere IOMMUFD                          a struct that is not there\n";

enum { MAX_ARGS = 4, ROOM = 65536, PAGE = 4096 };

/* What is asked for: the numbers behind the command, and room for answers. */
struct request {
	uint64_t n[MAX_ARGS];
	int fd; /* the first number */
	uint64_t room[ROOM / 8]; /* more than any of the tests says it has */
};

static int ask_bind(struct request *r)
{
	uint32_t id;

	return iommufd_device_bind(r->fd, (int)r->n[1], &id);
}

static int ask_bind_token(struct request *r)
{
	uint32_t id;

	return iommufd_device_bind_token(r->fd, (int)r->n[1], NULL, &id);
}

static int ask_attach(struct request *r)
{
	uint32_t pt = (uint32_t)r->n[1];

	return iommufd_device_attach(r->fd, &pt);
}

static int ask_attach_pasid(struct request *r)
{
	uint32_t pt = (uint32_t)r->n[1];

	return iommufd_device_attach_pasid(r->fd, (uint32_t)r->n[2], &pt);
}

static int ask_detach(struct request *r)
{
	return iommufd_device_detach(r->fd);
}

static int ask_detach_pasid(struct request *r)
{
	return iommufd_device_detach_pasid(r->fd, (uint32_t)r->n[1]);
}

static int ask_map(struct request *r)
{
	const unsigned int flags = IOMMUFD_MAP_READ | IOMMUFD_MAP_FIXED;

	return iommufd_ioas_map(r->fd, (uint32_t)r->n[1], flags, r->room, r->n[3], &r->n[2]);
}

static int ask_map_file(struct request *r)
{
	uint64_t iova = 0;

	return iommufd_ioas_map_file(r->fd, (uint32_t)r->n[1], IOMMUFD_MAP_READ, (int)r->n[2], 0, r->n[3],
				     &iova);
}

static int ask_option_get(struct request *r)
{
	uint64_t value;

	return iommufd_option_get(r->fd, (enum iommufd_option_id)r->n[1], (uint32_t)r->n[2], &value);
}

static int ask_option_set(struct request *r)
{
	return iommufd_option_set(r->fd, (enum iommufd_option_id)r->n[1], (uint32_t)r->n[2], r->n[3]);
}

static int ask_dirty(struct request *r)
{
	return iommufd_hwpt_dirty_bitmap(r->fd, (uint32_t)r->n[1], 0, r->n[2], r->n[3], PAGE, r->room);
}

static int ask_fault_read(struct request *r)
{
	return iommufd_fault_read(r->fd, (struct iommufd_fault *)r->room, r->n[1]);
}

static int ask_fault_bytes(struct request *r)
{
	return read(r->fd, r->room, r->n[1]) < 0 ? -errno : 0;
}

static int ask_fault_answer(struct request *r)
{
	return write(r->fd, r->room, r->n[1]) < 0 ? -errno : 0;
}

static int ask_event_bytes(struct request *r)
{
	return iommufd_veventq_read(r->fd, r->room, r->n[1]);
}

static int ask_event_offset(struct request *r)
{
	return pread(r->fd, r->room, PAGE, (off_t)r->n[1]) < 0 ? -errno : 0;
}

static int ask_region(struct request *r)
{
	struct iommufd_region region;

	return iommufd_device_region(r->fd, (uint32_t)r->n[1], r->room, sizeof(r->room), &region);
}

static int ask_irq(struct request *r)
{
	struct iommufd_irq irq;

	return iommufd_device_irq(r->fd, (uint32_t)r->n[1], &irq);
}

static int ask_irq_eventfd(struct request *r)
{
	return iommufd_device_irq_eventfd(r->fd, (uint32_t)r->n[1], (int)r->n[2]);
}

static int ask_hot_reset(struct request *r)
{
	return iommufd_device_hot_reset(r->fd);
}

static int ask_hot_reset_info(struct request *r)
{
	struct uapi_vfio_pci_hot_reset_info *info = (void *)r->room;

	info->argsz = (uint32_t)(sizeof(*info) + r->n[1] * sizeof(struct uapi_vfio_pci_dependent_device));
	return ioctl(r->fd, UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, info) < 0 ? -errno : 0;
}

static int ask_migration_flags(struct request *r)
{
	return iommufd_device_migration_flags(r->fd, r->room);
}

static int ask_data_size(struct request *r)
{
	return iommufd_device_migration_data_size(r->fd, r->room);
}

static int ask_precopy(struct request *r)
{
	int data = -1, none, rc = iommufd_device_migration_set_state(r->fd, (uint32_t)r->n[1], &data);

	if (rc == 0)
		rc = iommufd_device_migration_set_state(r->fd, (uint32_t)r->n[2], &none);
	if (rc < 0)
		die(FAILED, "precopy: the device is not in this state: %s", error_name(rc));
	rc = iommufd_migration_precopy(data, &r->room[0], &r->room[1]);
	close(data);
	return rc;
}

static int ask_dma_log(struct request *r)
{
	struct iommufd_span *spans = (struct iommufd_span *)r->room;
	uint64_t page = PAGE;

	for (uint64_t i = 0; i < r->n[1]; i++)
		spans[i] = (struct iommufd_span){ 2 * i * PAGE, PAGE };
	return iommufd_device_dma_logging_start(r->fd, spans, r->n[1], &page);
}

static int ask_dma_report(struct request *r)
{
	return iommufd_device_dma_logging_report(r->fd, r->n[1], r->n[2], PAGE, r->room);
}

static int ask_wakeup(struct request *r)
{
	return iommufd_device_low_power_entry(r->fd, (int)r->n[1]);
}

static int ask_ranges(struct request *r)
{
	struct uapi_iommu_ioas_iova_ranges arg = {
		.size = sizeof(arg),
		.ioas_id = (uint32_t)r->n[1],
		.num_iovas = (uint32_t)r->n[2],
		.allowed_iovas = (uintptr_t)r->room,
	};

	return ioctl(r->fd, UAPI_IOMMU_IOAS_IOVA_RANGES, &arg) < 0 ? -errno : 0;
}

static int ask_longer(struct request *r)
{
	const struct uapi_iommu_destroy arg = { .size = PAGE };

	memset(r->room, 1, PAGE);
	memcpy(r->room, &arg, sizeof(arg));
	return ioctl(r->fd, UAPI_IOMMU_DESTROY, r->room) < 0 ? -errno : 0;
}

static int ask_nowhere(struct request *r)
{
	return ioctl(r->fd, UAPI_IOMMU_DESTROY, NULL) < 0 ? -errno : 0;
}

static const struct command {
	const char *name;
	int n;
	enum iommufd_op op;
	int (*ask)(struct request *r);
} commands[] = {
	{ "bind", 2, IOMMUFD_OP_BIND, ask_bind },
	{ "bind-token", 2, IOMMUFD_OP_BIND_TOKEN, ask_bind_token },
	{ "attach", 2, IOMMUFD_OP_ATTACH, ask_attach },
	{ "attach-pasid", 3, IOMMUFD_OP_ATTACH_PASID, ask_attach_pasid },
	{ "detach", 1, IOMMUFD_OP_DETACH, ask_detach },
	{ "detach-pasid", 2, IOMMUFD_OP_DETACH_PASID, ask_detach_pasid },
	{ "map", 4, IOMMUFD_OP_IOAS_MAP, ask_map },
	{ "map-file", 4, IOMMUFD_OP_IOAS_MAP_FILE, ask_map_file },
	{ "option-get", 3, IOMMUFD_OP_OPTION_GET, ask_option_get },
	{ "option-set", 4, IOMMUFD_OP_OPTION_SET, ask_option_set },
	{ "dirty", 4, IOMMUFD_OP_HWPT_DIRTY_BITMAP, ask_dirty },
	{ "fault-read", 2, IOMMUFD_OP_FAULT_READ, ask_fault_read },
	{ "fault-bytes", 2, IOMMUFD_OP_FAULT_READ, ask_fault_bytes },
	{ "fault-answer", 2, IOMMUFD_OP_FAULT_RESPOND, ask_fault_answer },
	{ "event-bytes", 2, IOMMUFD_OP_VEVENTQ_READ, ask_event_bytes },
	{ "event-offset", 2, IOMMUFD_OP_VEVENTQ_READ, ask_event_offset },
	{ "region", 2, IOMMUFD_OP_REGION_INFO, ask_region },
	{ "irq", 2, IOMMUFD_OP_IRQ_INFO, ask_irq },
	{ "irq-eventfd", 3, IOMMUFD_OP_IRQ_SET, ask_irq_eventfd },
	{ "hot-reset", 1, IOMMUFD_OP_HOT_RESET, ask_hot_reset },
	{ "hot-reset-info", 2, IOMMUFD_OP_HOT_RESET_INFO, ask_hot_reset_info },
	{ "migration-flags", 1, IOMMUFD_OP_MIGRATION_FLAGS, ask_migration_flags },
	{ "data-size", 1, IOMMUFD_OP_MIGRATION_DATA_SIZE, ask_data_size },
	{ "precopy", 3, IOMMUFD_OP_MIGRATION_PRECOPY, ask_precopy },
	{ "dma-log", 2, IOMMUFD_OP_DMA_LOGGING_START, ask_dma_log },
	{ "dma-report", 3, IOMMUFD_OP_DMA_LOGGING_REPORT, ask_dma_report },
	{ "wakeup", 2, IOMMUFD_OP_LOW_POWER_WAKEUP, ask_wakeup },
	{ "ranges", 3, IOMMUFD_OP_IOAS_RANGES, ask_ranges },
	{ "longer", 1, IOMMUFD_OP_DESTROY, ask_longer },
	{ "nowhere", 1, IOMMUFD_OP_DESTROY, ask_nowhere },
};

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	die(USAGE, "'%s' is no command", name);
}

/* One command, of n words. Its failure is told. */
static bool ask(int n, char **word)
{
	const struct command *command = find(word[0]);
	static struct request r;
	struct iommufd_explanation why;
	int rc;

	if (n - 1 != command->n)
		die(USAGE, "%s: wrong number of words", word[0]);
	for (int i = 0; i < command->n; i++)
		r.n[i] = need_u64("a number", word[i + 1], UINT64_MAX);
	r.fd = (int)r.n[0];
	rc = command->ask(&r);
	if (rc >= 0)
		return true;
	iommufd_explain(command->op, rc, IOMMUFD_KIND_UNKNOWN, &why);
	fprintf(stderr, "ask: %s: %s (%s)\n", word[0], why.sentence, error_name(rc));
	if (why.hint)
		fprintf(stderr, "hint: %s\n", why.hint);
	return false;
}

int main(int argc, char **argv)
{
	bool done = true;
	int start = 1;

	if (argc < 2) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	for (int i = 1; i <= argc; i++) {
		if (i < argc && strcmp(argv[i], "+") != 0)
			continue;
		if (i == start)
			die(USAGE, "an empty command");
		done = ask(i - start, argv + start) && done;
		start = i + 1;
	}
	return done ? 0 : FAILED;
}
