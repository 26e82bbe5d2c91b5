/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The strict rules, asked of the model itself, as the kernel change that this project grew from has them:
 * bind makes an access object before any IOAS exists; attach is allowed when none is set or the same one;
 * replace needs one; detach clears it, and does nothing where there is none.
 */
#include <errno.h>

#include "context/device.h"
#include "context/ioas.h"
#include "unit.h"
#include "world.h"

struct bound {
	struct world *world;
	struct context *ctx;
	struct device *nic, *sibling, *mdev; /* the first two in one IOMMU group */
	uint32_t a, b;			     /* two IOASes */
	size_t moved;
};

static struct device *bind(struct bound *bound, const char *cdev)
{
	struct iommufd_device info;
	struct device *device;
	int fd;

	assert_int_equal(iommufd_device_lookup(cdev, &info), 0);
	assert_int_equal(iommufd_device_open(&info, &fd), 0);
	assert_int_equal(device_register(bound->ctx, NULL, &info, fd, &device), 0);
	assert_int_equal(device_bind(bound->ctx, device, NULL), 0);
	return device;
}

static int setup(void **state)
{
	static struct bound bound;

	bound = (struct bound){ .world = world_new(CONTEXT_LASTING) };
	bound.ctx = &bound.world->ctx;
	assert_int_equal(iommufd_open(NULL, &bound.ctx->iommufd), 0);
	bound.nic = bind(&bound, "vfio0");
	bound.sibling = bind(&bound, "vfio1");
	bound.mdev = bind(&bound, "vfio10");
	assert_int_equal(ioas_alloc(bound.ctx, "a", &bound.a), 0);
	assert_int_equal(ioas_alloc(bound.ctx, "b", &bound.b), 0);
	*state = &bound;
	return 0;
}

static int teardown(void **state)
{
	world_free(((struct bound *)*state)->world);
	return 0;
}

static void count_moved(void *bound, const struct device *sibling)
{
	assert_non_null(sibling);
	((struct bound *)bound)->moved++;
}

static int attach(struct bound *bound, struct device *device, uint32_t pt, struct attach_result *result)
{
	return device_attach(bound->ctx, device, pt, count_moved, bound, result);
}

static int replace(struct bound *bound, struct device *device, uint32_t pt, struct attach_result *result)
{
	return device_replace(bound->ctx, device, pt, count_moved, bound, result);
}

static void test_bind_needs_no_ioas(void **state)
{
	struct bound *bound = *state;

	assert_true(bound->mdev->object.id && bound->nic->object.id);
	assert_int_equal(bound->mdev->attachment, DETACHED);
}

static void test_attach_when_none_is_set(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;

	assert_int_equal(attach(bound, bound->mdev, bound->a, &result), 0);
	assert_int_equal(result.pt, bound->a);
	assert_int_equal(bound->mdev->attachment, ATTACHED);
	/* A physical device is on a HWPT, which the kernel makes of the IOAS. */
	assert_int_equal(attach(bound, bound->nic, bound->a, &result), 0);
	assert_int_not_equal(result.pt, bound->a);
	assert_int_equal(bound->nic->requested_pt, bound->a);
}

static void test_attach_the_same_again(void **state)
{
	struct bound *bound = *state;
	struct attach_result first, again;

	assert_int_equal(attach(bound, bound->nic, bound->a, &first), 0);
	assert_int_equal(attach(bound, bound->nic, bound->a, &again), 0);
	assert_int_equal(again.pt, first.pt);
	assert_int_equal(attach(bound, bound->nic, first.pt, &again), 0); /* by the number of its HWPT, too */
	assert_int_equal(bound->nic->requested_pt, bound->a);
}

static void test_attach_another_is_refused(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;
	unsigned int calls;

	assert_int_equal(attach(bound, bound->mdev, bound->a, &result), 0);
	calls = kernel.calls;
	assert_int_equal(attach(bound, bound->mdev, bound->b, &result), -EBUSY);
	assert_int_equal(result.op, IOMMUFD_OP_STRICT_ATTACH);
	assert_int_equal(kernel.calls, calls);
	assert_int_equal(bound->mdev->pt, bound->a);
}

static void test_replace_needs_one(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;
	unsigned int calls = kernel.calls;

	assert_int_equal(replace(bound, bound->mdev, bound->a, &result), -EINVAL);
	assert_int_equal(result.op, IOMMUFD_OP_STRICT_REPLACE);
	assert_int_equal(kernel.calls, calls);
	assert_int_equal(attach(bound, bound->mdev, bound->a, &result), 0);
	assert_int_equal(replace(bound, bound->mdev, bound->b, &result), 0);
	assert_int_equal(result.pt, bound->b);
	assert_int_equal(replace(bound, bound->mdev, bound->b, &result), 0); /* by itself is fine */
}

static void test_detach_is_idempotent(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;
	unsigned int calls = kernel.calls;

	assert_int_equal(device_detach(bound->ctx, bound->mdev), 0);
	assert_int_equal(kernel.calls, calls);
	assert_int_equal(attach(bound, bound->mdev, bound->a, &result), 0);
	assert_int_equal(device_detach(bound->ctx, bound->mdev), 0);
	assert_int_equal(bound->mdev->attachment, DETACHED);
	assert_int_equal(device_detach(bound->ctx, bound->mdev), 0);
	assert_int_equal(attach(bound, bound->mdev, bound->b, &result), 0); /* none is set: any will do */
}

/* What the kernel refuses leaves the device where it was. */
static void test_refused_by_the_kernel(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;

	assert_int_equal(attach(bound, bound->mdev, bound->a, &result), 0);
	assert_int_equal(replace(bound, bound->mdev, 999, &result), -ENOENT);
	assert_int_equal(result.op, IOMMUFD_OP_ATTACH);
	assert_int_equal(bound->mdev->pt, bound->a);
	assert_int_equal(bound->mdev->attachment, ATTACHED);
}

static void test_siblings_move_along(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;

	assert_int_equal(attach(bound, bound->nic, bound->a, &result), 0);
	assert_int_equal(attach(bound, bound->sibling, bound->a, &result), 0);
	assert_int_equal(bound->moved, 0);
	assert_int_equal(replace(bound, bound->nic, bound->b, &result), 0);
	assert_int_equal(bound->moved, 1);
	assert_int_equal(bound->sibling->requested_pt, bound->b);
	assert_int_equal(bound->sibling->pt, bound->nic->pt);
	/* One that is detached stays so, and an emulated device has no group. */
	assert_int_equal(device_detach(bound->ctx, bound->sibling), 0);
	assert_int_equal(attach(bound, bound->mdev, bound->b, &result), 0);
	assert_int_equal(replace(bound, bound->nic, bound->a, &result), 0);
	assert_int_equal(bound->moved, 1);
	assert_int_equal(bound->sibling->attachment, DETACHED);
	assert_int_equal(bound->mdev->pt, bound->b);
}

/* Of an inherited cdev the kernel does not tell: neither rule can be strict until it is known. */
static void test_unknown(void **state)
{
	struct bound *bound = *state;
	struct attach_result result;

	bound->mdev->attachment = ATTACHMENT_UNKNOWN;
	assert_int_equal(device_may_attach(bound->mdev, bound->a), 0);
	assert_int_equal(device_may_replace(bound->mdev), 0);
	assert_int_equal(replace(bound, bound->mdev, bound->a, &result), 0);
	assert_int_equal(device_may_attach(bound->mdev, bound->b), -EBUSY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_bind_needs_no_ioas),
		TEST(test_attach_when_none_is_set),
		TEST(test_attach_the_same_again),
		TEST(test_attach_another_is_refused),
		TEST(test_replace_needs_one),
		TEST(test_detach_is_idempotent),
		TEST(test_refused_by_the_kernel),
		TEST(test_siblings_move_along),
		TEST(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
