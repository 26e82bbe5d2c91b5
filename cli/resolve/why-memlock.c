/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/why-memlock.h"
#include <errno.h>
#include <unistd.h>

#include "doctor/memlock.h"
#include "resolve/finding.h"

int fail_pin(const struct call *call, const char *object, enum iommufd_op op, enum iommufd_device_kind kind,
	     uint64_t bytes)
{
	struct memlock memlock = { .pid = getpid(), .per_process = true, .bytes = bytes,
				   .owner = call->request->holder ? MEMLOCK_SESSION : MEMLOCK_OWN };
	struct finding why;
	const struct doctor doctor = doctor_first(&why);

	if (!bytes || memlock_look(&memlock) < 0)
		return msg_fail_op_bare(call->output, object, op, ENOMEM, kind);
	if (memlock_verdict(&memlock) == MEMLOCK_FREE)
		return msg_fail(call->output, object, "pinning the memory failed: out of memory (ENOMEM)");
	if (memlock_verdict(&memlock) == MEMLOCK_SMALL) {
		tell_memlock(&doctor, &memlock);
		return fail_finding(call->output, object, &why, ENOMEM);
	}
	msg_fail_op_bare(call->output, object, op, ENOMEM, kind);
	msg_hint(call->output, "other processes of the user count as well: %" PRIu64 " bytes would fit alone, the "
			       "limit is %" PRIu64, memlock.need, memlock.limits.memlock);
	memlock.need = memlock.limits.memlock + bytes;
	tell_memlock(&doctor, &memlock);
	msg_hint(call->output, "%s", why.mend);
	return EXIT_FAILED;
}
