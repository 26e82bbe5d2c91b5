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
};

void caller_init(struct caller *caller, const struct call *call, struct files *files, struct spaces *spaces);

#endif
