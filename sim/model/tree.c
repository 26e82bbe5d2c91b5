// SPDX-License-Identifier: GPL-2.0-or-later
#include "tree.h"

#include <stddef.h>

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* What a node knows of those below it, after one of them changed. */
static struct node *refresh(struct node *node)
{
	const struct node *left = node->left, *right = node->right;

	node->least = left ? left->least : node->start;
	node->most = right ? right->most : node->last;
	node->hole = 0;
	if (left)
		node->hole = larger(left->hole, node->start - left->most - 1);
	if (right)
		node->hole = larger(node->hole, larger(right->hole, right->least - node->last - 1));
	return node;
}

/* What starts below start, and the rest. */
static void split(struct node *node, uint64_t start, struct node **below, struct node **rest)
{
	if (!node) {
		*below = *rest = NULL;
		return;
	}
	if (node->start < start) {
		split(node->right, start, &node->right, rest);
		*below = refresh(node);
	} else {
		split(node->left, start, below, &node->left);
		*rest = refresh(node);
	}
}

/* All of below lies below all of above. */
static struct node *join(struct node *below, struct node *above)
{
	if (!below || !above)
		return below ? below : above;
	if (below->priority > above->priority) {
		below->right = join(below->right, above);
		return refresh(below);
	}
	above->left = join(below, above->left);
	return refresh(above);
}

static struct node *insert(struct node *at, struct node *node)
{
	if (!at || node->priority > at->priority) {
		split(at, node->start, &node->left, &node->right);
		return refresh(node);
	}
	if (node->start < at->start)
		at->left = insert(at->left, node);
	else
		at->right = insert(at->right, node);
	return refresh(at);
}

static struct node *without(struct node *at, const struct node *node)
{
	if (at == node)
		return join(at->left, at->right);
	if (node->start < at->start)
		at->left = without(at->left, node);
	else
		at->right = without(at->right, node);
	return refresh(at);
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

void tree_insert(struct tree *tree, struct node *node)
{
	node->priority = next_priority(tree);
	tree->root = insert(tree->root, node);
}

void tree_remove(struct tree *tree, struct node *node)
{
	tree->root = without(tree->root, node);
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

/* Is there enough of the hole from start to last, which may be none, that is not below from? */
static bool enough(uint64_t start, uint64_t last, uint64_t from, uint64_t length, struct sim_range *hole)
{
	start = larger(start, from);
	if (start > last || last - start < length - 1)
		return false;
	*hole = (struct sim_range){ start, last };
	return true;
}

/* Of the holes between two nodes that are below at. */
static bool inner_hole(const struct node *at, uint64_t from, uint64_t length, struct sim_range *hole)
{
	if (!at || at->hole < length || at->most < from)
		return false;
	if (inner_hole(at->left, from, length, hole))
		return true;
	if (at->left && at->left->most + 1 < at->start &&
	    enough(at->left->most + 1, at->start - 1, from, length, hole))
		return true;
	if (at->right && at->last + 1 < at->right->least &&
	    enough(at->last + 1, at->right->least - 1, from, length, hole))
		return true;
	return inner_hole(at->right, from, length, hole);
}

bool tree_hole(const struct tree *tree, uint64_t from, uint64_t length, struct sim_range *hole)
{
	const struct node *root = tree->root;

	if (!root)
		return enough(0, UINT64_MAX, from, length, hole);
	if (root->least && enough(0, root->least - 1, from, length, hole))
		return true;
	if (inner_hole(root, from, length, hole))
		return true;
	return root->most < UINT64_MAX && enough(root->most + 1, UINT64_MAX, from, length, hole);
}
