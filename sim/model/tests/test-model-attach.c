/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical devices, their groups and page tables; who is charged for what they pin. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

static int byte_at(struct bench *bench, int device, uint64_t iova)
{
	unsigned char byte;

	return sim_dma_read(device_of(bench, device), iova, &byte, 1) ? -EFAULT : byte;
}

/* The page table is the kernel's own, and goes with the last device. DMA follows a replace. */
static void test_automatic(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	new_ioas(&bench);
	new_ioas(&bench);
	map_fixed(&bench, 1, 3, 1, 0x10000);
	map_fixed(&bench, 2, 4, 1, 0x10000);
	assert_int_equal(byte_at(&bench, LAB_EDU, 0x10000), -EFAULT);
	assert_int_equal(bind_device(&bench, LAB_EDU), 3);
	assert_int_equal(byte_at(&bench, LAB_EDU, 0x10000), -EFAULT);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 4);
	assert_int_equal(bench.world.pins, 1);
	assert_int_equal(byte_at(&bench, LAB_EDU, 0x10000), 3);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 4);
	assert_int_equal(bind_device(&bench, LAB_TESTDEV), 5);
	assert_int_equal(attach_device(&bench, LAB_TESTDEV, 1), 4); /* the same one */
	assert_int_equal(attach_device(&bench, LAB_EDU, 2), 6);
	assert_int_equal(byte_at(&bench, LAB_EDU, 0x10000), 4);
	assert_int_equal(byte_at(&bench, LAB_TESTDEV, 0x10000), 3);
	assert_int_equal(destroy(&bench, 4), -EBUSY);
	assert_int_equal(detach_device(&bench, LAB_TESTDEV), 0);
	assert_int_equal(destroy(&bench, 4), -ENOENT);
	assert_int_equal(bench.world.pins, 1);
	assert_int_equal(destroy(&bench, 2), -EBUSY);
	assert_int_equal(destroy(&bench, 1), 0);
	close_device(&bench, LAB_EDU);
	assert_int_equal(destroy(&bench, 6), -ENOENT);
	assert_int_equal(destroy(&bench, 2), 0);
	bench_close(&bench);
}

static void test_manual(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	new_ioas(&bench);
	map_fixed(&bench, 1, 3, 1, 0x10000);
	assert_int_equal(bind_device(&bench, LAB_EDU), 2);
	assert_int_equal(new_hwpt(&bench, 7, 1, 0), -ENOENT);
	assert_int_equal(new_hwpt(&bench, 2, 7, 0), -EINVAL); /* not ENOENT */
	assert_int_equal(new_hwpt(&bench, 2, 2, 0), -EINVAL);
	assert_int_equal(new_hwpt(&bench, 2, 1, UAPI_IOMMU_HWPT_ALLOC_DIRTY_TRACKING), -EOPNOTSUPP);
	assert_int_equal(new_hwpt(&bench, 2, 1, 0), 3);
	assert_int_equal(bench.world.pins, 1); /* filled before anything is attached */
	assert_int_equal(attach_device(&bench, LAB_EDU, 3), 3);
	assert_int_equal(map_fixed(&bench, 1, 5, 2, 0x20000), 0);
	assert_int_equal(bench.world.pins, 3);
	assert_int_equal(byte_at(&bench, LAB_EDU, 0x21000), 6);
	assert_int_equal(destroy(&bench, 3), -EBUSY);
	assert_int_equal(attach_device(&bench, LAB_EDU, 2), -EINVAL); /* a device */
	assert_int_equal(attach_device(&bench, LAB_EDU, 9), -ENOENT);
	assert_int_equal(detach_device(&bench, LAB_EDU), 0);
	assert_int_equal(destroy(&bench, 3), 0);
	assert_int_equal(bench.world.pins, 0);
	bench_close(&bench);
}

/* One page table for a group: its devices follow, and another context is refused. */
static void test_group(void **state)
{
	struct uapi_vfio_device_bind_iommufd bind = { .argsz = 16 };
	struct sim_context *other;
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	new_ioas(&bench);
	new_ioas(&bench);
	map_fixed(&bench, 1, 1, 1, 0x10000);
	map_fixed(&bench, 2, 2, 1, 0x10000);
	assert_int_equal(bind_device(&bench, LAB_EDU_0), 3);
	other = sim_context_open(bench.sim, false);
	bind.iommufd = world_fd_context(&bench.world, other);
	assert_int_equal(on_cdev(&bench, LAB_EDU_1, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &bind), -EPERM);
	world_close(&bench.world, bind.iommufd);
	sim_context_close(other);
	assert_int_equal(bind_device(&bench, LAB_EDU_1), 4);
	assert_int_equal(attach_device(&bench, LAB_EDU_0, 1), 5);
	assert_int_equal(attach_device(&bench, LAB_EDU_1, 2), -EINVAL); /* where its group is, or nowhere */
	assert_int_equal(attach_device(&bench, LAB_EDU_1, 1), 5);
	assert_int_equal(attach_device(&bench, LAB_EDU_1, 2), 6);
	assert_int_equal(byte_at(&bench, LAB_EDU_0, 0x10000), 2);
	assert_int_equal(destroy(&bench, 5), -ENOENT);
	assert_int_equal(detach_device(&bench, LAB_EDU_0), 0);
	assert_int_equal(byte_at(&bench, LAB_EDU_1, 0x10000), 2);
	bench_close(&bench);
}

static void test_bind(void **state)
{
	struct uapi_vfio_device_bind_iommufd bind = { .argsz = 15, .iommufd = 60 };
	struct uapi_vfio_device_info info = { .argsz = sizeof(info) };
	struct sim_cdev *second;
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), -EINVAL);
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &bind), -EINVAL);
	bind.argsz = 16;
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &bind), -EBADF);
	bind.iommufd = world_fd_other(&bench.world);
	assert_int_equal(on_cdev(&bench, LAB_EDU, UAPI_VFIO_DEVICE_BIND_IOMMUFD, &bind), -EBADFD);
	assert_int_equal(bind_device(&bench, LAB_EDU), 1);
	assert_int_equal(bind_device(&bench, LAB_EDU), -EINVAL);
	assert_int_equal(sim_cdev_open(device_of(&bench, LAB_EDU), &second), 0);
	bind.iommufd = bench.fd;
	assert_int_equal(
		sim_cdev_ioctl(second, UAPI_VFIO_DEVICE_BIND_IOMMUFD, (uintptr_t)&bind, &bench.world.caller),
		-EINVAL);
	sim_cdev_close(second);
	assert_int_equal(sim_device_set_driver(device_of(&bench, LAB_EDU_1), SIM_DRIVER_OTHER), 0);
	assert_int_equal(bind_device(&bench, LAB_EDU_0), -EPERM); /* a driver has its sibling */
	assert_int_equal(sim_cdev_open(device_of(&bench, LAB_EDU_1), &second), -ENODEV);
	assert_int_equal(sim_device_set_driver(device_of(&bench, LAB_EDU), SIM_DRIVER_NONE), -EBUSY);
	/* The other way round. */
	assert_int_equal(sim_device_set_driver(device_of(&bench, LAB_EDU_1), SIM_DRIVER_NONE), 0);
	assert_int_equal(bind_device(&bench, LAB_EDU_0), 2);
	assert_int_equal(sim_device_set_driver(device_of(&bench, LAB_EDU_1), SIM_DRIVER_OTHER), -EBUSY);
	bench_close(&bench);
}

/* A bound device keeps its context, also when the last fd of that is closed. */
static void test_context_outlives_its_file(void **state)
{
	struct sim_context *context;
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	new_ioas(&bench);
	map_fixed(&bench, 1, 7, 1, 0x10000);
	bind_device(&bench, LAB_EDU);
	context = bench.context;
	world_close(&bench.world, bench.fd);
	bench.context = sim_context_open(bench.sim, false);
	sim_context_close(context);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 3);
	assert_int_equal(byte_at(&bench, LAB_EDU, 0x10000), 7);
	bench_close(&bench);
}

/* What is mapped, or allowed, where a device cannot reach. */
static void test_reserved(void **state)
{
	struct uapi_iommu_iova_range window = { 0xfee00000, 0xfee0ffff };
	struct uapi_iommu_ioas_allow_iovas allow = { sizeof(allow), 2, 1, 0, (uintptr_t)&window };
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	new_ioas(&bench);
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 1, 0xfee00000);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_ALLOW_IOVAS, &allow), 0);
	bind_device(&bench, LAB_EDU);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), -EADDRINUSE);
	assert_int_equal(attach_device(&bench, LAB_EDU, 2), -EADDRINUSE);
	assert_int_equal(unmap(&bench, 1, 0, UINT64_MAX), PAGE_SIZE);
	map_fixed(&bench, 1, 0, 1, 1ull << 48); /* beyond what the IOMMU can address */
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), -EADDRINUSE);
	unmap(&bench, 1, 0, UINT64_MAX);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 4);
	assert_int_equal(map_fixed(&bench, 1, 0, 1, 0xfee00000), -EINVAL);
	detach_device(&bench, LAB_EDU);
	assert_int_equal(map_fixed(&bench, 1, 0, 1, 0xfee00000), 0);
	bench_close(&bench);
}

/* --- what is seen from outside ----------------------------------------------------------------------- */

static void note(const struct sim_held *held, void *data)
{
	char *text = data;

	sprintf(text + strlen(text), "%d:%u:%u:%#llx:%s ", (int)held->kind, held->id, held->on,
		(unsigned long long)held->iova, held->address ? held->address : "");
}

static void test_look(void **state)
{
	struct bench bench;
	char text[1024] = "";

	(void)state;
	bench_open(&bench, "7.2");
	sim_context_look(bench.context, note, text);
	assert_string_equal(text, "");
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 2, 0x20000);
	map_fixed(&bench, 1, 4, 1, 0x10000);
	bind_device(&bench, LAB_EDU_0);
	bind_device(&bench, LAB_EDU_1);
	bind_device(&bench, LAB_MTTY);
	assert_int_equal(attach_device(&bench, LAB_EDU_1, 1), 5);
	assert_int_equal(attach_device(&bench, LAB_MTTY, 1), 1);
	sim_context_look(bench.context, note, text);
	/* Of a group one is attached, and one is not. */
	assert_string_equal(text, "0:1:0:0: 4:1:0:0x10000: 4:1:0:0x20000: 2:2:0:0:0000:02:00.0 "
				  "2:3:5:0:0000:02:00.1 2:4:1:0:83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 1:5:1:0: ");
	bench_close(&bench);
}

/* --- who is charged ---------------------------------------------------------------------------------- */

static void test_charged_user(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "6.12");
	bench.world.limits = (struct sim_limits){ .uid = 1234 };
	bench.world.memlock = 4 * PAGE_SIZE + 100;
	new_ioas(&bench);
	new_ioas(&bench);
	assert_int_equal(map_fixed(&bench, 1, 0, 3, 0x10000), 0);
	assert_int_equal(map_fixed(&bench, 1, 4, 3, 0x20000), 0);
	assert_int_equal(sim_user_pages(bench.sim, 1234), 0); /* nothing is pinned yet */
	bind_device(&bench, LAB_EDU);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), -ENOMEM);
	assert_int_equal(sim_user_pages(bench.sim, 1234), 0);
	assert_int_equal(bench.world.pins, 0);
	unmap(&bench, 1, 0x20000, 3 * PAGE_SIZE);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 4);
	assert_int_equal(sim_user_pages(bench.sim, 1234), 3);
	assert_int_equal(copy_ioas(&bench, 2, 0x40000, 1, 0x10000, 3 * PAGE_SIZE), 0);
	bind_device(&bench, LAB_TESTDEV);
	assert_int_equal(attach_device(&bench, LAB_TESTDEV, 2), 6); /* shared pages are charged once */
	assert_int_equal(sim_user_pages(bench.sim, 1234), 3);
	assert_int_equal(map_fixed(&bench, 1, 8, 2, 0x20000), -ENOMEM);
	assert_int_equal(map_fixed(&bench, 1, 8, 1, 0x20000), 0);
	assert_int_equal(bench.world.space.pinned_pages, 4);
	unmap(&bench, 1, 0, UINT64_MAX);
	assert_int_equal(sim_user_pages(bench.sim, 1234), 3); /* the copy has them */
	bench.world.limits.ipc_lock = true;
	assert_int_equal(map_fixed(&bench, 1, 0, 8, 0x100000), 0);
	assert_int_equal(sim_user_pages(bench.sim, 1234), 3);
	bench_close(&bench);
}

/* That of the time when pages are pinned, which is not that of the map. */
static void test_lowered_limit(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	bench.world.limits = (struct sim_limits){ .uid = 1234 };
	bench.world.memlock = 4 * PAGE_SIZE;
	new_ioas(&bench);
	assert_int_equal(map_fixed(&bench, 1, 0, 4, 0x10000), 0);
	bind_device(&bench, LAB_EDU);
	bench.world.memlock = 3 * PAGE_SIZE;
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), -ENOMEM);
	bench.world.memlock = 4 * PAGE_SIZE;
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 3);
	bench.world.memlock = PAGE_SIZE;
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 3);
	assert_int_equal(copy_ioas(&bench, 1, 0x40000, 1, 0x10000, 2 * PAGE_SIZE), 0); /* pinned already */
	bench_close(&bench);
}

static void test_change_process(void **state)
{
	static unsigned char bytes[4 * PAGE_SIZE];
	struct uapi_iommu_option mode = { .size = sizeof(mode), .val64 = 1 };
	struct uapi_iommu_ioas_change_process change = { .size = sizeof(change) };
	struct uapi_iommu_ioas_map_file map = { .size = sizeof(map), .flags = FIXED | R | W, .ioas_id = 1,
						.length = sizeof(bytes), .iova = 0x10000 };
	struct world_memory memory;
	struct world other;
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	world_init(&other);
	other.limits.ipc_lock = false;
	other.memlock = 3 * PAGE_SIZE;
	bench.world.limits.ipc_lock = false;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_OPTION, &mode), 0);
	new_ioas(&bench);
	world_memory_init(&memory, bytes, sizeof(bytes));
	map.fd = world_fd_memory(&bench.world, &memory);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), 0);
	bind_device(&bench, LAB_EDU);
	attach_device(&bench, LAB_EDU, 1);
	assert_int_equal(bench.world.space.charged_pages, 4);
	assert_int_equal(sim_iommufd_ioctl(bench.context, UAPI_IOMMU_IOAS_CHANGE_PROCESS, (uintptr_t)&change,
					   &other.caller),
			 -ENOMEM);
	assert_int_equal(bench.world.space.charged_pages, 4);
	other.memlock = 4 * PAGE_SIZE;
	assert_int_equal(sim_iommufd_ioctl(bench.context, UAPI_IOMMU_IOAS_CHANGE_PROCESS, (uintptr_t)&change,
					   &other.caller),
			 0);
	assert_int_equal(bench.world.space.charged_pages, 0);
	assert_int_equal(other.space.charged_pages, 4);
	map_fixed(&bench, 1, 0, 1, 0x100000);
	assert_int_equal(sim_iommufd_ioctl(bench.context, UAPI_IOMMU_IOAS_CHANGE_PROCESS, (uintptr_t)&change,
					   &other.caller),
			 -EINVAL); /* not a file */
	bench_close(&bench);
	assert_int_equal(other.space.charged_pages, 0);
	assert_int_equal(other.space.refs, 1);
}

static void test_map_file(void **state)
{
	static unsigned char bytes[2 * PAGE_SIZE];
	struct uapi_iommu_ioas_map_file map = { .size = sizeof(map),
						.flags = FIXED | R | W,
						.ioas_id = 1,
						.start = PAGE_SIZE,
						.length = PAGE_SIZE,
						.iova = 0x10000,
						.fd = 50 };
	struct world_memory memory;
	unsigned char byte = 0x77;
	struct bench bench;

	(void)state;
	bench_open(&bench, "7.2");
	new_ioas(&bench);
	bind_device(&bench, LAB_EDU);
	assert_int_equal(attach_device(&bench, LAB_EDU, 1), 3);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), -EBADF);
	map.fd = world_fd_other(&bench.world);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), -EINVAL);
	world_memory_init(&memory, bytes, sizeof(bytes));
	map.fd = world_fd_memory(&bench.world, &memory);
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), 0);
	assert_int_equal(sim_dma_write(device_of(&bench, LAB_EDU), 0x10005, &byte, 1), 0);
	assert_int_equal(bytes[PAGE_SIZE + 5], 0x77);
	map.iova = 0x20000;
	map.start = 2 * PAGE_SIZE; /* behind its end */
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP_FILE, &map), -EINVAL);
	unmap(&bench, 1, 0, UINT64_MAX);
	assert_int_equal(memory.backing.refs, 1);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_automatic),    cmocka_unit_test(test_manual),
		cmocka_unit_test(test_group),	     cmocka_unit_test(test_bind),
		cmocka_unit_test(test_context_outlives_its_file), cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_charged_user), cmocka_unit_test(test_lowered_limit),
		cmocka_unit_test(test_change_process),
		cmocka_unit_test(test_map_file),     cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
