/* SPDX-License-Identifier: GPL-2.0-or-later */
/* migration, dma-log, low-power: features of a bound device. */
#include <errno.h>
#include <unistd.h>

#include "io.h"
#include "context.h"
#include "options.h"
#include "table.h"
#include "verbs.h"

static int fail_device(const struct call *call, enum iommufd_op op, int error, const struct device *device)
{
	return msg_fail_op(call->output, call->args[0], op, error, device->info.kind);
}

/* ---- migration -------------------------------------------------------------------------------- */

static const struct choice states[] = {
	{ "error", IOMMUFD_STATE_ERROR },	  { "stop", IOMMUFD_STATE_STOP },
	{ "running", IOMMUFD_STATE_RUNNING },	  { "stop-copy", IOMMUFD_STATE_STOP_COPY },
	{ "resuming", IOMMUFD_STATE_RESUMING },	  { "running-p2p", IOMMUFD_STATE_RUNNING_P2P },
	{ "pre-copy", IOMMUFD_STATE_PRE_COPY },	  { "pre-copy-p2p", IOMMUFD_STATE_PRE_COPY_P2P },
};

static const char *state_name(uint32_t state)
{
	const char *name = choice_word(states, ARRAY_SIZE(states), state);

	return name ? name : "unknown";
}

int verb_migration_get(struct call *call)
{
	static const struct column column = { "state", "STATE", COLUMN_TEXT };
	struct device *device;
	uint32_t state;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_device_migration_state(device->fd, &state);
	if (rc < 0)
		return fail_device(call, IOMMUFD_OP_MIGRATION_STATE, rc, device);
	return print_value(call->output, &column, (struct value){ .text = state_name(state) });
}

/* The kernel goes by way of other states, and stays in one of them when it cannot go on. */
static void go_back(const struct call *call, const struct device *device, uint32_t before)
{
	uint32_t now;
	int data;

	if (iommufd_device_migration_state(device->fd, &now) < 0 || now == before)
		return;
	if (iommufd_device_migration_set_state(device->fd, before, &data) < 0)
		msg_note(call->output, "the device is left in the state '%s'", state_name(now));
	else if (data >= 0)
		close(data);
}

static int set_state(const struct call *call, const struct device *device, uint32_t state, int *ret_data)
{
	uint32_t before;
	int known = iommufd_device_migration_state(device->fd, &before), rc, code;

	rc = iommufd_device_migration_set_state(device->fd, state, ret_data);
	if (rc == 0)
		return EXIT_DONE;
	code = fail_device(call, IOMMUFD_OP_MIGRATION_SET_STATE, rc, device);
	if (known == 0)
		go_back(call, device, before);
	return code;
}

int verb_migration_set(struct call *call)
{
	struct device *device;
	uint32_t state;
	int data, rc = need_device(call, call->args[0], &device);

	if (rc == EXIT_DONE)
		rc = need_choice(call, "STATE", call->args[1], states, ARRAY_SIZE(states), &state);
	if (rc == EXIT_DONE)
		rc = set_state(call, device, state, &data);
	if (rc != EXIT_DONE)
		return rc;
	if (data >= 0) {
		close(data);
		msg_note(call->output,
			 "the device's data was not asked for: 'migration save' and 'migration load' take it");
	}
	return print_nothing(call->output);
}

/* The rest of a transfer failed: the device goes back to where it can do nothing wrong. */
static int end_transfer(const struct call *call, const struct device *device, int data, int rc)
{
	int none, error;

	close(data);
	error = iommufd_device_migration_set_state(device->fd, IOMMUFD_STATE_STOP, &none);
	if (rc == EXIT_DONE && error < 0)
		return fail_device(call, IOMMUFD_OP_MIGRATION_SET_STATE, error, device);
	if (rc != EXIT_DONE)
		msg_note(call->output, "the device is %s", error < 0 ? "in an unknown state" : "stopped");
	return rc;
}

int verb_migration_save(struct call *call)
{
	char piece[16384];
	struct device *device;
	ssize_t n;
	int data, rc = need_device(call, call->args[0], &device);

	if (rc == EXIT_DONE)
		rc = set_state(call, device, IOMMUFD_STATE_STOP_COPY, &data);
	if (rc != EXIT_DONE)
		return rc;
	while ((n = read(data, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR))
		buf_bytes(call->output->out, piece, n > 0 ? (size_t)n : 0);
	return end_transfer(call, device, data, n < 0 ? msg_fail_errno(call->output, call->args[0], errno)
			    : EXIT_DONE);
}

int verb_migration_load(struct call *call)
{
	struct device *device;
	bool ours;
	int data, file, error, rc = need_device(call, call->args[0], &device);

	if (rc == EXIT_DONE)
		rc = open_source(call, call->args[1], &file, &ours);
	if (rc != EXIT_DONE)
		return rc;
	rc = set_state(call, device, IOMMUFD_STATE_RESUMING, &data);
	if (rc == EXIT_DONE) {
		error = copy_all(file, data, UINT64_MAX);
		rc = error ? msg_fail_errno(call->output, call->args[1], error) : EXIT_DONE;
		rc = end_transfer(call, device, data, rc);
	}
	if (ours)
		close(file);
	return rc == EXIT_DONE ? print_nothing(call->output) : rc;
}

/* ---- DMA logging, low power -------------------------------------------------------------------- */

static int parse_spans(const struct call *call, struct iommufd_span *spans, size_t n)
{
	struct iommufd_range range;
	int rc = EXIT_DONE;

	for (size_t i = 0; i < n && rc == EXIT_DONE; i++) {
		rc = need_range(call, call->args[i + 1], &range);
		spans[i] = (struct iommufd_span){ range.start, range.last - range.start + 1 };
	}
	return rc;
}

int verb_dma_log_start(struct call *call)
{
	static const struct column column = { "page", "PAGE", COLUMN_NUMBER };
	const char *page = option(call, OPT_PAGE);
	struct iommufd_span spans[UINT8_MAX];
	size_t n = (size_t)call->n_args - 1;
	uint64_t size = 4096;
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (n > ARRAY_SIZE(spans))
		return msg_usage(call->output, "more than %zu ranges", ARRAY_SIZE(spans));
	if (rc == EXIT_DONE && page)
		rc = need_size(call, "--page", page, &size);
	if (rc == EXIT_DONE)
		rc = parse_spans(call, spans, n);
	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_device_dma_logging_start(device->fd, spans, n, &size);
	return rc < 0 ? fail_device(call, IOMMUFD_OP_DMA_LOGGING_START, rc, device)
		      : print_value(call->output, &column, (struct value){ .number = size });
}

int verb_dma_log_stop(struct call *call)
{
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_device_dma_logging_stop(device->fd);
	return rc < 0 ? fail_device(call, IOMMUFD_OP_DMA_LOGGING_STOP, rc, device)
		: print_nothing(call->output);
}

int verb_low_power(struct call *call)
{
	static const struct choice actions[] = { { "off", 0 }, { "on", 1 } };
	struct device *device;
	enum iommufd_op op;
	uint32_t on;
	int rc = need_device(call, call->args[0], &device);

	if (rc == EXIT_DONE)
		rc = need_choice(call, "ACTION", call->args[1], actions, ARRAY_SIZE(actions), &on);
	if (rc != EXIT_DONE)
		return rc;
	op = on ? IOMMUFD_OP_LOW_POWER_ENTRY : IOMMUFD_OP_LOW_POWER_EXIT;
	rc = on ? iommufd_device_low_power_entry(device->fd, -1) : iommufd_device_low_power_exit(device->fd);
	return rc < 0 ? fail_device(call, op, rc, device) : print_nothing(call->output);
}
