/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bind, unbind: a device enters a context, and leaves it. */
#include "verbs/bind.h"
#include <errno.h>
#include <string.h>

#include "context/taker.h"
#include "resolve/device.h"
#include "resolve/file.h"
#include "verbs/finish.h"

enum { OPT_TOKEN = OPT_OWN };

/* Opening the cdev here would unbind it again when a lone command ends. */
static int refuse_lone_bind(const struct call *call)
{
	struct iommufd_device device;
	bool found = iommufd_device_lookup(call->args[0], &device) == 0 && *device.cdev;

	msg_fail(call->output, call->args[0], "the device would be released when the command ends");
	msg_hint(call->output, "let the shell keep it open: exec 4<>%s; " PROGRAM " bind fd:4",
		 found ? device.cdev : "/dev/vfio/devices/vfioN");
	return EXIT_USAGE;
}

static int bind_new(const struct call *call, const unsigned char *token, struct device **ret)
{
	int rc = add_device(call, call_arg(call, 0), opt_value(call, OPT_NAME), ret);

	if (rc)
		return rc;
	rc = bind_device(call, call->args[0], *ret, token);
	if (rc != EXIT_DONE)
		device_drop(call->ctx, *ret);
	return rc;
}

/* A cdev of the caller's that a command before has used: what is known of it outlives a failure. */
static int bind_known(const struct call *call, const unsigned char *token, struct device *device)
{
	const char *name = opt_value(call, OPT_NAME);
	int rc;

	if (object_add(call->ctx, &device->object, name) < 0)
		return msg_fail_errno(call->output, name, ENOMEM);
	rc = bind_device(call, call->args[0], device, token);
	if (rc != EXIT_DONE && !device->object.id)
		object_remove(call->ctx, &device->object);
	return rc;
}

static int run_bind(struct call *call)
{
	const char *ref = call->args[0], *uuid = opt_value(call, OPT_TOKEN);
	bool is_fd = strncmp(ref, "fd:", 3) == 0; /* in a session a path comes as an fd, too */
	unsigned char bytes[16], *token = uuid ? bytes : NULL;
	struct device *device = NULL;
	int fd, rc;

	if (call->ctx->kind == CONTEXT_INHERITED && !is_fd)
		return refuse_lone_bind(call);
	if (uuid && !parse_uuid(uuid, bytes))
		return msg_usage(call->output, "--token: '%s' is no UUID", uuid);
	if (is_fd && word_fd(call, call_arg(call, 0), &fd))
		device = device_by_word(call, call_arg(call, 0));
	if (device && device->object.id)
		return msg_fail(call->output, ref, "it is bound already, as %u (EINVAL)", device->object.id);
	rc = device ? bind_known(call, token, device) : bind_new(call, token, &device);
	return rc ?: print_id(call->output, device->object.id);
}

static int run_unbind(struct call *call)
{
	struct device *device = arg_device(call, 0);

	if (device->borrowed) {
		msg_fail(call->output, call->args[0], "whoever opened the cdev keeps it bound");
		msg_hint(call->output, "close it there, in a shell with: exec %d>&-", device->fd);
		return EXIT_FAILED;
	}
	/* Where another program has it open, too, it goes on. */
	if (!taker_of(call->ctx, device->info.name))
		note_revoked(call, device);
	device_drop(call->ctx, device);
	return print_nothing(call->output);
}

const struct verb verb_bind = {
	.name = "bind", .summary = "Bind a device, print its id",
	.example = PROGRAM " bind 0000:00:04.0 --name nic",
	.args = { { "DEV", ARG_NEW_DEVICE } },
	.options = OPTIONS(NAME_OPTION,
		{ "token", OPT_TOKEN, { "UUID" }, "The token of a virtual function's physical one" }),
	.needs = NEEDS_CONTEXT, .makes = true, .run = run_bind,
};

const struct verb verb_unbind = {
	.name = "unbind", .summary = "Release a device",
	.example = PROGRAM " unbind nic",
	.args = { { "DEV", ARG_DEVICE, ARG_NO_HINT } },
	.needs = NEEDS_CONTEXT, .run = run_unbind,
};
