/* SPDX-License-Identifier: GPL-2.0-or-later */
/* migration get, set, save, load: the state of a device, which another one goes on with. */
#include "verbs/migration.h"
#include <errno.h>
#include <unistd.h>

#include "resolve/file.h"
#include "util/io.h"
#include "verbs/finish.h"

static const struct choice states[] = {
	{ "error", IOMMUFD_STATE_ERROR },	  { "stop", IOMMUFD_STATE_STOP },
	{ "running", IOMMUFD_STATE_RUNNING },	  { "stop-copy", IOMMUFD_STATE_STOP_COPY },
	{ "resuming", IOMMUFD_STATE_RESUMING },	  { "running-p2p", IOMMUFD_STATE_RUNNING_P2P },
	{ "pre-copy", IOMMUFD_STATE_PRE_COPY },	  { "pre-copy-p2p", IOMMUFD_STATE_PRE_COPY_P2P },
	{ NULL },
};

static const char *migration_state(uint32_t state)
{
	return choice_word(states, state) ?: "unknown";
}

static int run_migration_get(struct call *call)
{
	uint32_t state;
	int rc = iommufd_device_migration_state(arg_device(call, 0)->fd, &state);

	return refused(call, 0, IOMMUFD_OP_MIGRATION_STATE, rc) ?:
	       print_text(call->output, "state", migration_state(state));
}

/* The kernel goes by way of other states, and stays in one of them when it cannot go on. */
static void go_back(const struct call *call, const struct device *device, uint32_t before)
{
	uint32_t now;
	int data;

	if (iommufd_device_migration_state(device->fd, &now) < 0 || now == before)
		return;
	if (iommufd_device_migration_set_state(device->fd, before, &data) < 0)
		msg_note(call->output, "the device is left in the state '%s'", migration_state(now));
	else if (data >= 0)
		close(data);
}

static int set_state(const struct call *call, const struct device *device, uint32_t state, int *ret_data)
{
	uint32_t before;
	bool is_known = iommufd_device_migration_state(device->fd, &before) == 0;
	int rc = refused(call, 0, IOMMUFD_OP_MIGRATION_SET_STATE,
			 iommufd_device_migration_set_state(device->fd, state, ret_data));

	if (rc && is_known)
		go_back(call, device, before);
	return rc;
}

static int run_migration_set(struct call *call)
{
	int data, rc = set_state(call, arg_device(call, 0), arg_u32(call, 1), &data);

	if (rc == EXIT_DONE && data >= 0) {
		close(data);
		msg_note(call->output,
			 "the device's data was not asked for: 'migration save' and 'migration load' take it");
	}
	return rc ?: print_nothing(call->output);
}

/* The rest of a transfer failed: the device goes back to where it can do nothing wrong. */
static int end_transfer(const struct call *call, const struct device *device, int data, int rc)
{
	int none, error;

	close(data);
	error = iommufd_device_migration_set_state(device->fd, IOMMUFD_STATE_STOP, &none);
	if (rc == EXIT_DONE)
		return refused(call, 0, IOMMUFD_OP_MIGRATION_SET_STATE, error);
	msg_note(call->output, "the device is %s", error < 0 ? "in an unknown state" : "stopped");
	return rc;
}

static int run_migration_save(struct call *call)
{
	const struct device *device = arg_device(call, 0);
	char chunk[16384];
	ssize_t n;
	int data, rc = set_state(call, device, IOMMUFD_STATE_STOP_COPY, &data);

	if (rc)
		return rc;
	while ((n = read(data, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
		buf_bytes(call->output->out, chunk, n > 0 ? (size_t)n : 0);
	rc = n < 0 ? msg_fail_errno(call->output, call->args[0], errno) : EXIT_DONE;
	return end_transfer(call, device, data, rc);
}

static int run_migration_load(struct call *call)
{
	const struct device *device = arg_device(call, 0);
	bool ours;
	int data, file, error, rc = open_source(call, call_arg(call, 1), &file, &ours);

	if (rc)
		return rc;
	rc = set_state(call, device, IOMMUFD_STATE_RESUMING, &data);
	if (rc == EXIT_DONE) {
		error = copy_all(file, data, UINT64_MAX);
		rc = error ? msg_fail_errno(call->output, call->args[1], error) : EXIT_DONE;
		rc = end_transfer(call, device, data, rc);
	}
	if (ours)
		close(file);
	return rc ?: print_nothing(call->output);
}

const struct verb verb_migration_get = {
	.name = "migration get", .summary = "Print a device's migration state",
	.args = { DEVICE_ARGUMENT }, .needs = NEEDS_CONTEXT, .run = run_migration_get,
};

const struct verb verb_migration_set = {
	.name = "migration set", .summary = "Move a device to a migration state",
	.details = "STATE: stop, running, stop-copy, resuming, running-p2p, pre-copy, pre-copy-p2p.",
	.args = { DEVICE_ARGUMENT, { "STATE", ARG_CHOICE, .choices = states } },
	.needs = NEEDS_CONTEXT, .run = run_migration_set,
};

const struct verb verb_migration_save = {
	.name = "migration save", .summary = "Stop a device, print its state's data",
	.args = { DEVICE_ARGUMENT }, .needs = NEEDS_CONTEXT, .no_json = true, .run = run_migration_save,
};

const struct verb verb_migration_load = {
	.name = "migration load", .summary = "Give a device the data of another, stopped",
	.args = { DEVICE_ARGUMENT, { "FILE|-", ARG_FILE } }, .needs = NEEDS_CONTEXT,
	.run = run_migration_load,
};
