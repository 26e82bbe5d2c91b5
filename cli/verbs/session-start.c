/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session start: become a holder, in the background or here. */
#include "verbs/session-start.h"
#include <fcntl.h>

#include "output/table.h"
#include "resolve/iommufd.h"
#include "session/client.h"
#include "session/spawn.h"

enum { OPT_FOREGROUND = OPT_OWN, OPT_RESUME, OPT_READY_FD };

static int opt_ready_fd(const struct call *call, int *ret)
{
	const char *text = opt_value(call, OPT_READY_FD);
	uint32_t fd;

	*ret = -1;
	if (!text)
		return EXIT_DONE;
	if (!parse_u32(text, &fd) || fd < 3 || fcntl((int)fd, F_GETFD) < 0)
		return msg_usage(call->output, "--ready-fd: '%s' is no open fd of 3 or more", text);
	*ret = (int)fd;
	return EXIT_DONE;
}

static int opt_resume_fd(const struct call *call, int *ret)
{
	const char *text = opt_value(call, OPT_RESUME);
	uint32_t fd;

	*ret = -1;
	if (!text)
		return EXIT_DONE;
	if (!parse_u32(text, &fd) || fd > INT32_MAX)
		return msg_usage(call->output, "--resume: '%s' is no fd", text);
	*ret = (int)fd;
	return EXIT_DONE;
}

static int run_session_start(struct call *call)
{
	struct spawn spawn = { session_of(call), opt_given(call, OPT_FOREGROUND), .call = call };
	int rc;

	if (!iommufd_session_name_is_valid(spawn.name))
		return msg_usage(call->output, "'%s' is no name of a session", spawn.name);
	rc = opt_ready_fd(call, &spawn.ready_fd) ?: opt_resume_fd(call, &spawn.resume_fd);
	if (rc)
		return rc;
	return spawn.foreground ? session_hold(&spawn) : session_start(&spawn) ?: print_nothing(call->output);
}

const struct verb verb_session_start = {
	.name = "session start", .summary = "Start a process that keeps a context",
	.args = { { "NAME", ARG_SESSION, ARG_OPTIONAL } },
	.options = OPTIONS(RLIMIT_MODE_OPTION,
		{ "foreground", OPT_FOREGROUND, .help = "Do not go into the background" },
		{ "resume", OPT_RESUME, { "FD" }, "Take over what a restarting session left" },
		{ "ready-fd", OPT_READY_FD, { "N" }, "Write a newline to this fd when it is ready" }),
	.run = run_session_start,
};
