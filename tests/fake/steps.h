/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a program that is to die at one of them: its ioctls of iommufd and VFIO, writes to files and
 * messages. $FAKE_STEPS is the path of a file with this struct, which it and its test share: in /dev, where a
 * holder may write that has confined itself.
 */
#ifndef TESTS_FAKE_STEPS_H
#define TESTS_FAKE_STEPS_H

#include <stdint.h>

struct fake_steps {
	uint32_t kill_in;   /* a process with $FAKE_KILL dies after so many steps; 0: never */
	uint32_t kill_next; /* what comes in its place then */
	uint32_t kills;
	uint32_t opened; /* how often /dev/iommu was */
};

#endif
