/* SPDX-License-Identifier: GPL-2.0-or-later */
/* veventq alloc, read: events that a guest's IOMMU is to report. */
#include "verbs/veventq.h"
#include "verbs/finish.h"
#include "verbs/queue.h"

enum { EVENT_ROOM = 16384, EVENT_DATA = 256, OPT_DEPTH = OPT_OWN };

static int run_veventq_alloc(struct call *call)
{
	struct derived queue = { .object.type = OBJECT_VEVENTQ, .parent = arg_u32(call, 0),
				 .kind = arg_u32(call, 1) };
	int rc = iommufd_veventq_alloc(call->ctx->iommufd, queue.parent, queue.kind,
				       opt_u32(call, OPT_DEPTH, 256), &queue.object.id, &queue.fd);

	return finish_derived(call, 0, IOMMUFD_OP_VEVENTQ_ALLOC, rc, &queue);
}

static void print_event(const struct call *call, struct queue_state *state,
			const struct iommufd_vevent *event)
{
	static const struct column columns[] = {
		{ "sequence", "", COLUMN_NUMBER }, { "lost", "", COLUMN_NUMBER },
		{ "data", "", COLUMN_TEXT },
	};
	char hex[2 * EVENT_DATA + 1];
	bool lost = event->flags & IOMMUFD_VEVENT_LOST;
	uint32_t gap = (event->sequence - state->sequence - 1) & INT32_MAX;
	const struct value row[] = {
		{ .number = event->sequence },
		/* The record that tells of a loss has the number of the last event that was lost. */
		number_if(state->any, gap + lost),
		{ .text = lost || event->length > EVENT_DATA ? NULL : hex },
	};

	if (row[2].text)
		hex_from_bytes(event->data, event->length, hex);
	state->any = true;
	state->sequence = event->sequence;
	print_record(call->output, columns, ARRAY_SIZE(columns), row);
}

static int read_events(const struct call *call, int fd, struct queue_state *state)
{
	char buf[EVENT_ROOM] __attribute__((aligned(8)));
	uint32_t by_type = state->kind == IOMMUFD_VEVENTQ_TEGRA241_CMDQV ? 16 : 32;
	uint32_t length = opt_u32(call, OPT_LENGTH, 0) ?: by_type; /* of the data of one event */
	struct iommufd_vevent event;
	size_t offset = 0;
	int n = iommufd_veventq_read(fd, buf, sizeof(buf)), rc = 0;

	while (n > 0 && (rc = iommufd_vevent_next(buf, (size_t)n, length, &offset, &event)) > 0)
		print_event(call, state, &event);
	return rc < 0 ? rc : n;
}

static const struct queue_reader event_reader = {
	OBJECT_VEVENTQ, IOMMUFD_FD_VEVENTQ, IOMMUFD_OP_VEVENTQ_READ, read_events,
};

static int run_veventq_read(struct call *call)
{
	return queue_read(call, &event_reader);
}

static int veventq_read_in_client(struct call *call)
{
	return queue_read_in_client(call, &event_reader);
}

static int hand_out_events(struct call *call)
{
	return queue_hand_out(call, &event_reader);
}

const struct verb verb_veventq_alloc = {
	.name = "veventq alloc", .summary = "Allocate a queue for a guest's events",
	.example = PROGRAM " veventq alloc viommu arm-smmuv3 --name events",
	.args = {
		{ "VIOMMU", ARG_ID, .types = TYPE(VIOMMU) },
		{ "TYPE", ARG_CHOICE, .choices = CHOICES({ "arm-smmuv3", IOMMUFD_VEVENTQ_ARM_SMMUV3 },
			{ "tegra241-cmdqv", IOMMUFD_VEVENTQ_TEGRA241_CMDQV }) },
	},
	.options = OPTIONS(NAME_OPTION,
		{ "depth", OPT_DEPTH, { "EVENTS", ARG_NUMBER }, "How many it holds (default: 256)" }),
	.needs = NEEDS_LASTING | NEEDS_IOMMUFD, .makes = true, .run = run_veventq_alloc,
};

const struct verb verb_veventq_read = {
	.name = "veventq read", .summary = "Print the events that wait",
	.example = PROGRAM " veventq read events",
	.args = { { "QUEUE", ARG_ID } },
	.options = OPTIONS(
		{ "follow", OPT_FOLLOW, .help = "Wait for more" },
		{ "length", OPT_LENGTH, { "BYTES", ARG_NUMBER },
		 "The data of one event (default: by its type)" }),
	.needs = NEEDS_SESSION, .run = run_veventq_read, .client = veventq_read_in_client,
	.holder = hand_out_events,
};
