/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be found on a machine, and what mends it: sentences with blanks. doctor, the hints of commands
 * that failed, and docs/troubleshooting.md have them from here.
 */
#ifndef CLI_DOCTOR_ANSWER_H
#define CLI_DOCTOR_ANSWER_H

#include <stddef.h>

enum answer_state { STATE_OK, STATE_WARNING, STATE_FAILED };

enum answer_id {
	IOMMU_ON, INTEL_SWITCHED_OFF, INTEL_NOT_ASKED_FOR, INTEL_DEAF, AMD_SWITCHED_OFF, AMD_OFF, ARM_OFF,
	FIRMWARE_HAS_NONE, FIRMWARE_NOT_SEEN,
	WORDS_FINE, WORD_UNKNOWN, WORD_OF_OTHERS, WORD_OF_TYPE1, WORD_FREES_GPU,
	INTERRUPTS_REMAPPED, INTERRUPTS_NOT_KNOWN, INTERRUPTS_SWITCHED_OFF, INTERRUPTS_NOT_REMAPPED,
	INTERRUPTS_ALLOWED,
	NODE_OPENS, IOMMUFD_NOT_LOADED, IOMMUFD_NOT_BUILT, IOMMUFD_MISSING, NODE_MISSING, NODE_WRONG,
	NODE_IS_FILE, NODE_IS_FILE_ALONE, NODE_IS_MOUNT, NODE_DENIED, NODE_FAILS,
	CDEVS_MADE, CDEVS_NOT_LOADED, CDEVS_NOT_BUILT,
	NOIOMMU_OFF, NOIOMMU_ON,
	IN_GROUP, BEHIND_NONE, IN_NO_GROUP, NOIOMMU_CDEV, NOIOMMU_NO_CDEV,
	NOTHING_FORBIDS, IS_BRIDGE, IS_IOMMU, IS_DENYLISTED, HAS_DIRECT,
	VFIO_DRIVER, HOST_DRIVER, NO_DRIVER, OVERRIDE_NOT_TAKEN, OVERRIDE_UNKNOWN, VFIO_NOT_TAKEN,
	VFIO_NOT_LOADED, MDEV_LOST_DRIVER, BUS_WITHOUT_DRIVER,
	SIBLINGS_FINE, SIBLING_KEEPS,
	NODE_OF_DEVICE, CDEV_NOT_MADE, CDEV_MISSING, CDEV_OF_OTHERS, CDEV_DENIED,
	NOBODY_HOLDS, NOBODY_SEEN, HELD_OPEN, HELD_BY_SESSION, HELD_BY_NAMED, HELD_MAPPED, HELD_THROUGH_GROUP,
	HELD_BY_HOST, UNBIND_WAITS, UNBIND_MAY_WAIT,
	USED_BY_NOBODY, USED_BY_HOST, USED_PERHAPS, HAS_FRAMEBUFFER,
	CLAIMED_BY_NOBODY, CLAIMED_BY_OTHERS,
	MAY_PIN_ALL, NO_LIMIT, MAY_PIN_ENOUGH, USER_MAY_PIN_ENOUGH, MAY_PIN_LESS, SESSION_MAY_PIN_LESS,
	SERVICE_MAY_PIN_LESS, OTHER_MAY_PIN_LESS,
};

struct answer {
	const char *check;
	enum answer_state state;
	const char *fact, *file, *mend; /* file: that says so; NULL, as of mend: none */
};

/* By enum answer_id. */
extern const struct answer doctor_answers[];

/* What stands for "{NAME}" in a sentence; "{NAME|such as this}" has an example for docs/troubleshooting.md. */
struct blank {
	const char *name, *text; /* no name ends them */
};
#define BLANKS(...) ((const struct blank[]){ __VA_ARGS__, { NULL } })

/* A sentence with its blanks filled in, as far as there is room. NULL: it becomes empty. */
void answer_fill(char *buf, size_t len, const char *sentence, const struct blank *blanks);

#endif
