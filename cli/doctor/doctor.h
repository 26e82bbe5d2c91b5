/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at the machine, or at one of its devices: what is told of it, and to whom. */
#ifndef CLI_DOCTOR_DOCTOR_H
#define CLI_DOCTOR_DOCTOR_H

#include "doctor/answer.h"

#include "machine/held.h"
#include "machine/host.h"

struct finding {
	const char *check;
	enum answer_id id;
	enum answer_state state;
	char fact[320];
	char file[192]; /* empty: none says so */
	char mend[512]; /* empty: there is nothing to mend */
};

typedef void finding_fn(void *arg, const struct finding *finding);

struct doctor {
	finding_fn *found;
	void *arg;
	const struct machine_host *host; /* NULL: what it uses is not asked */
	const struct machine_held *held; /* NULL: nobody asks for holders */
};

/* blanks: NULL, where the answer has none. */
void doctor_tell(const struct doctor *doctor, enum answer_id id, const struct blank *blanks);

#endif
