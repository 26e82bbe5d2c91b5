/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps that are chosen by a seed: the same ones on each side, whatever comes of them. */
#ifndef IOMMUFD_SIM_STEPS_H
#define IOMMUFD_SIM_STEPS_H

#include "side.h"

struct steps {
	struct side *side;
	uint32_t seed;
	unsigned long n; /* of the step that is being done */
	bool contexts[SIDE_CONTEXTS];
	bool cdevs[SIDE_DEVICES][SIDE_OPENS];
	bool files[SIDE_FILES];
};

/* One step: a line on stdout that says what was done and what came of it. */
void step(struct steps *steps);
/* What a device remembers of earlier ones is made the same. */
void steps_begin(struct steps *steps);
void steps_end(struct steps *steps);

/* For those who do them: below n; one of a list. */
uint32_t pick(struct steps *steps, uint32_t n);
#define pick_of(steps, list) ((list)[pick(steps, sizeof(list) / sizeof((list)[0]))])
uint64_t pick_iova(struct steps *steps);
uint64_t pick_length(struct steps *steps);
uint32_t pick_id(struct steps *steps);
/* Mostly value; seldom another one. */
uint32_t mostly(struct steps *steps, uint32_t value);
void keep_file(struct steps *steps, long fd);

void step_iommufd(struct steps *steps, int context);
void step_cdev(struct steps *steps, int device, int open);

#endif
