/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that a claim or a release is about, locked, each with its record. */
#ifndef CLI_VERBS_CLAIM_TARGET_H
#define CLI_VERBS_CLAIM_TARGET_H

#include "claim/driver.h"
#include "claim/record.h"
#include "claim/signals.h"
#include "claim/steps.h"
#include "engine/command.h"

struct target {
	struct machine_device device;
	bool is_there; /* false: the device of a record has gone */
	char name[CLAIM_NAME];
	int lock;
	int recorded; /* 0: claim is the record; -ENOENT: it is not claimed; else why nobody knows */
	struct claim claim;
	struct claim_driver driver; /* that it is to have */
	bool moves;	/* to another driver */
	bool is_kept;	/* it is as it is to be: there is nothing to do */
	bool is_begun;	/* its record is written: there may be something to undo */
	bool is_waited; /* a process that writes waits in the kernel: nobody else may work on it */
	struct steps steps;
};

struct targets {
	struct target *items;
	size_t count;
	int dir;	     /* of the records; -1: there is none, or only a look is taken */
	bool changed, is_release;
	struct node_rights rights; /* that a claim gives */
	struct held_signals signals;
};

void targets_init(struct targets *targets);
void targets_free(struct targets *targets);

/* Those that are there already are left alone. 0, or -ENOMEM. */
int targets_add(struct targets *targets, const struct machine_device *device);
int targets_add_gone(struct targets *targets, const char *bus, const char *address);

/* How is it now? */
void target_look(struct target *target);

/*
 * Lock all of them and read their records; look: only read, and that there is no directory for them is fine.
 * An exit code, with its message.
 */
int targets_lock(const struct call *call, struct targets *targets, bool look);

/* Of a record that is no good, the reason, or of the directory: an exit code, with its message. */
int target_fail_record(const struct call *call, const struct target *target);
int targets_fail_place(const struct call *call, int error);

/* Undoing goes on whatever signals come. */
enum way { WAY_FORTH, WAY_BACK, WAY_UNDO };

struct target_failure {
	const struct step *step;
	int error;
	pid_t waiting; /* the process that waits in the kernel, 0: none */
};

/* Run the steps of one. 0, or -errno with all that is known in *ret. */
int target_run(struct targets *targets, struct target *target, enum way way, struct target_failure *ret);
/* Say what failed. */
void target_fail(const struct call *call, const struct target *target, const struct target_failure *failure);

#endif
