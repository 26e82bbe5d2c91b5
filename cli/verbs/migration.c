/* SPDX-License-Identifier: GPL-2.0-or-later */
/* migration get, set, save, load: the state of a device, which another one goes on with. */
#include "verbs/migration.h"
#include <errno.h>
#include <unistd.h>

#include "resolve/file.h"
#include "session/client.h"
#include "session/handout.h"
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

/* To a state in which it gives, or takes, data: *ret_data. */
static int begin_transfer(const struct call *call, uint32_t state, int *ret_data)
{
	int rc = set_state(call, arg_device(call, 0), state, ret_data);

	if (rc || *ret_data >= 0)
		return rc;
	msg_fail(call->output, call->args[0], "it is '%s' already: its data is being moved, or whoever did that has "
		 "ended (EBUSY)", migration_state(state));
	/* A driver may have no way out of a state for which it lacks data. */
	if (state == IOMMUFD_STATE_RESUMING)
		msg_hint(call->output, PROGRAM " reset %s", call->args[0]);
	else
		msg_hint(call->output, PROGRAM " migration set %s stop", call->args[0]);
	return EXIT_FAILED;
}

/* It goes to where it can do nothing wrong, also where the transfer failed with rc. */
static int end_transfer(const struct call *call, int data, int rc)
{
	int none, error;

	close(data);
	error = iommufd_device_migration_set_state(arg_device(call, 0)->fd, IOMMUFD_STATE_STOP, &none);
	if (rc == EXIT_DONE)
		return refused(call, 0, IOMMUFD_OP_MIGRATION_SET_STATE, error);
	msg_note(call->output, "the device is %s", error < 0 ? "in an unknown state" : "stopped");
	return rc;
}

/* The same from a session's client: its part is over, the device is the holder's. */
static int end_in_holder(const struct call *call, int data, int rc)
{
	const char *const words[] = { "migration", "set", call->args[0], "stop" };
	int error;

	close(data);
	error = session_run_words(call, ARRAY_SIZE(words), words, 2, NULL);
	if (rc)
		msg_note(call->output, "the device is %s", error ? "in an unknown state" : "stopped");
	return rc ?: error;
}

static int save_data(const struct call *call, int data)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(data, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
		buf_bytes(call->output->out, chunk, n > 0 ? (size_t)n : 0);
	return n < 0 ? msg_fail_errno(call->output, call->args[0], errno) : EXIT_DONE;
}

static int run_migration_save(struct call *call)
{
	int data, rc = begin_transfer(call, IOMMUFD_STATE_STOP_COPY, &data);

	return rc ?: end_transfer(call, data, save_data(call, data));
}

static int save_in_client(struct call *call)
{
	uint64_t state;
	int data, rc = session_fetch_fd(call, &data, &state);

	return rc ?: end_in_holder(call, data, save_data(call, data));
}

static int hand_out_saved(struct call *call)
{
	int data, rc = begin_transfer(call, IOMMUFD_STATE_STOP_COPY, &data);

	return rc ?: holder_give_fd(call, data, IOMMUFD_STATE_STOP_COPY);
}

/* Have it done with the open file of argument 1. */
static int with_source(struct call *call, int (*done)(struct call *call, int file))
{
	bool ours;
	int file, rc = open_source(call, call_arg(call, 1), &file, &ours);

	if (rc)
		return rc;
	rc = done(call, file);
	if (ours)
		close(file);
	return rc ?: print_nothing(call->output);
}

static int load_data(const struct call *call, int file, int data)
{
	int error = copy_all(file, data, UINT64_MAX);

	return error ? msg_fail_errno(call->output, call->args[1], error) : EXIT_DONE;
}

static int load_file(struct call *call, int file)
{
	int data, rc = begin_transfer(call, IOMMUFD_STATE_RESUMING, &data);

	return rc ?: end_transfer(call, data, load_data(call, file, data));
}

static int run_migration_load(struct call *call)
{
	return with_source(call, load_file);
}

static int load_file_in_client(struct call *call, int file)
{
	uint64_t state;
	int data, rc = session_fetch_fd(call, &data, &state);

	return rc ?: end_in_holder(call, data, load_data(call, file, data));
}

static int load_in_client(struct call *call)
{
	return with_source(call, load_file_in_client);
}

static int hand_out_loading(struct call *call)
{
	int data, rc = begin_transfer(call, IOMMUFD_STATE_RESUMING, &data);

	return rc ?: holder_give_fd(call, data, IOMMUFD_STATE_RESUMING);
}

const struct verb verb_migration_get = {
	.name = "migration get", .summary = "Print a device's migration state",
	.example = PROGRAM " migration get nic",
	.args = { DEVICE_ARGUMENT }, .needs = NEEDS_CONTEXT, .run = run_migration_get,
};

const struct verb verb_migration_set = {
	.name = "migration set", .summary = "Move a device to a migration state",
	.example = PROGRAM " migration set nic stop",
	.details = "error is what a device is left in when it fails; only reset leads out of it.",
	.args = { DEVICE_ARGUMENT, { "STATE", ARG_CHOICE, .choices = states } },
	.needs = NEEDS_CONTEXT, .run = run_migration_set,
};

const struct verb verb_migration_save = {
	.name = "migration save", .summary = "Stop a device, print its state's data",
	.example = PROGRAM " migration save nic >state",
	.args = { DEVICE_ARGUMENT }, .needs = NEEDS_CONTEXT, .no_json = true, .run = run_migration_save,
	.client = save_in_client, .holder = hand_out_saved,
};

const struct verb verb_migration_load = {
	.name = "migration load", .summary = "Give a device the data of another, stopped",
	.example = PROGRAM " migration load nic state",
	.args = { DEVICE_ARGUMENT, { "FILE|-", ARG_FILE } }, .needs = NEEDS_CONTEXT,
	.run = run_migration_load, .client = load_in_client, .holder = hand_out_loading,
};
