/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration.h"

#include <errno.h>

#include "stream.h"

/* Short names for a table. */
enum {
	ERR = UAPI_VFIO_DEVICE_STATE_ERROR,
	STP = UAPI_VFIO_DEVICE_STATE_STOP,
	RUN = UAPI_VFIO_DEVICE_STATE_RUNNING,
	CPY = UAPI_VFIO_DEVICE_STATE_STOP_COPY,
	RES = UAPI_VFIO_DEVICE_STATE_RESUMING,
	R2P = UAPI_VFIO_DEVICE_STATE_RUNNING_P2P,
	PRE = UAPI_VFIO_DEVICE_STATE_PRE_COPY,
	P2P = UAPI_VFIO_DEVICE_STATE_PRE_COPY_P2P,
	N_STATES,
};

/* From one state to another one: the next step on the way. ERROR: there is no way. */
static const uint8_t next_step[N_STATES][N_STATES] = {
	/*         to ERR STP  RUN  CPY  RES  R2P  PRE  P2P */
	[STP] = { ERR, STP, R2P, CPY, RES, R2P, R2P, R2P },
	[RUN] = { ERR, R2P, RUN, R2P, R2P, R2P, PRE, R2P },
	[PRE] = { ERR, RUN, RUN, P2P, RUN, RUN, PRE, P2P },
	[P2P] = { ERR, R2P, R2P, CPY, R2P, R2P, PRE, P2P },
	[CPY] = { ERR, STP, STP, CPY, STP, STP, ERR, ERR },
	[RES] = { ERR, STP, STP, STP, RES, STP, STP, STP },
	[R2P] = { ERR, STP, RUN, STP, STP, R2P, RUN, P2P },
	[ERR] = { ERR, ERR, ERR, ERR, ERR, ERR, ERR, ERR },
};

/* What a device has to know of, so that it can be in a state. */
static uint64_t needs(uint32_t state)
{
	uint64_t flags = UAPI_VFIO_MIGRATION_STOP_COPY;

	if (state == ERR)
		return UINT64_MAX;
	if (state == R2P || state == P2P)
		flags |= UAPI_VFIO_MIGRATION_P2P;
	if (state == PRE || state == P2P)
		flags |= UAPI_VFIO_MIGRATION_PRE_COPY;
	return flags;
}

static bool can_be(const struct sim_device *device, uint32_t state)
{
	return (needs(state) & device->description->migration) == needs(state);
}

/* States that the device does not know are passed through. */
static int find_next(const struct sim_device *device, uint32_t to, uint32_t *next)
{
	if (to >= N_STATES || !can_be(device, to) || !can_be(device, device->migration_state))
		return -EINVAL;
	*next = next_step[device->migration_state][to];
	while (*next != ERR && !can_be(device, *next))
		*next = next_step[*next][to];
	return *next == ERR ? -EINVAL : 0;
}

static void end_streams(struct sim_device *device)
{
	if (device->saving)
		stream_disable(device->saving);
	if (device->resuming)
		stream_disable(device->resuming);
	device->saving = device->resuming = NULL;
}

void migration_close(struct sim_device *device)
{
	end_streams(device);
}

void migration_reset(struct sim_device *device)
{
	end_streams(device);
	device->migration_state = RUN;
}

static int start_stream(struct sim_device *device, bool saving, struct stream **to, struct stream **new)
{
	*to = *new = stream_new(device, saving);
	return *to ? 0 : -ENOMEM;
}

/* A stream that is open already goes on. *new: one that the caller is to be given. */
static int save(struct sim_device *device, uint32_t to, struct stream **new)
{
	int rc = device->saving ? 0 : start_stream(device, true, &device->saving, new);

	return !rc && to == CPY ? stream_save(device->saving) : rc;
}

/* One step: what is not here is nothing to do for a device that does no DMA. */
static int step(struct sim_device *device, uint32_t to, struct stream **new)
{
	uint32_t from = device->migration_state;
	int rc = 0;

	if (to == CPY || (to == PRE && from != P2P) || (to == P2P && from != PRE))
		rc = save(device, to, new);
	else if (to == RES)
		rc = start_stream(device, false, &device->resuming, new);
	else if (from == RES)
		rc = stream_load(device->resuming);
	if (!rc && (from == RES || from == CPY || (from == PRE && to == RUN) || (from == P2P && to == R2P)))
		end_streams(device);
	return rc;
}

static int set_state(struct sim_device *device, uint32_t to, struct stream **new)
{
	uint32_t next;
	int rc = 0;

	while (!rc && device->migration_state != to) {
		rc = find_next(device, to, &next);
		if (!rc)
			rc = step(device, next, new);
		if (!rc)
			device->migration_state = next;
	}
	return rc;
}

/* A stream that the caller cannot be given is as good as closed by it. */
static int give(const struct feature *feature, struct uapi_vfio_device_feature_mig_state *arg,
		struct stream *stream)
{
	struct sim_caller *caller = feature->call->caller;
	int fd = -1, rc = caller_write(caller, feature->data, arg, sizeof(*arg));

	if (!rc)
		rc = fd = caller->ops->install(caller, stream_file(stream));
	if (rc < 0) {
		stream_give_up(stream);
		return rc;
	}
	arg->data_fd = fd;
	return caller_write(caller, feature->data, arg, sizeof(*arg));
}

int migration_state(const struct feature *feature)
{
	struct uapi_vfio_device_feature_mig_state arg;
	struct sim_device *device = feature->call->device;
	struct stream *new = NULL;
	int rc = feature_check(feature, UAPI_VFIO_DEVICE_FEATURE_GET | UAPI_VFIO_DEVICE_FEATURE_SET,
			       sizeof(arg));

	if (rc != 1)
		return rc;
	if (caller_read(feature->call->caller, feature->data, &arg, sizeof(arg)))
		return -EFAULT;
	rc = 0;
	if (feature->flags & UAPI_VFIO_DEVICE_FEATURE_GET)
		arg.device_state = device->migration_state;
	else
		rc = set_state(device, arg.device_state, &new);
	arg.data_fd = -1;
	if (!rc && new)
		return give(feature, &arg, new);
	return caller_write(feature->call->caller, feature->data, &arg, sizeof(arg)) ? -EFAULT : rc;
}

/* --- what does not change ---------------------------------------------------------------------------- */

static int get(const struct feature *feature, uint64_t value)
{
	int rc = feature_check(feature, UAPI_VFIO_DEVICE_FEATURE_GET, sizeof(value));

	return rc == 1 ? caller_write(feature->call->caller, feature->data, &value, sizeof(value)) : rc;
}

int migration_flags(const struct feature *feature)
{
	return get(feature, feature->call->device->description->migration);
}

int migration_size(const struct feature *feature)
{
	const struct sim_device_description *description = feature->call->device->description;

	return get(feature, description->state_header_size + description->state_size);
}
