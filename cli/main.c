/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iommufdctl: the command line. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "context.h"
#include "help.h"
#include "options.h"

/*
 * A standard stream that is closed would become the next file to be opened: text for stdout would be
 * written into the registers of a device. Fill the gap, with the wrong direction so that use fails.
 */
static void fill_standard_fds(void)
{
	struct pollfd fds[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };
	int i;

	if (poll(fds, 3, 0) <= 0)
		return;
	for (i = 0; i < 3; i++)
		if (fds[i].revents & POLLNVAL && openat(AT_FDCWD, "/dev/null", i ? O_RDONLY : O_WRONLY) != i)
			_exit(EXIT_FAILED);
}

static enum context_kind kind_of(const struct call *call, const struct request *from)
{
	if (call->ctx->borrowed)
		return CONTEXT_INHERITED;
	return from->once ? CONTEXT_ONCE : CONTEXT_NONE;
}

static int run(struct call *call, struct request *from)
{
	const char *iommufd = option(call, OPT_IOMMUFD);
	int rc = EXIT_DONE;

	from->output.json = option(call, OPT_JSON);
	from->output.verbose = option(call, OPT_VERBOSE);
	from->once = option(call, OPT_ONCE);
	from->session = option(call, OPT_SESSION);
	if (option(call, OPT_HELP))
		return help_all(call);
	if (option(call, OPT_VERSION)) {
		buf_str(call->output->out, PROGRAM " " LIBIOMMUFD_VERSION "\n");
		return EXIT_DONE;
	}
	if (iommufd)
		rc = context_adopt(call, iommufd);
	from->ctx->kind = kind_of(call, from);
	return rc == EXIT_DONE ? run_words(from, call->n_args, call->args) : rc;
}

/* No byte of output may be lost in silence. */
static int close_output(struct call *call, int rc)
{
	int error = buf_flush(call->output->out);

	if (!error)
		return rc;
	/* The stream is of no use any more; what is said about it goes to the other one. */
	msg_fail(call->output, NULL, "write error on the standard output: %s", msg_error_text(error));
	return rc == EXIT_DONE ? EXIT_FAILED : rc;
}

int main(int argc, char **argv)
{
	static const struct verb globals = { .name = "", .options = global_options, .flags = VERB_IN_ORDER };
	static char out_buf[65536], err_buf[4096];
	struct buffer out = { .fd = STDOUT_FILENO, .buf = out_buf, .cap = sizeof(out_buf) };
	struct buffer err = { .fd = STDERR_FILENO, .buf = err_buf, .cap = sizeof(err_buf) };
	struct context ctx;
	struct request from = { .ctx = &ctx, .output = { .out = &out, .err = &err } };
	struct call call = { .from = &from, .ctx = &ctx, .output = &from.output, .verb = &globals };
	struct given given[MAX_GIVEN];
	int rc;

	fill_standard_fds();
	context_init(&ctx, CONTEXT_NONE);
	rc = argc ? parse_options(&call, argv + 1, given) : EXIT_USAGE;
	if (rc == EXIT_DONE)
		rc = run(&call, &from);
	return close_output(&call, rc);
}
