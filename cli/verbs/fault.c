/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault alloc, read, respond: page faults of devices, which a program is to handle. */
#include "verbs/fault.h"
#include <errno.h>

#include "resolve/object.h"
#include "resolve/file.h"
#include "verbs/finish.h"
#include "verbs/queue.h"

enum { FAULTS = 128 };

static int run_fault_alloc(struct call *call)
{
	struct derived queue = { .object.type = OBJECT_FAULT };
	int rc = iommufd_fault_alloc(call->ctx->iommufd, &queue.object.id, &queue.fd);

	return finish_derived(call, NO_ARGUMENT, IOMMUFD_OP_FAULT_ALLOC, rc, &queue);
}

static int read_faults(const struct call *call, int fd, struct queue_state *state)
{
	static const struct column columns[] = {
		{ "device", "", COLUMN_NUMBER }, { "pasid", "", COLUMN_NUMBER },
		{ "group", "", COLUMN_NUMBER }, { "access", "", COLUMN_LETTERS },
		{ "privileged", "", COLUMN_TEXT }, { "address", "", COLUMN_HEX },
		{ "length", "", COLUMN_NUMBER }, { "cookie", "", COLUMN_NUMBER },
		{ "last", "", COLUMN_TEXT },
	};
	static const char *const access[] = { "r", "w", "x", NULL };
	struct iommufd_fault faults[FAULTS];
	int n = iommufd_fault_read(fd, faults, ARRAY_SIZE(faults));

	(void)state;
	for (int i = 0; i < n; i++) {
		const struct iommufd_fault *fault = &faults[i];
		const struct value row[] = {
			{ .number = fault->device },
			number_if(fault->flags & IOMMUFD_FAULT_PASID, fault->pasid),
			{ .number = fault->group },
			{ .number = fault->access, .names = access },
			{ .text = yes_no(fault->access & IOMMUFD_FAULT_PRIVILEGED) },
			{ .number = fault->address },
			{ .number = fault->length },
			{ .number = fault->cookie },
			{ .text = yes_no(fault->flags & IOMMUFD_FAULT_LAST) },
		};

		print_record(call->output, columns, ARRAY_SIZE(columns), row);
	}
	return n;
}

static const struct queue_reader fault_reader = {
	OBJECT_FAULT, IOMMUFD_FD_FAULT, IOMMUFD_OP_FAULT_READ, read_faults,
};

static int run_fault_read(struct call *call)
{
	return queue_read(call, &fault_reader);
}

static int fault_read_in_client(struct call *call)
{
	return queue_read_in_client(call, &fault_reader);
}

static int hand_out_faults(struct call *call)
{
	return queue_hand_out(call, &fault_reader);
}

static int run_fault_respond(struct call *call)
{
	const struct iommufd_fault_response response = { arg_u32(call, 1), arg_u32(call, 2) };
	const struct derived *queue;
	int fd, rc;

	if (word_fd(call, call_arg(call, 0), &fd)) {
		rc = check_queue_fd(call, fd, IOMMUFD_FD_FAULT, IOMMUFD_OP_FAULT_RESPOND);
	} else {
		rc = arg_queue(call, 0, OBJECT_FAULT, &queue);
		fd = rc ? -1 : queue->fd;
	}
	if (rc)
		return rc;
	rc = iommufd_fault_respond(fd, &response, 1);
	/* A queue that takes no such answer says EINVAL; all else is about the queue. */
	return finish(call, rc == -EINVAL ? 1 : 0, IOMMUFD_OP_FAULT_RESPOND, rc);
}

const struct verb verb_fault_alloc = {
	.name = "fault alloc", .summary = "Allocate a queue for page faults, print its id",
	.example = PROGRAM " fault alloc --name faults",
	.options = OPTIONS(NAME_OPTION), .needs = NEEDS_LASTING | NEEDS_IOMMUFD,
	.makes = true, .run = run_fault_alloc,
};

const struct verb verb_fault_read = {
	.name = "fault read", .summary = "Print the page faults that wait",
	.example = PROGRAM " fault read faults",
	.args = { { "QUEUE", ARG_ID } },
	.options = OPTIONS({ "follow", OPT_FOLLOW, .help = "Wait for more" }),
	.needs = NEEDS_SESSION, .run = run_fault_read, .client = fault_read_in_client,
	.holder = hand_out_faults,
};

const struct verb verb_fault_respond = {
	.name = "fault respond", .summary = "Answer a group of page faults",
	.example = PROGRAM " fault respond faults 1 success",
	.args = {
		{ "QUEUE", ARG_ID }, { "COOKIE", ARG_NUMBER },
		{ "CODE", ARG_CHOICE, .choices = CHOICES({ "success", IOMMUFD_FAULT_SUCCESS },
			{ "invalid", IOMMUFD_FAULT_INVALID }) },
	},
	.needs = NEEDS_CONTEXT, .run = run_fault_respond,
};
