/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of numbers that do not overlap, in order. A treap: a search tree by the ranges, a heap by priorities
 * that are as good as random, so that it stays flat. Each node knows the largest hole below it, so that a
 * free range is found without a look at each node.
 */
#ifndef IOMMUFD_SIM_TREE_H
#define IOMMUFD_SIM_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/* To be embedded; start and last are the caller's. */
struct node {
	uint64_t start, last;
	struct node *left, *right;
	uint64_t hole; /* how much is free right before it */
	/* The largest hole of those below it: here, so that a change need not look at both sides. */
	uint64_t left_hole, right_hole;
	uint32_t priority;
};

struct tree {
	struct node *root;
	uint32_t seed;
};

void tree_insert(struct tree *tree, struct node *node);
void tree_remove(struct tree *tree, struct node *node);
/* The first one of which something lies in start to last; NULL. */
struct node *tree_find(const struct tree *tree, uint64_t start, uint64_t last);
/*
 * The first hole of which at least length numbers are not below from; it is cut off there. False: none. All
 * numbers of 64 bits that are in no range are in a hole.
 */
bool tree_hole(const struct tree *tree, uint64_t from, uint64_t length, struct sim_range *hole);

#endif
