/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/memlock.h"
#include <inttypes.h>
#include <stdio.h>

int memlock_look(struct memlock *memlock)
{
	int rc = machine_limits(memlock->pid, &memlock->limits);
	uint64_t used = memlock->per_process ? memlock->limits.pinned : 0;

	memlock->need = memlock->bytes > UINT64_MAX - used ? UINT64_MAX : memlock->bytes + used;
	return rc;
}

enum memlock_verdict memlock_verdict(const struct memlock *memlock)
{
	if (memlock->limits.exempt || memlock->limits.memlock == UINT64_MAX)
		return MEMLOCK_FREE;
	return memlock->need <= memlock->limits.memlock ? MEMLOCK_FITS : MEMLOCK_SMALL;
}

static enum answer_id answer_of(const struct memlock *memlock)
{
	static const enum answer_id small[] = {
		[MEMLOCK_OWN] = MAY_PIN_LESS, [MEMLOCK_SESSION] = SESSION_MAY_PIN_LESS,
		[MEMLOCK_OTHER] = OTHER_MAY_PIN_LESS,
	};

	switch (memlock_verdict(memlock)) {
	case MEMLOCK_FREE:
		return memlock->limits.exempt ? MAY_PIN_ALL : NO_LIMIT;
	case MEMLOCK_FITS:
		return memlock->per_process ? MAY_PIN_ENOUGH : USER_MAY_PIN_ENOUGH;
	default:
		if (memlock->owner == MEMLOCK_SESSION && *memlock->limits.unit)
			return SERVICE_MAY_PIN_LESS;
		return small[memlock->owner];
	}
}

void tell_memlock(const struct doctor *doctor, const struct memlock *memlock)
{
	char pid[16], limit[24], need[24], kib[24];

	snprintf(pid, sizeof(pid), "%d", (int)memlock->pid);
	snprintf(limit, sizeof(limit), "%" PRIu64, memlock->limits.memlock);
	snprintf(need, sizeof(need), "%" PRIu64, memlock->need);
	snprintf(kib, sizeof(kib), "%" PRIu64, memlock->need / 1024 + (memlock->need % 1024 != 0));
	doctor_tell(doctor, answer_of(memlock),
		    BLANKS({ "PID", pid }, { "LIMIT", limit }, { "NEED", need }, { "KIB", kib },
			   { "UNIT", memlock->limits.unit }));
}
