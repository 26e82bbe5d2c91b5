/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/finding.h"
#include "util/process.h"

static void hint_finding(void *arg, const struct finding *finding)
{
	if (finding->state != STATE_OK || *finding->mend)
		msg_hint(arg, "%s%s%s", finding->fact, *finding->mend ? ": " : "", finding->mend);
}

struct doctor doctor_hints(const struct output *output)
{
	return (struct doctor){ hint_finding, (void *)output };
}

static void keep_first(void *arg, const struct finding *finding)
{
	struct finding *first = arg;

	if (!first->check && finding->state != STATE_OK)
		*first = *finding;
}

struct doctor doctor_first(struct finding *ret)
{
	*ret = (struct finding){ .check = NULL };
	return (struct doctor){ keep_first, ret };
}

int fail_finding(const struct output *output, const char *object, const struct finding *why, int error)
{
	msg_fail(output, object, "%s (%s)", why->fact, iommufd_error_name(error));
	if (*why->mend)
		msg_hint(output, "%s", why->mend);
	return EXIT_FAILED;
}

uint64_t end_of_patience(const struct call *call)
{
	return clock_ms() + (call->request->holder ? 80 : 2000);
}
