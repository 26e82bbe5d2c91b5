/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of a JSON file by key, with the line of what is wrong. Functions return 0, or -1 and
 * reader->error.
 */
#ifndef SIM_TOPOLOGY_READER_H
#define SIM_TOPOLOGY_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "topology/locate.h"
#include "topology/topology.h"

enum { READER_DEPTH = 8 };

struct reader {
	const char *text;
	struct topology_error *error;
	struct locate_step path[READER_DEPTH]; /* where it is */
	size_t depth;
};

/* Of the value that the path leads to; and of one of its keys. Both return -1. */
int reader_fail(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
int reader_fail_key(struct reader *reader, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void reader_enter(struct reader *reader, const char *key, size_t index);
void reader_leave(struct reader *reader);

/* An object with no keys but these; the last name is NULL. */
int reader_object(struct reader *reader, const json_t *value, const char *const *keys);
/* A list, or nothing: then *ret is NULL. Less than most entries. */
int reader_list(struct reader *reader, const json_t *object, const char *key, size_t most, json_t **ret);
/* What is absent leaves *ret or buf as it is. */
int reader_text(struct reader *reader, const json_t *object, const char *key, char *buf, size_t len);
int reader_bool(struct reader *reader, const json_t *object, const char *key, bool *ret);
/* A number, or one in quotes: "0xfee00000", "64M". */
int reader_u64(struct reader *reader, const json_t *object, const char *key, uint64_t max, uint64_t *ret);
int reader_u32(struct reader *reader, const json_t *object, const char *key, uint32_t *ret);
/* [START, LAST] */
int reader_pair(struct reader *reader, const json_t *object, const char *key, struct sim_range *ret);
/* Bytes: "0100 ff". *n: how many. */
int reader_bytes(struct reader *reader, const json_t *object, const char *key, uint8_t *buf, size_t len,
		 uint32_t *n);

#endif
