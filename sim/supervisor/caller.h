/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the model asks of the process whose ioctl it does. */
#ifndef SIM_SUPERVISOR_CALLER_H
#define SIM_SUPERVISOR_CALLER_H

#include "model/model.h"
#include "supervisor/backing.h"
#include "supervisor/call.h"
#include "supervisor/files.h"

struct caller {
	struct sim_caller caller;
	const struct call *call;
	struct files *files;
	struct spaces *spaces;
	/* What was read of its memory beyond what was asked for. */
	uint64_t ahead_at;
	size_t n_ahead;
	char ahead[64];
};

void caller_init(struct caller *caller, const struct call *call, struct files *files, struct spaces *spaces);

#endif
