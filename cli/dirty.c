/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hwpt dirty, dma-log report: which pages devices have written. Walked in pieces, which take the same
 * memory for any length.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hwpt.h"
#include "options.h"
#include "table.h"
#include "verbs.h"

enum { PIECE_WORDS = 8192, WORD_BITS = 64 };
#define PIECE_BITS ((uint64_t)PIECE_WORDS * WORD_BITS) /* 2 GiB in pages of 4 KiB */

struct walk {
	const struct call *call;
	uint32_t hwpt;
	int cdev; /* of a device that notes it itself, -1: ask the HWPT */
	unsigned int flags;
	uint64_t start, length, page; /* what is asked for */
	uint64_t piece, bits;	      /* where the bitmap begins, and how many bits of it count */
	uint64_t at;		      /* the next bit to be looked at */
	int error;
	bool watched;
	uint64_t bitmap[PIECE_WORDS];
};

static uint64_t done_bytes(const struct walk *walk)
{
	return walk->piece - walk->start;
}

/* Is somebody waiting for what takes a while? */
static bool is_watched(const struct walk *walk)
{
	int fd = walk->call->err->fd;

	return fd >= 0 && walk->length > PIECE_BITS * walk->page && isatty(fd);
}

/* It stands there only while the kernel works: what is printed may go to the same terminal. */
static void show_progress(const struct walk *walk)
{
	out_format(walk->call->err, "%3u %%", (unsigned int)(done_bytes(walk) / (walk->length / 100)));
	out_flush(walk->call->err);
}

static void hide_progress(const struct walk *walk)
{
	out_str(walk->call->err, "\r     \r");
	out_flush(walk->call->err);
}

static int read_piece(struct walk *walk)
{
	int iommufd = walk->call->ctx->iommufd;
	uint64_t length = walk->bits * walk->page;

	memset(walk->bitmap, 0, sizeof(walk->bitmap));
	if (walk->cdev >= 0)
		return iommufd_device_dma_logging_report(walk->cdev, walk->piece, length, walk->page,
							 walk->bitmap);
	return iommufd_hwpt_dirty_bitmap(iommufd, walk->hwpt, walk->flags, walk->piece, length, walk->page,
					 walk->bitmap);
}

/* The bitmap of the next piece. false: there is none, or it failed. */
static bool next_piece(struct walk *walk)
{
	uint64_t left;

	if (walk->error < 0)
		return false;
	walk->piece += walk->bits * walk->page;
	left = walk->length - done_bytes(walk);
	walk->bits = left / walk->page < PIECE_BITS ? left / walk->page : PIECE_BITS;
	walk->at = 0;
	if (!walk->bits)
		return false;
	if (walk->watched)
		show_progress(walk);
	walk->error = read_piece(walk);
	if (walk->watched)
		hide_progress(walk);
	if (walk->error < 0)
		walk->bits = 0;
	return walk->error == 0;
}

/* From walk->at on, the first bit that is set (or, with false, clear), or the end of the piece. */
static void skip_to(struct walk *walk, bool set)
{
	while (walk->at < walk->bits) {
		uint64_t word = walk->bitmap[walk->at / WORD_BITS];

		word = (set ? word : ~word) >> walk->at % WORD_BITS;
		if (word) {
			walk->at += (uint64_t)__builtin_ctzll(word);
			break;
		}
		walk->at += WORD_BITS - walk->at % WORD_BITS;
	}
	if (walk->at > walk->bits)
		walk->at = walk->bits;
}

static bool next_dirty(const void *arg, size_t *cursor, struct value *row)
{
	struct walk *walk = (struct walk *)arg;
	uint64_t start, end;

	(void)cursor;
	for (skip_to(walk, true); walk->at == walk->bits; skip_to(walk, true))
		if (!next_piece(walk))
			return false;
	start = end = walk->piece + walk->at * walk->page;
	do { /* a range may go on in the next piece */
		skip_to(walk, false);
		end = walk->piece + walk->at * walk->page;
	} while (walk->at == walk->bits && next_piece(walk));
	row[0] = (struct value){ .number = start };
	row[1] = (struct value){ .number = end - start };
	return true;
}

static void print_bitmap(struct walk *walk)
{
	do
		out_bytes(walk->call->out, walk->bitmap, (walk->bits + 7) / 8);
	while (next_piece(walk));
}

static int print_dirty(struct walk *walk)
{
	static const struct column columns[] = {
		{ "iova", "IOVA", COLUMN_HEX },
		{ "length", "LENGTH", COLUMN_NUMBER },
	};
	const struct table table = { "dirty", columns, ARRAY_SIZE(columns), next_dirty, walk, .width = 18 };
	const struct call *call = walk->call;
	enum iommufd_op op;
	int rc;

	if (next_piece(walk)) { /* what is wrong with the request shows at the first piece */
		if (option(call, OPT_RAW))
			print_bitmap(walk);
		else
			print_tables(call, &table, 1);
	}
	if (walk->error == 0)
		return DONE;
	op = walk->cdev < 0 ? IOMMUFD_OP_HWPT_DIRTY_BITMAP : IOMMUFD_OP_DMA_LOGGING_REPORT;
	rc = fail_op(call, call->args[walk->cdev < 0], op, walk->error, IOMMUFD_KIND_UNKNOWN);
	if (done_bytes(walk))
		note(call, "the first %llu bytes were read", (unsigned long long)done_bytes(walk));
	return rc;
}

/* words: IOVA and LENGTH */
static int parse_read(const struct call *call, char *const *words, struct walk *walk)
{
	const char *page = option(call, OPT_PAGE);
	int rc = DONE;

	walk->page = 4096;
	walk->flags = option(call, OPT_NO_CLEAR) ? IOMMUFD_DIRTY_NO_CLEAR : 0;
	if (page)
		rc = need_size(call, "--page", page, &walk->page);
	if (rc == DONE)
		rc = need_size(call, "IOVA", words[0], &walk->start);
	if (rc == DONE)
		rc = need_size(call, "LENGTH", words[1], &walk->length);
	if (rc != DONE)
		return rc;
	if (!walk->page || walk->page & (walk->page - 1))
		return usage(call, "--page: '%s' is no power of two", page);
	if (!walk->length || walk->length % walk->page || walk->start % walk->page)
		return usage(call, "IOVA and LENGTH are multiples of the page, %llu",
			     (unsigned long long)walk->page);
	if (walk->length - 1 > UINT64_MAX - walk->start)
		return usage(call, "the range runs past the end of the address space");
	if (option(call, OPT_RAW) && call->json)
		return usage(call, "--raw has no JSON form");
	walk->piece = walk->start;
	walk->watched = is_watched(walk);
	return DONE;
}

static int read_dirty(const struct call *call, uint32_t hwpt, int cdev, char *const *words)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	int rc;

	if (!walk)
		return fail_errno(call, call->args[0], ENOMEM);
	walk->call = call;
	walk->hwpt = hwpt;
	walk->cdev = cdev;
	rc = parse_read(call, words, walk);
	if (rc == DONE)
		rc = print_dirty(walk);
	free(walk);
	return rc;
}

int verb_hwpt_dirty(struct call *call)
{
	static const struct choice actions[] = { { "off", 0 }, { "on", 1 }, { "read", 2 } };
	uint32_t action, hwpt;
	int rc = need_choice(call, "ACTION", call->args[0], actions, ARRAY_SIZE(actions), &action);

	if (rc == DONE && action > 2)
		rc = usage(call, "'%s' is none of on, off, read", call->args[0]);
	if (rc == DONE)
		rc = need_id(call, call->args[1], 1U << OBJECT_HWPT, &hwpt);
	if (rc != DONE || (rc = context_open(call)) != DONE)
		return rc;
	if (action == 2 && call->n_args < 4)
		return usage(call, "an argument is missing: expected read HWPT IOVA LENGTH");
	if (action == 2)
		return read_dirty(call, hwpt, -1, call->args + 2);
	if (call->n_args > 2 || option(call, OPT_RAW) || option(call, OPT_PAGE) || option(call, OPT_NO_CLEAR))
		return usage(call, "'%s' takes a HWPT and nothing else", call->args[0]);
	rc = iommufd_hwpt_set_dirty(call->ctx->iommufd, hwpt, (int)action);
	return rc < 0 ? fail_op(call, call->args[1], IOMMUFD_OP_HWPT_SET_DIRTY, rc, IOMMUFD_KIND_UNKNOWN)
		      : print_nothing(call);
}

int verb_dma_log_report(struct call *call)
{
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	return rc == DONE ? read_dirty(call, 0, device->fd, call->args + 1) : rc;
}
