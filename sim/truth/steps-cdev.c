// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "tests/lab.h"
#include "uapi/vfio.h"

enum { PAGE_SIZE = 4096, MTTY_STATE = 24 };

struct attempt {
	struct steps *steps;
	int device, open;
};

static long call(struct attempt *attempt, const char *name, unsigned long request, void *arg)
{
	struct steps *steps = attempt->steps;
	long rc = steps->side->ops->cdev_ioctl(steps->side, attempt->device, attempt->open, request, arg);

	printf("%lu cdev %d.%d %s = %ld", steps->n, attempt->device, attempt->open, name, rc);
	return rc;
}

static void do_bind(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	enum side_fd what = pick(steps, 10) ? FD_CONTEXT : 1 + pick(steps, 4);
	int which = what == FD_CONTEXT ? !pick(steps, 8) : 0;
	struct {
		struct uapi_vfio_device_bind_iommufd bind;
		uint64_t zeros[4];
	} arg = { .bind = { .argsz = pick(steps, 2) ? 16 : 24, .flags = pick(steps, 16) ? 0 : 1 } };

	arg.bind.iommufd = steps->side->ops->fd(steps->side, what, which);
	if (what == FD_CONTEXT && !steps->contexts[which])
		arg.bind.iommufd = -1;
	if (!pick(steps, 30))
		arg.bind.argsz = pick(steps, 40);
	/* To bind one that shares its bus resets the bus, which takes long. */
	if ((attempt->device == LAB_EDU_0 || attempt->device == LAB_EDU_1) && pick(steps, 4))
		return;
	call(attempt, "bind", UAPI_VFIO_DEVICE_BIND_IOMMUFD, &arg);
	printf(" %x\n", arg.bind.out_devid);
}

static void do_attach(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	bool pasid = !pick(steps, 12);
	struct uapi_vfio_device_attach_iommufd_pt arg = { pasid ? 16 : 12, pasid, pick_id(steps),
							  pick(steps, 3) };

	if (!pick(steps, 30))
		arg.argsz = pick(steps, 20);
	call(attempt, "attach", UAPI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg);
	printf(" %x\n", arg.pt_id);
}

static void do_detach(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	bool pasid = !pick(steps, 6);
	struct uapi_vfio_device_detach_iommufd_pt arg = { pasid ? 12 : 8, pasid, pick(steps, 3) };

	if (!pick(steps, 16))
		arg.argsz = pick(steps, 16);
	call(attempt, "detach", UAPI_VFIO_DEVICE_DETACH_IOMMUFD_PT, &arg);
	putchar('\n');
}

static void do_device_info(struct attempt *attempt)
{
	uint32_t words[12] = { pick(attempt->steps, 4) ? 24 : pick(attempt->steps, 48) };

	call(attempt, "info", UAPI_VFIO_DEVICE_GET_INFO, words);
	for (int i = 0; i < 6; i++)
		printf(" %x", words[i]);
	putchar('\n');
}

static void do_region(struct attempt *attempt)
{
	struct uapi_vfio_region_info info[2] = {
		{ .argsz = pick(attempt->steps, 4) ? 32 : pick(attempt->steps, 64),
		  .index = pick(attempt->steps, 11) }
	};

	call(attempt, "region", UAPI_VFIO_DEVICE_GET_REGION_INFO, info);
	printf(" %x %x %x %x %llx %llx\n", info->argsz, info->flags, info->index, info->cap_offset,
	       (unsigned long long)info->size, (unsigned long long)info->offset);
}

static void do_irq(struct attempt *attempt)
{
	struct uapi_vfio_irq_info info = { .argsz = pick(attempt->steps, 8) ? 16 : pick(attempt->steps, 20),
					   .index = pick(attempt->steps, 7) };

	call(attempt, "irq", UAPI_VFIO_DEVICE_GET_IRQ_INFO, &info);
	printf(" %x %x %x\n", info.flags, info.index, info.count);
}

struct irq_set {
	struct uapi_vfio_irq_set head;
	int32_t fds[2];
};

static void do_set_irqs(struct attempt *attempt)
{
	static const uint32_t data[] = { 1, 2, 4, 4, 4 }, actions[] = { 8, 16, 32, 32, 32, 32 };
	struct steps *steps = attempt->steps;
	struct irq_set set = { .head = { .argsz = 28, .flags = pick_of(steps, data) | pick_of(steps, actions),
					 .index = pick(steps, 6), .count = pick(steps, 3) } };

	set.head.start = pick(steps, 8) ? 0 : 1;
	for (int i = 0; i < 2; i++)
		set.fds[i] = pick(steps, 5) ? steps->side->ops->fd(steps->side,
								   pick(steps, 12) ? FD_EVENT : FD_OTHER, 0)
					    : -1;
	if (set.head.flags & 2)
		memset(set.fds, 1, sizeof(set.fds));
	/* An event fd for unmasking, and the vectors of a real interrupt controller, are not in the model. */
	if (set.head.index == 0 && (set.head.flags & 20) == 20)
		return;
	call(attempt, "set-irqs", UAPI_VFIO_DEVICE_SET_IRQS, &set);
	printf(" %x %x %x %x\n", set.head.flags, set.head.index, set.head.start, set.head.count);
}

static void do_reset(struct attempt *attempt)
{
	call(attempt, "reset", UAPI_VFIO_DEVICE_RESET, NULL);
	putchar('\n');
}

static void do_hot_info(struct attempt *attempt)
{
	uint32_t words[3 + 4 * 2] = { pick(attempt->steps, 4) ? sizeof(words) : pick(attempt->steps, 44) };

	call(attempt, "hot-reset-info", UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, words);
	for (int i = 0; i < 11; i++)
		printf(" %x", words[i]);
	putchar('\n');
}

struct feature {
	struct uapi_vfio_device_feature head;
	union {
		uint64_t words[8];
		struct uapi_vfio_device_feature_mig_state state;
		struct uapi_vfio_device_feature_dma_logging_control control;
		struct uapi_vfio_device_feature_dma_logging_report report;
		struct uapi_vfio_device_feature_dma_buf dma_buf;
	};
};

static void do_migrate(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	struct feature feature = {
		.head = { 16, UAPI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE |
				      (pick(steps, 4) ? UAPI_VFIO_DEVICE_FEATURE_SET
						      : UAPI_VFIO_DEVICE_FEATURE_GET) },
		.state = { mostly(steps, pick(steps, 9)), 0 },
	};
	long rc = call(attempt, "migrate", UAPI_VFIO_DEVICE_FEATURE, &feature);

	printf(" %x %s\n", feature.state.device_state, feature.state.data_fd < 0 ? "none" : "fd");
	if (rc == 0 && feature.head.flags & UAPI_VFIO_DEVICE_FEATURE_SET && feature.state.data_fd > 0)
		keep_file(steps, feature.state.data_fd);
}

static void do_logging(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	struct uapi_vfio_device_feature_dma_logging_range ranges[2] = {
		{ pick_iova(steps), pick_length(steps) | 4096 }, { pick_iova(steps), 4096 }
	};
	struct feature feature = { .head = { 8 + 32, UAPI_VFIO_DEVICE_FEATURE_SET |
							     UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START } };
	uint64_t bits[8] = { 0 };

	if (pick(steps, 2)) {
		feature.control = (struct uapi_vfio_device_feature_dma_logging_control){
			4096, pick(steps, 3), 0, (uintptr_t)ranges };
	} else {
		feature.head.flags =
			UAPI_VFIO_DEVICE_FEATURE_GET | UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT;
		feature.report = (struct uapi_vfio_device_feature_dma_logging_report){
			pick_iova(steps), pick_length(steps), pick(steps, 4) ? 4096 : pick(steps, 9000),
			(uintptr_t)bits
		};
	}
	call(attempt, "logging", UAPI_VFIO_DEVICE_FEATURE, &feature);
	printf(" %llx %llx\n", (unsigned long long)feature.words[0], (unsigned long long)bits[0]);
}

/* Of a small region and a large one, in whole pages and not. */
static void do_dma_buf(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	struct feature feature = {
		.head = { 8 + 16 + 32, UAPI_VFIO_DEVICE_FEATURE_GET | UAPI_VFIO_DEVICE_FEATURE_DMA_BUF },
		.dma_buf = { .region_index = pick(steps, 3) ? 0 : pick(steps, 9), .flags = !pick(steps, 16),
			     .nr_ranges = pick(steps, 3) },
	};
	uint64_t *ranges = &feature.words[2];
	long rc;

	for (int i = 0; i < 4; i++)
		ranges[i] = (uint64_t)pick(steps, 4) * PAGE_SIZE + (pick(steps, 12) ? 0 : 8);
	rc = steps->side->ops->cdev_ioctl(steps->side, attempt->device, attempt->open,
					  UAPI_VFIO_DEVICE_FEATURE, &feature);
	printf("%lu cdev %d.%d dma-buf %x %x: %llx+%llx %llx+%llx = %ld\n", steps->n, attempt->device,
	       attempt->open, feature.dma_buf.region_index, feature.dma_buf.nr_ranges,
	       (unsigned long long)ranges[0], (unsigned long long)ranges[1], (unsigned long long)ranges[2],
	       (unsigned long long)ranges[3], rc > 0 ? 1 : rc);
	keep_file(steps, rc ? rc : -1);
}

/* Only those that change nothing are got and set; the others are asked for. */
static void do_feature(struct attempt *attempt)
{
	static const uint32_t ops[] = { 1u << 16, 1u << 17, 3u << 16, 0 };
	struct steps *steps = attempt->steps;
	uint32_t index = pick(steps, 16);
	struct feature feature = { .head = { pick(steps, 6) ? sizeof(feature) : pick(steps, 24),
					     index | pick_of(steps, ops) } };

	if (index != 1 && index != 9 && index != 7)
		feature.head.flags |= UAPI_VFIO_DEVICE_FEATURE_PROBE;
	call(attempt, "feature", UAPI_VFIO_DEVICE_FEATURE, &feature);
	printf(" %x %llx\n", feature.head.flags, (unsigned long long)feature.words[0]);
}

static void do_device_other(struct attempt *attempt)
{
	static const unsigned long numbers[] = { 0x64, 0x69, 0x6a, 0x79, 0x7a, 0x80, 0x81, 0xff };
	uint64_t words[16] = { 64 };

	call(attempt, "other", UAPI_IO(pick_of(attempt->steps, numbers)), words);
	putchar('\n');
}

/* It takes a fifth of a second. */
static void do_dma(struct attempt *attempt)
{
	struct steps *steps = attempt->steps;
	struct uapi_vfio_device_info info = { .argsz = sizeof(info) };
	uint64_t from = pick_iova(steps) & 0xffffff8, to = pick_iova(steps) & 0xffffff8;
	const unsigned char *arena = (const unsigned char *)ARENA;
	uint32_t sum = 0;

	if (attempt->device < LAB_EDU || attempt->device > LAB_EDU_1 || pick(steps, 3))
		return;
	if (steps->side->ops->cdev_ioctl(steps->side, attempt->device, attempt->open,
					 UAPI_VFIO_DEVICE_GET_INFO, &info))
		return;
	steps->side->ops->dma(steps->side, attempt->device, attempt->open, from, to,
			      8 * (1 + pick(steps, 100)));
	for (size_t i = 0; i < ARENA_MISSING * (size_t)PAGE_SIZE; i++)
		sum = sum * 31 + arena[i];
	printf("%lu cdev %d.%d dma %llx %llx: %x\n", steps->n, attempt->device, attempt->open,
	       (unsigned long long)from, (unsigned long long)to, sum);
}

void step_cdev(struct steps *steps, int device, int open)
{
	static void (*const kinds[])(struct attempt *attempt) = {
		do_bind, do_bind, do_bind, do_bind, do_attach, do_attach, do_attach, do_attach, do_attach,
		do_attach, do_detach, do_device_info, do_region, do_irq, do_set_irqs, do_reset, do_hot_info,
		do_migrate, do_logging, do_feature, do_device_other, do_dma, do_dma, do_dma_buf,
	};
	struct attempt attempt = { steps, device, open };

	pick_of(steps, kinds)(&attempt);
}
