/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <stddef.h>

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t largest_hole(const struct node *node)
{
	return node ? larger(node->hole, larger(node->left_hole, node->right_hole)) : 0;
}

static void set_left(struct node *node, struct node *left)
{
	node->left = left;
	node->left_hole = largest_hole(left);
}

static void set_right(struct node *node, struct node *right)
{
	node->right = right;
	node->right_hole = largest_hole(right);
}

/* What starts below start, and the rest. */
static void split(struct node *node, uint64_t start, struct node **below, struct node **rest)
{
	struct node *part;

	if (!node) {
		*below = *rest = NULL;
		return;
	}
	if (node->start < start) {
		split(node->right, start, &part, rest);
		set_right(node, part);
		*below = node;
	} else {
		split(node->left, start, below, &part);
		set_left(node, part);
		*rest = node;
	}
}

/* All of below lies below all of above. */
static struct node *join(struct node *below, struct node *above)
{
	if (!below || !above)
		return below ? below : above;
	if (below->priority > above->priority) {
		set_right(below, join(below->right, above));
		return below;
	}
	set_left(above, join(below, above->left));
	return above;
}

static struct node *insert(struct node *at, struct node *node)
{
	struct node *below, *rest;

	if (!at || node->priority > at->priority) {
		split(at, node->start, &below, &rest);
		set_left(node, below);
		set_right(node, rest);
		return node;
	}
	if (node->start < at->start)
		set_left(at, insert(at->left, node));
	else
		set_right(at, insert(at->right, node));
	return at;
}

static struct node *without(struct node *at, const struct node *node)
{
	if (at == node)
		return join(at->left, at->right);
	if (node->start < at->start)
		set_left(at, without(at->left, node));
	else
		set_right(at, without(at->right, node));
	return at;
}

/* The hole before a node has changed. */
static void set_hole(struct node *at, struct node *node, uint64_t hole)
{
	if (at == node) {
		at->hole = hole;
	} else if (node->start < at->start) {
		set_hole(at->left, node, hole);
		at->left_hole = largest_hole(at->left);
	} else {
		set_hole(at->right, node, hole);
		at->right_hole = largest_hole(at->right);
	}
}

/* Xorshift: the same tree each time. */
static uint32_t next_priority(struct tree *tree)
{
	tree->seed = tree->seed ? tree->seed : 2463534242u;
	tree->seed ^= tree->seed << 13;
	tree->seed ^= tree->seed >> 17;
	tree->seed ^= tree->seed << 5;
	return tree->seed;
}

/* Behind the last range; false where there is nothing behind it. */
static bool find_end(const struct tree *tree, uint64_t *end)
{
	const struct node *node = tree->root;

	*end = 0;
	if (!node)
		return true;
	while (node->right)
		node = node->right;
	*end = node->last + 1;
	return node->last < UINT64_MAX;
}

void tree_insert(struct tree *tree, struct node *node)
{
	struct node *above = tree_find(tree, node->start, UINT64_MAX);
	uint64_t free_from;

	if (above)
		free_from = above->start - above->hole;
	else
		find_end(tree, &free_from);
	node->hole = node->start - free_from;
	node->priority = next_priority(tree);
	tree->root = insert(tree->root, node);
	if (above)
		set_hole(tree->root, above, above->start - node->last - 1);
}

void tree_remove(struct tree *tree, struct node *node)
{
	struct node *above = node->last < UINT64_MAX ? tree_find(tree, node->last + 1, UINT64_MAX) : NULL;

	tree->root = without(tree->root, node);
	if (above)
		set_hole(tree->root, above, above->hole + node->hole + (node->last - node->start + 1));
}

struct node *tree_find(const struct tree *tree, uint64_t start, uint64_t last)
{
	struct node *found = NULL;

	for (struct node *at = tree->root; at;) {
		if (at->last < start) {
			at = at->right;
		} else {
			found = at;
			at = at->left;
		}
	}
	return found && found->start <= last ? found : NULL;
}

/* Is there enough of the hole from start to last that is not below from? */
static bool enough(uint64_t start, uint64_t last, uint64_t from, uint64_t length, struct sim_range *hole)
{
	start = larger(start, from);
	if (start > last || last - start < length - 1)
		return false;
	*hole = (struct sim_range){ start, last };
	return true;
}

/* Of the holes before the nodes from at on downwards. */
static bool find_hole(const struct node *at, uint64_t from, uint64_t length, struct sim_range *hole)
{
	if (at->start > from) {
		if (at->left_hole >= length && find_hole(at->left, from, length, hole))
			return true;
		if (at->hole >= length && enough(at->start - at->hole, at->start - 1, from, length, hole))
			return true;
	}
	return at->right_hole >= length && find_hole(at->right, from, length, hole);
}

bool tree_hole(const struct tree *tree, uint64_t from, uint64_t length, struct sim_range *hole)
{
	uint64_t end;

	if (tree->root && find_hole(tree->root, from, length, hole))
		return true;
	return find_end(tree, &end) && enough(end, UINT64_MAX, from, length, hole);
}
