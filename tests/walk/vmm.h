/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the walk and a program that it had started, with fds of the session, say to each other. */
#ifndef TESTS_WALK_VMM_H
#define TESTS_WALK_VMM_H

#include <stdint.h>

enum vmm_op { VMM_ATTACH, VMM_DETACH, VMM_ALLOC, VMM_MAP };

struct vmm_order {
	enum vmm_op op;
	int device;
	uint32_t id;
	uint64_t iova;
};

struct vmm_report {
	int rc;
	uint32_t id;
};

#endif
