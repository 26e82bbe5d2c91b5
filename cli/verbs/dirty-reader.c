/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/dirty-reader.h"
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/value.h"
#include "output/table.h"
#include "session/client.h"

enum { CHUNK_WORDS = 8192, WORD_BITS = 64 };
#define CHUNK_BITS ((uint64_t)CHUNK_WORDS * WORD_BITS) /* 2 GiB in pages of 4 KiB */

struct dirty_reader {
	const struct call *call;
	const struct dirty_source *source;
	uint64_t start, length, page; /* what is asked for */
	uint64_t chunk, bits;	      /* where the bitmap begins, and how many bits of it count */
	uint64_t at;		      /* the next bit to be looked at */
	int error;
	bool watched;
	uint64_t bitmap[CHUNK_WORDS];
};

static uint64_t done_bytes(const struct dirty_reader *reader)
{
	return reader->chunk - reader->start;
}

/* Is somebody waiting for what takes a while? */
static bool is_watched(const struct dirty_reader *reader)
{
	int fd = reader->call->output->err->fd;

	return fd >= 0 && reader->length > CHUNK_BITS * reader->page && isatty(fd);
}

/* It stands there only while the kernel works: what is printed may go to the same terminal. */
static void show_progress(const struct dirty_reader *reader)
{
	buf_format(reader->call->output->err, "%3u %%",
		   (unsigned int)(done_bytes(reader) / (reader->length / 100)));
	buf_flush(reader->call->output->err);
}

static void hide_progress(const struct dirty_reader *reader)
{
	buf_str(reader->call->output->err, "\r     \r");
	buf_flush(reader->call->output->err);
}

/* The bitmap of the next chunk. false: there is none, or it failed. */
static bool next_chunk(struct dirty_reader *reader)
{
	uint64_t left;

	if (reader->error)
		return false;
	reader->chunk += reader->bits * reader->page;
	left = reader->length - done_bytes(reader);
	reader->bits = left / reader->page < CHUNK_BITS ? left / reader->page : CHUNK_BITS;
	reader->at = 0;
	if (!reader->bits)
		return false;
	memset(reader->bitmap, 0, sizeof(reader->bitmap));
	if (reader->watched)
		show_progress(reader);
	reader->error = reader->source->read(reader->call, reader->source, reader->chunk,
					     reader->bits * reader->page,
					     reader->page, reader->bitmap);
	if (reader->watched)
		hide_progress(reader);
	if (reader->error)
		reader->bits = 0;
	return reader->error == 0;
}

/* From reader->at on, the first bit that is set (or, with false, clear), or the end of the chunk. */
static void skip_to(struct dirty_reader *reader, bool set)
{
	while (reader->at < reader->bits) {
		uint64_t word = reader->bitmap[reader->at / WORD_BITS];

		word = (set ? word : ~word) >> reader->at % WORD_BITS;
		if (word) {
			reader->at += (uint64_t)__builtin_ctzll(word);
			break;
		}
		reader->at += WORD_BITS - reader->at % WORD_BITS;
	}
	if (reader->at > reader->bits)
		reader->at = reader->bits;
}

static bool next_dirty(const void *arg, size_t *cursor, struct value *row)
{
	struct dirty_reader *reader = (struct dirty_reader *)arg;
	uint64_t start, end;

	(void)cursor;
	for (skip_to(reader, true); reader->at == reader->bits; skip_to(reader, true))
		if (!next_chunk(reader))
			return false;
	start = end = reader->chunk + reader->at * reader->page;
	do { /* a range may go on in the next chunk */
		skip_to(reader, false);
		end = reader->chunk + reader->at * reader->page;
	} while (reader->at == reader->bits && next_chunk(reader));
	row[0] = (struct value){ .number = start };
	row[1] = (struct value){ .number = end - start };
	return true;
}

/* Words of the kernel to bytes of which the first has the first bits, and back. */
static void swap_order(uint64_t *words, size_t bytes)
{
	for (size_t i = 0; i < (bytes + 7) / 8; i++)
		words[i] = htole64(words[i]);
}

static void print_bitmap(struct dirty_reader *reader)
{
	do {
		const size_t bytes = (reader->bits + 7) / 8;

		swap_order(reader->bitmap, bytes);
		buf_bytes(reader->call->output->out, reader->bitmap, bytes);
	} while (next_chunk(reader));
}

static int print_dirty(struct dirty_reader *reader, const char *ref)
{
	static const struct column columns[] = {
		{ "iova", "IOVA", COLUMN_HEX }, { "length", "LENGTH", COLUMN_NUMBER },
	};
	const struct table table = { "dirty", ROWS(columns, next_dirty, reader), .width = 18 };
	const struct call *call = reader->call;
	int rc;

	if (next_chunk(reader)) { /* what is wrong with the request shows at the first chunk */
		if (opt_given(call, OPT_RAW))
			print_bitmap(reader);
		else
			print_tables(call->output, &table, 1);
	}
	if (reader->error == 0)
		return EXIT_DONE;
	rc = reader->error;
	if (rc < 0)
		rc = msg_fail_op(call->output, ref, reader->source->op, rc, IOMMUFD_KIND_UNKNOWN);
	if (done_bytes(reader))
		msg_note(call->output, "the first %llu bytes were read",
			 (unsigned long long)done_bytes(reader));
	return rc;
}

/* Arguments first and first + 1 are IOVA and LENGTH. */
static int parse_read(const struct call *call, int first, struct dirty_reader *reader)
{
	reader->page = opt_number(call, OPT_PAGE, 4096);
	reader->start = arg_value(call, first);
	reader->length = arg_value(call, first + 1);
	if (!reader->page || reader->page & (reader->page - 1))
		return msg_usage(call->output, "--page: '%s' is no power of two", opt_value(call, OPT_PAGE));
	if (!reader->length || reader->length % reader->page || reader->start % reader->page)
		return msg_usage(call->output, "IOVA and LENGTH are multiples of the page, %llu",
				 (unsigned long long)reader->page);
	if (reader->length - 1 > UINT64_MAX - reader->start)
		return msg_usage(call->output, "the range runs past the end of the address space");
	if (call->request->holder && reader->length / reader->page > CHUNK_BITS)
		return msg_fail(call->output, NULL, "a session reads the bits of %llu pages at a time (EFBIG)",
				(unsigned long long)CHUNK_BITS);
	if (opt_given(call, OPT_RAW) && call->output->json)
		return msg_usage(call->output, "--raw has no JSON form");
	reader->chunk = reader->start;
	reader->watched = is_watched(reader);
	return EXIT_DONE;
}

int dirty_read(const struct call *call, const struct dirty_source *source, int first)
{
	struct dirty_reader *reader = calloc(1, sizeof(*reader));
	int rc;

	if (!reader)
		return msg_fail_errno(call->output, call->args[first - 1], ENOMEM);
	reader->call = call;
	reader->source = source;
	rc = parse_read(call, first, reader) ?: print_dirty(reader, call->args[first - 1]);
	free(reader);
	return rc;
}

enum { READ_WORDS = 10 };

/* words, and then what is to be read; the number of them. */
static size_t chunk_words(const char *const *words, char numbers[3][24], const char **to)
{
	size_t n = 0;

	for (; words[n]; n++)
		to[n] = words[n];
	to[n++] = numbers[0];
	to[n++] = numbers[1];
	to[n++] = "--page";
	to[n++] = numbers[2];
	to[n++] = "--raw";
	return n;
}

static int ask_holder(const struct call *call, const struct dirty_source *source, uint64_t iova,
		      uint64_t length, uint64_t page, uint64_t *bitmap)
{
	const size_t bytes = (length / page + 7) / 8;
	const char *words[READ_WORDS];
	struct iommufd_session_reply reply;
	char numbers[3][24];
	int rc;

	snprintf(numbers[0], sizeof(*numbers), "%llu", (unsigned long long)iova);
	snprintf(numbers[1], sizeof(*numbers), "%llu", (unsigned long long)length);
	snprintf(numbers[2], sizeof(*numbers), "%llu", (unsigned long long)page);
	rc = session_run_words(call, chunk_words(source->words, numbers, words), words, source->about,
			       &reply);
	if (rc == EXIT_DONE && reply.out_len == bytes) {
		memcpy(bitmap, reply.out, bytes);
		swap_order(bitmap, bytes);
	} else if (rc == EXIT_DONE) {
		rc = msg_fail_errno(call->output, NULL, EPROTO);
	}
	iommufd_session_reply_free(&reply);
	return rc;
}

int dirty_read_in_client(const struct call *call, const char *const *words, int about, int first)
{
	const struct dirty_source source = { .read = ask_holder, .words = words, .about = about };

	return dirty_read(call, &source, first);
}
