/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a claim, or its undoing, does to the machine, in its order: what --dry-run shows is what is executed.
 * From wherever a claim was stopped the steps back lead to how the device was, so that they can be stopped
 * and begun again, too.
 */
#ifndef CLI_CLAIM_STEPS_H
#define CLI_CLAIM_STEPS_H

#include "claim/node.h"
#include "claim/record.h"
#include "claim/signals.h"
#include "machine/device.h"

enum step_kind {
	STEP_LOAD,   /* a module */
	STEP_RECORD, /* to be written */
	STEP_WRITE,  /* to a file below /sys */
	STEP_TAKEN,  /* wait for the driver's cdev; nothing is written */
	STEP_NODE,   /* give the cdev to its new owner, or back */
	STEP_BACK,   /* is all as it was? nothing is written */
	STEP_FORGET, /* remove the record */
};

struct step {
	enum step_kind kind;
	char path[160]; /* below /sys; of a record its name */
	char text[72];	/* what is written, without its newline */
};

enum { MAX_STEPS = 8 };

struct steps {
	struct step items[MAX_STEPS];
	size_t count;
};

/* From what the device is now to what the record says that the claim gives it. module: to be loaded first. */
void steps_to_claim(const struct claim *claim, const char *module, const struct machine_device *now,
		    const struct node_rights *rights, struct steps *ret);
/* Back to what the record says that it was. now: NULL, it is gone or another one. */
void steps_back(const struct claim *claim, const struct machine_device *now, struct steps *ret);

void steps_leave_out(struct steps *steps, enum step_kind kind);

/* May the files be written to? 0, or the -errno of the first that may not: *at is its step. */
int steps_check(const struct steps *steps, size_t *at);

/* What a run of steps has to work with, and what came of it. */
struct work {
	int dir, lock; /* that of the records, the device's own */
	const char *name; /* of its record */
	const struct claim *claim;
	struct node_rights rights;
	struct held_signals *signals;
	bool back; /* to what was before */
	bool deaf; /* signals end nothing */
	uint64_t began; /* in microseconds, before its driver was changed; 0: it was not */
	char cdev[32]; /* once it is there */
	pid_t waiting; /* the process whose write is not over yet, 0: none */
	bool changed;
};

/*
 * Execute them. 0, or -errno: *at is the step that failed. -EINTR: a signal came; -ETIMEDOUT: the kernel
 * keeps the writer, or no cdev appeared; -ENXIO: another driver took the device, or none did. Nothing more
 * may be read or written of a device that work->waiting waits for: that waits, too.
 */
int steps_run(struct work *work, const struct steps *steps, size_t *at);

#endif
