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
	int rc = iommufd_veventq_alloc(call->ctx->iommufd, queue.parent, queue.kind, opt_u32(call,
											     OPT_DEPTH, 256),
				       &queue.object.id, &queue.fd);

	return finish_derived(call, 0, IOMMUFD_OP_VEVENTQ_ALLOC, rc, &queue);
}

struct events {
	uint32_t data_length; /* of one event, 0: by its type */
	bool any;
	uint32_t sequence; /* of the last one */
};

static void print_event(const struct call *call, struct events *events, const struct iommufd_vevent *event)
{
	static const struct column columns[] = {
		{ "sequence", "", COLUMN_NUMBER }, { "lost", "", COLUMN_NUMBER }, { "data", "", COLUMN_TEXT },
	};
	char hex[2 * EVENT_DATA + 1];
	bool lost = event->flags & IOMMUFD_VEVENT_LOST;
	uint32_t gap = (event->sequence - events->sequence - 1) & INT32_MAX;
	const struct value row[] = {
		{ .number = event->sequence },
		/* The record that tells of a loss has the number of the last event that was lost. */
		{ .number = gap + lost, .none = !events->any },
		{ .text = lost || event->length > EVENT_DATA ? NULL : hex },
	};

	if (row[2].text)
		hex_from_bytes(event->data, event->length, hex);
	events->any = true;
	events->sequence = event->sequence;
	print_record(call->output, columns, ARRAY_SIZE(columns), row);
}

static int read_events(struct call *call, int fd, void *arg)
{
	char buf[EVENT_ROOM] __attribute__((aligned(8)));
	struct iommufd_vevent event;
	size_t offset = 0;
	int n = iommufd_veventq_read(fd, buf, sizeof(buf)), rc = 0;
	struct events *events = arg;

	while (n > 0 && (rc = iommufd_vevent_next(buf, (size_t)n, events->data_length, &offset, &event)) > 0)
		print_event(call, events, &event);
	return rc < 0 ? rc : n;
}

static void set_data_length(struct queue_reader *reader)
{
	struct events *events = reader->arg;

	if (!events->data_length)
		events->data_length = reader->kind == IOMMUFD_VEVENTQ_TEGRA241_CMDQV ? 16 : 32;
}

/* queue_read() or queue_read_in_client(). */
typedef int queue_fn(struct call *call, struct queue_reader *reader);

static int read_with(struct call *call, queue_fn *fn)
{
	struct events events = { .data_length = opt_u32(call, OPT_LENGTH, 0) };
	struct queue_reader reader = {
		OBJECT_VEVENTQ, IOMMUFD_OP_VEVENTQ_READ, read_events, &events, .opened = set_data_length,
	};

	return fn(call, &reader);
}

static int run_veventq_read(struct call *call)
{
	return read_with(call, queue_read);
}

static int veventq_read_in_client(struct call *call)
{
	return read_with(call, queue_read_in_client);
}

static int hand_out_events(struct call *call)
{
	return queue_hand_out(call, OBJECT_VEVENTQ);
}

const struct verb verb_veventq_alloc = {
	.name = "veventq alloc", .summary = "Allocate a queue for a guest's events",
	.details = "TYPE: arm-smmuv3, tegra241-cmdqv.",
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
	.details = "QUEUE: its name or id, or fd:N.", .args = { { "QUEUE", ARG_ID } },
	.options = OPTIONS(
		{ "follow", OPT_FOLLOW, .help = "Wait for more" },
		{ "length", OPT_LENGTH, { "BYTES", ARG_NUMBER },
		 "The data of one event (default: by its type)" }),
	.needs = NEEDS_SESSION, .run = run_veventq_read, .client = veventq_read_in_client,
	.holder = hand_out_events,
};
