/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hwpt dirty: which pages devices have written, as a page table notes it. */
#include "verbs/hwpt-dirty.h"
#include "session/client.h"
#include "verbs/dirty-reader.h"
#include "verbs/finish.h"

enum { OPT_NO_CLEAR = OPT_OWN };

enum action { DIRTY_OFF, DIRTY_ON, DIRTY_READ };

static int read_hwpt(const struct call *call, const struct dirty_source *source, uint64_t iova,
		     uint64_t length, uint64_t page, uint64_t *bitmap)
{
	unsigned int flags = opt_given(call, OPT_NO_CLEAR) ? IOMMUFD_DIRTY_NO_CLEAR : 0;

	return iommufd_hwpt_dirty_bitmap(call->ctx->iommufd, source->hwpt, flags, iova, length, page, bitmap);
}

static int dirty_in_client(struct call *call)
{
	const char *words[] = { "hwpt", "dirty", "read", call->n_args > 1 ? call->args[1] : NULL, NULL, NULL };

	if (arg_u32(call, 0) != DIRTY_READ || call->n_args < 4)
		return session_forward(call, session_of(call));
	if (opt_given(call, OPT_NO_CLEAR))
		words[4] = "--no-clear";
	return dirty_read_in_client(call, words, 3, 2);
}

static int run_hwpt_dirty(struct call *call)
{
	const struct dirty_source source = {
		.read = read_hwpt, .op = IOMMUFD_OP_HWPT_DIRTY_BITMAP, .hwpt = arg_u32(call, 1),
	};
	enum action action = arg_u32(call, 0);

	if (action > DIRTY_READ)
		return msg_usage(call->output, "'%s' is none of on, off, read", call->args[0]);
	if (action == DIRTY_READ && call->n_args < 4)
		return msg_usage(call->output, "an argument is missing: expected read HWPT IOVA LENGTH");
	if (action == DIRTY_READ)
		return dirty_read(call, &source, 2);
	if (call->n_args > 2 || opt_given(call, OPT_RAW) || opt_given(call, OPT_PAGE) ||
	    opt_given(call, OPT_NO_CLEAR))
		return msg_usage(call->output, "'%s' takes a HWPT and nothing else", call->args[0]);
	return finish(call, 1, IOMMUFD_OP_HWPT_SET_DIRTY,
		      iommufd_hwpt_set_dirty(call->ctx->iommufd, source.hwpt, action == DIRTY_ON));
}

const struct verb verb_hwpt_dirty = {
	.name = "hwpt dirty", .summary = "Track, and print, what devices write",
	.example = PROGRAM " hwpt dirty read tracked 1M 64K",
	.details = "read prints the ranges that were written in LENGTH bytes from IOVA on, and clears them.",
	.args = {
		{ "on|off|read", ARG_CHOICE, .label = "ACTION", .choices = CHOICES({ "off", DIRTY_OFF },
			{ "on", DIRTY_ON }, { "read", DIRTY_READ }) },
		{ "HWPT", ARG_ID, .types = TYPE(HWPT) },
		{ "IOVA", ARG_SIZE, ARG_OPTIONAL }, { "LENGTH", ARG_SIZE, ARG_TOGETHER },
	},
	.options = OPTIONS(
		PAGE_OPTION("A bit for so many bytes (default: 4K)"),
		{ "no-clear", OPT_NO_CLEAR, .help = "Only look: they stay dirty" },
		RAW_BITMAP_OPTION),
	.needs = NEEDS_IOMMUFD, .run = run_hwpt_dirty, .client = dirty_in_client,
};
