/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IOMMU_TEST_CMD of a kernel with CONFIG_IOMMUFD_TEST, as far as the helpers use it. */
#ifndef TESTS_HELPERS_IOMMU_TEST_H
#define TESTS_HELPERS_IOMMU_TEST_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#define IOMMU_TEST_CMD 0x3ba0UL

enum test_op {
	OP_ADD_RESERVED = 1,
	OP_MOCK_DOMAIN = 2,
	OP_CREATE_ACCESS = 5,
	OP_DESTROY_ACCESS_PAGES = 6,
	OP_ACCESS_PAGES = 7,
	OP_ACCESS_RW = 8,
	OP_SET_TEMP_MEMORY_LIMIT = 9,
	OP_MOCK_DOMAIN_REPLACE = 10,
	OP_ACCESS_REPLACE_IOAS = 11,
	OP_MOCK_DOMAIN_FLAGS = 12,
	OP_DIRTY = 13,
	OP_TRIGGER_IOPF = 15,
	OP_TRIGGER_VEVENT = 17,
	OP_PASID_ATTACH = 18,
	OP_PASID_REPLACE = 19,
	OP_PASID_DETACH = 20,
	OP_PASID_CHECK_HWPT = 21,
};

enum { MOCK_HAS_PASIDS = 4 };
enum { CREATE_NEEDS_PIN_PAGES = 1, PAGES_WRITE = 1, RW_WRITE = 1 };

struct test_cmd {
	uint32_t size;
	uint32_t op;
	uint32_t id; /* of the object, or the fd of the access, that it is about */
	uint32_t reserved;
	union {
		struct {
			uint64_t start, length;
		} add_reserved;
		struct {
			uint32_t out_stdev, out_hwpt, out_idev, flags;
		} mock_domain;
		struct {
			uint32_t pt;
		} mock_replace;
		struct {
			uint32_t out_fd, flags;
		} create_access;
		struct {
			uint32_t item;
		} unpin;
		struct {
			uint32_t flags, out_item;
			uint64_t iova, length, uptr; /* uptr 0: do not compare the pages */
		} pin;
		struct {
			uint64_t iova, length, uptr;
			uint32_t flags;
		} rw;
		struct {
			uint32_t bytes;
		} memory_limit;
		struct {
			uint32_t ioas;
		} access_replace;
		struct {
			uint32_t flags;
			uint64_t iova, length, page_size, uptr, out_nr_dirty;
		} dirty;
		struct {
			uint32_t dev_id, pasid, grpid, perm;
			uint64_t addr;
		} trigger_iopf;
		struct {
			uint32_t dev_id;
		} trigger_vevent;
		struct {
			uint32_t number, pt;
		} pasid;
		uint64_t all[6];
	};
	uint32_t last;
};
static_assert(sizeof(struct test_cmd) == 72, "ABI");
static_assert(offsetof(struct test_cmd, pin.uptr) == 40, "ABI");
static_assert(offsetof(struct test_cmd, rw.flags) == 40, "ABI");
static_assert(offsetof(struct test_cmd, dirty.out_nr_dirty) == 56, "ABI");
static_assert(offsetof(struct test_cmd, trigger_iopf.addr) == 32, "ABI");
static_assert(offsetof(struct test_cmd, last) == 64, "ABI");

static inline int test_ioctl(int iommufd, enum test_op op, struct test_cmd *cmd)
{
	cmd->size = sizeof(*cmd);
	cmd->op = op;
	return ioctl(iommufd, IOMMU_TEST_CMD, cmd) < 0 ? -errno : 0;
}

static inline int access_create(int iommufd, uint32_t ioas, uint32_t flags, int *ret_fd)
{
	struct test_cmd cmd = { .id = ioas, .create_access.flags = flags };
	int rc = test_ioctl(iommufd, OP_CREATE_ACCESS, &cmd);

	if (rc == 0)
		*ret_fd = (int)cmd.create_access.out_fd;
	return rc;
}

static inline int access_rw(int iommufd, int access, uint64_t iova, void *buf, uint64_t length,
			    uint32_t flags)
{
	struct test_cmd cmd = {
		.id = (uint32_t)access,
		.rw = { .iova = iova, .length = length, .uptr = (uintptr_t)buf, .flags = flags },
	};

	return test_ioctl(iommufd, OP_ACCESS_RW, &cmd);
}

/* compare: memory that must be the same pages, or NULL. */
static inline int access_pin(int iommufd, int access, uint64_t iova, uint64_t length, void *compare,
			     uint32_t flags, uint32_t *ret_item)
{
	struct test_cmd cmd = {
		.id = (uint32_t)access,
		.pin = { .flags = flags, .iova = iova, .length = length,
			 .uptr = (uintptr_t)compare },
	};
	int rc = test_ioctl(iommufd, OP_ACCESS_PAGES, &cmd);

	if (rc == 0)
		*ret_item = cmd.pin.out_item;
	return rc;
}

static inline int access_replace(int iommufd, int access, uint32_t ioas)
{
	struct test_cmd cmd = { .id = (uint32_t)access, .access_replace.ioas = ioas };

	return test_ioctl(iommufd, OP_ACCESS_REPLACE_IOAS, &cmd);
}

#endif
