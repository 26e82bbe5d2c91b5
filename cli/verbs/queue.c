/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault and veventq: queues that the kernel fills, read by whoever waits for them and never by a session. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "hwpt.h"
#include "options.h"
#include "session.h"
#include "table.h"
#include "verbs.h"

enum { FAULTS = 128, EVENT_ROOM = 16384, EVENT_DATA = 256 };

static const struct choice veventq_types[] = {
	{ "arm-smmuv3", IOMMUFD_VEVENTQ_ARM_SMMUV3 },
	{ "tegra241-cmdqv", IOMMUFD_VEVENTQ_TEGRA241_CMDQV },
};

int verb_fault_alloc(struct call *call)
{
	const char *name = option(call, OPT_NAME);
	struct made made = { .object.type = OBJECT_FAULT };
	int rc = check_new_name(call, name);

	if (rc != EXIT_DONE || (rc = context_open(call)) != EXIT_DONE)
		return rc;
	rc = iommufd_fault_alloc(call->ctx->iommufd, &made.object.id, &made.fd);
	return rc < 0 ? msg_fail_op(call->output, NULL, IOMMUFD_OP_FAULT_ALLOC, rc, IOMMUFD_KIND_UNKNOWN)
		      : made_keep(call, &made, name);
}

int verb_veventq_alloc(struct call *call)
{
	const char *name = option(call, OPT_NAME), *depth = option(call, OPT_DEPTH);
	struct made made = { .object.type = OBJECT_VEVENTQ };
	uint32_t n = 256;
	int rc = check_new_name(call, name);

	if (rc == EXIT_DONE)
		rc = need_id(call, call->args[0], 1U << OBJECT_VIOMMU, &made.parent);
	if (rc == EXIT_DONE)
		rc = need_choice(call, "TYPE", call->args[1], veventq_types, ARRAY_SIZE(veventq_types),
				 &made.kind);
	if (rc == EXIT_DONE && depth)
		rc = need_u32(call, "--depth", depth, &n);
	if (rc != EXIT_DONE || (rc = context_open(call)) != EXIT_DONE)
		return rc;
	rc = iommufd_veventq_alloc(call->ctx->iommufd, made.parent, made.kind, n, &made.object.id, &made.fd);
	return rc < 0 ? msg_fail_op(call->output, call->args[0], IOMMUFD_OP_VEVENTQ_ALLOC, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : made_keep(call, &made, name);
}

/* A queue of this context, of this type. EXIT_DONE, or an exit code with its message. */
static int need_own_queue(const struct call *call, enum object_type type, const struct made **ret)
{
	*ret = queue_find(call->ctx, call->args[0]);
	if (*ret && (*ret)->object.type == type)
		return EXIT_DONE;
	return msg_fail(call->output, call->args[0], "it is not %s of this context", object_type_name(type));
}

/* The queue's fd: the caller's, the context's, or one that a session hands out (*ours: to be closed). */
static int need_queue(struct call *call, enum object_type type, int *ret, uint32_t *ret_kind, bool *ours)
{
	const struct made *queue;
	int rc;

	*ours = false;
	*ret_kind = 0;
	if (word_fd(call, call->args[0], ret))
		return EXIT_DONE;
	if (call->ctx->kind != CONTEXT_LASTING) {
		*ours = true;
		return session_queue(call, ret, ret_kind);
	}
	rc = need_own_queue(call, type, &queue);
	if (rc != EXIT_DONE)
		return rc;
	*ret = queue->fd;
	*ret_kind = queue->kind;
	return EXIT_DONE;
}

/* In the holder: the fd goes with the answer, which says what the queue holds. */
static int hand_out(struct call *call, enum object_type type)
{
	static const struct column column = { "kind", "KIND", COLUMN_NUMBER };
	const struct made *queue;
	int rc = need_own_queue(call, type, &queue);

	if (rc == EXIT_DONE)
		rc = session_hand_out(call, false);
	return rc == EXIT_DONE ? print_value(call->output, &column, (struct value){ .number = queue->kind })
		: rc;
}

/* Prints what one read gives. How many, 0: nothing is pending, or -errno. */
typedef int read_fn(struct call *call, int fd, void *arg);

static int fail_read(struct call *call, enum iommufd_op op, int error)
{
	return msg_fail_op(call->output, call->args[0], op, error, IOMMUFD_KIND_UNKNOWN);
}

/* Until nothing is pending; with --follow, until somebody ends it. */
static int read_queue(struct call *call, int fd, enum iommufd_op op, read_fn *fn, void *arg)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	bool follow = option(call, OPT_FOLLOW);
	int n;

	do {
		while ((n = fn(call, fd, arg)) > 0)
			;
		if (n < 0)
			return fail_read(call, op, n);
		if (buf_flush(call->output->out))
			return EXIT_FAILED;
	} while (follow && (poll(&wait, 1, -1) > 0 || errno == EINTR) &&
		 !(wait.revents & (POLLERR | POLLNVAL)));
	return EXIT_DONE;
}

static int read_faults(struct call *call, int fd, void *arg)
{
	static const struct column columns[] = {
		{ "device", "", COLUMN_NUMBER }, { "pasid", "", COLUMN_NUMBER },
		{ "group", "", COLUMN_NUMBER },	 { "access", "", COLUMN_LETTERS },
		{ "privileged", "", COLUMN_TEXT }, { "address", "", COLUMN_HEX },
		{ "length", "", COLUMN_NUMBER }, { "cookie", "", COLUMN_NUMBER },
		{ "last", "", COLUMN_TEXT },
	};
	static const char *const access[] = { "r", "w", "x", NULL };
	struct iommufd_fault faults[FAULTS];
	int n = iommufd_fault_read(fd, faults, ARRAY_SIZE(faults));

	(void)arg;
	for (int i = 0; i < n; i++) {
		const struct iommufd_fault *fault = &faults[i];
		const struct value row[] = {
			{ .number = fault->device },
			{ .number = fault->pasid, .none = !(fault->flags & IOMMUFD_FAULT_PASID) },
			{ .number = fault->group },
			{ .number = fault->access, .names = access },
			{ .text = fault->access & IOMMUFD_FAULT_PRIVILEGED ? "yes" : "no" },
			{ .number = fault->address },
			{ .number = fault->length },
			{ .number = fault->cookie },
			{ .text = fault->flags & IOMMUFD_FAULT_LAST ? "yes" : "no" },
		};

		print_record(call->output, columns, ARRAY_SIZE(columns), row);
	}
	return n;
}

int verb_fault_read(struct call *call)
{
	uint32_t kind;
	bool ours;
	int fd, rc;

	if (call->from->holder)
		return hand_out(call, OBJECT_FAULT);
	rc = need_queue(call, OBJECT_FAULT, &fd, &kind, &ours);
	if (rc != EXIT_DONE)
		return rc;
	rc = read_queue(call, fd, IOMMUFD_OP_FAULT_READ, read_faults, NULL);
	if (ours)
		close(fd);
	return rc;
}

int verb_fault_respond(struct call *call)
{
	static const struct choice codes[] = {
		{ "success", IOMMUFD_FAULT_SUCCESS },
		{ "invalid", IOMMUFD_FAULT_INVALID },
	};
	struct iommufd_fault_response response;
	const struct made *queue;
	int fd, rc = need_u32(call, "COOKIE", call->args[1], &response.cookie);

	if (rc == EXIT_DONE)
		rc = need_choice(call, "CODE", call->args[2], codes, ARRAY_SIZE(codes), &response.code);
	if (rc != EXIT_DONE)
		return rc;
	if (!word_fd(call, call->args[0], &fd)) {
		rc = need_own_queue(call, OBJECT_FAULT, &queue);
		if (rc != EXIT_DONE)
			return rc;
		fd = queue->fd;
	}
	rc = iommufd_fault_respond(fd, &response, 1);
	return rc < 0 ? msg_fail_op(call->output, call->args[1], IOMMUFD_OP_FAULT_RESPOND, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : print_nothing(call->output);
}

/* Of the reader of an event queue. */
struct events {
	uint32_t data_length;
	bool any;
	uint32_t sequence; /* of the last one */
};

static void print_event(const struct call *call, struct events *events, const struct iommufd_vevent *event)
{
	static const struct column columns[] = {
		{ "sequence", "", COLUMN_NUMBER },
		{ "lost", "", COLUMN_NUMBER },
		{ "data", "", COLUMN_TEXT },
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

static uint32_t event_length(uint32_t kind)
{
	return kind == IOMMUFD_VEVENTQ_TEGRA241_CMDQV ? 16 : 32;
}

int verb_veventq_read(struct call *call)
{
	const char *length = option(call, OPT_LENGTH);
	struct events events = { 0 };
	uint32_t kind;
	bool ours;
	int fd, rc = EXIT_DONE;

	if (length)
		rc = need_u32(call, "--length", length, &events.data_length);
	if (rc != EXIT_DONE)
		return rc;
	if (call->from->holder)
		return hand_out(call, OBJECT_VEVENTQ);
	rc = need_queue(call, OBJECT_VEVENTQ, &fd, &kind, &ours);
	if (rc != EXIT_DONE)
		return rc;
	if (!length)
		events.data_length = event_length(kind);
	rc = read_queue(call, fd, IOMMUFD_OP_VEVENTQ_READ, read_events, &events);
	if (ours)
		close(fd);
	return rc;
}
