/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VFIO side of a device: info, interrupts, resets, features. */
#include <errno.h>
#include <string.h>

#include "calls.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

static void test_info(void **state)
{
	struct uapi_vfio_device_info info = { .argsz = 16, .cap_offset = 77 };
	struct uapi_vfio_region_info region = { .argsz = sizeof(region), .index = 7 };
	struct uapi_vfio_irq_info irq = { .argsz = sizeof(irq), .index = 1 };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	bind_device(&bench, LAB_EDU);
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_INFO, &info), 0);
	assert_int_equal(info.num_regions, 9);
	assert_int_equal(info.cap_offset, 77); /* not in a struct of 16 bytes */
	info.argsz = 15;
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_REGION_INFO, &region), 0);
	assert_int_equal(region.size, 256);
	assert_int_equal(region.offset, 7ull << 40);
	region.index = 8;
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_REGION_INFO, &region), -EINVAL);
	irq.index = 3;
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_IRQ_INFO, &irq), -EINVAL);
	irq.index = 1;
	bind_device(&bench, LAB_MTTY);
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_GET_IRQ_INFO, &irq),
			 -EINVAL); /* info first */
	info.argsz = sizeof(info);
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_GET_INFO, &info), 0);
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_GET_IRQ_INFO, &irq), 0);
	assert_int_equal(irq.count, 1);
	bench_close(&bench);
}

struct irq_set {
	struct uapi_vfio_irq_set head;
	int32_t fd;
};

static long set_irq(struct bench *bench, int device, uint32_t flags, uint32_t index, uint32_t count, int fd)
{
	struct irq_set set = { { sizeof(set), flags, index, 0, count }, fd };

	return on_cdev(bench, device, UAPI_VFIO_DEVICE_SET_IRQS, &set);
}

enum { NONE = 1, EVENTFD = 4, MASK = 8, UNMASK = 16, TRIGGER = 32 };

static void test_irqs(void **state)
{
	struct world_event event;
	struct bench bench;
	int fd;

	(void)state;
	bench_open(&bench, "7.2");
	world_event_init(&event);
	fd = world_fd_event(&bench.world, &event);
	bind_device(&bench, LAB_EDU);
	assert_int_equal(set_irq(&bench, LAB_EDU, EVENTFD | TRIGGER, 1, 1, 60), -EBADF);
	assert_int_equal(set_irq(&bench, LAB_EDU, EVENTFD | TRIGGER, 1, 1, bench.fd), -EINVAL);
	assert_int_equal(set_irq(&bench, LAB_EDU, EVENTFD | TRIGGER, 1, 2, fd), -EINVAL); /* there is one */
	assert_int_equal(set_irq(&bench, LAB_EDU, EVENTFD | TRIGGER, 1, 1, fd), 0);
	sim_irq_fire(device_of(&bench, LAB_EDU), 1, 0);
	assert_int_equal(event.fired, 1);
	assert_int_equal(set_irq(&bench, LAB_EDU, NONE | TRIGGER, 1, 1, 0), 0);
	assert_int_equal(event.fired, 2);
	assert_int_equal(set_irq(&bench, LAB_EDU, EVENTFD | TRIGGER, 0, 1, fd), -EINVAL); /* MSI is on */
	assert_int_equal(set_irq(&bench, LAB_EDU, NONE | TRIGGER, 1, 0, 0), 0);
	assert_int_equal(event.freed, 1);
	sim_irq_fire(device_of(&bench, LAB_EDU), 1, 0);
	assert_int_equal(event.fired, 2);
	assert_int_equal(set_irq(&bench, LAB_EDU, EVENTFD | TRIGGER, 0, 1, fd), 0);
	sim_irq_fire(device_of(&bench, LAB_EDU), 0, 0);
	sim_irq_fire(device_of(&bench, LAB_EDU), 0, 0); /* waits until the first one is unmasked */
	assert_int_equal(event.fired, 3);
	assert_int_equal(set_irq(&bench, LAB_EDU, NONE | UNMASK, 0, 1, 0), 0);
	assert_int_equal(event.fired, 4);
	close_device(&bench, LAB_EDU);
	assert_int_equal(event.freed, 2);
	bench_close(&bench);
}

static void test_hot_reset(void **state)
{
	struct {
		struct uapi_vfio_pci_hot_reset_info head;
		struct uapi_vfio_pci_dependent_device devices[2];
	} info = { .head = { .argsz = sizeof(info) } };
	struct uapi_vfio_pci_hot_reset reset = { .argsz = sizeof(reset) };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	bind_device(&bench, LAB_EDU);
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), -ENODEV);
	assert_int_equal(bind_device(&bench, LAB_EDU_0), 2);
	assert_int_equal(on_cdev(&bench, LAB_EDU_0, UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), 0);
	assert_int_equal(info.head.count, 2);
	assert_int_equal(info.head.flags, 3); /* all are the caller's: one of them by its group */
	assert_int_equal(info.devices[0].devid, 2);
	assert_int_equal(info.devices[1].devid, UAPI_VFIO_PCI_DEVID_OWNED);
	assert_int_equal(info.devices[1].bus, 2);
	assert_int_equal(info.devices[1].devfn, 1);
	info.head.argsz = sizeof(info.head);
	assert_int_equal(on_cdev(&bench, LAB_EDU_0, UAPI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), -ENOSPC);
	assert_int_equal(info.head.count, 2);
	assert_int_equal(on_cdev(&bench, LAB_EDU_0, UAPI_VFIO_DEVICE_PCI_HOT_RESET, &reset), 0);
	sim_device_set_driver(device_of(&bench, LAB_EDU_1), SIM_DRIVER_NONE);
	assert_int_equal(on_cdev(&bench, LAB_EDU_0, UAPI_VFIO_DEVICE_PCI_HOT_RESET, &reset), -EINVAL);
	reset.count = 1;
	assert_int_equal(on_cdev(&bench, LAB_EDU_0, UAPI_VFIO_DEVICE_PCI_HOT_RESET, &reset), -EINVAL);
	bench_close(&bench);
}

/* --- features ---------------------------------------------------------------------------------------- */

struct feature {
	struct uapi_vfio_device_feature head;
	union {
		uint64_t words[4];
		struct uapi_vfio_device_feature_mig_state state;
		struct uapi_vfio_device_feature_dma_logging_control control;
		struct uapi_vfio_device_feature_dma_logging_report report;
		struct uapi_vfio_device_feature_dma_buf dma_buf;
	};
};

enum { GET = 1 << 16, SET = 1 << 17, PROBE = 1 << 18 };

static long migrate(struct bench *bench, uint32_t to, int *fd)
{
	struct feature feature = { { 16, SET | UAPI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE },
				   .state = { to, 0 } };
	long rc = on_cdev(bench, LAB_MTTY, UAPI_VFIO_DEVICE_FEATURE, &feature);

	*fd = feature.state.data_fd;
	return rc;
}

/* From one device, stopped, to another one: a header and the state. */
static void test_migration(void **state)
{
	unsigned char bytes[256];
	struct bench bench;
	int fd;

	(void)state;
	bench_open(&bench, "7.2");
	bind_device(&bench, LAB_MTTY);
	assert_int_equal(migrate(&bench, 9, &fd), -EINVAL);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_ERROR, &fd), -EINVAL);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_STOP_COPY, &fd), 0);
	assert_true(fd > 0);
	assert_int_equal(sim_file_read(world_file(&bench.world, fd), bytes, sizeof(bytes)), 24 + 36);
	assert_int_equal(sim_file_read(world_file(&bench.world, fd), bytes, sizeof(bytes)), 0);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_PRE_COPY, &fd), -EINVAL);
	assert_int_equal(fd, -1);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RESUMING, &fd), 0);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RUNNING, &fd), -EINVAL); /* nothing came */
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RESUMING, &fd), 0);
	assert_int_equal(fd, -1); /* it still is in that state */
	for (fd = WORLD_FDS - 1; !bench.world.open[fd]; fd--)
		;
	assert_int_equal(sim_file_write(world_file(&bench.world, fd), bytes, 24 + 36), 24 + 36);
	assert_int_equal(sim_file_read(world_file(&bench.world, fd), bytes, 1), -EBADF);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_STOP_COPY, &fd), 0); /* by way of stop */
	assert_true(fd > 0);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RESUMING, &fd), 0);
	assert_int_equal(sim_file_write(world_file(&bench.world, fd), bytes, 24 + 36), 24 + 36);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RUNNING, &fd), 0);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RESUMING, &fd), 0);
	assert_true(fd > 0);
	assert_int_equal(sim_file_write(world_file(&bench.world, fd), bytes, 20), 20);
	bytes[20]++;
	assert_int_equal(sim_file_write(world_file(&bench.world, fd), bytes + 20, 10), -EFAULT);
	assert_int_equal(sim_file_write(world_file(&bench.world, fd), bytes, 200), -ENOMEM);
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_RESET, NULL), 0);
	assert_int_equal(sim_file_write(world_file(&bench.world, fd), bytes, 1), -ENODEV);
	assert_int_equal(migrate(&bench, UAPI_VFIO_DEVICE_STATE_RUNNING, &fd), 0);
	bench_close(&bench);
}

static void test_logging(void **state)
{
	struct uapi_vfio_device_feature_dma_logging_range range = { 0x10000, 0x4000 };
	struct feature start = { { 8 + 24, SET | UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START },
				 .control = { PAGE_SIZE, 1, 0, (uintptr_t)&range } };
	uint64_t bits = 0;
	struct feature report = { { 8 + 32, GET | UAPI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT },
				  .report = { 0x10000, 0x8000, PAGE_SIZE, (uintptr_t)&bits } };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 8, 0x10000);
	bind_device(&bench, LAB_MTTY);
	attach_device(&bench, LAB_MTTY, 1);
	start.control.num_ranges = 0;
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_FEATURE, &start), -EINVAL);
	start.control.num_ranges = 1;
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_FEATURE, &start), 0);
	assert_int_equal(sim_dma_write(device_of(&bench, LAB_MTTY), 0x12ffe, "abcd", 4), 0);
	assert_int_equal(sim_dma_write(device_of(&bench, LAB_MTTY), 0x15000, "a", 1),
			 0); /* outside the range */
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_FEATURE, &report), 0);
	assert_int_equal(bits, 1 << 2 | 1 << 3);
	bits = 0;
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_FEATURE, &report), 0);
	assert_int_equal(bits, 0);
	report.report.page_size = 3000;
	assert_int_equal(on_cdev(&bench, LAB_MTTY, UAPI_VFIO_DEVICE_FEATURE, &report), -EINVAL);
	bench_close(&bench);
}

/* A region as memory of others, until it is revoked. */
static void test_dma_buf(void **state)
{
	struct {
		struct feature feature;
		uint64_t more[2];
	} get = { .feature = { { 8 + 16 + 16, GET | UAPI_VFIO_DEVICE_FEATURE_DMA_BUF },
			       .dma_buf = { .nr_ranges = 1 } } };
	struct uapi_iommu_ioas_map_file map = { .size = sizeof(map), .flags = FIXED | R | W, .ioas_id = 1,
						.length = PAGE_SIZE, .iova = 0x10000 };
	struct uapi_vfio_region_dma_range range = { 0, PAGE_SIZE };
	struct bench bench;
	long fd;

	(void)state;
	bench_open(&bench, "7.2");
	new_ioas(&bench);
	bind_device(&bench, LAB_TESTDEV);
	memcpy((char *)&get.feature.dma_buf + sizeof(get.feature.dma_buf), &range, sizeof(range));
	fd = on_cdev(&bench, LAB_TESTDEV, UAPI_VFIO_DEVICE_FEATURE, &get);
	assert_true(fd > 0);
	map.fd = (int)fd;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), 0);
	map.iova = 0x20000;
	map.length = 2 * PAGE_SIZE;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), -EINVAL);
	close_device(&bench, LAB_TESTDEV);
	map.length = PAGE_SIZE;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), -ENODEV);
	bench_close(&bench);
	bench_open(&bench, "6.12");
	bind_device(&bench, LAB_TESTDEV);
	assert_int_equal(on_cdev(&bench, LAB_TESTDEV, UAPI_VFIO_DEVICE_FEATURE, &get), -ENOTTY);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),	  cmocka_unit_test(test_irqs),
		cmocka_unit_test(test_hot_reset), cmocka_unit_test(test_migration),
		cmocka_unit_test(test_logging),	  cmocka_unit_test(test_dma_buf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
