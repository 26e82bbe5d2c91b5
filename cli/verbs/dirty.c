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

struct walk;

/* Who notes it: a HWPT, or a device itself. */
struct source {
	int (*read)(struct walk *walk, uint64_t length); /* from walk->piece on, into walk->bitmap */
	enum iommufd_op op;
	uint32_t hwpt; /* what read asks: this one ... */
	int cdev;      /* ... or this one */
};

struct walk {
	const struct call *call;
	const struct source *source;
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
	int fd = walk->call->output->err->fd;

	return fd >= 0 && walk->length > PIECE_BITS * walk->page && isatty(fd);
}

/* It stands there only while the kernel works: what is printed may go to the same terminal. */
static void show_progress(const struct walk *walk)
{
	buf_format(walk->call->output->err, "%3u %%",
		   (unsigned int)(done_bytes(walk) / (walk->length / 100)));
	buf_flush(walk->call->output->err);
}

static void hide_progress(const struct walk *walk)
{
	buf_str(walk->call->output->err, "\r     \r");
	buf_flush(walk->call->output->err);
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
	memset(walk->bitmap, 0, sizeof(walk->bitmap));
	if (walk->watched)
		show_progress(walk);
	walk->error = walk->source->read(walk, walk->bits * walk->page);
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
		buf_bytes(walk->call->output->out, walk->bitmap, (walk->bits + 7) / 8);
	while (next_piece(walk));
}

static int print_dirty(struct walk *walk, const char *ref)
{
	static const struct column columns[] = {
		{ "iova", "IOVA", COLUMN_HEX },
		{ "length", "LENGTH", COLUMN_NUMBER },
	};
	const struct table table = { "dirty", columns, ARRAY_SIZE(columns), next_dirty, walk, .width = 18 };
	const struct call *call = walk->call;
	int rc;

	if (next_piece(walk)) { /* what is wrong with the request shows at the first piece */
		if (option(call, OPT_RAW))
			print_bitmap(walk);
		else
			print_tables(call->output, &table, 1);
	}
	if (walk->error == 0)
		return EXIT_DONE;
	rc = msg_fail_op(call->output, ref, walk->source->op, walk->error, IOMMUFD_KIND_UNKNOWN);
	if (done_bytes(walk))
		msg_note(call->output, "the first %llu bytes were read",
			 (unsigned long long)done_bytes(walk));
	return rc;
}

/* words: IOVA and LENGTH */
static int parse_read(const struct call *call, char *const *words, struct walk *walk)
{
	const char *page = option(call, OPT_PAGE);
	int rc = EXIT_DONE;

	walk->page = 4096;
	if (page)
		rc = need_size(call, "--page", page, &walk->page);
	if (rc == EXIT_DONE)
		rc = need_size(call, "IOVA", words[0], &walk->start);
	if (rc == EXIT_DONE)
		rc = need_size(call, "LENGTH", words[1], &walk->length);
	if (rc != EXIT_DONE)
		return rc;
	if (!walk->page || walk->page & (walk->page - 1))
		return msg_usage(call->output, "--page: '%s' is no power of two", page);
	if (!walk->length || walk->length % walk->page || walk->start % walk->page)
		return msg_usage(call->output, "IOVA and LENGTH are multiples of the page, %llu",
			     (unsigned long long)walk->page);
	if (walk->length - 1 > UINT64_MAX - walk->start)
		return msg_usage(call->output, "the range runs past the end of the address space");
	if (option(call, OPT_RAW) && call->output->json)
		return msg_usage(call->output, "--raw has no JSON form");
	walk->piece = walk->start;
	walk->watched = is_watched(walk);
	return EXIT_DONE;
}

/* words: who notes it, IOVA and LENGTH */
static int read_dirty(const struct call *call, const struct source *source, char *const *words)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	int rc;

	if (!walk)
		return msg_fail_errno(call->output, words[0], ENOMEM);
	walk->call = call;
	walk->source = source;
	rc = parse_read(call, words + 1, walk);
	if (rc == EXIT_DONE)
		rc = print_dirty(walk, words[0]);
	free(walk);
	return rc;
}

static int read_hwpt(struct walk *walk, uint64_t length)
{
	const struct call *call = walk->call;

	return iommufd_hwpt_dirty_bitmap(call->ctx->iommufd, walk->source->hwpt,
					 option(call, OPT_NO_CLEAR) ? IOMMUFD_DIRTY_NO_CLEAR : 0,
					 walk->piece, length, walk->page, walk->bitmap);
}

int verb_hwpt_dirty(struct call *call)
{
	static const struct choice actions[] = { { "off", 0 }, { "on", 1 }, { "read", 2 } };
	struct source source = { .read = read_hwpt, .op = IOMMUFD_OP_HWPT_DIRTY_BITMAP };
	uint32_t action;
	int rc = need_choice(call, "ACTION", call->args[0], actions, ARRAY_SIZE(actions), &action);

	if (rc == EXIT_DONE && action > 2)
		rc = msg_usage(call->output, "'%s' is none of on, off, read", call->args[0]);
	if (rc == EXIT_DONE)
		rc = need_id(call, call->args[1], 1U << OBJECT_HWPT, &source.hwpt);
	if (rc != EXIT_DONE || (rc = context_open(call)) != EXIT_DONE)
		return rc;
	if (action == 2 && call->n_args < 4)
		return msg_usage(call->output, "an argument is missing: expected read HWPT IOVA LENGTH");
	if (action == 2)
		return read_dirty(call, &source, call->args + 1);
	if (call->n_args > 2 || option(call, OPT_RAW) || option(call, OPT_PAGE) || option(call, OPT_NO_CLEAR))
		return msg_usage(call->output, "'%s' takes a HWPT and nothing else", call->args[0]);
	rc = iommufd_hwpt_set_dirty(call->ctx->iommufd, source.hwpt, (int)action);
	return rc < 0 ? msg_fail_op(call->output, call->args[1], IOMMUFD_OP_HWPT_SET_DIRTY, rc,
				    IOMMUFD_KIND_UNKNOWN)
		      : print_nothing(call->output);
}

static int read_log(struct walk *walk, uint64_t length)
{
	return iommufd_device_dma_logging_report(walk->source->cdev, walk->piece, length, walk->page,
						 walk->bitmap);
}

int verb_dma_log_report(struct call *call)
{
	struct source source = { .read = read_log, .op = IOMMUFD_OP_DMA_LOGGING_REPORT };
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	source.cdev = device->fd;
	return read_dirty(call, &source, call->args);
}
