/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An emulated device and its access: made at bind, before there is an IOAS. */
#include "access.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "calls.h"
#include "uapi/iommufd.h"
#include "unit.h"

/* A device that pins pages, and lets go of them when it is told. */
struct pinner {
	struct sim_device *device;
	struct sim_device_description description;
	struct sim_device_ops ops;
	uint64_t iova, length; /* what it has pinned; length 0: nothing */
	unsigned int told;
	bool stubborn;
	uint64_t told_iova, told_length;
};

static void let_go(void *data, uint64_t iova, uint64_t length)
{
	struct pinner *pinner = data;

	pinner->told++;
	pinner->told_iova = iova;
	pinner->told_length = length;
	if (pinner->length && !pinner->stubborn)
		sim_unpin(pinner->device, pinner->iova, pinner->length);
	if (!pinner->stubborn)
		pinner->length = 0;
}

static int take(struct pinner *pinner, uint64_t iova, uint64_t length)
{
	int rc = sim_pin(pinner->device, iova, length, true);

	if (!rc) {
		pinner->iova = iova;
		pinner->length = length;
	}
	return rc;
}

static void add_pinner(struct bench *bench, struct pinner *pinner, struct sim_cdev **cdev)
{
	*pinner = (struct pinner){ .ops = { .unmap = let_go } };
	pinner->description =
		(struct sim_device_description){ .address = "0a000000-0000-0000-0000-000000000001",
						 .kind = SIM_EMULATED,
						 .driver = SIM_DRIVER_VFIO,
						 .ops = &pinner->ops,
						 .data = pinner };
	pinner->device = sim_device_add(bench->sim, &pinner->description);
	assert_int_equal(sim_cdev_open(pinner->device, cdev), 0);
	bench->cdevs[LAB_MDPY] = *cdev; /* in its place, so that calls.h can be used */
}

static void test_before_an_ioas(void **state)
{
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;
	unsigned char byte;

	(void)state;
	bench_open(&bench, "7.2");
	add_pinner(&bench, &pinner, &cdev);
	assert_int_equal(sim_pin(pinner.device, 0x10000, PAGE_SIZE, false), -ENOENT); /* not bound */
	assert_int_equal(bind_device(&bench, LAB_MDPY), 1);
	assert_int_equal(sim_pin(pinner.device, 0x10000, PAGE_SIZE, false), -ENOENT);
	assert_int_equal(sim_dma_read(pinner.device, 0x10000, &byte, 1), -ENOENT);
	assert_int_equal(detach_device(&bench, LAB_MDPY), 0);
	assert_int_equal(destroy(&bench, 1), -EBUSY);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), -ENOENT); /* itself */
	assert_int_equal(attach_device(&bench, LAB_MDPY, 7), -ENOENT);
	bench_close(&bench);
}

static void test_attach_and_pin(void **state)
{
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;
	unsigned char bytes[2] = { 0 };

	(void)state;
	bench_open(&bench, "6.12");
	add_pinner(&bench, &pinner, &cdev);
	assert_int_equal(new_ioas(&bench), 1);
	assert_int_equal(bind_device(&bench, LAB_MDPY), 2);
	assert_int_equal(map_fixed(&bench, 1, 3, 2, 0x10000), 0);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), 1);
	assert_int_equal(bench.world.pins, 0); /* attach pins nothing */
	assert_int_equal(take(&pinner, 0x11000, PAGE_SIZE), 0);
	assert_int_equal(bench.world.pins, 1);
	assert_int_equal(sim_pin(pinner.device, 0x11000, 2 * PAGE_SIZE, false), -ENOENT); /* half of it */
	assert_int_equal(bench.world.pins, 1);
	assert_int_equal(sim_pin(pinner.device, 0x11000, 0, false), -EINVAL);
	assert_int_equal(sim_pin(pinner.device, UINT64_MAX, 2, false), -EOVERFLOW);
	assert_int_equal(sim_dma_read(pinner.device, 0x10fff, bytes, 2), 0);
	assert_int_equal(bytes[0], 3);
	assert_int_equal(bytes[1], 4);
	assert_int_equal(destroy(&bench, 1), -EBUSY);
	/* Unmap tells the device first, and which IOVAs. */
	assert_int_equal(unmap(&bench, 1, 0x10000, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	assert_int_equal(pinner.told, 1);
	assert_int_equal(pinner.told_iova, 0x10000);
	assert_int_equal(pinner.told_length, 2 * PAGE_SIZE);
	assert_int_equal(bench.world.pins, 0);
	assert_int_equal(detach_device(&bench, LAB_MDPY), 0);
	assert_int_equal(pinner.told, 2); /* of everything */
	assert_int_equal(pinner.told_length, UINT64_MAX);
	assert_int_equal(destroy(&bench, 1), 0);
	bench_close(&bench);
}

/* The device unpins what it had of the old IOAS, in which it still can, and only then does it go. */
static void test_replace(void **state)
{
	struct uapi_iommu_ioas_map odd = { .size = sizeof(odd), .flags = FIXED | R, .ioas_id = 1, .length = 5,
					   .iova = 7 };
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;
	unsigned char byte;

	(void)state;
	bench_open(&bench, "7.2");
	add_pinner(&bench, &pinner, &cdev);
	assert_int_equal(new_ioas(&bench), 1);
	assert_int_equal(new_ioas(&bench), 2);
	assert_int_equal(map_fixed(&bench, 1, 1, 1, 0x10000), 0);
	assert_int_equal(map_fixed(&bench, 2, 2, 1, 0x10000), 0);
	assert_int_equal(bind_device(&bench, LAB_MDPY), 3);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), 1);
	assert_int_equal(take(&pinner, 0x10000, PAGE_SIZE), 0);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), 1); /* where it is: nothing happens */
	assert_int_equal(pinner.told, 0);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 9), -ENOENT); /* it stays where it is */
	assert_int_equal(pinner.told, 0);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 2), 2);
	assert_int_equal(pinner.told, 1);
	assert_int_equal(bench.world.pins, 0);
	assert_int_equal(sim_dma_read(pinner.device, 0x10000, &byte, 1), 0);
	assert_int_equal(byte, 2);
	odd.user_va = (uintptr_t)bench.memory;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP, &odd), 0); /* no access has a say there */
	odd.ioas_id = 2;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP, &odd), -EINVAL);
	assert_int_equal(destroy(&bench, 1), 0);
	assert_int_equal(destroy(&bench, 2), -EBUSY);
	bench_close(&bench);
}

/* What is mapped byte by byte suits no access: attach fails, and a replace leaves the device where it was. */
static void test_alignment(void **state)
{
	struct uapi_iommu_ioas_map odd = { .size = sizeof(odd), .flags = FIXED | R, .length = 5, .iova = 7 };
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;

	(void)state;
	bench_open(&bench, "6.12");
	add_pinner(&bench, &pinner, &cdev);
	assert_int_equal(new_ioas(&bench), 1);
	assert_int_equal(new_ioas(&bench), 2);
	odd.ioas_id = 1;
	odd.user_va = (uintptr_t)bench.memory + 1;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP, &odd), 0);
	assert_int_equal(bind_device(&bench, LAB_MDPY), 3);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), -EADDRINUSE);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 2), 2);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), -EADDRINUSE);
	assert_int_equal(pinner.told, 0);
	assert_int_equal(destroy(&bench, 1), 0);
	assert_int_equal(destroy(&bench, 2), -EBUSY);
	bench_close(&bench);
}

static void test_permissions(void **state)
{
	struct uapi_iommu_ioas_map map = {
		.size = sizeof(map), .flags = FIXED | R, .length = PAGE_SIZE, .iova = 0x10000
	};
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;
	unsigned char byte = 9;

	(void)state;
	bench_open(&bench, "7.2");
	add_pinner(&bench, &pinner, &cdev);
	assert_int_equal(new_ioas(&bench), 1);
	map.ioas_id = 1;
	map.user_va = (uintptr_t)bench.memory;
	assert_int_equal(on_iommufd(&bench, UAPI_IOMMU_IOAS_MAP, &map), 0);
	bind_device(&bench, LAB_MDPY);
	attach_device(&bench, LAB_MDPY, 1);
	assert_int_equal(sim_pin(pinner.device, 0x10000, PAGE_SIZE, true), -EPERM);
	assert_int_equal(sim_dma_write(pinner.device, 0x10000, &byte, 1), -EPERM);
	assert_int_equal(bench.memory[0], 0);
	assert_int_equal(sim_pin(pinner.device, 0x10800, 0x800, false),
			 -EINVAL); /* it begins within a page */
	bench_close(&bench);
}

/* A device that does not let go: the kernel asks a hundred times. */
static void test_stubborn(void **state)
{
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;

	(void)state;
	bench_open(&bench, "6.12");
	add_pinner(&bench, &pinner, &cdev);
	new_ioas(&bench);
	map_fixed(&bench, 1, 0, 1, 0x10000);
	bind_device(&bench, LAB_MDPY);
	attach_device(&bench, LAB_MDPY, 1);
	assert_int_equal(take(&pinner, 0x10000, PAGE_SIZE), 0);
	pinner.stubborn = true;
	assert_int_equal(unmap(&bench, 1, 0x10000, PAGE_SIZE), -EDEADLOCK);
	assert_int_equal(pinner.told, 101);
	pinner.stubborn = false;
	assert_int_equal(unmap(&bench, 1, 0x10000, PAGE_SIZE), PAGE_SIZE);
	bench_close(&bench);
}

/* Unbind is the close, from each state. */
static void test_close(void **state)
{
	(void)state;
	for (int stage = 0; stage < 4; stage++) {
		struct bench bench;
		struct pinner pinner;
		struct sim_cdev *cdev;

		bench_open(&bench, "7.2");
		add_pinner(&bench, &pinner, &cdev);
		new_ioas(&bench);
		map_fixed(&bench, 1, 0, 1, 0x10000);
		if (stage > 0)
			assert_int_equal(bind_device(&bench, LAB_MDPY), 2);
		if (stage > 1)
			assert_int_equal(attach_device(&bench, LAB_MDPY, 1), 1);
		if (stage > 2)
			assert_int_equal(take(&pinner, 0x10000, PAGE_SIZE), 0);
		close_device(&bench, LAB_MDPY);
		assert_int_equal(bench.world.pins, 0);
		assert_int_equal(destroy(&bench, 1), 0);
		assert_int_equal(destroy(&bench, 2), -ENOENT);
		bench_close(&bench);
	}
}

/* --- threads ----------------------------------------------------------------------------------------- */

struct race {
	struct pinner *pinner;
	pthread_mutex_t mutex; /* of what the device has pinned */
	bool stop;
	unsigned long pinned;
};

static struct race race;

/* As let_go(), with the lock that a device of several threads needs. */
static void let_go_locked(void *data, uint64_t iova, uint64_t length)
{
	pthread_mutex_lock(&race.mutex);
	let_go(data, iova, length);
	pthread_mutex_unlock(&race.mutex);
}

static void *pin_again_and_again(void *data)
{
	unsigned char byte;

	(void)data;
	while (!__atomic_load_n(&race.stop, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&race.mutex);
		if (!race.pinner->length && take(race.pinner, 0x10000, PAGE_SIZE) == 0)
			race.pinned++;
		pthread_mutex_unlock(&race.mutex);
		sim_dma_read(race.pinner->device, 0x10000, &byte, 1);
	}
	return NULL;
}

/*
 * Whatever a device pins, while it is attached, replaced and detached, is unpinned in the IOAS that it was
 * of.
 */
static void test_race(void **state)
{
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;
	pthread_t thread;

	(void)state;
	bench_open(&bench, "7.2");
	add_pinner(&bench, &pinner, &cdev);
	pinner.ops.unmap = let_go_locked;
	race = (struct race){ .pinner = &pinner, .mutex = PTHREAD_MUTEX_INITIALIZER };
	new_ioas(&bench);
	new_ioas(&bench);
	map_fixed(&bench, 1, 1, 1, 0x10000);
	map_fixed(&bench, 2, 2, 1, 0x10000);
	assert_int_equal(bind_device(&bench, LAB_MDPY), 3);
	assert_int_equal(pthread_create(&thread, NULL, pin_again_and_again, NULL), 0);
	for (int i = 0; i < 2000 || !__atomic_load_n(&race.pinned, __ATOMIC_RELAXED); i++) {
		uint32_t ioas = 1 + i % 2;

		assert_int_equal(attach_device(&bench, LAB_MDPY, ioas), ioas);
		if (i % 3 == 0)
			assert_int_equal(detach_device(&bench, LAB_MDPY), 0);
		if (i % 5 == 0) {
			assert_int_equal(unmap(&bench, ioas, 0, UINT64_MAX), PAGE_SIZE);
			assert_int_equal(map_fixed(&bench, ioas, (int)ioas, 1, 0x10000), 0);
		}
	}
	__atomic_store_n(&race.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(detach_device(&bench, LAB_MDPY), 0);
	assert_int_equal(bench.world.pins, 0);
	bench_close(&bench);
}

/* There is no caller to ask when a device pins: it is the limit of who mapped, as it is then. */
static void test_limit(void **state)
{
	struct bench bench;
	struct pinner pinner;
	struct sim_cdev *cdev;

	(void)state;
	bench_open(&bench, "7.2");
	add_pinner(&bench, &pinner, &cdev);
	bench.world.limits.ipc_lock = false;
	bench.world.memlock = 4 * PAGE_SIZE;
	new_ioas(&bench);
	assert_int_equal(map_fixed(&bench, 1, 0, 2, 0x10000), 0);
	assert_int_equal(bind_device(&bench, LAB_MDPY), 2);
	assert_int_equal(attach_device(&bench, LAB_MDPY, 1), 1);
	bench.world.memlock = PAGE_SIZE;
	bench.world.limits.ipc_lock = true; /* too late: who is charged was settled by the map */
	assert_int_equal(take(&pinner, 0x10000, 2 * PAGE_SIZE), -ENOMEM);
	assert_int_equal(bench.world.pins, 0);
	bench.world.memlock = 2 * PAGE_SIZE;
	assert_int_equal(take(&pinner, 0x10000, 2 * PAGE_SIZE), 0);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_an_ioas), cmocka_unit_test(test_attach_and_pin),
		cmocka_unit_test(test_replace),	       cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_permissions),    cmocka_unit_test(test_stubborn),
		cmocka_unit_test(test_close),	       cmocka_unit_test(test_race),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
