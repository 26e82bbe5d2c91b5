/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: hand fds over to a program, by number. */
#include "verbs/exec.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context/fds.h"
#include "resolve/device.h"
#include "resolve/fd.h"
#include "resolve/iommufd.h"
#include "resolve/object.h"
#include "session/child.h"
#include "util/shellwords.h"

enum { OPT_DEVICE = OPT_OWN, OPT_BIND };

/* The fds that the words name: they alone are handed over. */
struct named {
	int *fds;
	size_t count;
};

static int resolve_here(const struct call *call, void *arg, const char *ref, bool whole, int *ret)
{
	struct named *named = arg;
	int *grown, rc = need_fd(call, (struct word){ ref, -1 }, ret);

	(void)whole; /* nothing moves: the devices were named by options, or are a batch's own */
	if (rc)
		return rc;
	grown = reallocarray(named->fds, named->count + 1, sizeof(*grown));
	if (!grown)
		return msg_fail_errno(call->output, ref, ENOMEM);
	named->fds = grown;
	named->fds[named->count++] = *ret;
	return EXIT_DONE;
}

static void inherit_named(const struct named *named)
{
	for (size_t i = 0; i < named->count; i++)
		fd_inherit(named->fds[i]);
}

/* What the child of a batch does with its words. */
struct program {
	char **words;
	const struct named *named;
};

static int become_program(const struct call *call, void *arg)
{
	const struct program *program = arg;

	inherit_named(program->named);
	return become(call, program->words);
}

static void hint_session_exec(const struct call *call)
{
	struct buffer command = { .fd = -1 };

	shellwords_join(&command, call->n_args, (const char *const *)call->args);
	buf_char(&command, '\0');
	if (!command.error)
		msg_hint(call->output, "its fds go to a program with: " PROGRAM " session exec --%s", command.buf);
	free(command.buf);
}

static int run_in_batch(const struct call *call)
{
	struct named named = { 0 };
	struct program program = { .named = &named };
	int rc;

	if (call->request->lines_in) {
		rc = msg_usage(call->output, "not possible in a session");
		hint_session_exec(call);
		return rc;
	}
	if (call->n_given)
		return msg_usage(call->output, "--%s is for exec alone", call->given[0].option->name);
	rc = substitute_words(call, resolve_here, &named, &program.words) ?:
	     run_and_wait(call, become_program, &program);
	free_words(program.words);
	free(named.fds);
	return rc;
}

/* value: DEV or DEV=NAME */
static int open_given_device(const struct call *call, const char *value)
{
	const char *equals = strrchr(value, '=');
	struct device *device;
	char *ref;
	int rc;

	if (equals == value || !*value)
		return msg_usage(call->output, "--device needs DEV or DEV=NAME");
	ref = strndup(value, equals ? (size_t)(equals - value) : strlen(value));
	if (!ref)
		return msg_fail_errno(call->output, value, ENOMEM);
	rc = equals ? check_name(call, equals + 1) : EXIT_DONE;
	if (rc == EXIT_DONE)
		rc = add_device(call, (struct word){ ref, -1 }, equals ? equals + 1 : NULL, &device);
	if (rc == EXIT_DONE && opt_given(call, OPT_BIND))
		rc = bind_device(call, ref, device, NULL);
	else if (rc == EXIT_DONE)
		note_no_iommu(call, device_name(device), &device->info);
	free(ref);
	return rc;
}

static int prepare_context(const struct call *call)
{
	int rc = need_iommufd(call) ?: opt_rlimit_mode(call, call->ctx);

	for (int i = 0; i < call->n_given && !rc; i++)
		if (call->given[i].option->key == OPT_DEVICE)
			rc = open_given_device(call, call->given[i].value);
	return rc;
}

/* The context of exec alone is what its options name: the devices. With --fd-base the iommufd goes along. */
static int inherit_devices(const struct call *call)
{
	struct context *ctx = call->ctx;
	struct handed_fd *list = calloc(ctx->devices.count + 1, sizeof(*list));
	int rc;

	if (!list)
		return msg_fail_errno(call->output, NULL, ENOMEM);
	list[0] = (struct handed_fd){ IOMMUFD_WORD, &ctx->iommufd };
	for (size_t i = 0; i < ctx->devices.count; i++) {
		struct device *device = device_at(ctx, i);

		list[i + 1] = (struct handed_fd){ device->object.name ?: device->info.name, &device->fd };
		fd_inherit(device->fd);
	}
	rc = place_fds(call, list, ctx->devices.count + 1);
	free(list);
	return rc;
}

static int run_alone(const struct call *call)
{
	struct named named = { 0 };
	char **words = NULL;
	int rc = prepare_context(call) ?: inherit_devices(call) ?:
		 substitute_words(call, resolve_here, &named, &words);

	if (rc == EXIT_DONE) {
		inherit_named(&named);
		rc = become(call, words);
	}
	free_words(words);
	free(named.fds);
	return rc;
}

static int run_exec(struct call *call)
{
	return call->output->file ? run_in_batch(call) : run_alone(call);
}

const struct verb verb_exec = {
	.name = "exec", .summary = "Run a program with the fds of a context",
	.example = PROGRAM " exec --device 0000:00:04.0=nic -- ls -l /proc/self/fd/{fd:nic}",
	.details = "In CMD's words {fd:iommufd}, {fd:DEV} and {fd:mem:NAME} become fd numbers. Alone: opens an "
		   "iommufd and the devices and becomes CMD. In a batch: runs CMD and waits for it; its exit "
		   "status is the line's.",
	.args = { { "-- CMD", ARG_COMMAND }, { "ARG", ARG_TEXT, ARG_OPTIONAL | ARG_REPEATS } },
	.options = OPTIONS(
		{ "device", OPT_DEVICE, { "DEV[=NAME]", ARG_NEW_DEVICE },
		 "Open this device; may be repeated", OPTION_REPEATS },
		RLIMIT_MODE_OPTION, FD_BASE_OPTION,
		{ "bind", OPT_BIND, .help = "Bind the devices (VMMs such as QEMU want them unbound)" }),
	.in_order = true, .opens = true, .no_json = true, .run = run_exec,
};
