/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session start: become a holder, in the background or here. */
#include "verbs/session-start.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "engine/value.h"
#include "output/table.h"
#include "resolve/file.h"
#include "resolve/iommufd.h"
#include "session/client.h"
#include "session/spawn.h"

enum { OPT_FOREGROUND = OPT_OWN, OPT_RESUME, OPT_CHECK, OPT_BACK, OPT_WHY, OPT_READY_FD,
       OPT_ON_REQUEST };

/* Why a byte would not go out at once, as an errno; 0: it would. */
static int why_not_writable(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int flags = fcntl(fd, F_GETFL);

	if (flags & O_PATH || (flags & O_ACCMODE) == O_RDONLY)
		return EBADF;
	if (poll(&ready, 1, 0) < 0)
		return errno;
	return ready.revents & (POLLERR | POLLHUP) ? EPIPE : ready.revents & POLLOUT ? 0 : EAGAIN;
}

static int opt_ready_fd(const struct call *call, int *ret)
{
	const char *text = opt_value(call, OPT_READY_FD);
	uint32_t fd;
	int error;

	*ret = -1;
	if (!text)
		return EXIT_DONE;
	if (!parse_u32(text, &fd) || fd < 3 || fcntl((int)fd, F_GETFD) < 0)
		return msg_usage(call->output, "--ready-fd: '%s' is no open fd of 3 or more", text);
	*ret = (int)fd;
	error = why_not_writable(*ret);
	if (error)
		return msg_fail(call->output, NULL, "--ready-fd: '%s' cannot be written to (%s)", text,
				iommufd_error_name(error));
	return check_fd_kind(call, text, *ret, IOMMUFD_FD_STREAM);
}

/* An fd that a holder passes to the program that it becomes. */
static int opt_passed_fd(const struct call *call, int key, const char *name, int *ret)
{
	const char *text = opt_value(call, key);
	uint32_t fd;

	*ret = -1;
	if (!text)
		return EXIT_DONE;
	if (!parse_u32(text, &fd) || fd > INT32_MAX)
		return msg_usage(call->output, "--%s: '%s' is no fd", name, text);
	*ret = (int)fd;
	return EXIT_DONE;
}

static int run_session_start(struct call *call)
{
	struct spawn spawn = { session_of(call), opt_given(call, OPT_FOREGROUND), .call = call,
			       .check = opt_given(call, OPT_CHECK), .why = opt_value(call, OPT_WHY),
			       .on_request = (enum on_request)opt_number(call, OPT_ON_REQUEST, 0) };
	int rc;

	if (!iommufd_session_name_is_valid(spawn.name))
		return msg_usage(call->output, "'%s' is no name of a session", spawn.name);
	/* What a holder gives up it has not any more when it ends. */
	if (spawn.foreground && call->output->file)
		return msg_usage(call->output, "--foreground is not possible in a batch");
	rc = opt_ready_fd(call, &spawn.ready_fd) ?: opt_passed_fd(call, OPT_RESUME, "resume", &spawn.resume_fd) ?:
	     opt_passed_fd(call, OPT_BACK, "back", &spawn.back_fd);
	if (rc)
		return rc;
	if (spawn.resume_fd < 0 && (spawn.check || spawn.why || spawn.back_fd >= 0))
		return msg_usage(call->output, "--check, --back and --why need --resume");
	return spawn.foreground ? session_hold(&spawn) : session_start(&spawn) ?: print_nothing(call->output);
}

static const struct choice on_request[] = {
	{ "keep", REQUEST_KEEP }, { "unbind", REQUEST_UNBIND }, { NULL },
};

const struct verb verb_session_start = {
	.name = "session start", .summary = "Start a process that keeps a context",
	.example = PROGRAM " session start lab",
	.args = { { "NAME", ARG_SESSION, ARG_OPTIONAL } },
	.options = OPTIONS(RLIMIT_MODE_OPTION,
		{ "on-request", OPT_ON_REQUEST, { "keep|unbind", ARG_EITHER, .choices = on_request },
		  "What comes of a device that the kernel waits for" },
		{ "foreground", OPT_FOREGROUND, .help = "Do not go into the background" },
		{ "resume", OPT_RESUME, { "FD" }, "Take over what a restarting session left" },
		{ "check", OPT_CHECK, .help = "Only say whether --resume could do it" },
		{ "back", OPT_BACK, { "FD" }, "If --resume fails, become this program" },
		{ "why", OPT_WHY, { "TEXT" }, "Why another program has not gone on" },
		{ "ready-fd", OPT_READY_FD, { "N" }, "Write a newline to this fd when it is ready" }),
	.run = run_session_start,
};
