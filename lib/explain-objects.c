/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explanations: page tables, queues and virtual IOMMUs. */
#include "explain.h"

const struct explain_row explain_objects[] = {
	{ 0 },
};
