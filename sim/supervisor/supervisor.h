/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that the supervisor has. The parts that answer calls are in files by what is called. */
#ifndef SIM_SUPERVISOR_SUPERVISOR_H
#define SIM_SUPERVISOR_SUPERVISOR_H

#include <stdio.h>

#include "supervisor/attribute.h"
#include "supervisor/backing.h"
#include "supervisor/call.h"
#include "supervisor/files.h"
#include "supervisor/guard.h"
#include "supervisor/nodes.h"

struct supervisor {
	struct sim *sim;
	struct nodes nodes;
	struct sysfs sysfs;
	struct files files;
	struct spaces spaces;
	struct guard guard;
	FILE *trace;  /* NULL: none */
	bool observed; /* it tells what its iommufds hold */
	int listener; /* of calls */
	int signals;
	int epoll;
};

int supervisor_init(struct supervisor *s, struct sim *sim, FILE *trace);
void supervisor_fini(struct supervisor *s);
/* One of its own fds: the listener, or the signals. */
int supervisor_wait_for(struct supervisor *s, int *fd);

enum supervisor_event {
	SUPERVISOR_NOTHING,
	SUPERVISOR_SIGNAL = 1 << 0, /* one is there to be read */
	SUPERVISOR_ALONE = 1 << 1,  /* nobody is left who could call */
};

/* One call at most, and all that was closed before it. Waits for timeout ms; -1: for ever. */
enum supervisor_event supervisor_serve(struct supervisor *s, int timeout);

/* Each gives its call an answer. */
void answer_open(struct supervisor *s, const struct call *call);
void answer_ioctl(struct supervisor *s, const struct call *call);
void answer_write(struct supervisor *s, const struct call *call);
void answer_held(struct supervisor *s, const struct call *call);
void answer_pwrite(struct supervisor *s, const struct call *call);
void answer_fstat(struct supervisor *s, const struct call *call);
void answer_readlink(struct supervisor *s, const struct call *call);
/* Those whose answer waits for what is closed by now. */
void answer_waiting(struct supervisor *s);

#endif
